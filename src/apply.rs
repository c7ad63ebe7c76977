//! Carries a plan out: source and edits to output bytes. Then looks at what came out.
//!
//! Owns: copying. What no edit names is copied as it is, in pieces that are hashed while they are at hand and then handed to
//! the system: each byte is read once. Decides nothing.

use std::cell::Cell;
use std::io::{self, Write};

use flate2::write::DeflateEncoder;

use crate::dicom::inflate::InflatedSource;
use crate::dicom::source::{BytesSource, ReadAt, Window};
use crate::dicom::walk::Walker;
use crate::dicom::{Damage, Limits, ReadError};
use crate::plan::Plan;

const CHUNK: usize = 64 * 1024;
/// Bytes of one write: few enough for the cache of a core, enough for BLAKE3 to work on many chunks at once.
const PIECE: usize = 256 * 1024;
/// On pixels of CT a quarter of the time of the usual level 6, for outputs that are two percent larger.
const LEVEL: u32 = 3;
/// Kept spans up to this length are read together with what lies near them.
const SHORT: u64 = 4096;

thread_local! {
    /// What a worker reads into and writes from, file after file.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The source or the output failed.
    #[error("cannot be copied: {0}")]
    Io(#[from] io::Error),
    /// The source can no longer be read as it was planned.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why an output is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// Something that identifies is still there.
    #[error("something that identifies is still in the output, at byte {at}")]
    Identifier {
        /// Byte offset in the output (in its inflated data set where it is deflated).
        at: u64,
    },
    /// The output does not parse.
    #[error("the output does not parse: {0}")]
    Unreadable(#[source] ReadError),
    /// The output cannot be read back.
    #[error("the output cannot be read back: {0}")]
    Io(#[from] io::Error),
}

/// Why there is no output in memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// It could not be made.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// It is not accepted.
    #[error(transparent)]
    Look(#[from] LookError),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes in front of the data set.
    pub head: u64,
    /// Length of the inflated data set, where the output is deflated.
    inflated: Option<u64>,
    /// Spans of the output's data set that the last look passes over, counted from its first byte.
    passed_over: Vec<(u64, u64)>,
}

/// Somewhere to write, which may have a faster way to take bytes of a source.
pub trait Sink: Write {
    /// Takes `n` bytes of a source from `at`.
    ///
    /// # Errors
    /// Those of both sides; `UnexpectedEof` when the source is shorter.
    fn take_from(&mut self, source: &dyn ReadAt, at: u64, n: u64) -> io::Result<()>
    where
        Self: Sized,
    {
        copy_in_chunks(source, at, n, self)
    }
}

impl Sink for Vec<u8> {}

/// A file, written in pieces through one buffer, with the digest of what was written.
pub struct FileSink<'f> {
    file: &'f std::fs::File,
    /// One piece long; that of this thread, which gets it back.
    buffer: Vec<u8>,
    /// Bytes of it that wait to be written.
    filled: usize,
    hash: blake3::Hasher,
    written: u64,
}

impl<'f> FileSink<'f> {
    /// Writes to the file from where it stands.
    #[must_use]
    pub fn new(file: &'f std::fs::File) -> Self {
        let mut buffer = BUFFER.take();
        buffer.resize(PIECE, 0);
        Self {
            file,
            buffer,
            filled: 0,
            hash: blake3::Hasher::new(),
            written: 0,
        }
    }

    /// Bytes that the system has taken.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The BLAKE3 digest of all bytes that the system has taken, as hexadecimal digits; what still waits is written first.
    ///
    /// # Errors
    /// Those of writing; the file's length is not that of what was written.
    pub fn digest(mut self) -> io::Result<String> {
        self.flush()?;
        if self.file.metadata()?.len() != self.written {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.hash.finalize().to_hex().to_string())
    }

    /// The part of the buffer that is free; the whole of it after a write where none was.
    fn free(&mut self) -> io::Result<&mut [u8]> {
        if self.filled >= self.buffer.len() {
            self.flush()?;
        }
        Ok(self.buffer.get_mut(self.filled..).unwrap_or_default())
    }
}

impl Drop for FileSink<'_> {
    fn drop(&mut self) {
        BUFFER.set(std::mem::take(&mut self.buffer));
    }
}

impl Write for FileSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let free = self.free()?;
        let n = free.len().min(bytes.len());
        if let (Some(to), Some(from)) = (free.get_mut(..n), bytes.get(..n)) {
            to.copy_from_slice(from);
        }
        self.filled = self.filled.saturating_add(n);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = self.buffer.get(..self.filled).unwrap_or_default();
        self.hash.update(piece);
        self.written = self
            .written
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        self.filled = 0;
        self.file.write_all(piece)
    }
}

impl Sink for FileSink<'_> {
    fn take_from(&mut self, source: &dyn ReadAt, at: u64, n: u64) -> io::Result<()> {
        let (mut at, mut left) = (at, n);
        while left > 0 {
            let free = self.free()?;
            let want = usize::try_from(left).unwrap_or(PIECE).min(free.len());
            let piece = free.get_mut(..want).unwrap_or_default();
            source.read_exact_at(piece, at)?;
            self.filled = self.filled.saturating_add(want);
            let done = u64::try_from(want).unwrap_or(0);
            at = at.saturating_add(done);
            left = left.saturating_sub(done);
        }
        Ok(())
    }
}

fn copy_in_chunks(source: &dyn ReadAt, at: u64, n: u64, out: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0u8; usize::try_from(n).unwrap_or(CHUNK).min(CHUNK)];
    let (mut at, mut left) = (at, n);
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let chunk = buffer.get_mut(..want).ok_or(io::ErrorKind::UnexpectedEof)?;
        source.read_exact_at(chunk, at)?;
        out.write_all(chunk)?;
        let done = u64::try_from(want).unwrap_or(0);
        at = at.saturating_add(done);
        left = left.saturating_sub(done);
    }
    Ok(())
}

/// Writes the output of a plan.
///
/// # Errors
/// [`ApplyError`]: the source or the sink failed. What was written then is no output.
pub fn apply<S: ReadAt>(
    plan: &Plan,
    source: &S,
    limits: &Limits,
    sink: &mut impl Sink,
) -> Result<Written, ApplyError> {
    sink.write_all(&plan.head)?;
    let head = u64::try_from(plan.head.len()).unwrap_or(u64::MAX);
    let (passed_over, inflated) = match plan.inflated {
        Some(length) => {
            let from = plan.part10.data_set_at;
            let source = InflatedSource::of_length(source, from, length, limits)?;
            let mut deflating = Deflating::new(&mut *sink);
            let passed_over = splice(plan, &source, 0, &mut deflating)?;
            (passed_over, Some(deflating.finish()?))
        }
        None => (splice(plan, source, plan.part10.data_set_at, sink)?, None),
    };
    sink.flush()?;
    Ok(Written {
        head,
        inflated,
        passed_over,
    })
}

/// Deflates into a sink, a piece at a time.
struct Deflating<'s, W: Write> {
    encoder: DeflateEncoder<Vec<u8>>,
    sink: &'s mut W,
    /// Bytes that were taken.
    taken: u64,
    /// An odd number of bytes was given.
    is_odd: bool,
}

impl<'s, W: Write> Deflating<'s, W> {
    fn new(sink: &'s mut W) -> Self {
        Self {
            encoder: DeflateEncoder::new(Vec::new(), flate2::Compression::new(LEVEL)),
            sink,
            taken: 0,
            is_odd: false,
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let done = self.encoder.get_ref();
        if done.len() >= CHUNK {
            self.sink.write_all(done)?;
            self.is_odd ^= done.len() % 2 == 1;
            self.encoder.get_mut().clear();
        }
        Ok(())
    }

    /// Ends the stream, padded to an even length (PS3.5 section A.5); how many bytes it has taken.
    fn finish(self) -> io::Result<u64> {
        let mut rest = self.encoder.finish()?;
        if self.is_odd ^ (rest.len() % 2 == 1) {
            rest.push(0);
        }
        self.sink.write_all(&rest)?;
        Ok(self.taken)
    }
}

impl<W: Write> Write for Deflating<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.encoder.write(bytes)?;
        self.taken = self.taken.saturating_add(u64::try_from(n).unwrap_or(0));
        self.pass_on()?;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Sink for Deflating<'_, W> {}

/// Copies the data set with its edits, and says where in the output the spans lie that the last look passes over.
fn splice<S: ReadAt>(
    plan: &Plan,
    source: &S,
    from: u64,
    sink: &mut impl Sink,
) -> io::Result<Vec<(u64, u64)>> {
    let mut passed_over = Vec::with_capacity(plan.passed_over.len());
    let mut spans = plan.passed_over.iter().peekable();
    let mut near = Window::new(source);
    let (mut at, mut out) = (from, 0u64);
    let edits = plan.edits.iter();
    let edits = edits.map(|(edit, with)| (edit.start, edit.end, with, edit.own));
    let end = (source.len(), source.len(), [].as_slice(), true);
    for (edit_start, edit_end, with, own) in edits.chain([end]) {
        let kept = edit_start.saturating_sub(at);
        if kept > 0 {
            while let Some((start, stop)) = spans.next_if(|(start, _)| *start < edit_start) {
                // a span with an edit inside (an offset table) is passed over up to it
                let (start, stop) = ((*start).max(at), (*stop).min(edit_start));
                if start < stop {
                    passed_over.push((
                        start.saturating_sub(at).saturating_add(out),
                        stop.saturating_sub(at).saturating_add(out),
                    ));
                }
            }
            match usize::try_from(kept) {
                Ok(n) if kept <= SHORT => sink.write_all(near.bytes(at, n)?)?,
                Ok(_) | Err(_) => sink.take_from(source, at, kept)?,
            }
        }
        sink.write_all(with)?;
        out = out.saturating_add(kept);
        let with = u64::try_from(with.len()).unwrap_or(0);
        if own && with > 0 {
            passed_over.push((out, out.saturating_add(with)));
        }
        out = out.saturating_add(with);
        at = edit_end;
    }
    Ok(passed_over)
}

/// Reads the finished output: it parses to its end, and no strong identifier that was meant to go is in it, in any
/// encoding in use, outside pixel values.
///
/// # Errors
/// [`LookError`]: the output is not accepted.
pub fn last_look<S: ReadAt>(
    plan: &Plan,
    written: &Written,
    out: &S,
    limits: &Limits,
) -> Result<(), LookError> {
    if plan.keeps_everything {
        return Ok(());
    }
    let mut window = Window::new(out);
    search(plan, &mut window, 0, written.head, &[])?;
    match written.inflated {
        Some(length) => {
            let inflated = InflatedSource::of_length(out, written.head, length, limits)
                .map_err(LookError::Unreadable)?;
            let window = &mut Window::new(&inflated);
            look_at(plan, written, &inflated, window, 0, limits)?;
            match inflated.ends() {
                Ok(true) => Ok(()),
                Ok(false) => Err(LookError::Unreadable(ReadError::Damaged {
                    at: written.head,
                    path: None,
                    damage: Damage::Inflate,
                })),
                Err(e) => Err(LookError::Unreadable(e)),
            }
        }
        None => look_at(plan, written, out, &mut window, written.head, limits),
    }
}

fn look_at<S: ReadAt>(
    plan: &Plan,
    written: &Written,
    out: &S,
    window: &mut Window<'_, S>,
    from: u64,
    limits: &Limits,
) -> Result<(), LookError> {
    let mut walker = Walker::new(out, plan.part10.encoding, from, *limits);
    loop {
        match walker.next_event() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(e) => return Err(LookError::Unreadable(e)),
        }
    }
    search(plan, window, from, out.len(), &written.passed_over)
}

/// Searches `from..end` but the spans to pass over, which count from `from`.
fn search<S: ReadAt>(
    plan: &Plan,
    out: &mut Window<'_, S>,
    from: u64,
    end: u64,
    passed_over: &[(u64, u64)],
) -> Result<(), LookError> {
    let mut at = from;
    let ends = passed_over
        .iter()
        .map(|(start, stop)| (from.saturating_add(*start), from.saturating_add(*stop)));
    for (stop, next) in ends.chain([(end, end)]) {
        search_span(plan, out, at, stop)?;
        at = at.max(next);
    }
    Ok(())
}

fn search_span<S: ReadAt>(
    plan: &Plan,
    out: &mut Window<'_, S>,
    from: u64,
    end: u64,
) -> Result<(), LookError> {
    // one byte in front and some behind, so that a hit at the edge of a piece is judged by its neighbours
    let overlap = u64::try_from(plan.known.longest().saturating_add(8)).unwrap_or(u64::MAX);
    let piece = u64::try_from(CHUNK).unwrap_or(u64::MAX);
    let mut at = from;
    while at < end {
        let (start, stop) = (
            at.saturating_sub(1).max(from),
            at.saturating_add(piece).saturating_add(overlap).min(end),
        );
        let n = usize::try_from(stop.saturating_sub(start)).unwrap_or(usize::MAX);
        for hit in plan.known.strong_hits(out.bytes(start, n)?) {
            let hit_at = start.saturating_add(u64::try_from(hit.range.start).unwrap_or(0));
            if hit_at >= at && hit_at < at.saturating_add(piece) {
                return Err(LookError::Identifier { at: hit_at });
            }
        }
        at = at.saturating_add(piece);
    }
    Ok(())
}

/// The output of a plan in memory, looked at.
///
/// # Errors
/// Those of [`apply`] and [`last_look`].
pub fn to_bytes<S: ReadAt>(
    plan: &Plan,
    source: &S,
    limits: &Limits,
) -> Result<Vec<u8>, OutputError> {
    let mut out = Vec::new();
    let written = apply(plan, source, limits, &mut out)?;
    last_look(plan, &written, &BytesSource(&out), limits)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
