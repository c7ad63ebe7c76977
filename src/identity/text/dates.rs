//! Dates as people write them in text, and where they move to.
//!
//! Owns: which days a piece of text may mean. A day that can be read in two ways is cut, never moved.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::{ToSpan, civil::Date};

use super::pattern::{Match, Pattern, is_plain};

/// One date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its bytes.
    pub range: Range<usize>,
    /// The day, where there is one reading only.
    pub day: Option<Date>,
    /// All readings.
    pub readings: Vec<Date>,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// `2024-01-31`, `2024.01.31`, `2024/1/31`
    YearFirst(String, String),
    /// `20240131`
    Plain,
    /// `31.01.2024`
    DayFirst(String, String),
    /// `01/31/2024`
    MonthFirst(String, String),
    /// `31 Jan 2024`, with what stands between, the month's spelling
    DayName(String, String, Spelling),
    /// `January 31, 2024`
    NameDay(String, String, Spelling),
    /// A form that is cut always: two digits for the year, a month with a year.
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spelling {
    short: bool,
    upper: bool,
    lower: bool,
    language: usize,
}

/// Names of the months: English, German, French, Spanish, Italian, Portuguese, Dutch.
const MONTHS: [[&str; 12]; 7] = [
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "märz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
];

/// Makes a form of what stands around a month that is spelled out.
type Named = fn(String, String, Spelling) -> Form;

struct Patterns {
    year_first: Pattern,
    plain: Pattern,
    year_last: Pattern,
    day_name: Pattern,
    name_day: Pattern,
    short_year: Pattern,
    month_year: Pattern,
    /// Starts of the names of months: three letters.
    starts: Vec<String>,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(Patterns::new)
}

impl Patterns {
    fn new() -> Self {
        let mut names: Vec<String> = Vec::new();
        for month in MONTHS.iter().flatten() {
            names.push((*month).to_owned());
            names.push(month.chars().take(3).collect());
        }
        let mut starts: Vec<String> = names
            .iter()
            .filter(|name| name.chars().count() == 3)
            .cloned()
            .collect();
        starts.sort_unstable();
        starts.dedup();
        names.push("sept".to_owned());
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        let names = names.join("|");
        Self {
            year_first: Pattern::new(
                r"(?:^|[^\d.])(?P<it>(?P<y>1[89]\d\d|20\d\d)(?P<s>[-./])(?P<m>\d{1,2})(?P<s2>[-./])(?P<d>\d{1,2}))(?:$|[^\d.]|\.(?:$|\D))",
            ),
            plain: Pattern::new(
                r"(?:^|[^\d.])(?P<it>(?P<y>19\d\d|20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01]))(?:$|[^\d.]|\.(?:$|\D)|(?:[01]\d|2[0-3])[0-5]\d)",
            ),
            year_last: Pattern::new(
                r"(?:^|[^\d.])(?P<it>(?P<a>\d{1,2})(?P<s>[-./]\s?)(?P<b>\d{1,2})(?P<s2>[-./]\s?)(?P<y>1[89]\d\d|20\d\d))(?:$|\D)",
            ),
            day_name: Pattern::new(format!(
                r"(?i)(?:^|[^\pL\pN])(?P<it>(?P<d>\d{{1,2}})(?P<s>(?:st|nd|rd|th|\.)?[\s-]{{1,2}}(?:de\s|of\s)?)(?P<n>{names})(?P<s2>\.?,?[\s-]{{1,2}}(?:de\s)?)(?P<y>1[89]\d\d|20\d\d))(?:$|\D)"
            )),
            name_day: Pattern::new(format!(
                r"(?i)(?:^|[^\pL\pN])(?P<it>(?P<n>{names})(?P<s>\.?\s?)(?P<d>\d{{1,2}})(?P<s2>(?:st|nd|rd|th)?,?\s{{1,2}})(?P<y>1[89]\d\d|20\d\d))(?:$|\D)"
            )),
            short_year: Pattern::new(format!(
                r"(?i)(?:^|[^\d./-])(?P<it>\d{{1,2}}/\d{{1,2}}/\d\d|[0-3]\d\.[01]\d\.\d\d|\d{{1,2}}[ -](?:{names})[ -]\d\d)(?:$|[^\d./-]|\.(?:$|\s))"
            )),
            month_year: Pattern::new(format!(
                r"(?i)(?:^|[^\pL\pN])(?P<it>(?:{names})\.?\s(?:de\s)?(?:19|20)\d\d)(?:$|\D)"
            )),
            starts,
        }
    }

    /// Patterns that may match a text. Every match has the digits and signs that are asked for here.
    fn that_may_match(&self, text: &str) -> Vec<(&Pattern, Read)> {
        let has = Has::of(text, &self.starts);
        let all: [(bool, &Pattern, Read); 7] = [
            (has.digits >= 6 && has.sign, &self.year_first, year_first),
            (has.digits >= 8, &self.plain, plain),
            (has.digits >= 6 && has.sign, &self.year_last, year_last),
            (has.digits >= 5 && has.month, &self.day_name, day_name),
            (has.digits >= 5 && has.month, &self.name_day, name_day),
            (has.digits >= 4 && has.month, &self.month_year, cut),
            (
                has.digits >= 3 && (has.sign || has.month),
                &self.short_year,
                cut,
            ),
        ];
        let may = all.into_iter().filter(|(may, ..)| *may);
        may.map(|(_, pattern, read)| (pattern, read)).collect()
    }
}

/// What a text has of what dates are made of; all of it where digits and letters may be other characters.
struct Has {
    digits: usize,
    /// What stands between numbers of a date.
    sign: bool,
    month: bool,
}

impl Has {
    fn of(text: &str, starts: &[String]) -> Self {
        if !is_plain(text) {
            return Self {
                digits: usize::MAX,
                sign: true,
                month: true,
            };
        }
        let lower = text.to_lowercase();
        let is_start = |three: &[u8]| {
            let found = starts.binary_search_by(|start| start.as_bytes().cmp(three));
            found.is_ok()
        };
        let month = if text.is_ascii() {
            lower.as_bytes().windows(3).any(is_start)
        } else {
            starts.iter().any(|start| lower.contains(start.as_str()))
        };
        Self {
            digits: digits(text),
            sign: text.contains(['-', '.', '/']),
            month,
        }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn day(year: &str, month: i8, day: &str) -> Option<Date> {
    match (year.parse(), day.parse()) {
        (Ok(year), Ok(day)) => match Date::new(year, month, day) {
            Ok(date) => Some(date),
            Err(_) => None,
        },
        _ => None,
    }
}

fn number(text: &str) -> i8 {
    text.parse().unwrap_or(0)
}

/// True for a month as [`Written::moved`] may write it.
#[must_use]
pub fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// The month that a word names, how it is spelled.
fn month(word: &str) -> Option<(i8, Spelling)> {
    let lower = word.to_lowercase();
    let upper = word.chars().all(|c| !c.is_lowercase());
    for (language, names) in MONTHS.iter().enumerate() {
        for (at, name) in (1i8..).zip(names) {
            let short: String = name.chars().take(3).collect();
            if lower == **name || lower == short || (lower == "sept" && at == 9) {
                let spelling = Spelling {
                    short: lower.chars().count() <= 4 && lower != **name
                        || lower == short && name.chars().count() == 3,
                    upper,
                    lower: lower == word,
                    language,
                };
                return Some((at, spelling));
            }
        }
    }
    None
}

impl Spelling {
    fn of(self, month: i8) -> String {
        let at = usize::try_from(month).unwrap_or(1).saturating_sub(1);
        let name = MONTHS
            .get(self.language)
            .and_then(|names| names.get(at))
            .copied()
            .unwrap_or_default();
        let name: String = if self.short {
            name.chars().take(3).collect()
        } else {
            name.to_owned()
        };
        if self.upper {
            name.to_uppercase()
        } else if self.lower {
            name
        } else {
            let mut chars = name.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(chars).collect()
            })
        }
    }
}

/// Days that a match may mean, and its form. Without a day it is a date only where the form is cut always.
type Reading = (Vec<Option<Date>>, Form);
type Read = fn(&Match<'_>) -> Reading;

/// What stands between the parts of a date.
fn between(found: &Match<'_>) -> (String, String) {
    (found.part("s").to_owned(), found.part("s2").to_owned())
}

fn numbers(found: &Match<'_>) -> Option<Date> {
    day(found.part("y"), number(found.part("m")), found.part("d"))
}

fn year_first(found: &Match<'_>) -> Reading {
    let (s, s2) = between(found);
    let day = numbers(found).filter(|_| s == s2);
    (vec![day], Form::YearFirst(s, s2))
}

fn plain(found: &Match<'_>) -> Reading {
    (vec![numbers(found)], Form::Plain)
}

fn year_last(found: &Match<'_>) -> Reading {
    let (a, b, y) = (found.part("a"), found.part("b"), found.part("y"));
    let (s, s2) = between(found);
    let day_first = day(y, number(b), a);
    let month_first = day(y, number(a), b);
    if s != s2 {
        (Vec::new(), Form::DayFirst(s, s2))
    } else if s.starts_with('.') {
        (vec![day_first], Form::DayFirst(s, s2))
    } else if day_first.is_none() {
        (vec![month_first], Form::MonthFirst(s, s2))
    } else {
        (vec![day_first, month_first], Form::DayFirst(s, s2))
    }
}

fn named(found: &Match<'_>, form: Named) -> Reading {
    let (s, s2) = between(found);
    match month(found.part("n")) {
        Some((m, spelling)) => (
            vec![day(found.part("y"), m, found.part("d"))],
            form(s, s2, spelling),
        ),
        None => (Vec::new(), Form::Plain),
    }
}

fn day_name(found: &Match<'_>) -> Reading {
    named(found, Form::DayName)
}

fn name_day(found: &Match<'_>) -> Reading {
    named(found, Form::NameDay)
}

fn cut(_: &Match<'_>) -> Reading {
    (Vec::new(), Form::Cut)
}

/// Dates in a text, in no order; several may overlap. `None` where that cannot be known.
#[must_use]
pub fn find(text: &str) -> Option<Vec<Written>> {
    let mut all = Vec::new();
    if digits(text) < 3 {
        return Some(all);
    }
    for (pattern, read) in patterns().that_may_match(text) {
        for found in pattern.matches(text)? {
            let Some(range) = found.range("it") else {
                continue;
            };
            let (readings, form) = read(&found);
            let mut readings: Vec<Date> = readings.into_iter().flatten().collect();
            readings.dedup();
            if readings.is_empty() && form != Form::Cut {
                continue;
            }
            let day = if let [one] = readings.as_slice() {
                Some(*one)
            } else {
                None
            };
            all.push(Written {
                range,
                day,
                readings,
                form,
            });
        }
    }
    Some(all)
}

impl Written {
    /// The date moved by whole days, in the form that it had; `None` where it cannot be moved.
    #[must_use]
    pub fn moved(&self, text: &str, days: i64) -> Option<String> {
        let old = text.get(self.range.clone())?;
        let date = match self.day?.checked_add(days.days()) {
            Ok(date) if date.year() >= 1850 => date,
            Ok(_) | Err(_) => return None,
        };
        let (y, m, d) = (date.year(), date.month(), date.day());
        let padded = !old
            .split(|c: char| !c.is_ascii_digit())
            .any(|part| part.len() == 1);
        let two = |n: i8| {
            if padded {
                format!("{n:02}")
            } else {
                n.to_string()
            }
        };
        Some(match &self.form {
            Form::YearFirst(s, s2) => format!("{y:04}{s}{}{s2}{}", two(m), two(d)),
            Form::Plain => format!("{y:04}{m:02}{d:02}"),
            Form::DayFirst(s, s2) => format!("{}{s}{}{s2}{y:04}", two(d), two(m)),
            Form::MonthFirst(s, s2) => format!("{}{s}{}{s2}{y:04}", two(m), two(d)),
            Form::DayName(s, s2, spelling) => format!(
                "{}{}{}{s2}{y:04}",
                two(d),
                without_ordinal(s),
                spelling.of(m)
            ),
            Form::NameDay(s, s2, spelling) => format!(
                "{}{s}{}{}{y:04}",
                spelling.of(m),
                two(d),
                without_ordinal(s2)
            ),
            Form::Cut => return None,
        })
    }
}

/// What stands behind a number without `st`, `nd`, `rd`, `th`, which may not fit the new one.
fn without_ordinal(text: &str) -> &str {
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| text.strip_prefix(end))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::super::pattern::tests::{agree, samples};
    use super::*;

    #[test]
    fn what_is_looked_for_first_stands_in_every_date() {
        let all = Patterns::new();
        for (of, pattern) in [
            &all.year_first,
            &all.plain,
            &all.year_last,
            &all.day_name,
            &all.name_day,
            &all.short_year,
            &all.month_year,
        ]
        .into_iter()
        .enumerate()
        {
            let tried = TestRunner::deterministic().run(&samples(pattern), |text| {
                agree(pattern, &text);
                let found = pattern.matches(&text).unwrap().next().is_some();
                let tried = all.that_may_match(&text);
                let is_tried = tried.iter().any(|(tried, _)| std::ptr::eq(*tried, pattern));
                prop_assert!(!found || is_tried, "{}: {:?}", of, text);
                Ok(())
            });
            tried.unwrap();
        }
    }

    fn moved(text: &str, days: i64) -> Option<String> {
        let found = find(text)?;
        let one = found.first()?;
        one.moved(text, days)
    }

    #[test]
    fn dates_move_in_the_form_they_have() {
        for (text, expected) in [
            ("on 2024-01-31 again", "2024-01-30"),
            ("2024.01.31", "2024.01.30"),
            ("31.01.2024", "30.01.2024"),
            ("1.2.2024", "31.1.2024"),
            ("01/31/2024", "01/30/2024"),
            ("31/01/2024", "30/01/2024"),
            ("20240131", "20240130"),
            ("Follow up 01 Mar 2024, prior", "29 Feb 2024"),
            ("1 MARCH 2024", "29 FEBRUARY 2024"),
            ("March 1, 2024", "February 29, 2024"),
            ("1st of March 2024", "29 of February 2024"),
            ("1. März 2024", "29. Februar 2024"),
        ] {
            assert_eq!(moved(text, -1).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_month_that_is_written_is_known_as_one() {
        for (text, days) in [
            ("1 MARCH 2024", -1),
            ("1. März 2024", 150),
            ("1 mars 2024", 150),
        ] {
            let moved = moved(text, days).unwrap();
            let word = moved.split(|c: char| !c.is_alphabetic());
            let word = word.max_by_key(|word| word.len()).unwrap();
            assert!(is_month(word), "{moved}");
        }
        assert!(!is_month("marching") && !is_month(""));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_found_and_not_moved() {
        for text in [
            "03/04/2024",
            "seen 3/4/24",
            "03.04.24",
            "3-Apr-24",
            "March 2019",
        ] {
            assert_eq!(find(text).unwrap().len(), 1, "{text}");
            assert_eq!(moved(text, -1), None, "{text}");
        }
        assert_eq!(find("03/04/2024").unwrap()[0].readings.len(), 2);
    }

    #[test]
    fn numbers_that_are_no_dates_are_left() {
        for text in [
            "1.2.840.20240131.5",
            "TE 20 TR 2000",
            "512/512/2000",
            "5.1.2",
            "b1000",
            "99999999",
            "may 20 slices",
            "ratio 1/2/3",
            "2024",
        ] {
            assert!(find(text).unwrap().is_empty(), "{text}");
        }
    }
}
