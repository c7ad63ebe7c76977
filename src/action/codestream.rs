//! Words in compressed pixel data: comments and application segments of JPEG, comments of JPEG 2000, bytes behind the end.
//!
//! `FF FE 00 0A "J. Doe ".. -> FF FE 00 0A 00 00 00..`: words become zeros where they stand, so that no length, no offset
//! table and no decoder notices, and the decoded picture is the same to the bit. Kept is what decoding needs: the head of
//! JFIF and SPIFF, Adobe's colour transform, the colour transform of JPEG-LS. Source: ITU-T T.81 annex B, T.87 annex C, T.800 annex A;
//! PS3.5 section A.4. Refuses nothing: what it does not understand it says so of.

/// Which codestreams a transfer syntax has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// JPEG and JPEG-LS.
    Jpeg,
    /// JPEG 2000 and High-Throughput JPEG 2000.
    Jpeg2000,
}

impl Codec {
    /// The codec of a transfer syntax; `None` where no words are looked for.
    #[must_use]
    pub fn of(transfer_syntax: &str) -> Option<Self> {
        let number = transfer_syntax.strip_prefix("1.2.840.10008.1.2.4.")?;
        match number.parse::<u16>() {
            Ok(50..=81) => Some(Self::Jpeg),
            Ok(90..=93 | 201..=203) => Some(Self::Jpeg2000),
            Ok(_) | Err(_) => None,
        }
    }
}

/// Video is held back as such; its boxes are not looked through here.
#[must_use]
pub fn is_video(transfer_syntax: &str) -> bool {
    let number = transfer_syntax.strip_prefix("1.2.840.10008.1.2.4.");
    matches!(number.map(str::parse), Some(Ok(100u16..=108)))
}

/// Where a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a codestream.
    Start,
    /// Behind its FF.
    StartCode,
    /// The byte FF of a marker comes next.
    Marker,
    /// The code of a marker comes next.
    Code,
    /// The first byte of a segment's length comes next.
    Length { code: u8 },
    /// The second one.
    Length2 { code: u8, high: u8 },
    /// Inside a segment: bytes of it so far, and left.
    Segment { code: u8, done: usize, left: usize },
    /// Entropy-coded data of JPEG.
    Entropy,
    /// Entropy-coded data behind FF.
    EntropyCode,
    /// Data of a tile-part, with the bytes left where its length is known.
    Tile { left: Option<u64> },
    /// Data of a tile-part of unknown length, behind FF.
    TileCode,
    /// Right behind the end, where another codestream may follow: a writer that put two frames into one fragment.
    Ended,
    /// Behind an FF there, which lies at this place.
    EndedCode { at: u64 },
    /// Further behind the end.
    Behind,
    /// Not understood.
    Lost,
}

/// Bytes of a segment that tell whether decoding needs it.
const TELLING: usize = 6;

/// Looks through the fragments of one Pixel Data element, in their order.
#[derive(Debug)]
pub struct Scan {
    codec: Codec,
    state: State,
    /// The first bytes of a segment, with their places.
    head: Vec<(u8, u64)>,
    /// Bytes of the segment that stay.
    keep: usize,
    /// Bytes of the tile-part so far, from its marker on.
    tile: u64,
    /// Length of the tile-part; 0 up to the end.
    tile_length: u32,
    lost: bool,
}

impl Scan {
    /// A scan that has seen nothing yet.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            state: State::Start,
            head: Vec::new(),
            keep: 0,
            tile: 0,
            tile_length: 0,
            lost: false,
        }
    }

    /// Something was no codestream of this kind, so that words may be in it.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// A fragment begins with these bytes (two are enough): a frame begins where a codestream does.
    pub fn begin_fragment(&mut self, start: &[u8]) {
        let begins = match self.codec {
            Codec::Jpeg => start.starts_with(&[0xFF, 0xD8]),
            Codec::Jpeg2000 => start.starts_with(&[0xFF, 0x4F]),
        };
        if begins {
            self.state = State::Start;
        }
    }

    /// Takes the next bytes, which lie at `at`, and calls `blank` with each span of words.
    pub fn feed(&mut self, bytes: &[u8], at: u64, mut blank: impl FnMut(u64, u64)) {
        let place = |index: usize| at.saturating_add(u64::try_from(index).unwrap_or(u64::MAX));
        let mut index = 0usize;
        while let Some(&byte) = bytes.get(index) {
            let rest = bytes.get(index..).unwrap_or_default();
            let step = match self.state {
                State::Segment { code, done, left } => {
                    let n = self.segment(code, done, left, rest, place(index), &mut blank);
                    self.state = if n >= left {
                        self.behind_segment(code)
                    } else {
                        State::Segment {
                            code,
                            done: done.saturating_add(n),
                            left: left.saturating_sub(n),
                        }
                    };
                    n
                }
                State::Entropy => match memchr::memchr(0xFF, rest) {
                    Some(found) => {
                        self.state = State::EntropyCode;
                        found.saturating_add(1)
                    }
                    None => rest.len(),
                },
                State::Tile { left: Some(left) } => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    let left = left.saturating_sub(u64::try_from(n).unwrap_or(0));
                    self.state = if left == 0 {
                        State::Marker
                    } else {
                        State::Tile { left: Some(left) }
                    };
                    n
                }
                State::Tile { left: None } => match memchr::memchr(0xFF, rest) {
                    Some(found) => {
                        self.state = State::TileCode;
                        found.saturating_add(1)
                    }
                    None => rest.len(),
                },
                State::Ended => {
                    let (state, step) = match byte {
                        0 => (State::Ended, 1),
                        0xFF => (State::EndedCode { at: place(index) }, 1),
                        _ => (State::Behind, 0),
                    };
                    self.state = state;
                    step
                }
                State::EndedCode { at } => {
                    if self.begins(byte) {
                        self.state = State::Marker;
                        1
                    } else {
                        blank(at, at.saturating_add(1));
                        self.state = State::Behind;
                        0
                    }
                }
                State::Behind => {
                    let end = rest
                        .iter()
                        .rposition(|&b| b != 0)
                        .map_or(0, |last| last.saturating_add(1));
                    if end > 0 {
                        blank(place(index), place(index.saturating_add(end)));
                    }
                    rest.len()
                }
                State::Lost => rest.len(),
                State::Start
                | State::StartCode
                | State::Marker
                | State::Code
                | State::Length { .. }
                | State::Length2 { .. }
                | State::EntropyCode
                | State::TileCode => {
                    self.byte(byte);
                    1
                }
            };
            index = index.saturating_add(step);
        }
    }

    /// One byte of what stands between data.
    fn byte(&mut self, byte: u8) {
        self.tile = self.tile.saturating_add(1);
        self.state = match (self.state, byte) {
            (State::Start, 0xFF) => State::StartCode,
            (State::StartCode, code) if self.begins(code) => State::Marker,
            (State::Marker, 0xFF) => State::Code,
            (State::Code, 0xFF) => State::Code,
            (State::Code, code) => self.marker(code),
            (State::Length { code }, high) => State::Length2 { code, high },
            (State::Length2 { code, high }, low) => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                self.head.clear();
                self.keep = usize::MAX;
                match length.checked_sub(2) {
                    None => self.lose(),
                    Some(0) => self.behind_segment(code),
                    Some(left) => State::Segment {
                        code,
                        done: 0,
                        left,
                    },
                }
            }
            // stuffed, a restart, or a fill byte
            (State::EntropyCode, 0xFF) => State::EntropyCode,
            (State::EntropyCode, 0x00..=0x7F | 0xD0..=0xD7) => State::Entropy,
            (State::EntropyCode, code) => self.marker(code),
            (State::TileCode, 0xFF) => State::TileCode,
            (State::TileCode, 0xD9) => State::Ended,
            (State::TileCode, _) => State::Tile { left: None },
            _ => self.lose(),
        };
    }

    /// The code of the marker that a codestream begins with.
    fn begins(&self, code: u8) -> bool {
        match self.codec {
            Codec::Jpeg => code == 0xD8,
            Codec::Jpeg2000 => code == 0x4F,
        }
    }

    fn lose(&mut self) -> State {
        self.lost = true;
        State::Lost
    }

    fn marker(&mut self, code: u8) -> State {
        match (self.codec, code) {
            (Codec::Jpeg, 0xD8) | (Codec::Jpeg2000, 0x4F) => State::Marker,
            (_, 0xD9) => State::Ended,
            (Codec::Jpeg, 0x01 | 0xD0..=0xD7) => State::Marker,
            // frames, tables, scans, application data, JPEG-LS, comments
            (Codec::Jpeg, 0xC0..=0xEF | 0xF7..=0xF9 | 0xFE) => State::Length { code },
            (Codec::Jpeg2000, 0x90) => {
                // the length of a tile-part counts from its marker
                self.tile = 2;
                State::Length { code }
            }
            (Codec::Jpeg2000, 0x93) => State::Tile {
                left: match self.tile_length {
                    0 => None,
                    n => Some(u64::from(n).saturating_sub(self.tile)),
                },
            },
            (Codec::Jpeg2000, 0x30..=0x3F) => State::Marker,
            // parts 1, 2 and 15
            (Codec::Jpeg2000, 0x50..=0x64 | 0x72..=0x79 | 0x91) => State::Length { code },
            _ => self.lose(),
        }
    }

    fn behind_segment(&mut self, code: u8) -> State {
        match (self.codec, code) {
            (Codec::Jpeg, 0xDA) => State::Entropy,
            _ => State::Marker,
        }
    }

    /// Takes bytes of a segment: how many.
    fn segment(
        &mut self,
        code: u8,
        done: usize,
        left: usize,
        rest: &[u8],
        at: u64,
        blank: &mut impl FnMut(u64, u64),
    ) -> usize {
        let all = done.saturating_add(left);
        if self.head.len() < TELLING && done == self.head.len() && self.is_of_words(code) {
            // byte by byte until it is known what the segment is
            let byte = rest.first().copied().unwrap_or(0);
            self.head.push((byte, at));
            self.tile = self.tile.saturating_add(1);
            if self.head.len() == TELLING || self.head.len() == all {
                self.keep = self.kept(code);
                for (_, place) in self.head.iter().skip(self.keep) {
                    blank(*place, place.saturating_add(1));
                }
            }
            return 1;
        }
        if self.codec == Codec::Jpeg2000 && code == 0x90 {
            // Isot 2, Psot 4
            let byte = rest.first().copied().unwrap_or(0);
            if (2..6).contains(&done) {
                self.tile_length = self.tile_length << 8 | u32::from(byte);
            }
            self.tile = self.tile.saturating_add(1);
            return 1;
        }
        let n = left.min(rest.len());
        self.tile = self.tile.saturating_add(u64::try_from(n).unwrap_or(0));
        let first = self.keep.saturating_sub(done);
        if self.is_of_words(code) && first < n {
            let length = |n: usize| u64::try_from(n).unwrap_or(0);
            blank(
                at.saturating_add(length(first)),
                at.saturating_add(length(n)),
            );
        }
        n
    }

    /// Segments that can hold words.
    fn is_of_words(&self, code: u8) -> bool {
        match self.codec {
            Codec::Jpeg => matches!(code, 0xE0..=0xEF | 0xFE),
            Codec::Jpeg2000 => code == 0x64,
        }
    }

    /// Bytes of a segment that decoding needs.
    fn kept(&self, code: u8) -> usize {
        let head: Vec<u8> = self.head.iter().map(|(byte, _)| *byte).collect();
        match (self.codec, code) {
            // identifier, version, units, densities, size of the thumbnail
            (Codec::Jpeg, 0xE0) if head.starts_with(b"JFIF\0") || head.starts_with(b"LJIF\0") => 14,
            // identifier, version, flags, colour transform
            (Codec::Jpeg, 0xEE) if head.starts_with(b"Adobe") => 12,
            // the colour transform of JPEG-LS
            (Codec::Jpeg, 0xE8) if head.starts_with(b"mrfx") => 5,
            // the head of SPIFF, and the end of its directory
            (Codec::Jpeg, 0xE8) if head.starts_with(b"SPIFF\0") => 30,
            (Codec::Jpeg, 0xE8) if head == *b"\0\0\0\x01\xFF\xD8" => 6,
            // whether the comment is text
            (Codec::Jpeg2000, _) => 2,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The stream with its words blanked, fed in pieces of this size and in fragments that begin at these places.
    fn blanked(codec: Codec, stream: &[u8], piece: usize, fragments: &[usize]) -> (Vec<u8>, bool) {
        let mut out = stream.to_vec();
        let mut scan = Scan::new(codec);
        let mut starts = vec![0];
        starts.extend_from_slice(fragments);
        starts.push(stream.len());
        for two in starts.windows(2) {
            scan.begin_fragment(&stream[two[0]..two[1]]);
            let mut at = two[0];
            for bytes in stream[two[0]..two[1]].chunks(piece) {
                scan.feed(bytes, at as u64, |from, to| {
                    out[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()].fill(0);
                });
                at += bytes.len();
            }
        }
        (out, scan.is_lost())
    }

    fn segment(code: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, code], length.as_slice(), payload].concat()
    }

    fn jpeg(words: &[u8]) -> Vec<u8> {
        [
            vec![0xFF, 0xD8],
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xFE, words),
            segment(0xE1, &[b"Exif\0\0", words].concat()),
            segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"),
            segment(0xDB, &[7; 65]),
            segment(0xDA, &[1, 1, 0, 0, 63, 0]),
            b"\x12\xFF\x00CANARY-IN-DATA\xFF\xD0\x34\xFF\xD9".to_vec(),
            words.to_vec(),
            vec![0],
        ]
        .concat()
    }

    fn jpeg2000(words: &[u8], length_known: bool) -> Vec<u8> {
        let data = b"\x12\xFF\x7FCANARY-IN-DATA\x34";
        let header = segment(0x64, &[&[0, 1], words].concat());
        let length = u32::try_from(12 + header.len() + 2 + data.len()).unwrap();
        let length = if length_known { length } else { 0 };
        [
            vec![0xFF, 0x4F],
            segment(0x51, &[9; 38]),
            segment(0x64, &[&[0, 1], words].concat()),
            segment(
                0x90,
                &[&[0, 0], length.to_be_bytes().as_slice(), &[0, 1]].concat(),
            ),
            header,
            vec![0xFF, 0x93],
            data.to_vec(),
            vec![0xFF, 0xD9],
            words.to_vec(),
        ]
        .concat()
    }

    #[test]
    fn words_go_and_what_decoding_needs_stays() {
        let words = b"CANARY-PN-01^Jane";
        for (codec, stream, kept) in [
            (
                Codec::Jpeg,
                jpeg(words),
                &[b"JFIF\0".as_slice(), b"Adobe\0\x64", b"CANARY-IN-DATA"][..],
            ),
            (Codec::Jpeg2000, jpeg2000(words, true), &[b"CANARY-IN-DATA"]),
            (
                Codec::Jpeg2000,
                jpeg2000(words, false),
                &[b"CANARY-IN-DATA"],
            ),
        ] {
            let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|at| at == what);
            for piece in [1, 2, 7, 4096] {
                let (out, lost) = blanked(codec, &stream, piece, &[]);
                assert!(!lost);
                assert!(!holds(&out, b"CANARY-PN"), "{codec:?} {piece}");
                assert!(kept.iter().all(|what| holds(&out, what)));
                assert_eq!(out, blanked(codec, &out, piece, &[]).0, "twice is once");
                for cut in 2..stream.len() {
                    assert_eq!(
                        blanked(codec, &stream, piece, &[cut]).0,
                        out,
                        "a frame of two fragments"
                    );
                }
                let twice = [stream.clone(), stream.clone()].concat();
                let both = [out.clone(), out].concat();
                assert_eq!(
                    blanked(codec, &twice, piece, &[stream.len()]).0,
                    both,
                    "two frames"
                );
            }
        }
    }

    #[test]
    fn what_is_no_codestream_is_said_to_be_none() {
        for codec in [Codec::Jpeg, Codec::Jpeg2000] {
            assert!(blanked(codec, b"CANARY", 9, &[]).1);
            assert!(blanked(codec, &[b"CANARY".as_slice(), &jpeg(b"x")].concat(), 9, &[]).1);
            assert!(!blanked(codec, b"", 9, &[]).1);
        }
        assert!(blanked(Codec::Jpeg, b"\xFF\xD8\xFF\xFE\0\0CANARY", 9, &[]).1);
    }

    #[test]
    fn codecs_are_known_by_their_transfer_syntax() {
        for (syntax, codec) in [
            ("1.2.840.10008.1.2.4.50", Some(Codec::Jpeg)),
            ("1.2.840.10008.1.2.4.80", Some(Codec::Jpeg)),
            ("1.2.840.10008.1.2.4.91", Some(Codec::Jpeg2000)),
            ("1.2.840.10008.1.2.4.202", Some(Codec::Jpeg2000)),
            ("1.2.840.10008.1.2.5", None),
            ("1.2.840.10008.1.2.4.102", None),
            ("1.2.840.10008.1.2.1", None),
        ] {
            assert_eq!(Codec::of(syntax), codec, "{syntax}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail_and_pieces_make_no_difference(
            bytes in proptest::collection::vec(prop_oneof![Just(0xFFu8), Just(0xD8), Just(0x4F), Just(0xD9), any::<u8>()], 0..200),
            piece in 1usize..20,
        ) {
            for codec in [Codec::Jpeg, Codec::Jpeg2000] {
                prop_assert_eq!(blanked(codec, &bytes, piece, &[]), blanked(codec, &bytes, 4096, &[]));
            }
        }
    }
}
