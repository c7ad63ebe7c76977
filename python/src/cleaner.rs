//! `Cleaner`: one profile and one key.

use std::path::PathBuf;

use dcmscrub::Deidentifier;
use dcmscrub::dicom::Limits;
use dcmscrub::identity::key::{Key, KeyError};
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::Engine;
use dcmscrub::profile::{Overrides, load};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::{apart, raised};

/// Cleans files in memory, by one profile and one key. May be used by several threads at once.
#[pyclass(frozen, module = "dcmscrub")]
pub struct Cleaner {
    deidentifier: Deidentifier,
    profile: String,
}

/// Where the key is.
#[derive(FromPyObject)]
enum Given<'py> {
    /// The content of a key file.
    Content(Bound<'py, PyBytes>),
    /// The file.
    File(PathBuf),
}

impl Given<'_> {
    fn read(&self) -> Result<Key, KeyError> {
        match self {
            Self::File(path) => Key::read_file(path),
            Self::Content(bytes) => match std::str::from_utf8(bytes.as_bytes()) {
                Ok(text) => Key::parse(text),
                Err(_) => Err(KeyError::NotAKeyFile),
            },
        }
    }
}

#[pymethods]
impl Cleaner {
    /// `profile`: a built-in name or a .toml file. `key`: a key file, or what stands in one as bytes; without it a random
    /// key, forgotten with the Cleaner. `options`: of PS3.15, such as `retain-uids`. `project`: pseudonyms of two projects
    /// cannot be linked. `accept_held`: clean what a person should look at first, too.
    #[new]
    #[pyo3(signature = (profile = PathBuf::from("basic"), key = None, *, options = Vec::new(), project = "", accept_held = false))]
    fn new(
        py: Python<'_>,
        profile: PathBuf,
        key: Option<Given<'_>>,
        options: Vec<String>,
        project: &str,
        accept_held: bool,
    ) -> PyResult<Self> {
        let Ok(profile) = profile.into_os_string().into_string() else {
            return Err(raised::no_name(py));
        };
        let overrides = Overrides {
            options,
            ..Overrides::default()
        };
        let rules = load(&profile, &overrides).map_err(|e| raised::profile(py, &e))?;
        let key = match key {
            Some(given) => given.read().map_err(|e| raised::key(py, &e))?,
            None if rules.key_required() => return Err(raised::key_required(py, rules.name())),
            None => Key::random().map_err(|e| raised::key(py, &e))?,
        };
        let profile = rules.name().to_owned();
        let engine = Engine::new(rules, Pseudonyms::new(&key, project), Limits::default());
        Ok(Self {
            deidentifier: Deidentifier::new(engine, accept_held),
            profile,
        })
    }

    /// The cleaned file, whole and looked at.
    ///
    /// Raises `NotDicom`, `Refused` or `Held`.
    fn clean<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        match apart(py, || self.deidentifier.clean(data))? {
            Ok(out) => Ok(PyBytes::new(py, &out)),
            Err(e) => Err(raised::clean(py, &e)),
        }
    }

    /// Every decision about the file and the rule that asked for it; changes nothing.
    ///
    /// Raises `NotDicom` or `Refused`.
    fn plan<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyList>> {
        let steps = apart(py, || self.deidentifier.steps(data))?;
        let steps = steps.map_err(|e| raised::refusal(py, &e))?;
        let class = raised::class(py, "Step")?;
        let steps = steps.iter().map(|step| {
            let (rule, why) = (&step.rule, &step.why);
            class.call1((&step.path, step.keyword, step.vr, step.action, rule, why))
        });
        PyList::new(py, steps.collect::<PyResult<Vec<_>>>()?)
    }

    /// Name of the profile.
    #[getter]
    fn profile(&self) -> &str {
        &self.profile
    }

    fn __repr__(&self) -> String {
        format!("Cleaner(profile='{}')", self.profile.escape_default())
    }
}
