//! What is left of a text when parts of it have gone: joined so that it reads.

use super::Cut;
use super::tokens::Token;
use super::words::{Classes, classes};

/// Characters that held two parts together, in front of a cut and behind it.
const BEFORE: [char; 13] = [
    ' ', ',', ':', '(', '[', '/', '^', '_', '#', '=', '-', '"', '\'',
];
const BEHIND: [char; 14] = [
    ' ', ',', ':', ')', ']', '/', '^', '_', '=', '-', '"', '\'', '’', '|',
];

/// The text without the cuts.
pub fn stitch(text: &str, tokens: &[Token<'_>], cuts: Vec<Cut>) -> String {
    let cuts = widened(text, tokens, cuts);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut after_gap = false;
    for cut in &cuts {
        let piece = text.get(from..cut.range.start).unwrap_or_default();
        push(&mut out, piece, after_gap);
        after_gap = cut.with.is_none();
        if let Some(with) = &cut.with {
            out.push_str(with);
        }
        from = cut.range.end;
    }
    let rest = text.get(from..).unwrap_or_default();
    push(&mut out, rest, after_gap);
    if after_gap && rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty() {
        without_hanging(&mut out, "");
    }
    let out = out
        .trim_matches([' ', ',', ':', '/', '^', '_', '#', '=', '-', '\''])
        .to_owned();
    if says_something(&out, text) {
        out
    } else {
        String::new()
    }
}

/// Adds what stands behind a cut.
fn push(out: &mut String, piece: &str, after_gap: bool) {
    if !after_gap {
        out.push_str(piece);
        return;
    }
    let right = piece.trim_start_matches(|c| BEHIND.contains(&c));
    let taken = piece
        .get(..piece.len().saturating_sub(right.len()))
        .unwrap_or_default();
    let closes = taken.contains([')', ']']);
    let opens = |c: char| matches!(c, '(' | '[');
    let kept = out
        .trim_end_matches(|c| BEFORE.contains(&c) && (closes || !opens(c)))
        .len();
    out.truncate(kept);
    let right = match taken.find([')', ']']) {
        // the bracket of something that stays
        Some(at) if is_open(out) => piece.get(at..).unwrap_or(right),
        Some(_) | None => right,
    };
    let ends = taken.contains(',') || right.starts_with(['.', ';']);
    without_hanging(out, if ends { "" } else { right });
    let mut right = right;
    if out.is_empty() || out.ends_with(['\n', '\r']) {
        right = right.trim_start_matches(['.', ';', ' ']);
    } else if out.ends_with(['.', ';']) {
        right = right.trim_start_matches(['.', ';']);
        right = right.trim_start_matches(' ');
    }
    if !out.is_empty()
        && !right.is_empty()
        && !right.starts_with(['.', ';', '\r', '\n', ')', ']'])
        && !out.ends_with(['\n', '\r', '(', '['])
    {
        let comma = taken.contains(',') && out.ends_with(char::is_alphanumeric);
        out.push_str(if comma { ", " } else { " " });
    }
    out.push_str(right);
}

/// More brackets open than close.
fn is_open(text: &str) -> bool {
    text.matches(['(', '[']).count() > text.matches([')', ']']).count()
}

/// Drops words at the end that need something behind them, where nothing comes.
fn without_hanging(out: &mut String, right: &str) {
    let follows = right
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    if !follows.is_empty() && !classes(&super::fold::fold(follows)).has(Classes::FUNCTION) {
        return;
    }
    loop {
        let bare = out.trim_end_matches(|c: char| BEFORE.contains(&c) && !matches!(c, '(' | '['));
        let word_at = bare.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| {
            at.saturating_add(
                bare.get(at..)
                    .and_then(|t| t.chars().next())
                    .map_or(1, char::len_utf8),
            )
        });
        let word = bare.get(word_at..).unwrap_or_default();
        // `W/O` is one word
        let glued = bare
            .get(..word_at)
            .is_some_and(|t| t.ends_with(['/', '-', '\'']));
        if word.is_empty() || glued || !classes(&super::fold::fold(word)).has(Classes::HANGING) {
            return;
        }
        out.truncate(word_at);
        let kept = out
            .trim_end_matches(|c| BEFORE.contains(&c) && !matches!(c, '(' | '['))
            .len();
        out.truncate(kept);
    }
}

/// Cuts take the label in front of them along, and what has nothing but signs between them becomes one.
fn widened(text: &str, tokens: &[Token<'_>], cuts: Vec<Cut>) -> Vec<Cut> {
    let mut out: Vec<Cut> = Vec::with_capacity(cuts.len());
    for mut cut in cuts {
        if cut.with.is_none() {
            let floor = out.last().map_or(0, |last| last.range.end);
            let first = tokens.partition_point(|token| token.end <= cut.range.start);
            for label in tokens.get(..first).unwrap_or_default().iter().rev() {
                let between = text.get(label.end..cut.range.start).unwrap_or("\n");
                let close = between.chars().count() <= 3
                    && between
                        .chars()
                        .all(|c| matches!(c, ' ' | '.' | ':' | '#' | '=' | '('));
                if label.start < floor || !close || !classes(label.word).has(Classes::LABEL) {
                    break;
                }
                cut.range.start = label.start;
            }
            let tail = text.get(cut.range.end..).unwrap_or_default();
            for possessive in ["'s", "’s", "'S", "’S"] {
                if let Some(rest) = tail.strip_prefix(possessive)
                    && !rest.starts_with(char::is_alphanumeric)
                {
                    cut.range.end = cut.range.end.saturating_add(possessive.len());
                }
            }
            // the dot of an initial
            let last = tokens
                .get(..tokens.partition_point(|token| token.end <= cut.range.end))
                .and_then(<[_]>::last);
            if last.is_some_and(|last| last.is_word() && last.word.chars().count() == 1)
                && tail.starts_with('.')
            {
                cut.range.end = cut.range.end.saturating_add(1);
            }
            if let Some(last) = out.last_mut()
                && last.with.is_none()
                && text
                    .get(last.range.end..cut.range.start)
                    .is_some_and(|between| {
                        !between.contains(['\n', '\r', ';'])
                            && !between.contains(char::is_alphanumeric)
                    })
            {
                last.range.end = cut.range.end;
                continue;
            }
        }
        out.push(cut);
    }
    out
}

/// Whether what is left tells anything: a text that would be mostly cut is emptied.
fn says_something(left: &str, before: &str) -> bool {
    let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let mut content = 0usize;
    let mut terms = 0usize;
    for word in left.split(|c: char| !c.is_alphanumeric()) {
        let what = classes(&super::fold::fold(word));
        let is_empty_word =
            what.has(Classes::FUNCTION) || what.has(Classes::HANGING) || what.has(Classes::LABEL);
        if word.is_empty() || is_empty_word && !what.is_clinical() {
            continue;
        }
        content = content.saturating_add(1);
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        terms = terms.saturating_add(usize::from(
            what.is_clinical() && letters > 1 || word.chars().any(super::fold::is_unspaced),
        ));
    }
    let (kept, all) = (count(left), count(before));
    content > 0 && (terms > 0 || kept.saturating_mul(3) >= all && count(left) > 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::text::fold::Folded;
    use crate::identity::text::tokens::tokens;

    /// The text without every `QQQQ`; `YYYY` becomes another date.
    fn stitched(text: &str) -> String {
        let folded = Folded::of(text);
        let tokens = tokens(text, &folded);
        let with = |mark: &str, with: Option<&str>| {
            let cut = move |(at, found): (usize, &str)| Cut {
                range: at..at + found.len(),
                with: with.map(str::to_owned),
            };
            text.match_indices(mark).map(cut).collect::<Vec<_>>()
        };
        let mut cuts = with("QQQQ", None);
        cuts.extend(with("YYYY", Some("2001")));
        cuts.sort_by_key(|cut| cut.range.start);
        stitch(text, &tokens, cuts)
    }

    #[test]
    fn what_is_left_reads() {
        for (text, left) in [
            // nothing is left hanging, in front or behind
            ("CT chest for QQQQ", "CT chest"),
            (
                "CT chest for QQQQ, with contrast",
                "CT chest, with contrast",
            ),
            ("CT chest, QQQQ, contrast", "CT chest, contrast"),
            ("CT chest of the QQQQ", "CT chest"),
            (
                "CT chest for QQQQ in the morning",
                "CT chest in the morning",
            ),
            ("QQQQ: CT chest", "CT chest"),
            ("QQQQ. CT chest", "CT chest"),
            ("CT chest. QQQQ. Contrast", "CT chest. Contrast"),
            ("CT chest; QQQQ; contrast", "CT chest; contrast"),
            ("CT chest QQQQ.", "CT chest."),
            // brackets go with what was in them
            ("CT chest (QQQQ) contrast", "CT chest contrast"),
            ("CT chest (QQQQ)", "CT chest"),
            ("CT chest (QQQQ contrast)", "CT chest (contrast)"),
            ("CT chest (contrast QQQQ)", "CT chest (contrast)"),
            ("CT chest [QQQQ] contrast", "CT chest contrast"),
            ("QQQQ (QQQQ) has no fracture", "has no fracture"),
            ("CT (chest) QQQQ) contrast", "CT (chest) contrast"),
            // several cuts are one where nothing stands between them
            ("CT QQQQ, QQQQ chest", "CT chest"),
            ("CT QQQQ^QQQQ chest", "CT chest"),
            ("CT QQQQ\nQQQQ chest", "CT\nchest"),
            // labels, possessives and the dots of initials go along
            ("CT chest MRN: QQQQ", "CT chest"),
            ("CT chest MRN # QQQQ contrast", "CT chest contrast"),
            ("QQQQ's CT chest", "CT chest"),
            ("CT of QQQQ’s chest", "CT of chest"),
            // lines stay lines
            ("CT chest\nQQQQ\ncontrast", "CT chest\n\ncontrast"),
            ("W/O QQQQ contrast", "W/O contrast"),
            // what another stands for stays in its place
            ("CT of YYYY and chest", "CT of 2001 and chest"),
            ("CT YYYY QQQQ chest", "CT 2001 chest"),
        ] {
            assert_eq!(stitched(text), left, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_any_more_is_empty() {
        for (text, left) in [
            ("QQQQ", ""),
            ("for QQQQ", ""),
            ("by the QQQQ", ""),
            ("QQQQ zq", ""),
            ("QQQQ zqw", "zqw"),
            ("QQQQ QQQQ QQQQ zqw", ""),
            ("QQQQ QQQQ QQQQ chest", "chest"),
        ] {
            assert_eq!(stitched(text), left, "{text}");
        }
    }
}
