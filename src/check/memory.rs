//! What one worker remembers from file to file: files of one patient have the same names, and the same texts.
//!
//! Owns: verdicts on texts, bounded. A verdict on what is known is of one set of people, which `identity` tells from all others
//! by a number and makes ready once for the files that name the same.

use std::collections::BTreeMap;

use crate::identity::known::KnownIdentifiers;
use crate::identity::text::{self, DatesInText, Depth, How, person::KnownText};

/// Texts that are remembered.
const MOST: usize = 4096;
/// Bytes of a text that is worth remembering.
const LONGEST: usize = 512;

/// Verdicts of the last files.
#[derive(Default)]
pub struct Memory {
    /// The number of the people whom `is_known` is about.
    people: Option<u64>,
    is_known: BTreeMap<Box<[u8]>, bool>,
    has_shape: [BTreeMap<Box<str>, bool>; 8],
    nobody: KnownText,
}

impl Memory {
    /// Whether names or numbers stand in these bytes, or in the text that they are.
    pub fn is_known(&mut self, known: &KnownIdentifiers, bytes: &[u8], text: &str) -> bool {
        if known.is_empty() {
            return false;
        }
        let people = Some(known.number());
        if self.people != people {
            self.is_known.clear();
            self.people = people;
        }
        // the same bytes are another text in another character set, and the number says nothing of UIDs
        let lasts = bytes.len() <= LONGEST && bytes == text.as_bytes() && !known.has_uid(bytes);
        if lasts && let Some(verdict) = self.is_known.get(bytes) {
            return *verdict;
        }
        let verdict = known.strong_hits(bytes).next().is_some()
            || !text.is_empty()
                && known.clean_text(text, &How::KNOWN).is_some()
                && text::clean(text, &self.nobody, &How::KNOWN).is_none();
        if lasts && self.is_known.len() < MOST {
            self.is_known.insert(bytes.into(), verdict);
        }
        verdict
    }

    /// Whether a text has the shape of something that identifies, whoever is known.
    pub fn has_shape(&mut self, text: &str, how: &How) -> bool {
        let at = usize::from(how.depth == Depth::Full)
            | usize::from(how.dates != DatesInText::Cut) << 1
            | usize::from(how.keeps_uids) << 2;
        let Some(seen) = self.has_shape.get_mut(at) else {
            return true;
        };
        if let Some(verdict) = seen.get(text) {
            return *verdict;
        }
        let verdict = text::clean(text, &self.nobody, how).is_some();
        if text.len() <= LONGEST && seen.len() < MOST {
            seen.insert(text.into(), verdict);
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::known::{Kind, KnownIdentifiersBuilder};

    fn known(values: &[(Kind, &str)]) -> KnownIdentifiers {
        let mut builder = KnownIdentifiersBuilder::default();
        for (kind, text) in values {
            builder.add(*kind, text.as_bytes(), text);
        }
        builder.build()
    }

    #[test]
    fn a_verdict_is_never_used_for_other_people() {
        let mut memory = Memory::default();
        let text = "knee of Quillon, see 1.2.999.77";
        let rows: [(&[(Kind, &str)], bool); 5] = [
            (&[(Kind::Name, "QUILLON^ANNA")], true),
            (&[(Kind::Name, "VERBOR^ANNA")], false),
            (&[], false),
            (
                &[(Kind::Name, "VERBOR^ANNA"), (Kind::Uid, "1.2.999.77")],
                true,
            ),
            (
                &[(Kind::Name, "VERBOR^ANNA"), (Kind::Uid, "1.2.999.78")],
                false,
            ),
        ];
        for round in 0..3 {
            for (values, expected) in rows {
                let known = known(values);
                for _ in 0..2 {
                    let verdict = memory.is_known(&known, text.as_bytes(), text);
                    assert_eq!(verdict, expected, "{round}: {values:?}");
                }
            }
        }
    }

    #[test]
    fn people_of_ordinary_words_alone_are_not_nobody() {
        let known = known(&[(Kind::Name, "BROWN^MAY")]);
        assert_eq!(known.longest(), 0);
        let text = "knee of May Brown";
        assert!(Memory::default().is_known(&known, text.as_bytes(), text));
    }

    #[test]
    fn the_same_bytes_may_be_another_text() {
        let known = known(&[(Kind::Name, "ЦЕСАРЕВ")]);
        let mut memory = Memory::default();
        let bytes = b"\xC6\xB5\xC1\xB0\xC0\xB5\xB2";
        for (text, expected) in [
            ("", false),
            ("ÆµÁ°Àµ²", false),
            ("ЦЕСАРЕВ", true),
            ("", false),
        ] {
            assert_eq!(memory.is_known(&known, bytes, text), expected, "{text}");
        }
    }

    #[test]
    fn verdicts_are_kept_for_the_same_people_and_are_bounded() {
        let mut memory = Memory::default();
        for _ in 0..2 {
            for n in 0..MOST + 10 {
                let text = format!("series {n}");
                let known = known(&[(Kind::Name, "QUILLON^ANNA")]);
                assert!(!memory.is_known(&known, text.as_bytes(), &text));
            }
            assert_eq!(memory.is_known.len(), MOST);
        }
        memory.is_known(&known(&[(Kind::Name, "VERBOR^ANNA")]), b"x", "x");
        assert_eq!(memory.is_known.len(), 1);
    }
}
