//! AstroDrizzle's parameters by their own names, for the steps there are.

mod bytes;
mod choice;

pub use bytes::Bytes;
pub use choice::{Bits, FinalUnits, WeightScale, WeightType};

use crate::{Error, Result};
use firstlight_drizzle::Kernel;
use serde::{Deserialize, Serialize};

/// How exposures are combined. The names are AstroDrizzle's, and so are the defaults, but for the steps before
/// the combination, which are off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DrizzleOptions {
    /// Root name of the products, which become ROOT_drz_sci.fits and so on [default: the association's
    /// product, the root name of a single input, or "final"].
    #[cfg_attr(feature = "clap", arg(long, short))]
    pub output: Option<String>,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().overwrite, action = clap::ArgAction::Set))]
    pub overwrite: bool,
    /// One product ROOT_drz.fits with extensions SCI, WHT and CTX in place of a file for each.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().build, action = clap::ArgAction::Set))]
    pub build: bool,
    /// Make the context image: one bit for each input chip that contributed to a pixel.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().context, action = clap::ArgAction::Set))]
    pub context: bool,
    /// Also propagate the inputs' ERR: a plane of standard deviations in the unit of the image, without the
    /// correlation between neighbouring pixels.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().error, action = clap::ArgAction::Set))]
    pub error: bool,
    /// Most memory to use, as in "800M" or "12G" [default: three quarters of what is free].
    #[cfg_attr(feature = "clap", arg(long, alias = "max_memory", value_name = "SIZE"))]
    pub max_memory: Option<Bytes>,
    /// Map every so many pixels exactly and the rest bilinearly between them, as AstroDrizzle does with 10; 0
    /// maps all of them to 1e-6 pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = DrizzleOptions::default().stepsize))]
    pub stepsize: u32,
    /// DQ bits of the inputs that are taken as not set, as AstroDrizzle resets them; the files stay as they
    /// are.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = DrizzleOptions::default().resetbits))]
    pub resetbits: Bits,

    /// The shape in which a pixel is spread: square, turbo, point, gaussian, lanczos2 or lanczos3.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_kernel", default_value_t = DrizzleOptions::default().final_kernel))]
    pub final_kernel: Kernel,
    /// Side of the drop in input pixels, over 0 to 1.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_pixfrac", default_value_t = DrizzleOptions::default().final_pixfrac))]
    pub final_pixfrac: f64,
    /// What inputs are weighted by: EXP, the exposure time; ERR, the inverse variance of the ERR image; IVM,
    /// the inverse variance of background and read noise.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_wht_type", default_value_t = DrizzleOptions::default().final_wht_type))]
    pub final_wht_type: WeightType,
    /// A factor on the weights of EXP: "exptime" and "expsq" leave them as they are, a number multiplies them.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_wt_scl", default_value_t = DrizzleOptions::default().final_wt_scl))]
    pub final_wt_scl: WeightScale,
    /// Value of pixels that no input with any weight has reached [default: NaN, or what an input of no weight
    /// left there].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_fillval", allow_hyphen_values = true)
    )]
    pub final_fillval: Option<f32>,
    /// DQ bits that leave a pixel good: "16, 64, 256", "336", "~4096", "None" for all.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_bits", default_value_t = DrizzleOptions::default().final_bits))]
    pub final_bits: Bits,
    /// Unit of the product: cps, or counts, which are the rate times the total exposure time.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_units", default_value_t = DrizzleOptions::default().final_units))]
    pub final_units: FinalUnits,

    /// Lay the output grid out as the parameters below say [default: if any of them is given].
    #[cfg_attr(feature = "clap", arg(long, alias = "final_wcs", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = clap::ArgAction::Set))]
    pub final_wcs: Option<bool>,
    /// A file, or `file[extension]`, whose grid is taken.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_refimage"))]
    pub final_refimage: Option<String>,
    /// Position angle of the output's y axis, degrees east of north.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_rot", allow_hyphen_values = true))]
    pub final_rot: Option<f64>,
    /// Size of an output pixel, arcsec.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_scale"))]
    pub final_scale: Option<f64>,
    /// Columns of the output.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_outnx"))]
    pub final_outnx: Option<usize>,
    /// Rows of the output.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_outny"))]
    pub final_outny: Option<usize>,
    /// Right ascension of the reference point, degrees.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_ra", allow_hyphen_values = true))]
    pub final_ra: Option<f64>,
    /// Declination of the reference point, degrees.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_dec", allow_hyphen_values = true))]
    pub final_dec: Option<f64>,
    /// Column of the reference point, 1 for the first, as CRPIX1 has it.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_crpix1", allow_hyphen_values = true)
    )]
    pub final_crpix1: Option<f64>,
    /// Row of the reference point, 1 for the first, as CRPIX2 has it.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_crpix2", allow_hyphen_values = true)
    )]
    pub final_crpix2: Option<f64>,

    /// Step 1, the static mask: not supported yet, so it has to be false.
    #[serde(rename = "static")]
    #[cfg_attr(feature = "clap", arg(long = "static", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub static_step: bool,
    /// Step 2, subtraction of the sky: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub skysub: bool,
    /// Step 3, drizzling each input by itself: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_separate", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub driz_separate: bool,
    /// Step 4, the median of these: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub median: bool,
    /// Step 5, bringing the median back to each input: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub blot: bool,
    /// Step 6, finding cosmic rays: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub driz_cr: bool,
    /// Recomputing the inputs' coordinate systems: not supported yet, so it has to be false.
    #[cfg_attr(feature = "clap", arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set))]
    pub updatewcs: bool,
}

impl Default for DrizzleOptions {
    fn default() -> Self {
        Self {
            output: None,
            overwrite: false,
            build: false,
            context: true,
            error: false,
            max_memory: None,
            stepsize: 0,
            resetbits: Bits::from(4096),
            final_kernel: Kernel::Square,
            final_pixfrac: 1.0,
            final_wht_type: WeightType::Exp,
            final_wt_scl: WeightScale::Exptime,
            final_fillval: None,
            final_bits: Bits::from(0),
            final_units: FinalUnits::Cps,
            final_wcs: None,
            final_refimage: None,
            final_rot: None,
            final_scale: None,
            final_outnx: None,
            final_outny: None,
            final_ra: None,
            final_dec: None,
            final_crpix1: None,
            final_crpix2: None,
            static_step: false,
            skysub: false,
            driz_separate: false,
            median: false,
            blot: false,
            driz_cr: false,
            updatewcs: false,
        }
    }
}

impl DrizzleOptions {
    /// Whether the grid is laid out by the user rather than by the inputs alone.
    pub fn custom_wcs(&self) -> bool {
        self.final_wcs.unwrap_or_else(|| self.given_wcs().is_some())
    }

    /// The first parameter of the grid that is given.
    fn given_wcs(&self) -> Option<&'static str> {
        [
            ("final_refimage", self.final_refimage.is_some()),
            ("final_scale", self.final_scale.is_some()),
            ("final_rot", self.final_rot.is_some()),
            ("final_outnx", self.final_outnx.is_some()),
            ("final_outny", self.final_outny.is_some()),
            ("final_ra", self.final_ra.is_some()),
            ("final_dec", self.final_dec.is_some()),
            ("final_crpix1", self.final_crpix1.is_some()),
            ("final_crpix2", self.final_crpix2.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }

    /// Checks all that can be checked without inputs.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for steps that are not there, [`Error::BadOption`] for values out of range and
    /// for options that contradict one another.
    pub fn check(&self) -> Result<()> {
        let steps = [
            ("static", self.static_step),
            ("skysub", self.skysub),
            ("driz_separate", self.driz_separate),
            ("median", self.median),
            ("blot", self.blot),
            ("driz_cr", self.driz_cr),
            ("updatewcs", self.updatewcs),
        ];
        if let Some((step, _)) = steps.into_iter().find(|(_, wanted)| *wanted) {
            return Err(Error::Unsupported {
                what: format!("the step {step}; only the combination is done"),
            });
        }
        if !(self.final_pixfrac > 0.0 && self.final_pixfrac <= 1.0) {
            return Err(Error::bad_option(
                "final_pixfrac",
                self.final_pixfrac,
                "it has to be over 0, up to 1",
            ));
        }
        if let Some(scale) = self
            .final_scale
            .filter(|scale| !(*scale > 0.0 && scale.is_finite()))
        {
            return Err(Error::bad_option(
                "final_scale",
                scale,
                "it has to be over 0 arcsec",
            ));
        }
        if let WeightScale::Value(scale) = self.final_wt_scl
            && !(scale > 0.0 && scale.is_finite())
        {
            return Err(Error::bad_option("final_wt_scl", scale, "it has to be over 0"));
        }
        if self.final_wcs == Some(false)
            && let Some(given) = self.given_wcs()
        {
            return Err(Error::bad_option(
                "final_wcs",
                false,
                &format!("it contradicts {given}, which is given"),
            ));
        }
        self.check_pairs()?;
        self.final_bits.selection("final_bits")?;
        self.resetbits.mask("resetbits")?;
        Ok(())
    }

    fn check_pairs(&self) -> Result<()> {
        let pairs = [
            (
                "final_ra",
                self.final_ra.is_some(),
                "final_dec",
                self.final_dec.is_some(),
            ),
            (
                "final_outnx",
                self.final_outnx.is_some(),
                "final_outny",
                self.final_outny.is_some(),
            ),
            (
                "final_crpix1",
                self.final_crpix1.is_some(),
                "final_crpix2",
                self.final_crpix2.is_some(),
            ),
        ];
        for (a, has_a, b, has_b) in pairs {
            if has_a != has_b {
                let (given, missing) = if has_a { (a, b) } else { (b, a) };
                return Err(Error::MissingOption { given, missing });
            }
        }
        Ok(())
    }
}
