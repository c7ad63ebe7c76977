//! The one VR table: every attribute of PS3.6.

use dicom_core::{Tag, VR};

use super::find;
use super::generated::attributes::{REPEATING, SINGLE};

/// One attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Tag; of a repeating group its first.
    pub tag: Tag,
    /// VR; where the standard leaves a choice, the one of implicit VR.
    pub vr: VR,
    /// Keyword.
    pub keyword: &'static str,
    /// It is in some composite IOD, or its VR cannot carry identity.
    pub in_composite_iod: bool,
}

/// The tags of `SINGLE` as numbers, close together: they are looked up for every data element.
static TAGS: [u32; SINGLE.len()] = numbers();

#[expect(
    clippy::indexing_slicing,
    clippy::large_stack_arrays,
    clippy::arithmetic_side_effects,
    reason = "at compile time; both arrays have one length"
)]
const fn numbers() -> [u32; SINGLE.len()] {
    let mut out = [0; SINGLE.len()];
    let mut at = 0;
    while at < out.len() {
        let Tag(group, element) = SINGLE[at].tag;
        out[at] = ((group as u32) << 16) | element as u32;
        at += 1;
    }
    out
}

/// The attribute of a tag.
#[must_use]
pub fn attribute(tag: Tag) -> Option<&'static Attribute> {
    match tag.group() {
        0x5000..=0x50FE if tag.group().is_multiple_of(2) => {
            find(&REPEATING, &Tag(0x5000, tag.element()), |entry| entry.tag)
        }
        0x6000..=0x60FE if tag.group().is_multiple_of(2) => {
            find(&REPEATING, &Tag(0x6000, tag.element()), |entry| entry.tag)
        }
        group if group % 2 == 1 => None,
        group => {
            let number = (u32::from(group) << 16) | u32::from(tag.element());
            match TAGS.binary_search(&number) {
                Ok(at) => SINGLE.get(at),
                Err(_) => None,
            }
        }
    }
}

/// The VR of a tag: the standard's, that of group lengths and that of private creators.
#[must_use]
pub fn vr_of(tag: Tag) -> Option<VR> {
    match tag {
        Tag(_, 0) => Some(VR::UL),
        Tag(group, 0x0010..=0x00FF) if group % 2 == 1 => Some(VR::LO),
        _ => attribute(tag).map(|attribute| attribute.vr),
    }
}

/// The keyword of a tag.
#[must_use]
pub fn keyword_of(tag: Tag) -> Option<&'static str> {
    attribute(tag).map(|attribute| attribute.keyword)
}

/// The tag of a keyword.
#[must_use]
pub fn tag_of_keyword(keyword: &str) -> Option<Tag> {
    SINGLE
        .iter()
        .chain(&REPEATING)
        .find(|attribute| attribute.keyword == keyword)
        .map(|attribute| attribute.tag)
}

/// All keywords, for suggestions.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    SINGLE
        .iter()
        .chain(&REPEATING)
        .map(|attribute| attribute.keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_answers() {
        assert!(SINGLE.windows(2).all(|two| two[0].tag < two[1].tag));
        assert!(REPEATING.windows(2).all(|two| two[0].tag < two[1].tag));
        assert!(SINGLE.len() > 5000);
        for (tag, vr, keyword) in [
            (Tag(0x0010, 0x0010), VR::PN, "PatientName"),
            (Tag(0x0040, 0xA730), VR::SQ, "ContentSequence"),
            (Tag(0x6012, 0x3000), VR::OW, "OverlayData"),
            (Tag(0x7FE0, 0x0010), VR::OW, "PixelData"),
        ] {
            assert_eq!((vr_of(tag), keyword_of(tag)), (Some(vr), Some(keyword)));
        }
        assert_eq!(vr_of(Tag(0x0029, 0x0010)), Some(VR::LO));
        assert_eq!(vr_of(Tag(0x0029, 0x1010)), None);
        assert_eq!(tag_of_keyword("StudyDate"), Some(Tag(0x0008, 0x0020)));
    }
}
