//! `dcmscrub profile`: what there is, what it does, what is wrong with it, and a new one.

use std::io::{self, Write};
use std::path::Path;

use dcmscrub::profile::about::{about, starting_text};
use dcmscrub::profile::{Overrides, ProfileErrors, Ruleset, builtin_names, builtin_text, load};
use dcmscrub::report::conformance::statement;
use dcmscrub::report::shape::{holds_nothing, shape};
use serde::Serialize;

use super::args::{Format, Profile};
use super::exit::Exit;
use super::{profile_refused, say};

/// Lists, shows, checks or makes profiles.
pub fn run(args: &Profile) -> Exit {
    let done = match args {
        Profile::List { format } => list(*format),
        Profile::Show {
            name,
            conformance,
            options,
            format,
        } => show(name, *conformance, options, *format),
        Profile::Check { file, format } => check(file, *format),
        Profile::New { file, extends } => new(file, extends),
    };
    match done {
        Ok(exit) | Err(exit) => exit,
    }
}

fn tell(text: &str) -> Result<Exit, Exit> {
    match say::result(text.trim_end()) {
        Ok(()) => Ok(Exit::Done),
        Err(_) => Err(Exit::Failures),
    }
}

fn tell_json(what: &impl Serialize) -> Result<Exit, Exit> {
    match serde_json::to_string(what) {
        Ok(line) => tell(&line),
        Err(_) => Err(Exit::Bug),
    }
}

fn loaded(name: &str, overrides: &Overrides) -> Result<Ruleset, Exit> {
    load(name, overrides).map_err(|errors| profile_refused(&errors))
}

/// A profile that is built in.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    description: String,
    options: Vec<&'static str>,
}

fn list(format: Format) -> Result<Exit, Exit> {
    let mut all = Vec::new();
    for name in builtin_names() {
        let rules = loaded(name, &Overrides::default())?;
        all.push(Listed {
            name,
            description: about(builtin_text(name).unwrap_or_default())
                .description
                .unwrap_or_default(),
            options: rules.options().iter().map(|option| option.name()).collect(),
        });
    }
    match format {
        Format::Json => {
            for one in &all {
                tell_json(one)?;
            }
            Ok(Exit::Done)
        }
        Format::Text => {
            let width = all.iter().map(|one| one.name.len()).max().unwrap_or(0);
            let lines = all.iter().map(|one| {
                // a profile that is one option says so by its name
                let options = if one.options == [one.name] || one.options.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", one.options.join(", "))
                };
                format!("{:<width$}  {}{options}", one.name, one.description)
            });
            tell(&lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn show(name: &str, conformance: bool, options: &[String], format: Format) -> Result<Exit, Exit> {
    if conformance && format == Format::Json {
        say::error("the conformance statement is a page for people: --format json goes without it");
        say::hint("leave --conformance out");
        return Err(Exit::Refused);
    }
    let overrides = Overrides {
        options: options.to_vec(),
        ..Overrides::default()
    };
    let rules = loaded(name, &overrides)?;
    if conformance {
        return tell(&statement(&rules));
    }
    let text = text(name)?;
    match format {
        Format::Text => tell(&text),
        Format::Json => tell_json(&shape(&rules, about(&text))),
    }
}

/// A profile that was loaded, as it is written.
fn text(name: &str) -> Result<String, Exit> {
    if let Some(text) = builtin_text(name) {
        return Ok(text.to_owned());
    }
    if name == "keep-everything" {
        return Ok(String::new());
    }
    std::fs::read_to_string(name).map_err(|e| {
        say::error(format!("{}: {e}", say::path(Path::new(name))));
        Exit::Refused
    })
}

/// What is wrong with a profile, or may be.
#[derive(Serialize)]
struct Complaint<'e> {
    severity: &'static str,
    #[serde(flatten)]
    what: &'e dcmscrub::profile::ProfileError,
}

/// What a check came to.
#[derive(Serialize)]
struct Checked<'n> {
    profile: &'n str,
    errors: usize,
    warnings: usize,
}

fn check(file: &str, format: Format) -> Result<Exit, Exit> {
    let rules = match (load(file, &Overrides::default()), format) {
        (Ok(rules), _) => rules,
        (Err(errors), Format::Text) => return Err(profile_refused(&errors)),
        (Err(ProfileErrors(errors)), Format::Json) => {
            for what in &errors {
                tell_json(&Complaint {
                    severity: "error",
                    what,
                })?;
            }
            tell_json(&Checked {
                profile: file,
                errors: errors.len(),
                warnings: 0,
            })?;
            return Err(Exit::Refused);
        }
    };
    let warning = if holds_nothing(&rules) {
        Some(warning(file, about(&text(file)?).extends.is_some()))
    } else {
        None
    };
    match format {
        Format::Json => {
            if let Some(what) = &warning {
                tell_json(&Complaint {
                    severity: "warning",
                    what,
                })?;
            }
            tell_json(&Checked {
                profile: file,
                errors: 0,
                warnings: usize::from(warning.is_some()),
            })
        }
        Format::Text => {
            if let Some(warning) = &warning {
                say::note(format!("warning: {warning}"));
            }
            let verdict = if warning.is_none() {
                "nothing is wrong with it"
            } else {
                "it can be used as it is"
            };
            tell(&format!("{}: {verdict}", rules.name()))
        }
    }
}

/// What to say of a profile that never wants a person to look.
fn warning(file: &str, extends: bool) -> dcmscrub::profile::ProfileError {
    let hint = if extends {
        "no-hold takes the rules of the parent away; leave in it what you have a reason for"
    } else {
        "extends = \"basic\" brings the rules that hold such files back"
    };
    dcmscrub::profile::ProfileError {
        file: file.to_owned(),
        line: 0,
        column: 0,
        text: String::new(),
        width: 0,
        message: "it holds no file back, whatever is drawn into a picture".to_owned(),
        hint: Some(hint.to_owned()),
    }
}

fn new(file: &Path, extends: &str) -> Result<Exit, Exit> {
    let refused = |message: String, hint: &str| {
        say::error(message);
        say::hint(hint);
        Err(Exit::Refused)
    };
    if file.extension().is_none_or(|e| e != "toml") {
        return refused(
            format!("{}: a profile is a .toml file", say::path(file)),
            "such as: dcmscrub profile new our-site.toml",
        );
    }
    if file.symlink_metadata().is_ok() {
        return refused(
            format!("{}: there is such a file", say::path(file)),
            "choose another name: nothing is written over",
        );
    }
    let Some(text) = starting_text(extends) else {
        return refused(
            "--extends has a character that no profile can hold".to_owned(),
            "give a built-in name, such as share",
        );
    };
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let written = written(folder, &text).map_err(|e| {
        say::error(format!("{}: {e}", say::path(folder)));
        say::hint("choose a folder that you can write to");
        Exit::Refused
    })?;
    // read where it will stand, so that a parent is looked for from there; what is wrong leaves nothing behind
    if let Err(errors) = load(&written.path().to_string_lossy(), &Overrides::default()) {
        for error in &errors.0 {
            say::error(&error.message);
            if let Some(hint) = &error.hint {
                say::hint(hint);
            }
        }
        say::hint(
            "--extends takes a built-in name, or a .toml file seen from the folder of the new one",
        );
        return Err(Exit::Refused);
    }
    if let Err(e) = written.persist_noclobber(file) {
        return refused(
            format!("{}: {}", say::path(file), e.error),
            "choose another name: nothing is written over",
        );
    }
    tell(&format!(
        "Wrote {}. Change it, then: dcmscrub profile check {}",
        say::path(file),
        say::path(file)
    ))
}

/// The text in a file of this folder that goes unless it gets its name.
fn written(folder: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.suffix(".toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}
