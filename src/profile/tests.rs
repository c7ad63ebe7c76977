use super::*;

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn write(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}

fn rules(options: &[&str]) -> Ruleset {
    let overrides = Overrides {
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        rules: Vec::new(),
        unmapped: None,
    };
    load("basic", &overrides).unwrap()
}

fn from_text(text: &str) -> Result<Ruleset, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.toml");
    write(&path, text).unwrap();
    load(path.to_str().unwrap(), &Overrides::default())
        .map_err(|e| e.to_string().replace(path.to_str().unwrap(), "site.toml"))
}

#[test]
fn basic_gives_the_letters_of_the_table() {
    let basic = rules(&[]);
    for row in e1_1::single_rows() {
        assert_eq!(basic.code_for(row.tag), Some(row.basic), "{}", row.keyword);
    }
    assert_eq!(basic.code_for(Tag(0x0028, 0x0010)), None);
    assert_eq!(basic.code_for(Tag(0x6002, 0x3000)), Some(ActionCode::X));
    assert!(basic.claims_basic());
    assert_eq!(basic.method_codes()[0].value, "113100");
}

#[test]
fn every_option_gives_its_letters() {
    for option in ProfileOption::ALL {
        let ruleset = rules(&[option.name()]);
        for row in e1_1::single_rows() {
            assert_eq!(
                ruleset.code_for(row.tag),
                Some(row.option(option).unwrap_or(row.basic)),
                "{option:?} {}",
                row.keyword
            );
        }
    }
}

#[test]
fn of_two_options_that_differ_the_more_protective_one_counts() {
    let both = rules(&[
        "retain-device-identity",
        "retain-longitudinal-modified-dates",
    ]);
    let differ = e1_1::single_rows().iter().filter(|row| {
        row.option(ProfileOption::RetainDeviceIdentity) == Some(ActionCode::K)
            && row.option(ProfileOption::RetainLongitudinalModifiedDates) == Some(ActionCode::C)
    });
    assert_eq!(
        differ
            .inspect(|row| assert_eq!(both.code_for(row.tag), Some(ActionCode::C)))
            .count(),
        11
    );
}

#[test]
fn the_more_exact_rule_wins_and_the_command_line_over_all() {
    let text = "extends = \"basic\"\n[[rule]]\nvr = \"SH\"\naction = \"remove\"\n[[rule]]\ntag = \"StationName\"\naction = \"hash\"\n\
                [[rule]]\npath = \"RequestAttributesSequence.StationName\"\naction = \"empty\"\n[[rule]]\ngroup = \"60xx\"\naction = \"keep\"\n";
    let ruleset = from_text(text).unwrap();
    let station = Tag(0x0008, 0x1010);
    let at = |path: &[Tag], tag, vr| {
        ruleset
            .rule_for(&Place {
                path,
                tag,
                vr,
                creator: None,
            })
            .map(|rule| rule.action.clone())
    };
    assert_eq!(
        at(&[], station, Vr::SH),
        Some(RuleAction::Hash { of_patient: false })
    );
    assert_eq!(
        at(&[Tag(0x0040, 0x0275)], station, Vr::SH),
        Some(RuleAction::Empty)
    );
    assert_eq!(
        at(&[], Tag(0x0008, 0x0050), Vr::SH),
        Some(RuleAction::Remove)
    );
    assert_eq!(at(&[], Tag(0x6010, 0x0010), Vr::US), Some(RuleAction::Keep));
    assert!(!ruleset.claims_basic());
    let overrides = Overrides {
        options: Vec::new(),
        rules: vec![
            ("keep", "StationName".into(), String::new()),
            ("remove", "0008,1010".into(), String::new()),
        ],
        unmapped: None,
    };
    let ruleset = load("basic", &overrides).unwrap();
    assert_eq!(
        ruleset
            .rule_for(&Place {
                path: &[],
                tag: station,
                vr: Vr::SH,
                creator: None
            })
            .unwrap()
            .action,
        RuleAction::Remove
    );
}

#[test]
fn tags_are_read_in_every_form() {
    for text in ["PatientName", "0010,0010", "(0010,0010)", "00100010"] {
        assert_eq!(parse_tag(text), Some(Tag(0x0010, 0x0010)), "{text}");
    }
    for text in [
        "",
        "PatientNam",
        "0010",
        "0010,001",
        "+010,0010",
        "0010-0010",
        "é0100010",
    ] {
        assert_eq!(parse_tag(text), None, "{text}");
    }
}

#[test]
fn an_error_shows_the_line_and_what_to_write() {
    let error =
        from_text("extends = \"basic\"\n\n[[rule]]\ntag = \"PatientNme\"\naction = \"remove\"\n")
            .unwrap_err();
    assert_eq!(
        error,
        "site.toml:4:7: no attribute is called \"PatientNme\"\n  |\n4 | tag = \"PatientNme\"\n  |       ^^^^^^^^^^^^\nhint: did you mean \"PatientName\"?"
    );
}

#[test]
fn what_cannot_be_meant_is_an_error() {
    let rule = |body: &str| format!("extends = \"basic\"\n[[rule]]\n{body}\n");
    let rows = [
        ("colour = 1\n".to_owned(), "unknown field"),
        ("options = [\"retain-uid\"]\n".to_owned(), "did you mean \"retain-uids\"?"),
        ("options = [\"retain-longitudinal-full-dates\", \"retain-longitudinal-modified-dates\"]\n".to_owned(), "exclude each other"),
        ("key = \"require\"\n".to_owned(), "did you mean \"required\"?"),
        ("extends = \"basics\"\n".to_owned(), "did you mean \"basic\"?"),
        ("extends = \"site.toml\"\n".to_owned(), "circle"),
        ("[unlisted]\ntext = \"drop\"\n".to_owned(), "keep, clean or remove"),
        ("[private]\nkeep = [{ creator = \"A\", elements = [\"1\"] }]\n".to_owned(), "two hexadecimal digits"),
        ("[private]\nkeep = [{ creator = \"A\", group = \"0010\", elements = [\"10\"] }]\n".to_owned(), "odd"),
        ("keep-everything = true\n".to_owned(), "own proofs"),
        (rule("tag = \"PatientName\"\nvr = \"PN\"\naction = \"remove\""), "one of tag, group"),
        (rule("action = \"remove\""), "one of tag, group"),
        (rule("tag = \"PatientName\"\naction = \"erase\""), "no action is called"),
        (rule("tag = \"StudyDate\"\naction = \"hash\""), "cannot hold"),
        (rule("tag = \"PatientName\"\naction = \"shift-date\""), "cannot hold"),
        (rule("tag = \"PatientName\"\naction = \"uid\""), "cannot hold"),
        (rule("tag = \"StudyDate\"\naction = \"clean\""), "cannot hold"),
        (rule("tag = \"StationName\"\naction = \"replace\""), "needs the new text"),
        (rule("tag = \"StationName\"\naction = \"replace\"\nwith = \"longer than sixteen\""), "cannot hold"),
        (rule("tag = \"StudyDate\"\naction = \"replace\"\nwith = \"today\""), "cannot hold"),
        (rule("tag = \"StationName\"\naction = \"remove\"\nwith = \"x\""), "goes with replace"),
        (rule("tag = \"StationName\"\naction = \"remove\"\nof = \"patient\""), "goes with hash"),
        (rule("vr = \"XX\"\naction = \"remove\""), "no VR is called"),
        (rule("group = \"6\"\naction = \"remove\""), "no group pattern"),
        (rule("group = \"60xx\"\naction = \"uid\""), "needs one attribute"),
        (rule("path = \"PatientName.PatientID\"\naction = \"remove\""), "is no sequence"),
        (rule("tag = \"0002,0016\"\naction = \"keep\""), "can never match"),
        (rule("tag = \"StationName\"\naction = \"remove\"\n[[rule]]\ntag = \"0008,1010\"\naction = \"keep\""), "already"),
        (rule("creator = \"ACME\"\nelement = \"1010\"\naction = \"keep\""), "two hexadecimal digits"),
        (rule("tag = \"StationName\"\nelement = \"10\"\naction = \"keep\""), "goes with creator"),
        ("[[rule]\n".to_owned(), "site.toml:1"),
    ];
    for (text, part) in rows {
        let error = from_text(&text).expect_err(&text);
        assert!(error.contains(part), "{text}\n{error}");
    }
}

#[test]
fn private_elements_stay_by_list_and_by_option() {
    let text = "extends = \"basic\"\n[private]\nkeep = [{ creator = \"SIEMENS MR HEADER\", group = \"0051\", elements = [\"0c\"] }]\n";
    let ruleset = from_text(text).unwrap();
    assert!(ruleset.keeps_private("SIEMENS MR HEADER", 0x0051, 0x0C));
    assert!(!ruleset.keeps_private("SIEMENS MR HEADER", 0x0051, 0x0D));
    assert!(!ruleset.claims_basic());
    let option = rules(&["retain-safe-private"]);
    let listed = &crate::standard::safe_private::rows()[0];
    assert!(option.keeps_private(listed.creator, listed.group, listed.low));
    assert!(
        option.claims_basic()
            && !rules(&[]).keeps_private(listed.creator, listed.group, listed.low)
    );
}
