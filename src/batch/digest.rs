//! The digest by which an output is known again: BLAKE3, which `b3sum` checks.
//!
//! It is of outputs only, which hold no identity. Identifiers are never hashed without a key.

use std::fs::File;
use std::io;

use crate::dicom::source::{FileSource, ReadAt};

const PIECE: usize = 64 * 1024;

/// The digest of a whole file, from its first byte whatever its position, as hexadecimal digits.
///
/// # Errors
/// Those of reading.
pub fn digest(file: &File) -> io::Result<String> {
    let source = FileSource::new(file.try_clone()?)?;
    let mut hash = blake3::Hasher::new();
    let mut buffer = vec![0u8; PIECE];
    let mut at = 0u64;
    while at < source.len() {
        let left = usize::try_from(source.len().saturating_sub(at)).unwrap_or(PIECE);
        let piece = buffer.get_mut(..left.min(PIECE)).unwrap_or_default();
        source.read_exact_at(piece, at)?;
        hash.update(piece);
        at = at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
    Ok(hash.finalize().to_hex().to_string())
}

/// The digest of one line of text.
#[must_use]
pub fn digest_of_line(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex().to_string()
}
