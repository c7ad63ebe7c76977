//! The inflated data set of a deflated file (PS3.5 section A.5), read by position without being kept.
//!
//! Owns: bounds on size and growth, and a forward stream of which the first and the last bytes are kept: all of a small data
//! set, and of a large one what stands around its pixels. Reading backwards in between starts the stream anew; the walk reads
//! forwards, so that is rare, and the number of restarts is bounded.

use std::io::{self, BufReader, Read};
use std::sync::{Mutex, PoisonError};

use flate2::bufread::DeflateDecoder;

use super::source::ReadAt;
use super::{Bound, Damage, Limits, ReadError};

/// Bytes kept of the beginning, and behind the position of the stream: there twice as many before the older half goes.
const KEEP: usize = 1 << 20;
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
    /// The first bytes of the data set, once they are not among the last ones any more.
    front: Vec<u8>,
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
        let mut state = State::new(source, from);
        loop {
            match state.advance() {
                Ok(0) => break,
                Ok(n) => see(state.last(n)),
                Err(e) => return Err(damage(from, e)),
            }
            if state.pos > most {
                return Err(ReadError::Bound {
                    at: from,
                    bound: Bound::Inflated,
                });
            }
        }
        if state.pos == 0 {
            return Err(no_stream(from));
        }
        Ok(Self::at(source, from, state.pos, state))
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
        Ok(Self::at(source, from, len, State::new(source, from)))
    }

    fn at(source: &'s S, from: u64, len: u64, state: State<'s, S>) -> Self {
        Self {
            source,
            from,
            len,
            state: Mutex::new(state),
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

impl<'s, S: ReadAt + ?Sized> State<'s, S> {
    fn new(source: &'s S, from: u64) -> Self {
        Self {
            stream: start(source, from),
            front: Vec::new(),
            kept: Vec::new(),
            pos: 0,
            starts: 1,
        }
    }

    /// The last `n` bytes that the stream gave.
    fn last(&self, n: usize) -> &[u8] {
        let from = self.kept.len().saturating_sub(n);
        self.kept.get(from..).unwrap_or_default()
    }

    /// What is kept from a position on, without a gap; nothing where that has yet to be inflated.
    fn kept_at(&self, at: u64) -> &[u8] {
        let (bytes, skip) = match at.checked_sub(self.kept_from()) {
            Some(skip) => (&self.kept, skip),
            None => (&self.front, at),
        };
        usize::try_from(skip).map_or(&[] as &[u8], |skip| bytes.get(skip..).unwrap_or_default())
    }

    /// Where the kept bytes begin.
    fn kept_from(&self) -> u64 {
        self.pos
            .saturating_sub(u64::try_from(self.kept.len()).unwrap_or(0))
    }

    fn advance(&mut self) -> io::Result<usize> {
        if self.kept.len() >= 2 * KEEP {
            let drop = self.kept.len().saturating_sub(KEEP);
            if self.front.is_empty() {
                self.front = self.kept.get(..drop).unwrap_or_default().to_vec();
            }
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
        if state.kept_at(at).is_empty() && at < state.pos {
            if state.starts >= STARTS {
                return Err(io::Error::other(
                    "deflated data set read backwards too often",
                ));
            }
            *state = State {
                front: std::mem::take(&mut state.front),
                starts: state.starts.saturating_add(1),
                ..State::new(self.source, self.from)
            };
        }
        while state.kept_at(at).is_empty() {
            if state.advance()? == 0 {
                return Ok(0);
            }
        }
        let from = state.kept_at(at);
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
        while inflated.read_exact_at(&mut buf, KEEP as u64 * 2).is_ok() {
            starts += 1;
            inflated.read_exact_at(&mut buf, (20 << 20) - 1).unwrap();
        }
        assert_eq!(starts, STARTS);
    }

    /// Bytes that count how many of them were read.
    struct Counted(Vec<u8>, std::cell::Cell<usize>);

    impl ReadAt for Counted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
            let n = BytesSource(&self.0).read_at(buf, at)?;
            self.1.set(self.1.get() + n);
            Ok(n)
        }
    }

    #[test]
    fn a_small_data_set_is_inflated_once_however_often_it_is_read() {
        let bytes: Vec<u8> = (0..u32::try_from(2 * KEEP).unwrap() / 4)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        let packed = Counted(deflate(&bytes), std::cell::Cell::default());
        let inflated = InflatedSource::new(&packed, 0, &Limits::default()).unwrap();
        let mut buf = vec![0u8; bytes.len()];
        for _ in 0..2 * STARTS {
            inflated.read_exact_at(&mut buf, 0).unwrap();
            assert!(buf == bytes);
        }
        assert!(inflated.ends().unwrap());
        assert_eq!(packed.1.get(), packed.0.len());
    }

    #[test]
    fn both_ends_of_a_large_data_set_are_read_again_without_inflating_it_again() {
        let bytes: Vec<u8> = (0..5_000_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let packed = Counted(deflate(&bytes), std::cell::Cell::default());
        let inflated = InflatedSource::new(&packed, 0, &Limits::default()).unwrap();
        let read = |at: usize, n: usize| {
            let mut buf = vec![0u8; n];
            inflated.read_exact_at(&mut buf, at as u64).unwrap();
            assert!(buf == bytes[at..at + n], "{n} at {at}");
        };
        let (front, tail) = (KEEP, bytes.len() - KEEP);
        for _ in 0..STARTS {
            read(0, front);
            read(tail, KEEP);
        }
        assert_eq!(packed.1.get(), packed.0.len());
        read(front - 5, 10);
        read(0, front);
        read(tail, KEEP);
        read(0, bytes.len());
        let passes = packed.1.get() / packed.0.len();
        assert_eq!(passes, 3, "once more for each read across the middle");
    }

    #[test]
    fn a_known_length_is_believed_until_the_stream_ends_elsewhere() {
        for n in [100usize, 3 << 20] {
            let bytes: Vec<u8> = (0..n).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let packed = BytesSource(deflate(&bytes));
            let of = |length: usize| {
                InflatedSource::of_length(&packed, 0, length as u64, &Limits::default())
            };
            for (length, is_true) in [(n - 1, false), (n, true), (n + 1, false)] {
                let inflated = of(length).unwrap();
                assert_eq!(inflated.ends().unwrap(), is_true, "{length} of {n}");
                let inflated = of(length).unwrap();
                let mut buf = vec![0u8; n - 1];
                inflated.read_exact_at(&mut buf, 0).unwrap();
                assert!(buf == bytes[..n - 1]);
                assert_eq!(inflated.ends().unwrap(), is_true, "{length} of {n}, read");
            }
            let mut cut = packed.0.clone();
            cut.truncate(cut.len() / 2);
            let cut = BytesSource(cut);
            let inflated = InflatedSource::of_length(&cut, 0, n as u64, &Limits::default());
            assert!(inflated.unwrap().ends().is_err());
        }
        let packed = BytesSource(deflate(b"x"));
        let of = |length| InflatedSource::of_length(&packed, 0, length, &Limits::default());
        assert!(matches!(
            of(0).err(),
            Some(ReadError::Damaged {
                damage: Damage::Inflate,
                ..
            })
        ));
        assert!(matches!(
            of(u64::MAX).err(),
            Some(ReadError::Bound {
                bound: Bound::Inflated,
                ..
            })
        ));
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
