//! Parameters of the images that are drizzled each by itself.

use super::{Bits, WeightScale};
use crate::{Error, Result};
use firstlight_drizzle::Kernel;
use firstlight_wcs::OutputGrid;
use serde::{Deserialize, Serialize};

/// Step 3: how each exposure is drizzled by itself, for the median.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SeparateOptions {
    /// Step 3: drizzle each exposure by itself.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_separate", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = SeparateOptions::default().driz_separate, action = clap::ArgAction::Set))]
    pub driz_separate: bool,
    /// The shape in which a pixel is spread: turbo, square, point, gaussian, lanczos2 or lanczos3.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_kernel", default_value_t = SeparateOptions::default().driz_sep_kernel))]
    pub driz_sep_kernel: Kernel,
    /// A factor on the weights, which are exposure times: "exptime" and "expsq" leave them, a number multiplies them.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_wt_scl", default_value_t = SeparateOptions::default().driz_sep_wt_scl))]
    pub driz_sep_wt_scl: WeightScale,
    /// Side of the drop in input pixels, over 0 to 1.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_pixfrac", default_value_t = SeparateOptions::default().driz_sep_pixfrac))]
    pub driz_sep_pixfrac: f64,
    /// Value of pixels that nothing with any weight has reached [default: 0, or what came without weight].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_fillval", allow_hyphen_values = true)
    )]
    pub driz_sep_fillval: Option<f32>,
    /// DQ bits that leave a pixel good: "16, 64, 256", "336", "~4096", "None" for all.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_bits", default_value_t = SeparateOptions::default().driz_sep_bits))]
    pub driz_sep_bits: Bits,
    /// Taken for compatibility and without effect: nothing is written that could be compressed.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_compress", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = SeparateOptions::default().driz_sep_compress, action = clap::ArgAction::Set))]
    pub driz_sep_compress: bool,
    /// Lay their grid out as the parameters below say [default: if any of them is given; else it is the inputs' own].
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_wcs", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = clap::ArgAction::Set))]
    pub driz_sep_wcs: Option<bool>,
    /// A file, or `file[extension]`, whose grid is taken.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_refimage"))]
    pub driz_sep_refimage: Option<String>,
    /// Position angle of the y axis, degrees east of north.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_rot", allow_hyphen_values = true)
    )]
    pub driz_sep_rot: Option<f64>,
    /// Size of a pixel, arcsec.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_scale"))]
    pub driz_sep_scale: Option<f64>,
    /// Columns.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_outnx"))]
    pub driz_sep_outnx: Option<usize>,
    /// Rows.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_sep_outny"))]
    pub driz_sep_outny: Option<usize>,
    /// Right ascension of the reference point, degrees.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_ra", allow_hyphen_values = true)
    )]
    pub driz_sep_ra: Option<f64>,
    /// Declination of the reference point, degrees.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_dec", allow_hyphen_values = true)
    )]
    pub driz_sep_dec: Option<f64>,
    /// Column of the reference point, 1 for the first, as CRPIX1 has it.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_crpix1", allow_hyphen_values = true)
    )]
    pub driz_sep_crpix1: Option<f64>,
    /// Row of the reference point, 1 for the first, as CRPIX2 has it.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "driz_sep_crpix2", allow_hyphen_values = true)
    )]
    pub driz_sep_crpix2: Option<f64>,
}

impl Default for SeparateOptions {
    fn default() -> Self {
        Self {
            driz_separate: true,
            driz_sep_kernel: Kernel::Turbo,
            driz_sep_wt_scl: WeightScale::Exptime,
            driz_sep_pixfrac: 1.0,
            driz_sep_fillval: None,
            driz_sep_bits: Bits::from(0),
            driz_sep_compress: false,
            driz_sep_wcs: None,
            driz_sep_refimage: None,
            driz_sep_rot: None,
            driz_sep_scale: None,
            driz_sep_outnx: None,
            driz_sep_outny: None,
            driz_sep_ra: None,
            driz_sep_dec: None,
            driz_sep_crpix1: None,
            driz_sep_crpix2: None,
        }
    }
}

impl SeparateOptions {
    /// The grid as the user describes it; the inputs' own where nothing is described.
    pub(crate) fn grid(&self) -> OutputGrid {
        let described = OutputGrid {
            final_wcs: true,
            final_refimage: self.driz_sep_refimage.clone(),
            final_rot: self.driz_sep_rot,
            final_scale: self.driz_sep_scale,
            final_outnx: self.driz_sep_outnx,
            final_outny: self.driz_sep_outny,
            final_ra: self.driz_sep_ra,
            final_dec: self.driz_sep_dec,
            final_crpix1: self.driz_sep_crpix1,
            final_crpix2: self.driz_sep_crpix2,
        };
        let nothing = OutputGrid {
            final_wcs: true,
            ..OutputGrid::default()
        };
        if self.driz_sep_wcs.unwrap_or(described != nothing) {
            described
        } else {
            OutputGrid::default()
        }
    }

    /// Checks all that can be checked without inputs.
    ///
    /// # Errors
    /// [`Error::BadOption`] for values out of range.
    pub fn check(&self) -> Result<()> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !(positive(self.driz_sep_pixfrac) && self.driz_sep_pixfrac <= 1.0) {
            let pixfrac = self.driz_sep_pixfrac;
            return Err(Error::bad_option(
                "driz_sep_pixfrac",
                pixfrac,
                "it has to be over 0, up to 1",
            ));
        }
        if let Some(scale) = self.driz_sep_scale.filter(|scale| !positive(*scale)) {
            return Err(Error::bad_option(
                "driz_sep_scale",
                scale,
                "it has to be over 0 arcsec",
            ));
        }
        if let WeightScale::Value(scale) = self.driz_sep_wt_scl
            && !positive(scale)
        {
            return Err(Error::bad_option("driz_sep_wt_scl", scale, "it has to be over 0"));
        }
        self.driz_sep_bits.selection("driz_sep_bits")?;
        Ok(())
    }
}
