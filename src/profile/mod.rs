//! Profiles: TOML as written, then valid, then compiled to a ruleset that answers in nanoseconds.
//!
//! Owns: which action a profile, its options and the command line ask for. What an action does is `action`'s, what it comes
//! to in a file is `plan`'s. Source: PS3.15 Table E.1-1 and section E.3.

pub mod about;
pub mod error;
pub mod hold;
mod valid;
mod valid_hold;
mod valid_rule;
mod valid_tag;
mod written;

use crate::dicom::{Tag, Vr};
use crate::standard::cid7050::{self, Code};
use crate::standard::e1_1::{self, ActionCode, ProfileOption};
use crate::standard::safe_private;
pub use error::{ProfileError, ProfileErrors};
use hold::{Facts, Hold};
pub use valid::{load, load_text};
pub use valid_tag::parse_tag;

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAction {
    /// The data element goes.
    Remove,
    /// The value goes.
    Empty,
    /// The value becomes a dummy value.
    Dummy,
    /// It stays.
    Keep,
    /// It becomes a pseudonym.
    Hash {
        /// The patient's code instead of a code of the value.
        of_patient: bool,
    },
    /// UIDs are replaced.
    Uid,
    /// Dates move by the patient's shift.
    ShiftDate,
    /// What identifies is cut out of the text.
    Clean,
    /// It becomes this text.
    Replace(Box<str>),
}

/// Which data elements a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// One attribute, at every depth.
    Tag(Tag),
    /// Attributes whose tag equals `tag` in the bits of `mask`.
    Pattern {
        /// Bits of the tag.
        tag: u32,
        /// Bits that count.
        mask: u32,
    },
    /// Attributes of a VR.
    Vr(Vr),
    /// One attribute inside these sequences.
    Path {
        /// Sequences, outermost first.
        path: Vec<Tag>,
        /// The attribute.
        tag: Tag,
        /// The first sequence may stand at any depth.
        anywhere: bool,
    },
    /// Private data elements of a creator.
    Creator {
        /// Private creator.
        creator: Box<str>,
        /// Low byte; all where it is missing.
        low: Option<u8>,
    },
}

impl Selector {
    /// More exact selectors win.
    fn rank(&self) -> u8 {
        match self {
            Self::Path { .. } => 4,
            Self::Tag(_) | Self::Creator { low: Some(_), .. } => 3,
            Self::Creator { low: None, .. } => 2,
            Self::Pattern { .. } => 1,
            Self::Vr(_) => 0,
        }
    }

    fn fits(&self, place: &Place<'_>) -> bool {
        match self {
            Self::Tag(tag) => *tag == place.tag,
            Self::Pattern { tag, mask } => number(place.tag) & mask == *tag,
            Self::Vr(vr) => *vr == place.vr,
            Self::Path {
                path,
                tag,
                anywhere,
            } => {
                *tag == place.tag
                    && if *anywhere {
                        place.path.ends_with(path)
                    } else {
                        place.path == path.as_slice()
                    }
            }
            Self::Creator { creator, low } => {
                let [_, byte] = place.tag.element().to_be_bytes();
                place.creator == Some(creator) && low.is_none_or(|low| low == byte)
            }
        }
    }
}

fn number(tag: Tag) -> u32 {
    u32::from(tag.group()) << 16 | u32::from(tag.element())
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Which data elements.
    pub selector: Selector,
    /// What.
    pub action: RuleAction,
    /// `basic.toml:12` or `--keep`.
    pub origin: Box<str>,
    /// For people.
    pub why: Option<Box<str>>,
}

/// Where a data element stands, as rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Enclosing sequences, root first.
    pub path: &'a [Tag],
    /// The data element.
    pub tag: Tag,
    /// Its VR.
    pub vr: Vr,
    /// Its private creator.
    pub creator: Option<&'a str>,
}

/// What is done with text that Table E.1-1 does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedText {
    /// It stays.
    Keep,
    /// What identifies is cut out.
    Clean,
    /// It goes.
    Remove,
}

/// What is done with what Table E.1-1 does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted {
    /// Free text.
    pub text: UnlistedText,
}

/// What is done with patients who are not in the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmapped {
    /// Nothing is written at all.
    Stop,
    /// They get a pseudonym from the key.
    Derive,
    /// Their files are held back.
    Hold,
}

impl Unmapped {
    /// The policy of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "stop" => Some(Self::Stop),
            "derive" => Some(Self::Derive),
            "hold" => Some(Self::Hold),
            _ => None,
        }
    }
}

/// What is done with dates and times (PS3.15 E.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// They go.
    Removed,
    /// They stay.
    Full,
    /// They move by whole days, one number for a patient.
    Modified,
}

/// Private elements that a profile keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PrivateKeep {
    creator: Box<str>,
    group: Option<u16>,
    low: Vec<u8>,
}

/// What the command line adds to a profile; it wins over the profile, the last one over those before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--option`
    pub options: Vec<String>,
    /// `--keep`, `--remove`, `--empty`, `--hash` and `--set`, in the order of the command line: (flag, tag, value).
    pub rules: Vec<(&'static str, String, String)>,
    /// `--unmapped`
    pub unmapped: Option<String>,
}

/// A compiled profile.
#[derive(Debug)]
pub struct Ruleset {
    name: String,
    options: Vec<ProfileOption>,
    key_required: bool,
    keep_everything: bool,
    unlisted: Unlisted,
    private: Vec<PrivateKeep>,
    /// Rules, those that win first.
    rules: Vec<Rule>,
    /// Tags that some rule of a tag or path is about, sorted.
    ruled: Vec<Tag>,
    /// Some rule is about a pattern, a VR or a creator.
    broad: bool,
    /// Table E.1-1 with the options applied, sorted.
    codes: Vec<(Tag, ActionCode)>,
    unmapped: Unmapped,
    /// Rules that hold files back; the last one is that of patients who are not in the map.
    holds: Vec<Hold>,
    /// Attributes that some of them ask for, sorted.
    asked: Vec<Tag>,
}

impl Ruleset {
    /// The rule about this data element, if there is one.
    #[must_use]
    pub fn rule_for(&self, place: &Place<'_>) -> Option<&Rule> {
        if !self.broad && self.ruled.binary_search(&place.tag).is_err() {
            return None;
        }
        self.rules.iter().find(|rule| rule.selector.fits(place))
    }

    /// True when a rule of the profile or of the command line may be about this attribute, at some path.
    #[must_use]
    pub fn is_ruled(&self, tag: Tag, vr: Vr) -> bool {
        let may_be = |rule: &Rule| match &rule.selector {
            Selector::Tag(_) | Selector::Path { .. } => false,
            Selector::Creator { .. } => tag.group() % 2 == 1,
            Selector::Pattern { .. } | Selector::Vr(_) => rule.selector.fits(&Place {
                path: &[],
                tag,
                vr,
                creator: None,
            }),
        };
        self.ruled.binary_search(&tag).is_ok() || self.broad && self.rules.iter().any(may_be)
    }

    /// True when there may be private data elements that stay.
    #[must_use]
    pub fn private_may_stay(&self) -> bool {
        self.broad || self.keeps_some_private() || self.ruled.iter().any(|tag| tag.group() % 2 == 1)
    }

    /// All rules, those that win first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The code of Table E.1-1 with the options applied; `None` where the table does not list the attribute.
    #[must_use]
    pub fn code_for(&self, tag: Tag) -> Option<ActionCode> {
        match self.codes.binary_search_by_key(&tag, |(tag, _)| *tag) {
            Ok(at) => self.codes.get(at).map(|(_, code)| *code),
            Err(_) if (0x5000..=0x60FE).contains(&tag.group()) || tag.group() % 2 == 1 => {
                e1_1::row(tag).map(|row| with_options(row, &self.options))
            }
            Err(_) => None,
        }
    }

    /// True when private data elements may stay at all.
    #[must_use]
    pub fn keeps_some_private(&self) -> bool {
        !self.private.is_empty()
            || self.has(ProfileOption::RetainSafePrivate)
            || self.is_keep_everything()
    }

    /// True when this private data element stays.
    #[must_use]
    pub fn keeps_private(&self, creator: &str, group: u16, low: u8) -> bool {
        let listed = |keep: &PrivateKeep| {
            &*keep.creator == creator
                && keep.group.is_none_or(|g| g == group)
                && keep.low.contains(&low)
        };
        self.private.iter().any(listed)
            || self.has(ProfileOption::RetainSafePrivate)
                && safe_private::row(creator, group, low).is_some()
    }

    /// Private data elements that the profile's own lists keep: creator, group where it matters, low bytes.
    pub fn private_lists(&self) -> impl Iterator<Item = (&str, Option<u16>, &[u8])> {
        self.private
            .iter()
            .map(|keep| (&*keep.creator, keep.group, keep.low.as_slice()))
    }

    /// What is done with patients who are not in the map.
    #[must_use]
    pub fn unmapped(&self) -> Unmapped {
        self.unmapped
    }

    /// The rules that hold files back, in the order of the profile; the last one is that of patients who are not in the map.
    #[must_use]
    pub fn holds(&self) -> &[Hold] {
        &self.holds
    }

    /// True when a rule that holds files back asks whether this attribute has a value.
    #[must_use]
    pub fn asks_for(&self, tag: Tag) -> bool {
        self.asked.binary_search(&tag).is_ok()
    }

    /// True when the presence of a private attribute decides whether an instance is held back.
    #[must_use]
    pub fn asks_for_private(&self) -> bool {
        self.asked.iter().any(|tag| tag.group() % 2 == 1)
    }

    /// Which rules hold an instance with these facts back, by their place in [`Self::holds`].
    #[must_use]
    pub fn held_by(&self, facts: &Facts) -> Vec<usize> {
        let caught = |(at, hold): (usize, &Hold)| hold.catches(facts).then_some(at);
        self.holds.iter().enumerate().filter_map(caught).collect()
    }

    /// The options in force.
    #[must_use]
    pub fn options(&self) -> &[ProfileOption] {
        &self.options
    }

    /// True when this option is in force.
    #[must_use]
    pub fn has(&self, option: ProfileOption) -> bool {
        self.options.contains(&option)
    }

    /// What is done with what the table does not list.
    #[must_use]
    pub fn unlisted(&self) -> &Unlisted {
        &self.unlisted
    }

    /// A digest of all that is asked for: two rulesets with one fingerprint do the same. Where a rule is written is no part of it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        let mut add = |text: String| {
            hash.update(text);
            hash.update([0]);
        };
        add(self.name.clone());
        add(format!("{:?}", self.options));
        add(format!("{} {}", self.key_required, self.keep_everything));
        add(format!(
            "{:?} {:?} {:?}",
            self.unlisted, self.private, self.unmapped
        ));
        for rule in &self.rules {
            add(format!("{:?} {:?}", rule.selector, rule.action));
        }
        add(format!("{:?}", self.holds));
        add(format!("{:?}", self.codes));
        let digest = hash.finalize();
        digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The profile asks for a key file.
    #[must_use]
    pub fn key_required(&self) -> bool {
        self.key_required
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Nothing is changed: for proofs.
    #[must_use]
    pub fn is_keep_everything(&self) -> bool {
        self.keep_everything
    }

    /// True when nothing in it is weaker than the Basic Profile with its options.
    #[must_use]
    pub fn claims_basic(&self) -> bool {
        let weaker = |rule: &Rule| match rule.action {
            RuleAction::Keep | RuleAction::Clean | RuleAction::ShiftDate => match &rule.selector {
                Selector::Tag(tag) | Selector::Path { tag, .. } => {
                    let cleans = rule.action != RuleAction::Keep;
                    self.code_for(*tag).is_some_and(|code| {
                        code != ActionCode::K && !(cleans && code == ActionCode::C)
                    })
                }
                Selector::Pattern { .. } | Selector::Vr(_) => true,
                Selector::Creator { .. } => !self.has(ProfileOption::RetainSafePrivate),
            },
            RuleAction::Remove
            | RuleAction::Empty
            | RuleAction::Dummy
            | RuleAction::Hash { .. }
            | RuleAction::Uid
            | RuleAction::Replace(_) => false,
        };
        !self.keep_everything
            && !self.rules.iter().any(weaker)
            && (self.private.is_empty() || self.has(ProfileOption::RetainSafePrivate))
    }

    /// What is done with dates that may stay.
    #[must_use]
    pub fn dates(&self) -> Dates {
        if self.has(ProfileOption::RetainLongitudinalFullDates) {
            Dates::Full
        } else if self.has(ProfileOption::RetainLongitudinalModifiedDates) {
            Dates::Modified
        } else {
            Dates::Removed
        }
    }

    /// Codes of CID 7050 for what is really applied.
    #[must_use]
    pub fn method_codes(&self) -> Vec<&'static Code> {
        if !self.claims_basic() {
            return Vec::new();
        }
        let options = self.options.iter().filter_map(|option| option.code());
        cid7050::code(cid7050::BASIC)
            .into_iter()
            .chain(options)
            .collect()
    }
}

/// The code of a row under options. Of two options that differ the more protective one counts, which is C over K.
fn with_options(row: &e1_1::Row, options: &[ProfileOption]) -> ActionCode {
    let mut codes = options.iter().filter_map(|option| row.option(*option));
    match codes.next() {
        None => row.basic,
        Some(first) => codes.fold(first, |a, b| {
            if a == ActionCode::C || b == ActionCode::C {
                ActionCode::C
            } else {
                a
            }
        }),
    }
}

/// Profiles that are compiled in: the three to start from, then one for each option.
const BUILTIN: [(&str, &str); 13] = [
    ("basic", include_str!("../../profiles/basic.toml")),
    ("share", include_str!("../../profiles/share.toml")),
    ("research", include_str!("../../profiles/research.toml")),
    (
        "retain-safe-private",
        include_str!("../../profiles/options/retain-safe-private.toml"),
    ),
    (
        "retain-uids",
        include_str!("../../profiles/options/retain-uids.toml"),
    ),
    (
        "retain-device-identity",
        include_str!("../../profiles/options/retain-device-identity.toml"),
    ),
    (
        "retain-institution-identity",
        include_str!("../../profiles/options/retain-institution-identity.toml"),
    ),
    (
        "retain-patient-characteristics",
        include_str!("../../profiles/options/retain-patient-characteristics.toml"),
    ),
    (
        "retain-longitudinal-full-dates",
        include_str!("../../profiles/options/retain-longitudinal-full-dates.toml"),
    ),
    (
        "retain-longitudinal-modified-dates",
        include_str!("../../profiles/options/retain-longitudinal-modified-dates.toml"),
    ),
    (
        "clean-descriptors",
        include_str!("../../profiles/options/clean-descriptors.toml"),
    ),
    (
        "clean-structured-content",
        include_str!("../../profiles/options/clean-structured-content.toml"),
    ),
    (
        "clean-graphics",
        include_str!("../../profiles/options/clean-graphics.toml"),
    ),
];

/// Names of the profiles that are compiled in.
#[must_use]
pub fn builtin_names() -> Vec<&'static str> {
    BUILTIN.iter().map(|(name, _)| *name).collect()
}

/// The text of a profile that is compiled in, as it is written.
#[must_use]
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN
        .iter()
        .find_map(|(known, text)| (*known == name).then_some(*text))
}

#[cfg(test)]
mod tests;
