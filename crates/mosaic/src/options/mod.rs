//! AstroDrizzle's parameters by their own names.

mod bytes;
mod check;
mod choice;
pub(crate) mod instrument;
mod separate;

pub use bytes::Bytes;
pub use choice::{Bits, FinalUnits, ProcUnit, WeightScale, WeightType};
pub use instrument::InstrumentOptions;
pub use separate::SeparateOptions;

use crate::blot::BlotStepOptions;
use crate::cosmic_rays::CrOptions;
use crate::median::MedianOptions;
use crate::sky::SkyOptions;
use crate::static_mask::StaticOptions;
use firstlight_drizzle::Kernel;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How exposures are combined. The names are AstroDrizzle's, and so are the defaults.
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
    /// Do the combination alone: all steps before it are off.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_only", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().combine_only, action = clap::ArgAction::Set))]
    pub combine_only: bool,
    /// DQ bits of the inputs that are taken as not set; with write_dq they are reset in the files as well.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = DrizzleOptions::default().resetbits))]
    pub resetbits: Bits,
    /// DQ bit that marks a cosmic ray where write_dq writes them.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = DrizzleOptions::default().crbit))]
    pub crbit: u16,
    /// Write what was found back to the inputs, as AstroDrizzle does: resetbits reset in DQ and the cosmic rays
    /// marked, the sky as MDRIZSKY. Else the inputs stay as they are.
    #[cfg_attr(feature = "clap", arg(long, alias = "write_dq", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().write_dq, action = clap::ArgAction::Set))]
    pub write_dq: bool,
    /// Also write what lies between the steps, by AstroDrizzle's names and beside the products: static masks, the
    /// separately drizzled images and their weights, the median, blotted images, masks of cosmic rays.
    #[cfg_attr(feature = "clap", arg(long, alias = "keep_intermediates", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().keep_intermediates, action = clap::ArgAction::Set))]
    pub keep_intermediates: bool,
    /// Which coordinates of the inputs to use: the letter of an alternate solution, or its WCSNAME [default: the
    /// primary ones].
    #[cfg_attr(feature = "clap", arg(long))]
    pub wcskey: Option<String>,
    /// Undo the inputs' distortion.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().coeffs, action = clap::ArgAction::Set))]
    pub coeffs: bool,
    /// Combine these images of the inputs alone: "sci,1", or the number of the extension; several with semicolons.
    #[cfg_attr(feature = "clap", arg(long))]
    pub group: Option<String>,
    /// Unit of the product where inputs are in counts: native leaves it at counts, electrons multiplies by the gain.
    #[cfg_attr(feature = "clap", arg(long, alias = "proc_unit", default_value_t = DrizzleOptions::default().proc_unit))]
    pub proc_unit: ProcUnit,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub instrument: InstrumentOptions,

    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub static_mask: StaticOptions,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub sky: SkyOptions,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub separate: SeparateOptions,
    /// Step 4: make the median of the separately drizzled images.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().median, action = clap::ArgAction::Set))]
    pub median: bool,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub stacking: MedianOptions,
    /// Step 5: bring the median back to each input.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().blot, action = clap::ArgAction::Set))]
    pub blot: bool,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub blotting: BlotStepOptions,
    /// Step 6: find cosmic rays, which are then left out. Needs the steps before it, which it switches on.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_cr", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().driz_cr, action = clap::ArgAction::Set))]
    pub driz_cr: bool,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub cosmic_rays: CrOptions,

    /// Step 7: combine the inputs.
    #[cfg_attr(feature = "clap", arg(long, alias = "driz_combine", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().driz_combine, action = clap::ArgAction::Set))]
    pub driz_combine: bool,
    /// The shape in which a pixel is spread: square, turbo, point, gaussian, lanczos2 or lanczos3.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_kernel", default_value_t = DrizzleOptions::default().final_kernel))]
    pub final_kernel: Kernel,
    /// Side of the drop in input pixels, over 0 to 1.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_pixfrac", default_value_t = DrizzleOptions::default().final_pixfrac))]
    pub final_pixfrac: f64,
    /// What inputs are weighted by: EXP, the exposure time; ERR, the inverse variance of the ERR image; IVM,
    /// the inverse variance of background and read noise, or the maps that an @list names beside the exposures.
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
    /// Value of pixels that no input has reached at all, where final_fillval is not given [default: NaN].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_maskval", allow_hyphen_values = true)
    )]
    pub final_maskval: Option<f32>,
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

    /// Take parameters from the MDRIZTAB table that the first input's header names, by its filter and the number of
    /// inputs; parameters that are given here win.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().mdriztab, action = clap::ArgAction::Set))]
    pub mdriztab: bool,
    /// Copy the inputs to a folder OrIg_files first, unless they are there already.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().preserve, action = clap::ArgAction::Set))]
    pub preserve: bool,
    /// Copy the inputs back from OrIg_files first, where they are there.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().restore, action = clap::ArgAction::Set))]
    pub restore: bool,
    /// Write a log of the run, with the table of steps, to this file.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub runfile: Option<String>,
    /// Recompute the inputs' coordinates from the reference files named in their headers, in the files, first.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = DrizzleOptions::default().updatewcs, action = clap::ArgAction::Set))]
    pub updatewcs: bool,
    /// Folder of reference files, for mdriztab, updatewcs and weights of inverse variance that are made: looked into
    /// before jref, oref, … of the environment, the CRDS cache and the folder of the exposure.
    #[cfg_attr(feature = "clap", arg(long, alias = "ref_dir", value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
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
            combine_only: false,
            resetbits: Bits::from(4096),
            crbit: 4096,
            write_dq: false,
            keep_intermediates: false,
            wcskey: None,
            coeffs: true,
            group: None,
            proc_unit: ProcUnit::Native,
            instrument: InstrumentOptions::default(),
            static_mask: StaticOptions::default(),
            sky: SkyOptions::default(),
            separate: SeparateOptions::default(),
            median: true,
            stacking: MedianOptions::default(),
            blot: true,
            blotting: BlotStepOptions::default(),
            driz_cr: true,
            cosmic_rays: CrOptions::default(),
            driz_combine: true,
            final_kernel: Kernel::Square,
            final_pixfrac: 1.0,
            final_wht_type: WeightType::Exp,
            final_wt_scl: WeightScale::Exptime,
            final_fillval: None,
            final_maskval: None,
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
            mdriztab: false,
            preserve: false,
            restore: false,
            runfile: None,
            updatewcs: false,
            ref_dir: None,
        }
    }
}

impl DrizzleOptions {
    /// Whether the grid is laid out by the user rather than by the inputs alone.
    pub fn custom_wcs(&self) -> bool {
        self.final_wcs.unwrap_or_else(|| self.given_wcs().is_some())
    }

    /// The bits of `resetbits`.
    ///
    /// # Errors
    /// [`crate::Error::BadOption`] for what names no bits.
    pub fn reset_bits(&self) -> crate::Result<u16> {
        self.resetbits.mask("resetbits")
    }

    /// The same for the combination alone.
    pub fn combining_only(self) -> Self {
        Self {
            combine_only: true,
            ..self
        }
    }
}
