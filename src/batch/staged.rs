//! Files that are staged in git: what the next commit would bring, whatever the working tree has.
//!
//! Owns: asking `git`, which has to be installed. Its answers are paths and bytes; nothing is written to the repository.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bytes::path_of;

/// Paths of files that are added, copied, changed or renamed in the index, below the top of the working tree.
///
/// # Errors
/// `git` is not there, or this is no working tree.
pub fn files() -> io::Result<Vec<PathBuf>> {
    let out = git(&[
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--diff-filter=ACMRT",
    ])?;
    Ok(out
        .split(|b| *b == 0)
        .filter(|name| !name.is_empty())
        .map(path_of)
        .collect())
}

/// The top of the working tree.
///
/// # Errors
/// As [`files`].
pub fn top() -> io::Result<PathBuf> {
    let out = git(&["rev-parse", "--show-toplevel"])?;
    let line = out.strip_suffix(b"\n").unwrap_or(&out);
    Ok(path_of(line))
}

/// The staged bytes of a file, as a file without a name.
///
/// # Errors
/// Those of `git` and of the storage.
pub fn content(path: &Path) -> io::Result<File> {
    let mut object = OsString::from(":");
    object.push(path.as_os_str());
    let mut child = Command::new("git")
        .args(["cat-file", "blob"])
        .arg(object)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut file = tempfile::tempfile()?;
    if let Some(mut bytes) = child.stdout.take() {
        io::copy(&mut bytes, &mut file)?;
    }
    if !child.wait()?.success() {
        return Err(io::Error::other("git does not give its staged content"));
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn git(arguments: &[&str]) -> io::Result<Vec<u8>> {
    let mut child = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut out = Vec::new();
    if let Some(mut bytes) = child.stdout.take() {
        bytes.read_to_end(&mut out)?;
    }
    if child.wait()?.success() {
        Ok(out)
    } else {
        Err(io::Error::other("this is no working tree of git"))
    }
}
