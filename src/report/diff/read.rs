//! One file as sorted data elements: each walked once, its value read piece by piece and kept as two digests.
//!
//! Owns: what counts as the same value. Text is compared as text, whatever character set it is written in; numbers as
//! numbers, whatever byte order; padding is nothing. The key of the digests is drawn for one comparison and forgotten.

use std::path::Path;

use super::entry::{Entry, Part, Place, Shape};
use crate::batch::sorted::{Sorted, Sorter};
use crate::dicom::charset::CharacterSet;
use crate::dicom::element::{Encoding, is_string};
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Event, Walker, is_private_creator};
use crate::dicom::{Limits, ReadError, Tag, Vr, value};

/// Bytes of a value that are read at a time; whole numbers of every size.
const PIECE: u64 = 64 * 1024;
/// Text of more bytes is compared as bytes, not decoded.
const LONG_TEXT: u64 = 1 << 20;
/// Character sets that are told apart in one file.
const MOST_CHARSETS: usize = 255;
/// Bytes of a private creator that is looked at; it may have 64.
const LONG_CREATOR: u32 = 1024;

/// A file, read.
pub struct Read<'s> {
    /// The whole file.
    pub source: &'s dyn ReadAt,
    /// Its data set, where that is deflated.
    pub inflated: Option<InflatedSource<'s, dyn ReadAt + 's>>,
    /// Its character sets, the default one first.
    pub charsets: Vec<CharacterSet>,
    /// Its data elements.
    pub entries: Sorted,
}

impl<'s> Read<'s> {
    /// Reads a file to its end.
    ///
    /// # Errors
    /// Those of the walk, and of the file that entries are spilled to.
    pub fn new(
        source: &'s dyn ReadAt,
        key: &[u8; 32],
        limits: Limits,
        spill: &Path,
    ) -> Result<Self, ReadError> {
        let part10 = part10::open(source, &limits)?;
        let mut reader = Reader {
            key,
            limits,
            charsets: vec![CharacterSet::default()],
            entries: Sorter::new(spill),
            open: Vec::new(),
            fragments: None,
        };
        reader.head(source, &part10)?;
        let inflated = if part10.deflated {
            let inflated = InflatedSource::new(source, part10.data_set_at, &limits)?;
            reader.data_set(&inflated, part10.encoding, 0)?;
            Some(inflated)
        } else {
            reader.data_set(source, part10.encoding, part10.data_set_at)?;
            None
        };
        Ok(Self {
            source,
            inflated,
            charsets: reader.charsets,
            entries: reader.entries.finish()?,
        })
    }

    /// The bytes that an entry's positions are of.
    #[must_use]
    pub fn bytes_of(&self, part: Part) -> &dyn ReadAt {
        match &self.inflated {
            Some(inflated) if part == Part::DataSet => inflated,
            Some(_) | None => self.source,
        }
    }
}

/// A sequence that has begun: its entry, and the items so far.
struct Open {
    entry: Entry,
    items: u64,
}

struct Reader<'k> {
    key: &'k [u8; 32],
    limits: Limits,
    charsets: Vec<CharacterSet>,
    entries: Sorter,
    /// Bounded by the depth of nesting.
    open: Vec<Open>,
    fragments: Option<(Entry, blake3::Hasher)>,
}

/// The beginning of a source alone.
struct Head<'s>(&'s dyn ReadAt, u64);

impl ReadAt for Head<'_> {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
        let left = usize::try_from(self.1.saturating_sub(at)).unwrap_or(usize::MAX);
        let n = left.min(buf.len());
        self.0.read_at(buf.get_mut(..n).unwrap_or_default(), at)
    }
}

impl Reader<'_> {
    /// Preamble and File Meta Information. A preamble of zeros is none.
    fn head(&mut self, source: &dyn ReadAt, part10: &Part10) -> Result<(), ReadError> {
        let mut start = [0u8; part10::START];
        let mut at = 0;
        if part10.has_prefix {
            at = 4;
            if source.len() >= 132 {
                source.read_exact_at(&mut start, 0)?;
            }
            if let Some((preamble, b"DICM")) = start.split_at_checked(128) {
                at = 132;
                if preamble.iter().any(|b| *b != 0) {
                    self.preamble(preamble)?;
                }
            }
        }
        let head = Head(source, part10.data_set_at);
        let place = Place::new(Part::FileMeta);
        while at < head.len() {
            let mut first = [0u8; 6];
            head.read_exact_at(&mut first, at)?;
            let [.., e, f] = first;
            // some writers have it in implicit VR
            let encoding = match Vr::from_binary([e, f]) {
                Some(_) => Encoding::ExplicitLe,
                None => Encoding::ImplicitLe,
            };
            let mut walker = Walker::new(&head, encoding, at, self.limits);
            let Some(Event::Element(element)) = walker.next_event()? else {
                break;
            };
            self.element(&mut walker, &element, &place)?;
            at = element.end().unwrap_or(head.len());
        }
        Ok(())
    }

    fn preamble(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let digest = short(self.hasher().update(bytes));
        let tag = Tag(0, 0);
        let entry = Entry {
            place: Place::new(Part::Preamble).of(tag, None),
            at: 0,
            tag,
            vr: Vr::OB,
            stated: false,
            big: false,
            shape: Shape::Value(u64::try_from(bytes.len()).unwrap_or(0)),
            value_at: 0,
            charset: 0,
            raw: digest,
            says: digest,
        };
        Ok(self.entries.push(entry.to_line())?)
    }

    fn data_set<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        encoding: Encoding,
        at: u64,
    ) -> Result<(), ReadError> {
        let mut walker = Walker::new(source, encoding, at, self.limits);
        let mut place = Place::new(Part::DataSet);
        while let Some(event) = walker.next_event()? {
            match event {
                Event::Element(element) => self.element(&mut walker, &element, &place)?,
                Event::SequenceStart(element) => {
                    let creator = walker.creator_of(element.tag);
                    let entry = entry_of(&element, place.of(element.tag, creator), 0);
                    place.enter(element.tag, creator);
                    self.open.push(Open { entry, items: 0 });
                }
                Event::ItemStart(_) => {
                    place.item(walker.path().last().map_or(0, |step| step.item));
                    if let Some(open) = self.open.last_mut() {
                        open.items = open.items.saturating_add(1);
                    }
                }
                Event::ItemEnd(_) => place.item_ends(),
                Event::SequenceEnd(_) => {
                    place.leave();
                    if let Some(mut open) = self.open.pop() {
                        open.entry.shape = Shape::Items(open.items);
                        self.entries.push(open.entry.to_line())?;
                    }
                }
                Event::FragmentsStart(element) => {
                    let creator = walker.creator_of(element.tag);
                    let mut entry = entry_of(&element, place.of(element.tag, creator), 0);
                    entry.shape = Shape::Fragments(0, 0);
                    self.fragments = Some((entry, self.hasher()));
                }
                Event::Fragment(fragment) => self.fragment(&mut walker, &fragment)?,
                Event::FragmentsEnd(_) => {
                    if let Some((mut entry, hasher)) = self.fragments.take() {
                        entry.raw = short(&hasher);
                        entry.says = entry.raw;
                        self.entries.push(entry.to_line())?;
                    }
                }
                Event::Padding { .. } => {}
            }
        }
        Ok(())
    }

    fn fragment<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        fragment: &Element,
    ) -> Result<(), ReadError> {
        let Some((entry, hasher)) = &mut self.fragments else {
            return Ok(());
        };
        let length = u64::from(fragment.length.unwrap_or(0));
        if let Shape::Fragments(n, bytes) = entry.shape {
            entry.shape = Shape::Fragments(n.saturating_add(1), bytes.saturating_add(length));
        }
        hasher.update(&length.to_be_bytes());
        pieces(walker, fragment, |piece| {
            hasher.update(piece);
        })
    }

    fn element<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        place: &Place,
    ) -> Result<(), ReadError> {
        let short_creator = element.length.is_some_and(|n| n <= LONG_CREATOR);
        let place = if is_private_creator(element.tag) && short_creator {
            let text = part10::uid_text(walker.value(element)?);
            place.of(element.tag, Some(&text))
        } else {
            place.of(element.tag, walker.creator_of(element.tag))
        };
        let charset = self.charset(walker.charset());
        let mut entry = entry_of(element, place, charset);
        (entry.raw, entry.says) = self.digests(walker, element)?;
        Ok(self.entries.push(entry.to_line())?)
    }

    /// The number of a character set; those beyond the bound count as the default one.
    fn charset(&mut self, charset: &CharacterSet) -> u8 {
        let at = self.charsets.iter().position(|known| known == charset);
        let at = at.unwrap_or_else(|| {
            if self.charsets.len() >= MOST_CHARSETS {
                return 0;
            }
            self.charsets.push(*charset);
            self.charsets.len().saturating_sub(1)
        });
        u8::try_from(at).unwrap_or(0)
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(self.key)
    }

    /// Digests of the bytes and of what they say.
    fn digests<S: ReadAt + ?Sized>(
        &self,
        walker: &mut Walker<'_, S>,
        element: &Element,
    ) -> Result<([u8; 16], [u8; 16]), ReadError> {
        let (mut raw, mut says) = (self.hasher(), self.hasher());
        let length = u64::from(element.length.unwrap_or(0));
        if is_string(element.vr) && length <= LONG_TEXT {
            let charset = *walker.charset();
            let bytes = walker.value(element)?;
            raw.update(bytes);
            let text = charset.decode(element.vr, value::trim(element.vr, bytes));
            says.update(text.text.as_bytes());
            return Ok((short(&raw), short(&says)));
        }
        let swap = if element.encoding == Encoding::ExplicitBe {
            number_size(element.vr)
        } else {
            1
        };
        let mut last = None;
        pieces(walker, element, |piece| {
            raw.update(piece);
            if is_string(element.vr) {
                // padding is the last byte, and which one is the last is known behind it
                says.update(last.as_slice());
                let (end, all_but_it) = piece
                    .split_last()
                    .map_or((None, piece), |(end, rest)| (Some(*end), rest));
                says.update(all_but_it);
                last = end;
            } else if swap > 1 {
                let mut turned = piece.to_vec();
                turned.chunks_exact_mut(swap).for_each(<[u8]>::reverse);
                says.update(&turned);
            } else {
                says.update(piece);
            }
        })?;
        if !matches!(last, None | Some(b' ' | 0)) {
            says.update(last.as_slice());
        }
        Ok((short(&raw), short(&says)))
    }
}

fn entry_of(element: &Element, place: Vec<u8>, charset: u8) -> Entry {
    Entry {
        place,
        at: element.at,
        tag: element.tag,
        vr: element.vr,
        stated: element.encoding.is_explicit(),
        big: element.encoding == Encoding::ExplicitBe,
        shape: Shape::Value(u64::from(element.length.unwrap_or(0))),
        value_at: element.value_at,
        charset,
        raw: [0; 16],
        says: [0; 16],
    }
}

fn short(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}

/// The value, piece by piece.
fn pieces<S: ReadAt + ?Sized>(
    walker: &mut Walker<'_, S>,
    element: &Element,
    mut see: impl FnMut(&[u8]),
) -> Result<(), ReadError> {
    let mut at = element.value_at;
    let end = element.end().unwrap_or(at);
    while at < end {
        let n = end.saturating_sub(at).min(PIECE);
        see(walker.bytes(at, usize::try_from(n).unwrap_or(0))?);
        at = at.saturating_add(n);
    }
    Ok(())
}

/// Bytes of one number of this VR (PS3.5 section 7.3): what a byte order turns round.
#[must_use]
pub fn number_size(vr: Vr) -> usize {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all others are bytes or text"
    )]
    match vr {
        Vr::US | Vr::SS | Vr::OW | Vr::AT => 2,
        Vr::UL | Vr::SL | Vr::FL | Vr::OF | Vr::OL => 4,
        Vr::FD | Vr::OD | Vr::SV | Vr::UV | Vr::OV => 8,
        _ => 1,
    }
}
