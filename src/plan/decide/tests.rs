use super::*;
use crate::dicom::element::Encoding;
use crate::profile::{Overrides, load, load_text};

fn element(tag: Tag, vr: Vr) -> Element {
    Element {
        tag,
        vr,
        encoding: Encoding::ExplicitLe,
        at: 0,
        length_at: 4,
        length_size: 4,
        value_at: 8,
        length: Some(0),
        overruns: false,
        reserved_used: false,
    }
}

fn standing(lettered_curves: &BTreeSet<u16>) -> Standing<'_> {
    Standing {
        presence: Presence::UnknownIod,
        has_document: false,
        path: &[],
        creator: None,
        declared: None,
        block_kept: false,
        is_dicomdir: false,
        lettered_curves,
        lists_references: false,
    }
}

fn decided(rules: &Ruleset, tag: Tag, vr: Vr, change: impl FnOnce(&mut Standing<'_>)) -> String {
    let none = BTreeSet::new();
    let mut at = standing(&none);
    change(&mut at);
    format!("{:?}", decide(rules, &element(tag, vr), &at).decision)
}

fn rules(profile: &str) -> Ruleset {
    load(profile, &Overrides::default()).unwrap()
}

#[test]
fn what_no_output_may_carry_goes_whatever_the_profile_keeps() {
    let keeping = load_text(
        "keeping.toml",
        "extends = \"basic\"\n[[rule]]\nvr = \"UL\"\naction = \"keep\"\nwhy = \"a test\"\n",
        &Overrides::default(),
    )
    .unwrap();
    for (group, number) in [
        (0x0000, 0x0002),
        (0x0001, 0x0010),
        (0x0002, 0x0010),
        (0x0003, 0x0010),
        (0x0004, 0x1500),
        (0x0005, 0x0010),
        (0x0007, 0x0010),
        (0x0008, 0x0000),
        (0x0010, 0x0000),
        (0x0029, 0x0000),
        (0xFFFC, 0xFFFC),
        (0xFFFE, 0x1234),
        (0xFFFF, 0xFFFF),
    ] {
        let decision = decided(&keeping, Tag(group, number), Vr::UL, |_| {});
        assert_eq!(decision, "Remove", "({group:04X},{number:04X})");
    }
    // the rule does keep what may be carried, and a DICOMDIR has its group
    let offset = Tag(0x0004, 0x1400);
    assert_eq!(
        decided(&keeping, offset, Vr::UL, |at| at.is_dicomdir = true),
        "Keep"
    );
    assert_eq!(
        decided(&keeping, Tag(0x0018, 0x6030), Vr::UL, |_| {}),
        "Keep"
    );
}

#[test]
fn cleaning_comes_to_what_the_vr_allows() {
    for (tag, vr, expected) in [
        (Tag(0x0008, 0x0201), Vr::SH, None),
        (Tag(0x0008, 0x0020), Vr::DA, Some(Decision::ShiftDate)),
        (Tag(0x0008, 0x002A), Vr::DT, Some(Decision::ShiftDate)),
        (Tag(0x0008, 0x0030), Vr::TM, Some(Decision::Keep)),
        (Tag(0x0040, 0x0275), Vr::SQ, Some(Decision::Keep)),
        (Tag(0x0040, 0xA043), Vr::CS, Some(Decision::Keep)),
        (Tag(0x0040, 0x0241), Vr::AE, Some(Decision::Clean)),
        (Tag(0x0040, 0xA123), Vr::PN, Some(Decision::Clean)),
        (Tag(0x0040, 0xA160), Vr::UT, Some(Decision::Clean)),
        (Tag(0x6000, 0x3000), Vr::OW, None),
        (Tag(0x0029, 0x1010), Vr::UN, None),
        (Tag(0x5000, 0x3000), Vr::OW, Some(Decision::Keep)),
        (Tag(0x50FE, 0x3000), Vr::OB, Some(Decision::Keep)),
        (Tag(0x5000, 0x0005), Vr::US, Some(Decision::Keep)),
        (Tag(0x0028, 0x0010), Vr::US, None),
    ] {
        assert_eq!(cleaned(tag, vr), expected, "{tag} {vr:?}");
    }
}

#[test]
fn uids_and_dates_follow_the_options() {
    let (basic, share, research, uids) = (
        rules("basic"),
        rules("share"),
        rules("research"),
        rules("retain-uids"),
    );
    let class = Tag(0x0008, 0x1150);
    let unlisted = Tag(0x0028, 0x0304);
    for (rules, tag, expected) in [
        (&basic, class, "ClassUid"),
        (&uids, class, "ClassUid"),
        (&basic, unlisted, "Uid"),
        (&uids, unlisted, "ClassUid"),
        (&research, unlisted, "Uid"),
    ] {
        let decision = decided(rules, tag, Vr::UI, |_| {});
        assert_eq!(decision, expected, "{tag} {}", rules.name());
    }
    let private = Tag(0x0029, 0x1010);
    for (rules, vr, expected) in [
        (&basic, Vr::UI, "Remove"),
        (&research, Vr::UI, "Uid"),
        (&research, Vr::DA, "ShiftDate"),
        (&research, Vr::DT, "ShiftDate"),
        (&research, Vr::TM, "Keep"),
        (&share, Vr::DA, "Remove"),
    ] {
        let safe = |at: &mut Standing<'_>| at.declared = Some(Declared::Safe);
        let decision = decided(rules, private, vr, |at| {
            at.creator = Some("ACME");
            safe(at);
        });
        assert_eq!(decision, expected, "{vr:?} {}", rules.name());
    }
    // the study's date
    let date = Tag(0x0008, 0x0020);
    assert_eq!(decided(&share, date, Vr::DA, |_| {}), "ShiftDate");
    assert!(keeps_identifier(&uids, Tag(0x0020, 0x000D)));
    assert!(keeps_identifier(&uids, unlisted));
    // it is replaced under every option, and as a value it may be one that stays
    let uid = Tag(0x0040, 0xA124);
    assert_eq!(decided(&uids, uid, Vr::UI, |_| {}), "Uid");
    assert!(keeps_identifier(&uids, uid) && !keeps_identifier(&basic, uid));
    assert!(keeps_identifier(&basic, class));
    assert!(!keeps_identifier(&basic, unlisted));
    assert!(!keeps_identifier(&share, date));
    assert!(!keeps_identifier(&basic, Tag(0x0010, 0x0010)));
}
