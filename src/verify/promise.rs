//! What a profile promises of one data element, and whether it was kept: said a second time, in other code than the planner's.
//!
//! Source: PS3.15 Table E.1-1 and section E.3, the rules of the profile, and what docs/design.md says of attributes that the
//! table does not list. Where the standard lets a program choose (nothing, or a dummy value), either is right here.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs and codes a few are told apart"
)]

use super::findings::{Code, LISTED_LEFT, NO_CODE, PRIVATE_LEFT, UID_LEFT, UNLISTED_LEFT};
use super::tree::{Attribute, Met, Value, find, plain};
use crate::action::document::stand_in;
use crate::dicom::element::Encoding;
use crate::dicom::{Tag, Vr};
use crate::profile::{Dates, Place, RuleAction, Ruleset, UnlistedText};
use crate::standard::attributes::attribute;
use crate::standard::e1_1::{ActionCode, ProfileOption, row};
use crate::standard::iod::{AttributeType, iod};
use crate::standard::ui_roles::{UiRole, role};
use crate::standard::uids::is_registered;

/// What is promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promised {
    /// It is not there.
    Absent(Code),
    /// It has no value, or a dummy value.
    NoValue,
    /// UIDs of this program's, or of the standard's.
    NewUid,
    /// A pseudonym.
    Pseudonym,
    /// A date that moved.
    MovedDate,
    /// It is as it was.
    Kept,
    /// This text.
    Text(Box<str>),
    /// Nothing that can be told without the input: text that was cleaned, a sequence that is gone into.
    Open,
}

/// Attributes by which an output speaks of its own cleaning.
pub const MARKS: [Tag; 4] = [
    Tag(0x0012, 0x0062),
    Tag(0x0012, 0x0063),
    Tag(0x0012, 0x0064),
    Tag(0x0028, 0x0303),
];
const CONTENT_SEQUENCE: Tag = Tag(0x0040, 0xA730);
const ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0011);
const ICC_PROFILE: Tag = Tag(0x0028, 0x2000);
const PRIVATE_CHARACTERISTICS: Tag = Tag(0x0008, 0x0300);
/// Carry identity though the table does not list them.
const NEVER: [Tag; 4] = [
    Tag(0x0042, 0x0010),
    Tag(0x0040, 0xE001),
    Tag(0x0400, 0x0500),
    Tag(0x4FFE, 0x0001),
];

/// The promises of one file.
pub struct Promises<'p> {
    rules: &'p Ruleset,
    sop_class: String,
    /// A list of pseudonyms was used.
    has_map: bool,
    /// (0008,0300): what the instance says of its private data elements.
    declared: Vec<Declared>,
}

struct Declared {
    group: u16,
    creator: String,
    is_safe: bool,
    low: Vec<u16>,
}

impl<'p> Promises<'p> {
    /// Those of this data set.
    #[must_use]
    pub fn of(rules: &'p Ruleset, root: &[Attribute], encoding: Encoding, has_map: bool) -> Self {
        Self {
            rules,
            sop_class: plain(root, Tag(0x0008, 0x0016)),
            has_map,
            declared: declared(root, encoding),
        }
    }

    /// What is promised of a data element.
    #[must_use]
    pub fn promised(&self, met: &Met<'_>) -> Promised {
        let tag = met.attribute.tag;
        if self.rules.is_keep_everything() || MARKS.contains(&tag) {
            return Promised::Open;
        }
        if is_never(tag) {
            return Promised::Absent(UNLISTED_LEFT);
        }
        if met
            .path
            .iter()
            .any(|(sequence, _)| MARKS.contains(sequence))
        {
            return Promised::Open;
        }
        let vr = met.attribute.vr();
        let creator = met.creator();
        let path: Vec<Tag> = met.path.iter().map(|(tag, _)| *tag).collect();
        let place = Place {
            path: &path,
            tag,
            vr,
            creator: creator.as_deref(),
        };
        if let Some(rule) = self.rules.rule_for(&place) {
            return match &rule.action {
                RuleAction::Remove => Promised::Absent(LISTED_LEFT),
                RuleAction::Empty | RuleAction::Dummy => Promised::NoValue,
                RuleAction::Keep if vr == Vr::SQ => Promised::Open,
                RuleAction::Keep => Promised::Kept,
                RuleAction::Hash { .. } => Promised::Pseudonym,
                RuleAction::Uid => Promised::NewUid,
                RuleAction::ShiftDate => Promised::MovedDate,
                RuleAction::Clean => Promised::Open,
                RuleAction::Replace(text) => Promised::Text(text.clone()),
            };
        }
        if tag.group() % 2 == 1 {
            return self.private(met, &path, creator.as_deref(), vr);
        }
        match self.rules.code_for(tag) {
            Some(code) => listed(code, tag, vr),
            None => self.unlisted(tag, vr, met.path.is_empty()),
        }
    }

    fn private(&self, met: &Met<'_>, path: &[Tag], creator: Option<&str>, vr: Vr) -> Promised {
        let gone = Promised::Absent(PRIVATE_LEFT);
        let tag = met.attribute.tag;
        let [block, low] = tag.element().to_be_bytes();
        if block == 0 && low >= 0x10 {
            // a creator stays for the sake of what stays in its block
            let creator = met.attribute.text(met.charset);
            let creator = creator.trim_matches([' ', '\0']);
            let has_child = met.item.iter().any(|other| {
                let [of, child] = other.tag.element().to_be_bytes();
                other.tag.group() == tag.group()
                    && of == low
                    && match self.rules.rule_for(&Place {
                        path,
                        tag: other.tag,
                        vr: other.vr(),
                        creator: Some(creator),
                    }) {
                        Some(rule) => rule.action != RuleAction::Remove,
                        None => self.keeps(creator, tag.group(), child),
                    }
            });
            return if has_child { Promised::Open } else { gone };
        }
        match creator {
            Some(creator) if self.keeps(creator, tag.group(), low) => {
                match (vr, self.rules.dates()) {
                    (Vr::UI, _) if !self.rules.has(ProfileOption::RetainUids) => Promised::NewUid,
                    (Vr::DA | Vr::DT, Dates::Modified) => Promised::MovedDate,
                    (Vr::DA | Vr::DT | Vr::TM, Dates::Removed) | (Vr::PN, _) => gone,
                    _ => Promised::Open,
                }
            }
            Some(_) | None => gone,
        }
    }

    fn keeps(&self, creator: &str, group: u16, low: u8) -> bool {
        self.rules.keeps_private(creator, group, low)
            || self.rules.has(ProfileOption::RetainSafePrivate)
                && self.declared.iter().any(|declared| {
                    declared.group == group
                        && declared.creator == creator
                        && (declared.is_safe || declared.low.contains(&u16::from(low)))
                })
    }

    fn unlisted(&self, tag: Tag, vr: Vr, at_root: bool) -> Promised {
        let gone = Promised::Absent(UNLISTED_LEFT);
        if (0x6000..=0x60FE).contains(&tag.group()) {
            // of an overlay plane whose bitmap goes nothing stays
            return if self.keeps_bitmap(tag.group()) {
                Promised::Open
            } else {
                gone
            };
        }
        if NEVER.contains(&tag) {
            // an encapsulated document has to have its title
            return if tag == Tag(0x0042, 0x0010) && at_root {
                Promised::NoValue
            } else {
                gone
            };
        }
        if tag == PRIVATE_CHARACTERISTICS && !self.rules.keeps_some_private() {
            return Promised::Absent(PRIVATE_LEFT);
        }
        let Some(known) = attribute(tag) else {
            return gone;
        };
        let dates = self.rules.dates();
        match vr {
            Vr::UI if role(tag) == Some(UiRole::Keep) => Promised::Open,
            Vr::UI if self.rules.has(ProfileOption::RetainUids) => Promised::Open,
            Vr::UI => Promised::NewUid,
            Vr::DA | Vr::DT | Vr::TM if dates == Dates::Removed => gone,
            Vr::DA | Vr::DT if dates == Dates::Modified => Promised::MovedDate,
            Vr::AS | Vr::PN => gone,
            Vr::LO
            | Vr::LT
            | Vr::SH
            | Vr::ST
            | Vr::UC
            | Vr::UR
            | Vr::UT
            | Vr::OB
            | Vr::OW
            | Vr::UN
                if !known.in_composite_iod =>
            {
                gone
            }
            Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UR | Vr::UT => {
                match self.rules.unlisted().text {
                    UnlistedText::Keep => Promised::Kept,
                    UnlistedText::Clean => Promised::Open,
                    UnlistedText::Remove => gone,
                }
            }
            Vr::SQ => Promised::Open,
            _ if tag == ICC_PROFILE => Promised::Open,
            _ => Promised::Kept,
        }
    }

    fn keeps_bitmap(&self, group: u16) -> bool {
        let place = Place {
            path: &[],
            tag: Tag(group, 0x3000),
            vr: Vr::OW,
            creator: None,
        };
        let rule = self.rules.rule_for(&place);
        rule.is_some_and(|rule| rule.action == RuleAction::Keep)
    }

    /// What is wrong with a data element of an output; `None` where the promise is kept, as far as the output tells.
    #[must_use]
    pub fn broken(&self, met: &Met<'_>) -> Option<Code> {
        let attribute = met.attribute;
        if let Promised::Absent(code) = self.promised(met) {
            // what stands in for the words of a sequence is there whatever else is removed
            let stands_in = is_text(attribute.vr())
                && self.keeps_shape_only(met)
                && (self.is_dummy(attribute) || is_minimal(met));
            return (!stands_in).then_some(code);
        }
        if attribute.is_empty() {
            return None;
        }
        match self.promised(met) {
            Promised::NoValue if matches!(attribute.value, Value::Items(_)) => {
                (!self.must_be_there(met)).then_some(LISTED_LEFT)
            }
            Promised::NoValue => (!self.is_dummy(attribute)).then_some(LISTED_LEFT),
            Promised::NewUid => {
                (!attribute.plain().split('\\').all(is_new_uid)).then_some(UID_LEFT)
            }
            Promised::Pseudonym => (!self.is_pseudonym(attribute)).then_some(NO_CODE),
            Promised::Text(text) => (attribute.text(met.charset).trim_end() != &*text
                && attribute.plain() != "REMOVED")
                .then_some(NO_CODE),
            Promised::Absent(code) => Some(code),
            Promised::Open if self.keeps_shape_only(met) && is_text(attribute.vr()) => {
                (!self.is_dummy(attribute) && !is_minimal(met)).then_some(LISTED_LEFT)
            }
            Promised::MovedDate | Promised::Kept | Promised::Open => None,
        }
    }

    /// A sequence that goes may stay, without its words, only where the IOD asks for it.
    fn must_be_there(&self, met: &Met<'_>) -> bool {
        let Some(iod) = iod(&self.sop_class) else {
            return true;
        };
        let around = met.path.iter().map(|(tag, _)| *tag);
        let path: Vec<Tag> = around.chain([met.attribute.tag]).collect();
        matches!(
            iod.attribute_type(&path),
            Some(AttributeType::One | AttributeType::OneC)
        ) || matches!(self.rules.code_for(met.attribute.tag), Some(ActionCode::D))
    }

    /// A sequence around it keeps its shape and has lost its words.
    fn keeps_shape_only(&self, met: &Met<'_>) -> bool {
        met.path.iter().any(|(sequence, _)| {
            let place = Place {
                path: &[],
                tag: *sequence,
                vr: Vr::SQ,
                creator: None,
            };
            self.rules.rule_for(&place).is_none()
                && sequence.group() % 2 == 0
                && self
                    .rules
                    .code_for(*sequence)
                    .is_some_and(|code| listed(code, *sequence, Vr::SQ) == Promised::NoValue)
        })
    }

    fn is_pseudonym(&self, attribute: &Attribute) -> bool {
        let text = attribute.plain();
        let is_code = |c: u8| c.is_ascii_digit() || c.is_ascii_uppercase() && !b"ILOU".contains(&c);
        self.has_map || text.len() <= 16 && text.bytes().all(is_code)
    }

    fn is_dummy(&self, attribute: &Attribute) -> bool {
        if attribute.tag == ENCAPSULATED_DOCUMENT {
            let Value::Bytes(bytes) = &attribute.value else {
                return false;
            };
            return *bytes == stand_in(&self.sop_class);
        }
        let dummy: &[&str] = match attribute.vr() {
            Vr::CS => &["OTHER", "O"],
            Vr::AS => &["000D"],
            Vr::DA => &["19000101"],
            Vr::DT => &["19000101000000"],
            Vr::TM => &["000000"],
            Vr::DS | Vr::IS => &["0"],
            Vr::UI => &["2.25.0"],
            Vr::UR => &["urn:removed"],
            vr if is_text(vr) || matches!(vr, Vr::AE | Vr::PN) => &["REMOVED"],
            _ => {
                return match &attribute.value {
                    Value::Bytes(bytes) => bytes.len() <= 8 && bytes.iter().all(|b| *b == 0),
                    Value::Long(..) | Value::Fragments(_) | Value::Items(_) => false,
                };
            }
        };
        dummy.contains(&attribute.plain().as_str())
    }
}

/// What a code of Table E.1-1 promises.
fn listed(code: ActionCode, tag: Tag, vr: Vr) -> Promised {
    let code = match code {
        ActionCode::C if !can_be_cleaned(tag, vr) => {
            row(tag).map_or(ActionCode::X, |row| row.basic)
        }
        code => code,
    };
    match code {
        ActionCode::K if vr == Vr::SQ => Promised::Open,
        ActionCode::K => Promised::Kept,
        ActionCode::C if matches!(vr, Vr::DA | Vr::DT) => Promised::MovedDate,
        ActionCode::C => Promised::Open,
        ActionCode::U | ActionCode::XZU if vr == Vr::SQ => Promised::Open,
        ActionCode::U => Promised::NewUid,
        ActionCode::D
        | ActionCode::Z
        | ActionCode::X
        | ActionCode::ZD
        | ActionCode::XZ
        | ActionCode::XD
        | ActionCode::XZD
        | ActionCode::XZU => Promised::NoValue,
    }
}

/// Groups and elements that no data set of an output may have.
fn is_never(tag: Tag) -> bool {
    matches!(tag.group(), 0x0000..=0x0005 | 0x0007 | 0xFFFE | 0xFFFF)
        || tag.element() == 0
        || tag == Tag(0xFFFC, 0xFFFC)
}

/// A UID of this program's, a registered one, or none.
fn is_new_uid(uid: &str) -> bool {
    let uid = uid.trim_matches([' ', '\0']);
    uid.is_empty() || uid.starts_with("2.25.") || is_registered(uid)
}

/// Free text.
#[must_use]
pub fn is_text(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UR | Vr::UT
    )
}

/// Text, dates, times, codes and sequences can be cleaned; bitmaps, bytes and the time zone act as without the option.
fn can_be_cleaned(tag: Tag, vr: Vr) -> bool {
    let is_curve = (0x5000..=0x50FE).contains(&tag.group());
    if tag == Tag(0x0008, 0x0201) {
        return false;
    }
    is_curve
        || is_text(vr)
        || matches!(
            vr,
            Vr::AE | Vr::PN | Vr::CS | Vr::SQ | Vr::DA | Vr::DT | Vr::TM
        )
}

/// The text item that stands in for the content of a report: `Comment`.
fn is_minimal(met: &Met<'_>) -> bool {
    let in_content = met
        .path
        .first()
        .is_some_and(|(tag, _)| *tag == CONTENT_SEQUENCE);
    in_content && matches!(met.attribute.plain().as_str(), "121106" | "DCM" | "Comment")
}

fn declared(root: &[Attribute], encoding: Encoding) -> Vec<Declared> {
    let Some(Value::Items(items)) = find(root, PRIVATE_CHARACTERISTICS).map(|found| &found.value)
    else {
        return Vec::new();
    };
    let numbers = |item: &[Attribute], tag: Tag| -> Vec<u16> {
        let Some(Value::Bytes(bytes)) = find(item, tag).map(|found| &found.value) else {
            return Vec::new();
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        pairs.iter().map(|two| encoding.u16(*two)).collect()
    };
    let read = |item: &super::tree::Item| {
        let mut low = numbers(item, Tag(0x0008, 0x0304));
        if let Some(Value::Items(actions)) =
            find(item, Tag(0x0008, 0x0305)).map(|found| &found.value)
        {
            let acts = actions.iter().filter(|action| {
                matches!(plain(action, Tag(0x0008, 0x0307)).as_str(), "D" | "Z" | "U")
            });
            low.extend(acts.flat_map(|action| numbers(action, Tag(0x0008, 0x0306))));
        }
        Declared {
            group: numbers(item, Tag(0x0008, 0x0301))
                .first()
                .copied()
                .unwrap_or(0),
            creator: plain(item, Tag(0x0008, 0x0302)),
            is_safe: plain(item, Tag(0x0008, 0x0303)) == "SAFE",
            low,
        }
    };
    items.iter().map(read).collect()
}
