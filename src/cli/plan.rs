//! `dcmscrub plan FILE`: every decision, and the rule that asked for it.

use dcmscrub::batch::discover::Input;
use dcmscrub::dicom::source::FileSource;
use dcmscrub::plan::Detail;

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
    for step in engine.announced(&plan) {
        let line = match args.format {
            args::Format::Text => format!(
                "{:<12} {} {}  [{}]",
                step.action, step.path, step.keyword, step.rule
            ),
            args::Format::Json => match serde_json::to_string(&step) {
                Ok(line) => line,
                Err(_) => return Exit::Bug,
            },
        };
        if say::result(line).is_err() {
            return Exit::Failures;
        }
    }
    Exit::Done
}
