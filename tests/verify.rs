//! `verify`: each kind of damage is found and named, and what is not damaged is not.
//!
//! A row is a damage, the code that has to be told, its place and its data element. What the digest alone would find is tried a second
//! time with a journal that somebody with the key has made to fit: then no digest is wrong, and what was damaged is found all the same.

mod around;
mod bench;
mod files;
mod row;

use std::path::Path;

use dcmscrub::batch::journal::Head;
use dcmscrub::dicom::Limits;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::profile::{Overrides, load};
use dcmscrub::run::verifying::verify;
use dcmscrub::verify::file;
use dcmscrub::verify::findings::{CODES, Findings, NOTES};
use dcmscrub::verify::reading::{self, Reading, Unread};
use dcmscrub::verify::{Asked, head};
use serde_json::Value;

use crate::clean::dcmscrub;
use around::{AROUND, find};
use bench::Bench;
use files::IN_FILES;
use row::Row;

fn try_rows(rows: &[Row]) {
    let bench = Bench::new("share");
    let mut faults = Vec::new();
    for row in rows {
        let copy = bench.copy();
        row.damage(&copy);
        let found = copy.verify(true);
        if !row.is_told(&bench, &found, row.expected.0, true) {
            faults.push(format!(
                "{}: {:?} is not in {found:#?}",
                row.name, row.expected
            ));
        }
        let Some(code) = row.sealed else { continue };
        copy.reseal();
        let found = copy.verify(true);
        // of two that contradict each other either one is named
        let is_same = code == row.expected.0;
        if !row.is_told(
            &bench,
            &found,
            code,
            is_same && code != "series-mixed" && code != "study-mixed",
        ) {
            faults.push(format!("{}, sealed: {code} is not in {found:#?}", row.name));
        }
        if found
            .iter()
            .any(|(code, ..)| code == "changed" || code == "seal")
        {
            faults.push(format!("{}: not sealed: {found:#?}", row.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn damage_to_a_file_is_found_and_named() {
    assert!(IN_FILES.len() + AROUND.len() >= 60);
    try_rows(IN_FILES);
}

#[test]
fn damage_to_the_folder_the_journal_and_the_index_is_found_and_named() {
    try_rows(AROUND);
}

/// A file that dicom-object has written anew differs in its bytes, and in nothing that is looked for: what the rows above find is
/// the damage, and not the writing.
#[test]
fn a_file_that_says_the_same_in_other_bytes_is_changed_and_no_more() {
    let bench = Bench::new("share");
    for input in ["A1", "A2", "B1", "JPEG", "STATE", "US"] {
        let copy = bench.copy();
        copy.edit(input, |_| {});
        copy.bytes(&copy.path(input), |bytes| {
            let at = find(bytes, b"DCMSCRUB");
            bytes[at] = b'X';
        });
        let found = copy.verify(true);
        let place = bench.place(input).to_owned();
        assert_eq!(found, [("changed".to_owned(), place, String::new())]);
    }
}

#[test]
fn what_is_not_damaged_is_clean_for_every_profile_with_the_inputs_and_without() {
    for profile in ["basic", "share", "research"] {
        let bench = Bench::new(profile);
        let copy = bench.copy();
        for with_inputs in [true, false] {
            assert_eq!(copy.verify(with_inputs), [], "{profile}");
        }
        copy.reseal();
        assert_eq!(copy.verify(true), [], "{profile}, sealed anew");
    }
}

/// What one profile leaves, another one removes: the promises of the stricter are broken by the outputs of the weaker one.
#[test]
fn outputs_of_a_weaker_profile_break_the_promises_of_a_stricter_one() {
    let bench = Bench::new("research");
    let out = bench.at("out");
    let rules = load("basic", &Overrides::default()).unwrap();
    let asked = Asked {
        rules: Some(&rules),
        ..Asked::of(&out)
    };
    let found = verify(asked, 1).unwrap().findings;
    for (code, keyword) in [
        ("listed-left", "StudyDescription"),
        ("listed-left", "AccessionNumber"),
        ("listed-left", "StudyDate"),
        ("listed-left", "PatientSex"),
    ] {
        let told = |finding: &&dcmscrub::verify::findings::Finding| {
            finding.code == code && finding.element.ends_with(keyword)
        };
        assert!(
            found.iter().any(|finding| told(&finding)),
            "{keyword}: {found:#?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_in_place_of_files_are_foreign() {
    let bench = Bench::new("basic");
    let copy = bench.copy();
    std::os::unix::fs::symlink(copy.path("A1"), copy.out.join("clean/LINK")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(copy.out.join("clean/PIPE"))
        .status();
    assert!(made.unwrap().success());
    let found = copy.verify(true);
    for place in ["clean/LINK", "clean/PIPE"] {
        let wanted = ("foreign".to_owned(), place.to_owned(), String::new());
        assert!(found.contains(&wanted), "{found:#?}");
    }
}

#[test]
fn the_profile_is_known_by_its_name_or_has_to_be_given() {
    let bench = Bench::new("basic");
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(
        at("own.toml"),
        "extends = \"basic\"\n[[rule]]\ntag = \"StationName\"\naction = \"hash\"\n",
    )
    .unwrap();
    let input = bench.at("in");
    let said = |args: &[&dyn AsRef<std::ffi::OsStr>]| {
        let output = dcmscrub(args);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (own, out) = (at("own.toml"), at("out"));
    assert_eq!(
        said(&[&"clean", &input, &"-o", &out, &"-q", &"-p", &own]).0,
        Some(0)
    );
    let (code, text) = said(&[&"verify", &out]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("the profile of the run is not known here"),
        "{text}"
    );
    let (code, text) = said(&[&"verify", &out, &"--profile", &own]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
    let (code, text) = said(&[&"verify", &out, &"--profile", &"share"]);
    assert!(
        code == Some(2) && text.contains("not that of the run"),
        "{text}"
    );
    // options of the command line are in the journal
    let out = at("options");
    let option = "retain-device-identity";
    assert_eq!(
        said(&[&"clean", &input, &"-o", &out, &"-q", &"--option", &option]).0,
        Some(0)
    );
    let (code, text) = said(&[&"verify", &out]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
    // rules of the command line are not
    let out = at("rules");
    assert_eq!(
        said(&[
            &"clean",
            &input,
            &"-o",
            &out,
            &"-q",
            &"--keep",
            &"StationName"
        ])
        .0,
        Some(0)
    );
    assert!(said(&[&"verify", &out]).1.contains("not known"));
    let (code, text) = said(&[&"verify", &out, &"--keep", &"StationName"]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
}

#[test]
fn a_list_that_is_none_and_an_input_that_is_not_there_are_refused() {
    let bench = Bench::new("basic");
    let (out, input, key) = (bench.at("out"), bench.at("in"), bench.at("key"));
    let code = |args: &[&dyn AsRef<std::ffi::OsStr>]| dcmscrub(args).status.code();
    let links = bench.at("links.csv");
    for (against, links) in [(&input, &key), (&input, &input), (&key.join("no"), &links)] {
        let args: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"verify", &out, &"--against", against, &"--links", links];
        assert_eq!(code(&args), Some(2), "{}", links.display());
    }
    assert_eq!(code(&[&"verify", &out, &"--against", &input]), Some(2));
    assert_eq!(code(&[&"verify", &out, &"--links", &links]), Some(2));
}

#[test]
fn entries_of_an_archive_are_compared_too() {
    let bench = Bench::new("basic");
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let archive = at("in.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
    for (path, bytes) in crate::clean::tree(&bench.at("in")) {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(path.to_str().unwrap(), options).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    let (out, links) = (at("out"), at("links.csv"));
    let cleaned = dcmscrub(&[&"clean", &archive, &"-o", &out, &"-q", &"--links", &links]);
    assert_eq!(cleaned.status.code(), Some(0));
    let verified = dcmscrub(&[
        &"verify",
        &out,
        &"--against",
        &archive,
        &"--links",
        &links,
        &"--format",
        &"json",
    ]);
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(
        (&said["compared"], &said["found"]),
        (&7.into(), &0.into()),
        "{said}"
    );
}

#[test]
fn the_head_of_a_journal_is_told() {
    let bench = Bench::new("share");
    let found: Option<Head> = head(&bench.at("out")).unwrap();
    assert_eq!(found.unwrap().profile, "share");
}

/// Whatever byte of a file is changed, it is read or refused, and where two readers see different things this is known.
#[test]
fn a_changed_byte_never_stops_the_reading() {
    let (mut read_again, mut refused, mut differ) = (0u32, 0u32, 0u32);
    for (path, bytes) in crate::clean::tree(&crate::fixtures::root().join("files")) {
        for (at, change) in (0..bytes.len())
            .step_by(7)
            .zip([0x01, 0x80, 0xFF, 0x10].iter().cycle())
        {
            let mut bad = bytes.clone();
            bad[at] ^= change;
            let done = reading::read(&BytesSource(bad), &Limits::default(), |reading, _| {
                reading.differs
            });
            match done {
                Ok(true) => differ += 1,
                Ok(false) => read_again += 1,
                Err(Unread::Io(e)) => panic!("{}: {e}", path.display()),
                Err(Unread::Refused | Unread::TooLarge) => refused += 1,
            }
        }
    }
    println!("{read_again} read, {refused} refused, {differ} seen differently");
    assert!(read_again > 3000 && refused > 100, "{read_again} {refused}");
}

/// No file is known that the two readers see differently, and that both read. If one is met it is told.
#[test]
fn readers_that_see_different_things_are_told() {
    let bench = Bench::new("basic");
    let bytes = std::fs::read(bench.copy().path("A1")).unwrap();
    let read = |differs| {
        reading::read(&BytesSource(&bytes), &Limits::default(), |reading, _| {
            let reading = Reading {
                preamble_is_blank: true,
                meta: reading.meta.clone(),
                stated: reading.stated.clone(),
                transfer_syntax: reading.transfer_syntax.clone(),
                encoding: reading.encoding,
                root: reading.root.clone(),
                by_our_reader: false,
                differs,
            };
            let mut findings = Findings::default();
            file::check(&reading, "clean/A", None, None, &mut findings);
            findings
                .kept
                .iter()
                .map(|finding| finding.code)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(read(false).unwrap(), [""; 0]);
    assert_eq!(read(true).unwrap(), ["readers-differ"]);
}

/// It judges by other code than what decided and wrote: nothing of `plan` and `apply` is asked, and the walk only guards.
#[test]
fn the_second_reading_asks_nothing_of_the_planner() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify");
    let mut files = 0;
    for (path, bytes) in crate::clean::tree(&folder) {
        let text = String::from_utf8(bytes).unwrap();
        files += 1;
        for part in ["crate::plan", "crate::apply", "media::read"] {
            assert!(!text.contains(part), "{}: {part}", path.display());
        }
        let guards = ["guard.rs", "reading.rs"].contains(&path.to_str().unwrap());
        assert!(guards || !text.contains("walk::"), "{}", path.display());
    }
    assert!(files > 10);
}

/// docs/verify.md has a row for every code and every note, with its words, and no others.
#[test]
fn the_page_lists_the_codes_of_the_program() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let codes = CODES.iter().map(|code| (code.word, code.message));
    let notes = NOTES.iter().map(|note| (note.word, note.many));
    let wanted = codes
        .chain(notes)
        .map(|(word, text)| format!("| `{word}` | {text} |"));
    assert_eq!(rows, wanted.collect::<Vec<_>>());
}

/// Every code is met by a row, or by a test of its own.
#[test]
fn every_code_is_planted() {
    let beside = ["foreign", "readers-differ"];
    let rows = IN_FILES.iter().chain(AROUND);
    let planted: Vec<&str> = rows
        .flat_map(|row| [Some(row.expected.0), row.sealed])
        .flatten()
        .chain(beside)
        .collect();
    for code in CODES {
        assert!(planted.contains(&code.word), "{}", code.word);
    }
}
