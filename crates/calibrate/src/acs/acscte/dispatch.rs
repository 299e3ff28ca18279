//! The fastest instructions that the processor has.

use super::lanes::{Lanes, Plain};
#[cfg(target_arch = "x86_64")]
use super::wide::Wide;

/// Something to be done with lanes.
pub(super) trait Lane {
    /// What comes of it.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does it with the widest lanes there are.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn on_lanes<T: Lane>(task: T) -> T::Output {
    if let Some(v4) = pulp::x86::V4::try_new() {
        return v4.vectorize(Compiled {
            task,
            lanes: Wide(v4),
        });
    }
    if let Some(v3) = pulp::x86::V3::try_new() {
        return v3.vectorize(Compiled { task, lanes: Plain });
    }
    task.run(Plain)
}

/// Does it.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn on_lanes<T: Lane>(task: T) -> T::Output {
    task.run(Plain)
}

/// Compiled once more for each set of instructions.
#[cfg(target_arch = "x86_64")]
struct Compiled<T, L> {
    task: T,
    lanes: L,
}

#[cfg(target_arch = "x86_64")]
impl<T: Lane, L: Lanes> pulp::NullaryFnOnce for Compiled<T, L> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.task.run(self.lanes)
    }
}
