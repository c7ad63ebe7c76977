//! `verify`: each kind of damage is found and named, and what is not damaged is not.
//!
//! A row is a damage, the code that has to be told, its place and its data element. What the digest alone would find is tried a second
//! time with a journal that somebody with the key has made to fit: then no digest is wrong, and what was damaged is found all the same.

mod bench;

use std::path::Path;

use dcmscrub::batch::journal::Head;
use dcmscrub::dicom::Limits;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::profile::{Overrides, load};
use dcmscrub::run::verifying::verify;
use dcmscrub::verify::file;
use dcmscrub::verify::findings::{CODES, Findings, NOTES};
use dcmscrub::verify::reading::{self, Reading, Unread};
use dcmscrub::verify::{Asked, head};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use serde_json::Value;

use crate::clean::dcmscrub;
use bench::{Bench, Copy, INDEX, JOURNAL, sequence, with_item};

/// One damage.
struct Row {
    name: &'static str,
    damage: fn(&Copy<'_>),
    /// Code, the input whose output is named or a place, and what the data element contains.
    expected: (&'static str, &'static str, &'static str),
    /// The code when the journal was made to fit; `None` where it cannot be, or where no more is known then.
    sealed: Option<&'static str>,
}

const fn row(
    name: &'static str,
    damage: fn(&Copy<'_>),
    expected: (&'static str, &'static str, &'static str),
    sealed: Option<&'static str>,
) -> Row {
    Row {
        name,
        damage,
        expected,
        sealed,
    }
}

/// Damage to files, with what is found in them.
const IN_FILES: &[Row] = &[
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

/// Damage to the folder, the journal, the reports and the disc index.
const AROUND: &[Row] = &[
    row(
        "a file that is gone",
        |copy| std::fs::remove_file(copy.path("A2")).unwrap(),
        ("missing", "A2", ""),
        None,
    ),
    row(
        "a file too many",
        |copy| {
            std::fs::copy(copy.path("A1"), copy.out.join("clean/MORE")).unwrap();
        },
        ("unlisted", "clean/MORE", ""),
        None,
    ),
    row(
        "a held file that was moved by hand",
        |copy| {
            let to = copy.path("A1").with_file_name("HELD");
            std::fs::rename(copy.path("US"), to).unwrap();
        },
        ("missing", "US", ""),
        None,
    ),
    row(
        "bytes that nothing else looks at",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                // the implementation version name
                let at = bytes.windows(8).position(|w| w == b"DCMSCRUB").unwrap();
                bytes[at] = b'X';
            });
        },
        ("changed", "A1", ""),
        None,
    ),
    row(
        "a record of a file that is not there",
        |copy| std::fs::remove_file(copy.path("A2")).unwrap(),
        ("disc-file", "A2", ""),
        Some("disc-file"),
    ),
    row(
        "a file without a record",
        |copy| {
            let to = copy.path("A2").with_file_name("NEW");
            std::fs::copy(copy.path("A2"), to).unwrap();
        },
        ("disc-unindexed", "*/NEW", ""),
        Some("disc-unindexed"),
    ),
    row(
        "a UID of a record",
        |copy| {
            let uid = copy.get("A2", tags::SOP_INSTANCE_UID);
            change_in_index(copy, uid.as_bytes());
        },
        ("disc-record", "A2", ""),
        Some("disc-record"),
    ),
    row(
        "a file ID that is none",
        |copy| {
            let id = copy.path("A2");
            let id = id.file_name().unwrap().to_str().unwrap();
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                let at = find(bytes, id.as_bytes());
                bytes[at] = b'a';
            });
        },
        ("disc-name", INDEX, ""),
        Some("disc-name"),
    ),
    row(
        "a name that no disc can have",
        |copy| {
            let to = copy.path("A2").with_file_name("name.dcm");
            std::fs::copy(copy.path("A2"), to).unwrap();
        },
        ("disc-name", "*/name.dcm", ""),
        Some("disc-name"),
    ),
    row(
        "an offset of the disc index",
        |copy| {
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                // offset of the first record
                let at = find(bytes, b"\x04\0\0\x12UL\x04\0") + 8;
                bytes[at] ^= 2;
            });
        },
        ("disc-link", INDEX, ""),
        Some("disc-link"),
    ),
    row(
        "half a disc index",
        |copy| {
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                bytes.truncate(bytes.len() / 2)
            });
        },
        ("disc-unreadable", INDEX, ""),
        Some("disc-unreadable"),
    ),
    row(
        "no disc index",
        |copy| std::fs::remove_file(copy.out.join(INDEX)).unwrap(),
        ("missing", INDEX, ""),
        None,
    ),
    row(
        "a line of the journal",
        |copy| {
            copy.bytes(&copy.out.join(JOURNAL), |bytes| {
                let at = find(bytes, b"\"bytes\":") + 8;
                bytes[at] ^= 1;
            })
        },
        ("journal-changed", "*report.journal.jsonl:", ""),
        None,
    ),
    row(
        "a line that is gone",
        |copy| {
            let path = copy.out.join(JOURNAL);
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.split_inclusive('\n').enumerate();
            let text: String = lines
                .filter(|(at, _)| *at != 2)
                .map(|(_, line)| line)
                .collect();
            std::fs::write(path, text).unwrap();
        },
        ("journal-changed", "*report.journal.jsonl:3", ""),
        None,
    ),
    row(
        "a journal without its end",
        |copy| {
            let path = copy.out.join(JOURNAL);
            let text = std::fs::read_to_string(&path).unwrap();
            let end = text.trim_end().rfind('\n').unwrap() + 1;
            std::fs::write(path, &text[..end]).unwrap();
        },
        ("not-ended", JOURNAL, ""),
        None,
    ),
    row(
        "a journal that was written anew without the key",
        |copy| {
            let change = |lines: &mut Vec<Value>| lines[1]["bytes"] = 1.into();
            copy.rewrite(change, None);
        },
        ("seal", JOURNAL, ""),
        None,
    ),
    row(
        "a number in the last line of the journal",
        |copy| {
            let change = |lines: &mut Vec<Value>| lines.last_mut().unwrap()["files"] = 99.into();
            copy.rewrite(change, None);
        },
        ("sums", JOURNAL, ""),
        Some("sums"),
    ),
    row(
        "a journal with two files in one place",
        |copy| {
            let change = |lines: &mut Vec<Value>| {
                let place = lines
                    .iter()
                    .find(|line| line["bucket"] == "cleaned")
                    .unwrap();
                let mut twice = place.clone();
                twice["blake3"] = "0".repeat(64).into();
                lines.insert(2, twice);
            };
            copy.rewrite(change, None);
        },
        ("two", "*clean/", ""),
        None,
    ),
    row(
        "a journal that has lost an input",
        |copy| {
            copy.rewrite(|lines| drop(lines.remove(1)), None);
        },
        ("input-lost", JOURNAL, ""),
        None,
    ),
    row(
        "a number of the report",
        |copy| {
            let path = copy.out.join("report.json");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("\"clean\": 6"), "{text}");
            std::fs::write(path, text.replace("\"clean\": 6", "\"clean\": 7")).unwrap();
        },
        ("sums", "report.json", ""),
        Some("sums"),
    ),
    row(
        "a report that says something else",
        |copy| copy.bytes(&copy.out.join("report.json"), |bytes| bytes.extend(b"\n")),
        ("report", "report.json", ""),
        Some("report"),
    ),
    row(
        "words of the report",
        |copy| {
            copy.bytes(&copy.out.join("report.html"), |bytes| {
                bytes.extend(b"words")
            })
        },
        ("report", "report.html", ""),
        Some("report"),
    ),
    row(
        "no report",
        |copy| std::fs::remove_file(copy.out.join("report.html")).unwrap(),
        ("missing", "report.html", ""),
        Some("missing"),
    ),
];

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let at = bytes
        .windows(wanted.len())
        .position(|window| window == wanted);
    at.unwrap()
}

/// Changes a digit of a text in the disc index.
fn change_in_index(copy: &Copy<'_>, text: &[u8]) {
    copy.bytes(&copy.out.join(INDEX), |bytes| {
        let at = find(bytes, text) + text.len() - 1;
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
    });
}

impl Row {
    fn is_told(&self, bench: &Bench, found: &bench::Found, code: &str, place_counts: bool) -> bool {
        let (_, place, element) = self.expected;
        let names_input = !place.contains(['/', '.', '*']);
        let place = if names_input {
            bench.place(place)
        } else {
            place
        };
        let is_place = |told: &str| match place.strip_prefix('*') {
            Some(part) => told.contains(part),
            None => told == place,
        };
        found.iter().any(|(told, at, of)| {
            told == code && (!place_counts || is_place(at) && of.contains(element))
        })
    }
}

fn try_rows(rows: &[Row]) {
    let bench = Bench::new("share");
    let mut faults = Vec::new();
    for row in rows {
        let copy = bench.copy();
        (row.damage)(&copy);
        let found = copy.verify(true);
        if !row.is_told(&bench, &found, row.expected.0, true) {
            faults.push(format!(
                "{}: {:?} is not in {found:#?}",
                row.name, row.expected
            ));
        }
        let Some(code) = row.sealed else { continue };
        copy.reseal();
        let found = copy.verify(true);
        // of two that contradict each other either one is named
        let is_same = code == row.expected.0;
        if !row.is_told(
            &bench,
            &found,
            code,
            is_same && code != "series-mixed" && code != "study-mixed",
        ) {
            faults.push(format!("{}, sealed: {code} is not in {found:#?}", row.name));
        }
        if found
            .iter()
            .any(|(code, ..)| code == "changed" || code == "seal")
        {
            faults.push(format!("{}: not sealed: {found:#?}", row.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn damage_to_a_file_is_found_and_named() {
    assert!(IN_FILES.len() + AROUND.len() >= 60);
    try_rows(IN_FILES);
}

#[test]
fn damage_to_the_folder_the_journal_and_the_index_is_found_and_named() {
    try_rows(AROUND);
}

/// A file that dicom-object has written anew differs in its bytes, and in nothing that is looked for: what the rows above find is
/// the damage, and not the writing.
#[test]
fn a_file_that_says_the_same_in_other_bytes_is_changed_and_no_more() {
    let bench = Bench::new("share");
    for input in ["A1", "A2", "B1", "JPEG", "STATE", "US"] {
        let copy = bench.copy();
        copy.edit(input, |_| {});
        copy.bytes(&copy.path(input), |bytes| {
            let at = find(bytes, b"DCMSCRUB");
            bytes[at] = b'X';
        });
        let found = copy.verify(true);
        let place = bench.place(input).to_owned();
        assert_eq!(found, [("changed".to_owned(), place, String::new())]);
    }
}

#[test]
fn what_is_not_damaged_is_clean_for_every_profile_with_the_inputs_and_without() {
    for profile in ["basic", "share", "research"] {
        let bench = Bench::new(profile);
        let copy = bench.copy();
        for with_inputs in [true, false] {
            assert_eq!(copy.verify(with_inputs), [], "{profile}");
        }
        copy.reseal();
        assert_eq!(copy.verify(true), [], "{profile}, sealed anew");
    }
}

/// What one profile leaves, another one removes: the promises of the stricter are broken by the outputs of the weaker one.
#[test]
fn outputs_of_a_weaker_profile_break_the_promises_of_a_stricter_one() {
    let bench = Bench::new("research");
    let out = bench.at("out");
    let rules = load("basic", &Overrides::default()).unwrap();
    let asked = Asked {
        rules: Some(&rules),
        ..Asked::of(&out)
    };
    let found = verify(asked, 1).unwrap().findings;
    for (code, keyword) in [
        ("listed-left", "StudyDescription"),
        ("listed-left", "AccessionNumber"),
        ("listed-left", "StudyDate"),
        ("listed-left", "PatientSex"),
    ] {
        let told = |finding: &&dcmscrub::verify::findings::Finding| {
            finding.code == code && finding.element.ends_with(keyword)
        };
        assert!(
            found.iter().any(|finding| told(&finding)),
            "{keyword}: {found:#?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_in_place_of_files_are_foreign() {
    let bench = Bench::new("basic");
    let copy = bench.copy();
    std::os::unix::fs::symlink(copy.path("A1"), copy.out.join("clean/LINK")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(copy.out.join("clean/PIPE"))
        .status();
    assert!(made.unwrap().success());
    let found = copy.verify(true);
    for place in ["clean/LINK", "clean/PIPE"] {
        let wanted = ("foreign".to_owned(), place.to_owned(), String::new());
        assert!(found.contains(&wanted), "{found:#?}");
    }
}

#[test]
fn the_profile_is_known_by_its_name_or_has_to_be_given() {
    let bench = Bench::new("basic");
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(
        at("own.toml"),
        "extends = \"basic\"\n[[rule]]\ntag = \"StationName\"\naction = \"hash\"\n",
    )
    .unwrap();
    let input = bench.at("in");
    let said = |args: &[&dyn AsRef<std::ffi::OsStr>]| {
        let output = dcmscrub(args);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (own, out) = (at("own.toml"), at("out"));
    assert_eq!(
        said(&[&"clean", &input, &"-o", &out, &"-q", &"-p", &own]).0,
        Some(0)
    );
    let (code, text) = said(&[&"verify", &out]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("the profile of the run is not known here"),
        "{text}"
    );
    let (code, text) = said(&[&"verify", &out, &"--profile", &own]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
    let (code, text) = said(&[&"verify", &out, &"--profile", &"share"]);
    assert!(
        code == Some(2) && text.contains("not that of the run"),
        "{text}"
    );
    // options of the command line are in the journal
    let out = at("options");
    let option = "retain-device-identity";
    assert_eq!(
        said(&[&"clean", &input, &"-o", &out, &"-q", &"--option", &option]).0,
        Some(0)
    );
    let (code, text) = said(&[&"verify", &out]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
    // rules of the command line are not
    let out = at("rules");
    assert_eq!(
        said(&[
            &"clean",
            &input,
            &"-o",
            &out,
            &"-q",
            &"--keep",
            &"StationName"
        ])
        .0,
        Some(0)
    );
    assert!(said(&[&"verify", &out]).1.contains("not known"));
    let (code, text) = said(&[&"verify", &out, &"--keep", &"StationName"]);
    assert!(code == Some(0) && !text.contains("not known"), "{text}");
}

#[test]
fn a_list_that_is_none_and_an_input_that_is_not_there_are_refused() {
    let bench = Bench::new("basic");
    let (out, input, key) = (bench.at("out"), bench.at("in"), bench.at("key"));
    let code = |args: &[&dyn AsRef<std::ffi::OsStr>]| dcmscrub(args).status.code();
    let links = bench.at("links.csv");
    for (against, links) in [(&input, &key), (&input, &input), (&key.join("no"), &links)] {
        let args: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"verify", &out, &"--against", against, &"--links", links];
        assert_eq!(code(&args), Some(2), "{}", links.display());
    }
    assert_eq!(code(&[&"verify", &out, &"--against", &input]), Some(2));
    assert_eq!(code(&[&"verify", &out, &"--links", &links]), Some(2));
}

#[test]
fn entries_of_an_archive_are_compared_too() {
    let bench = Bench::new("basic");
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let archive = at("in.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
    for (path, bytes) in crate::clean::tree(&bench.at("in")) {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(path.to_str().unwrap(), options).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    let (out, links) = (at("out"), at("links.csv"));
    let cleaned = dcmscrub(&[&"clean", &archive, &"-o", &out, &"-q", &"--links", &links]);
    assert_eq!(cleaned.status.code(), Some(0));
    let verified = dcmscrub(&[
        &"verify",
        &out,
        &"--against",
        &archive,
        &"--links",
        &links,
        &"--format",
        &"json",
    ]);
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(
        (&said["compared"], &said["found"]),
        (&7.into(), &0.into()),
        "{said}"
    );
}

#[test]
fn the_head_of_a_journal_is_told() {
    let bench = Bench::new("share");
    let found: Option<Head> = head(&bench.at("out")).unwrap();
    assert_eq!(found.unwrap().profile, "share");
}

/// Whatever byte of a file is changed, it is read or refused, and where two readers see different things this is known.
#[test]
fn a_changed_byte_never_stops_the_reading() {
    let (mut read_again, mut refused, mut differ) = (0u32, 0u32, 0u32);
    for (path, bytes) in crate::clean::tree(&crate::fixtures::root().join("files")) {
        for (at, change) in (0..bytes.len())
            .step_by(7)
            .zip([0x01, 0x80, 0xFF, 0x10].iter().cycle())
        {
            let mut bad = bytes.clone();
            bad[at] ^= change;
            let done = reading::read(&BytesSource(bad), &Limits::default(), |reading, _| {
                reading.differs
            });
            match done {
                Ok(true) => differ += 1,
                Ok(false) => read_again += 1,
                Err(Unread::Io(e)) => panic!("{}: {e}", path.display()),
                Err(Unread::Refused | Unread::TooLarge) => refused += 1,
            }
        }
    }
    println!("{read_again} read, {refused} refused, {differ} seen differently");
    assert!(read_again > 3000 && refused > 100, "{read_again} {refused}");
}

/// No file is known that the two readers see differently, and that both read. If one is met it is told.
#[test]
fn readers_that_see_different_things_are_told() {
    let bench = Bench::new("basic");
    let bytes = std::fs::read(bench.copy().path("A1")).unwrap();
    let read = |differs| {
        reading::read(&BytesSource(&bytes), &Limits::default(), |reading, _| {
            let reading = Reading {
                preamble_is_blank: true,
                meta: reading.meta.clone(),
                stated: reading.stated.clone(),
                transfer_syntax: reading.transfer_syntax.clone(),
                encoding: reading.encoding,
                root: reading.root.clone(),
                by_our_reader: false,
                differs,
            };
            let mut findings = Findings::default();
            file::check(&reading, "clean/A", None, None, &mut findings);
            findings
                .kept
                .iter()
                .map(|finding| finding.code)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(read(false).unwrap(), [""; 0]);
    assert_eq!(read(true).unwrap(), ["readers-differ"]);
}

/// It judges by other code than what decided and wrote: nothing of `plan` and `apply` is asked, and the walk only guards.
#[test]
fn the_second_reading_asks_nothing_of_the_planner() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify");
    let mut files = 0;
    for (path, bytes) in crate::clean::tree(&folder) {
        let text = String::from_utf8(bytes).unwrap();
        files += 1;
        for part in ["crate::plan", "crate::apply", "media::read"] {
            assert!(!text.contains(part), "{}: {part}", path.display());
        }
        let guards = ["guard.rs", "reading.rs"].contains(&path.to_str().unwrap());
        assert!(guards || !text.contains("walk::"), "{}", path.display());
    }
    assert!(files > 10);
}

/// docs/verify.md has a row for every code and every note, with its words, and no others.
#[test]
fn the_page_lists_the_codes_of_the_program() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let codes = CODES.iter().map(|code| (code.word, code.message));
    let notes = NOTES.iter().map(|note| (note.word, note.many));
    let wanted = codes
        .chain(notes)
        .map(|(word, text)| format!("| `{word}` | {text} |"));
    assert_eq!(rows, wanted.collect::<Vec<_>>());
}

/// Every code is met by a row, or by a test of its own.
#[test]
fn every_code_is_planted() {
    let beside = ["foreign", "readers-differ"];
    let rows = IN_FILES.iter().chain(AROUND);
    let planted: Vec<&str> = rows
        .flat_map(|row| [Some(row.expected.0), row.sealed])
        .flatten()
        .chain(beside)
        .collect();
    for code in CODES {
        assert!(planted.contains(&code.word), "{}", code.word);
    }
}
