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
    /// (0012,0064) with all of them, in each encoding.
    sequences: [(Encoding, Vec<u8>); 3],
    dates: Dates,
}

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
        let sequences = encodings.map(|encoding| {
            let items: Vec<u8> = codes
                .iter()
                .flat_map(|code| code_item(encoding, code))
                .collect();
            let tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;
            let whole = || sequence(encoding, tag, &items);
            (
                encoding,
                if items.is_empty() {
                    Vec::new()
                } else {
                    whole()
                },
            )
        });
        Self {
            method,
            codes,
            sequences,
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
    ) -> Vec<(Tag, Vec<u8>)> {
        let mut out = Vec::with_capacity(4);
        let mut add = |tag: Tag, bytes: Vec<u8>| {
            if !has(tag) && !bytes.is_empty() {
                out.push((tag, bytes));
            }
        };
        let value = |tag, vr, text: &str| element(encoding, &New(tag, vr, text.as_bytes()));
        add(
            tags::PATIENT_IDENTITY_REMOVED,
            value(
                tags::PATIENT_IDENTITY_REMOVED,
                Vr::CS,
                Self::identity_removed(context),
            ),
        );
        add(
            tags::DEIDENTIFICATION_METHOD,
            value(tags::DEIDENTIFICATION_METHOD, Vr::LO, &self.method),
        );
        let codes = self.sequences.iter().find(|(of, _)| *of == encoding);
        let codes = codes.map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        add(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE, codes);
        let dates = tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED;
        add(dates, value(dates, Vr::CS, self.dates(context)));
        out
    }
}
