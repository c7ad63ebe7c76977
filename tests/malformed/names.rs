//! Values that could become paths, and indexes of discs that point anywhere.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{DataSet, EXPLICIT, LE, meta_elements, meta_of, part10};
use super::case::Expect::{self, Clean, Either, Mixed};
use super::case::{Canaries, Case, List, image};

const MEDIA_DIRECTORY: &str = "1.2.840.10008.1.3.10";

pub fn cases() -> Vec<Case> {
    let mut list = List::new("names", 10);
    values(&mut list);
    file_names(&mut list);
    indexes(&mut list);
    list.cases
}

fn values(list: &mut List) {
    for (name, value) in [
        ("up", "../../../../NAME"),
        ("up-windows", "..\\..\\NAME"),
        ("absolute", "/NAME"),
        ("nul", "a\0b"),
        ("reserved", "CON.dcm"),
        ("slashes", "A/B/C"),
        ("dots", ".."),
        ("one-dot", "."),
        ("line-break", "a\nb"),
        ("home", "~/NAME"),
        ("variable", "$HOME/NAME"),
        ("stream", "a:NAME"),
    ] {
        list.image(format!("patient-id-{name}"), Clean, |data_set, c| {
            let value = value.replace("NAME", &c.direct("PatientID as a path"));
            data_set.with(tags::PATIENT_ID, "LO", value)
        });
    }
    for tag in [tags::SOP_INSTANCE_UID, tags::STUDY_INSTANCE_UID] {
        list.image(format!("path-in-{tag}"), Either, |data_set, c| {
            let value = format!("../../{}", c.text("a UID as a path"));
            data_set.with(tag, "UI", value)
        });
    }
}

fn file_names(list: &mut List) {
    for (name, file) in [
        ("dashes", "--help"),
        ("spaces", " a case .dcm"),
        ("unicode", "\u{202e}mcd.esac"),
        ("long", &"x".repeat(250)),
        ("temporary", ".dcmscrub-tmp-one-x"),
        ("deep", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/case"),
        ("journal", "report.journal.jsonl"),
    ] {
        list.add_named(format!("file-{name}"), Clean, file, |c| image(c).file());
    }
    list.add_files("patient-in-the-path", Clean, |c| {
        let name = c.direct("PatientName in a path");
        let file = image(c)
            .with(tags::PATIENT_NAME, "PN", format!("{name}^ANNA"))
            .file();
        vec![(format!("{name}_ANNA/{name}.dcm"), file)]
    });
    list.add_files("one-good-one-bad", Mixed, |c| {
        let mut bad = image(c).file();
        bad.truncate(bad.len() - 5);
        vec![
            ("a.dcm".to_owned(), image(c).file()),
            ("b.dcm".to_owned(), bad),
        ]
    });
    list.add_files("one-instance-with-two-contents", Mixed, |c| {
        let uid = c.uid("one SOPInstanceUID for two");
        let one = image(c).with(tags::SOP_INSTANCE_UID, "UI", &uid);
        let other = one.clone().number(tags::PIXEL_REPRESENTATION, 1);
        vec![
            ("a.dcm".to_owned(), one.file()),
            ("b.dcm".to_owned(), other.file()),
        ]
    });
}

/// A directory record: offsets, kind, and what it says of its patient (PS3.3 annex F).
fn record(next: u32, lower: u32, kind: &str, file_id: &str, c: &mut Canaries) -> Vec<u8> {
    DataSet::new(LE)
        .with(
            tags::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD,
            "UL",
            next.to_le_bytes(),
        )
        .number(tags::RECORD_IN_USE_FLAG, 0xFFFF)
        .with(
            tags::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY,
            "UL",
            lower.to_le_bytes(),
        )
        .with(tags::DIRECTORY_RECORD_TYPE, "CS", kind)
        .with(tags::REFERENCED_FILE_ID, "CS", file_id)
        .with(
            tags::PATIENT_NAME,
            "PN",
            c.direct("PatientName in an index"),
        )
        .with(tags::PATIENT_ID, "LO", c.direct("PatientID in an index"))
        .bytes()
}

fn index(first: u32, records: &[Vec<u8>], c: &mut Canaries) -> Vec<u8> {
    let head =
        meta_elements(EXPLICIT).with(tags::MEDIA_STORAGE_SOP_CLASS_UID, "UI", MEDIA_DIRECTORY);
    let data_set = DataSet::new(LE)
        .with(tags::FILE_SET_ID, "CS", c.text("FileSetID"))
        .with(Tag(0x0004, 0x1200), "UL", first.to_le_bytes())
        .with(Tag(0x0004, 0x1202), "UL", first.to_le_bytes())
        .number(tags::FILE_SET_CONSISTENCY_FLAG, 0)
        .raw(
            tags::DIRECTORY_RECORD_SEQUENCE,
            LE.sequence(tags::DIRECTORY_RECORD_SEQUENCE, records),
        );
    part10(&meta_of(&head), &data_set.bytes())
}

fn indexes(list: &mut List) {
    let variants: [(&str, u32, u32, u32, &str); 7] = [
        ("up", 400, 0, 0, "..\\..\\..\\ETC\\PASSWD"),
        ("absolute", 400, 0, 0, "\\ETC\\PASSWD"),
        ("next-is-itself", 400, 400, 0, "IMAGES\\IM1"),
        ("lower-is-itself", 400, 0, 400, "IMAGES\\IM1"),
        (
            "offsets-beyond-end",
            0xFFFF_FFF0,
            0xFFFF_FFF0,
            0xFFFF_FFF0,
            "IMAGES\\IM1",
        ),
        ("offsets-odd", 3, 5, 7, "IMAGES\\IM1"),
        ("no-file", 400, 0, 0, ""),
    ];
    for (name, first, next, lower, file_id) in variants {
        for (with, expect) in [("alone", Either), ("beside-an-image", Clean)] {
            add_index(list, format!("index-{name}-{with}"), expect, |c| {
                let record = record(next, lower, "PATIENT", file_id, c);
                index(first, &[record], c)
            });
        }
    }
    add_index(list, "index-that-is-an-image".to_owned(), Either, |c| {
        image(c).file()
    });
    add_index(list, "index-that-is-cut".to_owned(), Either, |c| {
        let record = record(0, 0, "PATIENT", "IMAGES\\IM1", c);
        let mut file = index(400, &[record], c);
        file.truncate(file.len() - 30);
        file
    });
    add_index(list, "index-of-5000-records".to_owned(), Either, |c| {
        let record = record(400, 400, "IMAGE", "IMAGES\\IM1", c);
        index(400, &vec![record; 5000], c)
    });
    list.add("index-by-another-name", Either, |c| {
        let record = record(0, 0, "PATIENT", "IMAGES\\IM1", c);
        index(400, &[record], c)
    });
    list.add("index-class-only-in-the-data-set", Either, |c| {
        image(c)
            .with(tags::SOP_CLASS_UID, "UI", MEDIA_DIRECTORY)
            .file()
    });
}

fn add_index(
    list: &mut List,
    name: String,
    expect: Expect,
    index: impl FnOnce(&mut Canaries) -> Vec<u8>,
) {
    list.add_files(name, expect, |c| {
        let mut files = vec![("DICOMDIR".to_owned(), index(c))];
        if expect == Clean {
            files.push(("IMAGES/IM1".to_owned(), image(c).file()));
        }
        files
    });
}
