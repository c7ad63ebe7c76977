//! Private sequences and private encapsulated data that a profile keeps: they stay with their creators, what stands in them is
//! decided as everywhere, and `verify` and `check` accept what comes out.

use std::fs;
use std::path::Path;

use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{Limits, Tag, part10};
use tempfile::TempDir;

use crate::clean::{dcmscrub, key, tree};
use crate::fixtures::dicom::{Syntax, data_set, part10 as written};
use crate::fixtures::inflated;

/// The creator of a block of Table E.3.10-1 with sequences in it, and one of nobody's table.
const LISTED: &str = "Philips Imaging DD 001";
const OWN: &str = "ACME SEQUENCE 1.0";

/// How a sequence is written (the head of its line in a fixture).
const FORMS: [&str; 4] = ["SQ", "SQ=", "UN SQ", "UN= SQ"];

const BY_RULE: &str = "extends = \"basic\"
[[rule]]
creator = \"ACME SEQUENCE 1.0\"
element = \"5f\"
action  = \"keep\"
";
/// The rule is about all that the creator has, so that its other elements stay too.
const BY_WHOLE_RULE: &str = "extends = \"basic\"
[[rule]]
creator = \"ACME SEQUENCE 1.0\"
action  = \"keep\"
";
const BY_LIST: &str = "extends = \"basic\"
options = [\"retain-safe-private\"]
[private]
keep = [{ creator = \"ACME SEQUENCE 1.0\", elements = [\"5f\", \"4f\", \"50\"] }]
";

/// An instance with a private sequence at its root, one in a sequence of the standard, and one in each of both.
fn instance(creator: &str, form: &str) -> String {
    let (vr, rest) = form.split_once(' ').unwrap_or((form, ""));
    let mut text = String::from(
        "0008,0016 UI 1.2.840.10008.5.1.4.1.1.4
         0008,0018 UI 1.2.999.1.1.1.1
         0008,0060 CS MR
         0008,0080 LO Verborine Clinic
         0010,0010 PN Quillfeather^Anna
         0010,0020 LO QX-471108
         0020,000D UI 1.2.999.1.1
         0020,000E UI 1.2.999.1.1.1
         0018,9346 SQ
         >item
        ",
    );
    let block = |depth: &str| {
        format!(
            "{depth}2001,0010 LO {creator}
             {depth}2001,0011 LO OTHER
             {depth}2001,115F {vr} {rest}
             {depth}>item
             {depth}>0008,0070 LO of another block
             {depth}2001,105F {vr} {rest}
             {depth}>item
             {depth}>0008,0070 LO Lumen
             {depth}>0008,1030 LO knee of Quillfeather
             {depth}>0010,0010 PN Quillfeather^Anna
             {depth}>0008,0104 LO knee of Quillfeather
             {depth}>0020,000D UI 1.2.999.1.1
             {depth}>0029,0010 LO ACME
             {depth}>0029,1001 LO by Quillfeather
             {depth}>2001,0010 LO {creator}
             {depth}>2001,100D LO unlisted
             {depth}>2001,104F FD 1.5
             {depth}>2001,1050 LO by Quillfeather
             {depth}>2001,105F {vr} {rest}
             {depth}>>item
             {depth}>>0008,0070 LO Lumen
             {depth}>>0010,0030 DA 19610203
             {depth}>>2001,100D LO without its creator
             {depth}>item
             {depth}>0008,0070 LO Lumen
            "
        )
    };
    text.push_str(&block(">"));
    text.push_str(&block(""));
    text
}

fn file(text: &str, syntax: Syntax) -> Vec<u8> {
    written("", "", &data_set(&[text]).unwrap(), syntax).unwrap()
}

/// Every data element of a file, as `2001105F.0008.0070`-like paths with its value; `[` stands behind sequences.
fn elements(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let limits = Limits::default();
    let part10 = part10::open(&BytesSource(bytes.to_vec()), &limits).unwrap();
    let (source, at) = if part10.deflated {
        (BytesSource(inflated(bytes)), 0)
    } else {
        (BytesSource(bytes.to_vec()), part10.data_set_at)
    };
    let mut walker = Walker::new(&source, part10.encoding, at, limits);
    let mut all = Vec::new();
    let name = |tag: Tag| format!("{:04X}{:04X}", tag.group(), tag.element());
    while let Some(event) = walker.next_event().unwrap() {
        let path: String = walker
            .path()
            .iter()
            .map(|step| format!("{}[{}].", name(step.sequence), step.item))
            .collect();
        match event {
            Event::Element(element) => {
                let value = walker.value(&element).unwrap().to_vec();
                let value = value.strip_suffix(b" ").unwrap_or(&value).to_vec();
                all.push((path + &name(element.tag), value));
            }
            Event::SequenceStart(element) | Event::FragmentsStart(element) => {
                all.push((format!("{path}{}[", name(element.tag)), Vec::new()));
            }
            Event::Fragment(fragment) => {
                all.push(("fragment".into(), walker.value(&fragment).unwrap().to_vec()));
            }
            _ => {}
        }
    }
    all
}

/// What a profile makes of files: their outputs in order. `verify`, against the input, and `check` find nothing in them.
fn cleaned(files: &[Vec<u8>], profile: &str, is_quiet: bool) -> Vec<Vec<u8>> {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (input, out, links, key) = (at("in"), at("out"), at("links.csv"), key(&folder, "key"));
    fs::create_dir(&input).unwrap();
    for (index, file) in files.iter().enumerate() {
        fs::write(input.join(format!("{index:02}")), file).unwrap();
    }
    let toml = at("site.toml");
    let profile: &Path = if profile.contains('\n') {
        fs::write(&toml, profile).unwrap();
        &toml
    } else {
        profile.as_ref()
    };
    let args: [&dyn AsRef<std::ffi::OsStr>; 10] = [
        &"clean",
        &input,
        &"-o",
        &out,
        &"-p",
        &profile,
        &"--key-file",
        &key,
        &"--links",
        &links,
    ];
    let run = dcmscrub(&args);
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(0), "{told}");
    let args: [&dyn AsRef<std::ffi::OsStr>; 10] = [
        &"verify",
        &out,
        &"--profile",
        &profile,
        &"--key-file",
        &key,
        &"--against",
        &input,
        &"--links",
        &links,
    ];
    let run = dcmscrub(&args);
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(0), "{told}");
    if is_quiet {
        let run = dcmscrub(&[&"check", &out, &"--no-config"]);
        let told = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(run.status.code(), Some(0), "{told}");
    }
    let mut rows: Vec<(String, Vec<u8>)> = csv::Reader::from_path(&links)
        .unwrap()
        .records()
        .map(Result::unwrap)
        .map(|row| (row[0].to_owned(), fs::read(&row[1]).unwrap()))
        .collect();
    rows.sort();
    for (_, bytes) in tree(&out) {
        let mut lower = bytes.to_ascii_lowercase();
        lower.extend(inflated(&bytes).to_ascii_lowercase());
        for planted in ["quillfeather", "471108", "19610203", "1.2.999", "verborine"] {
            let found = lower
                .windows(planted.len())
                .any(|w| w == planted.as_bytes());
            assert!(!found, "{planted} is left");
        }
    }
    rows.into_iter().map(|(_, bytes)| bytes).collect()
}

/// Each form of a sequence in each syntax that has it.
fn in_all_forms(creator: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (name, syntax) in [
        ("explicit", Syntax::Explicit),
        ("implicit", Syntax::Implicit),
        ("deflated", Syntax::Deflated),
        ("big", Syntax::Big),
    ] {
        for form in FORMS {
            if name == "big" && form.starts_with("UN") {
                continue;
            }
            // of one instance there is one file
            let text =
                instance(creator, form).replace(".1.1.1.1", &format!(".1.1.1.{}", all.len()));
            all.push((format!("{name} {form}"), file(&text, syntax)));
        }
    }
    all
}

/// The paths below one private sequence with its creator, each with what stands there; an empty text stands for anything.
fn expected(around: &str, keeps: &[&str], inside: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for tag in keeps {
        all.push((format!("{around}{tag}"), String::new()));
    }
    for (path, value) in inside {
        all.push((format!("{around}2001105F[0].{path}"), (*value).to_owned()));
    }
    all.push((format!("{around}2001105F[1].00080070"), "Lumen".to_owned()));
    all
}

fn assert_private(case: &str, output: &[u8], inside: &[(&str, &str)], stays: bool) {
    let found = elements(output);
    for around in ["", "00189346[0]."] {
        let prefix = format!("{around}2001");
        let wanted = if stays {
            expected(around, &["20010010", "2001105F["], inside)
        } else {
            Vec::new()
        };
        let below: Vec<(&str, String)> = found
            .iter()
            .filter(|(path, _)| path.starts_with(&prefix))
            .map(|(path, value)| (path.as_str(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        let paths: Vec<&str> = below.iter().map(|(path, _)| *path).collect();
        let wanted_paths: Vec<&str> = wanted.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, wanted_paths, "{case}");
        for ((path, value), (_, wanted)) in below.iter().zip(&wanted) {
            assert!(
                wanted.is_empty() || value == wanted,
                "{case}: {path}: {value}"
            );
        }
    }
}

/// What is left in the first item where the sequence stays, and nothing else of its creator.
const ALONE: [(&str, &str); 6] = [
    ("00080070", "Lumen"),
    ("00080104", "knee"),
    ("00100010", ""),
    ("0020000D", ""),
    ("20010010", ""),
    ("2001105F[", ""),
];

fn with_nested(first: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut all = first.to_vec();
    all.push(("2001105F[0].00080070", "Lumen"));
    all
}

#[test]
fn a_private_sequence_of_the_table_stays_in_every_form_and_what_is_in_it_is_decided() {
    let files = in_all_forms(LISTED);
    let bytes: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
    let mut inside = ALONE.to_vec();
    inside.insert(5, ("2001104F", ""));
    let inside = with_nested(&inside);
    let outputs = cleaned(&bytes, "retain-safe-private", true);
    for ((case, _), output) in files.iter().zip(&outputs) {
        assert_private(case, output, &inside, true);
    }
    for (profile, creator) in [("basic", LISTED), ("retain-safe-private", OWN)] {
        let files = in_all_forms(creator);
        let bytes: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
        for ((case, _), output) in files.iter().zip(&cleaned(&bytes, profile, true)) {
            assert_private(case, output, &[], false);
        }
    }
}

#[test]
fn a_private_sequence_that_a_rule_or_a_list_keeps_stays_with_its_creator() {
    let files = in_all_forms(OWN);
    let bytes: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
    let mut listed = ALONE.to_vec();
    listed.insert(5, ("2001104F", ""));
    let mut whole = listed.clone();
    whole.insert(5, ("2001100D", "unlisted"));
    for (profile, inside, is_quiet) in [
        (BY_RULE, ALONE.to_vec(), false),
        (BY_WHOLE_RULE, whole, false),
        // the output says by which option private data elements stay, and the gate holds it to that
        (BY_LIST, listed, true),
    ] {
        let outputs = cleaned(&bytes, profile, is_quiet);
        for ((case, _), output) in files.iter().zip(&outputs) {
            assert_private(case, output, &with_nested(&inside), true);
        }
    }
}

/// What a plan announces is what is done: the sequence and its creator stay, with the reason.
#[test]
fn the_plan_says_why_a_private_sequence_stays() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("in");
    for form in FORMS {
        fs::write(&input, file(&instance(LISTED, form), Syntax::Explicit)).unwrap();
        let args: [&dyn AsRef<std::ffi::OsStr>; 6] = [
            &"plan",
            &input,
            &"--option",
            &"retain-safe-private",
            &"--format",
            &"json",
        ];
        let run = dcmscrub(&args);
        let out = String::from_utf8(run.stdout).unwrap();
        let steps: Vec<serde_json::Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for (path, action) in [
            ("(2001,0010)", "keep"),
            ("(2001,0011)", "remove"),
            ("(2001,105F)", "keep"),
            ("(2001,115F)", "remove"),
            ("(2001,105F)[0].(0029,0010)", "remove"),
            ("(2001,105F)[0].(2001,1050)", "remove"),
            ("(2001,105F)[0].(2001,105F)", "keep"),
            ("(2001,105F)[0].(2001,105F)[0].(0010,0030)", "remove"),
        ] {
            let step = steps.iter().find(|step| step["path"] == path);
            let told = step.unwrap_or_else(|| panic!("{form}: nothing about {path}"));
            assert_eq!(told["action"], action, "{form}: {path}");
        }
        let kept = steps.iter().find(|step| step["path"] == "(2001,105F)");
        let rule = kept.unwrap()["rule"].as_str().unwrap();
        assert!(rule.starts_with("private: kept private"), "{rule}");
    }
}

/// Private encapsulated data as bytes in explicit VR: (7FD1,1010) of undefined length, an empty first item and one fragment.
fn encapsulated(fragment: &[u8]) -> Vec<u8> {
    let mut bytes = b"\xD1\x7F\x10\x10OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\0\0\0\0".to_vec();
    bytes.extend(b"\xFE\xFF\0\xE0");
    bytes.extend(u32::try_from(fragment.len()).unwrap().to_le_bytes());
    bytes.extend(fragment);
    bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    bytes
}

/// An instance with private encapsulated data at its root and in an item.
fn with_encapsulated(creator: &str, fragment: &[u8], uid: usize) -> Vec<u8> {
    let text = format!(
        "0008,0016 UI 1.2.840.10008.5.1.4.1.1.4
         0008,0018 UI 1.2.999.1.1.1.{uid}
         0008,0060 CS MR
         0010,0010 PN Quillfeather^Anna
         0010,0020 LO QX-471108
         0018,9346 SQ
         >item
         >7FD1,0010 LO {creator}
         7FD1,0010 LO {creator}"
    );
    let mut bytes = file(&text, Syntax::Explicit);
    // behind each creator, the inner one first: its item has no length
    let creator_at: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(b"\xD1\x7F\x10\0LO"))
        .collect();
    for at in creator_at.into_iter().rev() {
        let behind = at + 8 + creator.len().next_multiple_of(2);
        bytes.splice(behind..behind, encapsulated(fragment));
    }
    bytes
}

#[test]
fn private_encapsulated_data_stay_by_table_and_rule_and_go_where_they_identify() {
    const ULTRASOUND: &str = "SIEMENS Ultrasound SC2000";
    let rule = BY_WHOLE_RULE.replace(OWN, "ACME STREAM");
    let named = b"\x01\x02 of QUILLFEATHER, A.";
    for (profile, creator, stays) in [
        ("retain-safe-private", ULTRASOUND, true),
        (rule.as_str(), "ACME STREAM", true),
        ("retain-safe-private", "ACME STREAM", false),
        ("basic", ULTRASOUND, false),
    ] {
        let files = [
            with_encapsulated(creator, b"\x01\x02\x03\x04", 1),
            with_encapsulated(creator, named, 2),
        ];
        let outputs = cleaned(&files, profile, !stays || creator == ULTRASOUND);
        for (index, output) in outputs.iter().enumerate() {
            let found = elements(output);
            let count = |wanted: &str| {
                let ends = |(path, _): &&(String, Vec<u8>)| path.ends_with(wanted);
                found.iter().filter(ends).count()
            };
            let expected = if stays && index == 0 { 2 } else { 0 };
            assert_eq!(count("7FD11010["), expected, "{profile} {creator} {index}");
            assert_eq!(count("7FD10010"), expected, "{profile} {creator} {index}");
            let fragments = found.iter().filter(|(path, _)| path == "fragment");
            let kept = fragments.filter(|(_, value)| value == b"\x01\x02\x03\x04");
            assert_eq!(kept.count(), expected, "{profile} {creator} {index}");
        }
    }
}
