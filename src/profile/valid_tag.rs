//! Tags as profiles and command lines write them.

use super::error::nearest;
use crate::dicom::Tag;
use crate::standard::attributes::{keywords, tag_of_keyword};

/// What is wrong, and what to do about it.
pub(super) type Complaint = (String, Option<String>);

/// A tag, or what to complain of.
pub(super) fn tag(text: &str) -> Result<Tag, Complaint> {
    parse_tag(text).ok_or_else(|| {
        (
            format!("no attribute is called \"{text}\""),
            nearest(text, keywords()),
        )
    })
}

/// Reads a tag: keyword, `0010,0010`, `(0010,0010)` or `00100010`.
#[must_use]
pub fn parse_tag(text: &str) -> Option<Tag> {
    let text = text.trim();
    if let Some(tag) = tag_of_keyword(text) {
        return Some(tag);
    }
    let bare = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(text);
    let (group, element) = match bare.split_once(',') {
        Some(parts) => parts,
        None if bare.len() == 8 && bare.is_ascii() => bare.split_at_checked(4)?,
        None => return None,
    };
    Some(Tag(hex16(group)?, hex16(element)?))
}

/// Four hexadecimal digits.
pub(super) fn hex16(text: &str) -> Option<u16> {
    let valid = text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u16::from_str_radix(text, 16) {
        Ok(n) if valid => Some(n),
        Ok(_) | Err(_) => None,
    }
}

/// Two hexadecimal digits.
pub(super) fn hex8(text: &str) -> Option<u8> {
    let valid = text.len() == 2 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u8::from_str_radix(text, 16) {
        Ok(n) if valid => Some(n),
        Ok(_) | Err(_) => None,
    }
}
