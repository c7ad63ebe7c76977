//! Inputs of a run, opened again: files, and entries of the archive that was opened last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::batch::archive::{Archive, Entry};
use crate::batch::discover::Input;
use crate::dicom::Limits;
use crate::dicom::source::{FileSource, ReadAt};

/// What stands between an archive and the name of an entry.
const INSIDE: &str = "!/";

/// Opens inputs.
#[derive(Default)]
pub struct Inputs(Mutex<Option<Opened>>);

struct Opened {
    path: PathBuf,
    archive: Archive,
    /// Places of entries by their names.
    entries: BTreeMap<String, usize>,
}

impl Inputs {
    /// Gives the bytes of an input to `work`; `None` where it can no longer be read.
    pub fn with<T>(
        &self,
        path: &Path,
        limits: &Limits,
        work: impl FnOnce(&dyn ReadAt) -> T,
    ) -> Option<T> {
        if let Some(entry) = self.entry(path) {
            return match entry.with_bytes(limits, work) {
                Ok(done) => Some(done),
                Err(_) => None,
            };
        }
        let Ok(input) = Input::open(path, true) else {
            return None;
        };
        match FileSource::new(input.file) {
            Ok(source) => Some(work(&source)),
            Err(_) => None,
        }
    }

    /// The entry of an archive that this path names.
    fn entry(&self, path: &Path) -> Option<Entry> {
        let text = path.to_str()?;
        let (archive, name) = text.split_once(INSIDE)?;
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if opened
            .as_ref()
            .is_none_or(|opened| opened.path != Path::new(archive))
        {
            *opened = open(Path::new(archive));
        }
        let opened = opened.as_mut()?;
        let index = *opened.entries.get(name)?;
        opened.archive.entry(index).unwrap_or_default()
    }
}

fn open(path: &Path) -> Option<Opened> {
    let Ok(input) = Input::open(path, true) else {
        return None;
    };
    let Ok(mut archive) = Archive::open(&input.file) else {
        return None;
    };
    let mut entries = BTreeMap::new();
    for index in 0..archive.len() {
        if let Ok(Some(entry)) = archive.entry(index) {
            entries.insert(entry.name, index);
        }
    }
    Some(Opened {
        path: path.to_path_buf(),
        archive,
        entries,
    })
}
