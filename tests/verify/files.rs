//! Damage inside files.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::DefaultDicomObject;

use super::bench::{Copy, sequence, with_item};
use super::row::Damage::{By, Bytes, From, Inside, Object, Set};
use super::row::{Row, told};

const SERIES: &[Tag] = &[tags::REFERENCED_SERIES_SEQUENCE];
const IMAGE: &[Tag] = &[
    tags::REFERENCED_SERIES_SEQUENCE,
    tags::REFERENCED_IMAGE_SEQUENCE,
];
const DESCRIPTION: &str = "(0008,1030) StudyDescription";
const REFERENCE: &str = "(0008,1115)[0].(0008,1140)[0].(0008,1155)";

/// Damage to files, with what is found in them: its name and the input, what is done to the output of it, the code and the data
/// element that are told. The code is the same when the journal was made to fit, unless another one is named.
#[rustfmt::skip]
pub const IN_FILES: &[Row] = &[
    // bytes
    told("a byte of native pixel data", "A1",
        Bytes(|bytes| *ninth_last(bytes) ^= 1), "pixels", "PixelData"),
    told("a byte of compressed pixel data", "JPEG",
        Bytes(|bytes| *coded(bytes) ^= 1), "pixels", "PixelData"),
    told("a byte of compressed pixel data that becomes zero", "JPEG",
        Bytes(|bytes| blank(coded(bytes))), "pixels", "PixelData"),
    told("a file that is cut off", "A1",
        Bytes(|bytes| bytes.truncate(bytes.len() - 100)), "unreadable", ""),
    told("a file that is no DICOM", "A1",
        Bytes(|bytes| *bytes = b"no file".to_vec()), "unreadable", ""),
    told("nesting that other readers die of", "A1",
        Bytes(nest), "unreadable", ""),
    told("a length of four gigabytes", "A1",
        Bytes(|bytes| bytes.extend(FOUR_GIGABYTES)), "unreadable", ""),
    told("words in the preamble", "A1",
        Bytes(|bytes| bytes[..5].copy_from_slice(b"words")), "preamble", ""),

    // group 0002
    told("an element too many in group 0002", "A1",
        Object(add_to_group_2), "file-meta", "(0002,0016)"),
    told("another instance in group 0002", "A1",
        Object(rename_in_group_2), "file-meta-uid", "(0002,0003)"),

    // what the profile removes, or replaces by a code
    told("Patient's Name put back", "A1",
        Set(tags::PATIENT_NAME, VR::PN, "CANARY-PN-01 Quillfeather^Anna"), "no-code", "(0010,0010) PatientName"),
    told("an attribute that the table lists", "A1",
        Set(tags::PATIENT_ADDRESS, VR::LO, "somewhere"), "listed-left", "(0010,1040) PatientAddress"),
    told("a listed attribute inside an item", "STATE",
        Inside(SERIES, tags::OPERATORS_NAME, VR::PN, "somebody"), "listed-left", "(0008,1115)[0].(0008,1070) OperatorsName"),
    told("a listed sequence with an item", "A1",
        Object(add_a_listed_sequence), "listed-left", "(0010,1002)"),
    told("a date that the table does not list", "A1",
        Set(tags::LAST_MENSTRUAL_DATE, VR::DA, "20010203"), "added", "(0010,21D0)"),
    told("an attribute that the standard does not know", "A1",
        Set(Tag(0x0018, 0xFFF0), VR::LO, "words"), "unlisted-left", "(0018,FFF0)"),
    told("a private data element", "A1",
        Object(add_a_private_element), "private-left", "(0009,1001)"),
    told("a private creator without its block", "A1",
        Set(Tag(0x0009, 0x0010), VR::LO, "words"), "private-left", "(0009,0010)"),

    // what the file says of its cleaning
    told("a mark that says no", "A1",
        Set(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "NO"), "mark", "(0012,0062)"),
    told("a mark that says yes in review", "US",
        Set(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"), "mark", "(0012,0062)"),
    told("another method", "A1",
        Set(tags::DEIDENTIFICATION_METHOD, VR::LO, "by hand"), "mark", "(0012,0063)"),
    told("no method codes", "A1",
        Object(|object| assert!(object.remove_element(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE))), "mark", "(0012,0064)"),

    // UIDs, and what belongs to what
    told("an original UID", "A1",
        Set(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.999.1.1.7"), "uid-left", "(0020,0052)"),
    told("an original UID in an item", "STATE",
        Inside(IMAGE, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "1.2.999.1.1.1.1"), "uid-left", REFERENCE),
    told("one SOP Instance UID twice", "A2",
        From("A1", tags::SOP_INSTANCE_UID, tags::SOP_INSTANCE_UID, VR::UI), "instance-twice", "").sealed(Some("uid-mapping")),
    told("one SOP Instance UID with two classes", "STATE",
        From("A1", tags::SOP_INSTANCE_UID, tags::SOP_INSTANCE_UID, VR::UI), "class-differs", "").sealed(Some("uid-mapping")),
    told("a series in two studies", "A2",
        From("A3", tags::STUDY_INSTANCE_UID, tags::STUDY_INSTANCE_UID, VR::UI), "series-mixed", ""),
    told("a study of two patients", "A2",
        From("B1", tags::PATIENT_ID, tags::PATIENT_ID, VR::LO), "study-mixed", ""),
    told("a frame of reference of two patients", "B1",
        From("A1", tags::FRAME_OF_REFERENCE_UID, tags::FRAME_OF_REFERENCE_UID, VR::UI), "frame-mixed", "").sealed(Some("uid-mapping")),
    told("a UID of a study that names a series too", "B1",
        From("B1", tags::STUDY_INSTANCE_UID, tags::SERIES_INSTANCE_UID, VR::UI), "uid-roles", "").sealed(Some("uid-mapping")),
    told("a reference to another class", "STATE",
        Inside(IMAGE, tags::REFERENCED_SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.4"), "reference", REFERENCE).sealed(None),
    told("a reference in another series", "STATE",
        By(refer_to_another_series), "reference", REFERENCE).sealed(Some("uid-mapping")),
    told("a reference to what is not there though it was in the input", "STATE",
        Inside(IMAGE, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "2.25.12345"), "reference", REFERENCE),

    // dates
    told("a date of one file that moved by another number of days", "A2",
        By(move_by_another_day), "date-shift", "(0008,0020) StudyDate"),
    told("a date that did not move", "B1",
        Set(tags::STUDY_DATE, VR::DA, "20190613"), "date-shift", "(0008,0020) StudyDate"),

    // text
    told("a name in free text", "A1",
        Set(tags::STUDY_DESCRIPTION, VR::LO, "head of mrs QUILLFEATHER"), "named", DESCRIPTION),
    told("a number of a person in free text", "A1",
        Set(tags::STUDY_DESCRIPTION, VR::LO, "for canary-id-0001."), "named", DESCRIPTION),
    told("a birth date in free text", "A1",
        Set(tags::STUDY_DESCRIPTION, VR::LO, "born 19430217"), "named", DESCRIPTION),
    told("a hospital in free text", "A1",
        Set(tags::STUDY_DESCRIPTION, VR::LO, "at CANARY-ORG-01 hospital"), "named", DESCRIPTION),
    told("a name in a sequence that stays", "STATE",
        Inside(SERIES, tags::CODE_MEANING, VR::LO, "Quillfeather, Anna"), "named", "(0008,1115)[0].(0008,0104) CodeMeaning"),
    told("words in a text that was cleaned", "A1",
        Set(tags::STUDY_DESCRIPTION, VR::LO, "HEAD WITHOUT COMMENT"), "reworded", DESCRIPTION),

    // what was to stay as it is
    told("no pixel data", "A1",
        Object(|object| assert!(object.remove_element(tags::PIXEL_DATA))), "pixels", "PixelData"),
    told("a number that was to stay", "A1",
        Object(set_another_number), "not-kept", "(0028,0102) HighBit"),
    told("a measure that was to stay", "A1",
        Set(tags::KVP, VR::DS, "119"), "not-kept", "(0018,0060) KVP"),
    told("a data element that the input does not have", "A1",
        Set(tags::BODY_PART_EXAMINED, VR::CS, "HEAD"), "added", "(0018,0015) BodyPartExamined"),
];

fn ninth_last(bytes: &mut [u8]) -> &mut u8 {
    let at = bytes.len() - 9;
    &mut bytes[at]
}

/// A byte of the coded picture of a JPEG stream: behind its last Start of Scan.
fn coded(bytes: &mut [u8]) -> &mut u8 {
    let mut markers = bytes.windows(2);
    let scan = markers.rposition(|two| two == [0xFF, 0xDA]).unwrap();
    &mut bytes[scan + 10]
}

fn blank(byte: &mut u8) {
    assert!(*byte != 0);
    *byte = 0;
}

fn nest(bytes: &mut Vec<u8>) {
    for _ in 0..50_000 {
        bytes.extend(b"\xFF\xFC\x01\x00SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF");
    }
}

const FOUR_GIGABYTES: &[u8] = b"\xFC\xFF\x01\x00OB\0\0\xF0\xFF\xFF\xFF\0\0";

fn add_to_group_2(object: &mut DefaultDicomObject) {
    object.meta_mut().source_application_entity_title = Some("STATION".into());
    object.meta_mut().update_information_group_length();
}

fn rename_in_group_2(object: &mut DefaultDicomObject) {
    object.meta_mut().media_storage_sop_instance_uid = "2.25.7".into();
    object.meta_mut().update_information_group_length();
}

fn add_a_listed_sequence(object: &mut DefaultDicomObject) {
    let words = [(tags::CODE_MEANING, VR::LO, "words")];
    object.put(sequence(tags::OTHER_PATIENT_I_DS_SEQUENCE, &words));
}

fn add_a_private_element(object: &mut DefaultDicomObject) {
    for (element, text) in [(0x0010, "ACME"), (0x1001, "words")] {
        let tag = Tag(0x0009, element);
        object.put(DataElement::new(tag, VR::LO, PrimitiveValue::from(text)));
    }
}

fn set_another_number(object: &mut DefaultDicomObject) {
    let bit = PrimitiveValue::from(8u16);
    object.put(DataElement::new(tags::HIGH_BIT, VR::US, bit));
}

fn refer_to_another_series(copy: &Copy<'_>) {
    let series = copy.get("A3", tags::SERIES_INSTANCE_UID);
    copy.edit("STATE", |object| {
        with_item(object, SERIES, |item| {
            let series = PrimitiveValue::from(series);
            item.put(DataElement::new(tags::SERIES_INSTANCE_UID, VR::UI, series));
        });
    });
}

fn move_by_another_day(copy: &Copy<'_>) {
    let date = copy.get("A2", tags::STUDY_DATE);
    let moved: u32 = date.parse().unwrap();
    let moved = if moved % 100 > 15 {
        moved - 1
    } else {
        moved + 1
    };
    copy.set("A2", tags::STUDY_DATE, VR::DA, &moved.to_string());
}
