//! Exit codes: one table for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All that was asked is done.
    Done = 0,
    /// `check`, `verify`, `diff` found something.
    Found = 1,
    /// Usage, profile, key, map or destination refused; nothing was written.
    Refused = 2,
    /// Finished, but some inputs failed, or no DICOM was found at all.
    Failures = 3,
    /// A bug of ours.
    Bug = 70,
    /// Interrupted by SIGINT.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table, as the manual pages show it.
pub const MEANINGS: [(&str, &str); 6] = [
    ("0", "All that was asked is done."),
    ("1", "A command that looks for something found it."),
    (
        "2",
        "Usage, profile, key, list or destination refused; nothing was written.",
    ),
    (
        "3",
        "Finished, but some inputs failed, or no DICOM was found at all.",
    ),
    ("70", "A bug of dcmscrub; it says so."),
    (
        "130, 143",
        "Interrupted; what is under a final name is complete.",
    ),
];
