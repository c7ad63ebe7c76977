//! Shapes that identify by themselves: telephone numbers, e-mail, addresses, record numbers behind a cue.
//!
//! Shapes are data (`shapes.toml`) with texts that they must catch and leave. Each is one regular expression, run in linear time.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

use super::{Depth, fold::fold, words::classes};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[cfg_attr(not(test), expect(dead_code, reason = "named by a test"))]
    name: String,
    find: String,
    needs: String,
    /// Least letters and digits of what goes.
    #[serde(default)]
    at_least: usize,
    /// One of its words at least stands in no list.
    #[serde(default)]
    unlisted: bool,
    /// It goes from labels and names of devices too.
    #[serde(default)]
    everywhere: bool,
    /// It stays where it is the whole text.
    #[serde(default)]
    not_alone: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "tried by a test"))]
    catches: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "tried by a test"))]
    leaves: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    shape: Vec<Written>,
}

struct Shape {
    find: Regex,
    needs: Needs,
    at_least: usize,
    unlisted: bool,
    everywhere: bool,
    not_alone: bool,
}

#[derive(Clone, Copy)]
enum Needs {
    Digit,
    Upper,
    Char(char),
}

/// Every shape is there: nothing is cleaned by half of them.
#[must_use]
pub fn is_ready() -> bool {
    let written = include_str!("shapes.toml").matches("[[shape]]").count();
    shapes().len() == written
}

fn written() -> Vec<Written> {
    toml::from_str::<File>(include_str!("shapes.toml"))
        .map_or_else(|_| Vec::new(), |file| file.shape)
}

fn shapes() -> &'static [Shape] {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| written().iter().filter_map(compiled).collect())
}

fn compiled(written: &Written) -> Option<Shape> {
    let Ok(find) = Regex::new(&written.find) else {
        return None;
    };
    let needs = match written.needs.as_str() {
        "digit" => Needs::Digit,
        "upper" => Needs::Upper,
        other => Needs::Char(other.chars().next()?),
    };
    Some(Shape {
        find,
        needs,
        at_least: written.at_least,
        unlisted: written.unlisted,
        everywhere: written.everywhere,
        not_alone: written.not_alone,
    })
}

impl Shape {
    fn may_stand_in(&self, text: &str) -> bool {
        match self.needs {
            Needs::Digit => text.bytes().any(|b| b.is_ascii_digit()),
            Needs::Upper => text.chars().any(char::is_uppercase),
            Needs::Char(c) => text.contains(c),
        }
    }

    fn spans<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        self.find.captures_iter(text).filter_map(move |found| {
            let it = found.name("it").or_else(|| found.get(0))?;
            // a value that is a URI and nothing else names a scheme of numbers; where it is a way to a server, its VR says so
            if self.not_alone && it.as_str() == text.trim() {
                return None;
            }
            let letters = it.as_str().chars().filter(|c| c.is_alphanumeric()).count();
            let has_unlisted = || {
                it.as_str()
                    .split(|c: char| !c.is_alphabetic())
                    .any(|word| word.len() > 2 && !classes(&fold(word)).is_listed())
            };
            (letters >= self.at_least && (!self.unlisted || has_unlisted())).then(|| it.range())
        })
    }
}

/// Where shapes stand in a text.
pub fn spans(text: &str, depth: Depth, out: &mut Vec<Range<usize>>) {
    for shape in shapes() {
        if (depth == Depth::Full || shape.everywhere) && shape.may_stand_in(text) {
            out.extend(shape.spans(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_catches_and_leaves_what_it_says() {
        let all = written();
        assert!(all.len() > 8);
        for written in all {
            let shape =
                compiled(&written).unwrap_or_else(|| panic!("{} does not compile", written.name));
            let hits = |text: &str| shape.may_stand_in(text) && shape.spans(text).next().is_some();
            assert!(
                !written.catches.is_empty() && !written.leaves.is_empty(),
                "{}",
                written.name
            );
            for text in &written.catches {
                assert!(hits(text), "{} misses {text:?}", written.name);
            }
            for text in &written.leaves {
                assert!(!hits(text), "{} takes {text:?}", written.name);
            }
        }
    }
}
