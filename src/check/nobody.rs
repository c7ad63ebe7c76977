//! Values that stand for nobody: dummy values of this and other programs, and keyed codes.
//!
//! Owns: telling them from identifiers. A value counts as one only when every word of it is such a word, so that nothing
//! rides along.

use crate::identity::known::Kind;

/// Words that name nobody, in lower case and without digits behind them.
const WORDS: &[&str] = &[
    "anon",
    "anonym",
    "anonymous",
    "anonymised",
    "anonymized",
    "anonymise",
    "anonymize",
    "anonimo",
    "anonyme",
    "anonymisiert",
    "deid",
    "deidentified",
    "deidentify",
    "identified",
    "de",
    "id",
    "removed",
    "redacted",
    "pseudonym",
    "pseudonymised",
    "pseudonymized",
    "blinded",
    "hidden",
    "none",
    "unknown",
    "unk",
    "nil",
    "null",
    "na",
    "n",
    "a",
    "not",
    "available",
    "applicable",
    "no",
    "name",
    "noname",
    "value",
    "empty",
    "test",
    "phantom",
    "dummy",
    "demo",
    "sample",
    "other",
    "example",
    "default",
    "patient",
    "subject",
    "volunteer",
    "first",
    "last",
    "middle",
    "given",
    "family",
    "physician",
    "doctor",
    "dr",
    "operator",
    "institution",
    "hospital",
    "clinic",
    "department",
    "address",
    "station",
    "study",
    "series",
    "unspecified",
    "undefined",
    "x",
];

/// Words that make a number behind them one of nobody's, as in `ANON0001` or `TEST-12`.
const NUMBERED: &[&str] = &[
    "anon",
    "anonym",
    "anonymous",
    "anonymised",
    "anonymized",
    "anonymise",
    "anonymize",
    "deid",
    "test",
    "phantom",
    "dummy",
    "removed",
    "unknown",
];

/// Characters of a keyed code (`identity::pseudonym`).
const CODE: usize = 16;

/// True for a value that stands for nobody.
#[must_use]
pub fn is_nobody(kind: Kind, text: &str) -> bool {
    let text = text.trim();
    if matches!(kind, Kind::Date | Kind::BirthDate) {
        return is_no_date(text);
    }
    if is_of_one_letter(text) || is_code(text) {
        return true;
    }
    let lower = text.to_lowercase();
    let words = || {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let stem = |word: &'_ str| word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let is_number = |word: &str| stem(word) == 0;
    let is_listed = |word: &str, list: &[&str]| {
        let stem = word.get(..stem(word)).unwrap_or_default();
        list.contains(&stem) || !stem.is_empty() && stem.bytes().all(|b| b == b'x')
    };
    let numbers = words().any(|word| stem(word) < word.len());
    if !words().all(|word| is_number(word) || is_listed(word, WORDS)) {
        return false;
    }
    let of_a_name =
        matches!(kind, Kind::Name | Kind::Physician) && words().any(|word| is_listed(word, WORDS));
    !numbers || of_a_name || words().any(|word| is_listed(word, NUMBERED))
}

/// `^^^`, `0000`, `XXXX`.
fn is_of_one_letter(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next();
    letters.all(|c| Some(c) == first)
}

/// A day that dummies have.
fn is_no_date(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
    digits.chars().all(|c| c == '0')
        || matches!(
            digits.as_str(),
            "19000101" | "00010101" | "99991231" | "19010101" | "1900" | "190001"
        )
}

/// A keyed code: 16 letters and digits of Crockford's base 32, both of them.
fn is_code(text: &str) -> bool {
    is_of_code(text)
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// One code in four hundred has letters alone. It counts where the file says that it was cleaned, or has it in two places.
#[must_use]
pub fn is_code_of_letters(text: &str) -> bool {
    is_of_code(text) && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_of_code(text: &str) -> bool {
    let digit = |b: u8| {
        b.is_ascii_digit() || b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U')
    };
    text.len() == CODE && text.bytes().all(digit)
}

/// Roots of UIDs that are made at random (PS3.5 section B.2 and a library's for tests), so that they lead nowhere.
const RANDOM_ROOTS: &[&str] = &["2.25.", "1.2.826.0.1.3680043.8.498."];

/// True for a UID that is random, or no UID at all.
#[must_use]
pub fn is_random_uid(uid: &str) -> bool {
    RANDOM_ROOTS.iter().any(|root| uid.starts_with(root)) || !uid.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::key::Key;
    use crate::identity::pseudonym::Pseudonyms;

    #[test]
    fn dummies_stand_for_nobody_and_people_do_not() {
        let rows: &[(Kind, &str, bool)] = &[
            (Kind::Name, "", true),
            (Kind::Name, "^^^^", true),
            (Kind::Name, "ANONYMOUS", true),
            (Kind::Name, "Anonymous^Patient 1", true),
            (Kind::Name, "ANON0001", true),
            (Kind::Name, "Test^Patient", true),
            (Kind::Name, "PATIENT^001", true),
            (Kind::Name, "XXXXX", true),
            (Kind::Name, "REMOVED", true),
            (Kind::Name, "Anonymous^Smith", false),
            (Kind::Name, "DOE^JANE", false),
            (Kind::Name, "SMALL^HEAD", false),
            (Kind::Name, "12345", false),
            (Kind::Name, "Testa^Rossa", false),
            (Kind::Id, "ANON-17", true),
            (Kind::Id, "00000000", true),
            (Kind::Id, "4711", false),
            (Kind::Id, "PATIENT-4711", false),
            (Kind::Id, "2000000000000000", false),
            (Kind::Organisation, "General Hospital", false),
            (Kind::Organisation, "HOSPITAL", true),
            (Kind::BirthDate, "19000101", true),
            (Kind::BirthDate, "19430217", false),
            (Kind::Date, "19000101000000.000", true),
            (Kind::Date, "20240131", false),
            (Kind::Name, "TH0NW10ZNWR061T2", true),
            (Kind::Name, "th0nw10znwr061t2", false),
        ];
        for (kind, text, expected) in rows {
            assert_eq!(is_nobody(*kind, text), *expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn codes_of_the_program_are_known_as_such() {
        let keyed = Pseudonyms::new(&Key::from_bytes([7; 32]), "");
        let mut of_letters = 0;
        for n in 0..20_000 {
            let code = keyed.code("PatientID", &[&n.to_string()]);
            assert!(is_code(&code) || is_code_of_letters(&code), "{code}");
            of_letters += u32::from(is_code_of_letters(&code));
        }
        assert!((10..200).contains(&of_letters), "{of_letters}");
        assert!(!is_code_of_letters("BARTSCHNEEBERGE") && !is_code("1234567890123456"));
    }

    #[test]
    fn random_uids_lead_nowhere() {
        assert!(is_random_uid(
            "2.25.143818945366479029893147877386847178832"
        ));
        assert!(!is_random_uid("1.3.12.2.1107.5.1.4.73104.30000"));
    }
}
