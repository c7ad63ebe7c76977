//! Values for a person who asked for them: the beginning of a text, the first of many numbers.

use super::entry::{Entry, Shape};
use super::read::{Read, number_size};
use crate::dicom::charset::CharacterSet;
use crate::dicom::element::is_string;
use crate::dicom::source::ReadAt;
use crate::dicom::{Vr, value};

/// Characters of a text that are shown.
const MOST_CHARACTERS: usize = 80;
/// Bytes of a text that are read for it.
const MOST_BYTES: u64 = 1024;
/// Numbers or bytes that are shown.
const MOST_NUMBERS: usize = 8;

/// A value, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As it is: control characters are not escaped here.
    pub text: String,
    /// There is more.
    pub cut: bool,
    /// Text, not numbers.
    pub is_text: bool,
}

/// The value of an entry; `None` for sequences, encapsulated data and empty values.
///
/// # Errors
/// Those of the source.
pub fn shown(entry: &Entry, read: &Read<'_>) -> std::io::Result<Option<Shown>> {
    let Shape::Value(length @ 1..) = entry.shape else {
        return Ok(None);
    };
    let source = read.bytes_of(entry.part());
    let bytes = beginning(source, entry.value_at, length.min(MOST_BYTES))?;
    let whole = length <= MOST_BYTES;
    if is_string(entry.vr) {
        let charset = read.charsets.get(usize::from(entry.charset));
        let text = text(charset, entry.vr, &bytes, whole);
        let mut letters = text.chars();
        let first: String = letters.by_ref().take(MOST_CHARACTERS).collect();
        return Ok(Some(Shown {
            text: first,
            cut: !whole || letters.next().is_some(),
            is_text: true,
        }));
    }
    let size = number_size(entry.vr);
    let shown: Vec<String> = bytes
        .chunks(size)
        .take(MOST_NUMBERS)
        .map(|number| self::number(entry.vr, number, entry.big))
        .collect();
    let separator = if size == 1 { " " } else { "\\" };
    let covered = shown.len().saturating_mul(size);
    Ok(Some(Shown {
        text: shown.join(separator),
        cut: u64::try_from(covered).unwrap_or(0) < length,
        is_text: false,
    }))
}

fn beginning(source: &dyn ReadAt, at: u64, n: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(n).unwrap_or(0)];
    source.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

/// Decodes a text whose last character may be cut in the middle.
fn text(charset: Option<&CharacterSet>, vr: Vr, bytes: &[u8], whole: bool) -> String {
    let fallback = CharacterSet::default();
    let charset = charset.unwrap_or(&fallback);
    let all = charset.decode(vr, value::trim(vr, bytes));
    if whole || all.lossless {
        return all.text;
    }
    (1..4)
        .filter_map(|less| bytes.get(..bytes.len().saturating_sub(less)))
        .map(|bytes| charset.decode(vr, bytes))
        .find(|shorter| shorter.lossless)
        .map_or(all.text, |shorter| shorter.text)
}

/// One number for people; a number that is cut short is shown as bytes.
fn number(vr: Vr, bytes: &[u8], big: bool) -> String {
    let mut wide = [0u8; 8];
    let mut little = bytes.to_vec();
    if big {
        little.reverse();
    }
    if let Some(to) = wide.get_mut(..little.len()) {
        to.copy_from_slice(&little);
    }
    let [a, b, c, d, ..] = wide;
    match (vr, bytes.len()) {
        (Vr::US | Vr::OW, 2) => u16::from_le_bytes([a, b]).to_string(),
        (Vr::SS, 2) => i16::from_le_bytes([a, b]).to_string(),
        (Vr::AT, 2) => format!("{:04X}", u16::from_le_bytes([a, b])),
        (Vr::UL | Vr::OL, 4) => u32::from_le_bytes([a, b, c, d]).to_string(),
        (Vr::SL, 4) => i32::from_le_bytes([a, b, c, d]).to_string(),
        (Vr::FL | Vr::OF, 4) => f32::from_le_bytes([a, b, c, d]).to_string(),
        (Vr::UV | Vr::OV, 8) => u64::from_le_bytes(wide).to_string(),
        (Vr::SV, 8) => i64::from_le_bytes(wide).to_string(),
        (Vr::FD | Vr::OD, 8) => f64::from_le_bytes(wide).to_string(),
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
