//! Attribute Types by SOP Class and path (PS3.3): what an IOD demands of the attributes of Table E.1-1.
//!
//! The embedded form is read once. Its layout: tags, nodes of the path tree, modules with the Types of their nodes, IODs as
//! lists of modules, SOP Classes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use dicom_core::Tag;

use super::generated::IOD_TYPES;

/// Type of an attribute, least strict first (PS3.5 section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttributeType {
    /// Optional.
    Three,
    /// May be empty, under a condition.
    TwoC,
    /// May be empty.
    Two,
    /// Must have a value, under a condition.
    OneC,
    /// Must have a value.
    One,
}

/// A place in the tree of paths: the data set, or an attribute at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node(u16);

/// The IOD of a SOP Class.
#[derive(Debug, Clone, Copy)]
pub struct Iod(&'static [u8]);

#[derive(Default)]
struct Types {
    /// (parent node, tag, node), sorted.
    children: Vec<(u16, Tag, u16)>,
    /// By IOD: for each node its strictest Type, 0 = absent.
    iods: Vec<Vec<u8>>,
    /// SOP Class UID to IOD.
    sop_classes: BTreeMap<String, usize>,
}

const CONTENT_SEQUENCE: Tag = Tag(0x0040, 0xA730);
const SOP_CLASS_ROOT: &str = "1.2.840.10008.";

/// The root of the tree: the data set.
#[must_use]
pub fn root() -> Node {
    Node(0)
}

/// The IOD of a SOP Class; `None` where the SOP Class is not known.
#[must_use]
pub fn iod(sop_class_uid: &str) -> Option<Iod> {
    let types = types();
    let at = types.sop_classes.get(sop_class_uid)?;
    types.iods.get(*at).map(|nodes| Iod(nodes))
}

impl Node {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }

    /// The node of an attribute inside this one. Content Sequence inside itself is one level.
    #[must_use]
    pub fn child(self, tag: Tag) -> Option<Node> {
        let types = types();
        let find = |tag: Tag| match types
            .children
            .binary_search_by(|(parent, t, _)| (*parent, *t).cmp(&(self.0, tag)))
        {
            Ok(at) => types.children.get(at).map(|(_, _, node)| Node(*node)),
            Err(_) => None,
        };
        if tag == CONTENT_SEQUENCE && types.content_nodes().contains(&self.0) {
            Some(self)
        } else {
            find(tag)
        }
    }
}

impl Iod {
    /// Where it is in memory: another number for another IOD.
    #[must_use]
    pub fn number(self) -> usize {
        self.0.as_ptr().addr()
    }

    /// The strictest Type over the IOD's modules; `None` where the IOD has no such attribute.
    #[must_use]
    pub fn type_of(self, node: Node) -> Option<AttributeType> {
        match self.0.get(usize::from(node.0)) {
            Some(1) => Some(AttributeType::Three),
            Some(2) => Some(AttributeType::TwoC),
            Some(3) => Some(AttributeType::Two),
            Some(4) => Some(AttributeType::OneC),
            Some(5) => Some(AttributeType::One),
            Some(_) | None => None,
        }
    }

    /// The same for a path: sequences from the root, then the attribute.
    #[must_use]
    pub fn attribute_type(self, path: &[Tag]) -> Option<AttributeType> {
        let node = path.iter().try_fold(root(), |node, tag| node.child(*tag))?;
        self.type_of(node)
    }
}

impl Types {
    fn content_nodes(&self) -> &'static [u16] {
        static NODES: OnceLock<Vec<u16>> = OnceLock::new();
        NODES.get_or_init(|| {
            self.children
                .iter()
                .filter(|(_, tag, _)| *tag == CONTENT_SEQUENCE)
                .map(|(_, _, node)| *node)
                .collect()
        })
    }
}

fn types() -> &'static Types {
    static TYPES: OnceLock<Types> = OnceLock::new();
    TYPES.get_or_init(|| parse(IOD_TYPES).unwrap_or_default())
}

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take::<2>().map(u16::from_le_bytes)
    }

    fn varint(&mut self) -> Option<u32> {
        let (mut value, mut shift) = (0u32, 0u32);
        loop {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7F).checked_shl(shift)?;
            shift = shift.checked_add(7)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
    }

    fn text(&mut self, n: usize) -> Option<&str> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        match std::str::from_utf8(head) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Types> {
    let mut bytes = Bytes(bytes);
    if bytes.take::<5>()? != *b"DIOD\x01" {
        return None;
    }
    let mut tags = Vec::new();
    for _ in 0..bytes.u16()? {
        let [element, group] = [bytes.u16()?, bytes.u16()?];
        tags.push(Tag(group, element));
    }
    let nodes = bytes.u16()?;
    let mut children = Vec::with_capacity(usize::from(nodes));
    for node in 1..=nodes {
        let (parent, tag) = (bytes.u16()?, bytes.u16()?);
        children.push((parent, *tags.get(usize::from(tag))?, node));
    }
    children.sort_unstable();
    let mut modules = Vec::new();
    for _ in 0..bytes.u16()? {
        let n = usize::from(bytes.u16()?);
        let mut ids = Vec::with_capacity(n);
        let mut last = 0u32;
        for _ in 0..n {
            last = last.checked_add(bytes.varint()?)?;
            ids.push(usize::try_from(last).unwrap_or(0));
        }
        let mut typed = Vec::with_capacity(n);
        for pair in ids.chunks(2) {
            let byte = bytes.u8()?;
            typed.extend(
                pair.iter()
                    .zip([byte & 15, byte >> 4])
                    .map(|(id, value)| (*id, value)),
            );
        }
        modules.push(typed);
    }
    let mut iods = Vec::new();
    for _ in 0..bytes.u16()? {
        let mut strictest = vec![0u8; usize::from(nodes).checked_add(1)?];
        for _ in 0..bytes.u8()? {
            let module = usize::from(bytes.u16()? & 0x3FFF);
            for (node, value) in modules.get(module)? {
                let place = strictest.get_mut(*node)?;
                *place = (*place).max(*value);
            }
        }
        iods.push(strictest);
    }
    let mut sop_classes = BTreeMap::new();
    for _ in 0..bytes.u16()? {
        let n = usize::from(bytes.u8()?);
        let uid = format!("{SOP_CLASS_ROOT}{}", bytes.text(n)?);
        sop_classes.insert(uid, usize::from(bytes.u16()?));
    }
    bytes.0.is_empty().then_some(Types {
        children,
        iods,
        sop_classes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttributeType::{One, OneC, Three, Two, TwoC};

    #[test]
    fn the_embedded_tree_is_well_formed() {
        let types = parse(IOD_TYPES).unwrap();
        assert_eq!(types.sop_classes.len(), 187);
        assert!(parse(IOD_TYPES.get(..1000).unwrap()).is_none());
    }

    #[test]
    fn types_are_those_of_the_standard() {
        let (ct, enhanced, us) = (
            "1.2.840.10008.5.1.4.1.1.2",
            "1.2.840.10008.5.1.4.1.1.2.1",
            "1.2.840.10008.5.1.4.1.1.6.1",
        );
        let gsps = "1.2.840.10008.5.1.4.1.1.11.1";
        let rows: &[(&str, &[Tag], Option<AttributeType>)] = &[
            (ct, &[Tag(0x0008, 0x002A)], Some(Three)),
            (enhanced, &[Tag(0x0008, 0x002A)], Some(OneC)),
            (us, &[Tag(0x0008, 0x0023)], Some(TwoC)),
            (enhanced, &[Tag(0x0018, 0x1000)], Some(One)),
            (ct, &[Tag(0x0040, 0xA073)], None),
            (gsps, &[Tag(0x0070, 0x0082)], Some(One)),
            (ct, &[Tag(0x0010, 0x0020)], Some(Two)),
            (ct, &[Tag(0x0008, 0x1140), Tag(0x0008, 0x1155)], Some(One)),
        ];
        for (sop, path, expected) in rows {
            assert_eq!(
                iod(sop).unwrap().attribute_type(path),
                *expected,
                "{sop} {path:?}"
            );
        }
        assert!(iod("9.9").is_none());
    }

    #[test]
    fn content_sequence_inside_itself_is_one_level() {
        let sr = iod("1.2.840.10008.5.1.4.1.1.88.11").unwrap();
        let one = [CONTENT_SEQUENCE, Tag(0x0040, 0xA123)];
        let three = [
            CONTENT_SEQUENCE,
            CONTENT_SEQUENCE,
            CONTENT_SEQUENCE,
            Tag(0x0040, 0xA123),
        ];
        assert_eq!(sr.attribute_type(&one), sr.attribute_type(&three));
        assert!(sr.attribute_type(&one).is_some());
    }
}
