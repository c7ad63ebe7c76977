//! Words between compressed pixel data: comments and application segments that no viewer shows.
//!
//! Owns: looking at the head of each fragment. The scan is the one that cleans (`action::codestream`); pixels are not decoded.

use crate::action::codestream::{Codec, Scan};
use crate::dicom::ReadError;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::Element;

/// Bytes of a fragment that are looked at: segments with words stand in front.
const HEAD: usize = 4096;
/// Fragments that are looked at.
const MOST_FRAGMENTS: u32 = 100_000;
/// Bytes of words that are remembered.
const MOST_WORDS: usize = 64 * 1024;
/// Letters in a row that are a word.
const WORD: usize = 4;

/// What was found.
#[derive(Default)]
pub struct Comments {
    codec: Option<Codec>,
    fragments: u32,
    words: Vec<u8>,
}

impl Comments {
    /// Compressed pixel data begin.
    pub fn begin(&mut self, transfer_syntax: &str) {
        self.codec = Codec::of(transfer_syntax);
        self.fragments = 0;
    }

    /// Looks at the head of a fragment; the first one is the Basic Offset Table.
    ///
    /// # Errors
    /// Those of the source.
    pub fn fragment<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        fragment: &Element,
    ) -> Result<(), ReadError> {
        let index = self.fragments;
        self.fragments = index.saturating_add(1);
        let Some(codec) = self.codec.filter(|_| (1..MOST_FRAGMENTS).contains(&index)) else {
            return Ok(());
        };
        let length = fragment
            .length
            .map_or(0, |n| usize::try_from(n).unwrap_or(HEAD));
        let mut head = [0u8; HEAD];
        let Some(head) = head.get_mut(..length.min(HEAD)) else {
            return Ok(());
        };
        source.read_exact_at(head, fragment.value_at)?;
        let begins = match codec {
            Codec::Jpeg => head.starts_with(&[0xFF, 0xD8]),
            Codec::Jpeg2000 => head.starts_with(&[0xFF, 0x4F]),
        };
        if begins {
            let words = &mut self.words;
            let mut last = 0u64;
            Scan::new(codec).feed(head, 0, |from, to| {
                let (start, end) = (
                    usize::try_from(from).unwrap_or(0),
                    usize::try_from(to).unwrap_or(0),
                );
                if words.len() < MOST_WORDS {
                    if from != last {
                        words.push(0);
                    }
                    words.extend_from_slice(head.get(start..end).unwrap_or_default());
                }
                last = to;
            });
        }
        Ok(())
    }

    /// The words, with a zero between two places.
    #[must_use]
    pub fn words(&self) -> &[u8] {
        &self.words
    }

    /// There are words: letters in a row.
    #[must_use]
    pub fn has_words(&self) -> bool {
        let mut run = 0usize;
        self.words.iter().any(|b| {
            run = if b.is_ascii_alphabetic() || *b >= 0xC0 {
                run.saturating_add(1)
            } else {
                0
            };
            run >= WORD
        })
    }
}
