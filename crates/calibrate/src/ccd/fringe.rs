//! Fringes: the pattern that narrow lines of the sky leave in a thin detector, as a fringe frame has it.

mod fit;

use super::arithmetic::{agree, sum};
use super::background::{BackgroundOptions, sources, usable};
use super::rows::{Row, RowOf, each_row};
use super::{CcdFrame, CcdUnit, Real};
use crate::{Error, Result};
use firstlight_frame::Image;
use fit::Fit;
use serde::Serialize;

/// How often a fringe frame is in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FringeOptions {
    /// The scale, where it is known; it is not fitted then. Of a fringe frame without unit it is in the frame's.
    pub scale: Option<f64>,
    /// Sides of the boxes, pixels, in each of which the sky is a plane of its own, whatever the fringes are.
    pub box_size: usize,
    /// Samples so many standard deviations from the fit are left out.
    pub sigma: f64,
    /// Find stars, and leave them out of the fit.
    pub sources: bool,
}

impl Default for FringeOptions {
    fn default() -> Self {
        Self {
            scale: None,
            box_size: 128,
            sigma: 3.0,
            sources: true,
        }
    }
}

/// The scale of a fringe frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FringeReport {
    /// How often the fringe frame was subtracted.
    pub scale: f64,
    /// Its standard error, where it was fitted.
    pub scale_error: Option<f64>,
    /// Pixels that it was fitted to.
    pub pixels: usize,
}

/// Fits how often a fringe frame is in a frame: `sample = scale · fringe + plane` by least squares, with a plane for each box,
/// over pixels that are finite, masked in neither, no stars, and within `sigma` standard deviations of the fit (by the median
/// absolute deviation, up to ten times).
///
/// A fringe frame has noise of its own, which would make the scale too small by its share of the fringes' power. So the mean of
/// the eight pixels around stands in one factor of each product for the pixel itself (an instrumental variable): their noise
/// is not its noise, and neither that of the frame where the frame is among those that the fringe frame was made of.
///
/// # Errors
/// [`Error::Shape`]; [`Error::CcdUnits`] for a fringe frame that has a unit other than the frame's; [`Error::NoFringes`] where no
/// pixels are left, or the fringe frame shows no pattern beyond its noise; [`Error::NoSky`]; [`Error::Parameter`].
pub fn fringe_scale<T: Real, U: Real>(
    frame: &CcdFrame<T>,
    fringe: &CcdFrame<U>,
    options: &FringeOptions,
) -> Result<FringeReport> {
    fits(&frame.unit, fringe, options)?;
    agree(frame, fringe, "the fringe frame")?;
    if let Some(scale) = options.scale {
        return Ok(FringeReport {
            scale,
            scale_error: None,
            pixels: 0,
        });
    }
    let of_fringe = usable(fringe);
    let mut used = usable(frame);
    if options.sources {
        let how = BackgroundOptions {
            box_size: Some(options.box_size),
            least: 0.1,
            ..Default::default()
        };
        let stars = sources(&frame.sci, &used, &how)?;
        leave(&mut used, stars.as_slice().iter().map(|star| !star));
    }
    leave(&mut used, of_fringe.as_slice().iter().copied());
    Fit::new(&frame.sci, &fringe.sci, (used, &of_fringe), options).robust()
}

/// Subtracts a fringe frame, scaled as [`fringe_scale`] has it. Masks are united; the uncertainties of the fringe frame, times
/// the scale, and of the scale, times the fringe frame, are added in quadrature where frame or fringe frame has one.
///
/// # Errors
/// As [`fringe_scale`]; the frame is as it was then.
pub fn subtract_fringe<T: Real, U: Real>(
    frame: &mut CcdFrame<T>,
    fringe: &CcdFrame<U>,
    options: &FringeOptions,
) -> Result<FringeReport> {
    let report = fringe_scale(frame, fringe, options)?;
    frame.make_planes_of(fringe);
    each_row(frame, |y, row| subtract(row, fringe.row(y), &report));
    Ok(report)
}

fn subtract<U: Real>(mut row: Row<'_>, fringe: RowOf<'_, U>, report: &FringeReport) {
    sum(row.again(), fringe, -report.scale);
    if let (Some(err), Some(of_scale)) = (row.err, report.scale_error) {
        for (e, sample) in err.iter_mut().zip(fringe.sci) {
            *e = e.hypot(of_scale * sample.wide());
        }
    }
}

/// Refuses what cannot be subtracted from a frame in `unit`.
pub(super) fn fits<U>(unit: &CcdUnit, fringe: &CcdFrame<U>, options: &FringeOptions) -> Result<()> {
    let refuse = |parameter, expected, found: String| {
        Err(Error::Parameter {
            parameter,
            expected,
            found,
        })
    };
    if options.scale.is_some_and(|scale| !scale.is_finite()) {
        let found = options.scale.unwrap_or(f64::NAN).to_string();
        return refuse("fringe_scale", "a number", found);
    }
    if options.box_size < 8 {
        let found = options.box_size.to_string();
        return refuse("fringe_box", "at least 8 pixels", found);
    }
    super::deviation::positive("sigma", options.sigma)?;
    if fringe.unit == CcdUnit::Dimensionless {
        return Ok(());
    }
    super::bias::same_unit(unit, &fringe.unit, "the fringe frame")
}

fn leave(used: &mut Image<bool>, stay: impl Iterator<Item = bool>) {
    for (used, stay) in used.as_mut_slice().iter_mut().zip(stay) {
        *used &= stay;
    }
}

#[cfg(test)]
mod tests;
