//! The calibration of spectra of STIS's CCD.
//!
//! In the order of the pipeline: [`wavecal`] finds by a lamp how far the image lies from its nominal place, [`x2d`]
//! rectifies the image, [`x1d`] extracts the spectrum of a point source.

mod interpolation;
mod mode;
mod spline;
mod switches;
pub mod tables;
mod velocity;
pub mod wavecal;
pub mod x1d;
pub mod x2d;

pub use mode::{SpectralImset, SpectralMode};
pub use switches::SpectralSwitches;
pub use velocity::{heliocentric_factor, heliocentric_velocity};
