//! Finding files as a developer's tool does: what `.gitignore` leaves out is left out, links are not followed.
//!
//! Owns: the order of files below a path, which is that of their names. Files that are named themselves are always looked at.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// One step of the walk: a path of a regular file, or what could not be looked at.
pub type Step = Result<PathBuf, (PathBuf, String)>;

/// Files below a path, one at a time, by name.
pub fn files(root: &Path, all: bool) -> impl Iterator<Item = Step> + Send + use<> {
    let top = root.to_path_buf();
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(!all)
        .hidden(false)
        .require_git(false)
        .follow_links(false)
        .sort_by_file_name(std::ffi::OsStr::cmp);
    if !all {
        builder.filter_entry(|entry| entry.file_name() != ".git" || entry.depth() == 0);
    }
    builder.build().filter_map(move |entry| match entry {
        Ok(entry) => {
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            let is_linked_root = entry.depth() == 0 && entry.path().is_file();
            (is_file || is_linked_root).then(|| Ok(entry.into_path()))
        }
        Err(e) => Some(Err((path_of(&e).unwrap_or_else(|| top.clone()), said(&e)))),
    })
}

fn path_of(e: &ignore::Error) -> Option<PathBuf> {
    match e {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Partial(_)
        | ignore::Error::Loop { .. }
        | ignore::Error::Io(_)
        | ignore::Error::Glob { .. }
        | ignore::Error::UnrecognizedFileType(_)
        | ignore::Error::InvalidDefinition => None,
    }
}

/// What happened, without the path, which is told with it.
fn said(e: &ignore::Error) -> String {
    match e.io_error() {
        Some(e) => e.to_string(),
        None => "it cannot be looked at".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_ignores_is_left_out_unless_all_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/x.dcm", "a.dcm", ".hidden/y.dcm", "out/z.dcm", ".git/w"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        std::fs::write(folder.path().join(".gitignore"), "out/\n").unwrap();
        let names = |root: &Path, all| {
            let below = |step: Step| {
                step.unwrap()
                    .strip_prefix(folder.path())
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            };
            files(root, all).map(below).collect::<Vec<_>>()
        };
        assert_eq!(
            names(folder.path(), false),
            [".gitignore", ".hidden/y.dcm", "a.dcm", "b/x.dcm"]
        );
        assert_eq!(names(folder.path(), true).len(), 6);
        assert_eq!(
            names(&folder.path().join("out/z.dcm"), false),
            ["out/z.dcm"]
        );
        let gone = files(&folder.path().join("gone"), false).next().unwrap();
        assert!(gone.is_err());
    }
}
