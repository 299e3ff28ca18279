//! What rules answer.

use serde::{Serialize, Serializer};
use std::fmt;

/// What the rules say of one reference type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The best reference file, by its name alone.
    File(String),
    /// Several files, where the rules bracket a value or do not tell apart.
    Files(Vec<String>),
    /// The type does not apply to this exposure.
    NotApplicable,
    /// There is no answer.
    NotFound(Reason),
}

impl Outcome {
    /// The one file, where there is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Outcome::File(name) => Some(name),
            _ => None,
        }
    }
}

/// `N/A` and `NOT FOUND: …`, as a person reads it.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::File(name) => f.write_str(name),
            Outcome::Files(names) => f.write_str(&names.join(", ")),
            Outcome::NotApplicable => f.write_str("N/A"),
            Outcome::NotFound(reason) => write!(f, "NOT FOUND: {reason}"),
        }
    }
}

/// Why there is no reference file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Each value occurs in the rules, but not together with the others, or no file is for so early a date.
    NoMatch,
    /// The rules know the keyword, but not this value of it.
    Value {
        /// The keyword.
        keyword: String,
        /// Its value, in the form of rules.
        value: String,
        /// Values that the rules know.
        known: Vec<String>,
    },
    /// A keyword that must have a value has none.
    Undefined {
        /// The keyword.
        keyword: String,
    },
    /// No date, or none in a form that is known.
    Date {
        /// What stands in the header.
        found: String,
    },
    /// No file is for so early a date, or so low a value.
    Before {
        /// The date.
        found: String,
    },
    /// Rules of equal weight match that may not be merged.
    Ambiguous,
    /// The instrument has no such type.
    UnknownType {
        /// The type that was asked for.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoMatch => {
                f.write_str("no rule is for this combination of values, or for so early a date")
            }
            Reason::Value {
                keyword,
                value,
                known,
            } => {
                write!(f, "{keyword} is {value}, the rules know {}", few(known))
            }
            Reason::Undefined { keyword } => write!(f, "keyword {keyword} is missing or has no value"),
            Reason::Date { found } => write!(f, "'{found}' is no date and time"),
            Reason::Before { found } => write!(f, "no file is for times as early as {found}"),
            Reason::Ambiguous => f.write_str("several rules match equally well"),
            Reason::UnknownType { name, known } => {
                write!(
                    f,
                    "the instrument has no reference type '{name}', but {}",
                    known.join(", ")
                )
            }
            Reason::Other(text) => f.write_str(text),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The first of a list, and how many more there are.
fn few(values: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = values
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match values.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}
