//! What was held back: the list of it, and its release by a person who has looked.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::RunError;
use super::ending::{build_index, key_code, summarise, sweep};
use super::recording::slashed;
use crate::apply::{FileSink, apply, last_look};
use crate::batch::digest::digest;
use crate::batch::journal::{
    Entry, Head, Journal, JournalError, Line, Lines, NAME, Release, Standing, put_in_order,
};
use crate::batch::layout::{CLEAN, Layout, REVIEW};
use crate::batch::outcome::Bucket;
use crate::batch::writer::{Stored, Writer, tag};
use crate::dicom::Limits;
use crate::dicom::source::FileSource;
use crate::identity::key::Key;
use crate::identity::pseudonym::Pseudonyms;
use crate::plan::release;

/// A file that was held back and has not been released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where it is, below the output folder.
    pub path: String,
    /// Why, as stable words, the first one first.
    pub reasons: Vec<String>,
    /// Why, in plain words.
    pub why: String,
    /// Modality.
    pub modality: String,
    entry: Entry,
}

/// Why a release is refused, or did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run had a key file, and it is not given, or another one is.
    #[error(
        "this output folder was made with a key file, and a release is sealed with the same one"
    )]
    Key,
    /// Nothing that was held back is called so.
    #[error("nothing that is held back is called {0}")]
    Unknown(String),
    /// Who or why is not said, or not in a line of plain text.
    #[error(
        "who has looked and why it may be shared have to be said, in at most 200 characters each"
    )]
    Unsaid,
    /// A file is not what was written.
    #[error("{0}: changed since it was written")]
    Changed(String),
    /// A file cannot be released.
    #[error("{0}: {1}")]
    File(String, String),
    /// The ending of the folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Reading and writing.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl ReviewError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Journal(e) => e.hint(),
            Self::Key => "add: --key-file FILE (and --project NAME where there was one)",
            Self::Unknown(_) => "the list shows paths and reasons: dcmscrub review OUT",
            Self::Unsaid => "add: --by \"who\" --why \"what you have seen\"",
            Self::Changed(_) => "clean the original again into a new folder",
            Self::File(..) | Self::Run(_) | Self::Io(_) => {
                "nothing of it was moved; check the folder and its permissions"
            }
        }
    }
}

/// What is held back in an output folder, in the order of the paths.
///
/// # Errors
/// [`ReviewError::Journal`].
pub fn held(out: &Path) -> Result<Vec<Held>, ReviewError> {
    Ok(listed(out)?.0)
}

/// What is held back, and what was and has been released, both in the order of the paths.
fn listed(out: &Path) -> Result<(Vec<Held>, Vec<Held>), ReviewError> {
    let journal = match File::open(out.join(NAME)) {
        Ok(journal) => journal,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(JournalError::Nothing.into()),
        Err(e) => return Err(e.into()),
    };
    let mut lines = Lines::of(&journal)?;
    let mut head: Option<Head> = None;
    let (mut held, mut released) = (Vec::new(), BTreeSet::new());
    while let Some((_, line)) = lines.next_line()? {
        match line {
            Line::Run(first) => head = Some(first),
            Line::Release(release) => {
                released.insert(release.from);
            }
            Line::File(entry) if entry.bucket == Bucket::HeldBack => held.push(*entry),
            Line::File(_) | Line::End(_) => {}
        }
    }
    let why = |code: &str| {
        let text = head
            .iter()
            .flat_map(|head| &head.holds)
            .find(|hold| hold.code == code);
        text.map_or_else(String::new, |hold| hold.why.clone())
    };
    let mut all: Vec<Held> = held
        .into_iter()
        .map(|entry| Held {
            path: entry.output.clone().unwrap_or_default(),
            why: why(&entry.reason),
            reasons: std::iter::once(&entry.reason)
                .chain(&entry.also)
                .cloned()
                .collect(),
            modality: entry.modality.clone(),
            entry,
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    // two inputs may have one output
    all.dedup_by(|a, b| a.path == b.path);
    Ok(all
        .into_iter()
        .partition(|one| !released.contains(&one.path)))
}

/// A release by a person.
pub struct ByPerson<'a> {
    /// Paths, reasons, or `all`.
    pub what: &'a [String],
    /// Who has looked.
    pub by: &'a str,
    /// Why it may be shared.
    pub why: &'a str,
    /// Pseudonyms of the run's key file, where it had one.
    pub pseudonyms: Option<&'a Pseudonyms>,
}

/// Moves files from `review/` to `clean/`, writes down who released them and why, and makes index and reports anew. The
/// number of files that were moved. What was released before, perhaps by a release that was cut short, counts as done,
/// and what was left to do for it is done.
///
/// # Errors
/// [`ReviewError`]; files that were moved before it happened are moved and written down.
pub fn release(out: &Path, person: &ByPerson<'_>) -> Result<usize, ReviewError> {
    for text in [person.by, person.why] {
        let plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !plain || text.chars().count() > 200 {
            return Err(ReviewError::Unsaid);
        }
    }
    let (held, released) = listed(out)?;
    let (chosen, again) = choose(held, released, person.what)?;
    let (mut journal, head) = Journal::reopen(out)?;
    let random;
    let pseudonyms = match person.pseudonyms {
        Some(keyed) if head.keyed && key_code(keyed) == head.key => keyed,
        Some(_) if head.keyed => return Err(ReviewError::Key),
        None if head.keyed => return Err(ReviewError::Key),
        Some(_) | None => {
            let key = Key::random().map_err(|e| io::Error::other(e.to_string()))?;
            random = Pseudonyms::new(&key, "");
            &random
        }
    };
    sweep(out, &journal)?;
    let limits = Limits::default();
    let mut moved = 0usize;
    let mut failed = None;
    for one in &chosen {
        match move_one(out, one, &mut journal, person, &limits) {
            Ok(()) => moved = moved.saturating_add(1),
            Err(e) => {
                failed = Some(e);
                break;
            }
        }
    }
    for one in &again {
        drop_released(out, one)?;
    }
    if moved > 0 || !again.is_empty() {
        let index = if head.layout == Layout::Media.name() {
            Some(build_index(out, pseudonyms, &limits)?)
        } else {
            None
        };
        journal.sync().map_err(JournalError::Io)?;
        let standing = Standing::Ended {
            pseudonyms: person.pseudonyms.filter(|_| head.keyed),
            index,
            mended: BTreeSet::new(),
        };
        let file = File::open(journal.path())?;
        let ordered = put_in_order(vec![file], out, &head, standing, Some(&mut journal))?;
        summarise(out, None)?;
        drop(ordered);
    }
    match failed {
        Some(e) => Err(e),
        None => Ok(moved),
    }
}

/// Of what is held back, and of what has been released already, that which is meant.
fn choose(
    held: Vec<Held>,
    released: Vec<Held>,
    what: &[String],
) -> Result<(Vec<Held>, Vec<Held>), ReviewError> {
    for wanted in what {
        let meets =
            |one: &Held| wanted == "all" || one.path == *wanted || one.reasons.contains(wanted);
        if !held.iter().chain(&released).any(meets) {
            return Err(ReviewError::Unknown(wanted.clone()));
        }
    }
    // a reason releases what is held back for it and for nothing else
    let chosen = |one: &Held| {
        what.iter()
            .any(|wanted| wanted == "all" || one.path == *wanted)
            || one.reasons.iter().all(|reason| what.contains(reason))
    };
    let of = |files: Vec<Held>| files.into_iter().filter(chosen).collect();
    Ok((of(held), of(released)))
}

/// Removes what a release that was cut short left in `review/`: its copy in `clean/` is there and written down.
fn drop_released(out: &Path, one: &Held) -> Result<(), ReviewError> {
    let from = out.join(REVIEW).join(below(one));
    match from.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
        Ok(there) => {
            if !there.is_file() || Some(digest(&File::open(&from)?)?) != one.entry.blake3 {
                return Err(ReviewError::Changed(one.path.clone()));
            }
            Ok(std::fs::remove_file(&from)?)
        }
    }
}

/// The path of a file below `review/`.
fn below(one: &Held) -> PathBuf {
    Path::new(&one.path)
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .skip(1)
        .collect()
}

fn move_one(
    out: &Path,
    one: &Held,
    journal: &mut Journal,
    person: &ByPerson<'_>,
    limits: &Limits,
) -> Result<(), ReviewError> {
    let refused = |e: &dyn std::fmt::Display| ReviewError::File(one.path.clone(), e.to_string());
    let below = below(one);
    let from = out.join(REVIEW).join(&below);
    if !from.symlink_metadata()?.is_file() {
        return Err(ReviewError::Changed(one.path.clone()));
    }
    let file = File::open(&from)?;
    if Some(digest(&file)?) != one.entry.blake3 {
        return Err(ReviewError::Changed(one.path.clone()));
    }
    let source = FileSource::new(file)?;
    let plan = release::plan(&source, limits).map_err(|e| refused(&e))?;
    let writer = Writer::new(out.to_path_buf(), tag(None), true);
    let folder = Path::new(CLEAN).join(below.parent().unwrap_or(Path::new("")));
    let temp = writer.begin(&folder)?;
    let mut sink = FileSink::new(temp.as_file());
    let written = apply(&plan, &source, limits, &mut sink).map_err(|e| refused(&e))?;
    let blake3 = sink.digest()?;
    let finished = FileSource::new(temp.as_file().try_clone()?)?;
    last_look(&plan, &written, &finished, limits).map_err(|e| refused(&e))?;
    let names = [below.file_name().unwrap_or_default().to_os_string()];
    let output = match writer.finish(temp, &folder, &names)? {
        Stored::New(path) | Stored::Same(path) => slashed(&path),
        Stored::Foreign => {
            return Err(refused(&"another file has its name in clean/ already"));
        }
    };
    journal.append(&Line::Release(Release {
        input: one.entry.input.clone(),
        from: one.path.clone(),
        output,
        blake3,
        by: person.by.trim().to_owned(),
        why: person.why.trim().to_owned(),
    }))?;
    journal.sync()?;
    std::fs::remove_file(&from)?;
    Ok(())
}
