//! dcmscrub removes the identity of people from DICOM files.
//!
//! How a file flows through, from the bottom layer to the top:
//!
//! ```text
//! standard   facts of the DICOM standard as sorted tables
//! dicom      the bounded reader: part 10, data elements, walk, character sets, values
//! identity   key, pseudonyms, UIDs, date shift, the person's known identifiers
//! profile    TOML as written -> valid -> compiled ruleset
//! action     what each action does to one value
//! plan       (ruleset, context, data set) -> a sorted list of edits; decides, never writes
//! apply      source + edits -> output bytes; then the last look
//! batch      discovery, output layout, atomic writer
//! media      the index of a disc, built anew
//! report     what a run prints and writes about itself
//! check      the gate: what in a file still identifies somebody
//! verify     a second reading of a finished output
//! run        the story of a run
//! ```
//!
//! The library prints nothing and exits nothing.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::string_slice,
        clippy::get_unwrap,
        clippy::unreachable,
        clippy::disallowed_methods,
        clippy::format_push_string,
        reason = "a test stops at the first surprise"
    )
)]

pub mod standard;
pub mod dicom;
pub mod identity;
pub mod profile;
pub mod action;
pub mod plan;
pub mod apply;
pub mod batch;
pub mod media;
pub mod report;
pub mod check;
pub mod verify;
pub mod run;

pub use run::deidentifier::Deidentifier;
