//! How far a calibration is, told as one number however many frames are in work.

use crate::Progress;
use std::sync::atomic::{AtomicU64, Ordering};

/// Units that an exposure is worth in a stage that takes a fraction of a second.
pub(super) const STAGE: u64 = 20;
/// Units that the CTE correction of an exposure is worth.
pub(super) const CTE: u64 = 1000;

/// Tells of one long stage of one exposure, whose own units become a share of [`CTE`].
pub(super) struct Tally<'a> {
    progress: &'a dyn Progress,
    units: u64,
    done: AtomicU64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(progress: &'a dyn Progress, units: u64) -> Self {
        Self {
            progress,
            units: units.max(1),
            done: AtomicU64::new(0),
        }
    }

    pub(super) fn advance(&self, units: u64) {
        let before = self.done.fetch_add(units, Ordering::Relaxed);
        let share = |done: u64| done.min(self.units).saturating_mul(CTE) / self.units;
        let more = share(before.saturating_add(units)) - share(before);
        if more > 0 {
            self.progress.advance(more);
        }
    }

    /// Tells what is left.
    pub(super) fn finish(&self) {
        self.advance(self.units.saturating_sub(self.done.load(Ordering::Relaxed)));
    }
}
