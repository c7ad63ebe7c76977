//! What the program tells of rules: `plan` as a table, `explain` for every kind of word, `profile`.

use std::fs;

use tempfile::TempDir;

use crate::clean::dcmscrub;
use crate::fixtures::root;

fn told(args: &[&str]) -> String {
    let all: Vec<&dyn AsRef<std::ffi::OsStr>> = args.iter().map(|a| a as _).collect();
    let output = dcmscrub(&all);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn objects(text: &str) -> Vec<serde_json::Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_plan_reads_as_a_table() {
    let file = root().join("files/nested.dcm");
    let file = file.to_str().unwrap();
    let text = told(&["plan", file]);
    let golden = "\
(0008,1115) SQ ReferencedSeriesSequence                 keep         not listed: sequence
  [0]
    (0008,114A) SQ ReferencedInstanceSequence           keep         not listed: sequence
      [0]
        (0008,1140) SQ ReferencedImageSequence          keep         E.1-1 X/Z/U*
          [0]
            (0008,1150) UI ReferencedSOPClassUID        keep         not listed: names a class
            (0008,1155) UI ReferencedSOPInstanceUID     uid          E.1-1 U
            (0010,0010) PN PatientName                  hash         basic.toml:13: Z allows a dummy value; viewers list patients by name
            (0040,0275) SQ RequestAttributesSequence    remove       E.1-1 X
        (0008,1150) UI ReferencedSOPClassUID            keep         not listed: names a class
        (0008,1155) UI ReferencedSOPInstanceUID         uid          E.1-1 U
    (0020,000E) UI SeriesInstanceUID                    uid          E.1-1 U
";
    assert!(text.contains(golden), "{text}");
    assert!(text.ends_with("\nnot held back\n"), "{text}");
    let sums = text.lines().nth_back(1).unwrap();
    assert_eq!(
        sums,
        "87 data elements: 45 kept, 21 removed, 9 emptied, 9 with another UID, 3 given a code, 4 added"
    );

    let changed = told(&["plan", "--changed", file]);
    assert!(!changed.contains("Modality") && changed.contains("ReferencedSeriesSequence"));
    assert!(
        changed.ends_with(&text[text.find(sums).unwrap()..]),
        "the sums are of all"
    );
    let json = objects(&told(&["plan", "--changed", "--format", "json", file]));
    assert!(
        json.iter()
            .all(|step| step["action"] != "keep" || step["vr"] == "SQ")
    );
    let name = json
        .iter()
        .find(|step| step["path"] == "(0010,0010)")
        .unwrap();
    assert_eq!(name["vr"], "PN");
    assert!(name["why"].as_str().unwrap().starts_with("Z allows"));

    let held = root().join("files/private.dcm");
    let held = told(&["plan", held.to_str().unwrap()]);
    let last = held.lines().last().unwrap();
    assert_eq!(
        last,
        "held back (ultrasound): ultrasound devices often write the name into the picture"
    );
}

#[test]
fn explain_knows_attributes_options_reasons_and_rules_of_the_gate() {
    let one = |word: &str| told(&["explain", word]);
    assert_eq!(
        one("PatientBirthDate"),
        "\
(0010,0030) PatientBirthDate  DA
  profile     basic
  basic       Z
  because     Table E.1-1, Z
  comes to    dummy (Type 1 or 1C)
  comes to    empty (Type 2 or 2C)
  comes to    empty (Type 3)
  comes to    remove (not in the IOD)
  comes to    dummy (SOP Class not known)
"
    );
    assert_eq!(
        one("preamble"),
        "\
preamble  a rule of `dcmscrub check`
  finds       bytes in the preamble
  sure        possible
  why         The 128 bytes in front of a file belong to nobody and may hold anything, another file among it.
  example     the first 128 bytes
"
    );
    let option = one("retain-uids");
    assert!(
        option.starts_with(
            "retain-uids  an option of PS3.15\n  section     E.3.9\n  code        113110 "
        ),
        "{option}"
    );
    assert!(
        option.contains("60 attributes of Table E.1-1: 60 kept"),
        "{option}"
    );
    assert!(
        told(&["explain", "retain-uids", "--option", "retain-uids"])
            .contains("  profile     in force in basic")
    );
    assert!(
        one("ultrasound")
            .contains("  because     ultrasound devices often write the name into the picture")
    );
    // one word, two meanings
    let both = one("document");
    assert!(both.contains("holds a file back") && both.contains("a rule of `dcmscrub check`"));
    let rules = one("rules");
    assert!(rules.lines().count() >= 19, "{rules}");
    for line in rules.lines() {
        let code = line.split(' ').next().unwrap();
        assert!(one(code).contains("a rule of `dcmscrub check`"), "{code}");
    }
    for (word, kind) in [
        ("PatientName", "attribute"),
        ("clean-graphics", "option"),
        ("ultrasound", "hold"),
        ("patient-name", "check-rule"),
        ("rules", "check-rule"),
    ] {
        let json = objects(&told(&["explain", "--format", "json", word]));
        assert!(
            !json.is_empty() && json.iter().all(|one| one["kind"] == kind),
            "{word}"
        );
    }
    for (wrong, right) in [
        ("PatientNam", "PatientName"),
        ("retain-uid", "retain-uids"),
        ("ultrasond", "ultrasound"),
        ("patient-nam", "patient-name"),
        ("rule", "rules"),
    ] {
        let output = dcmscrub(&[&"explain", &wrong]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(&format!("hint: did you mean \"{right}\"?")),
            "{said}"
        );
    }
}

#[test]
fn profiles_are_listed_with_what_they_are_for() {
    let list = told(&["profile", "list"]);
    assert_eq!(
        list.lines().take(2).collect::<Vec<_>>(),
        [
            "basic                               the Basic Profile of DICOM PS3.15, no option",
            "share                               to share with a physician: descriptions cleaned, dates moved, sex and age kept (clean-descriptors, retain-patient-characteristics, retain-longitudinal-modified-dates)",
        ]
    );
    let json = objects(&told(&["profile", "list", "--format", "json"]));
    assert_eq!(json.len(), list.lines().count());
    assert_eq!(json[2]["name"], "research");
    assert_eq!(json[2]["options"].as_array().unwrap().len(), 7);
}

#[test]
fn a_profile_is_shown_as_one_object() {
    let shown = |args: &[&str]| {
        let all = [&["profile", "show", "--format", "json"], args].concat();
        objects(&told(&all)).remove(0)
    };
    let share = shown(&["share"]);
    assert_eq!(share["extends"], "basic");
    assert_eq!(share["unlisted_text"], "clean");
    assert_eq!(share["codes"][0]["value"], "113100");
    assert_eq!(share["rules"].as_array().unwrap().len(), 5);
    let held = share["holds"].as_array().unwrap();
    assert!(
        held.iter()
            .any(|hold| hold["code"] == "ultrasound" && hold["when"][0]["of"] == "sop-class")
    );
    assert!(
        held.iter().all(|hold| hold["code"] != "unmapped-patient"),
        "that is the run's"
    );
    assert_eq!(
        shown(&["basic", "--option", "retain-uids"])["options"][0],
        "retain-uids"
    );
    let clinic = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/profiles/clinic.toml");
    let clinic = shown(&[clinic]);
    assert_eq!(clinic["private"][0]["creator"], "ACME SEQUENCE 1.0");
    assert_eq!(clinic["private"][0]["elements"][0], "01");
    assert_eq!(clinic["key_required"], true);
}

#[test]
fn a_new_profile_passes_the_check_and_nothing_is_written_over() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (site, child) = (at("site.toml"), at("child.toml"));
    told(&["profile", "new", &site, "--extends", "share"]);
    assert_eq!(
        told(&["profile", "check", &site]),
        "site: nothing is wrong with it\n"
    );
    told(&["profile", "new", &child, "--extends", "site.toml"]);
    assert_eq!(
        told(&["profile", "check", &child]),
        "child: nothing is wrong with it\n"
    );
    assert!(told(&["explain", "StationName", "-p", &child]).contains("hash"));
    let before = fs::read(&site).unwrap();
    let again = dcmscrub(&[&"profile", &"new", &site]);
    assert_eq!(again.status.code(), Some(2));
    assert!(fs::read(&site).unwrap() == before);
    let wrong = dcmscrub(&[
        &"profile",
        &"new",
        &at("other.toml"),
        &"--extends",
        &"nothere.toml",
    ]);
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left behind"
    );
}

#[test]
fn a_check_tells_programs_what_is_wrong_and_warns_of_a_profile_that_holds_nothing_back() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("site.toml");
    let file = path.to_str().unwrap();
    fs::write(
        &path,
        "extends = \"basic\"\n\n[[rule]]\ntag = \"PatientNme\"\naction = \"remove\"\n",
    )
    .unwrap();
    let output = dcmscrub(&[&"profile", &"check", &file, &"--format", &"json"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(2), 0));
    let json = objects(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(
        json,
        [
            serde_json::json!({"severity": "error", "file": file, "line": 4, "column": 7,
                "message": "no attribute is called \"PatientNme\"", "hint": "did you mean \"PatientName\"?"}),
            serde_json::json!({"profile": file, "errors": 1, "warnings": 0}),
        ]
    );
    fs::write(&path, "options = [\"retain-uids\"]\n").unwrap();
    let output = dcmscrub(&[&"profile", &"check", &file]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("warning: ")
            && said.contains("holds no file back")
            && said.contains("hint: extends = \"basic\""),
        "{said}"
    );
    let json = objects(&told(&["profile", "check", file, "--format", "json"]));
    assert_eq!(json[0]["severity"], "warning");
    assert_eq!(json[1]["warnings"], 1);
    fs::write(&path, "extends = \"basic\"\n").unwrap();
    let output = dcmscrub(&[&"profile", &"check", &file]);
    assert!(output.status.success() && output.stderr.is_empty());
}
