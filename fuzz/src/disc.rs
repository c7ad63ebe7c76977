//! The index of a disc: an instance that was accepted gets a record in an index that parses, whatever stands in it, and a
//! DICOMDIR of an input is never followed.

use std::fs;

use dcmscrub::batch::kind;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::Event;
use dcmscrub::media::{MediaError, NAME, build};
use dcmscrub::plan::Detail;

use super::in_common::{LIMITS, data_set, engines, events};

/// Builds an index over one file of these bytes, and plans them as an index.
pub fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("IM1"), bytes).expect("a file");
    let kind = kind::kind_of(bytes, std::path::Path::new("DICOMDIR"));
    assert!(!format!("{kind:?}").is_empty());
    if let Ok(plan) = engines()[0].plan(&BytesSource(bytes), Detail::Edits) {
        assert!(plan.head.len() < 4096);
    }
    match build(folder.path(), "2.25.77", &LIMITS) {
        Ok(built) => parses(
            &fs::read(folder.path().join(NAME)).expect("an index"),
            built.files,
        ),
        Err(MediaError::Unreadable { .. }) => {}
        Err(e) => panic!("no index: {e}"),
    }
}

/// Both readers read it, and it refers to as many files as were told.
fn parses(index: &[u8], files: u64) {
    let (part10, inside) = data_set(index).expect("an index opens");
    let met = events(&part10, &inside).expect("an index parses");
    let referred = met.iter().filter(
        |(_, event)| matches!(event, Event::Element(e) if e.tag == dcmscrub::dicom::Tag(4, 0x1500)),
    );
    assert_eq!(referred.count() as u64, files, "files without a record");
    let read = dicom_object::from_reader(index);
    assert!(
        read.is_ok(),
        "no index for another reader: {:?}",
        read.err()
    );
}
