//! The studies that benches measure are what their pages say: the same every time, no file like another, and cleaned whole.

#[path = "../benches/study/mod.rs"]
mod made;

use std::collections::BTreeSet;

use crate::fixtures::{dicom, media};
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{Limits, part10};
use made::{Stored, Study};

const FEW: Study = Study {
    files: 24,
    patients: 2,
    studies: 2,
    series: 3,
    ..Study::SMALL
};

/// Data elements, private ones among them, and the depth.
fn counted(bytes: &[u8]) -> (usize, usize, usize) {
    let source = BytesSource(bytes);
    let limits = Limits::default();
    let part10 = part10::open(&source, &limits).unwrap();
    let mut walker = Walker::new(&source, part10.encoding, part10.data_set_at, limits);
    let (mut all, mut private, mut depth) = (0, 0, 0);
    while let Some(event) = walker.next_event().unwrap() {
        if let Event::Element(element) = event {
            all += 1;
            private += usize::from(element.tag.group() % 2 == 1);
            depth = depth.max(walker.path().len());
        }
    }
    (all, private, depth)
}

#[test]
fn a_header_is_that_of_a_vendor() {
    let (all, private, depth) = counted(&FEW.bytes(7).unwrap());
    assert!((150..=220).contains(&all), "{all} data elements");
    assert_eq!(private, 52, "48, and the creators of four blocks");
    assert_eq!(depth, 2);
    let deep = Study { depth: 60, ..FEW };
    assert_eq!(counted(&deep.bytes(0).unwrap()).2, 60);
}

#[test]
fn a_study_is_the_same_every_time_and_no_file_is_another() {
    let folder = tempfile::TempDir::new().unwrap();
    let bytes = FEW.write(folder.path()).unwrap();
    let files = crate::fixtures::tree(folder.path());
    assert_eq!(files.len(), 24);
    let sum: usize = files.values().map(Vec::len).sum();
    assert_eq!(u64::try_from(sum).unwrap(), bytes);
    let series: BTreeSet<&str> = files
        .keys()
        .map(|path| path.rsplit_once('/').unwrap().0)
        .collect();
    assert_eq!(series.len(), 12, "{series:?}");
    let headers: BTreeSet<Vec<u8>> = (0..24).map(|file| FEW.header(file).unwrap()).collect();
    assert_eq!(headers.len(), 24);
    for file in 0..24 {
        let again = FEW.bytes(file).unwrap();
        assert!(files.values().any(|there| *there == again), "file {file}");
    }
}

#[test]
fn every_kind_is_cleaned_and_nothing_is_held_back() {
    let folder = tempfile::TempDir::new().unwrap();
    let one = Study {
        rows: 16,
        columns: 16,
        frames: 3,
        identifiers: 2,
        ..Study::LARGE
    };
    let kinds = [
        FEW,
        one,
        Study {
            stored: Stored::Deflated,
            ..one
        },
        Study {
            stored: Stored::Tiles,
            ..one
        },
    ];
    for (n, study) in kinds.iter().enumerate() {
        let (input, out) = (
            folder.path().join(format!("in{n}")),
            folder.path().join(format!("out{n}")),
        );
        study.write(&input).unwrap();
        let done = crate::clean::dcmscrub(&[&"clean", &input, &"-o", &out, &"-q"]);
        assert_eq!(done.status.code(), Some(0), "{study:?}");
        let outputs = crate::fixtures::tree(&out);
        let of = |name: &str| outputs.keys().filter(|path| path.starts_with(name)).count();
        assert_eq!(
            of("clean/"),
            usize::try_from(study.files).unwrap(),
            "{study:?}"
        );
        assert_eq!(of("review/"), 0, "{study:?}");
    }
}
