//! One form of a text for searching: lower case, no diacritics, hiragana for katakana, with the way back to the original.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text in its form for searching.
pub struct Folded {
    /// The form.
    pub text: String,
    /// For each byte of the form the byte of the original; `None` where they are the same.
    origin: Option<Vec<usize>>,
    length: usize,
}

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self {
                text: text.to_ascii_lowercase(),
                origin: None,
                length: text.len(),
            };
        }
        let mut folded = String::with_capacity(text.len());
        let mut origin = Vec::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            push(c, &mut folded);
            origin.resize(folded.len(), at);
        }
        Self {
            text: folded,
            origin: Some(origin),
            length: text.len(),
        }
    }

    /// Where a byte of the form stands in the original; the end for the byte behind the last.
    #[must_use]
    pub fn origin(&self, at: usize) -> usize {
        match &self.origin {
            None => at.min(self.length),
            Some(origin) => origin.get(at).copied().unwrap_or(self.length),
        }
    }
}

/// The form of a text.
#[must_use]
pub fn fold(text: &str) -> String {
    Folded::of(text).text
}

fn push(c: char, out: &mut String) {
    match c {
        'ß' | 'ẞ' => out.push_str("ss"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        'þ' | 'Þ' => out.push_str("th"),
        'ı' => out.push('i'),
        'ς' => out.push('σ'),
        // a syllable is a letter: its parts must not match parts of another
        '\u{AC00}'..='\u{D7A3}' => out.push(c),
        c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        c => {
            for part in std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)) {
                match part {
                    '\u{30A1}'..='\u{30F6}' => {
                        out.extend(char::from_u32(u32::from(part).saturating_sub(0x60)));
                    }
                    part => out.extend(part.to_lowercase()),
                }
            }
        }
    }
}

/// Other ways in which a name with these letters is written in ASCII: `Müller` as `mueller`, `Åse` as `aase`.
#[must_use]
pub fn spelled_out(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut differs = false;
    for c in text.nfc() {
        let pair = match c {
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
            'ü' | 'Ü' => "ue",
            'å' | 'Å' => "aa",
            c => {
                push(c, &mut out);
                continue;
            }
        };
        out.push_str(pair);
        differs = true;
    }
    differs.then_some(out)
}

/// A letter of a script that is written without spaces between words.
#[must_use]
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_marks_and_kana_make_no_difference() {
        for (a, b) in [
            ("MÜLLER", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("GARCÍA", "garcia"),
            ("Østergaard", "ostergaard"),
            ("Straße", "strasse"),
            ("ヤマダ", "やまだ"),
            ("ﾔﾏﾀﾞ", "やまだ"),
            ("ΔΙΟΝΥΣΙΟΣ", "Διονυσιος"),
            ("홍길동", "홍길동"),
        ] {
            assert_eq!(fold(a), fold(b), "{a}");
        }
        assert_eq!(spelled_out("Müller").as_deref(), Some("mueller"));
        assert_eq!(spelled_out("Miller"), None);
    }

    #[test]
    fn the_way_back_is_whole_characters() {
        let text = "x Mu\u{308}ßé y";
        let folded = Folded::of(text);
        let at = folded.text.find("musse").unwrap();
        let (from, to) = (folded.origin(at), folded.origin(at + 5));
        assert_eq!(&text[from..to], "Mu\u{308}ßé");
    }
}
