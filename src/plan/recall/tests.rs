//! Each comparison that decides whether something is recalled: what differs in one part alone is not the same.

use std::collections::BTreeSet;

use super::*;
use crate::identity::known::{KnownIdentifiers, KnownIdentifiersBuilder};
use crate::profile::{Overrides, load};
use crate::standard::iod;

const KEEP: Verdict<'static> = Verdict {
    decision: Decision::Keep,
    why: Why::Enclosing,
};

fn key() -> Key {
    Key {
        iod: 1,
        node: Some(iod::root()),
        tag: tags::STUDY_DESCRIPTION,
        vr: Vr::LO,
        lists_references: false,
    }
}

/// Another tag of the same slots.
fn beside(tag: Tag) -> Tag {
    (0..=u16::MAX)
        .map(|element| Tag(tag.group(), element))
        .find(|other| *other != tag && slots(*other, 0) == slots(tag, 0))
        .unwrap()
}

fn known(values: &[(Kind, &str)]) -> KnownIdentifiers {
    let mut builder = KnownIdentifiersBuilder::default();
    for (kind, text) in values {
        builder.add(*kind, text.as_bytes(), text);
    }
    builder.build()
}

fn context() -> Context {
    Context {
        sop_class: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        study: "1.2.999.1".to_owned(),
        patient_id: "QX-0815".to_owned(),
        issuer: "CLINIC".to_owned(),
        patient_code: "CODE".to_owned(),
        patient_name: "QUILLON^ANNA".to_owned(),
        known: known(&[(Kind::Name, "QUILLON^ANNA")]),
        ..Context::of_nothing()
    }
}

/// A recall that has met this instance, and knows the place.
fn recall(context: &Context) -> Recall {
    let mut recall = Recall::of(0);
    recall.meet(context);
    recall.keep(key(), Vr::LO, Presence::UnknownIod, &KEEP);
    recall
}

const LATIN: &[u8] = b"ISO_IR 100";
const VALUE: &[u8] = b"knee, see 1.2.999.7";

fn keep_value(recall: &mut Recall, key: &Key, context: &Context) {
    if let Some(slot) = recall.find(key)
        && recall.begin(slot, VALUE, context)
    {
        recall.give_back(slot, &CharacterSet::parse(LATIN), Becomes::Gone);
    }
}

/// What is lent, given back at once.
fn became(recall: &mut Recall, key: &Key, value: &[u8], context: &Context) -> Option<Becomes> {
    let slot = recall.find(key)?;
    let charset = CharacterSet::parse(LATIN);
    let became = recall.lend(slot, value, &charset, context)?;
    recall.give_back(slot, &charset, became.clone());
    Some(became)
}

#[test]
fn a_place_is_found_by_all_of_its_key() {
    let mut recall = recall(&context());
    let slot = recall.find(&key()).unwrap();
    assert_eq!(recall.place(slot).unwrap().key, key());
    let others = [
        Key { iod: 2, ..key() },
        Key {
            node: None,
            ..key()
        },
        Key {
            tag: beside(key().tag),
            ..key()
        },
        Key {
            vr: Vr::UN,
            ..key()
        },
        Key {
            lists_references: true,
            ..key()
        },
    ];
    for other in others {
        // where the next one is expected, and by the slots
        for next in [0, 1] {
            recall.next = next;
            assert_eq!(recall.find(&other), None, "{other:?}");
        }
        recall.next = 0;
        assert_eq!(recall.find(&key()), Some(slot));
        recall.next = 7;
        assert_eq!(recall.find(&key()), Some(slot));
    }
}

#[test]
fn nothing_is_recalled_of_what_was_never_met() {
    let mut recall = recall(&context());
    let nowhere = Key {
        iod: 0,
        node: None,
        tag: Tag(0, 0),
        vr: Vr::UN,
        lists_references: false,
    };
    assert_eq!(recall.find(&nowhere), None);
    let rules = load("share", &Overrides::default()).unwrap();
    assert!(recall.wanted(&rules, tags::PATIENT_ID).is_some());
    let group_length = Wanted::of(&rules, nowhere.tag);
    let recalled = recall.wanted(&rules, nowhere.tag);
    assert_eq!(format!("{recalled:?}"), format!("{group_length:?}"));
}

#[test]
fn a_value_is_the_same_in_all_of_its_bytes_and_in_its_character_set() {
    let context = context();
    let mut recall = recall(&context);
    assert_eq!(became(&mut recall, &key(), b"", &context), None);
    keep_value(&mut recall, &key(), &context);
    assert_eq!(
        became(&mut recall, &key(), VALUE, &context),
        Some(Becomes::Gone)
    );
    for other in [
        b"knee, see 1.2.999.8".as_slice(),
        b"knee, see 1.2.999.",
        b"",
    ] {
        assert_eq!(became(&mut recall, &key(), other, &context), None);
    }
    for set in ["ISO_IR 144", "\\ISO 2022 IR 100", "unknown"] {
        let charset = CharacterSet::parse(set.as_bytes());
        let slot = recall.find(&key()).unwrap();
        let became = recall.lend(slot, VALUE, &charset, &context);
        assert_eq!(became, None, "{set}");
    }
}

#[test]
fn a_value_is_of_its_place() {
    let context = context();
    let other = Key { iod: 2, ..key() };
    let mut recall = recall(&context);
    keep_value(&mut recall, &other, &context);
    assert_eq!(
        became(&mut recall, &key(), VALUE, &context),
        None,
        "of another"
    );
    keep_value(&mut recall, &key(), &context);
    assert_eq!(
        became(&mut recall, &other, VALUE, &context),
        None,
        "not kept"
    );
    recall.keep(other, Vr::LO, Presence::UnknownIod, &KEEP);
    assert_eq!(
        became(&mut recall, &other, VALUE, &context),
        None,
        "of before"
    );
}

#[test]
fn a_value_is_of_one_person_and_of_one_study_and_class() {
    type Change = (&'static str, fn(&mut Context));
    let changes: [Change; 7] = [
        ("known", |other| {
            other.known = known(&[(Kind::Name, "VERBOR^ANNA")]);
        }),
        ("patient_id", |other| other.patient_id.push('X')),
        ("issuer", |other| other.issuer.push('X')),
        ("patient_name", |other| other.patient_name.push('X')),
        ("patient_code", |other| other.patient_code.push('X')),
        ("study", |other| other.study.push('1')),
        ("sop_class", |other| other.sop_class.push('1')),
    ];
    for (what, change) in changes {
        let (one, mut other) = (context(), context());
        change(&mut other);
        let mut recall = recall(&one);
        keep_value(&mut recall, &key(), &one);
        recall.meet(&context());
        assert_eq!(
            became(&mut recall, &key(), VALUE, &one),
            Some(Becomes::Gone),
            "{what}: the next file"
        );
        recall.meet(&other);
        assert_eq!(became(&mut recall, &key(), VALUE, &other), None, "{what}");
    }
}

#[test]
fn a_value_with_a_uid_that_is_known_is_decided_anew() {
    let (without, mut with) = (context(), context());
    with.known = known(&[(Kind::Name, "QUILLON^ANNA"), (Kind::Uid, "1.2.999.7")]);
    // UIDs are another file's in every file, and make nobody another person
    assert_eq!(with.known.number(), without.known.number());
    let mut kept = recall(&without);
    keep_value(&mut kept, &key(), &without);
    assert_eq!(became(&mut kept, &key(), VALUE, &with), None);
    assert_eq!(
        became(&mut kept, &key(), VALUE, &without),
        Some(Becomes::Gone)
    );
    let mut kept = recall(&with);
    keep_value(&mut kept, &key(), &with);
    assert_eq!(became(&mut kept, &key(), VALUE, &without), None);
}

#[test]
fn what_holds_an_instance_back_is_of_its_facts() {
    let rules = load("share", &Overrides::default()).unwrap();
    let mut recall = Recall::of(0);
    let ultrasound = Facts {
        sop_class: "1.2.840.10008.5.1.4.1.1.6.1".to_owned(),
        ..Facts::default()
    };
    let nothing = Facts::default();
    assert_ne!(rules.held_by(&ultrasound), rules.held_by(&nothing));
    for facts in [&ultrasound, &nothing, &ultrasound, &ultrasound] {
        assert_eq!(recall.held_by(&rules, facts), rules.held_by(facts));
    }
}

#[test]
fn a_face_is_of_the_facts_and_of_the_regions() {
    let triage = |modality: &str, region: &str| {
        let mut triage = Triage::default();
        triage.take(tags::MODALITY, modality);
        triage.take(tags::BODY_PART_EXAMINED, region);
        triage.take_size(tags::ROWS, Some(512));
        triage.take_size(tags::COLUMNS, Some(512));
        triage.finish("", "");
        triage
    };
    let (head, knee, film) = (
        triage("CT", "HEAD"),
        triage("CT", "KNEE"),
        triage("CR", "HEAD"),
    );
    assert_eq!(head.facts, knee.facts);
    assert_eq!(head.regions(), film.regions());
    let mut recall = Recall::of(0);
    for (triage, expected) in [
        (&head, Head::Shown),
        (&knee, Head::No),
        (&head, Head::Shown),
        (&film, Head::No),
        (&film, Head::No),
    ] {
        assert_eq!(recall.head(triage), expected);
    }
}

#[test]
fn what_is_wanted_is_of_the_tag() {
    let rules = load("share", &Overrides::default()).unwrap();
    let mut recall = Recall::of(0);
    let groups = [0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0040];
    let mut seen = BTreeSet::new();
    let mut shared = 0;
    for tag in groups
        .into_iter()
        .flat_map(|group| (0..=0x2FFF).map(move |n| Tag(group, n)))
    {
        let Some(wanted) = Wanted::of(&rules, tag) else {
            continue;
        };
        shared += u32::from(!seen.insert(slots(tag, 0)));
        for _ in 0..2 {
            let recalled = recall.wanted(&rules, tag).unwrap();
            assert_eq!(format!("{recalled:?}"), format!("{wanted:?}"));
        }
    }
    assert!(shared > 100, "{shared}");
}

#[test]
fn what_is_lent_or_begun_is_not_recalled_until_it_is_given_back() {
    let context = context();
    let charset = CharacterSet::parse(LATIN);
    let mut recall = recall(&context);
    keep_value(&mut recall, &key(), &context);
    let slot = recall.find(&key()).unwrap();
    let lent = recall.lend(slot, VALUE, &charset, &context);
    assert_eq!(lent, Some(Becomes::Gone));
    assert_eq!(recall.lend(slot, VALUE, &charset, &context), None, "lent");
    recall.give_back(slot, &charset, Becomes::Same);
    assert!(recall.begin(slot, b"another", &context));
    for value in [VALUE, b"another"] {
        let lent = recall.lend(slot, value, &charset, &context);
        assert_eq!(lent, None, "begun, and it failed");
    }
}

#[test]
fn there_are_no_more_places_than_are_recalled() {
    let context = context();
    let mut recall = recall(&context);
    keep_value(&mut recall, &key(), &context);
    let other = |n: u16| Key {
        tag: Tag(0x0020, n),
        ..key()
    };
    for n in 0..MOST {
        recall.keep(other(n), Vr::LO, Presence::UnknownIod, &KEEP);
        let slot = recall.find(&other(n)).unwrap();
        assert_eq!(recall.place(slot).unwrap().key, other(n));
        assert!(recall.places.len() <= usize::from(MOST));
    }
    assert_eq!(recall.find(&key()), None, "all are met anew");
    assert!(recall.find(&other(MOST - 1)).is_some());
}
