//! `dcmscrub completions SHELL`: what the shell offers when the user presses Tab.

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::say;

/// Where zsh's script offers the commands.
const COMMANDS: &str = "\":: :_dcmscrub_commands\"";
/// Commands, and files: `dcmscrub PATH` is `dcmscrub clean PATH`.
const COMMANDS_AND_FILES: &str = "\":: :{ _dcmscrub_commands; _files }\"";

/// Writes the completions of a shell to stdout.
pub fn run(shell: Shell) -> Exit {
    match say::result(script(shell).trim_end()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Failures,
    }
}

fn script(shell: Shell) -> String {
    let full = Cli::command();
    let mut command = if shell == Shell::Zsh {
        without_paths(&full)
    } else {
        full
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "dcmscrub", &mut script);
    let script = String::from_utf8_lossy(&script);
    if shell == Shell::Zsh {
        script.replacen(COMMANDS, COMMANDS_AND_FILES, 1)
    } else {
        script.into_owned()
    }
}

/// For zsh the paths in the place of a command would be its first word, and the command the second.
fn without_paths(full: &Command) -> Command {
    let options = full.get_arguments().filter(|arg| !arg.is_positional());
    Command::new("dcmscrub")
        .args(options.cloned())
        .subcommands(full.get_subcommands().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zsh_offers_commands_and_files_for_the_first_word() {
        let script = script(Shell::Zsh);
        assert!(script.contains(COMMANDS_AND_FILES));
        let (first, _) = script.split_once(COMMANDS_AND_FILES).unwrap();
        assert!(first.contains("'--output=["));
        assert!(
            !first.contains("::paths"),
            "it would stand before the command"
        );
    }
}
