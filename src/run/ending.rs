//! The end of a run: the index of the disc, the journal in its order, the report.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Desk, Run, RunError};
use crate::batch::digest::digest;
use crate::batch::journal::{self, Head, HoldText, Journal, Standing, put_in_order};
use crate::batch::layout::{CLEAN, Layout};
use crate::batch::outcome::{Bucket, Counts};
use crate::batch::writer::{Writer, tag};
use crate::dicom::Limits;
use crate::identity::pseudonym::Pseudonyms;
use crate::media;
use crate::profile::Ruleset;
use crate::report::{self, Summary};
use crate::standard::EDITION;

/// The version of the journal's form.
const FORMAT: u32 = 1;

impl Run<'_> {
    /// Finishes an output folder after all inputs, or those up to an interruption, have ended.
    pub(super) fn end(
        &self,
        out: &Path,
        desk: &Desk<'_>,
        counts: &Counts,
    ) -> Result<Summary, RunError> {
        let ended = !self.stop.load(Ordering::Relaxed);
        let index = if ended
            && self.layout == Layout::Media
            && self.shard.is_none()
            && counts.of(Bucket::Cleaned) > 0
        {
            Some(build_index(
                out,
                self.engine.pseudonyms(),
                self.engine.limits(),
            )?)
        } else {
            None
        };
        let head = self.head();
        let standing = if ended {
            let pseudonyms = Some(self.engine.pseudonyms());
            Standing::Ended {
                pseudonyms,
                index,
                mended: desk.mended(),
            }
        } else {
            Standing::Open
        };
        let mut ordered = None;
        if let Some(journal) = &desk.journal {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.sync()?;
            let file = File::open(journal.path())?;
            ordered = Some(put_in_order(
                vec![file],
                out,
                &head,
                standing,
                Some(&mut journal),
            )?);
        }
        let summary = summarise(out, self.shard)?;
        desk.writer.sync()?;
        drop(ordered);
        Ok(summary)
    }
}

impl Desk<'_> {
    /// Folders and archives that could not be read in an earlier run, and could in this one.
    fn mended(&self) -> BTreeSet<String> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter()
            .filter(|(_, is_read)| **is_read)
            .map(|(code, _)| code.clone())
            .collect()
    }
}

/// Removes temporary files that a killed command left, where no other one can have any.
///
/// # Errors
/// Those of walking and removing.
pub(super) fn sweep(out: &Path, journal: &Journal) -> io::Result<()> {
    if journal.is_alone() {
        Writer::new(out.to_path_buf(), tag(None), false).sweep()?;
    }
    Ok(())
}

/// Builds the index over `out/clean`; its digest.
///
/// # Errors
/// Those of [`media::build`] and of reading the index.
pub fn build_index(
    out: &Path,
    pseudonyms: &Pseudonyms,
    limits: &Limits,
) -> Result<String, RunError> {
    let clean = out.join(CLEAN);
    media::build(&clean, &pseudonyms.uid(b"dcmscrub file-set"), limits)?;
    Ok(digest(&File::open(clean.join(media::NAME))?)?)
}

/// Makes the reports of an output folder from its journal.
///
/// # Errors
/// Those of reading the journal and of writing the reports.
pub fn summarise(out: &Path, shard: Option<(u32, u32)>) -> Result<Summary, RunError> {
    let journal = File::open(out.join(journal::name(shard)))?;
    let summary = Summary::read(&journal, out)?;
    report::write(&summary, out, shard)?;
    Ok(summary)
}

/// What a run is, for its journal.
pub(super) fn head(run: &Run<'_>) -> Head {
    let rules = run.engine.rules();
    let pseudonyms = run.engine.pseudonyms();
    Head {
        format: FORMAT,
        tool: concat!("dcmscrub ", env!("CARGO_PKG_VERSION")).to_owned(),
        edition: EDITION.to_owned(),
        profile: rules.name().to_owned(),
        options: rules
            .options()
            .iter()
            .map(|option| option.name().to_owned())
            .collect(),
        method_codes: rules
            .method_codes()
            .iter()
            .map(|code| code.value.to_owned())
            .collect(),
        rules: rules.fingerprint(),
        keyed: run.keyed,
        key: key_code(pseudonyms),
        map: run.engine.map().map(|map| map.digest(pseudonyms)),
        layout: run.layout.name().to_owned(),
        holds: holds(rules),
        shard: run.shard,
    }
}

/// A code that tells whether two runs have one key and project.
#[must_use]
pub fn key_code(pseudonyms: &Pseudonyms) -> String {
    pseudonyms.mark("journal/key", &["key"])
}

fn holds(rules: &Ruleset) -> Vec<HoldText> {
    rules
        .holds()
        .iter()
        .map(|hold| HoldText {
            code: hold.code.to_string(),
            one: hold.label.to_string(),
            many: hold.plural.to_string(),
            why: hold.reason.to_string(),
        })
        .collect()
}
