//! One data element for comparing: its place as bytes that sort, and what its value comes to.
//!
//! Owns: the form of the lines that are sorted. Two files' data elements are the same one when their places are equal: tags
//! and item numbers, and for private ones the creator's text and the low byte, so that a block may move (PS3.5 7.8.1).

use std::fmt::Write;

use crate::dicom::walk::{is_private, is_private_creator};
use crate::dicom::{Tag, Vr};

/// What is compared: in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The bytes in front of the prefix.
    Preamble,
    /// Group 0002.
    FileMeta,
    /// All else.
    DataSet,
}

/// The path of the bytes in front of the prefix.
pub const PREAMBLE: &str = "preamble";

const STANDARD: u8 = 0;
const OF_CREATOR: u8 = 1;
const OF_NOBODY: u8 = 2;
/// Behind a tag: the place ends here, or an item follows.
const ENDS: u8 = 0;
const ITEM: u8 = 1;

/// The place where a walk stands, as bytes. No place is the beginning of another one, and a sequence sorts before what it holds.
#[derive(Debug, Clone, Default)]
pub struct Place {
    bytes: Vec<u8>,
    /// Lengths to go back to, one for each open sequence.
    starts: Vec<usize>,
}

impl Place {
    /// In front of the first data element of this part.
    #[must_use]
    pub fn new(part: Part) -> Self {
        Self {
            bytes: vec![part as u8],
            starts: Vec::new(),
        }
    }

    fn add(&mut self, tag: Tag, creator: Option<&str>) {
        self.bytes.extend_from_slice(&tag.group().to_be_bytes());
        match creator {
            Some(creator) if is_private(tag) => {
                self.bytes.push(OF_CREATOR);
                self.bytes.extend(creator.bytes().filter(|b| *b != 0));
                self.bytes.push(0);
                let [_, low] = tag.element().to_be_bytes();
                if is_private_creator(tag) {
                    self.bytes.push(0);
                } else {
                    self.bytes.extend_from_slice(&[1, low]);
                }
            }
            Some(_) | None => {
                let kind = if is_private(tag) { OF_NOBODY } else { STANDARD };
                self.bytes.push(kind);
                self.bytes.extend_from_slice(&tag.element().to_be_bytes());
            }
        }
    }

    /// The place of a data element here; `creator` is that of a private one, or what a private creator says itself.
    #[must_use]
    pub fn of(&self, tag: Tag, creator: Option<&str>) -> Vec<u8> {
        let mut place = self.clone();
        place.add(tag, creator);
        place.bytes.push(ENDS);
        place.bytes
    }

    /// A sequence begins.
    pub fn enter(&mut self, tag: Tag, creator: Option<&str>) {
        self.starts.push(self.bytes.len());
        self.add(tag, creator);
        self.bytes.push(ITEM);
    }

    /// One of its items begins.
    pub fn item(&mut self, index: u32) {
        self.bytes.extend_from_slice(&index.to_be_bytes());
    }

    /// The item ends.
    pub fn item_ends(&mut self) {
        self.bytes.truncate(self.bytes.len().saturating_sub(4));
    }

    /// The sequence ends.
    pub fn leave(&mut self) {
        if let Some(start) = self.starts.pop() {
            self.bytes.truncate(start);
        }
    }
}

/// What kind of value it is, with how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A value of this many bytes.
    Value(u64),
    /// A sequence of this many items.
    Items(u64),
    /// Encapsulated data: fragments, and bytes in all of them.
    Fragments(u64, u64),
}

/// A data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub place: Vec<u8>,
    /// First byte of its header: which of two in one place comes first.
    pub at: u64,
    /// Its own tag.
    pub tag: Tag,
    /// Its VR.
    pub vr: Vr,
    /// The VR stands in the file.
    pub stated: bool,
    /// It is encoded in big endian.
    pub big: bool,
    /// How much there is.
    pub shape: Shape,
    /// First byte of the value.
    pub value_at: u64,
    /// Which of the file's character sets is in force.
    pub charset: u8,
    /// A keyed digest of the bytes.
    pub raw: [u8; 16],
    /// A keyed digest of what they say: text without padding and character set, numbers without byte order.
    pub says: [u8; 16],
}

/// Bytes of a line behind the place.
const REST: usize = 75;

impl Entry {
    /// The line to be sorted.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        let (kind, n, bytes) = match self.shape {
            Shape::Value(bytes) => (0, 0, bytes),
            Shape::Items(n) => (1, n, 0),
            Shape::Fragments(n, bytes) => (2, n, bytes),
        };
        let mut line = self.place.clone();
        line.extend_from_slice(&self.at.to_be_bytes());
        line.extend_from_slice(&self.tag.group().to_be_bytes());
        line.extend_from_slice(&self.tag.element().to_be_bytes());
        line.extend_from_slice(&self.vr.to_bytes());
        line.extend_from_slice(&[u8::from(self.stated), u8::from(self.big), kind]);
        line.extend_from_slice(&n.to_be_bytes());
        line.extend_from_slice(&bytes.to_be_bytes());
        line.extend_from_slice(&self.value_at.to_be_bytes());
        line.extend_from_slice(&self.raw);
        line.extend_from_slice(&self.says);
        line.push(self.charset);
        line.push(0);
        line
    }

    /// Reads such a line.
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<Self> {
        let (place, mut rest) = line.split_at_checked(line.len().checked_sub(REST)?)?;
        let rest = &mut rest;
        let at = u64::from_be_bytes(take(rest)?);
        let tag = Tag(
            u16::from_be_bytes(take(rest)?),
            u16::from_be_bytes(take(rest)?),
        );
        let vr = Vr::from_binary(take(rest)?)?;
        let [stated, big, kind] = take(rest)?;
        let (n, bytes) = (
            u64::from_be_bytes(take(rest)?),
            u64::from_be_bytes(take(rest)?),
        );
        let shape = match kind {
            0 => Shape::Value(bytes),
            1 => Shape::Items(n),
            _ => Shape::Fragments(n, bytes),
        };
        let value_at = u64::from_be_bytes(take(rest)?);
        let (raw, says) = (take(rest)?, take(rest)?);
        let [charset, _] = take(rest)?;
        Some(Self {
            place: place.to_vec(),
            at,
            tag,
            vr,
            stated: stated == 1,
            big: big == 1,
            shape,
            value_at,
            charset,
            raw,
            says,
        })
    }

    /// Which part of the file it is of.
    #[must_use]
    pub fn part(&self) -> Part {
        match self.place.first() {
            Some(0) => Part::Preamble,
            Some(1) => Part::FileMeta,
            Some(_) | None => Part::DataSet,
        }
    }

    /// The place for people: `(0040,A730)[2].(0010,0010)`. The block of an enclosing private sequence is `xx`, as it may differ.
    #[must_use]
    pub fn path(&self) -> String {
        if self.part() == Part::Preamble {
            return PREAMBLE.to_owned();
        }
        let mut out = String::new();
        let mut rest = self.place.get(1..).unwrap_or_default();
        while let Some((step, item)) = step(&mut rest) {
            // writing to a string cannot fail
            if write!(out, "({step})[{item}].").is_err() {
                break;
            }
        }
        let Tag(group, element) = self.tag;
        format!("{out}({group:04X},{element:04X})")
    }

    /// The values say the same.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (self.shape, other.shape) {
            (Shape::Items(a), Shape::Items(b)) => a == b,
            (Shape::Value(_), Shape::Value(_)) | (Shape::Fragments(..), Shape::Fragments(..)) => {
                self.says == other.says || self.vr != other.vr && self.raw == other.raw
            }
            _ => false,
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

/// The next enclosing sequence of a place, with the item; `None` in front of the data element itself.
fn step(rest: &mut &[u8]) -> Option<(String, u32)> {
    let group = u16::from_be_bytes(take(rest)?);
    let [kind] = take(rest)?;
    let text = if kind == OF_CREATOR {
        let end = rest.iter().position(|b| *b == 0)?;
        *rest = rest.get(end.checked_add(1)?..)?;
        if take(rest)? == [0] {
            return None;
        }
        let [low] = take(rest)?;
        format!("{group:04X},xx{low:02X}")
    } else {
        format!("{group:04X},{:04X}", u16::from_be_bytes(take(rest)?))
    };
    let [then] = take(rest)?;
    (then == ITEM).then_some(())?;
    Some((text, u32::from_be_bytes(take(rest)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(place: Vec<u8>, tag: Tag) -> Entry {
        Entry {
            place,
            at: 7,
            tag,
            vr: Vr::LO,
            stated: true,
            big: false,
            shape: Shape::Fragments(3, 1 << 40),
            value_at: 9,
            charset: 2,
            raw: [1; 16],
            says: [2; 16],
        }
    }

    #[test]
    fn a_line_leads_back_to_its_entry_and_its_path() {
        let mut place = Place::new(Part::DataSet);
        place.enter(Tag(0x0040, 0xA730), None);
        place.item(2);
        place.enter(Tag(0x0029, 0x1120), Some("ACME"));
        place.item(0);
        let tag = Tag(0x0010, 0x0010);
        let one = entry(place.of(tag, None), tag);
        assert_eq!(Entry::from_line(&one.to_line()), Some(one.clone()));
        assert_eq!(one.path(), "(0040,A730)[2].(0029,xx20)[0].(0010,0010)");
        place.item_ends();
        place.leave();
        place.item_ends();
        place.leave();
        let creator = Tag(0x0029, 0x0011);
        let last = entry(place.of(creator, Some("ACME")), creator);
        assert_eq!(last.path(), "(0029,0011)");
        assert_eq!(Entry::from_line(b"short"), None);
    }

    #[test]
    fn a_moved_block_has_the_same_places_and_a_sequence_sorts_before_what_it_holds() {
        let mut place = Place::new(Part::DataSet);
        let of = |place: &Place, element, creator| place.of(Tag(0x0029, element), creator);
        assert_eq!(
            of(&place, 0x1020, Some("ACME")),
            of(&place, 0x2A20, Some("ACME"))
        );
        assert_eq!(
            of(&place, 0x0010, Some("ACME")),
            of(&place, 0x002A, Some("ACME"))
        );
        assert_ne!(
            of(&place, 0x1020, Some("ACME")),
            of(&place, 0x1020, Some("ACMF"))
        );
        assert_ne!(of(&place, 0x1020, None), of(&place, 0x2A20, None));
        let sequence = place.of(Tag(0x0040, 0x0275), None);
        place.enter(Tag(0x0040, 0x0275), None);
        place.item(0);
        let inside = place.of(Tag(0x0008, 0x0050), None);
        let next = Place::new(Part::DataSet).of(Tag(0x0040, 0x0276), None);
        assert!(sequence < inside && inside < next);
    }
}
