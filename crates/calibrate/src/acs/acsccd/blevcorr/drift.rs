//! The drift of the bias along lines, from the virtual overscan.

use crate::acs::Chip;
use crate::acs::tables::oscntab::VirtualSection;
use crate::steps::straight_line;
use firstlight_stats::median_of_finite;
use std::ops::RangeInclusive;

/// A bias that changes linearly along lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    slope: f64,
    /// The column where it is 0: the middle of the section that the level is measured in.
    zero_column: f64,
}

impl Drift {
    /// What is to be subtracted beside the level, at column `x` of the readout, e.
    pub fn at(&self, x: f64) -> f64 {
        (x - self.zero_column) * self.slope
    }
}

/// Fits a line to the medians of the good pixels of the columns of the virtual overscan; none where the fit is singular.
/// The line is 0 in the middle of `section`.
pub fn fit(chip: &Chip, virtual_section: &VirtualSection, section: &RangeInclusive<usize>) -> Option<Drift> {
    let serious = chip.serious();
    let VirtualSection { columns, rows } = virtual_section;
    let middle = ((columns.start() + columns.end()) / 2) as f64;
    let level = |x: usize| {
        let good = rows.clone().filter(|&y| chip.frame.dq[(y, x)] & serious == 0);
        median_of_finite(&mut good.map(|y| chip.frame.sci[(y, x)]).collect::<Vec<_>>())
    };
    let points = columns
        .clone()
        .filter_map(|x| Some((x as f64 - middle, level(x)?)));
    let (slope, _) = straight_line(points)?;
    Some(Drift {
        slope,
        zero_column: (section.start() + section.end()) as f64 / 2.0,
    })
}
