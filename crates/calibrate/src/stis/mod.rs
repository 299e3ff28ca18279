//! The calibration of exposures and spectra of the STIS CCD.
//!
//! The order, as the archive's pipeline has it for an exposure in several parts (CRSPLIT):
//! 1. [`basic2d`] with DQICORR, BLEVCORR and BIASCORR: raw samples to counts (DN) above the bias, without overscan;
//! 2. [`ocrreject`]: the parts become one image without cosmic rays;
//! 3. [`basic2d`] with DARKCORR and FLATCORR: the calibrated image;
//! 4. [`wavecal`] finds by a lamp how far the image lies from its nominal place;
//! 5. [`x2d`] rectifies the image, and [`x1d`] extracts the spectrum of a point source.

pub mod basic2d;
mod interpolation;
mod mode;
pub(crate) mod observation;
pub mod ocrreject;
mod setup;
mod spline;
mod switches;
pub mod tables;
mod velocity;
pub mod wavecal;
pub mod x1d;
pub mod x2d;

pub use mode::{SpectralImset, SpectralMode};
pub use setup::{SIDE2_MJD, Setup};
pub use switches::SpectralSwitches;
pub use velocity::{heliocentric_factor, heliocentric_velocity};
