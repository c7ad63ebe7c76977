//! A second reading of a finished output, in other code than what wrote it:
//!
//! ```text
//! record   the journal, its seal, a digest for every file, the reports and their numbers
//! reading  every file, by the parser of dicom-object behind a guard
//! file     what stands in front of the data set, marks, what the profile promised of every data element (promise)
//! sets     UIDs and references over the whole set
//! disc     the index of a disc, record by record
//! against  the inputs: pixel data, identifiers, dates, UIDs, what was to stay
//! ```
//!
//! [`begin`] reads the journal, [`Desk::look`] looks at one file and knows of no other, [`Desk::end`] puts together what the files say
//! (a line for each, sorted outside memory). So files may be looked at in any order and at the same time; `run::verifying` does.

pub mod against;
pub mod blanks;
pub mod disc;
pub mod file;
pub mod findings;
pub mod guard;
pub mod inputs;
mod linked;
pub mod named;
pub mod notes;
pub mod pixels;
pub mod promise;
pub mod reading;
pub mod record;
pub mod sets;
mod tags;
pub mod tree;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::batch::digest::digest;
use crate::batch::discover::{Input, OpenError};
use crate::batch::journal::{JournalError, NAME};
use crate::batch::layout::CLEAN;
use crate::batch::sorted::Sorter;
use crate::dicom::Limits;
use crate::dicom::source::FileSource;
use crate::identity::pseudonym::Pseudonyms;
use crate::media;
use crate::profile::Ruleset;
use against::{Pair, Told};
use findings::{
    BY_OUR_READER, CHANGED, DISC_NAME, FOREIGN, Finding, Findings, INPUT_LOST, INPUT_UNREAD,
    MISSING, TOO_LARGE, TWO, UNLISTED, UNPAIRED, UNREADABLE,
};
use inputs::Inputs;
use notes::Notes;
use pixels::Side;
use promise::Promises;
use reading::{Reading, Unread};
pub use record::head;
use record::{Place, Places, Record, Standing, disc_index};

/// What is asked for.
pub struct Asked<'a> {
    /// The output folder.
    pub out: &'a Path,
    /// Pseudonyms of the run's key.
    pub pseudonyms: Option<&'a Pseudonyms>,
    /// The run's profile, where it is known.
    pub rules: Option<&'a Ruleset>,
    /// Inputs to compare with.
    pub against: &'a [PathBuf],
    /// Private lists of inputs and outputs.
    pub links: &'a [PathBuf],
    /// Bounds of one file.
    pub limits: Limits,
    /// The journal, the digests and the reports, and nothing else.
    pub is_digests_only: bool,
}

impl<'a> Asked<'a> {
    /// All of an output folder that can be looked at without anything beside it.
    #[must_use]
    pub fn of(out: &'a Path) -> Self {
        Self {
            out,
            pseudonyms: None,
            rules: None,
            against: &[],
            links: &[],
            limits: Limits::default(),
            is_digests_only: false,
        }
    }
}

/// Why there is no verification.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no journal, or it cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A private list is none.
    #[error("{}: no list of inputs and outputs", .0.display())]
    Links(PathBuf),
    /// An input to compare with is not there.
    #[error("{}: {source}", path.display())]
    Input {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Files cannot be read or sorted.
    #[error("the output folder cannot be read: {0}")]
    Io(#[from] io::Error),
    /// No worker threads.
    #[error("no worker threads: {0}")]
    Workers(String),
}

impl VerifyError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Journal(e) => e.hint(),
            Self::Links(_) => "give the list that the run wrote: dcmscrub clean ... --links FILE",
            Self::Input { .. } => "check the path",
            Self::Io(_) | Self::Workers(_) => "check the folder and its permissions",
        }
    }
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Output files whose digest is right.
    pub files: u64,
    /// Lines of the journal.
    pub lines: u64,
    /// Files that were read as DICOM.
    pub read: u64,
    /// Files that were compared with an input.
    pub compared: u64,
    /// The promises of the profile were looked at.
    pub profile_known: bool,
    /// Findings, all of them.
    pub found: u64,
    /// What is counted without finding fault.
    pub notes: Notes,
    /// What is not as it has to be.
    pub findings: Vec<Finding>,
}

/// What all looks share.
pub struct Desk<'a> {
    asked: Asked<'a>,
    journal: File,
    record: Record,
    standing: Standing,
    inputs: Inputs,
    is_disc: bool,
    has_map: bool,
}

/// What one look tells.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Looked {
    findings: Findings,
    notes: Notes,
    is_right: bool,
    is_read: bool,
    is_compared: bool,
    /// It was held back again after it had been released.
    is_back: bool,
    sets: Vec<Vec<u8>>,
    disc: Option<Vec<u8>>,
    told: Vec<Told>,
}

/// What all looks tell.
pub struct Book {
    verified: Verified,
    findings: Findings,
    back: u64,
    sets: Sorter,
    disc: Sorter,
    uids: Sorter,
    new_uids: Sorter,
    shifts: Sorter,
}

/// Reads the journal, and finds what is there.
///
/// # Errors
/// [`VerifyError`]. What is wrong with the output is no error: it is found.
pub fn begin(asked: Asked<'_>) -> Result<(Desk<'_>, Places, Book), VerifyError> {
    let journal = record::open(asked.out)?;
    let sorter = || Sorter::new(asked.out);
    let mut book = Book {
        verified: Verified {
            profile_known: asked.rules.is_some(),
            ..Verified::default()
        },
        findings: Findings::default(),
        back: 0,
        sets: sorter(),
        disc: sorter(),
        uids: sorter(),
        new_uids: sorter(),
        shifts: sorter(),
    };
    let mut places = sorter();
    let findings = &mut book.findings;
    let record = record::read(&journal, asked.pseudonyms, &mut places, findings)?;
    let standing = record::gather(asked.out, &mut places, findings)?;
    if !asked.links.is_empty() {
        let listed = linked::links(&asked, &record, &mut places)?;
        if linked::lost(&asked, listed, record.files)? {
            findings.found(INPUT_LOST, NAME);
        }
    }
    book.verified.lines = record.lines;
    let head = record.head.as_ref();
    let desk = Desk {
        is_disc: head.is_some_and(|head| head.layout == "media") || record.index.is_some(),
        has_map: head.is_some_and(|head| head.map.is_some()),
        journal,
        record,
        standing,
        inputs: Inputs::default(),
        asked,
    };
    Ok((desk, Places::of(places.finish()?), book))
}

impl Book {
    /// Takes what a look tells.
    ///
    /// # Errors
    /// Those of sorting.
    pub fn take(&mut self, looked: Looked) -> io::Result<()> {
        let add = |n: &mut u64, is: bool| *n = n.saturating_add(u64::from(is));
        add(&mut self.verified.files, looked.is_right);
        add(&mut self.verified.read, looked.is_read);
        add(&mut self.verified.compared, looked.is_compared);
        add(&mut self.back, looked.is_back);
        self.verified.notes.append(&looked.notes);
        self.findings.append(looked.findings);
        for line in looked.sets {
            self.sets.push(line)?;
        }
        if let Some(line) = looked.disc {
            self.disc.push(line)?;
        }
        for told in looked.told {
            match told {
                Told::Uid(line) => self.uids.push(line)?,
                Told::NewUid(line) => self.new_uids.push(line)?,
                Told::Shift(line) => self.shifts.push(line)?,
            }
        }
        Ok(())
    }
}

impl Desk<'_> {
    /// Looks at one place.
    ///
    /// # Errors
    /// Those of reading: not what is wrong with the file.
    pub fn look(&self, place: &Place) -> io::Result<Looked> {
        let mut looked = Looked::default();
        let name = place.place.as_str();
        if place.is_two {
            looked.findings.found(TWO, name);
        }
        if !place.is_there {
            if place.said.is_some() && !place.is_moved {
                looked.findings.found(MISSING, name);
            }
            return Ok(looked);
        }
        let input = match Input::open(&self.asked.out.join(name), false) {
            Ok(input) => input,
            Err(OpenError::NotRegular) => {
                looked.findings.found(FOREIGN, name);
                return Ok(looked);
            }
            Err(OpenError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                looked.findings.found(MISSING, name);
                return Ok(looked);
            }
            Err(OpenError::Io(e)) => return Err(e),
        };
        looked.is_back = place.is_moved;
        let is_index = name == disc_index();
        let expected = match &place.said {
            Some(said) => Some(said.digest.as_str()),
            None => self.record.index.as_deref().filter(|_| is_index),
        };
        match expected {
            None => looked.findings.found(UNLISTED, name),
            Some(expected) if digest(&input.file)? == expected => looked.is_right = true,
            Some(_) => looked.findings.found(CHANGED, name),
        }
        if !is_index && !self.asked.is_digests_only {
            self.file(place, &FileSource::new(input.file)?, &mut looked)?;
        }
        Ok(looked)
    }

    fn file(&self, place: &Place, source: &FileSource, looked: &mut Looked) -> io::Result<()> {
        let name = place.place.as_str();
        if self.is_disc && name.starts_with(&format!("{CLEAN}/")) {
            if !disc::is_disc_name(name) {
                looked.findings.found(DISC_NAME, name);
            }
            looked.disc = Some(disc::line_without_record(name));
        }
        let read = reading::read(source, &self.asked.limits, |reading, bytes| {
            looked.is_read = true;
            self.judge(place, Side { reading, bytes }, looked)
        });
        match read {
            Ok(judged) => judged,
            Err(Unread::Refused) => {
                looked.findings.found(UNREADABLE, name);
                Ok(())
            }
            Err(Unread::TooLarge) => {
                looked.notes.count(TOO_LARGE);
                Ok(())
            }
            Err(Unread::Io(e)) => Err(e),
        }
    }

    fn judge(&self, place: &Place, output: Side<'_>, looked: &mut Looked) -> io::Result<()> {
        let (name, reading) = (place.place.as_str(), output.reading);
        if reading.by_our_reader {
            looked.notes.count(BY_OUR_READER);
        }
        let promises = self.promises(reading);
        let head = self.record.head.as_ref();
        file::check(reading, name, head, promises.as_ref(), &mut looked.findings);
        let is_changed = !looked.is_right;
        looked.sets = sets::lines_of(&reading.root, name, place.said.as_ref(), is_changed);
        if looked.disc.is_some()
            && let Some(line) = disc::line_of(reading, name)
        {
            looked.disc = Some(line);
        }
        if self.asked.links.is_empty() {
            return Ok(());
        }
        if place.inputs.is_empty() {
            looked.notes.count(UNPAIRED);
        }
        for path in &place.inputs {
            self.pair(name, path, output, promises.as_ref(), looked)?;
        }
        Ok(())
    }

    fn promises<'r>(&'r self, reading: &Reading) -> Option<Promises<'r>> {
        let rules = self.asked.rules?;
        Some(Promises::of(
            rules,
            &reading.root,
            reading.encoding,
            self.has_map,
        ))
    }

    fn pair(
        &self,
        place: &str,
        path: &Path,
        output: Side<'_>,
        promises: Option<&Promises<'_>>,
        looked: &mut Looked,
    ) -> io::Result<()> {
        let compare = |reading: &Reading, bytes: &dyn crate::dicom::source::ReadAt| {
            let pair = Pair {
                output,
                input: Side { reading, bytes },
                place,
                promises,
            };
            against::compare(&pair, &mut looked.findings, &mut looked.told)
        };
        let limits = &self.asked.limits;
        let read = self.inputs.with(path, limits, |source| {
            reading::read(source, limits, compare)
        });
        if let Some(Ok(compared)) = read {
            looked.is_compared = true;
            return compared;
        }
        looked.notes.count(INPUT_UNREAD);
        Ok(())
    }

    /// Puts together what the files say.
    ///
    /// # Errors
    /// Those of reading and sorting.
    pub fn end(self, book: Book) -> Result<Verified, VerifyError> {
        let Book {
            mut verified,
            mut findings,
            back,
            sets,
            disc,
            uids,
            new_uids,
            shifts,
        } = book;
        let out = self.asked.out;
        sets::check(sets, &mut findings, &mut verified.notes)?;
        against::check_uids(uids, new_uids, &mut findings)?;
        against::check_shifts(shifts, &mut findings)?;
        let has_index = self.is_disc || out.join(disc_index()).is_file();
        if has_index && !self.asked.is_digests_only {
            self.index(disc, &mut findings)?;
        }
        if self.record.index.is_some() && !out.join(disc_index()).is_file() {
            findings.found(MISSING, disc_index());
        }
        let standing = Standing {
            review: self.standing.review.saturating_sub(back),
            ..self.standing
        };
        record::check_reports(out, &self.journal, standing, &mut findings)?;
        findings.sort();
        verified.found = findings.count;
        verified.findings = findings.kept;
        Ok(verified)
    }

    fn index(&self, files: Sorter, findings: &mut Findings) -> io::Result<()> {
        let path = self.asked.out.join(CLEAN).join(media::NAME);
        match Input::open(&path, false) {
            Ok(index) => {
                let offsets = Sorter::new(self.asked.out);
                disc::check(index.file, files, offsets, &self.asked.limits, findings)
            }
            Err(OpenError::NotRegular) => Ok(()),
            Err(OpenError::Io(e)) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(OpenError::Io(e)) => Err(e),
        }
    }
}
