//! A list of inputs (`--files-from`), one path a line or with a NUL behind each, read as it is needed.

use std::ffi::OsString;
use std::io::{self, BufRead};
use std::path::PathBuf;

/// Bytes of one path; a longer one is no path on any system.
const LONGEST: u64 = 64 * 1024;

/// The paths of a list, in its order. Empty lines are passed over.
///
/// Each item is an error when the list cannot be read or a line is longer than any path; then the list ends.
pub fn paths(
    list: impl BufRead + Send,
    with_nul: bool,
) -> impl Iterator<Item = io::Result<PathBuf>> + Send {
    let mut list = list;
    let end = if with_nul { 0 } else { b'\n' };
    let mut over = false;
    std::iter::from_fn(move || {
        while !over {
            let mut line = Vec::new();
            let read = io::Read::take(&mut list, LONGEST).read_until(end, &mut line);
            match read {
                Ok(0) => over = true,
                Ok(_) if line.last() != Some(&end) && line.len() >= 60 * 1024 => {
                    over = true;
                    let e = io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a line is longer than any path",
                    );
                    return Some(Err(e));
                }
                Ok(_) => {
                    if line.last() == Some(&end) {
                        line.pop();
                    }
                    if !with_nul && line.last() == Some(&b'\r') {
                        line.pop();
                    }
                    if !line.is_empty() {
                        return Some(Ok(path_of(line)));
                    }
                }
                Err(e) => {
                    over = true;
                    return Some(Err(e));
                }
            }
        }
        None
    })
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    name.into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(list: &[u8], with_nul: bool) -> Vec<Option<PathBuf>> {
        paths(list, with_nul)
            .map(|one| match one {
                Ok(path) => Some(path),
                Err(_) => None,
            })
            .collect()
    }

    #[test]
    fn paths_are_read_by_line_or_by_nul() {
        let some = |names: &[&str]| {
            names
                .iter()
                .map(|name| Some(PathBuf::from(name)))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(b"a\r\n\nb c\nd", false), some(&["a", "b c", "d"]));
        assert_eq!(all(b"a\nb\0\0c", true), some(&["a\nb", "c"]));
        assert_eq!(all(b"", false), some(&[]));
    }

    #[test]
    fn a_line_without_end_is_an_error_and_no_memory() {
        let endless = vec![b'x'; 1 << 20];
        assert_eq!(all(&endless, false), [None]);
    }
}
