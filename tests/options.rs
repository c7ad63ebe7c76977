//! Table E.1-1 as a test: every row, under every option, at several depths and for every Type that some IOD gives it, is
//! planted, cleaned, and read again. What has to come out is worked out in `expected`, not by the code that is tested.

mod claims;
mod content;
pub mod data;
mod expected;
mod places;

use std::collections::{BTreeMap, BTreeSet};

use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::plan::Engine;
use dcmscrub::standard::e1_1::ProfileOption;
use jiff::civil::Date;
use rayon::prelude::*;

use data::{Found, Item, Node, cleaned, engine, file, plant, read, text};
use expected::{Outcome, SAFE_PRIVATE, outcome, outcome_of_empty, vr_of};
use places::{Place, places};

/// Cases of the matrix: a row at a place under a set of options, with a value and without.
const CASES: usize = 109_280;

/// Inside a planted sequence: a word and a number that Table E.1-1 does not list.
const WORD: Tag = Tag(0x0008, 0x0104);
const NUMBER: Tag = Tag(0x0020, 0x0013);

/// No option, each one, and the one pair that differs on a row.
fn option_sets() -> Vec<Vec<ProfileOption>> {
    let mut sets = vec![Vec::new()];
    sets.extend(ProfileOption::ALL.map(|option| vec![option]));
    sets.push(vec![
        ProfileOption::RetainDeviceIdentity,
        ProfileOption::RetainLongitudinalModifiedDates,
    ]);
    sets
}

/// A value for the VR that no other case has, where it could identify.
fn value(place: &Place, number: usize, cleans: bool) -> Node {
    let vr = vr_of(place);
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
    let word: String = [456_976, 17_576, 676, 26, 1]
        .iter()
        .map(|n| letter(number / n))
        .collect();
    let word = format!("QXZ{word}");
    let (year, month) = (1985 + number / 336, number / 28 % 12 + 1);
    let date = format!("{year}{month:02}{:02}", number % 28 + 1);
    let time = format!("{:02}{:02}{:02}", number % 24, number % 60, number % 59);
    match (place.tag, vr) {
        (Tag(0x0010, 0x0010), _) if place.path.is_empty() => text(vr, data::NAME),
        (Tag(0x0010, 0x0020), _) if place.path.is_empty() => text(vr, data::PATIENT_ID),
        (Tag(0x0010, 0x0040), _) => text(vr, "F"),
        (Tag(0x0008, 0x0201), _) => text(vr, "+0100"),
        (Tag(0x0010, 0x0030), _) => text(vr, "19610203"),
        (_, Vr::AE | Vr::SH) if cleans => text(vr, "Zebedow kidney"),
        (_, Vr::LO | Vr::LT | Vr::ST | Vr::UC | Vr::UT) if cleans => {
            text(vr, "kidney transplant of Aurelia Zebedow")
        }
        (_, Vr::AE | Vr::CS | Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT) => {
            text(vr, &word)
        }
        (_, Vr::PN) => text(vr, &format!("{word}^{word}")),
        (_, Vr::UR) => text(vr, &format!("https://{}.example", word.to_lowercase())),
        (_, Vr::AS) => text(vr, "042Y"),
        (_, Vr::DA) => text(vr, &date),
        (_, Vr::DT) => text(vr, &format!("{date}{time}+0100")),
        (_, Vr::TM) => text(vr, &time),
        (_, Vr::DS) => text(vr, "1.75"),
        (_, Vr::IS) => text(vr, "12"),
        (_, Vr::UI) => text(vr, &format!("1.2.826.0.1.3680043.9.9999.5.{number}")),
        (_, Vr::US) => Node::Leaf(vr, vec![5, 0]),
        (_, Vr::OB | Vr::OW | Vr::UN) => Node::Leaf(vr, vec![0x11, 0x22, 0x33, 0x44]),
        (_, Vr::SQ) => Node::Seq(Some(Item::from([
            (WORD, text(Vr::LO, "Left kidney")),
            (NUMBER, text(Vr::IS, "7")),
        ]))),
        _ => panic!("no value for {vr:?}"),
    }
}

/// The date moved by days, where it is one.
fn days_between(before: &[u8], after: &[u8]) -> Option<i64> {
    let date = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes.get(..8)?).ok()?;
        let [y, m, d] = [&text[..4], &text[4..6], &text[6..]].map(str::parse::<i16>);
        Date::new(
            y.ok()?,
            i8::try_from(m.ok()?).ok()?,
            i8::try_from(d.ok()?).ok()?,
        )
        .ok()
    };
    let (was, is) = (date(before)?, date(after)?);
    (before.get(8..) == after.get(8..)).then(|| i64::from((is - was).get_days()))
}

/// A dummy is valid for its VR.
fn is_valid(vr: Vr, value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or("\\");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let short = |most: usize| !text.is_empty() && text.len() <= most && !text.contains('\\');
    match vr {
        Vr::AE | Vr::SH => short(16),
        Vr::CS => short(16) && text.bytes().all(|b| b.is_ascii_uppercase()),
        Vr::LO | Vr::PN => short(64),
        Vr::LT | Vr::ST | Vr::UC | Vr::UT => short(1024),
        Vr::UR => text.starts_with("urn:") || text.starts_with("http"),
        Vr::AS => text.len() == 4 && digits(&text[..3]) && text.ends_with(['D', 'W', 'M', 'Y']),
        Vr::DA => text.len() == 8 && days_between(value, value) == Some(0),
        Vr::DT => text.len() >= 8 && days_between(value, value) == Some(0),
        Vr::TM => text.len() == 6 && digits(text) && text < "24",
        Vr::DS | Vr::IS => text.parse::<i32>().is_ok(),
        Vr::UI => short(64) && text.split('.').all(digits),
        Vr::US => value.len() == 2,
        Vr::OB | Vr::OW | Vr::UN => !value.is_empty() && value.len().is_multiple_of(2),
        _ => false,
    }
}

/// One planted row.
struct Case<'p> {
    place: &'p Place,
    planted: Node,
    expected: Outcome,
}

type Output = BTreeMap<Vec<Tag>, Found>;

/// What is wrong with the output of a case; `days` are those of the file.
fn fault(case: &Case<'_>, output: &Output, days: &mut Option<i64>) -> Option<String> {
    let path = [case.place.path.as_slice(), &[case.place.tag]].concat();
    let inside = |tag| output.get(&[path.as_slice(), &[tag]].concat());
    let found = output.get(&path);
    let vr = vr_of(case.place);
    let fits = match (case.expected, &case.planted, found) {
        (Outcome::Removed, _, found) => found.is_none(),
        (Outcome::Empty, Node::Leaf(..), Some(Found::Value(value))) => value.is_empty(),
        (Outcome::Empty, Node::Seq(_), Some(Found::Items(0) | Found::Value(_))) => {
            found == Some(&Found::Items(0)) || found == Some(&Found::Value(Vec::new()))
        }
        (Outcome::Dummy, Node::Leaf(_, was), Some(Found::Value(value))) => {
            value != was && is_valid(vr, value)
        }
        (Outcome::Dummy, Node::Seq(_), Some(Found::Items(1..))) => {
            inside(WORD) != Some(&Found::Value(b"Left kidney".to_vec()))
        }
        (Outcome::Same, Node::Leaf(_, was), Some(Found::Value(value))) => value == was,
        (Outcome::Same, Node::Seq(_), Some(Found::Items(1))) => {
            inside(WORD) == Some(&Found::Value(b"Left kidney".to_vec()))
                && inside(NUMBER) == Some(&Found::Value(b"7".to_vec()))
        }
        (Outcome::Uid, Node::Leaf(_, was), Some(Found::Value(value))) => {
            value != was && value.starts_with(b"2.25.") && is_valid(Vr::UI, value)
        }
        (Outcome::Shifted, Node::Leaf(_, was), Some(Found::Value(value))) => {
            let moved = days_between(was, value);
            moved.is_some_and(|n| (-3650..0).contains(&n))
                && *days.get_or_insert(moved.unwrap()) == moved.unwrap()
        }
        (Outcome::Cleaned, _, Some(Found::Value(value))) => {
            let text = String::from_utf8_lossy(value).to_lowercase();
            text.contains("kidney") && !text.contains("zebedow") && !text.contains("aurelia")
        }
        _ => false,
    };
    let shown = |found: Option<&Found>| match found {
        Some(Found::Value(value)) => format!("{:?}", String::from_utf8_lossy(value)),
        other => format!("{other:?}"),
    };
    (!fits).then(|| {
        let place = case.place;
        let (row, nest, at, class) = (place.row.keyword, &place.path, place.at, place.sop_class);
        format!(
            "{} {row} {vr:?} in {nest:?} {at:?} {class}: expected {:?}, found {}",
            place.tag,
            case.expected,
            shown(found)
        )
    })
}

/// The SOP Class, the patient and the instance, where no case plants them.
fn background(data_set: &mut Item, sop_class: &str) {
    data_set.insert(Tag(0x0008, 0x0016), text(Vr::UI, sop_class));
    // the bytes of (0000,1000) alone at the start look like Big Endian (0000,0010)
    if data_set.keys().any(|tag| tag.group() == 0) {
        data_set.insert(Tag(0x0000, 0x0002), text(Vr::UI, sop_class));
    }
    for (tag, vr, value) in [
        (Tag(0x0008, 0x0018), Vr::UI, "1.2.826.0.1.3680043.9.9999.2"),
        (Tag(0x0010, 0x0010), Vr::PN, data::NAME),
        (Tag(0x0010, 0x0020), Vr::LO, data::PATIENT_ID),
    ] {
        data_set.entry(tag).or_insert_with(|| text(vr, value));
    }
}

/// Plants the cases of one file and tells what is wrong with its output.
fn faults(
    engine: &Engine,
    options: &[ProfileOption],
    sop_class: &str,
    cases: &[Case<'_>],
) -> Vec<String> {
    let mut data_set = Item::new();
    for case in cases {
        plant(
            &mut data_set,
            &case.place.path,
            case.place.tag,
            case.planted.clone(),
        );
        if case.place.tag == SAFE_PRIVATE {
            let creator = text(Vr::LO, "GEMS_ACQU_01");
            plant(
                &mut data_set,
                &case.place.path,
                Tag(0x0019, 0x0010),
                creator,
            );
        }
    }
    background(&mut data_set, sop_class);
    let input = file(sop_class, &data_set);
    let before: BTreeSet<Vec<Tag>> = read(&input).into_iter().map(|(path, _)| path).collect();
    let output: Output = read(&cleaned(engine, input)).into_iter().collect();
    let mut days = None;
    let mut faults: Vec<String> = cases
        .iter()
        .filter_map(|case| fault(case, &output, &mut days))
        .collect();
    // nothing is invented but what the tool says of itself, and the one item of a dummy report
    let own = |path: &[Tag]| {
        matches!(path[0], Tag(0x0012, 0x0062..=0x0064) | Tag(0x0028, 0x0303))
            || path.contains(&Tag(0x0040, 0xA730))
    };
    let invented = output
        .keys()
        .filter(|path| !before.contains(*path) && !own(path));
    faults.extend(invented.map(|path| format!("{path:?} in {sop_class}: invented")));
    for fault in &mut faults {
        *fault = format!("{options:?} {fault}");
    }
    faults
}

#[test]
fn every_row_under_every_option_at_every_depth_comes_to_its_action() {
    let places = places();
    let mut files: BTreeMap<(usize, &str), Vec<&Place>> = BTreeMap::new();
    for place in &places {
        let file = files.entry((place.path.len(), place.sop_class));
        file.or_default().push(place);
    }
    let mut jobs = Vec::new();
    let sets: Vec<(Vec<ProfileOption>, Engine)> = option_sets()
        .into_iter()
        .map(|options| (options.clone(), engine(&options)))
        .collect();
    for set in &sets {
        for file in &files {
            jobs.push((set, file));
        }
    }
    let results: Vec<(usize, Vec<String>)> = jobs
        .par_iter()
        .map(|((options, engine), ((_, sop_class), places))| {
            let (mut full, mut empty) = (Vec::new(), Vec::new());
            for (number, place) in places.iter().copied().enumerate() {
                // group 2 at the root of a data set would be read as file meta: `claims` looks there
                if place.tag.group() == 2 && place.path.is_empty() {
                    continue;
                }
                let (Some(expected), Some(expected_empty)) =
                    (outcome(place, options), outcome_of_empty(place, options))
                else {
                    continue;
                };
                full.push(Case {
                    place,
                    planted: value(place, number, expected == Outcome::Cleaned),
                    expected,
                });
                // a sequence that others stand in is not empty
                let path = [place.path.as_slice(), &[place.tag]].concat();
                if places.iter().any(|other| other.path.starts_with(&path)) {
                    continue;
                }
                empty.push(Case {
                    place,
                    planted: match vr_of(place) {
                        Vr::SQ => Node::Seq(None),
                        vr => Node::Leaf(vr, Vec::new()),
                    },
                    expected: expected_empty,
                });
            }
            let mut all = faults(engine, options, sop_class, &full);
            all.extend(
                faults(engine, options, sop_class, &empty)
                    .iter()
                    .map(|f| format!("empty: {f}")),
            );
            (full.len() + empty.len(), all)
        })
        .collect();
    let faults: Vec<&String> = results.iter().flat_map(|(_, faults)| faults).collect();
    let shown: Vec<&str> = faults
        .iter()
        .take(400)
        .map(|fault| fault.as_str())
        .collect();
    let cases: usize = results.iter().map(|(n, _)| n).sum();
    assert!(
        faults.is_empty(),
        "{} of {cases}:\n{}",
        faults.len(),
        shown.join("\n")
    );
    assert_eq!(cases, CASES);
}
