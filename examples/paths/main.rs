//! Compares the paths that our walk visits with those that dicom-object sees, over the files of a folder.
//!
//! `cargo run --release --example paths -- DIR [LIST]` prints the differences and their number; exit 1 when there is one.
//! LIST receives our paths as JSON Lines, for comparison with further readers.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "tools of the project, over its own files"
)]
#![expect(clippy::print_stdout, reason = "a tool for the terminal")]
#![expect(
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "tags are ASCII; the list is the tool's own file"
)]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

mod seen;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments
        .next()
        .ok_or_else(|| anyhow::anyhow!("usage: paths DIR [LIST]"))?;
    let mut list = match arguments.next() {
        Some(path) => Some(std::io::BufWriter::new(std::fs::File::create(path)?)),
        None => None,
    };
    let (mut equal, mut different, mut unread, mut refused) = (0u32, 0u32, 0u32, 0u32);
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry?;
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry
            .path()
            .strip_prefix(&folder)?
            .to_string_lossy()
            .into_owned();
        let Ok(ours) = seen::ours(&std::fs::read(entry.path())?) else {
            refused += 1;
            continue;
        };
        if let Some(list) = &mut list {
            serde_json::to_writer(&mut *list, &(&name, &ours))?;
            list.write_all(b"\n")?;
        }
        let Some(theirs) = seen::by_dicom_object(entry.path()) else {
            unread += 1;
            continue;
        };
        let difference = seen::difference(&ours, &theirs);
        if difference.is_empty() {
            equal += 1;
        } else {
            different += 1;
            println!(
                "{name}: {}",
                difference
                    .iter()
                    .take(5)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
    }
    println!(
        "{equal} equal, {different} different; {unread} not read by dicom-object, {refused} refused by us or no DICOM"
    );
    if let Some(mut list) = list {
        list.flush()?;
    }
    Ok(if different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
