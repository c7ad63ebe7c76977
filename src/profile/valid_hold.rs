//! `[[hold]]` as written -> valid: every condition can match, and every example is judged as its rule says.

use super::error::{Complaints, nearest};
use super::hold::{Condition, Fact, Facts, Hold, UNMAPPED};
use super::valid_tag::tag;
use super::written::{self, Written};
use crate::standard::uids;
use toml::Spanned;

/// Takes the rules of one file over those of its parent: one of the same code is replaced, those of `no-hold` go.
pub(super) fn add(holds: &mut Vec<Hold>, written: &Written, complaints: &mut Complaints<'_>) {
    for code in &written.no_hold {
        let before = holds.len();
        holds.retain(|hold| *hold.code != **code.get_ref());
        if holds.len() == before {
            complaints.at(
                code.span(),
                "no rule that holds files back has this code",
                nearest(code.get_ref(), holds.iter().map(|hold| &*hold.code)),
            );
        }
    }
    let mut own: Vec<Hold> = Vec::new();
    for (index, rule) in written.hold.iter().enumerate() {
        let Some(hold) = valid(rule.get_ref(), index, complaints) else {
            continue;
        };
        if own.iter().any(|other| other.code == hold.code) {
            let span = rule
                .get_ref()
                .code
                .as_ref()
                .map_or(rule.span(), Spanned::span);
            complaints.at(span, "there is a rule of this code already", None);
            continue;
        }
        own.push(hold);
    }
    holds.retain(|hold| own.iter().all(|mine| mine.code != hold.code));
    holds.extend(own);
}

fn valid(rule: &written::Hold, index: usize, complaints: &mut Complaints<'_>) -> Option<Hold> {
    let code = match &rule.code {
        None => format!("site-rule-{}", index.saturating_add(1)),
        Some(code) => {
            let text = code.get_ref();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if text.is_empty() || text == UNMAPPED || !text.chars().all(plain) {
                complaints.at(
                    code.span(),
                    "a code is of small letters, digits and hyphens, and is no word of the program's own",
                    None,
                );
                return None;
            }
            text.clone()
        }
    };
    let when = condition(&rule.when, complaints)?;
    let unless = match &rule.unless {
        None => None,
        Some(unless) => Some(condition(unless, complaints)?),
    };
    let label = rule.label.clone().unwrap_or_else(|| "file".to_owned());
    let plural = rule.plural.clone().unwrap_or_else(|| format!("{label}s"));
    let hold = Hold {
        code: code.into(),
        label: label.into(),
        plural: plural.into(),
        reason: rule.reason.get_ref().as_str().into(),
        when,
        unless,
    };
    let examples = [(&rule.catches, true), (&rule.leaves, false)];
    for (example, expected) in examples
        .into_iter()
        .flat_map(|(examples, expected)| examples.iter().map(move |one| (one, expected)))
    {
        let Some(facts) = facts(example.get_ref(), complaints) else {
            continue;
        };
        if hold.catches(&facts) != expected {
            let message = if expected {
                "the rule does not catch this example"
            } else {
                "the rule catches this example, which it has to leave"
            };
            complaints.at(example.span(), message, None);
        }
    }
    Some(hold)
}

fn condition(
    written: &Spanned<written::Condition>,
    complaints: &mut Complaints<'_>,
) -> Option<Condition> {
    let given = written.get_ref();
    let lists = [
        &given.sop_class,
        &given.modality,
        &given.burned_in_annotation,
        &given.recognizable_visual_features,
        &given.image_type,
        &given.conversion_type,
        &given.series_description,
        &given.photometric_interpretation,
        &given.transfer_syntax,
    ];
    let mut one_of = Vec::new();
    for ((name, fact), values) in Fact::ALL.into_iter().zip(lists) {
        for value in values {
            if !can_match(fact, value.get_ref()) {
                complaints.at(
                    value.span(),
                    format!("this rule can never match: no {name} is so"),
                    None,
                );
                return None;
            }
        }
        if !values.is_empty() {
            let values = values.iter().map(|value| value.get_ref().clone());
            one_of.push((fact, values.collect()));
        }
    }
    let mut lacks = Vec::new();
    for keyword in &given.lacks {
        match tag(keyword.get_ref()) {
            Ok(tag) => lacks.push(tag),
            Err((message, hint)) => {
                complaints.at(keyword.span(), message, hint);
                return None;
            }
        }
    }
    let condition = Condition {
        one_of,
        lacks,
        picture: given.picture,
        document: given.document,
        unread_pixels: given.unread_pixels,
    };
    if condition.is_empty() {
        complaints.at(written.span(), "a condition asks for something", None);
        return None;
    }
    Some(condition)
}

/// Whether an instance could have this value.
fn can_match(fact: Fact, value: &str) -> bool {
    let uid = |kind: &str| {
        let start = value.strip_suffix('*').unwrap_or(value);
        let own = !start.starts_with("1.2.840.10008.");
        let known = uids::all().filter(|entry| entry.kind == kind).any(|entry| {
            match value.strip_suffix('*') {
                Some(start) => entry.uid.starts_with(start),
                None => entry.uid == value,
            }
        });
        start.bytes().all(|b| b.is_ascii_digit() || b == b'.') && (own || known)
    };
    match fact {
        Fact::SopClass => uid("SOP Class"),
        Fact::TransferSyntax => uid("Transfer Syntax"),
        Fact::BurnedInAnnotation | Fact::RecognizableVisualFeatures => {
            matches!(value, "YES" | "NO")
        }
        Fact::Modality
        | Fact::ImageType
        | Fact::ConversionType
        | Fact::PhotometricInterpretation => {
            let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " _".contains(c);
            !value.is_empty() && value.chars().all(plain)
        }
        Fact::SeriesDescription => value.chars().any(char::is_alphanumeric),
    }
}

fn facts(example: &written::Example, complaints: &mut Complaints<'_>) -> Option<Facts> {
    let mut facts = Facts {
        sop_class: example.sop_class.clone(),
        modality: example.modality.clone(),
        burned_in_annotation: example.burned_in_annotation.clone(),
        recognizable_visual_features: example.recognizable_visual_features.clone(),
        image_type: example.image_type.split('\\').map(str::to_owned).collect(),
        conversion_type: example.conversion_type.clone(),
        series_description: example.series_description.clone(),
        photometric_interpretation: example.photometric_interpretation.clone(),
        transfer_syntax: example.transfer_syntax.clone(),
        picture: example.picture,
        document: example.document,
        unread_pixels: example.unread_pixels,
        ..Facts::default()
    };
    for keyword in &example.has {
        match tag(keyword.get_ref()) {
            Ok(tag) => facts.present.insert(tag),
            Err((message, hint)) => {
                complaints.at(keyword.span(), message, hint);
                return None;
            }
        };
    }
    Some(facts)
}
