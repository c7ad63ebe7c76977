//! The forms in which names, numbers, dates and places are searched for: what makes one strong, and where a hit counts.
//!
//! Source of the rules: our privacy rules on text.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;

use super::known::{Hit, Kind};
use super::notes::{Note, Notes};
use super::search::Search;
use super::text::{self, person::KnownText, words::classes};

/// Names, numbers, dates and places.
pub(super) struct Words {
    /// No other of this process has it.
    pub(super) id: u64,
    search: Option<Search>,
    /// There are identifiers that cannot be searched for: everything counts as a hit.
    failed: bool,
    kinds: Vec<Kind>,
    pub(super) longest: usize,
    /// The values as text, in order, each once.
    pub(super) texts: Vec<(Kind, Box<str>)>,
    known_text: OnceLock<KnownText>,
}

/// Kinds that are written, and stand in other bytes, in one way.
enum Form {
    /// Names of people, in parts.
    Name,
    /// Days.
    Day,
    /// UIDs.
    Uid,
    /// Numbers, and all else that is found as a whole.
    Whole,
}

impl Form {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Name | Kind::Physician => Self::Name,
            Kind::Date | Kind::BirthDate => Self::Day,
            Kind::Uid => Self::Uid,
            Kind::Id
            | Kind::Accession
            | Kind::Phone
            | Kind::Address
            | Kind::Organisation
            | Kind::Station
            | Kind::Other => Self::Whole,
        }
    }
}

fn is_common(word: &str) -> bool {
    classes(&text::fold::fold(word)).is_listed()
}

/// The forms that are searched for.
#[derive(Default)]
struct Patterns {
    forms: Vec<(Box<[u8]>, Kind)>,
    /// Values of the technical description, in lower case.
    technical: Vec<Box<[u8]>>,
    /// The numbers of the person and of the request, in lower case.
    numbers: Vec<Box<[u8]>>,
    /// The values as text.
    texts: Vec<(Kind, Box<str>)>,
}

impl Patterns {
    fn add(&mut self, kind: Kind, raw: &[u8], text: &str) {
        self.texts.push((kind, text.into()));
        match Form::of(kind) {
            Form::Name => {
                for part in text.split(['^', '=', ' ', ',', '-', '.', '\'']) {
                    let letters = part.chars().count();
                    let is_short_number = letters < 5 && part.bytes().all(|b| b.is_ascii_digit());
                    if is_short_number {
                        continue;
                    }
                    if (letters >= 4 || (letters >= 2 && !part.is_ascii())) && !is_common(part) {
                        self.push(kind, part.as_bytes());
                    }
                }
                for part in raw.split(|b| matches!(b, b'^' | b'=' | b' ')) {
                    if part.len() >= 4 && !part.is_ascii() {
                        self.push(kind, part);
                    }
                }
            }
            Form::Day => {
                let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
                if digits.len() == 8 && digits != "00000000" && digits != "19000101" {
                    self.forms.push((digits.as_bytes().into(), kind));
                    if let (Some(y), Some(m), Some(d)) =
                        (digits.get(..4), digits.get(4..6), digits.get(6..))
                    {
                        for form in [
                            [y, "-", m, "-", d],
                            [y, ".", m, ".", d],
                            [y, "/", m, "/", d],
                            [d, ".", m, ".", y],
                            [d, "/", m, "/", y],
                            [m, "/", d, "/", y],
                            [d, "-", m, "-", y],
                        ] {
                            let form = form.concat().into_bytes();
                            self.forms.push((form.into_boxed_slice(), kind));
                        }
                    }
                }
            }
            Form::Uid => {
                if raw.len() >= 6 && raw.contains(&b'.') {
                    self.push(kind, raw);
                }
            }
            Form::Whole => {
                let core = text.trim();
                if core.chars().count() >= 4 && !is_trivial(core) {
                    self.push(kind, core.as_bytes());
                    self.push(kind, raw);
                    let joined: String = core.chars().filter(char::is_ascii_alphanumeric).collect();
                    if joined.len() >= 5
                        && joined.len() != core.len()
                        && joined.bytes().any(|b| b.is_ascii_digit())
                    {
                        self.push(kind, joined.as_bytes());
                    }
                    if matches!(kind, Kind::Id | Kind::Accession) {
                        for part in core
                            .split("^^^")
                            .filter(|part| part.len() >= 5 && !is_trivial(part))
                        {
                            self.push(kind, part.as_bytes());
                        }
                    }
                }
            }
        }
    }

    fn push(&mut self, kind: Kind, bytes: &[u8]) {
        if bytes.len() >= 4 || !bytes.is_ascii() && bytes.len() >= 2 {
            let lower = bytes.to_ascii_lowercase();
            if matches!(kind, Kind::Name | Kind::Id | Kind::Accession) && !is_ramp(&lower) {
                self.forms.extend(wide(&lower).map(|wide| (wide, kind)));
            }
            self.forms.push((lower.into_boxed_slice(), kind));
        }
    }

    fn build(self) -> Words {
        let Self {
            mut forms,
            mut technical,
            mut numbers,
            mut texts,
        } = self;
        technical.sort_unstable();
        numbers.sort_unstable();
        let holds = |set: &[Box<[u8]>], lower: &[u8]| {
            set.binary_search_by(|one| (**one).cmp(lower)).is_ok()
        };
        let tells = |kind: Kind, lower: &[u8]| {
            kind == Kind::Name
                || matches!(Form::of(kind), Form::Day | Form::Uid)
                || holds(&numbers, lower)
                || !holds(&technical, lower)
        };
        texts.retain(|(kind, text)| tells(*kind, text.trim().to_ascii_lowercase().as_bytes()));
        texts.sort_unstable();
        texts.dedup();
        forms.retain(|(form, kind)| tells(*kind, form));
        forms.sort_unstable();
        forms.dedup();
        let longest = forms.iter().map(|(form, _)| form.len()).max().unwrap_or(0);
        let kinds = forms.iter().map(|(_, kind)| *kind).collect();
        let words: Vec<_> = forms.into_iter().map(|(form, _)| form).zip(0..).collect();
        let is_nothing = words.is_empty();
        let search = Search::of(words);
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Words {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            failed: search.is_none() && !is_nothing,
            search,
            kinds,
            longest,
            texts,
            known_text: OnceLock::new(),
        }
    }
}

/// The same in UTF-16, as other programs write it into values that are no text. What the two orders of bytes have in common
/// is enough for ASCII: `4A 00 61 00 6E 00 65`.
fn wide(lower: &[u8]) -> impl Iterator<Item = Box<[u8]>> + use<> {
    let text = std::str::from_utf8(lower).unwrap_or_default();
    let both = |bytes: fn(u16) -> [u8; 2]| {
        let mut form = Vec::with_capacity(lower.len().saturating_mul(2));
        for unit in text.encode_utf16() {
            form.extend_from_slice(&bytes(unit));
        }
        form
    };
    let mut little = both(u16::to_le_bytes);
    let big = if text.is_ascii() {
        little.pop();
        Vec::new()
    } else {
        both(u16::to_be_bytes)
    };
    [little, big]
        .into_iter()
        .filter(|form| !form.is_empty())
        .map(Vec::into_boxed_slice)
}

/// `1234`, `aaaa`: as numbers of 16 bits they are a piece of a lookup table.
fn is_ramp(bytes: &[u8]) -> bool {
    let mut steps = bytes.windows(2).map(|two| match two {
        [a, b] => b.wrapping_sub(*a),
        _ => 0,
    });
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// Values that stand in many files and name nobody.
fn is_trivial(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    let same = chars.all(|c| Some(c) == first);
    let lower = text.to_lowercase();
    same || lower.starts_with("anon")
        || lower
            .split(|c: char| !c.is_alphanumeric())
            .all(|word| word.is_empty() || is_common(word))
}

impl Words {
    /// Those of what was noted.
    pub(super) fn of(notes: &Notes) -> Self {
        let mut patterns = Patterns::default();
        for (note, raw, text) in notes.iter() {
            let lower = || raw.to_ascii_lowercase().into_boxed_slice();
            match note {
                Note::Value(kind) => patterns.add(kind, raw, &String::from_utf8_lossy(text)),
                Note::Technical => patterns.technical.push(lower()),
                Note::Number => patterns.numbers.push(lower()),
            }
        }
        patterns.build()
    }

    pub(super) fn known_text(&self) -> &KnownText {
        self.known_text.get_or_init(|| {
            let mut known = KnownText::default();
            for (kind, text) in &self.texts {
                known.add(*kind, text);
            }
            known
        })
    }

    /// The kinds of the identifiers that a value is as a whole; `None` where another one stands in it.
    pub(super) fn of_whole(&self, value: &[u8], text: &str) -> Option<BTreeSet<Kind>> {
        if self.failed {
            return None;
        }
        let bare = |text: &str| text.trim_end_matches(['^', '=', ' ']).to_lowercase();
        let wanted = bare(text);
        let mut kinds = BTreeSet::new();
        let mut own = Patterns::default();
        for (kind, _) in self.texts.iter().filter(|(_, one)| bare(one) == wanted) {
            kinds.insert(*kind);
            own.add(*kind, value, text);
        }
        let lower = value.to_ascii_lowercase();
        let patterns = self.search.iter().flat_map(Search::words);
        for (pattern, form) in patterns {
            let kind = self.kinds.get(form)?;
            for at in memmem::find_iter(&lower, pattern) {
                let range = at..at.saturating_add(pattern.len());
                if !stands_alone(value, &range, *kind) {
                    continue;
                }
                // a part of a name is not the name
                let is_name = matches!(kind, Kind::Name | Kind::Physician);
                if range == (0..value.len()) && !is_name {
                    kinds.insert(*kind);
                } else if !own
                    .forms
                    .iter()
                    .any(|(own, of)| **own == *pattern && of == kind)
                {
                    return None;
                }
            }
        }
        Some(kinds)
    }

    pub(super) fn hits<'h>(&'h self, haystack: &'h [u8]) -> impl Iterator<Item = Hit> + 'h {
        let all = Hit {
            range: 0..haystack.len(),
            kind: Kind::Other,
        };
        let unsearchable = self.failed.then_some(all);
        let search = self.search.as_ref();
        let found = search.into_iter().flat_map(move |search| {
            search.find_iter(haystack).filter_map(move |(form, range)| {
                let kind = *self.kinds.get(form)?;
                stands_alone(haystack, &range, kind).then_some(Hit { range, kind })
            })
        });
        found.chain(unsearchable)
    }
}

/// Bytes of a name or a number that is no part of another word by chance.
const TELLING: usize = 8;

/// A hit counts when it is no part of a longer word or number, or is so long that it tells whose it is all the same.
fn stands_alone(haystack: &[u8], range: &Range<usize>, kind: Kind) -> bool {
    let before = range
        .start
        .checked_sub(1)
        .and_then(|at| haystack.get(at))
        .copied()
        .unwrap_or(b' ');
    let after = haystack.get(range.end).copied().unwrap_or(b' ');
    let length = range.end.saturating_sub(range.start);
    match Form::of(kind) {
        Form::Uid => {
            !(before.is_ascii_digit()
                || after.is_ascii_digit()
                || matches!(before, b'.')
                || matches!(after, b'.'))
        }
        Form::Day => {
            let time = haystack.get(range.end..).unwrap_or_default();
            let runs_on = after.is_ascii_digit()
                && !matches!(
                    time,
                    [b'0'..=b'2', b'0'..=b'9', b'0'..=b'5', b'0'..=b'9', ..]
                );
            !(before.is_ascii_digit() || before == b'.' || runs_on)
        }
        Form::Name => {
            let is_digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
            let first = is_digit(haystack.get(range.start));
            let last = is_digit(range.end.checked_sub(1).and_then(|at| haystack.get(at)));
            length >= TELLING
                || !(before.is_ascii_alphabetic()
                    || after.is_ascii_alphabetic()
                    || first && before.is_ascii_digit()
                    || last && after.is_ascii_digit())
        }
        Form::Whole => {
            length >= TELLING
                || !(before.is_ascii_alphanumeric()
                    || after.is_ascii_alphanumeric()
                    || matches!(before, b'.' | b'_')
                    || matches!(after, b'.' | b'_'))
        }
    }
}
