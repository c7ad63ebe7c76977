//! Damage inside files.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;

use super::bench::{sequence, with_item};
use super::row::{Row, row};

/// Damage to files, with what is found in them.
pub const IN_FILES: &[Row] = &[
    row(
        "a byte of native pixel data",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                let at = bytes.len() - 9;
                bytes[at] ^= 1;
            });
        },
        ("pixels", "A1", "PixelData"),
        Some("pixels"),
    ),
    row(
        "a byte of compressed pixel data",
        |copy| {
            copy.bytes(&copy.path("JPEG"), |bytes| {
                let scan = bytes
                    .windows(2)
                    .rposition(|two| two == [0xFF, 0xDA])
                    .unwrap();
                bytes[scan + 10] ^= 1;
            });
        },
        ("pixels", "JPEG", "PixelData"),
        Some("pixels"),
    ),
    row(
        "a byte of compressed pixel data that becomes zero",
        |copy| {
            copy.bytes(&copy.path("JPEG"), |bytes| {
                let scan = bytes
                    .windows(2)
                    .rposition(|two| two == [0xFF, 0xDA])
                    .unwrap();
                assert!(bytes[scan + 10] != 0);
                bytes[scan + 10] = 0;
            });
        },
        ("pixels", "JPEG", "PixelData"),
        Some("pixels"),
    ),
    row(
        "no pixel data",
        |copy| {
            copy.edit("A1", |object| {
                assert!(object.remove_element(tags::PIXEL_DATA))
            })
        },
        ("pixels", "A1", "PixelData"),
        Some("pixels"),
    ),
    row(
        "a file that is cut off",
        |copy| copy.bytes(&copy.path("A1"), |bytes| bytes.truncate(bytes.len() - 100)),
        ("unreadable", "A1", ""),
        Some("unreadable"),
    ),
    row(
        "a file that is no DICOM",
        |copy| std::fs::write(copy.path("A1"), "no file").unwrap(),
        ("unreadable", "A1", ""),
        Some("unreadable"),
    ),
    row(
        "nesting that other readers die of",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                for _ in 0..50_000 {
                    bytes.extend(
                        b"\xFF\xFC\x01\x00SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF",
                    );
                }
            });
        },
        ("unreadable", "A1", ""),
        Some("unreadable"),
    ),
    row(
        "a length of four gigabytes",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                bytes.extend(b"\xFC\xFF\x01\x00OB\0\0\xF0\xFF\xFF\xFF\0\0");
            });
        },
        ("unreadable", "A1", ""),
        Some("unreadable"),
    ),
    row(
        "Patient's Name put back",
        |copy| {
            copy.set(
                "A1",
                tags::PATIENT_NAME,
                VR::PN,
                "CANARY-PN-01 Quillfeather^Anna",
            )
        },
        ("no-code", "A1", "(0010,0010) PatientName"),
        Some("no-code"),
    ),
    row(
        "an attribute that the table lists",
        |copy| copy.set("A1", tags::PATIENT_ADDRESS, VR::LO, "somewhere"),
        ("listed-left", "A1", "(0010,1040) PatientAddress"),
        Some("listed-left"),
    ),
    row(
        "a listed attribute inside an item",
        |copy| {
            copy.edit("STATE", |object| {
                with_item(object, &[tags::REFERENCED_SERIES_SEQUENCE], |item| {
                    let name = PrimitiveValue::from("somebody");
                    item.put(DataElement::new(tags::OPERATORS_NAME, VR::PN, name));
                });
            });
        },
        (
            "listed-left",
            "STATE",
            "(0008,1115)[0].(0008,1070) OperatorsName",
        ),
        Some("listed-left"),
    ),
    row(
        "a listed sequence with an item",
        |copy| {
            copy.edit("A1", |object| {
                let words = [(tags::CODE_MEANING, VR::LO, "words")];
                object.put(sequence(tags::OTHER_PATIENT_I_DS_SEQUENCE, &words));
            });
        },
        ("listed-left", "A1", "(0010,1002)"),
        Some("listed-left"),
    ),
    row(
        "a date that the table does not list",
        |copy| copy.set("A1", Tag(0x0010, 0x21D0), VR::DA, "20010203"),
        ("added", "A1", "(0010,21D0)"),
        Some("added"),
    ),
    row(
        "an attribute that the standard does not know",
        |copy| copy.set("A1", Tag(0x0018, 0xFFF0), VR::LO, "words"),
        ("unlisted-left", "A1", "(0018,FFF0)"),
        Some("unlisted-left"),
    ),
    row(
        "a private data element",
        |copy| {
            copy.edit("A1", |object| {
                let text = |text: &str| PrimitiveValue::from(text);
                object.put(DataElement::new(Tag(0x0009, 0x0010), VR::LO, text("ACME")));
                object.put(DataElement::new(Tag(0x0009, 0x1001), VR::LO, text("words")));
            });
        },
        ("private-left", "A1", "(0009,1001)"),
        Some("private-left"),
    ),
    row(
        "a private creator without its block",
        |copy| copy.set("A1", Tag(0x0009, 0x0010), VR::LO, "words"),
        ("private-left", "A1", "(0009,0010)"),
        Some("private-left"),
    ),
    row(
        "words in the preamble",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                bytes[..5].copy_from_slice(b"words")
            })
        },
        ("preamble", "A1", ""),
        Some("preamble"),
    ),
    row(
        "an element too many in group 0002",
        |copy| {
            copy.edit("A1", |object| {
                object.meta_mut().source_application_entity_title = Some("STATION".into());
                object.meta_mut().update_information_group_length();
            });
        },
        ("file-meta", "A1", "(0002,0016)"),
        Some("file-meta"),
    ),
    row(
        "another instance in group 0002",
        |copy| {
            copy.edit("A1", |object| {
                object.meta_mut().media_storage_sop_instance_uid = "2.25.7".into();
                object.meta_mut().update_information_group_length();
            });
        },
        ("file-meta-uid", "A1", "(0002,0003)"),
        Some("file-meta-uid"),
    ),
    row(
        "a mark that says no",
        |copy| copy.set("A1", tags::PATIENT_IDENTITY_REMOVED, VR::CS, "NO"),
        ("mark", "A1", "(0012,0062)"),
        Some("mark"),
    ),
    row(
        "a mark that says yes in review",
        |copy| copy.set("US", tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES"),
        ("mark", "US", "(0012,0062)"),
        Some("mark"),
    ),
    row(
        "another method",
        |copy| copy.set("A1", tags::DEIDENTIFICATION_METHOD, VR::LO, "by hand"),
        ("mark", "A1", "(0012,0063)"),
        Some("mark"),
    ),
    row(
        "no method codes",
        |copy| {
            copy.edit("A1", |object| {
                assert!(object.remove_element(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE));
            });
        },
        ("mark", "A1", "(0012,0064)"),
        Some("mark"),
    ),
    row(
        "an original UID",
        |copy| copy.set("A1", tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.999.1.1.7"),
        ("uid-left", "A1", "(0020,0052)"),
        Some("uid-left"),
    ),
    row(
        "an original UID in an item",
        |copy| {
            copy.edit("STATE", |object| {
                let path = [
                    tags::REFERENCED_SERIES_SEQUENCE,
                    tags::REFERENCED_IMAGE_SEQUENCE,
                ];
                with_item(object, &path, |item| {
                    let uid = PrimitiveValue::from("1.2.999.1.1.1.1");
                    let tag = tags::REFERENCED_SOP_INSTANCE_UID;
                    item.put(DataElement::new(tag, VR::UI, uid));
                });
            });
        },
        (
            "uid-left",
            "STATE",
            "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
        ),
        Some("uid-left"),
    ),
    row(
        "one SOP Instance UID twice",
        |copy| {
            let uid = copy.get("A1", tags::SOP_INSTANCE_UID);
            copy.set("A2", tags::SOP_INSTANCE_UID, VR::UI, &uid);
        },
        ("instance-twice", "A2", ""),
        Some("uid-mapping"),
    ),
    row(
        "one SOP Instance UID with two classes",
        |copy| {
            let uid = copy.get("A1", tags::SOP_INSTANCE_UID);
            copy.set("STATE", tags::SOP_INSTANCE_UID, VR::UI, &uid);
        },
        ("class-differs", "STATE", ""),
        Some("uid-mapping"),
    ),
    row(
        "a series in two studies",
        |copy| {
            let study = copy.get("A3", tags::STUDY_INSTANCE_UID);
            copy.set("A2", tags::STUDY_INSTANCE_UID, VR::UI, &study);
        },
        ("series-mixed", "A2", ""),
        Some("series-mixed"),
    ),
    row(
        "a study of two patients",
        |copy| {
            let patient = copy.get("B1", tags::PATIENT_ID);
            copy.set("A2", tags::PATIENT_ID, VR::LO, &patient);
        },
        ("study-mixed", "A2", ""),
        Some("study-mixed"),
    ),
    row(
        "a frame of reference of two patients",
        |copy| {
            let frame = copy.get("A1", tags::FRAME_OF_REFERENCE_UID);
            copy.set("B1", tags::FRAME_OF_REFERENCE_UID, VR::UI, &frame);
        },
        ("frame-mixed", "B1", ""),
        Some("uid-mapping"),
    ),
    row(
        "a UID of a study that names a series too",
        |copy| {
            let study = copy.get("B1", tags::STUDY_INSTANCE_UID);
            copy.set("B1", tags::SERIES_INSTANCE_UID, VR::UI, &study);
        },
        ("uid-roles", "B1", ""),
        Some("uid-mapping"),
    ),
    row(
        "a reference to another class",
        |copy| {
            copy.edit("STATE", |object| {
                let path = [
                    tags::REFERENCED_SERIES_SEQUENCE,
                    tags::REFERENCED_IMAGE_SEQUENCE,
                ];
                with_item(object, &path, |item| {
                    let class = PrimitiveValue::from("1.2.840.10008.5.1.4.1.1.4");
                    item.put(DataElement::new(
                        tags::REFERENCED_SOP_CLASS_UID,
                        VR::UI,
                        class,
                    ));
                });
            });
        },
        (
            "reference",
            "STATE",
            "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
        ),
        None,
    ),
    row(
        "a reference in another series",
        |copy| {
            let series = copy.get("A3", tags::SERIES_INSTANCE_UID);
            copy.edit("STATE", |object| {
                with_item(object, &[tags::REFERENCED_SERIES_SEQUENCE], |item| {
                    let series = PrimitiveValue::from(series);
                    item.put(DataElement::new(tags::SERIES_INSTANCE_UID, VR::UI, series));
                });
            });
        },
        (
            "reference",
            "STATE",
            "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
        ),
        Some("uid-mapping"),
    ),
    row(
        "a reference to what is not there though it was in the input",
        |copy| {
            copy.edit("STATE", |object| {
                let path = [
                    tags::REFERENCED_SERIES_SEQUENCE,
                    tags::REFERENCED_IMAGE_SEQUENCE,
                ];
                with_item(object, &path, |item| {
                    let uid = PrimitiveValue::from("2.25.12345");
                    let tag = tags::REFERENCED_SOP_INSTANCE_UID;
                    item.put(DataElement::new(tag, VR::UI, uid));
                });
            });
        },
        (
            "reference",
            "STATE",
            "(0008,1115)[0].(0008,1140)[0].(0008,1155)",
        ),
        Some("reference"),
    ),
    row(
        "a date of one file that moved by another number of days",
        |copy| {
            let date = copy.get("A2", tags::STUDY_DATE);
            let moved: u32 = date.parse().unwrap();
            let moved = if moved % 100 > 15 {
                moved - 1
            } else {
                moved + 1
            };
            copy.set("A2", tags::STUDY_DATE, VR::DA, &moved.to_string());
        },
        ("date-shift", "A2", "(0008,0020) StudyDate"),
        Some("date-shift"),
    ),
    row(
        "a date that did not move",
        |copy| {
            copy.set("B1", tags::STUDY_DATE, VR::DA, "20190613");
        },
        ("date-shift", "B1", "(0008,0020) StudyDate"),
        Some("date-shift"),
    ),
    row(
        "a name in free text",
        |copy| {
            copy.set(
                "A1",
                tags::STUDY_DESCRIPTION,
                VR::LO,
                "head of mrs QUILLFEATHER",
            )
        },
        ("named", "A1", "(0008,1030) StudyDescription"),
        Some("named"),
    ),
    row(
        "a number of a person in free text",
        |copy| copy.set("A1", tags::STUDY_DESCRIPTION, VR::LO, "for canary-id-0001."),
        ("named", "A1", "(0008,1030) StudyDescription"),
        Some("named"),
    ),
    row(
        "a birth date in free text",
        |copy| copy.set("A1", tags::STUDY_DESCRIPTION, VR::LO, "born 19430217"),
        ("named", "A1", "(0008,1030) StudyDescription"),
        Some("named"),
    ),
    row(
        "a hospital in free text",
        |copy| {
            copy.set(
                "A1",
                tags::STUDY_DESCRIPTION,
                VR::LO,
                "at CANARY-ORG-01 hospital",
            )
        },
        ("named", "A1", "(0008,1030) StudyDescription"),
        Some("named"),
    ),
    row(
        "a name in a sequence that stays",
        |copy| {
            copy.edit("STATE", |object| {
                with_item(object, &[tags::REFERENCED_SERIES_SEQUENCE], |item| {
                    let text = PrimitiveValue::from("Quillfeather, Anna");
                    item.put(DataElement::new(tags::CODE_MEANING, VR::LO, text));
                });
            });
        },
        ("named", "STATE", "(0008,1115)[0].(0008,0104) CodeMeaning"),
        Some("named"),
    ),
    row(
        "words in a text that was cleaned",
        |copy| {
            copy.set(
                "A1",
                tags::STUDY_DESCRIPTION,
                VR::LO,
                "HEAD WITHOUT COMMENT",
            )
        },
        ("reworded", "A1", "(0008,1030) StudyDescription"),
        Some("reworded"),
    ),
    row(
        "a number that was to stay",
        |copy| {
            copy.edit("A1", |object| {
                let rows = PrimitiveValue::from(8u16);
                object.put(DataElement::new(tags::HIGH_BIT, VR::US, rows));
            });
        },
        ("not-kept", "A1", "(0028,0102) HighBit"),
        Some("not-kept"),
    ),
    row(
        "a measure that was to stay",
        |copy| copy.set("A1", tags::KVP, VR::DS, "119"),
        ("not-kept", "A1", "(0018,0060) KVP"),
        Some("not-kept"),
    ),
    row(
        "a data element that the input does not have",
        |copy| copy.set("A1", tags::BODY_PART_EXAMINED, VR::CS, "HEAD"),
        ("added", "A1", "(0018,0015) BodyPartExamined"),
        Some("added"),
    ),
];
