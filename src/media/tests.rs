#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the events of a walk a few are told apart"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use dicom_object::mem::InMemDicomObject;

use super::*;
use crate::action::sequence::{New, element, item, sequence};
use crate::dicom::Vr;
use crate::dicom::part10::{EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE};
use crate::dicom::source::BytesSource;
use crate::plan::file_meta;

const FILE_SET: &str = "2.25.77";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const BASIC_TEXT_SR: &str = "1.2.840.10008.5.1.4.1.1.88.11";
const SPECTROSCOPY: &str = "1.2.840.10008.5.1.4.1.1.4.2";
const PALETTE: &str = "1.2.840.10008.5.1.4.39.1";

/// A file of a test folder: transfer syntax, SOP Class, and text of root data elements beside its UIDs.
struct TestFile<'a> {
    path: &'a str,
    transfer_syntax: &'a str,
    sop_class: &'a str,
    elements: Vec<(Tag, Vr, &'a [u8])>,
    sequences: Vec<u8>,
}

const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
const STUDY_UID: Tag = Tag(0x0020, 0x000D);
const SERIES_UID: Tag = Tag(0x0020, 0x000E);
const STUDY_ID: Tag = Tag(0x0020, 0x0010);
const SERIES_NUMBER: Tag = Tag(0x0020, 0x0011);
const INSTANCE_NUMBER: Tag = Tag(0x0020, 0x0013);
const REFERENCED_FILE_ID: Tag = Tag(0x0004, 0x1500);
const RECORD_TYPE: Tag = Tag(0x0004, 0x1430);

/// An image of a patient's series.
fn image<'a>(
    path: &'a str,
    patient: &'a str,
    study: &'a str,
    series: &'a str,
    number: &'a str,
) -> TestFile<'a> {
    TestFile {
        path,
        transfer_syntax: EXPLICIT_LE,
        sop_class: CT,
        elements: vec![
            (PATIENT_NAME, Vr::PN, b"A^B"),
            (PATIENT_ID, Vr::LO, patient.as_bytes()),
            (STUDY_UID, Vr::UI, study.as_bytes()),
            (SERIES_UID, Vr::UI, series.as_bytes()),
            (INSTANCE_NUMBER, Vr::IS, number.as_bytes()),
        ],
        sequences: Vec::new(),
    }
}

impl<'a> TestFile<'a> {
    fn with(mut self, tag: Tag, vr: Vr, value: &'a [u8]) -> Self {
        self.elements.retain(|(known, _, _)| *known != tag);
        self.elements.push((tag, vr, value));
        self
    }

    fn write(self, root: &Path) {
        let encoding = match self.transfer_syntax {
            IMPLICIT_LE => Encoding::ImplicitLe,
            EXPLICIT_BE => Encoding::ExplicitBe,
            _ => Encoding::ExplicitLe,
        };
        let instance = format!(
            "2.25.{}",
            self.path
                .bytes()
                .fold(0u128, |n, b| n * 100 + u128::from(b))
        );
        let mut elements: Vec<(Tag, Vr, &[u8])> = self.elements;
        elements.push((Tag(0x0008, 0x0016), Vr::UI, self.sop_class.as_bytes()));
        elements.push((Tag(0x0008, 0x0018), Vr::UI, instance.as_bytes()));
        elements.sort_by_key(|(tag, _, _)| *tag);
        let mut data_set = Vec::new();
        for (tag, vr, value) in elements {
            data_set.extend(element(encoding, &New(tag, vr, value)));
        }
        data_set.extend(self.sequences);
        data_set.extend(element(
            encoding,
            &New(Tag(0x7FE0, 0x0010), Vr::OW, &[0; 64]),
        ));
        if self.transfer_syntax == DEFLATED {
            let mut deflated =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            deflated.write_all(&data_set).unwrap();
            data_set = deflated.finish().unwrap();
        }
        let mut bytes = file_meta::head(self.sop_class, &instance, self.transfer_syntax);
        bytes.extend(data_set);
        write(&root.join(self.path), &bytes);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// One record as our own reader finds it.
#[derive(Debug, Default, Clone)]
struct Seen {
    next: u32,
    lower: u32,
    values: BTreeMap<Tag, Vec<u8>>,
    tags: Vec<Tag>,
}

impl Seen {
    fn text(&self, tag: Tag) -> &str {
        std::str::from_utf8(&self.values[&tag])
            .unwrap()
            .trim_end_matches([' ', '\0'])
    }
}

/// The records of a directory by offset, with the offsets of the first and the last root record.
fn records(bytes: &[u8]) -> (BTreeMap<u32, Seen>, u32, u32) {
    let source = BytesSource(bytes);
    let part10 = part10::open(&source, &Limits::default()).unwrap();
    assert_eq!(part10.sop_class.as_deref(), Some(MEDIA_STORAGE_DIRECTORY));
    assert_eq!(part10.sop_instance.as_deref(), Some(FILE_SET));
    assert_eq!(part10.transfer_syntax, EXPLICIT_LE);
    let mut walker = Walker::new(
        &source,
        part10.encoding,
        part10.data_set_at,
        Limits::default(),
    );
    let (mut found, mut root) = (BTreeMap::new(), BTreeMap::new());
    let (mut at, mut record) = (0, Seen::default());
    while let Some(event) = walker.next_event().unwrap() {
        let depth = walker.path().len();
        match event {
            Event::ItemStart(start) if depth == 1 => {
                assert!(start.length.is_some(), "defined length");
                at = u32::try_from(start.at).unwrap();
                record = Seen::default();
            }
            Event::ItemEnd(_) if depth == 0 => {
                found.insert(at, std::mem::take(&mut record));
            }
            Event::SequenceStart(start) if depth == 1 => record.tags.push(start.tag),
            Event::Element(e) => {
                let value = walker.value(&e).unwrap().to_vec();
                assert_eq!(value.len() % 2, 0);
                let number = value
                    .first_chunk::<4>()
                    .map_or(0, |b| u32::from_le_bytes(*b));
                match (depth, e.tag) {
                    (0, tag) => drop(root.insert(tag, number)),
                    (1, Tag(0x0004, 0x1400)) => record.next = number,
                    (1, Tag(0x0004, 0x1420)) => record.lower = number,
                    (1, tag) => {
                        record.tags.push(tag);
                        record.values.insert(tag, value);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    (
        found,
        root[&Tag(0x0004, 0x1200)],
        root[&Tag(0x0004, 0x1202)],
    )
}

/// The tree as lines, following the offsets; every record has to be met once.
fn tree(bytes: &[u8]) -> Vec<String> {
    let (records, first, last) = records(bytes);
    let mut lines = Vec::new();
    let mut met = BTreeSet::new();
    let mut open = vec![first];
    let mut last_root = 0;
    while let Some(&at) = open.last() {
        if at == 0 {
            open.pop();
            continue;
        }
        assert!(met.insert(at), "a record is met twice");
        let record = &records[&at];
        assert!(record.tags.is_sorted(), "{:?}", record.tags);
        if open.len() == 1 {
            last_root = at;
        }
        let kind = record.text(RECORD_TYPE);
        let says = match kind {
            "PATIENT" => record.text(PATIENT_ID),
            "STUDY" => record.text(STUDY_UID),
            "SERIES" => record.text(SERIES_UID),
            _ => record.text(REFERENCED_FILE_ID),
        };
        lines.push(format!("{}{kind} {says}", "  ".repeat(open.len() - 1)));
        *open.last_mut().unwrap() = record.next;
        if record.lower != 0 {
            open.push(record.lower);
        }
    }
    assert_eq!(met.len(), records.len(), "a record is not linked");
    assert_eq!(last, last_root);
    lines
}

fn build_and_read(root: &Path) -> (Built, Vec<u8>) {
    let built = build(root, FILE_SET, &Limits::default()).unwrap();
    let bytes = std::fs::read(root.join(NAME)).unwrap();
    assert_eq!(built.bytes, bytes.len() as u64);
    assert!(std::fs::read_dir(root).unwrap().all(|e| {
        !e.unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(UNFINISHED)
    }));
    (built, bytes)
}

/// The only record of the folder that refers to a file.
fn only_instance(file: TestFile<'_>) -> Seen {
    let root = tempfile::tempdir().unwrap();
    file.write(root.path());
    let (_, bytes) = build_and_read(root.path());
    tree(&bytes);
    let (records, _, _) = records(&bytes);
    let mut instances = records
        .values()
        .filter(|r| r.values.contains_key(&REFERENCED_FILE_ID));
    let only = instances.next().unwrap().clone();
    assert!(instances.next().is_none());
    only
}

fn two_patients(root: &Path) {
    image("P1/ST1/SE1/I10", "P1", "1.1", "1.1.1", "10").write(root);
    image("P1/ST1/SE1/I9", "P1", "1.1", "1.1.1", "9").write(root);
    TestFile {
        transfer_syntax: DEFLATED,
        ..image("P1/ST1/SE1/I1", "P1", "1.1", "1.1.1", "1")
    }
    .write(root);
    TestFile {
        sop_class: BASIC_TEXT_SR,
        ..image("P1/ST1/SE2/I1", "P1", "1.1", "1.1.10", "1")
    }
    .write(root);
    image("P1/ST2/SE1/I1", "P1", "1.2", "1.2.1", "-3").write(root);
    image("P1/ST2/SE1/I2", "P1", "1.2", "1.2.1", "").write(root);
    image("P2/I1", "P2", "2.1", "2.1.1", "1").write(root);
    TestFile {
        sop_class: PALETTE,
        elements: Vec::new(),
        ..image("PALETTE", "", "", "", "")
    }
    .write(root);
}

const TWO_PATIENTS: [&str; 17] = [
    "PATIENT P1",
    "  STUDY 1.1",
    "    SERIES 1.1.1",
    "      IMAGE P1\\ST1\\SE1\\I1",
    "      IMAGE P1\\ST1\\SE1\\I9",
    "      IMAGE P1\\ST1\\SE1\\I10",
    "    SERIES 1.1.10",
    "      SR DOCUMENT P1\\ST1\\SE2\\I1",
    "  STUDY 1.2",
    "    SERIES 1.2.1",
    "      IMAGE P1\\ST2\\SE1\\I1",
    "      IMAGE P1\\ST2\\SE1\\I2",
    "PATIENT P2",
    "  STUDY 2.1",
    "    SERIES 2.1.1",
    "      IMAGE P2\\I1",
    "PALETTE PALETTE",
];

#[test]
fn records_form_the_tree_of_patients_studies_and_series() {
    let root = tempfile::tempdir().unwrap();
    two_patients(root.path());
    write(&root.path().join("P2/.dcmscrub-1-x.tmp"), b"unfinished");
    let (built, bytes) = build_and_read(root.path());
    assert_eq!((built.files, built.patients), (8, 2));
    assert_eq!(tree(&bytes), TWO_PATIENTS);

    let (again, same) = build_and_read(root.path());
    assert_eq!(again, built);
    assert!(same == bytes, "a second build writes the same bytes");
}

#[test]
fn another_reader_finds_the_same_records() {
    let root = tempfile::tempdir().unwrap();
    two_patients(root.path());
    build_and_read(root.path());
    let index = dicom_object::open_file(root.path().join(NAME)).unwrap();
    let text = |record: &InMemDicomObject, tag: Tag| {
        record.element(tag).unwrap().to_str().unwrap().into_owned()
    };
    let mut kinds = Vec::new();
    let records = index.element(Tag(0x0004, 0x1220)).unwrap().items().unwrap();
    for record in records {
        kinds.push(text(record, RECORD_TYPE));
        if record.element(REFERENCED_FILE_ID).is_err() {
            continue;
        }
        let id = record
            .element(REFERENCED_FILE_ID)
            .unwrap()
            .to_multi_str()
            .unwrap();
        let path = root.path().join(id.join("/"));
        let file = std::fs::read(path).unwrap();
        let meta = dicom_object::FileMetaTable::from_reader(&file[128..]).unwrap();
        assert_eq!(
            text(record, Tag(0x0004, 0x1510)),
            meta.media_storage_sop_class_uid()
        );
        assert_eq!(
            text(record, Tag(0x0004, 0x1511)),
            meta.media_storage_sop_instance_uid()
        );
        assert_eq!(text(record, Tag(0x0004, 0x1512)), meta.transfer_syntax());
    }
    let expected = TWO_PATIENTS.map(|line| {
        let (kind, _) = line.trim_start().rsplit_once(' ').unwrap();
        kind
    });
    assert_eq!(kinds, expected);
}

#[test]
fn what_a_record_has_to_have_and_the_file_has_not_is_made_up() {
    let root = tempfile::tempdir().unwrap();
    for (path, study, series) in [
        ("P1/A", "1.1", "1.1.1"),
        ("P1/B", "1.1", "1.1.2"),
        ("P2/C", "1.2", "1.2.1"),
    ] {
        image(path, "", study, series, "").write(root.path());
    }
    let known = image("P1/D", "", "1.3", "1.3.1", "")
        .with(STUDY_ID, Vr::SH, b"S7")
        .with(SERIES_NUMBER, Vr::IS, b"70")
        .with(STUDY_DATE, Vr::DA, b"20200102");
    known.write(root.path());
    let (built, bytes) = build_and_read(root.path());
    assert_eq!((built.files, built.patients), (4, 2));
    let (records, _, _) = records(&bytes);
    let of = |tag: Tag| {
        let with = records.values().filter(|r| r.values.contains_key(&tag));
        with.map(|r| r.text(tag)).collect::<Vec<_>>()
    };
    assert_eq!(
        of(PATIENT_ID),
        ["P1", "P2"],
        "people without a number stay apart"
    );
    assert_eq!(of(STUDY_DATE), ["19000101", "20200102", "19000101"]);
    assert_eq!(of(STUDY_ID), ["1", "S7", "1"]);
    assert_eq!(of(SERIES_NUMBER), ["1", "2", "70", "1"]);
    assert_eq!(of(Tag(0x0008, 0x0060)), ["OT"; 4]);
    assert_eq!(of(INSTANCE_NUMBER), ["0"; 4]);
    assert_eq!(of(Tag(0x0008, 0x1030)), [""; 3], "type 2 may be empty");
}

#[test]
fn a_character_set_comes_with_the_text_that_needs_it() {
    let root = tempfile::tempdir().unwrap();
    image("A", "P", "1.1", "1.1.1", "1")
        .with(Tag(0x0008, 0x0005), Vr::CS, b"ISO_IR 192")
        .with(PATIENT_NAME, Vr::PN, "J\u{fc}rgen".as_bytes())
        .write(root.path());
    let (_, bytes) = build_and_read(root.path());
    let (records, _, _) = records(&bytes);
    for record in records.values() {
        let has = record.values.contains_key(&Tag(0x0008, 0x0005));
        assert_eq!(has, record.text(RECORD_TYPE) == "PATIENT");
    }
}

#[test]
fn a_document_brings_its_title_whatever_its_encoding() {
    let le = Encoding::ExplicitLe;
    let title = |encoding| {
        let code = element(encoding, &New(Tag(0x0008, 0x0100), Vr::SH, b"11528-7"));
        sequence(encoding, Tag(0x0040, 0xA043), &item(encoding, &code))
    };
    for (transfer_syntax, encoding) in [
        (EXPLICIT_LE, le),
        (IMPLICIT_LE, Encoding::ImplicitLe),
        (EXPLICIT_BE, Encoding::ExplicitBe),
    ] {
        let root = tempfile::tempdir().unwrap();
        TestFile {
            transfer_syntax,
            sop_class: BASIC_TEXT_SR,
            sequences: title(encoding),
            ..image("A", "P", "1.1", "1.1.1", "1")
        }
        .write(root.path());
        let (_, bytes) = build_and_read(root.path());
        let expected = title(le);
        assert_eq!(
            bytes
                .windows(expected.len())
                .filter(|w| *w == expected)
                .count(),
            1
        );
    }
    let untitled = only_instance(TestFile {
        sop_class: BASIC_TEXT_SR,
        ..image("A", "P", "1.1", "1.1.1", "1")
    });
    assert!(untitled.tags.contains(&Tag(0x0040, 0xA043)));
    assert_eq!(untitled.text(Tag(0x0040, 0xA493)), "UNVERIFIED");
}

#[test]
fn numbers_of_big_endian_files_are_turned() {
    let spectroscopy = only_instance(TestFile {
        transfer_syntax: EXPLICIT_BE,
        sop_class: SPECTROSCOPY,
        ..image("A", "P", "1.1", "1.1.1", "1")
            .with(Tag(0x0028, 0x0010), Vr::US, &[1, 2])
            .with(Tag(0x0028, 0x9001), Vr::UL, &[1, 2, 3, 4])
    });
    assert_eq!(spectroscopy.text(RECORD_TYPE), "SPECTROSCOPY");
    assert_eq!(spectroscopy.values[&Tag(0x0028, 0x0010)], [2, 1]);
    assert_eq!(spectroscopy.values[&Tag(0x0028, 0x9001)], [4, 3, 2, 1]);
    assert_eq!(spectroscopy.values[&Tag(0x0028, 0x0011)], [0, 0]);
}

#[test]
fn an_unknown_class_has_a_private_record() {
    let private = only_instance(TestFile {
        sop_class: "1.2.840.113619.4.26",
        ..image("A", "P", "1.1", "1.1.1", "1")
    });
    assert_eq!(private.text(RECORD_TYPE), "PRIVATE");
    assert_eq!(
        private.text(Tag(0x0004, 0x1432)),
        records::PRIVATE_RECORD_UID
    );
}

#[test]
fn a_file_is_referred_to_by_the_uids_before_its_data_set_or_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    let data_set = element(Encoding::ExplicitLe, &New(PATIENT_ID, Vr::LO, b"P"));
    let before = [file_meta::head(CT, "2.25.9", EXPLICIT_LE), data_set.clone()].concat();
    write(&root.path().join("A"), &before);
    write(
        &root.path().join("B"),
        &[file_meta::head("", "", EXPLICIT_LE), data_set].concat(),
    );
    let (built, bytes) = build_and_read(root.path());
    assert_eq!(built.files, 1);
    assert_eq!(tree(&bytes)[3].trim(), "IMAGE A");
}

#[test]
fn an_empty_folder_has_an_empty_index() {
    let root = tempfile::tempdir().unwrap();
    let (built, bytes) = build_and_read(root.path());
    assert_eq!((built.files, built.patients), (0, 0));
    assert_eq!(tree(&bytes), [""; 0]);
}

#[test]
fn an_index_of_somebody_else_stays() {
    let root = tempfile::tempdir().unwrap();
    image("A", "P", "1.1", "1.1.1", "1").write(root.path());
    let (_, ours) = build_and_read(root.path());
    let index = root.path().join(NAME);
    let foreign = String::from_utf8_lossy(&ours).replace(IMPLEMENTATION_CLASS_UID, "2.25.1");
    let instance = file_meta::head(CT, "2.25.9", EXPLICIT_LE);
    for there in [foreign.as_bytes(), &instance, b"notes", b""] {
        write(&index, there);
        let refused = build(root.path(), FILE_SET, &Limits::default());
        assert!(matches!(refused, Err(MediaError::Foreign)));
        assert_eq!(std::fs::read(&index).unwrap(), there);
    }
    std::fs::remove_file(&index).unwrap();
    std::fs::create_dir(&index).unwrap();
    let refused = build(root.path(), FILE_SET, &Limits::default());
    assert!(matches!(refused, Err(MediaError::Foreign)));
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 2);
}

#[test]
fn a_file_that_cannot_be_indexed_stops_the_build() {
    for (name, is_dicom) in [("BROKEN", false), ("a.dcm", true), ("TOOLONGNAME", true)] {
        let root = tempfile::tempdir().unwrap();
        image("A", "P", "1.1", "1.1.1", "1").write(root.path());
        let (_, before) = build_and_read(root.path());
        if is_dicom {
            image(name, "P", "1.1", "1.1.1", "2").write(root.path());
        } else {
            write(&root.path().join(name), b"no DICOM");
        }
        match build(root.path(), FILE_SET, &Limits::default()) {
            Err(MediaError::Unreadable { path, .. }) => {
                assert!(!is_dicom && path == Path::new(name));
            }
            Err(MediaError::NoFileId { path }) => assert!(is_dicom && path == Path::new(name)),
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read(root.path().join(NAME)).unwrap(), before);
    }
}
