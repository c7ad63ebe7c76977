//! The atomic writer: a temporary file beside its final name, looked at, then renamed without replacing anything.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::digest::digest;
use super::layout::{CLEAN, REVIEW};

const PREFIX: &str = ".dcmscrub-";
const SUFFIX: &str = ".tmp";
/// Folders that are remembered as checked.
const REMEMBERED: usize = 4096;

/// What became of an output.
#[derive(Debug, PartialEq, Eq)]
pub enum Stored {
    /// It stands under its name.
    New(PathBuf),
    /// The same bytes stood there already.
    Same(PathBuf),
    /// Other bytes stand there. They are not replaced, and nothing was stored.
    Foreign,
}

/// Writes below one folder.
pub struct Writer {
    root: PathBuf,
    tag: String,
    checked: Mutex<BTreeSet<OsString>>,
    sync_each: bool,
}

impl Writer {
    /// A writer below `root`, which exists; its temporary files bear this tag.
    #[must_use]
    pub fn new(root: PathBuf, tag: String, sync_each: bool) -> Self {
        Self {
            // a relative one would be looked up anew for every file
            root: std::path::absolute(&root).unwrap_or(root),
            tag,
            checked: Mutex::default(),
            sync_each,
        }
    }

    /// A temporary file in a folder below the root, for the owner only.
    ///
    /// # Errors
    /// Those of making the folder and the file; a link in the way is one.
    pub fn begin(&self, folder: &Path) -> io::Result<NamedTempFile> {
        self.make_folder(folder)?;
        temporary(&self.root.join(folder), &self.tag)
    }

    /// Makes a folder below the root, part by part; a link in the place of a folder is refused.
    fn make_folder(&self, relative: &Path) -> io::Result<()> {
        let is_checked = |path: &Path| {
            self.checked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(path.as_os_str())
        };
        if is_checked(relative) {
            return Ok(());
        }
        let mut at = self.root.clone();
        for part in relative.components() {
            at.push(part);
            match std::fs::create_dir(&at) {
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    if !at.symlink_metadata()?.is_dir() {
                        return Err(io::Error::new(
                            io::ErrorKind::NotADirectory,
                            "something else stands where an output folder has to be",
                        ));
                    }
                }
                Err(e) => return Err(e),
            }
        }
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.len() >= REMEMBERED {
            checked.clear();
        }
        checked.insert(relative.as_os_str().to_owned());
        Ok(())
    }

    /// Gives a finished file the first of these names that is free. Nothing that stands there is ever replaced; the same
    /// bytes under one of them count as done.
    ///
    /// # Errors
    /// Those of syncing, renaming and comparing; then the temporary file is gone.
    pub fn finish(
        &self,
        temp: NamedTempFile,
        folder: &Path,
        names: &[OsString],
    ) -> io::Result<Stored> {
        // only Linux can sync a whole file system when all is written
        if self.sync_each || cfg!(not(target_os = "linux")) {
            temp.as_file().sync_all()?;
        }
        let mut temp = temp;
        for name in names {
            let relative = folder.join(name);
            temp = match store(temp, &self.root.join(&relative))? {
                Ok(is_new) if is_new => return Ok(Stored::New(relative)),
                Ok(_) => return Ok(Stored::Same(relative)),
                Err(taken) => taken,
            };
        }
        Ok(Stored::Foreign)
    }

    /// Makes what was written outlast a power cut, as far as the machine can promise it.
    ///
    /// # Errors
    /// Those of syncing.
    pub fn sync(&self) -> io::Result<()> {
        sync_folder(&self.root)
    }

    /// True when an output stands below the root.
    ///
    /// # Errors
    /// Those of looking.
    pub fn holds(&self, relative: &Path) -> io::Result<bool> {
        match self.root.join(relative).symlink_metadata() {
            Ok(there) => Ok(there.is_file()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Removes temporary files of killed runs with this writer's tag. The caller holds the lock of that tag's journal, so that
    /// no run that lives has any, on whichever machine.
    ///
    /// # Errors
    /// Those of walking and removing.
    pub fn sweep(&self) -> io::Result<()> {
        let here = walkdir::WalkDir::new(&self.root).max_depth(1);
        let below = [CLEAN, REVIEW].map(|name| walkdir::WalkDir::new(self.root.join(name)));
        for entry in std::iter::once(here).chain(below).flatten() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) if e.io_error().map(io::Error::kind) == Some(io::ErrorKind::NotFound) => {
                    continue;
                }
                Err(e) => return Err(e.into()),
            };
            let name = entry.file_name().to_string_lossy();
            if entry.file_type().is_file() && is_of(&name, &self.tag) {
                match std::fs::remove_file(entry.path()) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                    Ok(()) | Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// Makes all that was written to the file system of a folder outlast a power cut, as far as the machine can promise it.
///
/// # Errors
/// Those of syncing.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = File::open(folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&folder)?;
    folder.sync_all()
}

/// A folder cannot be synced there; [`Writer`] syncs each file.
///
/// # Errors
/// The folder is not there.
#[cfg(not(unix))]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::metadata(folder).map(drop)
}

/// The tag of the temporary files of a run, or of one shard of it.
#[must_use]
pub fn tag(shard: Option<(u32, u32)>) -> String {
    shard.map_or_else(|| "run".to_owned(), |(i, n)| format!("{i}-of-{n}"))
}

/// A temporary file in a folder, for the owner only; the tag says whose it is.
///
/// # Errors
/// Those of making it.
pub fn temporary(folder: &Path, tag: &str) -> io::Result<NamedTempFile> {
    let prefix = format!("{PREFIX}{tag}-");
    tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(SUFFIX)
        .tempfile_in(folder)
}

/// Gives one finished file its name. Nothing that stands there is ever replaced.
///
/// # Errors
/// Those of renaming and comparing.
pub fn finish_single(temp: NamedTempFile, path: &Path) -> io::Result<Stored> {
    Ok(match store(temp, path)? {
        Ok(true) => Stored::New(path.to_path_buf()),
        Ok(false) => Stored::Same(path.to_path_buf()),
        Err(_taken) => Stored::Foreign,
    })
}

/// True when the file has the name now, false when the same bytes had it before; the file again where other bytes have it.
fn store(temp: NamedTempFile, path: &Path) -> io::Result<Result<bool, NamedTempFile>> {
    let temp = match temp.persist_noclobber(path) {
        Ok(_) => return Ok(Ok(true)),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => e.file,
        Err(e) => return Err(e.error),
    };
    let is_same = path.symlink_metadata()?.is_file()
        && digest(temp.as_file())? == digest(&File::open(path)?)?;
    Ok(if is_same { Ok(false) } else { Err(temp) })
}

/// True for names that only temporary files of this program have.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

fn is_of(name: &str, tag: &str) -> bool {
    is_temporary(name)
        && name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_prefix(tag))
            .is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[expect(clippy::disallowed_methods, reason = "a test's own file")]
    fn write(path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }

    fn put(writer: &Writer, names: &[&str], bytes: &[u8]) -> Stored {
        let mut temp = writer.begin(Path::new("clean/p")).unwrap();
        temp.write_all(bytes).unwrap();
        let names: Vec<OsString> = names.iter().map(OsString::from).collect();
        writer.finish(temp, Path::new("clean/p"), &names).unwrap()
    }

    fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let files = walkdir::WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .map(Result::unwrap)
            .filter(|e| e.file_type().is_file());
        files
            .map(|e| {
                (
                    e.path().strip_prefix(folder).unwrap().to_path_buf(),
                    std::fs::read(e.path()).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn other_bytes_are_never_replaced() {
        let out = tempfile::tempdir().unwrap();
        let writer = Writer::new(out.path().to_path_buf(), tag(None), false);
        let at = |name: &str| Path::new("clean/p").join(name);
        assert_eq!(put(&writer, &["x"], b"A"), Stored::New(at("x")));
        assert_eq!(put(&writer, &["x"], b"A"), Stored::Same(at("x")));
        assert_eq!(put(&writer, &["x"], b"B"), Stored::Foreign);
        assert_eq!(put(&writer, &["x", "y"], b"B"), Stored::New(at("y")));
        assert_eq!(put(&writer, &["x", "y"], b"B"), Stored::Same(at("y")));
        let tree = tree(out.path());
        assert_eq!(
            tree.iter()
                .map(|(_, bytes)| bytes.as_slice())
                .collect::<Vec<_>>(),
            [b"A", b"B"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_not_followed() {
        let (out, victim) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(victim.path(), out.path().join("p")).unwrap();
        assert!(
            Writer::new(out.path().to_path_buf(), tag(None), false)
                .begin(Path::new("p"))
                .is_err()
        );
        assert!(tree(victim.path()).is_empty());
    }

    #[test]
    fn only_temporary_files_of_the_same_run_are_swept() {
        let out = tempfile::tempdir().unwrap();
        let writer = Writer::new(out.path().to_path_buf(), tag(Some((2, 4))), false);
        writer.sweep().unwrap();
        let others = [".dcmscrub-2-of-40-x.tmp", ".dcmscrub-run-x.tmp", "x.tmp"];
        for folder in ["clean/a", "review", "else"] {
            std::fs::create_dir_all(out.path().join(folder)).unwrap();
            for name in others.iter().chain(&[".dcmscrub-2-of-4-x.tmp"]) {
                write(out.path().join(folder).join(name), b"").unwrap();
            }
        }
        writer.sweep().unwrap();
        let left = tree(out.path()).into_iter().map(|(path, _)| path);
        let left: Vec<PathBuf> = left.filter(|path| !path.starts_with("else")).collect();
        assert_eq!(left.len(), 6);
        assert!(
            left.iter()
                .all(|path| others.iter().any(|name| path.ends_with(name)))
        );
    }

    #[test]
    fn an_output_is_held_when_it_is_a_file_and_names_tell_what_is_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::new(folder.path().to_path_buf(), tag(None), false);
        std::fs::create_dir(folder.path().join("clean")).unwrap();
        write(folder.path().join("clean/a"), b"a").unwrap();
        for (name, held) in [("clean/a", true), ("clean", false), ("clean/b", false)] {
            assert_eq!(writer.holds(Path::new(name)).unwrap(), held, "{name}");
        }
        assert!(
            writer.holds(Path::new("clean/a/b")).is_err(),
            "a file is no folder"
        );
        let temp = temporary(folder.path(), &tag(Some((2, 3)))).unwrap();
        let name = temp
            .path()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(is_temporary(&name) && is_of(&name, "2-of-3"));
        assert!(!is_of(&name, "1-of-3") && !is_of(&name, "run"));
        for name in ["a.dcm", "x.tmp", ".dcmscrub-run-x", ".dcmscrub"] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn one_file_gets_its_name_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.dcm");
        let file = |bytes: &[u8]| {
            let mut temp = temporary(folder.path(), "run").unwrap();
            temp.write_all(bytes).unwrap();
            temp
        };
        let stored = |bytes: &[u8]| finish_single(file(bytes), &path).unwrap();
        assert!(matches!(stored(b"one"), Stored::New(_)));
        assert!(matches!(stored(b"one"), Stored::Same(_)));
        assert!(matches!(stored(b"two"), Stored::Foreign));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
    }
}
