//! Promises about a whole run: the input is never touched, nothing is replaced, what was announced is what happens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::inflate::InflatedSource;
use dcmscrub::dicom::source::{BytesSource, ReadAt};
use dcmscrub::dicom::walk::{Element, Event, Walker};
use dcmscrub::dicom::{ElementPath, Limits, part10};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::profile::{Overrides, load};
use tempfile::TempDir;

use crate::clean::{dcmscrub, key, tree};
use crate::fixtures::root;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

#[test]
fn a_list_of_links_never_replaces_an_input_or_another_file() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    copy(&root().join("files/nested.dcm"), &at("in/1"));
    std::fs::write(at("letter"), b"a letter").unwrap();
    std::fs::hard_link(at("in/1"), at("other-name")).unwrap();
    let before = tree(folder.path());
    for links in [
        "in/1",
        "in/new.csv",
        "letter",
        "other-name",
        "out/links.csv",
    ] {
        let output = dcmscrub(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--links",
            &at(links),
        ]);
        assert_eq!(output.status.code(), Some(2), "{links}");
        assert!(tree(folder.path()) == before, "{links}");
    }
    let key = key(&folder, "k");
    for _ in 0..2 {
        let output = dcmscrub(&[
            &"clean",
            &at("in"),
            &"-o",
            &at("out"),
            &"--links",
            &at("links.csv"),
            &"--key-file",
            &key,
        ]);
        assert_eq!(output.status.code(), Some(0), "an earlier list is replaced");
    }
    let rows = std::fs::read_to_string(at("links.csv")).unwrap();
    assert!(rows.starts_with("input,output,bucket,reason\n") && rows.lines().count() == 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let output = assert_cmd::Command::cargo_bin("dcmscrub")
        .unwrap()
        .current_dir(&work)
        .args(["clean", "--dry-run", "--links", "links.csv"])
        .arg(root())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(std::fs::read_dir(&work).unwrap().next().is_none());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("nothing was written"), "{said}");
}

#[test]
fn other_bytes_under_a_final_name_fail_that_file_and_stay() {
    let folder = TempDir::new().unwrap();
    let (key, out) = (key(&folder, "k"), folder.path().join("out"));
    let run = |input: &Path| {
        dcmscrub(&[&"clean", &input, &"-o", &out, &"--key-file", &key])
            .status
            .code()
    };
    assert_eq!(run(&root().join("files")), Some(0));
    let (name, _) = tree(&out.join("clean")).swap_remove(0);
    std::fs::write(out.join("clean").join(&name), b"somebody's own").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(run(&root().join("files")), Some(3));
    assert_eq!(
        std::fs::read(out.join("clean").join(&name)).unwrap(),
        b"somebody's own"
    );
}

#[test]
fn one_file_that_is_there_already_is_done_or_fails() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (key(&folder, "one"), key(&folder, "other"));
    let out = folder.path().join("x.dcm");
    let run = |key: &PathBuf| {
        dcmscrub(&[
            &"clean",
            &root().join("files/nested.dcm"),
            &"-o",
            &out,
            &"--key-file",
            key,
        ])
        .status
        .code()
    };
    assert_eq!(run(&one), Some(0));
    let first = std::fs::read(&out).unwrap();
    assert_eq!(run(&one), Some(0), "the same bytes are there: done");
    assert_eq!(run(&other), Some(3), "other bytes are never replaced");
    assert!(std::fs::read(&out).unwrap() == first);
}

#[test]
fn outputs_do_not_depend_on_names_and_order_of_the_input() {
    let folder = TempDir::new().unwrap();
    let key = key(&folder, "k");
    let files: Vec<PathBuf> = tree(root())
        .into_iter()
        .map(|(name, _)| root().join(name))
        .collect();
    for (index, file) in files.iter().enumerate() {
        copy(file, &folder.path().join(format!("a/{index:03}")));
    }
    for (index, file) in files.iter().rev().enumerate() {
        copy(
            file,
            &folder.path().join(format!("b/{}/{index:03}", index % 3)),
        );
    }
    let run = |name: &str, workers: &str| {
        let out = folder.path().join(format!("out-{name}"));
        let input = folder.path().join(name);
        let output = dcmscrub(&[
            &"clean",
            &input,
            &"-o",
            &out,
            &"-j",
            &workers,
            &"--key-file",
            &key,
        ]);
        assert!(output.status.success());
        // the journal tells inputs apart, by codes of their places
        let files = tree(&out).into_iter();
        files
            .filter(|(path, _)| path != Path::new("report.journal.jsonl"))
            .collect::<Vec<_>>()
    };
    let (one, other) = (run("a", "1"), run("b", "2"));
    assert!(one.len() > 20 && one == other);
}

#[test]
fn mirror_keeps_the_shape_of_the_input_but_no_name_of_a_person() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, to) in [
        ("nested.dcm", "in/head ct/IM1"),
        ("twice.dcm", "in/CANARY-PN-01/2"),
    ] {
        copy(&root().join("files").join(name), &at(to));
    }
    let output = dcmscrub(&[
        &"clean",
        &at("in"),
        &"-o",
        &at("out"),
        &"--layout",
        &"mirror",
    ]);
    assert!(output.status.success());
    let names: Vec<String> = tree(&at("out/clean"))
        .into_iter()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"head ct/IM1".to_owned()), "{names:?}");
    assert!(
        names.iter().all(|name| !name.contains("CANARY"))
            && names.iter().any(|name| name.ends_with("/2")),
        "{names:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_left_alone_and_control_characters_never_reach_a_terminal() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        at("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_eq!(dcmscrub(&[&"plan", &at("pipe")]).status.code(), Some(2));
    assert_eq!(
        dcmscrub(&[&"clean", &at("pipe"), &"-o", &at("out")])
            .status
            .code(),
        Some(3)
    );
    for args in [
        ["clean", "\u{1b}[2Jmissing\r"],
        ["plan", "\u{1b}[2Jmissing\r"],
        ["clean", "--profile=\u{1b}[2J"],
    ] {
        let output = dcmscrub(&[&args[0], &args[1], &root()]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            !output.stderr.contains(&0x1b) && !output.stderr.contains(&b'\r'),
            "{args:?}"
        );
    }
}

/// Values of the data elements that stand once in a file, by path; containers have none.
fn values(bytes: &[u8]) -> BTreeMap<String, Option<Vec<u8>>> {
    fn walk<S: ReadAt>(
        source: &S,
        at: u64,
        encoding: dcmscrub::dicom::walk::Encoding,
    ) -> BTreeMap<String, Option<Vec<u8>>> {
        let mut walker = Walker::new(source, encoding, at, Limits::default());
        let (mut seen, mut twice) = (BTreeMap::new(), Vec::new());
        while let Some(event) = walker.next_event().unwrap() {
            let (element, value): (Element, _) = match event {
                Event::Element(element) => {
                    (element, Some(walker.value(&element).unwrap().to_vec()))
                }
                Event::SequenceStart(element) | Event::FragmentsStart(element) => (element, None),
                _ => continue,
            };
            let path = ElementPath {
                steps: walker.path().into(),
                tag: element.tag,
            }
            .to_string();
            if seen.insert(path.clone(), value).is_some() {
                twice.push(path);
            }
        }
        seen.retain(|path, _| !twice.contains(path));
        seen
    }
    let source = BytesSource(bytes);
    let part10 = part10::open(&source, &Limits::default()).unwrap();
    if part10.deflated {
        let inflated =
            InflatedSource::new(&source, part10.data_set_at, &Limits::default()).unwrap();
        walk(&inflated, 0, part10.encoding)
    } else {
        walk(&source, part10.data_set_at, part10.encoding)
    }
}

#[test]
fn what_the_plan_announces_is_what_becomes_of_every_element() {
    let engine = Engine::new(
        load("basic", &Overrides::default()).unwrap(),
        Pseudonyms::new(&Key::random().unwrap(), ""),
        Limits::default(),
    );
    let mut checked = BTreeMap::new();
    for (name, bytes) in tree(&root().join("files")) {
        let source = BytesSource(bytes);
        let plan = engine.plan(&source, Detail::Steps).unwrap();
        let (before, after) = (
            values(&source.0),
            values(&to_bytes(&plan, &source, engine.limits()).unwrap()),
        );
        for step in &plan.steps {
            let (Some(was), is) = (before.get(&step.path), after.get(&step.path)) else {
                continue;
            };
            *checked.entry(step.action).or_insert(0) += 1;
            let holds = match step.action {
                "keep" => is == Some(was),
                "remove" => is.is_none(),
                "empty" => is.is_some_and(|value| value.as_ref().is_none_or(Vec::is_empty)),
                _ => is
                    .is_some_and(|value| value != was || value.is_none() || step.action == "dummy"),
            };
            assert!(holds, "{} in {}: {step:?}", step.path, name.display());
        }
        let made = |path: &str| {
            plan.steps
                .iter()
                .filter(|step| matches!(step.action, "insert" | "dummy"))
                .any(|step| {
                    path.strip_prefix(step.path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
                })
        };
        for path in after.keys() {
            assert!(
                before.contains_key(path) || made(path),
                "{path} came from nowhere"
            );
        }
    }
    for action in ["keep", "remove", "empty", "dummy", "uid", "hash", "clean"] {
        assert!(
            checked.get(action).is_some_and(|n| *n > 0),
            "{action}: {checked:?}"
        );
    }
}

/// The program waits for its input, and by then the kernel has been told.
#[cfg(target_os = "linux")]
#[test]
fn no_dump_of_memory_is_ever_written() {
    use std::process::{Command, Stdio};
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_dcmscrub"))
        .args(["clean", "-"])
        .env_remove("DCMSCRUB_KEY_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", waiting.id());
    let is_forbidden = || {
        let text = std::fs::read_to_string(&limits).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = line.unwrap().split_whitespace().collect();
        words[4..6] == ["0", "0"]
    };
    let started = std::time::Instant::now();
    while !is_forbidden() && started.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let forbidden = is_forbidden();
    drop(waiting.stdin.take());
    assert_eq!(waiting.wait().unwrap().code(), Some(3));
    assert!(forbidden);
}

#[cfg(unix)]
#[test]
fn an_output_takes_nothing_from_the_entry_of_its_input() {
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, SystemTime};
    let folder = TempDir::new().unwrap();
    let (input, out) = (folder.path().join("in/1"), folder.path().join("out"));
    copy(&root().join("files/nested.dcm"), &input);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(&input).unwrap();
    file.set_modified(long_ago).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755))
        .unwrap();
    drop(file);
    let run = dcmscrub(&[&"clean", &folder.path().join("in"), &"-o", &out]);
    assert!(run.status.success());
    let files = tree(&out);
    assert!(files.len() >= 4);
    for (path, _) in files {
        let written = out.join(&path).metadata().unwrap();
        assert_eq!(
            written.permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
        let age = SystemTime::now().duration_since(written.modified().unwrap());
        assert!(
            age.unwrap() < Duration::from_secs(3600),
            "{}",
            path.display()
        );
    }
}
