//! From a decision about a data element to the new value of it.
//!
//! Owns: which action runs and what happens when it cannot: it never passes the value through.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use super::content::ItemAction;
use super::context::Context;
use super::decide::{Decision, Verdict, Why, is_formal, is_text};
use super::identifiers::kind_of;
use super::resolve::{Presence, Resolved, resolve};
use super::{Engine, tags};
use crate::action::{clean, document, dummy, icc, uid};
use crate::dicom::charset::CharacterSet;
use crate::dicom::element::is_string;
use crate::dicom::walk::{Element, is_private};
use crate::dicom::{Tag, Vr, value};
use crate::identity::date_shift;
use crate::identity::known::Kind;
use crate::identity::text::{DatesInText, Depth, How};
use crate::profile::Dates;
use crate::standard::attributes::keyword_of;
use crate::standard::e1_1::{ActionCode, ProfileOption};
use crate::standard::iod::AttributeType;

/// What becomes of one data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes {
    /// Nothing changes.
    Same,
    /// Nothing changes, and the last look passes over its value.
    SamePassedOver,
    /// It goes.
    Gone,
    /// It has this value, without padding.
    Value(Vec<u8>),
}

impl Becomes {
    /// What is announced: the outcome, which is more than the decision where a value could not stay as it stands.
    #[must_use]
    pub fn action(&self, decision: &Decision<'_>, tag: Tag, vr: Vr) -> &'static str {
        let value = match self {
            Self::Gone => return "remove",
            Self::Same | Self::SamePassedOver => {
                return if *decision == Decision::Empty {
                    "empty"
                } else {
                    "keep"
                };
            }
            Self::Value(value) => value,
        };
        let is_dummy = || {
            [dummy::dummy(tag, vr), dummy::of_vr(vr)]
                .iter()
                .flatten()
                .any(|dummy| dummy == value)
        };
        match decision {
            Decision::Uid | Decision::ClassUid => "uid",
            Decision::Replace(_) => "replace",
            Decision::Dummy => "dummy",
            _ if value.is_empty() => "empty",
            Decision::Hash { .. } => "hash",
            _ if is_dummy() => "dummy",
            Decision::ShiftDate => "shift-date",
            Decision::Keep
            | Decision::Clean
            | Decision::Safe
            | Decision::Icc
            | Decision::Remove
            | Decision::Empty => "clean",
        }
    }
}

/// What a value is decided with.
pub struct Around<'a> {
    /// Rules, pseudonyms.
    pub engine: &'a Engine,
    /// Facts of the instance.
    pub context: &'a Context,
    /// The character set in force.
    pub charset: &'a CharacterSet,
    /// The attribute's Type here.
    pub presence: Presence,
    /// The data element stands at the root of the data set.
    pub root: bool,
    /// An enclosing sequence keeps its shape only.
    pub shape_only: bool,
    /// What Table E.3.4-1 asks for the content item that it belongs to.
    pub item: Option<ItemAction>,
}

impl Around<'_> {
    /// How text is cleaned: descriptions and long texts wholly, labels of what is known.
    fn how(&self, why: &Why<'_>, vr: Vr) -> How {
        let rules = self.engine.rules();
        let is_long = matches!(vr, Vr::LT | Vr::ST | Vr::UT | Vr::UC);
        let depth = match why {
            Why::Table(_) | Why::Rule(_) => Depth::Full,
            Why::Unlisted(_) if is_long => Depth::Full,
            Why::Unlisted(_) | Why::Private(_) | Why::Hygiene(_) | Why::Enclosing => Depth::Known,
        };
        let dates = if rules.dates() == Dates::Modified {
            DatesInText::Shift(self.engine.date_shift(self.context))
        } else {
            DatesInText::Cut
        };
        How {
            depth,
            dates,
            keeps_uids: rules.has(ProfileOption::RetainUids),
        }
    }
}

/// The VR of values that are long numbers: pixel values, tables, samples.
fn is_bulk(vr: Vr) -> bool {
    matches!(vr, Vr::OB | Vr::OD | Vr::OF | Vr::OL | Vr::OV | Vr::OW)
}

/// Carries a decision out on one value.
#[must_use]
pub fn becomes(
    verdict: &Verdict<'_>,
    element: &Element,
    vr: Vr,
    bytes: &[u8],
    around: &Around<'_>,
) -> Becomes {
    let tag = element.tag;
    match around.item {
        Some(ItemAction::Dummy) if is_content_value(tag) && !bytes.is_empty() => {
            return dummy::of_vr(vr).map_or(Becomes::Gone, Becomes::Value);
        }
        Some(ItemAction::CapAge) if tag == tags::NUMERIC_VALUE => {
            if let Some(capped) = capped_number(bytes) {
                return Becomes::Value(capped);
            }
        }
        _ => {}
    }
    match &verdict.decision {
        Decision::Remove => Becomes::Gone,
        Decision::Empty if bytes.is_empty() => Becomes::Same,
        Decision::Empty => Becomes::Value(Vec::new()),
        Decision::Dummy => dummy_value(verdict, tag, vr, bytes, around),
        Decision::Uid
            if tag == tags::SOP_INSTANCE_UID
                && around.root
                && value::trim(Vr::UI, bytes).is_empty() =>
        {
            Becomes::Value(Vec::new())
        }
        Decision::Uid => changed(
            uid::replace_uids(bytes, around.engine.pseudonyms()),
            vr,
            bytes,
        ),
        Decision::ClassUid if uid::is_composed(bytes) => Becomes::Same,
        Decision::ClassUid => changed(
            uid::replace_uids(bytes, around.engine.pseudonyms()),
            vr,
            bytes,
        ),
        Decision::Hash { of_patient } => hash(*of_patient, tag, vr, bytes, around),
        Decision::ShiftDate => shift(vr, bytes, around),
        Decision::Clean if around.shape_only => dummy_value(verdict, tag, vr, bytes, around),
        Decision::Clean => {
            // what stands behind a NUL goes before anything is judged
            let tail = without_tail(element, vr, bytes);
            let text = if let Becomes::Value(cut) = &tail {
                cut
            } else {
                bytes
            };
            let is_server = vr == Vr::UR && text.windows(2).any(|two| two == b"//");
            if is_server && matches!(verdict.why, Why::Unlisted(_)) {
                return dummy::of_vr(vr).map_or(Becomes::Gone, Becomes::Value);
            }
            let how = around.how(&verdict.why, vr);
            match cleaned(element.tag, vr, text, around, &how) {
                // the Type of what Table E.1-1 does not list is not known here: a text that is there conforms to all
                Some(Becomes::Value(cut))
                    if cut.is_empty() && matches!(verdict.why, Why::Unlisted(_)) =>
                {
                    Becomes::Value(dummy::of_vr(vr).unwrap_or_default())
                }
                Some(cut) => cut,
                None => tail,
            }
        }
        Decision::Replace(text) => Becomes::Value(
            around
                .charset
                .encode(text)
                .unwrap_or_else(|| dummy::TEXT.as_bytes().to_vec()),
        ),
        Decision::Icc => {
            icc::neutralise(bytes).map_or(Becomes::Gone, |new| changed(new, vr, bytes))
        }
        Decision::Keep if around.shape_only && is_text(vr) => {
            dummy_value(verdict, tag, vr, bytes, around)
        }
        Decision::Keep if around.shape_only && (is_bulk(vr) || vr == Vr::UN) => Becomes::Gone,
        Decision::Safe if around.shape_only => Becomes::Gone,
        Decision::Safe => safe(verdict, element, vr, bytes, around),
        Decision::Keep if vr == Vr::AS && verdict.why == Why::Table(ActionCode::K) => {
            capped_age(bytes)
                .map_or_else(|| kept(verdict, element, vr, bytes, around), Becomes::Value)
        }
        Decision::Keep => kept(verdict, element, vr, bytes, around),
    }
}

fn changed(new: Vec<u8>, vr: Vr, bytes: &[u8]) -> Becomes {
    if new == bytes || new == value::trim(vr, bytes) {
        Becomes::Same
    } else {
        Becomes::Value(new)
    }
}

/// What cleaning leaves of a text; `None` where there is nothing to cut.
fn cleaned(tag: Tag, vr: Vr, text: &[u8], around: &Around<'_>, how: &How) -> Option<Becomes> {
    let cut = clean::clean(text, vr, around.charset, &around.context.known, how)?;
    Some(if cut.is_empty() {
        emptied(tag, vr, around)
    } else {
        Becomes::Value(cut)
    })
}

/// A value that stays: whether it really is what its VR says, and holds no identifier by accident or design.
fn kept(
    verdict: &Verdict<'_>,
    element: &Element,
    vr: Vr,
    bytes: &[u8],
    around: &Around<'_>,
) -> Becomes {
    let known = &around.context.known;
    // what stands behind a NUL goes before anything is judged
    let tail = without_tail(element, vr, bytes);
    let text = match &tail {
        Becomes::Value(cut) => cut.as_slice(),
        Becomes::Same | Becomes::SamePassedOver | Becomes::Gone => bytes,
    };
    if !is_string(vr) && is_string(element.vr) || is_formal(vr) && !value::is_valid(vr, text) {
        // words where numbers or codes belong are text
        return match clean::clean(text, Vr::LO, around.charset, known, &How::KNOWN) {
            Some(_) => emptied(element.tag, vr, around),
            None => tail,
        };
    }
    if known.strong_hits(text).next().is_none() {
        return tail;
    }
    if tail == Becomes::Same && is_kept_openly(verdict, element.tag, vr, text, around) {
        return Becomes::SamePassedOver;
    }
    if matches!(vr, Vr::DS | Vr::IS) {
        // a number that is a record number goes; one that holds its digits by chance is a measurement
        let number = value::trim(vr, text);
        let is_one = is_telling(number)
            && known
                .strong_hits(text)
                .any(|hit| text.get(hit.range) == Some(number));
        return match tail {
            _ if is_one => emptied(element.tag, vr, around),
            Becomes::Same => Becomes::SamePassedOver,
            cut => cut,
        };
    }
    if is_formal(vr) {
        emptied(element.tag, vr, around)
    } else if !is_string(vr) || is_private(element.tag) {
        Becomes::Gone
    } else if matches!(verdict.why, Why::Rule(_)) && is_number(element.tag, vr) {
        // what is left of a number would be another one's
        emptied(element.tag, vr, around)
    } else {
        // the profile lets the attribute stay, not the patient's name in it
        match cleaned(element.tag, vr, text, around, &How::KNOWN).unwrap_or(tail) {
            Becomes::Value(cut) if cut.is_empty() && matches!(verdict.why, Why::Unlisted(_)) => {
                Becomes::Value(dummy::of_vr(vr).unwrap_or_default())
            }
            cut => cut,
        }
    }
}

/// An identifier that the profile lets stay is no secret where it stands, though an attribute that goes has the same one. That is
/// about the value as a whole, which is what the rule or the option is about; any other identifier in it is one, and so is
/// any in an attribute that identifies nobody. An option keeps no name and no number of a person.
fn is_kept_openly(
    verdict: &Verdict<'_>,
    tag: Tag,
    vr: Vr,
    text: &[u8],
    around: &Around<'_>,
) -> bool {
    if kind_of(tag, vr).is_none() {
        return false;
    }
    let is_date = matches!(vr, Vr::DA | Vr::DT);
    let may_stay = |kind: &Kind| match verdict.why {
        Why::Rule(_) => true,
        Why::Table(ActionCode::K) => match kind {
            Kind::Date | Kind::BirthDate => is_date,
            Kind::Organisation | Kind::Station | Kind::Uid => true,
            _ => false,
        },
        _ => false,
    };
    let is_open = |one: &[u8]| {
        let mut one = value::trim(vr, one);
        if let (true, Some(day)) = (is_date, one.first_chunk::<8>())
            && day.iter().all(u8::is_ascii_digit)
        {
            // the time of day tells nothing
            one = day;
        }
        let text = around.charset.decode(vr, one).text;
        let kinds = around.context.known.of_whole(one, &text);
        kinds.is_some_and(|kinds| kinds.iter().all(may_stay))
    };
    if matches!(vr, Vr::ST | Vr::LT | Vr::UT | Vr::UR) {
        is_open(text)
    } else {
        around.charset.split_values(text).all(is_open)
    }
}

/// A number of a person, a request or a device.
fn is_number(tag: Tag, vr: Vr) -> bool {
    matches!(kind_of(tag, vr), Some(Kind::Id | Kind::Accession))
}

/// A private value that is known to hold no identity: it stays as it is, or goes where it holds some all the same.
fn safe(
    verdict: &Verdict<'_>,
    element: &Element,
    vr: Vr,
    bytes: &[u8],
    around: &Around<'_>,
) -> Becomes {
    let known = &around.context.known;
    let trimmed = value::trim(vr, bytes);
    let number = matches!(vr, Vr::DS | Vr::IS) && value::is_valid(vr, bytes);
    if number {
        return kept(verdict, element, vr, bytes, around);
    }
    let text = around.charset.decode(Vr::LO, trimmed).text;
    if known.strong_hits(bytes).next().is_some()
        || (is_string(vr) || vr == Vr::UN) && known.mentions(&text)
    {
        return Becomes::Gone;
    }
    if is_text(vr) {
        return match clean::clean(
            bytes,
            vr,
            around.charset,
            known,
            &around.how(&verdict.why, vr),
        ) {
            Some(_) => Becomes::Gone,
            None => without_tail(element, vr, bytes),
        };
    }
    kept(verdict, element, vr, bytes, around)
}

/// What a content item says (PS3.3 C.17.3): its text, its number, the code that it chose.
fn is_content_value(tag: Tag) -> bool {
    matches!(
        tag,
        tags::TEXT_VALUE
            | tags::NUMERIC_VALUE
            | tags::CODE_VALUE
            | tags::CODE_MEANING
            | tags::LONG_CODE_VALUE
    )
}

/// Ages over 89 years are told as 90 (45 CFR 164.514 (b)(2)(i)(C)); `None` for those that may stay.
fn capped_age(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut changed = false;
    let values: Vec<&[u8]> = bytes
        .split(|b| *b == b'\\')
        .map(|one| match value::trim(Vr::AS, one) {
            [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'Y'] if [*a, *b, *c] > *b"089" => {
                changed |= [*a, *b, *c] != *b"090";
                b"090Y".as_slice()
            }
            other => other,
        })
        .collect();
    changed.then(|| values.join(&b'\\'))
}

/// The same for a number of years.
fn capped_number(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value::trim(Vr::DS, bytes)).unwrap_or_default();
    let over = text
        .parse::<f64>()
        .is_ok_and(|age| age > 89.0 && age.to_bits() != 90f64.to_bits());
    over.then(|| b"90".to_vec())
}

/// A number long enough to be a record number: `0001` is the first of many things.
fn is_telling(number: &[u8]) -> bool {
    let significant = number.iter().skip_while(|b| **b == b'0');
    significant.filter(|b| b.is_ascii_digit()).count() > 4
}

/// No value; a dummy value where the attribute must have one.
fn emptied(tag: Tag, vr: Vr, around: &Around<'_>) -> Becomes {
    let must = tags::CODE.contains(&tag)
        || matches!(
            around.presence,
            Presence::Typed(AttributeType::One | AttributeType::OneC)
        );
    let dummy = if must { dummy::of_vr(vr) } else { None };
    Becomes::Value(dummy.unwrap_or_default())
}

/// Text behind a NUL inside the padding of a value is no part of it.
fn without_tail(element: &Element, vr: Vr, bytes: &[u8]) -> Becomes {
    if !is_string(vr) && !is_string(element.vr) {
        return Becomes::Same;
    }
    match bytes.iter().position(|&b| b == 0) {
        Some(at)
            if bytes
                .get(at..)
                .unwrap_or_default()
                .iter()
                .any(|&b| b != 0 && b != b' ') =>
        {
            Becomes::Value(bytes.get(..at).unwrap_or_default().to_vec())
        }
        Some(_) | None => Becomes::Same,
    }
}

fn dummy_value(
    verdict: &Verdict<'_>,
    tag: Tag,
    vr: Vr,
    bytes: &[u8],
    around: &Around<'_>,
) -> Becomes {
    let demanded = verdict.why == Why::Table(ActionCode::D)
        && matches!(
            around.presence,
            Presence::Typed(AttributeType::One | AttributeType::OneC) | Presence::UnknownIod
        );
    if bytes.is_empty() && !demanded {
        return Becomes::Same;
    }
    if tag == tags::ENCAPSULATED_DOCUMENT {
        return Becomes::Value(document::stand_in(&around.context.sop_class));
    }
    dummy::dummy(tag, vr).map_or(Becomes::Gone, Becomes::Value)
}

fn hash(of_patient: bool, tag: Tag, vr: Vr, bytes: &[u8], around: &Around<'_>) -> Becomes {
    let text = super::context::text_of(bytes, vr, around.charset);
    if text.is_empty() {
        return if bytes.is_empty() {
            Becomes::Same
        } else {
            Becomes::Value(Vec::new())
        };
    }
    let (engine, context) = (around.engine, around.context);
    let pseudonyms = engine.pseudonyms();
    let own = (tag == tags::PATIENT_ID && text == context.patient_id)
        || (tag == tags::PATIENT_NAME && text == context.patient_name);
    let unnumbered = context.patient_id.is_empty();
    let mut code = if of_patient && tag == tags::PATIENT_NAME && unnumbered {
        // without a number the name itself is what tells people apart
        pseudonyms.name_code(&text)
    } else if of_patient && (around.root || own) {
        context.patient_code.clone()
    } else if of_patient && tag == tags::PATIENT_ID {
        engine.pseudonym_of("", &text)
    } else if vr == Vr::PN {
        pseudonyms.name_code(&text)
    } else {
        pseudonyms.code(keyword_of(tag).unwrap_or("private"), &[&text])
    };
    code.truncate(value::max_len(vr).unwrap_or(usize::MAX));
    Becomes::Value(code.into_bytes())
}

fn shift(vr: Vr, bytes: &[u8], around: &Around<'_>) -> Becomes {
    let days = around.engine.date_shift(around.context);
    let shifted = match vr {
        Vr::DA => date_shift::shift_da(bytes, days),
        Vr::DT => date_shift::shift_dt(bytes, days),
        _ => return by_type(around, vr),
    };
    match shifted {
        Ok(new) => changed(new, vr, bytes),
        Err(_) => by_type(around, vr),
    }
}

/// What cannot be read as a date never passes: it goes as far as the Type allows.
fn by_type(around: &Around<'_>, vr: Vr) -> Becomes {
    match resolve(ActionCode::XZD, around.presence) {
        Resolved::Dummy => dummy::of_vr(vr).map_or(Becomes::Gone, Becomes::Value),
        Resolved::Empty => Becomes::Value(Vec::new()),
        Resolved::Remove | Resolved::Keep | Resolved::Uid => Becomes::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_over_89_are_told_as_90() {
        for (age, expected) in [
            ("089Y", None),
            ("090Y", None),
            ("091Y", Some("090Y")),
            ("103Y ", Some("090Y")),
            ("999M", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(
                capped_age(age.as_bytes()).as_deref(),
                expected.map(str::as_bytes),
                "{age}"
            );
        }
        assert_eq!(capped_number(b"93.5 ").as_deref(), Some(b"90".as_slice()));
        assert_eq!(capped_number(b"89"), None);
    }

    #[test]
    fn a_counter_tells_nobody_and_a_record_number_does() {
        for (number, expected) in [
            ("0001", false),
            ("12", false),
            ("1024", false),
            ("0043288", true),
            ("2076699673350889", true),
        ] {
            assert_eq!(is_telling(number.as_bytes()), expected, "{number}");
        }
    }
}
