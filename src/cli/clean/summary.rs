//! What is said when all files have ended, and the exit code.

use std::io;
use std::path::Path;

use dcmscrub::batch::destination::Destination;
use dcmscrub::batch::outcome::{Bucket, Counts};
use dcmscrub::report::Summary;
use dcmscrub::report::words::{cannot_know, grouped, list, meanings};
use dcmscrub::run::Run;

use super::super::args::{Clean, FailOn, Format};
use super::super::exit::Exit;
use super::super::say;
use super::nothing_of;

/// The end of a run.
pub struct Ending<'a> {
    pub args: &'a Clean,
    pub run: &'a Run<'a>,
    pub destination: &'a Destination,
    pub counts: Counts,
    pub summary: Option<Summary>,
    pub signal: i32,
    pub told: bool,
}

impl Ending<'_> {
    pub fn exit(&self) -> Exit {
        let mut told = self.told;
        if let Destination::Folder(out) | Destination::Fresh(out) = self.destination {
            told &= self.say(out).is_ok();
        }
        if !told {
            say::error(
                "not everything could be said or written down; the files under clean/ are complete",
            );
            say::hint(
                "run again with the same key and output folder: what is done is not done twice",
            );
        }
        let counts = &self.counts;
        let none = nothing_of(counts, Bucket::Cleaned) && nothing_of(counts, Bucket::HeldBack);
        match self.signal {
            signal_hook::consts::SIGINT => return self.interrupted(Exit::Interrupted),
            signal_hook::consts::SIGTERM => return self.interrupted(Exit::Terminated),
            _ => {}
        }
        if counts.bugs > 0 {
            return Exit::Bug;
        }
        let is_file = matches!(self.destination, Destination::File(_));
        // a share of the inputs may have none
        let none = none && (self.args.shard.is_none() || is_file);
        if none && nothing_of(counts, Bucket::Failed) && !is_file {
            say::error(format!(
                "no DICOM files were found ({} looked at)",
                grouped(counts.files)
            ));
            say::hint(
                "on a disc they are often in folders like DICOM or IMAGES, with names without an ending; give the whole disc",
            );
        }
        if !is_file && !self.args.quiet {
            self.hint_failures();
        }
        let held_single = is_file && !nothing_of(counts, Bucket::HeldBack);
        if none || !told || held_single || !nothing_of(counts, Bucket::Failed) || self.fails() {
            Exit::Failures
        } else {
            Exit::Done
        }
    }

    /// What to do about files that failed, once for each kind.
    fn hint_failures(&self) {
        let summary = self.counted();
        for (meaning, n) in meanings(&summary, Bucket::Failed) {
            if !meaning.why.is_empty() {
                say::hint(format!("{}: {}", meaning.counted(n), meaning.why));
            }
        }
    }

    fn interrupted(&self, exit: Exit) -> Exit {
        if self.run.keyed && self.args.output.is_some() {
            say::note(
                "Interrupted. What is there is whole; the same command with --resume goes on.",
            );
        } else {
            say::note(
                "Interrupted. What is there is whole; without a key file a run cannot go on.",
            );
        }
        exit
    }

    /// What the user wants to count as a failure.
    fn fails(&self) -> bool {
        let warns = self.summary.as_ref().is_some_and(Summary::has_warnings);
        let mut fails = false;
        for what in &self.args.fail_on {
            let (met, words) = match what {
                FailOn::Held => (
                    !nothing_of(&self.counts, Bucket::HeldBack),
                    "files were held back",
                ),
                FailOn::Left => (
                    !nothing_of(&self.counts, Bucket::LeftBehind),
                    "files were left behind",
                ),
                FailOn::Warning => (warns, "there are warnings"),
            };
            if met {
                say::error(format!("{words}, and --fail-on asks to fail then"));
            }
            fails |= met;
        }
        fails
    }

    fn say(&self, out: &Path) -> io::Result<()> {
        let summary = &self.counted();
        if self.args.format == Format::Json {
            return match serde_json::to_string(summary) {
                Ok(line) => say::result(line),
                Err(e) => Err(e.into()),
            };
        }
        if self.args.quiet {
            return Ok(());
        }
        say::result("")?;
        let clean = say::path(&out.join("clean"));
        let review = say::path(&out.join("review"));
        let width = clean.chars().count().max(review.chars().count());
        let dry = self.args.dry_run;
        for bucket in [
            Bucket::Cleaned,
            Bucket::HeldBack,
            Bucket::LeftBehind,
            Bucket::Failed,
        ] {
            let n = summary.count(bucket);
            if n == 0 && bucket != Bucket::Cleaned {
                continue;
            }
            let file = if n == 1 { "file" } else { "files" };
            let what = list(summary, bucket);
            let (word, rest) = match bucket {
                Bucket::Cleaned if dry => {
                    (format!("{file} to clean"), "nothing was written".to_owned())
                }
                Bucket::Cleaned => (
                    format!("{file} cleaned"),
                    format!("{clean:width$}     share only this folder"),
                ),
                Bucket::HeldBack if dry => ("to hold back".to_owned(), what),
                Bucket::HeldBack => (
                    "held back".to_owned(),
                    format!("{review:width$}     look at these first: {what}"),
                ),
                Bucket::LeftBehind if dry => ("to leave behind".to_owned(), what),
                Bucket::LeftBehind => ("left behind".to_owned(), what),
                Bucket::Failed => ("failed".to_owned(), what),
            };
            say::result(format!("{:>8} {word:<17} {rest}", grouped(n)).trim_end())?;
        }
        say::result("\n  What this program cannot know")?;
        for line in cannot_know(summary) {
            say::result(format!("    * {line}"))?;
        }
        if !dry && self.summary.is_some() {
            let name = self.args.shard.map_or_else(
                || "report.html".to_owned(),
                |(i, n)| format!("report.{i}-of-{n}.html"),
            );
            say::result(format!("  Full list: {}", say::path(&out.join(name))))?;
        }
        Ok(())
    }

    /// What this run came to; the report tells of all runs into this folder.
    fn counted(&self) -> Summary {
        let mut summary = match &self.summary {
            Some(summary) => summary.clone(),
            None => Summary::of(&self.run.head()),
        };
        summary.buckets.values_mut().for_each(|n| *n = 0);
        summary.inputs.files = self.counts.files;
        summary
            .buckets
            .extend(self.counts.buckets.iter().map(|(name, n)| (*name, *n)));
        summary.reasons.clone_from(&self.counts.reasons);
        summary
    }
}
