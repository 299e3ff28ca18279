//! Calibration steps on frames.

pub mod acs;
pub mod dark;
mod error;
pub mod steps;
pub mod stis;

pub use error::Error;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
