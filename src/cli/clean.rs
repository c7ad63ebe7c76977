//! `dcmscrub clean`, and `dcmscrub PATH...` which is the same.

mod stream;
mod summary;
mod teller;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dcmscrub::batch::destination::{Destination, DestinationError, Guard, check_links, choose};
use dcmscrub::batch::discover::holds_disc_index;
use dcmscrub::batch::layout::Layout;
use dcmscrub::batch::outcome::{Bucket, Counts};
use dcmscrub::profile::Unmapped;
use dcmscrub::report::links::Links;
use dcmscrub::report::words::counted;
use dcmscrub::run::{Run, RunError};

use super::args::{Clean, LayoutName};
use super::exit::Exit;
use super::{Wanted, engine, say};
use summary::Ending;
use teller::Teller;

/// Cleans.
pub fn run(args: &Clean) -> Exit {
    match try_run(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(args: &Clean) -> Result<Exit, Exit> {
    if args.paths.is_empty() && args.files_from.is_none() {
        say::error("nothing to clean: give a file, a folder or a .zip archive");
        say::hint("a disc: dcmscrub /media/cdrom -o cleaned");
        return Err(Exit::Refused);
    }
    let rules = Wanted {
        arguments: &args.rules,
        map: args.map.as_deref(),
        unmapped: args.unmapped.as_deref(),
    };
    let (engine, keyed) = engine(&rules)?;
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Ok(stream::run(args, engine));
    }
    check_usage(args, keyed)?;
    let signal = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    if let Err(e) = heed_signals(&signal, &stop) {
        say::error(e);
        return Err(Exit::Refused);
    }
    check_inputs(args)?;
    let run = Run {
        engine: &engine,
        inputs: &args.paths,
        list: args.files_from.as_deref().map(|list| (list, args.nul)),
        layout: layout(args)?,
        workers: workers(args),
        dry_run: args.dry_run,
        sync_each: args.fsync,
        resume: args.resume,
        shard: args.shard,
        keyed,
        accept_held: args.accept_held,
        stop: &stop,
    };
    check_map(args, &run)?;
    let destination = destination(args)?;
    let links = links(args, &destination)?;
    if !keyed && !args.quiet {
        say::note(
            "No key given: the pseudonyms of this run cannot be made again, not even by you.",
        );
    }
    let mut teller = Teller::new(args, links);
    let mut ending = Ending {
        args,
        run: &run,
        destination: &destination,
        counts: Counts::default(),
        summary: None,
        signal: 0,
        told: true,
    };
    match &destination {
        Destination::File(out) => {
            teller.place(None);
            for input in &args.paths {
                let outcome = run.into_file(input, out);
                ending.counts.add(&outcome);
                teller.tell(&outcome);
                Teller::explain_single(&outcome);
            }
        }
        Destination::Folder(out) | Destination::Fresh(out) => {
            teller.place(Some(out));
            let ended = Guard::of(out).map_err(|e| refused(&e)).and_then(|guard| {
                run.into_folder(out, &guard, |outcome| teller.tell(outcome))
                    .map_err(|e| run_refused(&e))
            })?;
            ending.counts = ended.counts;
            ending.summary = ended.summary;
            if let Some(e) = ended.unsaid {
                say::error(&e);
                ending.told = false;
            }
        }
    }
    ending.told &= teller.finish();
    ending.signal = i32::try_from(signal.load(Ordering::Relaxed)).unwrap_or(0);
    Ok(ending.exit())
}

/// Arguments that do not go together.
fn check_usage(args: &Clean, keyed: bool) -> Result<(), Exit> {
    let refuse = |message: &str, hint: &str| {
        say::error(message);
        say::hint(hint);
        Err(Exit::Refused)
    };
    if args.dicomdir && !matches!(args.layout, LayoutName::Auto | LayoutName::Media) {
        return refuse(
            "a disc index goes with the layout media",
            "leave out --layout, or --dicomdir",
        );
    }
    if args.resume && !keyed {
        return refuse(
            "a run without a key file cannot be gone on with: its key is gone",
            "clean again into a new folder; with --key-file a run can go on",
        );
    }
    if args.shard.is_some() && !keyed {
        return refuse(
            "shards need one key file: else each would give the same person another code",
            "make one with: dcmscrub key new FILE; then add --key-file FILE to every shard",
        );
    }
    if args.shard.is_some() && args.output.is_none() {
        return refuse("a shard needs an output folder", "add: -o OUT");
    }
    if args.map.is_some() && args.files_from.as_deref() == Some(Path::new("-")) {
        return refuse(
            "a list of inputs from stdin cannot be read twice, as a list of pseudonyms asks for",
            "write the list to a file: --files-from FILE",
        );
    }
    Ok(())
}

fn workers(args: &Clean) -> usize {
    args.workers.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        std::num::NonZero::get,
    )
}

fn layout(args: &Clean) -> Result<Layout, Exit> {
    match args.layout {
        LayoutName::Named => return Ok(Layout::Named),
        LayoutName::Mirror => return Ok(Layout::Mirror),
        LayoutName::Media => return Ok(Layout::Media),
        LayoutName::Auto if args.dicomdir => return Ok(Layout::Media),
        LayoutName::Auto => {}
    }
    for path in &args.paths {
        match holds_disc_index(path) {
            Ok(true) => return Ok(Layout::Media),
            Ok(false) => {}
            // another layout than that of the next run, which reads it, would be no help
            Err(e) => {
                say::error(format!("{}: {e}", say::path(path)));
                say::hint("try again; with --layout it is not looked for a disc index first");
                return Err(Exit::Refused);
            }
        }
    }
    Ok(Layout::Named)
}

fn check_inputs(args: &Clean) -> Result<(), Exit> {
    for path in &args.paths {
        if let Err(e) = std::fs::metadata(path) {
            say::error(format!("{}: {e}", say::path(path)));
            say::hint("check the path; a disc may not be in its drive yet");
            return Err(Exit::Refused);
        }
    }
    match &args.files_from {
        Some(list) if list != Path::new("-") => match File::open(list) {
            Ok(_) => Ok(()),
            Err(e) => {
                say::error(format!("{}: {e}", say::path(list)));
                say::hint("--files-from takes a file with one path a line, or - for stdin");
                Err(Exit::Refused)
            }
        },
        Some(_) | None => Ok(()),
    }
}

/// Whether a clinic's list fits the files. Nothing has been written yet.
fn check_map(args: &Clean, run: &Run<'_>) -> Result<(), Exit> {
    let (Some(map), Some(path)) = (run.engine.map(), &args.map) else {
        return Ok(());
    };
    let fit = run.fit(map).map_err(|e| run_refused(&e))?;
    for line in fit.zeros.iter().take(20) {
        say::error(format!(
            "{}:{line}: a patient of these files has this number with other zeros in front of it",
            say::path(path)
        ));
    }
    if !fit.zeros.is_empty() {
        say::hint(
            "did a spreadsheet drop the zeros? Make the column text, put the numbers in again, and save as CSV",
        );
        return Err(Exit::Refused);
    }
    if fit.missing > 0 && run.engine.rules().unmapped() == Unmapped::Stop {
        say::error(format!(
            "{}: not in the list: {} of these files ({})",
            say::path(path),
            counted(
                u64::try_from(fit.missing).unwrap_or(u64::MAX),
                "patient",
                "patients"
            ),
            counted(fit.missing_files, "file", "files"),
        ));
        say::hint(
            "add them, or choose --unmapped derive (a code from the key) or --unmapped hold (into review/)",
        );
        return Err(Exit::Refused);
    }
    Ok(())
}

fn refused(e: &DestinationError) -> Exit {
    say::error(e);
    say::hint("choose an output folder outside of the input: -o OUT");
    Exit::Refused
}

fn run_refused(e: &RunError) -> Exit {
    say::error(e);
    if let RunError::Journal(e) = e {
        say::hint(e.hint());
    }
    if e.wrote_nothing() {
        Exit::Refused
    } else {
        Exit::Failures
    }
}

/// Chooses where to write, and makes a fresh folder.
fn destination(args: &Clean) -> Result<Destination, Exit> {
    loop {
        let inputs: Vec<PathBuf> = args.paths.clone();
        let destination = match choose(&inputs, args.output.as_deref()) {
            Ok(destination) => destination,
            Err(DestinationError::Input(path, e)) => {
                say::error(format!("{}: {e}", say::path(&path)));
                return Err(Exit::Refused);
            }
            Err(e) => return Err(refused(&e)),
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
                say::hint("choose an output folder: -o OUT");
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
            say::hint("check the folder and its permissions");
            Err(Exit::Refused)
        }
    }
}

/// The first signal ends after the files in flight, the second at once.
#[cfg(unix)]
fn heed_signals(signal: &Arc<AtomicUsize>, stop: &Arc<AtomicBool>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let (signal, stop) = (Arc::clone(signal), Arc::clone(stop));
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for caught in &mut signals {
                if stop.swap(true, Ordering::Relaxed) {
                    signal_hook::low_level::exit(if caught == SIGTERM { 143 } else { 130 });
                }
                signal.store(usize::try_from(caught).unwrap_or(0), Ordering::Relaxed);
            }
        })?;
    Ok(())
}

/// The same where no thread can wait for signals. What the first one was is noted before the run is told to stop.
#[cfg(not(unix))]
fn heed_signals(signal: &Arc<AtomicUsize>, stop: &Arc<AtomicBool>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    for (caught, code) in [(SIGINT, 130), (SIGTERM, 143)] {
        let number = usize::try_from(caught).unwrap_or(0);
        flag::register_conditional_shutdown(caught, code, Arc::clone(stop))?;
        flag::register_usize(caught, Arc::clone(signal), number)?;
        flag::register(caught, Arc::clone(stop))?;
    }
    Ok(())
}

/// Writes one file or stdin's: whether it may.
fn say_held(place: &str, reason: &str) {
    say::error(format!("{place}: held back: {reason}"));
    say::hint("look at it first; if nothing in it tells who it is of, add --accept-held");
}

fn nothing_of(counts: &Counts, bucket: Bucket) -> bool {
    counts.of(bucket) == 0
}
