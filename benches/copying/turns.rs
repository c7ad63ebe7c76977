//! Runs in turn: each command once, then each again. What the machine does meanwhile hits all of them alike.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::measure::{Cost, cost};
use crate::tools::{Of, Tool, first_patient};

/// A set that is on a file system.
pub struct Set {
    pub folder: PathBuf,
    pub files: u32,
    pub bytes: u64,
}

/// What a tool took, in each turn after the first.
pub struct Row {
    pub tool: Tool,
    /// Files that it was given.
    pub files: u32,
    /// Empty where it failed.
    pub costs: Vec<Cost>,
    /// Of the same turns, each divided by the yardstick's of the same turn and the same number of files.
    pub wall_to_copy: f64,
    pub cpu_to_copy: f64,
}

impl Row {
    pub fn median(&self, of: impl Fn(&Cost) -> f64) -> f64 {
        median(self.costs.iter().map(of).collect())
    }

    /// CPU seconds of one file.
    pub fn cpu_per_file(&self) -> f64 {
        self.median(|cost| cost.cpu) / f64::from(self.files.max(1))
    }

    /// The largest peak of all turns.
    pub fn memory(&self) -> f64 {
        self.costs
            .iter()
            .map(|cost| cost.memory)
            .fold(0.0, f64::max)
    }
}

/// The middle one; of an even number the mean of both; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.get(half.wrapping_sub(1)), values.get(half)) {
        (Some(low), Some(high)) if values.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        (_, Some(high)) => *high,
        (_, None) => 0.0,
    }
}

/// All rows of a set. The first tool is the yardstick. A peer that fails has no costs; ours may not fail.
pub fn run(set: &Set, out: &Path, tools: &[Tool], turns: u32) -> anyhow::Result<Vec<Row>> {
    let patient = first_patient(&set.folder)?;
    let of_patient = count(&patient)?;
    let mut rows: Vec<Row> = tools
        .iter()
        .map(|tool| Row {
            tool: tool.clone(),
            files: if tool.of == Of::SlowPeer {
                of_patient
            } else {
                set.files
            },
            costs: Vec::new(),
            wall_to_copy: 0.0,
            cpu_to_copy: 0.0,
        })
        .collect();
    // the first turn brings the files into memory, and shows who fails
    for turn in 0..=turns {
        for row in &mut rows {
            let is_out = turn > 1 && row.costs.is_empty();
            if is_out {
                continue;
            }
            let input = if row.tool.of == Of::SlowPeer {
                &patient
            } else {
                &set.folder
            };
            let cost = once(&row.tool, input, out, turn);
            match (cost, row.tool.of) {
                (Ok(cost), _) if turn > 0 => row.costs.push(cost),
                (Ok(_), _) | (Err(_), Of::Peer | Of::SlowPeer) => {}
                (Err(e), Of::Yardstick | Of::Floor | Of::Ours) => return Err(e),
            }
        }
    }
    let (copies, files) = match rows.first() {
        Some(row) => (row.costs.clone(), row.files),
        None => return Ok(rows),
    };
    for row in &mut rows {
        let share = f64::from(row.files) / f64::from(files.max(1));
        let to_copy = |of: fn(&Cost) -> f64| {
            let pairs = row.costs.iter().zip(&copies);
            median(
                pairs
                    .map(|(cost, copy)| of(cost) / (of(copy) * share).max(1e-6))
                    .collect(),
            )
        };
        (row.wall_to_copy, row.cpu_to_copy) = (to_copy(|cost| cost.wall), to_copy(|cost| cost.cpu));
    }
    Ok(rows)
}

/// One run into a folder that was never there.
pub fn once(tool: &Tool, input: &Path, out: &Path, turn: u32) -> anyhow::Result<Cost> {
    let name: String = tool
        .name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let folder = out.join(format!("out-{}-{turn}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    // what was written before is not to be waited for in this run
    rustix::fs::syncfs(std::fs::File::open(&folder)?)?;
    let cost = cost(&tool.command(input, &folder), &tool.codes);
    std::fs::remove_dir_all(&folder)?;
    cost
}

fn count(folder: &Path) -> anyhow::Result<u32> {
    let mut files = 0;
    for entry in walkdir::WalkDir::new(folder) {
        files += u32::from(entry?.file_type().is_file());
    }
    Ok(files)
}
