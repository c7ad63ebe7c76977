//! The atomic writer: a temporary file beside its final name, looked at, then renamed without replacing anything.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

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
    /// Other bytes of the same instance stand there; it stands beside them.
    Beside(PathBuf),
    /// Other bytes stood there before this run. They are not replaced, and nothing was stored.
    Foreign,
}

/// Writes below one folder.
pub struct Writer {
    root: PathBuf,
    checked: Mutex<BTreeSet<PathBuf>>,
    /// Two contents of one instance are sorted out by one worker at a time.
    collisions: Mutex<()>,
    sync_each: bool,
    /// When the run began, by the clock of the output's file system. What is older is of another run.
    since: Option<Changed>,
}

impl Writer {
    /// A writer below `root`, which exists.
    #[must_use]
    pub fn new(root: PathBuf, sync_each: bool) -> Self {
        Self {
            root,
            checked: Mutex::default(),
            collisions: Mutex::default(),
            sync_each,
            since: None,
        }
    }

    /// Removes what killed runs left, and notes what stands there already as being of another run.
    ///
    /// # Errors
    /// Those of walking, removing, and making a file that shows the clock.
    pub fn begin_run(&mut self) -> io::Result<()> {
        self.sweep()?;
        let probe = temporary(&self.root)?;
        self.since = Some(Changed::of(&probe.as_file().metadata()?)?);
        Ok(())
    }

    /// A temporary file in the folder of a final name, for the owner only.
    ///
    /// # Errors
    /// Those of making the folder and the file; a link in the way is one.
    pub fn begin(&self, relative: &Path) -> io::Result<NamedTempFile> {
        let folder = self.root.join(relative.parent().unwrap_or(Path::new("")));
        self.make_folder(relative.parent().unwrap_or(Path::new("")))?;
        temporary(&folder)
    }

    /// Makes a folder below the root, part by part; a link in the place of a folder is refused.
    fn make_folder(&self, relative: &Path) -> io::Result<()> {
        let is_checked = |path: &Path| {
            self.checked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(path)
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
        checked.insert(relative.to_path_buf());
        Ok(())
    }

    /// Gives a finished file its name. Nothing that stands there is ever replaced.
    ///
    /// # Errors
    /// Those of syncing, renaming and comparing; then the temporary file is gone.
    pub fn finish(&self, temp: NamedTempFile, relative: &Path) -> io::Result<Stored> {
        if self.sync_each {
            temp.as_file().sync_all()?;
        }
        let path = self.root.join(relative);
        match temp.persist_noclobber(&path) {
            Ok(_) => Ok(Stored::New(path)),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => self.beside(e.file, &path),
            Err(e) => Err(e.error),
        }
    }

    /// Two contents for one name: the one whose digest is smaller has the name, the other one stands beside it. So the
    /// result does not depend on which came first.
    fn beside(&self, mut temp: NamedTempFile, path: &Path) -> io::Result<Stored> {
        let _one_at_a_time = self
            .collisions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let there = path.symlink_metadata()?;
        if !there.is_file() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let ours = digest(temp.as_file_mut())?;
        let theirs = digest(&mut File::open(path)?)?;
        if ours == theirs {
            return Ok(Stored::Same(path.to_path_buf()));
        }
        let other = named_beside(path, &ours);
        let is_older = match &self.since {
            Some(since) => Changed::of(&there)? < *since,
            None => false,
        };
        if is_older {
            return match File::open(&other) {
                Ok(mut file) if file.metadata()?.is_file() => {
                    if digest(&mut file)? == ours {
                        Ok(Stored::Same(other))
                    } else {
                        Ok(Stored::Foreign)
                    }
                }
                Ok(_) => Ok(Stored::Foreign),
                Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Stored::Foreign),
                Err(e) => Err(e),
            };
        }
        if ours < theirs {
            rename(path, &named_beside(path, &theirs))?;
            return match temp.persist_noclobber(path) {
                Ok(_) => Ok(Stored::Beside(path.to_path_buf())),
                Err(e) => Err(e.error),
            };
        }
        match temp.persist_noclobber(&other) {
            Ok(_) => Ok(Stored::Beside(other)),
            Err(e)
                if e.error.kind() == io::ErrorKind::AlreadyExists
                    && digest(&mut File::open(&other)?)? == ours =>
            {
                Ok(Stored::Same(other))
            }
            Err(e) => Err(e.error),
        }
    }

    /// Makes what was written outlast a power cut, as far as the machine can promise it.
    ///
    /// # Errors
    /// Those of syncing.
    pub fn sync(&self) -> io::Result<()> {
        let folder = File::open(&self.root)?;
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&folder)?;
        folder.sync_all()
    }

    /// Removes temporary files of runs that were killed.
    ///
    /// # Errors
    /// Those of walking and removing.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in walkdir::WalkDir::new(&self.root).follow_links(false) {
            let entry = entry?;
            if entry.file_type().is_file() && entry.file_name().to_str().is_some_and(is_stale) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// When a file was last changed, in a way that nobody can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Changed(i64, i64);

impl Changed {
    #[cfg(unix)]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same signature as where the time may be missing"
    )]
    fn of(metadata: &std::fs::Metadata) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        Ok(Self(metadata.ctime(), metadata.ctime_nsec()))
    }

    #[cfg(not(unix))]
    fn of(metadata: &std::fs::Metadata) -> io::Result<Self> {
        let since = metadata
            .created()?
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self(
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            i64::from(since.subsec_nanos()),
        ))
    }
}

/// A temporary file in a folder, for the owner only.
///
/// # Errors
/// Those of making it.
pub fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = format!("{PREFIX}{}-", std::process::id());
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
    let mut temp = match temp.persist_noclobber(path) {
        Ok(_) => return Ok(Stored::New(path.to_path_buf())),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => e.file,
        Err(e) => return Err(e.error),
    };
    let is_same = path.symlink_metadata()?.is_file()
        && digest(temp.as_file_mut())? == digest(&mut File::open(path)?)?;
    Ok(if is_same {
        Stored::Same(path.to_path_buf())
    } else {
        Stored::Foreign
    })
}

/// A temporary name of a process that is no more.
fn is_stale(name: &str) -> bool {
    let process = name
        .strip_prefix(PREFIX)
        .filter(|rest| rest.ends_with(SUFFIX))
        .and_then(|rest| rest.split_once('-'));
    process.is_some_and(|(id, _)| !Path::new("/proc").join(id).exists())
}

fn named_beside(path: &Path, digest: &[u8; 32]) -> PathBuf {
    let code = crate::identity::key::base32(digest, 16);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path
        .extension()
        .map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-{code}{extension}"))
}

/// Renames without replacing.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(e)
            if e.kind() == io::ErrorKind::AlreadyExists
                && digest(&mut File::open(from)?)? == digest(&mut File::open(to)?)? =>
        {
            std::fs::remove_file(from)
        }
        Err(e) => Err(e),
    }
}

fn digest(file: &mut File) -> io::Result<[u8; 32]> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(buffer.get(..n).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[expect(clippy::disallowed_methods, reason = "a test's own file")]
    fn write(path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }

    fn store(writer: &Writer, name: &str, bytes: &[u8]) -> Stored {
        let mut temp = writer.begin(Path::new(name)).unwrap();
        temp.write_all(bytes).unwrap();
        writer.finish(temp, Path::new(name)).unwrap()
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
    fn two_contents_of_one_name_are_kept_whatever_their_order() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, order) in [(&one, [b"A", b"B"]), (&other, [b"B", b"A"])] {
            let writer = Writer::new(folder.path().to_path_buf(), false);
            for bytes in order.iter().chain(&order) {
                store(&writer, "p/x.dcm", *bytes);
            }
            assert!(matches!(store(&writer, "p/x.dcm", b"A"), Stored::Same(_)));
        }
        assert_eq!(tree(one.path()), tree(other.path()));
        assert_eq!(tree(one.path()).len(), 2);
    }

    #[test]
    fn other_bytes_of_an_earlier_run_are_never_replaced() {
        let out = tempfile::tempdir().unwrap();
        write(out.path().join("x.dcm"), b"foreign").unwrap();
        let mut writer = Writer::new(out.path().to_path_buf(), false);
        // the clock of a file system has a grain
        let begun = std::time::Instant::now();
        while begun.elapsed() < std::time::Duration::from_millis(50) {
            writer.begin_run().unwrap();
        }
        for bytes in [b"A", b"Z"] {
            assert_eq!(store(&writer, "x.dcm", bytes), Stored::Foreign);
        }
        assert!(matches!(
            store(&writer, "x.dcm", b"foreign"),
            Stored::Same(_)
        ));
        assert_eq!(tree(out.path()).len(), 1);
        assert!(matches!(store(&writer, "y.dcm", b"A"), Stored::New(_)));
        assert!(matches!(store(&writer, "y.dcm", b"B"), Stored::Beside(_)));
    }

    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_not_followed() {
        let (out, victim) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(victim.path(), out.path().join("p")).unwrap();
        assert!(
            Writer::new(out.path().to_path_buf(), false)
                .begin(Path::new("p/x.dcm"))
                .is_err()
        );
        assert!(tree(victim.path()).is_empty());
    }

    #[test]
    fn only_temporary_files_of_dead_processes_are_swept() {
        let out = tempfile::tempdir().unwrap();
        let writer = Writer::new(out.path().to_path_buf(), false);
        let alive = format!("{PREFIX}{}-x{SUFFIX}", std::process::id());
        for name in [".dcmscrub-4294967-x.tmp", "x.tmp", alive.as_str()] {
            write(out.path().join(name), b"").unwrap();
        }
        writer.sweep().unwrap();
        assert_eq!(tree(out.path()).len(), 2);
    }
}
