//! Which files of the cache had which SHA-1, and when: so that it is not computed each time.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::Cache;

/// The file beside the configuration; the official client passes over it.
const FILE: &str = "firstlight_verified.json";

/// What was found, by path.
#[derive(Debug, Default)]
pub(super) struct Verified {
    files: BTreeMap<String, Seen>,
    new: bool,
}

/// A file as it was when its checksum was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    size: u64,
    /// Nanoseconds since 1970.
    modified: String,
    sha1: String,
}

impl Seen {
    fn of(path: &Path, sha1: &str) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            size: metadata.len(),
            modified: modified.as_nanos().to_string(),
            sha1: sha1.to_ascii_lowercase(),
        })
    }
}

impl Verified {
    /// What was kept; nothing, where that cannot be read.
    pub(super) fn read(cache: &Cache) -> Self {
        let text = std::fs::read(cache.config().join(FILE)).unwrap_or_default();
        Self {
            files: serde_json::from_slice(&text).unwrap_or_default(),
            new: false,
        }
    }

    /// Whether a file had this checksum, and has not changed since.
    pub(super) fn has(&self, path: &Path, sha1: &str) -> bool {
        let seen = self.files.get(&*path.to_string_lossy());
        seen.is_some() && seen == Seen::of(path, sha1).as_ref()
    }

    pub(super) fn note(&mut self, path: &Path, sha1: &str) {
        if let Some(seen) = Seen::of(path, sha1) {
            self.new |= self
                .files
                .insert(path.to_string_lossy().into_owned(), seen.clone())
                != Some(seen);
        }
    }

    /// Keeps it, with what other processes found meanwhile. Where that is not possible, it is computed again the
    /// next time.
    pub(super) fn keep(self, cache: &Cache) {
        if !self.new || cache.is_read_only() {
            return;
        }
        let mut files = Self::read(cache).files;
        files.extend(self.files);
        if let Ok(text) = serde_json::to_vec_pretty(&files) {
            let _ = super::write_whole(&cache.config().join(FILE), &text);
        }
    }
}
