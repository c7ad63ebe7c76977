//! The identifiers that one file is known by: collected first, then searched in text that stays and in the finished bytes.
//!
//! Owns: what makes an identifier strong, its forms, and where a hit counts. Source of the rules: our privacy rules on
//! text; PS3.15 E.3.5 leaves the manner of cleaning to the implementer.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::memory;
use super::notes::{Note, Notes};
use super::text::{self, How, person::KnownText, words::classes};
use super::uids::Uids;

/// What an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The patient's name and names of relatives.
    Name,
    /// Patient IDs, device serial numbers and the like.
    Id,
    /// Accession and order numbers.
    Accession,
    /// Telephone numbers.
    Phone,
    /// Addresses.
    Address,
    /// Dates of the study.
    Date,
    /// Birth dates.
    BirthDate,
    /// UIDs.
    Uid,
    /// Institutions and departments.
    Organisation,
    /// Physicians, operators and other persons.
    Physician,
    /// Stations and AE titles.
    Station,
    /// Anything else that names somebody.
    Other,
}

/// Collects identifiers.
#[derive(Default)]
pub struct KnownIdentifiersBuilder {
    notes: Notes,
    uids: Vec<Box<[u8]>>,
}

/// The identifiers of one file, ready to be searched for.
///
/// Names, numbers, dates and places are those of many files of one patient, and are made ready once for all that a worker
/// meets in a row; UIDs are another file's in every file.
pub struct KnownIdentifiers {
    words: Arc<Words>,
    uids: Uids,
}

/// Names, numbers, dates and places.
pub(super) struct Words {
    /// No other of this process has it.
    pub(super) id: u64,
    automaton: Option<AhoCorasick>,
    /// The same, several times as fast, and several times as long in the making.
    fast: OnceLock<Option<AhoCorasick>>,
    patterns: Vec<Box<[u8]>>,
    /// There are identifiers that cannot be searched for: everything counts as a hit.
    failed: bool,
    kinds: Vec<Kind>,
    longest: usize,
    texts: BTreeSet<(Kind, Box<str>)>,
    known_text: OnceLock<KnownText>,
}

impl fmt::Debug for KnownIdentifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.words.texts.len().saturating_add(self.uids.count());
        write!(f, "<hidden, {count} identifiers>")
    }
}

/// A place where an identifier stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it names.
    pub kind: Kind,
}

fn is_common(word: &str) -> bool {
    classes(&text::fold::fold(word)).is_listed()
}

impl KnownIdentifiersBuilder {
    /// Adds one value: its bytes in the file and its text.
    pub fn add(&mut self, kind: Kind, raw: &[u8], text: &str) {
        match kind {
            Kind::Uid if Uids::is_one(raw) => self.add_uid(raw),
            // the time of day tells nothing, and is another one in every file
            Kind::Date | Kind::BirthDate if begins_with_day(raw) && raw == text.as_bytes() => {
                let day = raw.get(..8).unwrap_or(raw);
                self.notes.add(Note::Value(kind), day, day);
            }
            _ => self.notes.add(Note::Value(kind), raw, text.as_bytes()),
        }
    }

    /// Adds a UID, which [`Uids::is_one`].
    pub fn add_uid(&mut self, uid: &[u8]) {
        if self.uids.last().is_none_or(|last| **last != *uid) {
            self.uids.push(uid.into());
        }
    }

    /// Notes a value of the technical description (a maker, a kind of image): where a place or a device bears the same
    /// word, the word tells nothing. The patient's names, numbers, dates and UIDs stay identifiers all the same.
    pub fn add_technical(&mut self, value: &[u8]) {
        self.notes.add(Note::Technical, value.trim_ascii(), b"");
    }

    /// Notes a number of the person or of the request: it is one, even where the technical description has the same word.
    pub fn add_number(&mut self, value: &[u8]) {
        let value = value.trim_ascii();
        if value.iter().any(u8::is_ascii_digit) {
            self.notes.add(Note::Number, value, b"");
        }
    }

    /// Ready to be searched for.
    #[must_use]
    pub fn build(self) -> KnownIdentifiers {
        KnownIdentifiers {
            words: memory::words(&self.notes),
            uids: Uids::of(self.uids),
        }
    }
}

/// Eight digits, as the day is written in DA and DT (PS3.5 section 6.2).
fn begins_with_day(bytes: &[u8]) -> bool {
    bytes
        .get(..8)
        .is_some_and(|day| day.iter().all(u8::is_ascii_digit))
}

/// The forms that are searched for.
#[derive(Default)]
struct Patterns {
    patterns: BTreeSet<(Box<[u8]>, Kind)>,
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
        match kind {
            Kind::Name | Kind::Physician => {
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
            Kind::Date | Kind::BirthDate => {
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
            Kind::Uid => {
                if raw.len() >= 6 && raw.contains(&b'.') {
                    self.push(kind, raw);
                }
            }
            Kind::Id
            | Kind::Accession
            | Kind::Phone
            | Kind::Address
            | Kind::Organisation
            | Kind::Station
            | Kind::Other => {
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
                self.patterns.extend(wide(&lower).map(|wide| (wide, kind)));
            }
            self.patterns.insert((lower.into_boxed_slice(), kind));
        }
    }

    fn build(self) -> Words {
        let Self {
            mut patterns,
            technical,
            numbers,
            mut texts,
        } = self;
        let tells = |kind: Kind, lower: &[u8]| match kind {
            Kind::Name | Kind::Date | Kind::BirthDate | Kind::Uid => true,
            Kind::Id
            | Kind::Accession
            | Kind::Phone
            | Kind::Address
            | Kind::Organisation
            | Kind::Physician
            | Kind::Station
            | Kind::Other => numbers.contains(lower) || !technical.contains(lower),
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

impl Words {
    /// They are met once more: from now on searching is worth more than making ready for it.
    pub(super) fn met_again(&self) {
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

    fn known_text(&self) -> &KnownText {
        self.known_text.get_or_init(|| {
            let mut known = KnownText::default();
            for (kind, text) in &self.texts {
                known.add(*kind, text);
            }
            known
        })
    }

    fn hits<'h>(&'h self, haystack: &'h [u8]) -> impl Iterator<Item = Hit> + 'h {
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

impl KnownIdentifiers {
    /// Bytes of the longest identifier: the overlap that a search in pieces needs.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.words.longest.max(self.uids.longest())
    }

    /// The number of what is known but for UIDs: with another number, other people are known.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.words.id
    }

    /// Whether a UID that is known stands in these bytes or may be found in the text that they are.
    #[must_use]
    pub fn has_uid(&self, bytes: &[u8]) -> bool {
        self.uids.are_in(bytes)
    }

    /// Where strong identifiers stand in these bytes: UIDs behind all others.
    pub fn strong_hits<'h>(&'h self, haystack: &'h [u8]) -> impl Iterator<Item = Hit> + 'h {
        let uids = self.uids.hits(haystack).map(|range| Hit {
            range,
            kind: Kind::Uid,
        });
        self.words.hits(haystack).chain(uids)
    }

    /// The text without identifiers; `None` when there is none in it.
    #[must_use]
    pub fn clean_text(&self, text: &str, how: &How) -> Option<String> {
        if Uids::may_be_in(text) {
            self.clean_anew(text, how)
        } else {
            memory::cleaned(self.words.id, how, text, || self.clean_anew(text, how))
        }
    }

    fn clean_anew(&self, text: &str, how: &How) -> Option<String> {
        let cleaned = text::clean(text, self.in_text(), how);
        match self.without_glued(cleaned.as_deref().unwrap_or(text)) {
            Some(rest) => Some(text::clean(&rest, self.in_text(), how).unwrap_or(rest)),
            None => cleaned,
        }
    }

    fn in_text(&self) -> text::Known<'_> {
        text::Known {
            words: self.words.known_text(),
            uids: &self.uids,
        }
    }

    /// The text without the words that hold a name or a number inside a longer one, as `xQUILLONBERGx` does: what the last
    /// look would find is cut here. `None` when there is none in it.
    fn without_glued(&self, text: &str) -> Option<String> {
        let named = |hit: &Hit| !matches!(hit.kind, Kind::Date | Kind::BirthDate | Kind::Uid);
        let mut hits = self.words.hits(text.as_bytes()).filter(named).peekable();
        hits.peek()?;
        let mut rest = String::with_capacity(text.len());
        let mut from = 0usize;
        for hit in hits {
            let before = text.get(from..hit.range.start).unwrap_or_default();
            let word = before.rfind(char::is_whitespace).unwrap_or(0);
            rest.push_str(before.get(..word).unwrap_or_default());
            let behind = text.get(hit.range.end..).unwrap_or_default();
            let word = behind.find(char::is_whitespace).unwrap_or(behind.len());
            from = from.max(hit.range.end.saturating_add(word));
        }
        rest.push_str(text.get(from..).unwrap_or_default());
        Some(rest.trim().to_owned())
    }

    /// Whether a text holds anything that is known, be it a part of a name that is an ordinary word.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        text::mentions(text, self.in_text())
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
    match kind {
        Kind::Uid => {
            !(before.is_ascii_digit()
                || after.is_ascii_digit()
                || matches!(before, b'.')
                || matches!(after, b'.'))
        }
        Kind::Date | Kind::BirthDate => {
            let time = haystack.get(range.end..).unwrap_or_default();
            let runs_on = after.is_ascii_digit()
                && !matches!(
                    time,
                    [b'0'..=b'2', b'0'..=b'9', b'0'..=b'5', b'0'..=b'9', ..]
                );
            !(before.is_ascii_digit() || before == b'.' || runs_on)
        }
        Kind::Name | Kind::Physician => {
            let is_digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
            let first = is_digit(haystack.get(range.start));
            let last = is_digit(range.end.checked_sub(1).and_then(|at| haystack.get(at)));
            length >= TELLING
                || !(before.is_ascii_alphabetic()
                    || after.is_ascii_alphabetic()
                    || first && before.is_ascii_digit()
                    || last && after.is_ascii_digit())
        }
        Kind::Id
        | Kind::Accession
        | Kind::Phone
        | Kind::Address
        | Kind::Organisation
        | Kind::Station
        | Kind::Other => {
            length >= TELLING
                || !(before.is_ascii_alphanumeric()
                    || after.is_ascii_alphanumeric()
                    || matches!(before, b'.' | b'_')
                    || matches!(after, b'.' | b'_'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(rows: &[(Kind, &str)]) -> KnownIdentifiers {
        let mut builder = KnownIdentifiersBuilder::default();
        for (kind, text) in rows {
            builder.add(*kind, text.as_bytes(), text);
        }
        builder.build()
    }

    #[test]
    fn identifiers_are_cut_and_clinical_words_stay() {
        let known = known(&[
            (Kind::Name, "KOWALCZYK^ZBIGNIEW"),
            (Kind::Id, "123-45-6789"),
            (Kind::BirthDate, "19430217"),
            (Kind::Uid, "1.2.840.99.5"),
            (Kind::Name, "STUDY7-0003-67890"),
        ]);
        let rows: &[(&str, Option<&str>)] = &[
            ("CT chest for Kowalczyk, Zbigniew", Some("CT chest")),
            ("rec 123456789 knee protocol", Some("knee protocol")),
            ("born 17.02.1943 follow up", Some("follow up")),
            ("see study 1.2.840.99.5", Some("see study")),
            ("see 1.2.840.99.51", None),
            ("M-80003", None),
            ("slice 0003", None),
            ("code 167890", None),
            ("scan 67890 again", Some("scan again")),
            ("AX T1 MPRAGE", None),
            ("see xkowalczykZ\u{2003}again", Some("see\u{2003}again")),
            ("CT KowalczykKowalczyk1", Some("CT")),
            ("xZbigniewxKowalczyk", Some("")),
            ("BRAIN W/O CONTRAST", None),
        ];
        for (text, expected) in rows {
            assert_eq!(
                known.clean_text(text, &How::KNOWN).as_deref(),
                *expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_of_the_person_stays_one_where_the_technical_description_has_it_too() {
        let mut builder = KnownIdentifiersBuilder::default();
        for (kind, text) in [
            (Kind::Id, "MRN-4711"),
            (Kind::Id, "LUMEN 64"),
            (Kind::Id, "PHANTOM"),
        ] {
            builder.add(kind, text.as_bytes(), text);
            builder.add_technical(text.as_bytes());
        }
        builder.add_number(b"MRN-4711 ");
        builder.add_number(b"PHANTOM");
        let known = builder.build();
        for (text, expected) in [("MRN-4711", true), ("LUMEN 64", false), ("PHANTOM", false)] {
            let hit = known.strong_hits(text.as_bytes()).next().is_some();
            assert_eq!(hit, expected, "{text}");
        }
    }

    #[test]
    fn words_that_many_files_share_are_no_identifiers() {
        let known = known(&[
            (Kind::Name, "HEAD^SMALL"),
            (Kind::Id, "0000"),
            (Kind::Id, "UNKNOWN"),
            (Kind::Id, "anonymous"),
        ]);
        assert!(
            known
                .clean_text("head protocol, small 0000 unknown", &How::KNOWN)
                .is_none()
        );
    }

    #[test]
    fn a_weak_word_is_mentioned_and_not_cut() {
        let known = known(&[(Kind::Name, "BROWN^MAY"), (Kind::Id, "QX-0815")]);
        for (text, mentioned) in [
            ("brown fat", true),
            ("see QX 0815", true),
            ("knee protocol", false),
            ("", false),
        ] {
            assert_eq!(known.mentions(text), mentioned, "{text}");
        }
        assert_eq!(known.clean_text("brown fat", &How::KNOWN), None);
    }

    #[test]
    fn what_is_strong_is_so_from_a_length_on() {
        let rows: &[(Kind, &str, &str, bool)] = &[
            (Kind::Name, "TRIAL-1234", "at 1234 end", false),
            (Kind::Name, "TRIAL-12345", "at 12345 end", true),
            (Kind::Name, "VOGT", "by vogt", true),
            (Kind::Name, "VOG", "by vog", false),
            (Kind::Name, "ŁĘ", "by ŁĘ", true),
            (Kind::Physician, "QUILLA'VERBOR", "verbor", true),
            (Kind::Uid, "1.2.3", "uid 1.2.3 end", false),
            (Kind::Uid, "1.2.34", "uid 1.2.34 end", true),
            (Kind::Uid, "1.2.34", "uid 1.2.345", false),
            (Kind::Uid, "1.2.34", "uid 91.2.34", false),
            (Kind::Uid, "1.2.34", "uid 1.2.34.5", false),
            (Kind::Uid, "1.2.34", "uid 9.1.2.34", false),
            (Kind::Uid, "SERIES-77", "uid SERIES-77 end", false),
            (Kind::Name, "VOGT", "by xvogt", false),
            (Kind::Name, "VOGT", "by vogtx", false),
            (Kind::Name, "VOGT", "by 1vogt2", true),
            (Kind::Name, "TRIAL-12345", "at 912345", false),
            (Kind::Name, "TRIAL-12345", "at 123459", false),
            (Kind::Name, "QUILLBERG", "by xquillbergx", true),
            (Kind::Id, "QX77", "id xqx77 end", false),
            (Kind::Id, "QX77", "id 5.qx77 end", false),
            (Kind::Id, "QX77", "id qx77_1 end", false),
            (Kind::Id, "QX7", "id qx7 end", false),
            (Kind::Id, "QX77", "id qx77 end", true),
            (Kind::Id, "QX77", "id qx777 end", false),
            (Kind::Id, "QX77", "id _qx77 end", false),
            (Kind::Id, "QX77", "id qx77.5 end", false),
            (Kind::Id, "QX777777", "idqx7777777", true),
            (Kind::Id, "77-1", "771", false),
            (Kind::Id, "77-88-9", "id 77889 end", true),
            (Kind::Id, "QX-AB-CD", "qxabcd", false),
            (Kind::Id, "QX771^^^HOSP", "id qx771 end", true),
            (Kind::Station, "QX771^^^HOSP", "id qx771 end", false),
            (Kind::Id, "7777", "id 7777 end", false),
            (Kind::Id, "anonymous-7", "anonymous-7", false),
            (Kind::BirthDate, "19430217", "born 1943-02-17", true),
            (Kind::BirthDate, "19430217", "born 17.02.1943", true),
            (Kind::BirthDate, "19430217", "born 02/17/1943", true),
            (Kind::BirthDate, "19430217", "at 19430217101530", true),
            (Kind::BirthDate, "19430217", "no 194302179", false),
            (Kind::BirthDate, "19430217", "no 119430217", false),
            (Kind::BirthDate, "19430217", "no 1.19430217", false),
            (Kind::BirthDate, "19430217", "no 1194302171", false),
            (Kind::Date, "19000101", "day 19000101", false),
            (Kind::Date, "1943", "day 1943", false),
        ];
        for (kind, value, text, expected) in rows {
            let hit = known(&[(*kind, value)]).strong_hits(text.as_bytes()).next();
            assert_eq!(hit.is_some(), *expected, "{kind:?} {value} in {text}");
        }
        let known = known(&[(Kind::Name, "KOWALCZYK^ANNAMARIA"), (Kind::Id, "QX-0815")]);
        assert_eq!(known.longest(), 2 * 9 - 1);
    }

    #[test]
    fn bytes_in_sixteen_bits_are_found_and_ramps_are_none() {
        let known = known(&[
            (Kind::Name, "KOWALCZYK^Łucja"),
            (Kind::Id, "AB-0815-77"),
            (Kind::Id, "12345678"),
        ]);
        let hits = |text: &str, bytes: fn(u16) -> [u8; 2]| {
            let wide: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            known.strong_hits(&wide).count()
        };
        for (text, expected) in [
            ("by Kowalczyk", 1),
            ("Łucja", 1),
            ("ab-0815-77", 1),
            ("AB081577", 1),
            ("12345678", 0),
        ] {
            assert_eq!(hits(text, u16::to_le_bytes), expected, "{text}");
            assert_eq!(hits(text, u16::to_be_bytes), expected, "{text}");
        }
    }

    #[test]
    fn nothing_shows_an_identifier() {
        assert_eq!(
            format!("{:?}", known(&[(Kind::Name, "KOWALCZYK")])),
            "<hidden, 1 identifiers>"
        );
    }
}
