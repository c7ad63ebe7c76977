//! `dcmscrub diff` as its users meet it: one output against its input, one folder against another.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::clean::{dcmscrub, key};
use crate::fixtures::{canaries, holds, root};

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn objects(output: &Output) -> Vec<serde_json::Value> {
    let lines = said(output);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A fixture, cleaned to one file.
fn cleaned(folder: &TempDir, name: &str) -> std::path::PathBuf {
    let out = folder.path().join("cleaned.dcm");
    let (input, key) = (root().join("files").join(name), key(folder, "k"));
    let output = dcmscrub(&[
        &"clean",
        &input,
        &"-o",
        &out,
        &"--key-file",
        &key,
        &"--accept-held",
    ]);
    assert!(output.status.success());
    out
}

#[test]
fn an_output_against_its_input_tells_every_change_and_no_value() {
    let folder = TempDir::new().unwrap();
    let (input, out) = (
        root().join("files/nested.dcm"),
        cleaned(&folder, "nested.dcm"),
    );
    let output = dcmscrub(&[&"diff", &input, &out]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    for line in [
        "- (0008,0080) LO InstitutionName <14 bytes>",
        "~ (0010,0010) PN PatientName <20 bytes> -> <16 bytes>",
        "+ (0012,0062) CS PatientIdentityRemoved <4 bytes>",
        "~ (0008,1115)[0].(0008,114A)[0].(0008,1140)[0].(0008,1155) UI ReferencedSOPInstanceUID ",
    ] {
        let start = line.split('<').next().unwrap();
        assert!(
            text.lines().any(|told| told.starts_with(start)),
            "{line}: {text}"
        );
    }
    for canary in canaries() {
        assert!(!holds(text.to_lowercase().as_bytes(), &canary), "{canary}");
    }
    // the plan and the comparison agree about what went
    let plan = dcmscrub(&[&"plan", &"--format", &"json", &input]);
    for step in objects(&plan)
        .iter()
        .filter(|step| step["action"] == "remove")
    {
        let start = format!("- {} ", step["path"].as_str().unwrap());
        assert!(text.lines().any(|line| line.starts_with(&start)), "{start}");
    }
    let shown = dcmscrub(&[&"diff", &"--show-values", &input, &out]);
    assert!(said(&shown).contains("CANARY-"), "values were asked for");
    let last = text.lines().last().unwrap();
    assert!(
        last.ends_with(" the same") && last.contains(" removed, "),
        "{last}"
    );
    let same = dcmscrub(&[&"diff", &input, &input]);
    assert_eq!(same.status.code(), Some(0));
    assert!(said(&same).starts_with("nothing differs, "));
}

#[test]
fn json_has_one_object_for_each_difference_and_a_summary() {
    let folder = TempDir::new().unwrap();
    let (input, out) = (
        root().join("files/private.dcm"),
        cleaned(&folder, "private.dcm"),
    );
    let output = dcmscrub(&[&"diff", &"--format", &"json", &input, &out]);
    assert_eq!(output.status.code(), Some(1));
    let mut all = objects(&output);
    let summary = all.pop().unwrap();
    assert_eq!(summary["kind"], "summary");
    for kind in ["removed", "added", "changed"] {
        let told = all.iter().filter(|one| one["kind"] == kind).count();
        assert!(told > 0);
        assert_eq!(summary[kind], told, "{kind}");
    }
    assert!(all.iter().all(|one| {
        ["a", "b"]
            .iter()
            .all(|side| one[side].get("value").is_none())
    }));
    let shown = dcmscrub(&[
        &"diff",
        &"--format",
        &"json",
        &"--show-values",
        &input,
        &out,
    ]);
    assert!(
        objects(&shown)
            .iter()
            .any(|one| one["a"].get("value").is_some())
    );
}

/// Every fixture is the same as itself and unlike its output; a deflated, a big endian and an implicit one among them.
#[test]
fn every_fixture_is_compared_to_its_end() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("files")).unwrap() {
        let input = entry.unwrap().path();
        let folder = TempDir::new().unwrap();
        let out = cleaned(&folder, input.file_name().unwrap().to_str().unwrap());
        assert_eq!(dcmscrub(&[&"diff", &input, &input]).status.code(), Some(0));
        let shown = dcmscrub(&[&"diff", &"--show-values", &input, &out]);
        assert_eq!(shown.status.code(), Some(1), "{}", input.display());
        let text = said(&shown);
        assert!(
            text.contains("~ (0020,000D) UI StudyInstanceUID \""),
            "{text}"
        );
        seen += 1;
    }
    assert_eq!(seen, 14);
}

fn file(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn folders_are_compared_file_by_file() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let one = fs::read(root().join("files/nested.dcm")).unwrap();
    let other = fs::read(root().join("files/overlays.dcm")).unwrap();
    file(&at("a/x/same"), &one);
    file(&at("b/x/same"), &one);
    file(&at("a/x.dcm"), &one);
    file(&at("b/x.dcm"), &other);
    file(&at("a/gone"), &one);
    file(&at("b/new/er"), &one);
    file(&at("a/notes.txt"), b"one");
    file(&at("b/notes.txt"), b"two");
    file(&at("a/same.txt"), b"one");
    file(&at("b/same.txt"), b"one");
    let output = dcmscrub(&[&"diff", &at("a"), &at("b")]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    for line in [
        "x.dcm:",
        "gone: only in the first folder",
        "new/er: only in the second folder",
        "notes.txt: differs, and is no DICOM",
        "2 files differ, 2 files are the same, 1 file only in the first folder, 1 file only in the second folder",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    assert!(
        text.contains("\n  ~ (0008,0018) UI SOPInstanceUID "),
        "{text}"
    );
    let json = objects(&dcmscrub(&[
        &"diff",
        &"--format",
        &"json",
        &at("a"),
        &at("b"),
    ]));
    assert!(
        json.iter()
            .any(|one| one["file"] == "gone" && one["kind"] == "only-in-a")
    );
    assert!(
        json.iter()
            .any(|one| one["file"] == "x.dcm" && one["kind"] == "changed")
    );
    assert_eq!(json.last().unwrap()["files"]["same"], 2);

    // one of a pair is damaged: nothing else differs, so something failed
    for name in ["x.dcm", "gone", "notes.txt"] {
        fs::remove_file(at("a").join(name)).unwrap();
    }
    for name in ["x.dcm", "new/er", "notes.txt"] {
        fs::remove_file(at("b").join(name)).unwrap();
    }
    assert_eq!(
        dcmscrub(&[&"diff", &at("a"), &at("b")]).status.code(),
        Some(0)
    );
    file(&at("a/cut"), &one[..one.len() - 1]);
    file(&at("b/cut"), &one);
    let output = dcmscrub(&[&"diff", &at("a"), &at("b")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains(", 1 file not compared"));
}
