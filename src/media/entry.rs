//! One instance as a line that sorts where its directory record belongs: by patient, study, series, Instance Number and
//! file ID. The line holds the content of all four records, so that the file is read once.

use std::path::{Component, Path};

use super::copy::Copied;
use super::keys::{
    AttributeType, INSTANCE_NUMBER, Key, PATIENT_ID, SERIES_INSTANCE_UID, SERIES_NUMBER, STUDY_ID,
    STUDY_INSTANCE_UID,
};
use super::read::{Instance, RELATED_GENERAL_SOP_CLASS_UID};
use super::records::{PATIENT, PRIVATE, PRIVATE_RECORD_UID, SERIES, STUDY};
use crate::action::sequence::{New, element, sequence};
use crate::dicom::element::Encoding;
use crate::dicom::{Tag, Vr};
use crate::plan::tags::SPECIFIC_CHARACTER_SET;

const DIRECTORY_RECORD_TYPE: Tag = Tag(0x0004, 0x1430);
const PRIVATE_RECORD: Tag = Tag(0x0004, 0x1432);
const REFERENCED_FILE_ID: Tag = Tag(0x0004, 0x1500);
const REFERENCED_SOP_CLASS: Tag = Tag(0x0004, 0x1510);
const REFERENCED_SOP_INSTANCE: Tag = Tag(0x0004, 0x1511);
const REFERENCED_TRANSFER_SYNTAX: Tag = Tag(0x0004, 0x1512);
const REFERENCED_RELATED_GENERAL_SOP_CLASS: Tag = Tag(0x0004, 0x151A);

/// The file ID of a path below the root of the file-set (PS3.10 section 8.2); `None` where it is none.
#[must_use]
pub fn file_id(relative: &Path) -> Option<String> {
    let is_id = |name: &str| {
        (1..=8).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut parts = Vec::new();
    for component in relative.components() {
        match component {
            Component::Normal(name) => parts.push(name.to_str().filter(|name| is_id(name))?),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => return None,
        }
    }
    (1..=8).contains(&parts.len()).then(|| parts.join("\\"))
}

/// What a directory record says behind its offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Encoded data elements from Directory Record Type on.
    pub content: Vec<u8>,
    /// The key that stands behind `content` with a number counted here, because the instance has none.
    pub counted: Option<Key>,
}

/// A line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The patient, study and series that the instance is of, with what tells each from its siblings; none for an
    /// instance whose record stands in the root directory entity.
    pub above: Option<[(Vec<u8>, Record); 3]>,
    /// The instance itself.
    pub instance: Record,
}

/// The line of an instance whose file has this ID.
#[must_use]
pub fn line(instance: &Instance, file_id: &str) -> Vec<u8> {
    let mut line = vec![u8::from(instance.record.is_root)];
    if !instance.record.is_root {
        for key in [PATIENT_ID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID] {
            push_sorting(&mut line, &value_or_dummy(instance, &key));
        }
    }
    line.extend_from_slice(&number(instance).to_be_bytes());
    push_sorting(&mut line, file_id.as_bytes());
    if !instance.record.is_root {
        push_record(&mut line, &upper(instance, "PATIENT", PATIENT, None));
        push_record(&mut line, &upper(instance, "STUDY", STUDY, Some(STUDY_ID)));
        push_record(
            &mut line,
            &upper(instance, "SERIES", SERIES, Some(SERIES_NUMBER)),
        );
    }
    push_record(&mut line, &lowest(instance, file_id));
    line
}

/// Takes a line apart; `None` where it is none.
#[must_use]
pub fn parse(line: &[u8]) -> Option<Entry> {
    let (&is_root, mut rest) = line.split_first()?;
    let mut ids = Vec::new();
    if is_root == 0 {
        for _ in 0..3 {
            ids.push(take_sorting(&mut rest)?.to_vec());
        }
    }
    rest.split_off(..8)?;
    take_sorting(&mut rest)?;
    let mut above = Vec::new();
    for (id, counted) in ids
        .into_iter()
        .zip([None, Some(STUDY_ID), Some(SERIES_NUMBER)])
    {
        above.push((id, take_record(&mut rest, counted)?));
    }
    let instance = take_record(&mut rest, None)?;
    let above = if above.is_empty() {
        None
    } else {
        match <[(Vec<u8>, Record); 3]>::try_from(above) {
            Ok(above) => Some(above),
            Err(_) => return None,
        }
    };
    Some(Entry { above, instance })
}

/// Bytes that sort as the value does when others follow: 0 becomes 0 255, and 0 0 ends it.
fn push_sorting(line: &mut Vec<u8>, value: &[u8]) {
    for &byte in value {
        line.push(byte);
        if byte == 0 {
            line.push(0xFF);
        }
    }
    line.extend_from_slice(&[0, 0]);
}

/// The same bytes again, still as they sort.
fn take_sorting<'l>(rest: &mut &'l [u8]) -> Option<&'l [u8]> {
    let mut at = 0usize;
    loop {
        match rest.get(at..)? {
            [0, 0, ..] => break,
            [0, _, ..] => at = at.checked_add(2)?,
            _ => at = at.checked_add(1)?,
        }
    }
    let value = rest.split_off(..at)?;
    rest.split_off(..2)?;
    Some(value)
}

fn push_record(line: &mut Vec<u8>, record: &Record) {
    line.push(u8::from(record.counted.is_some()));
    let length = u32::try_from(record.content.len()).unwrap_or(u32::MAX);
    line.extend_from_slice(&length.to_le_bytes());
    line.extend_from_slice(&record.content);
}

fn take_record(rest: &mut &[u8], counted: Option<Key>) -> Option<Record> {
    let is_counted = *rest.split_off_first()? == 1;
    let length = u32::from_le_bytes(*rest.split_off(..4)?.first_chunk::<4>()?);
    let content = rest.split_off(..usize::try_from(length).unwrap_or(usize::MAX))?;
    Some(Record {
        content: content.to_vec(),
        counted: counted.filter(|_| is_counted),
    })
}

/// The value of a key, where the instance has one that fits the key's VR.
fn value<'i>(instance: &'i Instance, key: &Key) -> Option<&'i Copied> {
    let fits = |copied: &&Copied| {
        copied.is_items == (key.vr == Vr::SQ)
            && (key.vr != Vr::US || copied.bytes.len() == 2)
            && (key.vr != Vr::UL || copied.bytes.len() == 4)
    };
    let copied = instance.values.get(&key.tag).filter(fits)?;
    (!copied.bytes.is_empty()).then_some(copied)
}

fn value_or_dummy(instance: &Instance, key: &Key) -> Vec<u8> {
    value(instance, key).map_or_else(|| key.dummy().into_owned(), |copied| copied.bytes.clone())
}

/// Instance Number as bytes that sort as numbers do; what is no number counts as the dummy, 0.
fn number(instance: &Instance) -> u64 {
    let value = value_or_dummy(instance, &INSTANCE_NUMBER);
    let first = value.split(|&b| b == b'\\').next().unwrap_or_default();
    let number = std::str::from_utf8(first.trim_ascii())
        .map_or(0, |text| text.parse::<i64>().unwrap_or_default());
    number.cast_unsigned() ^ (1 << 63)
}

fn upper(instance: &Instance, name: &str, keys: &[Key], last: Option<Key>) -> Record {
    let counted = last.filter(|last| value(instance, last).is_none());
    let mut content = new(DIRECTORY_RECORD_TYPE, Vr::CS, name.as_bytes());
    let present = keys.iter().filter(|key| counted.as_ref() != Some(*key));
    push_keys(&mut content, instance, present);
    Record { content, counted }
}

fn lowest(instance: &Instance, file_id: &str) -> Record {
    let record = instance.record;
    let mut content = new(DIRECTORY_RECORD_TYPE, Vr::CS, record.name.as_bytes());
    let mut push = |tag, vr, text: &[u8]| content.extend(new(tag, vr, text));
    if record.name == PRIVATE.name {
        push(PRIVATE_RECORD, Vr::UI, PRIVATE_RECORD_UID.as_bytes());
    }
    push(REFERENCED_FILE_ID, Vr::CS, file_id.as_bytes());
    push(REFERENCED_SOP_CLASS, Vr::UI, instance.sop_class.as_bytes());
    push(
        REFERENCED_SOP_INSTANCE,
        Vr::UI,
        instance.sop_instance.as_bytes(),
    );
    push(
        REFERENCED_TRANSFER_SYNTAX,
        Vr::UI,
        instance.transfer_syntax.as_bytes(),
    );
    if let Some(related) = instance.values.get(&RELATED_GENERAL_SOP_CLASS_UID)
        && !related.bytes.is_empty()
    {
        push(REFERENCED_RELATED_GENERAL_SOP_CLASS, Vr::UI, &related.bytes);
    }
    push_keys(&mut content, instance, record.keys.iter());
    Record {
        content,
        counted: None,
    }
}

/// The keys of a record, behind the character set where one of them needs it.
fn push_keys<'k>(content: &mut Vec<u8>, instance: &Instance, keys: impl Iterator<Item = &'k Key>) {
    let mut encoded = Vec::new();
    let mut is_extended = false;
    for key in keys {
        let copied = value(instance, key);
        is_extended |= copied.is_some_and(|copied| copied.is_extended);
        let bytes = match (copied, key.attribute_type) {
            (Some(copied), _) => copied.bytes.clone(),
            (None, AttributeType::One) => key.dummy().into_owned(),
            (None, AttributeType::Two) => Vec::new(),
            (None, AttributeType::OneC) => continue,
        };
        if key.vr == Vr::SQ {
            encoded.extend(sequence(Encoding::ExplicitLe, key.tag, &bytes));
        } else {
            encoded.extend(new(key.tag, key.vr, &bytes));
        }
    }
    if is_extended && let Some(charset) = instance.values.get(&SPECIFIC_CHARACTER_SET) {
        content.extend(new(SPECIFIC_CHARACTER_SET, Vr::CS, &charset.bytes));
    }
    content.extend(encoded);
}

/// A data element of a directory.
#[must_use]
pub fn new(tag: Tag, vr: Vr, value: &[u8]) -> Vec<u8> {
    element(Encoding::ExplicitLe, &New(tag, vr, value))
}
