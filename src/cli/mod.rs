//! The commands: arguments, terminal, exit codes. The library does the work.

mod args;
mod clean;
mod exit;
mod plan;
mod say;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use dcmscrub::dicom::Limits;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::Engine;
use dcmscrub::profile::{Overrides, load};

use exit::Exit;

/// Runs the command of the command line.
pub fn main() -> ExitCode {
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
        Some(args::Command::Key(args::Key::New { file })) => key_new(&file),
        Some(args::Command::Key(args::Key::Id { file })) => key_id(&file),
    });
    exit.unwrap_or(Exit::Bug).into()
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

/// Profile, command line and key to an engine; the second part says whether a key file was used.
fn engine(rules: &args::Rules) -> Result<(Engine, bool), Exit> {
    let overrides = overrides(rules)?;
    let ruleset = load(&rules.profile, &overrides).map_err(|errors| {
        for error in &errors.0 {
            say::error(error);
        }
        Exit::Refused
    })?;
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
    Ok((
        Engine::new(ruleset, pseudonyms, Limits::default()),
        rules.key_file.is_some(),
    ))
}

fn overrides(rules: &args::Rules) -> Result<Overrides, Exit> {
    let mut all = Vec::new();
    for (flag, tags) in [
        ("keep", &rules.keep),
        ("remove", &rules.remove),
        ("empty", &rules.empty),
        ("hash", &rules.hash),
    ] {
        all.extend(tags.iter().map(|tag| (flag, tag.clone(), String::new())));
    }
    for set in &rules.set {
        let Some((tag, text)) = set.split_once('=') else {
            say::error("--set needs TAG=VALUE");
            return Err(Exit::Refused);
        };
        all.push(("set", tag.to_owned(), text.to_owned()));
    }
    Ok(Overrides {
        options: rules.options.clone(),
        rules: all,
    })
}
