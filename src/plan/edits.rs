//! The list of byte edits: sorted, disjoint, with the length fields of enclosing containers corrected.
//!
//! Owns: the arithmetic of spans. Knows no tag and no rule.

use crate::dicom::walk::Element;

/// One change: the bytes of `start..end` of the source become `with`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// First byte that goes.
    pub start: u64,
    /// Behind the last byte that goes; equal to `start` for an insertion.
    pub end: u64,
    /// What stands there instead.
    pub with: Vec<u8>,
    /// It is the program's own: the last look, which searches what came from the input, passes over it.
    pub own: bool,
}

impl Edit {
    fn growth(&self) -> i64 {
        let with = i64::try_from(self.with.len()).unwrap_or(i64::MAX);
        let gone = i64::try_from(self.end.saturating_sub(self.start)).unwrap_or(i64::MAX);
        with.saturating_sub(gone)
    }
}

/// A container of defined length whose content may grow or shrink.
struct Open {
    /// Where its length field is to be corrected; `None` where the length is undefined.
    field: Option<Field>,
    /// Edits that stood before its content.
    mark: usize,
    /// Bytes that the content has grown by so far.
    grown: i64,
}

struct Field {
    at: u64,
    length: u32,
    little: bool,
    /// The field is wrong already.
    wrong: bool,
}

/// A length field that cannot hold its new length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Byte offset of the length field.
    pub at: u64,
}

/// Collects the edits of one data set in file order.
#[derive(Default)]
pub struct EditList {
    edits: Vec<Edit>,
    open: Vec<Open>,
    bytes: usize,
}

/// Edits of a usual header, so that there is room for them at once.
const USUAL: usize = 128;

impl EditList {
    /// An empty list with room for the edits of a usual header.
    #[must_use]
    pub fn for_a_header() -> Self {
        Self {
            edits: Vec::with_capacity(USUAL),
            ..Self::default()
        }
    }

    /// Bytes that the edits hold, with their own size: the memory that this file costs.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.bytes
            .saturating_add(self.edits.len().saturating_mul(size_of::<Edit>()))
    }

    /// Drops `start..end`.
    pub fn remove(&mut self, start: u64, end: u64) {
        self.grow_open(
            Edit {
                start,
                end,
                with: Vec::new(),
                own: true,
            }
            .growth(),
        );
        let inside = self.open.last().map_or(0, |open| open.mark);
        if self.edits.len() > inside
            && let Some(last) = self.edits.last_mut()
            && last.end == start
            && last.with.is_empty()
            && last.start < last.end
        {
            last.end = end;
            return;
        }
        self.edits.push(Edit {
            start,
            end,
            with: Vec::new(),
            own: true,
        });
    }

    /// Drops `start..end`, which lies before other edits of the same container, with what was to change in it. What is inserted
    /// in front of it stays.
    pub fn remove_earlier(&mut self, start: u64, end: u64) {
        let mark = self.open.last().map_or(0, |open| open.mark);
        let inside = self.edits.get(mark..).unwrap_or_default();
        let is_before = |edit: &Edit| {
            edit.start < start || edit.start == start && edit.end == start && !edit.with.is_empty()
        };
        let from = mark.saturating_add(inside.partition_point(is_before));
        let rest = self.edits.get(from..).unwrap_or_default();
        let to = from.saturating_add(rest.partition_point(|edit| edit.start < end));
        let gone = Edit {
            start,
            end,
            with: Vec::new(),
            own: true,
        };
        let mut growth = gone.growth();
        for edit in self.edits.splice(from..to, [gone]) {
            growth = growth.saturating_sub(edit.growth());
        }
        self.grow_open(growth);
    }

    /// Writes the program's own bytes in place of `start..end`.
    pub fn replace(&mut self, start: u64, end: u64, with: Vec<u8>) {
        self.push(start, end, with, true);
    }

    /// Writes bytes that were made from the input in place of `start..end`.
    pub fn replace_derived(&mut self, start: u64, end: u64, with: Vec<u8>) {
        self.push(start, end, with, false);
    }

    fn push(&mut self, start: u64, end: u64, with: Vec<u8>, own: bool) {
        let edit = Edit {
            start,
            end,
            with,
            own,
        };
        self.grow_open(edit.growth());
        self.bytes = self.bytes.saturating_add(edit.with.len());
        self.edits.push(edit);
    }

    fn grow_open(&mut self, growth: i64) {
        if let Some(open) = self.open.last_mut() {
            open.grown = open.grown.saturating_add(growth);
        }
    }

    /// A container begins: a sequence or an item.
    pub fn open(&mut self, element: &Element) {
        let little = !matches!(element.encoding, crate::dicom::walk::Encoding::ExplicitBe);
        let field = element.length.map(|length| Field {
            at: element.length_at,
            length,
            little,
            wrong: element.overruns,
        });
        if let Some(field) = &field {
            // its place in the order is here; the bytes follow when the container closes
            self.edits.push(Edit {
                start: field.at,
                end: field.at.saturating_add(4),
                with: Vec::new(),
                own: true,
            });
        }
        self.open.push(Open {
            field,
            mark: self.edits.len(),
            grown: 0,
        });
    }

    /// The innermost container ends.
    ///
    /// # Errors
    /// [`TooLong`] when its new length does not fit 32 bits.
    pub fn close(&mut self) -> Result<(), TooLong> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.grow_open(open.grown);
        let Some(field) = open.field else {
            return Ok(());
        };
        let place = open.mark.saturating_sub(1);
        if open.grown == 0 && !field.wrong {
            // the place of the length field stays in the order as an edit that changes nothing
            if self.edits.len() == open.mark {
                self.edits.pop();
                return Ok(());
            }
        }
        let new = i64::from(field.length).saturating_add(open.grown);
        let new = match u32::try_from(new) {
            Ok(new) if new != u32::MAX => new,
            Ok(_) | Err(_) => return Err(TooLong { at: field.at }),
        };
        let bytes = if field.little {
            new.to_le_bytes()
        } else {
            new.to_be_bytes()
        };
        if let Some(edit) = self.edits.get_mut(place) {
            edit.with = bytes.to_vec();
        }
        self.bytes = self.bytes.saturating_add(4);
        Ok(())
    }

    /// The edits in the order of the file.
    #[must_use]
    pub fn finish(self) -> Vec<Edit> {
        self.edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::walk::Encoding;
    use crate::dicom::{Tag, Vr};

    fn container(at: u64, length: Option<u32>) -> Element {
        Element {
            tag: Tag(0xFFFE, 0xE000),
            vr: Vr::UN,
            encoding: Encoding::ExplicitLe,
            at,
            length_at: at + 4,
            length_size: 4,
            value_at: at + 8,
            length,
            overruns: false,
            reserved_used: false,
        }
    }

    #[test]
    fn lengths_of_all_enclosing_containers_follow_an_edit() {
        let mut list = EditList::default();
        list.open(&container(0, Some(108)));
        list.open(&container(8, Some(100)));
        list.replace(20, 30, b"abc".to_vec());
        list.remove(40, 45);
        list.close().unwrap();
        list.close().unwrap();
        let edits = list.finish();
        assert_eq!(&*edits[0].with, &96u32.to_le_bytes());
        assert_eq!(&*edits[1].with, &88u32.to_le_bytes());
        assert!(edits.windows(2).all(|two| two[0].end <= two[1].start));
    }

    #[test]
    fn a_container_without_edits_leaves_none() {
        let mut list = EditList::default();
        list.open(&container(0, Some(10)));
        list.close().unwrap();
        assert!(list.finish().is_empty());
    }

    #[test]
    fn an_earlier_removal_takes_the_place_of_what_was_to_change_there() {
        let mut list = EditList::default();
        list.open(&container(0, Some(100)));
        list.replace(20, 20, b"marker".to_vec());
        list.replace(22, 30, b"abc".to_vec());
        list.replace(40, 45, b"z".to_vec());
        list.remove_earlier(20, 30);
        list.close().unwrap();
        let edits = list.finish();
        let spans: Vec<_> = edits
            .iter()
            .map(|e| (e.start, e.end, e.with.len()))
            .collect();
        assert_eq!(spans, [(4, 8, 4), (20, 20, 6), (20, 30, 0), (40, 45, 1)]);
        assert_eq!(&*edits[0].with, &92u32.to_le_bytes());
    }

    #[test]
    fn neighbouring_removals_become_one_but_never_across_a_container() {
        let mut list = EditList::default();
        list.remove(0, 10);
        list.remove(10, 20);
        list.open(&container(20, None));
        list.remove(28, 40);
        list.remove(40, 50);
        list.close().unwrap();
        assert_eq!(
            list.finish()
                .iter()
                .map(|e| (e.start, e.end))
                .collect::<Vec<_>>(),
            [(0, 20), (28, 50)]
        );
    }
}
