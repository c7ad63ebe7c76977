//! `dcmscrub verify OUT`: whether a finished output is what was written.

use dcmscrub::report::words::{counted, grouped};
use dcmscrub::verify::verify;

use super::args::{Format, Verify};
use super::exit::Exit;
use super::{pseudonyms_of, say};

/// Reads an output again.
pub fn run(args: &Verify) -> Exit {
    let keyed = match pseudonyms_of(&args.keyed) {
        Ok(keyed) => keyed,
        Err(exit) => return exit,
    };
    let verified = match verify(&args.out, keyed.as_ref()) {
        Ok(verified) => verified,
        Err(e) => {
            say::error(format!("{}: {e}", say::path(&args.out)));
            say::hint(e.hint());
            return Exit::Refused;
        }
    };
    let told = match args.format {
        Format::Json => {
            serde_json::to_string(&verified).map_or_else(|e| Err(e.into()), say::result)
        }
        Format::Text => {
            let findings = verified.findings.iter().try_for_each(|finding| {
                say::result(format!(
                    "{}: {}: {}",
                    finding.place, finding.code, finding.message
                ))
            });
            findings.and_then(|()| {
                say::result(format!(
                    "{} right, {} of the journal, {}",
                    counted(verified.files, "file", "files"),
                    counted(verified.lines, "line", "lines"),
                    match verified.findings.len() {
                        0 => "nothing found".to_owned(),
                        1 => "1 finding".to_owned(),
                        n => format!("{} findings", grouped(u64::try_from(n).unwrap_or(u64::MAX))),
                    }
                ))
            })
        }
    };
    match (told, verified.findings.is_empty()) {
        (Err(_), _) => Exit::Failures,
        (Ok(()), true) => Exit::Done,
        (Ok(()), false) => Exit::Found,
    }
}
