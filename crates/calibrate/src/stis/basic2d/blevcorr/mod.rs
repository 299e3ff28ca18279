//! BLEVCORR: the bias level from the overscan, which is then cut off.

mod drift;
mod overscan;

pub use overscan::Overscan;

use crate::acs::acsccd::trim::{Trim, record_corner, trim};
use crate::record::{history, put_single, set};
use crate::steps::straight_line;
use crate::stis::Setup;
use crate::stis::tables::ccdtab::CcdParameters;
use crate::{Chip, Result};
use firstlight_frame::fits::Header;
use firstlight_stats::median_of_finite;
use rayon::prelude::*;

/// What was subtracted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BiasLevel {
    /// MEANBLEV: mean of the levels, DN.
    pub mean_dn: f32,
    /// Whether it was measured in the overscan; else it is that of CCDTAB.
    pub from_overscan: bool,
    /// Whether the drift along lines was subtracted.
    pub drift_corrected: bool,
}

/// A bias level that changes linearly from line to line of the trimmed image.
#[derive(Debug, Clone, Copy)]
struct Line {
    slope: f64,
    intercept: f64,
    middle: f64,
}

impl Line {
    fn at(&self, y: usize) -> f64 {
        (y as f64 - self.middle) * self.slope + self.intercept
    }
}

/// What is to be subtracted from the lines of one frame.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    /// Where the overscan is that was measured.
    pub overscan: Overscan,
    line: Line,
    /// The drift at each column of the trimmed image, DN; empty where there is none.
    drifts: Vec<f64>,
}

impl Level {
    /// Measures the overscan of a frame; None where it has none.
    ///
    /// # Errors
    /// As [`Chip::shape`].
    pub fn of(chip: &Chip, setup: &Setup, parameters: &CcdParameters) -> Result<Option<Self>> {
        let shape = chip.shape()?;
        let Some(overscan) = Overscan::of(setup, shape) else {
            return Ok(None);
        };
        let line = level(chip, &overscan, f64::from(parameters.bias_dn));
        let drift = drift::fit(chip, &overscan, parameters.blev_clip);
        let columns = 0..overscan.columns(shape.1).len();
        let drifts = drift.map_or_else(Vec::new, |drift| columns.map(|x| drift.at(x)).collect());
        Ok(Some(Self {
            overscan,
            line,
            drifts,
        }))
    }

    /// Subtracts it from line `y` of the trimmed image.
    pub fn subtract(&self, y: usize, row: &mut [f32]) {
        let level = self.line.at(y);
        if self.drifts.is_empty() {
            row.iter_mut()
                .for_each(|sample| *sample = (f64::from(*sample) - level) as f32);
            return;
        }
        for (sample, drift) in row.iter_mut().zip(&self.drifts) {
            *sample = (f64::from(*sample) - level - drift) as f32;
        }
    }

    /// Cuts the overscan off and moves LTV and CRPIX.
    ///
    /// # Errors
    /// [`crate::Error::TooSmall`] where nothing would be left; [`crate::Error::Frame`] where a card cannot be written.
    pub fn cut(&self, chip: &mut Chip) -> Result<()> {
        let cut = Trim {
            x: self.overscan.trim_x,
            y: self.overscan.trim_y,
        };
        trim(chip, &cut)?;
        record_corner(chip, &cut)
    }

    /// The mean over the `ny` lines of the trimmed image; the drift in the middle column stands for its mean along the
    /// line.
    fn mean(&self, ny: usize) -> f64 {
        let middle = self.drifts.get(self.drifts.len() / 2).copied().unwrap_or(0.0);
        let sum: f64 = (0..ny).map(|y| self.line.at(y) + middle).sum();
        sum / ny as f64
    }
}

/// BLEVCORR: subtracts from each line the bias level, the straight line through the medians of the serial overscan of
/// all lines, and its drift along lines, that of the virtual overscan; then cuts the overscan off and moves LTV and
/// CRPIX. Of an image without overscan CCDBIAS is subtracted. Pixels with bits of SDQFLAGS are not measured, nor is NaN.
///
/// # Errors
/// As [`Chip::shape`].
pub fn blevcorr(chip: &mut Chip, setup: &Setup, parameters: &CcdParameters) -> Result<BiasLevel> {
    let Some(level) = Level::of(chip, setup, parameters)? else {
        let samples = chip.frame.sci.as_mut_slice().par_iter_mut();
        samples.for_each(|sample| *sample -= parameters.bias_dn);
        return Ok(BiasLevel {
            mean_dn: parameters.bias_dn,
            from_overscan: false,
            drift_corrected: false,
        });
    };
    level.cut(chip)?;
    let (ny, nx) = chip.frame.sci.shape();
    let rows = chip.frame.sci.as_mut_slice().par_chunks_mut(nx.max(1));
    rows.enumerate().for_each(|(y, row)| level.subtract(y, row));
    Ok(BiasLevel {
        mean_dn: level.mean(ny) as f32,
        from_overscan: true,
        drift_corrected: !level.drifts.is_empty(),
    })
}

/// The line through the medians of the serial overscan; CCDBIAS where there is nothing to fit.
fn level(chip: &Chip, overscan: &Overscan, ccdbias: f64) -> Line {
    let (ny, serious) = (chip.frame.sci.ny(), chip.serious());
    let rows = overscan.rows(ny);
    let middle = (rows.len() / 2) as f64;
    let median = |y: usize| {
        let (sci, dq) = (chip.frame.sci.row(y), chip.frame.dq.row(y));
        let good = overscan.section.clone().filter(|&x| dq[x] & serious == 0);
        median_of_finite(&mut good.map(|x| f64::from(sci[x])).collect::<Vec<_>>())
    };
    let levels: Vec<Option<f64>> = rows.into_par_iter().map(median).collect();
    let points = levels.iter().enumerate();
    let points = points.filter_map(|(line, level)| level.map(|level| (line as f64 - middle, level)));
    let (slope, intercept) = straight_line(points).unwrap_or((0.0, ccdbias));
    Line {
        slope,
        intercept,
        middle,
    }
}

impl BiasLevel {
    /// Records MEANBLEV in the header of SCI.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where a card cannot be written.
    pub fn record(&self, chip: &mut Chip) -> Result<()> {
        let comment = "mean of bias levels subtracted";
        put_single(&mut chip.sci, "MEANBLEV", self.mean_dn, comment)
    }

    /// Records BLEVCORR in the primary header.
    ///
    /// # Errors
    /// As [`BiasLevel::record`].
    pub fn record_switch(&self, primary: &mut Header) -> Result<()> {
        set(primary, "BLEVCORR", "COMPLETE")?;
        history(
            primary,
            match self.from_overscan {
                true => "BLEVCORR complete; bias level from overscan was subtracted.",
                false => "BLEVCORR complete, but default bias level was subtracted.",
            },
        )?;
        history(
            primary,
            match self.drift_corrected {
                true => "BLEVCORR includes correction for drift along lines.",
                false => "BLEVCORR does not include correction for drift along lines.",
            },
        )
    }
}
