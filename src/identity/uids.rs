//! The UIDs that one file is known by: a number with dots that is one of them as a whole.
//!
//! Owns: where a UID begins and ends in bytes that hold more. UIDs differ from file to file, so they are looked for one by one,
//! without anything to be built.

use std::ops::Range;

/// Bytes of the shortest UID that is looked for outside of texts.
const SHORTEST: usize = 6;

/// UIDs as they are met, in one piece of memory.
#[derive(Default)]
pub struct UidList {
    bytes: Vec<u8>,
    spans: Vec<Range<usize>>,
}

/// UIDs of a usual file, so that there is room for them at once.
const USUAL: usize = 32;

impl UidList {
    /// Adds one, unless it is the one that was added last.
    pub fn add(&mut self, uid: &[u8]) {
        let last = self.spans.last();
        if last.and_then(|span| self.bytes.get(span.clone())) == Some(uid) {
            return;
        }
        if self.spans.is_empty() {
            self.bytes.reserve(USUAL * 64);
            self.spans.reserve(USUAL);
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(uid);
        self.spans.push(from..self.bytes.len());
    }
}

/// UIDs in order, each once.
#[derive(Default)]
pub struct Uids {
    bytes: Vec<u8>,
    sorted: Vec<Range<usize>>,
    shortest: usize,
}

impl Uids {
    /// No UID.
    #[must_use]
    pub const fn of_nothing() -> Self {
        Self {
            bytes: Vec::new(),
            sorted: Vec::new(),
            shortest: 0,
        }
    }

    /// These.
    #[must_use]
    pub fn of(list: UidList) -> Self {
        let UidList { bytes, mut spans } = list;
        let uid = |span: &Range<usize>| bytes.get(span.clone()).unwrap_or_default();
        spans.sort_unstable_by(|a, b| uid(a).cmp(uid(b)));
        spans.dedup_by(|a, b| uid(a) == uid(b));
        Self {
            shortest: spans.iter().map(Range::len).min().unwrap_or(0),
            sorted: spans,
            bytes,
        }
    }

    fn uid(&self, span: &Range<usize>) -> &[u8] {
        self.bytes.get(span.clone()).unwrap_or_default()
    }

    /// True for a value of digits and dots, which is found as such; others are text.
    #[must_use]
    pub fn is_one(value: &[u8]) -> bool {
        value.contains(&b'.') && value.iter().copied().all(is_part)
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// Bytes of the longest.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.sorted.iter().map(Range::len).max().unwrap_or(0)
    }

    /// True when this is one of them.
    #[must_use]
    pub fn holds(&self, uid: &[u8]) -> bool {
        self.sorted
            .binary_search_by(|span| self.uid(span).cmp(uid))
            .is_ok()
    }

    /// True for bytes in which a UID may stand: a dot behind a digit, and in front of a digit or of another dot.
    #[must_use]
    pub fn may_be_in(text: &str) -> bool {
        let bytes = text.as_bytes();
        let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at));
        let behind = |at: usize| at.checked_add(1).and_then(|at| bytes.get(at));
        memchr::memchr_iter(b'.', bytes).any(|at| {
            before(at).is_some_and(u8::is_ascii_digit)
                && behind(at).is_some_and(|byte| is_part(*byte))
        })
    }

    /// True when one of them, of any length, stands in these bytes between whatever dots.
    #[must_use]
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        let runs = Runs {
            haystack: bytes,
            from: 0,
        };
        let is_one = |run: &[u8]| {
            if run.len() < self.shortest {
                return false;
            }
            let bare = run.iter().skip_while(|b| **b == b'.').count();
            let bare = run
                .get(run.len().saturating_sub(bare)..)
                .unwrap_or_default();
            let dots = bare.iter().rev().take_while(|b| **b == b'.').count();
            let bare = bare
                .get(..bare.len().saturating_sub(dots))
                .unwrap_or_default();
            self.holds(run) || self.holds(bare)
        };
        !self.sorted.is_empty()
            && runs
                .into_iter()
                .any(|run| bytes.get(run).is_some_and(is_one))
    }

    /// Where they stand in these bytes, with nothing beside them that could be a part of them.
    pub fn hits<'h>(&'h self, haystack: &'h [u8]) -> impl Iterator<Item = Range<usize>> + 'h {
        let from = if self.sorted.is_empty() {
            haystack.len()
        } else {
            0
        };
        Runs { haystack, from }.filter(|run| {
            run.len() >= SHORTEST.max(self.shortest)
                && haystack.get(run.clone()).is_some_and(|run| self.holds(run))
        })
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.'
}

/// Digits and dots in a row, with a dot at least.
struct Runs<'h> {
    haystack: &'h [u8],
    from: usize,
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.haystack.get(self.from..)?;
        let dot = memchr::memchr(b'.', rest)?;
        let (before, behind) = rest.split_at_checked(dot)?;
        let left = before.iter().rev().take_while(|b| is_part(**b)).count();
        let right = behind.iter().take_while(|b| is_part(**b)).count();
        let dot = self.from.saturating_add(dot);
        self.from = dot.saturating_add(right);
        Some(dot.saturating_sub(left)..self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_found_as_a_whole() {
        let mut list = UidList::default();
        for uid in ["1.2.34", "1.2.34", "1.2.840.99.5", "1.2", "1.2.34"] {
            list.add(uid.as_bytes());
        }
        let uids = Uids::of(list);
        for (text, found) in [
            ("1.2.34", &["1.2.34"] as &[&str]),
            ("x1.2.34y1.2.840.99.5", &["1.2.34", "1.2.840.99.5"]),
            ("see 1.2.34 and .1.2.34 or 1.2.34.", &["1.2.34"]),
            ("1.2.345 91.2.34 1.2.34.5 1.2", &[]),
            ("..... 12345 .", &[]),
            ("", &[]),
        ] {
            let hits: Vec<&str> = uids.hits(text.as_bytes()).map(|hit| &text[hit]).collect();
            assert_eq!(hits, found, "{text}");
        }
        assert_eq!((uids.count(), uids.longest()), (3, 12));
        assert!(uids.holds(b"1.2") && !uids.holds(b"1.3"));
        assert!(Uids::of_nothing().hits(b"1.2.34").next().is_none());
    }

    #[test]
    fn only_digits_and_dots_are_a_uid_and_texts_without_them_hold_none() {
        for (value, is_one) in [
            ("1.2.3", true),
            ("123", false),
            ("1.2 ", false),
            ("", false),
        ] {
            assert_eq!(Uids::is_one(value.as_bytes()), is_one, "{value}");
        }
        for (text, may) in [
            ("1.2", true),
            ("a.b 1. 2 .3", false),
            ("x5.6", true),
            ("1..2", true),
            ("", false),
        ] {
            assert_eq!(Uids::may_be_in(text), may, "{text}");
        }
    }
}
