//! The journal: one line of JSON for what became of each input, written as it happens, chained so that a changed line is
//! found, and put into one order when the run ends.
//!
//! Owns: `OUT/report.journal.jsonl`. It holds keyed codes, numbers and words of this program, and nothing of an input: no value, no
//! name, no path. A killed run goes on from it; a run with another profile or key is refused by it; journals of shards merge
//! to the journal that one run would have written. Reports are made from it and from nothing else.

mod chain;
mod done;
mod lines;
mod order;
mod reading;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chain::chained;
pub use done::Done;
pub use lines::{End, Entry, Head, HoldText, Line, Release};
pub use order::{Standing, put_in_order, seal, whole};
pub use reading::Lines;

/// Its name in the output folder.
pub const NAME: &str = "report.journal.jsonl";
/// How long lines may wait for the disk.
const SYNC_EVERY: Duration = Duration::from_secs(5);
/// Unread inputs that are remembered.
const UNREAD: usize = 10_000;

/// Why a journal is not gone on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another profile, key, list or layout.
    #[error("this output folder was begun with another {0}")]
    Other(&'static str),
    /// A run without a key cannot go on, and cannot be added to.
    #[error("this output folder was begun without a key file, and that run's key is gone")]
    Keyless,
    /// A line is not what the next one says it was.
    #[error("the journal was changed at line {0}")]
    Changed(u64),
    /// Another run holds the file.
    #[error("another run is writing to this output folder")]
    Busy,
    /// There is nothing to go on with.
    #[error("there is no journal to go on from")]
    Nothing,
    /// Not all shards are there, or one is there twice.
    #[error("shard {0} of {1} is missing, not ended, or there twice")]
    Shards(u32, u32),
    /// The file cannot be read or written.
    #[error("the journal cannot be read or written: {0}")]
    Io(#[from] io::Error),
}

impl JournalError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Other(_) => {
                "use the same profile, options, key file and list as before, or a new output folder"
            }
            Self::Keyless => {
                "choose a new output folder; with --key-file a run can go on and be added to"
            }
            Self::Changed(_) => {
                "this folder can no longer be vouched for: clean again into a new one"
            }
            Self::Busy => {
                "wait for the other run, or give each run a folder or a --shard of its own"
            }
            Self::Nothing => {
                "give the output folder of a run, the one with report.journal.jsonl in it; shards are put together first: dcmscrub report merge"
            }
            Self::Shards(..) => "run every shard to its end, then merge",
            Self::Io(_) => "check that the folder can be written to and has room",
        }
    }
}

/// The name of a journal: that of a whole run, or of one shard.
#[must_use]
pub fn name(shard: Option<(u32, u32)>) -> String {
    shard.map_or_else(
        || NAME.to_owned(),
        |(i, n)| format!("report.journal.{i}-of-{n}.jsonl"),
    )
}

/// A journal that is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Where a lock on the journal would keep its own run from reading it: the file that is locked instead.
    _lock: Option<File>,
    /// Bytes that are whole lines.
    length: u64,
    /// Digest of the last line.
    last: String,
    synced: Instant,
    /// A line is missing: it could not be written.
    broken: bool,
    /// The file is locked: no other run has this journal.
    alone: bool,
    /// Inputs of earlier runs that failed before a byte of them was read.
    unread: BTreeSet<String>,
}

impl Journal {
    /// Opens the journal of an output folder, or begins it. Every line that is there is checked against the next one; half a
    /// line at the end, which a killed run leaves, is cut.
    ///
    /// # Errors
    /// [`JournalError`]: another run's, changed, or held by another run.
    pub fn open(out: &Path, head: &Head) -> Result<Self, JournalError> {
        let (mut journal, there) = Self::open_at(out.join(name(head.shard)), true)?;
        if let Some(there) = there {
            there.allows(head)?;
            return Ok(journal);
        }
        let begun = siblings(out, head).and_then(|()| {
            journal.append(&Line::Run(head.clone()))?;
            Ok(())
        });
        if let Err(e) = begun {
            std::fs::remove_file(&journal.path)?;
            return Err(e);
        }
        Ok(journal)
    }

    /// Opens the journal of a folder as it is, to add what a person did, with the head that it has.
    ///
    /// # Errors
    /// [`JournalError`]: none is there, changed, or held by another run.
    pub fn reopen(out: &Path) -> Result<(Self, Head), JournalError> {
        match Self::open_at(out.join(NAME), false) {
            Ok((journal, Some(head))) => Ok((journal, head)),
            Ok((_, None)) => Err(JournalError::Nothing),
            Err(JournalError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                Err(JournalError::Nothing)
            }
            Err(e) => Err(e),
        }
    }

    fn open_at(path: PathBuf, create: bool) -> Result<(Self, Option<Head>), JournalError> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(create)
            .truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        if !path.symlink_metadata()?.is_file() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
        }
        let lock = lock_beside(&path)?;
        let alone = match lock.as_ref().unwrap_or(&file).try_lock() {
            Ok(()) => true,
            Err(std::fs::TryLockError::WouldBlock) => return Err(JournalError::Busy),
            // some network file systems have no locks
            Err(std::fs::TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => false,
            Err(std::fs::TryLockError::Error(e)) => return Err(e.into()),
        };
        // between opening and locking, a run that was ending may have put its ordered journal in the place of this one
        if !stands_at(&file, &path)? {
            return Self::open_at(path, create);
        }
        let mut lines = Lines::of(&file)?;
        let (mut first, mut unread) = (None, BTreeSet::new());
        while let Some((_, line)) = lines.next_line()? {
            match line {
                line if first.is_none() => first = Some(line),
                Line::File(entry) if entry.is_unread() && unread.len() < UNREAD => {
                    unread.insert(entry.input);
                }
                Line::File(_) | Line::Run(_) | Line::Release(_) | Line::End(_) => {}
            }
        }
        let (length, last) = lines.into_end();
        let head = match first {
            None => None,
            Some(Line::Run(head)) => Some(head),
            Some(Line::File(_) | Line::Release(_) | Line::End(_)) => {
                return Err(JournalError::Changed(1));
            }
        };
        file.set_len(length)?;
        let mut journal = Self {
            path,
            file,
            _lock: lock,
            length,
            last,
            synced: Instant::now(),
            broken: false,
            alone,
            unread,
        };
        journal.file.seek(SeekFrom::Start(length))?;
        Ok((journal, head))
    }

    /// Adds a line. One that cannot be written whole is taken back, so that the journal stays a journal, and the run can
    /// no longer say that it is done.
    ///
    /// # Errors
    /// Those of writing.
    pub fn append(&mut self, line: &Line) -> io::Result<()> {
        let (text, digest) = match chained(line, &self.last) {
            Ok(made) => made,
            Err(e) => {
                self.broken = true;
                return Err(e);
            }
        };
        if let Err(e) = self.file.write_all(text.as_bytes()) {
            self.broken = true;
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(e);
        }
        self.length = self
            .length
            .saturating_add(u64::try_from(text.len()).unwrap_or(0));
        self.last = digest;
        Ok(())
    }

    /// True when it is time to make what was written outlast a power cut.
    #[must_use]
    pub fn wants_sync(&self) -> bool {
        self.synced.elapsed() > SYNC_EVERY
    }

    /// Makes the lines outlast a power cut. The files that they speak of are made to before.
    ///
    /// # Errors
    /// Those of syncing.
    pub fn sync(&mut self) -> io::Result<()> {
        self.synced = Instant::now();
        self.file.sync_data()
    }

    /// No other run has this journal, as far as the file system can tell.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// Codes of inputs that failed in an earlier run before a byte of them was read: folders and archives are among them.
    #[must_use]
    pub fn unread(&self) -> &BTreeSet<String> {
        &self.unread
    }

    /// A line is missing.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An index of what has an output, by the input and its state.
    ///
    /// # Errors
    /// Those of reading, and of the file that the index is sorted in.
    pub fn done(&self) -> Result<Done, JournalError> {
        Done::of(&self.file, &self.path)
    }

    /// Lets the file go where an open one cannot be replaced, so that the journal in order can take its name. Nothing can be
    /// added then.
    ///
    /// # Errors
    /// Those of opening the file that takes what is written to nothing.
    pub fn let_go(&mut self) -> io::Result<()> {
        #[cfg(not(unix))]
        {
            self.file = OpenOptions::new().write(true).open("NUL")?;
        }
        Ok(())
    }
}

/// The file that is locked instead of the journal; it goes when it is closed.
#[cfg(windows)]
fn lock_beside(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // FILE_FLAG_DELETE_ON_CLOSE
    options.custom_flags(0x0400_0000);
    options.open(path.with_extension("lock")).map(Some)
}

/// The journal itself is locked.
#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
fn lock_beside(_path: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// True when the open file is the one that has the name.
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        match path.symlink_metadata() {
            Ok(there) => Ok(place(there) == place(file.metadata()?)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }
    // an open file keeps its name there
    #[cfg(not(unix))]
    {
        file.metadata()?;
        Ok(path.is_file())
    }
}

/// The journals in an output folder: of a run and of its shards.
///
/// # Errors
/// Those of reading the folder.
pub fn all_in(out: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("report.journal.") && name.ends_with(".jsonl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a run may begin beside the journals that are there: of the run that it is a shard of, or of its other shards.
fn siblings(out: &Path, head: &Head) -> Result<(), JournalError> {
    for path in all_in(out)? {
        if path == out.join(name(head.shard)) {
            continue;
        }
        let Some((_, Line::Run(other))) = Lines::of(&File::open(&path)?)?.next_line()? else {
            continue;
        };
        other.whole().allows(&head.whole())?;
        let of = |head: &Head| head.shard.map(|(_, of)| of);
        if head.shard.is_none() || of(&other).is_some() && of(&other) != of(head) {
            return Err(JournalError::Other("division into shards"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
