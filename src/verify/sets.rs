//! UIDs over the whole set: each names one thing, belongs where it belonged, and references lead to what they name.
//!
//! Files are read one by one and in any order; what each says is a line that is sorted outside memory, so that all lines of one
//! UID meet. A contradiction between files that are as they were written may be the input's (two people in one study, one
//! instance in two contents): the journal's codes tell, else it is counted and not a finding.

use std::io;
use std::path::Path;

use super::findings::{
    AS_WRITTEN, CLASS_DIFFERS, Code, FRAME_MIXED, Findings, INSTANCE_TWICE, OUTSIDE, REFERENCE,
    SERIES_MIXED, STUDY_MIXED, UID_ROLES,
};
use super::notes::Notes;
use super::record::Said;
use super::tags;
use super::tree::{Attribute, Item, Value, place_of, plain};
use crate::batch::sorted::Sorter;
use crate::dicom::Tag;
use crate::standard::uids::is_registered;

const FRAME_OF_REFERENCE: Tag = Tag(0x0020, 0x0052);

/// Kinds of lines; instances sort before what refers to them.
const INSTANCE: &str = "a";
const FRAME: &str = "f";
const REFERRED: &str = "r";
const OF_SERIES: &str = "s";
const OF_STUDY: &str = "t";

/// Fields of a line that sorts.
#[must_use]
pub fn line(fields: &[&str]) -> Vec<u8> {
    let fields: Vec<String> = fields.iter().map(|one| one.replace('\0', " ")).collect();
    fields.join("\0").into_bytes()
}

/// The fields of such a line.
#[must_use]
pub fn fields<const N: usize>(line: &[u8]) -> [String; N] {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.split('\0').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// What one file says of UIDs.
#[must_use]
pub fn lines_of(root: &Item, place: &str, said: Option<&Said>, is_changed: bool) -> Vec<Vec<u8>> {
    let none = Said::default();
    let [patient_mark, study_mark, _] = &said.unwrap_or(&none).marks;
    let changed = if is_changed { "1" } else { "" };
    let (study, series, patient) = (
        plain(root, tags::STUDY_INSTANCE_UID),
        plain(root, tags::SERIES_INSTANCE_UID),
        plain(root, tags::PATIENT_ID),
    );
    let mut lines = Vec::new();
    let mut add = |uid: &str, kind: &str, partner: &str, mark: &str, more: [&str; 2]| {
        if !uid.is_empty() && !is_registered(uid) && uid != "2.25.0" {
            let [a, b] = more;
            lines.push(line(&[uid, kind, changed, place, partner, mark, a, b]));
        }
    };
    let class = plain(root, tags::SOP_CLASS_UID);
    add(
        &plain(root, tags::SOP_INSTANCE_UID),
        INSTANCE,
        &class,
        "",
        [&study, &series],
    );
    add(&series, OF_SERIES, &study, study_mark, ["", ""]);
    add(&study, OF_STUDY, &patient, patient_mark, ["", ""]);
    let frame = plain(root, FRAME_OF_REFERENCE);
    add(&frame, FRAME, &patient, patient_mark, ["", ""]);
    let mut path = Vec::new();
    references(
        root,
        &mut path,
        ["", ""],
        &mut |item, path, [study, series]| {
            let uid = plain(item, tags::REFERENCED_SOP_INSTANCE_UID);
            let element = place_of(path, tags::REFERENCED_SOP_INSTANCE_UID);
            add(
                &uid,
                REFERRED,
                &plain(item, tags::REFERENCED_SOP_CLASS_UID),
                &element,
                [study, series],
            );
        },
    );
    lines
}

/// Takes an item that refers to an instance, its path, and the study and the series around it.
type Each<'e> = dyn FnMut(&[Attribute], &[(Tag, usize)], [&str; 2]) + 'e;

/// Calls `each` with every item that refers to an instance, and the study and the series that items around it name.
fn references(
    item: &[Attribute],
    path: &mut Vec<(Tag, usize)>,
    around: [&str; 2],
    each: &mut Each<'_>,
) {
    for attribute in item {
        let Value::Items(items) = &attribute.value else {
            continue;
        };
        for (index, inner) in items.iter().enumerate() {
            path.push((attribute.tag, index));
            let (study, series) = (
                plain(inner, tags::STUDY_INSTANCE_UID),
                plain(inner, tags::SERIES_INSTANCE_UID),
            );
            let or = |own: &str, around: &str| if own.is_empty() { around } else { own }.to_owned();
            let here = [or(&study, around[0]), or(&series, around[1])];
            let here = [here[0].as_str(), here[1].as_str()];
            if !plain(inner, tags::REFERENCED_SOP_INSTANCE_UID).is_empty() {
                each(inner, path, here);
            }
            references(inner, path, here, each);
            path.pop();
        }
    }
}

/// One line.
#[derive(Debug, Clone, Default)]
struct Line {
    uid: String,
    kind: String,
    is_changed: bool,
    place: String,
    partner: String,
    mark: String,
    more: [String; 2],
}

impl Line {
    fn of(line: &[u8]) -> Self {
        let [uid, kind, changed, place, partner, mark, a, b] = fields(line);
        Self {
            uid,
            kind,
            is_changed: !changed.is_empty(),
            place,
            partner,
            mark,
            more: [a, b],
        }
    }
}

/// What is known of one kind of lines of one UID.
#[derive(Debug)]
struct Group {
    first: Line,
    /// The place that a finding names: a changed file, else the one that differs.
    place: String,
    partners_differ: bool,
    marks_differ: bool,
    is_changed: bool,
    lines: u64,
}

impl Group {
    fn of(line: &Line) -> Self {
        Self {
            first: line.clone(),
            place: line.place.clone(),
            partners_differ: false,
            marks_differ: false,
            is_changed: line.is_changed,
            lines: 1,
        }
    }

    fn add(&mut self, line: &Line) {
        self.lines = self.lines.saturating_add(1);
        let differs = line.partner != self.first.partner;
        if line.is_changed || differs && !self.is_changed {
            self.place.clone_from(&line.place);
        }
        self.partners_differ |= differs;
        self.marks_differ |= line.mark != self.first.mark;
        self.is_changed |= line.is_changed;
    }
}

/// The groups of one UID.
#[derive(Debug, Default)]
struct Named {
    uid: String,
    instances: Option<Group>,
    others: Vec<Group>,
}

/// Reads the sorted lines of all files.
///
/// # Errors
/// Those of sorting.
pub fn check(sorter: Sorter, findings: &mut Findings, notes: &mut Notes) -> io::Result<()> {
    let mut named = Named::default();
    for line in sorter.finish()? {
        let line = Line::of(&line?);
        if line.uid != named.uid {
            named.judge(findings, notes);
            named = Named {
                uid: line.uid.clone(),
                ..Named::default()
            };
        }
        match line.kind.as_str() {
            REFERRED => named.refer(&line, findings, notes),
            INSTANCE => match &mut named.instances {
                Some(group) => group.add(&line),
                None => named.instances = Some(Group::of(&line)),
            },
            _ => match named.others.last_mut() {
                Some(group) if group.first.kind == line.kind => group.add(&line),
                Some(_) | None => named.others.push(Group::of(&line)),
            },
        }
    }
    named.judge(findings, notes);
    Ok(())
}

impl Named {
    fn refer(&self, line: &Line, findings: &mut Findings, notes: &mut Notes) {
        let Some(instances) = &self.instances else {
            notes.count(OUTSIDE);
            return;
        };
        if instances.lines > 1 {
            // which of two contents is meant nobody can tell
            return;
        }
        let target = &instances.first;
        let differs = |said: &str, is: &str| !said.is_empty() && said != is;
        let is_broken = differs(&line.partner, &target.partner)
            || differs(&line.more[0], &target.more[0])
            || differs(&line.more[1], &target.more[1]);
        if is_broken && (line.is_changed || target.is_changed) {
            findings.found_at(REFERENCE, &line.place, &line.mark);
        } else if is_broken {
            notes.count(AS_WRITTEN);
        }
    }

    fn judge(&self, findings: &mut Findings, notes: &mut Notes) {
        let mut say = |is_found: bool, code: Code, place: &str| {
            if is_found {
                findings.found(code, place);
            } else {
                notes.count(AS_WRITTEN);
            }
        };
        if let Some(group) = self.instances.as_ref().filter(|group| group.lines > 1) {
            say(group.is_changed, INSTANCE_TWICE, &group.place);
            if group.partners_differ {
                say(group.is_changed, CLASS_DIFFERS, &group.place);
            }
        }
        for group in self.others.iter().filter(|group| group.partners_differ) {
            let code = match group.first.kind.as_str() {
                OF_SERIES => SERIES_MIXED,
                OF_STUDY => STUDY_MIXED,
                _ => FRAME_MIXED,
            };
            say(group.is_changed || !group.marks_differ, code, &group.place);
        }
        let groups = || self.instances.iter().chain(&self.others);
        if groups().count() > 1 {
            let changed = groups().find(|group| group.is_changed);
            let place = changed
                .or(groups().next())
                .map(|group| group.place.as_str());
            say(changed.is_some(), UID_ROLES, place.unwrap_or_default());
        }
    }
}

/// A sorter for lines of this set.
#[must_use]
pub fn sorter(folder: &Path) -> Sorter {
    Sorter::new(folder)
}
