//! Names of outputs. None comes from an input's value, and none from an input's name that identifies.
//!
//! The name of an instance is a keyed code of its UID and of what the output holds. So two contents of one SOP Instance UID
//! (another compression, a later export) stand beside each other and one content has one name, whatever the order in which
//! files are met and on whichever machine.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::identity::pseudonym::Pseudonyms;
use crate::plan::Plan;

/// The shape of the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `<patient>/<study>/<series>/<instance>.dcm`, each a keyed code.
    Named,
    /// File IDs of PS3.10 section 8 (8 characters A-Z 0-9 _, no ending) under a DICOMDIR.
    Media,
    /// The input's shape.
    Mirror,
}

/// Folder of what may be shared.
pub const CLEAN: &str = "clean";
/// Folder of what a human has to look at first.
pub const REVIEW: &str = "review";

/// Characters of one component of a file ID.
const FILE_ID: usize = 8;

impl Layout {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Media => "media",
            Self::Mirror => "mirror",
        }
    }

    /// The folder of an output, below `clean/` or `review/`.
    #[must_use]
    pub fn folder(self, plan: &Plan, relative: &Path, pseudonyms: &Pseudonyms) -> PathBuf {
        let names = &plan.names;
        match self {
            Self::Named => PathBuf::from(&names.patient)
                .join(&names.study)
                .join(&names.series),
            Self::Media => {
                let patient = pseudonyms.code("path/patient", &[&names.patient]);
                [patient.as_str(), &names.study, &names.series]
                    .iter()
                    .map(|code| code.get(..FILE_ID).unwrap_or(code))
                    .collect()
            }
            Self::Mirror => mirrored(relative, plan, pseudonyms)
                .parent()
                .map_or_else(PathBuf::new, Path::to_path_buf),
        }
    }

    /// Names that an output may take in its folder, the preferred one first. `digest` is that of the output's bytes.
    #[must_use]
    pub fn names(
        self,
        plan: &Plan,
        relative: &Path,
        pseudonyms: &Pseudonyms,
        digest: &str,
    ) -> Vec<OsString> {
        let code = pseudonyms.code("path/instance", &[&plan.names.instance, digest]);
        match self {
            Self::Named => vec![format!("{code}.dcm").into()],
            // 40 bits may meet in a folder of very many files; then the other 40 bits are the name
            Self::Media => [code.get(..FILE_ID), code.get(FILE_ID..)]
                .into_iter()
                .flatten()
                .map(OsString::from)
                .collect(),
            Self::Mirror => mirrored(relative, plan, pseudonyms)
                .file_name()
                .map(OsString::from)
                .into_iter()
                .collect(),
        }
    }
}

/// The input's path, with a keyed code for every part that holds one of the file's own identifiers.
fn mirrored(relative: &Path, plan: &Plan, pseudonyms: &Pseudonyms) -> PathBuf {
    let parts = relative.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            None
        }
    });
    parts
        .map(|part| {
            if plan.component_is_identifying(part) {
                OsString::from(pseudonyms.code("path", &[&part.to_string_lossy()]))
            } else {
                part.to_os_string()
            }
        })
        .collect()
}
