//! What a word may be: a term of medicine, a function word, a word that is a name as well.
//!
//! The lists are data (`words.toml`), with what they are for. The words that attribute names of PS3.6 are made of count as
//! terms too.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::standard::attributes::keywords;

/// What a word may be, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Classes(u16);

macro_rules! classes {
    ($($name:ident $bit:literal $list:literal $doc:literal;)*) => {
        impl Classes { $(#[doc = $doc] pub const $name: Self = Self(1 << $bit);)* }
        const LISTS: &[(&str, Classes)] = &[$(($list, Classes::$name)),*];
    };
}

classes! {
    CLINICAL 0 "clinical" "A term of the matter.";
    ABBREVIATION 1 "abbreviations" "A short form of the matter.";
    COMMON 2 "common" "An ordinary word.";
    EPONYM 3 "eponyms" "A name that stands for a disease, a view or a method.";
    HEAD 4 "heads" "A noun that a quality in front belongs to.";
    TECHNICAL 5 "technical" "A description begins anew with it.";
    VERB 6 "verbs" "Its subject is a person.";
    FUNCTION 7 "function" "It holds a sentence together.";
    CUE 8 "person-cues" "A person is often named behind it.";
    LABEL 9 "labels" "It says what the next thing is.";
    HANGING 10 "hanging" "It needs something behind it.";
    TITLE 11 "titles" "A person is named behind it, in this spelling.";
}

impl Classes {
    /// Words that are no name by themselves.
    const LISTED: Self = Self(
        Self::CLINICAL.0
            | Self::ABBREVIATION.0
            | Self::COMMON.0
            | Self::EPONYM.0
            | Self::HEAD.0
            | Self::TECHNICAL.0
            | Self::VERB.0
            | Self::FUNCTION.0
            | Self::LABEL.0,
    );

    /// One of these is among them.
    #[must_use]
    pub fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    /// A word that is no name by itself.
    #[must_use]
    pub fn is_listed(self) -> bool {
        self.has(Self::LISTED)
    }

    /// A term of the matter, long or short.
    #[must_use]
    pub fn is_clinical(self) -> bool {
        self.has(Self::CLINICAL) || self.has(Self::ABBREVIATION) || self.has(Self::TECHNICAL)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    words: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "asked for by a test"))]
    why: String,
}

/// Words in order, each once. A sorted list is made in half the time of a tree.
fn table() -> &'static [(String, Classes)] {
    static TABLE: OnceLock<Vec<(String, Classes)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lists: BTreeMap<String, List> =
            toml::from_str(include_str!("words.toml")).unwrap_or_default();
        let mut table: Vec<(String, Classes)> = Vec::new();
        for (name, class) in LISTS {
            for word in lists
                .get(*name)
                .iter()
                .flat_map(|list| list.words.split_whitespace())
            {
                if *class == Classes::TITLE {
                    table.push((word.to_owned(), *class)); // in its own spelling
                } else {
                    table.push((super::fold::fold(word), *class));
                }
            }
        }
        let mut parts: Vec<&str> = keywords().flat_map(parts_of_keyword).collect();
        parts.retain(|word| word.len() >= 4);
        parts.sort_unstable();
        parts.dedup();
        table.extend(
            parts
                .into_iter()
                .map(|word| (word.to_ascii_lowercase(), Classes::CLINICAL)),
        );
        table.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        table.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1.0 |= next.1.0;
            }
            same
        });
        table
    })
}

fn of(word: &str) -> Option<Classes> {
    let table = table();
    match table.binary_search_by(|(listed, _)| listed.as_str().cmp(word)) {
        Ok(at) => table.get(at).map(|(_, classes)| *classes),
        Err(_) => None,
    }
}

/// `StudyInstanceUID` -> `Study`, `Instance`, `UID`.
fn parts_of_keyword(keyword: &str) -> impl Iterator<Item = &str> {
    let mut cuts = Vec::new();
    let bytes = keyword.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if let [a, b] = pair
            && a.is_ascii_lowercase()
            && b.is_ascii_uppercase()
        {
            cuts.push(at.saturating_add(1));
        }
    }
    cuts.push(keyword.len());
    let mut from = 0;
    cuts.into_iter().filter_map(move |cut| {
        let part = keyword.get(from..cut);
        from = cut;
        part
    })
}

/// Every list is there: without them words of medicine would be names, and weak names strong.
#[must_use]
pub fn is_ready() -> bool {
    LISTS
        .iter()
        .all(|(_, class)| table().iter().any(|(_, of_word)| of_word.has(*class)))
}

/// What a folded word may be.
#[must_use]
pub fn classes(word: &str) -> Classes {
    of(word).unwrap_or_default()
}

/// A title in its own spelling: `Mr` is one, `MR` is not.
#[must_use]
pub fn is_title(word: &str) -> bool {
    of(word).is_some_and(|classes| classes.has(Classes::TITLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_there_and_used() {
        let lists: BTreeMap<String, List> = toml::from_str(include_str!("words.toml")).unwrap();
        let names: Vec<&str> = lists.keys().map(String::as_str).collect();
        let mut used: Vec<&str> = LISTS.iter().map(|(name, _)| *name).collect();
        used.sort_unstable();
        assert_eq!(names, used);
        assert!(
            lists
                .values()
                .all(|list| list.words.split_whitespace().count() > 15 && list.why.len() > 10)
        );
    }

    #[test]
    fn words_have_their_classes() {
        assert!(classes("brain").is_clinical() && classes("brown").has(Classes::COMMON));
        assert!(classes("kernel").is_clinical() && classes("thickness").is_clinical());
        assert!(!classes("kowalczyk").is_listed() && !classes("okonkwo").is_listed());
        assert!(is_title("Mr") && !is_title("MR"));
    }

    #[test]
    fn words_of_every_list_but_titles_and_cues_are_no_names_by_themselves() {
        for class in [
            Classes::CLINICAL,
            Classes::ABBREVIATION,
            Classes::COMMON,
            Classes::EPONYM,
            Classes::HEAD,
            Classes::TECHNICAL,
            Classes::VERB,
            Classes::FUNCTION,
            Classes::LABEL,
        ] {
            assert!(class.is_listed(), "{}", class.0);
        }
        assert!(!Classes::TITLE.is_listed());
        for (class, is) in [
            (Classes::CLINICAL, true),
            (Classes::ABBREVIATION, true),
            (Classes::TECHNICAL, true),
            (Classes::COMMON, false),
        ] {
            assert_eq!(class.is_clinical(), is, "{}", class.0);
        }
    }
}
