//! What the journal says against what is there: the chain, the seal, a line for every file and a file for every line, the
//! reports and their numbers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::findings::{FOREIGN, Findings, JOURNAL_CHANGED, MISSING, NOT_ENDED, REPORT, SEAL, SUMS};
use crate::batch::bytes::path_of;
use crate::batch::journal::{Entry, Head, JournalError, Line, Lines, NAME, seal};
use crate::batch::layout::{CLEAN, REVIEW};
use crate::batch::sorted::{Sorted, Sorter};
use crate::batch::writer::is_temporary;
use crate::identity::pseudonym::Pseudonyms;
use crate::media;
use crate::report::{self, Summary};

/// What is said of a path sorts before that it is there, so that the two meet.
const SAID: u8 = 1;
/// The journal speaks of it, and a person moved it away.
const MOVED: u8 = 2;
/// An input of it, from the private list.
pub const LINKED: u8 = 3;
const THERE: u8 = 4;
/// Inputs of one output that are compared with it.
const INPUTS: usize = 16;

/// What the journal says as a whole.
#[derive(Debug, Default)]
pub struct Record {
    /// Its first line.
    pub head: Option<Head>,
    /// Digest of the disc index.
    pub index: Option<String>,
    /// Lines.
    pub lines: u64,
    /// Inputs that it speaks of.
    pub files: u64,
    /// Outputs that a person moved, from where to where.
    pub released: BTreeMap<String, String>,
}

/// Opens the journal of an output folder.
///
/// # Errors
/// [`JournalError::Nothing`] without one; those of opening.
pub fn open(out: &Path) -> Result<File, JournalError> {
    match File::open(out.join(NAME)) {
        Ok(journal) => Ok(journal),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(JournalError::Nothing),
        Err(e) => Err(e.into()),
    }
}

/// What the run was, as the first line of its journal says; `None` where that is not its head.
///
/// # Errors
/// [`JournalError::Nothing`] without a journal; those of reading.
pub fn head(out: &Path) -> Result<Option<Head>, JournalError> {
    match Lines::of(&open(out)?)?.next_line() {
        Ok(Some((_, Line::Run(head)))) => Ok(Some(head)),
        Ok(_) | Err(JournalError::Changed(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Reads the journal from its first line to its last, and sorts what it says of each path.
///
/// # Errors
/// Those of reading and sorting. What is wrong with it is found.
pub fn read(
    journal: &File,
    pseudonyms: Option<&Pseudonyms>,
    sorter: &mut Sorter,
    findings: &mut Findings,
) -> Result<Record, JournalError> {
    let mut record = Record::default();
    let mut lines = Lines::of(journal)?;
    while let Ok(Some((_, line))) = lines.next_line() {
        if let Line::Release(release) = line {
            record.released.insert(release.from, release.output);
        }
    }
    let mut lines = Lines::of(journal)?;
    let mut end = None;
    loop {
        let before = lines.last().to_owned();
        let line = match lines.next_line() {
            Ok(None) => break,
            Ok(Some((_, line))) => line,
            Err(JournalError::Changed(line)) => {
                findings.found(JOURNAL_CHANGED, format!("{NAME}:{line}"));
                return Ok(record);
            }
            Err(e) => return Err(e),
        };
        record.lines = record.lines.saturating_add(1);
        end = None;
        match line {
            Line::Run(head) => record.head = Some(head),
            Line::File(entry) => {
                record.files = record.files.saturating_add(1);
                say(&entry, &record, sorter)?;
            }
            Line::Release(release) => {
                let line = [&release.output, "\0\u{1}", &release.blake3, "\0\0\0"];
                sorter.push(line.concat())?;
            }
            Line::End(last) => end = Some((last, before)),
        }
    }
    let Some((end, before)) = end else {
        findings.found(NOT_ENDED, NAME);
        return Ok(record);
    };
    if pseudonyms.is_some_and(|keyed| seal(keyed, &before) != end.seal) {
        findings.found(SEAL, NAME);
    }
    if end.files != record.files {
        findings.found(SUMS, NAME);
    }
    record.index = end.index;
    Ok(record)
}

fn say(entry: &Entry, record: &Record, sorter: &mut Sorter) -> io::Result<()> {
    let (Some(output), Some(digest)) = (&entry.output, &entry.blake3) else {
        return Ok(());
    };
    // what was released is there again when its input was cleaned again
    let moved = record.released.get(output);
    let mut push = |output: &str, how: u8, digest: &str| {
        let marks = [&entry.patient, &entry.study, &entry.series].map(String::as_str);
        let text = [digest, &marks.join("\0")].join("\0");
        sorter.push([output.as_bytes(), &[0, how], text.as_bytes()].concat())
    };
    match moved {
        None => push(output, SAID, digest),
        Some(released) => {
            // its people and studies are known by this line, its digest by that of the release
            push(released, SAID, "")?;
            push(output, MOVED, digest)
        }
    }
}

/// Files by the folder that they are in: `clean/`, `review/`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// In `clean/`, without the disc index.
    pub clean: u64,
    /// In `review/`.
    pub review: u64,
}

/// Sorts what is there.
///
/// # Errors
/// Those of walking and sorting.
pub fn gather(
    out: &Path,
    sorter: &mut Sorter,
    findings: &mut Findings,
) -> Result<Standing, JournalError> {
    let mut standing = Standing::default();
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
                findings.found(FOREIGN, place);
                continue;
            }
            if place != disc_index() {
                let of = if name == CLEAN {
                    &mut standing.clean
                } else {
                    &mut standing.review
                };
                *of = of.saturating_add(1);
            }
            sorter.push([place.as_bytes(), &[0, THERE]].concat())?;
        }
    }
    Ok(standing)
}

/// The place of the disc index.
#[must_use]
pub fn disc_index() -> String {
    format!("{CLEAN}/{}", media::NAME)
}

/// What the journal says of one path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// BLAKE3 of the file.
    pub digest: String,
    /// Codes of the patient, the study and the series.
    pub marks: [String; 3],
}

/// One path, with all that is said of it and whether it is there.
#[derive(Debug, Default)]
pub struct Place {
    /// Below the output folder, with `/` between its parts.
    pub place: String,
    /// What the journal says.
    pub said: Option<Said>,
    /// It was moved away.
    pub is_moved: bool,
    /// It is there.
    pub is_there: bool,
    /// Two lines say two things.
    pub is_two: bool,
    /// Inputs that became it.
    pub inputs: Vec<PathBuf>,
}

impl Place {
    fn take(&mut self, how: u8, rest: &[u8]) {
        match how {
            THERE => self.is_there = true,
            LINKED if self.inputs.len() < INPUTS => self.inputs.push(path_of(rest)),
            SAID | MOVED => self.say(how == MOVED, &String::from_utf8_lossy(rest)),
            _ => {}
        }
    }

    fn say(&mut self, is_moved: bool, text: &str) {
        let mut parts = text.split('\0').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        let (digest, marks) = (next(), [next(), next(), next()]);
        let Some(said) = &mut self.said else {
            self.is_moved = is_moved;
            self.said = Some(Said { digest, marks });
            return;
        };
        // two inputs with one output, or a release with what was held back
        let same = said.digest == digest || said.digest.is_empty() || digest.is_empty();
        self.is_two |= !same;
        self.is_moved &= is_moved;
        if said.digest.is_empty() {
            said.digest = digest;
        }
        if said.marks.iter().all(String::is_empty) {
            said.marks = marks;
        }
    }
}

/// All paths in their order.
pub struct Places {
    lines: Sorted,
    open: Option<Place>,
}

impl Places {
    /// Those of sorted lines.
    #[must_use]
    pub fn of(lines: Sorted) -> Self {
        Self { lines, open: None }
    }
}

impl Iterator for Places {
    type Item = io::Result<Place>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next() {
                None => return self.open.take().map(Ok),
                Some(Err(e)) => return Some(Err(e)),
                Some(Ok(line)) => line,
            };
            let at = line.iter().position(|&b| b == 0).unwrap_or(line.len());
            let (place, rest) = line.split_at(at);
            let place = String::from_utf8_lossy(place).into_owned();
            let done = match &self.open {
                Some(open) if open.place == place => None,
                Some(_) | None => self.open.replace(Place {
                    place,
                    ..Place::default()
                }),
            };
            if let (Some(open), [0, how, rest @ ..]) = (&mut self.open, rest) {
                open.take(*how, rest);
            }
            if let Some(done) = done {
                return Some(Ok(done));
            }
        }
    }
}

/// The reports are made from the journal alone, so they can be made again and compared; their numbers are those of the files.
///
/// # Errors
/// Those of reading.
pub fn check_reports(
    out: &Path,
    journal: &File,
    standing: Standing,
    findings: &mut Findings,
) -> Result<(), JournalError> {
    let Ok(summary) = Summary::read(journal, out) else {
        // what is wrong with the journal was found before
        return Ok(());
    };
    for (ending, bytes) in report::forms(&summary)? {
        let name = format!("report.{ending}");
        let there = match std::fs::read(out.join(&name)) {
            Ok(there) => there,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                findings.found(MISSING, name);
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        if there != bytes {
            findings.found(REPORT, name.clone());
        }
        if ending == "json" && !adds_up(&there, standing) {
            findings.found(SUMS, name);
        }
    }
    Ok(())
}

/// Whether the numbers of a `report.json` add up, and are those of the files.
fn adds_up(report: &[u8], standing: Standing) -> bool {
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(report) else {
        return false;
    };
    let number = |of: &str, name: &str| {
        let value = report.get(of).and_then(|of| of.get(name));
        value
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(u64::MAX)
    };
    let sum = |of: &str| -> u64 {
        let numbers = report.get(of).and_then(serde_json::Value::as_object);
        let numbers = numbers.into_iter().flatten();
        numbers.fold(0, |sum, (_, n)| sum.saturating_add(n.as_u64().unwrap_or(0)))
    };
    let files = number("inputs", "files");
    let written = number("outputs", "clean").saturating_add(number("outputs", "review"));
    let cleaned = number("buckets", "cleaned").saturating_add(number("buckets", "held-back"));
    sum("buckets") == files
        && sum("reasons") == files
        && cleaned == written.saturating_add(number("outputs", "duplicates"))
        && number("outputs", "clean") == standing.clean
        && number("outputs", "review") == standing.review
}
