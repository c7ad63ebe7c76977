//! A .zip archive as an input: its entries are read where they lie, by position, and nothing is unpacked to a disk.
//!
//! Owns: which entries there are, that they are whole, and bounds on their number, their size and their growth. Names of
//! entries are shown to the user and tell what a file that is not DICOM may be; they never become a path.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use flate2::Crc;
use zip::{CompressionMethod, ZipArchive};

use crate::dicom::inflate::InflatedSource;
use crate::dicom::source::{BytesSource, FileSource, ReadAt};
use crate::dicom::{Limits, ReadError};

/// Entries of one archive.
const MOST_ENTRIES: u64 = 200_000;
/// Bytes that all entries together may say they unpack to, whatever the ratio, and times the archive's size beyond that.
const ANY_SIZE: u64 = 4 << 30;
const MOST_RATIO: u64 = 200;

/// Why an archive or an entry is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is no archive, or a damaged one.
    #[error("the archive is damaged")]
    Damaged,
    /// A bound is exceeded.
    #[error("the archive has more entries, or unpacks to more, than this program takes")]
    Bound,
    /// Two entries have one name, or entries share bytes: readers do not agree on what is in it.
    #[error(
        "the archive says of itself what cannot be: entries that share their names or their bytes"
    )]
    Ambiguous,
    /// The entry is encrypted.
    #[error("the entry is encrypted: unpack it with its password first")]
    Encrypted,
    /// The entry is packed in a way that this program does not know.
    #[error("the entry is packed in a way that is not known here: unpack it first")]
    Method,
    /// The entry's bytes are not those that were packed.
    #[error("the entry is damaged")]
    EntryDamaged,
    /// The entry cannot be inflated, or grows beyond the bounds.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The archive cannot be read.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl ArchiveError {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged => "archive-damaged",
            Self::Bound => "archive-bound",
            Self::Ambiguous => "archive-ambiguous",
            Self::Encrypted => "entry-encrypted",
            Self::Method => "entry-method",
            Self::EntryDamaged => "entry-damaged",
            Self::Read(e) => e.code(),
            Self::Io(_) => "io",
        }
    }
}

/// An open archive.
pub struct Archive {
    file: Arc<File>,
    entries: ZipArchive<BufReader<File>>,
}

/// One entry, where it lies.
#[derive(Debug, Clone)]
pub struct Entry {
    file: Arc<File>,
    /// Its place in the archive, from 0.
    pub index: usize,
    /// Its name as it is written there, for the user's eyes.
    pub name: String,
    /// It is a link.
    pub is_link: bool,
    encrypted: bool,
    method: CompressionMethod,
    at: u64,
    packed: u64,
    /// Bytes of the entry when it is unpacked, as the archive says.
    pub size: u64,
    /// Checksum of its bytes, as the archive says.
    pub crc: u32,
}

/// True when the file begins as an archive, and is called one or ends as one: a damaged archive is an archive too.
///
/// # Errors
/// Those of reading.
pub fn is_archive(file: &File, name: &Path) -> io::Result<bool> {
    /// Bytes of the last record of an archive, and of the comment that may stand in it (APPNOTE 4.3.16).
    const END: u64 = 22;
    const COMMENT: u64 = 65_535;
    let source = FileSource::new(file.try_clone()?)?;
    let mut start = [0u8; 4];
    if source.len() < END {
        return Ok(false);
    }
    source.read_exact_at(&mut start, 0)?;
    if !matches!(&start, b"PK\x03\x04" | b"PK\x05\x06") {
        return Ok(false);
    }
    if name
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
    {
        return Ok(true);
    }
    let length = source.len().min(END.saturating_add(COMMENT));
    let mut end = vec![0u8; usize::try_from(length).unwrap_or(0)];
    source.read_exact_at(&mut end, source.len().saturating_sub(length))?;
    Ok(end.windows(4).any(|four| four == b"PK\x05\x06"))
}

impl Archive {
    /// Reads the list of entries.
    ///
    /// # Errors
    /// [`ArchiveError`]: damaged, ambiguous, or beyond a bound.
    pub fn open(file: &File) -> Result<Self, ArchiveError> {
        let length = file.metadata()?.len();
        // before the library takes memory for each of them
        if stated_entries(&FileSource::new(file.try_clone()?)?)? > MOST_ENTRIES {
            return Err(ArchiveError::Bound);
        }
        let entries = match ZipArchive::new(BufReader::new(file.try_clone()?)) {
            Ok(entries) => entries,
            Err(zip::result::ZipError::Io(e)) if e.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(e.into());
            }
            Err(_) => return Err(ArchiveError::Damaged),
        };
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if count > MOST_ENTRIES {
            return Err(ArchiveError::Bound);
        }
        // the library keeps one entry of each name
        if headers(file, entries.central_directory_start())? != count {
            return Err(ArchiveError::Ambiguous);
        }
        let mut archive = Self {
            file: Arc::new(file.try_clone()?),
            entries,
        };
        let (mut spans, mut size) = (Vec::new(), 0u64);
        for index in 0..archive.len() {
            if let Some(entry) = archive.entry(index)? {
                spans.push((entry.at, entry.at.saturating_add(entry.packed)));
                size = size.saturating_add(entry.size);
            }
        }
        spans.retain(|(start, end)| start < end);
        spans.sort_unstable();
        let overlap = |two: &[(u64, u64)]| matches!(two, [(_, end), (start, _)] if start < end);
        if spans.windows(2).any(overlap) || spans.last().is_some_and(|(_, end)| *end > length) {
            return Err(ArchiveError::Ambiguous);
        }
        if size > length.saturating_mul(MOST_RATIO).max(ANY_SIZE) {
            return Err(ArchiveError::Bound);
        }
        Ok(archive)
    }

    /// Number of entries, folders included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True when one entry alone is called as the index of a disc is.
    #[must_use]
    pub fn holds_disc_index(&self) -> bool {
        let last = |name: &str| name.rsplit(['/', '\\']).next().map(str::to_lowercase);
        let is_index = |name: &str| last(name).as_deref() == Some("dicomdir");
        let names = self.entries.file_names();
        names
            .filter(|name| name.as_ref().is_ok_and(|name| is_index(name)))
            .count()
            == 1
    }

    /// One entry; `None` for a folder.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`].
    pub fn entry(&mut self, index: usize) -> Result<Option<Entry>, ArchiveError> {
        let entry = match self.entries.by_index_raw(index) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::Io(e)) if e.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(e.into());
            }
            Err(_) => return Err(ArchiveError::Damaged),
        };
        if entry.is_dir() {
            return Ok(None);
        }
        Ok(Some(Entry {
            file: Arc::clone(&self.file),
            index,
            name: String::from_utf8_lossy(entry.name_raw()).into_owned(),
            is_link: entry.is_symlink(),
            encrypted: entry.encrypted(),
            method: entry.compression(),
            at: entry.data_start().ok_or(ArchiveError::Damaged)?,
            packed: entry.compressed_size(),
            size: entry.size(),
            crc: entry.crc32(),
        }))
    }
}

/// Entries that an archive of more than 65,535 says it has (APPNOTE 4.3.14 and 4.3.15); 0 where it says nothing of the kind.
fn stated_entries<S: ReadAt>(source: &S) -> io::Result<u64> {
    /// Bytes that can stand from the locator on: itself, and the last record with its comment.
    const TAIL: u64 = 20 + 22 + 65_535;
    const RECORD: u64 = 56;
    let from = source.len().saturating_sub(TAIL);
    let mut tail = vec![0u8; usize::try_from(source.len().min(TAIL)).unwrap_or(0)];
    source.read_exact_at(&mut tail, from)?;
    let eight = |bytes: &[u8], at: usize| match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => 0,
    };
    let mut most = 0;
    for at in memchr::memmem::find_iter(&tail, b"PK\x06\x07") {
        let stated = eight(&tail, at.saturating_add(8));
        let in_front = from
            .saturating_add(u64::try_from(at).unwrap_or(u64::MAX))
            .saturating_sub(RECORD);
        for place in [stated, in_front] {
            let mut record = [0u8; 56];
            if place.saturating_add(RECORD) <= source.len() {
                source.read_exact_at(&mut record, place)?;
            }
            if record.starts_with(b"PK\x06\x06") {
                most = most.max(eight(&record, 24)).max(eight(&record, 32));
            }
        }
    }
    Ok(most)
}

/// Headers in the list of entries (APPNOTE 4.3.12), whatever their names.
fn headers(file: &File, from: u64) -> io::Result<u64> {
    let mut list = BufReader::new(file);
    list.seek(SeekFrom::Start(from))?;
    let mut count = 0u64;
    loop {
        let mut head = [0u8; 46];
        match list.read_exact(&mut head) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(count),
            Err(e) => return Err(e),
        }
        let Some(rest) = head.strip_prefix(b"PK\x01\x02") else {
            return Ok(count);
        };
        let two = |at: usize| match rest.get(at..).and_then(|from| from.first_chunk::<2>()) {
            Some(bytes) => i64::from(u16::from_le_bytes(*bytes)),
            None => 0,
        };
        // lengths of name, extra field and comment stand 28 bytes into the header
        let behind = two(24).saturating_add(two(26)).saturating_add(two(28));
        list.seek_relative(behind)?;
        count = count.saturating_add(1);
    }
}

/// A span of a file.
pub struct Span {
    file: Arc<File>,
    at: u64,
    length: u64,
}

impl ReadAt for Span {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = left.min(buf.len());
        let buf = buf.get_mut(..wanted).unwrap_or_default();
        if buf.is_empty() {
            return Ok(0);
        }
        let at = self.at.saturating_add(at);
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(&*self.file, buf, at);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(&*self.file, buf, at);
    }
}

/// A span as a stream.
struct StreamOf {
    span: Span,
    at: u64,
}

impl Read for StreamOf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.span.read_at(buf, self.at)?;
        self.at = self.at.saturating_add(u64::try_from(n).unwrap_or(0));
        Ok(n)
    }
}

impl Entry {
    /// The bytes of the entry as they lie in the archive.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            file: Arc::clone(&self.file),
            at: self.at,
            length: self.packed,
        }
    }

    /// The first bytes of the entry, fewer where it is shorter, without unpacking the rest.
    ///
    /// # Errors
    /// [`ArchiveError`]: encrypted, packed in another way, damaged.
    pub fn start(&self, most: usize) -> Result<Vec<u8>, ArchiveError> {
        let packed = StreamOf {
            span: self.span(),
            at: 0,
        };
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let mut start = Vec::new();
        if self.encrypted {
            return Err(ArchiveError::Encrypted);
        }
        let read = if self.method == CompressionMethod::Stored {
            packed.take(most).read_to_end(&mut start)
        } else if self.method == CompressionMethod::Deflated {
            let inflated = flate2::read::DeflateDecoder::new(packed);
            inflated.take(most).read_to_end(&mut start)
        } else {
            return Err(ArchiveError::Method);
        };
        match read {
            Ok(_) => Ok(start),
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => Err(ArchiveError::EntryDamaged),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(ArchiveError::EntryDamaged),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(ArchiveError::EntryDamaged),
            Err(e) => Err(e.into()),
        }
    }

    /// Gives the entry's bytes, unpacked and found whole, to `work`.
    ///
    /// # Errors
    /// [`ArchiveError`]: encrypted, packed in another way, damaged, or beyond the bounds.
    pub fn with_bytes<T>(
        &self,
        limits: &Limits,
        work: impl FnOnce(&dyn ReadAt) -> T,
    ) -> Result<T, ArchiveError> {
        if self.encrypted {
            return Err(ArchiveError::Encrypted);
        }
        let span = self.span();
        let mut crc = Crc::new();
        if self.method == CompressionMethod::Stored {
            let mut buffer = vec![0u8; 64 * 1024];
            let mut at = 0u64;
            loop {
                match span.read_at(&mut buffer, at)? {
                    0 => break,
                    n => {
                        crc.update(buffer.get(..n).unwrap_or_default());
                        at = at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
                    }
                }
            }
            self.check(&crc, at)?;
            return Ok(work(&span));
        }
        if self.method != CompressionMethod::Deflated {
            return Err(ArchiveError::Method);
        }
        if self.size == 0 {
            return Ok(work(&BytesSource(Vec::new())));
        }
        let inflated = InflatedSource::seen(&span, 0, limits, |piece| crc.update(piece))?;
        self.check(&crc, inflated.len())?;
        Ok(work(&inflated))
    }

    /// Whether the bytes are those that were packed.
    fn check(&self, crc: &Crc, length: u64) -> Result<(), ArchiveError> {
        if crc.sum() == self.crc && length == self.size {
            Ok(())
        } else {
            Err(ArchiveError::EntryDamaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, bytes) in entries {
            out.start_file(*name, options).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn open(bytes: &[u8]) -> Result<Archive, ArchiveError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Archive::open(&file)
    }

    fn bytes_of(entry: &Entry) -> Result<Vec<u8>, ArchiveError> {
        entry.with_bytes(&Limits::default(), |source| {
            let mut out = vec![0u8; usize::try_from(source.len()).unwrap()];
            source.read_exact_at(&mut out, 0).unwrap();
            out
        })
    }

    #[test]
    fn entries_are_read_where_they_lie() {
        let mut archive = open(&archive(&[("a/DICOMDIR", b"one"), ("../../b", b"")])).unwrap();
        assert_eq!(archive.len(), 2);
        assert!(archive.holds_disc_index());
        assert_eq!(
            bytes_of(&archive.entry(0).unwrap().unwrap()).unwrap(),
            b"one"
        );
        assert_eq!(bytes_of(&archive.entry(1).unwrap().unwrap()).unwrap(), b"");
        assert_eq!(archive.entry(0).unwrap().unwrap().start(2).unwrap(), b"on");
        assert_eq!(archive.entry(1).unwrap().unwrap().start(9).unwrap(), b"");
        assert!(matches!(archive.entry(2), Err(ArchiveError::Damaged)));
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut bytes = archive(&[("a", b"CANARY-VALUE")]);
        let at = bytes.windows(6).position(|w| w == b"CANARY").unwrap();
        bytes[at] ^= 1;
        let entry = open(&bytes).unwrap().entry(0).unwrap().unwrap();
        assert!(matches!(bytes_of(&entry), Err(ArchiveError::EntryDamaged)));
    }

    #[test]
    fn two_entries_of_one_name_are_not_silently_one() {
        let mut bytes = archive(&[("aa", b"one"), ("ab", b"two")]);
        for at in 0..bytes.len() - 2 {
            if &bytes[at..at + 2] == b"ab" {
                bytes[at + 1] = b'a';
            }
        }
        assert!(matches!(open(&bytes), Err(ArchiveError::Ambiguous)));
    }

    #[test]
    fn entries_that_share_bytes_are_ambiguous() {
        let whole = archive(&[("a", b"one"), ("b", b"two")]);
        let second = whole.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        for (at, expected) in [(0u32, false), (34, true)] {
            let mut bytes = whole.clone();
            bytes[second + 42..second + 46].copy_from_slice(&at.to_le_bytes());
            let opened = open(&bytes);
            let ambiguous = matches!(opened, Err(ArchiveError::Ambiguous));
            assert_eq!(ambiguous, !expected, "{at}");
            assert_eq!(opened.is_ok(), expected, "{at}");
        }
    }

    #[test]
    fn the_number_of_entries_is_known_before_they_are_read() {
        let mut bytes = b"PK\x06\x06".to_vec();
        bytes.extend([0; 20]);
        for number in [300_000u64, 300_000, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend([0; 12]);
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0xFF; 18]);
        assert_eq!(stated_entries(&BytesSource(&bytes)).unwrap(), 300_000);
        assert!(matches!(open(&bytes), Err(ArchiveError::Bound)));
        let few = archive(&[("a", b"one")]);
        assert_eq!(stated_entries(&BytesSource(&few)).unwrap(), 0);
        assert_eq!(stated_entries(&BytesSource(b"PK")).unwrap(), 0);
    }

    #[test]
    fn what_is_no_archive_is_said_to_be_damaged() {
        for bytes in [b"".as_slice(), b"PK\x03\x04", b"PK\x05\x06", &[0; 100]] {
            assert!(open(bytes).is_err());
        }
        let whole = archive(&[("a", &[7; 1000]), ("b", &[8; 1000])]);
        for cut in 0..whole.len() {
            assert!(open(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}
