//! Files: finding them, naming outputs, writing them so that a final name never shows less than a finished file.

pub mod bytes;
pub mod destination;
pub mod digest;
pub mod discover;
pub mod journal;
pub mod archive;
pub mod kind;
pub mod list;
pub mod layout;
pub mod mounts;
pub mod outcome;
pub mod sorted;
pub mod staged;
pub mod tree;
pub mod writer;
