//! `dcmscrub explain`: what a profile does with an attribute, what an option does, when a file is held back, what a rule of the
//! gate means. One word may be several of these: all of them are told.

use std::io;

use dcmscrub::check::rules;
use dcmscrub::profile::error::nearest;
use dcmscrub::profile::{Ruleset, parse_tag};
use dcmscrub::report::explain::{explain, hold, option};
use dcmscrub::standard::attributes::keywords;
use dcmscrub::standard::e1_1::ProfileOption;
use serde::Serialize;

use super::exit::Exit;
use super::{args, overrides, profile_refused, say};

/// The word that lists the rules of the gate.
const RULES: &str = "rules";

/// Explains what a word stands for.
pub fn run(args: &args::Explain) -> Exit {
    let overrides = match overrides(&args.rules.changes) {
        Ok(overrides) => overrides,
        Err(exit) => return exit,
    };
    let ruleset = match dcmscrub::profile::load(&args.rules.profile, &overrides) {
        Ok(ruleset) => ruleset,
        Err(errors) => return profile_refused(&errors),
    };
    let told = match told(args, &ruleset) {
        Ok(told) => told,
        Err(exit) => return exit,
    };
    if told.is_empty() {
        return unknown(&args.what, &ruleset);
    }
    match say::result(told.join(match args.format {
        args::Format::Text => "\n\n",
        args::Format::Json => "\n",
    })) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}

/// Everything of this name.
fn told(args: &args::Explain, ruleset: &Ruleset) -> Result<Vec<String>, Exit> {
    let (word, profile) = (args.what.as_str(), ruleset.name());
    let mut told = Vec::new();
    let mut add = |text: String, line: io::Result<String>| {
        told.push(match args.format {
            args::Format::Text => text,
            args::Format::Json => match line {
                Ok(line) => line,
                Err(_) => return Err(Exit::Bug),
            },
        });
        Ok::<(), Exit>(())
    };
    if word == RULES {
        match args.format {
            args::Format::Text => add(list(), Ok(String::new()))?,
            args::Format::Json => {
                for rule in rules::ALL {
                    add(String::new(), json(&GateRule::of(rule)))?;
                }
            }
        }
    }
    if let Some(tag) = parse_tag(word) {
        let one = explain(ruleset, tag, args.sop_class.as_deref()).map_err(|message| {
            say::error(message);
            say::hint("give the UID of a SOP Class, such as 1.2.840.10008.5.1.4.1.1.2 for CT");
            Exit::Refused
        })?;
        add(one.to_text(), json(&one))?;
    }
    if let Some(known) = ProfileOption::from_name(word) {
        let one = option::option(known, ruleset.has(known));
        add(one.to_text(profile), json(&one))?;
    }
    for held in ruleset.holds().iter().filter(|hold| &*hold.code == word) {
        let one = hold::hold(held);
        add(one.to_text(profile), json(&one))?;
    }
    if let Some(rule) = rules::by_code(word) {
        add(rule.to_text(), json(&GateRule::of(rule)))?;
    }
    Ok(told)
}

/// A rule of the gate as JSON.
#[derive(Serialize)]
struct GateRule {
    kind: &'static str,
    #[serde(flatten)]
    rule: &'static rules::Rule,
}

impl GateRule {
    fn of(rule: &'static rules::Rule) -> Self {
        Self {
            kind: "check-rule",
            rule,
        }
    }
}

fn json(what: &impl Serialize) -> io::Result<String> {
    serde_json::to_string(what).map_err(io::Error::from)
}

/// The rules of the gate, one a line.
fn list() -> String {
    let lines = rules::ALL.iter().map(|rule| {
        format!(
            "{:<14}  {:<8}  {}",
            rule.code,
            rule.confidence.name(),
            rule.title
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn unknown(word: &str, ruleset: &Ruleset) -> Exit {
    say::error(format!(
        "no attribute, option, rule or reason is called \"{word}\""
    ));
    let known: Vec<String> = std::iter::once(RULES)
        .chain(rules::ALL.iter().map(|rule| rule.code))
        .chain(ProfileOption::ALL.map(ProfileOption::name))
        .chain(keywords())
        .map(str::to_owned)
        .chain(ruleset.holds().iter().map(|hold| hold.code.to_string()))
        .collect();
    let hint = nearest(word, known.iter().map(String::as_str));
    say::hint(hint.unwrap_or_else(|| {
        "an attribute, such as PatientName or 0010,0010; an option, such as retain-uids; a reason, such as ultrasound; or: rules".to_owned()
    }));
    Exit::Refused
}
