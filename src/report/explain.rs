//! What a profile does with one attribute, and why: for a person who writes a profile or reads an output.
//!
//! Owns: asking the deciding code itself, for each Type that the attribute may have, so that what is told is what happens.

pub mod hold;
pub mod option;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use crate::dicom::element::Encoding;
use crate::dicom::walk::Element;
use crate::dicom::{Tag, Vr};
use crate::plan::decide::{Decision, Standing, Why, decide};
use crate::plan::resolve::Presence;
use crate::profile::Ruleset;
use crate::standard::attributes::{keyword_of, vr_of};
use crate::standard::e1_1::{self, ProfileOption};
use crate::standard::iod::{AttributeType, iod};

/// What is told of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename = "attribute")]
pub struct Explanation {
    /// `(0008,1030)`
    pub tag: String,
    /// Keyword; empty where the standard has none.
    pub keyword: &'static str,
    /// VR.
    pub vr: String,
    /// The profile.
    pub profile: String,
    /// Code of the Basic Profile in Table E.1-1; empty where it does not list the attribute.
    pub basic: String,
    /// Options in force that have a code of their own, with it.
    pub options: Vec<(&'static str, String)>,
    /// The code in force.
    pub code: String,
    /// Two options ask for different things; the more protective one counts.
    pub conflict: bool,
    /// Why: a rule with its place, the table, or what is not listed.
    pub because: String,
    /// What the rule's author wrote.
    pub why: Option<String>,
    /// What it comes to, by the attribute's Type in the IOD.
    pub outcomes: Vec<Outcome>,
}

/// What it comes to under one condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// `Type 1`, `not in the IOD`...
    pub when: &'static str,
    /// `remove`, `empty`, `dummy`...
    pub action: &'static str,
}

/// Types that make a difference, with their names.
const PRESENCES: [(Presence, &str); 5] = [
    (Presence::Typed(AttributeType::One), "Type 1 or 1C"),
    (Presence::Typed(AttributeType::Two), "Type 2 or 2C"),
    (Presence::Typed(AttributeType::Three), "Type 3"),
    (Presence::NotInIod, "not in the IOD"),
    (Presence::UnknownIod, "SOP Class not known"),
];

/// Explains an attribute at the root of a data set, for one SOP Class or for all.
///
/// # Errors
/// The SOP Class is not known.
pub fn explain(rules: &Ruleset, tag: Tag, sop_class: Option<&str>) -> Result<Explanation, String> {
    let row = e1_1::row(tag);
    let vr = vr_of(tag).unwrap_or(Vr::UN);
    let presences: Vec<(Presence, &'static str)> = match sop_class {
        None => PRESENCES.to_vec(),
        Some(uid) => {
            let iod = iod(uid).ok_or_else(|| format!("no SOP Class {uid} is known"))?;
            let typed = iod.attribute_type(&[tag]);
            vec![match typed {
                None => (Presence::NotInIod, "not in the IOD"),
                Some(t @ (AttributeType::One | AttributeType::OneC)) => {
                    (Presence::Typed(t), "Type 1 or 1C")
                }
                Some(t @ (AttributeType::Two | AttributeType::TwoC)) => {
                    (Presence::Typed(t), "Type 2 or 2C")
                }
                Some(t @ AttributeType::Three) => (Presence::Typed(t), "Type 3"),
            }]
        }
    };
    let options: Vec<(ProfileOption, e1_1::ActionCode)> = rules
        .options()
        .iter()
        .filter_map(|option| {
            row.and_then(|row| row.option(*option))
                .map(|code| (*option, code))
        })
        .collect();
    let conflict = options
        .iter()
        .any(|(_, a)| options.iter().any(|(_, b)| a != b));
    let lettered_curves = BTreeSet::new();
    let element = element(tag, vr);
    let mut outcomes = Vec::new();
    let mut because = String::new();
    let mut why = None;
    for (presence, when) in presences {
        let standing = Standing {
            presence,
            has_document: false,
            path: &[],
            creator: None,
            declared: None,
            block_kept: false,
            is_dicomdir: false,
            lettered_curves: &lettered_curves,
            lists_references: false,
        };
        let verdict = decide(rules, &element, &standing);
        because = match verdict.why {
            Why::Rule(rule) => {
                why = rule.why.as_deref().map(str::to_owned);
                format!("rule {}", rule.origin)
            }
            Why::Table(code) => format!("Table E.1-1, {code}"),
            Why::Unlisted(reason) => format!("not listed in Table E.1-1: {reason}"),
            Why::Private(reason) => format!("private: {reason}"),
            Why::Hygiene(reason) => format!("never in a file: {reason}"),
            Why::Enclosing => "an enclosing sequence".to_owned(),
        };
        outcomes.push(Outcome {
            when,
            action: name(&verdict.decision, vr),
        });
    }
    Ok(Explanation {
        tag: tag.to_string(),
        keyword: keyword_of(tag).unwrap_or(""),
        vr: vr.to_string().to_owned(),
        profile: rules.name().to_owned(),
        basic: row.map_or_else(String::new, |row| row.basic.to_string()),
        options: options
            .into_iter()
            .map(|(option, code)| (option.name(), code.to_string()))
            .collect(),
        code: rules
            .code_for(tag)
            .map_or_else(String::new, |code| code.to_string()),
        conflict,
        because,
        why,
        outcomes,
    })
}

fn element(tag: Tag, vr: Vr) -> Element {
    Element {
        tag,
        vr,
        encoding: Encoding::ExplicitLe,
        at: 0,
        length_at: 4,
        length_size: 2,
        value_at: 8,
        length: Some(0),
        overruns: false,
        reserved_used: false,
    }
}

fn name(decision: &Decision<'_>, vr: Vr) -> &'static str {
    match decision {
        Decision::Keep if vr == Vr::SQ => "gone into: each data element inside by its own rule",
        Decision::Keep => "keep",
        Decision::Remove => "remove",
        Decision::Empty => "empty",
        Decision::Dummy => "dummy",
        Decision::Uid => "uid",
        Decision::ClassUid => "keep, where it is composed as a UID",
        Decision::Hash { of_patient: true } => "hash, of the patient",
        Decision::Hash { of_patient: false } => "hash",
        Decision::ShiftDate => "shift-date",
        Decision::Clean => "clean",
        Decision::Safe => "keep, unless it holds anything of the person's",
        Decision::Replace(_) => "replace",
        Decision::Icc => "keep, without its words",
    }
}

impl Explanation {
    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = format!("{} {}  {}\n", self.tag, self.keyword, self.vr);
        let mut line = |name: &str, text: &str| {
            if !text.is_empty() {
                // writing to a string cannot fail
                if writeln!(out, "  {name:<12}{text}").is_err() {
                    out.clear();
                }
            }
        };
        line("profile", &self.profile);
        line("basic", &self.basic);
        for (option, code) in &self.options {
            line("option", &format!("{option}: {code}"));
        }
        if self.conflict {
            line(
                "conflict",
                &format!(
                    "two options differ; {} counts, it is the more protective one",
                    self.code
                ),
            );
        }
        line("because", &self.because);
        line("why", self.why.as_deref().unwrap_or_default());
        let same = self
            .outcomes
            .windows(2)
            .all(|two| matches!(two, [a, b] if a.action == b.action));
        match self.outcomes.as_slice() {
            [one, ..] if same && self.outcomes.len() > 1 => line("comes to", one.action),
            outcomes => {
                for outcome in outcomes {
                    line(
                        "comes to",
                        &format!("{} ({})", outcome.action, outcome.when),
                    );
                }
            }
        }
        out.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Overrides, load};

    fn told(tag: Tag, options: &[&str], sop_class: Option<&str>) -> Explanation {
        let overrides = Overrides {
            options: options.iter().map(|o| (*o).to_owned()).collect(),
            ..Overrides::default()
        };
        explain(&load("basic", &overrides).unwrap(), tag, sop_class).unwrap()
    }

    #[test]
    fn a_conflict_of_options_is_told_with_what_counts() {
        let both = told(
            Tag(0x0018, 0x1200),
            &[
                "retain-device-identity",
                "retain-longitudinal-modified-dates",
            ],
            None,
        );
        assert!(both.conflict);
        assert_eq!(both.code, "C");
        assert!(
            both.outcomes
                .iter()
                .all(|outcome| outcome.action == "shift-date")
        );
        assert!(
            both.to_text()
                .contains("C counts, it is the more protective one")
        );
        assert!(!told(Tag(0x0018, 0x1200), &["retain-device-identity"], None).conflict);
    }

    #[test]
    fn outcomes_follow_the_type() {
        let ct = "1.2.840.10008.5.1.4.1.1.2";
        assert_eq!(
            told(Tag(0x0008, 0x1030), &[], Some(ct)).outcomes[0].action,
            "remove"
        );
        let all = told(Tag(0x0008, 0x0023), &[], None);
        let actions: Vec<&str> = all.outcomes.iter().map(|outcome| outcome.action).collect();
        assert_eq!(actions, ["dummy", "empty", "empty", "remove", "dummy"]);
        assert!(
            explain(
                &load("basic", &Overrides::default()).unwrap(),
                Tag(0x0008, 0x1030),
                Some("1.2.3")
            )
            .is_err()
        );
    }
}
