//! Faults around a run: other runs beside it, inputs that change under its hands, file systems that fold names.
//!
//! Faults of system calls are made by `.ci/faults.py`.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use unicode_normalization::UnicodeNormalization;

use crate::clean::{dcmscrub, key, tree};
use crate::clinic::study;
use crate::fixtures::root;

/// What a second run is told when it is too early.
const BUSY: &str = "another run is writing";

/// Starts a command without waiting for it.
fn start(arguments: &[&Path]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin("dcmscrub"))
        .env_remove("DCMSCRUB_KEY_FILE")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Exit code and stderr.
fn wait(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

fn clean(input: &Path, out: &Path, key: &Path) -> Child {
    let (command, to, with) = (Path::new("clean"), Path::new("-o"), Path::new("--key-file"));
    start(&[command, input, to, out, with, key])
}

#[test]
fn runs_that_begin_together_are_one_run_and_refusals() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 24);
    assert_eq!(wait(clean(&at("in"), &at("whole"), &key)).0, Some(0));
    let whole = tree(&at("whole"));
    for round in 0..8 {
        let out = at(&format!("out-{round}"));
        let begin = |late: u64| {
            std::thread::sleep(Duration::from_millis(late * round * 3));
            clean(&at("in"), &out, &key)
        };
        let ended: Vec<_> = [0, 1, 1, 1].map(begin).into_iter().map(wait).collect();
        for (code, said) in &ended {
            let is_refused = *code == Some(2) && said.contains(BUSY);
            assert!(*code == Some(0) || is_refused, "{round}: {code:?} {said}");
        }
        assert!(ended.iter().any(|(code, _)| *code == Some(0)), "{round}");
        assert!(tree(&out) == whole, "{round}");
    }
}

#[test]
fn two_keys_never_meet_in_one_folder() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let keys = [key(&folder, "one"), key(&folder, "other")];
    study(&at("in"), 12);
    let wholes = keys.each_ref().map(|key| {
        let out = at(&format!("whole-{}", key.display()).replace('/', "-"));
        assert_eq!(wait(clean(&at("in"), &out, key)).0, Some(0));
        tree(&out)
    });
    for round in 0..6 {
        let out = at(&format!("out-{round}"));
        let children = keys.each_ref().map(|key| clean(&at("in"), &out, key));
        let codes = children.map(|child| wait(child).0);
        assert!(codes.contains(&Some(0)), "{codes:?}");
        assert!(codes.contains(&Some(2)), "the other is refused: {codes:?}");
        assert!(wholes.contains(&tree(&out)), "{round}: a mixture");
    }
}

#[test]
fn one_name_for_one_file_is_taken_once() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let keys = [key(&folder, "one"), key(&folder, "other")];
    let input = root().join("files/nested.dcm");
    let wholes = keys.each_ref().map(|key| {
        let out = key.with_extension("dcm");
        assert_eq!(wait(clean(&input, &out, key)).0, Some(0));
        fs::read(out).unwrap()
    });
    for round in 0..6 {
        let out = at(&format!("{round}.dcm"));
        let children: Vec<Child> = (0..6).map(|n| clean(&input, &out, &keys[n % 2])).collect();
        let codes: Vec<_> = children.into_iter().map(|child| wait(child).0).collect();
        let first = wholes
            .iter()
            .position(|whole| *whole == fs::read(&out).unwrap());
        let first = first.expect("one of the two");
        for (n, code) in codes.iter().enumerate() {
            let expected = if n % 2 == first { 0 } else { 3 };
            assert_eq!(*code, Some(expected), "{round}: {codes:?}");
        }
    }
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2 + 2 + 6, "no temporary file");
}

/// Rows of 512 bytes of the picture that changes.
const ROWS: u16 = 16_000;

/// A picture of 8 MB in which every byte of the pixels is `fill`.
fn large(fill: u8) -> Vec<u8> {
    let mut bytes = fs::read(root().join("disc/DICOM/ANNA/CT1")).unwrap();
    let number = |tag: [u8; 4], value: u16| {
        let mut element = tag.to_vec();
        element.extend(b"US\x02\x00");
        (element, value.to_le_bytes())
    };
    for (element, value) in [
        number([0x28, 0, 0x10, 0], ROWS),
        number([0x28, 0, 0x11, 0], 256),
    ] {
        let places: Vec<usize> = (0..bytes.len() - element.len())
            .filter(|&at| bytes[at..].starts_with(&element))
            .collect();
        assert_eq!(places.len(), 1);
        let at = places[0] + element.len();
        bytes[at..at + 2].copy_from_slice(&value);
    }
    let length = u32::from(ROWS) * 512;
    bytes.truncate(bytes.len() - 2048 - 4);
    bytes.extend(length.to_le_bytes());
    bytes.resize(bytes.len() + usize::try_from(length).unwrap(), fill);
    bytes
}

/// What happens to an input while it is read.
type Change = fn(&Path, &[u8]);

const CHANGES: [(&str, Change); 5] = [
    ("truncated", |path, other| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(other.len() as u64 / 2).unwrap();
    }),
    ("grown", |path, _| {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"more bytes").unwrap();
    }),
    ("rewritten", |path, other| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(other).unwrap();
    }),
    (
        "rewritten from its end, and its time set back",
        |path, other| {
            let was = path.metadata().unwrap().modified().unwrap();
            let mut file = OpenOptions::new().write(true).open(path).unwrap();
            for at in (1024..other.len())
                .step_by(1 << 16)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
            {
                file.seek(SeekFrom::Start(at as u64)).unwrap();
                let end = other.len().min(at + (1 << 16));
                file.write_all(&other[at..end]).unwrap();
            }
            file.set_modified(was).unwrap();
        },
    ),
    ("replaced", |path, other| {
        // beside the input folder: inside it the run could meet it half written
        let beside = path.parent().unwrap().with_extension("new");
        fs::write(&beside, other).unwrap();
        fs::rename(&beside, path).unwrap();
    }),
];

#[test]
fn a_file_that_changes_while_it_is_read_is_one_or_the_other_or_fails() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    let (one, other) = (large(1), large(2));
    let wholes = [&one, &other].map(|bytes| {
        fs::write(at("whole.dcm"), bytes).unwrap();
        let began = SystemTime::now();
        let out = at(&format!("whole-{}", bytes[bytes.len() - 1]));
        assert_eq!(
            wait(clean(&at("whole.dcm"), &out.join("x.dcm"), &key)).0,
            Some(3)
        );
        fs::create_dir(&out).unwrap();
        assert_eq!(
            wait(clean(&at("whole.dcm"), &out.join("x.dcm"), &key)).0,
            Some(0)
        );
        (
            fs::read(out.join("x.dcm")).unwrap(),
            began.elapsed().unwrap(),
        )
    });
    let takes = wholes[1].1;
    let mut failed = BTreeSet::new();
    for (name, change) in CHANGES {
        for part in 0..6u32 {
            let (input, out) = (at("in"), at(&format!("out {name} {part}")));
            let _absent = fs::remove_dir_all(&input);
            fs::create_dir(&input).unwrap();
            fs::write(input.join("1.dcm"), &one).unwrap();
            fs::copy(root().join("files/nested.dcm"), input.join("2.dcm")).unwrap();
            let run = clean(&input, &out, &key);
            std::thread::sleep(takes * part / 8);
            change(&input.join("1.dcm"), &other);
            let (code, said) = wait(run);
            let case = format!("{name}, {part}: {code:?} {said}");
            let outputs = tree(&out.join("clean"));
            let mut large = outputs.iter().filter(|(_, bytes)| bytes.len() > 100_000);
            match code {
                Some(0) => {
                    assert_eq!(outputs.len(), 2, "{case}");
                    let bytes = &large.next().expect("the large one").1;
                    assert!(wholes.iter().any(|(whole, _)| whole == bytes), "{case}");
                }
                Some(3) => {
                    assert_eq!(outputs.len(), 1, "the other one is done: {case}");
                    assert!(large.next().is_none(), "{case}");
                    failed.insert(name);
                }
                _ => panic!("{case}"),
            }
            let report = fs::read_to_string(out.join("report.json")).unwrap();
            let sum = format!("\"cleaned\": {}", outputs.len());
            assert!(report.contains(&sum), "{case}");
        }
    }
    assert!(failed.len() > 2, "the changes come too late: {failed:?}");
}

/// The names of outputs as a file system has them that knows no case and no decomposed letters.
fn folded(names: &[PathBuf]) -> BTreeSet<String> {
    let fold = |name: &PathBuf| {
        name.to_string_lossy()
            .nfd()
            .collect::<String>()
            .to_lowercase()
    };
    names.iter().map(fold).collect()
}

#[test]
fn keyed_names_stay_apart_where_upper_and_lower_case_are_one() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 400);
    for layout in ["named", "media"] {
        let out = at(layout);
        let output = dcmscrub(&[
            &"clean",
            &at("in"),
            &"-q",
            &"-o",
            &out,
            &"--layout",
            &layout,
            &"--key-file",
            &key,
        ]);
        assert_eq!(output.status.code(), Some(0));
        let names: Vec<PathBuf> = tree(&out.join("clean"))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert!(
            names.len() >= 400 && folded(&names).len() == names.len(),
            "{layout}"
        );
        let plain = |name: &PathBuf| {
            let name = name.to_string_lossy();
            let stem = name.trim_end_matches(".dcm");
            stem.chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '/')
        };
        assert!(
            names.iter().all(plain),
            "one case, no letter beyond ASCII: {layout}"
        );
    }
}

/// Where the file system tells the names apart, so does the output; where it does not, `.ci/faults.py` looks.
#[test]
fn the_shape_of_the_input_keeps_names_that_differ_in_case_only() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    study(&at("pool"), 4);
    let pool: Vec<PathBuf> = tree(&at("pool"))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for (name, from) in ["a/1.dcm", "A/1.dcm", "caf\u{e9}/1.dcm", "cafe\u{301}/1.dcm"]
        .iter()
        .zip(pool)
    {
        let to = at("in").join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(at("pool").join(from), to).unwrap();
    }
    let inputs: Vec<PathBuf> = tree(&at("in")).into_iter().map(|(name, _)| name).collect();
    let output = dcmscrub(&[
        &"clean",
        &at("in"),
        &"-o",
        &at("out"),
        &"--layout",
        &"mirror",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let names: Vec<PathBuf> = tree(&at("out/clean"))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, inputs);
}

#[test]
fn what_cannot_be_read_fails_in_every_shard_and_is_forgotten_once_it_can_be() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    study(&at("in"), 6);
    let list = at("list");
    // a folder that is not there yet, as one of a server that does not answer
    fs::write(
        &list,
        format!("{}\n{}\n", at("in").display(), at("later").display()),
    )
    .unwrap();
    let run = |out: &str, more: &[&str]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"clean", &"--files-from", &list];
        let out = at(out);
        all.extend([
            &"-o" as &dyn AsRef<std::ffi::OsStr>,
            &out,
            &"--key-file",
            &key,
        ]);
        all.extend(more.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
        dcmscrub(&all).status.code()
    };
    for shard in ["1/3", "2/3", "3/3"] {
        assert_eq!(run("shards", &["--shard", shard]), Some(3), "{shard}");
    }
    assert_eq!(run("out", &[]), Some(3));
    study(&at("later"), 3);
    for out in ["out", "fresh"] {
        assert_eq!(run(out, &[]), Some(0), "{out}");
    }
    assert!(
        tree(&at("out")) == tree(&at("fresh")),
        "as if it had always been there"
    );
}

#[test]
fn a_release_or_a_merge_that_was_cut_short_goes_on() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (key, out) = (key(&folder, "k"), at("out"));
    let input = root().join("disc");
    assert_eq!(wait(clean(&input, &out, &key)).0, Some(0));
    let held = tree(&out.join("review"));
    let release = || {
        let ran = dcmscrub(&[
            &"review",
            &out,
            &"--release",
            &"all",
            &"--by",
            &"R",
            &"--why",
            &"seen",
            &"--key-file",
            &key,
        ]);
        ran.status.code()
    };
    assert_eq!(release(), Some(0));
    let whole = tree(&out);
    // as if its last steps had not come about
    for (name, bytes) in held {
        fs::write(out.join("review").join(name), bytes).unwrap();
    }
    fs::remove_file(out.join("report.html")).unwrap();
    File::create(out.join("clean/.dcmscrub-run-x.tmp")).unwrap();
    assert_eq!(release(), Some(0));
    assert!(tree(&out) == whole);

    let both = at("both");
    for shard in ["1/2", "2/2"] {
        let ran = dcmscrub(&[
            &input,
            &"-o",
            &both,
            &"--shard",
            &shard,
            &"--key-file",
            &key,
        ]);
        assert_eq!(ran.status.code(), Some(0));
    }
    let second = both.join("report.journal.2-of-2.jsonl");
    let (journal, time) = (
        fs::read(&second).unwrap(),
        second.metadata().unwrap().modified().unwrap(),
    );
    let merge = || {
        dcmscrub(&[&"report", &"merge", &both, &"--key-file", &key])
            .status
            .code()
    };
    assert_eq!(merge(), Some(0));
    let whole = tree(&both);
    fs::write(&second, &journal).unwrap();
    assert_eq!(
        merge(),
        Some(2),
        "it was run again since, and the other shard was not"
    );
    File::options()
        .write(true)
        .open(&second)
        .unwrap()
        .set_modified(time)
        .unwrap();
    assert_eq!(merge(), Some(0), "it could not be removed");
    assert!(tree(&both) == whole);
}
