//! The committed `fixtures/` are what `examples/fixtures` makes, and every planted identity is where it was planted.

#[path = "../examples/fixtures/catalogue.rs"]
mod catalogue;
#[path = "../examples/fixtures/dicom.rs"]
pub mod dicom;
#[path = "../examples/fixtures/media.rs"]
pub mod media;

use std::{collections::BTreeMap, fs, io::Read, path::Path};

/// The folder of the committed files.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// What must not be found in any output.
pub fn canaries() -> Vec<String> {
    let text = fs::read_to_string(root().join("canaries.txt")).expect("the list of canaries");
    text.lines().map(String::from).collect()
}

/// Whether this path below `fixtures/` is a DICOM file that a run is to clean (an old index is not).
pub fn is_instance(path: &str) -> bool {
    path.starts_with("disc/DICOM/") || path.starts_with("files/")
}

/// Each file below a folder as (path with slashes, bytes).
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the folder is readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below the folder");
            let name = path
                .iter()
                .map(|part| part.to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            (name, fs::read(entry.path()).expect("the file is readable"))
        })
        .collect()
}

/// The data set of a deflated file as it was before it was deflated; nothing for any other file.
pub fn inflated(bytes: &[u8]) -> Vec<u8> {
    let syntax = b"1.2.840.10008.1.2.1.99";
    let Some(at) = bytes
        .windows(syntax.len())
        .take(1024)
        .position(|window| window == syntax)
    else {
        return Vec::new();
    };
    let head: [u8; 4] = bytes[140..144]
        .try_into()
        .expect("the group length of the file meta information");
    let start = 144 + usize::try_from(u32::from_le_bytes(head)).expect("a length");
    if at >= start {
        // the index of a disc names the transfer syntax of a file
        return Vec::new();
    }
    let mut data_set = Vec::new();
    let mut deflate = flate2::read::DeflateDecoder::new(&bytes[start..]);
    deflate
        .read_to_end(&mut data_set)
        .expect("a deflate stream");
    data_set
}

/// The forms in which a value can stand in a file: the encodings that the fixtures use, and what a Windows program writes.
pub fn forms(canary: &str) -> Vec<Vec<u8>> {
    let utf16 = canary.encode_utf16();
    let mut forms = vec![
        canary.as_bytes().to_vec(),
        utf16.clone().flat_map(u16::to_le_bytes).collect(),
        utf16.flat_map(u16::to_be_bytes).collect(),
    ];
    if !canary.is_ascii() {
        for encoding in [
            encoding_rs::WINDOWS_1252,
            encoding_rs::ISO_8859_2,
            encoding_rs::ISO_2022_JP,
        ] {
            let (bytes, _, unmappable) = encoding.encode(canary);
            if unmappable {
                continue;
            }
            // The escape sequences around Japanese text can stand elsewhere; what is between them is the value.
            let inner = bytes
                .strip_prefix(b"\x1b$B")
                .and_then(|b| b.strip_suffix(b"\x1b(B"));
            forms.push(inner.unwrap_or(&bytes).to_vec());
        }
    }
    forms
}

/// Whether `lower`, whose ASCII letters are in lower case, holds `canary` in any form and any case of those letters.
pub fn holds(lower: &[u8], canary: &str) -> bool {
    forms(canary).iter().any(|form| {
        let form = form.to_ascii_lowercase();
        lower.windows(form.len()).any(|window| window == form)
    })
}

#[test]
fn the_committed_fixtures_are_what_the_code_makes() {
    let made = catalogue::all().expect("the texts of the fixtures are well formed");
    let mut committed = tree(root());
    committed.remove("README.md");
    let names = made
        .iter()
        .map(|(path, _)| path.clone())
        .collect::<Vec<_>>();
    assert_eq!(
        committed.keys().cloned().collect::<Vec<_>>(),
        names,
        "cargo run --example fixtures"
    );
    for (path, bytes) in made {
        assert!(
            committed[&path] == bytes,
            "{path} differs: cargo run --example fixtures"
        );
    }
}

#[test]
fn every_canary_is_planted_somewhere() {
    let files = tree(root());
    let planted = files
        .iter()
        .filter(|(path, _)| *path != "canaries.txt" && *path != "README.md")
        .map(|(path, bytes)| {
            [path.as_bytes(), bytes, &inflated(bytes)]
                .concat()
                .to_ascii_lowercase()
        })
        .collect::<Vec<_>>();
    let missing = canaries()
        .into_iter()
        .filter(|canary| !planted.iter().any(|bytes| holds(bytes, canary)))
        .collect::<Vec<_>>();
    assert!(missing.is_empty(), "listed, but in no file: {missing:?}");
}

#[test]
fn another_reader_opens_every_fixture() {
    for (path, bytes) in tree(root()).iter().filter(|(path, _)| is_instance(path)) {
        // It demands file meta information, is built without deflate, and does not look inside UN.
        let unread = ["implicit-no-preamble.dcm", "deflated.dcm", "unknown-vr.dcm"];
        if unread.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let object = dicom_object::from_reader(bytes.as_slice());
        assert!(
            object.is_ok(),
            "{path}: {}",
            object.err().map(|e| e.to_string()).unwrap_or_default()
        );
    }
}

#[test]
fn the_fixtures_stay_small() {
    let total = tree(root()).values().map(Vec::len).sum::<usize>();
    assert!(total < 300 * 1024, "{total} bytes");
}
