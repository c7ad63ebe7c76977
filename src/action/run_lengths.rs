//! Words in run-length encoded pixel data: unused places of a frame's header, and bytes behind the end of a segment.
//!
//! `.. 80 "J. Doe " -> .. 80 00 00 00..`: what no decoder reads becomes zeros where it stands, so that no offset changes and
//! the decoded picture is the same to the bit. Source: PS3.5 annex G. Refuses nothing: a frame that is none is said to be so.

/// Bytes of the header of a frame: the number of segments and 15 offsets, each of four bytes.
const HEADER: u64 = 64;

/// What the next byte of a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Control,
    /// This many bytes that stand for themselves.
    Literal(u64),
    /// The byte that stands for this many.
    Run(u64),
}

/// Looks through frames, each of them one fragment.
#[derive(Debug)]
pub struct RunLengths {
    /// Decoded bytes of one segment; 0 where it is not known.
    decoded: u64,
    header: Vec<u8>,
    /// Where the segments begin, last one first.
    begins: Vec<u64>,
    /// Bytes of the frame so far.
    at: u64,
    /// Decoded bytes that the segment still lacks.
    left: u64,
    next: Next,
    lost: bool,
}

impl RunLengths {
    /// Frames whose segments decode to so many bytes each.
    #[must_use]
    pub fn new(decoded: Option<u64>) -> Self {
        Self {
            decoded: decoded.unwrap_or(0),
            header: Vec::new(),
            begins: Vec::new(),
            at: 0,
            left: 0,
            next: Next::Control,
            lost: decoded.is_none_or(|n| n == 0),
        }
    }

    /// Something was no frame of this kind, so that words may be in it.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost || self.left > 0 || !self.begins.is_empty()
    }

    /// A fragment begins, and with it a frame.
    pub fn begin_frame(&mut self) {
        self.lost = self.is_lost();
        self.header.clear();
        self.begins.clear();
        self.at = 0;
        self.left = 0;
    }

    /// A fragment ends: a frame has its whole header.
    pub fn end_frame(&mut self) {
        self.lost |= self.at < HEADER;
    }

    /// Takes the next bytes, which lie at `at`, and calls `blank` with each span that no decoder reads.
    pub fn feed(&mut self, bytes: &[u8], at: u64, mut blank: impl FnMut(u64, u64)) {
        let place = |index: usize| at.saturating_add(u64::try_from(index).unwrap_or(u64::MAX));
        for (index, &byte) in bytes.iter().enumerate() {
            if self.lost {
                return;
            }
            let here = place(index);
            if self.at < HEADER {
                self.header.push(byte);
                if self.at == HEADER - 1 {
                    self.read_header();
                }
                let offset = self.at / 4;
                let unused = offset > self.segments();
                if unused && byte != 0 {
                    blank(here, here.saturating_add(1));
                }
            } else if self.is_read(byte) {
                self.take(byte);
            } else if byte != 0 {
                blank(here, here.saturating_add(1));
            }
            self.at = self.at.saturating_add(1);
        }
    }

    fn word(&self, index: usize) -> Option<u32> {
        let from = self.header.get(index.checked_mul(4)?..)?;
        Some(u32::from_le_bytes(*from.first_chunk::<4>()?))
    }

    /// The number of segments, as far as it is known.
    fn segments(&self) -> u64 {
        self.word(0).map_or(u64::MAX, u64::from)
    }

    fn read_header(&mut self) {
        let count = usize::try_from(self.segments()).unwrap_or(usize::MAX);
        let begins = (1..=count.min(15)).filter_map(|n| self.word(n).map(u64::from));
        self.begins = begins.collect();
        let rises = self
            .begins
            .windows(2)
            .all(|two| matches!(two, [one, other] if one < other));
        self.lost |= !(1..=15).contains(&count) || !rises;
        self.lost |= self.begins.first().is_none_or(|first| *first < HEADER);
        self.begins.reverse();
    }

    /// Whether a decoder reads this byte; begins the next segment where it stands.
    fn is_read(&mut self, byte: u8) -> bool {
        if self.begins.last() == Some(&self.at) {
            self.begins.pop();
            // a segment that lacks something is no segment
            self.lost |= self.left > 0;
            self.left = self.decoded;
            self.next = Next::Control;
        }
        // a control byte that says nothing may stand at the end
        self.left > 0 || byte == 0x80
    }

    fn take(&mut self, byte: u8) {
        let (next, done) = match self.next {
            Next::Control => (Self::behind_control(byte), 0),
            Next::Literal(n) => {
                let rest = n.saturating_sub(1);
                let next = if rest == 0 {
                    Next::Control
                } else {
                    Next::Literal(rest)
                };
                (next, 1)
            }
            Next::Run(n) => (Next::Control, n),
        };
        self.next = next;
        // a run may be longer than the segment: decoders stop there
        self.left = self.left.saturating_sub(done);
    }

    fn behind_control(byte: u8) -> Next {
        let n = u64::from(byte);
        match byte {
            0..=127 => Next::Literal(n.saturating_add(1)),
            128 => Next::Control,
            129.. => Next::Run(257u64.saturating_sub(n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(offsets: &[u32], behind: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(offsets.len()).unwrap().to_le_bytes().to_vec();
        out.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        out.resize(64, 0);
        out.extend(behind);
        out
    }

    fn blanked(frame: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let mut scan = RunLengths::new(Some(4));
        let mut out = frame.to_vec();
        scan.begin_frame();
        for (n, bytes) in frame.chunks(piece).enumerate() {
            scan.feed(bytes, u64::try_from(n * piece).unwrap(), |from, to| {
                out[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()].fill(0);
            });
        }
        scan.end_frame();
        (out, scan.is_lost())
    }

    #[test]
    fn what_no_decoder_reads_becomes_zeros_and_the_rest_stays() {
        let segment = [3, 1, 2, 3, 4];
        let run = [253, 9, 0x80];
        let rows: [(Vec<u8>, Vec<u8>); 4] = [
            (frame(&[64], &segment), frame(&[64], &segment)),
            (
                frame(&[64, 69], &[&segment[..], &run].concat()),
                frame(&[64, 69], &[&segment[..], &run].concat()),
            ),
            (
                frame(&[64, 72], &[&segment[..], b"DOE", &run, b"DOE"].concat()),
                frame(
                    &[64, 72],
                    &[&segment[..], b"\0\0\0", &run, b"\0\0\0"].concat(),
                ),
            ),
            (
                frame(&[67], &[b"DOE", &segment[..]].concat()),
                frame(&[67], &[b"\0\0\0", &segment[..]].concat()),
            ),
        ];
        for (given, expected) in rows {
            for piece in [1, 7, 1000] {
                assert_eq!(blanked(&given, piece), (expected.clone(), false));
            }
        }
        let mut words = frame(&[64], &segment);
        words[40..43].copy_from_slice(b"DOE");
        assert_eq!(blanked(&words, 9), (frame(&[64], &segment), false));
    }

    #[test]
    fn what_is_no_frame_is_said_to_be_none() {
        for given in [
            b"DOE".to_vec(),
            frame(&[], b"DOE"),
            frame(&[64; 2], &[3, 1, 2, 3, 4]),
            frame(&[64], &[3, 1, 2]),
            frame(&[4000], &[3, 1, 2, 3, 4]),
            frame(&[8], &[3, 1, 2, 3, 4]),
        ] {
            assert!(blanked(&given, 5).1, "{given:?}");
        }
        assert!(RunLengths::new(None).is_lost());
    }
}
