//! What a run that goes on knows of the runs before.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use super::reading::{FromStart, LONGEST, Lines};
use super::{Entry, JournalError, Line};
use crate::batch::sorted::Sorter;
use crate::dicom::source::{FileSource, ReadAt};
use crate::identity::pseudonym::MARK_CHARS;

/// Bytes of what an index is asked for, the marks of an input and of its state, and of a record: these and the line's place.
const CODE: usize = MARK_CHARS * 2;
const RECORD: usize = CODE + 8;

fn put(record: &mut [u8; RECORD], at: usize, bytes: &[u8]) {
    for (to, from) in record.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

/// What a journal says is done, looked up where it lies: nothing of it is kept in memory.
pub struct Done {
    journal: File,
    index: File,
    pub(super) count: u64,
}

impl Done {
    /// An index of what has an output, by the input and its state, of the journal that is open and stands there.
    ///
    /// # Errors
    /// Those of reading, and of the file that the index is sorted in.
    pub(super) fn of(file: &File, path: &Path) -> Result<Self, JournalError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut sorter = Sorter::new(folder);
        let mut lines = Lines::of(file)?;
        while let Some((at, line)) = lines.next_line()? {
            let Line::File(entry) = &line else {
                continue;
            };
            if entry.output.is_none() {
                continue;
            }
            let mut record = [0u8; RECORD];
            put(&mut record, 0, entry.input.as_bytes());
            put(&mut record, MARK_CHARS, entry.state.as_bytes());
            put(&mut record, CODE, &at.to_be_bytes());
            sorter.push(record)?;
        }
        let mut index = tempfile::tempfile_in(folder)?;
        let mut count = 0u64;
        let mut held: Option<Vec<u8>> = None;
        for record in sorter.finish()? {
            let record = record?;
            // of several lines of one input in one state the last one counts
            if let Some(before) = held.replace(record.clone())
                && before.get(..CODE) != record.get(..CODE)
            {
                index.write_all(&before)?;
                count = count.saturating_add(1);
            }
        }
        if let Some(last) = held {
            index.write_all(&last)?;
            count = count.saturating_add(1);
        }
        Ok(Self {
            journal: reader(file, path)?,
            index,
            count,
        })
    }

    /// The last line of an input in this state, by their marks.
    ///
    /// # Errors
    /// Those of reading.
    pub fn find(&self, input: &str, state: &str) -> io::Result<Option<Entry>> {
        let wanted = format!("{input}{state}");
        let index = FileSource::new(self.index.try_clone()?)?;
        let size = u64::try_from(RECORD).unwrap_or(u64::MAX);
        let (mut low, mut high) = (0u64, self.count);
        while low < high {
            let middle = low.midpoint(high);
            let mut record = [0u8; RECORD];
            index.read_exact_at(&mut record, middle.saturating_mul(size))?;
            let (code, place) = record.split_at(CODE);
            match code.cmp(wanted.as_bytes()) {
                std::cmp::Ordering::Less => low = middle.saturating_add(1),
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let place = place
                        .first_chunk::<8>()
                        .map_or(0, |b| u64::from_be_bytes(*b));
                    return self.entry_at(place);
                }
            }
        }
        Ok(None)
    }

    fn entry_at(&self, place: u64) -> io::Result<Option<Entry>> {
        let mut reader = BufReader::new(FromStart(self.journal.try_clone()?, place));
        let mut text = Vec::new();
        io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut text)?;
        Ok(match serde_json::from_slice(&text)? {
            Line::File(entry) => Some(*entry),
            Line::Run(_) | Line::Release(_) | Line::End(_) => None,
        })
    }
}

/// A second handle that reads; elsewhere than on Unix one of its own, as reading moves the place where the next line goes.
fn reader(file: &File, path: &Path) -> io::Result<File> {
    if cfg!(unix) {
        file.try_clone()
    } else {
        File::open(path)
    }
}
