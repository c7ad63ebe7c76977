//! The walk visits what an independent reader sees (the corpus is compared by `.ci/run`).

use crate::fixtures::root;

#[path = "../examples/paths/seen.rs"]
mod seen;

#[test]
fn the_walk_visits_what_dicom_object_sees() {
    let mut compared = 0;
    for entry in walkdir::WalkDir::new(root()).sort_by_file_name() {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(ours) = seen::ours(&std::fs::read(entry.path()).unwrap()) else {
            continue;
        };
        let Some(theirs) = seen::by_dicom_object(entry.path()) else {
            continue;
        };
        compared += 1;
        let difference = seen::difference(&ours, &theirs);
        assert!(
            difference.is_empty(),
            "{}: {difference:?}",
            entry.path().display()
        );
    }
    assert!(compared >= 15, "{compared} files compared");
}

#[test]
fn a_path_that_one_of_two_readers_misses_is_a_difference() {
    let paths = |list: &[&str]| -> seen::Paths { list.iter().map(ToString::to_string).collect() };
    let ours = paths(&["(0008,1140)", "(0008,1140)[0].(0008,1155)", "(0010,0010)"]);
    assert!(seen::difference(&ours, &ours).is_empty());
    let without_name = paths(&["(0008,1140)", "(0008,1140)[0].(0008,1155)"]);
    assert_eq!(
        seen::difference(&ours, &without_name),
        ["only ours (0010,0010)"]
    );
    assert_eq!(
        seen::difference(&without_name, &ours),
        ["only theirs (0010,0010)"]
    );
    // bytes for the other reader
    let without_items = paths(&["(0008,1140)", "(0010,0010)"]);
    assert!(seen::difference(&ours, &without_items).is_empty());
    assert_eq!(seen::difference(&without_items, &ours).len(), 1);
}
