//! A text as words and numbers, each with its place in the original.

use super::fold::{Folded, is_unspaced};

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Letters.
    Letters,
    /// Digits.
    Digits,
    /// Letters of a script without spaces.
    Unspaced,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `word`, and scripts without case.
    Lower,
    /// `Word`
    Capital,
    /// `WORD`
    Upper,
}

/// A word or a number.
#[derive(Debug, Clone, Copy)]
pub struct Token<'f> {
    /// In the form for searching.
    pub word: &'f str,
    /// First byte in the original.
    pub start: usize,
    /// Behind the last byte in the original.
    pub end: usize,
    /// What it is made of.
    pub of: Of,
    /// How it is written.
    pub case: Case,
}

impl Token<'_> {
    /// Letters.
    #[must_use]
    pub fn is_word(&self) -> bool {
        self.of == Of::Letters
    }

    /// Written as a name is.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.case != Case::Lower
    }
}

fn of(c: char) -> Option<Of> {
    if c.is_ascii_digit() || c.is_numeric() {
        Some(Of::Digits)
    } else if is_unspaced(c) || matches!(c, '\u{3041}'..='\u{30FF}') {
        Some(Of::Unspaced)
    } else if c.is_alphabetic() {
        Some(Of::Letters)
    } else {
        None
    }
}

/// The tokens of a text.
#[must_use]
pub fn tokens<'f>(text: &str, folded: &'f Folded) -> Vec<Token<'f>> {
    let mut out = Vec::new();
    let mut open: Option<(usize, Of)> = None;
    let end = folded.text.len();
    let chars = folded.text.char_indices().map(|(at, c)| (at, of(c)));
    for (at, now) in chars.chain([(end, None)]) {
        if let Some((from, before)) = open
            && now != Some(before)
        {
            out.extend(token(text, folded, from, at, before));
            open = None;
        }
        if let (None, Some(now)) = (open, now) {
            open = Some((at, now));
        }
    }
    out
}

fn token<'f>(text: &str, folded: &'f Folded, from: usize, to: usize, of: Of) -> Option<Token<'f>> {
    let (start, end) = (folded.origin(from), folded.origin(to));
    let written = text.get(start..end)?;
    let mut letters = written.chars().filter(|c| c.is_alphabetic());
    let case = match letters.next() {
        Some(first) if first.is_uppercase() => {
            let mut rest = letters.peekable();
            if rest.peek().is_some() && rest.all(char::is_uppercase) {
                Case::Upper
            } else {
                Case::Capital
            }
        }
        Some(_) | None => Case::Lower,
    };
    Some(Token {
        word: folded.text.get(from..to)?,
        start,
        end,
        of,
        case,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_have_their_places() {
        let text = "T1 MÜLLER's 山田 Xu";
        let folded = Folded::of(text);
        let found: Vec<(String, &str, Case)> = tokens(text, &folded)
            .iter()
            .map(|t| (t.word.to_owned(), &text[t.start..t.end], t.case))
            .collect();
        let expected = [
            ("t", "T", Case::Capital),
            ("1", "1", Case::Lower),
            ("muller", "MÜLLER", Case::Upper),
            ("s", "s", Case::Lower),
            ("山田", "山田", Case::Lower),
            ("xu", "Xu", Case::Capital),
        ];
        let expected: Vec<(String, &str, Case)> = expected
            .iter()
            .map(|(a, b, c)| ((*a).to_owned(), *b, *c))
            .collect();
        assert_eq!(found, expected);
    }
}
