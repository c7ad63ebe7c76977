//! The forms in which names, numbers, dates and places are searched for: what makes one strong, and where a hit counts.
//!
//! Source of the rules: our privacy rules on text.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::known::{Hit, Kind};
use super::notes::{Note, Notes};
use super::text::{self, person::KnownText, words::classes};

/// Names, numbers, dates and places.
pub(super) struct Words {
    /// No other of this process has it.
    pub(super) id: u64,
    automaton: Option<AhoCorasick>,
    /// The same, several times as fast, and several times as long in the making.
    fast: OnceLock<Option<AhoCorasick>>,
    /// Bytes that were searched.
    searched: AtomicU64,
    patterns: Vec<Box<[u8]>>,
    /// There are identifiers that cannot be searched for: everything counts as a hit.
    failed: bool,
    kinds: Vec<Kind>,
    pub(super) longest: usize,
    pub(super) texts: BTreeSet<(Kind, Box<str>)>,
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
    forms: BTreeSet<(Box<[u8]>, Kind)>,
    /// Values of the technical description, in lower case.
    technical: BTreeSet<Box<[u8]>>,
    /// The numbers of the person and of the request, in lower case.
    numbers: BTreeSet<Box<[u8]>>,
    /// The values as text, each once.
    texts: BTreeSet<(Kind, Box<str>)>,
}

impl Patterns {
    fn add(&mut self, kind: Kind, raw: &[u8], text: &str) {
        self.texts.insert((kind, text.into()));
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
                    self.push(kind, digits.as_bytes());
                    if let (Some(y), Some(m), Some(d)) =
                        (digits.get(..4), digits.get(4..6), digits.get(6..))
                    {
                        for form in [
                            format!("{y}-{m}-{d}"),
                            format!("{y}.{m}.{d}"),
                            format!("{y}/{m}/{d}"),
                            format!("{d}.{m}.{y}"),
                            format!("{d}/{m}/{y}"),
                            format!("{m}/{d}/{y}"),
                            format!("{d}-{m}-{y}"),
                        ] {
                            self.push(kind, form.as_bytes());
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
            self.forms.insert((lower.into_boxed_slice(), kind));
        }
    }

    fn build(self) -> Words {
        let Self {
            forms: mut patterns,
            technical,
            numbers,
            mut texts,
        } = self;
        let tells = |kind: Kind, lower: &[u8]| {
            kind == Kind::Name
                || matches!(Form::of(kind), Form::Day | Form::Uid)
                || numbers.contains(lower)
                || !technical.contains(lower)
        };
        texts.retain(|(kind, text)| tells(*kind, text.trim().to_ascii_lowercase().as_bytes()));
        patterns.retain(|(pattern, kind)| tells(*kind, pattern));
        let longest = patterns
            .iter()
            .map(|(pattern, _)| pattern.len())
            .max()
            .unwrap_or(0);
        let (patterns, kinds): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let mut failed = false;
        let automaton = if patterns.is_empty() {
            None
        } else {
            let automaton = automaton(&patterns, AhoCorasickKind::NoncontiguousNFA);
            failed = automaton.is_none();
            automaton
        };
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Words {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            automaton,
            fast: OnceLock::new(),
            searched: AtomicU64::new(0),
            patterns,
            failed,
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
    let both = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut forms = [both(u16::to_le_bytes), both(u16::to_be_bytes)];
    if text.is_ascii() {
        let [little, big] = &mut forms;
        little.pop();
        big.clear();
    }
    forms
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

/// Searches for all of these; `None` where they are too many.
fn automaton(patterns: &[Box<[u8]>], kind: AhoCorasickKind) -> Option<AhoCorasick> {
    let built = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(kind))
        .prefilter(false)
        .build(patterns);
    match built {
        Ok(automaton) => Some(automaton),
        Err(_) => None,
    }
}

/// Patterns of which a table for every byte is made.
const MOST_FAST: usize = 1000;
/// Bytes that take about as long to be searched as the table to be made.
const WORTH_A_TABLE: u64 = 1 << 16;

impl Words {
    /// They are met once more: where much was searched, as much may come, and is worth more than making ready for it.
    pub(super) fn met_again(&self) {
        if self.searched.load(Ordering::Relaxed) < WORTH_A_TABLE {
            return;
        }
        self.fast.get_or_init(|| {
            let few = !self.patterns.is_empty() && self.patterns.len() <= MOST_FAST;
            few.then(|| automaton(&self.patterns, AhoCorasickKind::DFA))
                .flatten()
        });
    }

    /// Those of what was noted.
    pub(super) fn of(notes: &Notes) -> Self {
        let mut patterns = Patterns::default();
        for (note, raw, text) in notes.iter() {
            let lower = || raw.to_ascii_lowercase().into_boxed_slice();
            match note {
                Note::Value(kind) => patterns.add(kind, raw, &String::from_utf8_lossy(text)),
                Note::Technical => drop(patterns.technical.insert(lower())),
                Note::Number => drop(patterns.numbers.insert(lower())),
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

    pub(super) fn hits<'h>(&'h self, haystack: &'h [u8]) -> impl Iterator<Item = Hit> + 'h {
        let searched = self.searched.load(Ordering::Relaxed);
        let length = u64::try_from(haystack.len()).unwrap_or(u64::MAX);
        // what is lost between two threads is of no account
        self.searched
            .store(searched.saturating_add(length), Ordering::Relaxed);
        let all = Hit {
            range: 0..haystack.len(),
            kind: Kind::Other,
        };
        let unsearchable = self.failed.then_some(all);
        let fast = self.fast.get().and_then(Option::as_ref);
        let found = fast
            .or(self.automaton.as_ref())
            .into_iter()
            .flat_map(move |automaton| {
                automaton.find_iter(haystack).filter_map(move |found| {
                    let kind = *self.kinds.get(found.pattern().as_usize())?;
                    let range = found.range();
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
