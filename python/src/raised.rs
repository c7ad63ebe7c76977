//! Errors of the library as exceptions of `_types.py`. Their texts are those of the command, and hold no value.

use dcmscrub::identity::key::KeyError;
use dcmscrub::plan::Refusal;
use dcmscrub::profile::ProfileErrors;
use dcmscrub::run::deidentifier::CleanError;
use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// A class of `_types.py`.
pub fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("dcmscrub._types")?.getattr(name)
}

/// An instance of an exception; where it cannot be made, what was raised then.
fn raise<'py>(py: Python<'py>, name: &str, args: impl PyCallArgs<'py>) -> PyErr {
    match class(py, name).and_then(|class| class.call1(args)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(e) => e,
    }
}

pub fn bug(py: Python<'_>) -> PyErr {
    raise(py, "Bug", ("a bug of dcmscrub; no value is shown",))
}

pub fn profile(py: Python<'_>, errors: &ProfileErrors) -> PyErr {
    let messages: Vec<String> = errors.0.iter().map(ToString::to_string).collect();
    raise(py, "ProfileError", (messages,))
}

/// Anything that has no class of its own.
pub fn error(py: Python<'_>, e: &dyn std::error::Error) -> PyErr {
    raise(py, "DcmscrubError", (e.to_string(),))
}

pub fn no_dicom(py: Python<'_>) -> PyErr {
    raise(py, "NotDicom", ("there is no DICOM file here",))
}

pub fn not_checked(
    py: Python<'_>,
    findings: Bound<'_, PyList>,
    failures: Bound<'_, PyList>,
) -> PyErr {
    raise(py, "NotChecked", (findings, failures))
}

pub fn no_name(py: Python<'_>) -> PyErr {
    let message = "the name of the profile is no UTF-8".to_owned();
    raise(py, "ProfileError", (vec![message],))
}

pub fn key(py: Python<'_>, e: &KeyError) -> PyErr {
    raise(py, "KeyRefused", (format!("{e}; {}", e.hint()),))
}

pub fn key_required(py: Python<'_>, profile: &str) -> PyErr {
    raise(
        py,
        "KeyRefused",
        (format!("profile {profile} asks for a key file"),),
    )
}

pub fn refusal(py: Python<'_>, e: &Refusal) -> PyErr {
    if e.is_not_dicom() {
        raise(py, "NotDicom", (e.to_string(),))
    } else {
        raise(py, "Refused", (e.to_string(), e.code()))
    }
}

pub fn clean(py: Python<'_>, e: &CleanError) -> PyErr {
    match e {
        CleanError::Refused(e) => refusal(py, e),
        CleanError::Held(reasons) => {
            let reason = |class: &Bound<'_, PyAny>| {
                let all = reasons
                    .iter()
                    .map(|why| class.call1((&why.code, &why.reason)));
                all.map(|why| why.map(Bound::unbind))
                    .collect::<PyResult<Vec<_>>>()
            };
            match class(py, "Reason").and_then(|class| reason(&class)) {
                Ok(reasons) => raise(py, "Held", (reasons,)),
                Err(e) => e,
            }
        }
        other => raise(py, "Refused", (other.to_string(), other.code())),
    }
}
