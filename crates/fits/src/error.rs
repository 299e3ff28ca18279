//! What can be wrong with a FITS file, or with a request made of one.

use std::path::PathBuf;

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
    /// A header card does not follow the standard and cannot be read as meant.
    #[error("card {index} ({keyword}) cannot be read: {reason}")]
    BadCard {
        /// 0-based position of the card in its header.
        index: usize,
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
    /// A keyword, value or comment that FITS has no way to write.
    #[error("{keyword} cannot be written as a FITS card: {reason}")]
    Unwritable {
        /// The keyword.
        keyword: String,
        /// Why not.
        reason: String,
    },
}
