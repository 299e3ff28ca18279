//! Why the archive, its rules or the way to it give no answer.

use std::path::PathBuf;

/// An error with the address, file or keyword it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, or a request made of one.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// A file of the cache or of the destination.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The network may not be used.
    #[error("{url} is needed, and the network may not be used (--offline); {way_out}")]
    Offline {
        /// What would have been asked for.
        url: String,
        /// What to do about it.
        way_out: String,
    },
    /// The server cannot be reached, or the connection broke more often than it is tried again.
    #[error("{url}: {reason} (after {attempts} attempts)")]
    Transport {
        /// What was asked for.
        url: String,
        /// What went wrong, the last time.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The server answers with an error.
    #[error("{url}: the server answers {status}{}", if message.is_empty() { String::new() } else { format!(": {message}") })]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server says about it.
        message: String,
    },
    /// The server's answer is not what the protocol promises.
    #[error("{url}: {reason}")]
    BadAnswer {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
}
