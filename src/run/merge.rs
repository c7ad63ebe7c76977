//! Putting the outputs of all shards of a run together: files, index, journal and report of the run that they were.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::RunError;
use super::ending::{build_index, key_code, summarise, sweep};
use crate::batch::destination::Guard;
use crate::batch::journal::{
    Journal, JournalError, Line, Lines, NAME, Standing, put_in_order, whole,
};
use crate::batch::layout::{CLEAN, Layout, REVIEW};
use crate::batch::writer::{Stored, Writer, is_temporary, tag};
use crate::dicom::Limits;
use crate::identity::pseudonym::Pseudonyms;
use crate::report::Summary;
use crate::verify::{Asked, VerifyError};

/// Why shards are not merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The journals.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key file is another one than that of the shards.
    #[error("the key file or the project is not that of the shards")]
    Key,
    /// The folder for the whole lies in a shard's, or the other way round.
    #[error("the folder for the whole and that of a shard lie inside each other")]
    Overlap,
    /// A folder has no journal of a shard.
    #[error("{0}: no shard was written there")]
    NoShard(String),
    /// What was put together is not what the journals say.
    #[error("{0} of the files put together are not what their shards wrote")]
    Unsound(usize),
    /// Two shards have different files of one name.
    #[error("{0}: another file has this name already")]
    Foreign(String),
    /// The ending of the folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Reading and writing.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<VerifyError> for MergeError {
    fn from(e: VerifyError) -> Self {
        match e {
            VerifyError::Journal(e) => Self::Journal(e),
            VerifyError::Io(e) | VerifyError::Input { source: e, .. } => Self::Io(e),
            VerifyError::Workers(_) | VerifyError::Links(_) => Self::Io(io::Error::other(e)),
        }
    }
}

impl MergeError {
    /// True when nothing was written because of it.
    #[must_use]
    pub fn wrote_nothing(&self) -> bool {
        matches!(
            self,
            Self::Journal(_) | Self::Key | Self::Overlap | Self::NoShard(_)
        )
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Journal(e) => e.hint(),
            Self::Key => "give the key file and the project of the shards",
            Self::NoShard(_) => "give the output folders of all shards, and no others",
            Self::Unsound(_) => "dcmscrub verify OUT names them; clean those shards again",
            Self::Overlap | Self::Foreign(_) => "choose a new folder: -o OUT",
            Self::Run(_) | Self::Io(_) => "check the folders and their permissions",
        }
    }
}

/// Merges the shards in these folders into `out`; without `out` in the one folder that all of them wrote to. Files are
/// copied; nothing of a shard's own folder is changed.
///
/// # Errors
/// [`MergeError`]: shards missing, twice, not ended or of different runs; reading and writing.
pub fn merge(
    outs: &[PathBuf],
    out: Option<&Path>,
    pseudonyms: &Pseudonyms,
) -> Result<Summary, MergeError> {
    let in_place = match (out, outs) {
        (None, [one]) => Some(one.as_path()),
        (None, _) => return Err(MergeError::Overlap),
        (Some(_), _) => None,
    };
    let destination = in_place.or(out).unwrap_or(Path::new("."));
    let mut journals = Vec::new();
    let mut own = Vec::new();
    for folder in outs {
        let before = journals.len();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if of_shard(&path, "report.journal.", ".jsonl") {
                journals.push(File::open(&path)?);
                own.push(path);
            } else if of_shard(&path, "report.", ".json") || of_shard(&path, "report.", ".html") {
                own.push(path);
            }
        }
        if in_place.is_some() && is_merged(folder, &own)? {
            let (journal, _) = Journal::reopen(folder)?;
            sweep(folder, &journal)?;
            let summary = summarise(folder, None)?;
            remove_all(&own)?;
            return Ok(summary);
        }
        if journals.len() == before {
            return Err(MergeError::NoShard(folder.display().to_string()));
        }
    }
    let head = whole(&journals)?;
    if head.key != key_code(pseudonyms) {
        return Err(MergeError::Key);
    }
    // what was merged into this folder before stays in its journal
    let mut lock = match Journal::reopen(destination) {
        Ok((earlier, there)) => {
            there.allows(&head)?;
            journals.insert(0, File::open(earlier.path())?);
            sweep(destination, &earlier)?;
            Some(earlier)
        }
        Err(JournalError::Nothing) => {
            // no run that is not a shard writes here before it has a journal of its own
            if destination.is_dir() {
                Writer::new(destination.to_path_buf(), tag(None), false).sweep()?;
            }
            None
        }
        Err(e) => return Err(e.into()),
    };
    if in_place.is_none() {
        let Ok(guard) = Guard::of(destination) else {
            return Err(MergeError::Overlap);
        };
        if outs.iter().any(|folder| guard.overlaps(folder)) {
            return Err(MergeError::Overlap);
        }
        std::fs::create_dir_all(destination.join(CLEAN))?;
        for folder in outs {
            take(folder, destination)?;
        }
    }
    let index = if head.layout == Layout::Media.name() {
        Some(build_index(destination, pseudonyms, &Limits::default())?)
    } else {
        None
    };
    let standing = Standing::Ended {
        pseudonyms: Some(pseudonyms),
        index,
        mended: BTreeSet::new(),
    };
    let _ordered = put_in_order(journals, destination, &head, standing, lock.as_mut())?;
    let summary = summarise(destination, None)?;
    if in_place.is_some() {
        remove_all(&own)?;
    } else {
        // copies of files that lay elsewhere
        let asked = Asked {
            pseudonyms: Some(pseudonyms),
            is_digests_only: true,
            ..Asked::of(destination)
        };
        match super::verifying::verify(asked, 1)?.findings.len() {
            0 => {}
            n => return Err(MergeError::Unsound(n)),
        }
    }
    Ok(summary)
}

fn remove_all(files: &[PathBuf]) -> io::Result<()> {
    files.iter().try_for_each(std::fs::remove_file)
}

/// True where all shards have been merged into one folder, and perhaps some of their journals could not be removed then:
/// the folder's journal has ended, is younger than each of these, and has every line of them.
fn is_merged(folder: &Path, own: &[PathBuf]) -> Result<bool, MergeError> {
    let path = folder.join(NAME);
    if !path.is_file() {
        return Ok(false);
    }
    let merged = File::open(&path)?;
    let ended = {
        let (mut lines, mut last) = (Lines::of(&merged)?, None);
        while let Some((_, line)) = lines.next_line()? {
            last = Some(line);
        }
        matches!(last, Some(Line::End(_)))
    };
    let journals = own
        .iter()
        .filter(|path| of_shard(path, "report.journal.", ".jsonl"));
    for journal in journals {
        let shard = File::open(journal)?;
        let younger = merged.metadata()?.modified()? >= shard.metadata()?.modified()?;
        if !ended || !younger || !has_lines_of(&merged, &shard)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True when the inputs of the second journal stand in the first one as they do there. Both are in order.
fn has_lines_of(merged: &File, shard: &File) -> Result<bool, MergeError> {
    let (mut all, mut own) = (Lines::of(merged)?, Lines::of(shard)?);
    while let Some((_, wanted)) = own.next_line()? {
        if matches!(wanted, Line::Run(_) | Line::End(_)) {
            continue;
        }
        loop {
            match all.next_line()? {
                Some((_, line)) if line == wanted => break,
                Some(_) => {}
                None => return Ok(false),
            }
        }
    }
    Ok(true)
}

/// `report.journal.2-of-4.jsonl`
fn of_shard(path: &Path, start: &str, end: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let middle = name
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    middle
        .and_then(|middle| middle.split_once("-of-"))
        .is_some_and(|(i, n)| i.parse::<u32>().is_ok() && n.parse::<u32>().is_ok())
}

/// Takes the files of a shard over.
fn take(folder: &Path, destination: &Path) -> Result<(), MergeError> {
    let writer = Writer::new(destination.to_path_buf(), tag(None), false);
    for name in [CLEAN, REVIEW] {
        let root = folder.join(name);
        if !root.is_dir() {
            continue;
        }
        for entry in WalkDir::new(&root).follow_links(false) {
            let entry = entry.map_err(io::Error::from)?;
            if !entry.file_type().is_file() || is_temporary(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let parent = below.parent().unwrap_or(Path::new(""));
            let names = [entry.file_name().to_os_string()];
            let temp = writer.begin(parent)?;
            io::copy(&mut File::open(entry.path())?, &mut temp.as_file())?;
            if writer.finish(temp, parent, &names)? == Stored::Foreign {
                return Err(MergeError::Foreign(below.display().to_string()));
            }
        }
    }
    Ok(())
}
