//! Keywords that Python gives, as headers.

use super::arrays::bad;
use firstlight::fits::{Header, Value};
use pyo3::prelude::*;
use std::collections::BTreeMap;

/// A keyword's value.
#[derive(FromPyObject)]
pub enum Keyword {
    Logical(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    /// Commentary cards and values that are not known, as astropy has them.
    Other(Py<PyAny>),
}

/// Keywords with their values.
pub type Keywords = BTreeMap<String, Keyword>;

/// A header of these keywords; commentary is left out.
pub fn header(keywords: Keywords) -> PyResult<Header> {
    let mut header = Header::new();
    for (keyword, value) in keywords {
        if matches!(keyword.as_str(), "HISTORY" | "COMMENT" | "") {
            continue;
        }
        let value = match value {
            Keyword::Logical(value) => Value::Logical(value),
            Keyword::Integer(value) => Value::Integer(value),
            Keyword::Real(value) => Value::Real(value),
            Keyword::Text(value) => Value::Text(value),
            Keyword::Other(unknown) => {
                drop(unknown);
                continue;
            }
        };
        header.set(&keyword, value, None).map_err(bad)?;
    }
    Ok(header)
}
