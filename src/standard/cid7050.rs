//! CID 7050 of PS3.16: codes of de-identification methods.

use super::generated::cid7050::CODES;

/// A code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Code Value.
    pub value: &'static str,
    /// Coding Scheme Designator.
    pub scheme: &'static str,
    /// Code Meaning.
    pub meaning: &'static str,
}

/// Code Value of the Basic Application Confidentiality Profile.
pub const BASIC: &str = "113100";

/// The code of this value.
#[must_use]
pub fn code(value: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.value == value)
}
