//! Calibration steps on frames.

pub mod acs;
pub mod ccd;
mod covering;
pub mod dark;
mod error;
mod observation;
mod placement;
pub mod record;
mod reference;
pub mod steps;
pub mod stis;
pub mod superbias;
pub mod superdark;
pub mod tables;

pub use covering::Covering;
pub use error::Error;
pub use observation::{Chip, Observation};
pub use reference::{Reference, ReferenceImset, References};

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
