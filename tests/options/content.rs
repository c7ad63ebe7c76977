//! Reports, and private data elements that the file itself calls safe.

use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::standard::e1_1::ProfileOption as Opt;

use super::data::{self, Found, Item, Node, cleaned, engine, file, read, text};

const SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const CONTENT: Tag = Tag(0x0040, 0xA730);
const NAME: Tag = Tag(0x0040, 0xA043);
const TEXT: Tag = Tag(0x0040, 0xA160);

fn patient() -> Item {
    Item::from([
        (
            Tag(0x0008, 0x0018),
            text(Vr::UI, "1.2.826.0.1.3680043.9.9999.2"),
        ),
        (Tag(0x0010, 0x0010), text(Vr::PN, data::NAME)),
        (Tag(0x0010, 0x0020), text(Vr::LO, data::PATIENT_ID)),
    ])
}

fn code(value: &str, scheme: &str) -> Node {
    Node::Seq(Some(Item::from([
        (Tag(0x0008, 0x0100), text(Vr::SH, value)),
        (Tag(0x0008, 0x0102), text(Vr::SH, scheme)),
        (Tag(0x0008, 0x0104), text(Vr::LO, "meaning")),
    ])))
}

fn content(
    value_type: &str,
    concept: (&str, &str),
    value: impl IntoIterator<Item = (Tag, Node)>,
) -> Item {
    let mut item = Item::from([
        (Tag(0x0040, 0xA010), text(Vr::CS, "CONTAINS")),
        (Tag(0x0040, 0xA040), text(Vr::CS, value_type)),
        (NAME, code(concept.0, concept.1)),
    ]);
    item.extend(value);
    item
}

fn said(words: &str) -> (Tag, Node) {
    (TEXT, text(Vr::UT, words))
}

/// The tree of a report: what each concept stands with, in the order of the output.
fn tree(options: &[Opt], items: Vec<Item>) -> Vec<(String, Vec<String>)> {
    let mut data_set = patient();
    data_set.insert(CONTENT, Node::Items(items));
    let output = read(&cleaned(&engine(options), file(SR, &data_set)));
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for (path, found) in &output {
        let Found::Value(value) = found else { continue };
        let value = String::from_utf8_lossy(value).into_owned();
        match path.as_slice() {
            [CONTENT, .., NAME, Tag(0x0008, 0x0100)] => out.push((value, Vec::new())),
            [
                CONTENT,
                ..,
                Tag(0x0040, 0xA010 | 0xA040) | Tag(0x0008, 0x0102 | 0x0104),
            ] => {}
            [CONTENT, ..] => out.last_mut().unwrap().1.push(value),
            _ => {}
        }
    }
    out
}

fn row(concept: &str, values: &[&str]) -> (String, Vec<String>) {
    (
        concept.to_owned(),
        values.iter().map(|v| (*v).to_owned()).collect(),
    )
}

#[test]
fn a_report_keeps_its_tree_and_loses_its_people() {
    let name = Some((Tag(0x0040, 0xA123), text(Vr::PN, "ZEBEDOW^AURELIA")));
    let day = Some((Tag(0x0040, 0xA121), text(Vr::DA, "20240131")));
    let uid = Some((
        Tag(0x0040, 0xA124),
        text(Vr::UI, "1.2.826.0.1.3680043.9.9999.3"),
    ));
    let age = |years: &str| {
        let measured = Item::from([
            (Tag(0x0040, 0x08EA), code("a", "UCUM")),
            (Tag(0x0040, 0xA30A), text(Vr::DS, years)),
        ]);
        Some((Tag(0x0040, 0xA300), Node::Seq(Some(measured))))
    };
    let mut findings = content("CONTAINER", ("121070", "DCM"), None);
    findings.insert(
        CONTENT,
        Node::Items(vec![
            content(
                "TEXT",
                ("121071", "DCM"),
                [said("Nodule of Aurelia Zebedow, 12 mm")],
            ),
            content("TEXT", ("G-C0E3", "SRT"), [said("Liver")]),
            content("TEXT", ("121022", "DCM"), [said("ACC-4711")]),
        ]),
    );
    let items = || {
        vec![
            content("PNAME", ("121029", "DCM"), name.clone()),
            content("DATE", ("121031", "DCM"), day.clone()),
            content("DATE", ("111060", "DCM"), day.clone()),
            content("UIDREF", ("112040", "DCM"), uid.clone()),
            content("NUM", ("121033", "DCM"), age("93")),
            findings.clone(),
        ]
    };
    let all = [
        Opt::CleanStructuredContent,
        Opt::CleanDescriptors,
        Opt::RetainLongitudinalModifiedDates,
        Opt::RetainPatientCharacteristics,
    ];
    let shown = tree(&all, items());
    let concepts: Vec<&str> = shown.iter().map(|(concept, _)| concept.as_str()).collect();
    // the birth date and the accession number have gone with their items
    assert_eq!(
        concepts,
        [
            "121029", "111060", "112040", "121033", "121070", "121071", "G-C0E3"
        ]
    );
    assert_eq!(shown[0], row("121029", &["REMOVED"]));
    assert!(shown[1].1[0].as_str() < "20240131" && shown[1].1[0].len() == 8);
    assert!(shown[2].1[0].starts_with("2.25."));
    assert_eq!(shown[3], row("121033", &["a", "90"]));
    assert_eq!(shown[5], row("121071", &["Nodule, 12 mm"]));
    assert_eq!(shown[6], row("G-C0E3", &["Liver"]));
    // without descriptors listed texts become dummies; without characteristics the age goes
    let shown = tree(&[Opt::CleanStructuredContent], items());
    let concepts: Vec<&str> = shown.iter().map(|(concept, _)| concept.as_str()).collect();
    assert_eq!(
        concepts,
        ["121029", "111060", "112040", "121070", "121071", "G-C0E3"]
    );
    assert_eq!(shown[4], row("121071", &["REMOVED"]));
    assert_eq!(shown[1], row("111060", &["19000101"]));
    // without the option nothing of the tree stays
    assert_eq!(tree(&[], items()), [row("121106", &["REMOVED"])]);
}

#[test]
fn items_that_are_referred_to_by_position_stay_in_their_places() {
    let mut by_reference = content("NUM", ("121206", "DCM"), None);
    by_reference.insert(
        Tag(0x0040, 0xDB73),
        Node::Leaf(Vr::UL, vec![1, 0, 0, 0, 1, 0, 0, 0]),
    );
    let items = vec![
        content("TEXT", ("121022", "DCM"), [said("ACC-4711")]),
        by_reference,
    ];
    let shown = tree(&[Opt::CleanStructuredContent], items);
    assert_eq!(shown[0], row("121022", &["REMOVED"]));
}

#[test]
fn what_a_file_calls_safe_stays_unless_it_names_somebody() {
    let us = |numbers: &[u16]| {
        Node::Leaf(
            Vr::US,
            numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
        )
    };
    let action = Item::from([
        (Tag(0x0008, 0x0306), us(&[0x05])),
        (Tag(0x0008, 0x0307), text(Vr::CS, "Z")),
    ]);
    let declared = Item::from([
        (Tag(0x0008, 0x0301), us(&[0x0029])),
        (Tag(0x0008, 0x0302), text(Vr::LO, "ACME")),
        (Tag(0x0008, 0x0303), text(Vr::CS, "SAFE")),
        (Tag(0x0008, 0x0305), Node::Seq(Some(action))),
    ]);
    let mut data_set = patient();
    data_set.insert(Tag(0x0008, 0x0300), Node::Seq(Some(declared)));
    let planted = [
        (Tag(0x0029, 0x0010), text(Vr::LO, "ACME"), Some("ACME")),
        (
            Tag(0x0029, 0x1001),
            text(Vr::LO, "kernel 5"),
            Some("kernel 5"),
        ),
        (
            Tag(0x0029, 0x1002),
            text(Vr::LO, "for Aurelia Zebedow"),
            None,
        ),
        (
            Tag(0x0029, 0x1003),
            Node::Leaf(Vr::OB, b"\x01ZEBEDOW\x00\x02".to_vec()),
            None,
        ),
        (Tag(0x0029, 0x1004), text(Vr::TM, "101530"), None),
        (
            Tag(0x0029, 0x1005),
            text(Vr::LO, "as the file asks"),
            Some(""),
        ),
        (
            Tag(0x0029, 0x1006),
            Node::Leaf(Vr::OB, vec![1, 2, 3, 4]),
            Some("\u{1}\u{2}\u{3}\u{4}"),
        ),
        (Tag(0x0029, 0x0011), text(Vr::LO, "OTHER"), None),
        (Tag(0x0029, 0x1101), text(Vr::LO, "kernel 5"), None),
    ];
    for (tag, node, _) in &planted {
        data_set.insert(*tag, node.clone());
    }
    for (options, stays) in [(vec![], false), (vec![Opt::RetainSafePrivate], true)] {
        let output = read(&cleaned(&engine(&options), file(CT, &data_set)));
        for (tag, _, expected) in &planted {
            let found = output.iter().find(|(path, _)| path == &[*tag]);
            let expected = expected
                .filter(|_| stays)
                .map(|text| Found::Value(text.into()));
            assert_eq!(found.map(|(_, found)| found), expected.as_ref(), "{tag}");
        }
    }
    let dates = [Opt::RetainSafePrivate, Opt::RetainLongitudinalModifiedDates];
    let output = read(&cleaned(&engine(&dates), file(CT, &data_set)));
    let time = output
        .iter()
        .find(|(path, _)| path == &[Tag(0x0029, 0x1004)]);
    assert_eq!(time.unwrap().1, Found::Value(b"101530".to_vec()));
}
