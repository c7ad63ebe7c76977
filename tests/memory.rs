//! What a worker remembers from file to file changes nothing: every file becomes what it becomes to a worker that has met no other.

use std::collections::BTreeMap;

use dcmscrub::dicom::{Limits, Tag, Vr};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::Engine;
use dcmscrub::profile::{Overrides, load};

use crate::options::data::{Item, Node, cleaned, file, plant, text};

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";
const NAMES: [&str; 4] = ["ZEBEDOW^AURELIA", "QUILLON^MARIT", "VERBOR^IOAN", ""];
/// Texts that hold one of the names, a number, a UID, a day, or nothing of anybody.
const TEXTS: [&str; 10] = [
    "CT chest of Zebedow",
    "CT chest of Quillon, 12.03.2019",
    "Verbor, see 1.2.3.4.5",
    "see 1..2 and 1.2.3.4.6",
    "number QX-0815 or QX-0816",
    "on 20190312, born 19430217",
    "T1 axial 0.5 mm",
    "Quillon Zebedow Verbor",
    "M\u{fc}ller",
    "",
];

/// One of very many files: who, what and where vary by their own numbers.
fn made(n: usize) -> Vec<u8> {
    let pick = |of: usize, by: usize| (n / by + n * 7) % of;
    let (name, text_at) = (NAMES[pick(4, 3)], TEXTS[pick(10, 1)]);
    let class = [CT, KEY_OBJECTS, "1.2.3.4"][pick(3, 5)];
    let mut item = Item::new();
    let mut put = |path: &[Tag], group, element, vr, value: &str| {
        plant(&mut item, path, Tag(group, element), text(vr, value));
    };
    if pick(2, 2) == 0 {
        put(
            &[],
            0x0008,
            0x0005,
            Vr::CS,
            ["ISO_IR 100", "ISO_IR 192"][pick(2, 11)],
        );
    }
    put(&[], 0x0008, 0x0016, Vr::UI, class);
    put(
        &[],
        0x0008,
        0x0018,
        Vr::UI,
        &format!("1.2.3.4.{}", 5 + n % 9),
    );
    put(
        &[],
        0x0008,
        0x0020,
        Vr::DA,
        ["20190312", "20190313", "word"][pick(3, 4)],
    );
    put(&[], 0x0008, 0x0030, Vr::TM, &format!("1015{:02}", n % 60));
    put(
        &[],
        0x0008,
        0x0050,
        Vr::SH,
        ["QX-0815", "QX-0816", ""][pick(3, 6)],
    );
    put(
        &[],
        0x0008,
        0x0060,
        Vr::CS,
        ["CT", "QUILLON", "KO"][pick(3, 9)],
    );
    put(&[], 0x0008, 0x0070, Vr::LO, ["Acme", "QX-0815"][pick(2, 8)]);
    put(&[], 0x0008, 0x1030, Vr::LO, text_at);
    put(&[], 0x0008, 0x103E, Vr::LO, TEXTS[pick(10, 2)]);
    put(&[], 0x0010, 0x0010, Vr::PN, name);
    put(&[], 0x0010, 0x0020, Vr::LO, ["P1", "P2", ""][pick(3, 7)]);
    put(&[], 0x0010, 0x0030, Vr::DA, "19430217");
    put(&[], 0x0010, 0x4000, Vr::LT, text_at);
    put(
        &[],
        0x0018,
        0x0050,
        Vr::DS,
        ["0.5", "1.2.3.4.5", "QX-0815"][pick(3, 10)],
    );
    put(&[], 0x0018, 0x1000, Vr::LO, ["0815", "P1"][pick(2, 3)]);
    put(&[], 0x0020, 0x000D, Vr::UI, ["1..2", "1.2.9.1"][pick(2, 7)]);
    put(&[], 0x0020, 0x000E, Vr::UI, "1.2.9.2");
    put(&[], 0x0020, 0x4000, Vr::LT, text_at);
    put(
        &[],
        0x0019,
        0x0010,
        Vr::LO,
        ["GEMS_ACQU_01", "NOBODY"][pick(2, 5)],
    );
    put(&[], 0x0019, 0x1002, Vr::SL, "\u{1}\0\0\0");
    put(&[], 0x0019, 0x109E, Vr::LO, text_at);
    // the same attributes inside, where they have other Types
    let sequences = [
        Tag(0x0008, 0x1115),
        Tag(0x0040, 0x0275),
        Tag(0x0008, 0x1140),
    ];
    let inside = [sequences[pick(3, 4)]];
    put(
        &inside,
        0x0008,
        0x0050,
        Vr::SH,
        ["QX-0815", "QX-0816"][pick(2, 6)],
    );
    put(&inside, 0x0008, 0x1030, Vr::LO, text_at);
    put(&inside, 0x0010, 0x0020, Vr::LO, ["P1", "P2"][pick(2, 7)]);
    put(&inside, 0x0020, 0x000E, Vr::UI, "1.2.3.4.5");
    plant(
        &mut item,
        &[],
        Tag(0x0028, 0x0010),
        Node::Leaf(Vr::US, vec![16, 0]),
    );
    file(class, &item)
}

fn engine(profile: &str) -> Engine {
    let overrides = Overrides {
        rules: vec![("keep", "(0018,1000)".to_owned(), String::new())],
        ..Overrides::default()
    };
    let overrides = if profile == "share" {
        overrides
    } else {
        Overrides::default()
    };
    Engine::new(
        load(profile, &overrides).unwrap(),
        Pseudonyms::new(&Key::from_bytes([7; 32]), ""),
        Limits::default(),
    )
}

/// By a thread of its own, which remembers nothing.
fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

#[test]
fn every_file_becomes_what_it_becomes_alone() {
    let files: Vec<Vec<u8>> = (0..400).map(made).collect();
    assert!(
        files
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            > 350
    );
    for profile in ["basic", "share", "research"] {
        let engine = engine(profile);
        let expected: Vec<Vec<u8>> = files
            .iter()
            .map(|file| alone(|| cleaned(&engine, file.clone())))
            .collect();
        let changed = expected
            .iter()
            .zip(&files)
            .filter(|(one, other)| one != other);
        assert_eq!(changed.count(), files.len());
        let orders: BTreeMap<&str, Vec<usize>> = BTreeMap::from([
            ("forwards, twice", (0..400).chain(0..400).collect()),
            ("backwards", (0..400).rev().collect()),
            (
                "to and fro",
                (0..400).flat_map(|n| [n, n * 37 % 400, n]).collect(),
            ),
        ]);
        for (order, places) in orders {
            alone(|| {
                for at in places {
                    assert_eq!(
                        cleaned(&engine, files[at].clone()),
                        expected[at],
                        "{profile}, {order}, file {at}"
                    );
                }
            });
        }
    }
}

#[test]
fn another_engine_is_not_remembered_for_the_first() {
    let file = made(3);
    let engines = ["basic", "share", "research"].map(engine);
    let expected: Vec<Vec<u8>> = engines
        .iter()
        .map(|engine| alone(|| cleaned(engine, file.clone())))
        .collect();
    assert_ne!(expected[0], expected[2]);
    for _ in 0..3 {
        for (engine, expected) in engines.iter().zip(&expected) {
            assert_eq!(cleaned(engine, file.clone()), *expected);
        }
    }
}
