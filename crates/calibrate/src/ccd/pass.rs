//! The steps that look at one row of a frame at a time, for a frame as a whole or band by band.

use super::arithmetic::{apply, scale, sum, unite};
use super::bias::same_unit;
use super::dark::check_factor;
use super::flat::Flat;
use super::gain::after_gain;
use super::linearity::{self, Linearity};
use super::overscan::{OverscanLevels, levels_of_section, section_of};
use super::process::{CcdSteps, CcdStepsReport};
use super::rows::{Row, each_row};
use super::{CcdFrame, CcdUnit, Operation, Real, dq, fringe};
use crate::{Error, Result};
use std::ops::Range;

/// All steps but fringes and background, ready for a frame of one shape and unit. Bands of the frame may be done in any
/// order and at the same time.
#[derive(Debug)]
pub struct CcdPass<'a, U> {
    steps: &'a CcdSteps<'a, U>,
    levels: Option<OverscanLevels>,
    linearity: Option<Linearity<'a>>,
    /// Of the raw frame, those that are kept.
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    unit: CcdUnit,
}

/// What a band has of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BandFlags {
    /// Pixels whose mask has any bit.
    pub masked: usize,
    /// Pixels beyond what is known of the linearity.
    pub nonlinear: usize,
}

impl<'a, U: Real> CcdPass<'a, U> {
    /// Prepares the steps for a raw frame; `section` gives that part of it that is asked for, rows and columns: the overscan
    /// is measured there.
    ///
    /// # Errors
    /// What the steps refuse.
    pub fn new<T: Real, E: From<Error>>(
        steps: &'a CcdSteps<'a, U>,
        (shape, unit): ((usize, usize), &CcdUnit),
        section: impl FnOnce(Range<usize>, Range<usize>) -> std::result::Result<CcdFrame<T>, E>,
    ) -> std::result::Result<Self, E> {
        let (rows, columns) = match steps.trim {
            Some(section) => section.within(shape)?,
            None => (0..shape.0, 0..shape.1),
        };
        let trimmed = (rows.len(), columns.len());
        let unit = check(steps, unit, trimmed)?;
        let levels = match &steps.overscan {
            Some((of, options)) => {
                let (rows, columns) = section_of(*of, shape, options)?;
                Some(levels_of_section(&section(rows, columns)?, *of, options)?)
            }
            None => None,
        };
        let linearity = steps.linearity.map(|options| Linearity::new(options, trimmed));
        Ok(Self {
            steps,
            levels,
            linearity: linearity.transpose()?,
            rows,
            columns,
            width: shape.1,
            unit,
        })
    }

    /// Rows of the raw frame that are kept.
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// `(ny, nx)` of the frame that comes out.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }

    /// Unit of what comes out.
    pub fn unit(&self) -> &CcdUnit {
        &self.unit
    }

    /// Whether what comes out has an uncertainty, and a mask, where the raw frame has them or not.
    pub fn planes(&self, err: bool, dq: bool) -> (bool, bool) {
        let masters = self.masters();
        let flags = self.steps.saturation.is_some() || self.steps.mask.is_some() || self.linearity.is_some();
        (
            err || self.steps.deviation.is_some() || masters.iter().any(|master| master.err.is_some()),
            dq || flags
                || self.steps.flat.is_some_and(Flat::may_flag)
                || masters.iter().any(|master| master.dq.is_some()),
        )
    }

    fn masters(&self) -> Vec<&CcdFrame<U>> {
        let dark = self.steps.dark.map(|(dark, _)| dark);
        let flat = self.steps.flat.map(Flat::frame);
        [self.steps.bias, dark, flat].into_iter().flatten().collect()
    }

    /// Does the steps on a band of raw rows, of which the first is row `first` of the raw frame. All have to be among
    /// [`CcdPass::rows`].
    ///
    /// # Errors
    /// [`Error::Shape`] for bands of another width, or that are not within the rows that are kept.
    pub fn band<T: Real>(&self, first: usize, band: CcdFrame<T>) -> Result<(CcdFrame<T>, BandFlags)> {
        band.check()?;
        let (ny, nx) = band.shape();
        if nx != self.width || first < self.rows.start || first + ny > self.rows.end {
            return Err(Error::Shape {
                what: format!("a band of a frame from row {first} on"),
                expected: (self.rows.len(), self.width),
                found: (ny, nx),
            });
        }
        let mut frame = match self.columns.len() == nx {
            true => band,
            false => band.cut(0..ny, self.columns.clone())?,
        };
        let (err, dq) = self.planes(frame.err.is_some(), frame.dq.is_some());
        if err {
            frame.err_mut();
        }
        if dq {
            frame.dq_mut();
        }
        each_row(&mut frame, |y, row| self.row(first + y, row));
        frame.unit = self.unit.clone();
        let flags = BandFlags {
            masked: frame.masked(),
            nonlinear: linearity::report(&frame).beyond,
        };
        Ok((frame, flags))
    }

    /// The order of the steps: row `raw` of the raw frame.
    fn row(&self, raw: usize, mut row: Row<'_>) {
        let steps = self.steps;
        let y = raw - self.rows.start;
        let early_gain = steps.gain.filter(|_| steps.gain_corrected);
        if let (Some(limit), Some(dq)) = (steps.saturation, &mut row.dq) {
            for (bits, value) in dq.iter_mut().zip(row.sci.iter()) {
                *bits |= if *value >= limit { dq::SATURATED } else { 0 };
            }
        }
        if let Some(levels) = &self.levels {
            levels.subtract(row.sci, raw, self.columns.start);
        }
        if let Some(deviation) = &steps.deviation {
            deviation.apply(row.again());
        }
        if let Some(mask) = steps.mask {
            unite(row.dq.as_deref_mut(), Some(mask.row(y)));
        }
        if let Some(gain) = early_gain {
            scale(row.again(), gain);
        }
        if let Some(bias) = steps.bias {
            apply(Operation::Subtract, row.again(), bias.row(y));
        }
        if let Some(linearity) = &self.linearity {
            linearity.correct(row.again(), y, early_gain.unwrap_or(1.0));
        }
        if let Some((dark, factor)) = steps.dark {
            sum(row.again(), dark.row(y), -factor);
        }
        if let Some(flat) = steps.flat {
            flat.divide(row.again(), y);
        }
        if let Some(gain) = steps.gain.filter(|_| !steps.gain_corrected) {
            scale(row, gain);
        }
    }

    /// What was measured, with the flags of all bands.
    pub fn report(&self, bands: impl IntoIterator<Item = BandFlags>) -> CcdStepsReport {
        let flags = bands
            .into_iter()
            .fold(BandFlags::default(), |sum, band| BandFlags {
                masked: sum.masked + band.masked,
                nonlinear: sum.nonlinear + band.nonlinear,
            });
        CcdStepsReport {
            overscan: self.levels.as_ref().map(OverscanLevels::report),
            linearity: self.linearity.as_ref().map(|_| linearity::LinearityReport {
                beyond: flags.nonlinear,
            }),
            flat: self.steps.flat.map(Flat::report),
            cosmic_rays: None,
            fringe: None,
            background: None,
            masked: flags.masked,
        }
    }
}

/// Refuses what does not fit a frame that will have `shape`; gives the unit it will have.
fn check<U: Real>(steps: &CcdSteps<'_, U>, raw: &CcdUnit, shape: (usize, usize)) -> Result<CcdUnit> {
    let unit = match steps.gain {
        Some(gain) => after_gain(raw, gain)?,
        None => raw.clone(),
    };
    let of_masters = if steps.gain_corrected { &unit } else { raw };
    if let Some(deviation) = &steps.deviation {
        deviation.check()?;
    }
    if steps.linearity.is_some() {
        linearity::in_adu(raw)?;
    }
    let fits = |master: &CcdFrame<U>, what: &str| {
        master.check()?;
        expect_shape(what, shape, master.shape())
    };
    if let Some(mask) = steps.mask {
        expect_shape("the bad-pixel mask", shape, mask.shape())?;
    }
    if let Some(bias) = steps.bias {
        same_unit(of_masters, &bias.unit, "the master bias")?;
        fits(bias, "the master bias")?;
    }
    if let Some((dark, factor)) = steps.dark {
        check_factor(factor)?;
        same_unit(of_masters, &dark.unit, "the master dark")?;
        fits(dark, "the master dark")?;
    }
    if let Some(flat) = steps.flat {
        fits(flat.frame(), "the master flat")?;
    }
    if let Some(options) = &steps.cosmic_rays {
        options.how.check()?;
    }
    if let Some((frame, options)) = &steps.fringe {
        fringe::fits(&unit, frame, options)?;
        fits(frame, "the fringe frame")?;
    }
    if let Some(options) = &steps.background {
        options.check()?;
    }
    Ok(unit)
}

fn expect_shape(what: &str, expected: (usize, usize), found: (usize, usize)) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.to_owned(),
        expected,
        found,
    })
}
