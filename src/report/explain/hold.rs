//! What a rule of a profile holds back, and why.

use std::fmt::Write;

use serde::Serialize;

use crate::profile::hold::{Condition, Fact, Hold};
use crate::standard::attributes::keyword_of;

/// What is told of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename = "hold")]
pub struct HoldTold {
    /// Its code.
    pub code: String,
    /// One of what it holds back.
    pub label: String,
    /// Several of them.
    pub plural: String,
    /// Why.
    pub reason: String,
    /// All of it has to be so; empty for the rule of patients who are not in a list.
    pub when: Vec<Asked>,
    /// Where all of this is so, the file is not held back.
    pub unless: Vec<Asked>,
}

/// One thing that a condition asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// As a profile names it.
    pub of: &'static str,
    /// One of these.
    pub values: Vec<String>,
}

/// Tells of a rule.
#[must_use]
pub fn hold(hold: &Hold) -> HoldTold {
    HoldTold {
        code: hold.code.to_string(),
        label: hold.label.to_string(),
        plural: hold.plural.to_string(),
        reason: hold.reason.to_string(),
        when: asked(&hold.when),
        unless: hold.unless.as_ref().map(asked).unwrap_or_default(),
    }
}

fn asked(condition: &Condition) -> Vec<Asked> {
    let name = |fact: Fact| {
        let named = Fact::ALL.iter().find(|(_, known)| *known == fact);
        named.map_or("", |(name, _)| *name)
    };
    let mut all: Vec<Asked> = condition
        .one_of
        .iter()
        .map(|(fact, values)| Asked {
            of: name(*fact),
            values: values.clone(),
        })
        .collect();
    if !condition.lacks.is_empty() {
        let named = condition
            .lacks
            .iter()
            .map(|tag| keyword_of(*tag).map_or_else(|| tag.to_string(), str::to_owned));
        all.push(Asked {
            of: "lacks",
            values: named.collect(),
        });
    }
    for (of, wanted) in [
        ("picture", condition.picture),
        ("document", condition.document),
        ("unread-pixels", condition.unread_pixels),
    ] {
        if let Some(wanted) = wanted {
            all.push(Asked {
                of,
                values: vec![wanted.to_string()],
            });
        }
    }
    all
}

impl HoldTold {
    /// For people.
    #[must_use]
    pub fn to_text(&self, profile: &str) -> String {
        let mut out = format!(
            "{}  holds a file back until a person has looked\n",
            self.code
        );
        let mut line = |name: &str, text: &str| {
            // writing to a string cannot fail
            if writeln!(out, "  {name:<12}{text}").is_err() {
                out.clear();
            }
        };
        line("profile", profile);
        line("what", &self.label);
        line("because", &self.reason);
        for (name, condition) in [("when", &self.when), ("unless", &self.unless)] {
            for one in condition {
                line(name, &format!("{}: {}", one.of, one.values.join(", ")));
            }
        }
        out.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Overrides, load};

    #[test]
    fn a_rule_that_holds_back_says_when_and_why() {
        let rules = load("basic", &Overrides::default()).unwrap();
        let of = |code: &str| {
            let found = rules.holds().iter().find(|hold| &*hold.code == code);
            hold(found.unwrap()).to_text("basic")
        };
        assert_eq!(
            of("burned-in"),
            "burned-in  holds a file back until a person has looked
  profile     basic
  what        picture that says it has text in it
  because     the file itself says that there is text in the picture (Burned In Annotation)
  when        burned-in-annotation: YES"
        );
        let lacking = of("no-acquisition");
        assert!(
            lacking.contains("  when        lacks: KVP, ") && lacking.contains("picture: true")
        );
        for hold in rules.holds() {
            assert!(super::hold(hold).to_text("basic").contains(&*hold.reason));
        }
    }
}
