//! The story of a run:
//!
//! ```text
//! discover -> open -> context -> plan -> apply -> last look -> rename -> record
//! ```
//!
//! The one place that calls the stages in sequence, and the one that has threads.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::apply::{FileSink, apply, last_look};
use crate::batch::discover::{Found, Input, OpenError, What, walk};
use crate::batch::layout::{Layout, place};
use crate::batch::writer::{Stored, Writer, finish_single, temporary};
use crate::dicom::source::{FileSource, ReadAt};
use crate::plan::{Detail, Engine, Plan};
use crate::report::{Bucket, Counts, Outcome};

/// What a run is to do.
pub struct Run<'r> {
    /// Plans and pseudonyms.
    pub engine: &'r Engine,
    /// Inputs: files and folders.
    pub inputs: &'r [PathBuf],
    /// Shape of the output.
    pub layout: Layout,
    /// Worker threads.
    pub workers: usize,
    /// Write nothing.
    pub dry_run: bool,
    /// Sync each file.
    pub sync_each: bool,
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
    /// No worker threads.
    #[error("no worker threads: {0}")]
    Workers(#[from] rayon::ThreadPoolBuildError),
}

impl Run<'_> {
    /// Cleans all inputs into `out/clean`; tells of each outcome as it comes, in no particular order.
    ///
    /// # Errors
    /// [`RunError`] when the output folder cannot be prepared or made to last.
    pub fn into_folder(
        &self,
        out: &Path,
        tell: impl FnMut(&Outcome) + Send,
    ) -> Result<Counts, RunError> {
        let clean = out.join("clean");
        if !self.dry_run {
            make_private_folder(out)?;
            make_private_folder(&clean)?;
        }
        let mut writer = Writer::new(clean, self.sync_each);
        if !self.dry_run {
            writer.begin_run()?;
        }
        let book = Mutex::new((Counts::default(), tell));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.workers)
            .build()?;
        let several = self.inputs.len() > 1;
        let found = self
            .inputs
            .iter()
            .enumerate()
            .flat_map(|(index, root)| walk(root, several.then_some(index.saturating_add(1))));
        pool.install(|| {
            found
                .take_while(|_| !self.stop.load(Ordering::Relaxed))
                .par_bridge()
                .for_each(|found| {
                    let outcome = guarded(&found, || self.one(&found, &writer));
                    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                    book.0.add(&outcome);
                    (book.1)(&outcome);
                });
        });
        if !self.dry_run {
            writer.sync()?;
        }
        Ok(book.into_inner().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// One entry, from its path to its bucket.
    fn one(&self, found: &Found, writer: &Writer) -> Outcome {
        match &found.what {
            What::Left(reason) => ended(found, Bucket::LeftBehind, reason, ""),
            What::Failed(message) => ended(found, Bucket::Failed, "unreadable", message),
            What::File => match self.file(found, writer) {
                Ok(outcome) => outcome,
                Err(Stop(bucket, reason, message)) => ended(found, bucket, reason, &message),
            },
        }
    }

    fn file(&self, found: &Found, writer: &Writer) -> Result<Outcome, Stop> {
        let named_by_user = self.inputs.contains(&found.path);
        let input = Input::open(&found.path, named_by_user)?;
        let source = FileSource::new(input.file.try_clone()?)?;
        let plan = self.plan(&source)?;
        let relative = place(
            self.layout,
            &plan,
            &found.relative,
            self.engine.pseudonyms(),
        );
        let mut outcome = ended(found, Bucket::Cleaned, "cleaned", "");
        outcome.bytes = source.len();
        if self.dry_run {
            return Ok(outcome);
        }
        let temp = writer.begin(&relative)?;
        self.fill(&plan, &source, temp.as_file(), &input)?;
        outcome.take(writer.finish(temp, &relative)?)?;
        Ok(outcome)
    }

    fn plan<S: ReadAt>(&self, source: &S) -> Result<Plan, Stop> {
        let plan = match self.engine.plan(source, Detail::Edits) {
            Ok(plan) => plan,
            Err(e) if e.is_not_dicom() => {
                return Err(Stop(Bucket::LeftBehind, "not-dicom", e.to_string()));
            }
            Err(e) => return Err(Stop(Bucket::Failed, e.code(), e.to_string())),
        };
        if plan.is_dicomdir && !self.engine.rules().is_keep_everything() {
            return Err(Stop(
                Bucket::LeftBehind,
                "old-disc-index",
                "the index of a disc names its patients".to_owned(),
            ));
        }
        Ok(plan)
    }

    /// Writes, looks, and makes sure that the input stayed what it was.
    fn fill<S: ReadAt>(
        &self,
        plan: &Plan,
        source: &S,
        out: &File,
        input: &Input,
    ) -> Result<(), Stop> {
        let limits = self.engine.limits();
        let written = match apply(plan, source, limits, &mut FileSink::new(out)) {
            Ok(written) => written,
            Err(e) => return Err(Stop(Bucket::Failed, "copy", e.to_string())),
        };
        let finished = FileSource::new(out.try_clone()?)?;
        if let Err(e) = last_look(plan, &written, &finished, limits) {
            return Err(Stop(Bucket::Failed, "last-look", e.to_string()));
        }
        if !input.is_unchanged()? {
            return Err(Stop(
                Bucket::Failed,
                "changed-while-read",
                "the file changed while it was read".to_owned(),
            ));
        }
        Ok(())
    }

    /// Cleans one file to one name.
    #[must_use]
    pub fn into_file(&self, input: &Path, out: &Path) -> Outcome {
        let found = Found {
            path: input.to_path_buf(),
            relative: PathBuf::new(),
            what: What::File,
        };
        guarded(&found, || match self.single(&found, out) {
            Ok(outcome) => outcome,
            Err(Stop(bucket, reason, message)) => ended(&found, bucket, reason, &message),
        })
    }

    fn single(&self, found: &Found, out: &Path) -> Result<Outcome, Stop> {
        let input = Input::open(&found.path, true)?;
        let source = FileSource::new(input.file.try_clone()?)?;
        let plan = self.plan(&source)?;
        let mut outcome = ended(found, Bucket::Cleaned, "cleaned", "");
        if self.dry_run {
            return Ok(outcome);
        }
        let folder = match out.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        let temp = temporary(folder)?;
        self.fill(&plan, &source, temp.as_file(), &input)?;
        temp.as_file().sync_all()?;
        outcome.take(finish_single(temp, out)?)?;
        Ok(outcome)
    }
}

impl Outcome {
    /// Notes what became of the output.
    fn take(&mut self, stored: Stored) -> Result<(), Stop> {
        let (path, reason) = match stored {
            Stored::New(path) => (path, "cleaned"),
            Stored::Same(path) => (path, "there-already"),
            Stored::Beside(path) => (path, "other-content-of-same-instance"),
            Stored::Foreign => {
                return Err(Stop(
                    Bucket::Failed,
                    "other-content-exists",
                    "other content has the output's name already, and is never replaced; choose another output".to_owned(),
                ));
            }
        };
        self.output = Some(path);
        self.reason = reason;
        Ok(())
    }
}

/// Why one file ends here.
struct Stop(Bucket, &'static str, String);

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Self {
        Self(Bucket::Failed, "io", e.to_string())
    }
}

impl From<OpenError> for Stop {
    fn from(e: OpenError) -> Self {
        match e {
            OpenError::NotRegular => Self(Bucket::LeftBehind, "special-file", e.to_string()),
            OpenError::Io(e) => e.into(),
        }
    }
}

fn ended(found: &Found, bucket: Bucket, reason: &'static str, message: &str) -> Outcome {
    Outcome {
        input: found.path.clone(),
        output: None,
        bucket,
        reason,
        message: message.to_owned(),
        bytes: 0,
    }
}

/// A panic costs one file.
fn guarded(found: &Found, work: impl FnOnce() -> Outcome) -> Outcome {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome,
        Err(_) => ended(found, Bucket::Failed, "bug", "a bug of dcmscrub"),
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    builder.create(path)?;
    if path.symlink_metadata()?.is_symlink() && path.ends_with("clean") {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "clean/ is a link",
        ));
    }
    Ok(())
}
