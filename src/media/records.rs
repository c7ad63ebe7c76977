//! Directory record types (PS3.3 section F.4): which one stands for an instance of a SOP Class, and with which keys.

use super::keys::{self as key, Key};

/// A type of directory record that stands for one instance.
#[derive(Debug)]
pub struct RecordType {
    /// Directory Record Type.
    pub name: &'static str,
    /// It stands in the root directory entity: the instance is of no patient.
    pub is_root: bool,
    /// Its keys, by tag.
    pub keys: &'static [Key],
    /// SOP Classes below [`SOP_CLASSES`].
    classes: &'static str,
}

/// The root of the UIDs of the SOP Classes in the table.
const SOP_CLASSES: &str = "1.2.840.10008.5.1.4.";

/// Keys of PATIENT (PS3.3 section F.5.1).
pub static PATIENT: &[Key] = &[key::PATIENT_NAME, key::PATIENT_ID];
/// Keys of STUDY (PS3.3 section F.5.2).
pub static STUDY: &[Key] = &[
    key::STUDY_DATE,
    key::STUDY_TIME,
    key::ACCESSION_NUMBER,
    key::STUDY_DESCRIPTION,
    key::STUDY_INSTANCE_UID,
    key::STUDY_ID,
];
/// Keys of SERIES (PS3.3 section F.5.3).
pub static SERIES: &[Key] = &[key::MODALITY, key::SERIES_INSTANCE_UID, key::SERIES_NUMBER];

/// Keys of records whose instances have a Content Identification Macro (PS3.3 table 10-12).
static IDENTIFIED_CONTENT: &[Key] = &[
    key::CONTENT_DATE,
    key::CONTENT_TIME,
    key::INSTANCE_NUMBER,
    key::CONTENT_LABEL,
    key::CONTENT_DESCRIPTION,
    key::CONTENT_CREATOR_NAME,
];

const fn series(name: &'static str, keys: &'static [Key], classes: &'static str) -> RecordType {
    RecordType {
        name,
        is_root: false,
        keys,
        classes,
    }
}

const fn root(name: &'static str, keys: &'static [Key], classes: &'static str) -> RecordType {
    RecordType {
        name,
        is_root: true,
        keys,
        classes,
    }
}

/// The record of an instance whose SOP Class has no record type of its own.
pub static PRIVATE: RecordType = series("PRIVATE", &[], "");
/// Names our PRIVATE records (PS3.3 section F.6.1), from a UUID made for this program.
pub const PRIVATE_RECORD_UID: &str = "2.25.201620394786482992361212047345070886995";

/// The record types with the SOP Classes that they stand for, retired ones included.
pub static RECORD_TYPES: &[RecordType] = &[
    series(
        "IMAGE",
        &[key::INSTANCE_NUMBER],
        "1.1.1 1.1.1.1 1.1.1.1.1 1.1.1.2 1.1.1.2.1 1.1.1.3 1.1.1.3.1 \
         1.1.2 1.1.2.1 1.1.2.2 1.1.2.3 1.1.2.4 1.1.2.5 1.1.3 1.1.3.1 1.1.4 1.1.4.1 1.1.4.3 1.1.4.4 1.1.5 \
         1.1.6 1.1.6.1 1.1.6.2 1.1.6.3 1.1.7 1.1.7.1 1.1.7.2 1.1.7.3 1.1.7.4 \
         1.1.12.1 1.1.12.1.1 1.1.12.2 1.1.12.2.1 1.1.12.3 1.1.13.1.1 1.1.13.1.2 1.1.13.1.3 1.1.13.1.4 1.1.13.1.5 \
         1.1.14.1 1.1.14.2 1.1.20 1.1.30 1.1.66.4 1.1.66.7 1.1.66.8 \
         1.1.77.1 1.1.77.1.1 1.1.77.1.1.1 1.1.77.1.2 1.1.77.1.2.1 1.1.77.1.3 1.1.77.1.4 1.1.77.1.4.1 \
         1.1.77.1.5.1 1.1.77.1.5.2 1.1.77.1.5.4 1.1.77.1.5.5 1.1.77.1.5.6 1.1.77.1.5.7 1.1.77.1.5.8 \
         1.1.77.1.6 1.1.77.1.7 1.1.77.1.8 1.1.77.1.9 1.1.77.2 1.1.81.1 1.1.82.1 \
         1.1.128 1.1.128.1 1.1.130 1.1.481.1 1.1.481.23 1.1.481.24 \
         1.1.501.1 1.1.501.2.1 1.1.501.2.2 1.1.501.4 1.1.501.5 1.1.601.1 1.1.601.2 1.1.601.3 1.1.601.4",
    ),
    series(
        "RT DOSE",
        &[key::INSTANCE_NUMBER, key::DOSE_SUMMATION_TYPE],
        "1.1.481.2",
    ),
    series(
        "RT STRUCTURE SET",
        &[
            key::INSTANCE_NUMBER,
            key::STRUCTURE_SET_LABEL,
            key::STRUCTURE_SET_DATE,
            key::STRUCTURE_SET_TIME,
        ],
        "1.1.481.3",
    ),
    series(
        "RT PLAN",
        &[
            key::INSTANCE_NUMBER,
            key::RT_PLAN_LABEL,
            key::RT_PLAN_DATE,
            key::RT_PLAN_TIME,
        ],
        "1.1.481.5 1.1.481.8",
    ),
    series(
        "RT TREAT RECORD",
        &[
            key::INSTANCE_NUMBER,
            key::TREATMENT_DATE,
            key::TREATMENT_TIME,
        ],
        "1.1.481.4 1.1.481.6 1.1.481.7 1.1.481.9",
    ),
    series(
        "PRESENTATION",
        &[
            key::REFERENCED_SERIES_SEQUENCE,
            key::INSTANCE_NUMBER,
            key::CONTENT_LABEL,
            key::CONTENT_DESCRIPTION,
            key::PRESENTATION_CREATION_DATE,
            key::PRESENTATION_CREATION_TIME,
            key::CONTENT_CREATOR_NAME,
            key::BLENDING_SEQUENCE,
        ],
        "1.1.11.1 1.1.11.2 1.1.11.3 1.1.11.4 1.1.11.5 1.1.11.6 1.1.11.7 1.1.11.8 1.1.11.9 1.1.11.10 1.1.11.11 \
         1.1.11.12 1.1.131",
    ),
    series(
        "WAVEFORM",
        &[key::CONTENT_DATE, key::CONTENT_TIME, key::INSTANCE_NUMBER],
        "1.1.9.1 1.1.9.1.1 1.1.9.1.2 1.1.9.1.3 1.1.9.1.4 1.1.9.2.1 1.1.9.3.1 1.1.9.4.1 1.1.9.4.2 1.1.9.5.1 1.1.9.6.1 \
         1.1.9.6.2 1.1.9.7.1 1.1.9.7.2 1.1.9.7.3 1.1.9.7.4 1.1.9.8.1 1.1.601.5",
    ),
    series(
        "SR DOCUMENT",
        &[
            key::CONTENT_DATE,
            key::CONTENT_TIME,
            key::INSTANCE_NUMBER,
            key::VERIFICATION_DATE_TIME,
            key::CONCEPT_NAME_CODE_SEQUENCE,
            key::COMPLETION_FLAG,
            key::VERIFICATION_FLAG,
            key::CONTENT_SEQUENCE,
        ],
        "1.1.78.6 1.1.79.1 1.1.88.1 1.1.88.2 1.1.88.3 1.1.88.4 1.1.88.11 1.1.88.22 1.1.88.33 1.1.88.34 1.1.88.35 \
         1.1.88.40 1.1.88.50 1.1.88.65 1.1.88.67 1.1.88.68 1.1.88.69 1.1.88.70 1.1.88.71 1.1.88.72 1.1.88.73 1.1.88.74 \
         1.1.88.75 1.1.88.76 1.1.88.77",
    ),
    series(
        "KEY OBJECT DOC",
        &[
            key::CONTENT_DATE,
            key::CONTENT_TIME,
            key::INSTANCE_NUMBER,
            key::CONCEPT_NAME_CODE_SEQUENCE,
            key::CONTENT_SEQUENCE,
        ],
        "1.1.88.59",
    ),
    series(
        "SPECTROSCOPY",
        &[
            key::IMAGE_TYPE,
            key::CONTENT_DATE,
            key::CONTENT_TIME,
            key::REFERENCED_IMAGE_EVIDENCE_SEQUENCE,
            key::INSTANCE_NUMBER,
            key::NUMBER_OF_FRAMES,
            key::ROWS,
            key::COLUMNS,
            key::DATA_POINT_ROWS,
            key::DATA_POINT_COLUMNS,
        ],
        "1.1.4.2",
    ),
    series(
        "RAW DATA",
        &[
            key::CONTENT_DATE,
            key::CONTENT_TIME,
            key::INSTANCE_NUMBER.type_2(),
        ],
        "1.1.66",
    ),
    series("REGISTRATION", IDENTIFIED_CONTENT, "1.1.66.1 1.1.66.3"),
    series("FIDUCIAL", IDENTIFIED_CONTENT, "1.1.66.2"),
    series(
        "ENCAP DOC",
        &[
            key::CONTENT_DATE.type_2(),
            key::CONTENT_TIME.type_2(),
            key::INSTANCE_NUMBER,
            key::CONCEPT_NAME_CODE_SEQUENCE.type_2(),
            key::HL7_INSTANCE_IDENTIFIER,
            key::DOCUMENT_TITLE,
            key::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT,
        ],
        "1.1.104.1 1.1.104.2 1.1.104.3 1.1.104.4 1.1.104.5",
    ),
    series("VALUE MAP", IDENTIFIED_CONTENT, "1.1.67"),
    series("STEREOMETRIC", &[], "1.1.77.1.5.3"),
    series("PLAN", &[], "34.1 34.7 34.10"),
    series(
        "MEASUREMENT",
        IDENTIFIED_CONTENT,
        "1.1.78.1 1.1.78.2 1.1.78.3 1.1.78.4 1.1.78.5 1.1.78.7 1.1.78.8 1.1.80.1",
    ),
    series("SURFACE", IDENTIFIED_CONTENT, "1.1.66.5"),
    series(
        "SURFACE SCAN",
        &[key::CONTENT_DATE, key::CONTENT_TIME],
        "1.1.68.1 1.1.68.2",
    ),
    series("TRACT", IDENTIFIED_CONTENT, "1.1.66.6"),
    series(
        "ASSESSMENT",
        &[
            key::INSTANCE_CREATION_DATE,
            key::INSTANCE_CREATION_TIME,
            key::INSTANCE_NUMBER,
        ],
        "1.1.90.1",
    ),
    series(
        "RADIOTHERAPY",
        &[
            key::INSTANCE_NUMBER,
            key::CONTENT_DESCRIPTION,
            key::CONTENT_CREATOR_NAME,
            key::USER_CONTENT_LABEL,
            key::USER_CONTENT_LONG_LABEL,
        ],
        "1.1.481.10 1.1.481.11 1.1.481.12 1.1.481.13 1.1.481.14 1.1.481.15 1.1.481.16 1.1.481.17 1.1.481.18 1.1.481.19 \
         1.1.481.20 1.1.481.21 1.1.481.22 1.1.481.25",
    ),
    series("ANNOTATION", IDENTIFIED_CONTENT, "1.1.91.1"),
    series(
        "WF PRESENTATION",
        &[
            key::REFERENCED_SERIES_SEQUENCE,
            key::INSTANCE_NUMBER,
            key::CONTENT_LABEL,
            key::CONTENT_DESCRIPTION,
            key::PRESENTATION_CREATION_DATE,
            key::PRESENTATION_CREATION_TIME,
            key::CONTENT_CREATOR_NAME,
        ],
        "1.1.9.100.1 1.1.9.100.2",
    ),
    root(
        "HANGING PROTOCOL",
        &[
            key::HANGING_PROTOCOL_NAME,
            key::HANGING_PROTOCOL_DESCRIPTION,
            key::HANGING_PROTOCOL_LEVEL,
            key::HANGING_PROTOCOL_CREATOR,
            key::HANGING_PROTOCOL_CREATION_DATE_TIME,
            key::HANGING_PROTOCOL_DEFINITION_SEQUENCE,
            key::HANGING_PROTOCOL_USER_IDENTIFICATION_CODE_SEQUENCE,
            key::NUMBER_OF_PRIORS_REFERENCED,
        ],
        "38.1",
    ),
    root(
        "PALETTE",
        &[key::CONTENT_LABEL, key::CONTENT_DESCRIPTION],
        "39.1",
    ),
    root(
        "IMPLANT",
        &[
            key::MANUFACTURER,
            key::IMPLANT_NAME,
            key::IMPLANT_PART_NUMBER,
            key::IMPLANT_SIZE,
        ],
        "43.1",
    ),
    root(
        "IMPLANT ASSY",
        &[
            key::MANUFACTURER,
            key::IMPLANT_ASSEMBLY_TEMPLATE_NAME,
            key::PROCEDURE_TYPE_CODE_SEQUENCE,
        ],
        "44.1",
    ),
    root(
        "IMPLANT GROUP",
        &[
            key::IMPLANT_TEMPLATE_GROUP_NAME,
            key::IMPLANT_TEMPLATE_GROUP_ISSUER,
        ],
        "45.1",
    ),
    root(
        "INVENTORY",
        &[key::CONTENT_DATE, key::CONTENT_TIME],
        "1.1.201.1",
    ),
];

/// The record type that stands for an instance of this SOP Class.
#[must_use]
pub fn record_type(sop_class: &str) -> &'static RecordType {
    let Some(class) = sop_class.strip_prefix(SOP_CLASSES) else {
        return &PRIVATE;
    };
    RECORD_TYPES
        .iter()
        .find(|record| record.classes.split_ascii_whitespace().any(|c| c == class))
        .unwrap_or(&PRIVATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::uids;

    #[test]
    fn every_registered_storage_class_has_a_record_type_or_is_known_to_have_none() {
        // F.4 has no record for protocols and for objects of the security scanners of DICOS, and retired those of the
        // standalone objects together with them
        let has_none = |name: &str| {
            name.is_empty()
                || name.starts_with("Standalone")
                || name.contains("Procedure Protocol")
                || name.starts_with("Protocol Approval")
                || name.starts_with("DICOS Threat")
                || name.starts_with("DICOS Quadrupole")
        };
        let mut seen = 0;
        for row in include_str!("../standard/generated/uids.rs").lines() {
            let [_, uid, _, "SOP Class", _, name, _] = row.split('"').collect::<Vec<_>>()[..]
            else {
                continue;
            };
            let is_storage = name.contains("Storage") || name.is_empty();
            if !uid.starts_with(SOP_CLASSES) || !is_storage {
                continue;
            }
            seen += 1;
            assert_eq!(
                record_type(uid).name == "PRIVATE",
                has_none(name),
                "{uid} {name}"
            );
        }
        assert!(seen > 190, "{seen}");
    }

    #[test]
    fn every_row_names_registered_classes_once_and_keys_in_order() {
        let mut classes = Vec::new();
        for record in RECORD_TYPES {
            assert!(
                record.keys.is_sorted_by(|a, b| a.tag < b.tag),
                "{}",
                record.name
            );
            for class in record.classes.split_ascii_whitespace() {
                let uid = format!("{SOP_CLASSES}{class}");
                assert_eq!(uids::kind(&uid), Some("SOP Class"), "{uid}");
                classes.push(uid);
            }
        }
        let all = classes.len();
        classes.sort();
        classes.dedup();
        assert_eq!(classes.len(), all);
        for keys in [PATIENT, STUDY, SERIES] {
            assert!(keys.is_sorted_by(|a, b| a.tag < b.tag));
        }
    }

    #[test]
    fn classes_are_told_apart_by_their_whole_uid() {
        for (class, name) in [
            ("1.2.840.10008.5.1.4.1.1.4", "IMAGE"),
            ("1.2.840.10008.5.1.4.1.1.4.2", "SPECTROSCOPY"),
            ("1.2.840.10008.5.1.4.1.1.88.59", "KEY OBJECT DOC"),
            ("1.2.840.10008.5.1.4.1.1.9.100.1", "WF PRESENTATION"),
            ("1.2.840.10008.5.1.4.38.1", "HANGING PROTOCOL"),
            ("1.2.840.10008.5.1.4.1.1.2.", "PRIVATE"),
            ("1.2.840.113619.4.26", "PRIVATE"),
            ("", "PRIVATE"),
        ] {
            assert_eq!(record_type(class).name, name);
        }
    }
}
