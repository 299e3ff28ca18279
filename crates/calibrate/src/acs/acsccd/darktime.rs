//! DARKTIME: how long dark current built up.

use super::readout::Readout;
use crate::Result;
use crate::acs::{CYCLE24_MJD, Setup, set_single};
use firstlight_frame::fits::Header;

/// Subarrays whose overhead beyond EXPTIME is known since cycle 24; the commanding changed then (ACS ISR 2017-03).
const SUBARRAYS: [&str; 22] = [
    "WFC1A-2K",
    "WFC1B-2K",
    "WFC2C-2K",
    "WFC2D-2K",
    "WFC1A-1K",
    "WFC1B-1K",
    "WFC2C-1K",
    "WFC2D-1K",
    "WFC1A-512",
    "WFC1B-512",
    "WFC2C-512",
    "WFC2D-512",
    "WFC1-IRAMPQ",
    "WFC1-MRAMPQ",
    "WFC2-ORAMPQ",
    "WFC1-POL0UV",
    "WFC1-POL0V",
    "WFC1-POL60UV",
    "WFC1-POL60V",
    "WFC1-POL120UV",
    "WFC1-POL120V",
    "WFC1-SMFL",
];

/// DARKTIME of the header with the overhead of CCDTAB, s: of full frames since Servicing Mission 4, of listed
/// subarrays since cycle 24. Exposures with post-flash have an overhead of their own.
pub fn darktime_s(setup: &Setup, readout: &Readout) -> f32 {
    let is_flashed = setup.flashdur_s > 0.0 && setup.flash_status == "SUCCESSFUL";
    let overhead = match is_flashed {
        true => readout.parameters.overhead_flashed_s,
        false => readout.parameters.overhead_unflashed_s,
    };
    let is_adjusted = match setup.subarray {
        false => setup.is_after_sm4(),
        true => setup.expstart_mjd >= CYCLE24_MJD && SUBARRAYS.contains(&setup.aperture.as_str()),
    };
    let darktime = setup.darktime_s as f32;
    if is_adjusted {
        darktime + overhead
    } else {
        darktime
    }
}

/// Records DARKTIME in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where the card cannot be written.
pub fn record_darktime(primary: &mut Header, darktime_s: f32) -> Result<()> {
    set_single(primary, "DARKTIME", darktime_s)
}
