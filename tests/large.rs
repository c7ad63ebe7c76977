//! Outputs longer than one piece, in every shape: the digest in the journal is that of the file, the pixels are those of the
//! input, and no word is left between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use serde_json::Value;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key, tree};
use crate::malformed::bytes::{DataSet, Form, JPEG, LE, RLE};
use crate::malformed::case::{Canaries, image_in};

const WORDS: &[u8] = b"for CANARY-PN-77 only";
const PADDING: Tag = Tag(0xFFFC, 0xFFFC);

/// Bytes that do not compress well, and hold no marker of a codestream.
fn noise(n: u32, seed: u32) -> Vec<u8> {
    let byte = |n: u32| (n.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24) % 255;
    (0..n).map(|n| u8::try_from(byte(n)).unwrap()).collect()
}

/// A picture of so many rows of a thousand pixels.
fn native(form: Form, rows: u16, case: usize) -> DataSet {
    image_in(form, &mut Canaries::new(70, case))
        .number(tags::ROWS, rows)
        .number(tags::COLUMNS, 1000)
        .with(tags::PIXEL_DATA, "OW", noise(u32::from(rows) * 1000, 1))
}

/// A JPEG picture with words in front of so many bytes of data.
fn jpeg(n: u32, seed: u32) -> Vec<u8> {
    let segment = |code: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, code], length.as_slice(), content].concat()
    };
    let mut out = vec![0xFF, 0xD8];
    out.extend(segment(0xFE, WORDS));
    out.extend(segment(0xC0, &[8, 0, 4, 0, 4, 1, 1, 0x11, 0]));
    out.extend(segment(0xDA, &[1, 1, 0, 0, 63, 0]));
    out.extend(noise(n, seed));
    out.extend([0xFF, 0xD9]);
    out.extend(WORDS);
    out
}

/// Run lengths of 16 pixels of one byte, with words behind their segment (PS3.5 section G.5).
fn run_lengths() -> Vec<u8> {
    let mut out = [1u32, 64].map(u32::to_le_bytes).concat();
    out.resize(64, 0);
    out.push(15);
    out.extend(noise(16, 3));
    out.push(0x80);
    out.extend(WORDS);
    out
}

fn fragments(syntax: &str, fragments: &[Vec<u8>], case: usize) -> Vec<u8> {
    image_in(LE, &mut Canaries::new(71, case))
        .with(tags::NUMBER_OF_FRAMES, "IS", fragments.len().to_string())
        .raw(PADDING, LE.element(PADDING, "OB", WORDS))
        .encapsulated(syntax, fragments)
}

fn inputs() -> BTreeMap<&'static str, Vec<u8>> {
    let behind = |set: DataSet| {
        let padding = set.form.element(PADDING, "OB", WORDS);
        set.raw(PADDING, padding)
    };
    let pictures = |count: u32, n: u32| -> Vec<Vec<u8>> {
        (0..count).map(|seed| jpeg(n + seed % 7, seed)).collect()
    };
    BTreeMap::from([
        ("short", native(LE, 4, 1).file()),
        ("one-piece", native(LE, 262, 2).file()),
        ("long", native(LE, 3001, 3).file()),
        ("long-implicit", native(Form::Implicit, 700, 4).file()),
        ("long-big-endian", native(Form::Big, 700, 5).file()),
        ("edits-behind", behind(native(LE, 2000, 6)).file()),
        ("deflated", native(LE, 300, 7).deflated()),
        ("deflated-long", behind(native(LE, 5000, 8)).deflated()),
        ("fragments-short", fragments(JPEG, &pictures(5000, 90), 9)),
        ("fragments-long", fragments(JPEG, &pictures(9, 150_000), 10)),
        ("fragments-both", {
            let all = [pictures(300, 40), pictures(40, 4000), pictures(3, 70_000)];
            fragments(JPEG, &all.concat(), 11)
        }),
        (
            "fragments-rle",
            fragments(RLE, &vec![run_lengths(); 3000], 12),
        ),
    ])
}

/// Cleans; the outputs by the names of the inputs.
fn cleaned(folder: &TempDir, key: &Path, workers: &str) -> BTreeMap<String, Vec<u8>> {
    let at = |name: &str| folder.path().join(name);
    let (out, links) = (at(&format!("out{workers}")), at(&format!("{workers}.csv")));
    let ended = dcmscrub(&[
        &"clean",
        &at("in"),
        &"-o",
        &out,
        &"--key-file",
        &key,
        &"--links",
        &links,
        &workers,
    ]);
    assert!(ended.status.success(), "{ended:?}");
    let journal = std::fs::read_to_string(out.join("report.journal.jsonl")).unwrap();
    let mut listed = 0;
    for line in journal.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["line"] == "file" {
            let bytes = std::fs::read(out.join(line["output"].as_str().unwrap())).unwrap();
            let digest = blake3::hash(&bytes).to_hex().to_string();
            assert_eq!(line["blake3"], digest, "{}", line["output"]);
            listed += 1;
        }
    }
    let mut rows = csv::Reader::from_path(&links).unwrap();
    let outputs = rows.records().map(|row| {
        let row = row.unwrap();
        let name = PathBuf::from(&row[0]);
        let name = name.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(out.join(&row[1])).unwrap();
        (name, bytes)
    });
    let outputs: BTreeMap<_, _> = outputs.collect();
    assert_eq!(listed, outputs.len());
    outputs
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

#[test]
fn outputs_of_every_shape_are_what_the_journal_says() {
    let folder = TempDir::new().unwrap();
    let key = key(&folder, "key");
    let inputs = inputs();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    for (name, bytes) in &inputs {
        std::fs::write(folder.path().join("in").join(name), bytes).unwrap();
    }
    let outputs = cleaned(&folder, &key, "-j1");
    assert_eq!(outputs.len(), inputs.len());
    for (name, bytes) in &outputs {
        assert_eq!(bytes.len() % 2, 0, "{name}");
        let bytes = if name.starts_with("deflated") {
            crate::fixtures::inflated(bytes)
        } else {
            bytes.clone()
        };
        assert!(!holds(&bytes, b"CANARY"), "{name}");
        let rows = match name.as_str() {
            "short" => 4,
            "one-piece" => 262,
            "long" => 3001,
            "edits-behind" => 2000,
            "deflated" => 300,
            "deflated-long" => 5000,
            "long-implicit" | "long-big-endian" => 700,
            _ => 0,
        };
        assert!(
            holds(&bytes, &noise(rows * 1000, 1)),
            "the pixels of {name}"
        );
    }
    for (name, count, n) in [
        ("fragments-short", 5000, 90),
        ("fragments-long", 9, 150_000),
    ] {
        let blanked = |seed: u32| {
            let mut picture = jpeg(n + seed % 7, seed);
            picture.truncate(picture.len() - WORDS.len());
            picture[6..6 + WORDS.len()].fill(0);
            picture
        };
        let found = (0..count).all(|seed| seed % 100 > 8 || holds(&outputs[name], &blanked(seed)));
        assert!(found, "the pictures of {name}, with zeros for words");
    }
    assert!(cleaned(&folder, &key, "-j2") == outputs);
    let out = |name: &str| tree(&folder.path().join(name).join("clean"));
    assert!(out("out-j1") == out("out-j2"));
    let looked = dcmscrub(&[
        &"verify",
        &folder.path().join("out-j1"),
        &"--key-file",
        &key,
    ]);
    assert!(looked.status.success(), "{looked:?}");
}
