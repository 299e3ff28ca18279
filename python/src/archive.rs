//! The local archive: simulated, and served by threads of the module.

use crate::errors::to_python;
use crate::threads::work;
use firstlight::archive::{self, ServeOptions, Server};
use firstlight::progress::Silent;
use firstlight::simulate::{self, ArchiveOptions};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Serving>()?;
    module.add_function(wrap_pyfunction!(serve_archive, module)?)?;
    module.add_function(wrap_pyfunction!(simulate_archive, module)?)
}

fn json(report: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(report).map_err(of_json)
}

fn of_json(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A server, until it is stopped.
#[pyclass(frozen)]
struct Serving {
    server: Mutex<Option<Server>>,
    /// The process that the server's threads belong to.
    process: u32,
    #[pyo3(get)]
    report: String,
}

impl Serving {
    fn take(&self) -> Option<Server> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        if std::process::id() == self.process {
            return server;
        }
        // A forked process has none of the threads, and would wait for them for ever.
        std::mem::forget(server);
        None
    }
}

#[pymethods]
impl Serving {
    /// Stops; transfers that are under way have two seconds to end. A second time does nothing.
    fn stop(&self, py: Python<'_>) {
        if let Some(server) = self.take() {
            py.detach(|| server.stop());
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// Serves a folder.
#[pyfunction]
fn serve_archive(py: Python<'_>, folder: PathBuf, options_json: &str) -> PyResult<Serving> {
    let options: ServeOptions = serde_json::from_str(options_json).map_err(of_json)?;
    let (server, report) = work(py, || archive::serve(&folder, &options)).map_err(to_python)?;
    Ok(Serving {
        server: Mutex::new(Some(server)),
        process: std::process::id(),
        report: json(&report)?,
    })
}

/// Simulates an archive; its files, as JSON.
#[pyfunction]
fn simulate_archive(
    py: Python<'_>,
    folder: PathBuf,
    options_json: &str,
    overwrite: bool,
) -> PyResult<String> {
    let options: ArchiveOptions = serde_json::from_str(options_json).map_err(of_json)?;
    let report = work(py, || simulate::archive(&folder, &options, overwrite, &Silent));
    json(&report.map_err(to_python)?)
}
