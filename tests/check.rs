//! The gate: what it finds, what it does not, and what it says. Nothing that it says holds a value.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use dcmscrub::check::rules;
use dcmscrub::dicom::{Tag, Vr};
use serde_json::Value;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key};
use crate::fixtures::{canaries, holds, root};
use crate::options::data::{Item, Node, file, plant, text};

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
/// The person of every planted file, who is in nobody's list of words.
const NAME: &str = "QUILLABERG^VERBORINE";
const NUMBER: &str = "MRN-4711-0815";

/// A file that names nobody.
fn nobody() -> Item {
    let mut item = Item::new();
    for (tag, vr, value) in [
        (Tag(0x0008, 0x0016), Vr::UI, CT),
        (Tag(0x0008, 0x0018), Vr::UI, "2.25.4711"),
        (Tag(0x0008, 0x0060), Vr::CS, "CT"),
        (Tag(0x0010, 0x0010), Vr::PN, "ANONYMOUS"),
        (Tag(0x0010, 0x0020), Vr::LO, "ANON0001"),
        (Tag(0x0020, 0x000D), Vr::UI, "2.25.1"),
        (Tag(0x0020, 0x000E), Vr::UI, "2.25.2"),
    ] {
        item.insert(tag, text(vr, value));
    }
    item
}

/// The same of a person.
fn somebody() -> Item {
    let mut item = nobody();
    item.insert(Tag(0x0010, 0x0010), text(Vr::PN, NAME));
    item.insert(Tag(0x0010, 0x0020), text(Vr::LO, NUMBER));
    item
}

fn with(mut item: Item, path: &[Tag], tag: Tag, node: Node) -> Vec<u8> {
    plant(&mut item, path, tag, node);
    file(CT, &item)
}

fn check(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"check"];
    all.extend(arguments);
    dcmscrub(&all)
}

/// What is found in a folder, as (path below it, rule, element).
fn found(folder: &Path) -> BTreeSet<(String, String, String)> {
    let output = check(&[&folder, &"--format", &"json", &"--no-config"]);
    let out = String::from_utf8(output.stdout).unwrap();
    let objects = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects
        .filter(|object| object["type"] == "finding")
        .map(|object| {
            let word = |key: &str| object[key].as_str().unwrap().to_owned();
            let path = word("path");
            let below = Path::new(&path).strip_prefix(folder).unwrap();
            (
                below.to_string_lossy().into_owned(),
                word("rule"),
                word("element"),
            )
        })
        .collect()
}

#[test]
fn identity_is_found_wherever_it_stands() {
    let private = |value: &str| {
        let mut item = somebody();
        item.insert(Tag(0x0029, 0x0010), text(Vr::LO, "A MAKER"));
        item.insert(Tag(0x0029, 0x1020), text(Vr::LT, value));
        file(CT, &item)
    };
    let mut preamble = file(CT, &nobody());
    preamble[..5].copy_from_slice(b"QUILL");
    let mut in_meta = file(CT, &nobody());
    let behind = 132 + 12 + usize::from(in_meta[140]);
    let title = dcmscrub::dicom::element::encode(
        dcmscrub::dicom::element::Encoding::ExplicitLe,
        Tag(2, 0x16),
        Vr::AE,
        b"QUILLA_PACS ",
    );
    in_meta.splice(behind..behind, title.unwrap());
    let pdf = b"%PDF-1.4\n<</Author (Somebody Else)>>\n%%EOF\n".to_vec();
    let content = [Tag(0x0040, 0xA730)];
    let rows: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        (
            "name.dcm",
            file(CT, &somebody()),
            "patient-name",
            "(0010,0010)",
        ),
        ("number", file(CT, &somebody()), "patient-id", "(0010,0020)"),
        (
            "birth.dcm",
            with(nobody(), &[], Tag(0x0010, 0x0030), text(Vr::DA, "19430217")),
            "birth-date",
            "(0010,0030)",
        ),
        (
            "mother.dcm",
            with(nobody(), &[], Tag(0x0010, 0x1060), text(Vr::PN, "QUILLA")),
            "patient-name",
            "(0010,1060)",
        ),
        (
            "doctor.dcm",
            with(
                nobody(),
                &[],
                Tag(0x0008, 0x0090),
                text(Vr::PN, "VERBOR^DR"),
            ),
            "other-person",
            "(0008,0090)",
        ),
        (
            "sr.dcm",
            with(
                nobody(),
                &content,
                Tag(0x0040, 0xA123),
                text(Vr::PN, "VERBOR"),
            ),
            "other-person",
            "(0040,A730)[0].(0040,A123)",
        ),
        (
            "sr-text.dcm",
            with(
                somebody(),
                &content,
                Tag(0x0040, 0xA160),
                text(Vr::UT, "Findings of Quillaberg: none"),
            ),
            "known-value",
            "(0040,A730)[0].(0040,A160)",
        ),
        (
            "sr-shape.dcm",
            with(
                nobody(),
                &content,
                Tag(0x0040, 0xA160),
                text(Vr::UT, "please call +44 1632 960101"),
            ),
            "text",
            "(0040,A730)[0].(0040,A160)",
        ),
        (
            "sr-url.dcm",
            with(
                nobody(),
                &content,
                Tag(0x0040, 0xA160),
                text(Vr::UT, "stored at http://pacs01/view?x=1"),
            ),
            "text",
            "(0040,A730)[0].(0040,A160)",
        ),
        (
            "phone.dcm",
            with(
                nobody(),
                &[],
                Tag(0x0010, 0x2154),
                text(Vr::SH, "01632 960101"),
            ),
            "contact",
            "(0010,2154)",
        ),
        (
            "order.dcm",
            with(nobody(), &[], Tag(0x0008, 0x0050), text(Vr::SH, "A4711")),
            "order-number",
            "(0008,0050)",
        ),
        (
            "hospital.dcm",
            with(
                nobody(),
                &[],
                Tag(0x0008, 0x0080),
                text(Vr::LO, "St. Quilla"),
            ),
            "institution",
            "(0008,0080)",
        ),
        (
            "device.dcm",
            with(nobody(), &[], Tag(0x0018, 0x1000), text(Vr::LO, "SN4711")),
            "device",
            "(0018,1000)",
        ),
        (
            "date.dcm",
            with(nobody(), &[], Tag(0x0008, 0x0020), text(Vr::DA, "20240131")),
            "date",
            "(0008,0020)",
        ),
        (
            "uid.dcm",
            with(
                nobody(),
                &[],
                Tag(0x0020, 0x0052),
                text(Vr::UI, "1.3.12.2.1107.5.1"),
            ),
            "uid",
            "(0020,0052)",
        ),
        (
            "series.dcm",
            with(nobody(), &[], Tag(0x0008, 0x103E), text(Vr::LO, "AX T1")),
            "description",
            "(0008,103E)",
        ),
        (
            "known.dcm",
            with(
                somebody(),
                &[],
                Tag(0x0008, 0x103E),
                text(Vr::LO, "AX T1 Quillaberg"),
            ),
            "known-value",
            "(0008,103E)",
        ),
        (
            "folded.dcm",
            with(
                somebody(),
                &[],
                Tag(0x0008, 0x103E),
                text(Vr::LO, "see 47110815 mrn47110815"),
            ),
            "known-value",
            "(0008,103E)",
        ),
        ("private.dcm", private("nothing"), "private", "(0029,1020)"),
        (
            "in-private.dcm",
            private("Verborine"),
            "known-value",
            "(0029,1020)",
        ),
        ("preamble.dcm", preamble, "preamble", "preamble"),
        ("meta.dcm", in_meta, "file-meta", "(0002,0016)"),
        (
            "pdf.dcm",
            with(nobody(), &[], Tag(0x0042, 0x0011), Node::Leaf(Vr::OB, pdf)),
            "document",
            "(0042,0011)",
        ),
        (
            "quillaberg_1.dcm",
            file(CT, &somebody()),
            "known-path",
            "file name",
        ),
        (
            "MRN-4711-0815/a.dcm",
            file(CT, &somebody()),
            "known-path",
            "file name",
        ),
        (
            "deep.dcm",
            with(
                nobody(),
                &[Tag(0x0008, 0x1140), Tag(0x0040, 0xA170)],
                Tag(0x0010, 0x0010),
                text(Vr::PN, NAME),
            ),
            "patient-name",
            "(0008,1140)[0].(0040,A170)[0].(0010,0010)",
        ),
    ];
    let folder = TempDir::new().unwrap();
    for (name, bytes, ..) in &rows {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let found = found(folder.path());
    for (name, _, rule, element) in &rows {
        let expected = (
            (*name).to_owned(),
            (*rule).to_owned(),
            (*element).to_owned(),
        );
        let of_file: Vec<_> = found.iter().filter(|(path, ..)| path == name).collect();
        assert!(
            found.contains(&expected),
            "{expected:?} is not among {of_file:?}"
        );
    }
    let met: BTreeSet<&str> = rows.iter().map(|(_, _, rule, _)| *rule).collect();
    let all: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.code).collect();
    let of_pixels = BTreeSet::from(["pixel-comment"]);
    assert_eq!(
        &all - &met,
        of_pixels,
        "each rule is tried, that of pixels with the fixtures"
    );
}

#[test]
fn the_fixtures_are_full_of_people_and_nothing_that_is_said_names_one() {
    let canaries = canaries();
    for format in ["text", "json", "github", "sarif", "junit"] {
        let output = check(&[&root(), &"--format", &format, &"--no-config"]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let mut said = output.stdout;
        said.extend(output.stderr);
        // paths of the input may be said, and one of them has a name in it on purpose
        let said = String::from_utf8(said)
            .unwrap()
            .replace("REPORT CANARY-PN-01.PDF", "")
            .to_lowercase();
        let wrong = canaries
            .iter()
            .find(|canary| canary.len() > 6 && holds(said.as_bytes(), canary));
        assert_eq!(wrong, None, "{format}");
    }
    let found = found(root());
    let of_pixels = |(path, rule, _): &&(String, String, String)| {
        path.ends_with("jpeg-comment.dcm") && (rule == "pixel-comment" || rule == "known-value")
    };
    assert!(found.iter().any(|one| of_pixels(&one)), "{found:?}");
    assert!(
        found
            .iter()
            .any(|(path, rule, _)| path == "disc/DICOMDIR" && rule == "patient-name")
    );
    for entry in crate::fixtures::tree(root())
        .keys()
        .filter(|path| crate::fixtures::is_instance(path))
    {
        assert!(
            found.iter().any(|(path, ..)| path == entry),
            "nothing in {entry}"
        );
    }
}

#[test]
fn the_outputs_of_every_profile_have_nothing_in_them() {
    let folder = TempDir::new().unwrap();
    let key = key(&folder, "key");
    for profile in ["basic", "share", "research"] {
        for layout in ["named", "media"] {
            let out = folder.path().join(format!("{profile}-{layout}"));
            dcmscrub(&[
                &"clean",
                &root(),
                &"-o",
                &out,
                &"-p",
                &profile,
                &"--layout",
                &layout,
                &"--key-file",
                &key,
                &"-q",
            ]);
            assert_eq!(found(&out), BTreeSet::new(), "{profile} {layout}");
            let output = check(&[&out]);
            assert_eq!(output.status.code(), Some(0), "{profile} {layout}");
        }
    }
}

#[test]
fn pseudonyms_of_a_list_stand_for_nobody() {
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("ids.csv");
    std::fs::write(&list, "patient_id,pseudonym\nCANARY-ID-0001,TRIAL-OAK\n").unwrap();
    let key = key(&folder, "key");
    for layout in ["named", "media"] {
        let out = folder.path().join(layout);
        let disc = root().join("disc");
        dcmscrub(&[
            &"clean",
            &disc,
            &"-o",
            &out,
            &"--map",
            &list,
            &"--unmapped",
            &"derive",
            &"--layout",
            &layout,
            &"--key-file",
            &key,
        ]);
        let clean = out.join("clean");
        assert!(
            crate::clean::tree(&clean)
                .iter()
                .any(|(_, bytes)| bytes.windows(9).any(|w| w == b"TRIAL-OAK"))
        );
        assert_eq!(found(&out), BTreeSet::new(), "{layout}");
    }
    let mut item = nobody();
    item.insert(Tag(0x0010, 0x0010), text(Vr::PN, "TRIAL-OAK"));
    item.insert(Tag(0x0010, 0x0020), text(Vr::LO, "TRIAL-OAK"));
    let of_letters = |item: Item| {
        with(
            item,
            &[],
            Tag(0x0020, 0x0010),
            text(Vr::SH, "BCDFGHJKMNPQRSTV"),
        )
    };
    let mut cleaned = nobody();
    let method = [Tag(0x0012, 0x0064)];
    plant(
        &mut cleaned,
        &method,
        Tag(0x0008, 0x0100),
        text(Vr::SH, "113100"),
    );
    let letters = folder.path().join("letters");
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(letters.join("a.dcm"), of_letters(cleaned)).unwrap();
    assert_eq!(
        found(&letters),
        BTreeSet::new(),
        "a code of letters alone, in a file that was cleaned"
    );
    std::fs::write(letters.join("a.dcm"), of_letters(nobody())).unwrap();
    assert_eq!(found(&letters).len(), 1);
    let plain = folder.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    std::fs::write(plain.join("a.dcm"), file(CT, &item)).unwrap();
    assert!(
        !found(&plain).is_empty(),
        "a file that does not say that it was cleaned"
    );
}

#[test]
fn what_git_ignores_is_passed_over_and_named_files_are_not() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("out")).unwrap();
    std::fs::write(path("out/a.dcm"), file(CT, &somebody())).unwrap();
    std::fs::write(path("b.txt"), "no DICOM").unwrap();
    std::fs::write(path(".gitignore"), "out\n").unwrap();
    let code = |arguments: &[&dyn AsRef<std::ffi::OsStr>]| check(arguments).status.code();
    assert_eq!(
        code(&[&folder.path()]),
        Some(3),
        "nothing to look at is not nothing found"
    );
    assert_eq!(code(&[&folder.path(), &"--no-ignore"]), Some(1));
    assert_eq!(
        code(&[&folder.path(), &"--no-ignore", &"--exit-zero"]),
        Some(0)
    );
    assert_eq!(code(&[&path("out/a.dcm")]), Some(1));
    assert_eq!(code(&[&path("gone")]), Some(2));
    assert_eq!(code(&[]), Some(2));
    let list = path("list");
    std::fs::write(
        &list,
        format!(
            "{}\0{}\0",
            path("b.txt").display(),
            path("out/a.dcm").display()
        ),
    )
    .unwrap();
    assert_eq!(code(&[&"--files-from", &list, &"-0"]), Some(1));
    std::fs::write(&list, format!("{}\n", path("b.txt").display())).unwrap();
    assert_eq!(
        code(&[&"--files-from", &list]),
        Some(0),
        "a hook is called with whatever changed"
    );
    std::fs::write(&list, format!("{}\n", path("gone").display())).unwrap();
    assert_eq!(code(&[&"--files-from", &list]), Some(3));
}

#[test]
fn an_archive_is_looked_into() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("disc.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let how = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [
        ("Quillaberg/1", file(CT, &somebody())),
        ("readme", b"text".to_vec()),
    ] {
        archive.start_file(name, how).unwrap();
        std::io::Write::write_all(&mut archive, &bytes).unwrap();
    }
    archive.finish().unwrap();
    let found = found(folder.path());
    let rules: BTreeSet<&str> = found.iter().map(|(_, rule, _)| rule.as_str()).collect();
    assert_eq!(
        rules,
        BTreeSet::from(["patient-name", "patient-id", "known-path"]),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .all(|(path, ..)| path == "disc.zip!/Quillaberg/1")
    );
}

#[test]
fn a_damaged_file_tells_what_stands_in_front_and_is_no_clean_one() {
    let folder = TempDir::new().unwrap();
    let mut bytes = with(
        somebody(),
        &[],
        Tag(0x0028, 0x2000),
        Node::Leaf(Vr::OB, vec![1; 400]),
    );
    bytes.truncate(bytes.len() - 100);
    std::fs::write(folder.path().join("a.dcm"), &bytes).unwrap();
    assert!(
        found(folder.path())
            .iter()
            .any(|(_, rule, _)| rule == "patient-name")
    );
    let output = check(&[&folder.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("beyond the end"));
    let mut bytes = with(
        nobody(),
        &[],
        Tag(0x0028, 0x2000),
        Node::Leaf(Vr::OB, vec![1; 400]),
    );
    bytes.truncate(bytes.len() - 100);
    std::fs::write(folder.path().join("a.dcm"), &bytes).unwrap();
    assert_eq!(check(&[&folder.path()]).status.code(), Some(3));
    for (format, word) in [
        ("json", "\"failure\""),
        ("github", "::error file="),
        ("sarif", "toolExecutionNotifications"),
        ("junit", "<error"),
    ] {
        let output = check(&[&folder.path(), &"--format", &format]);
        assert_eq!(output.status.code(), Some(3), "{format}");
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(word),
            "{format}"
        );
    }
}

#[test]
fn a_configuration_and_a_baseline_let_stay_what_they_name_and_no_more() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("data")).unwrap();
    std::fs::write(path("data/a.dcm"), file(CT, &somebody())).unwrap();
    let code = |arguments: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"check"];
        all.extend(arguments);
        dcmscrub(&all).status.code()
    };
    let (data, config, list) = (path("data"), path(".dcmscrub.toml"), path("known.json"));
    let allow = |rule: &str| {
        format!("[[check.allow]]\nrule = \"{rule}\"\npath = \"data/*.dcm\"\nwhy = \"a phantom\"\n")
    };
    std::fs::write(&config, allow("patient-name")).unwrap();
    assert_eq!(code(&[&data]), Some(1), "the number is left");
    std::fs::write(&config, allow("patient-name") + &allow("patient-id")).unwrap();
    assert_eq!(code(&[&data]), Some(0));
    assert_eq!(code(&[&data, &"--no-config"]), Some(1));
    std::fs::write(&config, "[check]\nignorre = []\n").unwrap();
    assert_eq!(
        code(&[&data]),
        Some(2),
        "what is not understood makes nothing lenient"
    );
    std::fs::remove_file(&config).unwrap();

    let key = key(&folder, "key");
    assert_eq!(
        code(&[&data, &"--baseline", &list]),
        Some(2),
        "there is none yet"
    );
    for with_key in [false, true] {
        let run = |update: bool| {
            let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&data, &"--baseline", &list];
            if with_key {
                all.extend::<[&dyn AsRef<std::ffi::OsStr>; 2]>([&"--key-file", &key]);
            }
            if update {
                all.push(&"--update-baseline");
            }
            code(&all)
        };
        std::fs::write(data.join("a.dcm"), file(CT, &somebody())).unwrap();
        let _gone = std::fs::remove_file(&list);
        assert_eq!(run(true), Some(0));
        assert_eq!(run(false), Some(0), "all of it is known");
        let written = std::fs::read_to_string(&list).unwrap();
        assert!(
            !written.contains("a.dcm")
                && !written.contains("QUILLABERG")
                && !written.contains("4711-0815")
        );
        std::fs::write(
            data.join("a.dcm"),
            with(
                somebody(),
                &[],
                Tag(0x0010, 0x0030),
                text(Vr::DA, "19430217"),
            ),
        )
        .unwrap();
        assert_eq!(run(false), Some(1), "another file in its place");
    }
    assert_eq!(
        code(&[&data, &"--baseline", &list]),
        Some(2),
        "a list of a key without the key"
    );
}

#[test]
fn what_is_staged_is_looked_at_whatever_the_working_tree_has() {
    let folder = TempDir::new().unwrap();
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .current_dir(folder.path())
            .args(arguments)
            .output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    let staged = || {
        let mut command = assert_cmd::Command::cargo_bin("dcmscrub").unwrap();
        command
            .env_remove("DCMSCRUB_KEY_FILE")
            .current_dir(folder.path());
        command.args(["check", "--staged"]).output().unwrap()
    };
    if Command::new("git").arg("--version").output().is_err() {
        return;
    }
    assert_eq!(staged().status.code(), Some(2), "no working tree");
    git(&["init", "-q"]);
    let path = folder.path().join("a.dcm");
    std::fs::write(&path, file(CT, &somebody())).unwrap();
    assert_eq!(staged().status.code(), Some(0), "nothing is staged");
    git(&["add", "a.dcm"]);
    std::fs::write(&path, file(CT, &nobody())).unwrap();
    let output = staged();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("a.dcm: certain patient-name"));
    git(&["add", "a.dcm"]);
    assert_eq!(staged().status.code(), Some(0));
}

#[test]
fn the_forms_for_programs_are_what_their_standards_ask_for() {
    let schema = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/sarif-2.1.0.schema.json"
    ))
    .unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // its pattern of languages has a bracket too many, and is no regular expression
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        assert!(
            language
                .as_object_mut()
                .unwrap()
                .remove("pattern")
                .is_some()
        );
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let output = check(&[&root(), &"--format", &"sarif", &"--no-config"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = "bad".into();
    assert!(!validator.is_valid(&broken), "the schema is looked at");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let json = found(root());
    assert_eq!(results.len(), json.len(), "one for each finding");

    let output = check(&[&root(), &"--format", &"junit", &"--no-config"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let files: BTreeSet<&String> = json.iter().map(|(path, ..)| path).collect();
    assert_eq!(
        text.matches("<failure").count() + text.matches("<error").count(),
        files.len()
    );
    assert!(text.starts_with("<?xml") && text.trim_end().ends_with("</testsuites>"));

    let output = check(&[&root(), &"--format", &"github", &"--no-config"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let annotations = text.lines().filter(|line| line.starts_with("::"));
    assert_eq!(annotations.count(), json.len());
}

#[test]
fn only_what_is_sure_enough_is_told() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("a.dcm"),
        with(nobody(), &[], Tag(0x0008, 0x0020), text(Vr::DA, "20240131")),
    )
    .unwrap();
    let code = |how: &str| {
        check(&[&folder.path(), &"--min-confidence", &how])
            .status
            .code()
    };
    assert_eq!(
        [code("possible"), code("likely"), code("certain")],
        [Some(1), Some(0), Some(0)]
    );
}

/// docs/check.md has the table of the code.
#[test]
fn the_page_about_rules_is_the_table_of_rules() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/check.md")).unwrap();
    let rows = rules::ALL.iter().map(|rule| {
        format!(
            "| `{}` | {} | {} | {} | {} |",
            rule.code,
            rule.confidence.name(),
            rule.title,
            rule.rationale,
            rule.example
        )
    });
    let table = rows.collect::<Vec<_>>().join("\n");
    assert!(page.contains(&table), "docs/check.md has to have\n{table}");
}
