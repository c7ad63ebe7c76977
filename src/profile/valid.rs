//! From what is written to what is valid: every word means something, every rule can match, every action fits its VR.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::error::{Complaints, ProfileError, ProfileErrors, nearest};
use super::hold::Hold;
use super::valid_hold;
use super::written::{self, Written};
use super::{
    Overrides, PrivateKeep, Rule, RuleAction, Ruleset, Selector, Unlisted, UnlistedText, Unmapped,
    builtin_names, number, with_options,
};
use crate::dicom::walk::is_private;
use crate::dicom::{Tag, Vr, value};
use crate::standard::attributes::{keyword_of, keywords, tag_of_keyword, vr_of};
use crate::standard::e1_1::{self, ProfileOption};

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
/// Profiles that extend each other: more is a circle.
const MOST_EXTENDS: usize = 8;

/// What profiles add up to.
struct Draft {
    name: String,
    options: Vec<ProfileOption>,
    key_required: bool,
    keep_everything: bool,
    unlisted: Unlisted,
    private: Vec<PrivateKeep>,
    rules: Vec<Rule>,
    unmapped: Unmapped,
    holds: Vec<Hold>,
}

/// Reads a tag: keyword, `0010,0010`, `(0010,0010)` or `00100010`.
#[must_use]
pub fn parse_tag(text: &str) -> Option<Tag> {
    let text = text.trim();
    if let Some(tag) = tag_of_keyword(text) {
        return Some(tag);
    }
    let bare = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(text);
    let (group, element) = match bare.split_once(',') {
        Some(parts) => parts,
        None if bare.len() == 8 && bare.is_ascii() => bare.split_at_checked(4)?,
        None => return None,
    };
    Some(Tag(hex16(group)?, hex16(element)?))
}

fn hex16(text: &str) -> Option<u16> {
    let valid = text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u16::from_str_radix(text, 16) {
        Ok(n) if valid => Some(n),
        Ok(_) | Err(_) => None,
    }
}

fn hex8(text: &str) -> Option<u8> {
    let valid = text.len() == 2 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u8::from_str_radix(text, 16) {
        Ok(n) if valid => Some(n),
        Ok(_) | Err(_) => None,
    }
}

/// Loads a profile by name or file, adds the command line, and compiles.
///
/// # Errors
/// [`ProfileErrors`] with all that is wrong.
pub fn load(name_or_path: &str, overrides: &Overrides) -> Result<Ruleset, ProfileErrors> {
    finish(read(name_or_path, None, 0)?, overrides)
}

/// Compiles a profile from its text. `name` stands for its file in what is said about it.
///
/// # Errors
/// [`ProfileErrors`] with all that is wrong.
pub fn load_text(name: &str, text: &str, overrides: &Overrides) -> Result<Ruleset, ProfileErrors> {
    finish(parse(name, name, text, None, 0, false)?, overrides)
}

fn finish(mut draft: Draft, overrides: &Overrides) -> Result<Ruleset, ProfileErrors> {
    let errors = add_overrides(&mut draft, overrides);
    if errors.is_empty() {
        Ok(compile(draft))
    } else {
        Err(ProfileErrors(errors))
    }
}

fn lone(file: &str, message: String, hint: Option<String>) -> ProfileErrors {
    ProfileErrors(vec![ProfileError {
        file: file.to_owned(),
        line: 0,
        column: 0,
        text: String::new(),
        width: 0,
        message,
        hint,
    }])
}

fn read(name_or_path: &str, base: Option<&Path>, depth: usize) -> Result<Draft, ProfileErrors> {
    let builtin = match name_or_path {
        "keep-everything" if depth == 0 => {
            Some(include_str!("../../profiles/keep-everything.toml"))
        }
        name => super::builtin_text(name),
    };
    if let Some(source) = builtin {
        return parse(
            &format!("{name_or_path}.toml"),
            name_or_path,
            source,
            None,
            depth,
            true,
        );
    }
    let path: PathBuf = base.map_or_else(
        || PathBuf::from(name_or_path),
        |base| base.join(name_or_path),
    );
    let is_path = Path::new(name_or_path)
        .extension()
        .is_some_and(|e| e == "toml")
        || name_or_path.contains(['/', '\\']);
    if !is_path && !path.is_file() {
        let hint = nearest(name_or_path, builtin_names().into_iter());
        let names = builtin_names().join(", ");
        return Err(lone(
            name_or_path,
            "no such profile".to_owned(),
            hint.or(Some(format!("built-in: {names}; or give a .toml file"))),
        ));
    }
    let file = path.to_string_lossy().into_owned();
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(e) => return Err(lone(&file, format!("cannot be read: {e}"), None)),
    };
    let name = path
        .file_stem()
        .map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
    parse(&file, &name, &source, path.parent(), depth, false)
}

fn parse(
    file: &str,
    name: &str,
    source: &str,
    base: Option<&Path>,
    depth: usize,
    builtin: bool,
) -> Result<Draft, ProfileErrors> {
    let mut complaints = Complaints::new(file, source);
    let written: Written = match toml::from_str(source) {
        Ok(written) => written,
        Err(e) => {
            complaints.no_toml(
                e.span().unwrap_or(0..0),
                e.message().lines().next().unwrap_or("not TOML"),
            );
            return Err(ProfileErrors(complaints.errors));
        }
    };
    let mut draft = match &written.extends {
        Some(parent) if depth < MOST_EXTENDS => {
            read(parent.get_ref(), base, depth.saturating_add(1))?
        }
        Some(parent) => {
            complaints.at(
                parent.span(),
                "profiles extend each other in a circle",
                None,
            );
            return Err(ProfileErrors(complaints.errors));
        }
        None => Draft {
            name: String::new(),
            options: Vec::new(),
            key_required: false,
            keep_everything: false,
            unlisted: Unlisted {
                text: UnlistedText::Clean,
            },
            private: Vec::new(),
            rules: Vec::new(),
            unmapped: Unmapped::Stop,
            holds: Vec::new(),
        },
    };
    draft.name = written.name.clone().unwrap_or_else(|| name.to_owned());
    draft.keep_everything = written.keep_everything && builtin;
    if written.keep_everything && !builtin {
        complaints.at(
            0..0,
            "keep-everything is for the program's own proofs",
            Some("a profile that keeps something names it in a rule".to_owned()),
        );
    }
    for option in &written.options {
        add_option(&mut draft.options, option.get_ref(), |message, hint| {
            complaints.at(option.span(), message, hint);
        });
    }
    choices(&mut draft, &written, &mut complaints);
    valid_hold::add(&mut draft.holds, &written, &mut complaints);
    for keep in &written.private.keep {
        private_keep(&mut draft, keep.get_ref(), &mut complaints);
    }
    let mut own: Vec<Rule> = Vec::new();
    for rule in &written.rule {
        let line = source
            .get(..rule.span().start)
            .unwrap_or_default()
            .matches('\n')
            .count()
            .saturating_add(1);
        if let Some(rule) = valid_rule(
            rule.get_ref(),
            &rule.span(),
            &format!("{file}:{line}"),
            &own,
            &mut complaints,
        ) {
            own.push(rule);
        }
    }
    draft.rules.extend(own);
    if complaints.errors.is_empty() {
        Ok(draft)
    } else {
        Err(ProfileErrors(complaints.errors))
    }
}

/// Words of which a profile chooses one.
fn choices(draft: &mut Draft, written: &Written, complaints: &mut Complaints<'_>) {
    if let Some(key) = &written.key {
        match key.get_ref().as_str() {
            "required" => draft.key_required = true,
            "optional" => draft.key_required = false,
            other => complaints.at(
                key.span(),
                "key is required or optional",
                nearest(other, ["required", "optional"].into_iter()),
            ),
        }
    }
    if let Some(text) = &written.unlisted.text {
        match text.get_ref().as_str() {
            "keep" => draft.unlisted.text = UnlistedText::Keep,
            "clean" => draft.unlisted.text = UnlistedText::Clean,
            "remove" => draft.unlisted.text = UnlistedText::Remove,
            other => complaints.at(
                text.span(),
                "text is keep, clean or remove",
                nearest(other, ["keep", "clean", "remove"].into_iter()),
            ),
        }
    }
    if let Some(unmapped) = &written.unmapped {
        match Unmapped::from_name(unmapped.get_ref()) {
            Some(known) => draft.unmapped = known,
            None => complaints.at(
                unmapped.span(),
                "unmapped is stop, derive or hold",
                nearest(unmapped.get_ref(), ["stop", "derive", "hold"].into_iter()),
            ),
        }
    }
}

fn add_option(
    options: &mut Vec<ProfileOption>,
    name: &str,
    mut complain: impl FnMut(String, Option<String>),
) {
    let Some(option) = ProfileOption::from_name(name) else {
        let hint = nearest(name, ProfileOption::ALL.iter().map(|option| option.name()));
        return complain(format!("no option of PS3.15 is called \"{name}\""), hint);
    };
    let other = match option {
        ProfileOption::RetainLongitudinalFullDates => {
            Some(ProfileOption::RetainLongitudinalModifiedDates)
        }
        ProfileOption::RetainLongitudinalModifiedDates => {
            Some(ProfileOption::RetainLongitudinalFullDates)
        }
        _ => None,
    };
    if other.is_some_and(|other| options.contains(&other)) {
        return complain(
            "full dates and modified dates exclude each other".to_owned(),
            Some("choose one of them".to_owned()),
        );
    }
    if !options.contains(&option) {
        options.push(option);
    }
}

fn private_keep(draft: &mut Draft, keep: &written::PrivateKeep, complaints: &mut Complaints<'_>) {
    let mut low = Vec::new();
    for element in &keep.elements {
        match hex8(element.get_ref()) {
            Some(byte) => low.push(byte),
            None => complaints.at(
                element.span(),
                "an element is two hexadecimal digits, the low byte",
                Some("for (0029,xx0C) write \"0c\"".to_owned()),
            ),
        }
    }
    let mut group = None;
    if let Some(text) = &keep.group {
        match hex16(text.get_ref()) {
            Some(number) if number % 2 == 1 && number > 7 => group = Some(number),
            Some(_) | None => complaints.at(
                text.span(),
                "a private group is four hexadecimal digits and odd",
                None,
            ),
        }
    }
    draft.private.push(PrivateKeep {
        creator: keep.creator.get_ref().trim().into(),
        group,
        low,
    });
}

fn valid_rule(
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

pub(super) type Complaint = (String, Option<String>);

pub(super) fn tag(text: &str) -> Result<Tag, Complaint> {
    parse_tag(text).ok_or_else(|| {
        (
            format!("no attribute is called \"{text}\""),
            nearest(text, keywords()),
        )
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

fn add_overrides(draft: &mut Draft, overrides: &Overrides) -> Vec<ProfileError> {
    let mut errors = Vec::new();
    let mut complain = |file: String, message: String, hint: Option<String>| {
        errors.extend(lone(&file, message, hint).0);
    };
    for option in &overrides.options {
        add_option(&mut draft.options, option, |message, hint| {
            complain("--option".to_owned(), message, hint);
        });
    }
    match overrides
        .unmapped
        .as_deref()
        .map(|name| (name, Unmapped::from_name(name)))
    {
        None => {}
        Some((_, Some(unmapped))) => draft.unmapped = unmapped,
        Some((name, None)) => complain(
            "--unmapped".to_owned(),
            "unmapped is stop, derive or hold".to_owned(),
            nearest(name, ["stop", "derive", "hold"].into_iter()),
        ),
    }
    for (flag, tag, with) in &overrides.rules {
        let name = if *flag == "set" { "replace" } else { flag };
        let rule = selector("tag", tag, None).and_then(|selector| {
            let action = action(name, None, (*flag == "set").then_some(with.as_str()))?;
            fits(&action, &selector)?;
            Ok(Rule {
                selector,
                action,
                origin: format!("--{flag}").into(),
                why: None,
            })
        });
        match rule {
            Ok(rule) => draft.rules.push(rule),
            Err((message, hint)) => complain(format!("--{flag}"), message, hint),
        }
    }
    errors
}

fn compile(draft: Draft) -> Ruleset {
    let Draft {
        name,
        options,
        key_required,
        keep_everything,
        unlisted,
        private,
        mut rules,
        unmapped,
        mut holds,
    } = draft;
    holds.push(Hold::unmapped());
    let mut asked: Vec<Tag> = holds
        .iter()
        .flat_map(|hold| std::iter::once(&hold.when).chain(&hold.unless))
        .flat_map(|condition| condition.lacks.iter().copied())
        .collect();
    asked.sort_by_key(|tag| number(*tag));
    asked.dedup();
    let from_line = |rule: &Rule| rule.origin.starts_with("--");
    // the last written first, then by how exact they are; the command line above all
    rules.reverse();
    rules.sort_by_key(|rule| std::cmp::Reverse((from_line(rule), rule.selector.rank())));
    let mut ruled: Vec<Tag> = rules
        .iter()
        .filter_map(|rule| match &rule.selector {
            Selector::Tag(tag) | Selector::Path { tag, .. } => Some(*tag),
            Selector::Pattern { .. } | Selector::Vr(_) | Selector::Creator { .. } => None,
        })
        .collect();
    ruled.sort_by_key(|tag| number(*tag));
    ruled.dedup();
    let broad = rules.iter().any(|rule| {
        matches!(
            rule.selector,
            Selector::Pattern { .. } | Selector::Vr(_) | Selector::Creator { .. }
        )
    });
    let codes = e1_1::single_rows()
        .iter()
        .map(|row| (row.tag, with_options(row, &options)))
        .collect();
    Ruleset {
        name,
        options,
        key_required,
        keep_everything,
        unlisted,
        private,
        rules,
        ruled,
        broad,
        codes,
        unmapped,
        holds,
        asked,
    }
}
