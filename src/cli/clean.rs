//! `dcmscrub clean`, and `dcmscrub PATH...` which is the same.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use dcmscrub::apply::to_bytes;
use dcmscrub::batch::destination::{Destination, DestinationError, check_links, choose};
use dcmscrub::batch::layout::Layout;
use dcmscrub::batch::writer::temporary;
use dcmscrub::dicom::source::BytesSource;
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::report::links::Links;
use dcmscrub::report::{Bucket, Counts, Outcome, Report, line};
use dcmscrub::run::Run;
use dcmscrub::standard::EDITION;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Clean, Format, LayoutName};
use super::exit::Exit;
use super::{engine, say};

/// Most bytes of stdin.
const STDIN: u64 = 512 << 20;

/// Cleans.
pub fn run(args: &Clean) -> Exit {
    if args.paths.is_empty() {
        say::error("nothing to clean: give a file or a folder");
        return Exit::Refused;
    }
    let (engine, has_key) = match engine(&args.rules) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return stream(args, &engine);
    }
    let destination = match destination(args) {
        Ok(destination) => destination,
        Err(exit) => return exit,
    };
    let mut links = match links(args, &destination) {
        Ok(links) => links,
        Err(exit) => return exit,
    };
    if !has_key && !args.quiet {
        say::note(
            "No key given: the pseudonyms of this run cannot be made again, not even by you.",
        );
    }
    let signal = Arc::new(AtomicI32::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    if let Err(e) = heed_signals(Arc::clone(&signal), Arc::clone(&stop)) {
        say::error(e);
        return Exit::Refused;
    }
    let workers = args.workers.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        std::num::NonZero::get,
    );
    let layout = match args.layout {
        LayoutName::Auto | LayoutName::Named => Layout::Named,
        LayoutName::Mirror => Layout::Mirror,
    };
    let run = Run {
        engine: &engine,
        inputs: &args.paths,
        layout,
        workers,
        dry_run: args.dry_run,
        sync_each: args.fsync,
        stop: &stop,
    };
    let mut teller = Teller {
        args,
        links: links.take(),
        bar: bar(args),
        broken: false,
    };
    let counts = match &destination {
        Destination::File(out) => {
            let mut counts = Counts::default();
            for input in &args.paths {
                let outcome = run.into_file(input, out);
                counts.add(&outcome);
                teller.tell(&outcome);
                if outcome.bucket == Bucket::LeftBehind {
                    say::error(format!(
                        "{}: {}",
                        say::path(&outcome.input),
                        outcome.message
                    ));
                }
            }
            counts
        }
        Destination::Folder(out) | Destination::Fresh(out) => {
            match run.into_folder(out, |outcome| teller.tell(outcome)) {
                Ok(counts) => counts,
                Err(e) => {
                    say::error(e);
                    return Exit::Failures;
                }
            }
        }
    };
    let told = teller.finish();
    let end = Ending {
        args,
        engine: &engine,
        has_key,
        destination: &destination,
        counts: &counts,
        signal: signal.load(Ordering::Relaxed),
        told,
    };
    end.exit()
}

/// Chooses where to write, and makes a fresh folder.
fn destination(args: &Clean) -> Result<Destination, Exit> {
    loop {
        let destination = match choose(&args.paths, args.output.as_deref()) {
            Ok(destination) => destination,
            Err(DestinationError::Input(path, e)) => {
                say::error(format!("{}: {e}", say::path(&path)));
                return Err(Exit::Refused);
            }
            Err(e) => {
                say::error(e);
                say::hint("choose an output folder outside of the input: -o OUT");
                return Err(Exit::Refused);
            }
        };
        let Destination::Fresh(folder) = &destination else {
            return Ok(destination);
        };
        if args.dry_run {
            return Ok(destination);
        }
        match std::fs::create_dir(folder) {
            Ok(()) => return Ok(destination),
            // another run took the name
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => {
                say::error(format!("{}: {e}", say::path(folder)));
                return Err(Exit::Refused);
            }
        }
    }
}

fn links(args: &Clean, destination: &Destination) -> Result<Option<Links>, Exit> {
    let Some(path) = &args.links else {
        return Ok(None);
    };
    if let Err(e) = check_links(path, &args.paths, destination) {
        say::error(e);
        say::hint(
            "the list names people's files: give it a new name, outside of the input and of what you share",
        );
        return Err(Exit::Refused);
    }
    if args.dry_run {
        return Ok(None);
    }
    match Links::create(path) {
        Ok(links) => Ok(Some(links)),
        Err(e) => {
            say::error(format!("{}: {e}", say::path(path)));
            Err(Exit::Refused)
        }
    }
}

/// The first signal ends after the files in flight, the second at once.
fn heed_signals(signal: Arc<AtomicI32>, stop: Arc<AtomicBool>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for caught in &mut signals {
                if stop.swap(true, Ordering::Relaxed) {
                    signal_hook::low_level::exit(if caught == SIGTERM { 143 } else { 130 });
                }
                signal.store(caught, Ordering::Relaxed);
            }
        })?;
    Ok(())
}

fn bar(args: &Clean) -> Option<(ProgressBar, Instant)> {
    if args.quiet || args.format == Format::Json || !io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(
        ProgressStyle::with_template("Cleaning {spinner} {pos} files  {msg}  {per_sec}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    Some((bar, Instant::now()))
}

/// Tells of each file as it ends.
struct Teller<'a> {
    args: &'a Clean,
    links: Option<Links>,
    bar: Option<(ProgressBar, Instant)>,
    broken: bool,
}

impl Teller<'_> {
    fn tell(&mut self, outcome: &Outcome) {
        if let Some((bar, since)) = &self.bar {
            if bar.is_hidden() && since.elapsed() > Duration::from_millis(500) {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.inc(1);
        }
        if let Some(links) = &mut self.links {
            self.broken |= links.add(outcome).is_err();
        }
        if self.args.format == Format::Json {
            self.broken |= match serde_json::to_string(&line(outcome)) {
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
                Some((bar, _)) => bar.suspend(show),
                None => show(),
            }
        }
    }

    /// True when everything could be told.
    fn finish(self) -> bool {
        if let Some((bar, _)) = &self.bar {
            bar.finish_and_clear();
        }
        let listed = self.links.is_none_or(|links| links.finish().is_ok());
        !self.broken && listed
    }
}

/// What is left to say and do when all files have ended.
struct Ending<'a> {
    args: &'a Clean,
    engine: &'a Engine,
    has_key: bool,
    destination: &'a Destination,
    counts: &'a Counts,
    signal: i32,
    told: bool,
}

impl Ending<'_> {
    fn exit(&self) -> Exit {
        let mut told = self.told;
        if let Destination::Folder(out) | Destination::Fresh(out) = self.destination {
            if !self.args.dry_run
                && let Err(e) = self.report(out)
            {
                say::error(format!("the report cannot be written: {e}"));
                told = false;
            }
            told &= self.summary(out).is_ok();
        }
        if !told {
            say::error(
                "not everything could be said or listed; the files under clean/ are complete",
            );
        }
        let none = self.counts.of(Bucket::Cleaned) == 0 && self.counts.of(Bucket::HeldBack) == 0;
        match self.signal {
            signal_hook::consts::SIGINT => return Exit::Interrupted,
            signal_hook::consts::SIGTERM => return Exit::Terminated,
            _ => {}
        }
        if self.counts.bugs > 0 {
            return Exit::Bug;
        }
        if none
            && self.counts.of(Bucket::Failed) == 0
            && !matches!(self.destination, Destination::File(_))
        {
            say::error("no DICOM files were found");
            say::hint(
                "on a disc they are often in folders like DICOM or IMAGES, with names without an ending; give the whole disc",
            );
        }
        if none || !told || self.counts.of(Bucket::Failed) > 0 {
            Exit::Failures
        } else {
            Exit::Done
        }
    }

    fn report(&self, out: &Path) -> io::Result<()> {
        let rules = self.engine.rules();
        let report = Report {
            report: 1,
            tool: concat!("dcmscrub ", env!("CARGO_PKG_VERSION")),
            edition: EDITION,
            profile: rules.name(),
            options: rules.options().iter().map(|option| option.name()).collect(),
            method_codes: rules.method_codes().iter().map(|code| code.value).collect(),
            key_file: self.has_key,
            counts: self.counts,
        };
        let mut temp = temporary(out)?;
        serde_json::to_writer_pretty(&mut temp, &report)?;
        temp.write_all(b"\n")?;
        temp.as_file().sync_all()?;
        temp.persist(out.join("report.json"))?;
        Ok(())
    }

    fn summary(&self, out: &Path) -> io::Result<()> {
        if self.args.format == Format::Json {
            return match serde_json::to_string(self.counts) {
                Ok(line) => say::result(line),
                Err(e) => Err(e.into()),
            };
        }
        if self.args.quiet {
            return Ok(());
        }
        let clean = say::path(&out.join("clean"));
        let cleaned = if self.args.dry_run {
            "would be cleaned; nothing was written".to_owned()
        } else {
            format!("{:<12} {clean}     share only this folder", "cleaned")
        };
        let rows = [
            (Bucket::Cleaned, "", cleaned),
            (
                Bucket::LeftBehind,
                "left behind",
                "not DICOM, or never to be copied".to_owned(),
            ),
            (
                Bucket::Failed,
                "failed",
                "nothing of them is in the output".to_owned(),
            ),
        ];
        say::result("")?;
        for (bucket, word, rest) in rows {
            let n = self.counts.of(bucket);
            if n > 0 || bucket == Bucket::Cleaned {
                say::result(format!(
                    "{n:>8} {:<6}{}{rest}",
                    if n == 1 { "file" } else { "files" },
                    if word.is_empty() {
                        String::new()
                    } else {
                        format!("{word:<12} ")
                    }
                ))?;
            }
        }
        say::result(
            "\n  What this program cannot know\n    * text drawn into a picture: look at the pictures before you share them\n    * a head scan can show a face",
        )
    }
}

/// stdin to stdout: nothing is written before the output is whole and looked at.
fn stream(args: &Clean, engine: &Engine) -> Exit {
    if args.paths != [PathBuf::from("-")] || args.output.is_some() || args.links.is_some() {
        say::error("- is stdin to stdout: it goes with no other path, no -o and no --links");
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
    let source = BytesSource(bytes);
    let plan = match engine.plan(&source, Detail::Edits) {
        Ok(plan) if plan.is_dicomdir => {
            say::error("stdin: the index of a disc is never copied");
            return Exit::Failures;
        }
        Ok(plan) => plan,
        Err(e) => {
            say::error(format!("stdin: {e}"));
            return Exit::Failures;
        }
    };
    let out = match to_bytes(&plan, &source, engine.limits()) {
        Ok(out) => out,
        Err(e) => {
            say::error(format!("stdin: {e:#}"));
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
