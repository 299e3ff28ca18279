//! The non-linearity of a detector: what it counts is less than what it would count, the more so the more light it saw.

use super::rows::{Row, each_row};
use super::section::Section;
use super::{CcdFrame, CcdUnit, Real, dq};
use crate::{Error, Result};
use serde::Serialize;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The correction of a frame, or of the section of one amplifier: `true = x (c₁ + c₂ x + c₃ x² + …)`, with `x` the level
/// above the bias, adu.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearityCurve {
    /// Where it holds, in the trimmed frame; everywhere where there is none.
    pub section: Option<Section>,
    /// `c₁`, `c₂`, …, of which `c₁` has no unit and `cₙ` is in adu⁻⁽ⁿ⁻¹⁾.
    pub coefficients: Vec<f64>,
}

/// How a non-linearity is corrected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinearityOptions {
    /// One curve for the frame, or one for each amplifier, which then cover the frame without overlap.
    pub curves: Vec<LinearityCurve>,
    /// The highest level above the bias, adu, that the curves are known to. Above it the factor stays that of this level,
    /// and pixels are [`dq::NONLINEAR`]. Without it the level from which on a curve falls is taken.
    pub limit: Option<f64>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinearityReport {
    /// Pixels above the highest level.
    pub beyond: usize,
}

/// Curves that are ready for frames of one shape.
#[derive(Debug)]
pub(super) struct Linearity<'a> {
    stretches: Vec<Stretch<'a>>,
}

/// A part of the frame with its curve.
#[derive(Debug)]
struct Stretch<'a> {
    rows: Range<usize>,
    columns: Range<usize>,
    coefficients: &'a [f64],
    limit: f64,
}

/// Corrects the non-linearity of a frame in adu whose bias level is zero. The uncertainty is multiplied by the derivative of
/// the curve.
///
/// # Errors
/// [`Error::CcdUnits`] for a frame that is not in adu; [`Error::Parameter`] for curves that do not rise up to the limit, and
/// for sections that overlap or leave pixels out; [`Error::SectionOutside`]. The frame is as it was then.
pub fn linearity_correct<T: Real>(
    frame: &mut CcdFrame<T>,
    options: &LinearityOptions,
) -> Result<LinearityReport> {
    in_adu(&frame.unit)?;
    frame.check()?;
    let linearity = Linearity::new(options, frame.shape())?;
    frame.dq_mut();
    each_row(frame, |y, row| linearity.correct(row, y, 1.0));
    Ok(report(frame))
}

pub(super) fn in_adu(unit: &CcdUnit) -> Result<()> {
    if *unit == CcdUnit::Adu {
        return Ok(());
    }
    Err(Error::CcdUnits {
        what: "the frame whose non-linearity is to be corrected".to_owned(),
        expected: CcdUnit::Adu.to_string(),
        found: unit.to_string(),
    })
}

pub(super) fn report<T>(frame: &CcdFrame<T>) -> LinearityReport {
    let dq = frame.dq.as_ref().map_or(&[][..], |dq| dq.as_slice());
    LinearityReport {
        beyond: dq.iter().filter(|&&bits| bits & dq::NONLINEAR != 0).count(),
    }
}

impl<'a> Linearity<'a> {
    pub(super) fn new(options: &'a LinearityOptions, shape: (usize, usize)) -> Result<Self> {
        let limit = match options.limit {
            None => None,
            Some(limit) if limit.is_finite() && limit > 0.0 => Some(limit),
            Some(limit) => {
                return Err(refuse(
                    "linearity_limit",
                    "a positive number of adu",
                    limit.to_string(),
                ));
            }
        };
        let mut stretches: Vec<Stretch<'_>> = Vec::with_capacity(options.curves.len());
        for curve in &options.curves {
            let (rows, columns) = match curve.section {
                Some(section) => section.within(shape)?,
                None => (0..shape.0, 0..shape.1),
            };
            stretches.push(Stretch {
                rows,
                columns,
                coefficients: &curve.coefficients,
                limit: curve.highest(limit)?,
            });
        }
        once_each(&stretches, shape)?;
        Ok(Self { stretches })
    }

    /// Corrects row `y`, whose samples are `gain` times adu.
    pub(super) fn correct(&self, mut row: Row<'_>, y: usize, gain: f64) {
        for stretch in self.stretches.iter().filter(|of| of.rows.contains(&y)) {
            for x in stretch.columns.clone() {
                let (factor, slope) = stretch.at(row.sci[x] / gain);
                if let Some(dq) = row.dq.as_mut().filter(|_| row.sci[x] / gain > stretch.limit) {
                    dq[x] |= dq::NONLINEAR;
                }
                row.sci[x] *= factor;
                if let Some(err) = &mut row.err {
                    err[x] *= slope;
                }
            }
        }
    }
}

impl Stretch<'_> {
    /// What a level is multiplied by, and the derivative of the product.
    fn at(&self, level: f64) -> (f64, f64) {
        if level > self.limit {
            let factor = polynomial(self.coefficients, self.limit);
            return (factor, factor);
        }
        let (factor, slope) = (
            polynomial(self.coefficients, level),
            slope(self.coefficients, level),
        );
        // Far below zero, where no curve is known, samples are those of the slope at zero.
        match slope > 0.0 {
            true => (factor, slope),
            false => (self.coefficients[0], self.coefficients[0]),
        }
    }
}

/// `c₁ + c₂ x + …`
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The derivative of `x (c₁ + c₂ x + …)`.
fn slope(coefficients: &[f64], x: f64) -> f64 {
    let terms = coefficients.iter().enumerate().rev();
    terms.fold(0.0, |sum, (power, c)| sum * x + (power + 1) as f64 * c)
}

impl LinearityCurve {
    /// The level up to which it is used: `limit`, or that from which on it falls.
    fn highest(&self, limit: Option<f64>) -> Result<f64> {
        let finite = self.coefficients.iter().all(|c| c.is_finite());
        if !finite || self.coefficients.first().is_none_or(|&c| c <= 0.0) {
            return Err(refuse(
                "linearity",
                "coefficients of which the first is positive, as in 1,3e-7",
                self.to_string(),
            ));
        }
        let falls = self.falls_from();
        match limit {
            Some(limit) if falls <= limit => Err(refuse(
                "linearity",
                "a curve that rises up to the limit",
                format!("{self}, which falls from {falls:.6} adu on, below the limit of {limit}"),
            )),
            Some(limit) => Ok(limit),
            None => Ok(falls),
        }
    }

    /// The lowest level from which on it falls; infinite where it rises as far as any detector counts.
    fn falls_from(&self) -> f64 {
        const MOST: f64 = 1e8;
        let (mut low, mut high) = (0.0, 1.0);
        while slope(&self.coefficients, high) > 0.0 {
            if high > MOST {
                return f64::INFINITY;
            }
            (low, high) = (high, high * 1.002);
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            match slope(&self.coefficients, middle) > 0.0 {
                true => low = middle,
                false => high = middle,
            }
        }
        low
    }
}

/// Refuses parts of the frame that have no curve, or two.
fn once_each(stretches: &[Stretch<'_>], (ny, nx): (usize, usize)) -> Result<()> {
    let both = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    for (n, a) in stretches.iter().enumerate() {
        let other = |b: &&Stretch<'_>| both(&a.rows, &b.rows) && both(&a.columns, &b.columns);
        if stretches[..n].iter().any(|b| other(&b)) {
            return Err(refuse(
                "linearity",
                "one curve for the frame, or sections that do not overlap",
                format!("{} of {} curves that overlap", n + 1, stretches.len()),
            ));
        }
    }
    let covered: usize = stretches.iter().map(|of| of.rows.len() * of.columns.len()).sum();
    if covered == ny * nx {
        return Ok(());
    }
    Err(refuse(
        "linearity",
        "given for every pixel of the trimmed frame",
        format!("given for {covered} pixels of {}", ny * nx),
    ))
}

fn refuse(parameter: &'static str, expected: &'static str, found: String) -> Error {
    Error::Parameter {
        parameter,
        expected,
        found,
    }
}

/// As it is read: `1,3e-7`, or `[1:512,*]=1,3e-7`.
impl fmt::Display for LinearityCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = self.section {
            write!(f, "{section}=")?;
        }
        let coefficients: Vec<String> = self.coefficients.iter().map(|c| format!("{c:?}")).collect();
        f.write_str(&coefficients.join(","))
    }
}

impl FromStr for LinearityCurve {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let (section, numbers) = match text.split_once('=') {
            Some((section, numbers)) => (Some(Section::parse(section)?), numbers),
            None => (None, text),
        };
        let coefficients = numbers.split(',').map(|c| c.trim().parse::<f64>());
        match coefficients.collect() {
            Ok(coefficients) => Ok(Self {
                section,
                coefficients,
            }),
            Err(_) => Err(Error::Unreadable {
                expected: "the coefficients of a linearity, such as 1,3e-7, or of a section, such as [1:512,*]=1,3e-7",
                found: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_frame::Image;

    fn options(curves: &[&str], limit: Option<f64>) -> LinearityOptions {
        LinearityOptions {
            curves: curves.iter().map(|text| text.parse().unwrap()).collect(),
            limit,
        }
    }

    fn frame(values: &[f64]) -> CcdFrame<f64> {
        CcdFrame {
            err: Some(Image::filled(1, values.len(), 10.0)),
            ..CcdFrame::new(
                Image::from_vec(1, values.len(), values.to_vec()).unwrap(),
                CcdUnit::Adu,
            )
        }
    }

    #[test]
    fn a_level_is_multiplied_by_its_polynomial_and_its_deviation_by_the_slope() {
        let mut of = frame(&[0.0, 1000.0, 20000.0, -10.0, f64::NAN]);
        // 1000 (1 + 2e-6 · 1000 + 1e-10 · 10⁶) = 1002.1; its slope is 1 + 4e-3 + 3e-4.
        let report = linearity_correct(&mut of, &options(&["1,2e-6,1e-10"], None)).unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} for {b}");
        near(of.sci[(0, 1)], 1002.1);
        near(of.sci[(0, 2)], 20000.0 * (1.0 + 0.04 + 0.04));
        near(of.sci[(0, 3)], -10.0 * (1.0 - 2e-5 + 1e-8));
        assert!(of.sci[(0, 0)] == 0.0 && of.sci[(0, 4)].is_nan());
        near(of.err.as_ref().unwrap()[(0, 1)], 10.0 * 1.0043);
        near(of.err.as_ref().unwrap()[(0, 2)], 10.0 * (1.0 + 0.08 + 0.12));
        assert_eq!(report.beyond, 0);
    }

    #[test]
    fn above_the_limit_the_factor_stays_and_pixels_are_flagged() {
        let mut of = frame(&[30000.0, 30001.0, 50000.0]);
        let report = linearity_correct(&mut of, &options(&["1,1e-6"], Some(30000.0))).unwrap();
        assert_eq!(of.sci.as_slice(), [30900.0, 30001.0 * 1.03, 51500.0]);
        assert_eq!(of.dq.unwrap().as_slice(), [0, dq::NONLINEAR, dq::NONLINEAR]);
        assert_eq!(of.err.unwrap().as_slice(), [10.0 * 1.06, 10.3, 10.3]);
        assert_eq!(report.beyond, 2);
        // x (1 - 1e-5 x) falls from 50000 on.
        let mut of = frame(&[49999.0, 50001.0]);
        linearity_correct(&mut of, &options(&["1,-1e-5"], None)).unwrap();
        assert_eq!(of.dq.unwrap().as_slice(), [0, dq::NONLINEAR]);
    }

    #[test]
    fn amplifiers_have_curves_of_their_own() {
        let mut of = frame(&[100.0, 100.0, 100.0]);
        linearity_correct(&mut of, &options(&["[1:2,*]=1,1e-3", "[3,*]=2"], None)).unwrap();
        let near = |x: usize, value: f64| assert!((of.sci[(0, x)] - value).abs() < 1e-9);
        near(0, 110.0);
        near(1, 110.0);
        near(2, 200.0);
    }

    #[test]
    fn curves_that_cannot_be_meant_are_refused() {
        let refused = |curves: &[&str], limit| {
            let mut of = frame(&[100.0, 100.0, 100.0]);
            let before = of.clone();
            let error = linearity_correct(&mut of, &options(curves, limit)).unwrap_err();
            assert_eq!(of.sci, before.sci);
            assert_eq!(of.dq, None);
            error.to_string()
        };
        let error = refused(&["1,-1e-5"], Some(60000.0));
        assert!(
            error.contains("falls from 50000") && error.contains("60000"),
            "{error}"
        );
        assert!(refused(&["1", "[1:2,*]=1"], None).contains("overlap"));
        assert!(refused(&["[1:2,*]=1"], None).contains("2 pixels of 3"));
        assert!(refused(&[], None).contains("0 pixels of 3"));
        assert!(refused(&["-1"], None).contains("positive"));
        assert!(refused(&["nan"], None).contains("positive"));
        assert!(refused(&["1"], Some(0.0)).contains("linearity_limit"));
        assert!(refused(&["[1:9,*]=1"], None).contains("does not lie within"));
        for text in ["", "1,,2", "[1:2]=1", "a"] {
            assert!(text.parse::<LinearityCurve>().is_err(), "{text}");
        }
        let mut of = frame(&[1.0]);
        of.unit = CcdUnit::Electron;
        let error = linearity_correct(&mut of, &options(&["1"], None)).unwrap_err();
        assert!(error.to_string().contains("is in unit 'electron'"), "{error}");
    }

    #[test]
    fn curves_are_written_as_they_are_read() {
        for text in ["1.0,3e-7", "[1:512,*]=1.0,-2.5e-7,1e-12"] {
            assert_eq!(text.parse::<LinearityCurve>().unwrap().to_string(), text);
        }
    }
}
