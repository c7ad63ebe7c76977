//! Sorting more lines than memory should hold: runs sorted in memory, spilled to one unnamed file, merged on reading.
//!
//! Owns: the order of bytes. What lines mean is the caller's. The file has no name, is readable by its owner only, and is
//! gone when the sorter is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::dicom::source::{FileSource, ReadAt};

/// Bytes of lines held in memory before they are spilled.
const HELD: usize = 2 << 20;
/// Bytes of one run that are read at a time when runs are merged.
const AHEAD: usize = 32 * 1024;

/// Takes lines in any order.
pub struct Sorter {
    folder: PathBuf,
    held: Vec<Vec<u8>>,
    bytes: usize,
    most: usize,
    spilled: Option<File>,
    /// (first byte, behind the last byte) of each run in the file.
    runs: Vec<(u64, u64)>,
}

impl Sorter {
    /// A sorter that spills into this folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            held: Vec::new(),
            bytes: 0,
            most: HELD,
            spilled: None,
            runs: Vec::new(),
        }
    }

    /// Takes one line, of any bytes.
    ///
    /// # Errors
    /// Those of the file that lines are spilled to.
    pub fn push(&mut self, line: impl Into<Vec<u8>>) -> io::Result<()> {
        let line = line.into();
        self.bytes = self
            .bytes
            .saturating_add(line.len())
            .saturating_add(size_of::<Vec<u8>>());
        self.held.push(line);
        if self.bytes > self.most {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut file = match self.spilled.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        let from = self.runs.last().map_or(0, |(_, end)| *end);
        let mut end = from;
        let mut out = Vec::with_capacity(64 * 1024);
        for line in self.held.drain(..) {
            let length = u32::try_from(line.len())
                .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&line);
            if out.len() >= 60 * 1024 {
                file.write_all(&out)?;
                end = end.saturating_add(u64::try_from(out.len()).unwrap_or(0));
                out.clear();
            }
        }
        file.write_all(&out)?;
        end = end.saturating_add(u64::try_from(out.len()).unwrap_or(0));
        self.runs.push((from, end));
        self.spilled = Some(file);
        self.bytes = 0;
        Ok(())
    }

    /// The lines in the order of their bytes, duplicates included.
    ///
    /// # Errors
    /// Those of the file that lines are spilled to.
    pub fn finish(mut self) -> io::Result<Sorted> {
        if self.spilled.is_none() {
            self.held.sort_unstable();
            self.held.reverse();
            return Ok(Sorted::Held(self.held));
        }
        if !self.held.is_empty() {
            self.spill()?;
        }
        let file = match self.spilled.take() {
            Some(file) => FileSource::new(file)?,
            None => return Ok(Sorted::Held(Vec::new())),
        };
        let mut merge = Merge {
            file,
            runs: self
                .runs
                .iter()
                .map(|(from, end)| Run {
                    at: *from,
                    end: *end,
                    ahead: Vec::new(),
                    used: 0,
                })
                .collect(),
            next: BinaryHeap::new(),
        };
        for index in 0..merge.runs.len() {
            merge.pull(index)?;
        }
        Ok(Sorted::Merged(merge))
    }
}

/// Sorted lines.
pub enum Sorted {
    /// All of them in memory, the first one last.
    Held(Vec<Vec<u8>>),
    /// Runs of a file.
    Merged(Merge),
}

impl Iterator for Sorted {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Held(lines) => lines.pop().map(Ok),
            Self::Merged(merge) => merge.next_line().transpose(),
        }
    }
}

struct Run {
    at: u64,
    end: u64,
    ahead: Vec<u8>,
    used: usize,
}

/// Runs of one file that are read side by side.
pub struct Merge {
    file: FileSource,
    runs: Vec<Run>,
    next: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merge {
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(Reverse((line, index))) = self.next.pop() else {
            return Ok(None);
        };
        self.pull(index)?;
        Ok(Some(line))
    }

    /// Puts the next line of a run where it takes part in the merge.
    fn pull(&mut self, index: usize) -> io::Result<()> {
        let Some(run) = self.runs.get_mut(index) else {
            return Ok(());
        };
        let Some(head) = run.take(&self.file, 4)? else {
            return Ok(());
        };
        let length = head
            .first_chunk::<4>()
            .map_or(0, |four| u32::from_le_bytes(*four));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let line = run
            .take(&self.file, length)?
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        self.next.push(Reverse((line, index)));
        Ok(())
    }
}

impl Run {
    /// The next `n` bytes of the run; `None` at its end.
    fn take(&mut self, file: &FileSource, n: usize) -> io::Result<Option<Vec<u8>>> {
        let left = self.ahead.len().saturating_sub(self.used);
        if left < n {
            self.ahead.drain(..self.used);
            self.used = 0;
            let more = usize::try_from(self.end.saturating_sub(self.at))
                .unwrap_or(usize::MAX)
                .min(AHEAD.max(n).saturating_sub(left));
            if left == 0 && more == 0 && n > 0 {
                return Ok(None);
            }
            let from = self.ahead.len();
            self.ahead.resize(from.saturating_add(more), 0);
            file.read_exact_at(self.ahead.get_mut(from..).unwrap_or_default(), self.at)?;
            self.at = self.at.saturating_add(u64::try_from(more).unwrap_or(0));
        }
        let end = self.used.saturating_add(n);
        let bytes = self.ahead.get(self.used..end);
        let bytes = bytes.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec();
        self.used = end;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(lines: &[Vec<u8>], most: usize) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter {
            most,
            ..Sorter::new(folder.path())
        };
        for line in lines {
            sorter.push(line.as_slice()).unwrap();
        }
        let out = sorter.finish().unwrap().map(Result::unwrap).collect();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        out
    }

    proptest! {
        #[test]
        fn lines_come_in_order_however_many_runs_there_are(
            lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..200),
            most in 0usize..2_000,
        ) {
            let mut expected = lines.clone();
            expected.sort();
            prop_assert_eq!(sorted(&lines, most), expected);
        }
    }

    #[test]
    fn a_line_longer_than_what_is_read_ahead_comes_whole() {
        let lines = vec![vec![7u8; 3 * AHEAD], vec![1], vec![7u8; 2 * AHEAD]];
        let out = sorted(&lines, 0);
        assert_eq!(
            out.iter().map(Vec::len).collect::<Vec<_>>(),
            [1, 2 * AHEAD, 3 * AHEAD]
        );
    }
}
