//! MAST: observations, their products, and these as files.

use crate::errors::to_python as exception;
use crate::table::{from_python, to_python};
use firstlight::mast::{
    self, DownloadOptions, Fields, ProductOptions, QueryOptions, Selection, ServiceOptions, Transfers,
};
use firstlight::progress::Silent;
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Adds the functions of this area to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(mast_query, module)?)?;
    module.add_function(wrap_pyfunction!(mast_count, module)?)?;
    module.add_function(wrap_pyfunction!(mast_products, module)?)?;
    module.add_function(wrap_pyfunction!(mast_filter, module)?)?;
    module.add_function(wrap_pyfunction!(mast_unique, module)?)?;
    module.add_function(wrap_pyfunction!(mast_download, module)?)?;
    module.add_function(wrap_pyfunction!(mast_download_file, module)?)?;
    module.add_function(wrap_pyfunction!(mast_metadata, module)?)?;
    module.add_function(wrap_pyfunction!(mast_resolve, module)?)
}

fn options<T: DeserializeOwned>(json: &str) -> PyResult<T> {
    serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Waits for the network with the interpreter free for others. Not on the threads of the pool: signals are
/// heard on the calling thread alone.
fn wait<T: Send>(py: Python<'_>, task: impl FnOnce() -> firstlight::Result<T> + Send) -> PyResult<T> {
    py.detach(task).map_err(exception)
}

/// Observations, and the position that a name stood for, as JSON.
#[pyfunction]
fn mast_query<'py>(
    py: Python<'py>,
    query: &str,
    service: &str,
) -> PyResult<(Bound<'py, PyAny>, Option<String>)> {
    let (query, service): (QueryOptions, ServiceOptions) = (options(query)?, options(service)?);
    let report = wait(py, || mast::query(&query, &service))?;
    let resolved = report
        .resolved
        .map(|object| serde_json::to_string(&object).unwrap_or_default());
    Ok((to_python(py, report.table)?, resolved))
}

/// How many observations there are.
#[pyfunction]
fn mast_count(py: Python<'_>, query: &str, service: &str) -> PyResult<u64> {
    let (query, service): (QueryOptions, ServiceOptions) = (options(query)?, options(service)?);
    wait(py, || mast::count(&query, &service))
}

fn selection(items: Vec<String>, table: Option<&Bound<'_, PyAny>>) -> PyResult<Selection> {
    Ok(Selection {
        items,
        table: table.map(from_python).transpose()?,
        query: None,
    })
}

/// Products of observations, how many were left out as duplicates, and notes.
#[pyfunction]
#[pyo3(signature = (items, table, unique, service))]
fn mast_products<'py>(
    py: Python<'py>,
    items: Vec<String>,
    table: Option<&Bound<'py, PyAny>>,
    unique: bool,
    service: &str,
) -> PyResult<(Bound<'py, PyAny>, usize, Vec<String>)> {
    let selection = selection(items, table)?;
    let service: ServiceOptions = options(service)?;
    let all = ProductOptions::default();
    let report = wait(py, || {
        mast::products(&selection, &all, !unique, &service, &Silent)
    })?;
    Ok((to_python(py, report.table)?, report.duplicates, report.notes))
}

/// Those of the products that are wanted.
#[pyfunction]
fn mast_filter<'py>(py: Python<'py>, table: &Bound<'py, PyAny>, wanted: &str) -> PyResult<Bound<'py, PyAny>> {
    let wanted: ProductOptions = options(wanted)?;
    let kept = mast::filter(&from_python(table)?, &wanted).map_err(exception)?;
    to_python(py, kept)
}

/// Each product once, and how many were left out.
#[pyfunction]
fn mast_unique<'py>(py: Python<'py>, table: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, usize)> {
    let unique = mast::unique(&from_python(table)?).map_err(|error| exception(error.into()))?;
    Ok((to_python(py, unique.products)?, unique.duplicates))
}

/// The manifest of a download, and the rest of the report as JSON.
#[pyfunction]
#[pyo3(signature = (items, table, wanted, how, service, progress=None))]
#[expect(
    clippy::too_many_arguments,
    reason = "it is called by one Python function, which names them"
)]
fn mast_download<'py>(
    py: Python<'py>,
    items: Vec<String>,
    table: Option<&Bound<'py, PyAny>>,
    wanted: &str,
    how: &str,
    service: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, String)> {
    let selection = selection(items, table)?;
    let (wanted, how): (ProductOptions, DownloadOptions) = (options(wanted)?, options(how)?);
    let service: ServiceOptions = options(service)?;
    let told = Told::new(progress);
    let report = wait(py, || {
        mast::download(&selection, &wanted, &how, &service, &Silent, &told)
    })?;
    if let Some(error) = told.failed() {
        return Err(error);
    }
    let mut json = serde_json::to_value(&report).unwrap_or_default();
    if let Some(object) = json.as_object_mut() {
        object.remove("manifest");
    }
    Ok((to_python(py, report.manifest)?, json.to_string()))
}

/// Status, message and address of one file.
#[pyfunction]
#[pyo3(signature = (uri, target, how, service, progress=None))]
fn mast_download_file(
    py: Python<'_>,
    uri: &str,
    target: PathBuf,
    how: &str,
    service: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<(&'static str, String, String)> {
    let (how, service): (DownloadOptions, ServiceOptions) = (options(how)?, options(service)?);
    let told = Told::new(progress);
    let report = wait(py, || mast::download_file(uri, &target, &how, &service, &told))?;
    match told.failed() {
        Some(error) => Err(error),
        None => Ok((report.status.name(), report.message, report.url)),
    }
}

/// The columns that observations or products have.
#[pyfunction]
fn mast_metadata<'py>(py: Python<'py>, of: &str, service: &str) -> PyResult<Bound<'py, PyAny>> {
    let fields = match of.to_ascii_lowercase().as_str() {
        "observations" => Fields::Observations,
        "products" => Fields::Products,
        _ => {
            return Err(PyValueError::new_err(format!(
                "'{of}' has no columns; there are observations and products"
            )));
        }
    };
    let service: ServiceOptions = options(service)?;
    let table = wait(py, || mast::metadata(fields, &service))?;
    to_python(py, table)
}

/// The positions of an object as JSON, best first.
#[pyfunction]
#[pyo3(signature = (name, resolver, all, service))]
fn mast_resolve(
    py: Python<'_>,
    name: &str,
    resolver: Option<&str>,
    all: bool,
    service: &str,
) -> PyResult<String> {
    let service: ServiceOptions = options(service)?;
    let found = wait(py, || mast::resolve(name, resolver, all, &service))?;
    serde_json::to_string(&found).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Tells a Python function of transfers, and stops them on Ctrl-C or where the function fails.
struct Told {
    progress: Option<Py<PyAny>>,
    stopped: AtomicBool,
    error: Mutex<Option<PyErr>>,
}

impl Told {
    fn new(progress: Option<Py<PyAny>>) -> Self {
        Self {
            progress,
            stopped: AtomicBool::new(false),
            error: Mutex::new(None),
        }
    }

    fn tell(&self, event: &str, file: &str, bytes: u64, total: Option<u64>) {
        let Some(progress) = &self.progress else { return };
        Python::attach(|py| {
            if let Err(error) = progress.call1(py, (event, file, bytes, total)) {
                self.stop(error);
            }
        });
    }

    fn stop(&self, error: PyErr) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Ok(mut first) = self.error.lock() {
            first.get_or_insert(error);
        }
    }

    fn failed(&self) -> Option<PyErr> {
        let stopped = self.stopped.load(Ordering::Relaxed);
        let error = self.error.lock().ok().and_then(|mut error| error.take());
        error.or_else(|| stopped.then(|| PyKeyboardInterrupt::new_err("the download was stopped")))
    }
}

impl Transfers for Told {
    fn planned(&self, files: usize, bytes: Option<u64>) {
        self.tell("planned", "", files as u64, bytes);
    }

    fn started(&self, file: &str, total: Option<u64>, present: u64) {
        self.tell("started", file, present, total);
    }

    fn received(&self, file: &str, bytes: u64) {
        self.tell("received", file, bytes, None);
    }

    fn restarted(&self, file: &str) {
        self.tell("restarted", file, 0, None);
    }

    fn ended(&self, file: &str) {
        self.tell("ended", file, 0, None);
    }

    fn interrupted(&self) -> bool {
        if !self.stopped.load(Ordering::Relaxed) {
            Python::attach(|py| {
                if let Err(error) = py.check_signals() {
                    self.stop(error);
                }
            });
        }
        self.stopped.load(Ordering::Relaxed)
    }
}
