//! What stands in front of the data set: the preamble and the File Meta Information (PS3.10 section 7.1).

use std::io;

use super::judge::Findings;
use super::nobody::is_nobody;
use super::{Place, rules};
use crate::dicom::element::{Encoding, is_string};
use crate::dicom::part10::{Part10, uid_text};
use crate::dicom::source::{BytesSource, ReadAt};
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{ElementPath, Limits, Tag};
use crate::identity::known::Kind;

/// Bytes in front of a data set that are looked through; what no writer makes so long is found as such.
const MOST: u64 = 64 * 1024;
/// Bytes of the preamble.
const PREAMBLE: usize = 128;
/// What PS3.10 wants there, and the group length. Anything else of the group names a system or is private.
const WANTED: [u16; 6] = [0x0000, 0x0001, 0x0002, 0x0003, 0x0010, 0x0012];
/// The version of a program that wrote the file.
const VERSION_NAME: u16 = 0x0013;

/// What was found.
#[derive(Default)]
pub struct Outside {
    preamble: bool,
    found: Vec<Tag>,
    /// Texts that are no finding by themselves.
    pub texts: Vec<String>,
}

/// Reads what stands in front of the data set.
///
/// # Errors
/// Those of the source.
pub fn read<S: ReadAt + ?Sized>(
    source: &S,
    part10: &Part10,
    limits: &Limits,
) -> io::Result<Outside> {
    let mut outside = Outside::default();
    let length = part10.data_set_at.min(source.len()).min(MOST);
    let mut bytes = vec![0u8; usize::try_from(length).unwrap_or(0)];
    source.read_exact_at(&mut bytes, 0)?;
    let mut at = 0usize;
    if bytes
        .get(PREAMBLE..)
        .is_some_and(|behind| behind.starts_with(b"DICM"))
    {
        let preamble = bytes.get(..PREAMBLE).unwrap_or_default();
        outside.preamble = preamble.iter().any(|b| *b != 0);
        at = PREAMBLE.saturating_add(4);
    } else if bytes.starts_with(b"DICM") {
        at = 4;
    }
    let meta = bytes.get(at..).unwrap_or_default();
    let meta = BytesSource(meta);
    let mut walker = Walker::new(&meta, Encoding::ExplicitLe, 0, *limits);
    // what cannot be read here was refused before, or is told as damage of the data set
    while let Ok(Some(event)) = walker.next_event() {
        let Event::Element(element) = event else {
            continue;
        };
        let Tag(group, number) = element.tag;
        if group != 2 || WANTED.contains(&number) || element.length == Some(0) {
            continue;
        }
        let is_text = is_string(element.vr);
        let Ok(value) = walker.value(&element) else {
            outside.found.push(element.tag);
            continue;
        };
        let text = uid_text(value);
        if number == VERSION_NAME {
            outside.texts.push(text);
        } else if !is_text || !is_nobody(Kind::Station, &text) {
            outside.found.push(element.tag);
        }
    }
    Ok(outside)
}

impl Outside {
    /// Adds what was found.
    pub fn tell(&self, findings: &mut Findings) {
        if self.preamble {
            findings.add(&rules::PREAMBLE, Place::Preamble);
        }
        for tag in &self.found {
            let path = ElementPath {
                steps: Box::new([]),
                tag: *tag,
            };
            findings.add(&rules::FILE_META, Place::Element(path));
        }
    }
}
