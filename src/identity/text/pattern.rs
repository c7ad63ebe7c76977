//! A regular expression over text that is compiled when a text first asks for it.
//!
//! Letters and digits of Unicode (`\pL`, `\d`, `\w`, case) make a large automaton: compiling all patterns took ten times
//! as long as cleaning a small file. Most texts are ASCII; for these a pattern has a second form, whose classes are the
//! ASCII part of the written ones, so that both find the same in such a text.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A pattern as it is written, and its two forms.
pub struct Pattern {
    written: String,
    ascii: OnceLock<Option<Regex>>,
    whole: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that is not compiled yet.
    #[must_use]
    pub fn new(written: impl Into<String>) -> Self {
        Self {
            written: written.into(),
            ascii: OnceLock::new(),
            whole: OnceLock::new(),
        }
    }

    /// Its matches in a text, from left to right; `None` where it does not compile: then nobody knows.
    pub fn matches<'t>(&'t self, text: &'t str) -> Option<impl Iterator<Item = Match<'t>>> {
        let regex = if text.is_ascii() {
            self.of_ascii()
        } else {
            self.of_all()
        };
        let found = regex?.captures_iter(text.as_bytes());
        Some(found.map(move |found| Match { text, found }))
    }

    fn of_ascii(&self) -> Option<&Regex> {
        self.ascii
            .get_or_init(|| compiled(&in_ascii(&self.written), false))
            .as_ref()
    }

    fn of_all(&self) -> Option<&Regex> {
        self.whole
            .get_or_init(|| compiled(&self.written, true))
            .as_ref()
    }
}

/// One match.
pub struct Match<'t> {
    text: &'t str,
    found: Captures<'t>,
}

impl<'t> Match<'t> {
    /// Where a group stands; `None` where it took no part.
    #[must_use]
    pub fn range(&self, group: &str) -> Option<Range<usize>> {
        self.found.name(group).map(|group| group.range())
    }

    /// What a group took; empty where it took no part.
    #[must_use]
    pub fn part(&self, group: &str) -> &'t str {
        self.range(group)
            .and_then(|range| self.text.get(range))
            .unwrap_or_default()
    }

    /// Where all of it stands.
    #[must_use]
    pub fn whole(&self) -> Range<usize> {
        self.found.get_match().range()
    }
}

fn compiled(pattern: &str, unicode: bool) -> Option<Regex> {
    match RegexBuilder::new(pattern).unicode(unicode).build() {
        Ok(regex) => Some(regex),
        Err(_) => None,
    }
}

/// The form for ASCII texts: classes of Unicode by their ASCII part, a byte of no such text for any other character.
fn in_ascii(pattern: &str) -> String {
    let classes = pattern
        .replace(r"\pL", "[A-Za-z]")
        .replace(r"\pN", "[0-9]")
        .replace(r"\p{Lu}", "[A-Z]");
    let mut form = String::with_capacity(classes.len());
    for c in classes.chars() {
        if c.is_ascii() {
            form.push(c);
        } else {
            form.push_str(r"\xFF");
        }
    }
    form
}

/// True where only ASCII characters of a text can be what a pattern means by an ASCII letter or by a digit: the other
/// characters that could are digits of other scripts, and those that are `s` and `k` in another case.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.is_ascii()
        || !text
            .chars()
            .any(|c| !c.is_ascii() && c.is_numeric() || matches!(c, '\u{17F}' | '\u{212A}'))
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;
    use proptest::strategy::BoxedStrategy;

    use super::*;

    /// Plain texts that the pattern matches, of ASCII or with letters of any script: it without what looks around, with ASCII
    /// digits, and its negated classes in ASCII.
    pub fn samples(pattern: &Pattern) -> BoxedStrategy<String> {
        prop_oneof![
            texts(&in_ascii(&pattern.written).replace(r"\xFF", "a")),
            texts(&pattern.written),
        ]
        .boxed()
    }

    fn texts(form: &str) -> impl Strategy<Value = String> + use<> {
        let form = form
            .replace(r"\b", "")
            .replace("(?:^|", "(?:|")
            .replace("(?:$|", "(?:|")
            .replace("|$)", "|)")
            .replace(r"\d", "[0-9]")
            .replace(r"\D", "[a-z ]")
            .replace(r"\s", "[ \\t]")
            .replace(r"\w", "[0-9A-Za-z_]")
            .replace(r"\pN", "[0-9]");
        let found = proptest::string::string_regex(&without_negation(&form)).unwrap();
        ("[ -~]{0,6}", found, "[ -~]{0,6}").prop_map(|(before, found, after)| {
            let found = found.replace('\u{17F}', "s").replace('\u{212A}', "k");
            before + &found + &after
        })
    }

    /// `[^ab]` as `[ -~&&[^ab]]`.
    fn without_negation(pattern: &str) -> String {
        let mut out = String::new();
        let mut open: Vec<bool> = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let negated = c == '[' && chars.peek() == Some(&'^');
            if negated {
                out.push_str("[ -~&&");
            }
            out.push(c);
            match c {
                '[' => open.push(negated),
                ']' if open.pop() == Some(true) => out.push(']'),
                '\\' => out.extend(chars.next()),
                _ => {}
            }
        }
        out
    }

    /// Both forms compile, and find the same in a text of ASCII.
    pub fn agree(pattern: &Pattern, text: &str) {
        assert!(is_plain(text), "{text:?}");
        if !text.is_ascii() {
            return;
        }
        let all = |regex: &Regex| -> Vec<Vec<Option<Range<usize>>>> {
            regex
                .captures_iter(text.as_bytes())
                .map(|found| {
                    found
                        .iter()
                        .map(|group| group.map(|group| group.range()))
                        .collect()
                })
                .collect()
        };
        let (ascii, whole) = (pattern.of_ascii().unwrap(), pattern.of_all().unwrap());
        assert_eq!(all(ascii), all(whole), "{}: {text:?}", pattern.written);
    }

    #[test]
    fn classes_have_their_ascii_part() {
        assert_eq!(
            in_ascii(r"\p{Lu}[\pL'’-]+\pN|märz"),
            r"[A-Z][[A-Za-z]'\xFF-]+[0-9]|m\xFFrz"
        );
        let pattern = Pattern::new(r"(?i)\b\p{Lu}+(?P<n>\d)?");
        for (text, whole, n) in [("a7", 0..2, "7"), ("--é", 2..4, ""), ("xé٣", 0..5, "٣")] {
            let found = pattern.matches(text).unwrap().next().unwrap();
            assert_eq!((found.whole(), found.part("n")), (whole, n), "{text}");
        }
        assert!(pattern.matches("-").unwrap().next().is_none());
    }

    #[test]
    fn plain_texts_have_no_other_digits_and_no_other_case_of_ascii() {
        for (text, expected) in [
            ("CT 12", true),
            ("Schädel, 2 ê", true),
            ("頭部", true),
            ("٣", false),
            ("²", false),
            ("mar\u{17F}", false),
            ("\u{212A}nie", false),
        ] {
            assert_eq!(is_plain(text), expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_that_does_not_compile_is_told() {
        let broken = Pattern::new("(");
        assert!(broken.matches("a").is_none() && broken.matches("é").is_none());
    }
}
