//! Sequences that have to be there without what they said, and the code items that a profile writes.
//!
//! Owns the bytes of small, new sequences of defined length in any encoding.

use crate::dicom::element::{Encoding, encode, encode_header};
use crate::dicom::{Tag, Vr};
use crate::standard::cid7050::Code;

/// One data element with its value, without padding.
pub struct New<'a>(pub Tag, pub Vr, pub &'a [u8]);

const CODE_VALUE: Tag = Tag(0x0008, 0x0100);
const CODING_SCHEME_DESIGNATOR: Tag = Tag(0x0008, 0x0102);
const CODE_MEANING: Tag = Tag(0x0008, 0x0104);
const CONCEPT_NAME_CODE_SEQUENCE: Tag = Tag(0x0040, 0xA043);
const CONTENT_SEQUENCE: Tag = Tag(0x0040, 0xA730);
const RELATIONSHIP_TYPE: Tag = Tag(0x0040, 0xA010);
const VALUE_TYPE: Tag = Tag(0x0040, 0xA040);
const TEXT_VALUE: Tag = Tag(0x0040, 0xA160);

/// A data element of even length.
#[must_use]
pub fn element(encoding: Encoding, new: &New<'_>) -> Vec<u8> {
    let padded = crate::dicom::value::pad(new.1, new.2.to_vec());
    encode(encoding, new.0, new.1, &padded).unwrap_or_default()
}

/// An item of defined length around encoded data elements.
#[must_use]
pub fn item(encoding: Encoding, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len().saturating_add(8));
    out.extend_from_slice(&encoding.bytes16(0xFFFE));
    out.extend_from_slice(&encoding.bytes16(0xE000));
    out.extend_from_slice(&encoding.bytes32(u32::try_from(content.len()).unwrap_or(0)));
    out.extend_from_slice(content);
    out
}

/// A sequence of defined length around encoded items.
#[must_use]
pub fn sequence(encoding: Encoding, tag: Tag, items: &[u8]) -> Vec<u8> {
    let mut out = encode_header(
        encoding,
        tag,
        Vr::SQ,
        u32::try_from(items.len()).unwrap_or(0),
    )
    .unwrap_or_default();
    out.extend_from_slice(items);
    out
}

/// An item that holds a code (PS3.3 section 8.8).
#[must_use]
pub fn code_item(encoding: Encoding, code: &Code) -> Vec<u8> {
    let content = [
        New(CODE_VALUE, Vr::SH, code.value.as_bytes()),
        New(CODING_SCHEME_DESIGNATOR, Vr::SH, code.scheme.as_bytes()),
        New(CODE_MEANING, Vr::LO, code.meaning.as_bytes()),
    ];
    item(
        encoding,
        &content
            .iter()
            .flat_map(|new| element(encoding, new))
            .collect::<Vec<_>>(),
    )
}

/// (0040,A730) Content Sequence that says nothing: one text item under the root container (PS3.3 C.17.3).
#[must_use]
pub fn minimal_content(encoding: Encoding) -> Vec<u8> {
    let concept = Code {
        value: "121106",
        scheme: "DCM",
        meaning: "Comment",
    };
    let mut content = Vec::new();
    content.extend(element(
        encoding,
        &New(RELATIONSHIP_TYPE, Vr::CS, b"CONTAINS"),
    ));
    content.extend(element(encoding, &New(VALUE_TYPE, Vr::CS, b"TEXT")));
    content.extend(sequence(
        encoding,
        CONCEPT_NAME_CODE_SEQUENCE,
        &code_item(encoding, &concept),
    ));
    content.extend(element(
        encoding,
        &New(TEXT_VALUE, Vr::UT, super::dummy::TEXT.as_bytes()),
    ));
    sequence(encoding, CONTENT_SEQUENCE, &item(encoding, &content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::Limits;
    use crate::dicom::source::BytesSource;
    use crate::dicom::walk::{Event, Walker};

    #[test]
    fn new_sequences_parse_in_every_encoding() {
        for encoding in [
            Encoding::ExplicitLe,
            Encoding::ImplicitLe,
            Encoding::ExplicitBe,
        ] {
            let source = BytesSource(minimal_content(encoding));
            let mut walker = Walker::new(&source, encoding, 0, Limits::default());
            let mut tags = Vec::new();
            while let Some(event) = walker.next_event().unwrap() {
                if let Event::Element(element) = event {
                    tags.push(element.tag);
                }
            }
            assert_eq!(
                tags,
                [
                    RELATIONSHIP_TYPE,
                    VALUE_TYPE,
                    CODE_VALUE,
                    CODING_SCHEME_DESIGNATOR,
                    CODE_MEANING,
                    TEXT_VALUE
                ]
            );
        }
    }
}
