//! Headers: keywords of many files, whole headers, keywords set in place.

mod change;

pub use crate::output::refuse_read_only;
pub use change::{Change, ChangeReport, Changed, ValueType, change, parse_value};

use crate::fits::{Card, FitsFile, Hdu, HduSelector, Value};
use crate::frame::table::{Column, Table};
use crate::input::{Failure, sort_out};
use crate::log::{Keyword, Scan, scan, selectors};
use crate::{Progress, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Keywords of files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeywordReport {
    /// One row a file, in the order given: `file`, then the keywords; null where a file has none.
    #[serde(serialize_with = "crate::frame::table::serialize")]
    pub table: Table,
    /// Files that could not be read.
    pub failed: Vec<Failure>,
}

/// Looks keywords up in files: in the HDUs that `extensions` names, or else in all; the first one found
/// counts. `sci.KEY` and `KEY@1` are those of one HDU.
///
/// # Errors
/// What is wrong with the file, where there is but one.
pub fn get(
    files: &[PathBuf],
    keywords: &[String],
    extensions: &[String],
    progress: &dyn Progress,
) -> Result<KeywordReport> {
    let parsed: Vec<Keyword> = keywords.iter().map(|text| Keyword::parse(text)).collect();
    let Scan {
        files,
        columns,
        failed,
    } = scan(files, &parsed, &selectors(extensions), progress)?;
    let mut table = Table::new();
    table.push(Column::text(
        "file",
        files.iter().map(|file| file.to_string_lossy().into_owned()),
    ))?;
    for (name, column) in keywords.iter().zip(columns) {
        if table.find(name).is_none() {
            table.push(column.renamed(name))?;
        }
    }
    Ok(KeywordReport { table, failed })
}

/// Headers of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileHeaders {
    /// The file.
    pub file: PathBuf,
    /// One for each HDU that was asked for.
    pub headers: Vec<HduHeader>,
}

/// The header of one HDU.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HduHeader {
    /// 0-based position.
    pub index: usize,
    /// EXTNAME; `PRIMARY` for a first HDU without one.
    pub name: String,
    /// EXTVER.
    pub version: i64,
    /// All cards in order.
    pub cards: Vec<CardReport>,
}

/// One card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardReport {
    /// The keyword; empty for blank cards.
    pub keyword: String,
    /// The value; the text of commentary; null where there is none, or it cannot be read.
    pub value: serde_json::Value,
    /// The comment, empty where there is none.
    pub comment: String,
    /// The card as it stands in the file, 80 characters a record.
    #[serde(skip)]
    pub raw: String,
}

impl CardReport {
    /// What there is to tell of a card.
    pub fn new(card: &Card) -> Self {
        let value = match card.value() {
            Ok(Some(value)) => to_json(&value),
            Ok(None) => card.commentary_text().into(),
            Err(_) => serde_json::Value::Null,
        };
        Self {
            keyword: card.keyword().to_owned(),
            value,
            comment: card.comment().unwrap_or_default(),
            raw: String::from_utf8_lossy(card.raw()).into_owned(),
        }
    }
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Logical(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Real(value) => (*value).into(),
        Value::Complex(re, im) => vec![*re, *im].into(),
        Value::Text(text) => text.clone().into(),
        Value::Undefined => serde_json::Value::Null,
    }
}

/// What was found of all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeaderReport {
    /// Those that could be read, in the order given.
    pub files: Vec<FileHeaders>,
    /// Those that could not.
    pub failed: Vec<Failure>,
}

/// Reads whole headers: those that `extensions` names, or else all.
///
/// # Errors
/// What is wrong with the file, where there is but one.
pub fn show(files: &[PathBuf], extensions: &[String]) -> Result<HeaderReport> {
    let wanted = selectors(extensions);
    let results = files
        .iter()
        .map(|file| (file.clone(), show_one(file, &wanted)))
        .collect();
    let (files, failed) = sort_out(results)?;
    Ok(HeaderReport { files, failed })
}

fn show_one(path: &Path, wanted: &[HduSelector]) -> Result<FileHeaders> {
    let file = FitsFile::open(path)?;
    let hdus: Vec<&Hdu> = if wanted.is_empty() {
        file.hdus().iter().collect()
    } else {
        wanted
            .iter()
            .map(|selector| file.hdu(selector))
            .collect::<Result<_, _>>()?
    };
    let headers = hdus.into_iter().map(|hdu| HduHeader {
        index: hdu.index(),
        name: hdu.name().to_owned(),
        version: hdu.version(),
        cards: hdu.header().cards().iter().map(CardReport::new).collect(),
    });
    Ok(FileHeaders {
        file: path.to_owned(),
        headers: headers.collect(),
    })
}

impl HduHeader {
    /// The cards as they stand in the file, one record a line, END included.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for card in &self.cards {
            let characters: Vec<char> = card.raw.chars().collect();
            for record in characters.chunks(80) {
                text.push_str(record.iter().collect::<String>().trim_end());
                text.push('\n');
            }
        }
        text.push_str("END\n");
        text
    }
}
