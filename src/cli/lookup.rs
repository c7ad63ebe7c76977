//! `dcmscrub lookup`: the pseudonym of a known identifier, for whoever holds the key. The identifier itself is not shown.

use std::io::{self, BufRead};

use dcmscrub::identity::map::Listed;
use dcmscrub::standard::attributes::tag_of_keyword;

use super::args::Lookup;
use super::exit::Exit;
use super::{patient_map, pseudonyms, say};

/// Looks values up, in their order.
pub fn run(args: &Lookup) -> Exit {
    match try_run(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(args: &Lookup) -> Result<Exit, Exit> {
    let pseudonyms = pseudonyms(&args.key_file, &args.project)?;
    let map = args.map.as_deref().map(patient_map).transpose()?;
    if args.of == "patient-id" && args.issuer.is_empty() {
        say::note(
            "Without an issuer: where the files name an Issuer of Patient ID, add --issuer NAME.",
        );
    }
    let find = |value: &str| -> Option<String> {
        match args.of.as_str() {
            "patient-id" => match map.as_ref().map(|map| map.find(&args.issuer, value)) {
                Some(Listed::As(pseudonym)) => Some(pseudonym.to_owned()),
                Some(Listed::Zeros(_) | Listed::Not) | None => {
                    Some(pseudonyms.patient_code(&args.issuer, value))
                }
            },
            "uid" => Some(pseudonyms.uid(value.trim().as_bytes())),
            keyword => tag_of_keyword(keyword).map(|_| pseudonyms.code(keyword, &[value])),
        }
    };
    let tell = |value: &str| -> Result<(), Exit> {
        let Some(pseudonym) = find(value) else {
            say::error("no attribute is called so");
            say::hint(
                "--of takes patient-id, uid, or the keyword of an attribute such as AccessionNumber",
            );
            return Err(Exit::Refused);
        };
        match say::result(pseudonym) {
            Ok(()) => Ok(()),
            Err(_) => Err(Exit::Failures),
        }
    };
    if args.values.is_empty() {
        for line in io::stdin().lock().lines() {
            match line {
                Ok(line) => tell(&line)?,
                Err(e) => {
                    say::error(format!("stdin: {e}"));
                    return Err(Exit::Failures);
                }
            }
        }
    }
    for value in &args.values {
        tell(value)?;
    }
    Ok(Exit::Done)
}
