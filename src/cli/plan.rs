//! `dcmscrub plan FILE`: every decision, and the rule that asked for it.

use std::io;

use dcmscrub::batch::discover::Input;
use dcmscrub::dicom::source::FileSource;
use dcmscrub::plan::{Detail, Step};
use dcmscrub::report::table::{changed, table};

use super::args;
use super::exit::Exit;
use super::{Wanted, engine, say};

/// Shows the plan of a file.
pub fn run(args: &args::Plan) -> Exit {
    let rules = Wanted {
        arguments: &args.rules,
        map: None,
        unmapped: None,
    };
    let engine = match engine(&rules) {
        Ok((engine, _)) => engine,
        Err(exit) => return exit,
    };
    let refused = |e: &dyn std::fmt::Display| {
        say::error(format!("{}: {e}", say::path(&args.file)));
        Exit::Refused
    };
    let input = match Input::open(&args.file, true) {
        Ok(input) => input,
        Err(e) => return refused(&e),
    };
    let source = match FileSource::new(input.file) {
        Ok(source) => source,
        Err(e) => return refused(&e),
    };
    let plan = match engine.plan(&source, Detail::Steps) {
        Ok(plan) => plan,
        Err(e) => {
            say::error(format!("{}: {e}", say::path(&args.file)));
            return Exit::Failures;
        }
    };
    let holds = engine.rules().holds();
    let held: Vec<_> = plan
        .held_by
        .iter()
        .filter_map(|at| holds.get(*at))
        .collect();
    let told = match args.format {
        args::Format::Text => say::result(table(&plan.steps, args.changed, &held)),
        args::Format::Json => json(&engine.announced(&plan), args.changed),
    };
    match told {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}

fn json(steps: &[Step], only_changed: bool) -> io::Result<()> {
    let line = |step: &Step| say::result(serde_json::to_string(step).map_err(io::Error::from)?);
    if only_changed {
        changed(steps).try_for_each(line)
    } else {
        steps.iter().try_for_each(line)
    }
}
