//! Cleaning of text: what identifies is cut out, what describes stays (PS3.15 E.3.5; our privacy rules on text).
//!
//! Known identifiers of the file in every form, shapes that identify by themselves, and dates, which move with the
//! patient's others or go. Words of medicine stay, be they somebody's name, unless the context makes them one.

pub mod dates;
mod find;
pub mod fold;
mod pattern;
pub mod person;
pub mod shapes;
mod stitch;
mod tokens;
pub mod words;

use std::ops::Range;
use std::sync::OnceLock;

use find::Search;
use fold::Folded;
use person::KnownText;

use super::uids::Uids;

/// What a file is known by.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// Names, numbers, dates and places.
    pub words: &'k KnownText,
    /// UIDs.
    pub uids: &'k Uids,
}

impl<'k> From<&'k KnownText> for Known<'k> {
    fn from(words: &'k KnownText) -> Self {
        const NONE: &Uids = &Uids::of_nothing();
        Self { words, uids: NONE }
    }
}

/// How far cleaning goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What is known, and shapes that are nothing else. For labels and names of devices.
    Known,
    /// All of it. For descriptions, comments and reports.
    Full,
}

/// What becomes of a date in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatesInText {
    /// It goes.
    Cut,
    /// It moves by these days.
    Shift(i64),
}

/// How a text is cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// How far.
    pub depth: Depth,
    /// Dates.
    pub dates: DatesInText,
    /// UIDs stay.
    pub keeps_uids: bool,
}

impl How {
    /// What is known goes, and so do dates and UIDs.
    pub const KNOWN: Self = Self {
        depth: Depth::Known,
        dates: DatesInText::Cut,
        keeps_uids: false,
    };
}

/// A part of a text that goes, with what comes in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cut {
    range: Range<usize>,
    with: Option<String>,
}

/// Cleaning may show something that was hidden before; more rounds than this do not happen in sane text.
const ROUNDS: usize = 4;

/// The cleaned text; `None` when there is nothing to cut. A text that would be mostly cut becomes empty.
#[must_use]
pub fn clean<'k>(text: &str, known: impl Into<Known<'k>>, how: &How) -> Option<String> {
    let known = known.into();
    if !is_ready() {
        return Some(String::new()); // no value passes because a rule could not run
    }
    let mut round = *how;
    let mut now = once(text, known, &round)?;
    for _ in 0..ROUNDS {
        // dates have moved already
        if let DatesInText::Shift(_) = round.dates {
            round.dates = DatesInText::Shift(0);
        }
        match once(&now, known, &round) {
            Some(next) if next != now => now = next,
            Some(_) | None => return Some(now),
        }
    }
    Some(String::new())
}

/// Words and shapes are all there.
fn is_ready() -> bool {
    static READY: OnceLock<bool> = OnceLock::new();
    *READY.get_or_init(|| words::is_ready() && shapes::is_ready())
}

/// Whether a text holds any part of a name, be it weak, or anything else that is known.
#[must_use]
pub fn mentions<'k>(text: &str, known: impl Into<Known<'k>>) -> bool {
    let known = known.into();
    let folded = Folded::of(text);
    let tokens = tokens::tokens(text, &folded);
    let search = Search {
        text,
        folded: &folded,
        tokens: &tokens,
        known: known.words,
    };
    !is_ready() || search.mentions() || !cuts(&search, known.uids, &How::KNOWN).is_empty()
}

fn once(text: &str, known: Known<'_>, how: &How) -> Option<String> {
    let folded = Folded::of(text);
    let tokens = tokens::tokens(text, &folded);
    if tokens.is_empty() {
        return None;
    }
    let search = Search {
        text,
        folded: &folded,
        tokens: &tokens,
        known: known.words,
    };
    let cuts = cuts(&search, known.uids, how);
    if cuts.is_empty() {
        return None;
    }
    Some(stitch::stitch(text, &tokens, cuts))
}

/// What goes, in the order of the text, disjoint.
fn cuts(search: &Search<'_>, known_uids: &Uids, how: &How) -> Vec<Cut> {
    let text = search.text;
    let mut gone: Vec<Range<usize>> = Vec::new();
    search.names(&mut gone);
    search.numbers(&mut gone);
    search.phrases(&mut gone);
    search.called(how.depth == Depth::Full, &mut gone);
    shapes::spans(text, how.depth, &mut gone);
    search.numbers_beside(how.depth, &mut gone);
    if !how.keeps_uids {
        uids(text, search.known, known_uids, &mut gone);
    }
    let mut cuts: Vec<Cut> = gone
        .into_iter()
        .map(|range| Cut { range, with: None })
        .collect();
    let dates = dates::find(text);
    if dates.is_none() {
        cuts.push(Cut {
            range: 0..text.len(),
            with: None,
        });
    }
    for date in dates.into_iter().flatten() {
        let is_birth = date
            .readings
            .iter()
            .any(|day| search.known.births.contains(day));
        let is_known = is_birth
            || date
                .readings
                .iter()
                .any(|day| search.known.days.contains(day));
        let with = match how.dates {
            // moved already, by an earlier round
            DatesInText::Shift(0) if !is_birth && date.day.is_some() => continue,
            // a month can be somebody's name
            DatesInText::Shift(days) if !is_birth => date
                .moved(text, days)
                .filter(|moved| !names_a_month(moved, search.known)),
            DatesInText::Shift(_) | DatesInText::Cut => None,
        };
        if is_known || how.depth == Depth::Full {
            cuts.push(Cut {
                range: date.range,
                with,
            });
        }
    }
    disjoint(cuts)
}

/// A date whose month is a part of a known name.
fn names_a_month(date: &str, known: &KnownText) -> bool {
    date.split(|c: char| !c.is_alphabetic())
        .any(|word| !word.is_empty() && known.parts.contains_key(&fold::fold(word)))
}

/// Of two that overlap the union goes; a date that moves gives way to what goes around it.
fn disjoint(mut cuts: Vec<Cut>) -> Vec<Cut> {
    cuts.retain(|cut| cut.range.start < cut.range.end);
    cuts.sort_by_key(|cut| (cut.range.start, std::cmp::Reverse(cut.range.end)));
    let mut out: Vec<Cut> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        match out.last_mut() {
            Some(last) if cut.range.start < last.range.end => {
                if last.range != cut.range || last.with.is_none() {
                    last.with = None;
                }
                if last.range == cut.range && cut.with.is_none() {
                    last.with = None;
                }
                last.range.end = last.range.end.max(cut.range.end);
            }
            Some(_) | None => out.push(cut),
        }
    }
    out
}

/// Numbers with dots that are UIDs: known ones, and any that is long enough to be nothing else.
fn uids(text: &str, known: &KnownText, uids: &Uids, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let is_part = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(is_part) {
            at = at.saturating_add(1);
            continue;
        }
        let length = bytes
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| is_part(b))
            .count();
        let end = at.saturating_add(length);
        let run = text.get(at..end).unwrap_or_default();
        let uid = run.trim_matches('.');
        let start = at.saturating_add(run.len().saturating_sub(run.trim_start_matches('.').len()));
        let dots = uid.matches('.').count();
        // a value that is a UID and nothing else is no text about somebody
        let is_uid = dots >= 4
            && uid.len() >= 14
            && uid.starts_with(['0', '1', '2'])
            && uid.len() < text.trim().len();
        if (is_uid || dots > 0 && (uids.holds(uid.as_bytes()) || known.uids.contains(uid)))
            && !crate::standard::uids::is_registered(uid)
        {
            out.push(start..start.saturating_add(uid.len()));
        }
        at = end;
    }
}

#[cfg(test)]
mod tests;
