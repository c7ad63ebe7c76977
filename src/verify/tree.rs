//! One data set as the second reader gives it: data elements in the order of the file, values as their bytes.

use crate::dicom::charset::CharacterSet;
use crate::dicom::element::is_string;
use crate::dicom::{Tag, Vr};
use crate::standard::attributes::{keyword_of, vr_of};

/// Data elements of a data set or an item.
pub type Item = Vec<Attribute>;

/// One data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Tag.
    pub tag: Tag,
    /// The VR that stands in the file; the standard's where none does.
    pub vr: Vr,
    /// Value.
    pub value: Value,
}

/// What a data element holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The bytes of its value, with padding.
    Bytes(Vec<u8>),
    /// A long value at the root, by its first byte and the one behind its last.
    Long(u64, u64),
    /// Fragments of encapsulated data, each by its first byte and the one behind its last.
    Fragments(Vec<(u64, u64)>),
    /// Items.
    Items(Vec<Item>),
}

impl Attribute {
    /// True without a value: padding is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Bytes(bytes) if is_string(self.vr) => {
                bytes.iter().all(|b| matches!(b, b' ' | 0))
            }
            Value::Bytes(bytes) => bytes.is_empty(),
            Value::Long(from, to) => from == to,
            Value::Fragments(fragments) => fragments.is_empty(),
            Value::Items(items) => items.is_empty(),
        }
    }

    /// The bytes of its value without padding; none for items and long values.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.value {
            Value::Bytes(bytes) if is_string(self.vr) || self.vr == Vr::UN => {
                let mut bytes = bytes.as_slice();
                while let Some((b' ' | 0, rest)) = bytes.split_last() {
                    bytes = rest;
                }
                bytes
            }
            Value::Bytes(bytes) => bytes,
            Value::Long(..) | Value::Fragments(_) | Value::Items(_) => &[],
        }
    }

    /// Its value as plain ASCII, for UIDs and codes.
    #[must_use]
    pub fn plain(&self) -> String {
        let text = String::from_utf8_lossy(self.bytes());
        text.trim_matches([' ', '\0']).to_owned()
    }

    /// Its value as text.
    #[must_use]
    pub fn text(&self, charset: &CharacterSet) -> String {
        charset.decode(self.vr(), self.bytes()).text
    }

    /// The VR of the standard where it is known, else the file's.
    #[must_use]
    pub fn vr(&self) -> Vr {
        match vr_of(self.tag) {
            Some(vr) if self.tag.group().is_multiple_of(2) || self.tag.element() <= 0xFF => vr,
            Some(_) | None => self.vr,
        }
    }
}

/// The first data element of a tag.
#[must_use]
pub fn find(item: &[Attribute], tag: Tag) -> Option<&Attribute> {
    item.iter().find(|attribute| attribute.tag == tag)
}

/// The value of a tag as plain ASCII; empty where there is none.
#[must_use]
pub fn plain(item: &[Attribute], tag: Tag) -> String {
    find(item, tag).map_or_else(String::new, Attribute::plain)
}

/// The character set that an item states, else the one around it (PS3.5 section 6.1.2.5).
#[must_use]
pub fn charset_of(item: &[Attribute], around: &CharacterSet) -> CharacterSet {
    match find(item, Tag(0x0008, 0x0005)) {
        Some(stated) => CharacterSet::parse(stated.bytes()),
        None => *around,
    }
}

/// Sequences on the way to a data element, with the items that were entered.
pub type Path = Vec<(Tag, usize)>;

/// `(0040,A730)[2].(0010,0010) PatientName`: places in files, items from 0.
#[must_use]
pub fn place_of(path: &[(Tag, usize)], tag: Tag) -> String {
    let mut text = String::new();
    for (sequence, item) in path {
        text.extend([tag_text(*sequence), format!("[{item}].")]);
    }
    text.push_str(&tag_text(tag));
    if let Some(keyword) = keyword_of(tag) {
        text.push(' ');
        text.push_str(keyword);
    }
    text
}

fn tag_text(tag: Tag) -> String {
    format!("({:04X},{:04X})", tag.group(), tag.element())
}

/// What is met on the way through a data set.
pub struct Met<'t> {
    /// Enclosing sequences, root first.
    pub path: &'t [(Tag, usize)],
    /// The data elements beside it, itself among them.
    pub item: &'t [Attribute],
    /// The data element.
    pub attribute: &'t Attribute,
    /// The character set in force.
    pub charset: &'t CharacterSet,
}

impl Met<'_> {
    /// Its place, for a finding.
    #[must_use]
    pub fn place(&self) -> String {
        place_of(self.path, self.attribute.tag)
    }

    /// Its private creator in the same item (PS3.5 section 7.8.1).
    #[must_use]
    pub fn creator(&self) -> Option<String> {
        creator_of(self.item, self.attribute.tag, self.charset)
    }
}

/// The private creator that reserved the block of a private data element.
#[must_use]
pub fn creator_of(item: &[Attribute], tag: Tag, charset: &CharacterSet) -> Option<String> {
    let [block, _] = tag.element().to_be_bytes();
    let creator = find(item, Tag(tag.group(), u16::from(block)))?;
    (tag.group() % 2 == 1 && block >= 0x10)
        .then(|| creator.text(charset).trim_matches([' ', '\0']).to_owned())
}

/// Calls `each` with every data element at every depth, in the order of the file. Its answer says whether to go into the
/// items. Depth is bounded by the guard that has seen the file before.
pub fn visit(root: &[Attribute], each: &mut dyn FnMut(&Met<'_>) -> bool) {
    visit_item(root, &mut Vec::new(), &CharacterSet::default(), each);
}

fn visit_item(
    item: &[Attribute],
    path: &mut Path,
    around: &CharacterSet,
    each: &mut dyn FnMut(&Met<'_>) -> bool,
) {
    let charset = charset_of(item, around);
    for attribute in item {
        let goes_in = each(&Met {
            path,
            item,
            attribute,
            charset: &charset,
        });
        if let (true, Value::Items(items)) = (goes_in, &attribute.value) {
            for (index, inner) in items.iter().enumerate() {
                path.push((attribute.tag, index));
                visit_item(inner, path, &charset, each);
                path.pop();
            }
        }
    }
}
