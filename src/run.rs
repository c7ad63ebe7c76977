//! The story of a run:
//!
//! ```text
//! discover -> open -> context -> plan -> apply -> last look -> rename -> record
//! ```
//!
//! The one place that calls the stages in sequence, and the one that has threads. When all inputs have ended, the index of
//! the disc is built, the journal is put in order, and the report is made from it.

pub mod deidentifier;
mod ending;
pub mod gate;
pub mod merge;
pub mod people;
mod recording;
pub mod review;
mod single;
pub mod verifying;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::apply::{FileSink, apply, last_look};
use crate::batch::archive;
use crate::batch::destination::Guard;
use crate::batch::discover::{Found, Input, OpenError, What, inputs};
use crate::batch::journal::{Done, Entry, Head, Journal, JournalError};
use crate::batch::kind::{self, Kind};
use crate::batch::layout::{CLEAN, Layout, REVIEW};
use crate::batch::outcome::{Bucket, Counts, Outcome};
use crate::batch::writer::{Stored, Writer, tag};
use crate::dicom::part10;
use crate::dicom::source::{HeadedSource, ReadAt};
use crate::identity::pseudonym::Pseudonyms;
use crate::media::MediaError;
use crate::plan::{Detail, Engine, Plan};

/// What a run is to do.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a wish of the user's"
)]
pub struct Run<'r> {
    /// Plans and pseudonyms.
    pub engine: &'r Engine,
    /// Inputs: files, folders and archives.
    pub inputs: &'r [PathBuf],
    /// A list of further inputs: where it is, and whether a NUL stands behind each path.
    pub list: Option<(&'r Path, bool)>,
    /// Shape of the output.
    pub layout: Layout,
    /// Worker threads.
    pub workers: usize,
    /// Write nothing.
    pub dry_run: bool,
    /// Sync each file.
    pub sync_each: bool,
    /// Go on from the journal that is there.
    pub resume: bool,
    /// Which share of the inputs, from 1, of how many.
    pub shard: Option<(u32, u32)>,
    /// A key file was used.
    pub keyed: bool,
    /// One file to one name: what would be held back is written all the same.
    pub accept_held: bool,
    /// Set from outside to end after the files in flight.
    pub stop: &'r AtomicBool,
}

/// Why a run as a whole could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The output folder failed.
    #[error("the output folder cannot be written: {0}")]
    Output(#[from] io::Error),
    /// The journal is another run's, or failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The index of the disc could not be built.
    #[error("the disc index cannot be built: {0}")]
    Media(#[from] MediaError),
    /// The list of inputs cannot be read.
    #[error("the list of inputs cannot be read: {0}")]
    List(#[source] io::Error),
    /// No worker threads.
    #[error("no worker threads: {0}")]
    Workers(#[from] rayon::ThreadPoolBuildError),
}

impl RunError {
    /// True when nothing was written because of it.
    #[must_use]
    pub fn wrote_nothing(&self) -> bool {
        matches!(
            self,
            Self::Journal(
                JournalError::Other(_)
                    | JournalError::Keyless
                    | JournalError::Changed(_)
                    | JournalError::Busy
                    | JournalError::Nothing
            ) | Self::List(_)
        )
    }
}

/// What all workers of a run share.
struct Desk<'d> {
    writer: Writer,
    journal: Option<Mutex<Journal>>,
    done: Option<Done>,
    guard: Option<&'d Guard>,
    /// Folders and archives that could not be read in an earlier run.
    unread: BTreeSet<String>,
    /// Which of them this run has met, and whether it could read them.
    met: Mutex<BTreeMap<String, bool>>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What became of the inputs.
    pub counts: Counts,
    /// What the report says, where one was made.
    pub summary: Option<crate::report::Summary>,
    /// What could not be written down: the journal, the index or the report.
    pub unsaid: Option<RunError>,
}

impl Run<'_> {
    /// Cleans all inputs into `out/clean` and `out/review`; tells of each outcome as it comes, in no particular order.
    ///
    /// # Errors
    /// [`RunError`] when the output folder cannot be prepared, is another run's, or cannot be made to last.
    pub fn into_folder(
        &self,
        out: &Path,
        guard: &Guard,
        tell: impl FnMut(&Outcome) + Send,
    ) -> Result<Ended, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.workers)
            .build()?;
        let mut desk = self.prepare(out, guard)?;
        let found = self.found()?;
        let book = Mutex::new((Counts::default(), tell, None));
        pool.install(|| {
            found
                .take_while(|_| !self.stop.load(Ordering::Relaxed))
                .par_bridge()
                .filter(|found| self.is_input(found, &desk) && self.is_ours(found))
                .for_each(|found| {
                    let mut outcome = guarded(&found, || self.one(&found, &desk));
                    let recorded = self.record(&mut outcome, &desk, out);
                    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                    book.0.add(&outcome);
                    (book.1)(&outcome);
                    if let Err(e) = recorded {
                        book.2.get_or_insert(e);
                    }
                });
        });
        let (counts, _, unrecorded) = book.into_inner().unwrap_or_else(PoisonError::into_inner);
        if self.dry_run {
            return Ok(Ended {
                counts,
                summary: None,
                unsaid: None,
            });
        }
        desk.writer.sync()?;
        // it has the journal open, which is about to be replaced
        desk.done = None;
        let (summary, unsaid) = match unrecorded {
            Some(e) => (None, Some(e.into())),
            None => match self.end(out, &desk, &counts) {
                Ok(summary) => (Some(summary), None),
                Err(e) => (None, Some(e)),
            },
        };
        Ok(Ended {
            counts,
            summary,
            unsaid,
        })
    }

    /// Makes the output folder and opens its journal. Before anything else is written it is known that this run may.
    fn prepare<'d>(&self, out: &Path, guard: &'d Guard) -> Result<Desk<'d>, RunError> {
        let writer = Writer::new(out.to_path_buf(), tag(self.shard), self.sync_each);
        let guard = Some(guard);
        if self.dry_run {
            return Ok(Desk {
                writer,
                journal: None,
                done: None,
                guard,
                unread: BTreeSet::new(),
                met: Mutex::default(),
            });
        }
        make_private_folder(out)?;
        let journal = Journal::open(out, &self.head())?;
        for name in [CLEAN, REVIEW] {
            if let Ok(there) = out.join(name).symlink_metadata()
                && !there.is_dir()
            {
                return Err(RunError::Output(io::Error::new(
                    io::ErrorKind::NotADirectory,
                    "something else stands where clean/ or review/ has to be",
                )));
            }
        }
        make_private_folder(&out.join(CLEAN))?;
        if journal.is_alone() {
            writer.sweep()?;
        }
        let done = if self.resume {
            Some(journal.done()?)
        } else {
            None
        };
        Ok(Desk {
            writer,
            unread: journal.unread().clone(),
            met: Mutex::default(),
            journal: Some(Mutex::new(journal)),
            done,
            guard,
        })
    }

    /// All inputs, one at a time.
    fn found(&self) -> Result<impl Iterator<Item = Found> + Send + use<'_>, RunError> {
        let several = self.inputs.len() > 1 || self.list.is_some();
        let named = self
            .inputs
            .iter()
            .enumerate()
            .flat_map(move |(at, root)| inputs(root, several.then_some(at.saturating_add(1))));
        let listed = match self.list {
            None => None,
            Some((path, nul)) => Some(listed(path, nul).map_err(RunError::List)?),
        };
        Ok(named.chain(listed.into_iter().flatten()))
    }

    /// True but for folders, which are only remembered.
    fn is_input(&self, found: &Found, desk: &Desk<'_>) -> bool {
        let is_folder = matches!(found.what, What::Folder);
        if !desk.unread.is_empty() && (is_folder || matches!(found.what, What::Failed(..))) {
            let code = self.code(found);
            if desk.unread.contains(&code) {
                let mut met = desk.met.lock().unwrap_or_else(PoisonError::into_inner);
                // a folder is met before it turns out that it cannot be read
                met.entry(code)
                    .and_modify(|is_read| *is_read &= is_folder)
                    .or_insert(is_folder);
            }
        }
        !is_folder
    }

    /// True for inputs of this run's share. What cannot be read is everybody's: any share of it may be missing here.
    fn is_ours(&self, found: &Found) -> bool {
        self.shard.is_none_or(|(share, of)| {
            matches!(found.what, What::Failed(..))
                || Pseudonyms::share(&self.code(found), of).saturating_add(1) == share
        })
    }

    /// One input, from its path to its bucket.
    fn one(&self, found: &Found, desk: &Desk<'_>) -> Outcome {
        let outcome = match &found.what {
            What::Folder => Err(kind::SPECIAL.into()),
            What::Left(kind) => Err((*kind).into()),
            What::Failed(code, message) => {
                Err(Stop(Bucket::Failed, (*code).into(), message.clone()))
            }
            What::File => self.file(found, desk),
            What::Entry(entry, archive) => self.entry(found, entry, archive, desk),
        };
        outcome
            .unwrap_or_else(|Stop(bucket, reason, message)| ended(found, bucket, reason, &message))
    }

    fn file(&self, found: &Found, desk: &Desk<'_>) -> Result<Outcome, Stop> {
        if desk
            .guard
            .is_some_and(|guard| self.list.is_some() && guard.overlaps(&found.path))
        {
            return Err(Stop(
                Bucket::Failed,
                "inside-output".into(),
                "this input lies inside the output folder".to_owned(),
            ));
        }
        let input = Input::open(&found.path, found.is_root)?;
        let source = input.source()?;
        self.clean(found, &source, &input, desk)
    }

    /// An entry of an archive is unpacked as it is read, and only where it may be DICOM.
    fn entry(
        &self,
        found: &Found,
        entry: &archive::Entry,
        input: &Input,
        desk: &Desk<'_>,
    ) -> Result<Outcome, Stop> {
        let start = entry.start(part10::START)?;
        if !part10::may_be_dicom(&start) {
            return Err(kind::kind_of(&start, &found.path).into());
        }
        let clean = |source: &dyn ReadAt| self.clean(found, source, input, desk);
        entry.with_bytes(self.engine.limits(), clean)?
    }

    /// Cleans the bytes of one input.
    fn clean(
        &self,
        found: &Found,
        source: &dyn ReadAt,
        input: &Input,
        desk: &Desk<'_>,
    ) -> Result<Outcome, Stop> {
        let state = self.state(found, source)?;
        if let Some(done) = self.done_before(found, &state, desk)? {
            return Ok(done);
        }
        let plan = self.plan(&source, found)?;
        let mut outcome = ended(found, Bucket::Cleaned, "cleaned".into(), "");
        outcome.bytes = source.len();
        self.note(&mut outcome, &plan);
        if self.dry_run {
            return Ok(outcome);
        }
        let pseudonyms = self.engine.pseudonyms();
        let bucket = if plan.held_by.is_empty() {
            CLEAN
        } else {
            REVIEW
        };
        let folder = self.layout.folder(&plan, &found.relative, pseudonyms);
        let folder = Path::new(bucket).join(folder);
        let temp = desk.writer.begin(&folder)?;
        let digest = self.fill(&plan, &source, temp.as_file(), input)?;
        let names = self
            .layout
            .names(&plan, &found.relative, pseudonyms, &digest);
        outcome.take(desk.writer.finish(temp, &folder, &names)?)?;
        outcome.entry.state = state;
        outcome.entry.blake3 = Some(digest);
        Ok(outcome)
    }

    fn plan<S: ReadAt>(&self, source: &S, found: &Found) -> Result<Plan, Stop> {
        let plan = match self.engine.plan(source, Detail::Edits) {
            Ok(plan) => plan,
            Err(e) if e.is_not_dicom() => {
                let mut start = [0u8; 64];
                let n = source.read_at(&mut start, 0)?;
                let start = start.get(..n).unwrap_or_default();
                let kind = kind::kind_of(start, &found.path);
                return Err(kind.into());
            }
            Err(e) => return Err(Stop(Bucket::Failed, e.code().into(), e.to_string())),
        };
        if plan.is_dicomdir && !self.engine.rules().is_keep_everything() {
            return Err(kind::DISC_INDEX.into());
        }
        Ok(plan)
    }

    /// Writes, looks, and makes sure that the input stayed what it was. The digest of what was written.
    fn fill<S: ReadAt>(
        &self,
        plan: &Plan,
        source: &S,
        out: &File,
        input: &Input,
    ) -> Result<String, Stop> {
        let limits = self.engine.limits();
        let mut sink = FileSink::new(out);
        let written = match apply(plan, source, limits, &mut sink) {
            Ok(written) => written,
            Err(e) => return Err(Stop(Bucket::Failed, "copy".into(), e.to_string())),
        };
        let length = sink.written();
        let digest = sink.digest()?;
        let finished = HeadedSource::new(out, length)?;
        if let Err(e) = last_look(plan, &written, &finished, limits) {
            return Err(Stop(Bucket::Failed, "last-look".into(), e.to_string()));
        }
        if !input.is_unchanged()? {
            return Err(Stop(
                Bucket::Failed,
                "changed-while-read".into(),
                "the file changed while it was read".to_owned(),
            ));
        }
        Ok(digest)
    }

    /// What this run is, for the journal.
    #[must_use]
    pub fn head(&self) -> Head {
        ending::head(self)
    }
}

impl Outcome {
    /// Notes what became of the output.
    fn take(&mut self, stored: Stored) -> Result<(), Stop> {
        match stored {
            Stored::New(path) | Stored::Same(path) => {
                self.output = Some(path);
                Ok(())
            }
            Stored::Foreign => Err(Stop(
                Bucket::Failed,
                "other-content-exists".into(),
                "other content has the output's name already, and is never replaced; choose another output".to_owned(),
            )),
        }
    }
}

/// Why one file ends here.
struct Stop(Bucket, Cow<'static, str>, String);

impl From<Kind> for Stop {
    fn from(kind: Kind) -> Self {
        Self(Bucket::LeftBehind, kind.code.into(), kind.one.to_owned())
    }
}

impl From<archive::ArchiveError> for Stop {
    fn from(e: archive::ArchiveError) -> Self {
        Self(Bucket::Failed, e.code().into(), e.to_string())
    }
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Self {
        Self(Bucket::Failed, "io".into(), e.to_string())
    }
}

impl From<OpenError> for Stop {
    fn from(e: OpenError) -> Self {
        match e {
            OpenError::NotRegular => kind::SPECIAL.into(),
            OpenError::Io(e) => e.into(),
        }
    }
}

fn ended(found: &Found, bucket: Bucket, reason: Cow<'static, str>, message: &str) -> Outcome {
    Outcome {
        input: found.path.clone(),
        key: found.key.clone(),
        output: None,
        bucket,
        reason,
        message: message.to_owned(),
        bytes: 0,
        entry: Entry::default(),
        recorded: false,
    }
}

/// A panic costs one file.
fn guarded(found: &Found, work: impl FnOnce() -> Outcome) -> Outcome {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome,
        Err(_) => ended(found, Bucket::Failed, "bug".into(), "a bug of dcmscrub"),
    }
}

/// The inputs of a list. A path that cannot be read from it ends the list as a failed input.
fn listed(path: &Path, nul: bool) -> io::Result<impl Iterator<Item = Found> + Send + use<>> {
    let list: Box<dyn io::BufRead + Send> = if path == Path::new("-") {
        Box::new(io::BufReader::new(io::stdin()))
    } else {
        Box::new(io::BufReader::new(File::open(path)?))
    };
    let name = path.to_path_buf();
    Ok(
        crate::batch::list::paths(list, nul).flat_map(move |one| match one {
            Ok(path) => crate::batch::discover::listed(&path),
            Err(e) => Box::new(std::iter::once(Found {
                path: name.clone(),
                relative: PathBuf::new(),
                key: "list".to_owned(),
                is_root: true,
                what: What::Failed("list-unreadable", e.to_string()),
            })),
        }),
    )
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    builder.create(path)?;
    if path.symlink_metadata()?.is_symlink() && path.ends_with(CLEAN) {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "clean/ is a link",
        ));
    }
    Ok(())
}
