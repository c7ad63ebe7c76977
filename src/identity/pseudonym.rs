//! Keyed pseudonyms: HMAC-SHA-256 under sub-keys of HKDF-SHA-256, one for each purpose and project.
//!
//! Owns: the messages and what becomes of the MAC. There is no unkeyed hash here (PS3.15 E.1.1 item 1 warns of them).
//! Values are brought to one form first, so that spelling and encoding do not make two people of one.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

use super::key::{Key, base32};
use super::memory;

const SALT: &[u8] = b"dcmscrub/v1";
/// Characters of a code: 80 bits.
const CODE_CHARS: usize = 16;
/// Letters that spell no name: without vowels.
const CONSONANTS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Characters of a mark: 82 bits.
pub const MARK_CHARS: usize = 19;
/// Days of the range that dates move in: -3650 to -1.
const DAYS: u128 = 3650;

type HmacSha256 = Hmac<Sha256>;

/// HKDF-SHA-256 with the program's salt.
pub(crate) fn expand<const N: usize>(key: &[u8; 32], info: &[u8]) -> [u8; N] {
    let mut out = [0u8; N];
    let expanded = Hkdf::<Sha256>::new(Some(SALT), key).expand(info, &mut out);
    debug_assert!(expanded.is_ok(), "at most 32 bytes are asked for");
    out
}

/// Pseudonyms of one key and one project.
#[derive(Clone)]
pub struct Pseudonyms {
    /// No other key or project of this process has it.
    number: u64,
    uid: HmacSha256,
    id: HmacSha256,
    date: HmacSha256,
    name: HmacSha256,
    state: zeroize::Zeroizing<[u8; 32]>,
}

impl Pseudonyms {
    /// Derives the sub-keys of a project.
    #[must_use]
    pub fn new(key: &Key, project: &str) -> Self {
        let info =
            |purpose: &str| [SALT, b"\0", project.as_bytes(), b"\0", purpose.as_bytes()].concat();
        let sub = |purpose: &str| {
            let info = info(purpose);
            // a key shorter than the block is filled up with zeros (FIPS 198-1)
            let mut block = zeroize::Zeroizing::new([0u8; 64]);
            let sub_key = zeroize::Zeroizing::new(expand::<32>(key.bytes(), &info));
            for (to, from) in block.iter_mut().zip(sub_key.iter()) {
                *to = *from;
            }
            <HmacSha256 as KeyInit>::new((&*block).into())
        };
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            uid: sub("uid"),
            id: sub("id"),
            date: sub("date"),
            name: sub("name"),
            state: zeroize::Zeroizing::new(expand::<32>(key.bytes(), &info("state"))),
        }
    }

    /// The UID in place of this one: `2.25.` and the number of a UUID of version 8. At most 44 characters.
    #[must_use]
    pub fn uid(&self, uid: &[u8]) -> String {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] =
            self.mac(Purpose::Uid, [canonical_uid(uid)]);
        let uuid = [
            a,
            b,
            c,
            d,
            e,
            f,
            g & 0x0F | 0x80,
            h,
            i & 0x3F | 0x80,
            j,
            k,
            l,
            m,
            n,
            o,
            p,
        ];
        format!("2.25.{}", u128::from_be_bytes(uuid))
    }

    /// The code of a value in a scope: 16 characters of Crockford's base 32.
    #[must_use]
    pub fn code(&self, scope: &str, parts: &[&str]) -> String {
        base32(&self.scoped(scope, parts), CODE_CHARS)
    }

    /// A mark of a value in a scope, for records of the program's own: 19 consonants (82 bits). By chance a code of letters
    /// and digits spells a name or a number now and then; a mark cannot.
    #[must_use]
    pub fn mark(&self, scope: &str, parts: &[&str]) -> String {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = self.scoped(scope, parts);
        consonants(u128::from_be_bytes([
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,
        ]))
    }

    /// A mark of the bytes of an input, by which it is known again: keyed BLAKE3, as they are many.
    #[must_use]
    pub fn state(&self, bytes: &[u8]) -> String {
        let hash = blake3::keyed_hash(&self.state, bytes);
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = *hash.as_bytes();
        consonants(u128::from_be_bytes([
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,
        ]))
    }

    /// Which of `of` equal shares a mark falls into, from 0: marks are evenly spread.
    #[must_use]
    pub fn share(mark: &str, of: u32) -> u32 {
        let digit = |c: u8| CONSONANTS.iter().position(|a| *a == c).unwrap_or(0);
        let number = mark.bytes().take(12).fold(0u64, |n, c| {
            n.saturating_mul(20)
                .saturating_add(u64::try_from(digit(c)).unwrap_or(0))
        });
        u32::try_from(number.checked_rem(u64::from(of)).unwrap_or(0)).unwrap_or(0)
    }

    /// The code of a patient: of (Issuer of Patient ID, Patient ID).
    #[must_use]
    pub fn patient_code(&self, issuer: &str, patient_id: &str) -> String {
        if canonical(issuer).is_empty() {
            self.code("PatientID", &[patient_id])
        } else {
            self.code("PatientID", &[issuer, patient_id])
        }
    }

    /// The code of a patient without Patient ID: of the study.
    #[must_use]
    pub fn study_code(&self, study_uid: &str) -> String {
        self.code("StudyInstanceUID", &[study_uid])
    }

    /// The code of a person's name.
    #[must_use]
    pub fn name_code(&self, name: &str) -> String {
        base32(
            &self.mac(Purpose::Name, [canonical_person_name(name).as_bytes()]),
            CODE_CHARS,
        )
    }

    /// Days by which the dates of a patient move: -3650 to -1.
    #[must_use]
    pub fn date_shift(&self, issuer: &str, patient_id: &str) -> i64 {
        self.days(&[&canonical_text(issuer), &canonical_text(patient_id)])
    }

    /// The same where there is no Patient ID: one shift for the study.
    #[must_use]
    pub fn date_shift_for_study(&self, study_uid: &str) -> i64 {
        self.days(&["StudyInstanceUID", "", &canonical_text(study_uid)])
    }

    fn days(&self, parts: &[&str]) -> i64 {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] =
            self.mac(Purpose::Date, parts.iter().map(|part| part.as_bytes()));
        let n = u128::from_be_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]) % DAYS;
        i64::try_from(n).unwrap_or(0).saturating_sub(3650)
    }
}

/// The last digits of a number to the base 20, the last one first.
fn consonants(number: u128) -> String {
    // as many digits as a number of 64 bits holds are taken at a time: those of 128 bits are slow to divide
    const DIGITS: u32 = 14;
    const PIECE: u128 = 20u128.pow(DIGITS);
    let pieces = [number % PIECE, number / PIECE % PIECE];
    let mut mark = String::with_capacity(MARK_CHARS);
    for piece in pieces {
        let mut piece = u64::try_from(piece).unwrap_or(0);
        for _ in 0..DIGITS {
            if mark.len() == MARK_CHARS {
                break;
            }
            let at = usize::try_from(piece % 20).unwrap_or(0);
            mark.push(char::from(CONSONANTS.get(at).copied().unwrap_or(b'B')));
            piece /= 20;
        }
    }
    mark
}

/// A text as its bytes.
struct Text<'t>(Cow<'t, str>);

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What a sub-key is for.
#[derive(Clone, Copy)]
enum Purpose {
    Uid,
    Id,
    Date,
    Name,
}

impl Pseudonyms {
    /// MAC of a scope and values in it, each in its one form.
    fn scoped(&self, scope: &str, parts: &[&str]) -> [u8; 32] {
        let parts = parts.iter().map(|part| canonical(part));
        let all = std::iter::once(Cow::Borrowed(scope)).chain(parts);
        self.mac(Purpose::Id, all.map(Text))
    }

    /// MAC of a list of values: each with its length in front, so that none can slide into the next.
    fn mac(&self, purpose: Purpose, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> [u8; 32] {
        let key = match purpose {
            Purpose::Uid => &self.uid,
            Purpose::Id => &self.id,
            Purpose::Date => &self.date,
            Purpose::Name => &self.name,
        };
        // which key it is stands in front for the memory alone
        let [a, b, c, d, e, f, g, h] = self.number.to_be_bytes();
        let front = [a, b, c, d, e, f, g, h, purpose as u8];
        let message = |bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(&front);
            for part in parts {
                let part = part.as_ref();
                let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(part);
            }
        };
        memory::code(message, |bytes| {
            let mut mac = key.clone();
            mac.update(bytes.get(front.len()..).unwrap_or_default());
            mac.finalize().into_bytes().into()
        })
    }
}

fn canonical_uid(uid: &[u8]) -> &[u8] {
    let mut uid = uid;
    while let Some((b'\0' | b' ', rest)) = uid.split_last() {
        uid = rest;
    }
    uid
}

/// One form of a text: NFC, without padding at either end.
#[must_use]
pub fn canonical_text(text: &str) -> String {
    canonical(text).into_owned()
}

fn canonical(text: &str) -> Cow<'_, str> {
    fn bare(text: &str) -> &str {
        text.trim_start_matches(' ').trim_end_matches(['\0', ' '])
    }
    if text.is_ascii() {
        Cow::Borrowed(bare(text)) // ASCII has one form (Unicode Standard Annex 15)
    } else {
        Cow::Owned(bare(&text.nfc().collect::<String>()).to_owned())
    }
}

/// One form of a person's name: NFC, components without padding, no empty components or groups at the end.
#[must_use]
pub fn canonical_person_name(name: &str) -> String {
    let name = canonical_text(name);
    let group = |group: &str| {
        let components: Vec<&str> = group.split('^').map(str::trim).collect();
        components.join("^").trim_end_matches('^').to_owned()
    };
    let groups: Vec<String> = name.split('=').map(group).collect();
    groups.join("=").trim_end_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn demo(project: &str) -> Pseudonyms {
        Pseudonyms::new(
            &Key::from_bytes(std::array::from_fn(|n| u8::try_from(n).unwrap())),
            project,
        )
    }

    #[test]
    fn vectors_are_those_of_the_reference() {
        let p = demo("demo");
        let uid = "2.25.177352926114486141076506062874444042820";
        assert_eq!(p.uid(b"1.2.840.113619.2.5.1762583153"), uid);
        assert_eq!(p.uid(b"1.2.840.113619.2.5.1762583153\0"), uid);
        assert_eq!(p.patient_code("", "4711042 "), "BGCXRQ1QW0X0ZZY3");
        assert_eq!(p.patient_code("", "4711042"), "BGCXRQ1QW0X0ZZY3");
        assert_eq!(
            demo("demo2").patient_code("", "4711042"),
            "1RHT0WPQH1V0QK09"
        );
        assert_eq!(p.date_shift("", "4711042"), -603);
    }

    #[test]
    fn a_name_has_one_form() {
        for name in ["A^B", "A^B^", "A^B^ ", "A^B^^^", "A ^ B", "A^B=", "A^B==^"] {
            assert_eq!(canonical_person_name(name), "A^B", "{name}");
        }
        assert_eq!(canonical_text("Mu\u{308}ller "), "Müller");
        assert_eq!(
            demo("").name_code("Mu\u{308}ller^A"),
            demo("").name_code("Müller^A^")
        );
        assert_ne!(demo("").name_code("A^B"), demo("").name_code("B^A"));
    }

    #[test]
    fn issuer_and_number_cannot_slide_into_each_other() {
        let p = demo("");
        let codes = [
            p.patient_code("A", "B1"),
            p.patient_code("AB", "1"),
            p.patient_code("", "AB1"),
            p.study_code("AB1"),
            p.code("AccessionNumber", &["AB1"]),
        ];
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn marks_spell_nothing_and_fall_into_equal_shares() {
        let p = demo("");
        let marks: BTreeSet<String> = (0..4000).map(|n| p.mark("x", &[&n.to_string()])).collect();
        assert_eq!(marks.len(), 4000);
        assert!(
            marks
                .iter()
                .all(|mark| mark.len() == MARK_CHARS
                    && mark.bytes().all(|b| CONSONANTS.contains(&b)))
        );
        for share in 0..4 {
            let n = marks
                .iter()
                .filter(|mark| Pseudonyms::share(mark, 4) == share)
                .count();
            assert!((900..1100).contains(&n), "{n}");
        }
        assert_ne!(p.mark("x", &["1"]), p.mark("y", &["1"]));
    }

    #[test]
    fn uids_are_valid_and_distinct() {
        let p = demo("");
        let uids: BTreeSet<String> = (0..20_000)
            .map(|n| p.uid(format!("1.2.{n}").as_bytes()))
            .collect();
        assert_eq!(uids.len(), 20_000);
        assert!(
            uids.iter()
                .all(|uid| uid.len() <= 44 && !uid.contains(".0"))
        );
    }

    #[test]
    fn shifts_fill_their_range() {
        let p = demo("");
        let shifts: BTreeSet<i64> = (0..100_000)
            .map(|n| p.date_shift("", &n.to_string()))
            .collect();
        assert_eq!(
            (shifts.len(), shifts.first(), shifts.last()),
            (3650, Some(&-3650), Some(&-1))
        );
    }
}
