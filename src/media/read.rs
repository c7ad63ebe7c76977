//! What the index needs of one file, read up to the last data element of interest and no further.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use super::copy::{self, Copied};
use super::keys::{INSTANCE_NUMBER, PATIENT_ID, VERIFICATION_DATE_TIME, key_of};
use super::records::{self, RecordType};
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10, uid_text};
use crate::dicom::source::{FileSource, ReadAt};
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{Limits, ReadError, Tag, Vr};
use crate::plan::tags::{SOP_CLASS_UID, SOP_INSTANCE_UID, SPECIFIC_CHARACTER_SET};

/// Related General SOP Class UID.
pub const RELATED_GENERAL_SOP_CLASS_UID: Tag = Tag(0x0008, 0x001A);
const VERIFYING_OBSERVER_SEQUENCE: Tag = Tag(0x0040, 0xA073);

/// Data elements that are read beside the keys.
const BESIDE: [(Tag, Vr); 4] = [
    (SPECIFIC_CHARACTER_SET, Vr::CS),
    (SOP_CLASS_UID, Vr::UI),
    (SOP_INSTANCE_UID, Vr::UI),
    (RELATED_GENERAL_SOP_CLASS_UID, Vr::UI),
];

/// One instance.
pub struct Instance {
    /// SOP Class UID.
    pub sop_class: String,
    /// SOP Instance UID.
    pub sop_instance: String,
    /// Transfer Syntax UID.
    pub transfer_syntax: String,
    /// The directory record that stands for it.
    pub record: &'static RecordType,
    /// Values of its root data set.
    pub values: BTreeMap<Tag, Copied>,
}

/// Reads one file. `None` for a file that names no SOP Class or no instance, neither in its data set nor before it: no
/// record can refer to it.
///
/// # Errors
/// Where the file cannot be read as DICOM.
pub fn instance(path: &Path, limits: &Limits) -> Result<Option<Instance>, ReadError> {
    let source = FileSource::new(File::open(path)?)?;
    let part10 = part10::open(&source, limits)?;
    let values = if part10.deflated {
        let inflated = InflatedSource::new(&source, part10.data_set_at, limits)?;
        values(&inflated, &part10, 0, limits)?
    } else {
        values(&source, &part10, part10.data_set_at, limits)?
    };
    let uid = |tag, before: Option<String>| {
        let inside = values.get(&tag).map(|value| uid_text(&value.bytes));
        inside.filter(|uid| !uid.is_empty()).or(before)
    };
    let (Some(sop_class), Some(sop_instance)) = (
        uid(SOP_CLASS_UID, part10.sop_class),
        uid(SOP_INSTANCE_UID, part10.sop_instance),
    ) else {
        return Ok(None);
    };
    if sop_class.is_empty() || sop_instance.is_empty() {
        return Ok(None);
    }
    Ok(Some(Instance {
        record: records::record_type(&sop_class),
        sop_class,
        sop_instance,
        transfer_syntax: part10.transfer_syntax,
        values,
    }))
}

fn values<S: ReadAt + ?Sized>(
    source: &S,
    part10: &Part10,
    at: u64,
    limits: &Limits,
) -> Result<BTreeMap<Tag, Copied>, ReadError> {
    let mut values = BTreeMap::new();
    let mut record = records::record_type(part10.sop_class.as_deref().unwrap_or_default());
    let mut walker = Walker::new(source, part10.encoding, at, *limits);
    while let Some(event) = walker.next_event()? {
        let element = match event {
            Event::Element(element)
            | Event::SequenceStart(element)
            | Event::FragmentsStart(element) => element,
            Event::ItemStart(_)
            | Event::ItemEnd(_)
            | Event::SequenceEnd(_)
            | Event::Fragment(_)
            | Event::FragmentsEnd(_)
            | Event::Padding { .. } => continue,
        };
        let tag = element.tag;
        match walker.path() {
            [] if tag > last(record) => break,
            [] => {}
            [observer] if observer.sequence == VERIFYING_OBSERVER_SEQUENCE => {
                if tag == VERIFICATION_DATE_TIME.tag {
                    let value = copy::value(&mut walker, &element, Vr::DT)?;
                    keep_latest(&mut values, value);
                }
                continue;
            }
            [_, ..] => continue,
        }
        let beside = BESIDE.iter().find(|(beside, _)| *beside == tag);
        let vr = beside.map(|(_, vr)| *vr).or(key_of(tag).map(|key| key.vr));
        let copied = match (event, vr) {
            (Event::SequenceStart(_), Some(Vr::SQ))
                if record.keys.iter().any(|key| key.tag == tag) =>
            {
                copy::items(&mut walker, tag)?
            }
            (Event::Element(_), Some(vr)) if vr != Vr::SQ => {
                copy::value(&mut walker, &element, vr)?
            }
            _ => None,
        };
        if let Some(copied) = copied {
            if tag == SOP_CLASS_UID {
                record = records::record_type(&uid_text(&copied.bytes));
            }
            values.insert(tag, copied);
        }
    }
    Ok(values)
}

/// The last tag that is of interest for this record.
fn last(record: &RecordType) -> Tag {
    let keys = record
        .keys
        .last()
        .map_or(INSTANCE_NUMBER.tag, |key| key.tag);
    keys.max(INSTANCE_NUMBER.tag)
}

/// A document is verified as of its latest verification (PS3.3 section F.5.25).
fn keep_latest(values: &mut BTreeMap<Tag, Copied>, value: Option<Copied>) {
    if let Some(value) = value
        && values
            .get(&VERIFICATION_DATE_TIME.tag)
            .is_none_or(|known| known.bytes < value.bytes)
    {
        values.insert(VERIFICATION_DATE_TIME.tag, value);
    }
}

impl Instance {
    /// Gives a patient without Patient ID this one: in a directory every patient has a number of its own (PS3.3 F.5.1).
    pub fn name_patient(&mut self, patient_id: &[u8]) {
        let there = self.values.entry(PATIENT_ID.tag).or_default();
        if there.bytes.trim_ascii().is_empty() {
            there.bytes = patient_id.to_vec();
        }
    }
}
