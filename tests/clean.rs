//! The user's test: the built program on the fixtures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::fixtures::{canaries, holds, inflated, is_instance, root};

/// Fixtures that a person has to look at.
const HELD: [&str; 3] = [
    "disc/DICOM/ANNA/US1",
    "files/encapsulated-pdf.dcm",
    "files/private.dcm",
];

fn fixtures() -> PathBuf {
    root().to_path_buf()
}

pub fn dcmscrub(args: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::cargo_bin("dcmscrub").unwrap();
    command.env_remove("DCMSCRUB_KEY_FILE");
    command
        .args(args.iter().map(AsRef::as_ref))
        .output()
        .unwrap()
}

pub fn key(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    assert!(dcmscrub(&[&"key", &"new", &path]).status.success());
    path
}

pub fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|e| {
            (
                e.path().strip_prefix(folder).unwrap().to_path_buf(),
                std::fs::read(e.path()).unwrap(),
            )
        })
        .collect()
}

/// The rows of a `--links` file as (input below `fixtures/`, output, bucket).
fn links(path: &Path) -> Vec<(String, PathBuf, String)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| {
        let input = Path::new(&row[0]).strip_prefix(root()).unwrap();
        (
            input.to_str().unwrap().into(),
            PathBuf::from(&row[1]),
            row[2].into(),
        )
    })
    .collect()
}

#[test]
fn no_canary_is_left_and_every_file_has_its_bucket() {
    let folder = TempDir::new().unwrap();
    let (out, links_file) = (folder.path().join("out"), folder.path().join("links.csv"));
    let before = tree(&fixtures());
    let stamps = || -> Vec<_> {
        let modified = |path: &Path| root().join(path).metadata().unwrap().modified();
        let times = before.iter().map(|(path, _)| modified(path).unwrap());
        times.collect()
    };
    let stamps_before = stamps();
    let output = dcmscrub(&[&"clean", &fixtures(), &"-o", &out, &"--links", &links_file]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(tree(&fixtures()) == before, "the input was changed");
    assert!(stamps() == stamps_before, "the input was touched");

    let rows = links(&links_file);
    let inputs: BTreeSet<String> = before
        .iter()
        .map(|(path, _)| path.to_str().unwrap().into())
        .collect();
    let told: BTreeSet<String> = rows.iter().map(|(input, _, _)| input.clone()).collect();
    assert_eq!(told, inputs, "every input ends in one bucket");
    assert_eq!(rows.len(), inputs.len(), "and in no second one");
    for (input, written, bucket) in &rows {
        let expected = match input.as_str() {
            input if HELD.contains(&input) => "held-back",
            input if is_instance(input) => "cleaned",
            _ => "left-behind",
        };
        assert_eq!(bucket, expected, "{input}");
        assert_eq!(is_instance(input), written.is_file(), "{input}");
    }
    let instances = inputs.iter().filter(|path| is_instance(path)).count();
    let (cleaned, left) = (instances - HELD.len(), inputs.len() - instances);
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    for sum in [
        format!("\"cleaned\": {cleaned}"),
        format!("\"held-back\": {}", HELD.len()),
        format!("\"left-behind\": {left}"),
    ] {
        assert!(report.contains(&sum), "{sum} in {report}");
    }

    let canaries = canaries();
    let found = |bytes: &[u8]| -> Vec<&String> {
        let lower = bytes.to_ascii_lowercase();
        canaries
            .iter()
            .filter(|canary| holds(&lower, canary))
            .collect()
    };
    let none = Vec::<&String>::new();
    for (path, bytes) in tree(&out) {
        let name = path.as_os_str().as_encoded_bytes();
        assert_eq!(found(name), none, "in a name");
        let source = rows
            .iter()
            .find(|(_, written, _)| *written == out.join(&path));
        assert_eq!(found(&bytes), none, "of {source:?}");
        assert_eq!(found(&inflated(&bytes)), none, "inflated, of {source:?}");
    }
    assert_eq!(found(&output.stdout), none, "on stdout");
    assert_eq!(found(&output.stderr), none, "on stderr");
}

#[test]
fn cleaning_twice_changes_nothing_that_was_kept_once() {
    let folder = TempDir::new().unwrap();
    let key = key(&folder, "k");
    let run = |input: &Path, name: &str| {
        let out = folder.path().join(name);
        let status = dcmscrub(&[&"clean", &input, &"-o", &out, &"--key-file", &key]).status;
        assert!(status.success());
        let files = tree(&out.join("clean"));
        let files = files
            .iter()
            .filter(|(path, _)| path != Path::new("DICOMDIR"));
        let mut kept: Vec<_> = files.map(|(_, bytes)| without_pseudonyms(bytes)).collect();
        kept.sort();
        kept
    };
    let once = run(&fixtures(), "once");
    let twice = run(&folder.path().join("once/clean"), "twice");
    assert_eq!(once.len(), twice.len());
    for (first, second) in once.iter().zip(&twice) {
        assert_eq!(first, second);
    }
}

/// The top-level data elements of a file as another reader sees them, as (tag, value), in a form that sorts; without what
/// is derived by key (UIDs, the patient's code) and the record of what was done, to which the second run adds.
fn without_pseudonyms(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(object) = dicom_object::from_reader(bytes) else {
        return Vec::new(); // deflated: that reader is built without it
    };
    object
        .iter()
        .filter(|element| element.vr() != dicom_core::VR::UI && element.vr() != dicom_core::VR::SQ)
        .map(|element| (element.header().tag.to_string(), element.to_bytes()))
        .filter(|(tag, _)| !matches!(tag.as_str(), "(0010,0010)" | "(0010,0020)" | "(0012,0063)"))
        .map(|(tag, value)| {
            (
                tag,
                value.map(std::borrow::Cow::into_owned).unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn the_same_key_gives_the_same_bytes_and_another_key_none_of_its_uids() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (key(&folder, "one.key"), key(&folder, "other.key"));
    let run = |name: &str, key: Option<&PathBuf>, workers: &str| {
        let out = folder.path().join(name);
        let mut args: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"clean"];
        let inputs = fixtures();
        args.extend([
            &inputs as &dyn AsRef<std::ffi::OsStr>,
            &"-o",
            &out,
            &"-j",
            &workers,
        ]);
        if let Some(key) = key {
            args.extend([&"--key-file" as &dyn AsRef<std::ffi::OsStr>, key]);
        }
        assert!(dcmscrub(&args).status.success());
        tree(&out.join("clean"))
    };
    let first = run("a", Some(&one), "1");
    assert!(first == run("b", Some(&one), "2"));
    assert!(first == run("a", Some(&one), "2"), "a rerun converges");
    let uids = |files: &[(PathBuf, Vec<u8>)]| -> BTreeSet<String> {
        let text: Vec<String> = files
            .iter()
            .map(|(_, bytes)| bytes.iter().map(|b| char::from(*b)).collect())
            .collect();
        text.iter()
            .flat_map(|t| t.split("2.25.").skip(1))
            .map(|t| {
                t.chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
            })
            .filter(|uid| uid.len() > 30 && !uid.starts_with("2021649103251763284802619"))
            .collect()
    };
    let foreign = run("c", Some(&other), "2");
    assert!(uids(&first).is_disjoint(&uids(&foreign)) && uids(&first).len() > 10);
    assert!(run("d", None, "2") != run("e", None, "2"));
}

#[test]
fn what_is_refused_has_its_exit_code_and_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("in/deep")).unwrap();
    let code = |args: &[&dyn AsRef<std::ffi::OsStr>]| dcmscrub(args).status.code();
    assert_eq!(
        code(&[&"clean", &at("missing"), &"-o", &at("out")]),
        Some(2)
    );
    assert_eq!(
        code(&[&"clean", &at("in"), &"-o", &at("in/deep/out")]),
        Some(2)
    );
    assert_eq!(code(&[&"clean", &at("in/deep"), &"-o", &at("in")]), Some(2));
    assert_eq!(code(&[&"clean", &at("in"), &"-o", &at("in")]), Some(2));
    assert_eq!(
        code(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--links",
            &at("out/links.csv")
        ]),
        Some(2)
    );
    assert_eq!(
        code(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--profile",
            &"basics"
        ]),
        Some(2)
    );
    assert_eq!(
        code(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--keep",
            &"PatientNam"
        ]),
        Some(2)
    );
    assert!(!at("out").exists());
    assert_eq!(
        code(&[&"clean", &at("in"), &"-o", &at("out")]),
        Some(3),
        "no DICOM at all"
    );
    assert_eq!(code(&[&"--version"]), Some(0));
}

#[test]
fn one_file_goes_to_one_file_and_stdin_to_stdout() {
    let folder = TempDir::new().unwrap();
    let (key, input, out) = (
        key(&folder, "k"),
        fixtures().join("files/unknown-vr.dcm"),
        folder.path().join("x.dcm"),
    );
    assert!(
        dcmscrub(&[&"clean", &input, &"-o", &out, &"--key-file", &key])
            .status
            .success()
    );
    let piped = Command::cargo_bin("dcmscrub")
        .unwrap()
        .args(["clean", "-", "--key-file"])
        .arg(&key)
        .write_stdin(std::fs::read(&input).unwrap())
        .output()
        .unwrap();
    assert!(piped.status.success());
    assert!(piped.stdout == std::fs::read(&out).unwrap());
}

/// The picture has 32 rows of 64 bytes, at the end of the file.
#[test]
fn what_stands_behind_a_native_picture_is_cut_or_searched_or_held_back() {
    const PICTURE: usize = 2048;
    let folder = TempDir::new().unwrap();
    let key = key(&folder, "k");
    let whole = std::fs::read(fixtures().join("disc/DICOM/ANNA/CT1")).unwrap();
    let at = whole.len() - PICTURE - 4;
    assert_eq!(whole[at..at + 4], 2048u32.to_le_bytes());
    let patient = canaries()
        .into_iter()
        .find(|canary| canary.starts_with("CANARY-ID"))
        .unwrap();
    for (behind, stays, is_held) in [
        (vec![0; 62], 62, false),
        (patient.into_bytes(), 0, false),
        (b"Unknown^Person^".repeat(10), 0, false),
        (vec![7; PICTURE - 2], 0, false),
        (vec![7; PICTURE], PICTURE, true),
    ] {
        let mut behind = behind;
        behind.resize(behind.len().next_multiple_of(2), b' ');
        let mut input = whole.clone();
        let length = u32::try_from(PICTURE + behind.len()).unwrap();
        input[at..at + 4].copy_from_slice(&length.to_le_bytes());
        input.extend_from_slice(&behind);
        let clean = |with: &[&str]| {
            let mut command = Command::cargo_bin("dcmscrub").unwrap();
            let command = command.args(["clean", "-", "--key-file"]).arg(&key);
            command
                .args(with)
                .write_stdin(input.clone())
                .output()
                .unwrap()
        };
        let mut ran = clean(&[]);
        let case = format!("{} bytes: {:?}", behind.len(), ran.status);
        assert_eq!(ran.stdout.is_empty(), is_held, "{case}");
        if is_held {
            assert_eq!(ran.status.code(), Some(3), "{case}");
            ran = clean(&["--accept-held"]);
        }
        let tail = &ran.stdout[ran.stdout.len() - PICTURE - stays - 4..];
        let length = u32::try_from(PICTURE + stays).unwrap();
        assert_eq!(tail[..4], length.to_le_bytes(), "{case}");
        assert!(tail[4..4 + PICTURE] == whole[at + 4..], "{case}");
        assert!(tail[4 + PICTURE..] == behind[..stays], "{case}");
    }
}

/// A value of the safe list that holds the patient's name goes, and nothing of its block stays then (PS3.5 section 7.8.1).
#[test]
fn a_private_creator_goes_where_nothing_of_its_block_stays() {
    use crate::fixtures::dicom::{Syntax, data_set, part10};
    let file = |value: &str, defined: &str| {
        let text = format!(
            "0008,0016 UI 1.2.840.10008.5.1.4.1.1.4
             0008,0018 UI 1.2.999.1.1.1.1
             0010,0010 PN Quillfeather^Anna
             0010,0020 LO 4711
             0018,9346 SQ{defined}
             >item
             >0019,0010 LO GEMS_ACQU_01
             >0019,109E LO {value}
             0019,0010 LO GEMS_ACQU_01
             0019,109E LO {value}
             0020,000D UI 1.2.999.1.1
             0020,000E UI 1.2.999.1.1.1"
        );
        part10("", "", &data_set(&[&text]).unwrap(), Syntax::Explicit).unwrap()
    };
    let folder = TempDir::new().unwrap();
    for (value, stays) in [("fse", true), ("fse Quillfeather", false)] {
        for defined in ["", "="] {
            let (input, out) = (folder.path().join("in"), folder.path().join("out.dcm"));
            std::fs::write(&input, file(value, defined)).unwrap();
            let args: [&dyn AsRef<std::ffi::OsStr>; 6] =
                [&"clean", &input, &"-o", &out, &"-p", &"research"];
            assert_eq!(dcmscrub(&args).status.code(), Some(0));
            let object = dicom_object::open_file(&out).unwrap();
            let has = |item: &dicom_object::InMemDicomObject, element| {
                item.get(dicom_core::Tag(0x0019, element)).is_some()
            };
            let items = object.element(dicom_core::Tag(0x0018, 0x9346)).unwrap();
            for item in [&*object, &items.items().unwrap()[0]] {
                assert_eq!(
                    (has(item, 0x0010), has(item, 0x109E)),
                    (stays, stays),
                    "{value}"
                );
            }
            std::fs::remove_file(out).unwrap();
        }
    }
}

/// UID (0040,A124) is replaced under every option, the UIDs of the instance are not: that both are one UID makes it no secret.
#[test]
fn a_uid_that_is_kept_stays_though_another_attribute_with_it_is_replaced() {
    use crate::fixtures::dicom::{Syntax, data_set, part10};
    let text = "0008,0016 UI 1.2.840.10008.5.1.4.1.1.88.33
         0008,0018 UI 1.2.999.1.1.1.1
         0010,0010 PN Quillfeather^Anna
         0020,000D UI 1.2.999.1.1
         0020,000E UI 1.2.999.1.1.1
         0040,A124 UI 1.2.999.1.1";
    let bytes = part10("", "", &data_set(&[text]).unwrap(), Syntax::Explicit).unwrap();
    let folder = TempDir::new().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out.dcm"));
    std::fs::write(&input, bytes).unwrap();
    let args: [&dyn AsRef<std::ffi::OsStr>; 6] =
        [&"clean", &input, &"-o", &out, &"--option", &"retain-uids"];
    assert_eq!(dcmscrub(&args).status.code(), Some(0));
    let object = dicom_object::open_file(&out).unwrap();
    let uid = |tag| {
        object
            .get(tag)
            .map(|found| found.to_str().unwrap().into_owned())
    };
    use dicom_dictionary_std::tags;
    assert_eq!(
        uid(tags::STUDY_INSTANCE_UID).as_deref(),
        Some("1.2.999.1.1")
    );
    assert_eq!(
        uid(tags::SERIES_INSTANCE_UID).as_deref(),
        Some("1.2.999.1.1.1")
    );
    assert_ne!(uid(tags::UID).as_deref(), Some("1.2.999.1.1"));
}
