//! How cost grows with files, elements, depth, identifiers and cores, and what that makes of very many files, on paper.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use dcmscrub::dicom::source::BytesSource;
use dcmscrub::dicom::walk::{Event, Walker};
use dcmscrub::dicom::{Limits, part10};

use crate::goal::{Goal, at_most};
use crate::machine::{Machine, cores, file_system};
use crate::measure::{Cost, cost};
use crate::options::{Options, Place, root};
use crate::page::{self, digits, grouped};
use crate::study::Study;
use crate::tools::{Ours, Tool};
use crate::turns::{Set, median, once};

mod paper;

const TEMPLATE: &str = include_str!("growth.md");
const FIRST: &str = "<!-- growth: made by cargo bench --bench copying -- --growth -->";
const LAST: &str = "<!-- end of growth -->";
/// Of the run of several.
const SHARDS: u32 = 4;
/// So many that one has next to no file of its own.
const VERY_MANY: &str = "1/100000";
/// From this number of files on one run is enough, after none that warms.
const LONG: u32 = 50_000;

#[derive(Serialize)]
struct Page {
    machine: Machine,
    place: String,
    turns: u32,
    files: Vec<Line>,
    goals: Vec<Goal>,
    items: Vec<Line>,
    private: Vec<Line>,
    depth: Vec<Line>,
    identifiers: Vec<Line>,
    cores: Vec<Line>,
    shards: Shards,
    paper: paper::Paper,
}

/// A line of a table, ready to be printed.
#[derive(Serialize)]
struct Line(Vec<String>);

/// What a run in shards costs beside a run in one.
#[derive(Serialize)]
struct Shards {
    files: String,
    whole: String,
    all: String,
    merge_cpu: String,
    merge_memory: String,
    walk: String,
    list: String,
    line: String,
    #[serde(skip)]
    figures: Figures,
}

/// The same as numbers.
#[derive(Clone, Copy, Default)]
struct Figures {
    /// Seconds of a core for one name, walked over in folders and read from a list.
    walk: f64,
    list: f64,
    /// Seconds of a core for one line.
    merge: f64,
    /// Bytes of a line of the journal.
    line: f64,
}

struct Bench<'b> {
    place: &'b Place,
    ours: &'b Ours,
    turns: u32,
    most: u32,
}

/// A study of one file that has little but a header.
const ONE: Study = Study {
    files: 1,
    rows: 8,
    columns: 8,
    ..Study::LARGE
};

/// Measures, prints, and writes the section where that is asked for.
pub fn run(options: &Options, place: &Place, ours: &Ours) -> anyhow::Result<()> {
    let bench = Bench {
        place,
        ours,
        turns: options.turns,
        most: options.most,
    };
    let ct = bench.per_file(&Study {
        files: 300,
        ..Study::CT
    })?;
    let small = bench.per_file(&Study {
        files: 2000,
        patients: 8,
        ..Study::SMALL
    })?;
    let (files, goals, shards) = bench.files()?;
    let page = Page {
        machine: Machine::this(),
        place: file_system(&place.0),
        turns: options.turns,
        files,
        goals,
        items: bench.several(&[2, 10, 100, 1000, 10_000, 100_000], |n| Study {
            frames: n,
            rows: 1,
            columns: 1,
            ..copies(ONE, 20_000 / n)
        })?,
        private: bench.several(&[10, 100, 1000, 10_000], |n| Study {
            private: n,
            frames: 1,
            ..copies(ONE, 20_000 / n)
        })?,
        depth: bench.several(&[1, 4, 15, 60], |depth| Study {
            depth,
            on_level: 240 / depth,
            frames: 1,
            ..copies(ONE, 200)
        })?,
        identifiers: bench.several(&[0, 10, 100, 1000, 10_000], |identifiers| Study {
            identifiers,
            frames: 1,
            ..copies(ONE, 100)
        })?,
        cores: bench.cores()?,
        paper: paper::Paper::new(ct, small, &shards.figures),
        shards,
    };
    let text = page::filled(TEMPLATE, &page)?;
    println!("{text}");
    if options.write {
        page::replace(&root().join("docs/scale.md"), FIRST, LAST, &text)?;
    }
    Ok(())
}

/// So many files of a kind that their time can be told.
fn copies(study: Study, files: u32) -> Study {
    Study {
        files: files.clamp(1, 500),
        ..study
    }
}

impl Bench<'_> {
    /// Medians of a tool over a set, the largest memory; the first turn only warms.
    fn cost(&self, tool: &Tool, set: &Set) -> anyhow::Result<Cost> {
        let turns = if set.files >= LONG {
            1..=1
        } else {
            0..=self.turns
        };
        let mut costs = Vec::new();
        for turn in turns {
            let cost = once(tool, &set.folder, &self.place.0, turn)?;
            if turn > 0 {
                costs.push(cost);
            }
        }
        let of = |of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
        Ok(Cost {
            wall: of(|cost| cost.wall),
            cpu: of(|cost| cost.cpu),
            memory: costs.iter().map(|cost| cost.memory).fold(0.0, f64::max),
            ..Cost::default()
        })
    }

    /// CPU seconds and bytes of one file of a study.
    fn per_file(&self, study: &Study) -> anyhow::Result<(f64, f64)> {
        self.place.with(study, |set| {
            let cost = self.cost(&self.ours.clean("j1", &["-j1"]), set)?;
            let files = f64::from(set.files);
            let kb = f64::from(u32::try_from(set.bytes / 1000)?);
            Ok((cost.cpu / files, kb * 1e3 / files))
        })
    }

    /// 10^3, 10^4 and 10^5 files; over the last ones also the shards.
    fn files(&self) -> anyhow::Result<(Vec<Line>, Vec<Goal>, Shards)> {
        let (mut lines, mut costs, mut shards) = (Vec::new(), Vec::new(), None);
        for files in [self.most / 100, self.most / 10, self.most] {
            let study = Study {
                files,
                patients: files.div_ceil(250),
                frames: 1,
                ..ONE
            };
            let study = Study {
                studies: 2,
                series: 5,
                ..study
            };
            eprintln!("{files} files ...");
            self.place.with(&study, |set| {
                let one = self.cost(&self.ours.clean("j1", &["-j1"]), set)?;
                let two = self.cost(&self.ours.clean("j2", &["-j2"]), set)?;
                let each = one.cpu / f64::from(files);
                costs.push((each, one.memory.max(two.memory)));
                lines.push(Line(vec![
                    grouped(files.into()),
                    digits(one.cpu),
                    digits(each * 1e3),
                    digits(one.wall),
                    digits(two.wall),
                    digits(one.memory),
                    digits(two.memory),
                ]));
                if files == self.most {
                    shards = Some(self.shards(set, &one)?);
                }
                Ok(())
            })?;
        }
        let linear = match costs.as_slice() {
            [_, (middle, _), (last, _)] => Some(last / middle.max(1e-9)),
            _ => None,
        };
        let memory = costs.last().map(|(_, memory)| *memory);
        let goals = vec![
            at_most(
                "CPU of one file of 100,000, to one of 10,000",
                linear,
                1.1,
                "",
            ),
            at_most("memory, 100,000 files", memory, 64.0, " MB"),
        ];
        let shards = shards.ok_or_else(|| anyhow::anyhow!("no shards were measured"))?;
        Ok((lines, goals, shards))
    }

    /// The same files in shards, merged; and what it costs a shard to pass over the names of the others.
    fn shards(&self, set: &Set, whole: &Cost) -> anyhow::Result<Shards> {
        eprintln!("shards ...");
        let out = self.place.0.join("shards");
        let mut all = 0.0;
        for shard in 1..=SHARDS {
            let share = format!("{shard}/{SHARDS}");
            let tool = self.ours.clean("shard", &["-j1", "--shard", &share]);
            all += cost(&tool.command(&set.folder, &out), &[0])?.cpu;
        }
        let mut merge: Vec<OsString> = vec![self.ours.binary.clone().into()];
        merge.extend(["report", "merge"].map(OsString::from));
        merge.push(out.clone().into());
        merge.push("--key-file".into());
        merge.push(self.ours.key.clone().into());
        let merged = cost(&merge, &[0])?;
        let journal = out.join("report.journal.jsonl").metadata()?.len();
        std::fs::remove_dir_all(&out)?;

        let files = f64::from(set.files);
        let mut passing = self.ours.clean("walk", &["-j1", "--shard", VERY_MANY]);
        // a share with no file is no error of these runs
        passing.codes = vec![0, 3];
        let walk = once(&passing, &set.folder, &self.place.0, 1)?;
        let list = self.place.0.join("list");
        page::write(&list, &names(&set.folder)?)?;
        let mut listed = passing.clone();
        let at = listed
            .words
            .iter()
            .position(|word| word == "{in}")
            .unwrap_or(2);
        listed
            .words
            .splice(at..=at, ["--files-from".into(), OsString::from("{in}")]);
        let list_cost = once(&listed, &list, &self.place.0, 2)?;
        std::fs::remove_file(&list)?;
        let bytes = f64::from(u32::try_from(journal)?) / files;
        let figures = Figures {
            walk: walk.cpu / files,
            list: list_cost.cpu / files,
            merge: merged.cpu / files,
            line: bytes,
        };
        Ok(Shards {
            files: grouped(files),
            whole: digits(whole.cpu),
            all: digits(all),
            merge_cpu: digits(merged.cpu),
            merge_memory: digits(merged.memory),
            walk: digits(figures.walk * 1e6),
            list: digits(figures.list * 1e6),
            line: grouped(bytes),
            figures,
        })
    }

    /// A line for each number: it, elements of a file, milliseconds of a file, microseconds of an element, memory.
    fn several(&self, numbers: &[u32], study: impl Fn(u32) -> Study) -> anyhow::Result<Vec<Line>> {
        let mut lines = Vec::new();
        for number in numbers {
            let study = study(*number);
            eprintln!("{number} ...");
            let elements = elements(&study)?;
            let cost = self.place.with(&study, |set| {
                self.cost(&self.ours.clean("j1", &["-j1"]), set)
            })?;
            let each = cost.cpu / f64::from(study.files);
            lines.push(Line(vec![
                grouped((*number).into()),
                grouped(elements),
                grouped(study.files.into()),
                digits(each * 1e3),
                digits(each / elements * 1e6),
                digits(cost.memory),
            ]));
        }
        Ok(lines)
    }

    fn cores(&self) -> anyhow::Result<Vec<Line>> {
        let (mut lines, mut first) = (Vec::new(), 0.0);
        let all = cores();
        let mut threads: Vec<usize> = (0..8).map(|n| 1 << n).filter(|n| *n < all).collect();
        threads.push(all);
        let study = Study {
            files: 4000,
            patients: 16,
            ..Study::SMALL
        };
        self.place.with(&study, |set| {
            for threads in threads {
                let cost = self.cost(
                    &self.ours.clean("cores", &["-j", &threads.to_string()]),
                    set,
                )?;
                if threads == 1 {
                    first = cost.wall;
                }
                lines.push(Line(vec![
                    threads.to_string(),
                    digits(cost.wall),
                    digits(first / cost.wall),
                    digits(cost.cpu),
                    digits(cost.memory),
                ]));
            }
            Ok(())
        })?;
        Ok(lines)
    }
}

/// Data elements of the first file, at every depth.
fn elements(study: &Study) -> anyhow::Result<f64> {
    let bytes = study.bytes(0).map_err(|e| anyhow::anyhow!("{e}"))?;
    let source = BytesSource(bytes.as_slice());
    let limits = Limits::default();
    let part10 = part10::open(&source, &limits)?;
    let mut walker = Walker::new(&source, part10.encoding, part10.data_set_at, limits);
    let mut elements = 0_u32;
    while let Some(event) = walker.next_event()? {
        elements += u32::from(matches!(event, Event::Element(_)));
    }
    Ok(elements.into())
}

/// The files of a folder, one path a line.
fn names(folder: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            writeln!(text, "{}", entry.path().display())?;
        }
    }
    Ok(text)
}
