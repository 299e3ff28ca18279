//! The bias level from the overscan, line by line.

use super::drift::{self, Drift};
use super::line_fit::{self, Line};
use super::{BlevReport, LevelOf};
use crate::acs::acsccd::readout::Readout;
use crate::acs::tables::oscntab::Overscan;
use crate::acs::{Amplifier, Chip};
use crate::steps::widest;
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::{Range, RangeInclusive};

/// Whether there is a section to measure the level in, of a chip that OSCNTAB has a row for.
pub fn check(chip: &Chip, overscan: Option<&Overscan>) -> Result<()> {
    match overscan {
        Some(row) if row.leading.is_none() && row.trailing.is_none() => {
            Err(Error::NoOverscanSection { chip: chip.number() })
        }
        _ => Ok(()),
    }
}

/// Subtracts from the pixels of each amplifier the straight line through the medians of its overscan (e), and the
/// drift along lines where `overscan` gives virtual overscan.
///
/// # Errors
/// [`Error::NoOverscanSection`] where OSCNTAB gives no section to measure the bias in.
pub fn overscan_level(chip: &mut Chip, readout: &Readout, overscan: &Overscan) -> Result<BlevReport> {
    let (ny, nx) = chip.shape()?;
    check(chip, Some(overscan))?;
    let mut report = BlevReport::default();
    for (position, &amplifier) in readout.amplifiers.iter().enumerate() {
        let sections = sections(readout, overscan, amplifier);
        let region = Region::of(readout, overscan, position, (ny, nx));
        if region.rows.is_empty() {
            continue;
        }
        let virtual_section = overscan.virtual_section.as_ref().zip(sections.first());
        let drift = virtual_section.and_then(|(section, nearest)| drift::fit(chip, section, nearest));
        let line = line_fit::fit(
            chip,
            &sections,
            region.rows.start,
            region.rows.len(),
            readout.parameters.readnoise(amplifier),
            readout.parameters.default_bias_e(amplifier),
        );
        subtract(chip, &region, &line, drift.as_ref());
        if !line.measured {
            report.doubts.push(format!(
                "[SCI,{}]: the overscan of amplifier {} has no usable line to measure the bias level in: that of CCDTAB was \
                 subtracted",
                chip.version,
                amplifier.letter()
            ));
        }
        // The drift at the middle column stands for its mean along the line.
        let mean_drift = drift.map_or(0.0, |drift| drift.at(region.columns.len() as f64 / 2.0));
        let sum: f64 = region.rows.clone().map(|y| line.at(y) + mean_drift).sum();
        report.levels.push(LevelOf {
            amplifier,
            level_e: sum / region.rows.len() as f64,
        });
        report.drift_corrected = drift.is_some();
    }
    report.from_overscan = true;
    Ok(report)
}

/// The sections of an amplifier: the one on its side, or the only one there is; both where it reads whole lines.
fn sections(readout: &Readout, overscan: &Overscan, amplifier: Amplifier) -> Vec<RangeInclusive<usize>> {
    let both = (overscan.leading.clone(), overscan.trailing.clone());
    let is_right = matches!(amplifier, Amplifier::B | Amplifier::D);
    let reads_lines_alone = readout.amplifiers.len() == 1;
    match both {
        (Some(leading), Some(trailing)) if reads_lines_alone => vec![leading, trailing],
        (Some(leading), Some(trailing)) => vec![if is_right { trailing } else { leading }],
        (one, other) => one.or(other).into_iter().collect(),
    }
}

/// The pixels that an amplifier's level is subtracted from.
struct Region {
    columns: Range<usize>,
    rows: Range<usize>,
}

impl Region {
    fn of(readout: &Readout, overscan: &Overscan, position: usize, shape: (usize, usize)) -> Self {
        let parameters = &readout.parameters;
        let amplifier = readout.amplifiers[position];
        let alone = readout.amplifiers.len() == 1;
        let is_right = !alone && matches!(amplifier, Amplifier::B | Amplifier::D);
        let is_upper = parameters.ampy > 0 && matches!(amplifier, Amplifier::A | Amplifier::B);
        let span = |is_second: bool, border: usize, trim: [usize; 2], length: usize| {
            let middle = trim[0].saturating_add(border).min(length);
            let far = length - trim[1];
            match (is_second, border) {
                (true, _) => middle.min(far)..far,
                (false, 0) => trim[0]..far,
                (false, _) => trim[0]..middle,
            }
        };
        Self {
            columns: span(is_right, parameters.ampx, overscan.trim_x, shape.1),
            rows: span(is_upper, parameters.ampy, overscan.trim_y, shape.0),
        }
    }
}

fn subtract(chip: &mut Chip, region: &Region, line: &Line, drift: Option<&Drift>) {
    let nx = chip.frame.sci.nx();
    let drifts: Option<Vec<f64>> =
        drift.map(|drift| region.columns.clone().map(|x| drift.at(x as f64)).collect());
    let rows = chip.frame.sci.as_mut_slice().par_chunks_mut(nx).enumerate();
    rows.filter(|(y, _)| region.rows.contains(y))
        .for_each(|(y, row)| {
            let level = line.at(y);
            let pixels = &mut row[region.columns.clone()];
            widest(
                #[inline(always)]
                || match &drifts {
                    Some(drifts) => {
                        for (value, drift) in pixels.iter_mut().zip(drifts) {
                            *value = (f64::from(*value) - level - drift) as f32;
                        }
                    }
                    None => pixels
                        .iter_mut()
                        .for_each(|value| *value = (f64::from(*value) - level) as f32),
                },
            );
        });
}
