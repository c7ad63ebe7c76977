//! Character sets (PS3.3 C.12.1.1.2, PS3.5 section 6.1): Specific Character Set to text and back.
//!
//! Owns: ISO 2022 code extensions with their resets, GB18030, GBK, UTF-8, and where a value is split. Bytes that cannot be
//! decoded are shown as Latin-1 and reported, never dropped.

use encoding_rs::{EUC_JP, EUC_KR, Encoding as Codec, GB18030, GBK, UTF_8, WINDOWS_1252};

use super::Vr;

/// One code element of a character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repertoire {
    Ascii,
    /// ISO-IR 100 and the like: a single-byte set of ISO 8859 or TIS 620 in G1.
    Single(&'static Codec),
    /// JIS X 0201: katakana in G1, Romaji in G0.
    Katakana,
    /// JIS X 0208 in G0, after its escape.
    Kanji,
    /// JIS X 0212 in G0, after its escape.
    SupplementaryKanji,
    /// KS X 1001 in G1, after its escape.
    Hangul,
    /// GB 2312 in G1, after its escape.
    Hanzi,
    /// UTF-8, GB18030 or GBK: no code extensions.
    Whole(&'static Codec),
}

/// The character set of a data set or an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CharacterSet {
    /// The first code element; it is in force at the start of each value.
    first: Repertoire,
    /// Code extensions with escape sequences are in use.
    extended: bool,
    /// A defined term that the standard does not know was met.
    unknown: bool,
}

impl Default for CharacterSet {
    fn default() -> Self {
        Self {
            first: Repertoire::Ascii,
            extended: false,
            unknown: false,
        }
    }
}

/// Decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Every byte could be decoded.
    pub lossless: bool,
}

const ESC: u8 = 0x1B;

fn single(label: &str) -> Repertoire {
    Codec::for_label(label.as_bytes()).map_or(Repertoire::Ascii, Repertoire::Single)
}

/// The repertoire of a defined term, tolerant of its spelling.
fn repertoire(term: &str) -> Option<Repertoire> {
    let plain: String = term
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let plain = plain
        .strip_prefix("ISO2022")
        .or_else(|| plain.strip_prefix("ISO"))
        .unwrap_or(&plain);
    Some(match plain {
        "" | "IR6" => Repertoire::Ascii,
        "IR100" | "88591" => single("iso-8859-1"),
        "IR101" | "88592" => single("iso-8859-2"),
        "IR109" | "88593" => single("iso-8859-3"),
        "IR110" | "88594" => single("iso-8859-4"),
        "IR144" | "88595" => single("iso-8859-5"),
        "IR127" | "88596" => single("iso-8859-6"),
        "IR126" | "88597" => single("iso-8859-7"),
        "IR138" | "88598" => single("iso-8859-8"),
        "IR148" | "88599" => single("iso-8859-9"),
        "IR203" | "885915" => single("iso-8859-15"),
        "IR166" => single("tis-620"),
        "IR13" | "IR14" => Repertoire::Katakana,
        "IR87" => Repertoire::Kanji,
        "IR159" => Repertoire::SupplementaryKanji,
        "IR149" => Repertoire::Hangul,
        "IR58" => Repertoire::Hanzi,
        "IR192" | "UTF8" => Repertoire::Whole(UTF_8),
        "GB18030" => Repertoire::Whole(GB18030),
        "GBK" | "GB2312" => Repertoire::Whole(GBK),
        _ => return None,
    })
}

impl CharacterSet {
    const LATIN1: Self = Self {
        first: Repertoire::Single(WINDOWS_1252),
        extended: false,
        unknown: false,
    };

    /// Reads a value of (0008,0005). Terms that the standard does not know leave ASCII in force.
    #[must_use]
    pub fn parse(value: &[u8]) -> Self {
        if value == b"ISO_IR 100" {
            return Self::LATIN1; // most files say so
        }
        let text = String::from_utf8_lossy(value);
        let mut terms = text
            .split('\\')
            .map(|term| repertoire(term.trim_matches([' ', '\0'])));
        let first = terms.next().flatten();
        let unknown = first.is_none();
        let first = first.unwrap_or(Repertoire::Ascii);
        let extended = text.contains("2022") || text.contains('\\');
        // a set of two bytes alone is in force after its escape only
        let first = match first {
            Repertoire::Kanji
            | Repertoire::SupplementaryKanji
            | Repertoire::Hangul
            | Repertoire::Hanzi => Repertoire::Ascii,
            Repertoire::Ascii
            | Repertoire::Single(_)
            | Repertoire::Katakana
            | Repertoire::Whole(_) => first,
        };
        Self {
            first,
            extended: extended && !matches!(first, Repertoire::Whole(_)),
            unknown,
        }
    }

    /// Decodes a value or one of several.
    #[must_use]
    pub fn decode(&self, vr: Vr, bytes: &[u8]) -> Decoded {
        if let Some(text) = default_repertoire(bytes) {
            return Decoded {
                text: text.to_owned(),
                lossless: true,
            };
        }
        if !uses_character_set(vr) {
            return latin1(bytes);
        }
        let decoded = if self.extended {
            self.decode_extended(bytes)
        } else {
            decode_run(self.first, self.first, bytes)
        };
        match decoded {
            Some(text) => Decoded {
                text,
                lossless: !self.unknown || bytes.is_ascii(),
            },
            None => latin1(bytes),
        }
    }

    fn decode_extended(&self, bytes: &[u8]) -> Option<String> {
        let mut text = String::with_capacity(bytes.len());
        let (mut g0, mut g1) = (Repertoire::Ascii, self.first);
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            if byte == ESC {
                let (set, length) = escape(rest)?;
                match set {
                    Repertoire::Ascii | Repertoire::Kanji | Repertoire::SupplementaryKanji => {
                        g0 = set;
                    }
                    Repertoire::Single(_)
                    | Repertoire::Katakana
                    | Repertoire::Hangul
                    | Repertoire::Hanzi
                    | Repertoire::Whole(_) => g1 = set,
                }
                rest = rest.get(length..)?;
                continue;
            }
            let end = rest.iter().position(|&b| b == ESC).unwrap_or(rest.len());
            let run = rest.get(..end)?;
            let two_bytes = matches!(g0, Repertoire::Kanji | Repertoire::SupplementaryKanji);
            // a delimiter ends the extensions (PS3.5 section 6.1.2.5.3)
            let stop = run.iter().position(|b| {
                matches!(b, b'\r' | b'\n' | 0x0C | b'\t')
                    || (!two_bytes && matches!(b, b'\\' | b'^' | b'='))
            });
            let (now, after) = match stop {
                Some(at) => (run.get(..at)?, 1),
                None => (run, 0),
            };
            text.push_str(&decode_run(g0, g1, now)?);
            if after == 1 {
                text.push(char::from(*run.get(now.len())?));
                (g0, g1) = (Repertoire::Ascii, self.first);
            }
            rest = rest.get(now.len().checked_add(after)?..)?;
        }
        Some(text)
    }

    /// Encodes text; `None` where the set cannot hold it.
    #[must_use]
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        if text.is_ascii() {
            return Some(text.as_bytes().to_vec());
        }
        let plain = match self.first {
            Repertoire::Whole(codec) | Repertoire::Single(codec) => encode_with(codec, text),
            Repertoire::Katakana
            | Repertoire::Ascii
            | Repertoire::Kanji
            | Repertoire::SupplementaryKanji
            | Repertoire::Hangul
            | Repertoire::Hanzi => None,
        };
        match plain {
            Some(bytes) => Some(bytes),
            None if self.extended => encode_extended(text),
            None => None,
        }
    }

    /// Splits a value at backslashes that are no second byte of a character.
    pub fn split_values<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        let mut cuts = Vec::new();
        let wide = matches!(self.first, Repertoire::Whole(codec) if codec != UTF_8);
        let mut two_bytes = false;
        let mut skip = 0usize;
        for (at, &byte) in bytes.iter().enumerate() {
            if skip > 0 {
                skip = skip.saturating_sub(1);
                continue;
            }
            if self.extended && byte == ESC {
                if let Some((set, length)) = escape(bytes.get(at..).unwrap_or_default()) {
                    two_bytes = match set {
                        Repertoire::Kanji | Repertoire::SupplementaryKanji => true,
                        Repertoire::Ascii => false,
                        Repertoire::Single(_)
                        | Repertoire::Katakana
                        | Repertoire::Hangul
                        | Repertoire::Hanzi
                        | Repertoire::Whole(_) => two_bytes,
                    };
                    skip = length.saturating_sub(1);
                }
                continue;
            }
            if two_bytes && (0x21..=0x7E).contains(&byte) || wide && byte >= 0x81 {
                skip = 1;
            } else if byte == b'\\' {
                cuts.push(at);
            }
        }
        let mut from = 0usize;
        let mut cuts = cuts.into_iter();
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            if let Some(at) = cuts.next() {
                let value = bytes.get(from..at);
                from = at.saturating_add(1);
                value
            } else {
                done = true;
                bytes.get(from..)
            }
        })
    }
}

/// VRs that Specific Character Set applies to (PS3.5 section 6.1.2.2).
fn uses_character_set(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT | Vr::UN
    )
}

/// Text of the default character repertoire, ISO-IR 6 (PS3.5 section 6.1.2.1): it is the same in every character set for as long
/// as no escape calls in another one (6.1.2.5). `None` for all other text.
#[must_use]
pub fn default_repertoire(bytes: &[u8]) -> Option<&str> {
    if !bytes.is_ascii() || bytes.contains(&ESC) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => None,
    }
}

fn latin1(bytes: &[u8]) -> Decoded {
    Decoded {
        text: bytes.iter().map(|b| char::from(*b)).collect(),
        lossless: false,
    }
}

fn decode_with(codec: &'static Codec, bytes: &[u8]) -> Option<String> {
    codec
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

fn encode_with(codec: &'static Codec, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = codec.encode(text);
    (!unmappable).then(|| bytes.into_owned())
}

/// Decodes bytes between two escapes: low bytes by G0, high bytes by G1.
fn decode_run(g0: Repertoire, g1: Repertoire, bytes: &[u8]) -> Option<String> {
    if let Repertoire::Whole(codec) = g1 {
        return decode_with(codec, bytes);
    }
    match g0 {
        Repertoire::Kanji => return decode_with(EUC_JP, &with_high_bits(bytes, None)),
        Repertoire::SupplementaryKanji => {
            return decode_with(EUC_JP, &with_high_bits(bytes, Some(0x8F)));
        }
        Repertoire::Ascii
        | Repertoire::Single(_)
        | Repertoire::Katakana
        | Repertoire::Hangul
        | Repertoire::Hanzi
        | Repertoire::Whole(_) => {}
    }
    match g1 {
        Repertoire::Single(codec) => decode_with(codec, bytes),
        Repertoire::Hangul => decode_with(EUC_KR, bytes),
        Repertoire::Hanzi => decode_with(GBK, bytes),
        Repertoire::Katakana => bytes
            .iter()
            .map(|&b| match b {
                0xA1..=0xDF => {
                    char::from_u32(0xFF61u32.saturating_add(u32::from(b.saturating_sub(0xA1))))
                }
                0..=0x7F => Some(char::from(b)),
                _ => None,
            })
            .collect(),
        Repertoire::Ascii
        | Repertoire::Kanji
        | Repertoire::SupplementaryKanji
        | Repertoire::Whole(_) => bytes
            .is_ascii()
            .then(|| bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// A 94x94 set of G0 as EUC: both bytes with the high bit, behind a single shift where one is needed.
fn with_high_bits(bytes: &[u8], shift: Option<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(2));
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        match tail.split_first() {
            Some((&second, tail)) if (0x21..=0x7E).contains(&byte) => {
                out.extend(shift);
                out.extend([byte | 0x80, second | 0x80]);
                rest = tail;
            }
            Some(_) | None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    out
}

/// The set that an escape sequence calls in, and the length of the sequence (PS3.3 table C.12-3, C.12-4).
fn escape(bytes: &[u8]) -> Option<(Repertoire, usize)> {
    let (set, length) = match bytes {
        [ESC, b'$', b'B', ..] => (Repertoire::Kanji, 3),
        [ESC, b'$', b'(', b'D', ..] => (Repertoire::SupplementaryKanji, 4),
        [ESC, b'$', b')', b'C', ..] => (Repertoire::Hangul, 4),
        [ESC, b'$', b')', b'A', ..] => (Repertoire::Hanzi, 4),
        [ESC, b'(', b'B' | b'J', ..] => (Repertoire::Ascii, 3),
        [ESC, b')', b'I', ..] => (Repertoire::Katakana, 3),
        [ESC, b'-', final_byte, ..] => {
            let label = match final_byte {
                b'A' => "iso-8859-1",
                b'B' => "iso-8859-2",
                b'C' => "iso-8859-3",
                b'D' => "iso-8859-4",
                b'F' => "iso-8859-7",
                b'G' => "iso-8859-6",
                b'H' => "iso-8859-8",
                b'L' => "iso-8859-5",
                b'M' => "iso-8859-9",
                b'T' => "tis-620",
                b'b' => "iso-8859-15",
                _ => return None,
            };
            (single(label), 3)
        }
        _ => return None,
    };
    Some((set, length))
}

/// Encodes character by character with escapes; each character returns to ASCII, which is valid if not short.
fn encode_extended(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for c in text.chars() {
        let one = c.to_string();
        if c.is_ascii() {
            out.extend_from_slice(one.as_bytes());
        } else if let Some([a @ 0xA1..=0xFE, b @ 0xA1..=0xFE]) =
            encode_with(EUC_JP, &one).as_deref()
        {
            out.extend_from_slice(&[ESC, b'$', b'B', a & 0x7F, b & 0x7F, ESC, b'(', b'B']);
        } else if let Some([a, b]) = encode_with(EUC_KR, &one).as_deref() {
            out.extend_from_slice(&[ESC, b'$', b')', b'C', *a, *b]);
        } else {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests;
