//! Finding inputs. Links are not followed; only regular files are ever opened.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::{DirEntry, WalkDir};

/// Something that was found below an input.
#[derive(Debug)]
pub struct Found {
    /// Its path.
    pub path: PathBuf,
    /// Its path below the input, for the layout that mirrors.
    pub relative: PathBuf,
    /// What it is.
    pub what: What,
}

/// What a directory entry is.
#[derive(Debug)]
pub enum What {
    /// A regular file.
    File,
    /// Nothing that is ever opened.
    Left(&'static str),
    /// It could not be looked at.
    Failed(String),
}

/// Entries below an input, one at a time. `index` tells several inputs apart.
pub fn walk(root: &Path, index: Option<usize>) -> impl Iterator<Item = Found> + Send + use<> {
    let root = root.to_path_buf();
    WalkDir::new(&root)
        .follow_links(false)
        .max_open(8)
        .into_iter()
        .filter_map(move |entry| found(&root, index, entry))
}

fn found(root: &Path, index: Option<usize>, entry: walkdir::Result<DirEntry>) -> Option<Found> {
    match entry {
        Ok(entry) => {
            let kind = entry.file_type();
            let is_root = entry.depth() == 0;
            if kind.is_dir() {
                return None;
            }
            // an input that is itself a link was named by the user
            let linked_file = is_root && kind.is_symlink() && entry.path().is_file();
            let what = if kind.is_file() || linked_file {
                What::File
            } else if kind.is_symlink() {
                What::Left("link")
            } else {
                What::Left("special-file")
            };
            let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let below = if is_root {
                entry
                    .path()
                    .file_name()
                    .map_or_else(PathBuf::new, PathBuf::from)
            } else {
                below.to_path_buf()
            };
            let relative = index.map_or(below.clone(), |n| {
                Path::new(&format!("input-{n}")).join(&below)
            });
            Some(Found {
                path: entry.into_path(),
                relative,
                what,
            })
        }
        Err(e) => {
            let path = e.path().unwrap_or(root).to_path_buf();
            let reason = e
                .io_error()
                .map_or_else(|| "a loop of folders".to_owned(), ToString::to_string);
            Some(Found {
                relative: path.clone(),
                path,
                what: What::Failed(reason),
            })
        }
    }
}

/// Why an input was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A folder, a pipe, a device, a socket.
    #[error("not a regular file")]
    NotRegular,
    /// It cannot be opened or looked at.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An open input with what it looked like when it was opened.
pub struct Input {
    path: PathBuf,
    /// The open file.
    pub file: File,
    stamp: Stamp,
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Self {
            length: metadata.len(),
            modified: match metadata.modified() {
                Ok(time) => Some(time),
                Err(_) => None,
            },
            #[cfg(unix)]
            inode: (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ),
        }
    }
}

impl Input {
    /// Opens a regular file for reading; never blocks on a pipe and never follows a link below an input.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path, named_by_user: bool) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            let follow = if named_by_user {
                OFlags::empty()
            } else {
                OFlags::NOFOLLOW
            };
            let flags =
                i32::try_from((OFlags::NONBLOCK | OFlags::CLOEXEC | follow).bits()).unwrap_or(0);
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
        }
        let file = options.open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(OpenError::NotRegular);
        }
        let stamp = Stamp::of(&metadata);
        Ok(Self {
            path: path.to_path_buf(),
            file,
            stamp,
        })
    }

    /// True when the file is the one that was opened, and is as it was then.
    ///
    /// # Errors
    /// Those of reading its metadata.
    pub fn is_unchanged(&self) -> io::Result<bool> {
        Ok(Stamp::of(&self.file.metadata()?) == self.stamp
            && Stamp::of(&std::fs::metadata(&self.path)?) == self.stamp)
    }
}
