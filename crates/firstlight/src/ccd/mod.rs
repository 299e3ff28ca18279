//! Frames of any CCD, from files and into files.
//!
//! A frame on disk is what astropy's `CCDData` reads and writes: samples in the first HDU with BUNIT, the mask in an
//! extension MASK whose bits are those of [`firstlight_frame::dq::CCD`], one standard deviation in an extension UNCERT.

mod bad_pixels;
pub(crate) mod binning;
mod cosmic_rays;
mod header;
mod masters;
mod open;
mod options;
mod process;
pub(crate) mod products;
mod record;
mod stream;
pub(crate) mod time;
mod write;

pub use bad_pixels::{BadpixOptions, BadpixReport, DarkRates, badpix};
pub use cosmic_rays::{LacosmicFileOptions, LacosmicFilesReport, LacosmicProduct, lacosmic};
pub use firstlight_calibrate::ccd::bad_pixels::CcdmaskOptions;
pub use firstlight_calibrate::ccd::lacosmic::{CosmicRays, LacosmicOptions};
pub use firstlight_calibrate::ccd::{CcdFrame, CcdUnit, SkyStatistic};
pub(crate) use masters::check;
pub(crate) use open::unusable;
pub use open::{CcdFile, CcdOpenOptions};
pub use options::CcdProcessOptions;
pub use process::{CcdProcessReport, CcdProduct, process};
pub(crate) use process::{number, number_or_keyword, process_and_clean, without_readnoise};
pub use write::{CcdPlanes, CcdWriter, write};
