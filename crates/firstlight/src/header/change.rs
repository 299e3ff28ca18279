//! Setting and deleting keywords in place.

use crate::fits::{Edit, HduSelector, Header, Value, edit};
use crate::input::{Failure, sort_out};
use crate::output::refuse_read_only;
use crate::{Error, Progress, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What type a new value is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ValueType {
    /// `T` or `F`.
    Bool,
    /// An integer.
    Int,
    /// A real number.
    Float,
    /// A text.
    String,
}

/// One change to a header.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Sets a keyword, in its place where it is there, else at the end. COMMENT and HISTORY get one more
    /// record. The comment stays unless another is given.
    Set {
        /// The keyword.
        keyword: String,
        /// The value as text.
        value: String,
        /// Its type; told from what is there and from the text where not given, see [`parse_value`].
        kind: Option<ValueType>,
        /// The comment.
        comment: Option<String>,
    },
    /// Takes a keyword's first card out.
    Delete {
        /// The keyword.
        keyword: String,
    },
}

/// What became of the files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeReport {
    /// Files that were gone through, in the order given.
    pub files: Vec<Changed>,
    /// Files that could not be changed; they are as they were.
    pub failed: Vec<Failure>,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// The file.
    pub file: PathBuf,
    /// Keywords that were set.
    pub set: Vec<String>,
    /// Keywords that were taken out.
    pub deleted: Vec<String>,
    /// Keywords that were to be taken out, but were not there.
    pub absent: Vec<String>,
}

/// Reads a value. Without a type it keeps that of the `old` value as far as the text allows: text stays
/// text, a real stays real. Else `T` and `F` are logical, and what reads as a number is one. Quotes around
/// a text are taken off, and make it text.
///
/// # Errors
/// [`Error::Usage`] where the text is not of the type.
pub fn parse_value(text: &str, kind: Option<ValueType>, old: Option<&Value>) -> Result<Value> {
    let logical = match text {
        "T" | "true" | "True" => Some(Value::Logical(true)),
        "F" | "false" | "False" => Some(Value::Logical(false)),
        _ => None,
    };
    let integer = || text.parse().ok().map(Value::Integer);
    let real = || {
        let value: Option<f64> = text.replace(['d', 'D'], "e").parse().ok();
        value.filter(|value| value.is_finite()).map(Value::Real)
    };
    let unquoted = ['\'', '"']
        .iter()
        .find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote));
    let as_text = || Some(Value::Text(unquoted.unwrap_or(text).to_owned()));
    let value = match (kind, old) {
        (Some(ValueType::Bool), _) => logical,
        (Some(ValueType::Int), _) => integer(),
        (Some(ValueType::Float), _) => real(),
        (Some(ValueType::String), _) => as_text(),
        (None, _) if unquoted.is_some() => as_text(),
        (None, Some(Value::Text(_))) => as_text(),
        (None, Some(Value::Real(_))) => real().or(logical).or_else(as_text),
        (None, _) => logical.or_else(integer).or_else(real).or_else(as_text),
    };
    value.ok_or_else(|| {
        Error::Usage(format!(
            "'{text}' is no {}",
            kind.map_or("value", ValueType::name)
        ))
    })
}

impl ValueType {
    fn name(self) -> &'static str {
        match self {
            ValueType::Bool => "T or F",
            ValueType::Int => "integer",
            ValueType::Float => "number",
            ValueType::String => "text",
        }
    }
}

impl Change {
    /// Reads `KEY=VALUE`.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no `=`, or nothing before it.
    pub fn parse(text: &str, kind: Option<ValueType>, comment: Option<&str>) -> Result<Self> {
        let (keyword, value) = text
            .split_once('=')
            .map(|(keyword, value)| (keyword.trim(), value.trim()))
            .filter(|(keyword, _)| !keyword.is_empty())
            .ok_or_else(|| Error::Usage(format!("'{text}' is not KEY=VALUE")))?;
        Ok(Self::Set {
            keyword: keyword.to_ascii_uppercase(),
            value: value.to_owned(),
            kind,
            comment: comment.map(str::to_owned),
        })
    }
}

/// Changes headers of files in place: every other byte stays as it is. `extension` is the primary HDU
/// unless given. Each file is replaced atomically, or left as it was. With `checksum`, the HDU gets a new
/// CHECKSUM and DATASUM.
///
/// # Errors
/// What is wrong with the file, where there is but one; a file that is read-only is refused too.
pub fn change(
    files: &[PathBuf],
    extension: Option<&str>,
    changes: &[Change],
    checksum: bool,
    progress: &dyn Progress,
) -> Result<ChangeReport> {
    let selector = extension.map_or(HduSelector::Index(0), HduSelector::from);
    progress.start("writing headers", Some(files.len() as u64));
    let mut results = Vec::with_capacity(files.len());
    for file in files {
        let mut done = Changed {
            file: file.clone(),
            set: Vec::new(),
            deleted: Vec::new(),
            absent: Vec::new(),
        };
        if let Err(error) = refuse_read_only(file, "a keyword that is set or deleted") {
            results.push((file.clone(), Err(error)));
            progress.advance(1);
            continue;
        }
        let mut wrong = None;
        let edited = edit(file, |edit| {
            if let Err(error) = apply(edit, &selector, changes, checksum, &mut done) {
                wrong = Some(error);
                // Whatever fails in here leaves the file alone; the error itself is given below.
                return Err(crate::fits::Error::NoEnd);
            }
            Ok(())
        });
        progress.advance(1);
        let result = match wrong {
            Some(error) => Err(error),
            None => edited.map(|()| done).map_err(Error::from),
        };
        results.push((file.clone(), result));
    }
    progress.finish();
    let (files, failed) = sort_out(results)?;
    Ok(ChangeReport { files, failed })
}

fn apply(
    edit: &mut Edit,
    selector: &HduSelector,
    changes: &[Change],
    checksum: bool,
    done: &mut Changed,
) -> Result<()> {
    let header = edit.header(selector)?;
    for change in changes {
        match change {
            Change::Set {
                keyword,
                value,
                kind,
                comment,
            } => {
                set(header, keyword, value, *kind, comment.as_deref())?;
                done.set.push(keyword.clone());
            }
            Change::Delete { keyword } => {
                let there = header.remove(keyword);
                if there {
                    &mut done.deleted
                } else {
                    &mut done.absent
                }
                .push(keyword.to_ascii_uppercase());
            }
        }
    }
    if checksum {
        edit.update_checksums(selector)?;
    }
    Ok(())
}

fn set(
    header: &mut Header,
    keyword: &str,
    value: &str,
    kind: Option<ValueType>,
    comment: Option<&str>,
) -> Result<()> {
    if matches!(keyword, "COMMENT" | "HISTORY") {
        return Ok(header.push_commentary(keyword, value)?);
    }
    let value = parse_value(value, kind, header.get(keyword).as_ref())?;
    Ok(header.set(keyword, value, comment)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_the_type_that_is_there() {
        let read = |text: &str, old: Option<Value>| parse_value(text, None, old.as_ref()).unwrap();
        assert_eq!(read("T", None), Value::Logical(true));
        assert_eq!(read("12", None), Value::Integer(12));
        assert_eq!(read("12.5", None), Value::Real(12.5));
        assert_eq!(read("1.5D-3", None), Value::Real(0.0015));
        assert_eq!(read("NGC 104", None), Value::Text("NGC 104".to_owned()));
        assert_eq!(read("'12'", None), Value::Text("12".to_owned()));
        assert_eq!(read("nan", None), Value::Text("nan".to_owned()));
        assert_eq!(
            read("12", Some(Value::Text(String::new()))),
            Value::Text("12".to_owned())
        );
        assert_eq!(read("12", Some(Value::Real(0.5))), Value::Real(12.0));
        assert_eq!(read("12", Some(Value::Logical(true))), Value::Integer(12));
    }

    #[test]
    fn types_can_be_demanded() {
        assert_eq!(
            parse_value("1", Some(ValueType::Float), None).unwrap(),
            Value::Real(1.0)
        );
        assert_eq!(
            parse_value("1", Some(ValueType::String), None).unwrap(),
            Value::Text("1".to_owned())
        );
        for (text, kind) in [
            ("1.5", ValueType::Int),
            ("x", ValueType::Float),
            ("1", ValueType::Bool),
        ] {
            assert!(matches!(
                parse_value(text, Some(kind), None),
                Err(Error::Usage(_))
            ));
        }
        assert!(Change::parse("=3", None, None).is_err());
        assert!(Change::parse("KEY", None, None).is_err());
    }
}
