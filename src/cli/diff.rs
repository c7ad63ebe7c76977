//! `dcmscrub diff A B`: two files, or two folders file by file, data element by data element.

use std::cmp::Ordering;
use std::io;
use std::path::{Path, PathBuf};

use dcmscrub::batch::discover::{Input, OpenError};
use dcmscrub::dicom::source::{FileSource, ReadAt};
use dcmscrub::dicom::{Limits, ReadError};
use dcmscrub::report::diff::{DiffError, Difference, How, Sums, Which, diff};
use dcmscrub::report::words::{counted, escaped};
use serde::Serialize;
use walkdir::WalkDir;

use super::args::{Diff, Format};
use super::exit::Exit;
use super::say;

/// Compares two files or two folders.
pub fn run(args: &Diff) -> Exit {
    let is_folder = |path: &Path| match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(e) => {
            say::error(format!("{}: {e}", say::path(path)));
            say::hint("two files, or two folders with the same names inside");
            Err(Exit::Refused)
        }
    };
    let (a, b) = match (is_folder(&args.a), is_folder(&args.b)) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    let desk = Desk {
        args,
        how: How {
            limits: Limits::default(),
            values: args.show_values,
            spill: std::env::temp_dir(),
        },
    };
    match (a, b) {
        (true, true) => desk.folders(),
        (false, false) => desk.files(),
        _ => {
            say::error("a file and a folder cannot be compared");
            say::hint("two files, or two folders with the same names inside");
            Exit::Refused
        }
    }
}

/// Why a pair was not compared.
enum Fault {
    /// Stdout is gone.
    Told,
    /// One of the two cannot be read.
    File(Which, String),
    /// One of the two, or both, are no DICOM.
    NotDicom(Which),
}

struct Desk<'a> {
    args: &'a Diff,
    how: How,
}

/// Files of two folders, by what became of them.
#[derive(Debug, Default, Serialize)]
struct Files {
    only_a: u64,
    only_b: u64,
    differ: u64,
    same: u64,
    failed: u64,
}

impl Desk<'_> {
    fn files(&self) -> Exit {
        let (a, b) = (&self.args.a, &self.args.b);
        let tell = |difference: &Difference| self.tell(None, difference);
        let sums = match self.pair(a, b, true, tell) {
            Ok(sums) => sums,
            Err(Fault::Told) => return Exit::Failures,
            Err(fault) => {
                Self::complain(&fault, a, b);
                return Exit::Refused;
            }
        };
        let told = match self.args.format {
            Format::Text => say::result(sums.to_text()),
            Format::Json => json(&Summary {
                kind: "summary",
                sums: &sums,
                files: None,
            }),
        };
        match told {
            Err(_) => Exit::Failures,
            Ok(()) if sums.is_same() => Exit::Done,
            Ok(()) => Exit::Found,
        }
    }

    fn folders(&self) -> Exit {
        match self.both() {
            Ok((sums, files)) => self.ended(&sums, &files),
            Err(exit) => exit,
        }
    }

    /// The files of both folders in one order, side by side.
    fn both(&self) -> Result<(Sums, Files), Exit> {
        let (mut a, mut b) = (
            below(&self.args.a).peekable(),
            below(&self.args.b).peekable(),
        );
        let (mut sums, mut files) = (Sums::default(), Files::default());
        loop {
            let order = match (a.peek(), b.peek()) {
                (None, None) => return Ok((sums, files)),
                (Some(Err(_)), _) | (Some(_), None) => Ordering::Less,
                (_, Some(Err(_))) | (None, Some(_)) => Ordering::Greater,
                (Some(Ok(one)), Some(Ok(other))) => one.cmp(other),
            };
            let one = (order != Ordering::Greater).then(|| a.next()).flatten();
            let other = (order != Ordering::Less).then(|| b.next()).flatten();
            let told = match (one, other) {
                (Some(Err(message)), _) | (_, Some(Err(message))) => {
                    say::error(message);
                    files.failed = files.failed.saturating_add(1);
                    Ok(())
                }
                (Some(Ok(path)), Some(Ok(_))) => self.pair_below(&path, &mut sums, &mut files),
                (Some(Ok(path)), None) => {
                    files.only_a = files.only_a.saturating_add(1);
                    self.only(Which::A, &path)
                }
                (None, Some(Ok(path))) => {
                    files.only_b = files.only_b.saturating_add(1);
                    self.only(Which::B, &path)
                }
                (None, None) => Ok(()),
            };
            if told.is_err() {
                return Err(Exit::Failures);
            }
        }
    }

    fn ended(&self, sums: &Sums, files: &Files) -> Exit {
        let told = match self.args.format {
            Format::Json => json(&Summary {
                kind: "summary",
                sums,
                files: Some(files),
            }),
            Format::Text => {
                let mut parts = vec![
                    counted(files.differ, "file differs", "files differ"),
                    format!("{} the same", counted(files.same, "file is", "files are")),
                ];
                for (n, word) in [
                    (files.only_a, "only in the first folder"),
                    (files.only_b, "only in the second folder"),
                    (files.failed, "not compared"),
                ] {
                    if n > 0 {
                        parts.push(format!("{} {word}", counted(n, "file", "files")));
                    }
                }
                say::result(format!("{}\n{}", parts.join(", "), sums.to_text()))
            }
        };
        let is_found = [files.differ, files.only_a, files.only_b]
            .iter()
            .any(|n| *n > 0);
        match told {
            Err(_) => Exit::Failures,
            Ok(()) if is_found => Exit::Found,
            Ok(()) if files.failed > 0 => Exit::Failures,
            Ok(()) => Exit::Done,
        }
    }

    /// Two files of one name below the two folders. Files that are no DICOM are compared byte by byte.
    fn pair_below(&self, path: &Path, sums: &mut Sums, files: &mut Files) -> io::Result<()> {
        let (a, b) = (self.args.a.join(path), self.args.b.join(path));
        let mut headed = false;
        let compared = self.pair(&a, &b, false, |difference| {
            if !std::mem::replace(&mut headed, true) && self.args.format == Format::Text {
                say::result(format!("{}:", say::path(path)))?;
            }
            self.tell(Some(path), difference)
        });
        let is_same = match compared {
            Ok(pair) => {
                sums.add(&pair);
                pair.is_same()
            }
            Err(Fault::Told) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(Fault::NotDicom(_)) if self.neither(&a, &b) => match same_bytes(&a, &b) {
                Ok(is_same) => {
                    if !is_same {
                        self.say_of_file("differs", path, "differs, and is no DICOM")?;
                    }
                    is_same
                }
                Err((which, message)) => {
                    Self::complain(&Fault::File(which, message), &a, &b);
                    files.failed = files.failed.saturating_add(1);
                    return Ok(());
                }
            },
            Err(fault) => {
                Self::complain(&fault, &a, &b);
                files.failed = files.failed.saturating_add(1);
                return Ok(());
            }
        };
        let count = if is_same {
            &mut files.same
        } else {
            &mut files.differ
        };
        *count = count.saturating_add(1);
        Ok(())
    }

    /// Neither of the two is DICOM.
    fn neither(&self, a: &Path, b: &Path) -> bool {
        [a, b].iter().all(|path| {
            let itself = self.pair(path, path, false, |_| Ok(()));
            matches!(itself, Err(Fault::NotDicom(_)))
        })
    }

    fn pair(
        &self,
        a: &Path,
        b: &Path,
        named_by_user: bool,
        tell: impl FnMut(&Difference) -> io::Result<()>,
    ) -> Result<Sums, Fault> {
        let open =
            |which, path| open(path, named_by_user).map_err(|e| Fault::File(which, e.to_string()));
        let (a, b) = (open(Which::A, a)?, open(Which::B, b)?);
        diff(&a, &b, &self.how, tell).map_err(|e| match e {
            DiffError::Read(which, ReadError::NotDicom) => Fault::NotDicom(which),
            DiffError::Read(which, e) => Fault::File(which, e.to_string()),
            DiffError::Tell(_) => Fault::Told,
            e @ (DiffError::Other(_) | _) => Fault::File(Which::A, e.to_string()),
        })
    }

    fn complain(fault: &Fault, a: &Path, b: &Path) {
        let of = |which: &Which| say::path(if *which == Which::A { a } else { b });
        match fault {
            Fault::Told => {}
            Fault::File(which, message) => say::error(format!("{}: {message}", of(which))),
            Fault::NotDicom(which) => {
                say::error(format!("{}: {}", of(which), ReadError::NotDicom));
            }
        }
        say::hint("both have to be DICOM files that can be read to their ends");
    }

    fn tell(&self, file: Option<&Path>, difference: &Difference) -> io::Result<()> {
        match self.args.format {
            Format::Json => json(&InFile {
                file: file.map(|path| path.to_string_lossy().into_owned()),
                difference,
            }),
            Format::Text => {
                let margin = if file.is_some() { "  " } else { "" };
                say::result(format!("{margin}{}", difference.to_text()))
            }
        }
    }

    fn only(&self, which: Which, path: &Path) -> io::Result<()> {
        match which {
            Which::A => self.say_of_file("only-in-a", path, "only in the first folder"),
            Which::B => self.say_of_file("only-in-b", path, "only in the second folder"),
        }
    }

    fn say_of_file(&self, kind: &'static str, path: &Path, words: &str) -> io::Result<()> {
        match self.args.format {
            Format::Json => json(&OfFile {
                file: path.to_string_lossy().into_owned(),
                kind,
            }),
            Format::Text => say::result(format!("{}: {words}", say::path(path))),
        }
    }
}

#[derive(Serialize)]
struct InFile<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    difference: &'d Difference,
}

#[derive(Serialize)]
struct OfFile {
    file: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Summary<'s> {
    kind: &'static str,
    #[serde(flatten)]
    sums: &'s Sums,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'s Files>,
}

fn json(what: &impl Serialize) -> io::Result<()> {
    say::result(serde_json::to_string(what).map_err(io::Error::from)?)
}

fn open(path: &Path, named_by_user: bool) -> Result<FileSource, OpenError> {
    Ok(FileSource::new(Input::open(path, named_by_user)?.file)?)
}

/// Regular files below a folder, by their paths below it, in the order of these. Links are not followed.
fn below(folder: &Path) -> impl Iterator<Item = Result<PathBuf, String>> + use<> {
    let root = folder.to_path_buf();
    WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let below = entry.path().strip_prefix(&root);
                Some(Ok(below.unwrap_or(entry.path()).to_path_buf()))
            }
            Ok(_) => None,
            Err(e) => Some(Err(escaped(&e.to_string()))),
        })
}

fn same_bytes(a: &Path, b: &Path) -> Result<bool, (Which, String)> {
    let open = |which, path| open(path, false).map_err(|e| (which, e.to_string()));
    let (a, b) = (open(Which::A, a)?, open(Which::B, b)?);
    if a.len() != b.len() {
        return Ok(false);
    }
    let (mut ours, mut theirs) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut at = 0;
    while at < a.len() {
        let left = usize::try_from(a.len().saturating_sub(at)).unwrap_or(usize::MAX);
        let n = left.min(ours.len());
        for (which, source, to) in [(Which::A, &a, &mut ours), (Which::B, &b, &mut theirs)] {
            let to = to.get_mut(..n).unwrap_or_default();
            source
                .read_exact_at(to, at)
                .map_err(|e| (which, e.to_string()))?;
        }
        if ours.get(..n) != theirs.get(..n) {
            return Ok(false);
        }
        at = at.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
    }
    Ok(true)
}
