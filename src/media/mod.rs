//! The index of a disc, built anew over cleaned files (PS3.3 Annex F, PS3.10, PS3.12).
//!
//! Owns the file `DICOMDIR` and nothing else of the folder. No index of an input is ever read for it: what it says comes
//! from the cleaned files alone. Every file is read once, and memory does not grow with their number: what their records
//! will say is sorted outside memory (`batch::sorted`), then written from the first record to the last.
//!
//! ```text
//! read -> entry (a line that sorts) -> batch::sorted -> directory (records and their links) -> DICOMDIR
//! ```

pub mod keys;
pub mod records;
pub mod copy;
pub mod read;
pub mod entry;
pub mod output;
pub mod directory;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::batch::sorted::{Sorted, Sorter};
use crate::batch::writer::{tag, temporary};
use crate::dicom::element::Encoding;
use crate::dicom::part10::{self, uid_text};
use crate::dicom::source::FileSource;
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{Limits, ReadError, Tag};
use crate::plan::file_meta::IMPLEMENTATION_CLASS_UID;
use crate::plan::tags::MEDIA_STORAGE_DIRECTORY;
use directory::Directory;

/// The name of a disc's index (PS3.10 section 8.6).
pub const NAME: &str = "DICOMDIR";
/// How the names of unfinished files begin.
const UNFINISHED: &str = ".dcmscrub-";

const IMPLEMENTATION_CLASS: Tag = Tag(0x0002, 0x0012);
/// Behind the preamble and the prefix.
const FILE_META_AT: u64 = 132;

/// What a build did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Instances that the index refers to.
    pub files: u64,
    /// Patients in it.
    pub patients: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The storage failed.
    #[error("the index cannot be written: {0}")]
    Io(#[from] io::Error),
    /// An index of somebody else is there. It is not replaced.
    #[error("a DICOMDIR that is not of this program is there")]
    Foreign,
    /// A file of the folder cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Its path below the folder: the name that the program gave it.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// A path that no index can refer to.
    #[error("{}: not a file ID of PS3.10", path.display())]
    NoFileId {
        /// The path below the folder.
        path: PathBuf,
    },
    /// More records than 32-bit offsets reach.
    #[error("too many files for one DICOMDIR")]
    TooLarge,
}

/// Builds `root/DICOMDIR` over all files below `root`. An earlier one of this program is replaced, never half-way.
///
/// # Errors
/// [`MediaError`]; then what was there stays as it was.
pub fn build(root: &Path, file_set_uid: &str, limits: &Limits) -> Result<Built, MediaError> {
    let path = root.join(NAME);
    let replaces = match path.symlink_metadata() {
        Ok(there) if there.is_file() && is_ours(&path, limits)? => true,
        Ok(_) => return Err(MediaError::Foreign),
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(e) => return Err(e.into()),
    };
    let lines = gather(root, limits)?;
    let mut temp = temporary(root, &tag(None))?;
    let built = write(temp.as_file_mut(), file_set_uid, lines)?;
    temp.as_file().sync_all()?;
    if replaces {
        temp.persist(&path).map_err(|e| e.error)?;
        return Ok(built);
    }
    match temp.persist_noclobber(&path) {
        Ok(_) => Ok(built),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(MediaError::Foreign),
        Err(e) => Err(e.error.into()),
    }
}

/// True for a directory that this program wrote.
fn is_ours(path: &Path, limits: &Limits) -> Result<bool, MediaError> {
    let source = FileSource::new(File::open(path)?)?;
    let sop_class = match part10::open(&source, limits) {
        Ok(part10) if part10.has_prefix => part10.sop_class,
        Ok(_) => None,
        Err(ReadError::Io(e)) => return Err(e.into()),
        Err(_) => None,
    };
    if sop_class.as_deref() != Some(MEDIA_STORAGE_DIRECTORY) {
        return Ok(false);
    }
    let mut walker = Walker::new(&source, Encoding::ExplicitLe, FILE_META_AT, *limits);
    while let Ok(Some(Event::Element(element))) = walker.next_event() {
        if element.tag >= IMPLEMENTATION_CLASS {
            return Ok(element.tag == IMPLEMENTATION_CLASS
                && matches!(walker.value(&element), Ok(uid) if uid_text(uid) == IMPLEMENTATION_CLASS_UID));
        }
    }
    Ok(false)
}

/// The lines of all instances below a folder, in the order of their records.
fn gather(root: &Path, limits: &Limits) -> Result<Sorted, MediaError> {
    let mut sorter = Sorter::new(root);
    let index = Path::new(NAME);
    for found in WalkDir::new(root).follow_links(false) {
        let found = found.map_err(io::Error::from)?;
        let is_unfinished = found
            .file_name()
            .as_encoded_bytes()
            .starts_with(UNFINISHED.as_bytes());
        if !found.file_type().is_file() || is_unfinished {
            continue;
        }
        let relative = found.path().strip_prefix(root).unwrap_or(found.path());
        if relative == index {
            continue;
        }
        let file_id = entry::file_id(relative).ok_or_else(|| MediaError::NoFileId {
            path: relative.to_path_buf(),
        })?;
        let instance =
            read::instance(found.path(), limits).map_err(|source| MediaError::Unreadable {
                path: relative.to_path_buf(),
                source,
            })?;
        if let Some(mut instance) = instance {
            // two people without a number are two people all the same: their folders tell them apart
            let folder = file_id.split('\\').next().unwrap_or_default();
            instance.name_patient(folder.as_bytes());
            sorter.push(entry::line(&instance, &file_id))?;
        }
    }
    Ok(sorter.finish()?)
}

/// Writes the records of sorted lines.
fn write(file: &mut File, file_set_uid: &str, lines: Sorted) -> Result<Built, MediaError> {
    let mut directory = Directory::begin(file, file_set_uid)?;
    let mut built = Built {
        files: 0,
        patients: 0,
        bytes: 0,
    };
    let mut open: Option<[Vec<u8>; 3]> = None;
    for line in lines {
        let entry = entry::parse(&line?).ok_or(io::Error::from(io::ErrorKind::InvalidData))?;
        built.files = built.files.saturating_add(1);
        let Some(above) = entry.above else {
            directory.record(0, &entry.instance)?;
            continue;
        };
        let mut differs = false;
        for (level, (id, record)) in above.iter().enumerate() {
            let same = open.as_ref().and_then(|open| open.get(level));
            differs |= same != Some(id);
            if differs {
                directory.record(level, record)?;
                built.patients = built.patients.saturating_add(u64::from(level == 0));
            }
        }
        directory.record(3, &entry.instance)?;
        open = Some(above.map(|(id, _)| id));
    }
    built.bytes = directory.finish()?;
    Ok(built)
}

#[cfg(test)]
mod tests;
