//! `dcmscrub profile`: what there is, what it does, what is wrong with it.

use dcmscrub::profile::{Overrides, builtin_names, builtin_text, load};
use dcmscrub::report::conformance::statement;

use super::args::Profile;
use super::exit::Exit;
use super::{profile_refused, say};

/// Lists, shows or checks profiles.
pub fn run(args: &Profile) -> Exit {
    let text = match args {
        Profile::List => builtin_names().join("\n"),
        Profile::Show {
            name,
            conformance,
            options,
        } => {
            let overrides = Overrides {
                options: options.clone(),
                ..Overrides::default()
            };
            let rules = match load(name, &overrides) {
                Ok(rules) => rules,
                Err(errors) => return profile_refused(&errors),
            };
            match (conformance, builtin_text(name)) {
                (true, _) => statement(&rules),
                (false, Some(text)) => text.to_owned(),
                (false, None) => match std::fs::read_to_string(name) {
                    Ok(text) => text,
                    Err(e) => {
                        say::error(format!("{name}: {e}"));
                        return Exit::Refused;
                    }
                },
            }
        }
        Profile::Check { file } => match load(file, &Overrides::default()) {
            Ok(rules) => format!("{}: nothing is wrong with it", rules.name()),
            Err(errors) => return profile_refused(&errors),
        },
    };
    match say::result(text.trim_end()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}
