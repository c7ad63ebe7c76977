//! What each action does to one value. One action, one file; none of them reads a file or knows where the value goes.

pub mod clean;
pub mod codestream;
pub mod document;
pub mod dummy;
pub mod icc;
pub mod run_lengths;
pub mod sequence;
pub mod uid;
