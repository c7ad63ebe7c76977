//! `[[rule]]` as written -> valid: it can match, and what it selects can hold what its action makes.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs and actions a few are told apart"
)]

use std::ops::Range;

use toml::Spanned;

use super::error::{Complaints, nearest};
use super::valid_tag::{Complaint, hex8, tag};
use super::written;
use super::{Rule, RuleAction, Selector};
use crate::dicom::walk::is_private;
use crate::dicom::{Tag, Vr, value};
use crate::standard::attributes::{keyword_of, vr_of};

const ACTIONS: [&str; 9] = [
    "remove",
    "empty",
    "dummy",
    "keep",
    "hash",
    "uid",
    "shift-date",
    "clean",
    "replace",
];

/// A rule of a file: it names one thing, nothing that a rule before it names, and an action that fits.
pub(super) fn rule(
    rule: &written::Rule,
    span: &Range<usize>,
    origin: &str,
    before: &[Rule],
    complaints: &mut Complaints<'_>,
) -> Option<Rule> {
    let head = span.start..span.start.saturating_add(8);
    let given: Vec<(&str, &Spanned<String>)> = [
        ("tag", &rule.tag),
        ("group", &rule.group),
        ("vr", &rule.vr),
        ("path", &rule.path),
        ("creator", &rule.creator),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
    .collect();
    let [(kind, value)] = given.as_slice() else {
        complaints.at(
            head,
            "a rule has one of tag, group, vr, path, creator",
            None,
        );
        return None;
    };
    let selector = match selector(
        kind,
        value.get_ref(),
        rule.element.as_ref().map(|e| e.get_ref().as_str()),
    ) {
        Ok(selector) => selector,
        Err((message, hint)) => {
            complaints.at(value.span(), message, hint);
            return None;
        }
    };
    if let (Some(element), true) = (&rule.element, *kind != "creator") {
        complaints.at(
            element.span(),
            "element goes with creator",
            Some("write the whole tag, or name the creator".to_owned()),
        );
        return None;
    }
    if before.iter().any(|other| other.selector == selector) {
        complaints.at(
            value.span(),
            "there is a rule for this already",
            Some("keep one of them".to_owned()),
        );
        return None;
    }
    let action = match action(
        rule.action.get_ref(),
        rule.of.as_ref().map(|o| o.get_ref().as_str()),
        rule.with.as_ref().map(|w| w.get_ref().as_str()),
    ) {
        Ok(action) => action,
        Err((message, hint)) => {
            complaints.at(rule.action.span(), message, hint);
            return None;
        }
    };
    if let Err((message, hint)) = fits(&action, &selector) {
        complaints.at(rule.action.span(), message, hint);
        return None;
    }
    Some(Rule {
        selector,
        action,
        origin: origin.into(),
        why: rule.why.as_deref().map(Into::into),
    })
}

/// A rule of the command line: `--keep TAG`, `--set TAG=VALUE`.
pub(super) fn of_flag(flag: &str, tag: &str, with: &str) -> Result<Rule, Complaint> {
    let name = if flag == "set" { "replace" } else { flag };
    let selector = selector("tag", tag, None)?;
    let action = action(name, None, (flag == "set").then_some(with))?;
    fits(&action, &selector)?;
    Ok(Rule {
        selector,
        action,
        origin: format!("--{flag}").into(),
        why: None,
    })
}

fn selector(kind: &str, text: &str, element: Option<&str>) -> Result<Selector, Complaint> {
    match kind {
        "tag" if text.contains('.') => path(text),
        "tag" => {
            let tag = tag(text)?;
            if tag.group() == 0x0002 || tag.element() == 0 {
                return Err((
                    "this rule can never match".to_owned(),
                    Some("file meta and group lengths are always written anew".to_owned()),
                ));
            }
            Ok(Selector::Tag(tag))
        }
        "group" => pattern(text),
        "vr" => match <[u8; 2]>::try_from(text.as_bytes()).map_or(None, Vr::from_binary) {
            Some(vr) => Ok(Selector::Vr(vr)),
            None => Err((format!("no VR is called \"{text}\""), None)),
        },
        "path" => path(text),
        _ => {
            let low = match element.map(hex8) {
                None => None,
                Some(Some(low)) => Some(low),
                Some(None) => {
                    return Err((
                        "an element is two hexadecimal digits, the low byte".to_owned(),
                        None,
                    ));
                }
            };
            Ok(Selector::Creator {
                creator: text.trim().into(),
                low,
            })
        }
    }
}

fn path(text: &str) -> Result<Selector, Complaint> {
    let (anywhere, text) = match text.strip_prefix("**.").or_else(|| text.strip_prefix("*.")) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut tags = text.split('.').map(tag).collect::<Result<Vec<Tag>, _>>()?;
    let Some(last) = tags.pop() else {
        return Err(("an empty path".to_owned(), None));
    };
    if let Some(wrong) = tags
        .iter()
        .find(|tag| !is_private(**tag) && vr_of(**tag) != Some(Vr::SQ))
    {
        let name = keyword_of(*wrong).unwrap_or("this attribute");
        return Err((
            format!("this rule can never match: {name} is no sequence"),
            None,
        ));
    }
    Ok(Selector::Path {
        path: tags,
        tag: last,
        anywhere,
    })
}

/// `60xx`, `0018,xxxx`, `(50xx,3000)`: x stands for any hexadecimal digit.
fn pattern(text: &str) -> Result<Selector, Complaint> {
    let wrong = || {
        (
            format!("\"{text}\" is no group pattern"),
            Some("write 60xx, 0018,xxxx or 60xx,3000".to_owned()),
        )
    };
    let bare = text
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')')
        .replace(',', "")
        .to_lowercase();
    let digits = match bare.len() {
        4 => format!("{bare}xxxx"),
        8 => bare,
        _ => return Err(wrong()),
    };
    let (mut tag, mut mask) = (0u32, 0u32);
    for c in digits.chars() {
        let (value, bits) = match c {
            'x' => (0, 0),
            c => (c.to_digit(16).ok_or_else(wrong)?, 15),
        };
        tag = tag << 4 | value;
        mask = mask << 4 | bits;
    }
    Ok(Selector::Pattern { tag, mask })
}

fn action(name: &str, of: Option<&str>, with: Option<&str>) -> Result<RuleAction, Complaint> {
    let action = match (name, with) {
        ("remove", _) => RuleAction::Remove,
        ("empty", _) => RuleAction::Empty,
        ("dummy", _) => RuleAction::Dummy,
        ("keep", _) => RuleAction::Keep,
        ("hash", _) => RuleAction::Hash {
            of_patient: of == Some("patient"),
        },
        ("uid", _) => RuleAction::Uid,
        ("shift-date", _) => RuleAction::ShiftDate,
        ("clean", _) => RuleAction::Clean,
        ("replace", Some(with)) => RuleAction::Replace(with.into()),
        ("replace", None) => {
            return Err((
                "replace needs the new text".to_owned(),
                Some("add: with = \"...\"".to_owned()),
            ));
        }
        _ => {
            return Err((
                format!("no action is called \"{name}\""),
                nearest(name, ACTIONS.into_iter()),
            ));
        }
    };
    match (of, &action) {
        (None, _) | (Some("patient"), RuleAction::Hash { .. }) => {}
        _ => return Err(("of is \"patient\", and goes with hash".to_owned(), None)),
    }
    if with.is_some() && name != "replace" {
        return Err(("with goes with replace".to_owned(), None));
    }
    Ok(action)
}

/// Whether the VR of what a rule selects can hold what its action makes.
fn fits(action: &RuleAction, selector: &Selector) -> Result<(), Complaint> {
    let vr = match selector {
        Selector::Tag(tag) | Selector::Path { tag, .. } => vr_of(*tag),
        Selector::Vr(vr) => Some(*vr),
        Selector::Pattern { .. } | Selector::Creator { .. } => None,
    };
    let Some(vr) = vr else {
        return match action {
            RuleAction::Remove | RuleAction::Empty | RuleAction::Keep | RuleAction::Clean => Ok(()),
            _ => Err(("this action needs one attribute or VR".to_owned(), None)),
        };
    };
    let holds = match action {
        RuleAction::Remove | RuleAction::Empty | RuleAction::Keep => true,
        RuleAction::Dummy => vr != Vr::UN,
        RuleAction::Hash { .. } => matches!(
            vr,
            Vr::LO | Vr::SH | Vr::PN | Vr::LT | Vr::ST | Vr::UT | Vr::UC | Vr::AE | Vr::CS
        ),
        RuleAction::Uid => vr == Vr::UI,
        RuleAction::ShiftDate => matches!(vr, Vr::DA | Vr::DT),
        RuleAction::Clean => matches!(
            vr,
            Vr::LO | Vr::SH | Vr::PN | Vr::LT | Vr::ST | Vr::UT | Vr::UC | Vr::UR | Vr::SQ
        ),
        RuleAction::Replace(text) => {
            crate::dicom::element::is_string(vr)
                && value::is_valid(vr, text.as_bytes())
                && text
                    .split('\\')
                    .all(|one| value::max_len(vr).is_none_or(|most| one.chars().count() <= most))
        }
    };
    if holds {
        Ok(())
    } else {
        Err((
            format!("{} cannot hold what this action makes", vr.to_string()),
            None,
        ))
    }
}
