//! The commands: arguments, terminal, exit codes. The library does the work.

mod args;
mod check;
mod clean;
mod completions;
mod diff;
mod exit;
mod explain;
mod lookup;
mod man;
mod merge;
mod plan;
mod profile;
mod review;
mod say;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use dcmscrub::dicom::Limits;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::map::PatientMap;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::Engine;
use dcmscrub::profile::{Overrides, load};

use exit::Exit;

/// No dump of this process's memory: it would hold values of patients, and the key.
#[cfg(target_os = "linux")]
fn forbid_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let limited = setrlimit(Resource::Core, none);
    // a limit does not bind a program that the kernel hands dumps to; this does (core(5))
    let refused = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if let Err(e) = limited.and(refused) {
        say::note(format!("warning: dumps of memory cannot be forbidden: {e}"));
    }
}

#[cfg(not(target_os = "linux"))]
fn forbid_dumps() {}

/// Runs the command of the command line.
pub fn main() -> ExitCode {
    forbid_dumps();
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        say::error(format!("a bug of dcmscrub, at {place}; no value is shown"));
    }));
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let usage = e.use_stderr();
            if usage && is_lookup() && e.kind() != ErrorKind::MissingRequiredArgument {
                say::error(
                    "an argument is not understood; it is not shown, as it may identify somebody",
                );
                say::hint(
                    "a value that begins with a hyphen: dcmscrub lookup --key-file K -- VALUE",
                );
                return Exit::Refused.into();
            }
            return match e.print() {
                Ok(()) if !usage => ExitCode::SUCCESS,
                Ok(()) | Err(_) => Exit::Refused.into(),
            };
        }
    };
    let exit = std::panic::catch_unwind(|| match cli.command {
        None => clean::run(&cli.clean),
        Some(args::Command::Clean(clean)) => clean::run(&clean),
        Some(args::Command::Plan(plan)) => plan::run(&plan),
        Some(args::Command::Check(check)) => check::run(&check),
        Some(args::Command::Diff(diff)) => diff::run(&diff),
        Some(args::Command::Explain(explain)) => explain::run(&explain),
        Some(args::Command::Key(args::Key::New { file })) => key_new(&file),
        Some(args::Command::Key(args::Key::Id { file })) => key_id(&file),
        Some(args::Command::Profile(profile)) => profile::run(&profile),
        Some(args::Command::Lookup(lookup)) => lookup::run(&lookup),
        Some(args::Command::Verify(verify)) => verify::run(&verify),
        Some(args::Command::Review(review)) => review::run(&review),
        Some(args::Command::Report(args::Report::Merge {
            outs,
            output,
            keyed,
            quiet,
        })) => merge::run(&outs, output.as_deref(), &keyed, quiet),
        Some(args::Command::Completions { shell }) => completions::run(shell),
        Some(args::Command::Man { folder }) => man::run(&folder),
    });
    exit.unwrap_or(Exit::Bug).into()
}

/// True when the command line asks for `lookup`, whose arguments are people's identifiers.
fn is_lookup() -> bool {
    std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == "lookup")
}

fn key_new(file: &Path) -> Exit {
    match Key::create_file(file) {
        Ok(key) => {
            say::note(format!(
                "Made the key {} in {}. Keep a copy in another place: without it, pseudonyms cannot be made again.",
                key.id(),
                say::path(file)
            ));
            Exit::Done
        }
        Err(e) => key_refused(&e),
    }
}

fn key_id(file: &Path) -> Exit {
    match Key::read_file(file) {
        Ok(key) => match say::result(key.id()) {
            Ok(()) => Exit::Done,
            Err(_) => Exit::Failures,
        },
        Err(e) => key_refused(&e),
    }
}

fn key_refused(e: &dcmscrub::identity::key::KeyError) -> Exit {
    say::error(e);
    say::hint(e.hint());
    Exit::Refused
}

/// What an engine is made of.
struct Wanted<'a> {
    arguments: &'a args::Rules,
    /// List of pseudonyms.
    map: Option<&'a Path>,
    /// Patients who are not in it.
    unmapped: Option<&'a str>,
}

/// Profile, command line and key to an engine; the second part says whether a key file was used.
fn engine(wanted: &Wanted<'_>) -> Result<(Engine, bool), Exit> {
    let rules = wanted.arguments;
    let mut overrides = overrides(&rules.changes)?;
    overrides.unmapped = wanted.unmapped.map(str::to_owned);
    let ruleset = load(&rules.profile, &overrides).map_err(|errors| profile_refused(&errors))?;
    let key = match &rules.key_file {
        Some(file) => Key::read_file(file),
        None if ruleset.key_required() => {
            say::error(format!("profile {} asks for a key file", ruleset.name()));
            say::hint("make one with: dcmscrub key new FILE; then add: --key-file FILE");
            return Err(Exit::Refused);
        }
        None => Key::random(),
    };
    let key = key.map_err(|e| key_refused(&e))?;
    let pseudonyms = Pseudonyms::new(&key, &rules.project);
    let map = wanted.map.map(patient_map).transpose()?;
    Ok((
        Engine::new(ruleset, pseudonyms, Limits::default()).with_map(map),
        rules.key_file.is_some(),
    ))
}

fn profile_refused(errors: &dcmscrub::profile::ProfileErrors) -> Exit {
    for error in &errors.0 {
        say::error(error);
    }
    if errors.0.iter().all(|error| error.hint.is_none()) {
        say::hint("how a profile is written: dcmscrub profile show basic");
    }
    Exit::Refused
}

/// Reads a list of pseudonyms.
fn patient_map(path: &Path) -> Result<PatientMap, Exit> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) => {
            say::error(format!("{}: {e}", say::path(path)));
            say::hint("--map takes a CSV with the columns patient_id and pseudonym");
            return Err(Exit::Refused);
        }
    };
    PatientMap::read(file).map_err(|faults| {
        let mut last = None;
        for fault in &faults {
            say::error(format!(
                "{}:{}: {}",
                say::path(path),
                fault.line,
                fault.fault
            ));
            let hint = fault.fault.hint();
            if last.replace(hint) != Some(hint) {
                say::hint(hint);
            }
        }
        Exit::Refused
    })
}

/// Pseudonyms of a key file and a project.
fn pseudonyms(key_file: &Path, project: &str) -> Result<Pseudonyms, Exit> {
    match Key::read_file(key_file) {
        Ok(key) => Ok(Pseudonyms::new(&key, project)),
        Err(e) => Err(key_refused(&e)),
    }
}

/// Those of a finished run; `None` without a key file.
fn pseudonyms_of(keyed: &args::Keyed) -> Result<Option<Pseudonyms>, Exit> {
    let file = keyed.key_file.as_deref();
    file.map(|file| pseudonyms(file, &keyed.project))
        .transpose()
}

/// What the command line adds to a profile.
fn overrides(changes: &args::Changes) -> Result<Overrides, Exit> {
    let mut all = Vec::new();
    for (flag, tags) in [
        ("keep", &changes.keep),
        ("remove", &changes.remove),
        ("empty", &changes.empty),
        ("hash", &changes.hash),
    ] {
        all.extend(tags.iter().map(|tag| (flag, tag.clone(), String::new())));
    }
    for set in &changes.set {
        let Some((tag, text)) = set.split_once('=') else {
            say::error("--set needs TAG=VALUE");
            return Err(Exit::Refused);
        };
        all.push(("set", tag.to_owned(), text.to_owned()));
    }
    Ok(Overrides {
        options: changes.options.clone(),
        rules: all,
        unmapped: None,
    })
}
