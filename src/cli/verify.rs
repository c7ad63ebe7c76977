//! `dcmscrub verify OUT`: whether a finished output is what was written, and what was promised.

use dcmscrub::batch::journal::Head;
use dcmscrub::profile::{Overrides, Ruleset, builtin_names, load};
use dcmscrub::report::words::counted;
use dcmscrub::run::verifying::verify;
use dcmscrub::verify::findings::NOTES;
use dcmscrub::verify::{Asked, Verified, VerifyError, head};

use super::args::{Format, Ran, Verify};
use super::exit::Exit;
use super::{overrides, profile_refused, pseudonyms_of, say};

/// What the list of unmapped patients may have been told.
const UNMAPPED: [Option<&str>; 4] = [None, Some("stop"), Some("derive"), Some("hold")];

/// Reads an output again.
pub fn run(args: &Verify) -> Exit {
    match try_run(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(args: &Verify) -> Result<Exit, Exit> {
    let keyed = pseudonyms_of(&args.keyed)?;
    let refused = |e: &VerifyError| {
        if let VerifyError::Journal(e) = e {
            say::error(format!("{}: {e}", say::path(&args.out)));
        } else {
            say::error(e);
        }
        say::hint(e.hint());
        Exit::Refused
    };
    let head = head(&args.out).map_err(|e| refused(&e.into()))?;
    let rules = rules(&args.ran, head.as_ref())?;
    let asked = Asked {
        pseudonyms: keyed.as_ref(),
        rules: rules.as_ref(),
        against: &args.against,
        links: &args.links,
        ..Asked::of(&args.out)
    };
    let workers = args.workers.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        std::num::NonZero::get,
    );
    let verified = verify(asked, workers).map_err(|e| refused(&e))?;
    let told = match args.format {
        Format::Json => {
            serde_json::to_string(&verified).map_or_else(|e| Err(e.into()), say::result)
        }
        Format::Text => tell(&verified, !args.against.is_empty()),
    };
    Ok(match (told, verified.found) {
        (Err(_), _) => Exit::Failures,
        (Ok(()), 0) => Exit::Done,
        (Ok(()), _) => Exit::Found,
    })
}

fn tell(verified: &Verified, is_against: bool) -> std::io::Result<()> {
    for finding in &verified.findings {
        let place = if finding.element.is_empty() {
            finding.place.clone()
        } else {
            format!("{}: {}", finding.place, finding.element)
        };
        say::result(format!("{place}: {}: {}", finding.code, finding.message))?;
    }
    for note in NOTES {
        match verified.notes.of(*note) {
            0 => {}
            n => say::result(counted(n, note.one, note.many))?,
        }
    }
    if !verified.profile_known {
        say::result(
            "the profile of the run is not known here: whether its promises were kept was not looked at (give --profile, and the options of the run)",
        )?;
    }
    let compared = if is_against {
        format!("{} compared, ", counted(verified.compared, "file", "files"))
    } else {
        String::new()
    };
    say::result(format!(
        "{} right, {} read again, {compared}{} of the journal, {}",
        counted(verified.files, "file", "files"),
        counted(verified.read, "file", "files"),
        counted(verified.lines, "line", "lines"),
        match verified.found {
            0 => "nothing found".to_owned(),
            n => counted(n, "finding", "findings"),
        }
    ))
}

/// The profile of the run: by the name in its journal, or as it is given. `None` where it is neither.
fn rules(ran: &Ran, head: Option<&Head>) -> Result<Option<Ruleset>, Exit> {
    let Some(head) = head else {
        return Ok(None);
    };
    let given = overrides(&ran.changes)?;
    let is_given = ran.profile.is_some() || given != Overrides::default();
    let is_builtin = builtin_names().contains(&head.profile.as_str());
    let name = match &ran.profile {
        Some(name) => name,
        None if is_builtin => &head.profile,
        None if is_given => {
            say::error("the profile of the run is a file");
            say::hint("give it: --profile FILE");
            return Err(Exit::Refused);
        }
        None => return Ok(None),
    };
    let mut tried = vec![given.clone()];
    if !is_given {
        // options of the command line are in the journal
        tried.push(Overrides {
            options: head.options.clone(),
            ..Overrides::default()
        });
    }
    for overrides in tried {
        for unmapped in UNMAPPED {
            let overrides = Overrides {
                unmapped: unmapped.map(str::to_owned),
                ..overrides.clone()
            };
            match load(name, &overrides) {
                Ok(rules) if rules.fingerprint() == head.rules => return Ok(Some(rules)),
                Ok(_) => {}
                Err(_) if !is_given => {}
                Err(errors) => return Err(profile_refused(&errors)),
            }
        }
    }
    if is_given {
        say::error("the profile is not that of the run, or other options were in force");
        say::hint("give the profile and the options that the run was given");
        return Err(Exit::Refused);
    }
    Ok(None)
}
