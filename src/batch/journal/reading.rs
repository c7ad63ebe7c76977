//! A journal as it is read: line by line, each checked against the one before.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use super::chain::{FILE, USUAL, parsed, unchained};
use super::{JournalError, Line, Release};
use crate::batch::digest::digest_of_line;

/// Bytes of one line.
pub(super) const LONGEST: u64 = 1 << 20;

/// Lines of a journal, each checked against the one before. A last line without its end is not one of them.
pub struct Lines {
    reader: BufReader<FromStart>,
    number: u64,
    /// Bytes of whole lines read so far.
    whole: u64,
    last: String,
}

/// A file as a stream from its first byte, wherever the file stands.
pub(super) struct FromStart(pub(super) File, pub(super) u64);

impl io::Read for FromStart {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(&self.0, buf, self.1)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(&self.0, buf, self.1)?;
        self.1 = self.1.saturating_add(u64::try_from(n).unwrap_or(0));
        Ok(n)
    }
}

impl Lines {
    /// Reads from the start of the file.
    ///
    /// # Errors
    /// Those of the file.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self {
            reader: BufReader::new(FromStart(file.try_clone()?, 0)),
            number: 0,
            whole: 0,
            last: String::new(),
        })
    }

    /// The next line with the place of its first byte; `None` at the end.
    ///
    /// # Errors
    /// [`JournalError::Changed`]; those of reading.
    pub fn next_line(&mut self) -> Result<Option<(u64, Line)>, JournalError> {
        let Some((at, text)) = self.next_text()? else {
            return Ok(None);
        };
        match parsed(&text) {
            Some(line) => Ok(Some((at, line))),
            None => Err(JournalError::Changed(self.number)),
        }
    }

    /// The place and the text of the next line, without the digest of the one before.
    pub(super) fn next_text(&mut self) -> Result<Option<(u64, String)>, JournalError> {
        let mut text = Vec::with_capacity(USUAL);
        let read = io::Read::take(&mut self.reader, LONGEST).read_until(b'\n', &mut text)?;
        if text.pop() != Some(b'\n') {
            return if u64::try_from(read).is_ok_and(|n| n < LONGEST) {
                Ok(None)
            } else {
                Err(JournalError::Changed(self.number.saturating_add(1)))
            };
        }
        self.number = self.number.saturating_add(1);
        let changed = JournalError::Changed(self.number);
        let (Ok(text), read) = (String::from_utf8(text), u64::try_from(read).unwrap_or(0)) else {
            return Err(changed);
        };
        let digest = digest_of_line(&text);
        let Some((line, before)) = unchained(text) else {
            return Err(changed);
        };
        if before != self.last {
            return Err(changed);
        }
        self.last = digest;
        let at = self.whole;
        self.whole = self.whole.saturating_add(read);
        Ok(Some((at, line)))
    }

    /// What was released, unchecked: such lines are few and stand among very many.
    ///
    /// # Errors
    /// Those of reading.
    pub fn releases(file: &File) -> io::Result<Vec<Release>> {
        let mut reader = Self::of(file)?.reader;
        let mut releases = Vec::new();
        let mut text = Vec::new();
        while io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut text)? > 0 {
            if !text.starts_with(FILE.as_bytes())
                && let Ok(Line::Release(release)) = serde_json::from_slice(&text)
            {
                releases.push(release);
            }
            text.clear();
        }
        Ok(releases)
    }

    /// Bytes of the lines that were read, and the digest of the last of them.
    pub(super) fn into_end(self) -> (u64, String) {
        (self.whole, self.last)
    }

    /// Digest of the last line that was read.
    #[must_use]
    pub fn last(&self) -> &str {
        &self.last
    }
}
