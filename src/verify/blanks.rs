//! Where compressed pixel data may hold words, found a second time: comments and application segments of JPEG and JPEG-LS
//! (ITU-T T.81 annex B, T.87 annex C), comments of JPEG 2000 (T.800 annex A), what stands behind an end marker, and
//! behind the last run of an RLE segment (PS3.5 annex G). Only there may an output have zeros that its input has not.

use std::io;

use crate::dicom::source::ReadAt;

const PIECE: usize = 64 * 1024;
/// Spans of one file; more are no picture.
const MOST: usize = 1 << 16;

/// The kinds of codestreams that have such places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jpeg,
    JpegLs,
    Jpeg2000,
    Rle,
}

fn kind(transfer_syntax: &str) -> Option<Kind> {
    match transfer_syntax.strip_prefix("1.2.840.10008.1.2.")? {
        "5" => Some(Kind::Rle),
        "4.80" | "4.81" => Some(Kind::JpegLs),
        "4.90" | "4.91" | "4.92" | "4.93" | "4.201" | "4.202" | "4.203" => Some(Kind::Jpeg2000),
        syntax => {
            let number = syntax.strip_prefix("4.").map(str::parse::<u32>);
            matches!(number, Some(Ok(50..=70))).then_some(Kind::Jpeg)
        }
    }
}

/// The spans of a source that may hold words, in their order. `fragments` are those behind the Basic Offset Table;
/// `plane` is the decoded length of one RLE segment.
///
/// # Errors
/// Those of the source.
pub fn spans(
    source: &dyn ReadAt,
    fragments: &[(u64, u64)],
    transfer_syntax: &str,
    plane: Option<u64>,
) -> io::Result<Vec<(u64, u64)>> {
    let mut stream = Stream::new(source, fragments);
    let mut spans = Vec::new();
    match kind(transfer_syntax) {
        None => {}
        Some(Kind::Rle) => {
            for fragment in fragments {
                run_lengths(source, *fragment, plane, &mut spans)?;
            }
        }
        Some(kind) => while picture(&mut stream, kind, &mut spans)?.is_some() {},
    }
    Ok(spans)
}

/// Bytes of fragments behind each other, with their places in the source.
struct Stream<'s> {
    source: &'s dyn ReadAt,
    rest: &'s [(u64, u64)],
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl<'s> Stream<'s> {
    fn new(source: &'s dyn ReadAt, fragments: &'s [(u64, u64)]) -> Self {
        Self {
            source,
            rest: fragments,
            at: 0,
            end: 0,
            buffer: Vec::new(),
            used: 0,
        }
    }

    /// The next byte; `None` at the end.
    fn next(&mut self) -> io::Result<Option<u8>> {
        while self.at == self.end {
            let Some((first, rest)) = self.rest.split_first() else {
                return Ok(None);
            };
            (self.at, self.end) = *first;
            self.rest = rest;
            self.used = self.buffer.len();
        }
        if self.used >= self.buffer.len() {
            let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(PIECE);
            self.buffer.resize(left.min(PIECE), 0);
            self.source.read_exact_at(&mut self.buffer, self.at)?;
            self.used = 0;
        }
        let byte = self.buffer.get(self.used).copied();
        self.used = self.used.saturating_add(1);
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    fn number(&mut self) -> io::Result<Option<u64>> {
        match (self.next()?, self.next()?) {
            (Some(high), Some(low)) => Ok(Some(u64::from(u16::from_be_bytes([high, low])))),
            _ => Ok(None),
        }
    }

    /// Goes over `n` bytes, and notes them where they may be words.
    fn skip(&mut self, n: u64, noted: Option<&mut Vec<(u64, u64)>>) -> io::Result<Option<()>> {
        let mut spans = noted;
        for _ in 0..n {
            if self.next()?.is_none() {
                return Ok(None);
            }
            if let Some(spans) = &mut spans {
                note(spans, self.at.saturating_sub(1), self.at);
            }
        }
        Ok(Some(()))
    }

    /// The first bytes of the next fragment.
    fn peek(&self) -> io::Result<[u8; 2]> {
        let mut two = [0u8; 2];
        if let Some((from, to)) = self.rest.first()
            && to.saturating_sub(*from) >= 2
        {
            self.source.read_exact_at(&mut two, *from)?;
        }
        Ok(two)
    }
}

fn note(spans: &mut Vec<(u64, u64)>, from: u64, to: u64) {
    if from >= to {
        return;
    }
    match spans.last_mut() {
        Some((_, end)) if *end == from => *end = to,
        Some(_) | None => {
            if spans.len() < MOST {
                spans.push((from, to));
            }
        }
    }
}

/// Reads one picture and what stands behind it; `None` at the end, and where it is no codestream.
fn picture(
    stream: &mut Stream<'_>,
    kind: Kind,
    spans: &mut Vec<(u64, u64)>,
) -> io::Result<Option<()>> {
    let start = if kind == Kind::Jpeg2000 { 0x4F } else { 0xD8 };
    if (stream.next()?, stream.next()?) != (Some(0xFF), Some(start)) {
        return Ok(None);
    }
    let mut marker = None;
    // bytes of the open tile-part, from its marker on; 0 up to the end marker
    let mut tile: u64 = 0;
    loop {
        let code = match marker.take() {
            Some(code) => code,
            None => match next_marker(stream)? {
                Some(code) => code,
                None => return Ok(None),
            },
        };
        match (kind, code) {
            (_, 0xD9) => break,
            (Kind::Jpeg2000, 0x93) => {
                if tile > 0 {
                    if stream.skip(tile.saturating_sub(2), None)?.is_none() {
                        return Ok(None);
                    }
                } else {
                    marker = data(stream, |b| b < 0x90)?;
                    if marker.is_none() {
                        return Ok(None);
                    }
                }
            }
            (Kind::Jpeg | Kind::JpegLs, 0x01) => {}
            _ => {
                let Some(length) = stream.number()?.filter(|length| *length >= 2) else {
                    return Ok(None);
                };
                let body = length.saturating_sub(2);
                if kind == Kind::Jpeg2000 && code == 0x90 && length == 10 {
                    let (index, high, low) = (stream.number()?, stream.number()?, stream.number()?);
                    let (Some(_), Some(high), Some(low), Some(())) =
                        (index, high, low, stream.skip(2, None)?)
                    else {
                        return Ok(None);
                    };
                    let whole = high << 16 | low;
                    tile = whole.saturating_sub(12);
                    continue;
                }
                let is_words = match kind {
                    Kind::Jpeg2000 => code == 0x64,
                    Kind::Jpeg | Kind::JpegLs => matches!(code, 0xFE | 0xE0..=0xEF),
                    Kind::Rle => false,
                };
                if stream
                    .skip(body, is_words.then_some(&mut *spans))?
                    .is_none()
                {
                    return Ok(None);
                }
                tile = tile.saturating_sub(length.saturating_add(2));
                if kind != Kind::Jpeg2000 && code == 0xDA {
                    // in scans a byte behind FF is 0 (T.81), begins with a bit of 0 (T.87), or restarts
                    let is_data = |b: u8| {
                        let most = if kind == Kind::Jpeg { 0 } else { 0x7F };
                        b <= most || (0xD0..=0xD7).contains(&b)
                    };
                    marker = data(stream, is_data)?;
                    if marker.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
    }
    behind(stream, start, spans)
}

/// The code of the next marker: FF, any further FF, then the code.
fn next_marker(stream: &mut Stream<'_>) -> io::Result<Option<u8>> {
    if stream.next()? != Some(0xFF) {
        return Ok(None);
    }
    loop {
        match stream.next()? {
            Some(0xFF) => {}
            code => return Ok(code),
        }
    }
}

/// Goes over coded data up to the next marker.
fn data(stream: &mut Stream<'_>, is_data: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
    let mut is_behind = false;
    while let Some(byte) = stream.next()? {
        match byte {
            0xFF => is_behind = true,
            byte if is_behind && !is_data(byte) => return Ok(Some(byte)),
            _ => is_behind = false,
        }
    }
    Ok(None)
}

/// What stands behind the end marker, up to a fragment that begins a picture.
fn behind(
    stream: &mut Stream<'_>,
    start: u8,
    spans: &mut Vec<(u64, u64)>,
) -> io::Result<Option<()>> {
    loop {
        while stream.at < stream.end {
            stream.skip(1, Some(spans))?;
        }
        if stream.rest.is_empty() {
            return Ok(None);
        }
        if stream.peek()? == [0xFF, start] {
            return Ok(Some(()));
        }
        stream.skip(1, Some(spans))?;
    }
}

/// One frame of run lengths: what stands behind the last run that its pixels need, and between head and segments.
fn run_lengths(
    source: &dyn ReadAt,
    (from, to): (u64, u64),
    plane: Option<u64>,
    spans: &mut Vec<(u64, u64)>,
) -> io::Result<()> {
    let mut head = [0u8; 64];
    let Some(plane) = plane.filter(|_| to.saturating_sub(from) > 64) else {
        return Ok(());
    };
    source.read_exact_at(&mut head, from)?;
    let (numbers, _) = head.as_chunks::<4>();
    let mut numbers = numbers
        .iter()
        .map(|four| u64::from(u32::from_le_bytes(*four)));
    let count = usize::try_from(numbers.next().unwrap_or(0)).unwrap_or(0);
    let mut starts: Vec<u64> = numbers.take(count).collect();
    starts.push(to.saturating_sub(from));
    note(
        spans,
        from.saturating_add(64),
        from.saturating_add(*starts.first().unwrap_or(&64)),
    );
    for pair in starts.windows(2) {
        let [start, end] = pair else { continue };
        let [start, end] = [start, end].map(|at| from.saturating_add(*at));
        if start >= end || end > to {
            return Ok(());
        }
        let span = [(start, end)];
        let mut stream = Stream::new(source, &span);
        let mut done = 0u64;
        while done < plane {
            let Some(code) = stream.next()? else { break };
            let code = u64::from(code);
            let (runs, bytes) = match code {
                0..=127 => (code.saturating_add(1), code.saturating_add(1)),
                128 => (0, 0),
                _ => (257u64.saturating_sub(code), 1),
            };
            done = done.saturating_add(runs);
            stream.skip(bytes, None)?;
        }
        if stream.at < end && done >= plane {
            note(spans, stream.at, end);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::source::BytesSource;

    fn words(bytes: &[u8], syntax: &str, plane: Option<u64>) -> Vec<Vec<u8>> {
        let end = u64::try_from(bytes.len()).unwrap();
        let source = BytesSource(bytes);
        let spans = spans(&source, &[(0, end)], syntax, plane).unwrap();
        let place = |n: u64| usize::try_from(n).unwrap();
        let of = |(from, to): &(u64, u64)| bytes[place(*from)..place(*to)].to_vec();
        spans.iter().map(of).collect()
    }

    #[test]
    fn words_of_jpeg_are_comments_applications_and_what_stands_behind() {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 5, b'a', b'b', b'c'];
        bytes.extend([0xFF, 0xFE, 0, 4, b'x', b'y', 0xFF, 0xDB, 0, 3, 7]);
        bytes.extend([
            0xFF, 0xDA, 0, 3, 1, 1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF, 0xD9,
        ]);
        bytes.extend(*b"tail");
        let found = words(&bytes, "1.2.840.10008.1.2.4.50", None);
        assert_eq!(found, [&b"abc"[..], b"xy", b"tail"]);
        assert_eq!(words(&bytes, "1.2.840.10008.1.2.1", None), [[0u8; 0]; 0]);
    }

    #[test]
    fn words_of_jpeg_2000_are_its_comments() {
        let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x64, 0, 5, 1, b'a', b'b'];
        // a tile-part of 12 bytes, its comment of 6, the mark of data and 3 bytes of it
        bytes.extend([0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 23, 0, 1]);
        bytes.extend([0xFF, 0x64, 0, 4, b'c', b'd', 0xFF, 0x93, 9, 0xFF, 0x8F]);
        bytes.extend([0xFF, 0xD9, b'z']);
        let found = words(&bytes, "1.2.840.10008.1.2.4.90", None);
        assert_eq!(found, [&[1, b'a', b'b'][..], b"cd", b"z"]);
    }

    #[test]
    fn words_of_run_lengths_stand_behind_the_last_run() {
        let mut bytes = vec![0u8; 64];
        bytes[0] = 1;
        bytes[4] = 64;
        bytes.extend([1, 5, 6, 254, 7, b'w', b'o']);
        assert_eq!(words(&bytes, "1.2.840.10008.1.2.5", Some(5)), [&b"wo"[..]]);
        assert_eq!(words(&bytes, "1.2.840.10008.1.2.5", None), [[0u8; 0]; 0]);
    }
}
