//! A list of inputs (`--files-from`), one path a line or with a NUL behind each, read as it is needed.

#[cfg(unix)]
use std::io::{self, BufRead};
use std::path::PathBuf;

use super::bytes::path_of;
use crate::dicom::part10;

/// Bytes of one path; a longer one is no path on any system.
const LONGEST: u64 = 64 * 1024;

/// The paths of a list, in its order. Empty lines are passed over.
///
/// Each item is an error when the list cannot be read, is a DICOM file, or has a line that can be no path; then the list ends.
/// What is no path is not shown: a file that was given by mistake is full of values.
pub fn paths(
    list: impl BufRead + Send,
    with_nul: bool,
) -> impl Iterator<Item = io::Result<PathBuf>> + Send {
    let mut list = list;
    let end = if with_nul { 0 } else { b'\n' };
    let (mut over, mut begun) = (false, false);
    std::iter::from_fn(move || {
        while !over {
            if !std::mem::replace(&mut begun, true)
                && list.fill_buf().is_ok_and(part10::may_be_dicom)
            {
                over = true;
                return Some(Err(no_list("this is a DICOM file and not a list of paths")));
            }
            let mut line = Vec::new();
            let read = io::Read::take(&mut list, LONGEST).read_until(end, &mut line);
            match read {
                Ok(0) => over = true,
                Ok(_) if line.last() != Some(&end) && line.len() >= 60 * 1024 => {
                    over = true;
                    return Some(Err(no_list("a line is longer than any path")));
                }
                Ok(_) if !with_nul && line.contains(&0) => {
                    over = true;
                    return Some(Err(no_list(
                        "a line has a NUL in it, which no path has (a list with a NUL behind each path: add -0)",
                    )));
                }
                Ok(_) => {
                    if line.last() == Some(&end) {
                        line.pop();
                    }
                    if !with_nul && line.last() == Some(&b'\r') {
                        line.pop();
                    }
                    if !line.is_empty() {
                        return Some(Ok(path_of(&line)));
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

fn no_list(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
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
    fn a_file_that_is_no_list_ends_it_and_none_of_it_is_a_path() {
        let file = [
            &[0; 128],
            &b"DICM\x02\0\0\0UL\x04\0\nAnna\0Quillfeather\n"[..],
        ]
        .concat();
        for with_nul in [false, true] {
            assert_eq!(all(&file, with_nul), [None]);
        }
        let binary = b"a\nAnna\0Quillfeather\nb";
        assert_eq!(all(binary, false), [Some(PathBuf::from("a")), None]);
    }

    #[test]
    fn a_line_without_end_is_an_error_and_no_memory() {
        let endless = vec![b'x'; 1 << 20];
        assert_eq!(all(&endless, false), [None]);
    }
}
