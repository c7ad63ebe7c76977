//! `dcmscrub report merge`: the outputs of all shards, put together.

use std::path::{Path, PathBuf};

use dcmscrub::batch::outcome::Bucket;
use dcmscrub::report::words::grouped;
use dcmscrub::run::merge::merge;

use super::args::Keyed;
use super::exit::Exit;
use super::{pseudonyms_of, say};

/// Merges.
pub fn run(outs: &[PathBuf], out: Option<&Path>, keyed: &Keyed, quiet: bool) -> Exit {
    let pseudonyms = match pseudonyms_of(keyed) {
        Ok(pseudonyms) => pseudonyms,
        Err(exit) => return exit,
    };
    let Some(pseudonyms) = pseudonyms else {
        say::error("shards were made with a key file, and the whole is sealed with the same one");
        say::hint("add: --key-file FILE");
        return Exit::Refused;
    };
    if out.is_none() && outs.len() > 1 {
        say::error("several folders are put together in a folder of its own");
        say::hint("add: -o OUT");
        return Exit::Refused;
    }
    let summary = match merge(outs, out, &pseudonyms) {
        Ok(summary) => summary,
        Err(e) => {
            say::error(&e);
            say::hint(e.hint());
            return if e.wrote_nothing() {
                Exit::Refused
            } else {
                Exit::Failures
            };
        }
    };
    // as the run would have ended that the shards are of
    let exit = if summary.count(Bucket::Failed) > 0 {
        Exit::Failures
    } else {
        Exit::Done
    };
    if quiet {
        return exit;
    }
    let line = format!(
        "{} cleaned, {} held back, {} left behind, {} failed",
        grouped(summary.count(Bucket::Cleaned)),
        grouped(summary.count(Bucket::HeldBack)),
        grouped(summary.count(Bucket::LeftBehind)),
        grouped(summary.count(Bucket::Failed)),
    );
    match say::result(line) {
        Ok(()) => exit,
        Err(_) => Exit::Failures,
    }
}
