//! From a decision about a data element to the new value of it.
//!
//! Owns: which action runs and what happens when it cannot: it never passes the value through.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use super::context::Context;
use super::decide::{Decision, Verdict, Why, is_formal, is_text};
use super::resolve::{Presence, Resolved, resolve};
use super::{Engine, tags};
use crate::action::{clean, document, dummy, icc, uid};
use crate::dicom::charset::CharacterSet;
use crate::dicom::element::is_string;
use crate::dicom::walk::Element;
use crate::dicom::{Tag, Vr, value};
use crate::identity::date_shift;
use crate::standard::attributes::keyword_of;
use crate::standard::e1_1::ActionCode;
use crate::standard::iod::AttributeType;

/// What becomes of one data element.
#[derive(Debug, PartialEq, Eq)]
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
    let known = &around.context.known;
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
            match clean::clean(text, vr, around.charset, known) {
                Some(cut) if cut.is_empty() => emptied(element.tag, vr, around),
                Some(cut) => Becomes::Value(cut),
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
        Decision::Keep => kept(element, vr, bytes, around),
    }
}

fn changed(new: Vec<u8>, vr: Vr, bytes: &[u8]) -> Becomes {
    if new == bytes || new == value::trim(vr, bytes) {
        Becomes::Same
    } else {
        Becomes::Value(new)
    }
}

/// A value that stays: whether it really is what its VR says, and holds no identifier by accident or design.
fn kept(element: &Element, vr: Vr, bytes: &[u8], around: &Around<'_>) -> Becomes {
    let known = &around.context.known;
    // what stands behind a NUL goes before anything is judged
    let tail = without_tail(element, vr, bytes);
    let text = match &tail {
        Becomes::Value(cut) => cut.as_slice(),
        Becomes::Same | Becomes::SamePassedOver | Becomes::Gone => bytes,
    };
    if !is_string(vr) && is_string(element.vr) || is_formal(vr) && !value::is_valid(vr, text) {
        // words where numbers or codes belong are text
        return match clean::clean(text, Vr::LO, around.charset, known) {
            Some(_) => emptied(element.tag, vr, around),
            None => tail,
        };
    }
    if known.strong_hits(text).next().is_none() {
        return tail;
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
    } else if !is_string(vr) {
        Becomes::Gone
    } else {
        tail
    }
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
        && around.presence == Presence::Typed(AttributeType::One);
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
