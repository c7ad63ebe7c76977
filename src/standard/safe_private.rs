//! Table E.3.10-1 of PS3.15: private attributes that are thought to carry no identity.

use dicom_core::VR;

use super::find;
use super::generated::safe_private::ROWS;

/// One private attribute.
#[derive(Debug)]
pub struct Row {
    /// Private creator.
    pub creator: &'static str,
    /// Group.
    pub group: u16,
    /// Low byte of the element; the block is free.
    pub low: u8,
    /// VR.
    pub vr: VR,
}

/// The row of a private attribute.
#[must_use]
pub fn row(creator: &str, group: u16, low: u8) -> Option<&'static Row> {
    find(&ROWS, &(creator.trim_end_matches(' '), group, low), |row| {
        (row.creator, row.group, row.low)
    })
}

/// All rows, sorted by creator.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}
