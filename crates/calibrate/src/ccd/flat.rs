//! The master flat, normalised.

use super::arithmetic::agree;
use super::deviation::positive;
use super::rows::{Row, each_row};
use super::section::Section;
use super::{CcdFrame, Real, dq};
use crate::{Error, Result};
use firstlight_stats::median_of_finite;
use rayon::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// How a flat is normalised.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlatOptions {
    /// Samples of the flat below this, in its unit, are taken to be this; their pixels are [`dq::FLAT_INVALID`].
    pub min_value: Option<f64>,
    /// The level that the flat is divided by, in its unit, in place of one that is measured.
    pub norm_value: Option<f64>,
    /// The median stands for the level, rather than the mean.
    pub median: bool,
    /// Where the level is measured, in place of the whole flat.
    pub section: Option<Section>,
    /// Parts that are divided by a level of their own each, such as those of the amplifiers.
    pub amplifiers: Vec<Section>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlatReport {
    /// The level that the flat was divided by, in its unit.
    pub norm: f64,
    /// Those of the amplifiers.
    pub amplifiers: Vec<f64>,
}

/// A flat with its levels, for any number of frames.
#[derive(Debug)]
pub struct Flat<'a, U> {
    frame: &'a CcdFrame<U>,
    min_value: f64,
    norm: f64,
    amplifiers: Vec<Stretch>,
    /// No sample is masked or invalid.
    all_good: bool,
}

/// A part of a flat with a level of its own.
#[derive(Debug)]
struct Stretch {
    rows: Range<usize>,
    columns: Range<usize>,
    level: f64,
}

impl<'a, U: Real> Flat<'a, U> {
    /// Measures the levels of a flat, of samples that are finite and not masked.
    ///
    /// # Errors
    /// [`Error::BlankFlat`] where a level is not positive; [`Error::NothingFinite`]; [`Error::SectionOutside`];
    /// [`Error::Parameter`] for a `norm_value` that is not positive.
    pub fn new(frame: &'a CcdFrame<U>, options: &FlatOptions) -> Result<Self> {
        frame.check()?;
        let min_value = options.min_value.unwrap_or(f64::NEG_INFINITY);
        let whole = (0..frame.sci.ny(), 0..frame.sci.nx());
        let level = |region: &str, (rows, columns): &(Range<usize>, Range<usize>)| {
            let level = level(frame, (rows, columns), min_value, options.median);
            match level {
                None => Err(Error::NothingFinite {
                    region: region.to_owned(),
                    pixels: rows.len() * columns.len(),
                }),
                Some(level) if level.is_finite() && level > 0.0 => Ok(level),
                Some(level) => Err(Error::BlankFlat {
                    region: region.to_owned(),
                    level,
                }),
            }
        };
        let norm = match (options.norm_value, options.section) {
            (Some(norm), _) => {
                positive("norm_value", norm)?;
                norm
            }
            (None, Some(section)) => level(
                &format!("the section {section} of the flat"),
                &section.within(frame.shape())?,
            )?,
            (None, None) => level("the flat", &whole)?,
        };
        let amplifier = |section: &Section| {
            let place = section.within(frame.shape())?;
            let level = level(&format!("the section {section} of the flat"), &place)?;
            Ok(Stretch {
                rows: place.0,
                columns: place.1,
                level,
            })
        };
        let amplifiers = options.amplifiers.iter().map(amplifier).collect::<Result<_>>()?;
        let mut flat = Self {
            frame,
            min_value,
            norm,
            amplifiers,
            all_good: false,
        };
        let masked = frame
            .dq
            .as_ref()
            .is_some_and(|dq| dq.as_slice().iter().any(|&bits| bits != 0));
        let samples = frame.sci.as_slice().par_iter();
        flat.all_good = !masked && !samples.any(|sample| flat.is_invalid(sample.wide()));
        Ok(flat)
    }

    /// The flat.
    pub fn frame(&self) -> &CcdFrame<U> {
        self.frame
    }

    /// What was measured.
    pub fn report(&self) -> FlatReport {
        FlatReport {
            norm: self.norm,
            amplifiers: self.amplifiers.iter().map(|stretch| stretch.level).collect(),
        }
    }

    /// Divides row `y`. Where the flat is masked the samples stay as they are, and where it is not positive also, and are
    /// flagged.
    pub(super) fn divide(&self, mut row: Row<'_>, y: usize) {
        let of_row: Vec<&Stretch> = self
            .amplifiers
            .iter()
            .filter(|stretch| stretch.rows.contains(&y))
            .collect();
        if of_row.is_empty() {
            return self.divide_stretch(&mut row, y, 0..self.frame.sci.nx(), self.norm);
        }
        let norm = |x: usize| {
            let of = of_row.iter().find(|stretch| stretch.columns.contains(&x));
            of.map_or(self.norm, |stretch| stretch.level)
        };
        let mut from = 0;
        for x in 1..=self.frame.sci.nx() {
            if x == self.frame.sci.nx() || norm(x) != norm(from) {
                self.divide_stretch(&mut row, y, from..x, norm(from));
                from = x;
            }
        }
    }

    /// Some columns of a row, all of one level.
    fn divide_stretch(&self, row: &mut Row<'_>, y: usize, columns: Range<usize>, norm: f64) {
        let flat = self.frame.row(y);
        let samples = &flat.sci[columns.clone()];
        let sci = &mut row.sci[columns.clone()];
        if self.all_good {
            for (value, sample) in sci.iter_mut().zip(samples) {
                *value = *value * norm / sample.wide();
            }
            if let Some(err) = &mut row.err {
                for (i, e) in err[columns.clone()].iter_mut().enumerate() {
                    let of_flat = flat.err.map_or(0.0, |err| err[columns.start + i].wide() / norm) * sci[i];
                    *e = (*e * *e + of_flat * of_flat).sqrt() / (samples[i].wide() / norm);
                }
            }
            return;
        }
        for (i, x) in columns.enumerate() {
            let sample = samples[i].wide();
            let invalid = self.is_invalid(sample);
            let bits = flat.dq.map_or(0, |dq| dq[x]);
            if let Some(dq) = &mut row.dq {
                dq[x] |= bits | if invalid { dq::FLAT_INVALID } else { 0 };
            }
            let sample = sample.max(self.min_value);
            if bits != 0 || !sample.is_finite() || sample <= 0.0 {
                continue;
            }
            let normed = sample / norm;
            sci[i] /= normed;
            if let Some(err) = &mut row.err {
                let of_flat = flat.err.map_or(0.0, |err| err[x].wide() / norm) * sci[i];
                err[x] = (err[x] * err[x] + of_flat * of_flat).sqrt() / normed;
            }
        }
    }

    fn is_invalid(&self, sample: f64) -> bool {
        !sample.is_finite() || sample <= 0.0 || sample < self.min_value
    }

    /// Whether a sample may be flagged.
    pub(super) fn may_flag(&self) -> bool {
        !self.all_good
    }
}

/// Divides a frame by a flat that is normalised.
///
/// # Errors
/// [`Error::Shape`]; the frame is as it was then.
pub fn flat_correct<T: Real, U: Real>(frame: &mut CcdFrame<T>, flat: &Flat<'_, U>) -> Result<FlatReport> {
    agree(frame, flat.frame, "the master flat")?;
    frame.make_planes_of(flat.frame);
    if flat.may_flag() {
        frame.dq_mut();
    }
    each_row(frame, |y, row| flat.divide(row, y));
    Ok(flat.report())
}

/// Mean or median of the samples that are finite and not masked; none of none.
fn level<U: Real>(
    frame: &CcdFrame<U>,
    (rows, columns): (&Range<usize>, &Range<usize>),
    min_value: f64,
    of_median: bool,
) -> Option<f64> {
    let good = |y: usize| {
        let row = frame.row(y);
        columns.clone().filter_map(move |x| {
            let value = row.sci[x].wide();
            let masked = row.dq.is_some_and(|dq| dq[x] != 0);
            (!masked && value.is_finite()).then_some(value.max(min_value))
        })
    };
    if of_median {
        let mut all: Vec<f64> = rows.clone().flat_map(good).collect();
        return median_of_finite(&mut all);
    }
    let sums: Vec<(f64, usize)> = rows
        .clone()
        .into_par_iter()
        .map(|y| good(y).fold((0.0, 0), |(sum, n), value| (sum + value, n + 1)))
        .collect();
    let (sum, n) = sums
        .iter()
        .fold((0.0, 0), |(sum, n), row| (sum + row.0, n + row.1));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::super::CcdUnit;
    use super::*;
    use firstlight_frame::Image;

    fn frame(values: &[f64]) -> CcdFrame<f64> {
        CcdFrame::new(
            Image::from_vec(1, values.len(), values.to_vec()).unwrap(),
            CcdUnit::Adu,
        )
    }

    #[test]
    fn a_flat_is_divided_by_its_mean() {
        let mut science = frame(&[10.0, 10.0, 10.0, 10.0]);
        science.err = Some(Image::filled(1, 4, 1.0));
        let mut master = frame(&[50.0, 100.0, 150.0, 100.0]);
        master.err = Some(Image::filled(1, 4, 10.0));
        let flat = Flat::new(&master, &FlatOptions::default()).unwrap();
        let report = flat_correct(&mut science, &flat).unwrap();
        assert_eq!(report.norm, 100.0);
        assert_eq!(science.sci.as_slice(), [20.0, 10.0, 10.0 / 1.5, 10.0]);
        // Relative errors of 0.1 and of 10 in 50: 20 √0.05.
        assert!((science.err.unwrap()[(0, 0)] - 20.0 * 0.05f64.sqrt()).abs() < 1e-12);
        assert!(science.dq.is_none());
    }

    #[test]
    fn what_no_flat_is_good_for_is_flagged_and_stays() {
        let mut science = frame(&[10.0, 10.0, 10.0, 10.0, 10.0]);
        let mut master = frame(&[0.0, -5.0, f64::NAN, 100.0, 77.0]);
        master.dq_mut()[(0, 4)] = dq::BAD_PIXEL;
        let options = FlatOptions {
            norm_value: Some(50.0),
            ..Default::default()
        };
        flat_correct(&mut science, &Flat::new(&master, &options).unwrap()).unwrap();
        assert_eq!(science.sci.as_slice(), [10.0, 10.0, 10.0, 5.0, 10.0]);
        assert_eq!(science.dq.as_ref().unwrap().as_slice(), [8, 8, 8, 0, 1]);
        let min = FlatOptions {
            min_value: Some(25.0),
            ..options
        };
        let mut science = frame(&[10.0; 5]);
        flat_correct(&mut science, &Flat::new(&master, &min).unwrap()).unwrap();
        assert_eq!(science.sci.as_slice()[..2], [20.0, 20.0]);
        assert_eq!(science.dq.unwrap().as_slice()[..2], [8, 8]);
    }

    #[test]
    fn each_amplifier_has_a_level_and_masked_samples_none() {
        let mut master = frame(&[10.0, 30.0, 200.0, 9999.0]);
        master.dq_mut()[(0, 3)] = dq::SATURATED;
        let options = FlatOptions {
            amplifiers: vec![
                Section::parse("[1:2,*]").unwrap(),
                Section::parse("[3:4,*]").unwrap(),
            ],
            ..Default::default()
        };
        let mut science = frame(&[1.0; 4]);
        let report = flat_correct(&mut science, &Flat::new(&master, &options).unwrap()).unwrap();
        assert_eq!((report.norm, report.amplifiers), (80.0, vec![20.0, 200.0]));
        assert_eq!(science.sci.as_slice(), [2.0, 1.0 / 1.5, 1.0, 1.0]);
        let median = FlatOptions {
            median: true,
            section: Some(Section::parse("[1:3,1:1]").unwrap()),
            ..Default::default()
        };
        assert_eq!(Flat::new(&master, &median).unwrap().report().norm, 30.0);
    }

    #[test]
    fn a_blank_flat_is_refused() {
        for values in [[0.0, 0.0], [-3.0, 1.0]] {
            let master = frame(&values);
            let error = Flat::new(&master, &FlatOptions::default()).unwrap_err();
            assert!(matches!(error, Error::BlankFlat { .. }), "{error}");
        }
        let nothing = frame(&[f64::NAN]);
        assert!(matches!(
            Flat::new(&nothing, &FlatOptions::default()),
            Err(Error::NothingFinite { .. })
        ));
    }
}
