//! Carries a plan out: source and edits to output bytes. Then looks at what came out.
//!
//! Owns: copying. What no edit names is copied as it is; long spans of a file go through `std::io::copy`, which the kernel
//! does without us. Decides nothing.

use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::write::DeflateEncoder;

use crate::dicom::inflate::InflatedSource;
use crate::dicom::source::{BytesSource, ReadAt};
use crate::dicom::walk::Walker;
use crate::dicom::{Limits, ReadError};
use crate::plan::Plan;
use crate::plan::edits::Edit;

/// Spans from this length on are copied by the kernel.
const LONG: u64 = 256 * 1024;
const CHUNK: usize = 64 * 1024;

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
    /// Spans of the output's data set that the last look passes over, counted from its first byte.
    passed_over: Vec<(u64, u64)>,
}

/// Somewhere to write, which may have a faster way to take bytes of a file.
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

/// A file, written through one buffer.
pub struct FileSink<'f> {
    file: &'f std::fs::File,
    buffer: Vec<u8>,
}

impl<'f> FileSink<'f> {
    /// Writes to the file from where it stands.
    #[must_use]
    pub fn new(file: &'f std::fs::File) -> Self {
        Self {
            file,
            buffer: Vec::with_capacity(CHUNK),
        }
    }
}

impl Write for FileSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len().saturating_add(bytes.len()) > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            self.file.write_all(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        written
    }
}

impl Sink for FileSink<'_> {
    fn take_from(&mut self, source: &dyn ReadAt, at: u64, n: u64) -> io::Result<()> {
        match source.as_file() {
            Some(mut from) if n >= LONG => {
                self.flush()?;
                from.seek(SeekFrom::Start(at))?;
                let copied = io::copy(&mut from.take(n), &mut self.file)?;
                if copied == n {
                    Ok(())
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                }
            }
            Some(_) | None => copy_in_chunks(source, at, n, self),
        }
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
    let passed_over = if plan.part10.deflated {
        let inflated = InflatedSource::new(source, plan.part10.data_set_at, limits)?;
        let mut deflating = Deflating(
            DeflateEncoder::new(Vec::new(), flate2::Compression::default()),
            &mut *sink,
        );
        let passed_over = splice(plan, &inflated, 0, &mut deflating)?;
        deflating.finish()?;
        passed_over
    } else {
        splice(plan, source, plan.part10.data_set_at, sink)?
    };
    sink.flush()?;
    Ok(Written { head, passed_over })
}

/// Deflates into a sink, a piece at a time.
struct Deflating<'s, W: Write>(DeflateEncoder<Vec<u8>>, &'s mut W);

impl<W: Write> Deflating<'_, W> {
    fn pass_on(&mut self) -> io::Result<()> {
        if self.0.get_ref().len() >= CHUNK {
            self.1.write_all(self.0.get_ref())?;
            self.0.get_mut().clear();
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        let mut rest = self.0.finish()?;
        if rest.len() % 2 == 1 {
            rest.push(0);
        }
        self.1.write_all(&rest)
    }
}

impl<W: Write> Write for Deflating<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.0.write(bytes)?;
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
    let (mut at, mut out) = (from, 0u64);
    let end = Edit {
        start: source.len(),
        end: source.len(),
        with: Box::default(),
        own: true,
    };
    for edit in plan.edits.iter().chain([&end]) {
        let kept = edit.start.saturating_sub(at);
        if kept > 0 {
            while let Some((start, stop)) = spans.next_if(|(start, _)| *start < edit.start) {
                // a span with an edit inside (an offset table) is passed over up to it
                let (start, stop) = ((*start).max(at), (*stop).min(edit.start));
                if start < stop {
                    passed_over.push((
                        start.saturating_sub(at).saturating_add(out),
                        stop.saturating_sub(at).saturating_add(out),
                    ));
                }
            }
            sink.take_from(source, at, kept)?;
        }
        sink.write_all(&edit.with)?;
        out = out.saturating_add(kept);
        let with = u64::try_from(edit.with.len()).unwrap_or(0);
        if edit.own && with > 0 {
            passed_over.push((out, out.saturating_add(with)));
        }
        out = out.saturating_add(with);
        at = edit.end;
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
    search(plan, out, 0, written.head, &[])?;
    if plan.part10.deflated {
        let inflated =
            InflatedSource::new(out, written.head, limits).map_err(LookError::Unreadable)?;
        look_at(plan, written, &inflated, 0, limits)
    } else {
        look_at(plan, written, out, written.head, limits)
    }
}

fn look_at<S: ReadAt>(
    plan: &Plan,
    written: &Written,
    out: &S,
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
    search(plan, out, from, out.len(), &written.passed_over)
}

/// Searches `from..end` but the spans to pass over, which count from `from`.
fn search<S: ReadAt>(
    plan: &Plan,
    out: &S,
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

fn search_span<S: ReadAt>(plan: &Plan, out: &S, from: u64, end: u64) -> Result<(), LookError> {
    // one byte in front and some behind, so that a hit at the edge of a piece is judged by its neighbours
    let overlap = u64::try_from(plan.known.longest().saturating_add(8)).unwrap_or(u64::MAX);
    let piece = u64::try_from(CHUNK).unwrap_or(u64::MAX);
    let mut buffer = Vec::new();
    let mut at = from;
    while at < end {
        let (start, stop) = (
            at.saturating_sub(1).max(from),
            at.saturating_add(piece).saturating_add(overlap).min(end),
        );
        buffer.resize(
            usize::try_from(stop.saturating_sub(start)).unwrap_or(CHUNK),
            0,
        );
        out.read_exact_at(&mut buffer, start)?;
        for hit in plan.known.strong_hits(&buffer) {
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
