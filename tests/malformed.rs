//! Hostile files: every class of them has a generator here, and one test that the built program withstands it.
//!
//! A case is judged by what no run may do: crash, hang, take more than 256 MB, leak a planted identity into any file or
//! message, write something although it failed, leave a temporary file, accept what is damaged, or refuse what is good.

pub mod bytes;
pub mod case;
mod judge;

mod archives;
mod bombs;
mod charsets;
mod elements;
mod head;
mod lengths;
mod names;
mod not_dicom;
mod pixels;
mod residue;
mod sequences;
mod truncation;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::{Canary, Case, Expect, Kind};
use judge::{Tool, dcmscrub, faults, run};
pub use judge::{another_reads, parses};
pub use pixels::jpeg;

fn all() -> Vec<Case> {
    [
        head::cases(),
        truncation::cases(),
        lengths::cases(),
        sequences::cases(),
        elements::cases(),
        charsets::cases(),
        residue::cases(),
        pixels::cases(),
        bombs::cases(),
        names::cases(),
        not_dicom::cases(),
        archives::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Judges all cases, on all cores; the bad ones with what is wrong, by name.
fn judge(
    cases: &[Case],
    tool: &Tool,
    judged: impl Fn(&Canary) -> bool + Sync,
) -> Vec<(String, Vec<String>)> {
    let (next, bad) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = faults(case, &run(case, tool), &judged);
                    if !found.is_empty() {
                        let name = format!("{}/{}", case.class, case.name);
                        bad.lock().unwrap().push((name, found));
                    }
                }
            });
        }
    });
    let mut bad = bad.into_inner().unwrap();
    bad.sort();
    bad
}

fn withstands(cases: &[Case]) {
    let bad = judge(cases, &dcmscrub("basic"), |_| true);
    assert!(bad.is_empty(), "{} of {}: {bad:#?}", bad.len(), cases.len());
}

macro_rules! classes {
    ($($test:ident: $class:ident;)*) => {
        $(#[test]
        fn $test() {
            withstands(&$class::cases());
        })*
    };
}

classes! {
    withstands_false_heads: head;
    withstands_truncation: truncation;
    withstands_lengths_that_lie: lengths;
    withstands_broken_sequences: sequences;
    withstands_false_elements: elements;
    withstands_character_sets: charsets;
    finds_identities_in_odd_places: residue;
    finds_identities_in_pixel_data: pixels;
    withstands_bombs: bombs;
    withstands_hostile_names: names;
    withstands_what_is_no_dicom: not_dicom;
    withstands_archives: archives;
}

/// Those that are no mere damage, by the profiles that keep more: nobody is named all the same.
#[test]
fn other_profiles_name_nobody_either() {
    let mut cases = all();
    cases.retain(|case| case.expect == Expect::Clean);
    for profile in ["share", "research"] {
        let bad = judge(&cases, &dcmscrub(profile), |canary| {
            canary.kind == Kind::Person
        });
        assert!(bad.is_empty(), "{profile}: {bad:#?}");
    }
}

#[test]
fn there_are_many_cases_and_no_two_share_a_name() {
    let cases = all();
    let names: BTreeSet<_> = cases.iter().map(|case| (case.class, &case.name)).collect();
    assert_eq!(names.len(), cases.len());
    println!("{} cases", cases.len());
    assert!(cases.len() >= 250);
    let canaries = cases.iter().flat_map(|case| &case.canaries);
    let tokens: BTreeSet<_> = canaries.map(|canary| &canary.token).collect();
    let planted: usize = cases.iter().map(|case| case.canaries.len()).sum();
    assert_eq!(tokens.len(), planted, "no two places share a canary");
}

/// The judge is worth something only if it finds a tool guilty that hands out what it was given.
#[cfg(unix)]
#[test]
fn a_tool_that_copies_its_input_is_found_out() {
    let copy = |input: &Path, out: &Path| {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("mkdir -p \"$1/clean\" && cp -r \"$0\" \"$1/clean/\"");
        command.arg(input).arg(out);
        command
    };
    let mut cases = all();
    cases.retain(|case| !case.canaries.is_empty() && case.class != "bombs");
    let bad = judge(&cases, &copy, |_| true);
    let leaks = bad
        .iter()
        .filter(|(_, faults)| faults.iter().any(|fault| fault.starts_with("leak")));
    let found = leaks.count();
    assert!(found * 10 >= cases.len() * 9, "{found} of {}", cases.len());
}
