//! The list of byte edits: sorted, disjoint, with the length fields of enclosing containers corrected.
//!
//! Owns: the arithmetic of spans. What edits write lies in one piece of memory. Knows no tag and no rule.

use std::ops::Range;

use crate::dicom::walk::Element;

/// One change: the bytes of `start..end` of the source become others, which [`Edits::iter`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// First byte that goes.
    pub start: u64,
    /// Behind the last byte that goes; equal to `start` for an insertion.
    pub end: u64,
    /// It is the program's own: the last look, which searches what came from the input, passes over it.
    pub own: bool,
    /// Where its bytes lie among those of all edits.
    with: Range<usize>,
}

impl Edit {
    fn growth(&self) -> i64 {
        let with = i64::try_from(self.with.len()).unwrap_or(i64::MAX);
        let gone = i64::try_from(self.end.saturating_sub(self.start)).unwrap_or(i64::MAX);
        with.saturating_sub(gone)
    }
}

/// The edits of one data set: sorted and disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    edits: Vec<Edit>,
    bytes: Vec<u8>,
}

impl Edits {
    /// One edit alone, of the program's own: `start..end` become these bytes.
    #[must_use]
    pub fn one(start: u64, end: u64, with: Vec<u8>) -> Self {
        let edit = Edit {
            start,
            end,
            own: true,
            with: 0..with.len(),
        };
        Self {
            edits: vec![edit],
            bytes: with,
        }
    }

    /// True when nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The edits in the order of the file, each with what stands there then.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Edit, &[u8])> {
        self.edits.iter().map(|edit| {
            let with = self.bytes.get(edit.with.clone()).unwrap_or_default();
            (edit, with)
        })
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
    done: Edits,
    open: Vec<Open>,
}

/// Edits of a usual header and what they write, so that there is room for them at once.
const USUAL: usize = 128;
const USUAL_BYTES: usize = 4096;

impl EditList {
    /// An empty list with room for the edits of a usual header.
    #[must_use]
    pub fn for_a_header() -> Self {
        let done = Edits {
            edits: Vec::with_capacity(USUAL),
            bytes: Vec::with_capacity(USUAL_BYTES),
        };
        Self {
            done,
            open: Vec::new(),
        }
    }

    /// Bytes that the edits hold, with their own size: the memory that this file costs.
    #[must_use]
    pub fn weight(&self) -> usize {
        let edits = self.done.edits.len().saturating_mul(size_of::<Edit>());
        self.done.bytes.len().saturating_add(edits)
    }

    /// Drops `start..end`.
    pub fn remove(&mut self, start: u64, end: u64) {
        let gone = Self::gone(start, end);
        self.grow_open(gone.growth());
        let inside = self.open.last().map_or(0, |open| open.mark);
        if self.done.edits.len() > inside
            && let Some(last) = self.done.edits.last_mut()
            && last.end == start
            && last.with.is_empty()
            && last.start < last.end
        {
            last.end = end;
            return;
        }
        self.done.edits.push(gone);
    }

    fn gone(start: u64, end: u64) -> Edit {
        Edit {
            start,
            end,
            own: true,
            with: 0..0,
        }
    }

    /// Drops `start..end`, which lies before other edits of the same container, with what was to change in it. What is inserted
    /// in front of it stays.
    pub fn remove_earlier(&mut self, start: u64, end: u64) {
        let mark = self.open.last().map_or(0, |open| open.mark);
        let inside = self.done.edits.get(mark..).unwrap_or_default();
        let is_before = |edit: &Edit| {
            edit.start < start || edit.start == start && edit.end == start && !edit.with.is_empty()
        };
        let from = mark.saturating_add(inside.partition_point(is_before));
        let rest = self.done.edits.get(from..).unwrap_or_default();
        let to = from.saturating_add(rest.partition_point(|edit| edit.start < end));
        let gone = Self::gone(start, end);
        let mut growth = gone.growth();
        for edit in self.done.edits.splice(from..to, [gone]) {
            growth = growth.saturating_sub(edit.growth());
        }
        self.grow_open(growth);
    }

    /// Writes the program's own bytes in place of `start..end`.
    pub fn replace(&mut self, start: u64, end: u64, with: impl AsRef<[u8]>) {
        let from = self.done.bytes.len();
        self.done.bytes.extend_from_slice(with.as_ref());
        self.push(start, end, from, true);
    }

    /// Writes what `write` adds to the bytes that are there, in place of `start..end`. `own` tells bytes of the program's from
    /// those that were made from the input. `None`, and no edit, where `write` gives up.
    pub fn replace_by(
        &mut self,
        start: u64,
        end: u64,
        own: bool,
        write: impl FnOnce(&mut Vec<u8>) -> Option<()>,
    ) -> Option<()> {
        let from = self.done.bytes.len();
        if write(&mut self.done.bytes).is_none() {
            self.done.bytes.truncate(from);
            return None;
        }
        self.push(start, end, from, own);
        Some(())
    }

    /// An edit that writes the bytes from `from` on.
    fn push(&mut self, start: u64, end: u64, from: usize, own: bool) {
        let edit = Edit {
            start,
            end,
            own,
            with: from..self.done.bytes.len(),
        };
        self.grow_open(edit.growth());
        self.done.edits.push(edit);
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
            let place = Self::gone(field.at, field.at.saturating_add(4));
            self.done.edits.push(place);
        }
        self.open.push(Open {
            field,
            mark: self.done.edits.len(),
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
            if self.done.edits.len() == open.mark {
                self.done.edits.pop();
                return Ok(());
            }
        }
        let new = i64::from(field.length).saturating_add(open.grown);
        let new = match u32::try_from(new) {
            Ok(new) if new != u32::MAX => new,
            Ok(_) | Err(_) => return Err(TooLong { at: field.at }),
        };
        let from = self.done.bytes.len();
        self.done.bytes.extend_from_slice(&if field.little {
            new.to_le_bytes()
        } else {
            new.to_be_bytes()
        });
        if let Some(edit) = self.done.edits.get_mut(place) {
            edit.with = from..self.done.bytes.len();
        }
        Ok(())
    }

    /// The edits in the order of the file.
    #[must_use]
    pub fn finish(self) -> Edits {
        self.done
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
        list.replace(20, 30, b"abc");
        list.remove(40, 45);
        list.close().unwrap();
        list.close().unwrap();
        let edits = list.finish();
        let edits: Vec<_> = edits.iter().collect();
        assert_eq!(edits[0].1, 96u32.to_le_bytes());
        assert_eq!(edits[1].1, 88u32.to_le_bytes());
        assert!(edits.windows(2).all(|two| two[0].0.end <= two[1].0.start));
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
        list.replace(20, 20, b"marker");
        list.replace(22, 30, b"abc");
        list.replace(40, 45, b"z");
        list.remove_earlier(20, 30);
        list.close().unwrap();
        let edits = list.finish();
        let spans: Vec<_> = edits
            .iter()
            .map(|(edit, with)| (edit.start, edit.end, with.len()))
            .collect();
        assert_eq!(spans, [(4, 8, 4), (20, 20, 6), (20, 30, 0), (40, 45, 1)]);
        assert_eq!(edits.iter().next().unwrap().1, 92u32.to_le_bytes());
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
                .map(|(edit, _)| (edit.start, edit.end))
                .collect::<Vec<_>>(),
            [(0, 20), (28, 50)]
        );
    }

    #[test]
    fn what_gives_up_leaves_nothing() {
        let mut list = EditList::default();
        let gives_up = |bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(b"half");
            None
        };
        assert!(list.replace_by(0, 4, false, gives_up).is_none());
        assert_eq!(list.weight(), 0);
        list.replace(4, 8, b"ab");
        let writes = |bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(b"cd");
            Some(())
        };
        list.replace_by(8, 9, false, writes).unwrap();
        let edits = list.finish();
        let told: Vec<_> = edits.iter().map(|(edit, with)| (edit.own, with)).collect();
        assert_eq!(told, [(true, b"ab".as_slice()), (false, b"cd")]);
    }
}
