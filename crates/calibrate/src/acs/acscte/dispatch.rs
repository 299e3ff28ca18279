//! The fastest instructions that the processor has.

use super::lanes::{Lanes, Plain};

/// Something to be done with lanes.
pub(super) trait Lane {
    /// What comes of it.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does it with the widest lanes there are.
#[inline]
pub(super) fn on_lanes<T: Lane>(task: T) -> T::Output {
    task.run(Plain)
}
