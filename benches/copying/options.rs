//! The arguments of the bench.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::study::Study;
use crate::tools::Ours;
use crate::turns::Set;
use crate::{full, gate, growth};

/// What cleaning costs beside copying.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// Folder for sets and outputs, on tmpfs
    #[arg(long)]
    pub work: Option<PathBuf>,
    /// Another one, on a disk
    #[arg(long)]
    pub disk: Option<PathBuf>,
    /// Folder of the programs of a Python environment that has dcmanon, dicom-anonymizer and dicognito
    #[arg(long)]
    pub peers: Option<PathBuf>,
    /// The program to measure, in place of the one that cargo has built for this bench
    #[arg(long)]
    pub tool: Option<PathBuf>,
    /// Turns after the first, which only warms
    #[arg(long, default_value_t = 3)]
    pub turns: u32,
    /// Small sets, CPU alone; fails when a ratio is worse than benches/reached.toml by more than its margin
    #[arg(long, conflicts_with_all = ["write", "growth"])]
    pub quick: bool,
    /// With --quick: writes benches/reached.toml
    #[arg(long, requires = "quick")]
    pub bless: bool,
    /// How cost grows with files, elements, depth, identifiers and cores
    #[arg(long)]
    pub growth: bool,
    /// With --growth: the most files, to try it with fewer
    #[arg(long, default_value_t = 100_000, conflicts_with = "write")]
    pub most: u32,
    /// Writes the page: docs/benchmarks.md, with --growth the part of docs/scale.md
    #[arg(long)]
    pub write: bool,
    /// cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

/// Does what the arguments ask for.
pub fn run() -> anyhow::Result<ExitCode> {
    let mut options = Options::parse();
    let Some(work) = options.work.take() else {
        println!("copying: nothing to do without --work DIR (--help says more)");
        return Ok(ExitCode::SUCCESS);
    };
    let place = Place::new(&work)?;
    let disk = options.disk.as_deref().map(Place::new).transpose()?;
    let built = PathBuf::from(env!("CARGO_BIN_EXE_dcmscrub"));
    let binary = options.tool.clone().unwrap_or(built).canonicalize()?;
    let ours = Ours::new(binary, &place.0)?;
    if options.quick {
        return gate::run(&options, &place, &ours);
    }
    if options.growth {
        growth::run(&options, &place, &ours)?;
    } else {
        full::run(&options, &place, disk.as_ref(), &ours)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The project's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of this run, which goes with it.
pub struct Place(pub PathBuf);

impl Place {
    fn new(parent: &Path) -> anyhow::Result<Self> {
        let folder = parent.join(format!("copying-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| parent.display().to_string())?;
        Ok(Self(folder.canonicalize()?))
    }

    /// Makes a set, hands it on, and removes it.
    pub fn with<T>(
        &self,
        study: &Study,
        work: impl FnOnce(&Set) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let folder = self.0.join("set");
        let bytes = study
            .write(&folder)
            .map_err(|e| anyhow::anyhow!("the set cannot be made: {e}"))?;
        let set = Set {
            folder: folder.clone(),
            files: study.files,
            bytes,
        };
        let done = work(&set);
        std::fs::remove_dir_all(&folder)?;
        done
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            eprintln!("a folder of this run is still there: {e}");
        }
    }
}
