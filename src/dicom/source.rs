//! Positioned reading of bytes that may be a file, memory, or the inflated half of a deflated file.
//!
//! Owns: the trait that the reader stands on and the window that makes small reads cheap. It never reads more than was
//! asked for plus a window, never maps memory (a shrinking file would be a signal, not an error), and allocates by what
//! is present, never by what a header declares.

use std::borrow::Borrow;
use std::cell::Cell;
use std::fs::File;
use std::io;

/// Bytes that can be read at any position.
pub trait ReadAt {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True when there is not one byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads at most `buf.len()` bytes from position `at`; 0 means the end.
    ///
    /// # Errors
    /// Those of the underlying storage.
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize>;

    /// The first bytes, as far as they are in memory.
    fn memory(&self) -> &[u8] {
        &[]
    }

    /// Fills `buf` from position `at`.
    ///
    /// # Errors
    /// Those of [`ReadAt::read_at`]; `UnexpectedEof` when the bytes end first.
    fn read_exact_at(&self, buf: &mut [u8], at: u64) -> io::Result<()> {
        let mut rest = buf;
        let mut from = at;
        while !rest.is_empty() {
            let n = match self.read_at(rest, from) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            from = from.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
            rest = rest.get_mut(n..).unwrap_or_default();
        }
        Ok(())
    }
}

/// A file that was opened for reading.
pub struct FileSource<F = File> {
    file: F,
    len: u64,
}

impl<F: Borrow<File>> FileSource<F> {
    /// Takes an open file; its length is read once.
    ///
    /// # Errors
    /// Those of reading the file's metadata.
    pub fn new(file: F) -> io::Result<Self> {
        let len = file.borrow().metadata()?.len();
        Ok(Self { file, len })
    }
}

impl<F: Borrow<File>> ReadAt for FileSource<F> {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self.file.borrow(), buf, at)
    }

    #[cfg(windows)]
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self.file.borrow(), buf, at)
    }
}

/// Bytes of a file that are read at once: most headers, and small files whole.
const HEAD: usize = 32 * 1024;

/// Pieces of memory that are kept for the next files of a thread.
const SPARED: usize = 2;

/// A file whose first bytes were read once, and are read again from memory.
pub struct HeadedSource<'f> {
    file: FileSource<&'f File>,
    head: Vec<u8>,
}

impl<'f> HeadedSource<'f> {
    /// Takes an open file of this length. A file that is shorter by now is so when its missing bytes are read.
    ///
    /// # Errors
    /// Those of reading.
    pub fn new(file: &'f File, len: u64) -> io::Result<Self> {
        Self::with_head(file, len, HEAD)
    }

    /// The same with at most so many bytes read at once, for whoever looks at headers only.
    ///
    /// # Errors
    /// Those of reading.
    pub fn with_head(file: &'f File, len: u64, most: usize) -> io::Result<Self> {
        let file = FileSource { file, len };
        let mut spare = SPARE.take();
        let mut head = spare.pop().unwrap_or_default();
        SPARE.set(spare);
        head.resize(usize::try_from(len).unwrap_or(most).min(most), 0);
        let mut read = 0usize;
        while let Some(rest) = head.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, u64::try_from(read).unwrap_or(u64::MAX)) {
                Ok(0) => break,
                Ok(n) => read = read.saturating_add(n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        head.truncate(read);
        Ok(Self { file, head })
    }
}

thread_local! {
    /// Pieces of memory that the last files of this thread needed: an input and its output have one each.
    static SPARE: Cell<Vec<Vec<u8>>> = const { Cell::new(Vec::new()) };
}

impl Drop for HeadedSource<'_> {
    fn drop(&mut self) {
        let mut spare = SPARE.take();
        if spare.len() < SPARED {
            spare.push(std::mem::take(&mut self.head));
        }
        SPARE.set(spare);
    }
}

impl ReadAt for HeadedSource<'_> {
    fn len(&self) -> u64 {
        self.file.len
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let head = usize::try_from(at).map_or(None, |at| self.head.get(at..));
        match head {
            Some(head) if !head.is_empty() => {
                let n = head.len().min(buf.len());
                if let (Some(to), Some(from)) = (buf.get_mut(..n), head.get(..n)) {
                    to.copy_from_slice(from);
                }
                Ok(n)
            }
            Some(_) | None => self.file.read_at(buf, at),
        }
    }

    fn memory(&self) -> &[u8] {
        &self.head
    }
}

/// Bytes in memory.
pub struct BytesSource<B>(pub B);

impl<B: AsRef<[u8]>> ReadAt for BytesSource<B> {
    fn len(&self) -> u64 {
        u64::try_from(self.0.as_ref().len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let bytes = self.0.as_ref();
        let rest =
            usize::try_from(at).map_or(&[] as &[u8], |at| bytes.get(at..).unwrap_or_default());
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        Ok(n)
    }

    fn memory(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl<S: ReadAt + ?Sized> ReadAt for &S {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        (**self).read_at(buf, at)
    }
    fn memory(&self) -> &[u8] {
        (**self).memory()
    }
}

/// Bytes of the first window, and of each further one twice as many: headers are short, and what is long is read on.
const FIRST: usize = 8 * 1024;
/// Most bytes of one window.
const WINDOW: usize = 64 * 1024;
/// Bytes read after a jump: fragments lie far apart and only their headers are of interest.
const JUMP: usize = 4 * 1024;

/// A window over a source: repeated small reads nearby cost one read of the source.
pub struct Window<'s, S: ReadAt + ?Sized> {
    source: &'s S,
    /// The first bytes of the source.
    memory: &'s [u8],
    buffer: Vec<u8>,
    at: u64,
    /// Bytes of the next window.
    next: usize,
}

impl<'s, S: ReadAt + ?Sized> Window<'s, S> {
    /// A window over `source` that has read nothing yet.
    pub fn new(source: &'s S) -> Self {
        Self {
            source,
            memory: source.memory(),
            buffer: Vec::new(),
            at: 0,
            next: FIRST,
        }
    }

    /// Length of the source in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.source.len()
    }

    /// True when the source has not one byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// So many bytes from position `at`, where they are in memory.
    #[inline]
    #[must_use]
    pub fn in_memory<const N: usize>(&self, at: u64) -> Option<&'s [u8; N]> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.memory.get(at..)?.first_chunk::<N>()
    }

    /// The `n` bytes from position `at`. The caller has checked that they lie inside the source.
    ///
    /// # Errors
    /// Those of the source; `UnexpectedEof` when it is shorter than it said.
    #[inline]
    pub fn bytes(&mut self, at: u64, n: usize) -> io::Result<&[u8]> {
        if let Ok(at) = usize::try_from(at)
            && let Some(rest) = self.memory.get(at..)
            && let Some(bytes) = rest.get(..n)
        {
            return Ok(bytes);
        }
        self.bytes_of_source(at, n)
    }

    fn bytes_of_source(&mut self, at: u64, n: usize) -> io::Result<&[u8]> {
        if !self.holds(at, n) {
            self.fill(at, n)?;
        }
        let start = usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        self.buffer
            .get(start..start.saturating_add(n))
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn holds(&self, at: u64, n: usize) -> bool {
        let end = self
            .at
            .saturating_add(u64::try_from(self.buffer.len()).unwrap_or(0));
        at >= self.at && at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX)) <= end
    }

    fn fill(&mut self, at: u64, n: usize) -> io::Result<()> {
        let end = self
            .at
            .saturating_add(u64::try_from(self.buffer.len()).unwrap_or(0));
        let jump = at > end && !self.buffer.is_empty();
        let wish = if jump { JUMP } else { self.next }.max(n);
        self.next = self.next.saturating_mul(2).min(WINDOW);
        let left = self.source.len().saturating_sub(at);
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(wish);
        if size < n {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.resize(size, 0);
        self.at = at;
        let read = self.source.read_exact_at(&mut self.buffer, at);
        if read.is_err() {
            self.buffer.clear();
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_gives_the_same_bytes_as_the_source_in_any_order() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let source = BytesSource(&bytes);
        let mut window = Window::new(&source);
        for (at, n) in [
            (0, 8),
            (65_530, 20),
            (190_000, 8),
            (3, 1),
            (100_000, 90_000),
            (199_999, 1),
            (0, 0),
        ] {
            assert_eq!(
                window.bytes(at, n).unwrap(),
                bytes
                    .iter()
                    .skip(usize::try_from(at).unwrap())
                    .take(n)
                    .copied()
                    .collect::<Vec<u8>>(),
                "{n} bytes at {at}"
            );
        }
    }

    /// Bytes that count how often they are read, and how many of them.
    struct Counted(Vec<u8>, std::cell::Cell<(usize, usize)>);

    impl ReadAt for Counted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
            let n = BytesSource(&self.0).read_at(buf, at)?;
            let (reads, bytes) = self.1.get();
            self.1.set((reads + 1, bytes + n));
            Ok(n)
        }
    }

    #[test]
    fn small_reads_nearby_cost_one_read_and_jumps_read_little() {
        let source = Counted(vec![7; 1 << 20], std::cell::Cell::default());
        let mut window = Window::new(&source);
        for at in (0..1 << 20).step_by(8) {
            assert_eq!(window.bytes(at, 8).unwrap(), [7; 8]);
        }
        // 8, 16 and 32 KB, then 64 KB each
        let (reads, bytes) = source.1.get();
        assert_eq!((reads, bytes), ((1 << 20) / WINDOW + 3, 1 << 20));
        source.1.take();
        let mut window = Window::new(&source);
        for at in [0u64, 500_000, 900_000] {
            window.bytes(at, 8).unwrap();
        }
        assert_eq!(source.1.get(), (3, FIRST + 2 * JUMP));
    }

    #[test]
    fn sources_say_whether_they_are_empty() {
        let (none, some) = (BytesSource(Vec::new()), BytesSource(vec![1]));
        assert!(none.is_empty() && !some.is_empty());
        assert!(Window::new(&none).is_empty() && !Window::new(&some).is_empty());
        let file = FileSource::new(tempfile::tempfile().unwrap()).unwrap();
        assert!(file.is_empty());
    }

    #[test]
    fn a_source_that_is_interrupted_goes_on_and_one_that_fails_says_so() {
        struct Hasty(std::cell::Cell<u32>, io::ErrorKind);
        impl ReadAt for Hasty {
            fn len(&self) -> u64 {
                100
            }
            fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
                let n = self.0.get();
                self.0.set(n + 1);
                if n.is_multiple_of(2) {
                    return Err(self.1.into());
                }
                buf[0] = u8::try_from(at).unwrap();
                Ok(1)
            }
        }
        let mut buf = [0; 5];
        let interrupted = Hasty(std::cell::Cell::new(0), io::ErrorKind::Interrupted);
        interrupted.read_exact_at(&mut buf, 10).unwrap();
        assert_eq!(buf, [10, 11, 12, 13, 14]);
        let broken = Hasty(std::cell::Cell::new(0), io::ErrorKind::PermissionDenied);
        let error = broken.read_exact_at(&mut buf, 10).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let mut window = Window::new(&broken);
        broken.0.set(0);
        assert!(window.bytes(0, 4).is_err());
        assert!(window.buffer.is_empty(), "what was not read is not kept");
    }

    #[test]
    fn a_read_past_the_end_is_an_error_and_allocates_nothing() {
        let source = BytesSource(vec![0u8; 10]);
        let mut window = Window::new(&source);
        assert!(window.bytes(4, usize::MAX).is_err());
        assert!(window.bytes(11, 1).is_err());
        assert_eq!(window.buffer.capacity(), 0);
    }
}
