//! The steps of AstroDrizzle on exposures, one file a step. [`Mosaic::plan`] lays out what will be made,
//! [`Mosaic::astrodrizzle`] does the first six steps, and [`Mosaic::combine`] is the seventh.
//!
//! Options have AstroDrizzle's names ([`DrizzleOptions`]). Nothing is written here: a [`Mosaic`] gives rows as
//! they are made, and headers.

mod astrodrizzle;
mod background;
mod bit_mask;
mod blocks;
pub mod blot;
mod chip;
mod combine;
pub mod cosmic_rays;
mod coverage;
mod error;
mod grid;
mod group;
pub mod header;
mod instrument;
mod map;
pub mod median;
mod memory;
mod mosaic;
mod options;
mod plan;
mod rejection;
mod separate;
mod share;
mod singles;
pub mod sky;
mod source;
pub mod static_mask;
mod two_passes;
mod watch;
mod ways;
mod weight;
mod windows;

pub use astrodrizzle::{ChipFindings, Step, StepOutcome, StepStatus};
pub use bit_mask::BitMask;
pub use chip::Member;
pub use coverage::Coverage;
pub use error::Error;
pub use mosaic::{InputStatus, Mosaic, Outcome, OutputGrid, Rows};
pub use options::{
    Bits, Bytes, DrizzleOptions, FinalUnits, InstrumentOptions, ProcUnit, SeparateOptions, WeightScale,
    WeightType,
};
pub use two_passes::TwoPasses;
pub use watch::{Kept, Unwatched, Watch};
pub use ways::{ToldBounds, Way};
pub use windows::Window;

pub use firstlight_drizzle::{Bounds, Kernel};

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
