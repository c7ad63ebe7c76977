//! A file that is written from its beginning to its end, and whose offsets are filled in once they are known.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Bytes held before they are written.
const HELD: usize = 256 * 1024;

/// Writes one file.
pub struct Output<'f> {
    file: &'f mut File,
    /// Bytes of the file that are written.
    written: u64,
    held: Vec<u8>,
}

impl<'f> Output<'f> {
    /// Writes to a file that is empty.
    pub fn new(file: &'f mut File) -> Self {
        Self {
            file,
            written: 0,
            held: Vec::new(),
        }
    }

    /// Where the next byte goes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.written
            .saturating_add(u64::try_from(self.held.len()).unwrap_or(u64::MAX))
    }

    /// Writes behind what is there.
    ///
    /// # Errors
    /// Those of the file.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.held.len() >= HELD {
            self.flush()?;
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    /// Replaces four bytes that one call of [`Self::append`] wrote.
    ///
    /// # Errors
    /// Those of the file.
    pub fn replace(&mut self, at: u64, number: u32) -> io::Result<()> {
        let bytes = number.to_le_bytes();
        if let Some(inside) = at.checked_sub(self.written) {
            let inside = usize::try_from(inside).unwrap_or(usize::MAX);
            let field = self.held.get_mut(inside..).unwrap_or_default();
            let field = field.first_chunk_mut::<4>();
            *field.ok_or(io::ErrorKind::UnexpectedEof)? = bytes;
        } else {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Writes what is held.
    ///
    /// # Errors
    /// Those of the file.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.written))?;
        self.file.write_all(&self.held)?;
        self.written = self.position();
        self.held.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn offsets_are_filled_in_whether_held_or_written() {
        let mut file = tempfile::tempfile().unwrap();
        let mut output = Output::new(&mut file);
        let mut expected = Vec::new();
        let piece = [7u8; 100];
        for _ in 0..3 * HELD / piece.len() {
            output.append(&piece).unwrap();
            expected.extend_from_slice(&piece);
        }
        assert!(output.written > 0);
        let last = u64::try_from(expected.len()).unwrap() - 4;
        for (at, number) in [(0, 1u32), (100, 2), (last, 3)] {
            output.replace(at, number).unwrap();
            let at = usize::try_from(at).unwrap();
            expected[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        assert_eq!(output.position(), expected.len() as u64);
        output.flush().unwrap();
        assert!(output.replace(expected.len() as u64, 1).is_err());
        let mut read = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut read).unwrap();
        assert!(read == expected);
    }
}
