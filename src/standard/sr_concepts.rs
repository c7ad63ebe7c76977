//! Table E.3.4-1 of PS3.15: content items of structured reports by concept name.

use super::e1_1::ActionCode;
use super::generated::sr_concepts::CONCEPTS;

/// One concept name with the actions on its content item.
#[derive(Debug)]
pub struct Concept {
    /// Code Value.
    pub value: &'static str,
    /// Coding Scheme Designator.
    pub scheme: &'static str,
    /// Value Type of the content item.
    pub value_type: &'static str,
    /// Retired, still to be recognised.
    pub retired: bool,
    /// Action of Clean Structured Content.
    pub basic: ActionCode,
    /// UIDs, device, institution, patient characteristics, full dates, modified dates, descriptors.
    pub options: [Option<ActionCode>; 7],
}

/// All concepts, sorted by coding scheme, code value and value type.
#[must_use]
pub fn concepts() -> &'static [Concept] {
    &CONCEPTS
}
