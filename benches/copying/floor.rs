//! The least that a run over files costs: what dcmscrub asks of the system for each of them, and the digests, and nothing of
//! DICOM. A file is read, hashed and written under a temporary name; the first bytes of what was written are read back, the input
//! is looked at once more, the output gets its name, and a line about it is written.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;

/// The first argument of the copy of this program that does it.
pub const WORD: &str = "--files-alone";

/// Bytes of one read and write.
const PIECE: usize = 256 * 1024;
/// Bytes that are read back: those of most headers.
const HEAD: usize = 32 * 1024;
/// Bytes of a line of the journal.
const LINE: usize = 650;

/// Does it for all files below a folder, on one thread.
pub fn copy(input: &Path, out: &Path) -> anyhow::Result<()> {
    let mut journal = File::create(out.join("journal"))?;
    let mut buffer = vec![0u8; PIECE];
    let mut head = vec![0u8; HEAD];
    let mut number = 0u64;
    for entry in walkdir::WalkDir::new(input) {
        let entry = entry?;
        let to = out.join("copy").join(entry.path().strip_prefix(input)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&to)?;
            continue;
        }
        number += 1;
        let mut from = File::open(entry.path())?;
        let before = from.metadata()?;
        let temporary = to.with_file_name(format!(".{number}.tmp"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let mut written = options.open(&temporary)?;
        let mut hash = blake3::Hasher::new();
        loop {
            let n = from.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            written.write_all(&buffer[..n])?;
        }
        let digest = hash.finalize();
        let length = usize::try_from(written.metadata()?.len())?;
        written.read_exact_at(&mut head[..length.min(HEAD)], 0)?;
        let unchanged = from.metadata()?.modified()? == before.modified()?
            && entry.path().metadata()?.len() == before.len();
        anyhow::ensure!(unchanged, "changed: {}", entry.path().display());
        std::fs::rename(&temporary, &to)?;
        let line = [digest.as_bytes().as_slice(), &head[..LINE.min(length)]].concat();
        journal.write_all(blake3::hash(&line).as_bytes())?;
        journal.write_all(&line)?;
    }
    rustix::fs::syncfs(&journal).context("sync")?;
    Ok(())
}
