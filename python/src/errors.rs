//! Errors as Python exceptions.

use firstlight::{Error, ErrorClass, fits};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyFileNotFoundError, PyKeyError, PyOSError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    firstlight,
    FirstlightError,
    PyException,
    "Any error of this package."
);
create_exception!(
    firstlight,
    InputError,
    FirstlightError,
    "A file's content cannot be used."
);
create_exception!(
    firstlight,
    UnsupportedError,
    FirstlightError,
    "Correct, but not supported."
);

/// Adds the exception classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("FirstlightError", py.get_type::<FirstlightError>())?;
    module.add("InputError", py.get_type::<InputError>())?;
    module.add("UnsupportedError", py.get_type::<UnsupportedError>())
}

/// The Python exception for an error: what Python users expect of each class.
pub fn to_python(error: Error) -> PyErr {
    let message = error.to_string();
    // What is looked up in a file by its name.
    let looked_up = match &error {
        Error::Fits(error) => matches!(
            error.situation(),
            fits::Error::NoSuchHdu { .. } | fits::Error::NoSuchColumn { .. }
        ),
        Error::MissingKeyword { .. } => true,
        _ => false,
    };
    if looked_up {
        return PyKeyError::new_err(message);
    }
    match error.class() {
        ErrorClass::Usage => PyValueError::new_err(message),
        ErrorClass::Input => InputError::new_err(message),
        ErrorClass::Missing => PyFileNotFoundError::new_err(message),
        ErrorClass::Environment => PyOSError::new_err(message),
        ErrorClass::Unsupported => UnsupportedError::new_err(message),
    }
}
