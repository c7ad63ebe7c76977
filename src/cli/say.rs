//! Lines for people on stderr, results on stdout. A closed or full stream is never a panic.

use std::fmt::Display;
use std::io::{self, Write};

fn line(kind: &str, text: &dyn Display) {
    let mut err = io::stderr().lock();
    let text = shown(&text.to_string(), |c| !matches!(c, '\n' | '\t'));
    // nowhere is left to report that stderr cannot be written
    if writeln!(err, "{kind}{text}").is_err() {}
}

/// Text for a terminal: control characters, and those that turn the order of letters round, are shown as escapes, not obeyed.
fn shown(text: &str, escaped: impl Fn(char) -> bool) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .flat_map(|c| {
            if (c.is_control() || turns(c)) && escaped(c) {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
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
    shown(&path.to_string_lossy(), |_| true)
}

/// Writes a result to stdout.
///
/// # Errors
/// Those of stdout.
pub fn result(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}
