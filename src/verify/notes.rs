//! What is counted without finding fault: what was not looked at, and why.

use std::collections::BTreeMap;

use serde::Serialize;

use super::findings::Note;

/// Counts by their words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Notes(pub BTreeMap<&'static str, u64>);

impl Notes {
    /// One more.
    pub fn count(&mut self, note: Note) {
        self.add(note.word, 1);
    }

    /// Adds those of another reading.
    pub fn append(&mut self, other: &Self) {
        for (word, n) in &other.0 {
            self.add(word, *n);
        }
    }

    /// How often.
    #[must_use]
    pub fn of(&self, note: Note) -> u64 {
        self.0.get(note.word).copied().unwrap_or(0)
    }

    fn add(&mut self, word: &'static str, n: u64) {
        let count = self.0.entry(word).or_default();
        *count = count.saturating_add(n);
    }
}
