//! Pixel data as bytes: where words stand in compressed ones, and how long native ones may be.
//!
//! Owns: what the first walk learns of pixel data. The values of pixels are nobody's business here.

use super::tags;
use crate::action::codestream::{Codec, Scan, is_video};
use crate::action::run_lengths::RunLengths;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Walker};
use crate::dicom::{Bound, Limits, ReadError, Tag};

/// Bytes of a fragment that are looked through at a time.
const PIECE: usize = 64 * 1024;
/// Fragments up to this length are read together with their neighbours.
const SHORT: u32 = 4096;
/// RLE Lossless.
const RLE: &str = "1.2.840.10008.1.2.5";

/// What is known of the pixel data of one instance.
#[derive(Debug, Default)]
pub struct Pixels {
    rows: Option<u64>,
    columns: Option<u64>,
    samples: Option<u64>,
    bits: Option<u64>,
    frames: Option<u64>,
    /// Spans of the source that hold words, in their order.
    pub blanks: Vec<(u64, u64)>,
    /// Compressed pixel data that could not be looked through.
    pub unread: bool,
    /// Bytes of the native pixel data at the root.
    pub native: u64,
    looking: Option<Looking>,
    fragment: u64,
    /// What long fragments are read into.
    buffer: Vec<u8>,
}

/// How the fragments of one Pixel Data element are looked through.
#[derive(Debug)]
enum Looking {
    Codestream(Scan),
    RunLengths(RunLengths),
}

impl Looking {
    fn is_lost(&self) -> bool {
        match self {
            Self::Codestream(scan) => scan.is_lost(),
            Self::RunLengths(scan) => scan.is_lost(),
        }
    }

    fn begin_fragment(&mut self) {
        if let Self::RunLengths(scan) = self {
            scan.begin_frame();
        }
    }

    /// Takes the next bytes, which lie at `at`, and notes the spans of words; those that touch become one.
    fn feed(&mut self, piece: &[u8], at: u64, is_first: bool, blanks: &mut Vec<(u64, u64)>) {
        let blank = |from, to| match blanks.last_mut() {
            Some((_, end)) if *end == from => *end = to,
            Some(_) | None => blanks.push((from, to)),
        };
        match self {
            Self::Codestream(scan) => {
                if is_first {
                    scan.begin_fragment(piece);
                }
                scan.feed(piece, at, blank);
            }
            Self::RunLengths(scan) => scan.feed(piece, at, blank),
        }
    }

    fn end_fragment(&mut self) {
        if let Self::RunLengths(scan) = self {
            scan.end_frame();
        }
    }
}

impl Pixels {
    /// The attributes whose numbers are wanted here.
    #[must_use]
    pub fn wants(tag: Tag) -> bool {
        matches!(
            tag,
            tags::ROWS
                | tags::COLUMNS
                | tags::SAMPLES_PER_PIXEL
                | tags::BITS_ALLOCATED
                | tags::NUMBER_OF_FRAMES
        )
    }

    /// Takes the value of such an attribute at the root. Of a duplicate the larger one counts: nothing is ever cut by the
    /// smaller one.
    pub fn take(&mut self, element: &Element, value: &[u8]) {
        let place = match element.tag {
            tags::ROWS => &mut self.rows,
            tags::COLUMNS => &mut self.columns,
            tags::SAMPLES_PER_PIXEL => &mut self.samples,
            tags::BITS_ALLOCATED => &mut self.bits,
            tags::NUMBER_OF_FRAMES => &mut self.frames,
            _ => return,
        };
        let number = if element.tag == tags::NUMBER_OF_FRAMES {
            let text = String::from_utf8_lossy(value);
            match text.trim_matches([' ', '\0']).parse::<u64>() {
                Ok(number) => Some(number),
                Err(_) => None,
            }
        } else {
            let two = value.first_chunk::<2>();
            two.map(|two| u64::from(element.encoding.u16(*two)))
        };
        *place = Some(number.unwrap_or(u64::MAX).max(place.unwrap_or(0)));
    }

    /// The most bytes that native pixel data can have; `None` where it cannot be told. Subsampled colours have fewer.
    #[must_use]
    pub fn native_length(&self) -> Option<u64> {
        let frames = self.frames.unwrap_or(1).max(1);
        let pixels = self
            .rows?
            .checked_mul(self.columns?)?
            .checked_mul(self.samples?)?;
        let bits = self.bits.filter(|bits| *bits > 0)?;
        let length = if bits < 8 {
            // bits run on from frame to frame
            pixels.checked_mul(frames)?.checked_mul(bits)?.div_ceil(8)
        } else {
            pixels.checked_mul(bits)?.div_ceil(8).checked_mul(frames)?
        };
        (length > 0).then_some(length)
    }

    /// Whether native pixel data have a whole frame or more than the attributes say: what stands behind the picture may as
    /// well be pixels then, and nobody can tell which of the two is wrong.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        let most = self.native_length();
        most.zip(self.frame_length())
            .is_some_and(|(most, frame)| self.native.saturating_sub(most) >= frame)
    }

    /// Bytes of one frame of native pixel data; `None` where it cannot be told.
    fn frame_length(&self) -> Option<u64> {
        let bits = self.row_bits()?.checked_mul(self.rows?)?;
        (bits > 0).then(|| bits.div_ceil(8))
    }

    /// Bytes of one row of native pixel data; `None` where it cannot be told.
    #[must_use]
    pub fn row_length(&self) -> Option<u64> {
        Some(self.row_bits()?.div_ceil(8))
    }

    /// Decoded bytes of one run-length segment, a plane of one byte of every pixel, or of eight pixels of one bit; `None` where it
    /// cannot be told.
    fn segment_length(&self) -> Option<u64> {
        let pixels = self.rows?.checked_mul(self.columns?)?;
        match self.bits? {
            1 => Some(pixels.div_ceil(8)),
            bits => (bits > 0 && bits.is_multiple_of(8)).then_some(pixels),
        }
    }

    fn row_bits(&self) -> Option<u64> {
        let samples = self.columns?.checked_mul(self.samples?)?;
        samples.checked_mul(self.bits?)
    }

    /// Encapsulated data begin.
    pub fn begin(&mut self, transfer_syntax: &str) {
        self.looking = if transfer_syntax == RLE {
            Some(Looking::RunLengths(RunLengths::new(self.segment_length())))
        } else {
            let scan = Codec::of(transfer_syntax).map(Scan::new);
            scan.map(Looking::Codestream)
        };
        self.unread |= self.looking.is_none() && !is_video(transfer_syntax);
        self.fragment = 0;
    }

    /// Looks through a fragment that the walk has just met; the first one is the Basic Offset Table.
    ///
    /// # Errors
    /// Those of the source; [`Bound::Edits`] with too many words.
    pub fn fragment<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        walker: &mut Walker<'_, S>,
        fragment: &Element,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        let index = self.fragment;
        self.fragment = index.saturating_add(1);
        let Some(end) = fragment.end().filter(|_| index > 0) else {
            return Ok(());
        };
        let Some(mut looking) = self.looking.take() else {
            return Ok(());
        };
        let is_short = fragment.length.is_some_and(|n| n <= SHORT);
        let mut at = fragment.value_at;
        looking.begin_fragment();
        while at < end {
            let left = usize::try_from(end.saturating_sub(at)).unwrap_or(PIECE);
            let n = left.min(PIECE);
            let piece = if is_short {
                walker.bytes(at, n)?
            } else {
                self.buffer.resize(PIECE, 0);
                let piece = self.buffer.get_mut(..n).unwrap_or_default();
                source.read_exact_at(piece, at)?;
                piece
            };
            looking.feed(piece, at, at == fragment.value_at, &mut self.blanks);
            if self.blanks.len() > limits.edits / 64 {
                return Err(ReadError::Bound {
                    at,
                    bound: Bound::Edits,
                });
            }
            at = at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        }
        looking.end_fragment();
        self.looking = Some(looking);
        Ok(())
    }

    /// Encapsulated data end.
    pub fn end(&mut self) {
        let looked = self.looking.take();
        self.unread |= looked.is_some_and(|looking| looking.is_lost());
    }

    /// The words inside these bytes of the source.
    pub fn blanks_in(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let first = self.blanks.partition_point(|(_, end)| *end <= from);
        let rest = self.blanks.get(first..).unwrap_or_default().iter();
        rest.copied()
            .take_while(move |(start, _)| *start < to)
            .map(move |(start, end)| (start.max(from), end.min(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_of_run_lengths_has_a_byte_of_every_pixel_or_of_eight() {
        for (bits, length) in [
            (1, Some(12)),
            (8, Some(91)),
            (16, Some(91)),
            (12, None),
            (0, None),
        ] {
            let pixels = Pixels {
                rows: Some(13),
                columns: Some(7),
                bits: Some(bits),
                ..Pixels::default()
            };
            assert_eq!(pixels.segment_length(), length, "{bits}");
        }
    }

    #[test]
    fn a_compression_that_is_not_looked_through_is_unread() {
        for (transfer_syntax, unread) in [
            ("1.2.840.10008.1.2.4.50", false),
            ("1.2.840.10008.1.2.4.203", false),
            ("1.2.840.10008.1.2.5", false),
            ("1.2.840.10008.1.2.4.102", false),
            ("1.2.840.10008.1.2.4.110", true),
            ("1.2.840.10008.1.2.4.112", true),
            ("1.2.840.10008.1.2.4.999", true),
        ] {
            let mut pixels = Pixels::default();
            pixels.begin(transfer_syntax);
            assert_eq!(pixels.unread, unread, "{transfer_syntax}");
        }
    }

    #[test]
    fn native_pixel_data_have_a_length_that_they_do_not_exceed() {
        let pixels = |rows, columns, samples, bits, frames| Pixels {
            rows,
            columns,
            samples,
            bits,
            frames,
            ..Pixels::default()
        };
        for (known, expected) in [
            (pixels(Some(4), Some(4), Some(1), Some(8), None), Some(16)),
            (
                pixels(Some(4), Some(4), Some(3), Some(16), Some(2)),
                Some(192),
            ),
            (pixels(Some(3), Some(3), Some(1), Some(1), Some(2)), Some(3)),
            (
                pixels(Some(3), Some(3), Some(1), Some(12), Some(2)),
                Some(28),
            ),
            (
                pixels(Some(4), Some(4), Some(1), Some(8), Some(0)),
                Some(16),
            ),
            (pixels(None, Some(4), Some(1), Some(8), None), None),
            (pixels(Some(4), Some(4), None, Some(8), None), None),
            (pixels(Some(0), Some(4), Some(1), Some(8), None), None),
            (
                pixels(Some(u64::MAX), Some(4), Some(1), Some(8), None),
                None,
            ),
        ] {
            assert_eq!(known.native_length(), expected);
        }
        let row = pixels(Some(4), Some(5), Some(3), Some(16), None).row_length();
        assert_eq!(row, Some(30));
    }

    #[test]
    fn a_whole_frame_too_many_contradicts_the_attributes_and_less_does_not() {
        for (frames, length, expected) in [
            (None, 16, false),
            (None, 31, false),
            (None, 32, true),
            (Some(3), 63, false),
            (Some(3), 64, true),
        ] {
            let pixels = Pixels {
                rows: Some(4),
                columns: Some(4),
                samples: Some(1),
                bits: Some(8),
                frames,
                native: length,
                ..Pixels::default()
            };
            assert_eq!(pixels.is_contradicted(), expected, "{frames:?} {length}");
        }
        let unknown = Pixels {
            native: 1 << 40,
            ..Pixels::default()
        };
        assert!(!unknown.is_contradicted());
    }
}
