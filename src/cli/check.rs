//! `dcmscrub check PATH...`: a gate.

use std::io::Write;
use std::path::{Path, PathBuf};

use dcmscrub::check::baseline::{Baseline, BaselineError};
use dcmscrub::check::config::Config;
use dcmscrub::check::forms::{FileResult, Form, Name, Totals};
use dcmscrub::check::rules::Confidence;
use dcmscrub::identity::key::Key;
use dcmscrub::run::gate::{Gate, GateError, Inputs};

use super::args::{Check, CheckFormat, Sureness};
use super::exit::Exit;
use super::{key_refused, say};

/// Looks for what still identifies somebody.
pub fn run(args: &Check) -> Exit {
    match look(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn look(args: &Check) -> Result<Exit, Exit> {
    let inputs = inputs(args)?;
    let config = config(args)?;
    let baseline_path = args
        .baseline
        .clone()
        .or_else(|| config.baseline.as_ref().map(|path| config.root.join(path)));
    let key = args
        .key_file
        .as_deref()
        .map(Key::read_file)
        .transpose()
        .map_err(|e| key_refused(&e))?;
    let mut baseline = match &baseline_path {
        Some(path) => Some(baseline(path, key.as_ref(), args.update_baseline)?),
        None if args.update_baseline => {
            say::error("--update-baseline needs --baseline FILE");
            return Err(Exit::Refused);
        }
        None => None,
    };
    let mut form = form(args.format);
    let mut known = Vec::new();
    let gate = Gate {
        all: args.no_ignore,
        config,
        baseline: baseline.as_ref(),
        workers: args.workers,
    };
    let tell = |result: &FileResult, fingerprints: &[String]| {
        if args.update_baseline {
            known.extend_from_slice(fingerprints);
            return Ok(());
        }
        if let Some((_, message)) = &result.failure {
            say::error(format!("{}: {message}", say::path(&result.path)));
        }
        write(&form.file(result))
    };
    let totals = gate.run(inputs, tell).map_err(|e| {
        say::error(&e);
        match e {
            GateError::Staged(_) => {
                say::hint("--staged is for a working tree of git, and needs git itself");
                Exit::Refused
            }
            GateError::Told(_) | GateError::Workers(_) => Exit::Failures,
            // of a later version
            _ => Exit::Bug,
        }
    })?;
    if args.update_baseline
        && let (Some(path), Some(list)) = (&baseline_path, baseline.as_mut())
    {
        for fingerprint in known {
            list.add(fingerprint);
        }
        return update(path, list, &totals);
    }
    if !(args.quiet && args.format == CheckFormat::Text) && write(&form.end(&totals)).is_err() {
        return Err(Exit::Failures);
    }
    Ok(ended(args, &totals))
}

fn update(path: &Path, list: &Baseline, totals: &Totals) -> Result<Exit, Exit> {
    if let Err(e) = list.write(path) {
        say::error(format!("{}: {e}", say::path(path)));
        return Err(Exit::Refused);
    }
    say::note(format!(
        "{} findings are known from now on: {}",
        list.len(),
        say::path(path)
    ));
    Ok(if totals.failed > 0 {
        Exit::Failures
    } else {
        Exit::Done
    })
}

/// What was found comes before what could not be looked at; nothing to look at is not the same as nothing found.
fn ended(args: &Check, totals: &Totals) -> Exit {
    let is_gate_of_changes = args.staged || args.files_from.is_some() || args.allow_none;
    if totals.files == 0 && !is_gate_of_changes {
        say::error("there is no DICOM file here");
        return Exit::Failures;
    }
    if totals.is_found() && !args.exit_zero {
        Exit::Found
    } else if totals.failed > 0 {
        Exit::Failures
    } else {
        Exit::Done
    }
}

fn inputs(args: &Check) -> Result<Inputs, Exit> {
    if args.staged {
        return Ok(Inputs::Staged);
    }
    for path in &args.paths {
        if let Err(e) = path.symlink_metadata() {
            say::error(format!("{}: {e}", say::path(path)));
            return Err(Exit::Refused);
        }
    }
    let Some(list) = &args.files_from else {
        return Ok(Inputs::Paths(args.paths.clone()));
    };
    let read: Box<dyn std::io::BufRead + Send> = if list == Path::new("-") {
        Box::new(std::io::BufReader::new(std::io::stdin()))
    } else {
        match std::fs::File::open(list) {
            Ok(file) => Box::new(std::io::BufReader::new(file)),
            Err(e) => {
                say::error(format!("{}: {e}", say::path(list)));
                return Err(Exit::Refused);
            }
        }
    };
    Ok(Inputs::List(args.paths.clone(), read, args.nul))
}

/// The configuration that was named, else the nearest one above the first path.
fn config(args: &Check) -> Result<Config, Exit> {
    let start = match args.paths.first() {
        Some(path) if !args.staged => path.clone(),
        Some(_) | None => PathBuf::from("."),
    };
    let found = match &args.config {
        Some(path) => Config::read(path).map(Some),
        None if args.no_config => Ok(None),
        None => Config::find(&start),
    };
    let mut config = match found {
        Ok(Some(config)) => config,
        Ok(None) => Config::none(std::env::current_dir().unwrap_or_default()),
        Err(e) => {
            say::error(e);
            say::hint("docs/check.md shows what can be written there");
            return Err(Exit::Refused);
        }
    };
    config.least = args.min_confidence.map(confidence).or(config.least);
    Ok(config)
}

fn baseline(path: &Path, key: Option<&Key>, update: bool) -> Result<Baseline, Exit> {
    let made = match Baseline::read(path, key) {
        Err(BaselineError::Io(e)) if update && e.kind() == std::io::ErrorKind::NotFound => {
            Baseline::new(key)
        }
        Ok(list) if update => Ok(list.emptied()),
        made => made,
    };
    made.map_err(|e| {
        say::error(format!("{}: {e}", say::path(path)));
        say::hint("make one with: dcmscrub check PATH --baseline FILE --update-baseline");
        Exit::Refused
    })
}

fn form(name: CheckFormat) -> Box<dyn Form> {
    match name {
        CheckFormat::Text => Name::Text,
        CheckFormat::Json => Name::Json,
        CheckFormat::Github => Name::Github,
        CheckFormat::Sarif => Name::Sarif,
        CheckFormat::Junit => Name::Junit,
    }
    .form()
}

fn confidence(name: Sureness) -> Confidence {
    match name {
        Sureness::Possible => Confidence::Possible,
        Sureness::Likely => Confidence::Likely,
        Sureness::Certain => Confidence::Certain,
    }
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
