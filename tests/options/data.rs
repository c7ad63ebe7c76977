//! Data sets that are planted and read again.

use std::collections::BTreeMap;

use dcmscrub::apply::to_bytes;
use dcmscrub::dicom::element::{Encoding, encode, encode_header};
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::value::pad;
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{Limits, Tag, Vr, part10};
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::profile::{Overrides, load};
use dcmscrub::standard::e1_1::ProfileOption;

const LE: Encoding = Encoding::ExplicitLe;

/// The patient of every planted file.
pub const NAME: &str = "ZEBEDOW^AURELIA";
pub const PATIENT_ID: &str = "QXPATIEN";

/// A data element that is planted.
#[derive(Debug, Clone)]
pub enum Node {
    /// With a value.
    Leaf(Vr, Vec<u8>),
    /// A sequence with one item, or with none.
    Seq(Option<Item>),
    /// A sequence with several items.
    Items(Vec<Item>),
}
pub type Item = BTreeMap<Tag, Node>;

/// Plants a data element inside these sequences.
pub fn plant(item: &mut Item, path: &[Tag], tag: Tag, node: Node) {
    let Some((first, rest)) = path.split_first() else {
        match (item.get_mut(&tag), node) {
            // a row that is a container of others too
            (Some(Node::Seq(Some(there))), Node::Seq(Some(new))) => there.extend(new),
            (_, node) => {
                item.insert(tag, node);
            }
        }
        return;
    };
    let inside = item.entry(*first).or_insert_with(|| Node::Seq(None));
    let Node::Seq(inside) = inside else {
        panic!("{first} is no sequence");
    };
    plant(inside.get_or_insert_default(), rest, tag, node);
}

pub fn text(vr: Vr, value: &str) -> Node {
    Node::Leaf(vr, value.as_bytes().to_vec())
}

fn encode_item(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, node) in item {
        match node {
            Node::Leaf(vr, value) => {
                out.extend(encode(LE, *tag, *vr, &pad(*vr, value.clone())).unwrap());
            }
            Node::Seq(inside) => out.extend(encode_sequence(*tag, inside.as_slice())),
            Node::Items(inside) => out.extend(encode_sequence(*tag, inside)),
        }
    }
    out
}

fn encode_sequence(tag: Tag, inside: &[Item]) -> Vec<u8> {
    let mut items = Vec::new();
    for item in inside {
        let item = encode_item(item);
        items.extend([0xFE, 0xFF, 0x00, 0xE0]);
        items.extend(u32::try_from(item.len()).unwrap().to_le_bytes());
        items.extend(item);
    }
    let length = u32::try_from(items.len()).unwrap();
    let mut out = encode_header(LE, tag, Vr::SQ, length).unwrap();
    out.extend(items);
    out
}

/// A Part 10 file.
pub fn file(sop_class: &str, data_set: &Item) -> Vec<u8> {
    let instance = match data_set.get(&Tag(0x0008, 0x0018)) {
        Some(Node::Leaf(_, value)) => value.clone(),
        _ => Vec::new(),
    };
    let meta: Vec<u8> = [
        (0x0001, Vr::OB, vec![0, 1]),
        (0x0002, Vr::UI, sop_class.as_bytes().to_vec()),
        (0x0003, Vr::UI, instance),
        (0x0010, Vr::UI, b"1.2.840.10008.1.2.1".to_vec()),
        (0x0012, Vr::UI, b"1.2.826.0.1.3680043.9.9999.1".to_vec()),
    ]
    .into_iter()
    .flat_map(|(element, vr, value)| encode(LE, Tag(2, element), vr, &pad(vr, value)).unwrap())
    .collect();
    let length = u32::try_from(meta.len()).unwrap().to_le_bytes();
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(encode(LE, Tag(2, 0), Vr::UL, &length).unwrap());
    out.extend(meta);
    out.extend(encode_item(data_set));
    out
}

/// What stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A value, without padding.
    Value(Vec<u8>),
    /// A sequence of so many items.
    Items(usize),
}

/// Everything in a file, by the sequences and the tag, in the order of the file.
pub fn read(bytes: &[u8]) -> Vec<(Vec<Tag>, Found)> {
    let source = BytesSource(bytes);
    let part10 = part10::open(&source, &Limits::default()).unwrap();
    let mut walker = Walker::new(
        &source,
        part10.encoding,
        part10.data_set_at,
        Limits::default(),
    );
    let mut found: Vec<(Vec<Tag>, Found)> = Vec::new();
    let mut open = Vec::new();
    while let Some(event) = walker.next_event().unwrap() {
        let path = |tag| {
            let steps = walker.path().iter().map(|step| step.sequence);
            steps.chain([tag]).collect::<Vec<_>>()
        };
        match event {
            Event::Element(element) => {
                let path = path(element.tag);
                let mut value = walker.value(&element).unwrap().to_vec();
                while dcmscrub::dicom::element::is_string(element.vr)
                    && matches!(value.last(), Some(0 | b' '))
                {
                    value.pop();
                }
                found.push((path, Found::Value(value)));
            }
            Event::SequenceStart(element) => {
                open.push(found.len());
                let path = path(element.tag);
                found.push((path, Found::Items(0)));
            }
            Event::ItemStart(_) => {
                if let Found::Items(n) = &mut found[*open.last().unwrap()].1 {
                    *n += 1;
                }
            }
            Event::SequenceEnd(_) => {
                open.pop();
            }
            _ => {}
        }
    }
    found
}

/// An engine of the Basic Profile with these options; one key for all.
pub fn engine(options: &[ProfileOption]) -> Engine {
    let overrides = Overrides {
        options: options.iter().map(|o| o.name().to_owned()).collect(),
        ..Overrides::default()
    };
    Engine::new(
        load("basic", &overrides).unwrap(),
        Pseudonyms::new(&Key::from_bytes([7; 32]), ""),
        Limits::default(),
    )
}

/// The cleaned file.
pub fn cleaned(engine: &Engine, file: Vec<u8>) -> Vec<u8> {
    let source = BytesSource(file);
    let plan = engine.plan(&source, Detail::Edits).unwrap();
    to_bytes(&plan, &source, engine.limits()).unwrap()
}
