//! `dcmscrub plan FILE`: every decision, and the rule that asked for it.

use std::io;

use dcmscrub::batch::discover::Input;
use dcmscrub::dicom::source::FileSource;
use dcmscrub::plan::{Detail, Step};
use dcmscrub::profile::hold::Hold;
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
    match tell(args, &plan.steps, &held) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}

fn tell(args: &args::Plan, steps: &[Step], held: &[&Hold]) -> io::Result<()> {
    let json = |step: &Step| say::result(serde_json::to_string(step).map_err(io::Error::from)?);
    match (args.format, args.changed) {
        (args::Format::Text, only_changed) => return say::result(table(steps, only_changed, held)),
        (args::Format::Json, false) => steps.iter().try_for_each(json)?,
        (args::Format::Json, true) => changed(steps).try_for_each(json)?,
    }
    held.iter().try_for_each(|hold| {
        json(&Step {
            path: String::new(),
            keyword: "",
            vr: "",
            action: "hold-back",
            rule: format!("{}: {}", hold.code, hold.reason),
            why: None,
        })
    })
}
