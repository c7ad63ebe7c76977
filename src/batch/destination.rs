//! Where outputs go, and the refusal of every place that could touch an input.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Why a destination is refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// An input does not exist or cannot be looked at.
    #[error("{0}: {1}")]
    Input(PathBuf, #[source] io::Error),
    /// Output and input overlap.
    #[error("the output folder and an input lie inside each other")]
    Overlap,
    /// The output is a file where a folder has to be.
    #[error("the output is a file, and the input is more than one file")]
    NotAFolder,
    /// A file of this name is there and holds something else.
    #[error("the output file exists already")]
    Exists,
    /// The private list would lie in what is to be shared.
    #[error("the list of links would lie inside the output folder")]
    LinksInside,
    /// The output folder cannot be made or written to.
    #[error("the output folder cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Where a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A folder with `clean/` and the reports.
    Folder(PathBuf),
    /// One file.
    File(PathBuf),
}

/// Chooses and checks the destination. Makes nothing.
///
/// # Errors
/// [`DestinationError`].
pub fn choose(inputs: &[PathBuf], out: Option<&Path>) -> Result<Destination, DestinationError> {
    for input in inputs {
        std::fs::symlink_metadata(input)
            .and_then(|_| std::fs::metadata(input))
            .map_err(|e| DestinationError::Input(input.clone(), e))?;
    }
    let Some(out) = out else {
        let folder = fresh_folder(inputs)?;
        return Ok(Destination::Folder(folder));
    };
    let ends_as_folder = out
        .as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|b| matches!(b, b'/' | b'\\'));
    let single = matches!(inputs, [one] if one.is_file());
    if single && !ends_as_folder && !out.is_dir() && (out.extension().is_some() || out.is_file()) {
        check_overlap(inputs, out)?;
        return Ok(Destination::File(out.to_path_buf()));
    }
    match std::fs::metadata(out) {
        Ok(metadata) if !metadata.is_dir() => return Err(DestinationError::NotAFolder),
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e.into()),
    }
    check_overlap(inputs, out)?;
    Ok(Destination::Folder(out.to_path_buf()))
}

/// `dcmscrub-<date>`, then `-2`, `-3`..., in the current folder, else in the home folder.
fn fresh_folder(inputs: &[PathBuf]) -> Result<PathBuf, DestinationError> {
    let date = jiff::ZonedDateTime::now().strftime("%Y-%m-%d").to_string();
    let home = std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .map(PathBuf::from);
    let mut last = DestinationError::Overlap;
    for base in [Some(std::env::current_dir()?), home].into_iter().flatten() {
        for n in 1..10_000u32 {
            let name = if n == 1 {
                format!("dcmscrub-{date}")
            } else {
                format!("dcmscrub-{date}-{n}")
            };
            let folder = base.join(name);
            if folder.symlink_metadata().is_ok() {
                continue;
            }
            match check_overlap(inputs, &folder).and_then(|()| Ok(std::fs::create_dir(&folder)?)) {
                Ok(()) => return Ok(folder),
                Err(e) => last = e,
            }
            break;
        }
    }
    Err(last)
}

/// Refuses an output in an input, an input in an output, and both being one place by any name.
fn check_overlap(inputs: &[PathBuf], out: &Path) -> Result<(), DestinationError> {
    let out_chain = chain(out)?;
    let existing = std::fs::canonicalize(out).is_ok();
    for input in inputs {
        let real =
            std::fs::canonicalize(input).map_err(|e| DestinationError::Input(input.clone(), e))?;
        let input_chain = chain(&real)?;
        let (Some(input_id), out_id) =
            (input_chain.first(), out_chain.first().filter(|_| existing))
        else {
            continue;
        };
        if out_chain.contains(input_id) || out_id.is_some_and(|id| input_chain.contains(id)) {
            return Err(DestinationError::Overlap);
        }
    }
    Ok(())
}

/// Identities of a path and of its parents, from the nearest one that exists.
fn chain(path: &Path) -> io::Result<Vec<Identity>> {
    let absolute = std::path::absolute(path)?;
    let mut nearest = absolute.as_path();
    let real = loop {
        match std::fs::canonicalize(nearest) {
            Ok(real) => break real,
            Err(e) if e.kind() == io::ErrorKind::NotFound => match nearest.parent() {
                Some(parent) => nearest = parent,
                None => return Err(e),
            },
            Err(e) => return Err(e),
        }
    };
    real.ancestors()
        .map(|at| identity(at, &std::fs::metadata(at)?))
        .collect()
}

type Identity = (u64, u64, PathBuf);

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as where there are no inodes"
)]
fn identity(_path: &Path, metadata: &Metadata) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino(), PathBuf::new()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _metadata: &Metadata) -> io::Result<Identity> {
    Ok((0, 0, path.to_path_buf()))
}

/// Refuses a private list inside the output folder.
///
/// # Errors
/// [`DestinationError::LinksInside`]; those of looking at the paths.
pub fn check_links(links: &Path, out: &Path) -> Result<(), DestinationError> {
    let links = std::path::absolute(links)?;
    let below = links.starts_with(std::path::absolute(out)?);
    let inside = match (out.exists(), chain(out)?.first(), links.parent()) {
        (true, Some(out), Some(parent)) => chain(parent)?.contains(out),
        _ => false,
    };
    let inside = inside || below;
    if inside {
        Err(DestinationError::LinksInside)
    } else {
        Ok(())
    }
}
