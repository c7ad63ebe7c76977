//! A thousand million files, by the figures of one machine.

use serde::Serialize;

use super::Figures;
use crate::page::{digits, grouped};

const FILES: f64 = 1e9;
/// Files of one shard.
const SHARE: f64 = 1e6;
/// Cores of one machine, and bytes that its network brings or takes in a second (10 Gbit/s).
const CORES: f64 = 16.0;
const NETWORK: f64 = 1.25e9;
const MACHINES: [f64; 3] = [1.0, 10.0, 100.0];
/// Names in one answer of an object store, and the seconds that it takes: assumed, not measured.
const NAMES: f64 = 1000.0;
const ANSWER: f64 = 0.1;
const HOUR: f64 = 3600.0;

/// What the text says.
#[derive(Serialize)]
pub struct Paper {
    kinds: Vec<Kind>,
    cores: f64,
    shards: String,
    share: String,
    /// Hours of one core for all names in one shard, and in all of them.
    walk_hours: String,
    walk_all_hours: String,
    list_hours: String,
    listing_hours: String,
    merge_hours: String,
    merge_share: String,
    journal: String,
    journal_share: String,
}

/// One kind of file.
#[derive(Serialize)]
struct Kind {
    name: &'static str,
    kb: String,
    ms: String,
    cpu_hours: String,
    terabytes: String,
    share_hours: String,
    times: Vec<Time>,
}

/// With so many machines: hours of computing, of the network, and of the longer of both.
#[derive(Serialize)]
struct Time {
    machines: String,
    computing: String,
    network: String,
    hours: String,
}

impl Paper {
    /// From CPU seconds and bytes of one file of each kind.
    pub fn new(ct: (f64, f64), small: (f64, f64), figures: &Figures) -> Self {
        let shards = FILES / SHARE;
        Self {
            kinds: vec![kind("CT", ct), kind("small", small)],
            cores: CORES,
            shards: grouped(shards),
            share: grouped(SHARE),
            walk_hours: digits(FILES * figures.walk / HOUR),
            walk_all_hours: digits(FILES * figures.walk * shards / HOUR),
            list_hours: digits(FILES * figures.list / HOUR),
            listing_hours: digits(FILES / NAMES * ANSWER / HOUR),
            merge_hours: digits(FILES * figures.merge / HOUR),
            merge_share: digits(SHARE * figures.merge),
            journal: digits(FILES * figures.line / 1e9),
            journal_share: digits(SHARE * figures.line / 1e6),
        }
    }
}

fn kind(name: &'static str, (cpu, bytes): (f64, f64)) -> Kind {
    let hours = FILES * cpu / HOUR;
    let time = |machines: f64| {
        let computing = hours / (machines * CORES);
        // in and out share no cable
        let network = FILES * bytes / (machines * NETWORK) / HOUR;
        Time {
            machines: grouped(machines),
            computing: digits(computing),
            network: digits(network),
            hours: digits(computing.max(network)),
        }
    };
    Kind {
        name,
        kb: digits(bytes / 1e3),
        ms: digits(cpu * 1e3),
        cpu_hours: digits(hours),
        terabytes: digits(FILES * bytes / 1e12),
        share_hours: digits(SHARE * cpu / HOUR),
        times: MACHINES.into_iter().map(time).collect(),
    }
}
