//! A second reading of a finished output: what the journal says against what is there.
//!
//! Owns: the chain of the journal, the digest of every output, and that nothing is there that no line speaks of.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;
use walkdir::WalkDir;

use crate::batch::digest::digest;
use crate::batch::journal::{JournalError, Line, Lines, NAME, seal};
use crate::batch::layout::{CLEAN, REVIEW};
use crate::batch::sorted::Sorter;
use crate::batch::writer::is_temporary;
use crate::identity::pseudonym::Pseudonyms;
use crate::media;
use crate::report::{self, Summary};

/// Something that is not as the journal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word.
    pub code: &'static str,
    /// Where: below the output folder. Names there are the program's own.
    pub place: String,
    /// What it means.
    pub message: &'static str,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Output files whose digest is right.
    pub files: u64,
    /// Lines of the journal.
    pub lines: u64,
    /// What is not as it has to be.
    pub findings: Vec<Finding>,
}

impl Verified {
    fn found(&mut self, code: &'static str, place: impl Into<String>, message: &'static str) {
        // enough to act on; memory does not grow with the damage
        if self.findings.len() < 10_000 {
            self.findings.push(Finding {
                code,
                place: place.into(),
                message,
            });
        }
    }
}

/// Reads an output folder again.
///
/// # Errors
/// [`JournalError::Nothing`] without a journal; reading and sorting. What is wrong with the output is no error: it is found.
pub fn verify(out: &Path, pseudonyms: Option<&Pseudonyms>) -> Result<Verified, JournalError> {
    let journal = match File::open(out.join(NAME)) {
        Ok(journal) => journal,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(JournalError::Nothing),
        Err(e) => return Err(e.into()),
    };
    let mut verified = Verified::default();
    let mut sorter = Sorter::new(out);
    let index = read_journal(&journal, pseudonyms, &mut sorter, &mut verified)?;
    gather_files(out, &mut sorter, &mut verified)?;
    compare(out, sorter, index.as_deref(), &mut verified)?;
    check_reports(out, &journal, &mut verified)?;
    Ok(verified)
}

/// How a path is known: what is said of it sorts before that it is there, so that the two meet.
const SAID: u8 = 1;
/// The journal speaks of it, and a person moved it away.
const MOVED: u8 = 2;
const THERE: u8 = 3;

fn read_journal(
    journal: &File,
    pseudonyms: Option<&Pseudonyms>,
    sorter: &mut Sorter,
    verified: &mut Verified,
) -> Result<Option<String>, JournalError> {
    let mut released = std::collections::BTreeSet::new();
    let mut lines = Lines::of(journal)?;
    while let Ok(Some((_, line))) = lines.next_line() {
        if let Line::Release(release) = line {
            released.insert(release.from);
        }
    }
    let mut lines = Lines::of(journal)?;
    let mut say = |output: &str, how: u8, digest: &str| {
        sorter.push([output.as_bytes(), &[0, how], digest.as_bytes()].concat())
    };
    let mut end = None;
    loop {
        let before = lines.last().to_owned();
        match lines.next_line() {
            Ok(None) => break,
            Ok(Some((_, line))) => {
                verified.lines = verified.lines.saturating_add(1);
                end = None;
                match line {
                    Line::File(entry) => {
                        if let (Some(output), Some(digest)) = (&entry.output, &entry.blake3) {
                            // what was released is there again when its input was cleaned again
                            let how = if released.contains(output) {
                                MOVED
                            } else {
                                SAID
                            };
                            say(output, how, digest)?;
                        }
                    }
                    Line::Release(release) => say(&release.output, SAID, &release.blake3)?,
                    Line::Run(_) => {}
                    Line::End(last) => end = Some((last, before)),
                }
            }
            Err(JournalError::Changed(line)) => {
                verified.found(
                    "journal-changed",
                    format!("{NAME}:{line}"),
                    "a line of the journal, or the one before it, was changed",
                );
                return Ok(None);
            }
            Err(e) => return Err(e),
        }
    }
    let Some((end, before)) = end else {
        verified.found("not-ended", NAME, "the run did not come to its end");
        return Ok(None);
    };
    if pseudonyms.is_some_and(|keyed| seal(keyed, &before) != end.seal) {
        verified.found(
            "seal",
            NAME,
            "the journal was written anew without the key, or the key is another one",
        );
    }
    Ok(end.index)
}

fn gather_files(
    out: &Path,
    sorter: &mut Sorter,
    verified: &mut Verified,
) -> Result<(), JournalError> {
    for name in [CLEAN, REVIEW] {
        let root = out.join(name);
        if root.symlink_metadata().is_err() {
            continue;
        }
        for entry in WalkDir::new(&root).follow_links(false) {
            let entry = entry.map_err(io::Error::from)?;
            if entry.file_type().is_dir() {
                continue;
            }
            let below = entry.path().strip_prefix(out).unwrap_or(entry.path());
            let parts: Vec<_> = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            let place = parts.join("/");
            if !entry.file_type().is_file() || is_temporary(&entry.file_name().to_string_lossy()) {
                verified.found("foreign", place, "no file of this program's stands here");
                continue;
            }
            sorter.push([place.as_bytes(), &[0, THERE]].concat())?;
        }
    }
    Ok(())
}

/// What the journal says of one path.
struct Said {
    place: String,
    digest: String,
    moved: bool,
    met: bool,
}

/// Walks what is said and what is there side by side.
fn compare(
    out: &Path,
    sorter: Sorter,
    index: Option<&str>,
    verified: &mut Verified,
) -> Result<(), JournalError> {
    let disc_index = format!("{CLEAN}/{}", media::NAME);
    let mut said: Option<Said> = None;
    let missing = |said: Option<Said>, verified: &mut Verified| {
        if let Some(said) = said.filter(|said| !said.moved && !said.met) {
            verified.found(
                "missing",
                said.place,
                "a file that the journal speaks of is not there",
            );
        }
    };
    for line in sorter.finish()? {
        let line = line?;
        let at = line.iter().position(|&b| b == 0).unwrap_or(line.len());
        let (place, rest) = line.split_at(at);
        let place = String::from_utf8_lossy(place).into_owned();
        if said.as_ref().is_some_and(|said| said.place != place) {
            missing(said.take(), verified);
        }
        if let [0, how @ (SAID | MOVED), digest @ ..] = rest {
            let digest = String::from_utf8_lossy(digest).into_owned();
            let moved = *how == MOVED;
            match &mut said {
                // two inputs with one output
                Some(said) if said.digest == digest => said.moved &= moved,
                Some(_) => {
                    verified.found(
                        "two",
                        place,
                        "the journal speaks of two files in this place",
                    );
                }
                None => {
                    said = Some(Said {
                        place,
                        digest,
                        moved,
                        met: false,
                    });
                }
            }
            continue;
        }
        let expected = match &mut said {
            Some(said) => {
                said.met = true;
                Some(said.digest.as_str())
            }
            None => index.filter(|_| place == disc_index),
        };
        match expected {
            None => verified.found("unlisted", place, "the journal does not speak of this file"),
            Some(expected) if digest(&File::open(out.join(&place))?)? == expected => {
                verified.files = verified.files.saturating_add(1);
            }
            Some(_) => verified.found("changed", place, "the file is not what was written"),
        }
    }
    missing(said, verified);
    if index.is_some() && !out.join(CLEAN).join(media::NAME).is_file() {
        verified.found("missing", disc_index, "the disc index is not there");
    }
    Ok(())
}

/// The reports are made from the journal alone, so they can be made again and compared.
fn check_reports(out: &Path, journal: &File, verified: &mut Verified) -> Result<(), JournalError> {
    let Ok(summary) = Summary::read(journal, out) else {
        // what is wrong with the journal was found before
        return Ok(());
    };
    for (ending, bytes) in report::forms(&summary)? {
        let name = format!("report.{ending}");
        match std::fs::read(out.join(&name)) {
            Ok(there) if there == bytes => {}
            Ok(_) => verified.found(
                "report",
                name,
                "the report does not say what the journal says",
            ),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                verified.found("missing", name, "the report is not there");
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}
