//! Whose file it is, and nothing else of it.

use super::context::text_of;
use super::tags;
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{Limits, ReadError, Vr};

/// Issuer of Patient ID and Patient ID of one file, read no further than these; `None` for the index of a disc.
///
/// # Errors
/// Those of reading.
pub fn patient<S: ReadAt>(
    source: &S,
    limits: &Limits,
) -> Result<Option<(String, String)>, ReadError> {
    let part10 = part10::open(source, limits)?;
    if part10.sop_class.as_deref() == Some(tags::MEDIA_STORAGE_DIRECTORY) {
        return Ok(None);
    }
    if part10.deflated {
        let inflated = InflatedSource::new(source, part10.data_set_at, limits)?;
        patient_of(&inflated, &part10, 0, limits).map(Some)
    } else {
        patient_of(source, &part10, part10.data_set_at, limits).map(Some)
    }
}

fn patient_of<S: ReadAt>(
    source: &S,
    part10: &Part10,
    at: u64,
    limits: &Limits,
) -> Result<(String, String), ReadError> {
    let mut walker = Walker::new(source, part10.encoding, at, *limits);
    let (mut issuer, mut patient_id) = (String::new(), String::new());
    while let Some(event) = walker.next_event()? {
        let Event::Element(element) = event else {
            continue;
        };
        if !walker.path().is_empty() {
            continue;
        }
        let place = match element.tag {
            tags::PATIENT_ID => &mut patient_id,
            tags::ISSUER_OF_PATIENT_ID => &mut issuer,
            tag if tag > tags::ISSUER_OF_PATIENT_ID => break,
            _ => continue,
        };
        if place.is_empty() {
            let charset = *walker.charset();
            *place = text_of(walker.value(&element)?, Vr::LO, &charset).into_owned();
        }
    }
    Ok((issuer, patient_id))
}
