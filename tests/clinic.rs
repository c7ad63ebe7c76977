//! The clinic's test: thousands of files over months. Killed runs, shards, lists of pseudonyms, reviews, audits.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dicom_core::Tag;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key, tree};
use crate::fixtures::root;

/// `n` pictures with SOP Instance UIDs of their own, in three folders.
pub fn study(folder: &Path, n: usize) {
    let bytes = std::fs::read(root().join("disc/DICOM/ANNA/CT1")).unwrap();
    let uid = b"1.2.999.1.1.1.1";
    let places: Vec<usize> = (0..bytes.len() - uid.len())
        .filter(|&at| &bytes[at..at + uid.len()] == uid)
        .collect();
    assert!(!places.is_empty());
    for index in 0..n {
        let mut bytes = bytes.clone();
        for &at in &places {
            let new = format!("1.2.999.8.{:05}", index + 10_000);
            assert_eq!(new.len(), uid.len());
            bytes[at..at + uid.len()].copy_from_slice(new.as_bytes());
        }
        let to = folder.join(format!("{}/{index}", index % 3));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
}

/// A copy of a fixture in which each of these values is another one of the same length.
fn patched(from: &str, to: &Path, changes: &[(&str, &str)]) {
    let mut bytes = std::fs::read(root().join(from)).unwrap();
    for (old, new) in changes {
        assert_eq!(old.len(), new.len());
        let places: Vec<usize> = (0..=bytes.len() - old.len())
            .filter(|&at| &bytes[at..at + old.len()] == old.as_bytes())
            .collect();
        assert!(!places.is_empty(), "{old}");
        for at in places {
            bytes[at..at + old.len()].copy_from_slice(new.as_bytes());
        }
    }
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::write(to, bytes).unwrap();
}

fn text(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn a_killed_run_goes_on_to_the_same_output() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 300);
    let arguments = |out: &str, resume: bool| {
        let mut arguments: Vec<PathBuf> =
            vec!["clean".into(), at("in"), "-q".into(), "-o".into(), at(out)];
        arguments.extend(["--key-file".into(), key.clone()]);
        if resume {
            arguments.push("--resume".into());
        }
        arguments
    };
    let run = |out: &str, resume: bool| {
        let arguments = arguments(out, resume);
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = arguments.iter().map(|a| a as _).collect();
        dcmscrub(&all).status.code()
    };
    assert_eq!(run("whole", false), Some(0));
    let binary = assert_cmd::cargo::cargo_bin("dcmscrub");
    let mut killed = 0;
    for (index, wait) in [15u64, 40, 25, 60, 10].into_iter().enumerate() {
        let mut child = Command::new(&binary)
            .args(arguments("killed", index > 0))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
    }
    assert_eq!(run("killed", true), Some(0));
    assert!(tree(&at("killed")) == tree(&at("whole")), "{killed} kills");
    // once more: nothing is left to do, and nothing changes
    assert_eq!(run("killed", true), Some(0));
    assert!(tree(&at("killed")) == tree(&at("whole")));
}

#[test]
fn an_input_that_changed_is_cleaned_again() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 3);
    let run = || {
        dcmscrub(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--key-file",
            &key,
            &"--resume",
        ])
        .status
        .code()
    };
    let first = dcmscrub(&[&"clean", &at("in"), &"-o", &at("out"), &"--key-file", &key]);
    assert_eq!(first.status.code(), Some(0));
    patched(
        "disc/DICOM/ANNA/CT1",
        &at("in/0/0"),
        &[("1.2.999.1.1.1.1", "1.2.999.8.99999")],
    );
    std::fs::remove_file(at("out").join(&tree(&at("out/clean"))[0].0)).unwrap_or_default();
    assert_eq!(run(), Some(0));
    assert_eq!(
        tree(&at("out/clean")).len(),
        4,
        "the old one stays, the new one is there"
    );
}

#[test]
fn a_folder_of_another_key_profile_or_layout_is_refused() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (one, other) = (key(&folder, "one"), key(&folder, "other"));
    study(&at("in"), 2);
    let run = |more: &[&str]| {
        let mut all: Vec<PathBuf> = vec!["clean".into(), at("in"), "-o".into(), at("out")];
        all.extend(more.iter().map(PathBuf::from));
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        dcmscrub(&all)
    };
    let (one, other) = (one.to_str().unwrap(), other.to_str().unwrap());
    assert_eq!(run(&["--key-file", one]).status.code(), Some(0));
    let before = tree(&at("out"));
    for (arguments, word) in [
        (&["--key-file", other][..], "key or project"),
        (&["--key-file", one, "--project", "p"], "key or project"),
        (&["--key-file", one, "--keep", "StudyDate"], "profile"),
        (&["--key-file", one, "--layout", "mirror"], "layout"),
        (&[], "key"),
        (&["--resume"], "key"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output);
        assert!(
            said.contains(word) && said.contains("hint: "),
            "{arguments:?}: {said}"
        );
        assert!(tree(&at("out")) == before, "{arguments:?}");
    }
}

#[test]
fn shards_put_together_are_the_run_that_they_are_of() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 60);
    std::fs::write(at("in/letter.txt"), b"hello").unwrap();
    std::fs::copy(root().join("disc/DICOM/ANNA/US1"), at("in/us")).unwrap();
    for layout in ["named", "media"] {
        let run = |out: &str, shard: &str| {
            let out = at(&format!("{layout}-{out}"));
            let mut all: Vec<PathBuf> =
                vec!["clean".into(), at("in"), "-q".into(), "-o".into(), out];
            all.extend([
                "--key-file".into(),
                key.clone(),
                "--layout".into(),
                layout.into(),
            ]);
            if !shard.is_empty() {
                all.extend(["--shard".into(), shard.into()]);
            }
            let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
            assert_eq!(dcmscrub(&all).status.code(), Some(0), "{shard}");
        };
        run("whole", "");
        for shard in 1..=3 {
            run(&format!("s{shard}"), &format!("{shard}/3"));
            run("shared", &format!("{shard}/3"));
        }
        let path = |name: &str| at(&format!("{layout}-{name}"));
        let merge = |outs: &[&str], to: Option<&str>| {
            let mut all: Vec<PathBuf> = vec!["report".into(), "merge".into()];
            all.extend(outs.iter().map(|out| path(out)));
            all.extend(["--key-file".into(), key.clone()]);
            if let Some(to) = to {
                all.extend(["-o".into(), path(to)]);
            }
            let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
            dcmscrub(&all)
        };
        let missing = merge(&["s1", "s3"], Some("bad"));
        assert_eq!(missing.status.code(), Some(2));
        assert!(
            text(&missing).contains("shard 2 of 3"),
            "{}",
            text(&missing)
        );
        assert_eq!(
            merge(&["s1", "s2", "s3"], Some("merged")).status.code(),
            Some(0)
        );
        assert_eq!(merge(&["shared"], None).status.code(), Some(0));
        let whole = tree(&path("whole"));
        assert!(
            tree(&path("merged")) == whole && tree(&path("shared")) == whole,
            "{layout}"
        );
    }
}

#[test]
fn a_list_of_pseudonyms_is_checked_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    let id = ("CANARY-ID-0001", "00000000184410");
    patched("disc/DICOM/ANNA/CT1", &at("in/1"), &[id]);
    let run = |list: &str, more: &[&str]| {
        std::fs::write(at("ids.csv"), list).unwrap();
        let out = at(&format!("out{}", more.len()));
        let mut all: Vec<PathBuf> = vec!["clean".into(), at("in"), "-o".into(), out];
        all.extend([
            "--key-file".into(),
            key.clone(),
            "--map".into(),
            at("ids.csv"),
        ]);
        all.extend(more.iter().map(PathBuf::from));
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        dcmscrub(&all)
    };
    for (list, place, hint) in [
        (
            "patient_id,pseudonym\n5,S0\n184410,S1\n",
            "ids.csv:3: ",
            "did a spreadsheet drop the zeros?",
        ),
        (
            "patient_id,pseudonym\n5,S0\n",
            "not in the list: 1 patient of these files (1 file)",
            "--unmapped derive",
        ),
        (
            "patient_id,pseudonym\n5,S0\n5,S1\n",
            "ids.csv:3: ",
            "keep one of the two lines",
        ),
        (
            "patient_id,pseudonym\n5,\n",
            "ids.csv:2: ",
            "fill in the field",
        ),
    ] {
        let output = run(list, &[]);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(place) && said.contains(hint), "{said}");
        assert!(!said.contains("184410"), "no value is shown");
        assert!(!at("out0").exists(), "nothing was written");
    }
    let output = run("patient_id,pseudonym\n00000000184410,S7-0031\n", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let (path, bytes) = tree(&at("out0/clean")).swap_remove(0);
    assert!(path.starts_with("S7-0031"), "{}", path.display());
    let object = dicom_object::from_reader(bytes.as_slice()).unwrap();
    let value = |tag| object.element(tag).unwrap().to_str().unwrap().into_owned();
    assert_eq!(value(Tag(0x0010, 0x0020)), "S7-0031");
    assert_eq!(value(Tag(0x0010, 0x0010)), "S7-0031");

    let derived = run("patient_id,pseudonym\n5,S0\n", &["--unmapped", "derive"]);
    assert_eq!(derived.status.code(), Some(0), "{}", text(&derived));
    let held = run(
        "patient_id,pseudonym\n5,S0\n",
        &["--unmapped", "hold", "--fail-on", "held"],
    );
    assert_eq!(held.status.code(), Some(3), "{}", text(&held));
    assert_eq!(tree(&at("out4/review")).len(), 1);
    assert!(
        text(&held).contains("who is not in your list"),
        "{}",
        text(&held)
    );
}

#[test]
fn a_pseudonym_is_found_again_by_whoever_holds_the_key() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 1);
    let run = dcmscrub(&[&"clean", &at("in"), &"-o", &at("out"), &"--key-file", &key]);
    assert_eq!(run.status.code(), Some(0));
    let (path, bytes) = tree(&at("out/clean")).swap_remove(0);
    let object = dicom_object::from_reader(bytes.as_slice()).unwrap();
    let look = |of: &str, value: &str| {
        let output = dcmscrub(&[
            &"lookup",
            &"--key-file",
            &key,
            &"--of",
            &of,
            &"--issuer",
            &"CANARY-ISSUER-01",
            &value,
        ]);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let value = |tag| {
        object
            .element(tag)
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches('\0')
            .to_owned()
    };
    let code = look("patient-id", "CANARY-ID-0001");
    assert_eq!(code, value(Tag(0x0010, 0x0020)));
    assert!(path.starts_with(&code));
    assert_eq!(look("uid", "1.2.999.8.10000"), value(Tag(0x0008, 0x0018)));
    let unknown = dcmscrub(&[&"lookup", &"--key-file", &key, &"--of", &"Nonsense", &"1"]);
    assert_eq!(unknown.status.code(), Some(2));
    let without = dcmscrub(&[&"lookup", &"1"]);
    assert_eq!(without.status.code(), Some(2));
}

#[test]
fn a_profile_may_demand_a_key() {
    let folder = TempDir::new().unwrap();
    let profile = folder.path().join("trial.toml");
    std::fs::write(&profile, "extends = \"basic\"\nkey = \"required\"\n").unwrap();
    let out = folder.path().join("out");
    let output = dcmscrub(&[&root().join("disc"), &"-o", &out, &"-p", &profile]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output).contains("hint: make one with: dcmscrub key new FILE"),
        "{}",
        text(&output)
    );
    assert!(!out.exists());
}

#[test]
fn what_a_person_releases_is_moved_marked_listed_and_sealed() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    let out = at("out");
    let run = dcmscrub(&[&root().join("disc"), &"-o", &out, &"--key-file", &key]);
    assert_eq!(run.status.code(), Some(0));
    let listed = dcmscrub(&[&"review", &out]);
    let said = String::from_utf8(listed.stdout).unwrap();
    let path = said.split_whitespace().next().unwrap().to_owned();
    assert!(
        path.starts_with("review/") && said.contains("ultrasound"),
        "{said}"
    );
    let held = std::fs::read(out.join(&path)).unwrap();
    let marker = |bytes: &[u8]| {
        let object = dicom_object::from_reader(bytes).unwrap();
        object
            .element(Tag(0x0012, 0x0062))
            .unwrap()
            .to_str()
            .unwrap()
            .trim()
            .to_owned()
    };
    assert_eq!(marker(&held), "NO");

    let release = |arguments: &[&str]| {
        let mut all: Vec<PathBuf> = vec![
            "review".into(),
            out.clone(),
            "--release".into(),
            path.clone().into(),
        ];
        all.extend(arguments.iter().map(PathBuf::from));
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        dcmscrub(&all)
    };
    let keyed = key.to_str().unwrap();
    let before = tree(&out);
    for (arguments, word) in [
        (&["--key-file", keyed][..], "--by"),
        (&["--by", "me", "--why", "looked"], "hint: add: --key-file"),
        (
            &["--by", " ", "--why", "looked", "--key-file", keyed],
            "hint: add: --by",
        ),
    ] {
        let refused = release(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(text(&refused).contains(word), "{}", text(&refused));
        assert!(tree(&out) == before);
    }
    let released = release(&[
        "--by",
        "j.doe",
        "--why",
        "no text in it",
        "--key-file",
        keyed,
    ]);
    assert_eq!(released.status.code(), Some(0), "{}", text(&released));
    let moved = out.join(path.replacen("review/", "clean/", 1));
    assert!(!out.join(&path).exists());
    let bytes = std::fs::read(&moved).unwrap();
    assert_eq!(marker(&bytes), "YES");
    let tail = |bytes: &[u8]| bytes[bytes.len() - 64..].to_vec();
    assert_eq!(tail(&bytes), tail(&held), "the pixels are the same");
    let index = std::fs::read(out.join("clean/DICOMDIR")).unwrap();
    let id = Path::new(&path)
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .as_bytes();
    assert!(
        index.windows(id.len()).any(|at| at == id),
        "the new index has it"
    );
    let journal = std::fs::read_to_string(out.join("report.journal.jsonl")).unwrap();
    assert!(journal.contains("\"by\":\"j.doe\"") && journal.contains("\"why\":\"no text in it\""));
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    assert!(
        report.contains("\"released\": 1") && report.contains("\"held-back\": 0"),
        "{report}"
    );
    let verified = dcmscrub(&[&"verify", &out, &"--key-file", &key]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    assert!(text(&dcmscrub(&[&"review", &out])).contains("Nothing is held back."));
}

#[test]
fn verify_finds_every_kind_of_change() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (key, other) = (key(&folder, "k"), key(&folder, "other"));
    let out = at("out");
    let run = dcmscrub(&[&root().join("disc"), &"-o", &out, &"--key-file", &key]);
    assert_eq!(run.status.code(), Some(0));
    let verify = |key: &PathBuf| {
        let output = dcmscrub(&[&"verify", &out, &"--key-file", &key]);
        (output.status.code(), text(&output))
    };
    assert_eq!(verify(&key).0, Some(0));
    let (code, said) = verify(&other);
    assert!(code == Some(1) && said.contains("seal"), "{said}");
    let files = tree(&out);
    let restore = |path: &Path, bytes: &[u8]| std::fs::write(out.join(path), bytes).unwrap();
    for (path, bytes) in &files {
        for at in [bytes.len() / 2, bytes.len() - 2] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            restore(path, &bad);
            let (code, said) = verify(&key);
            assert_eq!(code, Some(1), "a byte of {}: {said}", path.display());
        }
        std::fs::remove_file(out.join(path)).unwrap();
        let (code, said) = verify(&key);
        let journal = path == Path::new("report.journal.jsonl");
        assert_eq!(
            code,
            Some(if journal { 2 } else { 1 }),
            "without {}: {said}",
            path.display()
        );
        restore(path, bytes);
    }
    restore(Path::new("clean/NEW"), b"x");
    let (code, said) = verify(&key);
    assert!(
        code == Some(1) && said.contains("clean/NEW: unlisted"),
        "{said}"
    );
    std::fs::remove_file(out.join("clean/NEW")).unwrap();
    assert_eq!(verify(&key).0, Some(0));
    // a journal that somebody wrote anew is whole but not sealed
    let journal = String::from_utf8(
        files
            .iter()
            .find(|(path, _)| path.ends_with("report.journal.jsonl"))
            .unwrap()
            .1
            .clone(),
    )
    .unwrap();
    let mut before = String::new();
    let mut forged = String::new();
    for line in journal.lines() {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        if value["line"] == "file" {
            value["bytes"] = 1.into();
        }
        value["before"] = before.into();
        let line = serde_json::to_string(&value).unwrap();
        before = blake3::hash(line.as_bytes()).to_hex().to_string();
        forged += &line;
        forged.push('\n');
    }
    restore(Path::new("report.journal.jsonl"), forged.as_bytes());
    let (code, said) = verify(&key);
    assert!(
        code == Some(1) && said.contains("seal") && !said.contains("journal-changed"),
        "{said}"
    );
}

#[test]
fn people_who_may_be_mixed_up_are_counted() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let ct = "disc/DICOM/ANNA/CT1";
    let other_uid = ("1.2.999.1.1.1.1", "1.2.999.9.9.9.9");
    for (name, changes, field) in [
        (
            "names",
            &[("Quillfeather^Anna", "Quillfeather^Anne")][..],
            "patients_with_several_names",
        ),
        (
            "births",
            &[("19430217", "19430218")],
            "patients_with_several_birth_dates",
        ),
        (
            "studies",
            &[("CANARY-ID-0001", "CANARY-ID-0002")],
            "studies_with_several_patients",
        ),
    ] {
        patched(ct, &at(name).join("1"), &[]);
        patched(ct, &at(name).join("2"), &[changes, &[other_uid]].concat());
        let out = at(&format!("out-{name}"));
        let run = dcmscrub(&[&"clean", &at(name), &"-o", &out, &"--fail-on", &"warning"]);
        assert_eq!(run.status.code(), Some(3), "{}", text(&run));
        let report: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("report.json")).unwrap()).unwrap();
        assert_eq!(report["warnings"][field], 1, "{name}");
        assert!(
            text(&run).contains("may have been mixed up"),
            "{}",
            text(&run)
        );
        assert!(!text(&run).contains("Quillfeather"));
    }
    // the same person in another spelling is one person
    patched(ct, &at("same/1"), &[]);
    patched(
        ct,
        &at("same/2"),
        &[("Quillfeather^Anna", "QUILLFEATHER^ANNA"), other_uid],
    );
    let run = dcmscrub(&[
        &"clean",
        &at("same"),
        &"-o",
        &at("out-same"),
        &"--fail-on",
        &"warning",
    ]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
}

#[test]
fn inputs_come_from_a_list_too() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 6);
    let files: Vec<PathBuf> = tree(&at("in"))
        .into_iter()
        .map(|(path, _)| at("in").join(path))
        .collect();
    let joined = |end: &str| {
        files
            .iter()
            .map(|path| format!("{}{end}", path.display()))
            .collect::<String>()
    };
    std::fs::write(at("lines"), joined("\n")).unwrap();
    std::fs::write(at("nuls"), joined("\0")).unwrap();
    let run = |arguments: &[&str], out: &str, stdin: &str| {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("dcmscrub"))
            .arg("clean")
            .args(arguments)
            .args(["-o".into(), at(out), "--key-file".into(), key.clone()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let (lines, nuls) = (at("lines"), at("nuls"));
    for (arguments, out, stdin) in [
        (
            &["--files-from", lines.to_str().unwrap()][..],
            "a",
            String::new(),
        ),
        (
            &["--files-from", nuls.to_str().unwrap(), "-0"],
            "b",
            String::new(),
        ),
        (&["--files-from", "-", "-0"], "c", joined("\0")),
    ] {
        let output = run(arguments, out, &stdin);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        assert_eq!(tree(&at(out).join("clean")).len(), 6);
    }
    assert!(tree(&at("a")) == tree(&at("b")) && tree(&at("a")) == tree(&at("c")));
    let missing = run(&["--files-from", "-"], "d", "/does/not/exist\n");
    assert_eq!(missing.status.code(), Some(3), "{}", text(&missing));
    let inside = run(
        &["--files-from", "-"],
        "a",
        &at("a/clean").display().to_string(),
    );
    assert_eq!(
        inside.status.code(),
        Some(3),
        "an input in the output fails: {}",
        text(&inside)
    );
}

#[test]
fn every_refusal_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file"), b"x").unwrap();
    std::fs::write(at("wrong.toml"), b"nonsense = 1\n").unwrap();
    let cases: &[&[&str]] = &[
        &["clean"],
        &["/does/not/exist"],
        &["clean", ".", "-o", "./inside"],
        &["clean", ".", "--layout", "named", "--dicomdir"],
        &["clean", ".", "--shard", "1/2", "-o", "x"],
        &["clean", ".", "-o", "x", "--resume"],
        &["clean", ".", "--key-file", "nothere"],
        &["clean", ".", "--profile", "basik"],
        &["clean", ".", "--profile", "wrong.toml"],
        &["profile", "check", "wrong.toml"],
        &["profile", "new", "wrong.toml"],
        &["profile", "new", "site"],
        &["profile", "new", "site.toml", "--extends", "basik"],
        &["profile", "new", "nothere/site.toml"],
        &[
            "profile",
            "show",
            "basic",
            "--conformance",
            "--format",
            "json",
        ],
        &["explain", "PatientNam"],
        &["explain", "PatientName", "--sop-class", "1.2.3"],
        &["diff", "file", "nothere"],
        &["diff", "file", "."],
        &["diff", "file", "wrong.toml"],
        &["clean", ".", "--map", "nothere.csv"],
        &["verify", "."],
        &["review", "."],
        &["report", "merge", ".", "--key-file", "nothere"],
        &["lookup", "1", "--key-file", "nothere"],
        &["key", "id", "nothere"],
    ];
    for arguments in cases {
        let output = Command::new(assert_cmd::cargo::cargo_bin("dcmscrub"))
            .args(*arguments)
            .env_remove("DCMSCRUB_KEY_FILE")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("error: ") && said.contains("hint: "),
            "{arguments:?}: {said}"
        );
        assert_eq!(
            tree(folder.path()).len(),
            2,
            "{arguments:?} wrote something"
        );
    }
}

#[test]
fn a_conformance_statement_is_made_from_the_profile() {
    let output = dcmscrub(&[&"profile", &"show", &"basic", &"--conformance"]);
    assert_eq!(output.status.code(), Some(0));
    let statement = String::from_utf8(output.stdout).unwrap();
    for part in [
        "113100",
        "2026d",
        "## Attributes inserted",
        "## Held back for a person",
        "PatientBirthDate",
    ] {
        assert!(statement.contains(part), "{part}");
    }
}

#[test]
fn the_profile_of_the_page_for_clinics_is_valid() {
    let page = include_str!("../docs/clinic.md");
    let (_, after) = page.split_once("For example:\n").unwrap();
    let profile: String = after
        .lines()
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("site.toml");
    std::fs::write(&file, profile).unwrap();
    let output = dcmscrub(&[&"profile", &"check", &file]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn months_with_the_same_file_names_add_up_in_one_folder() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (key, out) = (key(&folder, "k"), folder.path().join("out"));
    let us = "disc/DICOM/ANNA/US1";
    patched("disc/DICOM/ANNA/CT1", &at("november/1"), &[]);
    patched(us, &at("november/2"), &[]);
    patched(
        "disc/DICOM/ANNA/CT1",
        &at("december/1"),
        &[("1.2.999.1.1.1.1", "1.2.999.7.7.7.7")],
    );
    let clean = |month: &str, more: &[&str]| {
        let mut all: Vec<PathBuf> = vec!["clean".into(), at(month), "-o".into(), out.clone()];
        all.extend(["--key-file".into(), key.clone()]);
        all.extend(more.iter().map(PathBuf::from));
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        let output = dcmscrub(&all);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        text(&output)
    };
    let verify = || {
        let output = dcmscrub(&[&"verify", &out, &"--key-file", &key]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    };
    clean("november", &[]);
    verify();
    let said = clean("december", &[]);
    assert!(
        said.contains("1 file cleaned"),
        "the second run speaks of itself: {said}"
    );
    verify();
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    assert!(
        report.contains("\"files\": 3"),
        "the report speaks of the folder: {report}"
    );
    assert_eq!(tree(&out.join("clean")).len(), 2);

    let released = dcmscrub(&[
        &"review",
        &out,
        &"--release",
        &"ultrasound",
        &"--by",
        &"me",
        &"--why",
        &"looked",
        &"--key-file",
        &key,
    ]);
    assert_eq!(released.status.code(), Some(0), "{}", text(&released));
    verify();
    let before = tree(&out);
    clean("november", &["--resume"]);
    assert!(tree(&out) == before, "what was released stays released");
    // cleaned again without --resume it is held back again, beside what was released
    clean("november", &[]);
    verify();
    assert_eq!(tree(&out.join("review")).len(), 1);
}

#[test]
fn shards_that_do_not_belong_together_are_kept_apart() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (one, other) = (key(&folder, "one"), key(&folder, "other"));
    study(&at("in"), 12);
    let run = |out: &str, key: &PathBuf, more: &[&str]| {
        let mut all: Vec<PathBuf> =
            vec!["clean".into(), at("in"), "-q".into(), "-o".into(), at(out)];
        all.extend(["--key-file".into(), key.clone()]);
        all.extend(more.iter().map(PathBuf::from));
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        dcmscrub(&all)
    };
    assert_eq!(run("out", &one, &["--shard", "1/2"]).status.code(), Some(0));
    let before = tree(&at("out"));
    for (key, more) in [
        (&other, &["--shard", "2/2"][..]),
        (&one, &["--shard", "2/2", "--keep", "StudyDate"]),
        (&one, &["--shard", "2/3"]),
        (&one, &[]),
    ] {
        let refused = run("out", key, more);
        assert_eq!(
            refused.status.code(),
            Some(2),
            "{more:?}: {}",
            text(&refused)
        );
        assert!(tree(&at("out")) == before, "{more:?}");
    }
    assert_eq!(run("out", &one, &["--shard", "2/2"]).status.code(), Some(0));
    let merge = |outs: &[&str], to: Option<&str>| {
        let mut all: Vec<PathBuf> = vec!["report".into(), "merge".into()];
        all.extend(outs.iter().map(|out| at(out)));
        all.extend(["--key-file".into(), one.clone()]);
        if let Some(to) = to {
            all.extend(["-o".into(), at(to)]);
        }
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = all.iter().map(|a| a as _).collect();
        dcmscrub(&all)
    };
    let verify = |out: &str| {
        dcmscrub(&[&"verify", &at(out), &"--key-file", &one])
            .status
            .code()
    };
    // a folder that is no shard's, and an output of another key
    std::fs::create_dir_all(at("stranger/clean")).unwrap();
    assert_eq!(
        merge(&["out", "stranger"], Some("m1")).status.code(),
        Some(2)
    );
    assert!(!at("m1").exists());
    assert_eq!(run("foreign", &other, &[]).status.code(), Some(0));
    let foreign = tree(&at("foreign"));
    assert_eq!(merge(&["out"], Some("foreign")).status.code(), Some(2));
    assert!(tree(&at("foreign")) == foreign);
    // into a folder of the same run it adds up
    assert_eq!(merge(&["out"], Some("m2")).status.code(), Some(0));
    assert_eq!(merge(&["out"], Some("m2")).status.code(), Some(0));
    assert_eq!(verify("m2"), Some(0));
    // a file that was changed between shard and merge is noticed
    let (path, bytes) = tree(&at("out/clean")).swap_remove(0);
    let mut bad = bytes.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(at("out/clean").join(&path), bad).unwrap();
    let unsound = merge(&["out"], Some("m3"));
    assert_eq!(unsound.status.code(), Some(3), "{}", text(&unsound));
    std::fs::write(at("out/clean").join(&path), bytes).unwrap();
    // in place, and once more
    assert_eq!(merge(&["out"], None).status.code(), Some(0));
    assert_eq!(
        merge(&["out"], None).status.code(),
        Some(0),
        "merged before: nothing is left to do"
    );
    assert_eq!(verify("out"), Some(0));
    // another month's shards go on in the merged folder
    study(&at("in"), 14);
    for shard in ["1/2", "2/2"] {
        assert_eq!(run("out", &one, &["--shard", shard]).status.code(), Some(0));
    }
    assert_eq!(merge(&["out"], None).status.code(), Some(0));
    assert_eq!(verify("out"), Some(0));
    assert_eq!(tree(&at("out/clean")).len(), 14);
}

#[test]
fn two_inputs_with_one_output_are_released_at_once() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let us = "disc/DICOM/ANNA/US1";
    patched(us, &at("in/1"), &[]);
    patched(us, &at("in/2"), &[]);
    let out = at("out");
    let run = dcmscrub(&[&"clean", &at("in"), &"-o", &out]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
    assert_eq!(tree(&out.join("review")).len(), 1);
    let released = dcmscrub(&[
        &"review",
        &out,
        &"--release",
        &"all",
        &"--by",
        &"me",
        &"--why",
        &"looked",
    ]);
    assert_eq!(released.status.code(), Some(0), "{}", text(&released));
    let verified = dcmscrub(&[&"verify", &out]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    for part in ["\"held-back\": 0", "\"cleaned\": 2", "\"duplicates\": 1"] {
        assert!(report.contains(part), "{part} in {report}");
    }
}
