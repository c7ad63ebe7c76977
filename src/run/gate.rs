//! The story of a run of the gate: find, look at many files at once, tell in the order of their names.
//!
//! Memory does not grow with the number of files: they are looked at share by share.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::batch::archive::{Archive, Entry, is_archive};
use crate::batch::discover::{Input, OpenError};
use crate::batch::{list, staged, tree};
use crate::check::baseline::Baseline;
use crate::check::config::Config;
use crate::check::forms::{FileResult, Totals};
use crate::check::{Checked, check};
use crate::dicom::source::{FileSource, ReadAt};
use crate::dicom::{Limits, part10};

/// Files that are looked at before the first of them is told.
const SHARE: usize = 512;

/// What is looked at.
pub enum Inputs {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// A list of paths, which may have a NUL behind each; those of the first part come before it.
    List(Vec<PathBuf>, Box<dyn io::BufRead + Send>, bool),
    /// What is staged in git.
    Staged,
}

/// A run of the gate.
pub struct Gate<'g> {
    /// What `.gitignore` leaves out is looked at too.
    pub all: bool,
    /// What may stay.
    pub config: Config,
    /// What is known already.
    pub baseline: Option<&'g Baseline>,
    /// Worker threads; all cores without it.
    pub workers: Option<std::num::NonZeroUsize>,
}

/// Why the gate cannot look at anything.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// What is staged cannot be known.
    #[error("what is staged cannot be known: {0}")]
    Staged(#[source] io::Error),
    /// What was found cannot be told.
    #[error("what was found cannot be written: {0}")]
    Told(#[source] io::Error),
    /// No worker threads.
    #[error("no worker threads: {0}")]
    Workers(#[from] rayon::ThreadPoolBuildError),
}

/// One thing to look at.
enum Task {
    /// A file, with its place below what was asked for.
    File { path: PathBuf, below: PathBuf },
    /// Staged content of a file.
    Staged { path: PathBuf },
    /// Something that cannot be looked at.
    Failed { path: PathBuf, message: String },
}

/// What came of one task. An archive has several files.
#[derive(Default)]
struct Told {
    results: Vec<(FileResult, Vec<String>)>,
    others: u64,
}

impl Gate<'_> {
    /// Looks at everything and calls `tell` with each DICOM file, in the order of their names, and with the fingerprints of
    /// its findings where there is a baseline.
    ///
    /// # Errors
    /// [`GateError`]. Files that cannot be looked at are no error: they are told.
    pub fn run(
        &self,
        inputs: Inputs,
        mut tell: impl FnMut(&FileResult, &[String]) -> io::Result<()>,
    ) -> Result<Totals, GateError> {
        let workers = self.workers.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .build()?;
        let mut tasks = self.tasks(inputs)?;
        let mut totals = Totals::default();
        loop {
            let share: Vec<Task> = tasks.by_ref().take(SHARE).collect();
            if share.is_empty() {
                return Ok(totals);
            }
            let told: Vec<Told> =
                pool.install(|| share.par_iter().map(|task| self.guarded(task)).collect());
            for told in told {
                totals.others = totals.others.saturating_add(told.others);
                for (result, fingerprints) in told.results {
                    totals.add(&result);
                    tell(&result, &fingerprints).map_err(GateError::Told)?;
                }
            }
        }
    }

    fn tasks(&self, inputs: Inputs) -> Result<Box<dyn Iterator<Item = Task> + Send>, GateError> {
        let all = self.all;
        match inputs {
            Inputs::Paths(paths) => Ok(Box::new(
                paths.into_iter().flat_map(move |root| below(&root, all)),
            )),
            Inputs::List(paths, list, nul) => {
                let named = paths.into_iter().flat_map(move |root| below(&root, all));
                let listed = list::paths(list, nul).flat_map(move |path| match path {
                    Ok(path) => below(&path, all),
                    Err(e) => Box::new(std::iter::once(Task::Failed {
                        path: PathBuf::from("the list of files"),
                        message: e.to_string(),
                    })),
                });
                Ok(Box::new(named.chain(listed)))
            }
            Inputs::Staged => {
                let files = staged::files().map_err(GateError::Staged)?;
                Ok(Box::new(
                    files.into_iter().map(|path| Task::Staged { path }),
                ))
            }
        }
    }

    /// A panic costs one file.
    fn guarded(&self, task: &Task) -> Told {
        let (Task::File { path, .. } | Task::Staged { path } | Task::Failed { path, .. }) = task;
        match catch_unwind(AssertUnwindSafe(|| self.one(task))) {
            Ok(told) => told,
            Err(_) => Told::failed(path, ("bug", "a bug of dcmscrub".to_owned())),
        }
    }

    fn one(&self, task: &Task) -> Told {
        let (path, looked) = match task {
            Task::Failed { path, message } => {
                return Told::failed(path, ("unreadable", message.clone()));
            }
            Task::File { path, .. } | Task::Staged { path } if self.config.excludes(path) => {
                return Told::other();
            }
            Task::File { path, below } => (path, self.file(path, below)),
            Task::Staged { path } => (path, self.staged(path)),
        };
        looked.unwrap_or_else(|e| Told::failed(path, ("unreadable", e.to_string())))
    }

    fn file(&self, path: &Path, below: &Path) -> io::Result<Told> {
        let input = match Input::open(path, true) {
            Ok(input) => input,
            Err(OpenError::NotRegular) => return Ok(Told::other()),
            Err(OpenError::Io(e)) => return Err(e),
        };
        self.open(path, below, &input)
    }

    fn staged(&self, path: &Path) -> io::Result<Told> {
        let file = staged::content(path)?;
        let source = FileSource::new(file)?;
        self.source(path, path, &source)
    }

    fn open(&self, path: &Path, below: &Path, input: &Input) -> io::Result<Told> {
        if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
            && is_archive(&input.file, path)?
        {
            return Ok(self.archive(path, below, input));
        }
        self.source(path, below, &input.header()?)
    }

    fn source<S: ReadAt>(&self, path: &Path, below: &Path, source: &S) -> io::Result<Told> {
        let mut start = [0u8; part10::START];
        let n = source.read_at(&mut start, 0)?;
        if !part10::may_be_dicom(start.get(..n).unwrap_or_default()) {
            return Ok(Told::other());
        }
        self.dicom(path, below, source)
    }

    fn dicom<S: ReadAt + ?Sized>(&self, path: &Path, below: &Path, source: &S) -> io::Result<Told> {
        let Some(checked) = check(source, &parts(below), &Limits::default())? else {
            return Ok(Told::other());
        };
        Ok(Told {
            results: vec![self.judged(path, checked, source.len())],
            others: 0,
        })
    }

    /// Leaves out what may stay and what is known.
    fn judged(&self, path: &Path, mut checked: Checked, length: u64) -> (FileResult, Vec<String>) {
        checked
            .findings
            .retain(|finding| self.config.tells(finding, path));
        let mut known = 0u64;
        let mut fingerprints = Vec::new();
        if let Some(baseline) = self.baseline {
            let below = self.config.relative(path);
            checked.findings.retain(|finding| {
                let fingerprint = baseline.fingerprint(finding, &below, length);
                let is_known = baseline.knows(&fingerprint);
                known = known.saturating_add(u64::from(is_known));
                if !is_known {
                    fingerprints.push(fingerprint);
                }
                !is_known
            });
        }
        let failure = match (&checked.damage, checked.overflows) {
            (Some(e), _) => Some((e.code(), e.to_string())),
            (None, true) => Some((
                "bound",
                "it has more texts or places than are looked through".to_owned(),
            )),
            (None, false) => None,
        };
        let result = FileResult {
            path: path.to_path_buf(),
            checked,
            known,
            failure,
        };
        (result, fingerprints)
    }

    /// The entries of an archive.
    fn archive(&self, path: &Path, below: &Path, input: &Input) -> Told {
        let mut told = Told::default();
        let mut archive = match Archive::open(&input.file) {
            Ok(archive) => archive,
            Err(e) => return Told::failed(path, (e.code(), e.to_string())),
        };
        for index in 0..archive.len() {
            let entry = match archive.entry(index) {
                Ok(None) => continue,
                Ok(Some(entry)) => entry,
                Err(e) => {
                    told.join(Told::failed(path, (e.code(), e.to_string())));
                    continue;
                }
            };
            let name = |root: &Path| {
                let mut name = root.to_path_buf().into_os_string();
                name.push("!/");
                name.push(&entry.name);
                PathBuf::from(name)
            };
            told.join(self.entry(&name(path), &below.join(&entry.name), &entry));
        }
        told
    }

    fn entry(&self, path: &Path, below: &Path, entry: &Entry) -> Told {
        let start = match entry.start(part10::START) {
            Ok(start) => start,
            Err(e) => return Told::failed(path, (e.code(), e.to_string())),
        };
        if entry.is_link || !part10::may_be_dicom(&start) {
            return Told::other();
        }
        let looked = entry.with_bytes(&Limits::default(), |source| self.dicom(path, below, source));
        match looked {
            Ok(Ok(told)) => told,
            Ok(Err(e)) => Told::failed(path, ("unreadable", e.to_string())),
            Err(e) => Told::failed(path, (e.code(), e.to_string())),
        }
    }
}

impl Told {
    fn other() -> Self {
        Self {
            results: Vec::new(),
            others: 1,
        }
    }

    fn failed(path: &Path, failure: (&'static str, String)) -> Self {
        let result = FileResult {
            path: path.to_path_buf(),
            checked: Checked::default(),
            known: 0,
            failure: Some(failure),
        };
        Self {
            results: vec![(result, Vec::new())],
            others: 0,
        }
    }

    fn join(&mut self, mut other: Self) {
        self.results.append(&mut other.results);
        self.others = self.others.saturating_add(other.others);
    }
}

fn below(root: &Path, all: bool) -> Box<dyn Iterator<Item = Task> + Send> {
    let top = root.to_path_buf();
    Box::new(tree::files(root, all).map(move |step| match step {
        Ok(path) => {
            let below = match path.strip_prefix(&top) {
                Ok(below) if below != Path::new("") => below.to_path_buf(),
                // a file that was named, as it was named
                Ok(_) | Err(_) => path.clone(),
            };
            Task::File { path, below }
        }
        Err((path, message)) => Task::Failed { path, message },
    }))
}

/// Names of folders and of the file.
fn parts(below: &Path) -> Vec<String> {
    let named = below.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            None
        }
    });
    named.collect()
}
