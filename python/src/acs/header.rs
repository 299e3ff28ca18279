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
}

/// Keywords with their values.
pub type Keywords = BTreeMap<String, Keyword>;

/// A header of these keywords.
pub fn header(keywords: Keywords) -> PyResult<Header> {
    let mut header = Header::new();
    for (keyword, value) in keywords {
        let value = match value {
            Keyword::Logical(value) => Value::Logical(value),
            Keyword::Integer(value) => Value::Integer(value),
            Keyword::Real(value) => Value::Real(value),
            Keyword::Text(value) => Value::Text(value),
        };
        header.set(&keyword, value, None).map_err(bad)?;
    }
    Ok(header)
}
