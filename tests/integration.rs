//! All integration tests, in one binary.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::get_unwrap,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    clippy::use_debug,
    clippy::too_many_lines,
    clippy::semicolon_if_nothing_returned,
    reason = "a test stops at the first surprise"
)]

mod architecture;
mod check;
mod clean;
mod clinic;
mod damage;
mod dictionary;
mod diff;
mod disc;
mod documents;
mod explain;
mod faults;
mod fixtures;
mod fuzz;
mod kept;
mod large;
mod log_privacy;
mod malformed;
mod memory;
mod options;
mod packaging;
mod paths;
mod profiles;
mod private;
mod promises;
mod reports;
mod sessions;
mod shells;
mod standard;
mod study;
mod verify;
