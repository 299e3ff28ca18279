//! What can be wrong with a FITS file, or with a request made of one.

use std::path::{Path, PathBuf};

/// An error with the file, HDU and keyword it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read, write or create a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted: "open", "read", "write", ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Something went wrong with one HDU of a file; `source` says what.
    #[error("{}[{hdu}]: {source}", path.display())]
    InHdu {
        /// The file.
        path: PathBuf,
        /// The HDU, as `0` or `SCI,1`.
        hdu: String,
        /// What went wrong in it.
        source: Box<Error>,
    },
    /// The file is not FITS at all.
    #[error("{} is not a FITS file: {reason}", path.display())]
    NotFits {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        reason: String,
    },
    /// The file has changed since it was opened.
    #[error("{} has changed since it was opened", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The output is there already, and replacing it was not asked for.
    #[error("{} is there already", path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// No HDU answers to the selector.
    #[error("{} has no HDU '{selector}'; it has {present}", path.display())]
    NoSuchHdu {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        selector: String,
        /// The HDUs that are there.
        present: String,
    },
    /// A header card does not follow the standard and cannot be read as meant.
    #[error("card {}({keyword}) cannot be read: {reason}", index.map(|i| format!("{i} ")).unwrap_or_default())]
    BadCard {
        /// 0-based position of the card in its header, where it was read from one.
        index: Option<usize>,
        /// The keyword, as far as it could be read.
        keyword: String,
        /// What is wrong.
        reason: String,
    },
    /// A header has no END card, or ends in the middle of one.
    #[error("the header has no END card: the file is truncated, or it is not FITS")]
    NoEnd,
    /// A keyword that is needed is not there.
    #[error("keyword {keyword} is missing")]
    MissingKeyword {
        /// The keyword.
        keyword: String,
    },
    /// A keyword is there, but its value is of another type.
    #[error("keyword {keyword} should hold {expected}, but holds {found}")]
    WrongType {
        /// The keyword.
        keyword: String,
        /// The type that was asked for.
        expected: &'static str,
        /// The value that is there, as text.
        found: String,
    },
    /// A keyword holds a value of the right type that makes no sense.
    #[error("keyword {keyword} is {found}, but should be {expected}")]
    BadValue {
        /// The keyword.
        keyword: String,
        /// What it may hold.
        expected: String,
        /// The value that is there, as text.
        found: String,
    },
    /// A keyword, value, comment, column or array that FITS has no way to write.
    #[error("{keyword} cannot be written to a FITS file: {reason}")]
    Unwritable {
        /// The keyword or column.
        keyword: String,
        /// Why not.
        reason: String,
    },
    /// The file ends before the data that its header announces.
    #[error("the file is truncated: the data unit takes {expected} bytes, but only {found} are there")]
    Truncated {
        /// Bytes that the header announces.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// The HDU is of another kind than the request needs.
    #[error("the HDU holds {found}, not {expected}")]
    WrongKind {
        /// What was asked for: "an image", "a table".
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// An image or section of another shape than the request needs.
    #[error("expected {expected}, but found {found}")]
    WrongShape {
        /// What the request needs.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A pixel or cell holds a value that the requested type cannot hold.
    #[error("sample {index} is {value}, which {requested} cannot hold")]
    OutOfRange {
        /// 0-based position of the sample, row after row.
        index: usize,
        /// The value.
        value: String,
        /// The type that was asked for.
        requested: &'static str,
    },
    /// A table has no such column.
    #[error("there is no column '{name}'; there are {present}")]
    NoSuchColumn {
        /// What was asked for.
        name: String,
        /// The columns that are there.
        present: String,
    },
    /// A column is of another type than the request needs.
    #[error("column '{name}' holds {found}, not {expected}")]
    WrongColumn {
        /// The column.
        name: String,
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Data that contradict their own header: tiles, heap descriptors, table cells.
    #[error("the data are damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
    /// Correct FITS that this crate does not read or write.
    #[error("{feature} is not supported")]
    Unsupported {
        /// What it is.
        feature: String,
    },
    /// The data would not fit in memory.
    #[error("{bytes} bytes are needed, more than there is memory for")]
    TooLarge {
        /// Bytes that are needed.
        bytes: u64,
    },
}

impl Error {
    /// What the system refused: to `action`, as in "create", `path`; for `map_err`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }

    pub(crate) fn not_fits(path: &Path, reason: impl Into<String>) -> Self {
        Error::NotFits {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    /// Adds file and HDU, unless they are named already.
    pub(crate) fn in_hdu(self, path: &Path, hdu: impl std::fmt::Display) -> Self {
        match self {
            Error::Io { .. }
            | Error::InHdu { .. }
            | Error::NotFits { .. }
            | Error::Changed { .. }
            | Error::Exists { .. }
            | Error::NoSuchHdu { .. } => self,
            other => Error::InHdu {
                path: path.to_owned(),
                hdu: hdu.to_string(),
                source: Box::new(other),
            },
        }
    }

    /// The situation itself, without the file and HDU around it.
    pub fn situation(&self) -> &Error {
        match self {
            Error::InHdu { source, .. } => source.situation(),
            other => other,
        }
    }
}
