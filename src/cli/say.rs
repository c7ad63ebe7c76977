//! Lines for people on stderr, results on stdout. A closed or full stream is never a panic.

use std::fmt::Display;
use std::io::{self, Write};

use dcmscrub::report::words::{escaped, escaped_but};

fn line(kind: &str, text: &dyn Display) {
    let mut err = io::stderr().lock();
    let text = escaped_but(&text.to_string(), |c| matches!(c, '\n' | '\t'));
    // nowhere is left to report that stderr cannot be written
    if writeln!(err, "{kind}{text}").is_err() {}
}

/// What happened and where.
pub fn error(text: impl Display) {
    line("error: ", &text);
}

/// What to do.
pub fn hint(text: impl Display) {
    line("hint: ", &text);
}

/// What a user may want to know.
pub fn note(text: impl Display) {
    line("", &text);
}

/// A path for the terminal: escapes and line breaks in names are shown, not obeyed.
pub fn path(path: &std::path::Path) -> String {
    escaped(&path.to_string_lossy())
}

/// Writes a result to stdout.
///
/// # Errors
/// Those of stdout.
pub fn result(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}
