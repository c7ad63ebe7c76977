//! The identifiers that one file is known by: collected first, then searched in text that stays and in the finished bytes.
//!
//! Owns: what is collected, and the search in bytes and in text. PS3.15 E.3.5 leaves the manner of cleaning to the implementer.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::memory;
use super::notes::{Note, Notes};
use super::text::{self, How};
use super::uids::{UidList, Uids};
use super::words::Words;

/// What an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    uids: UidList,
}

/// The identifiers of one file, ready to be searched for.
///
/// Names, numbers, dates and places are those of many files of one patient, and are made ready once for all that a worker
/// meets in a row; UIDs are another file's in every file.
pub struct KnownIdentifiers {
    words: Arc<Words>,
    uids: Uids,
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

impl KnownIdentifiersBuilder {
    /// Adds one value: its bytes in the file and its text.
    pub fn add(&mut self, kind: Kind, raw: &[u8], text: &str) {
        let is_date = matches!(kind, Kind::Date | Kind::BirthDate);
        if kind == Kind::Uid && Uids::is_one(raw) {
            self.add_uid(raw);
        } else if is_date && begins_with_day(raw) && raw == text.as_bytes() {
            // the time of day tells nothing, and is another one in every file
            let day = raw.get(..8).unwrap_or(raw);
            self.notes.add(Note::Value(kind), day, day);
        } else {
            self.notes.add(Note::Value(kind), raw, text.as_bytes());
        }
    }

    /// Adds a UID, which [`Uids::is_one`].
    pub fn add_uid(&mut self, uid: &[u8]) {
        self.uids.add(uid);
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

impl KnownIdentifiers {
    /// Of nobody: nothing is known.
    #[must_use]
    pub fn of_nobody() -> Self {
        static NOBODY: OnceLock<Arc<Words>> = OnceLock::new();
        let words = NOBODY.get_or_init(|| Arc::new(Words::of(&Notes::default())));
        Self {
            words: Arc::clone(words),
            uids: Uids::of_nothing(),
        }
    }

    /// Bytes of the longest identifier: the overlap that a search in pieces needs.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.words.longest.max(self.uids.longest())
    }

    /// Nothing is known that is searched for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.longest() == 0 && self.words.texts.is_empty()
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

    /// The kinds of the identifiers that a value without padding is as a whole, none where it is no identifier; `None` where
    /// it is more than one of them, and another one stands in it.
    #[must_use]
    pub fn of_whole(&self, value: &[u8], text: &str) -> Option<BTreeSet<Kind>> {
        if self.uids.holds(value) {
            return Some(BTreeSet::from([Kind::Uid]));
        }
        if self.uids.are_in(value) {
            return None;
        }
        self.words.of_whole(value, text)
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
    fn a_value_is_an_identifier_as_a_whole_or_holds_another_one() {
        let known = known(&[
            (Kind::Name, "QX-0815^VERBORINE"),
            (Kind::Name, "KOWALCZYK"),
            (Kind::Id, "QX-0815-77"),
            (Kind::Accession, "RX 4711"),
            (Kind::Date, "20190304"),
            (Kind::Station, "PACS01"),
            (Kind::Uid, "1.2.34.5"),
        ]);
        let rows: &[(&str, Option<&[Kind]>)] = &[
            ("PACS01", Some(&[Kind::Station])),
            ("pacs01", Some(&[Kind::Station])),
            ("QX-0815-77", Some(&[Kind::Id])),
            ("qx081577", Some(&[Kind::Id])),
            ("20190304", Some(&[Kind::Date])),
            ("2019.03.04", Some(&[Kind::Date])),
            ("RX4711", Some(&[Kind::Accession])),
            ("QX-0815^VERBORINE^", Some(&[Kind::Name])),
            ("1.2.34.5", Some(&[Kind::Uid])),
            ("KNEE", Some(&[])),
            ("", Some(&[])),
            ("VERBORINE", None),
            ("PACS01 of KOWALCZYK", None),
            ("2019030412", Some(&[])),
            ("A20190304", None),
            ("A 20190304", None),
            ("1.2.34.5 of KNEE", None),
        ];
        for (text, expected) in rows {
            let kinds = known.of_whole(text.as_bytes(), text);
            let expected = expected.map(|kinds| kinds.iter().copied().collect());
            assert_eq!(kinds, expected, "{text}");
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
