//! What a worker remembers from file to file. Files of one patient hold the same names, texts and UIDs, and a series holds
//! little else: what was worked out for one is the same for the next.
//!
//! Owns: results of pure functions, each under all that it depends on, compared whole. Bounded; nothing of it is written
//! anywhere, and it ends with its thread.

use std::cell::RefCell;
use std::sync::Arc;

use super::notes::Notes;
use super::text::How;
use super::words::Words;

/// People that are remembered: a worker may go to and fro between the series of a few.
const PEOPLE: usize = 4;
/// Bytes of what is told of people that is worth remembering.
const MOST_TOLD: usize = 64 * 1024;
/// Codes that are remembered.
const MOST: usize = 4096;
/// Texts of one manner of cleaning that are remembered.
const MOST_TEXTS: usize = 1024;
/// Bytes of a text or a value that is worth remembering.
const LONGEST: usize = 256;
/// Manners of cleaning that are remembered, of all people.
const MANNERS: usize = 8;

/// Only ever looked up, and quicker at that than a map in order.
#[expect(
    clippy::disallowed_types,
    reason = "nobody walks over it, so its order reaches nothing"
)]
type Lookup<K, V> = std::collections::HashMap<K, V>;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

#[derive(Default)]
struct Memory {
    people: Vec<(Notes, Arc<Words>)>,
    texts: Vec<Manner>,
    codes: Lookup<Box<[u8]>, [u8; 32]>,
    message: Vec<u8>,
}

/// Texts as they were cleaned of what these words tell, in this manner.
struct Manner {
    words: u64,
    how: How,
    texts: Lookup<Box<str>, Option<Box<str>>>,
}

/// What was noted, ready to be searched for.
pub(super) fn words(notes: &Notes) -> Arc<Words> {
    let before = MEMORY.with_borrow_mut(|memory| {
        let at = memory.people.iter().rposition(|(told, _)| told == notes)?;
        // the last one met stands last
        if let Some(last) = memory.people.len().checked_sub(1) {
            memory.people.swap(at, last);
        }
        memory.people.last().map(|(_, words)| Arc::clone(words))
    });
    before.unwrap_or_else(|| {
        let words = Arc::new(Words::of(notes));
        if notes.weight() <= MOST_TOLD {
            MEMORY.with_borrow_mut(|memory| {
                if memory.people.len() >= PEOPLE {
                    memory.people.remove(0);
                }
                memory.people.push((notes.clone(), Arc::clone(&words)));
            });
        }
        words
    })
}

/// What cleaning leaves of a text; `clean` says it where it is not known. `words` is the number of [`Words`].
pub(super) fn cleaned(
    words: u64,
    how: &How,
    text: &str,
    clean: impl FnOnce() -> Option<String>,
) -> Option<String> {
    if text.len() > LONGEST {
        return clean();
    }
    let before = MEMORY.with_borrow(|memory| {
        let manner = memory.manner(words, how)?;
        let cleaned = memory.texts.get(manner)?.texts.get(text)?;
        Some(cleaned.as_deref().map(str::to_owned))
    });
    before.unwrap_or_else(|| {
        let cleaned = clean();
        MEMORY.with_borrow_mut(|memory| {
            let at = memory
                .manner(words, how)
                .unwrap_or_else(|| memory.begin(words, how));
            if let Some(manner) = memory.texts.get_mut(at) {
                if manner.texts.len() >= MOST_TEXTS {
                    manner.texts.clear();
                }
                let cleaned = cleaned.as_deref().map(Box::from);
                manner.texts.insert(text.into(), cleaned);
            }
        });
        cleaned
    })
}

/// The MAC of a message, which begins with what tells its key from all others of this process; `mac` says it where it is not
/// known.
pub(super) fn code(
    message: impl FnOnce(&mut Vec<u8>),
    mac: impl FnOnce(&[u8]) -> [u8; 32],
) -> [u8; 32] {
    MEMORY.with_borrow_mut(|memory| {
        let bytes = &mut memory.message;
        bytes.clear();
        message(bytes);
        if let Some(code) = memory.codes.get(bytes.as_slice()) {
            return *code;
        }
        let code = mac(bytes);
        if bytes.len() <= LONGEST {
            if memory.codes.len() >= MOST {
                memory.codes.clear();
            }
            memory.codes.insert(bytes.as_slice().into(), code);
        }
        code
    })
}

impl Memory {
    fn manner(&self, words: u64, how: &How) -> Option<usize> {
        let is_it = |manner: &Manner| manner.words == words && manner.how == *how;
        self.texts.iter().rposition(is_it)
    }

    fn begin(&mut self, words: u64, how: &How) -> usize {
        if self.texts.len() >= MANNERS {
            self.texts.remove(0);
        }
        self.texts.push(Manner {
            words,
            how: *how,
            texts: Lookup::new(),
        });
        self.texts.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::known::{Kind, KnownIdentifiersBuilder};
    use crate::identity::notes::Note;

    #[test]
    fn what_is_remembered_is_of_the_same_people_and_the_same_manner() {
        let clean = |name: &str, text: &str| {
            let mut builder = KnownIdentifiersBuilder::default();
            builder.add(Kind::Name, name.as_bytes(), name);
            builder.build().clean_text(text, &How::KNOWN)
        };
        for _ in 0..2 {
            for n in 0..10 {
                let own = format!("QUILLON{}", char::from(b'A' + n));
                let left = clean(&own, &format!("knee of {own}"));
                assert_eq!(left.as_deref(), Some("knee"));
                assert_eq!(clean(&own, "knee of QUILLONZ"), None, "another's");
            }
        }
        let count = MEMORY.with_borrow(|memory| (memory.people.len(), memory.texts.len()));
        assert_eq!(count, (PEOPLE, MANNERS));
    }

    #[test]
    fn people_are_made_ready_once() {
        let mut notes = Notes::default();
        notes.add(Note::Value(Kind::Id), b"QX-0815", b"QX-0815");
        let first = words(&notes);
        assert_eq!(first.id, words(&notes.clone()).id);
        notes.add(Note::Technical, b"QX", b"");
        assert_ne!(first.id, words(&notes).id);
    }

    #[test]
    fn codes_are_those_of_their_message_and_bounded() {
        for round in 0..3 {
            for n in 0..MOST + 10 {
                let message = n.to_be_bytes();
                let told = code(
                    |bytes| bytes.extend_from_slice(&message),
                    |bytes| {
                        let mut code = [0; 32];
                        code[..8].copy_from_slice(bytes);
                        code
                    },
                );
                assert_eq!(told[..8], message, "{round}");
            }
        }
        assert!(MEMORY.with_borrow(|memory| memory.codes.len()) <= MOST);
    }
}
