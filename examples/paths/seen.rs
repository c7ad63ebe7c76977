//! The paths of data elements that a reader sees, as text: ours and dicom-object's.

use std::collections::BTreeSet;
use std::path::Path;

use dcmscrub::dicom::inflate::InflatedSource;
use dcmscrub::dicom::source::{BytesSource, ReadAt};
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{ElementPath, Limits, PathStep, ReadError, Tag, part10};
use dicom_object::file::ReadPreamble;
use dicom_object::{InMemDicomObject, OpenFileOptions};

/// Paths in the order of the standard.
pub type Paths = BTreeSet<String>;

/// What our walk visits.
///
/// # Errors
/// Those of the walk.
pub fn ours(bytes: &[u8]) -> Result<Paths, ReadError> {
    let limits = Limits::default();
    let source = BytesSource(bytes);
    let part10 = part10::open(&source, &limits)?;
    if part10.deflated {
        let inflated = InflatedSource::new(&source, part10.data_set_at, &limits)?;
        visited(Walker::new(&inflated, part10.encoding, 0, limits))
    } else {
        visited(Walker::new(
            &source,
            part10.encoding,
            part10.data_set_at,
            limits,
        ))
    }
}

fn visited<S: ReadAt + ?Sized>(mut walker: Walker<'_, S>) -> Result<Paths, ReadError> {
    let mut paths = Paths::new();
    while let Some(event) = walker.next_event()? {
        if let Event::Element(element)
        | Event::FragmentsStart(element)
        | Event::SequenceStart(element) = event
        {
            paths.insert(text(walker.path(), element.tag));
        }
    }
    Ok(paths)
}

fn text(steps: &[PathStep], tag: Tag) -> String {
    ElementPath {
        steps: steps.into(),
        tag,
    }
    .to_string()
}

/// What dicom-object sees; `None` where it cannot read the file.
pub fn by_dicom_object(file: &Path) -> Option<Paths> {
    let object = OpenFileOptions::new()
        .read_preamble(ReadPreamble::Auto)
        .open_file(file);
    let Ok(object) = object else { return None };
    let mut paths = Paths::new();
    let mut open: Vec<(Vec<PathStep>, &InMemDicomObject)> = vec![(Vec::new(), &object)];
    while let Some((steps, item)) = open.pop() {
        for element in item.iter() {
            let tag = Tag(element.header().tag.group(), element.header().tag.element());
            paths.insert(text(&steps, tag));
            for (index, child) in element.items().unwrap_or_default().iter().enumerate() {
                let mut inside = steps.clone();
                inside.push(PathStep {
                    sequence: tag,
                    item: u32::try_from(index).unwrap_or(u32::MAX),
                });
                open.push((inside, child));
            }
        }
    }
    Some(paths)
}

/// What one of the two sees and the other does not. A reader that takes a sequence in UN for bytes does not look inside:
/// what lies below something that it sees without items is no difference.
pub fn difference(ours: &Paths, theirs: &Paths) -> Vec<String> {
    let has_items = |paths: &Paths, sequence: &str| {
        let start = format!("{sequence}[");
        paths
            .range(start.clone()..)
            .next()
            .is_some_and(|path| path.starts_with(&start))
    };
    let unseen = |path: &str| {
        path.match_indices('[').any(|(at, _)| {
            let sequence = &path[..at];
            theirs.contains(sequence) && !has_items(theirs, sequence)
        })
    };
    let only_ours = ours
        .difference(theirs)
        .filter(|path| !unseen(path))
        .map(|path| format!("only ours {path}"));
    let only_theirs = theirs
        .difference(ours)
        .map(|path| format!("only theirs {path}"));
    only_ours.chain(only_theirs).collect()
}
