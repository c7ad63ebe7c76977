//! Finding inputs. Links are not followed; only regular files are ever opened; archives are read where they lie.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use walkdir::{DirEntry, WalkDir};

use super::archive::{Archive, ArchiveError, Entry, is_archive};
use super::kind::{self, Kind};
use crate::dicom::source::HeadedSource;

/// Something that was found below an input.
#[derive(Debug)]
pub struct Found {
    /// Its path, for the user's eyes.
    pub path: PathBuf,
    /// Its path below the input, for the layout that mirrors. That of an entry of an archive is its number.
    pub relative: PathBuf,
    /// What tells it from all other inputs, the same on every machine. It may hold names and is only ever used under a key.
    pub key: String,
    /// The user named it: it is an input itself, and not only below one.
    pub is_root: bool,
    /// What it is.
    pub what: What,
}

/// What was found.
#[derive(Debug)]
pub enum What {
    /// A regular file.
    File,
    /// A folder or an archive that is open now. It is no input; what was said of it when it could not be read is past.
    Folder,
    /// An entry of an archive, with the archive that it is in.
    Entry(Box<Entry>, Arc<Input>),
    /// Nothing that is ever opened.
    Left(Kind),
    /// It could not be looked at: a stable word, and words.
    Failed(&'static str, String),
}

/// Files below an input, one at a time: of a folder, of an archive, or the file itself. `index` tells several inputs apart.
#[must_use]
pub fn inputs(root: &Path, index: Option<usize>) -> Box<dyn Iterator<Item = Found> + Send> {
    let named = below(root, root, index);
    match archive(root) {
        Ok(Some((archive, input))) => Box::new(entries(root, &named, archive, Arc::new(input))),
        Ok(None) => Box::new(walk(root, index)),
        Err(e) => Box::new(std::iter::once(Found {
            path: root.to_path_buf(),
            key: key_of(&named),
            relative: named,
            is_root: true,
            what: What::Failed(e.code(), e.to_string()),
        })),
    }
}

fn archive(root: &Path) -> Result<Option<(Archive, Input)>, ArchiveError> {
    if !std::fs::metadata(root).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    // the walk meets what cannot be opened again, and says what is wrong
    let Ok(input) = Input::open(root, true) else {
        return Ok(None);
    };
    if !is_archive(&input.file, root)? {
        return Ok(None);
    }
    Ok(Some((Archive::open(&input.file)?, input)))
}

fn entries(
    root: &Path,
    named: &Path,
    archive: Archive,
    input: Arc<Input>,
) -> impl Iterator<Item = Found> + Send + use<> {
    let (root, named, mut archive) = (root.to_path_buf(), named.to_path_buf(), archive);
    let itself = Found {
        path: root.clone(),
        key: key_of(&named),
        relative: named.clone(),
        is_root: true,
        what: What::Folder,
    };
    let inside = (0..archive.len()).filter_map(move |index| {
        let (what, name) = match archive.entry(index) {
            Ok(None) => return None,
            Ok(Some(entry)) if entry.is_link => (What::Left(kind::LINK), entry.name),
            Ok(Some(entry)) => {
                let name = entry.name.clone();
                (What::Entry(Box::new(entry), Arc::clone(&input)), name)
            }
            Err(e) => (What::Failed(e.code(), e.to_string()), index.to_string()),
        };
        let mut path = root.clone().into_os_string();
        path.push("!/");
        path.push(&name);
        Some(Found {
            path: path.into(),
            relative: named.with_extension("").join(format!("{index:06}")),
            key: format!("{}!{name}|", key_of(&named)),
            is_root: false,
            what,
        })
    });
    std::iter::once(itself).chain(inside)
}

/// Files below a path of a list of inputs. The whole path tells it from the others, and its names are its place.
#[must_use]
pub fn listed(root: &Path) -> Box<dyn Iterator<Item = Found> + Send> {
    let parent = root.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let place: PathBuf = parent
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    Box::new(inputs(root, None).map(move |found| Found {
        key: format!("{}{}", key_of(&place), found.key),
        relative: place.join(&found.relative),
        ..found
    }))
}

/// True when an input is a disc: an index at its top, or one alone at the top of its folders. A folder of many discs is none.
///
/// # Errors
/// That the input cannot be read, so that nobody knows. A folder below that cannot be read fails when its files are looked for.
pub fn holds_disc_index(root: &Path) -> io::Result<bool> {
    if let Ok(Some((archive, _))) = archive(root) {
        return Ok(archive.holds_disc_index());
    }
    let mut depths = Vec::new();
    let walk = WalkDir::new(root).min_depth(1).max_depth(2).into_iter();
    for entry in walk.take(100_000) {
        match entry {
            Ok(entry) => {
                let named = entry.file_name().eq_ignore_ascii_case("DICOMDIR");
                if named && entry.file_type().is_file() && depths.len() < 100 {
                    depths.push(entry.depth());
                }
            }
            Err(e) if e.path().is_none_or(|path| path == root) => {
                let unknown = || io::Error::other("the folder cannot be read");
                return Err(e.into_io_error().unwrap_or_else(unknown));
            }
            Err(_) => {}
        }
    }
    Ok(depths.contains(&1) || depths.len() == 1)
}

/// Entries below a folder, one at a time.
fn walk(root: &Path, index: Option<usize>) -> impl Iterator<Item = Found> + Send + use<> {
    let root = root.to_path_buf();
    WalkDir::new(&root)
        .follow_links(false)
        .max_open(8)
        .into_iter()
        .map(move |entry| found(&root, index, entry))
}

fn found(root: &Path, index: Option<usize>, entry: walkdir::Result<DirEntry>) -> Found {
    let (path, is_root, what) = match entry {
        Ok(entry) => {
            let is_root = entry.depth() == 0;
            let file_type = entry.file_type();
            // an input that is itself a link was named by the user
            let linked_file = is_root && file_type.is_symlink() && entry.path().is_file();
            let what = if file_type.is_dir() {
                What::Folder
            } else if file_type.is_file() || linked_file {
                What::File
            } else if file_type.is_symlink() {
                What::Left(kind::LINK)
            } else {
                What::Left(kind::SPECIAL)
            };
            (entry.into_path(), is_root, what)
        }
        Err(e) => {
            let path = e.path().unwrap_or(root).to_path_buf();
            let reason = e
                .io_error()
                .map_or_else(|| "a loop of folders".to_owned(), ToString::to_string);
            (path, false, What::Failed("unreadable", reason))
        }
    };
    let relative = below(root, &path, index);
    Found {
        key: key_of(&relative),
        relative,
        path,
        is_root,
        what,
    }
}

/// The path below an input; an input that is a file is its own name.
fn below(root: &Path, path: &Path, index: Option<usize>) -> PathBuf {
    let below = match path.strip_prefix(root) {
        Ok(below) if below != Path::new("") => below.to_path_buf(),
        Ok(_) | Err(_) => path.file_name().map_or_else(PathBuf::new, PathBuf::from),
    };
    index.map_or(below.clone(), |n| {
        Path::new(&format!("input-{n}")).join(&below)
    })
}

/// All bytes of a path, each as one character, so that no two paths have one key.
fn key_of(relative: &Path) -> String {
    let mut key = String::new();
    for part in relative.components() {
        if let Component::Normal(part) = part {
            key.extend(part.as_encoded_bytes().iter().map(|b| char::from(*b)));
            key.push('/');
        }
    }
    key.push('|');
    key
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
#[derive(Debug)]
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
        #[cfg(windows)]
        if !named_by_user {
            // FILE_FLAG_OPEN_REPARSE_POINT: a link is opened itself, and is no regular file
            std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, 0x0020_0000);
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

    /// Its bytes.
    ///
    /// # Errors
    /// Those of reading the first of them.
    pub fn source(&self) -> io::Result<HeadedSource<'_>> {
        HeadedSource::new(&self.file, self.stamp.length)
    }

    /// Its bytes, for whoever looks at the header only.
    ///
    /// # Errors
    /// Those of reading the first of them.
    pub fn header(&self) -> io::Result<HeadedSource<'_>> {
        const USUAL: usize = 8 * 1024;
        HeadedSource::with_head(&self.file, self.stamp.length, USUAL)
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
