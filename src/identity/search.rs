//! Searches bytes for many words at once, whatever the case of their ASCII letters.
//!
//! Owns: what is found, the leftmost word, and of those that begin there the longest. Most people have few files, so making
//! ready has to cost next to nothing: a table of how words begin, and the words in order. Sets that this could be slow for
//! (very many words, very long ones) are searched by an automaton.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Most words that are searched in order.
const MOST: usize = 1000;
/// Bytes of the longest of them: what is compared at one place is bounded.
const LONGEST: usize = 128;
/// Comparisons in vain that are always made; beyond that one for so many bytes.
const ALWAYS: usize = 256;
const SELDOM: usize = 8;
/// The table tells beginnings apart by so many bits of a number.
const BITS: u32 = 15;
/// The bits of it that are not looked at.
const REST: u32 = u32::BITS - BITS;
/// Where upper and lower case of ASCII differ. Other bytes are mixed by it too, which the comparison sorts out.
const CASE: u32 = 0x2020_2020;

/// A set of words to search for.
pub(super) struct Search {
    /// In order, in lower case; with what the caller knows it by.
    words: Vec<(Box<[u8]>, usize)>,
    in_order: Option<InOrder>,
    automaton: OnceLock<Option<AhoCorasick>>,
}

struct InOrder {
    /// Bytes of a beginning that count.
    mask: u32,
    /// A bit for each beginning of a word.
    beginnings: Box<[u64]>,
    /// For each word its first four bytes as a number, in order; empty where a word has fewer.
    firsts: Vec<u32>,
    /// For each word the longest other one that it begins with.
    shorter: Vec<Option<usize>>,
}

impl Search {
    /// Words with what the caller knows them by; of equal ones the lowest counts. `None` where they cannot be searched for: there
    /// is none, one is empty, or they are too many.
    pub(super) fn of(mut words: Vec<(Box<[u8]>, usize)>) -> Option<Self> {
        for (word, _) in &mut words {
            word.make_ascii_lowercase();
        }
        words.sort_unstable();
        let shortest = words.iter().map(|(word, _)| word.len()).min()?;
        let longest = words.iter().map(|(word, _)| word.len()).max()?;
        let is_easy = words.len() <= MOST && longest <= LONGEST;
        let in_order = match shortest {
            0 => return None,
            2 | 3 if is_easy => Some(InOrder::of(&words, 0x0000_FFFF)),
            4.. if is_easy => Some(InOrder::of(&words, u32::MAX)),
            _ => None,
        };
        let search = Self {
            words,
            in_order,
            automaton: OnceLock::new(),
        };
        (search.in_order.is_some() || search.automaton().is_some()).then_some(search)
    }

    /// What finds all words in one pass, whatever the bytes are; `None` where they are too many.
    fn automaton(&self) -> Option<&AhoCorasick> {
        let build = || automaton(&self.words);
        self.automaton.get_or_init(build).as_ref()
    }

    /// All words in lower case, with what the caller knows them by.
    pub(super) fn words(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.words
            .iter()
            .map(|(word, known_by)| (&**word, *known_by))
    }

    /// The words that are found, from left to right, none inside another: by what they are known, and where they stand.
    pub(super) fn find_iter<'h>(&'h self, haystack: &'h [u8]) -> Found<'h> {
        Found {
            search: self,
            haystack,
            from: 0,
            tries: 0,
            is_hard: self.in_order.is_none(),
        }
    }
}

/// What a search finds, one after the other.
pub(super) struct Found<'h> {
    search: &'h Search,
    haystack: &'h [u8],
    from: usize,
    /// Places at which words were compared in vain.
    tries: usize,
    /// There are so many of those that an automaton is quicker.
    is_hard: bool,
}

impl Iterator for Found<'_> {
    type Item = (usize, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let (word, range) = if self.is_hard {
            self.by_automaton()?
        } else {
            self.in_order()?
        };
        self.from = range.end;
        Some((self.search.words.get(word)?.1, range))
    }
}

impl Found<'_> {
    fn by_automaton(&self) -> Option<(usize, Range<usize>)> {
        let rest = self.haystack.get(self.from..)?;
        let found = self.search.automaton()?.find(rest)?;
        let begins = self.from.saturating_add(found.start());
        let word = found.pattern().as_usize();
        Some((word, begins..self.from.saturating_add(found.end())))
    }

    fn in_order(&mut self) -> Option<(usize, Range<usize>)> {
        let in_order = self.search.in_order.as_ref()?;
        let words = &self.search.words;
        let rest = self.haystack.get(self.from..)?;
        let starting = |word: usize, n: usize| {
            let at = self.from.saturating_add(n);
            Some((word, at..at.saturating_add(words.get(word)?.0.len())))
        };
        for (n, four) in rest.windows(4).enumerate() {
            if !in_order.may_begin(four) {
                continue;
            }
            if let Some(word) = in_order.longest_at(words, rest.get(n..)?) {
                return starting(word, n);
            }
            self.tries = self.tries.saturating_add(1);
            if self.tries > ALWAYS.max(self.haystack.len() / SELDOM)
                && self.search.automaton().is_some()
            {
                self.is_hard = true;
                self.from = self.from.saturating_add(n);
                return self.by_automaton();
            }
        }
        // words of two or three bytes at the end
        let last = rest.len().saturating_sub(3);
        (last..rest.len()).find_map(|n| {
            let word = in_order.longest_at(words, rest.get(n..)?)?;
            starting(word, n)
        })
    }
}

/// What finds all of these in one pass, however many and long they are; `None` where they are too many.
fn automaton(words: &[(Box<[u8]>, usize)]) -> Option<AhoCorasick> {
    let built = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .prefilter(false)
        .build(words.iter().map(|(word, _)| word));
    match built {
        Ok(automaton) => Some(automaton),
        Err(_) => None,
    }
}

impl InOrder {
    fn of(words: &[(Box<[u8]>, usize)], mask: u32) -> Self {
        let blocks = usize::try_from((1u32 << BITS) / u64::BITS).unwrap_or(0);
        let mut beginnings = vec![0u64; blocks].into_boxed_slice();
        let first = |(word, _): &(Box<[u8]>, usize)| word.first_chunk::<4>().copied();
        let firsts: Option<Vec<u32>> = words
            .iter()
            .map(|word| first(word).map(u32::from_be_bytes))
            .collect();
        let mut shorter = Vec::with_capacity(words.len());
        let mut open: Vec<usize> = Vec::new();
        for (at, (word, _)) in words.iter().enumerate() {
            let mut four = [0u8; 4];
            for (to, from) in four.iter_mut().zip(word.iter()) {
                *to = *from;
            }
            let (block, bit) = place((u32::from_le_bytes(four) | CASE) & mask);
            if let Some(block) = beginnings.get_mut(block) {
                *block |= bit;
            }
            let begins = |other: &usize| {
                let other = words.get(*other);
                other.is_some_and(|(other, _)| word.starts_with(other))
            };
            while open.pop_if(|other| !begins(other)).is_some() {}
            shorter.push(open.last().copied());
            open.push(at);
        }
        Self {
            mask,
            beginnings,
            firsts: firsts.unwrap_or_default(),
            shorter,
        }
    }

    #[inline]
    fn may_begin(&self, four: &[u8]) -> bool {
        let four = four.first_chunk::<4>().copied().unwrap_or_default();
        let (block, bit) = place((u32::from_le_bytes(four) | CASE) & self.mask);
        let block = self.beginnings.get(block);
        block.is_some_and(|block| block & bit != 0)
    }

    /// The longest word that these bytes begin with. It is the last one that does not sort behind them, or one that this
    /// begins with.
    fn longest_at(&self, words: &[(Box<[u8]>, usize)], bytes: &[u8]) -> Option<usize> {
        // of most bytes that look like a beginning no word has the first four
        let (from, to) = match bytes.first_chunk::<4>() {
            Some(four) if !self.firsts.is_empty() => {
                let first = u32::from_be_bytes(four.map(|byte| byte.to_ascii_lowercase()));
                let from = self.firsts.partition_point(|other| *other < first);
                let rest = self.firsts.get(from..)?;
                let same = rest.iter().take_while(|other| **other == first).count();
                (from, from.saturating_add(same))
            }
            Some(_) | None => (0, words.len()),
        };
        let is_not_behind =
            |(word, _): &(Box<[u8]>, usize)| compared(word, bytes).0 != Ordering::Greater;
        let within = words.get(from..to).filter(|within| !within.is_empty())?;
        let behind = within.partition_point(is_not_behind).saturating_add(from);
        let last = behind.checked_sub(1)?;
        let (_, common) = compared(&words.get(last)?.0, bytes);
        let mut word = last;
        while words.get(word)?.0.len() > common {
            word = (*self.shorter.get(word)?)?;
        }
        let bytes_of = |word: usize| words.get(word).map(|(word, _)| word);
        while let Some(before) = word.checked_sub(1)
            && bytes_of(before) == bytes_of(word)
        {
            word = before;
        }
        Some(word)
    }
}

/// A word beside bytes of any case: how they sort, and how many bytes they have in common.
fn compared(word: &[u8], bytes: &[u8]) -> (Ordering, usize) {
    for (at, (one, other)) in word.iter().zip(bytes).enumerate() {
        let order = one.cmp(&other.to_ascii_lowercase());
        if order != Ordering::Equal {
            return (order, at);
        }
    }
    (word.len().cmp(&bytes.len()), word.len().min(bytes.len()))
}

/// The bit of a beginning.
#[inline]
fn place(beginning: u32) -> (usize, u64) {
    let mixed = beginning.wrapping_mul(0x9E37_79B1) >> REST;
    let block = usize::try_from(mixed / u64::BITS).unwrap_or(0);
    (block, 1 << (mixed % u64::BITS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(words: &[&[u8]]) -> Search {
        let words = words.iter().enumerate();
        Search::of(words.map(|(at, word)| ((*word).into(), at)).collect()).unwrap()
    }

    fn found(search: &Search, haystack: &[u8]) -> Vec<(usize, Range<usize>)> {
        search.find_iter(haystack).collect()
    }

    #[test]
    fn the_leftmost_is_found_and_of_those_the_longest() {
        let words: [&[u8]; 6] = [
            b"abcd",
            b"abcdef",
            b"bcdefgh",
            b"xabc",
            "é1".as_bytes(),
            b"abcd",
        ];
        let search = search(&words);
        for (haystack, expected) in [
            ("..ABCDe", vec![(0, 2..6)]),
            ("abcdefgh", vec![(1, 0..6)]),
            ("xabcdefgh", vec![(3, 0..4)]),
            (
                "xabbcdefgh abcdabcd",
                vec![(2, 3..10), (0, 11..15), (0, 15..19)],
            ),
            ("abc", vec![]),
            ("", vec![]),
            ("-é1", vec![(4, 1..4)]),
            ("É1", vec![]),
        ] {
            assert_eq!(found(&search, haystack.as_bytes()), expected, "{haystack}");
        }
    }

    #[test]
    fn what_would_be_slow_is_searched_by_an_automaton() {
        let long = [b'a'; LONGEST + 1];
        let many: Vec<Vec<u8>> = (0..=MOST).map(|n| format!("w{n}").into_bytes()).collect();
        let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
        for (words, by_automaton) in [
            (vec![long.as_slice()], true),
            (vec![&long[1..]], false),
            (many.clone(), true),
            (many[1..].to_vec(), false),
            (vec![b"a".as_slice()], true),
        ] {
            let search = search(&words);
            assert_eq!(search.in_order.is_none(), by_automaton);
            let word = words.last().unwrap();
            let expected = vec![(words.len() - 1, 0..word.len())];
            assert_eq!(found(&search, &word.to_ascii_uppercase()), expected);
        }
        assert!(Search::of(Vec::new()).is_none());
        assert!(Search::of(vec![(Box::default(), 0)]).is_none());
    }

    #[test]
    fn bytes_that_begin_like_a_word_everywhere_change_the_manner_and_not_what_is_found() {
        let words: [&[u8]; 3] = [b"aaaaaaaaab", b"aaaac", b"acaa"];
        let search = search(&words);
        let mut haystack = vec![b'a'; 10_000];
        haystack.extend_from_slice(b"bxAAAAcaaaac");
        let mut hits = search.find_iter(&haystack);
        assert_eq!(hits.next(), Some((0, 9991..10_001)));
        assert!(hits.is_hard);
        assert_eq!(hits.next(), Some((1, 10_002..10_007)));
        assert_eq!(hits.next(), Some((1, 10_007..10_012)));
        assert_eq!(hits.next(), None);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_an_automaton_finds(
            words in proptest::collection::vec("[aAbBéZ1.@`]{1,6}", 1..12),
            text in "[aAbBéZ1.@`x]{0,60}",
            at in 0usize..60,
        ) {
            let mut list: Vec<(Box<[u8]>, usize)> = words
                .iter()
                .filter(|word| word.len() > 1)
                .enumerate()
                .map(|(at, word)| (word.clone().into_bytes().into_boxed_slice(), at))
                .collect();
            list.sort_by_key(|(word, at)| (word.to_ascii_lowercase(), *at));
            prop_assume!(!list.is_empty());
            let search = Search::of(list.clone()).unwrap();
            prop_assert!(search.in_order.is_some());
            let bytes = text.as_bytes();
            // also from the middle of a character on
            let bytes = &bytes[at.min(bytes.len())..];
            let expected: Vec<(usize, Range<usize>)> = automaton(&list)
                .unwrap()
                .find_iter(bytes)
                .map(|hit| (list[hit.pattern().as_usize()].1, hit.range()))
                .collect();
            prop_assert_eq!(found(&search, bytes), expected);
        }
    }
}
