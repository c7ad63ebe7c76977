//! One data element -> what is done with it, and which rule asked for it.
//!
//! The order: what no file may carry (hygiene), the profile's own rules, private data elements, Table E.1-1, and what the
//! table does not list. Pure: reads no value and changes nothing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use std::collections::BTreeSet;

use super::declared::Declared;
use super::resolve::{Presence, Resolved, resolve};
use super::tags;
use crate::dicom::element::is_string;
use crate::dicom::walk::{Element, is_private, is_private_creator};
use crate::dicom::{Tag, Vr};
use crate::profile::{Dates, Place, Rule, RuleAction, Ruleset};
use crate::standard::attributes::{self, attribute};
use crate::standard::e1_1::{self, ActionCode, ProfileOption};
use crate::standard::safe_private;
use crate::standard::ui_roles::{UiRole, role};

/// What is done with one data element.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'r> {
    /// It stays; inside a sequence the profile goes on.
    Keep,
    /// It goes.
    Remove,
    /// Its value goes.
    Empty,
    /// Its value becomes a dummy value; a sequence keeps its shape and loses its words.
    Dummy,
    /// Its UIDs are replaced.
    Uid,
    /// Its UIDs are replaced unless they are well-formed and name a class.
    ClassUid,
    /// It becomes a pseudonym: of its own value, or the patient's code.
    Hash {
        /// The patient's code instead of a code of the value.
        of_patient: bool,
    },
    /// Its dates move by the patient's shift.
    ShiftDate,
    /// What identifies is cut out of its text.
    Clean,
    /// A private value that stays as it is, or goes when it holds anything of the person's.
    Safe,
    /// It becomes this text.
    Replace(&'r str),
    /// The words of its ICC profile go.
    Icc,
}

/// Who asked for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why<'r> {
    /// A rule of the profile or of the command line.
    Rule(&'r Rule),
    /// Table E.1-1 with this code.
    Table(ActionCode),
    /// No rule: the attribute is not listed.
    Unlisted(&'static str),
    /// Private data elements.
    Private(&'static str),
    /// What no output may carry.
    Hygiene(&'static str),
    /// An enclosing sequence.
    Enclosing,
}

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'r> {
    /// What.
    pub decision: Decision<'r>,
    /// Why.
    pub why: Why<'r>,
}

/// Where the walk stands, as far as decisions need it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Standing<'a> {
    /// The attribute's Type here.
    pub presence: Presence,
    /// The IOD is that of an encapsulated document.
    pub has_document: bool,
    /// Enclosing sequences, root first.
    pub path: &'a [Tag],
    /// Text of the private creator, for private data elements.
    pub creator: Option<&'a str>,
    /// What the instance declares of this private data element (PS3.15 E.3.10).
    pub declared: Option<Declared>,
    /// A child of this private creator's block stays.
    pub block_kept: bool,
    /// The file is a DICOMDIR.
    pub is_dicomdir: bool,
    /// Curves of these groups have data that may be text.
    pub lettered_curves: &'a BTreeSet<u16>,
    /// The instance lists at its root what it references.
    pub lists_references: bool,
}

/// The VR that rules see: the standard's where the tag is known, else the one that the file states.
#[must_use]
pub fn vr_for_rules(element: &Element) -> Vr {
    match attributes::vr_of(element.tag) {
        Some(known) if !is_private(element.tag) || is_private_creator(element.tag) => known,
        Some(_) | None => element.vr,
    }
}

/// Decides about one data element or sequence.
#[must_use]
pub fn decide<'r>(rules: &'r Ruleset, element: &Element, at: &Standing<'_>) -> Verdict<'r> {
    let tag = element.tag;
    let verdict = |decision, why| Verdict { decision, why };
    if rules.is_keep_everything() {
        return verdict(Decision::Keep, Why::Unlisted("keep everything"));
    }
    if let Some(reason) = never(tag, at.is_dicomdir) {
        return verdict(Decision::Remove, Why::Hygiene(reason));
    }
    let vr = vr_for_rules(element);
    let place = Place {
        path: at.path,
        tag,
        vr,
        creator: at.creator,
    };
    if let Some(rule) = rules.rule_for(&place) {
        return verdict(by_rule(rule), Why::Rule(rule));
    }
    if is_private(tag) {
        return private(rules, tag, vr, at);
    }
    if let Some(code) = rules.code_for(tag) {
        return listed(code, tag, vr, at);
    }
    unlisted(rules, tag, vr, at)
}

/// The verdict on a private data element where none may stay.
#[must_use]
pub fn private_goes<'r>(tag: Tag) -> Verdict<'r> {
    let why = match never(tag, false) {
        Some(reason) => Why::Hygiene(reason),
        None if is_private_creator(tag) => Why::Private("private creator"),
        None => Why::Private("private data element"),
    };
    Verdict {
        decision: Decision::Remove,
        why,
    }
}

/// What no output may carry, by tag alone.
fn never(tag: Tag, is_dicomdir: bool) -> Option<&'static str> {
    let Tag(group, element) = tag;
    match group {
        0x0000 => Some("command group in a file"),
        0x0002 => Some("file meta group in the data set"),
        0x0004 if !is_dicomdir => Some("directory group outside a DICOMDIR"),
        0x0001 | 0x0003 | 0x0005 | 0x0007 | 0xFFFF => Some("group that is not allowed"),
        0xFFFE => Some("delimiter group outside a sequence"),
        _ if element == 0 => Some("group length"),
        _ if tag == tags::DATA_SET_TRAILING_PADDING => Some("trailing padding"),
        _ => None,
    }
}

fn by_rule(rule: &Rule) -> Decision<'_> {
    match &rule.action {
        RuleAction::Remove => Decision::Remove,
        RuleAction::Empty => Decision::Empty,
        RuleAction::Dummy => Decision::Dummy,
        RuleAction::Keep => Decision::Keep,
        RuleAction::Hash { of_patient } => Decision::Hash {
            of_patient: *of_patient,
        },
        RuleAction::Uid => Decision::Uid,
        RuleAction::ShiftDate => Decision::ShiftDate,
        RuleAction::Clean => Decision::Clean,
        RuleAction::Replace(text) => Decision::Replace(text),
    }
}

fn private<'r>(rules: &Ruleset, tag: Tag, vr: Vr, at: &Standing<'_>) -> Verdict<'r> {
    let safe = |vr: Vr| match (vr, rules.dates()) {
        (Vr::UI, _) if rules.has(ProfileOption::RetainUids) => (Decision::Keep, "kept private UID"),
        (Vr::UI, _) => (Decision::Uid, "kept private UID"),
        (Vr::DA | Vr::DT, Dates::Modified) => (Decision::ShiftDate, "kept private date"),
        (Vr::DA | Vr::DT | Vr::TM, Dates::Full) | (Vr::TM, Dates::Modified) => {
            (Decision::Keep, "kept private date or time")
        }
        (Vr::DA | Vr::DT | Vr::TM | Vr::PN, _) => (Decision::Remove, "private date, time or name"),
        (Vr::SQ, _) => (Decision::Keep, "kept private sequence"),
        (_, _) => (Decision::Safe, "kept private data element"),
    };
    let verdict = |decision, why| Verdict {
        decision,
        why: Why::Private(why),
    };
    if is_private_creator(tag) {
        return if at.block_kept {
            verdict(Decision::Keep, "creator of a block that stays")
        } else {
            verdict(Decision::Remove, "private creator")
        };
    }
    let [_, low] = tag.element().to_be_bytes();
    match at.creator {
        Some(creator) => match private_stay(rules, creator, tag, low, at.declared) {
            Some(Declared::Safe) => {
                let vr = match vr {
                    // implicit VR: the list knows better
                    Vr::UN => safe_private::row(creator, tag.group(), low).map_or(vr, |row| row.vr),
                    vr => vr,
                };
                let (decision, why) = safe(vr);
                verdict(decision, why)
            }
            Some(Declared::Dummy) => verdict(Decision::Dummy, "the file asks for a dummy value"),
            Some(Declared::Empty) => verdict(Decision::Empty, "the file asks for no value"),
            Some(Declared::Uid) => verdict(Decision::Uid, "the file asks for another UID"),
            None => verdict(Decision::Remove, "private data element"),
        },
        None => verdict(Decision::Remove, "private data element"),
    }
}

fn listed<'r>(code: ActionCode, tag: Tag, vr: Vr, at: &Standing<'_>) -> Verdict<'r> {
    let row = e1_1::row(tag);
    let acts = match (code, row) {
        (ActionCode::C, Some(row)) if at.lettered_curves.contains(&tag.group()) => row.basic,
        (ActionCode::C, Some(row)) => match cleaned(tag, vr) {
            Some(decision) => {
                return Verdict {
                    decision,
                    why: Why::Table(code),
                };
            }
            // what cannot be cleaned acts as without the option
            None => row.basic,
        },
        (code, _) => code,
    };
    let resolved = resolve(acts, at.presence);
    let decision = match resolved {
        // an instance that lists what it references has to reference it (PS3.3 C.12.2): here only U of X/Z/U* conforms
        Resolved::Remove | Resolved::Empty if acts == ActionCode::XZU && at.lists_references => {
            Decision::Keep
        }
        Resolved::Remove => Decision::Remove,
        Resolved::Empty => Decision::Empty,
        Resolved::Dummy => Decision::Dummy,
        Resolved::Keep => Decision::Keep,
        Resolved::Uid if vr == Vr::SQ => Decision::Keep,
        Resolved::Uid => Decision::Uid,
    };
    Verdict {
        decision,
        why: Why::Table(code),
    }
}

/// What C comes to (PS3.15 E.1.1, E.3.3 to E.3.8): dates move, times stay as days do not change them, text is cleaned, sequences
/// are gone into. `None` for bitmaps, bytes and the time zone, which cannot be cleaned.
fn cleaned<'r>(tag: Tag, vr: Vr) -> Option<Decision<'r>> {
    match vr {
        _ if tag == tags::TIMEZONE_OFFSET_FROM_UTC => None,
        Vr::DA | Vr::DT => Some(Decision::ShiftDate),
        Vr::TM | Vr::SQ | Vr::CS => Some(Decision::Keep),
        Vr::AE | Vr::PN => Some(Decision::Clean),
        vr if is_text(vr) => Some(Decision::Clean),
        Vr::OB | Vr::OW | Vr::UN if !is_curve(tag) => None,
        // of a curve: numbers
        _ if is_curve(tag) => Some(Decision::Keep),
        _ => None,
    }
}

/// A data element of a curve (50xx,eeee), retired.
#[must_use]
pub fn is_curve(tag: Tag) -> bool {
    (0x5000..=0x50FE).contains(&tag.group()) && tag.group().is_multiple_of(2)
}

fn unlisted<'r>(rules: &Ruleset, tag: Tag, vr: Vr, at: &Standing<'_>) -> Verdict<'r> {
    let verdict = |decision, why| Verdict {
        decision,
        why: Why::Unlisted(why),
    };
    if is_overlay(tag) {
        if !keeps_overlay(rules, tag.group()) {
            return verdict(Decision::Remove, "overlay plane, with its data");
        }
        if is_text(vr) {
            return if rules.has(ProfileOption::CleanGraphics) {
                verdict(Decision::Clean, "text of an overlay plane that stays")
            } else {
                verdict(Decision::Remove, "text of an overlay plane")
            };
        }
    }
    if tag == tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE && !rules.keeps_some_private() {
        return Verdict {
            decision: Decision::Remove,
            why: Why::Private("describes private data elements that go"),
        };
    }
    match tag {
        // an encapsulated document must have its title (Type 2, PS3.3 C.24.2)
        tags::DOCUMENT_TITLE if at.path.is_empty() && at.has_document => {
            return verdict(Decision::Empty, "title of a document");
        }
        tags::DOCUMENT_TITLE
        | tags::HL7_INSTANCE_IDENTIFIER
        | tags::ENCRYPTED_ATTRIBUTES_SEQUENCE
        | tags::MAC_PARAMETERS_SEQUENCE => {
            return verdict(Decision::Remove, "carries identity though it is not listed");
        }
        tags::ICC_PROFILE => return verdict(Decision::Icc, "words in an ICC profile"),
        _ => {}
    }
    let Some(known) = attribute(tag) else {
        return verdict(
            Decision::Remove,
            "attribute that the standard does not know",
        );
    };
    match vr {
        Vr::UI => match role(tag) {
            Some(UiRole::Keep) => verdict(Decision::ClassUid, "names a class"),
            // what it points to keeps its UID too
            _ if rules.has(ProfileOption::RetainUids) => verdict(
                Decision::ClassUid,
                "UID that is not listed, of an option that keeps UIDs",
            ),
            Some(UiRole::Replace | UiRole::ReplaceUnlessWellKnown) | None => {
                verdict(Decision::Uid, "UID that is not listed")
            }
        },
        Vr::DA | Vr::DT | Vr::TM => match (rules.dates(), vr) {
            (Dates::Full, _) | (Dates::Modified, Vr::TM) => {
                verdict(Decision::Keep, "date or time that is not listed")
            }
            (Dates::Modified, _) => verdict(Decision::ShiftDate, "date that is not listed"),
            (Dates::Removed, _) => verdict(Decision::Remove, "date or time that is not listed"),
        },
        Vr::AS => verdict(Decision::Remove, "age that is not listed"),
        Vr::PN => verdict(Decision::Remove, "name that is not listed"),
        Vr::SQ => verdict(Decision::Keep, "sequence"),
        _ if is_text(vr) && !known.in_composite_iod => {
            verdict(Decision::Remove, "text in no image object of the standard")
        }
        _ if is_text(vr) => match rules.unlisted().text {
            crate::profile::UnlistedText::Keep => {
                verdict(Decision::Keep, "text that is not listed")
            }
            crate::profile::UnlistedText::Clean => {
                verdict(Decision::Clean, "text that is not listed")
            }
            crate::profile::UnlistedText::Remove => {
                verdict(Decision::Remove, "text that is not listed")
            }
        },
        Vr::OB | Vr::OW | Vr::UN if !known.in_composite_iod => {
            verdict(Decision::Remove, "bytes in no image object of the standard")
        }
        _ => verdict(Decision::Keep, "a code, a number or bytes"),
    }
}

/// Free text: VRs whose values are words.
#[must_use]
pub fn is_text(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UR | Vr::UT
    )
}

/// A string VR whose values are no words: codes and numbers.
#[must_use]
pub fn is_formal(vr: Vr) -> bool {
    is_string(vr) && !is_text(vr)
}

/// A data element of an overlay plane (60xx,eeee).
#[must_use]
pub fn is_overlay(tag: Tag) -> bool {
    (0x6000..=0x60FE).contains(&tag.group()) && tag.group().is_multiple_of(2)
}

/// True when the profile lets the values of this attribute stay, so that they are no secret of this run.
#[must_use]
pub fn keeps_identifier(rules: &Ruleset, tag: Tag) -> bool {
    let vr = attributes::vr_of(tag).unwrap_or(Vr::UN);
    match rules.rule_for(&Place {
        path: &[],
        tag,
        vr,
        creator: None,
    }) {
        Some(rule) => rule.action == RuleAction::Keep,
        None => match rules.code_for(tag) {
            Some(ActionCode::K) => true,
            // what is cleaned of its own value would be nothing; dates that move are secrets as before
            Some(ActionCode::C) => !matches!(vr, Vr::DA | Vr::DT),
            // a run that keeps UIDs keeps this one elsewhere: UID (0040,A124) is replaced under every option
            Some(ActionCode::U) => rules.has(ProfileOption::RetainUids),
            Some(_) => false,
            None => match vr {
                Vr::UI => role(tag) == Some(UiRole::Keep) || rules.has(ProfileOption::RetainUids),
                _ => false,
            },
        },
    }
}

/// What is done with a private data element that the profile, its list or the instance itself lets stay; `None`: it goes.
#[must_use]
pub fn private_stay(
    rules: &Ruleset,
    creator: &str,
    tag: Tag,
    low: u8,
    declared: Option<Declared>,
) -> Option<Declared> {
    if rules.keeps_private(creator, tag.group(), low) {
        return Some(Declared::Safe);
    }
    declared.filter(|_| rules.has(ProfileOption::RetainSafePrivate))
}

/// A rule of the profile keeps the bitmaps of this overlay group.
fn keeps_overlay(rules: &Ruleset, group: u16) -> bool {
    let place = Place {
        path: &[],
        tag: Tag(group, 0x3000),
        vr: Vr::OW,
        creator: None,
    };
    rules
        .rule_for(&place)
        .is_some_and(|rule| rule.action == RuleAction::Keep)
}

#[cfg(test)]
mod tests;
