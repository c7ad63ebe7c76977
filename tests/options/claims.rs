//! What an output claims about its own cleaning, and what becomes of dates over two files of a patient.

use std::collections::BTreeMap;

use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::{Limits, Tag, Vr, part10};
use dcmscrub::standard::e1_1::ProfileOption as Opt;

use super::data::{self, Found, Item, Node, cleaned, engine, file, plant, read, text};
use super::days_between;
use super::places::MEDIA_STORAGE_DIRECTORY;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const SR: &str = "1.2.840.10008.5.1.4.1.1.88.11";
const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
const ACQUISITION_DATE_TIME: Tag = Tag(0x0008, 0x002A);
const BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
const FULL: Opt = Opt::RetainLongitudinalFullDates;
const MODIFIED: Opt = Opt::RetainLongitudinalModifiedDates;

/// Codes of CID 7050, from PS3.15 E.3 and not from the code.
fn code(option: Opt) -> &'static str {
    match option {
        Opt::CleanGraphics => "113103",
        Opt::CleanStructuredContent => "113104",
        Opt::CleanDescriptors => "113105",
        FULL => "113106",
        MODIFIED => "113107",
        Opt::RetainPatientCharacteristics => "113108",
        Opt::RetainDeviceIdentity => "113109",
        Opt::RetainUids => "113110",
        Opt::RetainSafePrivate => "113111",
        Opt::RetainInstitutionIdentity => "113112",
    }
}

/// None, each one, and every pair that may stand together.
fn sets() -> Vec<Vec<Opt>> {
    let mut sets = vec![Vec::new()];
    for (at, one) in Opt::ALL.into_iter().enumerate() {
        sets.push(vec![one]);
        let others = Opt::ALL.into_iter().skip(at + 1);
        let pairs = others.filter(|other| (one, *other) != (FULL, MODIFIED));
        sets.extend(pairs.map(|other| vec![one, other]));
    }
    sets
}

fn patient(id: &str) -> Item {
    Item::from([
        (
            Tag(0x0008, 0x0018),
            text(Vr::UI, "1.2.826.0.1.3680043.9.9999.2"),
        ),
        (Tag(0x0010, 0x0010), text(Vr::PN, data::NAME)),
        (Tag(0x0010, 0x0020), text(Vr::LO, id)),
        (BIRTH_DATE, text(Vr::DA, "19610203")),
        (
            Tag(0x0020, 0x000D),
            text(Vr::UI, "1.2.826.0.1.3680043.9.9999.3"),
        ),
    ])
}

fn value(found: &Found) -> String {
    match found {
        Found::Value(value) => String::from_utf8(value.clone()).unwrap(),
        Found::Items(_) => panic!("a sequence"),
    }
}

#[test]
fn an_output_claims_exactly_what_was_done() {
    let sets = sets();
    assert_eq!(sets.len(), 1 + 10 + 44);
    for options in sets {
        let output = read(&cleaned(&engine(&options), file(CT, &patient("1"))));
        let values = |path: &[Tag]| -> Vec<String> {
            let at_path = output.iter().filter(|(at, _)| at == path);
            at_path.map(|(_, found)| value(found)).collect()
        };
        let items = |element| values(&[Tag(0x0012, 0x0064), Tag(0x0008, element)]);
        let mut codes = items(0x0100);
        codes.sort();
        let mut expected: Vec<&str> = options.iter().map(|option| code(*option)).collect();
        expected.push("113100");
        expected.sort_unstable();
        assert_eq!(codes, expected, "{options:?}");
        assert_eq!(items(0x0102), vec!["DCM"; expected.len()]);
        assert_eq!(items(0x0104).len(), expected.len());
        assert_eq!(values(&[Tag(0x0012, 0x0062)]), ["YES"]);
        assert_eq!(values(&[Tag(0x0012, 0x0063)]).len(), 1);
        let dates = match &options {
            o if o.contains(&FULL) => "UNMODIFIED",
            o if o.contains(&MODIFIED) => "MODIFIED",
            _ => "REMOVED",
        };
        assert_eq!(values(&[Tag(0x0028, 0x0303)]), [dates], "{options:?}");
    }
}

/// A CT with dates at the root and in an item, and a report with a date and time in a content item.
fn two_files(id: &str) -> [Vec<u8>; 2] {
    let mut one = patient(id);
    let nest = [Tag(0x0008, 0x2218), Tag(0x0008, 0x2220)];
    plant(&mut one, &[], STUDY_DATE, text(Vr::DA, "20200229"));
    plant(&mut one, &nest, STUDY_DATE, text(Vr::DA, "20191231"));
    let mut other = patient(id);
    plant(
        &mut other,
        &[],
        ACQUISITION_DATE_TIME,
        text(Vr::DT, "20200301003000.5-0500"),
    );
    plant(
        &mut other,
        &nest,
        ACQUISITION_DATE_TIME,
        text(Vr::DT, "20210101120000+0100"),
    );
    [file(CT, &one), file(SR, &other)]
}

#[test]
fn dates_move_together_and_the_birth_date_never_stays() {
    let planted: BTreeMap<usize, &str> = (0..)
        .zip([
            "20200229",
            "20191231",
            "20200301003000.5-0500",
            "20210101120000+0100",
        ])
        .collect();
    let is_date = |path: &[Tag]| matches!(path.last(), Some(&(STUDY_DATE | ACQUISITION_DATE_TIME)));
    for options in sets() {
        let engine = engine(&options);
        let mut moved = Vec::new();
        for id in ["QXA0001", "QXB0002"] {
            let mut dates = Vec::new();
            for file in two_files(id) {
                let output = read(&cleaned(&engine, file));
                // Type 2 in the patient module: there and empty (PS3.15 E.1-1: Z, with every option)
                let birth_date = output.iter().find(|(path, _)| path == &[BIRTH_DATE]);
                assert_eq!(value(&birth_date.unwrap().1), "", "{options:?}");
                let of_file = output.iter().filter(|(path, _)| is_date(path));
                dates.extend(
                    of_file
                        .map(|(_, found)| value(found))
                        .filter(|date| !date.is_empty()),
                );
            }
            if !options.contains(&FULL) && !options.contains(&MODIFIED) {
                assert_eq!(dates, [""; 0], "{options:?}");
                continue;
            }
            // a file's root comes before its items by tag: (0008,0020) and (0008,002A) before (0008,2218)
            assert_eq!(dates.len(), 4, "{options:?}");
            let days = (0..).zip(&dates).map(|(at, date)| {
                let days = days_between(planted[&at].as_bytes(), date.as_bytes());
                days.unwrap_or_else(|| panic!("{options:?} {date}"))
            });
            let mut days: Vec<i64> = days.collect();
            days.dedup();
            assert_eq!(
                days.len(),
                1,
                "all dates of a patient move by one number: {options:?} {days:?}"
            );
            moved.push(days[0]);
        }
        if options.contains(&FULL) {
            assert_eq!(moved, [0, 0]);
        } else if options.contains(&MODIFIED) {
            assert!(moved.iter().all(|days| (-3650..0).contains(days)));
            assert_ne!(moved[0], moved[1], "with this key the two patients differ");
        }
    }
}

#[test]
fn the_file_meta_names_the_new_instance() {
    for options in [vec![], vec![Opt::RetainUids]] {
        let output = cleaned(&engine(&options), file(CT, &patient("1")));
        let meta = part10::open(&BytesSource(&output), &Limits::default()).unwrap();
        let found = read(&output);
        let instance = found
            .iter()
            .find(|(path, _)| path == &[Tag(0x0008, 0x0018)]);
        let instance = value(&instance.unwrap().1);
        assert_eq!(meta.sop_instance.as_deref(), Some(instance.as_str()));
        assert_eq!(
            instance == "1.2.826.0.1.3680043.9.9999.2",
            !options.is_empty()
        );
    }
}

#[test]
fn the_directory_group_stays_in_a_directory_and_its_uids_are_replaced() {
    const RECORDS: Tag = Tag(0x0004, 0x1220);
    const INSTANCE: Tag = Tag(0x0004, 0x1511);
    let uid = "1.2.826.0.1.3680043.9.9999.4";
    let data_set = Item::from([(
        RECORDS,
        Node::Seq(Some(Item::from([(INSTANCE, text(Vr::UI, uid))]))),
    )]);
    for options in [vec![], vec![Opt::RetainUids]] {
        let output = read(&cleaned(
            &engine(&options),
            file(MEDIA_STORAGE_DIRECTORY, &data_set),
        ));
        let found = output.iter().find(|(path, _)| path == &[RECORDS, INSTANCE]);
        let found = value(&found.unwrap().1);
        assert_eq!(found == uid, !options.is_empty());
        assert!(found == uid || found.starts_with("2.25."));
    }
}

#[test]
fn an_instance_that_lists_what_it_references_keeps_its_references() {
    // PS3.3 C.12.2: of X/Z/U* only U conforms there
    const SERIES: Tag = Tag(0x0008, 0x1115);
    for references in [Tag(0x0008, 0x1140), Tag(0x0008, 0x2112)] {
        for lists in [true, false] {
            let mut data_set = patient("1");
            let uid = "1.2.826.0.1.3680043.9.9999.5";
            plant(
                &mut data_set,
                &[references],
                Tag(0x0008, 0x1155),
                text(Vr::UI, uid),
            );
            if lists {
                plant(
                    &mut data_set,
                    &[SERIES],
                    Tag(0x0020, 0x000E),
                    text(Vr::UI, uid),
                );
            }
            let output = read(&cleaned(&engine(&[]), file(CT, &data_set)));
            let found = output
                .iter()
                .find(|(path, _)| path == &[references, Tag(0x0008, 0x1155)]);
            let is_new = found.map(|(_, found)| value(found).starts_with("2.25."));
            assert_eq!(is_new, lists.then_some(true), "{references}");
        }
    }
}

#[test]
fn private_elements_curves_and_overlays_beyond_the_rows() {
    let planted: [(Tag, Node); 8] = [
        (Tag(0x0019, 0x0010), text(Vr::LO, "GEMS_ACQU_01")),
        (Tag(0x0019, 0x1001), text(Vr::DS, "1.5")),
        (Tag(0x0019, 0x1023), text(Vr::DS, "1.75")),
        (Tag(0x0029, 0x1001), text(Vr::DS, "1.25")),
        (Tag(0x5000, 0x3000), Node::Leaf(Vr::OW, vec![1, 0, 2, 0])),
        (Tag(0x6000, 0x0010), Node::Leaf(Vr::US, vec![2, 0])),
        (Tag(0x6000, 0x1500), text(Vr::LO, "kidney")),
        (Tag(0x6000, 0x3000), Node::Leaf(Vr::OW, vec![1, 0])),
    ];
    for options in sets() {
        for nest in [vec![], vec![Tag(0x0008, 0x2218)]] {
            let mut data_set = patient("1");
            for (tag, node) in &planted {
                plant(&mut data_set, &nest, *tag, node.clone());
            }
            let output = read(&cleaned(&engine(&options), file(CT, &data_set)));
            for (tag, node) in &planted {
                // the safe one of Table E.3.10-1 with its creator; the numbers of a curve; never a bitmap or its plane
                let stays = match tag {
                    Tag(0x0019, 0x0010 | 0x1023) => options.contains(&Opt::RetainSafePrivate),
                    Tag(0x5000, _) => options.contains(&Opt::CleanGraphics),
                    _ => false,
                };
                let path = [nest.as_slice(), &[*tag]].concat();
                let found = output.iter().find(|(at, _)| *at == path);
                let Node::Leaf(_, value) = node else {
                    panic!("a sequence");
                };
                let expected = Found::Value(value.clone());
                let expected = stays.then_some(&expected);
                assert_eq!(
                    found.map(|(_, found)| found),
                    expected,
                    "{options:?} {path:?}"
                );
            }
        }
    }
}
