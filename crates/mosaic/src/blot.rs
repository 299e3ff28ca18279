//! Step 5, blot: the median image brought back to the pixels of each chip, in the unit of its file.

use crate::{Error, Result};
use firstlight_drizzle::PixelMapping;
use firstlight_drizzle::blot::{self, BlotOptions, Interpolation, Source};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How the median image is brought back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct BlotStepOptions {
    /// How values between the pixels of the median are found: nearest, linear, poly3, poly5, sinc, lan3 or lan5.
    #[cfg_attr(feature = "clap", arg(long, alias = "blot_interp", default_value_t = BlotStepOptions::default().blot_interp))]
    pub blot_interp: Interpolation,
    /// Factor on distances in the kernel of sinc.
    #[cfg_attr(feature = "clap", arg(long, alias = "blot_sinscl", default_value_t = BlotStepOptions::default().blot_sinscl))]
    pub blot_sinscl: f64,
    /// Add the sky that was subtracted, so that the result compares with the file.
    #[cfg_attr(feature = "clap", arg(long, alias = "blot_addsky", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = BlotStepOptions::default().blot_addsky, action = clap::ArgAction::Set))]
    pub blot_addsky: bool,
    /// Sky to add where blot_addsky is false, in the unit of the file.
    #[cfg_attr(feature = "clap", arg(long, alias = "blot_skyval", allow_hyphen_values = true, default_value_t = BlotStepOptions::default().blot_skyval))]
    pub blot_skyval: f64,
}

impl Default for BlotStepOptions {
    fn default() -> Self {
        Self {
            blot_interp: Interpolation::Poly5,
            blot_sinscl: 1.0,
            blot_addsky: true,
            blot_skyval: 0.0,
        }
    }
}

/// Numbers of one chip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlotTerms {
    /// Exposure time.
    pub exptime_s: f64,
    /// Size of a pixel of the median in undistorted pixels of the chip.
    pub pixel_scale_ratio: f64,
    /// What turns the samples of the file into electrons: as [`crate::cosmic_rays::CrTerms::conversion`].
    pub conversion: f64,
    /// The sky that was subtracted from the chip, in the unit of the file; `None` where none was.
    pub sky: Option<f64>,
}

/// Brings the median, in electrons per second, back to `rows` of a chip of `nx` columns, on all threads: into `out`,
/// in the unit of the file. What does not fall on the median is the sky alone.
///
/// # Errors
/// Those of [`blot::blot_rows`]; [`Error::BadOption`] for a conversion that is not over 0 or a sky that is not finite.
pub fn blot_rows(
    median: &Source,
    map: &impl PixelMapping,
    (rows, nx): (Range<usize>, usize),
    terms: &BlotTerms,
    options: &BlotStepOptions,
    out: &mut [f32],
) -> Result<()> {
    let conversion = terms.conversion;
    if !(conversion > 0.0 && conversion.is_finite()) {
        return Err(Error::bad_option(
            "conversion",
            conversion,
            "it has to be over 0 and finite",
        ));
    }
    let sky = if options.blot_addsky {
        terms.sky
    } else {
        Some(options.blot_skyval)
    };
    if let Some(sky) = sky.filter(|sky| !sky.is_finite()) {
        return Err(Error::bad_option("blot_skyval", sky, "it has to be finite"));
    }
    let blot = BlotOptions {
        interpolation: options.blot_interp,
        sinscl: options.blot_sinscl,
        fill: 0.0,
        exptime_s: terms.exptime_s,
        pixel_scale_ratio: terms.pixel_scale_ratio,
    };
    blot::blot_rows(median, map, rows, nx, &blot, out)?;
    let (conversion, sky) = (conversion as f32, sky.unwrap_or(0.0) as f32);
    if conversion != 1.0 || sky != 0.0 {
        out.par_chunks_mut(1 << 18).for_each(|part| {
            part.iter_mut()
                .for_each(|value| *value = *value / conversion + sky);
        });
    }
    Ok(())
}
