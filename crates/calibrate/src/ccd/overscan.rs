//! The bias level of an exposure, from columns or rows that saw no light.

use super::section::Section;
use super::{CcdFrame, Real};
use crate::{Error, Result};
use firstlight_stats::median_of_finite;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How the level is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverscanOptions {
    /// Median of the samples of each row or column, rather than their mean.
    pub median: bool,
    /// Axis along which samples are combined: 1 for a level per row, 0 for one per column.
    pub axis: usize,
    /// Order of a polynomial that is fitted to the levels and stands for them.
    pub order: Option<usize>,
}

impl Default for OverscanOptions {
    fn default() -> Self {
        Self {
            median: true,
            axis: 1,
            order: None,
        }
    }
}

/// What is subtracted: a level per row, or per column.
#[derive(Debug, Clone, PartialEq)]
pub struct OverscanLevels {
    /// The levels, in the frame's unit, of all rows of the section (or columns, by axis).
    pub levels: Vec<f64>,
    /// 1 where they are of rows, 0 where they are of columns.
    pub axis: usize,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OverscanReport {
    /// Mean of the levels, in the frame's unit.
    pub mean: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

/// Measures the levels in a section of the frame. Samples that are masked or not finite are left out; a row (or column)
/// without any other takes the median of the others' levels.
///
/// # Errors
/// [`Error::SectionOutside`]; [`Error::Shape`] where the section does not have every row (or column) of the frame;
/// [`Error::Parameter`]; [`Error::NothingFinite`].
pub fn overscan_levels<T: Real>(
    frame: &CcdFrame<T>,
    section: Section,
    options: &OverscanOptions,
) -> Result<OverscanLevels> {
    frame.check()?;
    let (rows, columns) = section_of(section, frame.shape(), options)?;
    levels_of_section(&frame.cut(rows, columns)?, section, options)
}

/// Rows and columns of the section in a frame of `shape`.
///
/// # Errors
/// As [`overscan_levels`].
pub(super) fn section_of(
    section: Section,
    shape: (usize, usize),
    options: &OverscanOptions,
) -> Result<(Range<usize>, Range<usize>)> {
    let (rows, columns) = section.within(shape)?;
    let (whole, expected) = match options.axis {
        1 => (rows.len() == shape.0, (shape.0, columns.len())),
        0 => (columns.len() == shape.1, (rows.len(), shape.1)),
        found => {
            return Err(Error::Parameter {
                parameter: "overscan_axis",
                expected: "1 (a level per row) or 0 (a level per column)",
                found: found.to_string(),
            });
        }
    };
    if whole {
        return Ok((rows, columns));
    }
    Err(Error::Shape {
        what: format!("the overscan section {section}"),
        expected,
        found: (rows.len(), columns.len()),
    })
}

/// The levels of what the section holds.
pub(super) fn levels_of_section<T: Real>(
    part: &CcdFrame<T>,
    section: Section,
    options: &OverscanOptions,
) -> Result<OverscanLevels> {
    let (ny, nx) = part.shape();
    let of_rows = options.axis == 1;
    let mut levels: Vec<f64> = (0..if of_rows { ny } else { nx })
        .into_par_iter()
        .map_init(Vec::new, |samples: &mut Vec<f64>, n| {
            samples.clear();
            let mut take = |y: usize, x: usize| {
                let value = part.sci.row(y)[x].wide();
                if value.is_finite() && part.is_good(y * nx + x) {
                    samples.push(value);
                }
            };
            match of_rows {
                true => (0..nx).for_each(|x| take(n, x)),
                false => (0..ny).for_each(|y| take(y, n)),
            }
            if options.median {
                median_of_finite(samples).unwrap_or(f64::NAN)
            } else {
                mean(samples)
            }
        })
        .collect();
    if let Some(order) = options.order {
        levels = polynomial(&levels, order)?;
    }
    fill(&mut levels, section)?;
    Ok(OverscanLevels {
        levels,
        axis: options.axis,
    })
}

impl OverscanLevels {
    /// What was measured.
    pub fn report(&self) -> OverscanReport {
        let of = |pick: fn(f64, f64) -> f64, start| self.levels.iter().copied().fold(start, pick);
        OverscanReport {
            mean: mean(&self.levels),
            min: of(f64::min, f64::INFINITY),
            max: of(f64::max, f64::NEG_INFINITY),
        }
    }

    /// Takes the levels off a row of samples: row `y` of the frame they were measured in, from column `x0` on.
    pub(super) fn subtract(&self, sci: &mut [f64], y: usize, x0: usize) {
        if self.axis == 1 {
            let level = self.levels.get(y).copied().unwrap_or(f64::NAN);
            sci.iter_mut().for_each(|value| *value -= level);
        } else {
            for (value, level) in sci.iter_mut().zip(self.levels.iter().skip(x0)) {
                *value -= level;
            }
        }
    }
}

/// Subtracts the level that a section shows from the whole frame.
///
/// # Errors
/// As [`overscan_levels`]; the frame is as it was then.
pub fn subtract_overscan<T: Real>(
    frame: &mut CcdFrame<T>,
    section: Section,
    options: &OverscanOptions,
) -> Result<OverscanReport> {
    let levels = overscan_levels(frame, section, options)?;
    super::rows::each_row(frame, |y, row| levels.subtract(row.sci, y, 0));
    Ok(levels.report())
}

fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

fn fill(levels: &mut [f64], section: Section) -> Result<()> {
    let mut known: Vec<f64> = levels.iter().copied().filter(|level| level.is_finite()).collect();
    let count = known.len();
    let Some(middle) = median_of_finite(&mut known) else {
        return Err(Error::NothingFinite {
            region: format!("the overscan section {section}"),
            pixels: levels.len(),
        });
    };
    if count < levels.len() {
        levels
            .iter_mut()
            .filter(|level| !level.is_finite())
            .for_each(|level| *level = middle);
    }
    Ok(())
}

/// The least-squares polynomial of finite levels, at all of them: in Legendre polynomials over the range, by QR.
fn polynomial(levels: &[f64], order: usize) -> Result<Vec<f64>> {
    let n = levels.len();
    let known: Vec<usize> = (0..n).filter(|&i| levels[i].is_finite()).collect();
    if known.len() <= order {
        return Err(Error::Parameter {
            parameter: "oscan_model",
            expected: "an order less than the number of levels that it is fitted to",
            found: format!("{order}, with {} levels", known.len()),
        });
    }
    let at = |i: usize| 2.0 * i as f64 / (n.max(2) - 1) as f64 - 1.0;
    let terms = |i: usize| {
        let (x, mut terms) = (at(i), vec![1.0; order + 1]);
        if order > 0 {
            terms[1] = x;
        }
        for k in 2..=order {
            let (k_real, last, before) = (k as f64, terms[k - 1], terms[k - 2]);
            terms[k] = ((2.0 * k_real - 1.0) * x * last - (k_real - 1.0) * before) / k_real;
        }
        terms
    };
    let matrix = DMatrix::from_row_iterator(known.len(), order + 1, known.iter().flat_map(|&i| terms(i)));
    let values = DVector::from_iterator(known.len(), known.iter().map(|&i| levels[i]));
    let qr = matrix.qr();
    let solved = qr.r().solve_upper_triangular(&(qr.q().transpose() * values));
    let Some(coefficients) = solved else {
        return Err(Error::Parameter {
            parameter: "oscan_model",
            expected: "an order that the levels determine",
            found: order.to_string(),
        });
    };
    let value = |i| terms(i).iter().zip(coefficients.iter()).map(|(t, c)| t * c).sum();
    Ok((0..n).map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{CcdUnit, dq};
    use super::*;
    use firstlight_frame::Image;

    /// Light of 100, on a level of 10 + row, with two columns of overscan to the right.
    fn frame() -> CcdFrame<f32> {
        let sci = Image::from_fn(5, 6, |x, y| (10 + y) as f32 + if x < 4 { 100.0 } else { 0.0 });
        CcdFrame::new(sci, CcdUnit::Adu)
    }

    fn section() -> Section {
        Section::parse("[5:6,*]").unwrap()
    }

    #[test]
    fn the_level_of_each_row_is_taken_off() {
        let mut of_rows = frame();
        let report = subtract_overscan(&mut of_rows, section(), &OverscanOptions::default()).unwrap();
        assert_eq!((report.mean, report.min, report.max), (12.0, 10.0, 14.0));
        assert!((0..5).all(|y| of_rows.sci.row(y) == [100.0, 100.0, 100.0, 100.0, 0.0, 0.0]));
    }

    #[test]
    fn a_line_follows_levels_on_a_line_and_a_constant_is_their_mean() {
        let with = |order| OverscanOptions {
            order: Some(order),
            median: false,
            ..Default::default()
        };
        let levels = |order| overscan_levels(&frame(), section(), &with(order)).unwrap().levels;
        for order in [1, 3] {
            assert!(
                levels(order)
                    .iter()
                    .zip(10..)
                    .all(|(l, y)| (l - f64::from(y)).abs() < 1e-12)
            );
        }
        assert!(levels(0).iter().all(|l| (l - 12.0).abs() < 1e-12));
        assert!(overscan_levels(&frame(), section(), &with(5)).is_err());
    }

    #[test]
    fn masked_and_undefined_samples_are_left_out() {
        let mut of = frame();
        of.sci[(2, 4)] = 60000.0;
        of.dq_mut()[(2, 4)] = dq::SATURATED;
        of.sci[(3, 5)] = f32::NAN;
        of.sci[(4, 4)] = f32::NAN;
        of.sci[(4, 5)] = f32::NAN;
        let levels = overscan_levels(&of, section(), &OverscanOptions::default())
            .unwrap()
            .levels;
        // The last row has no sample: the median of 10, 11, 12, 13.
        assert_eq!(levels, [10.0, 11.0, 12.0, 13.0, 11.5]);
    }

    #[test]
    fn levels_of_columns_need_a_section_of_all_columns() {
        let options = OverscanOptions {
            axis: 0,
            ..Default::default()
        };
        assert!(matches!(
            overscan_levels(&frame(), section(), &options),
            Err(Error::Shape { .. })
        ));
        let top = Section::parse("[*,4:5]").unwrap();
        let levels = overscan_levels(&frame(), top, &options).unwrap().levels;
        assert_eq!(levels, [113.5, 113.5, 113.5, 113.5, 13.5, 13.5]);
    }
}
