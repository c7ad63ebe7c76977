//! Where outputs go, and the refusal of every place that could touch an input. Looks, and makes nothing.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::archive::is_archive;
use super::mounts::Mounts;

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
    /// `..` behind a folder that is not there: where it leads is known only when it has been made.
    #[error("the output's path goes back out of a folder that does not exist")]
    Unknowable,
    /// The private list would lie in what is to be shared, or in an input.
    #[error("the list of links would lie inside the output folder or an input")]
    LinksInside,
    /// Something that is no list of links has its name.
    #[error("the file for the list of links exists and is no list of links")]
    LinksTaken,
    /// The output folder cannot be made or written to.
    #[error("the output folder cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Where a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A folder with `clean/` and the reports.
    Folder(PathBuf),
    /// The same, to be made by this run.
    Fresh(PathBuf),
    /// One file.
    File(PathBuf),
}

/// Chooses and checks the destination. Makes nothing.
///
/// # Errors
/// [`DestinationError`].
pub fn choose(inputs: &[PathBuf], out: Option<&Path>) -> Result<Destination, DestinationError> {
    for input in inputs {
        std::fs::metadata(input).map_err(|e| DestinationError::Input(input.clone(), e))?;
    }
    let Some(out) = out else {
        return Ok(Destination::Fresh(fresh_folder(inputs)?));
    };
    let ends_as_folder = out
        .as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|b| matches!(b, b'/' | b'\\'));
    let single = match inputs {
        [one] if one.is_file() => !is_archive(&std::fs::File::open(one)?, one)?,
        _ => false,
    };
    if single && !ends_as_folder && !out.is_dir() && (out.extension().is_some() || out.is_file()) {
        check_overlap(inputs, out)?;
        return Ok(Destination::File(out.to_path_buf()));
    }
    match std::fs::metadata(out) {
        Ok(metadata) if !metadata.is_dir() => return Err(DestinationError::NotAFolder),
        Ok(_) => {}
        // a name of one file for more than one
        Err(e)
            if e.kind() == io::ErrorKind::NotFound
                && out
                    .extension()
                    .is_some_and(|e| e.eq_ignore_ascii_case("dcm")) =>
        {
            return Err(DestinationError::NotAFolder);
        }
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
        let names = (1..10_000u32).map(|n| match n {
            1 => format!("dcmscrub-{date}"),
            n => format!("dcmscrub-{date}-{n}"),
        });
        let free = names
            .map(|name| base.join(name))
            .find(|folder| folder.symlink_metadata().is_err());
        let Some(folder) = free else { continue };
        match check_overlap(inputs, &folder).and_then(|()| Ok(check_writable(&base)?)) {
            Ok(()) => return Ok(folder),
            Err(e) => last = e,
        }
    }
    Err(last)
}

#[cfg(unix)]
fn check_writable(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn check_writable(folder: &Path) -> io::Result<()> {
    if std::fs::metadata(folder)?.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Refuses an output in an input, an input in an output, and both being one place by any name: links, `..`, hard links,
/// and folders that are mounted in two places.
fn check_overlap(inputs: &[PathBuf], out: &Path) -> Result<(), DestinationError> {
    let mounts = Mounts::of_this_process();
    let out = Place::of(out, &mounts)?;
    for input in inputs {
        let place = Place::of(input, &mounts)?;
        if place.holds(&out) || out.holds(&place) {
            return Err(DestinationError::Overlap);
        }
    }
    Ok(())
}

/// Keeps inputs that are met during a run apart from the output folder.
pub struct Guard {
    mounts: Mounts,
    out: Place,
}

impl Guard {
    /// A guard of this output folder.
    ///
    /// # Errors
    /// Those of looking at the path.
    pub fn of(out: &Path) -> Result<Self, DestinationError> {
        let mounts = Mounts::of_this_process();
        let out = Place::of(out, &mounts)?;
        Ok(Self { mounts, out })
    }

    /// True when a path and the output folder lie in each other, and when it cannot be told.
    #[must_use]
    pub fn overlaps(&self, path: &Path) -> bool {
        match Place::of(path, &self.mounts) {
            Ok(place) => place.holds(&self.out) || self.out.holds(&place),
            Err(_) => true,
        }
    }
}

/// A path that may not exist yet, as far as it is known where it will be.
struct Place {
    /// All of it exists.
    exists: bool,
    /// Identities of the nearest part that exists and of its parents.
    chain: Vec<Identity>,
    /// File system and path in it, which is the same by every mount.
    located: Option<(String, PathBuf)>,
}

impl Place {
    fn of(path: &Path, mounts: &Mounts) -> Result<Self, DestinationError> {
        let absolute = std::path::absolute(path)?;
        let mut nearest = absolute.as_path();
        let real = loop {
            match std::fs::canonicalize(nearest) {
                Ok(real) => break real,
                Err(e) if e.kind() == io::ErrorKind::NotFound => match nearest.parent() {
                    Some(parent) => nearest = parent,
                    None => return Err(e.into()),
                },
                Err(e) => return Err(e.into()),
            }
        };
        let rest = absolute.strip_prefix(nearest).unwrap_or(Path::new(""));
        if rest
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
        {
            return Err(DestinationError::Unknowable);
        }
        let chain: io::Result<Vec<Identity>> = real
            .ancestors()
            .map(|at| identity(at, &std::fs::metadata(at)?))
            .collect();
        Ok(Self {
            exists: rest == Path::new(""),
            chain: chain?,
            located: mounts.locate(&real.join(rest)),
        })
    }

    /// True when the other place is this one or lies inside it.
    fn holds(&self, other: &Self) -> bool {
        let by_identity = self.exists
            && self
                .chain
                .first()
                .is_some_and(|id| other.chain.contains(id));
        let by_mount = match (&self.located, &other.located) {
            (Some((device, path)), Some((other_device, other_path))) => {
                device == other_device && other_path.starts_with(path)
            }
            _ => false,
        };
        by_identity || by_mount
    }
}

type Identity = (u64, u64, PathBuf);

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
fn identity(_path: &Path, metadata: &Metadata) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino(), PathBuf::new()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
fn identity(path: &Path, _metadata: &Metadata) -> io::Result<Identity> {
    Ok((0, 0, path.to_path_buf()))
}

/// Refuses a private list inside the output folder or an input, and one that would replace anything but an earlier list.
///
/// # Errors
/// [`DestinationError::LinksInside`], [`DestinationError::LinksTaken`]; those of looking at the paths.
pub fn check_links(
    links: &Path,
    inputs: &[PathBuf],
    out: &Destination,
) -> Result<(), DestinationError> {
    let mounts = Mounts::of_this_process();
    let place = Place::of(links, &mounts)?;
    let out = match out {
        Destination::Folder(path) | Destination::Fresh(path) | Destination::File(path) => path,
    };
    for other in inputs.iter().chain([out]) {
        if Place::of(other, &mounts)?.holds(&place) {
            return Err(DestinationError::LinksInside);
        }
    }
    match links.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
        Ok(metadata) if metadata.is_file() => {
            let mut start = Vec::new();
            let length = u64::try_from(LINKS_HEADER.len()).unwrap_or(0);
            std::fs::File::open(links)?
                .take(length)
                .read_to_end(&mut start)?;
            // an empty file, as `mktemp` makes one, holds nothing that could be lost
            if start == LINKS_HEADER.as_bytes() || start.is_empty() {
                Ok(())
            } else {
                Err(DestinationError::LinksTaken)
            }
        }
        Ok(_) => Err(DestinationError::LinksTaken),
    }
}

/// What a list of links begins with.
pub const LINKS_HEADER: &str = "input,output,bucket,reason";

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test's own file")]
    fn write(path: &Path, bytes: &[u8]) {
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn places_that_overlap_are_refused_by_every_name() {
        let root = tempfile::tempdir().unwrap();
        let input = root.path().join("in");
        std::fs::create_dir_all(input.join("sub")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&input, root.path().join("alias")).unwrap();
        let inputs = [input];
        for out in [
            "in",
            "in/out",
            "in/sub/new/out",
            "alias/out",
            "in/../in/out",
            ".",
            "nope/../in/out",
            "nope/../other",
        ] {
            assert!(
                choose(&inputs, Some(&root.path().join(out))).is_err(),
                "{out}"
            );
        }
        for out in ["out", "input", "in2/in", "in/../out"] {
            assert!(
                choose(&inputs, Some(&root.path().join(out))).is_ok(),
                "{out}"
            );
        }
        assert!(!root.path().join("out").exists(), "choosing makes nothing");
    }

    #[test]
    fn a_list_of_links_replaces_nothing_but_a_list_of_links() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir(at("in")).unwrap();
        write(&at("in/1.dcm"), b"DICM");
        write(&at("notes"), b"input");
        write(&at("old.csv"), b"input,output,bucket,reason\n");
        write(&at("empty.csv"), b"");
        let out = Destination::Folder(at("out"));
        for name in [
            "in/1.dcm",
            "in/new.csv",
            "out/links.csv",
            "out/clean/links.csv",
            "notes",
            "in",
        ] {
            assert!(check_links(&at(name), &[at("in")], &out).is_err(), "{name}");
        }
        for name in ["old.csv", "new.csv", "empty.csv"] {
            assert!(check_links(&at(name), &[at("in")], &out).is_ok(), "{name}");
        }
    }
}
