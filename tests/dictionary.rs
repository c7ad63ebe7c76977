//! A dictionary attack on what the program writes. The attacker has an output folder, the source of the program and a list
//! of every identifier that a hospital can have given; the key is what the attacker has not.
//!
//! For each candidate the attack computes digests without a key, in the forms in which other tools write pseudonyms, and the
//! program's own construction with keys that somebody could guess, and looks for them in everything that was written: bytes of
//! files, names of files and folders, the reports, the journal, what the terminal said. The same attack finds every planted
//! identifier in imitations of outputs without a key, and in our own when it has the key: so it looks in the right way.
//!
//! `cargo test` tries 100,000 candidates. All twelve million, in some fifteen minutes of CPU time:
//!
//! ```text
//! cargo test --release --test integration dictionary -- --ignored --nocapture
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dcmscrub::identity::date_shift::shift_da;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;
use tempfile::TempDir;

use crate::clean::{dcmscrub, tree};
use crate::fixtures::dicom::{Syntax, data_set, part10};

const PROJECT: &str = "trial-7";
/// What the attacker knows of the hospital: where its UIDs begin.
const UID_ROOT: &str = "1.2.999.7.";
const STUDY_DATE: &[u8] = b"20190613";

// ---------------------------------------------------------------------------------------------------------------------
// Candidates
// ---------------------------------------------------------------------------------------------------------------------

/// How many of each kind are tried, and where the numbers begin.
#[derive(Clone, Copy)]
struct Space {
    numbers: (u32, u32),
    births: (u32, u32),
    accessions: (u32, u32),
}

/// The planted identifiers are in both.
const SOME: Space = Space {
    numbers: (4_690_000, 60_000),
    births: (0, 20_000),
    accessions: (400_000, 20_000),
};
const ALL: Space = Space {
    numbers: (0, 10_000_000),
    births: (0, 1_000_000),
    accessions: (0, 1_000_000),
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Patient,
    Accession,
}

impl Space {
    fn len(self) -> u32 {
        self.numbers.1 + self.births.1 + self.accessions.1
    }

    fn candidate(self, at: u32) -> (Kind, String) {
        if at < self.numbers.1 {
            return (Kind::Patient, number(self.numbers.0 + at));
        }
        let at = at - self.numbers.1;
        if at < self.births.1 {
            return (Kind::Patient, birth(self.births.0 + at));
        }
        let at = at - self.births.1;
        (Kind::Accession, accession(self.accessions.0 + at))
    }
}

/// A hospital number of seven digits.
fn number(n: u32) -> String {
    format!("{n:07}")
}

/// A birth date with initials: days from 1943 on, and 26 x 26 pairs.
fn birth(n: u32) -> String {
    let (day, pair) = (n / 676, n % 676);
    let first = jiff::civil::date(1943, 1, 1);
    let date = first
        .checked_add(jiff::Span::new().days(i64::from(day)))
        .unwrap();
    let letter = |n: u32| char::from(b'A' + u8::try_from(n).unwrap());
    format!(
        "{}{}{}",
        date.strftime("%Y%m%d"),
        letter(pair / 26),
        letter(pair % 26)
    )
}

fn accession(n: u32) -> String {
    format!("A19{n:06}")
}

struct Planted {
    patients: Vec<String>,
    accessions: Vec<String>,
}

impl Planted {
    fn new() -> Self {
        let numbers = (0..20).map(|n| number(4_690_007 + n * 2_971));
        let births = (0..20).map(|n| birth(11 + n * 977));
        Self {
            patients: numbers.chain(births).collect(),
            accessions: (0..40).map(|n| accession(400_003 + n * 491)).collect(),
        }
    }

    fn all(&self) -> BTreeSet<String> {
        let all = self.patients.iter().chain(&self.accessions);
        all.cloned().collect()
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// What the attacker sees
// ---------------------------------------------------------------------------------------------------------------------

/// One file each of these people, below a folder of the person's number.
fn write_inputs(folder: &Path, people: &[(String, String)]) {
    for (patient, accession) in people {
        let study = uid_of(patient);
        let text = format!(
            "0008,0016 UI 1.2.840.10008.5.1.4.1.1.2
             0008,0018 UI {study}.1.1
             0008,0020 DA {}
             0008,0050 SH {accession}
             0008,0060 CS MR
             0008,1030 LO CT chest of {patient}
             0010,0010 PN {patient}
             0010,0020 LO {patient}
             0010,1000 LO {patient}
             0020,000D UI {study}
             0020,000E UI {study}.1
             0020,0010 SH {patient}
             0020,0011 IS 1
             0020,0013 IS 1",
            String::from_utf8_lossy(STUDY_DATE)
        );
        let file = part10("", "", &data_set(&[&text]).unwrap(), Syntax::Explicit).unwrap();
        let at = folder.join(patient);
        std::fs::create_dir_all(&at).unwrap();
        std::fs::write(at.join("1.dcm"), file).unwrap();
    }
}

/// Everything that runs over these inputs leave, one piece after the other: names, bytes, what was said.
fn outputs(folder: &TempDir, name: &str, people: &[(String, String)], key: &Path) -> Vec<u8> {
    let inputs = folder.path().join(format!("{name}-in"));
    write_inputs(&inputs, people);
    let mut seen = Vec::new();
    for (profile, layout) in [
        ("share", "named"),
        ("basic", "media"),
        ("research", "mirror"),
    ] {
        let out = folder.path().join(format!("{name}-{layout}"));
        let ran = dcmscrub(&[
            &"clean",
            &inputs,
            &"-o",
            &out,
            &"-p",
            &profile,
            &"--layout",
            &layout,
            &"--key-file",
            &key,
            &"--project",
            &PROJECT,
            &"-v",
        ]);
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        seen.extend(ran.stdout);
        seen.extend(ran.stderr);
        for (path, bytes) in tree(&out) {
            seen.push(b'\n');
            seen.extend(path.as_os_str().as_encoded_bytes());
            seen.push(b'\n');
            seen.extend(bytes);
        }
    }
    seen
}

/// A set of byte strings: a filter of bits in front of their sorted digests.
struct Strings {
    bits: Vec<u64>,
    sorted: Vec<u64>,
}

const FILTER: u32 = 24;

fn fold(bytes: &[u8]) -> u64 {
    let mut h = 0x9E37_79B9_7F4A_7C15_u64;
    for chunk in bytes.chunks(8) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        h = (h ^ u64::from_le_bytes(eight)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        h ^= h >> 32;
    }
    h.wrapping_add(bytes.len() as u64)
        .wrapping_mul(0xC4CE_B9FE_1A85_EC53)
}

impl Strings {
    fn new<'b>(strings: impl Iterator<Item = &'b [u8]>) -> Self {
        let mut sorted: Vec<u64> = strings.map(fold).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut bits = vec![0; 1 << (FILTER - 6)];
        for hash in &sorted {
            let (word, bit) = Self::place(*hash);
            bits[word] |= 1 << bit;
        }
        Self { bits, sorted }
    }

    fn place(hash: u64) -> (usize, u32) {
        let at = u32::try_from(hash >> (64 - FILTER)).unwrap();
        ((at >> 6) as usize, at & 63)
    }

    fn has(&self, string: &[u8]) -> bool {
        let hash = fold(string);
        let (word, bit) = Self::place(hash);
        self.bits[word] >> bit & 1 == 1 && self.sorted.binary_search(&hash).is_ok()
    }
}

/// What was written, made ready to be searched for the beginning of a digest in any form.
struct Haystack {
    /// Eight bytes at any place.
    raw: Strings,
    /// Twelve characters at any place, in capitals.
    text: Strings,
    /// Eighteen digits at any place.
    digits: Strings,
    /// Whole words of 8 to 11 letters and digits that only this output has: too short to be looked for at any place.
    words: Strings,
}

fn words(seen: &[u8]) -> BTreeSet<Vec<u8>> {
    seen.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| (8..=11).contains(&word.len()))
        .map(<[u8]>::to_ascii_uppercase)
        .collect()
}

impl Haystack {
    /// `others`: what the program writes about other people. Its words are no pseudonyms of these.
    fn new(seen: &[u8], others: &[u8]) -> Self {
        let upper = seen.to_ascii_uppercase();
        let common = words(others);
        let own: Vec<Vec<u8>> = words(seen).difference(&common).cloned().collect();
        let is_digits = |window: &&[u8]| window.iter().all(u8::is_ascii_digit);
        Self {
            raw: Strings::new(seen.windows(8)),
            text: Strings::new(upper.windows(12)),
            digits: Strings::new(upper.windows(18).filter(is_digits)),
            words: Strings::new(own.iter().map(Vec::as_slice)),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The attack
// ---------------------------------------------------------------------------------------------------------------------

/// A find: which candidate, by which way, and whether chance can be excluded (more than 47 bits agree).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    candidate: String,
    way: String,
    certain: bool,
}

struct Attack<'h> {
    haystack: &'h Haystack,
    /// Keys that the attacker tries for every candidate, with their names.
    keys: Vec<(String, Pseudonyms)>,
    /// Try keys that are made of the candidate itself.
    own_keys: bool,
}

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8; 16] = b"0123456789ABCDEF";
const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The first characters of bytes in an alphabet of 2^`bits` letters.
fn letters<const N: usize>(bytes: &[u8], alphabet: &[u8], bits: u32) -> [u8; N] {
    let (mut held, mut have, mut rest) = (0u32, 0u32, bytes.iter());
    std::array::from_fn(|_| {
        while have < bits {
            held = held << 8 | u32::from(*rest.next().unwrap());
            have += 8;
        }
        have -= bits;
        let letter = alphabet[(held >> have) as usize];
        held &= (1 << have) - 1;
        letter
    })
}

impl Attack<'_> {
    /// Looks for one digest in all forms.
    fn digest(&self, digest: &[u8], mut hit: impl FnMut(&str, bool)) {
        let see = self.haystack;
        if see.raw.has(&digest[..8]) {
            hit("bytes", true);
        }
        for (form, alphabet, bits) in [
            ("hex", &HEX[..], 4),
            ("base 32 of Crockford", &CROCKFORD[..], 5),
            ("base 32 of RFC 4648", &RFC_4648[..], 5),
            ("base 64", &BASE_64[..], 6),
        ] {
            let mut text: [u8; 12] = letters(digest, alphabet, bits);
            text.make_ascii_uppercase();
            if see.text.has(&text) {
                hit(form, true);
            }
            for length in [8, 10] {
                // a shifted date is a word of digits
                let is_number = text[..length].iter().all(u8::is_ascii_digit);
                if !is_number && see.words.has(&text[..length]) {
                    hit(form, false);
                }
            }
        }
        let long = u128::from_be_bytes(digest[..16].try_into().unwrap());
        let short = u64::from_be_bytes(digest[..8].try_into().unwrap());
        // as a UUID of version 4, 5 or 8 has it
        let marked = |version: u128| long & !(0xF << 76) & !(0x3 << 62) | version << 76 | 0x2 << 62;
        for number in [long, u128::from(short), marked(4), marked(5), marked(8)] {
            let digits = number.to_string();
            if digits.len() >= 18 && see.digits.has(&digits.as_bytes()[..18]) {
                hit("decimal", true);
            }
        }
        for ten in [short.to_string(), format!("{:010}", short % 10_000_000_000)] {
            if ten.len() >= 10 && see.words.has(&ten.as_bytes()[..10]) {
                hit("ten decimals", false);
            }
        }
    }

    /// Looks for a code that the program's own construction makes.
    fn code(&self, code: &str, mut hit: impl FnMut(bool)) {
        if self.haystack.text.has(&code.as_bytes()[..12]) {
            hit(true);
        }
        if code.len() == 16 && self.haystack.words.has(&code.as_bytes()[..8]) {
            hit(false);
        }
    }

    fn candidate(&self, kind: Kind, id: &str, hits: &mut Vec<Hit>) {
        let mut hit = |way: String, certain| {
            hits.push(Hit {
                candidate: id.to_owned(),
                way,
                certain,
            });
        };
        let uid = uid_of(id);
        let scope = match kind {
            Kind::Patient => "PatientID",
            Kind::Accession => "AccessionNumber",
        };
        let framed = framed(&[scope, id]);
        let padded = format!("{id} ");
        let mut messages: Vec<(&str, &[u8])> =
            vec![("number", id.as_bytes()), ("framed number", &framed)];
        if id.len() % 2 == 1 {
            messages.push(("padded number", padded.as_bytes()));
        }
        if kind == Kind::Patient {
            messages.push(("UID", uid.as_bytes()));
        }
        for (what, message) in messages {
            let mut look = |algorithm: &str, digest: &[u8]| {
                self.digest(digest, |form, certain| {
                    hit(format!("{algorithm} of the {what}, {form}"), certain);
                });
            };
            look("MD5", &md5::Md5::digest(message));
            look("SHA-1", &sha1::Sha1::digest(message));
            look("SHA-256", &sha2::Sha256::digest(message));
            look("SHA-512", &sha2::Sha512::digest(message));
            look("BLAKE3", blake3::hash(message).as_bytes());
        }
        let empty = Hmac::<sha2::Sha256>::new_from_slice(b"").unwrap();
        let mac = empty.chain_update(&framed).finalize().into_bytes();
        self.digest(&mac, |form, certain| {
            hit(format!("HMAC without a key, {form}"), certain);
        });
        for (name, key) in &self.keys {
            self.keyed(kind, id, &uid, key, |what, certain| {
                hit(format!("{what} by {name}"), certain);
            });
        }
        if self.own_keys {
            for (name, bytes) in [
                ("the number as the key", padded_key(id.as_bytes())),
                (
                    "SHA-256 of the number as the key",
                    sha2::Sha256::digest(id).into(),
                ),
            ] {
                let key = Pseudonyms::new(&Key::from_bytes(bytes), PROJECT);
                self.keyed(kind, id, &uid, &key, |what, certain| {
                    hit(format!("{what} by {name}"), certain);
                });
            }
        }
    }

    fn keyed(
        &self,
        kind: Kind,
        id: &str,
        uid: &str,
        key: &Pseudonyms,
        mut hit: impl FnMut(&str, bool),
    ) {
        if kind == Kind::Accession {
            let code = key.code("AccessionNumber", &[id]);
            return self.code(&code, |certain| hit("accession code", certain));
        }
        let code = key.patient_code("", id);
        self.code(&code, |certain| hit("patient's code", certain));
        let folder = key.code("path/patient", &[&code]);
        self.code(&folder, |certain| hit("name of a folder", certain));
        for (what, scope, part) in [
            ("mark of the patient", "journal/patient", code.as_str()),
            (
                "mark of the input",
                "journal/input",
                &format!("{id}/1.dcm/|"),
            ),
        ] {
            self.code(&key.mark(scope, &[part]), |certain| hit(what, certain));
        }
        let new = key.uid(uid.as_bytes());
        let digits = new.strip_prefix("2.25.").unwrap();
        if digits.len() >= 18 && self.haystack.digits.has(&digits.as_bytes()[..18]) {
            hit("UID", true);
        }
    }

    /// Tries all candidates of a space on all processors.
    fn run(&self, space: Space) -> Vec<Hit> {
        let workers =
            std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap());
        let mut hits: Vec<Hit> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|worker| {
                    scope.spawn(move || {
                        let mut hits = Vec::new();
                        for at in (worker..space.len()).step_by(workers as usize) {
                            let (kind, id) = space.candidate(at);
                            self.candidate(kind, &id, &mut hits);
                        }
                        hits
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        hits.sort();
        hits
    }
}

/// The study's UID, which holds the number; letters as two digits.
fn uid_of(id: &str) -> String {
    let digits: String = id
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(_) => c.to_string(),
            None => u32::from(c).to_string(),
        })
        .collect();
    format!("{UID_ROOT}{digits}.1")
}

/// The message of the program's own construction: each part behind its length.
fn framed(parts: &[&str]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat())
        .collect()
}

fn padded_key(bytes: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let n = bytes.len().min(32);
    key[..n].copy_from_slice(&bytes[..n]);
    key
}

/// Keys that somebody could think of, and those that can be made of what is printed about the real one.
fn guessable(printed: &[String]) -> Vec<(String, Pseudonyms)> {
    let words = ["", "dcmscrub", "dcmscrub/v1", "dcmscrub-key-v1", PROJECT];
    let words = words
        .into_iter()
        .map(str::to_owned)
        .chain(printed.iter().cloned());
    let mut keys: BTreeMap<String, [u8; 32]> = BTreeMap::new();
    for word in words {
        keys.insert(
            format!("the key `{word}` and zeros"),
            padded_key(word.as_bytes()),
        );
        keys.insert(
            format!("SHA-256 of `{word}` as the key"),
            sha2::Sha256::digest(&word).into(),
        );
    }
    keys.insert(
        "the key 00 01 02...".into(),
        std::array::from_fn(|n| u8::try_from(n).unwrap()),
    );
    keys.insert("the key FF FF FF...".into(), [0xFF; 32]);
    keys.into_iter()
        .map(|(name, bytes)| (name, Pseudonyms::new(&Key::from_bytes(bytes), PROJECT)))
        .collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// The tests
// ---------------------------------------------------------------------------------------------------------------------

struct Scene {
    planted: Planted,
    seen: Vec<u8>,
    others: Vec<u8>,
    key: Key,
    /// What is printed about the key: its name, and its code in the journal.
    printed: Vec<String>,
    _folder: TempDir,
}

fn scene() -> Scene {
    let folder = TempDir::new().unwrap();
    let key_file = folder.path().join("key");
    let key = Key::create_file(&key_file).unwrap();
    let planted = Planted::new();
    let people: Vec<_> = (planted.patients.iter().cloned())
        .zip(planted.accessions.iter().cloned())
        .collect();
    let strangers: Vec<_> = (0..40)
        .map(|n| (format!("ZZ-{n}-ZZ"), format!("QQ-{n}")))
        .collect();
    let other_key = folder.path().join("other-key");
    Key::create_file(&other_key).unwrap();
    let seen = outputs(&folder, "ours", &people, &key_file);
    let others = outputs(&folder, "others", &strangers, &other_key);
    let journal = std::fs::read_to_string(folder.path().join("ours-named/report.journal.jsonl"));
    let head: serde_json::Value =
        serde_json::from_str(journal.unwrap().lines().next().unwrap()).unwrap();
    let printed = vec![key.id(), head["key"].as_str().unwrap().to_owned()];
    Scene {
        planted,
        seen,
        others,
        key,
        printed,
        _folder: folder,
    }
}

impl Scene {
    /// The attack without the key: nothing is found.
    fn resists(&self, space: Space) {
        let haystack = Haystack::new(&self.seen, &self.others);
        let attack = Attack {
            haystack: &haystack,
            keys: guessable(&self.printed),
            own_keys: true,
        };
        let started = std::time::Instant::now();
        let hits = attack.run(space);
        println!(
            "{} candidates, {} digests and {} keys each, {} bytes of output: {} finds, {:.0} s",
            space.len(),
            3 * 5 + 1,
            attack.keys.len() + 2,
            self.seen.len(),
            hits.len(),
            started.elapsed().as_secs_f64()
        );
        let planted = self.planted.all();
        assert!(!hits.iter().any(|hit| hit.certain), "{hits:?}");
        assert!(
            !hits.iter().any(|hit| planted.contains(&hit.candidate)),
            "{hits:?}"
        );
        // forty bits agree by chance once in a while
        assert!(hits.len() <= 2, "{hits:?}");
    }
}

#[test]
fn no_candidate_is_found_in_an_output_without_its_key() {
    scene().resists(SOME);
}

#[test]
#[ignore = "fifteen minutes of CPU time: cargo test --release --test integration dictionary -- --ignored --nocapture"]
fn no_candidate_of_twelve_million_is_found_in_an_output_without_its_key() {
    scene().resists(ALL);
}

/// The first control: the same attack, with the key among its guesses, finds everybody in our own output.
#[test]
fn the_same_attack_with_the_key_finds_everybody() {
    let scene = scene();
    let haystack = Haystack::new(&scene.seen, &scene.others);
    let key = Pseudonyms::new(&scene.key, PROJECT);
    let attack = Attack {
        haystack: &haystack,
        keys: vec![("the key".into(), key)],
        own_keys: false,
    };
    let planted = scene.planted.all();
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for hit in attack.run(SOME).into_iter().filter(|hit| hit.certain) {
        assert!(planted.contains(&hit.candidate), "{hit:?}");
        ways.entry(hit.way).or_default().insert(hit.candidate);
    }
    let found: BTreeSet<String> = ways.values().flatten().cloned().collect();
    assert_eq!(found, planted);
    for way in [
        "patient's code",
        "accession code",
        "mark of the patient",
        "mark of the input",
        "UID",
    ] {
        let n = ways
            .get(&format!("{way} by the key"))
            .map_or(0, BTreeSet::len);
        assert_eq!(n, 40, "{way}: {:?}", ways.keys());
    }
}

/// The second control: the same attack finds everybody in imitations of outputs without a key.
#[test]
fn the_same_attack_finds_everybody_where_there_is_no_key() {
    let planted = Planted::new().all();
    let mut seen = Vec::new();
    for id in &planted {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let number = u128::from_be_bytes(md5::Md5::digest(id).into());
        let short = u64::from_be_bytes(sha2::Sha512::digest(id)[..8].try_into().unwrap());
        let sha256 = sha2::Sha256::digest(id);
        let sha1 = sha1::Sha1::digest(id);
        for pseudonym in [
            &hex(&sha256).as_bytes()[..16],
            hex(blake3::hash(id.as_bytes()).as_bytes()).as_bytes(),
            &hex(&sha1).as_bytes()[..8],
            &letters::<16>(&sha1, RFC_4648, 5),
            &letters::<16>(&sha256, CROCKFORD, 5),
            &letters::<22>(&sha2::Sha512::digest(id), BASE_64, 6),
            &sha2::Sha512::digest(id),
            format!("2.25.{number}").as_bytes(),
            &short.to_string().as_bytes()[..10],
        ] {
            seen.extend(b"\x10\0\x20\0LO\x10\0");
            seen.extend(pseudonym);
            seen.extend(b" \x10\0\x30\0DA\0\0");
        }
    }
    let haystack = Haystack::new(&seen, b"");
    let attack = Attack {
        haystack: &haystack,
        keys: Vec::new(),
        own_keys: false,
    };
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for hit in attack.run(SOME) {
        assert!(!hit.certain || planted.contains(&hit.candidate), "{hit:?}");
        ways.entry(hit.way).or_default().insert(hit.candidate);
    }
    for way in [
        "SHA-256 of the number, hex",
        "BLAKE3 of the number, hex",
        "SHA-1 of the number, hex",
        "SHA-1 of the number, base 32 of RFC 4648",
        "SHA-256 of the number, base 32 of Crockford",
        "SHA-512 of the number, base 64",
        "SHA-512 of the number, bytes",
        "MD5 of the number, decimal",
        "SHA-512 of the number, ten decimals",
    ] {
        let found = ways
            .get(way)
            .map_or(0, |found| found.intersection(&planted).count());
        // of 80; eight digits without a letter among them are taken for a date, and some numbers are short
        assert!(
            found >= 74,
            "{way}: {found} of {}; {:?}",
            planted.len(),
            ways.keys()
        );
    }
}

/// A shifted date is one of 3650, so one guess in 3650 is right by chance, and no more are.
#[test]
fn shifts_of_guessable_keys_are_right_by_chance_only() {
    let scene = scene();
    let shifted =
        |key: &Pseudonyms, id: &str| shift_da(STUDY_DATE, key.date_shift("", id)).unwrap();
    let right = Pseudonyms::new(&scene.key, PROJECT);
    let dates: Vec<(String, Vec<u8>)> = scene
        .planted
        .patients
        .iter()
        .map(|id| (id.clone(), shifted(&right, id)))
        .collect();
    for (_, date) in &dates {
        assert!(scene.seen.windows(8).any(|window| window == date));
    }
    assert!(!scene.seen.windows(8).any(|window| window == STUDY_DATE));
    let keys = guessable(&scene.printed);
    let guesses = keys.len() * dates.len();
    let by_chance = keys
        .iter()
        .flat_map(|(_, key)| {
            dates
                .iter()
                .map(move |(id, date)| shifted(key, id) == *date)
        })
        .filter(|is_right| *is_right)
        .count();
    assert!(by_chance <= 5, "{by_chance} of {guesses}");
}
