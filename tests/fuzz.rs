//! The fuzz targets as ordinary tests: every input of the kept corpus, and changes of it that are the same in every run.
//! What the fuzzer does with hours of time is told in docs/reliability.md.

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

#[path = "../fuzz/src"]
mod targets {
    pub mod archive;
    pub mod clean;
    pub mod disc;
    pub mod drawn;
    pub mod in_common;
    pub mod key;
    pub mod profile;
    pub mod reader;
    pub mod text;
}

/// Changed inputs of one target.
const CHANGES: usize = 1500;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 10, "{target}: a corpus of {}", inputs.len());
    inputs
}

/// Numbers that look like chance (xorshift64*), the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % most.max(1)
    }
}

/// One to four changes: a byte, a bit, a piece that goes, is doubled, or comes from another input.
fn changed(bytes: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(out.len());
        let end = (at + 1 + chance.below(16)).min(out.len());
        match chance.below(5) {
            _ if out.is_empty() => out.extend_from_slice(other),
            0 => out[at] = u8::try_from(chance.below(256)).unwrap(),
            1 => out[at] ^= 1 << chance.below(8),
            2 => drop(out.drain(at..end)),
            3 => out.splice(at..at, out[at..end].to_vec()).for_each(drop),
            _ => {
                let from = chance.below(other.len());
                let piece = &other[from..(from + 32).min(other.len())];
                out.splice(at..at, piece.iter().copied()).for_each(drop);
            }
        }
    }
    out
}

fn holds(name: &str, target: fn(&[u8])) {
    let corpus = corpus(name);
    for (path, bytes) in &corpus {
        assert!(catch_unwind(|| target(bytes)).is_ok(), "{}", path.display());
    }
    let mut chance = Chance(0x5EED);
    for round in 0..CHANGES {
        let (path, bytes) = &corpus[chance.below(corpus.len())];
        let other = corpus[chance.below(corpus.len())].1.as_slice();
        let input = changed(bytes, other, &mut chance);
        assert!(
            catch_unwind(|| target(&input)).is_ok(),
            "change {round}, of {}",
            path.display()
        );
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            holds(stringify!($name), targets::$name::run);
        })*
        #[test]
        fn every_target_of_the_fuzzer_is_a_test() {
            let manifest = include_str!("../fuzz/Cargo.toml");
            let mut listed: Vec<&str> = manifest
                .lines()
                .filter_map(|line| line.strip_prefix("path = \"targets/")?.strip_suffix(".rs\""))
                .collect();
            listed.sort_unstable();
            assert_eq!(listed, [$(stringify!($name)),*]);
        }
    };
}

targets!(archive clean disc drawn key profile reader text);
