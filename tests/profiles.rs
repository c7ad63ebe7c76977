//! Profiles that people read: those of `profiles/` and `examples/profiles/` load and do what they say, and what
//! `docs/profiles.md` says of them is so.

use std::fs;
use std::path::{Path, PathBuf};

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::{Limits, Tag};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine, Plan};
use dcmscrub::profile::{Overrides, ProfileErrors, Ruleset, builtin_names, builtin_text, load};
use dcmscrub::standard::e1_1::{self, ActionCode, ProfileOption};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_object::FileDicomObject;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key};
use crate::fixtures::root;

type Object = FileDicomObject<dicom_object::InMemDicomObject>;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn example(name: &str) -> PathBuf {
    repository("examples/profiles").join(name)
}

fn guide() -> String {
    fs::read_to_string(repository("docs/profiles.md")).unwrap()
}

fn loaded(path: &Path) -> Ruleset {
    load(path.to_str().unwrap(), &Overrides::default()).unwrap()
}

/// A profile as it is written, loaded as the file `site.toml`; what is wrong with it is told without the folder.
fn loaded_text(text: &str) -> Result<Ruleset, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("site.toml");
    fs::write(&path, text).unwrap();
    let told = |errors: ProfileErrors| {
        let folder = format!("{}/", folder.path().display());
        errors.to_string().replace(&folder, "")
    };
    load(path.to_str().unwrap(), &Overrides::default()).map_err(told)
}

/// What a profile makes of a file.
struct Made {
    plan: Plan,
    held_by: Vec<String>,
    bytes: Vec<u8>,
}

impl Made {
    fn of(rules: Ruleset, bytes: Vec<u8>) -> Self {
        let pseudonyms = Pseudonyms::new(&Key::random().unwrap(), "");
        let engine = Engine::new(rules, pseudonyms, Limits::default());
        let source = BytesSource(bytes);
        let plan = engine.plan(&source, Detail::Steps).unwrap();
        let holds = engine.rules().holds();
        Self {
            held_by: plan
                .held_by
                .iter()
                .map(|at| holds[*at].code.to_string())
                .collect(),
            bytes: to_bytes(&plan, &source, engine.limits()).unwrap(),
            plan,
        }
    }

    /// What was announced for an attribute, and the rule.
    fn step(&self, path: &str) -> (&str, &str) {
        let mut steps = self.plan.steps.iter().filter(|step| step.path == path);
        let step = steps
            .next()
            .unwrap_or_else(|| panic!("nothing about {path}"));
        (step.action, &step.rule)
    }

    fn object(&self) -> Object {
        dicom_object::from_reader(self.bytes.as_slice()).unwrap()
    }

    fn text(&self, keyword: &str) -> Option<String> {
        text(&self.object(), keyword)
    }

    fn holds(&self, text: &str) -> bool {
        let windows = &mut self.bytes.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    }
}

fn text(object: &Object, keyword: &str) -> Option<String> {
    let element = object.element_by_name_opt(keyword).unwrap();
    element.map(|element| {
        element
            .to_str()
            .unwrap()
            .trim_end_matches([' ', '\0'])
            .into()
    })
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("files").join(name)).unwrap()
}

/// A fixture with other values at its root.
fn changed(name: &str, values: &[(Tag, VR, &str)]) -> Vec<u8> {
    let mut object: Object = dicom_object::from_reader(fixture(name).as_slice()).unwrap();
    for (tag, vr, value) in values {
        let tag = dicom_core::Tag(tag.group(), tag.element());
        object.put(DataElement::new(tag, *vr, PrimitiveValue::from(*value)));
    }
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).unwrap();
    bytes
}

#[test]
fn every_profile_of_the_repository_loads() {
    let mut seen = 0;
    for folder in ["profiles", "examples/profiles"] {
        for entry in walkdir::WalkDir::new(repository(folder)) {
            let path = entry.unwrap().into_path();
            if path.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            seen += 1;
            let stem = path.file_stem().unwrap().to_str().unwrap();
            // that one may only be asked for by its name
            let name = if stem == "keep-everything" {
                stem
            } else {
                path.to_str().unwrap()
            };
            let rules = load(name, &Overrides::default());
            assert_eq!(rules.unwrap().name(), stem);
        }
    }
    assert_eq!(seen, builtin_names().len() + 1 + 4);
    for name in builtin_names() {
        let rules = load(name, &Overrides::default()).unwrap();
        assert!(rules.claims_basic(), "{name}");
        let stands = ["profiles", "profiles/options"]
            .map(|folder| repository(folder).join(format!("{name}.toml")))
            .iter()
            .any(|path| {
                path.is_file() && fs::read_to_string(path).unwrap() == builtin_text(name).unwrap()
            });
        assert!(stands, "{name} is a file of profiles/");
    }
}

#[test]
fn every_example_is_accepted_by_profile_check_and_claims_what_it_says() {
    for (name, claims) in [
        ("clinic.toml", true),
        ("teaching.toml", true),
        ("pet-trial.toml", true),
        ("overlays.toml", false),
    ] {
        let output = dcmscrub(&[&"profile", &"check", &example(name)]);
        assert!(output.status.success(), "{name}");
        let rules = loaded(&example(name));
        assert_eq!(rules.claims_basic(), claims, "{name}");
        assert!(
            rules.rules().iter().all(|rule| rule.why.is_some()),
            "{name}"
        );
    }
}

#[test]
fn the_clinic_asks_for_a_key_holds_unknown_patients_and_keeps_two_private_elements() {
    let folder = TempDir::new().unwrap();
    let (key, map) = (key(&folder, "k"), folder.path().join("ids.csv"));
    fs::write(&map, "patient_id,pseudonym\nSOMEBODY-ELSE,S-001\n").unwrap();
    let (profile, input) = (example("clinic.toml"), root().join("files/nested.dcm"));
    let out = folder.path().join("out");
    let refused = dcmscrub(&[&"clean", &input, &"-o", &out, &"-p", &profile]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!out.exists());
    let folder_of_one = folder.path().join("in");
    fs::create_dir(&folder_of_one).unwrap();
    fs::copy(&input, folder_of_one.join("1")).unwrap();
    let held = dcmscrub(&[
        &"clean",
        &folder_of_one,
        &"-o",
        &out,
        &"-p",
        &profile,
        &"--key-file",
        &key,
        &"--map",
        &map,
    ]);
    assert_eq!(held.status.code(), Some(0));
    let report = fs::read_to_string(out.join("report.json")).unwrap();
    assert!(report.contains("held-back/unmapped-patient"), "{report}");

    let block = [
        (Tag(0x0019, 0x0010), VR::LO, "ACME SEQUENCE 1.0"),
        (Tag(0x0019, 0x1001), VR::DS, "12.5"),
        (Tag(0x0019, 0x1002), VR::LO, "room of Umbertson"),
        (Tag(0x0021, 0x0010), VR::LO, "ACME SEQUENCE 1.0"),
        (Tag(0x0021, 0x1001), VR::DS, "12.5"),
    ];
    let made = Made::of(loaded(&profile), changed("nested.dcm", &block));
    assert_eq!(made.step("(0019,1001)").0, "keep");
    assert_eq!(
        made.step("(0019,0010)").0,
        "keep",
        "the creator of what stays"
    );
    assert_eq!(made.step("(0019,1002)").0, "remove", "not in the list");
    assert_eq!(made.step("(0021,1001)").0, "remove", "another group");
    assert!(!made.holds("Umbertson"));
    let (action, rule) = made.step("(0008,1010)");
    assert!(action == "hash" && rule.contains("clinic.toml:"), "{rule}");
    assert_eq!(made.text("StationName").unwrap().len(), 16);
}

#[test]
fn a_teaching_file_says_nothing_of_the_house() {
    let made = Made::of(
        loaded(&example("teaching.toml")),
        fixture("structured-report.dcm"),
    );
    assert_eq!(made.text("InstitutionName").unwrap(), "Teaching collection");
    assert_eq!(made.text("StationName").unwrap(), "TEACHING");
    assert_eq!(
        made.text("AccessionNumber").unwrap(),
        "",
        "there, and empty"
    );
    assert_eq!(made.text("PatientComments"), None);
    assert!(
        made.text("StudyDescription")
            .unwrap()
            .starts_with("CT and MR")
    );
    assert!(!made.holds("CANARY-ORG") && !made.holds("CANARY-STN"));
}

#[test]
fn a_trial_keeps_its_uids_names_itself_and_looks_at_pages_without_a_place() {
    let rules = || loaded(&example("pet-trial.toml"));
    let before: Object = dicom_object::from_reader(fixture("nested.dcm").as_slice()).unwrap();
    let made = Made::of(rules(), fixture("nested.dcm"));
    for keyword in ["SOPInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"] {
        assert_eq!(made.text(keyword), text(&before, keyword), "{keyword}");
    }
    assert_eq!(
        made.text("ClinicalTrialProtocolID"),
        None,
        "nothing is added"
    );
    assert!(made.held_by.is_empty());

    let trial = [
        (Tag(0x0008, 0x0060), VR::CS, "PT"),
        (Tag(0x0012, 0x0010), VR::LO, "sponsor of ours"),
        (Tag(0x0012, 0x0020), VR::LO, "protocol of ours"),
        (Tag(0x0012, 0x0040), VR::LO, "subject 12"),
    ];
    let made = Made::of(rules(), changed("overlays.dcm", &trial));
    assert_eq!(
        made.text("ClinicalTrialSponsorName").unwrap(),
        "Example Trials"
    );
    assert_eq!(made.text("ClinicalTrialProtocolID").unwrap(), "EX-2042");
    assert_eq!(made.text("ClinicalTrialSubjectID").unwrap().len(), 16);
    assert!(!made.holds("of ours") && !made.holds("subject 12"));
    assert_eq!(made.held_by, ["pet-summary"]);
    let mut slice = trial.to_vec();
    slice.push((Tag(0x0020, 0x0032), VR::DS, "1\\2\\3"));
    assert!(
        Made::of(rules(), changed("overlays.dcm", &slice))
            .held_by
            .is_empty()
    );
}

#[test]
fn overlays_that_stay_are_looked_at() {
    let made = Made::of(loaded(&example("overlays.toml")), fixture("overlays.dcm"));
    assert_eq!(made.held_by, ["overlay"]);
    for path in ["(6000,3000)", "(601E,3000)", "(6000,0010)", "(6000,0050)"] {
        assert_eq!(made.step(path).0, "keep", "{path}");
    }
    assert!(!made.holds("CANARY-OVERLAY"), "their words are cleaned");
    assert!(
        made.plan
            .steps
            .iter()
            .any(|step| step.path == "(0012,0062)")
    );
    assert_eq!(made.text("PatientIdentityRemoved").unwrap(), "NO");
    let without = Made::of(
        loaded(&example("overlays.toml")),
        fixture("jpeg-comment.dcm"),
    );
    assert!(without.held_by.is_empty());
}

/// The fenced blocks of a page: (words behind the fence, content).
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            out.push((info, inside.map(|line| format!("{line}\n")).collect()));
        }
    }
    out
}

#[test]
fn every_profile_of_the_guide_loads() {
    let page = guide();
    let mut count = 0;
    for (_, block) in blocks(&page).iter().filter(|(info, _)| *info == "toml") {
        count += 1;
        let whole = if block.lines().any(|line| line.starts_with("extends")) {
            block.clone()
        } else {
            format!("extends = \"basic\"\n{block}")
        };
        if let Err(wrong) = loaded_text(&whole) {
            panic!("{whole}\n{wrong}");
        }
    }
    assert!(count >= 8, "{count}");
}

#[test]
fn every_error_of_the_guide_is_what_is_said() {
    let page = guide();
    let blocks = blocks(&page);
    let wrong = blocks.windows(2).filter(|pair| pair[0].0 == "toml wrong");
    let mut count = 0;
    for pair in wrong {
        count += 1;
        assert_eq!(pair[1].0, "text");
        assert_eq!(loaded_text(&pair[0].1).unwrap_err(), pair[1].1.trim_end());
    }
    assert!(count >= 6, "{count}");
}

/// The cells of the lines of a table that begin with a code word.
fn rows(page: &str) -> Vec<Vec<String>> {
    let lines = page.lines().filter(|line| line.starts_with("| `"));
    let cells = |line: &str| -> Vec<String> {
        let inside = line.trim_matches('|').split('|');
        inside
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .collect()
    };
    lines.map(cells).collect()
}

#[test]
fn the_guide_names_every_option_with_its_code() {
    let page = guide();
    let rows = rows(&page);
    for option in ProfileOption::ALL {
        let named = rows
            .iter()
            .filter(|row| row[0] == option.name() && row.len() == 4);
        let codes: Vec<&str> = named.map(|row| row[2].as_str()).collect();
        assert_eq!(codes, [option.code().unwrap().value]);
    }
    for action in [
        "remove",
        "empty",
        "dummy",
        "keep",
        "hash",
        "uid",
        "shift-date",
        "clean",
        "replace",
    ] {
        assert!(rows.iter().any(|row| row[0] == action), "{action}");
    }
}

#[test]
fn two_options_disagree_in_eleven_rows_of_the_table_and_the_date_moves() {
    let mut disagree = 0;
    for row in e1_1::rows() {
        let asked: Vec<(ProfileOption, ActionCode)> = ProfileOption::ALL
            .into_iter()
            .filter_map(|option| row.option(option).map(|code| (option, code)))
            // these two exclude each other
            .filter(|(option, _)| *option != ProfileOption::RetainLongitudinalFullDates)
            .collect();
        if asked.windows(2).all(|pair| pair[0].1 == pair[1].1) {
            continue;
        }
        disagree += 1;
        assert_eq!(
            asked,
            [
                (ProfileOption::RetainDeviceIdentity, ActionCode::K),
                (
                    ProfileOption::RetainLongitudinalModifiedDates,
                    ActionCode::C
                ),
            ]
        );
        let both = Overrides {
            options: asked
                .iter()
                .map(|(option, _)| option.name().to_owned())
                .collect(),
            ..Overrides::default()
        };
        assert_eq!(
            load("basic", &both).unwrap().code_for(row.tag),
            Some(ActionCode::C)
        );
    }
    assert_eq!(disagree, 11);
}

#[test]
fn text_is_cleaned_as_the_guide_shows() {
    let page = guide();
    let from = page.find("| text | what is left |").unwrap();
    let table = page[from..].split("\n\n").next().unwrap();
    let mut count = 0;
    for row in rows(table) {
        count += 1;
        let bytes = changed(
            "nested.dcm",
            &[
                (Tag(0x0010, 0x0010), VR::PN, "Quillfeather^Anna"),
                (Tag(0x0010, 0x0020), VR::LO, "PX-204817"),
                (Tag(0x0010, 0x0030), VR::DA, "19430217"),
                (Tag(0x0010, 0x4000), VR::LT, &row[0]),
            ],
        );
        let rules = load("clean-descriptors", &Overrides::default()).unwrap();
        let made = Made::of(rules, bytes);
        assert_eq!(made.text("PatientComments").unwrap(), row[1], "{}", row[0]);
    }
    assert!(count >= 8, "{count}");
}

#[test]
fn the_most_exact_rule_wins_and_of_two_the_last() {
    let selectors = [
        ("vr = \"SH\"", "empty"),
        ("group = \"0008,xxxx\"", "remove"),
        ("tag = \"StationName\"", "dummy"),
        ("path = \"StationName\"", "hash"),
    ];
    let rule = |(selector, action): &(&str, &str)| {
        format!("[[rule]]\n{selector}\naction = \"{action}\"\n")
    };
    for exact in (0..selectors.len()).rev() {
        // the less exact ones are written last, and do not win by that
        let rules: String = selectors[..=exact].iter().rev().map(rule).collect();
        let profile = format!("extends = \"basic\"\n{rules}");
        let made = Made::of(loaded_text(&profile).unwrap(), fixture("nested.dcm"));
        let (selector, action) = selectors[exact];
        assert_eq!(made.step("(0008,1010)").0, action, "{selector}");
    }
    let child = "extends = \"share\"\n[[rule]]\ntag = \"StudyID\"\naction = \"empty\"\n";
    let made = Made::of(loaded_text(child).unwrap(), fixture("nested.dcm"));
    assert_eq!(
        made.step("(0020,0010)").0,
        "empty",
        "the child's rule, not that of share"
    );
}

#[test]
fn a_profile_that_extends_nothing_holds_nothing_back_and_tells_no_patients_apart() {
    let rules = loaded_text("options = [\"clean-descriptors\"]\n").unwrap();
    let made = Made::of(rules, fixture("private.dcm"));
    assert!(made.held_by.is_empty());
    assert_eq!(made.text("PatientID").unwrap(), "");
    assert_eq!(made.text("PatientName").unwrap(), "");
    let held = Made::of(
        load("basic", &Overrides::default()).unwrap(),
        fixture("private.dcm"),
    );
    assert_eq!(held.held_by, ["ultrasound"]);
}
