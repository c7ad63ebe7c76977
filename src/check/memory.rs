//! What one worker remembers from file to file: files of one patient have the same names, and the same texts.
//!
//! Owns: verdicts on texts, bounded. A verdict depends on the text and on who is known, and both are compared whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::identity::known::{Kind, KnownIdentifiers, KnownIdentifiersBuilder};
use crate::identity::text::{self, DatesInText, Depth, How, person::KnownText};

/// Texts that are remembered.
const MOST: usize = 4096;
/// Bytes of a text that is worth remembering.
const LONGEST: usize = 512;

/// Verdicts and people of the last files.
#[derive(Default)]
pub struct Memory {
    values: Vec<(Kind, String)>,
    known: Option<Arc<KnownIdentifiers>>,
    is_known: BTreeMap<Box<[u8]>, bool>,
    has_shape: [BTreeMap<Box<str>, bool>; 8],
    nobody: KnownText,
}

impl Memory {
    /// The identifiers of these values; those of the last file where they are the same.
    pub fn known(&mut self, values: &[(Kind, &str)]) -> Arc<KnownIdentifiers> {
        let same = self.values.len() == values.len()
            && self
                .values
                .iter()
                .zip(values)
                .all(|((kind, text), (other, value))| kind == other && text == value);
        if let Some(known) = &self.known
            && same
        {
            return Arc::clone(known);
        }
        self.is_known.clear();
        let mut builder = KnownIdentifiersBuilder::default();
        for (kind, text) in values {
            builder.add(*kind, text.as_bytes(), text);
        }
        let known = Arc::new(builder.build());
        self.known = Some(Arc::clone(&known));
        self.values = values
            .iter()
            .map(|(kind, text)| (*kind, (*text).to_owned()))
            .collect();
        known
    }

    /// Whether names or numbers stand in these bytes, or in the text that they are. `known` is what [`Self::known`] gave last.
    pub fn is_known(&mut self, known: &KnownIdentifiers, bytes: &[u8], text: &str) -> bool {
        if self.values.is_empty() {
            return false;
        }
        let is_short = bytes.len() <= LONGEST;
        if is_short && let Some(verdict) = self.is_known.get(bytes) {
            return *verdict;
        }
        let verdict = known.strong_hits(bytes).next().is_some()
            || !text.is_empty()
                && known.clean_text(text, &How::KNOWN).is_some()
                && text::clean(text, &self.nobody, &How::KNOWN).is_none();
        if is_short && self.is_known.len() < MOST {
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
