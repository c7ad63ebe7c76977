//! `import dcmscrub`: the library's front for Python.
//!
//! Owns: arguments and errors as Python has them, and that other threads of Python run meanwhile. What comes back and what
//! is raised are classes of `package/dcmscrub/_types.py`. Decides nothing.

mod cleaner;
mod gate;
mod raised;

use pyo3::prelude::*;

/// The native half of the package.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::cleaner::Cleaner;
    #[pymodule_export]
    use super::gate::check;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // the message of a panic could hold a value; what is raised for it is `Bug`
        std::panic::set_hook(Box::new(|_| {}));
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Runs without the interpreter, so that other threads of Python go on meanwhile. A panic is raised as `Bug`.
fn apart<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let ended = py.detach(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)));
    ended.map_err(|_| raised::bug(py))
}
