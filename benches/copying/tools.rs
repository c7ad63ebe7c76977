//! The commands that are compared.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::floor;

/// One way to make a copy of a folder, or to look at it.
#[derive(Clone)]
pub struct Tool {
    pub name: String,
    /// `{in}` and `{out}` stand for the folders.
    pub words: Vec<OsString>,
    /// Codes that are no failure.
    pub codes: Vec<i32>,
    pub of: Of,
}

/// What a tool is to the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Yardstick,
    /// What no run can be cheaper than.
    Floor,
    Ours,
    Peer,
    /// A peer that takes so long that it is given the folder of one patient.
    SlowPeer,
}

impl Tool {
    fn new(name: &str, of: Of, words: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            words: words.iter().map(OsString::from).collect(),
            codes: vec![0],
            of,
        }
    }

    /// The command with its folders.
    pub fn command(&self, input: &Path, out: &Path) -> Vec<OsString> {
        let word = |word: &OsString| match word.to_str() {
            Some("{in}") => input.into(),
            Some("{out}") => out.into(),
            // what a copy is made into does not exist yet
            Some("{out}/copy") => out.join("copy").into(),
            Some(_) | None => word.clone(),
        };
        self.words.iter().map(word).collect()
    }
}

/// `cp -r`; with `syncs`, until it is on the disk, as dcmscrub's own end of a run is.
pub fn copy(syncs: bool) -> Tool {
    let words: &[&str] = if syncs {
        &[
            "sh",
            "-c",
            r#"cp -r "$0" "$1" && sync -f "$1""#,
            "{in}",
            "{out}/copy",
        ]
    } else {
        &["cp", "-r", "{in}", "{out}/copy"]
    };
    let name = if syncs { "cp -r, sync" } else { "cp -r" };
    Tool::new(name, Of::Yardstick, words)
}

/// What files alone cost a program that does with them what dcmscrub does, with one thread.
pub fn floor() -> anyhow::Result<Tool> {
    let mut tool = Tool::new("files alone", Of::Floor, &[floor::WORD, "{in}", "{out}"]);
    tool.words.insert(0, std::env::current_exe()?.into());
    Ok(tool)
}

/// dcmscrub, with one binary and one key.
#[derive(Clone)]
pub struct Ours {
    pub binary: PathBuf,
    pub key: PathBuf,
}

impl Ours {
    pub fn new(binary: PathBuf, work: &Path) -> anyhow::Result<Self> {
        let key = work.join("key");
        if !key.exists() {
            let made = Command::new(&binary)
                .args(["key", "new"])
                .arg(&key)
                .output()?;
            anyhow::ensure!(
                made.status.success(),
                "no key: {}",
                String::from_utf8_lossy(&made.stderr)
            );
        }
        Ok(Self { binary, key })
    }

    pub fn clean(&self, name: &str, more: &[&str]) -> Tool {
        let mut tool = Tool::new(
            name,
            Of::Ours,
            &["clean", "{in}", "-o", "{out}", "-q", "--key-file"],
        );
        tool.words.insert(0, self.binary.clone().into());
        tool.words.push(self.key.clone().into());
        tool.words.extend(more.iter().map(OsString::from));
        tool
    }

    pub fn check(&self) -> Tool {
        let mut tool = Tool::new(
            "check",
            Of::Ours,
            &["check", "--no-config", "--no-ignore", "{in}"],
        );
        tool.words.insert(0, self.binary.clone().into());
        // it has something to find
        tool.codes = vec![1];
        tool
    }

    pub fn version(&self) -> Tool {
        let mut tool = Tool::new("--version", Of::Ours, &["--version"]);
        tool.words.insert(0, self.binary.clone().into());
        tool
    }
}

/// dcmanon has no program in the registry of Python packages, only the library: the shortest loop over it.
const DCMANON: &str = "
import os, sys
from dcmanon import Anonymizer
anonymizer, n = Anonymizer(), 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), 'rb') as source:
            done = anonymizer.anonymize(source)
        with open(os.path.join(sys.argv[2], '%d.dcm' % n), 'wb') as out:
            out.write(done)
        n += 1
";

/// dicom-anonymizer takes the files of one folder and does not look below it: its own function, for each folder.
const DICOM_ANONYMIZER: &str = "
import os, sys
from dicomanonymizer import anonymize_dicom_file
for folder, _, names in os.walk(sys.argv[1]):
    to = os.path.join(sys.argv[2], os.path.relpath(folder, sys.argv[1]))
    os.makedirs(to, exist_ok=True)
    for name in names:
        anonymize_dicom_file(os.path.join(folder, name), os.path.join(to, name))
";

/// The other tools that are there, with their versions. `folder` holds the programs of a Python environment.
pub fn peers(folder: Option<&Path>) -> Vec<(Tool, String)> {
    let python = folder.map_or_else(|| PathBuf::from("python3"), |folder| folder.join("python3"));
    let candidates = [
        ("dcmanon", Of::Peer, vec!["-c", DCMANON, "{in}", "{out}"]),
        (
            "dicom-anonymizer",
            Of::SlowPeer,
            vec!["-c", DICOM_ANONYMIZER, "{in}", "{out}"],
        ),
        (
            "dicognito",
            Of::SlowPeer,
            vec!["-m", "dicognito", "--quiet", "-o", "{out}", "{in}"],
        ),
    ];
    let found = candidates.into_iter().filter_map(|(name, of, words)| {
        let ask = format!("import importlib.metadata as m; print(m.version('{name}'))");
        let version = said(Command::new(&python).args(["-c", &ask]))?;
        let mut tool = Tool::new(name, of, &words);
        tool.words.insert(0, python.clone().into());
        Some((tool, version))
    });
    found.collect()
}

/// The first line that a command prints; nothing where there is no such command or it fails.
pub fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let line = text.lines().next()?.to_owned();
    output.status.success().then_some(line)
}

/// A path with a folder of one patient: the first one.
pub fn first_patient(set: &Path) -> anyhow::Result<PathBuf> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(set)? {
        folders.push(entry?.path());
    }
    folders.into_iter().min().context("an empty set")
}
