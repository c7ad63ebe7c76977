//! `dcmscrub clean -`: one file as a stream.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use dcmscrub::plan::Engine;
use dcmscrub::run::deidentifier::{CleanError, Deidentifier};

use super::super::args::Clean;
use super::super::exit::Exit;
use super::super::say;
use super::say_held;

/// Most bytes of stdin.
const STDIN: u64 = 512 << 20;

/// stdin to stdout: nothing is written before the output is whole and looked at.
pub fn run(args: &Clean, engine: Engine) -> Exit {
    if args.paths != [PathBuf::from("-")]
        || args.output.is_some()
        || args.links.is_some()
        || args.files_from.is_some()
    {
        say::error(
            "- is stdin to stdout: it goes with no other path, no -o, no --files-from and no --links",
        );
        return Exit::Refused;
    }
    let mut bytes = Vec::new();
    match io::stdin()
        .lock()
        .take(STDIN.saturating_add(1))
        .read_to_end(&mut bytes)
    {
        Ok(n) if u64::try_from(n).is_ok_and(|n| n <= STDIN) => {}
        Ok(_) => {
            say::error("stdin is larger than 512 MB: give the file by its path");
            return Exit::Failures;
        }
        Err(e) => {
            say::error(format!("stdin: {e}"));
            return Exit::Failures;
        }
    }
    let out = match Deidentifier::new(engine, args.accept_held).clean(&bytes) {
        Ok(out) => out,
        Err(CleanError::Held(reasons)) => {
            say_held(
                "stdin",
                reasons.first().map_or("", |first| first.reason.as_str()),
            );
            return Exit::Failures;
        }
        Err(e) => {
            say::error(format!("stdin: {e}"));
            return Exit::Failures;
        }
    };
    let mut stdout = io::stdout().lock();
    match stdout.write_all(&out).and_then(|()| stdout.flush()) {
        Ok(()) => Exit::Done,
        Err(e) => {
            say::error(format!("stdout: {e}"));
            Exit::Failures
        }
    }
}
