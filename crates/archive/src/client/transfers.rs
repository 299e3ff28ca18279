//! How transfers tell of their progress.

/// Receives the progress of transfers. All methods may be called from several threads.
pub trait Transfers: Sync {
    /// So many files are to come, of so many bytes altogether, where that is known.
    fn planned(&self, _files: usize, _bytes: Option<u64>) {}
    /// A file begins, of `total` bytes where that is known, `present` of them here from an earlier attempt.
    fn started(&self, _file: &str, _total: Option<u64>, _present: u64) {}
    /// So many more bytes of a file are here.
    fn received(&self, _file: &str, _bytes: u64) {}
    /// A file's transfer starts again from nothing: what was received is dropped.
    fn restarted(&self, _file: &str) {}
    /// A file is whole, was there already, or failed.
    fn ended(&self, _file: &str) {}
    /// Whether to stop: asked before each file and between the pieces of one. What has arrived is kept.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Transfers for Silent {}
