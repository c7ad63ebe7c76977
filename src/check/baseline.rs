//! A baseline: findings that a repository knows of and has not mended yet, as fingerprints without values.
//!
//! A fingerprint is a mark under a key, of the rule, the path of the file, the data element and the length of the file, so that
//! the list gives nothing away and a file that is replaced by one of another length counts as new. The key is that of a key
//! file, or one that stands in the list itself.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::identity::key::Key;
use crate::identity::pseudonym::Pseudonyms;

/// Bytes of a list.
const MOST: u64 = 64 << 20;

/// Why a list is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is no list of this program's.
    #[error("this is no baseline of this program")]
    Other,
    /// It was made with another key.
    #[error("this baseline was made with another key, or without one")]
    Key,
    /// No key can be made.
    #[error("no key can be made")]
    NoKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    dcmscrub_baseline: u32,
    /// The key of a list that has its own: it keeps paths from being read, and hides no value, as there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    /// The name of the key of a key file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    fingerprints: BTreeSet<String>,
}

/// A list of findings.
pub struct Baseline {
    written: Written,
    marks: Pseudonyms,
}

impl Baseline {
    /// A list without entries, under the key of a key file or one of its own.
    ///
    /// # Errors
    /// [`BaselineError::NoKey`].
    pub fn new(key: Option<&Key>) -> Result<Self, BaselineError> {
        let salt = if key.is_some() {
            None
        } else {
            let mut bytes = [0u8; 32];
            if getrandom::fill(&mut bytes).is_err() {
                return Err(BaselineError::NoKey);
            }
            Some(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
        };
        Self::with(
            Written {
                dcmscrub_baseline: 1,
                salt,
                key: key.map(Key::id),
                fingerprints: BTreeSet::new(),
            },
            key,
        )
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn read(path: &Path, key: Option<&Key>) -> Result<Self, BaselineError> {
        let file = io::Read::take(std::fs::File::open(path)?, MOST);
        // what a parser would say of a file that was given by mistake may quote it
        let read = serde_json::from_reader::<_, Written>(io::BufReader::new(file));
        let Ok(written) = read else {
            return Err(BaselineError::Other);
        };
        if written.dcmscrub_baseline != 1 {
            return Err(BaselineError::Other);
        }
        Self::with(written, key)
    }

    fn with(written: Written, key: Option<&Key>) -> Result<Self, BaselineError> {
        let marks = match (&written.salt, &written.key, key) {
            (Some(salt), None, None) => {
                let Some(bytes) = bytes_of(salt) else {
                    return Err(BaselineError::Other);
                };
                Pseudonyms::new(&Key::from_bytes(bytes), "baseline")
            }
            (None, Some(id), Some(key)) if *id == key.id() => Pseudonyms::new(key, "baseline"),
            _ => return Err(BaselineError::Key),
        };
        Ok(Self { written, marks })
    }

    /// The mark of a finding in a file of this length, by its path below the root.
    #[must_use]
    pub fn fingerprint(&self, finding: &Finding, path: &Path, length: u64) -> String {
        let parts: Vec<_> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        self.marks.mark(
            "baseline/v1",
            &[
                finding.rule.code,
                &parts.join("/"),
                &finding.place.to_string(),
                &length.to_string(),
            ],
        )
    }

    /// The finding is known.
    #[must_use]
    pub fn knows(&self, fingerprint: &str) -> bool {
        self.written.fingerprints.contains(fingerprint)
    }

    /// Adds one.
    pub fn add(&mut self, fingerprint: String) {
        self.written.fingerprints.insert(fingerprint);
    }

    /// How many it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.written.fingerprints.len()
    }

    /// It has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same key and no entries.
    #[must_use]
    pub fn emptied(mut self) -> Self {
        self.written.fingerprints.clear();
        self
    }

    /// Writes the list: whole under its name, or not at all.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_path_buf(),
            Some(_) | None => PathBuf::from("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, &self.written).map_err(io::Error::from)?;
        io::Write::write_all(&mut file, b"\n")?;
        file.as_file().sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// 32 bytes in hexadecimal.
fn bytes_of(salt: &str) -> Option<[u8; 32]> {
    let mut bytes = [0u8; 32];
    if salt.len() != 64 || !salt.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, two) in bytes.iter_mut().zip(salt.as_bytes().chunks(2)) {
        let two = std::str::from_utf8(two).unwrap_or_default();
        *byte = u8::from_str_radix(two, 16).unwrap_or_default();
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Place, rules};

    fn finding() -> Finding {
        Finding {
            rule: &rules::PREAMBLE,
            place: Place::Preamble,
            count: 1,
        }
    }

    #[test]
    fn a_list_knows_what_was_added_under_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        let key = Key::from_bytes([3; 32]);
        for key in [None, Some(&key)] {
            let mut list = Baseline::new(key).unwrap();
            let mark = list.fingerprint(&finding(), Path::new("QUILLA/a.dcm"), 10);
            list.add(mark.clone());
            list.write(&path).unwrap();
            assert!(!std::fs::read_to_string(&path).unwrap().contains("QUILLA"));
            let again = Baseline::read(&path, key).unwrap();
            assert!(again.knows(&again.fingerprint(&finding(), Path::new("QUILLA/a.dcm"), 10)));
            assert!(!again.knows(&again.fingerprint(&finding(), Path::new("QUILLA/a.dcm"), 11)));
            assert!(!again.knows(&again.fingerprint(&finding(), Path::new("QUILLA/b.dcm"), 10)));
            assert!(!again.emptied().knows(&mark));
            let other = Key::from_bytes([4; 32]);
            assert!(matches!(
                Baseline::read(&path, Some(&other)),
                Err(BaselineError::Key)
            ));
        }
        std::fs::write(&path, "{\"dcmscrub_baseline\":2,\"fingerprints\":[]}").unwrap();
        assert!(matches!(
            Baseline::read(&path, None),
            Err(BaselineError::Other)
        ));
    }
}
