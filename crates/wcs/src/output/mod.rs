//! The grid that exposures are combined on.
//!
//! By default the grid is the natural one of the inputs: undistorted square pixels of the first
//! input's scale and orientation, tangent near the middle of all footprints and just large enough for
//! their corner pixels. Each parameter of [`OutputGrid`] changes that, or the grid of a reference image.
//! The rules, rounding included, are those of AstroDrizzle, so that both lay the same grid.

mod merge;
mod natural;
mod reference;

use crate::{Error, Result, Wcs};

pub use natural::natural_scale_arcsec;

/// Parameters of the output grid, by AstroDrizzle's names.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct OutputGrid {
    /// Change the natural grid by the other parameters; giving any of them says the same.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_wcs"))]
    pub final_wcs: bool,
    /// Image whose grid is taken: a file, or file[extension]. Without an extension, its first with a WCS.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_refimage", value_name = "FILE[EXT]")
    )]
    pub final_refimage: Option<String>,
    /// Position angle of the image's y axis, degrees east of north.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_rot", value_name = "DEG", allow_negative_numbers = true)
    )]
    pub final_rot: Option<f64>,
    /// Size of a pixel, arcsec.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_scale", value_name = "ARCSEC"))]
    pub final_scale: Option<f64>,
    /// Number of columns; goes with final_outny.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_outnx", value_name = "PIXELS"))]
    pub final_outnx: Option<usize>,
    /// Number of rows; goes with final_outnx.
    #[cfg_attr(feature = "clap", arg(long, alias = "final_outny", value_name = "PIXELS"))]
    pub final_outny: Option<usize>,
    /// Right ascension of the reference pixel, degrees; goes with final_dec.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_ra", value_name = "DEG", allow_negative_numbers = true)
    )]
    pub final_ra: Option<f64>,
    /// Declination of the reference pixel, degrees; goes with final_ra.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "final_dec", value_name = "DEG", allow_negative_numbers = true)
    )]
    pub final_dec: Option<f64>,
    /// Column of the reference pixel as FITS counts (CRPIX1); goes with final_crpix2.
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            alias = "final_crpix1",
            value_name = "PIXEL",
            allow_negative_numbers = true
        )
    )]
    pub final_crpix1: Option<f64>,
    /// Row of the reference pixel as FITS counts (CRPIX2); goes with final_crpix1.
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            alias = "final_crpix2",
            value_name = "PIXEL",
            allow_negative_numbers = true
        )
    )]
    pub final_crpix2: Option<f64>,
}

/// The grid for these inputs (one for each chip of each exposure, in order) and parameters.
///
/// The result has no distortion, and a shape.
///
/// # Errors
/// [`Error::OutputGrid`] without inputs, for parameters that do not go together or are out of range, and
/// for inputs too far apart for one plane; [`Error::NoShape`] for an input without a size; errors of
/// reading the reference image.
pub fn common_grid(inputs: &[Wcs], grid: &OutputGrid) -> Result<Wcs> {
    let checked = merge::Parameters::check(grid)?;
    let start = match &grid.final_refimage {
        Some(image) => reference::grid_of(image)?,
        None => natural::natural_grid(inputs)?,
    };
    checked.apply(start)
}

fn refuse<T>(reason: impl Into<String>) -> Result<T> {
    Err(Error::OutputGrid {
        reason: reason.into(),
    })
}
