//! An output against its input, both read by the second reader: what went, what stayed, and what moved by how much.

use std::collections::BTreeMap;
use std::io;

use jiff::civil::Date;

use super::findings::{
    ADDED, DATE_SHIFT, Findings, NAMED, NOT_KEPT, PIXELS, REFERENCE, REWORDED, UID_LEFT,
    UID_MAPPING,
};
use super::named::Identifiers;
use super::pixels::{Side, are_equal, is_same};
use super::promise::{MARKS, Promised, Promises, is_text};
use super::reading::PIXEL_DATA;
use super::sets::{fields, line};
use super::tags;
use super::tree::{Attribute, Item, Met, Path, Value, charset_of, plain, visit};
use crate::action::dummy;
use crate::batch::sorted::Sorter;
use crate::dicom::charset::CharacterSet;
use crate::dicom::{Tag, Vr};
use crate::identity::text::dates::is_month;
use crate::identity::text::fold::fold;
use crate::standard::ui_roles::{UiRole, role};
use crate::standard::uids::is_registered;

/// Numeric Value of a content item: an option acts on it by what the item says (PS3.15 E.3.4).
const NUMERIC_VALUE: Tag = Tag(0x0040, 0xA30A);
/// Letters of a word that the input is asked for.
const WORD: usize = 4;
/// Different numbers of days that are told of one patient.
const MOST_SHIFTS: usize = 4096;
/// An instance sorts before what refers to it.
const NAMES: &str = "a";
const REFERS: &str = "r";
const OTHER: &str = "u";

/// What comparisons of many pairs have to be told together.
pub enum Told {
    /// A UID of the input and the one in its place.
    Uid(Vec<u8>),
    /// The one in its place, and the UID of the input.
    NewUid(Vec<u8>),
    /// Days by which the dates of a patient moved.
    Shift(Vec<u8>),
}

/// One pair.
pub struct Pair<'a> {
    /// The output.
    pub output: Side<'a>,
    /// The input.
    pub input: Side<'a>,
    /// The output's place.
    pub place: &'a str,
    /// What the profile promises; `None` where it is not known.
    pub promises: Option<&'a Promises<'a>>,
}

struct Comparison<'a> {
    pair: &'a Pair<'a>,
    findings: &'a mut Findings,
    told: &'a mut Vec<Told>,
    /// Days by which dates of this file moved, with the first data element that did.
    shifts: BTreeMap<i64, String>,
    failed: Option<io::Error>,
}

/// Compares a pair.
///
/// # Errors
/// Those of reading pixel data.
pub fn compare(pair: &Pair<'_>, findings: &mut Findings, told: &mut Vec<Told>) -> io::Result<()> {
    let mut comparison = Comparison {
        pair,
        findings,
        told,
        shifts: BTreeMap::new(),
        failed: None,
    };
    let (new, old) = (&pair.output.reading.root, &pair.input.reading.root);
    let around = CharacterSet::default();
    comparison.items(new, old, &mut Path::new(), &around, &around);
    comparison.shifted(old);
    if let Some(e) = comparison.failed {
        return Err(e);
    }
    if let Some(promises) = pair.promises {
        let identifiers = Identifiers::of(old, promises);
        visit(new, &mut |met| {
            if identifiers.stand_in(met) && promises.promised(met) != Promised::Kept {
                findings.found_at(NAMED, pair.place, met.place());
            }
            true
        });
    }
    Ok(())
}

/// The data elements of an item by tag; of several with one tag by their order.
fn by_tag(item: &[Attribute]) -> BTreeMap<(Tag, usize), &Attribute> {
    let mut all = BTreeMap::new();
    for attribute in item {
        let mut nth = 0usize;
        while all.contains_key(&(attribute.tag, nth)) {
            nth = nth.saturating_add(1);
        }
        all.insert((attribute.tag, nth), attribute);
    }
    all
}

impl Comparison<'_> {
    fn items(
        &mut self,
        new: &[Attribute],
        old: &[Attribute],
        path: &mut Path,
        new_around: &CharacterSet,
        old_around: &CharacterSet,
    ) {
        let (new_charset, old_charset) = (charset_of(new, new_around), charset_of(old, old_around));
        let (news, olds) = (by_tag(new), by_tag(old));
        for (key, attribute) in &news {
            let met = Met {
                path,
                item: new,
                attribute,
                charset: &new_charset,
            };
            let promised = self.pair.promises.map(|promises| promises.promised(&met));
            let Some(before) = olds.get(key) else {
                self.appeared(&met, promised.as_ref());
                continue;
            };
            if let (Value::Items(inner_new), Value::Items(inner_old)) =
                (&attribute.value, &before.value)
            {
                let is_replaced = matches!(promised, Some(Promised::NoValue));
                if is_replaced || inner_new.len() != inner_old.len() {
                    continue;
                }
                for (index, (new, old)) in inner_new.iter().zip(inner_old).enumerate() {
                    path.push((attribute.tag, index));
                    self.items(new, old, path, &new_charset, &old_charset);
                    path.pop();
                }
                continue;
            }
            self.values(&met, before, promised.as_ref(), &old_charset);
        }
        for (key, attribute) in &olds {
            if !news.contains_key(key) {
                let met = Met {
                    path,
                    item: old,
                    attribute,
                    charset: &old_charset,
                };
                self.went(&met);
            }
        }
    }

    /// A data element that the input does not have.
    fn appeared(&mut self, met: &Met<'_>, promised: Option<&Promised>) {
        let tag = met.attribute.tag;
        // what cannot be there is found without the input
        let is_told = matches!(promised, Some(Promised::Absent(_)));
        if !MARKS.contains(&tag) && !is_told {
            self.findings.found_at(ADDED, self.pair.place, met.place());
        }
    }

    /// A data element that the output does not have.
    fn went(&mut self, met: &Met<'_>) {
        let tag = met.attribute.tag;
        let is_pixels = PIXEL_DATA.contains(&tag) && met.path.is_empty();
        let promised = self.pair.promises.map(|promises| promises.promised(met));
        if is_pixels && promised == Some(Promised::Kept) {
            self.findings.found_at(PIXELS, self.pair.place, met.place());
        } else if promised == Some(Promised::Kept)
            && is_number(met.attribute.vr())
            && !met.attribute.is_empty()
            // a private value that identifies goes
            && tag.group().is_multiple_of(2)
        {
            self.findings
                .found_at(NOT_KEPT, self.pair.place, met.place());
        }
    }

    fn values(
        &mut self,
        met: &Met<'_>,
        before: &Attribute,
        promised: Option<&Promised>,
        old_charset: &CharacterSet,
    ) {
        let vr = met.attribute.vr();
        if PIXEL_DATA.contains(&met.attribute.tag) && met.path.is_empty() {
            self.bytes(met, before, true);
            return;
        }
        if vr == Vr::UI && role(met.attribute.tag) != Some(UiRole::Keep) {
            self.uids(met, before, promised == Some(&Promised::NewUid));
        }
        match promised {
            Some(Promised::MovedDate) if matches!(vr, Vr::DA | Vr::DT) => self.dates(met, before),
            Some(Promised::Kept) if is_number(vr) => self.bytes(met, before, false),
            Some(Promised::Kept) if matches!(vr, Vr::CS | Vr::DS | Vr::IS | Vr::TM) => {
                // what is none, or identifies, is emptied
                let is_content = met.attribute.tag == NUMERIC_VALUE;
                let (new, old) = (met.attribute.plain(), before.plain());
                let old = old.split('\0').next().unwrap_or_default().trim_end();
                let dummy = ["", "0", "OTHER", "000000"];
                if new != old && !dummy.contains(&new.as_str()) && !is_content {
                    self.findings
                        .found_at(NOT_KEPT, self.pair.place, met.place());
                }
            }
            Some(Promised::Open) if is_text(vr) => self.words(met, before, old_charset),
            _ => {}
        }
    }

    /// Cleaning cuts words and moves dates; it writes none but the one in place of all.
    fn words(&mut self, met: &Met<'_>, before: &Attribute, old_charset: &CharacterSet) {
        if MARKS.contains(&met.attribute.tag) || met.path.iter().any(|(tag, _)| MARKS.contains(tag))
        {
            return;
        }
        let (old, new) = (before.text(old_charset), met.attribute.text(met.charset));
        let old = fold(&old);
        let is_new = |word: &str| {
            let folded = fold(word);
            folded.chars().count() >= WORD
                && !old.contains(&folded)
                && word != dummy::TEXT
                && !is_month(word)
        };
        if new.split(|c: char| !c.is_alphabetic()).any(is_new) {
            self.findings
                .found_at(REWORDED, self.pair.place, met.place());
        }
    }

    fn bytes(&mut self, met: &Met<'_>, before: &Attribute, is_pixels: bool) {
        let (output, input) = (self.pair.output, self.pair.input);
        let (equal, code) = if is_pixels {
            (are_equal(output, input, met.attribute, before), PIXELS)
        } else {
            (is_same(output, input, met.attribute, before), NOT_KEPT)
        };
        match equal {
            Ok(true) => {}
            Ok(false) => self.findings.found_at(code, self.pair.place, met.place()),
            Err(e) => self.failed = Some(e),
        }
    }

    fn uids(&mut self, met: &Met<'_>, before: &Attribute, is_promised: bool) {
        let (new, old) = (met.attribute.plain(), before.plain());
        if new.split('\\').count() != old.split('\\').count() {
            return;
        }
        let kind = match met.attribute.tag {
            tags::SOP_INSTANCE_UID if met.path.is_empty() => NAMES,
            tags::REFERENCED_SOP_INSTANCE_UID => REFERS,
            _ => OTHER,
        };
        for (new, old) in new.split('\\').zip(old.split('\\')) {
            let (new, old) = (new.trim(), old.trim().trim_end_matches('\0'));
            if new.is_empty() || old.is_empty() || new == "2.25.0" || is_registered(old) {
                continue;
            }
            if new == old {
                // of two attributes with one UID a profile may keep one, as PS3.15 does with UID (0040,A124)
                if is_promised {
                    self.findings
                        .found_at(UID_LEFT, self.pair.place, met.place());
                }
                continue;
            }
            // originals are not written down, not even for a moment
            let code = blake3::hash(old.as_bytes()).to_hex();
            let (place, element) = (self.pair.place, met.place());
            self.told
                .push(Told::Uid(line(&[&code, kind, new, place, &element])));
            self.told
                .push(Told::NewUid(line(&[new, &code, place, &element])));
        }
    }

    fn dates(&mut self, met: &Met<'_>, before: &Attribute) {
        let (new, old) = (met.attribute.plain(), before.plain());
        if new.split('\\').count() != old.split('\\').count() {
            return;
        }
        for (new, old) in new.split('\\').zip(old.split('\\')) {
            let (Some(new), Some(old)) = (date(new), date(old)) else {
                continue;
            };
            let is_dummy = new == Date::constant(1900, 1, 1);
            if let (false, Ok(span)) = (is_dummy, new.since(old)) {
                let days = i64::from(span.get_days());
                self.shifts.entry(days).or_insert_with(|| met.place());
            }
        }
    }

    /// One line for each number of days.
    fn shifted(&mut self, old: &Item) {
        let number = plain(old, Tag(0x0010, 0x0020));
        let whose = if number.is_empty() {
            plain(old, Tag(0x0020, 0x000D))
        } else {
            [plain(old, Tag(0x0010, 0x0021)), number].join("\\")
        };
        let code = blake3::hash(whose.as_bytes()).to_hex();
        for (days, element) in &self.shifts {
            let text = days.to_string();
            let fields = [code.as_str(), &text, self.pair.place, element];
            self.told.push(Told::Shift(line(&fields)));
        }
    }
}

/// VRs of numbers, tables and samples.
fn is_number(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::AT
            | Vr::FD
            | Vr::FL
            | Vr::OB
            | Vr::OD
            | Vr::OF
            | Vr::OL
            | Vr::OV
            | Vr::OW
            | Vr::SL
            | Vr::SS
            | Vr::SV
            | Vr::UL
            | Vr::US
            | Vr::UV
    )
}

/// The day of a DA, or of a DT that has one.
fn date(value: &str) -> Option<Date> {
    let value = value.trim();
    let digits: String = if value.len() == 10 && value.contains('.') {
        value.chars().filter(|c| *c != '.').collect()
    } else {
        value
            .chars()
            .take_while(char::is_ascii_digit)
            .take(8)
            .collect()
    };
    let part = |from: usize, to: usize| match digits.get(from..to)?.parse::<i16>() {
        Ok(number) => Some(number),
        Err(_) => None,
    };
    let small = |number: i16| match i8::try_from(number) {
        Ok(number) => Some(number),
        Err(_) => None,
    };
    let (year, month, day) = (part(0, 4)?, small(part(4, 6)?)?, small(part(6, 8)?)?);
    match Date::new(year, month, day) {
        Ok(date) => Some(date),
        Err(_) => None,
    }
}

/// Each UID of the inputs has one in its place, and each of the outputs stands for one.
///
/// # Errors
/// Those of sorting.
pub fn check_uids(uids: Sorter, new_uids: Sorter, findings: &mut Findings) -> io::Result<()> {
    let mut open: Option<[String; 5]> = None;
    for one in uids.finish()? {
        let next: [String; 5] = fields(&one?);
        match &open {
            Some([code, kind, new, ..]) if *code == next[0] => {
                if *new != next[2] {
                    let is_reference = kind == NAMES && next[1] == REFERS;
                    let code = if is_reference { REFERENCE } else { UID_MAPPING };
                    findings.found_at(code, &next[3], &next[4]);
                }
            }
            Some(_) | None => open = Some(next),
        }
    }
    let mut open: Option<[String; 4]> = None;
    for one in new_uids.finish()? {
        let next: [String; 4] = fields(&one?);
        match &open {
            Some([new, code, ..]) if *new == next[0] => {
                if *code != next[1] {
                    findings.found_at(UID_MAPPING, &next[2], &next[3]);
                }
            }
            Some(_) | None => open = Some(next),
        }
    }
    Ok(())
}

/// Days by which some files of a patient moved.
struct Moved {
    days: i64,
    files: u64,
    place: String,
    element: String,
}

/// The dates of each patient moved by one number of days, into the past.
///
/// # Errors
/// Those of sorting.
pub fn check_shifts(shifts: Sorter, findings: &mut Findings) -> io::Result<()> {
    let mut whose = String::new();
    let mut all: Vec<Moved> = Vec::new();
    for one in shifts.finish()? {
        let [code, days, place, element] = fields(&one?);
        if code != whose {
            judge(&all, findings);
            all.clear();
            whose = code;
        }
        let days = days.parse::<i64>().unwrap_or(0);
        match all.last_mut() {
            Some(last) if last.days == days => last.files = last.files.saturating_add(1),
            Some(_) | None => {
                if all.len() < MOST_SHIFTS {
                    all.push(Moved {
                        days,
                        files: 1,
                        place,
                        element,
                    });
                }
            }
        }
    }
    judge(&all, findings);
    Ok(())
}

fn judge(all: &[Moved], findings: &mut Findings) {
    let Some(usual) = all.iter().max_by_key(|moved| moved.files) else {
        return;
    };
    for moved in all {
        if moved.days != usual.days || !(-3650..=-1).contains(&moved.days) {
            findings.found_at(DATE_SHIFT, &moved.place, &moved.element);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorter(lines: &[&[&str]]) -> Sorter {
        let mut sorter = Sorter::new(&std::env::temp_dir());
        for fields in lines {
            sorter.push(line(fields)).unwrap();
        }
        sorter
    }

    fn found(findings: &Findings) -> Vec<(&str, &str)> {
        let all = findings.kept.iter();
        all.map(|finding| (finding.code, finding.place.as_str()))
            .collect()
    }

    #[test]
    fn a_patient_moves_by_one_number_of_days_into_the_past() {
        let mut findings = Findings::default();
        let lines: &[&[&str]] = &[
            &["p", "-5", "a", "e"],
            &["p", "-5", "b", "e"],
            &["p", "-6", "c", "e"],
            &["q", "0", "d", "e"],
            &["r", "-9", "f", "e"],
        ];
        check_shifts(sorter(lines), &mut findings).unwrap();
        assert_eq!(found(&findings), [("date-shift", "c"), ("date-shift", "d")]);
    }

    #[test]
    fn each_uid_has_one_in_its_place_and_a_reference_has_the_same() {
        let mut findings = Findings::default();
        let uids: &[&[&str]] = &[
            &["1", NAMES, "A", "a", ""],
            &["1", REFERS, "B", "b", ""],
            &["2", OTHER, "C", "c", ""],
            &["2", OTHER, "D", "d", ""],
        ];
        let new: &[&[&str]] = &[
            &["E", "1", "e", ""],
            &["E", "2", "f", ""],
            &["F", "3", "g", ""],
        ];
        check_uids(sorter(uids), sorter(new), &mut findings).unwrap();
        let wanted = [
            ("reference", "b"),
            ("uid-mapping", "d"),
            ("uid-mapping", "f"),
        ];
        assert_eq!(found(&findings), wanted);
    }

    #[test]
    fn days_are_read_from_dates_in_all_forms() {
        for (value, day) in [
            ("20240131", Some(31)),
            ("2024.01.31", Some(31)),
            ("20240131101530.5+0100", Some(31)),
            ("202401", None),
            ("DOE", None),
        ] {
            assert_eq!(date(value).map(Date::day), day, "{value}");
        }
    }
}
