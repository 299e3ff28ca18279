//! How long work tells of its progress.

/// Receives the progress of a task. All methods may be called from several threads.
pub trait Progress: Sync {
    /// A piece of work begins: what it is, and of how many units it consists, where that is known.
    fn start(&self, _what: &str, _units: Option<u64>) {}
    /// So many more units are done.
    fn advance(&self, _units: u64) {}
    /// The piece of work has ended.
    fn finish(&self) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
