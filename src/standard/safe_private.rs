//! Table E.3.10-1 of PS3.15: private attributes that are thought to carry no identity.

use std::sync::LazyLock;

use dicom_core::VR;

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

/// The rows by group and low byte: most private attributes are in none, which numbers tell sooner than creators.
static BY_NUMBER: LazyLock<Vec<(u16, u8, &'static Row)>> = LazyLock::new(|| {
    let mut rows: Vec<_> = ROWS.iter().map(|row| (row.group, row.low, row)).collect();
    rows.sort_by_key(|(group, low, _)| (*group, *low));
    rows
});

/// The row of a private attribute.
#[must_use]
pub fn row(creator: &str, group: u16, low: u8) -> Option<&'static Row> {
    let rows = &*BY_NUMBER;
    let from = rows.partition_point(|(g, l, _)| (*g, *l) < (group, low));
    let creator = creator.trim_end_matches(' ');
    rows.get(from..)?
        .iter()
        .take_while(|(g, l, _)| (*g, *l) == (group, low))
        .find(|(_, _, row)| row.creator == creator)
        .map(|(_, _, row)| *row)
}

/// All rows, sorted by creator.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_creator_and_numbers_and_by_no_others() {
        for wanted in rows() {
            let found = row(wanted.creator, wanted.group, wanted.low).unwrap();
            assert!(std::ptr::eq(found, wanted), "{wanted:?}");
            assert!(row(&format!("{}  ", wanted.creator), wanted.group, wanted.low).is_some());
            assert!(row("no such creator", wanted.group, wanted.low).is_none());
        }
        assert!(row("GEIIS PACS", 0x0903, 0xFF).is_none());
    }
}
