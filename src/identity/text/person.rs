//! What is known of people, places and numbers, in the forms that a text may have them in.
//!
//! Owns: which part of a name is strong, and the forms of numbers. Collected once for a file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::fold::{fold, is_unspaced, spelled_out};
use super::words::classes;
use crate::identity::known::Kind;

/// How much a part of a name needs to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A word of medicine or of the language: in a context that makes it a name.
    Weak,
    /// Two or three letters that are no word: as a whole word, written as a name.
    Short,
    /// Wherever it stands as a word.
    Strong,
}

/// A part of one or several names.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// How much it needs.
    pub strength: Strength,
    /// The people whose name it is part of, as bits.
    pub people: u64,
}

/// What a file is known by, for texts.
#[derive(Default)]
pub struct KnownText {
    /// Parts of names by their form.
    pub parts: BTreeMap<String, Part>,
    /// First letters of the parts, with the people.
    pub initials: BTreeMap<char, u64>,
    /// Names in scripts without spaces, in their form.
    pub runs: BTreeSet<String>,
    /// Words that stand for a place: distinct words of organisations and addresses.
    pub places: BTreeSet<String>,
    /// Phrases by their first word.
    pub phrases: BTreeMap<String, Vec<Vec<String>>>,
    /// Numbers with letters in them, without separators.
    pub numbers: BTreeSet<String>,
    /// Digits alone, without leading zeros.
    pub digits: BTreeSet<String>,
    /// Days of birth.
    pub births: BTreeSet<Date>,
    /// Other days.
    pub days: BTreeSet<Date>,
    /// Values of UID attributes that are no UIDs.
    pub uids: BTreeSet<String>,
    people: u32,
}

/// Components of a name that are a part of it; the others are titles (PS3.5 section 6.2.1.2).
const NAME_COMPONENTS: usize = 3;
/// Fewest digits that tell one number from another.
const TELLING_DIGITS: usize = 5;

impl KnownText {
    /// Adds one value.
    pub fn add(&mut self, kind: Kind, text: &str) {
        match kind {
            Kind::Name | Kind::Physician => self.add_name(text),
            Kind::Date | Kind::BirthDate => self.add_day(kind, text),
            Kind::Uid => {
                self.uids.insert(text.trim().to_owned());
            }
            Kind::Id | Kind::Accession => {
                self.add_number(text);
                for part in text.split("^^^") {
                    self.add_number(part);
                }
            }
            Kind::Phone => self.add_phone(text),
            Kind::Address => {
                self.add_phrase(text);
                self.add_places(text);
                for line in text.split(['\r', '\n', ',', ';']) {
                    self.add_phrase(line);
                    self.add_number(line);
                }
            }
            Kind::Organisation => {
                self.add_phrase(text);
                self.add_places(text);
            }
            Kind::Station | Kind::Other => {
                self.add_phrase(text);
                self.add_number(text);
            }
        }
    }

    fn add_name(&mut self, text: &str) {
        let person = 1u64.checked_shl(self.people % 64).unwrap_or(1);
        self.people = self.people.saturating_add(1);
        for group in text.split('=') {
            let components: Vec<&str> = group.split('^').map(str::trim).collect();
            let names = components
                .get(..components.len().min(NAME_COMPONENTS))
                .unwrap_or_default();
            for (at, component) in components.iter().enumerate() {
                let words = component.split(|c: char| !(c.is_alphanumeric() || is_mark(c)));
                for word in words.filter(|word| !word.is_empty()) {
                    self.add_part(word, person, at < NAME_COMPONENTS);
                }
                let glued: String = component
                    .chars()
                    .filter(|c| c.is_alphanumeric() || is_mark(*c))
                    .collect();
                if glued.len() != component.len()
                    && glued.chars().count() > 5
                    && at < NAME_COMPONENTS
                {
                    self.add_part(&glued, person, true);
                }
            }
            if let [family, given, ..] = names
                && !family.is_empty()
                && !given.is_empty()
            {
                if given.chars().any(is_unspaced_letter) {
                    for both in [format!("{family} {given}"), format!("{given} {family}")] {
                        self.runs.insert(fold(&both));
                    }
                }
                for both in [format!("{family}{given}"), format!("{given}{family}")] {
                    let glued: String = both
                        .chars()
                        .filter(|c| c.is_alphanumeric() || is_mark(*c))
                        .collect();
                    if glued.chars().any(is_unspaced_letter) || glued.chars().count() > 5 {
                        self.add_part(&glued, person, true);
                    }
                }
            }
        }
    }

    fn add_part(&mut self, word: &str, person: u64, is_name: bool) {
        if word.chars().any(|c| c.is_ascii_digit()) {
            self.add_number(word);
            return;
        }
        let form = fold(word);
        let letters = form.chars().count();
        if form.chars().any(is_unspaced_letter) {
            if letters >= 2 {
                self.runs.insert(form);
            }
            return;
        }
        if let Some(first) = form.chars().next() {
            let initial = self.initials.entry(first).or_default();
            *initial |= person;
        }
        if letters < 2 {
            return;
        }
        let strength = match letters {
            _ if !is_name || classes(&form).is_listed() => Strength::Weak,
            2..=3 if form.is_ascii() => Strength::Short,
            _ => Strength::Strong,
        };
        for form in spelled_out(word).into_iter().chain([form]) {
            let part = self.parts.entry(form).or_insert(Part {
                strength,
                people: 0,
            });
            part.people |= person;
            part.strength = part.strength.max(strength);
        }
    }

    fn add_day(&mut self, kind: Kind, text: &str) {
        let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
        if let Some(parsed) = crate::dicom::value::date::parse_da(digits.as_bytes()) {
            let days = if kind == Kind::BirthDate {
                &mut self.births
            } else {
                &mut self.days
            };
            days.insert(parsed.date);
        }
    }

    /// A number in the forms that it may have: with its letters, and its digits alone.
    fn add_number(&mut self, text: &str) {
        let form: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
        let has_digit = form.bytes().any(|b| b.is_ascii_digit());
        if !has_digit {
            self.add_phrase(text);
            return;
        }
        let has_letter = form.chars().any(char::is_alphabetic);
        if has_letter && form.chars().count() >= 4 && !is_one_character(&form) {
            self.numbers.insert(form.clone());
        }
        let digits: String = form.chars().filter(char::is_ascii_digit).collect();
        self.add_digits(&digits);
        // letters in the middle end a number: `H012345.67` is the digits of both, `12AB345678` is 345678 too
        for run in form.split(|c: char| !c.is_ascii_digit()) {
            if run.len() > 5 {
                self.add_digits(run);
            }
        }
    }

    fn add_digits(&mut self, digits: &str) {
        let bare = digits.trim_start_matches('0');
        if bare.len() >= TELLING_DIGITS && !is_one_character(bare) {
            self.digits.insert(bare.to_owned());
        }
    }

    fn add_phone(&mut self, text: &str) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        for from in 0..=digits.len().saturating_sub(7) {
            if let Some(suffix) = digits.get(from..)
                && suffix.len() >= 7
            {
                self.add_digits(suffix);
            }
        }
    }

    fn add_phrase(&mut self, text: &str) {
        let form = fold(text);
        let words: Vec<String> = form
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let all_listed = words
            .iter()
            .all(|word| classes(word).is_listed() || word.chars().count() < 2);
        if letters < 4
            || (all_listed && words.len() < 3)
            || words
                .iter()
                .all(|word| word.bytes().all(|b| b.is_ascii_digit()))
        {
            return;
        }
        if let Some(first) = words.first() {
            let same = self.phrases.entry(first.clone()).or_default();
            if !same.contains(&words) {
                same.push(words);
            }
        }
    }

    fn add_places(&mut self, text: &str) {
        for word in fold(text).split(|c: char| !c.is_alphabetic()) {
            if word.chars().count() >= 5 && !classes(word).is_listed() {
                self.places.insert(word.to_owned());
            }
        }
    }
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn is_unspaced_letter(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{3041}'..='\u{30FF}')
}

fn is_one_character(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
}
