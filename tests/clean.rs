//! The user's test: the built program on the fixtures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

#[path = "../examples/fixtures/make.rs"]
mod make;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn dcmscrub(args: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::cargo_bin("dcmscrub").unwrap();
    command.env_remove("DCMSCRUB_KEY_FILE");
    command
        .args(args.iter().map(AsRef::as_ref))
        .output()
        .unwrap()
}

fn key(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    assert!(dcmscrub(&[&"key", &"new", &path]).status.success());
    path
}

fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
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

fn holds(bytes: &[u8], word: &str) -> bool {
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [word.as_bytes(), &wide].iter().any(|needle| {
        bytes
            .windows(needle.len())
            .any(|w| w.eq_ignore_ascii_case(needle))
    })
}

#[test]
fn the_fixtures_are_what_their_generator_makes() {
    for (name, content) in make::files() {
        assert!(
            std::fs::read(fixtures().join(&name)).unwrap() == content,
            "{name}: run cargo run --example fixtures"
        );
    }
}

#[test]
fn no_canary_is_left_and_every_file_has_its_bucket() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let before = tree(&fixtures());
    let output = dcmscrub(&[&"clean", &fixtures(), &"-o", &out]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let files = tree(&out);
    assert_eq!(
        files
            .iter()
            .filter(|(path, _)| path.starts_with("clean"))
            .count(),
        9
    );
    for (path, bytes) in &files {
        for canary in make::CANARIES {
            assert!(!holds(bytes, canary), "{canary} in {}", path.display());
            assert!(
                !holds(path.as_os_str().as_encoded_bytes(), canary),
                "{canary} in a name"
            );
        }
    }
    for canary in make::CANARIES {
        assert!(
            !holds(&output.stdout, canary) && !holds(&output.stderr, canary),
            "{canary} on the terminal"
        );
    }
    assert!(tree(&fixtures()) == before);
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    assert!(
        report.contains("\"cleaned\": 9") && report.contains("\"left-behind\": 2"),
        "{report}"
    );
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
        fixtures().join("files/un-sequence.dcm"),
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
    assert_eq!(
        dcmscrub(&[&"clean", &input, &"-o", &out, &"--key-file", &key])
            .status
            .code(),
        Some(3),
        "never written over"
    );
}
