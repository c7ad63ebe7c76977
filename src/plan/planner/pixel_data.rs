//! Edits inside pixel data: words between the parts of a codestream, and what stands behind a native picture.
//!
//! Owns: which bytes of pixel data the last look passes over. A pixel is never changed.

use super::Planner;
use crate::action::sequence::item;
use crate::dicom::Tag;
use crate::dicom::element::encode_header;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Encoding};
use crate::plan::{Refusal, tags};

/// A table of places or lengths inside the file (PS3.3 C.7.6.3.1.8).
pub(super) fn is_table(tag: Tag) -> bool {
    matches!(
        tag,
        tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS
    )
}

impl<S: ReadAt> Planner<'_, S> {
    /// Native pixel data end where the picture does: what stands behind it is no pixel. Where the value ends then.
    pub(super) fn cut_excess(&mut self, element: &Element, end: u64) -> Result<u64, Refusal> {
        let most = self.context.pixels.native_length();
        let length = end.saturating_sub(element.value_at);
        let (Some(most), true) = (
            most,
            element.tag == tags::PIXEL_DATA && self.path.is_empty(),
        ) else {
            self.keep_header(element);
            return Ok(end);
        };
        let even = most.saturating_add(most % 2);
        if length <= even {
            self.keep_header(element);
            return Ok(end);
        }
        let from = element.value_at.saturating_add(even);
        if self.context.pixels.is_contradicted() || self.is_padding(from, end)? {
            self.keep_header(element);
            // the last look passes over pixels, and not over this
            return Ok(element.value_at.saturating_add(most));
        }
        let too_long = Refusal::TooLong { at: element.at };
        let Ok(new) = u32::try_from(even) else {
            return Err(too_long);
        };
        let header = encode_header(element.encoding, element.tag, element.vr, new);
        let header = header.ok_or(too_long)?;
        self.edits.replace(element.at, element.value_at, header);
        let last = element.value_at.saturating_add(most);
        if most % 2 == 1 {
            self.edits.replace(last, last.saturating_add(1), [0]);
        }
        self.edits.remove(from, end);
        Ok(last)
    }

    /// Whether what stands behind native pixels is what writers fill up with: less than a row, and nothing of the person's.
    fn is_padding(&self, from: u64, end: u64) -> Result<bool, Refusal> {
        let length = end.saturating_sub(from);
        if self
            .context
            .pixels
            .row_length()
            .is_none_or(|row| length >= row)
        {
            return Ok(false);
        }
        let mut bytes = vec![0u8; usize::try_from(length).unwrap_or(0)];
        self.source.read_exact_at(&mut bytes, from)?;
        let is_known = self.context.known.strong_hits(&bytes).next().is_some();
        Ok(!is_known)
    }

    /// Words in compressed pixel data become zeros where they stand.
    pub(super) fn fragment(&mut self, fragment: &Element) -> Result<(), Refusal> {
        let index = self.fragment_index;
        self.fragment_index = index.saturating_add(1);
        if self.engine.rules().is_keep_everything() {
            return Ok(());
        }
        if self.private_fragments.is_some() {
            return Ok(self.private_fragment(fragment)?);
        }
        if index == 0 {
            return self.offset_table(fragment);
        }
        let end = fragment.end().unwrap_or(fragment.value_at);
        let mut at = fragment.value_at;
        for (from, to) in self.context.pixels.blanks_in(at, end) {
            self.passed_over.push((at, from));
            let length = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
            self.edits.replace(from, to, vec![0; length]);
            at = to;
        }
        self.passed_over.push((at, end));
        Ok(())
    }

    /// An Extended Offset Table holds places or lengths inside the file (PS3.3 C.7.6.3.1.8), and words are no such numbers.
    pub(super) fn is_false_table(&mut self, element: &Element) -> Result<bool, Refusal> {
        if !is_table(element.tag) {
            return Ok(false);
        }
        let most = self.source.len();
        let bytes = self.walker.value(element)?;
        let number = |eight: &[u8]| match eight.first_chunk::<8>() {
            Some(eight) if element.encoding == Encoding::ExplicitBe => u64::from_be_bytes(*eight),
            Some(eight) => u64::from_le_bytes(*eight),
            None => u64::MAX,
        };
        let true_ones = bytes.chunks(8).all(|eight| number(eight) < most);
        Ok(!true_ones)
    }

    /// The Basic Offset Table holds offsets and nothing else (PS3.5 section A.4); one that cannot be so is emptied.
    fn offset_table(&mut self, fragment: &Element) -> Result<(), Refusal> {
        let encoding = fragment.encoding;
        let end = fragment.end().unwrap_or(fragment.value_at);
        let bytes = self.walker.value(fragment)?;
        let mut last = None;
        let offsets = bytes.len() % 4 == 0
            && bytes.chunks_exact(4).all(|chunk| {
                let offset = chunk.first_chunk::<4>().map(|four| encoding.u32(*four));
                let rises = match last {
                    None => offset == Some(0),
                    Some(_) => offset > last,
                };
                last = offset;
                rises
            });
        if offsets {
            self.passed_over.push((fragment.value_at, end));
        } else {
            let with = item(encoding, &[]);
            self.edits.replace(fragment.at, end, with);
        }
        Ok(())
    }
}
