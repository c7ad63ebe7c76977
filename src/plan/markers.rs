//! What an output says about its own cleaning: (0012,0062), (0012,0063), (0012,0064), (0028,0303) (PS3.15 E.1.1, PS3.3
//! C.7.1.1 and C.12.1).

use super::context::Context;
use super::tags;
use crate::action::sequence::{New, code_item, element, sequence};
use crate::dicom::Tag;
use crate::dicom::Vr;
use crate::dicom::element::Encoding;
use crate::profile::{Dates, Ruleset};
use crate::standard::cid7050::Code;

/// Characters of one LO value.
const LO: usize = 64;
/// Bytes that the values of (0012,0063) may have together.
const METHODS: usize = 60_000;

/// What a ruleset's outputs say.
pub struct Markers {
    method: String,
    codes: Vec<&'static Code>,
    dates: Dates,
    ready: [Ready; 3],
}

/// Whole data elements in one encoding.
struct Ready {
    encoding: Encoding,
    /// (0012,0062) and (0028,0303) with each value that they can have.
    single: Vec<(Tag, &'static str, Vec<u8>)>,
    /// (0012,0063).
    method: Vec<u8>,
    /// (0012,0064) with all codes; empty where there are none.
    codes: Vec<u8>,
}

impl Ready {
    fn of(encoding: Encoding, method: &str, codes: &[&'static Code]) -> Self {
        let items: Vec<u8> = codes
            .iter()
            .flat_map(|code| code_item(encoding, code))
            .collect();
        let tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;
        let single = |(tag, text): (Tag, &'static str)| {
            let element = element(encoding, &New(tag, Vr::CS, text.as_bytes()));
            (tag, text, element)
        };
        let method = New(tags::DEIDENTIFICATION_METHOD, Vr::LO, method.as_bytes());
        Self {
            encoding,
            single: SINGLE.map(single).into(),
            method: element(encoding, &method),
            codes: if items.is_empty() {
                Vec::new()
            } else {
                sequence(encoding, tag, &items)
            },
        }
    }

    fn single(&self, tag: Tag, text: &str) -> &[u8] {
        let is_it = |(of, said, _): &&(Tag, &str, Vec<u8>)| *of == tag && *said == text;
        let found = self.single.iter().find(is_it);
        found.map_or(&[], |(_, _, bytes)| bytes)
    }
}

/// The values of (0012,0062) and (0028,0303).
const SINGLE: [(Tag, &str); 5] = [
    (tags::PATIENT_IDENTITY_REMOVED, "YES"),
    (tags::PATIENT_IDENTITY_REMOVED, "NO"),
    (
        tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
        "UNMODIFIED",
    ),
    (tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "MODIFIED"),
    (tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "REMOVED"),
];

impl Markers {
    /// The words and codes of this ruleset.
    #[must_use]
    pub fn of(rules: &Ruleset) -> Self {
        let name: String = rules
            .name()
            .chars()
            .filter(|c| c.is_ascii_graphic() && *c != '\\')
            .collect();
        let mut method = format!("dcmscrub {} profile {name}", env!("CARGO_PKG_VERSION"));
        method.truncate(LO);
        let codes = rules.method_codes();
        let encodings = [
            Encoding::ExplicitLe,
            Encoding::ImplicitLe,
            Encoding::ExplicitBe,
        ];
        Self {
            ready: encodings.map(|encoding| Ready::of(encoding, &method, &codes)),
            method,
            codes,
            dates: rules.dates(),
        }
    }

    /// The value of (0012,0063): what was there, then our line.
    #[must_use]
    pub fn methods(&self, there: &[String]) -> String {
        let mut values: Vec<&str> = there
            .iter()
            .map(String::as_str)
            .filter(|value| !value.is_empty() && *value != self.method)
            .collect();
        values.push(&self.method);
        let joined = values.join("\\");
        if joined.len() > METHODS || !joined.is_ascii() {
            self.method.clone()
        } else {
            joined
        }
    }

    /// The value of (0012,0062): while a human has to look first, the identity may still be there.
    #[must_use]
    pub fn identity_removed(context: &Context) -> &'static str {
        if context.held_by.is_empty() {
            "YES"
        } else {
            "NO"
        }
    }

    /// The value of (0028,0303): never a claim that is better than what the input says of itself.
    #[must_use]
    pub fn dates<'c>(&self, context: &'c Context) -> &'c str {
        match (self.dates, context.dates_modified.as_str()) {
            (Dates::Full, there @ ("REMOVED" | "MODIFIED"))
            | (Dates::Modified, there @ "REMOVED") => there,
            (Dates::Full, _) => "UNMODIFIED",
            (Dates::Modified, _) => "MODIFIED",
            (Dates::Removed, _) => "REMOVED",
        }
    }

    /// The items of (0012,0064) that are not there yet.
    #[must_use]
    pub fn code_items(&self, there: &[String], encoding: Encoding) -> Vec<u8> {
        let missing = self
            .codes
            .iter()
            .filter(|code| !there.iter().any(|value| value == code.value));
        missing.flat_map(|code| code_item(encoding, code)).collect()
    }

    /// Whole data elements for the markers that the input does not have, in the order of their tags.
    #[must_use]
    pub fn absent(
        &self,
        context: &Context,
        encoding: Encoding,
        has: impl Fn(Tag) -> bool,
    ) -> Vec<(Tag, &[u8])> {
        let removed = tags::PATIENT_IDENTITY_REMOVED;
        let dates = tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED;
        let ready = self.ready.iter().find(|ready| ready.encoding == encoding);
        let all = ready.into_iter().flat_map(|ready| {
            [
                (
                    removed,
                    ready.single(removed, Self::identity_removed(context)),
                ),
                (tags::DEIDENTIFICATION_METHOD, ready.method.as_slice()),
                (
                    tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
                    ready.codes.as_slice(),
                ),
                (dates, ready.single(dates, self.dates(context))),
            ]
        });
        all.filter(|(tag, bytes)| !has(*tag) && !bytes.is_empty())
            .collect()
    }
}
