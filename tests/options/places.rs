//! Where a row of Table E.1-1 is planted: one place for each Type that some IOD gives it at that depth.

use std::collections::{BTreeMap, BTreeSet};

use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::standard::attributes::{keywords, tag_of_keyword, vr_of};
use dcmscrub::standard::e1_1::{self, Row};
use dcmscrub::standard::iod::{AttributeType, Iod, Node, iod, root};
use dcmscrub::standard::uids;

use super::expected::{Around, CURVE_LABEL, OVERLAY_COMMENTS, OVERLAY_DATA, SAFE_PRIVATE, around};

/// A SOP Class that nobody knows.
pub const UNKNOWN_CLASS: &str = "1.2.826.0.1.3680043.9.9999.77";
/// The SOP Class of a DICOMDIR.
pub const MEDIA_STORAGE_DIRECTORY: &str = "1.2.840.10008.1.3.10";
/// Depths at which every row is planted.
pub const DEPTHS: [usize; 3] = [0, 1, 3];
/// Sequences that stay, in each other, where an IOD has no place for a row.
const NESTS: [Tag; 3] = [
    Tag(0x0008, 0x2218),
    Tag(0x0008, 0x2220),
    Tag(0x0040, 0xA170),
];
/// Not listed in Table E.1-1, but no plain container all the same.
const NO_CONTAINERS: [Tag; 8] = [
    // what it describes goes (PRIVACY.md 2.8)
    Tag(0x0008, 0x0300),
    // removed on input (PRIVACY.md 2.4)
    Tag(0x0400, 0x0500),
    Tag(0x4FFE, 0x0001),
    // the tool's own list of methods (PRIVACY.md 3)
    Tag(0x0012, 0x0064),
    // a DICOMDIR has its own rules
    Tag(0x0004, 0x1220),
    // an instance that lists what it references keeps its references (PS3.3 C.12.2)
    Tag(0x0008, 0x1115),
    Tag(0x0008, 0x1200),
    // content items go by their concepts (PS3.15 E.3.4)
    Tag(0x0040, 0x0612),
];

/// What the IOD says of a row at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// Nobody knows the SOP Class.
    UnknownClass,
    /// The IOD has no such attribute there.
    NotInIod,
    /// The strictest Type.
    Typed(AttributeType),
}

/// One row at one place.
#[derive(Debug, Clone)]
pub struct Place {
    /// The row.
    pub row: &'static Row,
    /// The tag that is planted; of a pattern one that fits.
    pub tag: Tag,
    /// SOP Class UID.
    pub sop_class: &'static str,
    /// Enclosing sequences.
    pub path: Vec<Tag>,
    /// What the IOD says.
    pub at: At,
}

/// The tag that a row is planted with.
fn tag_of(row: &Row) -> Tag {
    match (row.tag, row.keyword) {
        (Tag(0x5000, _), _) => CURVE_LABEL,
        (_, "OverlayData") => OVERLAY_DATA,
        (_, "OverlayComments") => OVERLAY_COMMENTS,
        (tag, "") if tag.group() % 2 == 1 => SAFE_PRIVATE,
        (tag, _) => tag,
    }
}

/// Every SOP Class with an IOD, but for that of a DICOMDIR, which has rules of its own.
fn classes() -> Vec<(&'static str, Iod)> {
    let known = uids::all().filter(|entry| entry.uid != MEDIA_STORAGE_DIRECTORY);
    known
        .filter_map(|entry| Some((entry.uid, iod(entry.uid)?)))
        .collect()
}

/// Sequences to plant in: those that the table does not list, so that they stay, or all.
fn containers(listed: bool) -> Vec<Tag> {
    let mut tags: Vec<Tag> = keywords()
        .filter_map(tag_of_keyword)
        .filter(|tag| vr_of(*tag) == Some(Vr::SQ) && (listed || e1_1::row(*tag).is_none()))
        .filter(|tag| !NO_CONTAINERS.contains(tag) && !(0x6000..=0x60FE).contains(&tag.group()))
        .collect();
    tags.sort();
    tags
}

/// Nodes of the tree of types that are containers, by depth.
fn levels(listed: bool) -> Vec<Vec<(Vec<Tag>, Node)>> {
    let containers = containers(listed);
    let mut levels = vec![vec![(Vec::new(), root())]];
    for depth in 0..3 {
        let inside = |(path, node): &(Vec<Tag>, Node)| {
            let found = containers
                .iter()
                .filter_map(|tag| Some((*tag, node.child(*tag)?)));
            found
                .map(|(tag, child)| ([path.as_slice(), &[tag]].concat(), child))
                .collect::<Vec<_>>()
        };
        levels.push(levels[depth].iter().flat_map(inside).collect());
    }
    levels
}

/// (row, what the IOD says) -> by SOP Class the place.
type Wanted = BTreeMap<(Tag, At), BTreeMap<usize, Vec<Tag>>>;

/// Places of a row that some IOD has at this depth.
fn typed(
    wanted: &mut Wanted,
    tag: Tag,
    level: &[(Vec<Tag>, Node)],
    classes: &[(&'static str, Iod)],
) {
    for (path, node) in level {
        let Some(node) = node.child(tag) else {
            continue;
        };
        for (index, (_, iod)) in classes.iter().enumerate() {
            if let Some(t) = iod.type_of(node) {
                let by_class = wanted.entry((tag, At::Typed(t))).or_default();
                by_class.entry(index).or_insert_with(|| path.clone());
            }
        }
    }
}

/// The same inside sequences of the table, where there is no other place: those that stay under the most options.
fn typed_in_listed(
    wanted: &mut Wanted,
    tag: Tag,
    level: &[(Vec<Tag>, Node)],
    classes: &[(&'static str, Iod)],
) {
    let sets = super::option_sets();
    let mut best: BTreeMap<At, (usize, BTreeMap<usize, Vec<Tag>>)> = BTreeMap::new();
    for (path, node) in level {
        let Some(node) = node.child(tag) else {
            continue;
        };
        for (index, (class, iod)) in classes.iter().enumerate() {
            let Some(at) = iod.type_of(node).map(At::Typed) else {
                continue;
            };
            if wanted.contains_key(&(tag, at)) {
                continue;
            }
            let open = |set: &&Vec<_>| around(class, path, set) == Around::Open;
            let score = sets.iter().filter(open).count();
            let there = best.entry(at).or_default();
            if score > there.0 {
                *there = (score, BTreeMap::new());
            }
            if score == there.0 {
                there.1.entry(index).or_insert_with(|| path.clone());
            }
        }
    }
    wanted.extend(
        best.into_iter()
            .map(|(at, (_, by_class))| ((tag, at), by_class)),
    );
}

/// Every row at every depth in an IOD of each Type, in an IOD that has it not, and in no known IOD.
pub fn places() -> Vec<Place> {
    let (classes, levels, all_levels) = (classes(), levels(false), levels(true));
    assert_eq!(classes.len(), 186);
    let mut places = Vec::new();
    for depth in DEPTHS {
        let mut wanted = Wanted::new();
        for row in e1_1::rows() {
            let tag = tag_of(row);
            typed(&mut wanted, tag, &levels[depth], &classes);
            typed_in_listed(&mut wanted, tag, &all_levels[depth], &classes);
            let nest = &NESTS[..depth];
            for (index, (_, iod)) in classes.iter().enumerate() {
                let path = [nest, &[tag]].concat();
                if iod.attribute_type(&path).is_none() {
                    let by_class = wanted.entry((tag, At::NotInIod)).or_default();
                    by_class.insert(index, nest.to_vec());
                }
            }
            places.push(Place {
                row,
                tag,
                sop_class: UNKNOWN_CLASS,
                path: nest.to_vec(),
                at: At::UnknownClass,
            });
        }
        let rows: BTreeMap<Tag, &'static Row> =
            e1_1::rows().map(|row| (tag_of(row), row)).collect();
        // few SOP Classes with many rows each, so that there are few files
        let mut open: BTreeSet<(Tag, At)> = wanted.keys().copied().collect();
        while !open.is_empty() {
            let covers = |index: &usize| {
                let has = |key: &&(Tag, At)| wanted[*key].contains_key(index);
                open.iter().filter(has).count()
            };
            let best = (0..classes.len()).max_by_key(covers).unwrap();
            open.retain(|key| {
                let Some(path) = wanted[key].get(&best) else {
                    return true;
                };
                places.push(Place {
                    row: rows[&key.0],
                    tag: key.0,
                    sop_class: classes[best].0,
                    path: path.clone(),
                    at: key.1,
                });
                false
            });
        }
    }
    places
}
