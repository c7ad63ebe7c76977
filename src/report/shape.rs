//! A profile as one object, for programs: what it comes to with its parents and options.

use serde::Serialize;

use super::conformance::{action_name, selector_text};
use super::explain::hold::{HoldTold, hold};
use crate::profile::about::About;
use crate::profile::hold::UNMAPPED;
use crate::profile::{RuleAction, Ruleset, UnlistedText, Unmapped};
use crate::standard::EDITION;

/// A compiled profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileShape {
    /// Its name.
    pub name: String,
    /// What it is for, as its author says.
    pub description: Option<String>,
    /// What it goes on from.
    pub extends: Option<String>,
    /// Edition of PS3.15.
    pub edition: &'static str,
    /// Options in force.
    pub options: Vec<&'static str>,
    /// It asks for a key file.
    pub key_required: bool,
    /// Patients who are not in a list: `stop`, `derive` or `hold`.
    pub unmapped: &'static str,
    /// Text that the table does not list: `keep`, `clean` or `remove`.
    pub unlisted_text: &'static str,
    /// Private data elements of its own lists.
    pub private: Vec<PrivateList>,
    /// Its rules, those that win first.
    pub rules: Vec<RuleShape>,
    /// What it holds back.
    pub holds: Vec<HoldTold>,
    /// Codes of CID 7050 that outputs carry.
    pub codes: Vec<CodeShape>,
}

/// Private data elements of one creator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrivateList {
    /// Private creator.
    pub creator: String,
    /// Group; any where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Low bytes in hexadecimal.
    pub elements: Vec<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleShape {
    /// What it selects.
    pub selects: String,
    /// What it does.
    pub action: &'static str,
    /// The text of `replace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// Where it is written.
    pub origin: String,
    /// What its author says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeShape {
    /// Code Value.
    pub value: &'static str,
    /// Coding Scheme Designator.
    pub scheme: &'static str,
    /// Code Meaning.
    pub meaning: &'static str,
}

/// A ruleset with what its profile says of itself.
#[must_use]
pub fn shape(rules: &Ruleset, about: About) -> ProfileShape {
    let private = rules
        .private_lists()
        .map(|(creator, group, low)| PrivateList {
            creator: creator.to_owned(),
            group: group.map(|group| format!("{group:04X}")),
            elements: low.iter().map(|low| format!("{low:02X}")).collect(),
        });
    let own = rules.rules().iter().map(|rule| RuleShape {
        selects: selector_text(&rule.selector),
        action: action_name(&rule.action),
        with: match &rule.action {
            RuleAction::Replace(text) => Some(text.to_string()),
            RuleAction::Remove
            | RuleAction::Empty
            | RuleAction::Dummy
            | RuleAction::Keep
            | RuleAction::Hash { .. }
            | RuleAction::Uid
            | RuleAction::ShiftDate
            | RuleAction::Clean => None,
        },
        origin: rule.origin.to_string(),
        why: rule.why.as_deref().map(str::to_owned),
    });
    let codes = rules.method_codes().into_iter().map(|code| CodeShape {
        value: code.value,
        scheme: code.scheme,
        meaning: code.meaning,
    });
    ProfileShape {
        name: rules.name().to_owned(),
        description: about.description,
        extends: about.extends,
        edition: EDITION,
        options: rules.options().iter().map(|option| option.name()).collect(),
        key_required: rules.key_required(),
        unmapped: match rules.unmapped() {
            Unmapped::Stop => "stop",
            Unmapped::Derive => "derive",
            Unmapped::Hold => "hold",
        },
        unlisted_text: match rules.unlisted().text {
            UnlistedText::Keep => "keep",
            UnlistedText::Clean => "clean",
            UnlistedText::Remove => "remove",
        },
        private: private.collect(),
        rules: own.collect(),
        holds: looked_at(rules),
        codes: codes.collect(),
    }
}

/// The rules of a profile that hold files back. That of patients who are not in a list is the run's.
fn looked_at(rules: &Ruleset) -> Vec<HoldTold> {
    let own = rules.holds().iter().filter(|one| &*one.code != UNMAPPED);
    own.map(hold).collect()
}

/// It holds no file back, whatever may be drawn into a picture.
#[must_use]
pub fn holds_nothing(rules: &Ruleset) -> bool {
    looked_at(rules).is_empty()
}
