//! RPTCORR: repeated exposures summed.

use super::acsrej::agreement::{check_same, real, same_chip};
use super::acsrej::{Member, blank};
use super::{Observation, history, put, set};
use crate::steps::{Statistics, statistics};
use crate::{Error, Result};
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;
use serde::Serialize;

/// Rows that are read at a time.
const ROWS: usize = 64;

/// A sum of exposures.
#[derive(Debug, Clone)]
pub struct Sum {
    /// The product. Its headers are those of the first exposure.
    pub product: Observation,
    /// What was measured.
    pub report: AcssumReport,
}

/// What a sum measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcssumReport {
    /// The exposures, in order.
    pub inputs: Vec<String>,
    /// NRPTEXP, where it is there and says that there should be another number of exposures.
    pub expected: Option<i64>,
    /// EXPTIME of the product, s.
    pub exptime_s: f64,
    /// Statistics of each imset.
    pub statistics: Vec<Statistics>,
}

/// Sums calibrated exposures of any detector: SCI is added, ERR in quadrature, DQ bits are those of all. Chips are
/// matched by CCDCHIP. NaN stays NaN. Arithmetic is in single precision, in the order of the exposures.
///
/// Pixels are read in blocks of rows: memory does not grow with the number of exposures.
///
/// # Errors
/// [`Error::TooFewExposures`] for one alone, [`Error::MembersDiffer`] for exposures of other detectors, filters, shapes
/// or places on the detector, [`Error::Keyword`] where EXPTIME or EXPEND is missing, and what reading may meet.
pub fn acssum(members: &[&dyn Member]) -> Result<Sum> {
    let (Some(first), true) = (members.first(), members.len() > 1) else {
        return Err(Error::TooFewExposures { found: members.len() });
    };
    for member in members {
        check_same(*first, *member)?;
    }
    let of_all = |keyword| -> Result<Vec<f64>> { members.iter().map(|m| real(*m, keyword)).collect() };
    let (exptime_s, expend_mjd) = (of_all("EXPTIME")?, of_all("EXPEND")?);
    let imsets: Vec<Vec<usize>> = (0..first.imsets())
        .map(|imset| same_chip(members, 0, imset))
        .collect::<Result<_>>()?;
    let mut product = blank(members, 0)?;
    // All bits, where the primary header does not say otherwise, as it hardly does.
    let serious = product
        .primary
        .integer("SDQFLAGS")
        .map_or(u16::MAX, |bits| bits as u16);
    let mut measured = Vec::with_capacity(product.chips.len());
    for (chip, imsets) in product.chips.iter_mut().zip(&imsets) {
        for (member, &imset) in members.iter().zip(imsets) {
            add(&mut chip.frame, *member, imset)?;
        }
        chip.frame
            .err
            .as_mut_slice()
            .par_iter_mut()
            .for_each(|err| *err = err.sqrt());
        let found = statistics(&chip.frame, serious)?;
        found.record(&mut chip.sci, &mut chip.err)?;
        measured.push(found);
    }
    let expected = first
        .primary()
        .integer("NRPTEXP")
        .filter(|&count| count != members.len() as i64);
    let report = AcssumReport {
        inputs: members.iter().map(|member| member.name()).collect(),
        expected,
        exptime_s: exptime_s.iter().sum(),
        statistics: measured,
    };
    record_rptcorr(&mut product, &report, expend_mjd.into_iter().fold(0.0, f64::max))?;
    Ok(Sum { product, report })
}

/// Adds an exposure; ERR is a variance meanwhile.
fn add(sum: &mut Frame, member: &dyn Member, imset: usize) -> Result<()> {
    let (ny, nx) = sum.sci.shape();
    for from in (0..ny).step_by(ROWS) {
        let rows = from..(from + ROWS).min(ny);
        let pixels = rows.start * nx..rows.end * nx;
        let (sci, err) = (member.sci(imset, rows.clone())?, member.err(imset, rows.clone())?);
        let dq = member.dq(imset, rows)?;
        accumulate(&mut sum.sci, &pixels, &sci, |sum, value| *sum += value);
        accumulate(&mut sum.err, &pixels, &err, |sum, error| *sum += error * error);
        accumulate(&mut sum.dq, &pixels, &dq, |sum, bits| *sum |= bits);
    }
    Ok(())
}

fn accumulate<T: Copy>(
    sum: &mut Image<T>,
    pixels: &std::ops::Range<usize>,
    samples: &[T],
    add: impl Fn(&mut T, T),
) {
    let sums = &mut sum.as_mut_slice()[pixels.clone()];
    sums.iter_mut()
        .zip(samples)
        .for_each(|(sum, &sample)| add(sum, sample));
}

fn record_rptcorr(product: &mut Observation, report: &AcssumReport, expend_mjd: f64) -> Result<()> {
    let extensions = 3 * product.chips.len() as i64;
    let primary = &mut product.primary;
    put(
        primary,
        "RPTCORR",
        "COMPLETE",
        "add individual repeat observations",
    )?;
    history(primary, "RPTCORR complete")?;
    history(primary, "Statistics computed after rptcorr.")?;
    set(primary, "NEXTEND", extensions)?;
    put(
        primary,
        "NCOMBINE",
        report.inputs.len() as i64,
        "number of imsets combined",
    )?;
    put(primary, "EXPTIME", report.exptime_s, "exposure time")?;
    put(primary, "EXPEND", expend_mjd, "exposure end time")
}
