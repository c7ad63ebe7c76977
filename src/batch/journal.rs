//! The journal: one line of JSON for what became of each input, written as it happens, chained so that a changed line is
//! found, and put into one order when the run ends.
//!
//! Owns: `OUT/report.journal.jsonl`. It holds keyed codes, numbers and words of this program, and nothing of an input: no value, no
//! name, no path. A killed run goes on from it; a run with another profile or key is refused by it; journals of shards merge
//! to the journal that one run would have written. Reports are made from it and from nothing else.

mod lines;
mod order;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::digest::digest_of_line;
use super::sorted::Sorter;
use crate::dicom::source::{FileSource, ReadAt};
use crate::identity::pseudonym::MARK_CHARS;
pub use lines::{End, Entry, Head, HoldText, Line, Release};
pub use order::{Standing, put_in_order, seal, whole};

/// Its name in the output folder.
pub const NAME: &str = "report.journal.jsonl";
/// How long lines may wait for the disk.
const SYNC_EVERY: Duration = Duration::from_secs(5);
/// Bytes of one line.
const LONGEST: u64 = 1 << 20;
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
        let (length, last) = (lines.whole, lines.last);
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
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut sorter = Sorter::new(folder);
        let mut lines = Lines::of(&self.file)?;
        while let Some((at, line)) = lines.next_line()? {
            let Line::File(entry) = &line else {
                continue;
            };
            if entry.output.is_none() {
                continue;
            }
            let mut record = [0u8; RECORD];
            put(&mut record, 0, entry.input.as_bytes());
            put(&mut record, MARK_CHARS, entry.state.as_bytes());
            put(&mut record, CODE, &at.to_be_bytes());
            sorter.push(record)?;
        }
        let mut index = tempfile::tempfile_in(folder)?;
        let mut count = 0u64;
        let mut held: Option<Vec<u8>> = None;
        for record in sorter.finish()? {
            let record = record?;
            // of several lines of one input in one state the last one counts
            if let Some(before) = held.replace(record.clone())
                && before.get(..CODE) != record.get(..CODE)
            {
                index.write_all(&before)?;
                count = count.saturating_add(1);
            }
        }
        if let Some(last) = held {
            index.write_all(&last)?;
            count = count.saturating_add(1);
        }
        Ok(Done {
            journal: reader(&self.file, &self.path)?,
            index,
            count,
        })
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

/// A second handle that reads; elsewhere than on Unix one of its own, as reading moves the place where the next line goes.
fn reader(file: &File, path: &Path) -> io::Result<File> {
    if cfg!(unix) {
        file.try_clone()
    } else {
        File::open(path)
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

/// The text of a line with the digest of the one before, and its own digest.
fn chained(line: &Line, before: &str) -> io::Result<(String, String)> {
    Ok(chained_text(serde_json::to_string(line)?, before))
}

/// The same of a line's text.
fn chained_text(mut text: String, before: &str) -> (String, String) {
    if text.ends_with('}') {
        text.pop();
    }
    text.push_str(BEFORE);
    text.push_str(before);
    text.push_str("\"}");
    let digest = digest_of_line(&text);
    text.push('\n');
    (text, digest)
}

/// What stands between a line and the digest of the one before.
const BEFORE: &str = ",\"before\":\"";
/// How the lines of most inputs begin.
const FILE: &str = "{\"line\":\"file\",";

/// The text of a line and the digest of the one before; `None` where it is no line.
fn unchained(mut text: String) -> Option<(String, String)> {
    let as_written = text
        .strip_suffix("\"}")
        .and_then(|rest| rest.rsplit_once(BEFORE));
    if let Some((line, before)) = as_written {
        let (length, before) = (line.len(), before.to_owned());
        text.truncate(length);
        text.push('}');
        return Some((text, before));
    }
    // written by something else, with its parts in another order
    #[derive(serde::Deserialize)]
    struct Chained {
        #[serde(flatten)]
        line: Line,
        before: String,
    }
    let Ok(chained) = serde_json::from_str::<Chained>(&text) else {
        return None;
    };
    match serde_json::to_string(&chained.line) {
        Ok(line) => Some((line, chained.before)),
        Err(_) => None,
    }
}

/// A line; `None` where the text is none.
fn parsed(text: &str) -> Option<Line> {
    let line = if text.starts_with(FILE) {
        // the same without a look at the kind of line, which takes several times as long
        serde_json::from_str(text).map(|entry| Line::File(Box::new(entry)))
    } else {
        serde_json::from_str(text)
    };
    match line {
        Ok(line) => Some(line),
        Err(_) => None,
    }
}

/// Lines of a journal, each checked against the one before. A last line without its end is not one of them.
pub struct Lines {
    reader: BufReader<FromStart>,
    number: u64,
    /// Bytes of whole lines read so far.
    whole: u64,
    last: String,
}

/// A file as a stream from its first byte, wherever the file stands.
struct FromStart(File, u64);

impl io::Read for FromStart {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(&self.0, buf, self.1)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(&self.0, buf, self.1)?;
        self.1 = self.1.saturating_add(u64::try_from(n).unwrap_or(0));
        Ok(n)
    }
}

impl Lines {
    /// Reads from the start of the file.
    ///
    /// # Errors
    /// Those of the file.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self {
            reader: BufReader::new(FromStart(file.try_clone()?, 0)),
            number: 0,
            whole: 0,
            last: String::new(),
        })
    }

    /// The next line with the place of its first byte; `None` at the end.
    ///
    /// # Errors
    /// [`JournalError::Changed`]; those of reading.
    pub fn next_line(&mut self) -> Result<Option<(u64, Line)>, JournalError> {
        let Some((at, text)) = self.next_text()? else {
            return Ok(None);
        };
        match parsed(&text) {
            Some(line) => Ok(Some((at, line))),
            None => Err(JournalError::Changed(self.number)),
        }
    }

    /// The place and the text of the next line, without the digest of the one before.
    fn next_text(&mut self) -> Result<Option<(u64, String)>, JournalError> {
        let mut text = Vec::new();
        let read = io::Read::take(&mut self.reader, LONGEST).read_until(b'\n', &mut text)?;
        if text.pop() != Some(b'\n') {
            return if u64::try_from(read).is_ok_and(|n| n < LONGEST) {
                Ok(None)
            } else {
                Err(JournalError::Changed(self.number.saturating_add(1)))
            };
        }
        self.number = self.number.saturating_add(1);
        let changed = JournalError::Changed(self.number);
        let (Ok(text), read) = (String::from_utf8(text), u64::try_from(read).unwrap_or(0)) else {
            return Err(changed);
        };
        let digest = digest_of_line(&text);
        let Some((line, before)) = unchained(text) else {
            return Err(changed);
        };
        if before != self.last {
            return Err(changed);
        }
        self.last = digest;
        let at = self.whole;
        self.whole = self.whole.saturating_add(read);
        Ok(Some((at, line)))
    }

    /// What was released, unchecked: such lines are few and stand among very many.
    ///
    /// # Errors
    /// Those of reading.
    pub fn releases(file: &File) -> io::Result<Vec<Release>> {
        let mut reader = Self::of(file)?.reader;
        let mut releases = Vec::new();
        let mut text = Vec::new();
        while io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut text)? > 0 {
            if !text.starts_with(FILE.as_bytes())
                && let Ok(Line::Release(release)) = serde_json::from_slice(&text)
            {
                releases.push(release);
            }
            text.clear();
        }
        Ok(releases)
    }

    /// Digest of the last line that was read.
    #[must_use]
    pub fn last(&self) -> &str {
        &self.last
    }
}

/// Bytes of what an index is asked for, the marks of an input and of its state, and of a record: these and the line's place.
const CODE: usize = MARK_CHARS * 2;
const RECORD: usize = CODE + 8;

fn put(record: &mut [u8; RECORD], at: usize, bytes: &[u8]) {
    for (to, from) in record.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

/// What a journal says is done, looked up where it lies: nothing of it is kept in memory.
pub struct Done {
    journal: File,
    index: File,
    count: u64,
}

impl Done {
    /// The last line of an input in this state, by their marks.
    ///
    /// # Errors
    /// Those of reading.
    pub fn find(&self, input: &str, state: &str) -> io::Result<Option<Entry>> {
        let wanted = format!("{input}{state}");
        let index = FileSource::new(self.index.try_clone()?)?;
        let size = u64::try_from(RECORD).unwrap_or(u64::MAX);
        let (mut low, mut high) = (0u64, self.count);
        while low < high {
            let middle = low.midpoint(high);
            let mut record = [0u8; RECORD];
            index.read_exact_at(&mut record, middle.saturating_mul(size))?;
            let (code, place) = record.split_at(CODE);
            match code.cmp(wanted.as_bytes()) {
                std::cmp::Ordering::Less => low = middle.saturating_add(1),
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let place = place
                        .first_chunk::<8>()
                        .map_or(0, |b| u64::from_be_bytes(*b));
                    return self.entry_at(place);
                }
            }
        }
        Ok(None)
    }

    fn entry_at(&self, place: u64) -> io::Result<Option<Entry>> {
        let mut reader = BufReader::new(FromStart(self.journal.try_clone()?, place));
        let mut text = Vec::new();
        io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut text)?;
        Ok(match serde_json::from_slice(&text)? {
            Line::File(entry) => Some(*entry),
            Line::Run(_) | Line::Release(_) | Line::End(_) => None,
        })
    }
}

#[cfg(test)]
mod tests;
