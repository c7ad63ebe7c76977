//! The second reader: dicom-object and its parser, behind a guard.
//!
//! The guard is this program's own bounded walk. It judges nothing: it refuses what would make the second reader ask for memory
//! that a length promises, and takes long values out of what that reader is fed (their places are kept). What the second reader
//! cannot read though it is legal (a sequence in UN, PS3.5 section 6.2.2) is read by the walk, and counted.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_core::header::DataElementHeader;
use dicom_object::FileMetaTable;
use dicom_parser::dataset::DataToken;
use dicom_parser::dataset::read::{DataSetReader, DataSetReaderOptions, ValueReadStrategy};
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;
use dicom_transfer_syntax_registry::{TransferSyntax, TransferSyntaxIndex, TransferSyntaxRegistry};

use super::guard::{Cut, Feed, Fingerprint, Survey, is_long, length};
use super::tree::{Attribute, Item, Value, visit};
use crate::dicom::element::Encoding;
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::{BytesSource, ReadAt};
use crate::dicom::walk::{self, Event, Walker};
use crate::dicom::{Limits, ReadError, Tag, Vr};

/// Bytes of all other values of one file.
const MOST: u64 = 64 << 20;
/// Bytes in front of the data set.
const HEAD: u64 = 1 << 20;
/// Bytes of a preamble.
const PREAMBLE: usize = 128;
/// Pixel Data in its three forms.
pub const PIXEL_DATA: [Tag; 3] = [
    Tag(0x7FE0, 0x0008),
    Tag(0x7FE0, 0x0009),
    Tag(0x7FE0, 0x0010),
];

/// Why there is nothing to judge.
#[derive(Debug)]
pub enum Unread {
    /// It is damaged, or no DICOM.
    Refused,
    /// Its header is larger than what is read.
    TooLarge,
    /// The storage failed.
    Io(io::Error),
}

impl From<ReadError> for Unread {
    fn from(e: ReadError) -> Self {
        match e {
            ReadError::Io(e) if e.kind() != io::ErrorKind::UnexpectedEof => Self::Io(e),
            ReadError::Io(_)
            | ReadError::NotDicom
            | ReadError::Damaged { .. }
            | ReadError::TransferSyntax
            | ReadError::Bound { .. } => Self::Refused,
        }
    }
}

impl From<io::Error> for Unread {
    fn from(e: io::Error) -> Self {
        ReadError::Io(e).into()
    }
}

/// One file as it was read.
#[derive(Debug)]
pub struct Reading {
    /// Not one bit is set in the preamble, and there is one.
    pub preamble_is_blank: bool,
    /// Data elements of group 0002.
    pub meta: Item,
    /// Media Storage SOP Class UID and SOP Instance UID; empty where they are not there.
    pub stated: (String, String),
    /// Transfer syntax.
    pub transfer_syntax: String,
    /// How numbers are written.
    pub encoding: Encoding,
    /// The data set.
    pub root: Item,
    /// The second reader could not read it.
    pub by_our_reader: bool,
    /// The two readers do not see the same.
    pub differs: bool,
}

/// Reads a file, and gives what was read to `work` together with the bytes that long values lie in.
///
/// # Errors
/// [`Unread`].
pub fn read<T>(
    source: &dyn ReadAt,
    limits: &Limits,
    work: impl FnOnce(&Reading, &dyn ReadAt) -> T,
) -> Result<T, Unread> {
    let part10 = part10::open(&source, limits)?;
    let head = head(source, &part10)?;
    if part10.deflated {
        let inflated = InflatedSource::new(&source, part10.data_set_at, limits)?;
        let reading = data_set(&inflated, 0, &part10, head, limits)?;
        Ok(work(&reading, &inflated))
    } else {
        let reading = data_set(source, part10.data_set_at, &part10, head, limits)?;
        Ok(work(&reading, source))
    }
}

/// What stands in front of the data set.
struct Head {
    preamble_is_blank: bool,
    meta: Item,
    stated: (String, String),
}

fn head(source: &dyn ReadAt, part10: &Part10) -> Result<Head, Unread> {
    if part10.data_set_at > HEAD {
        return Err(Unread::TooLarge);
    }
    let mut bytes = vec![0u8; usize::try_from(part10.data_set_at).unwrap_or(0)];
    source.read_exact_at(&mut bytes, 0)?;
    let (preamble, rest) = bytes.split_at_checked(PREAMBLE).unwrap_or((&[], &bytes));
    let mut head = Head {
        preamble_is_blank: preamble.len() == PREAMBLE && preamble.iter().all(|b| *b == 0),
        meta: Item::new(),
        stated: (String::new(), String::new()),
    };
    let Some(group) = rest.strip_prefix(b"DICM") else {
        return Ok(head);
    };
    let syntax = EXPLICIT_VR_LITTLE_ENDIAN.erased();
    // what the walk refuses has lengths that lie
    let limits = Limits::default();
    let source = BytesSource(group);
    let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, limits);
    while walker.next_event()?.is_some() {}
    head.meta = by_second(group, &syntax, &[]).ok_or(Unread::Refused)?;
    if let Ok(table) = FileMetaTable::from_reader(rest) {
        let plain = |uid: &str| uid.trim_end_matches([' ', '\0']).to_owned();
        head.stated = (
            plain(table.media_storage_sop_class_uid()),
            plain(table.media_storage_sop_instance_uid()),
        );
    } else {
        // it asks for both UIDs, and an output without an instance has none
        head.stated = (
            super::tree::plain(&head.meta, Tag(0x0002, 0x0002)),
            super::tree::plain(&head.meta, Tag(0x0002, 0x0003)),
        );
    }
    Ok(head)
}

fn data_set(
    source: &dyn ReadAt,
    from: u64,
    part10: &Part10,
    head: Head,
    limits: &Limits,
) -> Result<Reading, Unread> {
    let survey = Survey::of(source, from, part10.encoding, limits)?;
    if survey.fed > MOST {
        return Err(Unread::TooLarge);
    }
    let syntax = match part10.encoding {
        Encoding::ExplicitLe => Some(EXPLICIT_VR_LITTLE_ENDIAN.erased()),
        Encoding::ImplicitLe | Encoding::ExplicitBe => None,
    };
    // a data set that is not written as its compressed syntax says would give it lengths out of nothing
    let uid = part10.transfer_syntax.as_str();
    let is_so = [part10::IMPLICIT_LE, part10::EXPLICIT_BE].contains(&uid);
    let registered = TransferSyntaxRegistry.get(uid).filter(|_| is_so);
    let second = match (survey.has_hidden, syntax.as_ref().or(registered)) {
        (false, Some(syntax)) => {
            let feed = Feed::new(source, from, &survey);
            // a reader of another hand that stops with a panic costs its own reading only
            let read = AssertUnwindSafe(|| by_second(feed, syntax, &survey.cuts));
            catch_unwind(read).unwrap_or(None)
        }
        (true, _) | (false, None) => None,
    };
    let by_our_reader = second.is_none();
    let root = match second {
        Some(root) => root,
        None => by_walk(source, from, part10.encoding, limits)?,
    };
    let mut seen = Fingerprint::default();
    visit(&root, &mut |met| {
        seen.add(met.attribute.tag);
        true
    });
    Ok(Reading {
        preamble_is_blank: head.preamble_is_blank,
        meta: head.meta,
        stated: head.stated,
        transfer_syntax: part10.transfer_syntax.clone(),
        encoding: part10.encoding,
        differs: seen != survey.seen,
        root,
        by_our_reader,
    })
}

/// What is open while a data set is put together.
enum Open {
    Item(Item),
    Sequence(Tag, Vec<Item>),
    /// Fragments inside an item: icons. Their bytes stand behind each other.
    Pixels(Tag, Vec<u8>),
}

/// Data elements as a reader meets them, put together without recursion.
struct Builder<'c> {
    open: Vec<Open>,
    cuts: &'c [Cut],
}

impl<'c> Builder<'c> {
    fn new(cuts: &'c [Cut]) -> Self {
        Self {
            open: vec![Open::Item(Item::new())],
            cuts,
        }
    }

    fn attribute(&mut self, tag: Tag, vr: Vr, value: Value) -> Option<()> {
        let at_root = self.open.len() == 1;
        let value = match (at_root, self.cuts.split_first()) {
            (true, Some((cut, rest))) if cut.tag == tag && is_blank(&value) => {
                self.cuts = rest;
                cut.value()
            }
            _ => value,
        };
        match self.open.last_mut()? {
            Open::Item(item) => item.push(Attribute { tag, vr, value }),
            Open::Sequence(..) | Open::Pixels(..) => return None,
        }
        Some(())
    }

    fn item_ends(&mut self) -> Option<()> {
        let Open::Item(item) = self.open.pop()? else {
            return None;
        };
        match self.open.last_mut()? {
            Open::Sequence(_, items) => items.push(item),
            Open::Item(_) | Open::Pixels(..) => return None,
        }
        Some(())
    }

    fn sequence_ends(&mut self) -> Option<()> {
        match self.open.pop()? {
            Open::Sequence(tag, items) => self.attribute(tag, Vr::SQ, Value::Items(items)),
            Open::Pixels(tag, bytes) => self.attribute(tag, Vr::OB, Value::Bytes(bytes)),
            Open::Item(_) => None,
        }
    }

    /// Takes a token of the second reader; `None` where it does not fit.
    fn token(&mut self, token: DataToken, header: &mut Option<DataElementHeader>) -> Option<()> {
        match token {
            DataToken::ElementHeader(next) => *header = Some(next),
            DataToken::PrimitiveValue(value) => {
                let header = header.take()?;
                let bytes = value.to_bytes().into_owned();
                self.attribute(header.tag, header.vr, Value::Bytes(bytes))?;
            }
            DataToken::SequenceStart { tag, .. } => self.open.push(Open::Sequence(tag, Vec::new())),
            DataToken::PixelSequenceStart => {
                self.open.push(Open::Pixels(walk::PIXEL_DATA, Vec::new()));
            }
            DataToken::ItemStart { .. } if !self.is_in_pixels() => {
                self.open.push(Open::Item(Item::new()));
            }
            DataToken::ItemEnd if !self.is_in_pixels() => self.item_ends()?,
            DataToken::ItemStart { .. } | DataToken::ItemEnd => {}
            DataToken::SequenceEnd => self.sequence_ends()?,
            DataToken::ItemValue(value) => {
                if let Open::Pixels(_, bytes) = self.open.last_mut()? {
                    bytes.extend(value);
                }
            }
            DataToken::OffsetTable(table) => {
                if let Open::Pixels(_, bytes) = self.open.last_mut()? {
                    bytes.extend(table.iter().flat_map(|offset| offset.to_le_bytes()));
                }
            }
        }
        Some(())
    }

    fn is_in_pixels(&self) -> bool {
        matches!(self.open.last(), Some(Open::Pixels(..)))
    }

    fn finish(mut self) -> Option<Item> {
        match (self.open.pop()?, self.open.is_empty()) {
            (Open::Item(root), true) if self.cuts.is_empty() => Some(root),
            _ => None,
        }
    }
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Bytes(bytes) if bytes.is_empty())
}

/// Reads a data set by the parser of dicom-object; `None` where it cannot. Its errors are not passed on: they may hold values.
fn by_second(feed: impl Read, syntax: &TransferSyntax, cuts: &[Cut]) -> Option<Item> {
    let mut options = DataSetReaderOptions::default();
    options.value_read = ValueReadStrategy::Raw;
    let feed = io::BufReader::with_capacity(32 * 1024, feed);
    let Ok(tokens) = DataSetReader::new_with_ts_options(feed, syntax, options) else {
        return None;
    };
    let mut builder = Builder::new(cuts);
    let mut header = None;
    for token in tokens {
        let Ok(token) = token else { return None };
        builder.token(token, &mut header)?;
    }
    builder.finish()
}

/// Reads a DICOMDIR record by record; `each` gets the first byte of each with its data elements. What stands beside the
/// records is returned.
///
/// # Errors
/// [`Unread`].
pub fn records(
    source: &dyn ReadAt,
    limits: &Limits,
    each: &mut dyn FnMut(u64, &Item),
) -> Result<Item, Unread> {
    let part10 = part10::open(&source, limits)?;
    if part10.deflated || part10.encoding != Encoding::ExplicitLe {
        return Err(Unread::Refused);
    }
    let from = part10.data_set_at;
    let survey = Survey::of(source, from, part10.encoding, limits)?;
    if !survey.cuts.is_empty() || survey.has_hidden {
        return Err(Unread::Refused);
    }
    // the first byte of each record is told by the walk, which goes beside
    let mut walker = Walker::new(source, part10.encoding, from, *limits);
    let mut next_record = || -> Result<u64, Unread> {
        loop {
            let event = walker.next_event()?.ok_or(Unread::Refused)?;
            if let (Event::ItemStart(item), [_]) = (event, walker.path()) {
                return Ok(item.at);
            }
        }
    };
    let mut options = DataSetReaderOptions::default();
    options.value_read = ValueReadStrategy::Raw;
    let feed = io::BufReader::with_capacity(32 * 1024, Feed::new(source, from, &survey));
    let syntax = EXPLICIT_VR_LITTLE_ENDIAN.erased();
    let Ok(tokens) = DataSetReader::new_with_ts_options(feed, &syntax, options) else {
        return Err(Unread::Refused);
    };
    let mut builder = Builder::new(&[]);
    let mut header = None;
    for token in tokens {
        let Ok(token) = token else {
            return Err(Unread::Refused);
        };
        builder.token(token, &mut header).ok_or(Unread::Refused)?;
        if let [_, Open::Sequence(_, items)] = builder.open.as_mut_slice()
            && let Some(record) = items.pop()
        {
            each(next_record()?, &record);
        }
    }
    builder.finish().ok_or(Unread::Refused)
}

/// Reads a data set by the walk, for what the second reader cannot read.
fn by_walk(
    source: &dyn ReadAt,
    from: u64,
    encoding: Encoding,
    limits: &Limits,
) -> Result<Item, Unread> {
    let mut builder = Builder::new(&[]);
    let mut walker = Walker::new(source, encoding, from, *limits);
    let mut fragments: Option<(Tag, Vec<(u64, u64)>)> = None;
    while let Some(event) = walker.next_event()? {
        let at_root = walker.path().is_empty();
        let done = match event {
            Event::Element(element) => {
                let value = if at_root && is_long(&element) {
                    let end = element.value_at.saturating_add(length(&element));
                    Value::Long(element.value_at, end)
                } else {
                    Value::Bytes(walker.value(&element)?.to_vec())
                };
                builder.attribute(element.tag, element.vr, value)
            }
            Event::SequenceStart(element) => {
                builder.open.push(Open::Sequence(element.tag, Vec::new()));
                Some(())
            }
            Event::ItemStart(_) => {
                builder.open.push(Open::Item(Item::new()));
                Some(())
            }
            Event::ItemEnd(_) => builder.item_ends(),
            Event::SequenceEnd(_) => builder.sequence_ends(),
            Event::FragmentsStart(element) if at_root => {
                fragments = Some((element.tag, Vec::new()));
                Some(())
            }
            Event::FragmentsStart(element) => {
                builder.open.push(Open::Pixels(element.tag, Vec::new()));
                Some(())
            }
            Event::Fragment(element) => {
                let end = element.value_at.saturating_add(length(&element));
                if let Some((_, fragments)) = &mut fragments {
                    fragments.push((element.value_at, end));
                } else if let Some(Open::Pixels(_, bytes)) = builder.open.last_mut() {
                    bytes.extend_from_slice(walker.value(&element)?);
                }
                Some(())
            }
            Event::FragmentsEnd(_) => match fragments.take() {
                Some((tag, fragments)) => {
                    builder.attribute(tag, Vr::OB, Value::Fragments(fragments))
                }
                None => builder.sequence_ends(),
            },
            Event::Padding { .. } => Some(()),
        };
        done.ok_or(Unread::Refused)?;
    }
    builder.finish().ok_or(Unread::Refused)
}
