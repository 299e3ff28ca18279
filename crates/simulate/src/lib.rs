//! Simulated exposures with known truth, for trying the program without data and for testing it.
//!
//! Nothing here shares arithmetic with the calibration, the WCS or the drizzling it is to test: a frame
//! is made in the direction in which nature makes it, from the sky to counts.

pub mod acs;
pub mod archive;
mod calendar;
mod cards;
pub mod ccd;
mod columns;
mod cosmic_rays;
mod error;
mod file;
mod gaussian;
mod random;
pub mod sbc;
pub mod stis;
mod streams;

pub use error::Error;
pub use file::{Extension, Member, SimulatedFile};
pub use random::Random;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
