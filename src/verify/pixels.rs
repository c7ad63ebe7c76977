//! Pixel data of an output against those of its input, byte by byte where they lie in the two files.

use std::io;

use super::blanks::spans;
use super::reading::Reading;
use super::tree::{Attribute, Item, Value, find, plain};
use crate::dicom::Tag;
use crate::dicom::element::Encoding;
use crate::dicom::source::{BytesSource, ReadAt};

const PIECE: usize = 64 * 1024;

/// One side: a file as it was read, and the bytes that its long values lie in.
#[derive(Clone, Copy)]
pub struct Side<'s> {
    /// What was read.
    pub reading: &'s Reading,
    /// Its bytes.
    pub bytes: &'s dyn ReadAt,
}

/// Whether a value of the output is the input's. Native pixel data may end where the picture does; compressed ones may have
/// zeros where words stood.
///
/// # Errors
/// Those of reading.
pub fn are_equal(
    output: Side<'_>,
    input: Side<'_>,
    new: &Attribute,
    old: &Attribute,
) -> io::Result<bool> {
    match (&new.value, &old.value) {
        (Value::Fragments(new), Value::Fragments(old)) => fragments(output, input, new, old, None),
        (Value::Fragments(_), _) | (_, Value::Fragments(_)) => Ok(false),
        _ => {
            let (new_length, old_length) = (length(new), length(old));
            let fits = new_length == old_length
                || picture_length(&input.reading.root, input.reading.encoding).is_some_and(
                    |most| new_length == most.next_multiple_of(2) && new_length < old_length,
                );
            Ok(fits && same(output.bytes, new, input.bytes, old, new_length)?)
        }
    }
}

/// Whether a value that is no pixel data is the same to the byte.
///
/// # Errors
/// Those of reading.
pub fn is_same(
    output: Side<'_>,
    input: Side<'_>,
    new: &Attribute,
    old: &Attribute,
) -> io::Result<bool> {
    match (&new.value, &old.value) {
        (Value::Fragments(new), Value::Fragments(old)) => {
            fragments(output, input, new, old, Some(Vec::new()))
        }
        (Value::Fragments(_), _) | (_, Value::Fragments(_)) => Ok(false),
        _ => {
            let length_ = length(new);
            Ok(length_ == length(old) && same(output.bytes, new, input.bytes, old, length_)?)
        }
    }
}

fn length(attribute: &Attribute) -> u64 {
    match &attribute.value {
        Value::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        Value::Long(from, to) => to.saturating_sub(*from),
        Value::Fragments(_) | Value::Items(_) => 0,
    }
}

fn same(
    new_bytes: &dyn ReadAt,
    new: &Attribute,
    old_bytes: &dyn ReadAt,
    old: &Attribute,
    length: u64,
) -> io::Result<bool> {
    let (new_own, old_own) = (BytesSource(own(new)), BytesSource(own(old)));
    let side = |attribute: &Attribute| match attribute.value {
        Value::Long(from, _) => Some(from),
        Value::Bytes(_) | Value::Fragments(_) | Value::Items(_) => None,
    };
    let (new_from, new_source): (u64, &dyn ReadAt) = match side(new) {
        Some(from) => (from, new_bytes),
        None => (0, &new_own),
    };
    let (old_from, old_source): (u64, &dyn ReadAt) = match side(old) {
        Some(from) => (from, old_bytes),
        None => (0, &old_own),
    };
    let mut is_same = true;
    pieces(
        (new_source, new_from),
        (old_source, old_from),
        length,
        &mut |_, a, b| {
            is_same &= a == b;
            is_same
        },
    )?;
    Ok(is_same)
}

fn own(attribute: &Attribute) -> &[u8] {
    match &attribute.value {
        Value::Bytes(bytes) => bytes,
        Value::Long(..) | Value::Fragments(_) | Value::Items(_) => &[],
    }
}

/// Takes a place and the pieces of both sides; true where it wants more.
type Each<'e> = dyn FnMut(u64, &[u8], &[u8]) -> bool + 'e;

/// Gives pieces of the same length of both sides to `each`, with the place of the second one's, as long as it wants more.
fn pieces(
    (new, new_from): (&dyn ReadAt, u64),
    (old, old_from): (&dyn ReadAt, u64),
    length: u64,
    each: &mut Each<'_>,
) -> io::Result<()> {
    let (mut a, mut b) = (vec![0u8; PIECE], vec![0u8; PIECE]);
    let mut done = 0u64;
    while done < length {
        let n = usize::try_from(length.saturating_sub(done))
            .unwrap_or(PIECE)
            .min(PIECE);
        let (a, b) = (
            a.get_mut(..n).unwrap_or_default(),
            b.get_mut(..n).unwrap_or_default(),
        );
        new.read_exact_at(a, new_from.saturating_add(done))?;
        let at = old_from.saturating_add(done);
        old.read_exact_at(b, at)?;
        if !each(at, a, b) {
            return Ok(());
        }
        done = done.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
    }
    Ok(())
}

/// `words`: where zeros may stand instead; `None`: they are looked for where something differs.
fn fragments(
    output: Side<'_>,
    input: Side<'_>,
    new: &[(u64, u64)],
    old: &[(u64, u64)],
    mut words: Option<Vec<(u64, u64)>>,
) -> io::Result<bool> {
    let lengths = |of: &[(u64, u64)]| -> Vec<u64> {
        of.iter()
            .map(|(from, to)| to.saturating_sub(*from))
            .collect()
    };
    if lengths(new) != lengths(old) {
        return Ok(false);
    }
    for (index, ((new_from, _), (old_from, old_to))) in new.iter().zip(old).enumerate() {
        let mut is_right = true;
        let mut failed = None;
        let length = old_to.saturating_sub(*old_from);
        pieces(
            (output.bytes, *new_from),
            (input.bytes, *old_from),
            length,
            &mut |at, a, b| {
                if a == b {
                    return true;
                }
                if words.is_none() {
                    let plane = plane(&input.reading.root, input.reading.encoding);
                    let behind = old.get(1..).unwrap_or_default();
                    match spans(input.bytes, behind, &input.reading.transfer_syntax, plane) {
                        Ok(found) => words = Some(found),
                        Err(e) => failed = Some(e),
                    }
                }
                let words = words.as_deref().unwrap_or_default();
                is_right &= index > 0 && blanked(at, a, b, words);
                is_right && failed.is_none()
            },
        )?;
        match failed {
            Some(e) => return Err(e),
            None if !is_right => return Ok(false),
            None => {}
        }
    }
    Ok(true)
}

/// All bytes that differ are zeros now, and stand where words may.
fn blanked(at: u64, new: &[u8], old: &[u8], words: &[(u64, u64)]) -> bool {
    let mut next = words.partition_point(|(_, to)| *to <= at);
    for (place, (a, b)) in (at..).zip(new.iter().zip(old)) {
        if a == b {
            continue;
        }
        while words.get(next).is_some_and(|(_, to)| *to <= place) {
            next = next.saturating_add(1);
        }
        let is_word = words.get(next).is_some_and(|(from, _)| *from <= place);
        if *a != 0 || !is_word {
            return false;
        }
    }
    true
}

fn number(root: &Item, tag: Tag, encoding: Encoding) -> Option<u64> {
    let two = find(root, tag)?.bytes().first_chunk::<2>().copied()?;
    Some(u64::from(encoding.u16(two)))
}

/// Bytes of native pixel data, subsampling left out of the reckoning.
fn picture_length(root: &Item, encoding: Encoding) -> Option<u64> {
    let of = |element| number(root, Tag(0x0028, element), encoding);
    let pixels = of(0x0010)?
        .checked_mul(of(0x0011)?)?
        .checked_mul(of(0x0002)?)?;
    let frames = plain(root, Tag(0x0028, 0x0008))
        .parse::<u64>()
        .unwrap_or(1)
        .max(1);
    let bits = of(0x0100)?;
    if bits < 8 {
        return Some(pixels.checked_mul(frames)?.checked_mul(bits)?.div_ceil(8));
    }
    pixels.checked_mul(bits)?.div_ceil(8).checked_mul(frames)
}

/// Decoded bytes of one RLE segment: a byte of every pixel, or of eight pixels of one bit.
fn plane(root: &Item, encoding: Encoding) -> Option<u64> {
    let of = |element| number(root, Tag(0x0028, element), encoding);
    let pixels = of(0x0010)?.checked_mul(of(0x0011)?)?;
    match of(0x0100)? {
        1 => Some(pixels.div_ceil(8)),
        _ => Some(pixels),
    }
}
