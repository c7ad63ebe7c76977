//! Names of outputs. None comes from an input's value, and none from an input's name that identifies.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::identity::pseudonym::Pseudonyms;
use crate::plan::Plan;

/// The shape of the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `<patient>/<study>/<series>/<instance>.dcm`, each a keyed code.
    Named,
    /// The input's shape.
    Mirror,
}

/// Where below `clean/` an output goes.
#[must_use]
pub fn place(layout: Layout, plan: &Plan, relative: &Path, pseudonyms: &Pseudonyms) -> PathBuf {
    match layout {
        Layout::Named => {
            let names = &plan.names;
            PathBuf::from(&names.patient)
                .join(&names.study)
                .join(&names.series)
                .join(format!("{}.dcm", names.instance))
        }
        Layout::Mirror => {
            let parts = relative.components().filter_map(|part| match part {
                Component::Normal(part) => Some(part),
                Component::Prefix(_)
                | Component::RootDir
                | Component::CurDir
                | Component::ParentDir => None,
            });
            parts
                .map(|part| {
                    if plan.component_is_identifying(part) {
                        code(part, pseudonyms)
                    } else {
                        part.to_os_string()
                    }
                })
                .collect()
        }
    }
}

/// A keyed code for a part of a path that identifies.
fn code(part: &std::ffi::OsStr, pseudonyms: &Pseudonyms) -> OsString {
    pseudonyms.code("path", &[&part.to_string_lossy()]).into()
}
