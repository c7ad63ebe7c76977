//! `dcmscrub man DIR`: one manual page a command.

use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::Cli;
use super::exit::{Exit, MEANINGS};
use super::say;

/// The day of this edition of the pages: `man` warns of a page without one, and a clock would make two builds differ.
const DATE: &str = "2026-11-28";

/// Writes the pages into a folder, which is made where it is missing. Pages of these names are replaced.
pub fn run(folder: &Path) -> Exit {
    // `help` would be a page about no command
    let mut command = Cli::command().disable_help_subcommand(true);
    // gives each command the names of those above it, as in `dcmscrub report merge`
    command.build();
    match std::fs::create_dir_all(folder).and_then(|()| pages(&command, folder)) {
        Ok(n) => {
            say::note(format!("Wrote {n} pages into {}.", say::path(folder)));
            Exit::Done
        }
        Err(e) => {
            say::error(format!("{}: {e}", say::path(folder)));
            say::hint("give a folder that you may write to");
            Exit::Refused
        }
    }
}

/// The pages of a command and of all below it; their number.
fn pages(command: &Command, folder: &Path) -> io::Result<usize> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name());
    write(&page(command, name)?, folder, &format!("{name}.1"))?;
    let mut n = 1usize;
    for below in command.get_subcommands() {
        n = n.saturating_add(pages(below, folder)?);
    }
    Ok(n)
}

/// One page, in the order of man-pages(7).
fn page(command: &Command, name: &str) -> io::Result<String> {
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .date(DATE)
        .source(concat!("dcmscrub ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    // that of --help: the other one lists every option
    let usage = command.clone().render_usage().to_string();
    writeln!(out, ".SH SYNOPSIS\n.nf")?;
    for line in usage.trim_start_matches("Usage:").lines() {
        writeln!(out, "{}", line.trim().replace('-', "\\-"))?;
    }
    writeln!(out, ".fi")?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    writeln!(out, ".SH EXIT STATUS")?;
    for (code, meaning) in MEANINGS {
        writeln!(out, ".TP\n{code}\n{meaning}")?;
    }
    // two breaks around an empty line, which `mandoc` warns of, are one empty line
    let text = String::from_utf8_lossy(&out);
    Ok(text.replace("\n.br\n\n.br\n", "\n.sp\n"))
}

/// A page takes its name when it is whole.
fn write(text: &str, folder: &Path, name: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    file.as_file()
        .set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.persist(folder.join(name)).map_err(|e| e.error)?;
    Ok(())
}
