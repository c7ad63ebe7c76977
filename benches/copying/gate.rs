//! The gate: small sets, CPU ratios alone, against what has been reached.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Context;
use serde::Deserialize;

use crate::machine::Machine;
use crate::measure::Cost;
use crate::options::{Options, Place, root};
use crate::page;
use crate::study::Study;
use crate::tools::{Ours, Tool, copy};
use crate::turns::run as in_turn;

const FILE: &str = "benches/reached.toml";
/// Short runs need more turns.
const TURNS: u32 = 7;
/// A new file's margin. Ratios to `cp` vary by a seventh from run to run on one machine, and more between machines; what is
/// finer is found by the instruction counts.
const MARGIN: f64 = 0.5;

/// The file of what has been reached.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Reached {
    /// How much worse a ratio may be, as a part of it.
    margin: f64,
    cpu_to_copy: BTreeMap<String, f64>,
}

/// One set of the gate.
struct Part {
    name: &'static str,
    study: Study,
    tools: Vec<Tool>,
    /// Its own `cp -r` takes too short to be a yardstick: that of the set CT is taken.
    by_ct: bool,
}

fn parts(ours: &Ours) -> Vec<Part> {
    let basic = || ours.clean("basic", &["-j1"]);
    let part = |name, study, tools, by_ct| Part {
        name,
        study,
        tools,
        by_ct,
    };
    vec![
        part(
            "ct",
            Study {
                files: 120,
                patients: 2,
                ..Study::CT
            },
            vec![copy(false), basic(), ours.check()],
            false,
        ),
        part(
            "small",
            Study {
                files: 1500,
                patients: 6,
                ..Study::SMALL
            },
            vec![
                copy(false),
                basic(),
                ours.clean("research", &["-j1", "-p", "research"]),
            ],
            false,
        ),
        part(
            "people",
            Study {
                files: 800,
                patients: 400,
                ..Study::PEOPLE
            },
            vec![copy(false), basic()],
            false,
        ),
        part(
            "large",
            Study {
                frames: 200,
                ..Study::LARGE
            },
            vec![copy(false), basic()],
            false,
        ),
        part(
            "deflated",
            Study {
                frames: 10,
                ..Study::DEFLATED
            },
            vec![copy(false), basic()],
            true,
        ),
        part(
            "fragments",
            Study {
                frames: 20_000,
                ..Study::TILES
            },
            vec![copy(false), basic()],
            true,
        ),
    ]
}

/// Measures, prints, and compares or writes.
pub fn run(options: &Options, place: &Place, ours: &Ours) -> anyhow::Result<ExitCode> {
    let mut now = BTreeMap::new();
    let mut ct = Vec::new();
    for part in parts(ours) {
        let rows = place.with(&part.study, |set| {
            in_turn(set, &place.0, &part.tools, options.turns.max(TURNS))
        })?;
        let (yardstick, ours) = rows.split_first().context("no yardstick")?;
        if part.name == "ct" {
            ct.clone_from(&yardstick.costs);
        }
        for row in ours {
            let yardstick = if part.by_ct { &ct } else { &yardstick.costs };
            let ratio = least(&row.costs, yardstick);
            now.insert(format!("{}-{}", part.name, row.tool.name), ratio);
        }
    }
    if options.bless {
        page::write(&root().join(FILE), &written(&now))?;
        println!("{FILE} is written");
    }
    let text = std::fs::read_to_string(root().join(FILE)).context(FILE)?;
    Ok(compared(&now, &toml::from_str(&text).context(FILE)?))
}

/// The least CPU of all turns to the least of the yardstick: whatever else the machine does can only add to either.
fn least(costs: &[Cost], yardstick: &[Cost]) -> f64 {
    let least = |costs: &[Cost]| {
        costs
            .iter()
            .map(|cost| cost.cpu)
            .fold(f64::INFINITY, f64::min)
    };
    least(costs) / least(yardstick).max(1e-6)
}

fn written(now: &BTreeMap<String, f64>) -> String {
    let machine = Machine::this();
    let mut text = format!(
        "# CPU of dcmscrub to that of `cp -r` over the same files, as reached on {}; `cargo bench --bench copying -- --work TMPFS --quick`\n\
         # fails when one is worse by more than the margin, and writes this file with --bless. Of deflated and fragments the\n\
         # yardstick is `cp -r` of the set ct.\n\
         margin = {MARGIN}\n\n[cpu-to-copy]\n",
        machine.date
    );
    for (name, ratio) in now {
        _ = writeln!(text, "{name} = {ratio:.2}");
    }
    text
}

fn compared(now: &BTreeMap<String, f64>, reached: &Reached) -> ExitCode {
    println!("CPU to `cp -r` (reached before, at most):");
    let mut worse = 0;
    for (name, before) in &reached.cpu_to_copy {
        let most = before * (1.0 + reached.margin);
        let (value, verdict) = match now.get(name) {
            Some(value) if *value <= most => (format!("{value:.2}"), ""),
            Some(value) => (format!("{value:.2}"), "  WORSE"),
            None => ("-".to_owned(), "  NOT MEASURED"),
        };
        worse += usize::from(!verdict.is_empty());
        println!("  {name:20} {value:>8} ({before:.2}, {most:.2}){verdict}");
    }
    for name in now
        .keys()
        .filter(|name| !reached.cpu_to_copy.contains_key(*name))
    {
        println!("  {name:20} is not in {FILE}: run with --bless");
        worse += 1;
    }
    if worse == 0 {
        ExitCode::SUCCESS
    } else {
        println!("{worse} worse than what was reached");
        ExitCode::FAILURE
    }
}
