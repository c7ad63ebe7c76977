//! What one file says of people, in the order that it was met, in one piece of memory: quick to write down, and quick to
//! compare with what the file before said.

use std::collections::BTreeSet;

use super::known::Kind;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// It identifies.
    Value(Kind),
    /// It is of the technical description.
    Technical,
    /// It is a number of the person or of the request.
    Number,
}

/// Values are compared with so many before them: most are told twice close together.
const LOOKED_BACK: usize = 4;

/// Values with their bytes in the file and their text.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Notes {
    bytes: Vec<u8>,
    /// What each is, where its text begins, and where it ends.
    told: Vec<(Note, usize, usize)>,
    /// From so many notes on those that are there twice go.
    crowded: usize,
}

/// Notes of a usual file, so that there is room for them at once.
const USUAL: usize = 32;
/// Fewest notes that are looked through for those that are there twice.
const CROWDED: usize = 1024;

impl Notes {
    /// Notes a value, unless that was done just before.
    pub fn add(&mut self, note: Note, raw: &[u8], text: &[u8]) {
        let recent = self.iter().rev().take(LOOKED_BACK);
        if recent.into_iter().any(|other| other == (note, raw, text)) {
            return;
        }
        if self.told.is_empty() {
            self.bytes.reserve(USUAL * 16);
            self.told.reserve(USUAL);
        }
        self.bytes.extend_from_slice(raw);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.told.push((note, middle, self.bytes.len()));
        if self.told.len() > self.crowded.max(CROWDED) {
            self.tidy();
        }
    }

    /// How many bytes they hold.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.bytes.len()
    }

    /// The values: what each is, its bytes, its text.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Note, &[u8], &[u8])> {
        (0..self.told.len()).filter_map(|at| self.get(at))
    }

    fn get(&self, at: usize) -> Option<(Note, &[u8], &[u8])> {
        let (note, middle, end) = *self.told.get(at)?;
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.told.get(before)?.2,
        };
        Some((
            note,
            self.bytes.get(start..middle)?,
            self.bytes.get(middle..end)?,
        ))
    }

    /// Drops what is there twice, so that memory grows with what is told and not with how often.
    fn tidy(&mut self) {
        let mut seen = BTreeSet::new();
        let mut tidy = Self::default();
        for (note, raw, text) in self.iter() {
            if seen.insert((note, raw, text)) {
                tidy.bytes.extend_from_slice(raw);
                let middle = tidy.bytes.len();
                tidy.bytes.extend_from_slice(text);
                tidy.told.push((note, middle, tidy.bytes.len()));
            }
        }
        tidy.crowded = tidy.told.len().saturating_mul(2);
        *self = tidy;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_there_once_and_in_order() {
        let mut notes = Notes::default();
        let rows: [(Note, &[u8], &[u8]); 4] = [
            (Note::Value(Kind::Name), b"A", b"A"),
            (Note::Value(Kind::Id), b"A", b"A"),
            (Note::Technical, b"", b""),
            (Note::Number, b"12", b""),
        ];
        for (note, raw, text) in rows.iter().chain(&rows) {
            notes.add(*note, raw, text);
        }
        assert_eq!(notes.iter().collect::<Vec<_>>(), rows);
        assert_eq!(notes.weight(), 6);
    }

    #[test]
    fn memory_grows_with_what_is_told_and_not_with_how_often() {
        let mut notes = Notes::default();
        for n in 0..100_000u32 {
            let name = format!("NAME{}", n % 500);
            notes.add(Note::Value(Kind::Name), name.as_bytes(), name.as_bytes());
        }
        assert!(
            notes.iter().count() <= 2 * CROWDED,
            "{}",
            notes.iter().count()
        );
        let told: std::collections::BTreeSet<_> = notes.iter().map(|(_, raw, _)| raw).collect();
        assert_eq!(told.len(), 500);
    }
}
