//! Plans every file of a folder with a ruleset that keeps everything, applies the plan and compares the data sets.
//!
//! `cargo run --release --example identity -- DIR` prints how many data sets are byte-identical, different, refused and no
//! DICOM at all, and the reason for each refusal. Exit 1 when a data set differs.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "tools of the project, over its own files"
)]
#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::{Limits, part10};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::profile::{Overrides, load};

fn main() -> anyhow::Result<ExitCode> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    anyhow::ensure!(!folders.is_empty(), "usage: identity DIR...");
    let rules = load("keep-everything", &Overrides::default())?;
    let engine = Engine::new(
        rules,
        Pseudonyms::new(&Key::random()?, ""),
        Limits::default(),
    );
    let (mut same, mut different, mut refused, mut others) = (0u32, 0u32, 0u32, 0u32);
    for folder in folders {
        for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let name = entry.path().strip_prefix(&folder)?.display().to_string();
            let bytes = BytesSource(std::fs::read(entry.path())?);
            match engine.plan(&bytes, Detail::Edits) {
                Ok(plan) => {
                    let out = to_bytes(&plan, &bytes, engine.limits())?;
                    if data_set(&bytes.0)? == data_set(&out)? && plan.edits.is_empty() {
                        same += 1;
                    } else {
                        different += 1;
                        println!("different  {name}");
                    }
                }
                Err(e) if e.is_not_dicom() => {
                    others += 1;
                    println!("no DICOM   {name}");
                }
                Err(e) => {
                    refused += 1;
                    println!("refused    {name}  {e}");
                }
            }
        }
    }
    println!(
        "data sets: {same} byte-identical, {different} different, {refused} refused; {others} files are no DICOM"
    );
    Ok(if different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The bytes of a data set, inflated where they are deflated.
fn data_set(file: &[u8]) -> anyhow::Result<Vec<u8>> {
    let source = BytesSource(file);
    let part10 = part10::open(&source, &Limits::default())?;
    let bytes = file
        .get(usize::try_from(part10.data_set_at)?..)
        .unwrap_or_default();
    if !part10.deflated {
        return Ok(bytes.to_vec());
    }
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut flate2::bufread::DeflateDecoder::new(bytes), &mut out)?;
    Ok(out)
}
