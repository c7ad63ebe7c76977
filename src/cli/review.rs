//! `dcmscrub review OUT`: what was held back, and its release after a person has looked.

use dcmscrub::report::words::counted;
use dcmscrub::run::review::{ByPerson, Held, ReviewError, held, release};
use serde::Serialize;

use super::args::{Format, Review};
use super::exit::Exit;
use super::{pseudonyms_of, say};

/// Lists or releases.
pub fn run(args: &Review) -> Exit {
    if args.release.is_empty() {
        return match held(&args.out) {
            Ok(files) => list(&files, args.format),
            Err(e) => refused(&e),
        };
    }
    let keyed = match pseudonyms_of(&args.keyed) {
        Ok(keyed) => keyed,
        Err(exit) => return exit,
    };
    let person = ByPerson {
        what: &args.release,
        by: args.by.as_deref().unwrap_or_default(),
        why: args.why.as_deref().unwrap_or_default(),
        pseudonyms: keyed.as_ref(),
    };
    match release(&args.out, &person) {
        Ok(n) => {
            let n = u64::try_from(n).unwrap_or(u64::MAX);
            let said = match n {
                0 => "Released before; nothing was left to move.".to_owned(),
                n => format!("{} released into clean/", counted(n, "file", "files")),
            };
            match say::result(said) {
                Ok(()) => Exit::Done,
                Err(_) => Exit::Failures,
            }
        }
        Err(e) => refused(&e),
    }
}

fn refused(e: &ReviewError) -> Exit {
    say::error(e);
    say::hint(e.hint());
    let nothing_done = matches!(
        e,
        ReviewError::Journal(_) | ReviewError::Key | ReviewError::Unknown(_) | ReviewError::Unsaid
    );
    if nothing_done {
        Exit::Refused
    } else {
        Exit::Failures
    }
}

#[derive(Serialize)]
struct Row<'h> {
    path: &'h str,
    reasons: &'h [String],
    modality: &'h str,
}

fn list(files: &[Held], format: Format) -> Exit {
    let told = match format {
        Format::Json => files.iter().try_for_each(|one| {
            let row = Row {
                path: &one.path,
                reasons: &one.reasons,
                modality: &one.modality,
            };
            serde_json::to_string(&row).map_or_else(|e| Err(e.into()), say::result)
        }),
        Format::Text => text(files),
    };
    match told {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}

fn text(files: &[Held]) -> std::io::Result<()> {
    if files.is_empty() {
        return say::result("Nothing is held back.");
    }
    let mut last = "";
    for one in files {
        say::result(format!("{}  {}", one.path, one.reasons.join(", ")))?;
    }
    say::result("")?;
    let mut by_reason: Vec<&Held> = files.iter().collect();
    by_reason.sort_by_key(|one| one.reasons.first());
    for one in by_reason {
        let reason = one.reasons.first().map_or("", String::as_str);
        if reason != last {
            say::result(format!("{reason}: {}", one.why))?;
            last = reason;
        }
    }
    say::result(
        "\nLook at these files. What shows nobody may be released: dcmscrub review OUT --release PATH --by WHO --why TEXT",
    )
}
