//! What is written down of each input as it ends, and what was written down of it before.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use super::{Desk, Run, Stop, ended};
use crate::batch::discover::{Found, What};
use crate::batch::journal::{Entry, Line};
use crate::batch::layout::CLEAN;
use crate::batch::outcome::{Bucket, Outcome};
use crate::batch::writer::sync_folder;
use crate::dicom::source::ReadAt;
use crate::plan::Plan;
use crate::plan::triage::Head;

impl Run<'_> {
    /// The keyed code of an input.
    pub(super) fn code(&self, found: &Found) -> String {
        self.engine
            .pseudonyms()
            .mark("journal/input", &[&found.key])
    }

    /// Says of an outcome what its plan says of the instance.
    pub(super) fn note(&self, outcome: &mut Outcome, plan: &Plan) {
        let holds = self.engine.rules().holds();
        let code = |at: &usize| {
            holds
                .get(*at)
                .map_or_else(String::new, |hold| hold.code.to_string())
        };
        if let Some(hold) = plan.held_by.first().and_then(|at| holds.get(*at)) {
            outcome.bucket = Bucket::HeldBack;
            outcome.reason = Cow::Owned(hold.code.to_string());
            outcome.message = hold.reason.to_string();
        }
        let pseudonyms = self.engine.pseudonyms();
        let mark = |scope: &str, code: &str| pseudonyms.mark(scope, &[code]);
        outcome.entry = Entry {
            also: plan.held_by.iter().skip(1).map(code).collect(),
            patient: mark("journal/patient", &plan.names.patient),
            study: mark("journal/study", &plan.names.study),
            series: mark("journal/series", &plan.names.series),
            name: plan.traits.name.clone(),
            birth_date: plan.traits.birth_date.clone(),
            modality: plan.traits.modality.to_owned(),
            head: match plan.traits.head {
                Head::Shown => "shown".to_owned(),
                Head::Unsaid => "unsaid".to_owned(),
                Head::No => String::new(),
            },
            elements: Some(plan.tally),
            ..Entry::default()
        };
    }

    /// A keyed code of an input's size, first and last bytes: what tells whether it is still what it was.
    pub(super) fn state(&self, found: &Found, source: &dyn ReadAt) -> Result<String, Stop> {
        const BYTES: usize = 4096;
        let pseudonyms = self.engine.pseudonyms();
        if let What::Entry(entry, _) = &found.what {
            let text = format!("{} {:08x}", entry.size, entry.crc);
            return Ok(pseudonyms.state(text.as_bytes()));
        }
        let length = source.len();
        let taken = usize::try_from(length).unwrap_or(BYTES).min(BYTES);
        // all in one piece: so they are hashed several times as fast
        let mut bytes = [0u8; BYTES + BYTES + size_of::<u64>()];
        let (first, rest) = bytes.split_at_mut(taken);
        let (last, rest) = rest.split_at_mut(taken);
        source.read_exact_at(first, 0)?;
        let end = length.saturating_sub(u64::try_from(taken).unwrap_or(0));
        source.read_exact_at(last, end)?;
        for (to, from) in rest.iter_mut().zip(length.to_be_bytes()) {
            *to = from;
        }
        Ok(pseudonyms.state(&bytes))
    }

    /// What the journal says of an input that was cleaned before and has not changed, and whose output is there.
    pub(super) fn done_before(
        &self,
        found: &Found,
        state: &str,
        desk: &Desk<'_>,
    ) -> Result<Option<Outcome>, Stop> {
        let Some(done) = &desk.done else {
            return Ok(None);
        };
        let Some(mut entry) = done.find(&self.code(found), state)? else {
            return Ok(None);
        };
        let Some(mut output) = entry.output.clone() else {
            return Ok(None);
        };
        if !desk.writer.holds(Path::new(&output))? {
            // a person may have released it
            let Some(below) = output.strip_prefix("review/") else {
                return Ok(None);
            };
            output = format!("{CLEAN}/{below}");
            if !desk.writer.holds(Path::new(&output))? {
                return Ok(None);
            }
            entry.bucket = Bucket::Cleaned;
            "released".clone_into(&mut entry.reason);
        }
        let mut outcome = ended(found, entry.bucket, Cow::Owned(entry.reason.clone()), "");
        outcome.bytes = entry.bytes;
        outcome.output = Some(output.into());
        outcome.entry = entry;
        outcome.recorded = true;
        Ok(Some(outcome))
    }

    /// Writes down what became of an input.
    pub(super) fn record(
        &self,
        outcome: &mut Outcome,
        desk: &Desk<'_>,
        out: &Path,
    ) -> io::Result<()> {
        let Some(journal) = &desk.journal else {
            return Ok(());
        };
        if outcome.recorded {
            return Ok(());
        }
        let pseudonyms = self.engine.pseudonyms();
        let entry = Entry {
            bucket: outcome.bucket,
            reason: outcome.reason.clone().into_owned(),
            bytes: outcome.bytes,
            output: outcome.output.as_deref().map(slashed),
            input: pseudonyms.mark("journal/input", &[&outcome.key]),
            ..std::mem::take(&mut outcome.entry)
        };
        let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.append(&Line::File(Box::new(entry)))?;
        if journal.wants_sync() {
            // what a line speaks of is on the disk before the line is
            sync_folder(out)?;
            journal.sync()?;
        }
        Ok(())
    }
}

/// A path below the output folder as journals have it on every system.
pub(super) fn slashed(path: &Path) -> String {
    let parts: Vec<Cow<'_, str>> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
