//! The steps of AstroDrizzle on exposures, one file a step; so far the last of the seven, [`Mosaic::combine`].
//!
//! Options have AstroDrizzle's names ([`DrizzleOptions`]). Nothing is written here: a [`Mosaic`] gives rows as
//! they are made, and headers.

mod bit_mask;
mod blocks;
pub mod blot;
mod chip;
mod combine;
pub mod cosmic_rays;
mod error;
mod grid;
pub mod header;
mod map;
pub mod median;
mod memory;
mod mosaic;
mod options;
mod plan;
pub mod sky;
pub mod static_mask;
mod two_passes;
mod weight;

pub use bit_mask::BitMask;
pub use chip::Member;
pub use error::Error;
pub use mosaic::{InputStatus, Mosaic, Outcome, OutputGrid, Rows};
pub use options::{Bits, Bytes, DrizzleOptions, FinalUnits, WeightScale, WeightType};
pub use two_passes::TwoPasses;

pub use firstlight_drizzle::Kernel;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
