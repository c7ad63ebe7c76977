//! Values and sequences of an instance, copied in the encoding of a directory: Explicit VR Little Endian, defined lengths.
//!
//! Owns the change of encoding only; no value is looked at but the one that tells which content items are copied.

use crate::action::sequence::{item, sequence};
use crate::dicom::element::{Element, Encoding, encode, is_string};
use crate::dicom::source::ReadAt;
use crate::dicom::value;
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{ReadError, Tag, Vr};
use crate::plan::tags::CONTENT_SEQUENCE;

/// Most bytes of one value that a record takes.
const MOST: usize = 16 * 1024;
/// Most bytes of a sequence's items: a presentation state refers to a few thousand images.
const MOST_ITEMS: usize = 512 * 1024;

const RELATIONSHIP_TYPE: Tag = Tag(0x0040, 0xA010);
/// Of a document's content only what modifies its title belongs in a record (PS3.3 sections F.5.25, F.5.26).
const MODIFIES_TITLE: &[u8] = b"HAS CONCEPT MOD";

/// A copied value, or the items of a copied sequence.
#[derive(Default, Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The bytes of the value without padding, or the encoded items.
    pub bytes: Vec<u8>,
    /// Encoded items.
    pub is_items: bool,
    /// There is text in it that needs its character set to be read.
    pub is_extended: bool,
}

/// True for text outside the default repertoire: other characters, or an escape to them (PS3.5 section 6.1).
fn is_extended(vr: Vr, bytes: &[u8]) -> bool {
    is_string(vr) && bytes.iter().any(|b| !b.is_ascii() || *b == 0x1B)
}

/// The value of a data element; `None` where it is longer than a record takes.
///
/// # Errors
/// Storage errors.
pub fn value<S: ReadAt + ?Sized>(
    walker: &mut Walker<'_, S>,
    element: &Element,
    vr: Vr,
) -> Result<Option<Copied>, ReadError> {
    if !fits(element) {
        return Ok(None);
    }
    let bytes = little_endian(element.encoding, vr, walker.value(element)?);
    Ok(Some(Copied {
        is_extended: is_extended(vr, &bytes),
        bytes: value::trim(vr, &bytes).to_vec(),
        is_items: false,
    }))
}

fn fits(element: &Element) -> bool {
    element
        .length
        .is_some_and(|n| usize::try_from(n).is_ok_and(|n| n <= MOST))
}

/// The items of the sequence that the walk has just entered, up to its end; `None` where they are more than a record takes.
///
/// # Errors
/// Those of the walk.
pub fn items<S: ReadAt + ?Sized>(
    walker: &mut Walker<'_, S>,
    entered: Tag,
) -> Result<Option<Copied>, ReadError> {
    // sequences and items in turn, the sequence that was entered first
    let mut open: Vec<(Tag, Vec<u8>)> = vec![(entered, Vec::new())];
    let mut copied = Copied {
        bytes: Vec::new(),
        is_items: true,
        is_extended: false,
    };
    let mut room = Some(MOST_ITEMS);
    let mut room_before = room;
    let mut is_wanted = true;
    while let Some(event) = walker.next_event()? {
        match event {
            Event::ItemStart(_) => {
                if open.len() == 1 {
                    is_wanted = true;
                    room_before = room;
                }
                room = room.and_then(|n| n.checked_sub(8));
                open.push((entered, Vec::new()));
            }
            Event::ItemEnd(_) => {
                let content = open.pop().unwrap_or((entered, Vec::new())).1;
                if is_wanted {
                    append(&mut open, &item(Encoding::ExplicitLe, &content));
                } else if open.len() == 1 {
                    room = room_before;
                }
            }
            Event::SequenceStart(element) => {
                room = room.and_then(|n| n.checked_sub(12));
                open.push((element.tag, Vec::new()));
            }
            Event::SequenceEnd(_) => {
                let Some((tag, items)) = open.pop() else {
                    break;
                };
                if open.is_empty() {
                    copied.bytes = items;
                    return Ok(room.map(|_| copied));
                }
                append(&mut open, &sequence(Encoding::ExplicitLe, tag, &items));
            }
            Event::Element(element) if is_wanted && room.is_some() && fits(&element) => {
                let bytes = little_endian(element.encoding, element.vr, walker.value(&element)?);
                if element.tag == RELATIONSHIP_TYPE
                    && open.len() == 2
                    && entered == CONTENT_SEQUENCE
                {
                    is_wanted = value::trim(element.vr, &bytes) == MODIFIES_TITLE;
                }
                copied.is_extended |= is_wanted && is_extended(element.vr, &bytes);
                let encoded = encode(Encoding::ExplicitLe, element.tag, element.vr, &bytes);
                let encoded = encoded.unwrap_or_default();
                room = room.and_then(|n| n.checked_sub(encoded.len()));
                append(&mut open, &encoded);
            }
            Event::Element(_) if !is_wanted => {}
            // too much, or bulk data: nothing of the sequence is copied
            Event::Element(_)
            | Event::FragmentsStart(_)
            | Event::Fragment(_)
            | Event::FragmentsEnd(_)
            | Event::Padding { .. } => room = None,
        }
    }
    Ok(None)
}

fn append(open: &mut [(Tag, Vec<u8>)], bytes: &[u8]) {
    if let Some((_, content)) = open.last_mut() {
        content.extend_from_slice(bytes);
    }
}

/// A value's bytes in little endian.
fn little_endian(encoding: Encoding, vr: Vr, value: &[u8]) -> Vec<u8> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all others are strings or single bytes"
    )]
    let unit = match vr {
        Vr::AT | Vr::OW | Vr::SS | Vr::US => 2,
        Vr::FL | Vr::OF | Vr::OL | Vr::SL | Vr::UL => 4,
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => 8,
        _ => 1,
    };
    match encoding {
        Encoding::ExplicitLe | Encoding::ImplicitLe => value.to_vec(),
        Encoding::ExplicitBe => value
            .chunks(unit)
            .flat_map(|number| number.iter().rev().copied())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::sequence::{New, element};
    use crate::dicom::Limits;
    use crate::dicom::source::BytesSource;

    const ROWS: Tag = Tag(0x0028, 0x0010);
    const TEXT: Tag = Tag(0x0008, 0x0104);
    const REFERENCED: Tag = Tag(0x0008, 0x1199);

    fn copied(encoding: Encoding, bytes: &[u8]) -> Option<Copied> {
        let source = BytesSource(bytes);
        let mut walker = Walker::new(&source, encoding, 0, Limits::default());
        let Some(Event::SequenceStart(start)) = walker.next_event().unwrap() else {
            panic!("no sequence");
        };
        let copied = items(&mut walker, start.tag).unwrap();
        assert!(walker.path().is_empty());
        assert_eq!(walker.next_event().unwrap(), None);
        copied
    }

    fn content(encoding: Encoding) -> Vec<u8> {
        let number = encoding.bytes16(258);
        let mut content = element(encoding, &New(TEXT, Vr::LO, "J\u{e9}".as_bytes()));
        content.extend(sequence(
            encoding,
            REFERENCED,
            &item(encoding, &element(encoding, &New(ROWS, Vr::US, &number))),
        ));
        item(encoding, &content)
    }

    #[test]
    fn sequences_of_every_encoding_are_copied_alike() {
        let expected = Copied {
            bytes: content(Encoding::ExplicitLe),
            is_items: true,
            is_extended: true,
        };
        for encoding in [
            Encoding::ExplicitLe,
            Encoding::ImplicitLe,
            Encoding::ExplicitBe,
        ] {
            let defined = sequence(encoding, REFERENCED, &content(encoding));
            assert_eq!(copied(encoding, &defined), Some(expected.clone()));
        }
        let mut undefined =
            b"\x08\0\x99\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF".to_vec();
        undefined.extend(&content(Encoding::ExplicitLe)[8..]);
        undefined.extend(b"\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0");
        assert_eq!(copied(Encoding::ExplicitLe, &undefined), Some(expected));
    }

    #[test]
    fn too_much_is_not_copied_in_part() {
        let one = content(Encoding::ExplicitLe);
        let many = one.repeat(MOST_ITEMS / one.len() + 20);
        let all = sequence(Encoding::ExplicitLe, REFERENCED, &many);
        assert_eq!(copied(Encoding::ExplicitLe, &all), None);
    }

    #[test]
    fn of_content_only_what_modifies_the_title_is_copied() {
        let le = Encoding::ExplicitLe;
        let with = |relationship: &[u8], text: &[u8]| {
            let mut content = element(le, &New(RELATIONSHIP_TYPE, Vr::CS, relationship));
            content.extend(element(le, &New(TEXT, Vr::LO, text)));
            item(le, &content)
        };
        let (title, other) = (
            with(b"HAS CONCEPT MOD", b"A"),
            with(b"CONTAINS", &[b'x'; 9000]),
        );
        let items = [&title[..], &other.repeat(100), &title, &other].concat();
        let all = copied(le, &sequence(le, CONTENT_SEQUENCE, &items)).unwrap();
        assert_eq!(all.bytes, [&title[..], &title].concat());
        assert!(!all.is_extended);
    }
}
