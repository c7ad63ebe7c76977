//! Where a text names somebody: known names, numbers and phrases, and names behind a cue.

use std::ops::Range;

use super::person::{KnownText, Part, Strength};
use super::tokens::{Case, Of, Token};
use super::words::{Classes, classes, is_title};

/// Most tokens that one number is written in.
const NUMBER_TOKENS: usize = 8;

/// A text with its tokens, searched.
pub struct Search<'t> {
    /// The text.
    pub text: &'t str,
    /// Its form for searching.
    pub folded: &'t super::fold::Folded,
    /// Its tokens.
    pub tokens: &'t [Token<'t>],
    /// What is known.
    pub known: &'t KnownText,
}

impl<'t> Search<'t> {
    fn token(&self, at: Option<usize>) -> Option<&'t Token<'t>> {
        self.tokens.get(at?)
    }

    /// What stands between a token and the one in front of it.
    fn gap(&self, at: usize) -> &'t str {
        let from = self.token(at.checked_sub(1)).map_or(0, |before| before.end);
        let to = self
            .token(Some(at))
            .map_or(self.text.len(), |here| here.start);
        self.text.get(from..to).unwrap_or_default()
    }

    /// The token goes on with the one in front of it: a space, a comma, a hyphen between them.
    fn joins(&self, at: usize) -> bool {
        at > 0
            && self.gap(at).chars().count() <= 3
            && self.gap(at).chars().all(|c| {
                matches!(
                    c,
                    ' ' | ',' | '^' | '_' | '.' | '-' | '\'' | '’' | '/' | '=' | '|'
                )
            })
    }

    /// A new segment of the text begins with this token.
    fn begins(&self, at: usize) -> bool {
        at == 0
            || self
                .gap(at)
                .contains(['.', ';', ':', ',', '(', '/', '|', '\n', '[', '"'])
            || self.gap(at).contains(" - ")
    }

    /// The segment ends with this token.
    fn ends(&self, at: usize) -> bool {
        let next = at.saturating_add(1);
        next >= self.tokens.len()
            || self
                .gap(next)
                .contains(['.', ';', ':', ',', ')', '/', '|', '\n', ']', '"'])
            || self.gap(next).contains(" - ")
    }

    /// Parts of known names.
    pub fn names(&self, out: &mut Vec<Range<usize>>) {
        let parts: Vec<Option<Part>> = self
            .tokens
            .iter()
            .map(|token| {
                if token.is_word() {
                    self.known.parts.get(token.word).copied()
                } else {
                    None
                }
            })
            .collect();
        let part = |at: Option<usize>| at.and_then(|at| parts.get(at).copied().flatten());
        let mut cut: Vec<bool> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| part.is_some_and(|part| self.stands(at, part)))
            .collect();
        // one part next to another of the same person makes both a name; there and back, so that it goes on along the name
        for at in (1..self.tokens.len()).chain((1..self.tokens.len()).rev()) {
            let before = at.saturating_sub(1);
            if let (Some(a), Some(b)) = (part(Some(before)), part(Some(at)))
                && a.people & b.people != 0
                && self.joins(at)
                && self.is_one_name(before, at, &cut)
            {
                for at in [before, at] {
                    if let Some(flag) = cut.get_mut(at) {
                        *flag = true;
                    }
                }
            }
        }
        // an initial next to a name, a pair of initials with dots
        for at in (0..self.tokens.len()).rev().chain(0..self.tokens.len()) {
            if (self.is_initial_of(at, &cut, &parts) || self.is_pair_of_initials(at))
                && let Some(flag) = cut.get_mut(at)
            {
                *flag = true;
            }
        }
        out.extend(
            cut.iter()
                .zip(self.tokens)
                .filter(|(cut, _)| **cut)
                .map(|(_, token)| token.start..token.end),
        );
        self.runs(out);
    }

    /// Two parts are one name: they differ, and hold more than words that hold sentences together (`van der`), or are written as names.
    fn is_one_name(&self, before: usize, at: usize, cut: &[bool]) -> bool {
        let Some((a, b)) = self.token(Some(before)).zip(self.token(Some(at))) else {
            return false;
        };
        let is_cut = |at: usize| cut.get(at).copied().unwrap_or(false);
        let is_word = |token: &Token<'_>| !classes(token.word).has(Classes::FUNCTION);
        let named = a.is_named() && b.is_named();
        a.word != b.word && (is_word(a) || is_word(b) || named || is_cut(before) || is_cut(at))
    }

    fn initial(&self, at: usize) -> Option<u64> {
        let token = self.token(Some(at))?;
        let mut letters = token.word.chars();
        match (letters.next(), letters.next()) {
            (Some(first), None) if token.is_word() && token.is_named() && !self.is_numbered(at) => {
                self.known.initials.get(&first).copied()
            }
            _ => None,
        }
    }

    /// `T2`: a number follows at once.
    fn is_numbered(&self, at: usize) -> bool {
        let next = at.saturating_add(1);
        self.gap(next).is_empty()
            && self
                .token(Some(next))
                .is_some_and(|next| next.of == Of::Digits)
    }

    fn is_initial_of(&self, at: usize, cut: &[bool], parts: &[Option<Part>]) -> bool {
        let Some(people) = self.initial(at) else {
            return false;
        };
        let named = |other: usize| {
            let own = parts.get(other).copied().flatten().map(|part| part.people);
            let theirs = own.or_else(|| self.initial(other)).unwrap_or(0);
            cut.get(other).copied().unwrap_or(false) && theirs & people != 0
        };
        let next = at.saturating_add(1);
        let before = at
            .checked_sub(1)
            .is_some_and(|before| self.joins(at) && named(before));
        before && !classes(self.token(Some(next)).map_or("", |t| t.word)).has(Classes::HEAD)
            || self.joins(next)
                && next < self.tokens.len()
                && self.gap(next).contains(['.', '\'', '’'])
                && named(next)
    }

    /// `J.D.` where the person is J... D...
    fn is_pair_of_initials(&self, at: usize) -> bool {
        let pair = |first: usize, second: usize| {
            let both = self.initial(first).zip(self.initial(second));
            both.is_some_and(|(a, b)| a & b != 0)
                && matches!(self.gap(second), "." | ". ")
                && self.gap(second.saturating_add(1)).starts_with('.')
        };
        pair(at, at.saturating_add(1)) || at.checked_sub(1).is_some_and(|before| pair(before, at))
    }

    /// Whether a part of a name is one where it stands.
    fn stands(&self, at: usize, part: Part) -> bool {
        let Some(token) = self.token(Some(at)) else {
            return false;
        };
        match part.strength {
            Strength::Strong => true,
            Strength::Short if token.is_named() => true,
            Strength::Short => self.is_called(at, token),
            Strength::Weak => self.is_name_here(at, token),
        }
    }

    /// A title or a cue in front, a possessive behind.
    fn is_called(&self, at: usize, token: &Token<'_>) -> bool {
        let before = self.token(at.checked_sub(1));
        let close = self
            .gap(at)
            .chars()
            .all(|c| matches!(c, ' ' | '.' | ':' | ','));
        let titled = before.is_some_and(|before| {
            let dot = self.gap(at).starts_with('.');
            let written = self
                .text
                .get(before.start..before.end.saturating_add(usize::from(dot)))
                .unwrap_or_default();
            is_title(written) || is_title(written.trim_end_matches('.'))
        });
        let cued = before.is_some_and(|before| classes(before.word).has(Classes::CUE))
            && (token.is_named() || !classes(token.word).is_listed());
        let next = at.saturating_add(1);
        let possessive = self.token(Some(next)).is_some_and(|s| s.word == "s")
            && matches!(self.gap(next), "'" | "’");
        close && (titled || cued) || possessive && token.is_named()
    }

    /// Whether a word of medicine or of the language is a name where it stands.
    fn is_name_here(&self, at: usize, token: &Token<'_>) -> bool {
        let own = classes(token.word);
        if own.has(Classes::FUNCTION) && !token.is_named() || token.word.chars().count() < 2 {
            return false;
        }
        let next_at = at.saturating_add(1);
        let next = self
            .token(Some(next_at))
            .map(|next| classes(next.word))
            .unwrap_or_default();
        let has_head = next.has(Classes::HEAD)
            && self
                .gap(next_at)
                .chars()
                .all(|c| matches!(c, ' ' | '-' | '_'));
        if self.is_called(at, token) && !has_head {
            return true;
        }
        if !token.is_named() || has_head {
            return false;
        }
        let follows = self
            .gap(next_at)
            .chars()
            .all(|c| matches!(c, ' ' | '_' | ',' | '-'))
            && next_at < self.tokens.len();
        if follows && next.has(Classes::VERB) {
            return true;
        }
        let is_term = own.is_clinical();
        if follows
            && self.begins(at)
            && (next.has(Classes::TECHNICAL) || self.goes_on_technically(next_at))
        {
            return true;
        }
        !is_term && self.ends(at)
    }

    /// `T2`, `5mm`: a letter and a number, or a number, go on.
    fn goes_on_technically(&self, at: usize) -> bool {
        let joined = |at: usize| {
            let both = self
                .token(Some(at))
                .zip(self.token(Some(at.saturating_add(1))));
            both.is_some_and(|(a, b)| {
                a.end == b.start && b.of == Of::Digits && a.word.chars().count() <= 2
            })
        };
        joined(at)
    }

    /// Names in scripts without spaces.
    fn runs(&self, out: &mut Vec<Range<usize>>) {
        if self.folded.text.is_ascii() {
            return;
        }
        for run in &self.known.runs {
            for (at, found) in self.folded.text.match_indices(run.as_str()) {
                out.push(
                    self.folded.origin(at)..self.folded.origin(at.saturating_add(found.len())),
                );
            }
        }
    }

    /// Known numbers in any grouping.
    pub fn numbers(&self, out: &mut Vec<Range<usize>>) {
        if self.known.numbers.is_empty() && self.known.digits.is_empty() {
            return;
        }
        for first in 0..self.tokens.len() {
            let mut form = String::new();
            let mut only_digits = true;
            for at in first..first.saturating_add(NUMBER_TOKENS) {
                let Some(token) = self.token(Some(at)) else {
                    break;
                };
                let gap = self.gap(at);
                if at > first
                    && (gap.chars().count() > 2
                        || !gap.chars().all(|c| {
                            matches!(
                                c,
                                ' ' | '-' | '.' | '/' | '_' | '#' | ':' | '(' | ')' | '+' | '^'
                            )
                        }))
                {
                    break;
                }
                form.push_str(token.word);
                only_digits &= token.of == Of::Digits;
                if form.len() > 64 {
                    break;
                }
                let bare = form.trim_start_matches('0');
                let known =
                    token.of == Of::Digits && only_digits && self.known.digits.contains(bare)
                        || form.bytes().any(|b| b.is_ascii_digit())
                            && self.known.numbers.contains(&form);
                if known {
                    let start = self
                        .token(Some(first))
                        .map_or(token.start, |first| first.start);
                    out.push(start..token.end);
                }
            }
        }
    }

    /// A long number right behind something that goes: `DOE, JANE (00155021)`.
    pub fn numbers_beside(&self, depth: super::Depth, out: &mut Vec<Range<usize>>) {
        if depth != super::Depth::Full || out.is_empty() {
            return;
        }
        let ends: Vec<usize> = out.iter().map(|range| range.end).collect();
        for end in ends {
            let first = self.tokens.partition_point(|token| token.start < end);
            let mut digits = 0usize;
            let mut last = end;
            for at in first..self.tokens.len() {
                let Some(token) = self.token(Some(at)) else {
                    break;
                };
                let gap = self.text.get(last..token.start).unwrap_or("\n");
                let close = gap.chars().count() <= 3
                    && gap
                        .chars()
                        .all(|c| matches!(c, ' ' | '(' | '[' | '/' | '-' | '.' | '_' | '#' | ','));
                if !close
                    || token.of != Of::Digits
                        && (digits == 0 && token.word.chars().count() > 4
                            || digits > 0 && !gap.is_empty())
                {
                    break;
                }
                digits = digits.saturating_add(if token.of == Of::Digits {
                    token.word.len()
                } else {
                    0
                });
                last = token.end;
            }
            if digits >= 6 {
                out.push(end..last);
            }
        }
    }

    /// Known phrases, and words that stand for a place.
    pub fn phrases(&self, out: &mut Vec<Range<usize>>) {
        for (at, token) in self.tokens.iter().enumerate() {
            if token.is_word() && self.known.places.contains(token.word) {
                out.push(token.start..token.end);
            }
            for phrase in self.known.phrases.get(token.word).into_iter().flatten() {
                // a phrase has letters and digits apart in a text: compare their sum
                let whole: String = phrase.concat();
                let mut form = String::new();
                for here in at..self.tokens.len() {
                    let Some(token) = self.token(Some(here)) else {
                        break;
                    };
                    if here > at && self.gap(here).chars().count() > 3 {
                        break;
                    }
                    form.push_str(token.word);
                    if form.len() >= whole.len() {
                        if form == whole {
                            out.push(
                                self.tokens.get(at).map_or(token.start, |first| first.start)
                                    ..token.end,
                            );
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Whether any part of a name of two letters or more stands here, be it a word of medicine.
    pub fn mentions(&self) -> bool {
        let is_part = |token: &Token<'_>| {
            token.is_word()
                && self.known.parts.contains_key(token.word)
                && !classes(token.word).has(Classes::FUNCTION)
        };
        self.tokens.iter().any(is_part)
    }

    /// Names that are not known, behind a title, and behind a cue where `cues`.
    pub fn called(&self, cues: bool, out: &mut Vec<Range<usize>>) {
        let mixed = self
            .tokens
            .iter()
            .any(|token| token.is_word() && token.case == Case::Lower);
        for (at, token) in self.tokens.iter().enumerate() {
            let next = at.saturating_add(1);
            let Some(first) = self.token(Some(next)) else {
                break;
            };
            let gap = self.gap(next);
            let close =
                gap.chars().count() <= 2 && gap.chars().all(|c| matches!(c, ' ' | '.' | ':'));
            if !close || !token.is_word() || !first.is_named() || first.of != Of::Letters {
                continue;
            }
            let dot = usize::from(gap.starts_with('.'));
            let written = self
                .text
                .get(token.start..token.end.saturating_add(dot))
                .unwrap_or_default();
            let titled = is_title(written) || is_title(written.trim_end_matches('.'));
            let cued = cues && classes(token.word).has(Classes::CUE) && token.word != "from";
            let strong_cue = matches!(token.word, "patient" | "pt" | "name" | "named")
                && self
                    .text
                    .get(token.start..first.start)
                    .is_some_and(|t| t.contains(':') || token.case != Case::Upper);
            let plausible = |word: &Token<'_>| {
                let letters = word.word.chars().count();
                word.is_word() && letters >= 3 && !classes(word.word).is_listed() && word.is_named()
            };
            let fits = titled
                && (plausible(first)
                    || first.word.chars().count() == 1
                        && self
                            .token(Some(next.saturating_add(1)))
                            .is_some_and(plausible))
                || cued
                    && plausible(first)
                    && (first.case == Case::Capital && mixed
                        || strong_cue && first.word.chars().count() >= 4);
            if !fits {
                continue;
            }
            let mut end = first.end;
            for more in next.saturating_add(1)..next.saturating_add(3) {
                match self.token(Some(more)) {
                    Some(word)
                        if self.joins(more)
                            && !self.gap(more).contains(['/', ',', '|'])
                            && (plausible(word)
                                || word.word.chars().count() == 1 && word.is_named()) =>
                    {
                        end = word.end;
                    }
                    Some(_) | None => break,
                }
            }
            let start = if titled { token.start } else { first.start };
            out.push(start..end);
        }
    }
}
