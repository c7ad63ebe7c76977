//! The bounded, iterative reader of DICOM files (PS3.5, PS3.10).
//!
//! Owns: how bytes become data elements, their places, character sets and values. Decides nothing about identity.
//! Rules: no recursion over a file's nesting, no allocation from a declared length, every length checked against the end
//! of its container and finally of the file, and an unknown structure is an error, never a skip.

pub mod source;
pub mod error;
pub mod path;
pub mod element;
pub mod walk;
pub mod inflate;
pub mod part10;
pub mod charset;
pub mod value;
pub mod vr;

pub use dicom_core::{Tag, VR as Vr};
pub use error::{Bound, Damage, ReadError};
pub use path::{ElementPath, PathStep};

/// Bounds of one file. Each has a named refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sequences inside sequences.
    pub depth: usize,
    /// Data elements, items and fragments of one file.
    pub elements: u64,
    /// Bytes of one inflated data set.
    pub inflated: u64,
    /// Bytes that the deflated part may grow to whatever its ratio.
    pub inflated_any_ratio: u64,
    /// Times that a deflated part may grow beyond `inflated_any_ratio`.
    pub inflated_ratio: u64,
    /// Bytes of one value that is read whole to be changed or searched.
    pub value: usize,
    /// Bytes of all changes to one file.
    pub edits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            elements: 4_000_000,
            inflated: 4 << 30,
            inflated_any_ratio: 256 << 20,
            inflated_ratio: 200,
            value: 16 << 20,
            edits: 32 << 20,
        }
    }
}
