//! Tables as files and as text.
//!
//! The project's one columnar type, [`Table`], lives in the FITS crate; here are the other formats it is
//! read from and written to, and how it is shown to people. Whatever is written here reads back to the
//! same values; ECSV, FITS and JSON keep types and units too.

mod columns;
mod display;
mod ecsv;
mod element;
mod fixed_width;
mod format;
mod json;
mod pretty;
mod separated;

pub use crate::fits::table::Cells;
pub use crate::fits::{Column, ColumnData, Table};
pub use element::text as cell_text;
pub use format::{TableFormat, check_output, parse, read, to_text, write};
pub use json::{AsJson, serialize};
pub use pretty::{Extent, pretty};

use std::path::PathBuf;

/// What is wrong with a table file, or with a table that is to become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The operating system refused to read or write the file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The text is no table of the format it was read as, or cannot be one.
    #[error("{}: {source}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TextError,
    },
    /// Neither the name nor the content tells the format.
    #[error("{}: the format cannot be told {from}; {}", path.display(), TableFormat::LIST)]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// From what it could not be told.
        from: &'static str,
    },
    /// The output is there already, and replacing it was not asked for.
    #[error("{} is there already", path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// A FITS table.
    #[error(transparent)]
    Fits(#[from] crate::fits::Error),
}

/// What is wrong with the text of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// There is nothing in it.
    #[error("there is no table in it: it is empty")]
    Empty,
    /// The file is something else altogether.
    #[error("there is no table in it: it is {found}")]
    NotATable {
        /// What it is.
        found: String,
    },
    /// A line does not fit the format.
    #[error("line {line}: {reason}")]
    Line {
        /// 1-based number of the line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The header that describes the columns cannot be read.
    #[error("the table's header cannot be read: {reason}")]
    Header {
        /// What is wrong with it.
        reason: String,
    },
    /// A cell is not of its column's type, or cannot be written in the format.
    #[error("column '{column}'{}: {reason}", row.map_or_else(String::new, |row| format!(", row {row}")))]
    Cell {
        /// The column.
        column: String,
        /// 0-based row, where it is about one.
        row: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// No such format.
    #[error("'{name}' is no format of tables; {}", TableFormat::LIST)]
    NoSuchFormat {
        /// What was asked for.
        name: String,
    },
}

/// A result whose error is a [`TextError`].
pub type TextResult<T> = Result<T, TextError>;
