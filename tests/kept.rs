//! What a profile keeps stays, though an attribute that goes has the same value; any other identifier in it is found.

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::Limits;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine, Plan};
use dcmscrub::profile::{Overrides, load};
use dicom_object::{FileDicomObject, InMemDicomObject};

use crate::fixtures::dicom::{Syntax, data_set, part10};

const PERSON: &str = "0008,0016 UI 1.2.840.10008.5.1.4.1.1.4
    0008,0018 UI 1.2.999.1.1.1.1
    0008,0060 CS MR
    0010,0010 PN Quillfeather^Anna
    0010,0020 LO QX-471108
    0010,0030 DA 19610203
    0020,000D UI 1.2.999.1.1
    0020,000E UI 1.2.999.1.1.1";

/// What a profile with these rules makes of a person's file with these data elements: the plan, and the output, which the last
/// look has let pass.
struct Made {
    plan: Plan,
    object: FileDicomObject<InMemDicomObject>,
}

fn made(profile: &str, options: &[&str], keep: &[&str], elements: &str) -> Made {
    let overrides = Overrides {
        options: options.iter().map(|name| (*name).to_owned()).collect(),
        rules: keep
            .iter()
            .map(|tag| ("keep", (*tag).to_owned(), String::new()))
            .collect(),
        unmapped: None,
    };
    let rules = load(profile, &overrides).unwrap();
    let pseudonyms = Pseudonyms::new(&Key::random().unwrap(), "");
    let engine = Engine::new(rules, pseudonyms, Limits::default());
    let bytes = data_set(&[PERSON, elements]).unwrap();
    let source = BytesSource(part10("", "", &bytes, Syntax::Explicit).unwrap());
    let plan = engine.plan(&source, Detail::Steps).unwrap();
    let bytes = to_bytes(&plan, &source, engine.limits()).unwrap();
    Made {
        plan,
        object: dicom_object::from_reader(bytes.as_slice()).unwrap(),
    }
}

impl Made {
    fn text(&self, keyword: &str) -> Option<String> {
        let element = self.object.element_by_name_opt(keyword).unwrap();
        element.map(|element| element.to_str().unwrap().trim_end().to_owned())
    }

    fn action(&self, keyword: &str) -> &'static str {
        let mut steps = self.plan.steps.iter();
        steps.find(|step| step.keyword == keyword).unwrap().action
    }
}

/// Attributes that are kept, data elements of the file, and values of the output.
type Row<'r> = (&'r [&'r str], &'r str, &'r [(&'r str, &'r str)]);

#[test]
fn what_a_rule_keeps_stays_though_an_attribute_that_goes_has_the_same_value() {
    let rows: &[Row<'_>] = &[
        (
            &["StationName"],
            "0008,1010 SH PACS01
             0040,0242 SH PACS01",
            &[("StationName", "PACS01")],
        ),
        (
            &["StudyDate", "InstitutionName"],
            "0008,0020 DA 20190304
             0008,0022 DA 20190304
             0008,0080 LO Verborine Clinic
             0008,1040 LO Verborine Clinic",
            &[
                ("StudyDate", "20190304"),
                ("InstitutionName", "Verborine Clinic"),
            ],
        ),
        (
            &["AcquisitionDateTime"],
            "0008,0020 DA 20190304
             0008,002A DT 20190304101530.5",
            &[("AcquisitionDateTime", "20190304101530.5")],
        ),
        (
            &["PatientID"],
            "0010,0010 PN QX-471108
             0020,0010 SH QX-471108
             0008,0050 SH QX471108",
            &[("PatientID", "QX-471108")],
        ),
        (
            &["PatientName"],
            "0010,1001 PN Quillfeather^Anna",
            &[("PatientName", "Quillfeather^Anna")],
        ),
        (
            &["StudyInstanceUID"],
            "0040,A124 UI 1.2.999.1.1",
            &[("StudyInstanceUID", "1.2.999.1.1")],
        ),
        (
            &["OperatorsName"],
            "0008,1070 PN Verbor^Q\\Halvorsen^I
             0008,1050 PN Halvorsen^I",
            &[("OperatorsName", "Verbor^Q\\Halvorsen^I")],
        ),
    ];
    for (keep, elements, expected) in rows {
        let made = made("basic", &[], keep, elements);
        for (keyword, value) in *expected {
            assert_eq!(made.text(keyword).as_deref(), Some(*value), "{keep:?}");
            assert_eq!(made.action(keyword), "keep", "{keep:?}");
        }
    }
}

/// The value is no secret where the rule keeps it, and is one everywhere else.
#[test]
fn what_stays_in_one_place_is_cut_in_all_others() {
    let elements = "0008,1010 SH PACS01
         0008,1030 LO knee at PACS01 for Quillfeather
         0008,0055 AE PACS01
         0018,1020 LO v7
         0040,0242 SH PACS01";
    let made = made("share", &[], &["StationName"], elements);
    assert_eq!(made.text("StationName").unwrap(), "PACS01");
    assert_eq!(made.text("StudyDescription").unwrap(), "knee");
    for text in ["PACS01", "Quillfeather", "QX-471108"] {
        let hit = made.plan.known.strong_hits(text.as_bytes()).next();
        assert!(hit.is_some(), "the last look searches for {text}");
    }
}

#[test]
fn another_identifier_in_what_a_rule_keeps_is_cut_and_the_plan_says_so() {
    let rows: &[(&str, &str, &str, &str)] = &[
        (
            "InstitutionName",
            "0008,0080 LO Clinic of Verborine
             0008,0090 PN Verborine^Q",
            "Clinic",
            "clean",
        ),
        (
            "StudyDescription",
            "0008,1030 LO knee of Quillfeather",
            "knee",
            "clean",
        ),
        // what is left of a number would be another one
        (
            "AccessionNumber",
            "0008,0020 DA 20190304
             0008,0050 SH RX-20190304",
            "",
            "empty",
        ),
        ("PatientID", "0010,0020 LO Quillfeather-7", "", "empty"),
        // these are no identifiers, whatever stands in them
        (
            "StudyDescription",
            "0008,1030 LO Quillfeather^Anna",
            "",
            "empty",
        ),
        (
            "PatientWeight",
            "0010,0020 LO 471108
             0010,1030 DS 471108",
            "",
            "empty",
        ),
        (
            "StationName",
            "0008,1010 SH Quillfeather
             0040,0242 SH PACS01",
            "",
            "empty",
        ),
        ("OperatorsName", "0008,1070 PN Quillfeather^Q", "", "empty"),
    ];
    for (keep, elements, expected, action) in rows {
        let made = made("basic", &[], &[keep], elements);
        assert_eq!(made.text(keep).as_deref(), Some(*expected), "{keep}");
        assert_eq!(made.action(keep), *action, "{keep}");
    }
}

#[test]
fn what_an_option_keeps_stays_but_no_name_and_no_number_of_the_person() {
    let rows: &[(&str, &str, &str, &str)] = &[
        (
            "retain-longitudinal-full-dates",
            "0008,0020 DA 19610203",
            "StudyDate",
            "19610203",
        ),
        (
            "retain-device-identity",
            "0008,1010 SH PACS01
             0008,0055 AE PACS01
             0040,1011 SH PACS01",
            "StationName",
            "PACS01",
        ),
        (
            "retain-institution-identity",
            "0008,0080 LO Quillfeather^Anna",
            "InstitutionName",
            "",
        ),
        (
            "retain-device-identity",
            "0018,1000 LO QX-471108",
            "DeviceSerialNumber",
            "",
        ),
    ];
    for (option, elements, keyword, expected) in rows {
        let made = made("basic", &[option], &[], elements);
        assert_eq!(made.text(keyword).as_deref(), Some(*expected), "{option}");
        assert_ne!(made.text("PatientBirthDate").as_deref(), Some("19610203"));
    }
}

#[test]
fn text_that_is_not_listed_and_kept_is_cut_where_it_names_somebody() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("site.toml");
    let profile = "extends = \"basic\"\n[unlisted]\ntext = \"keep\"\n";
    std::fs::write(&path, profile).unwrap();
    let elements = "0008,0070 LO Lumen for Quillfeather
         0018,1020 LO Quillfeather\\7.1";
    let made = made(path.to_str().unwrap(), &[], &[], elements);
    assert_eq!(made.text("Manufacturer").unwrap(), "Lumen");
    assert_eq!(made.text("SoftwareVersions").unwrap(), "\\7.1");
}
