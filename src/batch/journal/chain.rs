//! The text of a line, and the digest of the one before that it ends with.

use std::io;

use super::Line;
use crate::batch::digest::digest_of_line;

/// Bytes that most lines have room in.
pub(super) const USUAL: usize = 1024;

/// The text of a line with the digest of the one before, and its own digest.
pub(super) fn chained(line: &Line, before: &str) -> io::Result<(String, String)> {
    let mut text = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut text, line)?;
    let text =
        String::from_utf8(text).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    Ok(chained_text(text, before))
}

/// The same of a line's text.
pub(super) fn chained_text(mut text: String, before: &str) -> (String, String) {
    if text.ends_with('}') {
        text.pop();
    }
    text.push_str(BEFORE);
    text.push_str(before);
    text.push_str("\"}");
    let digest = digest_of_line(&text);
    text.push('\n');
    (text, digest)
}

/// What stands between a line and the digest of the one before.
const BEFORE: &str = ",\"before\":\"";
/// How the lines of most inputs begin.
pub(super) const FILE: &str = "{\"line\":\"file\",";

/// The text of a line and the digest of the one before; `None` where it is no line.
pub(super) fn unchained(mut text: String) -> Option<(String, String)> {
    let as_written = text
        .strip_suffix("\"}")
        .and_then(|rest| rest.rsplit_once(BEFORE));
    if let Some((line, before)) = as_written {
        let (length, before) = (line.len(), before.to_owned());
        text.truncate(length);
        text.push('}');
        return Some((text, before));
    }
    // written by something else, with its parts in another order
    #[derive(serde::Deserialize)]
    struct Chained {
        #[serde(flatten)]
        line: Line,
        before: String,
    }
    let Ok(chained) = serde_json::from_str::<Chained>(&text) else {
        return None;
    };
    match serde_json::to_string(&chained.line) {
        Ok(line) => Some((line, chained.before)),
        Err(_) => None,
    }
}

/// A line; `None` where the text is none.
pub(super) fn parsed(text: &str) -> Option<Line> {
    let line = if text.starts_with(FILE) {
        // the same without a look at the kind of line, which takes several times as long
        serde_json::from_str(text).map(|entry| Line::File(Box::new(entry)))
    } else {
        serde_json::from_str(text)
    };
    match line {
        Ok(line) => Some(line),
        Err(_) => None,
    }
}
