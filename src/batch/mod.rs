//! Files: finding them, naming outputs, writing them so that a final name never shows less than a finished file.

pub mod destination;
pub mod discover;
pub mod layout;
pub mod mounts;
pub mod sorted;
pub mod writer;
