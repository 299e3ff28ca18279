//! The background of a frame: levels of boxes, and a smooth surface through them.

mod mesh;
mod sources;
mod surface;

use super::deviation::positive;
use super::rows::each_row;
use super::{CcdFrame, Real};
use crate::{Error, Result};
use firstlight_frame::Image;
use mesh::Mesh;
pub(super) use mesh::Parts;
use serde::{Deserialize, Serialize};
pub(super) use sources::sources;
use surface::Surface;

/// What the level of a box is of its samples, after clipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum SkyStatistic {
    /// Their median.
    #[default]
    Median,
    /// Their mode, 2.5 median - 1.5 mean, or the median where the mean is off by more than 0.3 standard deviations (Bertin &
    /// Arnouts 1996, A&AS 117, 393): less moved by faint stars, but noisier.
    Mode,
}

/// How a background is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackgroundOptions {
    /// Sides of the boxes, pixels; a frame is parted into boxes of nearly this size. None is one level for the frame.
    pub box_size: Option<usize>,
    /// Each box gets the median of so many boxes by so many, an odd number; 1 leaves them as they are.
    pub filter_size: usize,
    /// Which statistic is the level.
    pub statistic: SkyStatistic,
    /// Samples of a box so many standard deviations from its median are left out.
    pub sigma: f64,
    /// The share of a box's pixels that have to be left for it to have a level of its own, 0 to 1. Others get those of boxes
    /// near by.
    pub least: f64,
    /// Find stars, and leave them out.
    pub sources: bool,
}

impl Default for BackgroundOptions {
    fn default() -> Self {
        Self {
            box_size: Some(64),
            filter_size: 3,
            statistic: SkyStatistic::Median,
            sigma: 3.0,
            least: 0.3,
            sources: true,
        }
    }
}

/// What was measured, in the frame's unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackgroundReport {
    /// The median of the boxes' levels.
    pub level: f64,
    /// The lowest of them.
    pub lowest: f64,
    /// The highest of them.
    pub highest: f64,
    /// Noise of a pixel: the median of the boxes' clipped standard deviations.
    pub noise: f64,
    /// Boxes along x and y.
    pub boxes: (usize, usize),
    /// Boxes that had too few pixels, and got levels of others.
    pub filled: usize,
    /// Pixels that were taken for stars.
    pub sources: usize,
}

/// A background that was found.
#[derive(Debug)]
pub struct Background {
    level: Surface,
    error: Surface,
    report: BackgroundReport,
}

/// Finds the background of a frame, of samples that are finite and not masked.
///
/// In each box samples far from the median are clipped, up to ten times. Stars, with `sources`, are pixels that stand out of a
/// first background, smoothed over 3 × 3 pixels, by four standard deviations, and those around them. The boxes' levels are
/// median-filtered, and a bicubic spline goes through them, kept between the lowest and the highest level.
///
/// # Errors
/// [`Error::NoSky`] where no box has enough pixels; [`Error::Parameter`].
pub fn background<T: Real>(frame: &CcdFrame<T>, options: &BackgroundOptions) -> Result<Background> {
    options.check()?;
    frame.check()?;
    let mut usable = usable(frame);
    let mut stars = 0;
    if options.sources {
        let found = sources(&frame.sci, &usable, options)?;
        for (usable, &star) in usable.as_mut_slice().iter_mut().zip(found.as_slice()) {
            stars += usize::from(*usable && star);
            *usable &= !star;
        }
    }
    let mesh = Mesh::of(&frame.sci, &usable, options)?;
    let levels = mesh.filtered(&mesh.levels, options.filter_size);
    let errors = mesh.filtered(&mesh.errors, options.filter_size);
    let of = |values: &[f64], least: bool| {
        let better = |a: f64, b: f64| if least { a.min(b) } else { a.max(b) };
        values.iter().copied().fold(values[0], better)
    };
    let report = BackgroundReport {
        level: mesh::median(&levels),
        lowest: of(&levels, true),
        highest: of(&levels, false),
        noise: mesh::median(&mesh.noise),
        boxes: (mesh.columns.boxes, mesh.rows.boxes),
        filled: mesh.filled,
        sources: stars,
    };
    Ok(Background {
        level: Surface::through(&levels, &mesh),
        error: Surface::through(&errors, &mesh),
        report,
    })
}

/// Subtracts the background of a frame. Where the frame has an uncertainty, that of the background is added in quadrature: the
/// standard error of a box's level, which neighbours have in common.
///
/// # Errors
/// As [`background`]; the frame is as it was then.
pub fn subtract_background<T: Real>(
    frame: &mut CcdFrame<T>,
    options: &BackgroundOptions,
) -> Result<BackgroundReport> {
    let background = background(frame, options)?;
    let nx = frame.sci.nx();
    each_row(frame, |y, row| {
        let mut level = vec![0.0; nx];
        background.level.row(y, &mut level);
        for (value, level) in row.sci.iter_mut().zip(&level) {
            *value -= level;
        }
        if let Some(err) = row.err {
            background.error.row(y, &mut level);
            for (e, of_level) in err.iter_mut().zip(&level) {
                *e = e.hypot(*of_level);
            }
        }
    });
    Ok(background.report)
}

impl Background {
    /// The level of each pixel.
    pub fn image(&self) -> Image<f64> {
        let (ny, nx) = self.level.shape();
        let mut image = Image::filled(ny, nx, 0.0);
        for (y, row) in image.as_mut_slice().chunks_mut(nx.max(1)).enumerate() {
            self.level.row(y, row);
        }
        image
    }

    /// What was measured.
    pub fn report(&self) -> &BackgroundReport {
        &self.report
    }
}

impl BackgroundOptions {
    pub(super) fn check(&self) -> Result<()> {
        positive("sigma", self.sigma)?;
        let refuse = |parameter, expected, found: String| {
            Err(Error::Parameter {
                parameter,
                expected,
                found,
            })
        };
        if self.box_size.is_some_and(|side| side < 4) {
            let found = self.box_size.unwrap_or(0).to_string();
            return refuse("box_size", "at least 4 pixels", found);
        }
        if self.filter_size.is_multiple_of(2) {
            return refuse(
                "filter_size",
                "an odd number of boxes",
                self.filter_size.to_string(),
            );
        }
        if !(0.0..=1.0).contains(&self.least) {
            return refuse("least", "a share from 0 to 1", self.least.to_string());
        }
        Ok(())
    }
}

/// Pixels that are finite and not masked.
pub(super) fn usable<T: Real>(frame: &CcdFrame<T>) -> Image<bool> {
    let (ny, nx) = frame.shape();
    Image::from_fn(ny, nx, |x, y| {
        let i = y * nx + x;
        frame.sci.as_slice()[i].wide().is_finite() && frame.is_good(i)
    })
}

#[cfg(test)]
mod tests;
