//! Paths as bytes, as lists, tables of the system and other programs write them.

use std::path::PathBuf;

/// The path that these bytes name. Where paths are not bytes, what is no UTF-8 is replaced.
#[cfg(unix)]
#[must_use]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The path that these bytes name. Where paths are not bytes, what is no UTF-8 is replaced.
#[cfg(not(unix))]
#[must_use]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
