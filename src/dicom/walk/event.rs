//! What the walk tells of.

use crate::dicom::element::Element;

/// What the walk meets, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A data element with a value of its own.
    Element(Element),
    /// A sequence begins; its items follow.
    SequenceStart(Element),
    /// An item begins; its data elements follow.
    ItemStart(Element),
    /// The item ends.
    ItemEnd(End),
    /// The sequence ends.
    SequenceEnd(End),
    /// Encapsulated data begins; its fragments follow.
    FragmentsStart(Element),
    /// One fragment; the first one is the Basic Offset Table.
    Fragment(Element),
    /// The encapsulated data ends.
    FragmentsEnd(End),
    /// Zero bytes behind the last data element, up to the end of the source.
    Padding {
        /// First of them.
        at: u64,
        /// Behind the last of them.
        end: u64,
    },
}

/// The end of an item, a sequence or encapsulated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Behind the last byte of the content.
    pub at: u64,
    /// Behind the delimiter; the same as `at` where the length was defined.
    pub end: u64,
    /// The delimiter's length field is not zero, as it has to be.
    pub delimiter_used: bool,
}
