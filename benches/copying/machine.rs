//! What the figures were measured on.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::options::root;
use crate::tools::said;

/// The machine, the system and the versions.
#[derive(Serialize)]
pub struct Machine {
    pub date: String,
    pub cores: usize,
    pub processor: String,
    pub memory: String,
    pub kernel: String,
    pub system: String,
    pub rustc: String,
    pub cp: String,
    pub commit: String,
    pub load: String,
}

impl Machine {
    pub fn this() -> Self {
        let unknown = || "unknown".to_owned();
        let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let field = |path: &str, name: &str| {
            let text = file(path);
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_matches([' ', '\t', ':', '=', '"']).to_owned())
        };
        let git = |args: &[&str]| said(Command::new("git").arg("-C").arg(root()).args(args));
        let changed = git(&[
            "status",
            "--porcelain",
            "--",
            "src",
            "profiles",
            "Cargo.lock",
        ])
        .is_some();
        let commit = git(&["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(unknown);
        let kb: u64 = field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.trim_end_matches(" kB").parse().ok())
            .unwrap_or(0);
        Self {
            date: jiff::ZonedDateTime::now().strftime("%Y-%m-%d").to_string(),
            cores: cores(),
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            memory: format!("{} GB", kb / 1_000_000),
            kernel: file("/proc/sys/kernel/osrelease").trim().to_owned(),
            system: field("/etc/os-release", "PRETTY_NAME").unwrap_or_else(unknown),
            rustc: said(Command::new("rustc").arg("--version")).unwrap_or_else(unknown),
            cp: said(Command::new("cp").arg("--version")).unwrap_or_else(unknown),
            commit: commit + if changed { ", with changes" } else { "" },
            load: file("/proc/loadavg")
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// Threads that can run at a time.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The kind of file system that a folder is on.
pub fn file_system(folder: &Path) -> String {
    let output = Command::new("df")
        .arg("--output=fstype")
        .arg(folder)
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let last = text.unwrap_or_default().lines().last().map(str::to_owned);
    last.unwrap_or_else(|| "unknown".to_owned())
}
