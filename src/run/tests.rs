//! Whole runs over the fixtures with a fixed key: the outputs are, byte for byte, those that were looked at.
//!
//! `DCMSCRUB_BLESS=1 cargo test --lib outputs_are` writes the list anew; a change of it is a change of what users get.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::Run;
use crate::batch::destination::Guard;
use crate::batch::digest::digest;
use crate::batch::layout::Layout;
use crate::dicom::Limits;
use crate::identity::key::Key;
use crate::identity::pseudonym::Pseudonyms;
use crate::plan::Engine;
use crate::profile::{Overrides, load};

const LIST: &str = "tests/outputs.txt";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Cleans and gives the digest of every file below OUT that a recipient gets.
fn outputs(profile: &str, layout: Layout, input: &str) -> BTreeMap<PathBuf, String> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let stop = AtomicBool::new(false);
    let pseudonyms = Pseudonyms::new(&Key::from_bytes([7; 32]), "fixtures");
    let rules = load(profile, &Overrides::default()).unwrap();
    let engine = Engine::new(rules, pseudonyms, Limits::default());
    let run = Run {
        engine: &engine,
        inputs: &[root().join("fixtures").join(input)],
        list: None,
        layout,
        workers: 1,
        dry_run: false,
        sync_each: false,
        resume: false,
        shard: None,
        keyed: true,
        accept_held: false,
        stop: &stop,
    };
    let ended = run
        .into_folder(&out, &Guard::of(&out).unwrap(), |_| {})
        .unwrap();
    assert!(ended.unsaid.is_none());
    walkdir::WalkDir::new(&out)
        .into_iter()
        .map(Result::unwrap)
        .filter(|found| found.file_type().is_file())
        .map(|found| {
            (
                found.path().strip_prefix(&out).unwrap().to_path_buf(),
                found,
            )
        })
        .filter(|(path, _)| path.starts_with("clean") || path.starts_with("review"))
        .map(|(path, found)| {
            (
                path,
                digest(&fs::File::open(found.path()).unwrap()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn outputs_are_those_that_were_looked_at() {
    let mut list = String::from("# profile, input, output, BLAKE3; written by src/run/tests.rs\n");
    for profile in ["basic", "share", "research"] {
        for (layout, input) in [(Layout::Named, "files"), (Layout::Media, "disc")] {
            for (path, digest) in outputs(profile, layout, input) {
                let path = path.to_string_lossy().replace('\\', "/");
                list.push_str(&format!("{profile} {input} {path} {digest}\n"));
            }
        }
    }
    let expected = root().join(LIST);
    if std::env::var_os("DCMSCRUB_BLESS").is_some() {
        fs::write(&expected, &list).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap();
    for (is, was) in list.lines().zip(expected.lines()) {
        assert_eq!(is, was);
    }
    assert_eq!(list.lines().count(), expected.lines().count());
}

#[test]
fn a_bug_costs_one_file_and_is_counted() {
    use super::guarded;
    use crate::batch::discover::{Found, What};
    use crate::batch::outcome::{Bucket, Counts};
    let found = Found {
        path: Path::new("in/1").to_path_buf(),
        relative: Path::new("1").to_path_buf(),
        key: "1".to_owned(),
        is_root: false,
        what: What::File,
    };
    let outcome = guarded(&found, || panic!("QUILLONBERG"));
    assert_eq!((outcome.bucket, &*outcome.reason), (Bucket::Failed, "bug"));
    assert!(!outcome.message.contains("QUILLONBERG"));
    let mut counts = Counts::default();
    counts.add(&outcome);
    assert_eq!((counts.files, counts.bugs), (1, 1));
}
