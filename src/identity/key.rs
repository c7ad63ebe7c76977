//! The key file: 32 random bytes as text, readable by its owner only.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::pseudonym::expand;

/// Crockford's base 32.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LABEL: &str = "dcmscrub-key-v1";
const COMMENT: &str = "# Key of dcmscrub. Whoever has this file can link pseudonyms to people. Keep it secret, keep a copy.";
/// Characters of 32 bytes.
const KEY_CHARS: usize = 52;
/// Characters of the checksum.
const SUM_CHARS: usize = 7;
const MOST_BYTES: u64 = 4096;
/// How the name of a key file begins that is not whole yet.
const UNFINISHED: &str = ".dcmscrub-key-";

/// A 256-bit key. Wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(<hidden>)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be opened, read or written.
    #[error("key file: {0}")]
    Io(#[from] io::Error),
    /// Others may read the file.
    #[error("key file: other people on this machine may read it")]
    Exposed,
    /// Not a regular file, or too large for a key.
    #[error("key file: not a key file")]
    NotAKeyFile,
    /// No line that begins as a key does.
    #[error("key file: no line that begins with {LABEL}")]
    NoKey,
    /// More than one key.
    #[error("key file: more than one key")]
    Several,
    /// The key's characters or its checksum are wrong.
    #[error("key file: the key is damaged")]
    Damaged,
    /// The machine gives no random bytes.
    #[error("no random bytes from this machine")]
    NoRandom,
}

impl KeyError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io(e) if e.kind() == io::ErrorKind::NotFound => {
                "make one with: dcmscrub key new FILE"
            }
            Self::Io(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                "a key is never written over; choose another name"
            }
            Self::Io(_) => "check the path and its permissions",
            Self::Exposed => "run: chmod 600 FILE",
            Self::NotAKeyFile | Self::NoKey => "give the file that `dcmscrub key new` made",
            Self::Several => "keep one key in the file",
            Self::Damaged => "restore the file from your copy",
            Self::NoRandom => "try again on another machine",
        }
    }
}

impl Key {
    /// A key from the machine's random numbers.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|_unused| KeyError::NoRandom)?;
        Ok(Self(bytes))
    }

    /// A key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Makes a random key and its file, for the owner only. An existing file is never written over, and a file of this name
    /// is whole: half a key would stand in the way of the next attempt.
    ///
    /// # Errors
    /// Those of creating and writing the file; [`KeyError::NoRandom`].
    pub fn create_file(path: &Path) -> Result<Self, KeyError> {
        let key = Self::random()?;
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(folder)?;
        let mut text = format!(
            "{COMMENT}\n{LABEL} {} {}\n",
            base32(&key.0, KEY_CHARS),
            checksum(&key.0)
        );
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.as_file().sync_all());
        text.zeroize();
        written?;
        file.persist_noclobber(path).map_err(|e| e.error)?;
        Ok(key)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError`]: others may read it, it is no key file, or the key is damaged.
    pub fn read_file(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() > MOST_BYTES {
            return Err(KeyError::NotAKeyFile);
        }
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
            return Err(KeyError::Exposed);
        }
        let mut text = String::new();
        let read = (&file).take(MOST_BYTES).read_to_string(&mut text);
        let key = match read {
            Ok(_) => Self::parse(&text),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(KeyError::NotAKeyFile),
            Err(e) => Err(e.into()),
        };
        text.zeroize();
        key
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// [`KeyError::NoKey`], [`KeyError::Several`], [`KeyError::Damaged`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or(KeyError::NoKey)?;
        if lines.next().is_some() {
            return Err(KeyError::Several);
        }
        let mut words = line.split_whitespace();
        if words.next() != Some(LABEL) {
            return Err(KeyError::NoKey);
        }
        let (Some(key), Some(sum), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyError::Damaged);
        };
        let bytes = bytes_of(key).ok_or(KeyError::Damaged)?;
        if !checksum(&bytes).eq_ignore_ascii_case(sum) {
            return Err(KeyError::Damaged);
        }
        Ok(Self(bytes))
    }

    /// A name of the key that gives nothing of it away: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        let id = expand::<8>(&self.0, b"dcmscrub/v1\0key-id");
        id.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The first `chars` characters of base 32, most significant bits first.
pub(crate) fn base32(bytes: &[u8], chars: usize) -> String {
    let mut out = String::with_capacity(chars);
    let (mut bits, mut held) = (0u32, 0u32);
    let mut rest = bytes.iter();
    while out.len() < chars {
        if held < 5 {
            bits = bits << 8 | u32::from(rest.next().copied().unwrap_or(0));
            held = held.saturating_add(8);
        }
        held = held.saturating_sub(5);
        let index = usize::try_from(bits >> held & 31).unwrap_or(0);
        out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
        bits &= (1u32 << held).wrapping_sub(1);
    }
    out
}

fn bytes_of(text: &str) -> Option<[u8; 32]> {
    if text.len() != KEY_CHARS {
        return None;
    }
    let mut out = [0u8; 32];
    let (mut bits, mut held, mut at) = (0u32, 0u32, 0usize);
    for c in text.bytes() {
        let value = ALPHABET.iter().position(|a| *a == c.to_ascii_uppercase())?;
        bits = bits << 5 | u32::try_from(value).unwrap_or(0);
        held = held.checked_add(5)?;
        if held >= 8 {
            held = held.checked_sub(8)?;
            *out.get_mut(at)? = u8::try_from(bits >> held & 0xFF).unwrap_or(0);
            at = at.checked_add(1)?;
            bits &= (1u32 << held).wrapping_sub(1);
        }
    }
    (at == 32 && bits == 0).then_some(out)
}

fn checksum(key: &[u8; 32]) -> String {
    let sum = Sha256::new()
        .chain_update(b"dcmscrub/v1 key checksum")
        .chain_update(key)
        .finalize();
    base32(&sum, SUM_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &Key) -> String {
        format!(
            "# c\r\n\r\n{LABEL} {} {}\r\n",
            base32(&key.0, KEY_CHARS),
            checksum(&key.0)
        )
    }

    #[test]
    fn a_key_file_reads_back_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clinic.key");
        let key = Key::create_file(&path).unwrap();
        assert_eq!(Key::read_file(&path).unwrap().0, key.0);
        assert!(matches!(Key::create_file(&path), Err(KeyError::Io(_))));
        assert_eq!(Key::read_file(&path).unwrap().0, key.0);
        let names = std::fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 1, "nothing unfinished is left");
        assert!(matches!(
            Key::read_file(folder.path()),
            Err(KeyError::NotAKeyFile)
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clinic.key");
        Key::create_file(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Key::read_file(&path), Err(KeyError::Exposed)));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_may_be_as_long_as_the_bound_and_no_longer() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let key = text(&Key::from_bytes([9; 32]));
        for (length, read) in [(4096usize, true), (4097, false)] {
            let path = folder.path().join(length.to_string());
            let padded = format!("{key}{}", "\n".repeat(length - key.len()));
            std::fs::write(&path, padded).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(Key::read_file(&path).is_ok(), read, "{length}");
        }
    }

    #[test]
    fn damage_of_a_key_is_noticed() {
        let key = Key::from_bytes(std::array::from_fn(|n| u8::try_from(n).unwrap()));
        let good = text(&key);
        assert_eq!(Key::parse(&good).unwrap().0, key.0);
        assert_eq!(
            Key::parse(&good.to_lowercase().replace("dcmscrub-key-v1", LABEL))
                .unwrap()
                .0,
            key.0
        );
        assert!(matches!(Key::parse(""), Err(KeyError::NoKey)));
        assert!(matches!(Key::parse("hello"), Err(KeyError::NoKey)));
        assert!(matches!(
            Key::parse(&format!("{good}{good}")),
            Err(KeyError::Several)
        ));
        assert!(matches!(
            Key::parse(&good.replacen("00", "01", 1)),
            Err(KeyError::Damaged)
        ));
        assert!(matches!(
            Key::parse(&good[..good.len() - 4]),
            Err(KeyError::Damaged)
        ));
    }

    #[test]
    fn the_id_is_that_of_the_reference() {
        assert_eq!(
            Key::from_bytes(std::array::from_fn(|n| u8::try_from(n).unwrap())).id(),
            "2ec8dcd1a44c9f83"
        );
    }

    #[test]
    fn nothing_shows_a_key() {
        assert_eq!(format!("{:?}", Key::from_bytes([9; 32])), "Key(<hidden>)");
    }
}
