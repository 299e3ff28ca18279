//! Rules and reference files that are made to be here, whole and the right ones.
//!
//! Rules check themselves: each carries the SHA-1 of its text, and all are checked whenever they are read.
//! Reference files are checked for their size, and for FITS whose HDUs are all whole; their SHA-1 is computed
//! when they have just come, when `verify` asks for it, and once for files that are in the cache already: what
//! was found is kept beside the configuration, and counts as long as size and time of the file stay.

mod fetching;
mod references;
mod rules;

pub use references::references;
pub use rules::mappings;

use std::path::PathBuf;

use serde::Serialize;

/// How caches are brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncOptions {
    /// Compute the SHA-1 of every file, also of those that were checked before.
    pub verify: bool,
    /// Files that are fetched at a time.
    pub parallel: usize,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            verify: false,
            parallel: 4,
        }
    }
}

/// What became of each file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// The files, by name.
    pub files: Vec<SyncedFile>,
}

/// A file of the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncedFile {
    /// Its name.
    pub name: String,
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was there, and is what it should be.
    Present,
    /// It was fetched.
    Fetched {
        /// Its size.
        bytes: u64,
    },
    /// Another one was there, and was replaced.
    Replaced {
        /// What was wrong with it.
        was: String,
        /// The size of the new one.
        bytes: u64,
    },
    /// It is not there, or not what it should be, and could not be got.
    Failed {
        /// Why.
        reason: String,
    },
}

impl SyncReport {
    /// The files that are not there, with the reason.
    pub fn failed(&self) -> impl Iterator<Item = (&SyncedFile, &str)> {
        self.files.iter().filter_map(|file| match &file.outcome {
            Outcome::Failed { reason } => Some((file, reason.as_str())),
            _ => None,
        })
    }

    /// Bytes that were fetched.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .map(|file| match file.outcome {
                Outcome::Fetched { bytes } | Outcome::Replaced { bytes, .. } => bytes,
                _ => 0,
            })
            .sum()
    }
}

/// A file that is not there, or is the wrong one.
struct Wanted {
    name: String,
    path: PathBuf,
    /// What is wrong with the one that is there.
    was: Option<String>,
}
