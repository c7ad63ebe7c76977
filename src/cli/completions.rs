//! `dcmscrub completions SHELL`: what the shell offers when the user presses Tab.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::say;

/// Writes the completions of a shell to stdout.
pub fn run(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "dcmscrub", &mut script);
    match say::result(String::from_utf8_lossy(&script).trim_end()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}
