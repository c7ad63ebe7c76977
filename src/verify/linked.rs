//! The private list of `clean --links`: which input became which output, and whether every input is in it.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use super::record::{LINKED, Record};
use super::{Asked, VerifyError};
use crate::batch::bytes::path_of;
use crate::batch::destination::LINKS_HEADER;
use crate::batch::discover::{What, inputs};
use crate::batch::layout::{CLEAN, REVIEW};
use crate::batch::sorted::Sorter;

/// Kinds of lines about an input: it was met now, it is in the list.
const FOUND: u8 = 1;
const LISTED: u8 = 2;

/// Reads the lists: an output learns its inputs. Inputs, sorted, are returned.
///
/// # Errors
/// [`VerifyError::Links`]; those of sorting.
pub fn links(
    asked: &Asked<'_>,
    record: &Record,
    places: &mut Sorter,
) -> Result<Sorter, VerifyError> {
    let mut listed = Sorter::new(asked.out);
    let roots = roots(asked)?;
    let out = std::path::absolute(asked.out)?;
    for path in asked.links {
        let no_list = |_| VerifyError::Links(path.clone());
        let file = File::open(path).map_err(|source| VerifyError::Input {
            path: path.clone(),
            source,
        })?;
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.byte_headers().map_err(no_list)?;
        if !header.iter().eq(LINKS_HEADER.split(',').map(str::as_bytes)) {
            return Err(VerifyError::Links(path.clone()));
        }
        for row in reader.byte_records() {
            let row = row.map_err(no_list)?;
            let (Some(input), Some(output)) = (row.get(0), row.get(1)) else {
                return Err(VerifyError::Links(path.clone()));
            };
            listed.push([input, &[0, LISTED]].concat())?;
            let is_asked = roots.iter().any(|root| path_of(input).starts_with(root));
            if let Some(place) = place_in(&out, &path_of(output), record).filter(|_| is_asked) {
                places.push([place.as_bytes(), &[0, LINKED], input].concat())?;
            }
        }
    }
    Ok(listed)
}

/// The inputs to compare with, as the list names them. An entry of an archive is below the archive by its name.
fn roots(asked: &Asked<'_>) -> Result<Vec<PathBuf>, VerifyError> {
    let mut roots = Vec::new();
    for path in asked.against {
        let input = |source| VerifyError::Input {
            path: path.clone(),
            source,
        };
        std::fs::metadata(path).map_err(input)?;
        let absolute = std::path::absolute(path).map_err(input)?;
        let mut archive = absolute.clone().into_os_string();
        archive.push("!");
        roots.push(absolute);
        roots.push(archive.into());
    }
    Ok(roots)
}

/// The place of an output below the folder, wherever the folder was when the list was written.
fn place_in(out: &Path, output: &Path, record: &Record) -> Option<String> {
    let parts = |path: &Path| -> Vec<String> {
        let normal = path.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        });
        normal.collect()
    };
    let released = |place: String| record.released.get(&place).cloned().unwrap_or(place);
    if let Ok(below) = output.strip_prefix(out) {
        return Some(released(parts(below).join("/"))).filter(|place| !place.is_empty());
    }
    let parts = parts(output);
    let starts = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| [CLEAN, REVIEW].contains(&part.as_str()));
    let mut places = starts.map(|(at, _)| released(parts.get(at..).unwrap_or_default().join("/")));
    places.find(|place| out.join(place).is_file())
}

/// Whether an input that is there now is in no list, or the lists have more inputs than the journal has.
///
/// # Errors
/// Those of sorting.
pub fn lost(asked: &Asked<'_>, listed: Sorter, in_journal: u64) -> Result<bool, VerifyError> {
    let mut all = listed;
    for root in asked.against {
        for found in inputs(root, None) {
            if !matches!(found.what, What::Folder) {
                let path = std::path::absolute(&found.path)?;
                all.push([path.as_os_str().as_encoded_bytes(), &[0, FOUND]].concat())?;
            }
        }
    }
    let mut is_lost = false;
    let mut count = 0u64;
    let mut open: Option<(Vec<u8>, bool)> = None;
    for line in all.finish()? {
        let line = line?;
        let (path, kind) = line.split_at(line.len().saturating_sub(2));
        let is_listed = kind == [0, LISTED];
        match &mut open {
            Some((before, listed)) if before == path => *listed |= is_listed,
            Some(_) | None => {
                let done = open.replace((path.to_vec(), is_listed));
                close(done.as_ref(), &mut is_lost, &mut count);
            }
        }
    }
    close(open.as_ref(), &mut is_lost, &mut count);
    Ok(is_lost || count > in_journal)
}

fn close(open: Option<&(Vec<u8>, bool)>, is_lost: &mut bool, count: &mut u64) {
    match open {
        Some((_, true)) => *count = count.saturating_add(1),
        Some((_, false)) => *is_lost = true,
        None => {}
    }
}
