//! The index of a disc, read by the parser of dicom-object record by record: whatever its length, one record is in memory.
//!
//! Owns: that each record's file is there and says what the record says, that each file has a record, that names are file IDs
//! (PS3.10 section 8.2) and that the offsets lead from each record to the next (PS3.3 section F.2.2).

use std::fs::File;
use std::io;

use super::findings::{
    DISC_FILE, DISC_LINK, DISC_NAME, DISC_RECORD, DISC_UNINDEXED, DISC_UNREADABLE, Findings,
};
use super::reading::{Reading, Unread, records};
use super::record::disc_index;
use super::sets::{fields, line};
use super::tags;
use super::tree::{Item, find, plain};
use crate::batch::layout::CLEAN;
use crate::batch::sorted::Sorter;
use crate::dicom::element::Encoding;
use crate::dicom::source::FileSource;
use crate::dicom::{Limits, Tag};

const FIRST_RECORD: Tag = Tag(0x0004, 0x1200);
const NEXT_RECORD: Tag = Tag(0x0004, 0x1400);
const LOWER_RECORD: Tag = Tag(0x0004, 0x1420);
const RECORD_TYPE: Tag = Tag(0x0004, 0x1430);
const FILE_ID: Tag = Tag(0x0004, 0x1500);
const CLASS_IN_FILE: Tag = Tag(0x0004, 0x1510);
const INSTANCE_IN_FILE: Tag = Tag(0x0004, 0x1511);
const SYNTAX_IN_FILE: Tag = Tag(0x0004, 0x1512);

/// Kinds of lines about a place: the file sorts before its record.
const IN_FOLDER: &str = "f";
const IN_INDEX: &str = "r";
/// Kinds of lines about an offset: that a record begins there, that another one leads there.
const BEGINS: &str = "b";
const LEADS: &str = "l";

/// What a file of `clean/` says, for the record of it; `None` for one that no record can refer to.
#[must_use]
pub fn line_of(reading: &Reading, place: &str) -> Option<Vec<u8>> {
    let own = |tag: Tag, stated: &str| {
        let inside = plain(&reading.root, tag);
        if inside.is_empty() {
            stated.to_owned()
        } else {
            inside
        }
    };
    let class = own(tags::SOP_CLASS_UID, &reading.stated.0);
    let instance = own(tags::SOP_INSTANCE_UID, &reading.stated.1);
    if class.is_empty() || instance.is_empty() {
        return None;
    }
    let root = &reading.root;
    Some(line(&[
        place,
        IN_FOLDER,
        &class,
        &instance,
        &reading.transfer_syntax,
        &plain(root, tags::PATIENT_ID),
        &plain(root, tags::STUDY_INSTANCE_UID),
        &plain(root, tags::SERIES_INSTANCE_UID),
    ]))
}

/// A file without SOP Class or instance: it is there, and needs no record.
#[must_use]
pub fn line_without_record(place: &str) -> Vec<u8> {
    line(&[place, IN_FOLDER])
}

/// Reads the index, and compares it with what the files say.
///
/// # Errors
/// Those of reading and sorting.
pub fn check(
    index: File,
    mut files: Sorter,
    mut offsets: Sorter,
    limits: &Limits,
    findings: &mut Findings,
) -> io::Result<()> {
    let source = FileSource::new(index)?;
    let mut open = Hierarchy::default();
    let mut failed = None;
    let read = records(&source, limits, &mut |at, record| {
        let done = offsets
            .push(line(&[&format!("{at:020}"), BEGINS]))
            .and_then(|()| lead(record, &mut offsets))
            .and_then(|()| open.take(record, &mut files, findings));
        if let Err(e) = done {
            failed = Some(e);
        }
    });
    if let Some(e) = failed {
        return Err(e);
    }
    match read {
        Ok(root) => {
            lead(&root, &mut offsets)?;
            join(files, findings)?;
            follow(offsets, findings)
        }
        Err(Unread::Io(e)) => Err(e),
        Err(Unread::Refused | Unread::TooLarge) => {
            findings.found(DISC_UNREADABLE, disc_index());
            Ok(())
        }
    }
}

/// The patient, study and series that the records so far are below: this program's records stand depth first.
#[derive(Default)]
struct Hierarchy {
    patient: String,
    study: String,
    series: String,
}

impl Hierarchy {
    fn take(
        &mut self,
        record: &Item,
        files: &mut Sorter,
        findings: &mut Findings,
    ) -> io::Result<()> {
        match plain(record, RECORD_TYPE).as_str() {
            "PATIENT" => self.patient = plain(record, tags::PATIENT_ID),
            "STUDY" => self.study = plain(record, tags::STUDY_INSTANCE_UID),
            "SERIES" => self.series = plain(record, tags::SERIES_INSTANCE_UID),
            _ => {
                let id = plain(record, FILE_ID);
                let parts: Vec<&str> = id.split('\\').map(str::trim).collect();
                if !is_file_id(&parts) {
                    findings.found(DISC_NAME, disc_index());
                    return Ok(());
                }
                let place = format!("{CLEAN}/{}", parts.join("/"));
                files.push(line(&[
                    &place,
                    IN_INDEX,
                    &plain(record, CLASS_IN_FILE),
                    &plain(record, INSTANCE_IN_FILE),
                    &plain(record, SYNTAX_IN_FILE),
                    &self.patient,
                    &self.study,
                    &self.series,
                ]))?;
            }
        }
        Ok(())
    }
}

fn is_file_id(parts: &[&str]) -> bool {
    let is_id = |part: &&str| {
        (1..=8).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    (1..=8).contains(&parts.len()) && parts.iter().all(is_id)
}

/// True for a place below `clean/` that a disc can have.
#[must_use]
pub fn is_disc_name(place: &str) -> bool {
    let below = place.strip_prefix(&format!("{CLEAN}/")).unwrap_or(place);
    is_file_id(&below.split('/').collect::<Vec<_>>())
}

/// Where a record leads.
fn lead(record: &Item, offsets: &mut Sorter) -> io::Result<()> {
    for tag in [FIRST_RECORD, NEXT_RECORD, LOWER_RECORD] {
        let at = find(record, tag).and_then(|found| found.bytes().first_chunk::<4>().copied());
        let at = at.map_or(0, |four| Encoding::ExplicitLe.u32(four));
        if at != 0 {
            offsets.push(line(&[&format!("{at:020}"), LEADS]))?;
        }
    }
    Ok(())
}

/// Files and their records, side by side.
fn join(files: Sorter, findings: &mut Findings) -> io::Result<()> {
    let mut open: Option<[String; 8]> = None;
    let mut is_indexed = true;
    let close = |open: &Option<[String; 8]>, is_indexed: bool, findings: &mut Findings| {
        if let Some([place, _, class, ..]) = open
            && !is_indexed
            && !class.is_empty()
        {
            findings.found(DISC_UNINDEXED, place);
        }
    };
    for one in files.finish()? {
        let next: [String; 8] = fields(&one?);
        let [place, kind, ..] = &next;
        if kind == IN_FOLDER {
            close(&open, is_indexed, findings);
            open = Some(next);
            is_indexed = false;
            continue;
        }
        match &open {
            Some(file) if file[0] == *place => {
                is_indexed = true;
                if !agrees(file, &next) {
                    findings.found(DISC_RECORD, place);
                }
            }
            Some(_) | None => findings.found(DISC_FILE, place),
        }
    }
    close(&open, is_indexed, findings);
    Ok(())
}

/// A file says what its record says. A patient without a number has one in the index only; what is of no patient has a record
/// at the root.
fn agrees(file: &[String; 8], record: &[String; 8]) -> bool {
    let [_, _, class, instance, syntax, patient, study, series] = file;
    let [
        _,
        _,
        r_class,
        r_instance,
        r_syntax,
        r_patient,
        r_study,
        r_series,
    ] = record;
    let fits = |own: &String, above: &String| own.is_empty() || own == above;
    class == r_class
        && instance == r_instance
        && syntax == r_syntax
        && fits(patient, r_patient)
        && fits(study, r_study)
        && fits(series, r_series)
}

/// Every record is led to once, and nothing else is.
fn follow(offsets: Sorter, findings: &mut Findings) -> io::Result<()> {
    let mut open: Option<(String, bool)> = None;
    let mut is_wrong = false;
    for one in offsets.finish()? {
        let [at, kind] = fields(&one?);
        if kind == BEGINS {
            is_wrong |= open.replace((at, false)).is_some_and(|(_, is_led)| !is_led);
            continue;
        }
        match &mut open {
            Some((begins, is_led)) if *begins == at && !*is_led => *is_led = true,
            Some(_) | None => is_wrong = true,
        }
    }
    if is_wrong || open.is_some_and(|(_, is_led)| !is_led) {
        findings.found(DISC_LINK, disc_index());
    }
    Ok(())
}
