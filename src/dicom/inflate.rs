//! The inflated data set of a deflated file (PS3.5 section A.5), read by position without being kept.
//!
//! Owns: bounds on size and growth, and a forward stream with a window, in which a small data set stays as a whole. Reading
//! backwards beyond the window starts the stream anew; the walk reads forwards, so that is rare, and the number of restarts is
//! bounded.

use std::io::{self, BufReader, Read};
use std::sync::{Mutex, PoisonError};

use flate2::bufread::DeflateDecoder;

use super::source::ReadAt;
use super::{Bound, Damage, Limits, ReadError};

/// Bytes kept behind the position of the stream.
const KEEP: usize = 1 << 20;
/// A data set up to this size is kept whole.
const WHOLE: u64 = 2 << 20;
/// Starts of the stream: a few passes over the data set and probes of UN; more is an attack.
const STARTS: u32 = 64;

/// A part of a source as a stream.
struct Part<'s, S: ReadAt + ?Sized> {
    source: &'s S,
    at: u64,
}

impl<S: ReadAt + ?Sized> Read for Part<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(buf, self.at)?;
        self.at = self.at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        Ok(n)
    }
}

type Stream<'s, S> = DeflateDecoder<BufReader<Part<'s, S>>>;

struct State<'s, S: ReadAt + ?Sized> {
    stream: Stream<'s, S>,
    /// The last bytes that the stream gave; the last of them lies before `pos`.
    kept: Vec<u8>,
    pos: u64,
    starts: u32,
}

/// The inflated bytes of a source from one position on.
pub struct InflatedSource<'s, S: ReadAt + ?Sized> {
    source: &'s S,
    from: u64,
    len: u64,
    state: Mutex<State<'s, S>>,
}

fn start<S: ReadAt + ?Sized>(source: &S, from: u64) -> Stream<'_, S> {
    DeflateDecoder::new(BufReader::with_capacity(
        32 * 1024,
        Part { source, at: from },
    ))
}

impl<'s, S: ReadAt + ?Sized> InflatedSource<'s, S> {
    /// Inflates once to learn the length, within the limits.
    ///
    /// # Errors
    /// [`Damage::Inflate`] when the bytes are no complete deflate stream; [`Bound::Inflated`] when they grow beyond the limits.
    pub fn new(source: &'s S, from: u64, limits: &Limits) -> Result<Self, ReadError> {
        Self::seen(source, from, limits, |_piece| {})
    }

    /// The same, and shows all inflated bytes once, in pieces.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn seen(
        source: &'s S,
        from: u64,
        limits: &Limits,
        mut see: impl FnMut(&[u8]),
    ) -> Result<Self, ReadError> {
        let most = most(source, from, limits);
        let mut stream = start(source, from);
        let mut buffer = vec![0u8; 64 * 1024];
        let mut kept = Vec::new();
        let mut len = 0u64;
        loop {
            let n = match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) => return Err(damage(from, e)),
            };
            let piece = buffer.get(..n).unwrap_or_default();
            see(piece);
            len = len.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
            if len > most {
                return Err(ReadError::Bound {
                    at: from,
                    bound: Bound::Inflated,
                });
            }
            if len <= WHOLE {
                kept.extend_from_slice(piece);
            } else {
                kept = Vec::new();
            }
        }
        if len == 0 {
            return Err(no_stream(from));
        }
        let pos = if len <= WHOLE { len } else { 0 };
        Ok(Self::at(source, from, len, kept, pos))
    }

    /// The same where the length is known. Nothing is inflated yet; [`Self::ends`] tells whether the length is true.
    ///
    /// # Errors
    /// [`Damage::Inflate`] for no byte; [`Bound::Inflated`] for more than the limits allow.
    pub fn of_length(
        source: &'s S,
        from: u64,
        len: u64,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        if len == 0 {
            return Err(no_stream(from));
        }
        if len > most(source, from, limits) {
            return Err(ReadError::Bound {
                at: from,
                bound: Bound::Inflated,
            });
        }
        Ok(Self::at(source, from, len, Vec::new(), 0))
    }

    fn at(source: &'s S, from: u64, len: u64, kept: Vec<u8>, pos: u64) -> Self {
        Self {
            source,
            from,
            len,
            state: Mutex::new(State {
                stream: start(source, from),
                kept,
                pos,
                starts: 1,
            }),
        }
    }

    /// True when the stream is whole and ends where the length says.
    ///
    /// # Errors
    /// [`Damage::Inflate`] when the bytes are no complete deflate stream; those of the source.
    pub fn ends(&self) -> Result<bool, ReadError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match state.advance() {
                Ok(0) => return Ok(state.pos == self.len),
                Ok(_) if state.pos > self.len => return Ok(false),
                Ok(_) => {}
                Err(e) => return Err(damage(self.from, e)),
            }
        }
    }
}

/// Most bytes that the rest of a source may become.
fn most<S: ReadAt + ?Sized>(source: &S, from: u64, limits: &Limits) -> u64 {
    let packed = source.len().saturating_sub(from);
    let by_ratio = packed
        .saturating_mul(limits.inflated_ratio)
        .max(limits.inflated_any_ratio);
    limits.inflated.min(by_ratio)
}

fn no_stream(at: u64) -> ReadError {
    ReadError::Damaged {
        at,
        path: None,
        damage: Damage::Inflate,
    }
}

/// What a stream that failed means: its bytes are no deflate stream, or they cannot be read.
fn damage(at: u64, e: io::Error) -> ReadError {
    if matches!(
        e.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    ) {
        no_stream(at)
    } else {
        e.into()
    }
}

impl<S: ReadAt + ?Sized> State<'_, S> {
    /// Where the kept bytes begin.
    fn kept_from(&self) -> u64 {
        self.pos
            .saturating_sub(u64::try_from(self.kept.len()).unwrap_or(0))
    }

    fn advance(&mut self) -> io::Result<usize> {
        if self.kept.len() >= 2 * KEEP {
            let drop = self.kept.len().saturating_sub(KEEP);
            self.kept.drain(..drop);
        }
        let filled = self.kept.len();
        self.kept.resize(filled.saturating_add(64 * 1024), 0);
        let read = self
            .stream
            .read(self.kept.get_mut(filled..).unwrap_or_default());
        let n = match &read {
            Ok(n) => *n,
            Err(_) => 0,
        };
        self.kept.truncate(filled.saturating_add(n));
        self.pos = self.pos.saturating_add(u64::try_from(n).unwrap_or(0));
        read
    }
}

impl<S: ReadAt + ?Sized> ReadAt for InflatedSource<'_, S> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        if at >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if at < state.kept_from() {
            if state.starts >= STARTS {
                return Err(io::Error::other(
                    "deflated data set read backwards too often",
                ));
            }
            let starts = state.starts.saturating_add(1);
            *state = State {
                stream: start(self.source, self.from),
                kept: Vec::new(),
                pos: 0,
                starts,
            };
        }
        while state.pos <= at {
            if state.advance()? == 0 {
                return Ok(0);
            }
        }
        let skip = usize::try_from(at.saturating_sub(state.kept_from())).unwrap_or(usize::MAX);
        let from = state.kept.get(skip..).unwrap_or_default();
        let n = from.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), from.get(..n)) {
            to.copy_from_slice(from);
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::source::BytesSource;
    use std::io::Write;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn inflated_bytes_are_read_forwards_and_backwards() {
        let bytes: Vec<u8> = (0..5_000_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let packed = BytesSource(deflate(&bytes));
        let inflated = InflatedSource::new(&packed, 0, &Limits::default()).unwrap();
        assert_eq!(inflated.len(), 5_000_000);
        for at in [0usize, 70_000, 4_999_990, 3, 2_500_000, 2_400_000] {
            let mut buf = [0u8; 10];
            inflated.read_exact_at(&mut buf, at as u64).unwrap();
            assert_eq!(buf, bytes[at..at + 10], "at {at}");
        }
    }

    #[test]
    fn memory_does_not_grow_with_the_stream_and_backward_reads_are_bounded() {
        let packed = BytesSource(deflate(&vec![5; 20 << 20]));
        let inflated = InflatedSource::new(&packed, 0, &Limits::default()).unwrap();
        let mut buf = [0u8; 1];
        inflated.read_exact_at(&mut buf, (20 << 20) - 1).unwrap();
        let kept = inflated.state.lock().unwrap().kept.len();
        assert!((KEEP..=2 * KEEP + 64 * 1024).contains(&kept), "{kept}");
        let mut starts = 1;
        while inflated.read_exact_at(&mut buf, 0).is_ok() {
            starts += 1;
            inflated.read_exact_at(&mut buf, (20 << 20) - 1).unwrap();
        }
        assert_eq!(starts, STARTS);
    }

    #[test]
    fn a_stream_of_nothing_is_damage() {
        let packed = BytesSource(deflate(b""));
        let opened = InflatedSource::new(&packed, 0, &Limits::default());
        assert!(matches!(
            opened.err(),
            Some(ReadError::Damaged {
                damage: Damage::Inflate,
                ..
            })
        ));
    }

    #[test]
    fn growth_beyond_the_limits_is_refused() {
        let packed = BytesSource(deflate(&vec![0u8; 4 << 20]));
        let limits = Limits {
            inflated_any_ratio: 1 << 20,
            ..Limits::default()
        };
        assert!(matches!(
            InflatedSource::new(&packed, 0, &limits),
            Err(ReadError::Bound {
                bound: Bound::Inflated,
                ..
            })
        ));
    }

    #[test]
    fn a_cut_stream_is_damage() {
        let mut packed = deflate(
            &(0..100_000u32)
                .flat_map(u32::to_le_bytes)
                .collect::<Vec<_>>(),
        );
        packed.truncate(packed.len() / 2);
        let packed = BytesSource(packed);
        assert!(matches!(
            InflatedSource::new(&packed, 0, &Limits::default()),
            Err(ReadError::Damaged {
                damage: Damage::Inflate,
                ..
            })
        ));
    }
}
