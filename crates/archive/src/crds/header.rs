//! The header of an exposure, as rules are asked with it.

use crate::{Error, Result};
use firstlight_fits::{FitsFile, Header, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Keywords and values of all headers of a file as one: of a keyword in several, the first stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DatasetHeader {
    path: Option<PathBuf>,
    values: HashMap<String, String>,
}

/// Where the instrument is told, in the order they are looked at.
const INSTRUMENT: [&str; 2] = ["INSTRUME", "INSTRUMENT"];

impl DatasetHeader {
    /// Of keywords and their values as text. Keywords are taken in upper case; the first of equal ones stands.
    pub fn from_pairs<K: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut values = HashMap::new();
        for (keyword, value) in pairs {
            values
                .entry(keyword.as_ref().to_uppercase())
                .or_insert_with(|| value.into());
        }
        Self { path: None, values }
    }

    /// All headers of a file. Comments and history are left out, and cards whose value cannot be read.
    pub fn from_file(file: &FitsFile) -> Self {
        Self::collect(
            file.path(),
            file.hdus().iter().map(firstlight_fits::Hdu::header),
            |_| true,
        )
    }

    /// As [`DatasetHeader::from_file`], only of keywords for which `wanted` holds.
    pub fn from_file_with(file: &FitsFile, wanted: impl Fn(&str) -> bool) -> Self {
        Self::collect(
            file.path(),
            file.hdus().iter().map(firstlight_fits::Hdu::header),
            wanted,
        )
    }

    fn collect<'a>(
        path: &Path,
        headers: impl Iterator<Item = &'a Header>,
        wanted: impl Fn(&str) -> bool,
    ) -> Self {
        let mut values: HashMap<String, String> = HashMap::new();
        for header in headers {
            for (index, card) in header.cards().iter().enumerate() {
                let keyword = card.keyword();
                if keyword.is_empty()
                    || card.is_commentary()
                    || values.contains_key(keyword)
                    || !wanted(keyword)
                {
                    continue;
                }
                if let Ok(Some(value)) = header.value_at(index) {
                    values.insert(keyword.to_uppercase(), text(&value));
                }
            }
        }
        Self {
            path: Some(path.to_owned()),
            values,
        }
    }

    /// The value of a keyword (in upper case), as it stands in the header.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.values.get(keyword).map(String::as_str)
    }

    /// The instrument, in upper case.
    ///
    /// # Errors
    /// [`Error::NoInstrument`].
    pub fn instrument(&self) -> Result<String> {
        let named = INSTRUMENT
            .iter()
            .filter_map(|keyword| self.get(keyword))
            .map(str::trim);
        let mut named = named.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("UNDEFINED"));
        named
            .next()
            .map(str::to_uppercase)
            .ok_or_else(|| Error::NoInstrument {
                file: self.path.clone(),
            })
    }
}

/// A value as text. An undefined one becomes a text that no rule asks for.
fn text(value: &Value) -> String {
    match value {
        Value::Logical(true) => "True".to_owned(),
        Value::Logical(false) => "False".to_owned(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => format!("{value:?}"),
        Value::Complex(re, im) => format!("({re}+{im}j)"),
        Value::Text(text) => text.clone(),
        Value::Undefined => "<no value>".to_owned(),
    }
}
