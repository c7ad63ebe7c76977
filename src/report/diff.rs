//! Two files, data element by data element: what is in one only, and what differs.
//!
//! Owns: which data elements are the same one, and what counts as a difference. Both files are walked once, their data
//! elements sorted outside memory by place, and the two lists merged: nothing recurses, and memory does not grow with the files.

pub mod entry;
pub mod read;
pub mod shown;
mod form;

use std::cmp::Ordering;
use std::io;
use std::iter::Peekable;
use std::path::PathBuf;

use serde::Serialize;

use crate::batch::sorted::Sorted;
use crate::dicom::source::ReadAt;
use crate::dicom::{Limits, ReadError};
use crate::standard::attributes::keyword_of;
use entry::{Entry, Part, Shape};
use read::Read;
use shown::{Shown, shown};

/// How two files are compared.
#[derive(Debug, Clone)]
pub struct How {
    /// Bounds of each file.
    pub limits: Limits,
    /// Values are shown.
    pub values: bool,
    /// Where what does not fit into memory is sorted, in a file without a name.
    pub spill: PathBuf,
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The first.
    A,
    /// The second.
    B,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// One of the files cannot be read.
    #[error("{1}")]
    Read(Which, ReadError),
    /// There are no random numbers, or no room to sort.
    #[error("cannot be compared: {0}")]
    Other(io::Error),
    /// What was found cannot be told.
    #[error("cannot be told: {0}")]
    Tell(io::Error),
}

/// What a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Only the first file has it.
    Removed,
    /// Only the second file has it.
    Added,
    /// Both have it, and it differs.
    Changed,
}

/// In what a data element differs that both files have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// The value.
    Value,
    /// The VR that the files state.
    Vr,
    /// The number of items.
    Items,
}

/// A data element as one of the files has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its VR: the one stated, else the standard's.
    pub vr: &'static str,
    /// How much there is.
    pub shape: Shape,
    /// Its value, where values were asked for.
    pub value: Option<Shown>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub kind: Kind,
    /// In what it differs, where both have it.
    pub aspects: Vec<Aspect>,
    /// The place.
    pub path: String,
    /// The attribute's keyword; empty where the standard has none.
    pub keyword: &'static str,
    /// In the first file.
    pub a: Option<Side>,
    /// In the second file.
    pub b: Option<Side>,
}

/// Data elements by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Only the first file has them.
    pub removed: u64,
    /// Only the second file has them.
    pub added: u64,
    /// They differ.
    pub changed: u64,
    /// They are the same.
    pub same: u64,
}

impl Sums {
    /// Nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.removed == 0 && self.added == 0 && self.changed == 0
    }

    /// Adds those of another pair.
    pub fn add(&mut self, other: &Self) {
        self.removed = self.removed.saturating_add(other.removed);
        self.added = self.added.saturating_add(other.added);
        self.changed = self.changed.saturating_add(other.changed);
        self.same = self.same.saturating_add(other.same);
    }
}

/// Compares two files; tells of each difference in the order of their places.
///
/// # Errors
/// [`DiffError`]. A file that cannot be read to its end is not compared at all.
pub fn diff(
    a: &dyn ReadAt,
    b: &dyn ReadAt,
    how: &How,
    mut tell: impl FnMut(&Difference) -> io::Result<()>,
) -> Result<Sums, DiffError> {
    let mut key = [0u8; 32];
    getrandom::fill(&mut key).map_err(|e| DiffError::Other(io::Error::other(e)))?;
    let read = |which, source| {
        Read::new(source, &key, how.limits, &how.spill).map_err(|e| DiffError::Read(which, e))
    };
    let (mut a, mut b) = (read(Which::A, a)?, read(Which::B, b)?);
    let (ours, theirs) = (taken(&mut a), taken(&mut b));
    let (mut ours, mut theirs) = (ours.peekable(), theirs.peekable());
    let mut sums = Sums::default();
    while let Some(pair) = next_pair(&mut ours, &mut theirs)? {
        let aspects = match &pair {
            (Some(one), Some(other)) => aspects(one, other),
            _ => Vec::new(),
        };
        let (kind, sum) = match &pair {
            (Some(_), Some(_)) if aspects.is_empty() => {
                sums.same = sums.same.saturating_add(1);
                continue;
            }
            (Some(_), Some(_)) => (Kind::Changed, &mut sums.changed),
            (Some(_), None) => (Kind::Removed, &mut sums.removed),
            (None, _) => (Kind::Added, &mut sums.added),
        };
        *sum = sum.saturating_add(1);
        let (one, other) = pair;
        let Some(entry) = one.as_ref().or(other.as_ref()) else {
            continue;
        };
        let difference = Difference {
            kind,
            aspects,
            path: entry.path(),
            keyword: match entry.part() {
                Part::Preamble => "",
                Part::FileMeta | Part::DataSet => keyword_of(entry.tag).unwrap_or(""),
            },
            a: side(Which::A, one.as_ref(), &a, how.values)?,
            b: side(Which::B, other.as_ref(), &b, how.values)?,
        };
        tell(&difference).map_err(DiffError::Tell)?;
    }
    Ok(sums)
}

/// The entries of a file, which is left for its values.
fn taken(read: &mut Read<'_>) -> Sorted {
    std::mem::replace(&mut read.entries, Sorted::Held(Vec::new()))
}

/// What each of the two has in one place.
type Pair = (Option<Entry>, Option<Entry>);

/// The next place of both, with the entry of each that has it. Of several in one place the first is the first one's partner.
fn next_pair(
    a: &mut Peekable<Sorted>,
    b: &mut Peekable<Sorted>,
) -> Result<Option<Pair>, DiffError> {
    let place = |lines: &mut Peekable<Sorted>| match lines.peek() {
        Some(Ok(line)) => entry_of(line).map(Some),
        // taken below, and told then
        Some(Err(_)) | None => Ok(None),
    };
    let (one, other) = (place(a)?, place(b)?);
    let order = match (&one, &other) {
        (Some(one), Some(other)) => one.place.cmp(&other.place),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    if order != Ordering::Greater {
        a.next().transpose().map_err(DiffError::Other)?;
    }
    if order != Ordering::Less {
        b.next().transpose().map_err(DiffError::Other)?;
    }
    Ok(match order {
        Ordering::Less => Some((one, None)),
        Ordering::Greater => Some((None, other)),
        Ordering::Equal if one.is_none() => None,
        Ordering::Equal => Some((one, other)),
    })
}

fn entry_of(line: &[u8]) -> Result<Entry, DiffError> {
    Entry::from_line(line).ok_or_else(|| DiffError::Other(io::ErrorKind::InvalidData.into()))
}

fn aspects(one: &Entry, other: &Entry) -> Vec<Aspect> {
    let mut aspects = Vec::new();
    if one.stated && other.stated && one.vr != other.vr {
        aspects.push(Aspect::Vr);
    }
    if !one.says_the_same(other) {
        aspects.push(match (one.shape, other.shape) {
            (Shape::Items(_), Shape::Items(_)) => Aspect::Items,
            _ => Aspect::Value,
        });
    }
    aspects
}

fn side(
    which: Which,
    entry: Option<&Entry>,
    read: &Read<'_>,
    values: bool,
) -> Result<Option<Side>, DiffError> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    let value = if values {
        shown(entry, read).map_err(|e| DiffError::Read(which, e.into()))?
    } else {
        None
    };
    Ok(Some(Side {
        vr: entry.vr.to_string(),
        shape: entry.shape,
        value,
    }))
}

#[cfg(test)]
mod tests;
