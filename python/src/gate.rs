//! `check`: the gate, as `dcmscrub check PATH` is.

use std::path::PathBuf;

use dcmscrub::check::Finding;
use dcmscrub::check::config::{Config, ConfigError};
use dcmscrub::check::forms::FileResult;
use dcmscrub::run::gate::{Gate, GateError, Inputs};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::{apart, raised};

/// Why nothing could be looked at.
enum Unlooked {
    Path(std::io::Error),
    Config(ConfigError),
    Gate(GateError),
}

/// One finding or failure, with the path of its file.
struct Told {
    files: Vec<FileResult>,
    looked_at: u64,
}

fn look(path: PathBuf, no_ignore: bool, config: Option<PathBuf>) -> Result<Told, Unlooked> {
    path.symlink_metadata().map_err(Unlooked::Path)?;
    let config = match config {
        Some(file) => Config::read(&file).map(Some),
        None => Config::find(&path),
    };
    let config = match config.map_err(Unlooked::Config)? {
        Some(config) => config,
        None => Config::none(std::env::current_dir().unwrap_or_default()),
    };
    let gate = Gate {
        all: no_ignore,
        config,
        baseline: None,
        workers: None,
    };
    let mut files = Vec::new();
    let totals = gate
        .run(Inputs::Paths(vec![path]), |result, _| {
            if result.failure.is_some() || !result.checked.findings.is_empty() {
                files.push(FileResult {
                    path: result.path.clone(),
                    checked: dcmscrub::check::Checked {
                        findings: result.checked.findings.clone(),
                        ..Default::default()
                    },
                    known: result.known,
                    failure: result.failure.clone(),
                });
            }
            Ok(())
        })
        .map_err(Unlooked::Gate)?;
    Ok(Told {
        files,
        looked_at: totals.files,
    })
}

/// What still identifies somebody in a file, a folder or an archive: an empty list where nothing was found in any DICOM file.
///
/// `no_ignore`: look at what .gitignore leaves out, too. `config`: a .dcmscrub.toml; without it the nearest one above the path.
///
/// Raises `NotChecked` where a file could not be looked at to its end, and `NotDicom` where there is no DICOM file at all.
#[pyfunction]
#[pyo3(signature = (path, *, no_ignore = false, config = None))]
pub fn check(
    py: Python<'_>,
    path: PathBuf,
    no_ignore: bool,
    config: Option<PathBuf>,
) -> PyResult<Bound<'_, PyList>> {
    let told = match apart(py, move || look(path, no_ignore, config))? {
        Ok(told) => told,
        Err(Unlooked::Path(e)) => return Err(e.into()),
        Err(Unlooked::Config(e)) => return Err(raised::error(py, &e)),
        Err(Unlooked::Gate(e)) => return Err(raised::error(py, &e)),
    };
    if told.looked_at == 0 {
        return Err(raised::no_dicom(py));
    }
    let finding = raised::class(py, "Finding")?;
    let failure = raised::class(py, "Failure")?;
    let (findings, failures) = (PyList::empty(py), PyList::empty(py));
    for file in &told.files {
        let path = file.path.as_os_str();
        for Finding { rule, place, count } in &file.checked.findings {
            let (at, keyword) = (place.to_string(), place.keyword());
            let args = (
                path,
                rule.code,
                rule.confidence.name(),
                at,
                keyword,
                rule.title,
                *count,
            );
            findings.append(finding.call1(args)?)?;
        }
        if let Some((code, message)) = &file.failure {
            failures.append(failure.call1((path, *code, message))?)?;
        }
    }
    if failures.is_empty() {
        Ok(findings)
    } else {
        Err(raised::not_checked(py, findings, failures))
    }
}
