//! Key, pseudonyms, date shifts and the identifiers that a file is known by.
//!
//! Owns: everything that is secret. No value of it is printed, and no `Debug` shows one.

pub mod date_shift;
pub mod key;
pub mod known;
pub mod map;
mod memory;
mod notes;
pub mod pseudonym;
mod search;
pub mod text;
pub mod uids;
mod words;
