//! What is told while files are cleaned: the progress bar, failures as they come, the private list, JSON Lines.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dcmscrub::batch::outcome::{Bucket, Outcome};
use dcmscrub::report::line;
use dcmscrub::report::links::Links;
use dcmscrub::report::words::{grouped, size, what_to_do};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::args::{Clean, Format};
use super::super::say;
use super::say_held;

/// A run that is shorter shows no bar.
const QUIET_FOR: Duration = Duration::from_millis(500);

/// Tells of each file as it ends.
pub struct Teller<'a> {
    args: &'a Clean,
    links: Option<Links>,
    bar: Option<Bar>,
    /// Where outputs lie; `None` where the user named the file.
    out: Option<PathBuf>,
    broken: bool,
}

impl<'a> Teller<'a> {
    pub fn new(args: &'a Clean, links: Option<Links>) -> Self {
        let shows = !args.quiet && args.format == Format::Text && io::stderr().is_terminal();
        Self {
            args,
            links,
            bar: shows.then(|| Bar::new(args)),
            out: None,
            broken: false,
        }
    }

    /// Where outputs lie.
    pub fn place(&mut self, out: Option<&Path>) {
        self.out = out.map(Path::to_path_buf);
    }

    pub fn tell(&mut self, outcome: &Outcome) {
        if let Some(bar) = &mut self.bar {
            bar.count(outcome);
        }
        let mut outcome = std::borrow::Cow::Borrowed(outcome);
        if let Some((out, below)) = self.out.as_ref().zip(outcome.output.clone()) {
            outcome.to_mut().output = Some(out.join(below));
        }
        if let Some(links) = &mut self.links {
            self.broken |= links.add(&outcome).is_err();
        }
        if self.args.format == Format::Json {
            self.broken |= match serde_json::to_string(&line(&outcome)) {
                Ok(line) => say::result(line).is_err(),
                Err(_) => true,
            };
        }
        let failed = outcome.bucket == Bucket::Failed;
        if failed || self.args.verbose {
            let text = format!(
                "{}: {}: {}",
                say::path(&outcome.input),
                outcome.reason,
                outcome.message
            );
            let show = || {
                if failed {
                    say::error(&text);
                } else {
                    say::note(&text);
                }
            };
            match &self.bar {
                Some(bar) => bar.drawn.suspend(show),
                None => show(),
            }
        }
    }

    /// One file to one name: why there is none.
    pub fn explain_single(outcome: &Outcome) {
        let place = say::path(&outcome.input);
        match outcome.bucket {
            Bucket::LeftBehind => {
                say::error(format!("{place}: not cleaned: {}", outcome.message));
                say::hint("only DICOM files are cleaned; nothing was written");
            }
            Bucket::HeldBack => say_held(&place, &outcome.message),
            Bucket::Failed => {
                if let Some(why) = what_to_do(&outcome.reason) {
                    say::hint(why);
                }
            }
            Bucket::Cleaned => {}
        }
    }

    /// True when everything could be told.
    pub fn finish(self) -> bool {
        if let Some(bar) = &self.bar {
            bar.drawn.finish_and_clear();
        }
        let listed = self.links.is_none_or(|links| links.finish().is_ok());
        !self.broken && listed
    }
}

/// Files and bytes of a run, counted beside it; both stay 0 until all are counted.
#[derive(Default)]
struct Totals {
    files: AtomicU64,
    bytes: AtomicU64,
}

struct Bar {
    drawn: ProgressBar,
    since: Instant,
    totals: Arc<Totals>,
    bytes: u64,
    held: u64,
    failed: u64,
}

impl Bar {
    fn new(args: &Clean) -> Self {
        let totals = Arc::new(Totals::default());
        if args.files_from.is_none() {
            let (paths, counted) = (args.paths.clone(), Arc::clone(&totals));
            let counting = std::thread::Builder::new()
                .name("totals".to_owned())
                .spawn(move || count(&paths, &counted));
            // without the totals the bar shows what is done
            if counting.is_err() {}
        }
        let drawn = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        drawn.set_style(style("Cleaning {spinner} {pos} files  {wide_msg}"));
        Self {
            drawn,
            since: Instant::now(),
            totals,
            bytes: 0,
            held: 0,
            failed: 0,
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        self.bytes = self.bytes.saturating_add(outcome.bytes);
        match outcome.bucket {
            Bucket::HeldBack => self.held = self.held.saturating_add(1),
            Bucket::Failed => self.failed = self.failed.saturating_add(1),
            Bucket::Cleaned | Bucket::LeftBehind => {}
        }
        let elapsed = self.since.elapsed();
        if self.drawn.is_hidden() && elapsed > QUIET_FOR {
            self.drawn
                .set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let files = self.totals.files.load(Ordering::Relaxed);
        if files > 0 && self.drawn.length().is_none() {
            self.drawn.set_length(files);
            self.drawn
                .set_style(style("Cleaning [{bar:20}] {pos}/{len}  {wide_msg}"));
        }
        let millis = u64::try_from(elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let rate = self
            .bytes
            .saturating_mul(1000)
            .checked_div(millis)
            .unwrap_or(0);
        let bytes = match self.totals.bytes.load(Ordering::Relaxed) {
            0 => size(self.bytes),
            all => format!("{}/{}", size(self.bytes), size(all)),
        };
        let left = match self.drawn.length() {
            Some(_) => format!("  {:#} left", HumanDuration(self.drawn.eta())),
            None => String::new(),
        };
        // a line that is too long is cut at its end
        self.drawn.set_message(format!(
            "{bytes}  {}/s{left}  held {}  failed {}",
            size(rate),
            grouped(self.held),
            grouped(self.failed)
        ));
        self.drawn.inc(1);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .progress_chars("##-")
}

/// Counts files below the inputs; archives are counted by their entries when they are read, so that with one there is no total.
fn count(paths: &[PathBuf], totals: &Totals) {
    let (mut files, mut bytes) = (0u64, 0u64);
    for path in paths {
        if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
        {
            return;
        }
        for entry in walkdir::WalkDir::new(path).into_iter().flatten() {
            if entry.file_type().is_file() {
                files = files.saturating_add(1);
                bytes = bytes.saturating_add(entry.metadata().map_or(0, |m| m.len()));
            }
        }
    }
    totals.bytes.store(bytes, Ordering::Relaxed);
    totals.files.store(files, Ordering::Relaxed);
}
