//! The guard in front of the second reader: this program's own bounded walk.
//!
//! It judges nothing. It refuses what would make another reader ask for memory that a length promises, notes the places of long
//! values, and gives a stream without them.

use std::io::{self, Read};

use super::reading::PIXEL_DATA;
use super::tree::Value;
use crate::dicom::element::{Encoding, is_string};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{self, Element, Event, Walker};
use crate::dicom::{Limits, ReadError, Tag, Vr};

/// Values at the root from this length on stay in the file.
const LONG: u64 = 64 * 1024;

/// The tags that a reader meets, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(u64, u64);

impl Fingerprint {
    /// The next tag.
    pub fn add(&mut self, tag: Tag) {
        let number = u64::from(tag.group()) << 16 | u64::from(tag.element());
        self.0 = self.0.saturating_add(1);
        // FNV-1a over the tags
        self.1 = (self.1 ^ number ^ 0xCBF2_9CE4_8422_2325).wrapping_mul(0x100_0000_01B3);
    }
}

/// A long value that the second reader is not fed.
#[derive(Debug)]
pub struct Cut {
    /// Its tag.
    pub tag: Tag,
    /// First byte of the length field, and its length.
    length: (u64, u8),
    /// First byte behind the header, and the one behind the whole element.
    value: (u64, u64),
    /// Fragments, where it is encapsulated.
    fragments: Option<Vec<(u64, u64)>>,
}

impl Cut {
    /// Where it lies.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.fragments {
            Some(fragments) => Value::Fragments(fragments.clone()),
            None => Value::Long(self.value.0, self.value.1),
        }
    }
}

/// What the guard learns of a data set.
#[derive(Debug, Default)]
pub struct Survey {
    /// Long values, in the order of the file.
    pub cuts: Vec<Cut>,
    /// Bytes of all values that are fed.
    pub fed: u64,
    /// Behind the last data element.
    end: u64,
    /// A sequence stands in UN, or encapsulated data of a private data element in an item, where the second reader does not see
    /// it, or misreads it.
    pub has_hidden: bool,
    /// What the walk meets.
    pub seen: Fingerprint,
}

impl Survey {
    /// Walks a data set from its first byte to its last.
    ///
    /// # Errors
    /// What the walk refuses.
    pub fn of(
        source: &dyn ReadAt,
        from: u64,
        encoding: Encoding,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        let mut survey = Self {
            end: source.len(),
            ..Self::default()
        };
        let mut walker = Walker::new(source, encoding, from, *limits);
        let mut open = false;
        while let Some(event) = walker.next_event()? {
            let at_root = walker.path().is_empty();
            match event {
                Event::Element(element) => {
                    survey.seen.add(element.tag);
                    if at_root && is_long(&element) {
                        survey.cut(&element, None);
                    } else {
                        survey.fed = survey.fed.saturating_add(length(&element));
                    }
                }
                Event::SequenceStart(element) => {
                    survey.seen.add(element.tag);
                    let bytes = element.vr == Vr::UN && element.length.is_some();
                    survey.has_hidden |=
                        bytes || element.vr == Vr::UN && element.encoding.is_explicit();
                }
                Event::FragmentsStart(element) => {
                    survey.seen.add(element.tag);
                    open = at_root;
                    survey.has_hidden |= !at_root && element.tag != walk::PIXEL_DATA;
                    if open {
                        survey.cut(&element, Some(Vec::new()));
                    }
                }
                Event::Fragment(element) if open => {
                    if let Some(Cut {
                        fragments: Some(fragments),
                        ..
                    }) = survey.cuts.last_mut()
                    {
                        let end = element.value_at.saturating_add(length(&element));
                        fragments.push((element.value_at, end));
                    }
                }
                Event::Fragment(element) => {
                    survey.fed = survey.fed.saturating_add(length(&element));
                }
                Event::FragmentsEnd(end) => {
                    if let (true, Some(cut)) = (open, survey.cuts.last_mut()) {
                        cut.value.1 = end.end;
                    }
                    open = false;
                }
                Event::Padding { at, .. } => survey.end = at,
                Event::ItemStart(_) | Event::ItemEnd(_) | Event::SequenceEnd(_) => {
                    survey.fed = survey.fed.saturating_add(8);
                }
            }
        }
        Ok(survey)
    }

    fn cut(&mut self, element: &Element, fragments: Option<Vec<(u64, u64)>>) {
        self.cuts.push(Cut {
            tag: element.tag,
            length: (element.length_at, element.length_size),
            value: (
                element.value_at,
                element.value_at.saturating_add(length(element)),
            ),
            fragments,
        });
    }
}

/// Bytes of a value.
#[must_use]
pub fn length(element: &Element) -> u64 {
    u64::from(element.length.unwrap_or(0))
}

/// True for values that stay in the file.
#[must_use]
pub fn is_long(element: &Element) -> bool {
    PIXEL_DATA.contains(&element.tag) || !is_string(element.vr) && length(element) > LONG
}

/// The bytes that the second reader is fed: all of the data set, but long values have no bytes.
pub struct Feed<'s> {
    source: &'s dyn ReadAt,
    pieces: std::vec::IntoIter<Piece>,
    open: Piece,
}

enum Piece {
    Source(u64, u64),
    Zeros(u8),
}

impl<'s> Feed<'s> {
    /// The bytes of a data set that begins at `from`.
    #[must_use]
    pub fn new(source: &'s dyn ReadAt, from: u64, survey: &Survey) -> Self {
        let mut pieces = Vec::new();
        let mut at = from;
        for cut in &survey.cuts {
            pieces.push(Piece::Source(at, cut.length.0));
            pieces.push(Piece::Zeros(cut.length.1));
            at = cut.value.1;
        }
        pieces.push(Piece::Source(at, survey.end));
        Self {
            source,
            pieces: pieces.into_iter(),
            open: Piece::Zeros(0),
        }
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match &mut self.open {
                Piece::Zeros(left @ 1..) => {
                    let n = usize::from(*left).min(buf.len());
                    buf.get_mut(..n).unwrap_or_default().fill(0);
                    *left = left.saturating_sub(u8::try_from(n).unwrap_or(0));
                    return Ok(n);
                }
                Piece::Source(at, end) if *at < *end => {
                    let left = usize::try_from(end.saturating_sub(*at)).unwrap_or(usize::MAX);
                    let n = left.min(buf.len());
                    let n = self
                        .source
                        .read_at(buf.get_mut(..n).unwrap_or_default(), *at)?;
                    *at = at.saturating_add(u64::try_from(n).unwrap_or(0));
                    return Ok(n);
                }
                Piece::Zeros(_) | Piece::Source(..) => match self.pieces.next() {
                    Some(next) => self.open = next,
                    None => return Ok(0),
                },
            }
        }
    }
}
