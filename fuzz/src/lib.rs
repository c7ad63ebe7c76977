//! What has to hold for any bytes at all, one function a target. The fuzzer calls them (`fuzz/targets`), and so do the
//! ordinary tests with the kept corpus (`tests/fuzz.rs`).
//!
//! A target panics when a promise is broken; that it returns says nothing about whether the bytes were taken or refused.

pub mod in_common;

pub mod archive;
pub mod clean;
pub mod disc;
pub mod drawn;
pub mod key;
pub mod profile;
pub mod reader;
pub mod text;
