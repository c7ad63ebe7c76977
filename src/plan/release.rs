//! The plan for a file that was held back and that a person has released: (0012,0062) becomes YES, and nothing else changes.

use super::edits::Edits;
use super::tags::PATIENT_IDENTITY_REMOVED;
use super::triage::Head;
use super::{InstanceNames, Plan, Refusal, Tally, Traits, file_meta};
use crate::action::sequence::{New, element};
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{self, Part10};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Event, Walker};
use crate::dicom::{Limits, Vr};
use crate::identity::known::KnownIdentifiers;

/// The plan of a release.
///
/// # Errors
/// [`Refusal`]: the file cannot be read.
pub fn plan<S: ReadAt>(source: &S, limits: &Limits) -> Result<Plan, Refusal> {
    let part10 = part10::open(source, limits)?;
    let (edits, inflated) = if part10.deflated {
        let inflated = InflatedSource::new(source, part10.data_set_at, limits)?;
        (edits(&inflated, &part10, 0, limits)?, Some(inflated.len()))
    } else {
        (edits(source, &part10, part10.data_set_at, limits)?, None)
    };
    let sop_instance = part10.sop_instance.clone().unwrap_or_default();
    Ok(Plan {
        head: file_meta::head(
            part10.sop_class.as_deref().unwrap_or_default(),
            &sop_instance,
            &part10.transfer_syntax,
        ),
        part10,
        inflated,
        edits,
        passed_over: Vec::new(),
        known: KnownIdentifiers::of_nobody(),
        names: InstanceNames {
            patient: String::new(),
            study: String::new(),
            series: String::new(),
            instance: String::new(),
        },
        sop_instance,
        held_by: Vec::new(),
        traits: Traits {
            name: String::new(),
            birth_date: String::new(),
            modality: "",
            head: Head::No,
        },
        tally: Tally::default(),
        is_dicomdir: false,
        steps: Vec::new(),
        keeps_everything: false,
    })
}

/// The marker in its place.
fn edits<S: ReadAt>(
    source: &S,
    part10: &Part10,
    at: u64,
    limits: &Limits,
) -> Result<Edits, Refusal> {
    let mut walker = Walker::new(source, part10.encoding, at, *limits);
    let mut place = None;
    while let Some(event) = walker.next_event()? {
        let (Event::Element(next) | Event::SequenceStart(next) | Event::FragmentsStart(next)) =
            event
        else {
            continue;
        };
        if !walker.path().is_empty() {
            continue;
        }
        // it stands where the input had one, which may be out of order
        if let Some(end) = next.end()
            && next.tag == PATIENT_IDENTITY_REMOVED
        {
            place = Some((next.at, end));
            break;
        }
        if next.tag > PATIENT_IDENTITY_REMOVED {
            place.get_or_insert((next.at, next.at));
        }
    }
    let place = place.unwrap_or((source.len(), source.len()));
    let marker = New(PATIENT_IDENTITY_REMOVED, Vr::CS, b"YES");
    let with = element(part10.encoding, &marker);
    Ok(Edits::one(place.0, place.1, with))
}
