//! How long work tells of its progress, and is told to stop.

use std::ops::ControlFlow;

/// Receives the progress of a task. All methods may be called from several threads.
pub trait Progress: Sync {
    /// A piece of work begins: what it is, and of how many units it consists, where that is known.
    fn start(&self, _what: &str, _units: Option<u64>) {}
    /// So many more units are done.
    fn advance(&self, _units: u64) {}
    /// The piece of work has ended.
    fn finish(&self) {}
    /// Whether the work is to stop. Asked between steps, and often during long ones; the work then ends with an error, and
    /// what is not whole is not there.
    fn interrupted(&self) -> bool {
        false
    }
}

/// An error where the work is to stop.
pub(crate) fn go_on(progress: &dyn Progress) -> firstlight_calibrate::Result<()> {
    match progress.interrupted() {
        true => Err(firstlight_calibrate::Error::Interrupted),
        false => Ok(()),
    }
}

/// What the loops of long steps ask: whether to go on.
pub fn flow(progress: &dyn Progress) -> ControlFlow<()> {
    match progress.interrupted() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
