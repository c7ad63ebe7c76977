//! Where a path lies in its file system, which is the same by every mount of it.
//!
//! A folder that is mounted in two places has two paths, and `..` leads out of them to two different parents. Source: the
//! manual page `proc_pid_mountinfo(5)`. Where there is no such file, nothing is known here, and identities alone decide.

#[cfg(unix)]
use std::path::{Path, PathBuf};

use super::bytes::path_of;

/// The mounts that this process sees, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Mounts(Vec<Mount>);

#[derive(Debug)]
struct Mount {
    device: String,
    /// The part of the file system that is mounted.
    root: PathBuf,
    /// Where it is mounted.
    point: PathBuf,
}

impl Mounts {
    /// Reads the mounts of this process; none where the system does not tell.
    #[must_use]
    pub fn of_this_process() -> Self {
        match std::fs::read("/proc/self/mountinfo") {
            Ok(table) => Self::parse(&table),
            Err(_) => Self::default(),
        }
    }

    fn parse(table: &[u8]) -> Self {
        let mounts = table.split(|&b| b == b'\n').filter_map(|line| {
            let mut fields = line.split(|&b| b == b' ').skip(2);
            Some(Mount {
                device: String::from_utf8_lossy(fields.next()?).into_owned(),
                root: unescaped(fields.next()?),
                point: unescaped(fields.next()?),
            })
        });
        Self(mounts.collect())
    }

    /// Device and path inside its file system of a path without links.
    #[must_use]
    pub fn locate(&self, real: &Path) -> Option<(String, PathBuf)> {
        // of two mounts at one point the later one is seen
        let mount = self
            .0
            .iter()
            .filter(|mount| real.starts_with(&mount.point))
            .max_by_key(|mount| mount.point.components().count())?;
        let below = real.strip_prefix(&mount.point).unwrap_or(real);
        Some((mount.device.clone(), mount.root.join(below)))
    }
}

/// A path whose blanks and the like are written as three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = match tail {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] if first == b'\\' => {
                Some(((a & 7) << 6) | ((b & 7) << 3) | (c & 7))
            }
            _ => None,
        };
        out.push(octal.unwrap_or(first));
        rest = if octal.is_some() {
            tail.get(3..).unwrap_or_default()
        } else {
            tail
        };
    }
    path_of(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"22 1 8:1 / / rw - ext4 /dev/a rw\n\
        30 22 8:2 / /data rw shared:1 - ext4 /dev/b rw\n\
        31 22 8:2 /scans/my\\040disc /mnt/x rw - ext4 /dev/b rw\n";

    #[test]
    fn one_folder_has_one_location_by_all_its_mounts() {
        let mounts = Mounts::parse(TABLE);
        let at = |path: &str| mounts.locate(Path::new(path)).unwrap();
        assert_eq!(at("/data/scans/my disc/out"), at("/mnt/x/out"));
        assert_ne!(at("/data/scans/out"), at("/mnt/x/out"));
        assert_eq!(at("/home/p"), ("8:1".to_owned(), "/home/p".into()));
    }

    #[test]
    fn a_table_of_another_form_tells_nothing() {
        assert!(Mounts::parse(b"").locate(Path::new("/a")).is_none());
        assert!(Mounts::parse(b"x\ny z\n").locate(Path::new("/a")).is_none());
    }
}
