//! The walk: one data set as a stream of events, in file order, at every depth, also behind Pixel Data.
//!
//! Owns: where each data element, item and fragment begins and ends (PS3.5 sections 7.5, 7.8, A.4), which character set
//! and which private creators are in force there. Iterative: nesting lives on an explicit stack that is bounded.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

mod creators;
mod event;

use creators::Creators;

use super::charset::CharacterSet;
use super::element::{
    Header, HeaderBytes, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, header_bytes, item_header,
};
use super::source::{ReadAt, Window};
use super::{Bound, Damage, Limits, PathStep, ReadError, Tag, Vr};

pub use super::element::{Element, Encoding};
pub use creators::{is_private, is_private_creator};
pub use event::{End, Event};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    DataSet,
    Sequence,
    Item,
    Fragments,
}

struct Frame {
    kind: Kind,
    /// No byte of the container lies at or behind this.
    end: u64,
    /// The length was defined, so the container ends exactly at `end`.
    defined: bool,
    encoding: Encoding,
    /// Tag of the sequence (for the path of damage and for items).
    tag: Tag,
    next_item: u32,
    creators_from: usize,
    charset: CharacterSet,
}

/// Walks one data set.
pub struct Walker<'s, S: ReadAt + ?Sized> {
    source: &'s S,
    window: Window<'s, S>,
    limits: Limits,
    frames: Vec<Frame>,
    path: Vec<PathStep>,
    creators: Creators,
    pos: u64,
    met: u64,
    current: Option<Tag>,
    /// A probe looks whether bytes parse; it does not probe in turn.
    probing: bool,
}

impl<'s, S: ReadAt + ?Sized> Walker<'s, S> {
    /// Walks the data set that fills the source from byte `from` to its end.
    pub fn new(source: &'s S, encoding: Encoding, from: u64, limits: Limits) -> Self {
        let end = source.len();
        Self::over(source, Kind::DataSet, encoding, from, end, limits)
    }

    fn over(
        source: &'s S,
        kind: Kind,
        encoding: Encoding,
        from: u64,
        end: u64,
        limits: Limits,
    ) -> Self {
        let root = Frame {
            kind,
            end,
            defined: true,
            encoding,
            tag: ITEM,
            next_item: 0,
            creators_from: 0,
            charset: CharacterSet::default(),
        };
        Self {
            source,
            window: Window::new(source),
            limits,
            frames: vec![root],
            path: Vec::new(),
            creators: Creators::default(),
            pos: from,
            met: 0,
            current: None,
            probing: false,
        }
    }

    /// The enclosing sequences with the items that were entered, root first.
    #[must_use]
    pub fn path(&self) -> &[PathStep] {
        &self.path
    }

    /// The character set in force where the walk stands: the item's own, else the nearest enclosing one.
    #[must_use]
    pub fn charset(&self) -> &CharacterSet {
        static DEFAULT: std::sync::OnceLock<CharacterSet> = std::sync::OnceLock::new();
        self.frames.last().map_or_else(
            || DEFAULT.get_or_init(CharacterSet::default),
            |frame| &frame.charset,
        )
    }

    /// Text of the private creator that reserved the block of this private element in the same data set or item (PS3.5 7.8.1).
    ///
    /// A sequence or encapsulated data that has just begun is open already: its creator stands around it.
    #[must_use]
    pub fn creator_of(&self, tag: Tag) -> Option<&str> {
        let around = |frame: &&Frame| matches!(frame.kind, Kind::DataSet | Kind::Item);
        let innermost = self.frames.iter().rfind(around);
        self.creators
            .of(tag, innermost.map_or(0, |frame| frame.creators_from))
    }

    /// How the data elements are encoded where the walk stands.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.frames
            .last()
            .map_or(Encoding::ExplicitLe, |frame| frame.encoding)
    }

    /// The value of a data element, whole.
    ///
    /// # Errors
    /// [`Bound::Value`] when it is longer than the limit; storage errors.
    pub fn value(&mut self, element: &Element) -> Result<&[u8], ReadError> {
        let length = element.length.unwrap_or(0);
        match usize::try_from(length) {
            Ok(n) if n <= self.limits.value => Ok(self.window.bytes(element.value_at, n)?),
            Ok(_) | Err(_) => Err(ReadError::Bound {
                at: element.at,
                bound: Bound::Value,
            }),
        }
    }

    /// At most `n` bytes of a source's range, for callers that look into long values piece by piece.
    ///
    /// # Errors
    /// Storage errors, and an end before `n` bytes.
    pub fn bytes(&mut self, at: u64, n: usize) -> Result<&[u8], ReadError> {
        Ok(self.window.bytes(at, n)?)
    }

    fn damaged(&self, at: u64, damage: Damage) -> ReadError {
        let path = self.current.map(|tag| super::ElementPath {
            steps: self.path.clone().into_boxed_slice(),
            tag,
        });
        ReadError::Damaged { at, path, damage }
    }

    /// The next event; `None` behind the last byte.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where the bytes are no data set, [`ReadError::Bound`], storage errors.
    pub fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        match self.plain_element() {
            Some(element) => Ok(Some(Event::Element(element))),
            None => self.any_event(),
        }
    }

    /// The next data element, where it is as nearly all are: in explicit VR, little endian, in memory, with a value that is no
    /// sequence and says nothing of what comes behind it. `None`, and nothing done, for all others and for what is damaged.
    #[inline]
    fn plain_element(&mut self) -> Option<Element> {
        let frame = self.frames.last()?;
        let header = self.window.in_memory::<12>(self.pos)?;
        let element = Element::plain(header, self.pos)?;
        let end = element.end()?;
        if frame.encoding != Encoding::ExplicitLe
            || !matches!(frame.kind, Kind::DataSet | Kind::Item)
            || end > frame.end
            || is_scope(element.tag)
            || self.met >= self.limits.elements
        {
            return None;
        }
        self.met = self.met.saturating_add(1);
        self.current = Some(element.tag);
        self.pos = end;
        Some(element)
    }

    #[inline(never)]
    fn any_event(&mut self) -> Result<Option<Event>, ReadError> {
        let Some(frame) = self.frames.last() else {
            return Ok(None);
        };
        let (kind, end, defined, encoding) = (frame.kind, frame.end, frame.defined, frame.encoding);
        if self.pos == end {
            if !defined {
                return Err(self.damaged(self.pos, Damage::NoDelimiter));
            }
            return Ok(self.close(End {
                at: end,
                end,
                delimiter_used: false,
            }));
        }
        self.met = self.met.saturating_add(1);
        if self.met > self.limits.elements {
            return Err(ReadError::Bound {
                at: self.pos,
                bound: Bound::Elements,
            });
        }
        match kind {
            Kind::DataSet | Kind::Item => self.data_element(kind, end, defined, encoding),
            Kind::Sequence => self.item(end, defined, encoding).map(Some),
            Kind::Fragments => self.fragment(end, defined, encoding).map(Some),
        }
    }

    fn close(&mut self, end: End) -> Option<Event> {
        let frame = self.frames.pop()?;
        self.pos = end.end;
        self.current = None;
        match frame.kind {
            Kind::DataSet => None,
            Kind::Sequence if self.frames.is_empty() => None,
            Kind::Sequence => Some(Event::SequenceEnd(end)),
            Kind::Fragments => Some(Event::FragmentsEnd(end)),
            Kind::Item => {
                self.creators.truncate(frame.creators_from);
                self.path.pop();
                Some(Event::ItemEnd(end))
            }
        }
    }

    fn header<const N: usize>(&mut self, at: u64, end: u64) -> Result<[u8; N], ReadError> {
        let n = u64::try_from(N).unwrap_or(u64::MAX);
        if end.saturating_sub(at) < n {
            return Err(self.damaged(at, Damage::HeaderCut));
        }
        match self.window.bytes(at, N)?.first_chunk::<N>() {
            Some(bytes) => Ok(*bytes),
            None => Err(self.damaged(at, Damage::HeaderCut)),
        }
    }

    /// The first eight bytes of a data element, and the four of a long length behind them, where they lie in front of the end.
    fn data_element_header(&mut self, at: u64, end: u64) -> Result<HeaderBytes, ReadError> {
        let left = usize::try_from(end.saturating_sub(at))
            .unwrap_or(usize::MAX)
            .min(12);
        Ok(header_bytes(self.window.bytes(at, left)?))
    }

    fn delimiter_end(at: u64, length: [u8; 4]) -> End {
        End {
            at,
            end: at.saturating_add(8),
            delimiter_used: length != [0; 4],
        }
    }

    fn data_element(
        &mut self,
        kind: Kind,
        end: u64,
        defined: bool,
        encoding: Encoding,
    ) -> Result<Option<Event>, ReadError> {
        let at = self.pos;
        let (short, long) = self.data_element_header(at, end)?;
        if kind == Kind::DataSet
            && short.is_none_or(|head| head == [0; 8])
            && self.is_padding(at, end)?
        {
            self.pos = end;
            return Ok(Some(Event::Padding { at, end }));
        }
        let Some([a, b, c, d, e, f, g, h]) = short else {
            return Err(self.damaged(at, Damage::HeaderCut));
        };
        let tag = encoding.tag([a, b, c, d]);
        if tag.group() == ITEM.group() {
            if tag == ITEM_DELIMITER && kind == Kind::Item && !defined {
                let close = Self::delimiter_end(at, [e, f, g, h]);
                return Ok(self.close(close));
            }
            if matches!(tag, ITEM | ITEM_DELIMITER | SEQUENCE_DELIMITER) {
                return Err(self.damaged(at, Damage::StrayDelimiter));
            }
        }
        self.current = Some(tag);
        let header = match Header::read(encoding, tag, [e, f, g, h], long) {
            Ok(header) => header,
            Err(damage) => return Err(self.damaged(at, damage)),
        };
        let element = || header.element(encoding, tag, at);
        let Some(value_end) = header.value_end(at) else {
            return self.undefined(element(), end).map(Some);
        };
        if value_end > end {
            return Err(self.damaged(at, Damage::LengthBeyondEnd));
        }
        let element = element();
        if matches!(header.vr, Vr::SQ | Vr::UN)
            && let Some(inside) = self.sequence_inside(&element, value_end)?
        {
            self.push_sequence(&element, value_end, true, inside)?;
            return Ok(Some(Event::SequenceStart(element)));
        }
        if is_scope(tag) {
            self.note(&element)?;
        }
        self.pos = value_end;
        Ok(Some(Event::Element(element)))
    }

    /// Undefined length: a sequence, a UN that is one (CP-246), or encapsulated data.
    fn undefined(&mut self, element: Element, end: u64) -> Result<Event, ReadError> {
        let pixel_data = element.tag == PIXEL_DATA;
        match element.vr {
            Vr::OB | Vr::OW => self.fragments(element, end),
            Vr::UN if pixel_data => self.fragments(element, end),
            Vr::SQ => {
                self.push_sequence(&element, end, false, element.encoding)?;
                Ok(Event::SequenceStart(element))
            }
            Vr::UN => {
                let inside = if element.encoding.is_explicit() {
                    self.encoding_inside_un(element.value_at, end, false)?
                } else {
                    Some(element.encoding)
                };
                self.push_sequence(&element, end, false, inside.unwrap_or(Encoding::ImplicitLe))?;
                Ok(Event::SequenceStart(element))
            }
            _ if !element.encoding.is_explicit() => {
                self.push_sequence(&element, end, false, element.encoding)?;
                Ok(Event::SequenceStart(element))
            }
            _ => Err(self.damaged(element.at, Damage::UndefinedLength)),
        }
    }

    fn fragments(&mut self, element: Element, end: u64) -> Result<Event, ReadError> {
        if !element.encoding.is_explicit() && element.tag != PIXEL_DATA {
            return Err(self.damaged(element.at, Damage::UndefinedLength));
        }
        self.push(Kind::Fragments, &element, end, false, element.encoding);
        Ok(Event::FragmentsStart(element))
    }

    /// The encoding inside, where the value of a defined length is a sequence.
    fn sequence_inside(
        &mut self,
        element: &Element,
        end: u64,
    ) -> Result<Option<Encoding>, ReadError> {
        match element.vr {
            Vr::SQ => Ok(Some(element.encoding)),
            Vr::UN if !self.probing => self.encoding_inside_un(element.value_at, end, true),
            _ => Ok(None),
        }
    }

    /// Looks whether the bytes parse completely as items: implicit little endian first (CP-246), then as around it.
    fn encoding_inside_un(
        &mut self,
        at: u64,
        end: u64,
        defined: bool,
    ) -> Result<Option<Encoding>, ReadError> {
        const ITEM_LE: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
        if self.probing || end.saturating_sub(at) < 8 || self.window.bytes(at, 4)? != ITEM_LE {
            return Ok(None);
        }
        for encoding in [Encoding::ImplicitLe, Encoding::ExplicitLe] {
            let mut probe =
                Walker::over(self.source, Kind::Sequence, encoding, at, end, self.limits);
            probe.probing = true;
            if let Some(root) = probe.frames.first_mut() {
                root.defined = defined;
            }
            if probe.parses()? {
                return Ok(Some(encoding));
            }
        }
        Ok(None)
    }

    fn parses(&mut self) -> Result<bool, ReadError> {
        loop {
            match self.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(true),
                Err(ReadError::Io(e)) if e.kind() != std::io::ErrorKind::UnexpectedEof => {
                    return Err(ReadError::Io(e));
                }
                Err(_) => return Ok(false),
            }
        }
    }

    fn item(&mut self, end: u64, defined: bool, encoding: Encoding) -> Result<Event, ReadError> {
        let at = self.pos;
        let [a, b, c, d, e, f, g, h] = self.header::<8>(at, end)?;
        let tag = encoding.tag([a, b, c, d]);
        if tag == SEQUENCE_DELIMITER && !defined {
            let close = Self::delimiter_end(at, [e, f, g, h]);
            return match self.close(close) {
                Some(event) => Ok(event),
                // the root of a probe: its end is the end of the walk
                None => Ok(Event::SequenceEnd(close)),
            };
        }
        if tag != ITEM {
            return Err(self.damaged(at, Damage::NotAnItem));
        }
        let mut element = item_header(encoding, at, [e, f, g, h]);
        if defined && element.end().is_some_and(|item_end| item_end > end) && element.value_at < end
        {
            // the sequence has its own length, so the item's data elements still have to end where it ends
            element.overruns = true;
            element.length =
                Some(u32::try_from(end.saturating_sub(element.value_at)).unwrap_or(u32::MAX));
        }
        let item_end = self.end_inside(&element, end)?;
        let (sequence, index) = self.frames.last_mut().map_or((ITEM, 0), |frame| {
            let index = frame.next_item;
            frame.next_item = index.saturating_add(1);
            (frame.tag, index)
        });
        self.path.push(PathStep {
            sequence,
            item: index,
        });
        self.push(
            Kind::Item,
            &Element {
                tag: sequence,
                ..element
            },
            item_end,
            element.length.is_some(),
            encoding,
        );
        Ok(Event::ItemStart(element))
    }

    fn fragment(
        &mut self,
        end: u64,
        defined: bool,
        encoding: Encoding,
    ) -> Result<Event, ReadError> {
        let at = self.pos;
        let [a, b, c, d, e, f, g, h] = self.header::<8>(at, end)?;
        let tag = encoding.tag([a, b, c, d]);
        if tag == SEQUENCE_DELIMITER && !defined {
            let close = Self::delimiter_end(at, [e, f, g, h]);
            self.close(close);
            return Ok(Event::FragmentsEnd(close));
        }
        if tag != ITEM {
            return Err(self.damaged(at, Damage::NotAnItem));
        }
        let element = item_header(encoding, at, [e, f, g, h]);
        if element.length.is_none() {
            return Err(self.damaged(at, Damage::UndefinedLength));
        }
        self.pos = self.end_inside(&element, end)?;
        Ok(Event::Fragment(element))
    }

    /// Behind the last byte of an item; the enclosing end where its length is undefined.
    fn end_inside(&mut self, element: &Element, end: u64) -> Result<u64, ReadError> {
        match element.end() {
            Some(item_end) if item_end > end => {
                Err(self.damaged(element.at, Damage::LengthBeyondEnd))
            }
            Some(item_end) => Ok(item_end),
            None => Ok(end),
        }
    }

    fn push_sequence(
        &mut self,
        element: &Element,
        end: u64,
        defined: bool,
        encoding: Encoding,
    ) -> Result<(), ReadError> {
        if self.path.len() >= self.limits.depth {
            return Err(ReadError::Bound {
                at: element.at,
                bound: Bound::Depth,
            });
        }
        self.push(Kind::Sequence, element, end, defined, encoding);
        Ok(())
    }

    fn push(&mut self, kind: Kind, element: &Element, end: u64, defined: bool, encoding: Encoding) {
        let charset = *self.charset();
        self.frames.push(Frame {
            kind,
            end,
            defined,
            encoding,
            tag: element.tag,
            next_item: 0,
            creators_from: self.creators.len(),
            charset,
        });
        self.pos = element.value_at;
    }

    /// Takes note of what scopes: character set and private creators.
    fn note(&mut self, element: &Element) -> Result<(), ReadError> {
        let short = element.length.is_some_and(|n| n <= 1024);
        if element.tag == SPECIFIC_CHARACTER_SET && short {
            let charset = CharacterSet::parse(self.value(element)?);
            if let Some(frame) = self.frames.last_mut() {
                frame.charset = charset;
            }
        } else if is_private_creator(element.tag) && short {
            let n = usize::try_from(element.length.unwrap_or(0)).unwrap_or(0);
            let text = self.window.bytes(element.value_at, n)?;
            self.creators.push(element.tag, text);
        }
        Ok(())
    }

    /// Behind the last data element only zero bytes are left: padding of a medium or of a careless writer.
    fn is_padding(&mut self, at: u64, end: u64) -> Result<bool, ReadError> {
        let first = usize::try_from(end.saturating_sub(at).min(8)).unwrap_or(8);
        if self.probing || self.window.bytes(at, first)?.iter().any(|&b| b != 0) {
            return Ok(false);
        }
        let mut from = at;
        while from < end {
            let n = usize::try_from(end.saturating_sub(from).min(16 * 1024)).unwrap_or(0);
            if self.window.bytes(from, n)?.iter().any(|&b| b != 0) {
                return Ok(false);
            }
            from = from.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        }
        Ok(true)
    }
}

/// Specific Character Set.
const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// What the walk keeps for the data elements behind it: the character set and private creators.
fn is_scope(tag: Tag) -> bool {
    tag == SPECIFIC_CHARACTER_SET || is_private_creator(tag)
}

/// Pixel Data.
pub const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);

#[cfg(test)]
mod tests;
