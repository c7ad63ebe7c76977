//! `dcmscrub explain TAG`: what a profile does with an attribute, and why.

use dcmscrub::profile::parse_tag;
use dcmscrub::report::explain::explain;
use dcmscrub::standard::attributes::keywords;

use super::exit::Exit;
use super::{args, overrides, profile_refused, say};

/// Explains an attribute.
pub fn run(args: &args::Explain) -> Exit {
    let overrides = match overrides(&args.rules) {
        Ok(overrides) => overrides,
        Err(exit) => return exit,
    };
    let rules = match dcmscrub::profile::load(&args.rules.profile, &overrides) {
        Ok(rules) => rules,
        Err(errors) => return profile_refused(&errors),
    };
    let Some(tag) = parse_tag(&args.tag) else {
        say::error(format!("no attribute is called \"{}\"", args.tag));
        if let Some(hint) = dcmscrub::profile::error::nearest(&args.tag, keywords()) {
            say::hint(hint);
        }
        return Exit::Refused;
    };
    let told = match explain(&rules, tag, args.sop_class.as_deref()) {
        Ok(told) => told,
        Err(message) => {
            say::error(message);
            say::hint("give the UID of a SOP Class, such as 1.2.840.10008.5.1.4.1.1.2 for CT");
            return Exit::Refused;
        }
    };
    let text = match args.format {
        args::Format::Text => told.to_text(),
        args::Format::Json => match serde_json::to_string(&told) {
            Ok(line) => line,
            Err(_) => return Exit::Bug,
        },
    };
    match say::result(text) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}
