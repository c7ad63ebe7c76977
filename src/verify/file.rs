//! One output by itself: what stands in front of the data set, what it says of its own cleaning, and what the profile promised.

use super::findings::{FILE_META, FILE_META_UID, Findings, MARK, PREAMBLE, READERS_DIFFER};
use super::promise::{MARKS, Promises};
use super::reading::Reading;
use super::tree::{Attribute, Item, Value, find, place_of, plain, visit};
use crate::batch::journal::Head;
use crate::batch::layout::CLEAN;
use crate::dicom::Tag;
use crate::standard::e1_1::ProfileOption;

/// Data elements that group 0002 of an output may have (PS3.10 section 7.1).
const META: [u16; 7] = [0x0000, 0x0001, 0x0002, 0x0003, 0x0010, 0x0012, 0x0013];
const MEDIA_STORAGE_CLASS: Tag = Tag(0x0002, 0x0002);
const MEDIA_STORAGE_INSTANCE: Tag = Tag(0x0002, 0x0003);
const CODE_VALUE: Tag = Tag(0x0008, 0x0100);
/// Characters of a value of (0012,0063).
const METHOD: usize = 64;

/// Looks at one output.
pub fn check(
    reading: &Reading,
    place: &str,
    head: Option<&Head>,
    promises: Option<&Promises<'_>>,
    findings: &mut Findings,
) {
    if reading.differs {
        findings.found(READERS_DIFFER, place);
    }
    if head.is_some_and(|head| head.profile == "keep-everything") {
        return;
    }
    in_front(reading, place, findings);
    if let Some(head) = head {
        marks(&reading.root, place, head, findings);
    }
    let Some(promises) = promises else {
        return;
    };
    visit(&reading.root, &mut |met| match promises.broken(met) {
        Some(code) => {
            findings.found_at(code, place, met.place());
            // what is inside is part of it
            false
        }
        None => true,
    });
}

fn in_front(reading: &Reading, place: &str, findings: &mut Findings) {
    if !reading.preamble_is_blank {
        findings.found(PREAMBLE, place);
    }
    for attribute in &reading.meta {
        let tag = attribute.tag;
        if tag.group() != 0x0002 || !META.contains(&tag.element()) {
            findings.found_at(FILE_META, place, place_of(&[], tag));
        }
    }
    if find(&reading.meta, Tag(0x0002, 0x0010)).is_none() {
        findings.found_at(FILE_META, place, place_of(&[], Tag(0x0002, 0x0010)));
    }
    let (class, instance) = &reading.stated;
    for (stated, inside, tag) in [
        (class, Tag(0x0008, 0x0016), MEDIA_STORAGE_CLASS),
        (instance, Tag(0x0008, 0x0018), MEDIA_STORAGE_INSTANCE),
    ] {
        let inside = plain(&reading.root, inside);
        if !inside.is_empty() && *stated != inside {
            findings.found_at(FILE_META_UID, place, place_of(&[], tag));
        }
    }
}

/// (0012,0062), (0012,0063), (0012,0064), (0028,0303) (PS3.15 E.1.1).
fn marks(root: &Item, place: &str, head: &Head, findings: &mut Findings) {
    let [removed, method, codes, dates] = MARKS;
    let wanted = if place.starts_with(&format!("{CLEAN}/")) {
        "YES"
    } else {
        "NO"
    };
    let mut wrong = |is_right: bool, tag: Tag| {
        if !is_right {
            findings.found_at(MARK, place, place_of(&[], tag));
        }
    };
    let only = |tag: Tag| root.iter().filter(|one| one.tag == tag).count() == 1;
    wrong(only(removed) && plain(root, removed) == wanted, removed);
    let name: String = head
        .profile
        .chars()
        .filter(char::is_ascii_graphic)
        .collect();
    let mut line = format!("{} profile {}", head.tool, name.replace('\\', ""));
    line.truncate(METHOD);
    let methods = plain(root, method);
    wrong(methods.split('\\').any(|one| one.trim() == line), method);
    let has = |code: &String| {
        let items = find(root, codes).map(|found: &Attribute| &found.value);
        matches!(items, Some(Value::Items(items)) if items.iter().any(|item| plain(item, CODE_VALUE) == *code))
    };
    wrong(head.method_codes.iter().all(has), codes);
    let option = |option: ProfileOption| head.options.iter().any(|name| name == option.name());
    let said = plain(root, dates);
    let right = match said.as_str() {
        "REMOVED" => true,
        "MODIFIED" => {
            option(ProfileOption::RetainLongitudinalModifiedDates)
                || option(ProfileOption::RetainLongitudinalFullDates)
        }
        "UNMODIFIED" => option(ProfileOption::RetainLongitudinalFullDates),
        _ => false,
    };
    wrong(right, dates);
}
