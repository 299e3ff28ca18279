//! Best references of files and of headers.

use crate::errors::to_python as exception;
use crate::threads::work_until_interrupted;
use firstlight::bestrefs::{
    BestrefsOptions, DatasetHeader, Outcome, Rules, RulesSource, bestrefs as of_files,
};
use firstlight::input;
use firstlight::progress::Silent;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Adds the functions of this area to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(bestrefs, module)?)?;
    module.add_class::<BestReferenceRules>()
}

fn options(json: &str) -> PyResult<BestrefsOptions> {
    serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The report on files, as JSON.
#[pyfunction]
fn bestrefs(py: Python<'_>, files: Vec<String>, options_json: &str) -> PyResult<String> {
    let options = options(options_json)?;
    let report = work_until_interrupted(py, |interruption| {
        of_files(&input::expand(&files)?, &options, &Silent, interruption)
    })?;
    serde_json::to_string(&report.map_err(exception)?)
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The rules of a context, in memory.
#[pyclass(frozen, module = "firstlight._native")]
struct BestReferenceRules {
    rules: Rules,
    context_origin: String,
    cache_origin: String,
}

#[pymethods]
impl BestReferenceRules {
    #[new]
    fn new(py: Python<'_>, options_json: &str, instruments: Option<Vec<String>>) -> PyResult<Self> {
        let options = options(options_json)?;
        let loaded = work_until_interrupted(py, |interruption| {
            let source = RulesSource::open(&options)?;
            let rules = source.rules(instruments.as_deref(), interruption)?;
            Ok(Self {
                rules,
                context_origin: source.context_origin().to_owned(),
                cache_origin: source.cache_origin().to_owned(),
            })
        })?;
        loaded.map_err(exception)
    }

    #[getter]
    fn context(&self) -> &str {
        self.rules.context()
    }

    #[getter]
    fn context_origin(&self) -> &str {
        &self.context_origin
    }

    #[getter]
    fn cache_origin(&self) -> &str {
        &self.cache_origin
    }

    fn instruments(&self) -> Vec<&str> {
        self.rules.instruments().collect()
    }

    fn types(&self, instrument: &str) -> Vec<&str> {
        self.rules.types(instrument)
    }

    fn keywords(&self, instrument: &str) -> Vec<&str> {
        self.rules.keywords(instrument)
    }

    /// Of each type: files, and how the rules answer: `file`, `files`, `n/a`, `no match`, or the reason.
    fn ask(
        &self,
        header: Vec<(String, String)>,
        types: Option<Vec<String>>,
    ) -> PyResult<Vec<(String, Vec<String>, String)>> {
        let header = DatasetHeader::from_pairs(header);
        let types: Option<Vec<&str>> = types
            .as_ref()
            .map(|types| types.iter().map(String::as_str).collect());
        let found = self.rules.best_references(&header, types.as_deref());
        let found = found.map_err(|error| exception(error.into()))?;
        Ok(found
            .into_iter()
            .map(|(kind, outcome)| {
                let (files, answer) = match outcome {
                    Outcome::File(name) => (vec![name], "file".to_owned()),
                    Outcome::Files(names) => (names, "files".to_owned()),
                    Outcome::NotApplicable => (Vec::new(), "n/a".to_owned()),
                    Outcome::NotFound(reason) => (Vec::new(), reason.to_string()),
                };
                (kind, files, answer)
            })
            .collect())
    }
}
