//! Firstlight: from raw telescope frames to science-ready images, spectra and photometry.
//!
//! One function per task, each taking paths and an options struct, and giving back a report. The
//! command line and the Python package are thin covers of these functions, and whatever they offer is
//! here too. The work itself is done by the crates below, which take arrays and are re-exported.

pub mod align;
pub mod archive;
pub mod bestrefs;
mod calendar;
pub mod calibrate;
pub mod ccd;
mod changed;
pub mod combine;
pub mod cte_forward;
pub mod dark;
pub mod demo;
pub mod destripe;
pub mod drizzle;
mod error;
mod excluded;
pub mod expression;
mod filters;
pub mod given;
pub mod header;
pub mod headerlet;
pub mod info;
pub mod input;
pub mod log;
pub mod mast;
mod output;
pub mod photometry;
pub mod plot;
pub mod progress;
pub mod reduce;
pub mod references;
pub mod register;
pub mod sbc_dark;
pub mod shift;
pub mod simulate;
pub mod solve;
pub mod spectrum;
pub mod stack;
pub mod stis;
pub mod superbias;
pub mod superdark;
pub mod table;
pub mod timeseries;
pub mod updatewcs;
pub mod wcs;

pub use error::{Error, ErrorClass};
pub use photometry::{PhotometryOptions, PhotometryReport, photometry};
pub use progress::Progress;

pub use firstlight_align as alignment;
pub use firstlight_calibrate as calibration;
pub use firstlight_drizzle as kernels;
pub use firstlight_fits as fits;
pub use firstlight_frame as frame;
pub use firstlight_look as look;
pub use firstlight_measure as measure;
pub use firstlight_mosaic as mosaic;
pub use firstlight_stats as stats;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
