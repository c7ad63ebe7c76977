//! The gate: does anything in this file still identify somebody?
//!
//! ```text
//! outside (preamble, File Meta Information) -> gather (one walk) -> judge -> findings
//! ```
//!
//! Owns: rules, places and findings of one file. Reads headers and what stands around pixels, never pixels; shows no value.

pub mod baseline;
pub mod claims;
mod comments;
pub mod config;
mod documents;
pub mod forms;
mod gather;
mod judge;
mod memory;
pub mod nobody;
mod outside;
pub mod rules;

use std::cell::RefCell;
use std::fmt;

use crate::dicom::source::ReadAt;
use crate::dicom::{ElementPath, Limits, ReadError, part10};
use crate::standard::attributes::keyword_of;

use gather::Gathered;
use judge::Findings;
use memory::Memory;
use rules::Rule;

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The first bytes of the file.
    Preamble,
    /// The File Meta Information as a whole.
    FileMeta,
    /// A data element.
    Element(ElementPath),
    /// Between compressed pixel data.
    Pixels,
    /// The name of the file or of a folder.
    Name,
}

impl Place {
    /// The attribute's keyword; empty for other places and where the standard has none.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Element(path) => keyword_of(path.tag).unwrap_or_default(),
            Self::Preamble | Self::FileMeta | Self::Pixels | Self::Name => "",
        }
    }

    /// Another item of the same sequences has it too.
    fn is_of_same_attribute(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Element(one), Self::Element(other)) => one.tag == other.tag,
            _ => self == other,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preamble => f.write_str("preamble"),
            Self::FileMeta => f.write_str("file meta information"),
            Self::Element(path) => path.fmt(f),
            Self::Pixels => f.write_str("(7FE0,0010)"),
            Self::Name => f.write_str("file name"),
        }
    }
}

/// Something that may identify somebody. It holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The first place.
    pub place: Place,
    /// In how many places of this attribute.
    pub count: u32,
}

/// What became of one file.
#[derive(Debug, Default)]
pub struct Checked {
    /// What was found, the surest first.
    pub findings: Vec<Finding>,
    /// It could be read up to here only: what is behind is not known.
    pub damage: Option<ReadError>,
    /// It has pixels, which were not looked at.
    pub has_pixels: bool,
    /// It has a document, of which only the outside was looked at.
    pub has_document: bool,
    /// Values that nobody was told from: the file has more than are looked through.
    pub overflows: bool,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Looks through one file; `None` for one that is no DICOM file. `name` are the parts of its path below what was asked for.
///
/// # Errors
/// Those of the storage. Damage of the file is no error: what was found in front of it is told with it.
pub fn check<S: ReadAt + ?Sized>(
    source: &S,
    name: &[String],
    limits: &Limits,
) -> std::io::Result<Option<Checked>> {
    let mut checked = Checked::default();
    let part10 = match part10::open(source, limits) {
        Ok(part10) => part10,
        Err(ReadError::NotDicom) => return Ok(None),
        Err(ReadError::Io(e)) => return Err(e),
        Err(e) => {
            checked.damage = Some(e);
            return Ok(Some(checked));
        }
    };
    let mut gathered = Gathered::default();
    match gathered.walk(source, &part10, limits) {
        Ok(()) => {}
        Err(ReadError::Io(e)) => return Err(e),
        Err(e) => checked.damage = Some(e),
    }
    let outside = outside::read(source, &part10, limits)?;
    let mut findings = MEMORY.with_borrow_mut(|memory| {
        let meta: Vec<&str> = outside.texts.iter().map(String::as_str).collect();
        judge::judge(&gathered, name, &meta, memory)
    });
    outside.tell(&mut findings);
    checked.findings = Findings::finish(findings);
    checked.has_pixels = gathered.has_pixels;
    checked.has_document = gathered.has_document;
    checked.overflows = gathered.overflows;
    Ok(Some(checked))
}
