//! Shapes that identify by themselves: telephone numbers, e-mail, addresses, record numbers behind a cue.
//!
//! Shapes are data (`shapes.toml`) with texts that they must catch and leave. Each is one regular expression, run in linear
//! time, and only over a text that has what every match of it has.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Deserialize;

use super::{
    Depth,
    fold::fold,
    pattern::{Pattern, is_plain},
    words::classes,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[cfg_attr(not(test), expect(dead_code, reason = "named by a test"))]
    name: String,
    find: String,
    needs: String,
    /// Least digits of a match.
    #[serde(default)]
    digits: usize,
    /// One of these stands in every match.
    #[serde(default)]
    cues: Vec<String>,
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
    find: Pattern,
    needs: Needs,
    digits: usize,
    /// How many cues it has.
    cues: usize,
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

/// All shapes, and what is looked for in a text before any of them is.
struct Shapes {
    all: Vec<Shape>,
    /// The cues of all shapes; `None` where they cannot be looked for: then each shape is.
    cues: Option<AhoCorasick>,
    /// For each cue the index of its shape.
    shape_of: Vec<usize>,
}

/// Every shape is there: nothing is cleaned by half of them.
#[must_use]
pub fn is_ready() -> bool {
    let written = include_str!("shapes.toml").matches("[[shape]]").count();
    shapes().all.len() == written
}

fn written() -> Vec<Written> {
    toml::from_str::<File>(include_str!("shapes.toml"))
        .map_or_else(|_| Vec::new(), |file| file.shape)
}

fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| Shapes::of(&written()))
}

fn shape(written: &Written) -> Option<Shape> {
    let needs = match written.needs.as_str() {
        "digit" => Needs::Digit,
        "upper" => Needs::Upper,
        other => Needs::Char(other.chars().next()?),
    };
    Some(Shape {
        find: Pattern::new(written.find.as_str()),
        needs,
        digits: written.digits,
        cues: written.cues.len(),
        at_least: written.at_least,
        unlisted: written.unlisted,
        everywhere: written.everywhere,
        not_alone: written.not_alone,
    })
}

impl Shapes {
    fn of(written: &[Written]) -> Self {
        let (mut cues, mut shape_of) = (Vec::new(), Vec::new());
        for (at, written) in written.iter().enumerate() {
            cues.extend(&written.cues);
            shape_of.resize(cues.len(), at);
        }
        let cues = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(cues);
        Self {
            all: written.iter().filter_map(shape).collect(),
            cues: match cues {
                Ok(cues) => Some(cues),
                Err(_) => None,
            },
            shape_of,
        }
    }

    /// Shapes that may stand in a text.
    fn that_may_stand_in(&self, text: &str) -> impl Iterator<Item = &Shape> {
        let known = is_plain(text).then_some(self.cues.as_ref()).flatten();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let mut cued = vec![known.is_none(); self.all.len()];
        for cue in known
            .iter()
            .flat_map(|cues| cues.find_overlapping_iter(text))
        {
            let of = self.shape_of.get(cue.pattern().as_usize());
            if let Some(cued) = of.and_then(|at| cued.get_mut(*at)) {
                *cued = true;
            }
        }
        self.all.iter().zip(cued).filter_map(move |(shape, cued)| {
            let has_all = known.is_none() || digits >= shape.digits && (cued || shape.cues == 0);
            (has_all && shape.has_need(text)).then_some(shape)
        })
    }
}

impl Shape {
    fn has_need(&self, text: &str) -> bool {
        match self.needs {
            Needs::Digit => text.bytes().any(|b| b.is_ascii_digit()),
            Needs::Upper => text.chars().any(char::is_uppercase),
            Needs::Char(c) => text.contains(c),
        }
    }

    /// Where it stands in a text. All of the text where that cannot be known: no value passes because a rule could not run.
    fn spans(&self, text: &str, out: &mut Vec<Range<usize>>) {
        let Some(found) = self.find.matches(text) else {
            out.push(0..text.len());
            return;
        };
        for found in found {
            let range = found.range("it").unwrap_or_else(|| found.whole());
            let it = text.get(range.clone()).unwrap_or_default();
            // a value that is a URI and nothing else names a scheme of numbers; where it is a way to a server, its VR says so
            if self.not_alone && it == text.trim() {
                continue;
            }
            let letters = it.chars().filter(|c| c.is_alphanumeric()).count();
            let has_unlisted = || {
                it.split(|c: char| !c.is_alphabetic())
                    .any(|word| word.len() > 2 && !classes(&fold(word)).is_listed())
            };
            if letters >= self.at_least && (!self.unlisted || has_unlisted()) {
                out.push(range);
            }
        }
    }
}

/// Where shapes stand in a text.
pub fn spans(text: &str, depth: Depth, out: &mut Vec<Range<usize>>) {
    for shape in shapes().that_may_stand_in(text) {
        if depth == Depth::Full || shape.everywhere {
            shape.spans(text, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::super::pattern::tests::{agree, samples};
    use super::*;

    #[test]
    fn every_shape_catches_and_leaves_what_it_says() {
        let all = written();
        assert!(all.len() > 8 && is_ready());
        for written in all {
            let alone = Shapes::of(std::slice::from_ref(&written));
            let hits = |text: &str| {
                let mut spans = Vec::new();
                for shape in alone.that_may_stand_in(text) {
                    shape.spans(text, &mut spans);
                }
                !spans.is_empty()
            };
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

    #[test]
    fn what_is_looked_for_first_stands_in_every_match() {
        for written in written() {
            let alone = Shapes::of(std::slice::from_ref(&written));
            let find = Pattern::new(written.find.as_str());
            let texts = samples(&find);
            let mut runner = TestRunner::deterministic();
            let mut matched = 0;
            let tried = runner.run(&texts, |text| {
                agree(&find, &text);
                let has_need = alone.all.iter().all(|shape| shape.has_need(&text));
                let found = has_need && find.matches(&text).unwrap().next().is_some();
                let tried = alone.that_may_stand_in(&text).next().is_some();
                prop_assert!(!found || tried, "{}: {:?}", written.name, text);
                Ok(())
            });
            tried.unwrap();
            for text in (0..64).map(|_| texts.new_tree(&mut runner).unwrap().current()) {
                matched += usize::from(find.matches(&text).unwrap().next().is_some());
            }
            assert!(matched > 16, "{}: {matched} of 64 match", written.name);
        }
    }

    #[test]
    fn a_shape_that_cannot_be_looked_for_takes_all() {
        let mut broken = written().remove(0);
        broken.find = "(".to_owned();
        let mut spans = Vec::new();
        shape(&broken).unwrap().spans("a text", &mut spans);
        assert!(spans.iter().eq([&(0..6)]), "{spans:?}");
    }
}
