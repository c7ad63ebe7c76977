//! From what is written to what is valid: every word means something, every rule can match, every action fits its VR.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use std::path::{Path, PathBuf};

use super::error::{Complaints, ProfileError, ProfileErrors, nearest};
use super::hold::Hold;
use super::valid_tag::{hex8, hex16};
use super::written::{self, Written};
use super::{
    Overrides, PrivateKeep, Rule, Ruleset, Selector, Unlisted, UnlistedText, Unmapped,
    builtin_names, number, with_options,
};
use super::{valid_hold, valid_rule};
use crate::dicom::Tag;
use crate::standard::e1_1::{self, ProfileOption};

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
        if let Some(rule) = valid_rule::rule(
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
        match valid_rule::of_flag(flag, tag, with) {
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
