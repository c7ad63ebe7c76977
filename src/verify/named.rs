//! The direct identifiers of an input, looked for in the text of its output.
//!
//! Names, numbers, birth dates and addresses are taken from the input by the second reader, and found as whole words whatever
//! their case, accents and separators. A part of a name is looked for by itself only where it is no word of medicine or of the language
//! (the lists are data): `Head` and `Brown` stand in texts of their own right.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs and codes a few are told apart"
)]

use super::promise::{MARKS, Promised, Promises};
use super::tree::{Item, Met, Value, visit};
use crate::dicom::{Tag, Vr};
use crate::identity::text::fold::{fold, is_unspaced};
use crate::identity::text::words::classes;

/// Letters of a part of a name that is looked for by itself.
const NAME: usize = 5;
/// Letters and digits of a number that is looked for.
const NUMBER: usize = 5;
/// Letters of a phrase.
const PHRASE: usize = 8;
/// Bytes of values that are no text and are looked through.
const BYTES: usize = 64 * 1024;

const PATIENT_BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
/// Numbers of a person or a visit.
const NUMBERS: [Tag; 7] = [
    Tag(0x0008, 0x0050),
    Tag(0x0010, 0x0020),
    Tag(0x0010, 0x1000),
    Tag(0x0010, 0x1090),
    Tag(0x0010, 0x2154),
    Tag(0x0038, 0x0010),
    Tag(0x0008, 0x0094),
];
/// Where a person lives or was seen.
const PHRASES: [Tag; 6] = [
    Tag(0x0008, 0x0080),
    Tag(0x0008, 0x0081),
    Tag(0x0008, 0x0092),
    Tag(0x0008, 0x1040),
    Tag(0x0010, 0x1040),
    Tag(0x0010, 0x1005),
];

/// What is looked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// Words with a space at either end.
    spaced: Vec<String>,
    /// Names of scripts without spaces between words.
    unspaced: Vec<String>,
}

impl Identifiers {
    /// Those of an input that its profile lets go.
    #[must_use]
    pub fn of(input: &Item, promises: &Promises<'_>) -> Self {
        let mut found = Self::default();
        visit(input, &mut |met| {
            let goes = matches!(
                promises.promised(met),
                Promised::Absent(_) | Promised::NoValue | Promised::Pseudonym
            );
            if goes && matches!(met.attribute.value, Value::Bytes(_)) {
                found.take(met);
            }
            true
        });
        found.spaced.sort();
        found.spaced.dedup();
        found
    }

    fn take(&mut self, met: &Met<'_>) {
        let tag = met.attribute.tag;
        let vr = met.attribute.vr();
        if vr != Vr::PN
            && tag != PATIENT_BIRTH_DATE
            && !NUMBERS.contains(&tag)
            && !PHRASES.contains(&tag)
        {
            return;
        }
        for value in met.attribute.text(met.charset).split('\\') {
            match vr {
                Vr::PN => value.split('=').for_each(|group| self.name(group)),
                Vr::DA => self.date(value),
                _ if NUMBERS.contains(&tag) => self.number(value),
                _ => self.phrase(value),
            }
        }
    }

    fn name(&mut self, group: &str) {
        let folded = words(group);
        if folded.chars().any(is_unspaced) {
            let name: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
            if name.chars().count() >= 3 {
                self.unspaced.push(name);
            }
            return;
        }
        let parts: Vec<&str> = folded.split(' ').filter(|part| !part.is_empty()).collect();
        let is_telling = |part: &&&str| {
            part.chars().count() >= NAME
                && part.chars().all(char::is_alphabetic)
                && !classes(part).is_listed()
        };
        self.spaced.extend(
            parts
                .iter()
                .filter(is_telling)
                .map(|part| format!(" {part} ")),
        );
        let is_name = |parts: &[&str]| {
            parts
                .iter()
                .all(|part| part.chars().count() >= 3 && part.chars().all(char::is_alphabetic))
                && parts.iter().any(|part| !classes(part).is_listed())
        };
        if let [family, given, ..] = parts.as_slice()
            && is_name(&[family, given])
        {
            self.spaced.push(format!(" {family} {given} "));
            self.spaced.push(format!(" {given} {family} "));
        }
    }

    fn number(&mut self, value: &str) {
        let folded = words(value);
        let kept = |c: &char| c.is_alphanumeric();
        let letters = folded.chars().filter(kept).count();
        let digits = folded.chars().filter(char::is_ascii_digit).count();
        if letters >= NUMBER && digits >= 3 {
            self.spaced.push(folded);
        }
    }

    fn date(&mut self, value: &str) {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == 8 && !digits.starts_with("1900") {
            self.spaced.push(format!(" {digits} "));
        }
    }

    fn phrase(&mut self, value: &str) {
        let folded = words(value);
        let mut parts = folded.split(' ').filter(|part| part.len() >= 3);
        let is_long = folded.chars().filter(|c| c.is_alphanumeric()).count() >= PHRASE;
        let is_several = folded.trim().contains(' ');
        if is_long && is_several && parts.any(|part| !classes(part).is_listed()) {
            self.spaced.push(folded);
        }
    }

    /// True where one of them stands in the value.
    #[must_use]
    pub fn stand_in(&self, met: &Met<'_>) -> bool {
        let attribute = met.attribute;
        let tag = attribute.tag;
        if MARKS.contains(&tag) || met.path.iter().any(|(tag, _)| MARKS.contains(tag)) {
            return false;
        }
        let text = match attribute.vr() {
            Vr::AE
            | Vr::CS
            | Vr::LO
            | Vr::LT
            | Vr::PN
            | Vr::SH
            | Vr::ST
            | Vr::UC
            | Vr::UR
            | Vr::UT => attribute.text(met.charset),
            Vr::OB | Vr::UN if attribute.bytes().len() <= BYTES => {
                String::from_utf8_lossy(attribute.bytes()).into_owned()
            }
            _ => return false,
        };
        let text = words(&text);
        self.spaced.iter().any(|one| text.contains(one.as_str()))
            || !self.unspaced.is_empty() && {
                let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                self.unspaced.iter().any(|one| text.contains(one.as_str()))
            }
    }
}

/// Folded words with one space around each.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push(' ');
    for c in fold(text).chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifiers(names: &[&str], numbers: &[&str]) -> Identifiers {
        let mut found = Identifiers::default();
        for name in names {
            found.name(name);
        }
        for number in numbers {
            found.number(number);
        }
        found
    }

    #[test]
    fn parts_of_names_that_are_words_are_looked_for_together_only() {
        let found = identifiers(&["Quillfeather^Anna", "Brown^May", "Li^Wu"], &[]);
        let wanted = [
            " quillfeather ",
            " quillfeather anna ",
            " anna quillfeather ",
        ];
        assert_eq!(found.spaced, wanted);
    }

    #[test]
    fn counters_are_no_numbers_of_a_person() {
        let found = identifiers(&[], &["1", "0001", "ABCDEF", "AB-12345", "4711 042"]);
        assert_eq!(found.spaced, [" ab 12345 ", " 4711 042 "]);
    }
}
