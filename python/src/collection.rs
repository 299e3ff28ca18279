//! The headers of many files at once.

use crate::files::value_to_python;
use crate::threads::work;
use firstlight::fits::{Header, read_header};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rayon::prelude::*;
use std::path::PathBuf;

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_headers, module)?)
}

/// For each file the cards of an HDU as `(keyword, value)`, or the text of what is wrong with it.
#[pyfunction]
fn read_headers<'py>(py: Python<'py>, paths: Vec<PathBuf>, ext: &str) -> PyResult<Bound<'py, PyList>> {
    let headers: Vec<Result<Header, String>> = work(py, || {
        let read = |path: &PathBuf| read_header(path, ext).map_err(|error| error.to_string());
        paths.par_iter().map(read).collect()
    });
    let all = PyList::empty(py);
    for header in headers {
        match header {
            Err(error) => all.append(error)?,
            Ok(header) => {
                let cards = PyList::empty(py);
                for card in header.cards() {
                    cards.append((card.keyword(), value_to_python(py, card)?))?;
                }
                all.append(cards)?;
            }
        }
    }
    Ok(all)
}
