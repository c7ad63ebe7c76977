//! All sets, all tools, and the figures that are to be reached.

use std::path::Path;

use serde::Serialize;

use crate::goal::{Goal, at_least, at_most};
use crate::machine::{Machine, file_system};
use crate::options::{Options, Place, root};
use crate::page;
use crate::study::Study;
use crate::tools::{Of, Ours, Tool, copy, floor, peers};
use crate::turns::{Row, Set, median, once, run as in_turn};

const TEMPLATE: &str = include_str!("benchmarks.md");
/// Runs of what takes milliseconds.
const STARTS: u32 = 21;

/// What the template is filled with.
#[derive(Serialize)]
struct Page {
    machine: Machine,
    version: String,
    peers: Vec<(String, String)>,
    turns: u32,
    goals: Vec<Goal>,
    reached: usize,
    tables: Vec<Table>,
    check: Check,
    start: String,
}

#[derive(Serialize)]
struct Table {
    title: String,
    place: String,
    files: String,
    size: String,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    files: String,
    failed: bool,
    wall: String,
    cpu: String,
    per_file: String,
    wall_to_copy: String,
    cpu_to_copy: String,
    memory: String,
}

#[derive(Serialize)]
struct Check {
    header: String,
    file: String,
    read: String,
    times: String,
}

/// The rows of a set, and how it is called.
struct Ran {
    title: &'static str,
    place: String,
    files: u32,
    bytes: u64,
    rows: Vec<Row>,
}

impl Ran {
    fn row(&self, name: &str) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.tool.name == name && !row.costs.is_empty())
    }

    fn table(&self) -> Table {
        let line = |row: &Row| Line {
            name: row.tool.name.clone(),
            files: page::grouped(row.files.into()),
            failed: row.costs.is_empty(),
            wall: page::digits(row.median(|cost| cost.wall)),
            cpu: page::digits(row.median(|cost| cost.cpu)),
            per_file: page::digits(row.cpu_per_file() * 1e3),
            wall_to_copy: page::digits(row.wall_to_copy),
            cpu_to_copy: page::digits(row.cpu_to_copy),
            memory: page::digits(row.memory()),
        };
        Table {
            title: self.title.to_owned(),
            place: self.place.clone(),
            files: page::grouped(self.files.into()),
            size: size(self.bytes),
            lines: self.rows.iter().map(line).collect(),
        }
    }
}

fn size(bytes: u64) -> String {
    let mb = u32::try_from(bytes / 1000).map_or(0.0, |kb| f64::from(kb) / 1e3);
    format!("{} MB", page::digits(mb))
}

/// Runs everything and tells; writes the page where that is asked for.
pub fn run(
    options: &Options,
    place: &Place,
    disk: Option<&Place>,
    ours: &Ours,
) -> anyhow::Result<()> {
    let peers = peers(options.peers.as_deref());
    let others: Vec<Tool> = peers.iter().map(|(tool, _)| tool.clone()).collect();
    let of_memory = |name: &'static str, study: &Study, tools: &[Tool]| {
        eprintln!("{name} ...");
        ran(name, study, place, tools, options.turns)
    };
    let usual = |syncs: bool| {
        vec![
            copy(syncs),
            ours.clean("-j1", &["-j1"]),
            ours.clean("-j2", &["-j2"]),
        ]
    };
    let mut all = usual(false);
    all.insert(1, floor()?);
    all.push(ours.clean("-j1 -p research", &["-j1", "-p", "research"]));
    all.push(ours.check());
    all.extend(others);
    let one: Vec<Tool> = all
        .iter()
        .filter(|tool| tool.name != "-j2")
        .cloned()
        .collect();
    let ct = of_memory("CT", &Study::CT, &all)?;
    let small = of_memory("small", &Study::SMALL, &all)?;
    let people = of_memory("people", &Study::PEOPLE, &all)?;
    let large = of_memory("large", &Study::LARGE, &one)?;
    let deflated = of_memory("deflated", &Study::DEFLATED, &one)?;
    let tiles = of_memory("fragments", &Study::TILES, &one)?;
    let start = start(place, ours)?;
    let mut sets = vec![ct, small, people, large, deflated, tiles];
    let goals = goals(&sets, start);
    let check = check(&sets)?;
    if let Some(disk) = disk {
        for (name, study) in [("CT", Study::CT), ("small", Study::SMALL)] {
            eprintln!("{name} on disk ...");
            sets.push(ran(name, &study, disk, &usual(true), options.turns)?);
        }
    }
    let page = Page {
        machine: Machine::this(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        peers: peers
            .into_iter()
            .map(|(tool, version)| (tool.name, version))
            .collect(),
        turns: options.turns,
        reached: goals.iter().filter(|goal| goal.is_reached).count(),
        goals,
        tables: sets.iter().map(Ran::table).collect(),
        check,
        start: page::digits(start),
    };
    let text = page::filled(TEMPLATE, &page)?;
    println!("{text}");
    if options.write {
        page::write(&root().join("docs/benchmarks.md"), &text)?;
    }
    Ok(())
}

fn ran(
    title: &'static str,
    study: &Study,
    place: &Place,
    tools: &[Tool],
    turns: u32,
) -> anyhow::Result<Ran> {
    place.with(study, |set: &Set| {
        Ok(Ran {
            title,
            place: file_system(&set.folder),
            files: set.files,
            bytes: set.bytes,
            rows: in_turn(set, &place.0, tools, turns)?,
        })
    })
}

/// Milliseconds from the start of the program to its end, when it has only to say its version.
fn start(place: &Place, ours: &Ours) -> anyhow::Result<f64> {
    let mut walls = Vec::new();
    for turn in 0..STARTS {
        walls.push(once(&ours.version(), Path::new("/"), &place.0, turn)?.wall * 1e3);
    }
    Ok(median(walls))
}

/// How much of the CT files `check` read.
fn check(sets: &[Ran]) -> anyhow::Result<Check> {
    let header = header()?;
    let ct = sets.iter().find(|set| set.title == "CT");
    let read = ct.map_or(0.0, read_per_file);
    let file = ct.map_or(0.0, |set| {
        thousands(set.bytes / u64::from(set.files.max(1)))
    });
    Ok(Check {
        header: page::digits(header),
        file: page::digits(file),
        read: page::digits(read),
        times: page::digits(read / header),
    })
}

/// KB in front of the pixels of a CT file.
fn header() -> anyhow::Result<f64> {
    let bytes = Study::CT.header(0).map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(thousands(u64::try_from(bytes.len())?))
}

fn thousands(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e3
}

/// KB that `check` read of one file.
fn read_per_file(set: &Ran) -> f64 {
    let row = set.row("check");
    let read = row.map_or(0.0, |row| row.median(|cost| thousands(cost.read)));
    read / f64::from(set.files.max(1))
}

fn goals(sets: &[Ran], start: f64) -> Vec<Goal> {
    let set = |title: &str| sets.iter().find(move |set| set.title == title);
    let row = |title: &str, name: &str| set(title).and_then(|set| set.row(name));
    let per_file = |title: &str, name: &str| row(title, name).map(Row::cpu_per_file);
    let ratio = |above: Option<f64>, below: Option<f64>| Some(above? / below?.max(1e-9));
    let memory = |titles: &[&str]| {
        let sets = sets
            .iter()
            .filter(|set| titles.is_empty() || titles.contains(&set.title));
        let rows = sets
            .flat_map(|set| &set.rows)
            .filter(|row| row.tool.of == Of::Ours);
        Some(rows.map(Row::memory).fold(0.0, f64::max))
    };
    let header = header().unwrap_or(0.0);
    vec![
        at_most(
            "CPU, CT, one thread, to `cp -r`",
            row("CT", "-j1").map(|row| row.cpu_to_copy),
            1.3,
            "",
        ),
        at_most(
            "wall, CT, two threads, to `cp -r`",
            row("CT", "-j2").map(|row| row.wall_to_copy),
            0.8,
            "",
        ),
        at_most(
            "CPU, small files, one thread, to `cp -r`",
            row("small", "-j1").map(|row| row.cpu_to_copy),
            2.0,
            "",
        ),
        at_least(
            "CPU of dcmanon for a small file, to ours",
            ratio(per_file("small", "dcmanon"), per_file("small", "-j1")),
            5.0,
        ),
        at_most(
            "CPU, small files, profile `research` to `basic`",
            ratio(
                per_file("small", "-j1 -p research"),
                per_file("small", "-j1"),
            ),
            1.5,
            "",
        ),
        at_most(
            "CPU, 500 MB file, to `cp -r`",
            row("large", "-j1").map(|row| row.cpu_to_copy),
            1.6,
            "",
        ),
        at_most("memory, 500 MB file", memory(&["large"]), 64.0, " MB"),
        at_most(
            "memory, any set, any number of threads",
            memory(&[]),
            64.0,
            " MB",
        ),
        at_most(
            "wall, 100,000 fragments",
            row("fragments", "-j1").map(|row| row.median(|cost| cost.wall)),
            1.0,
            " s",
        ),
        at_most("`--version`, start to end", Some(start), 5.0, " ms"),
        at_most(
            "`check`, read of a CT file: its header and one buffer of 8 KB",
            set("CT").map(read_per_file),
            header + 8.192,
            " KB",
        ),
    ]
}
