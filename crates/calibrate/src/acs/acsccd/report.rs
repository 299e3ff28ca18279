//! What acsccd did.

use super::blevcorr::BlevReport;
use super::trim::Trim;
use crate::acs::Outcome;
use std::collections::BTreeMap;

/// What acsccd did and measured.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct AcsccdReport {
    /// What became of each switch that was `PERFORM`.
    pub outcomes: BTreeMap<&'static str, Outcome>,
    /// Pixels at the end of the converter's range.
    pub atod_saturated: usize,
    /// Runs of BPIXTAB that touch the image.
    pub bad_pixel_runs: usize,
    /// Pixels of full-well saturation.
    pub full_well_saturated: usize,
    /// Sink pixels and pixels of their tails.
    pub sink_pixels: usize,
    /// Mean bias level by amplifier, e.
    pub bias_levels_e: BTreeMap<char, f64>,
    /// Whether these were measured in overscan; else they are those of CCDTAB.
    pub from_overscan: bool,
    /// Rows that a stripe was removed from, and rows that could not be judged, where stripes were removed at all.
    pub stripes: Option<(usize, usize)>,
    /// DARKTIME, s.
    pub darktime_s: f32,
    /// What was cut off each chip.
    pub trimmed: Vec<Trim>,
    /// What a user should know: where the bias level is not that of the exposure.
    pub warnings: Vec<String>,
}

impl AcsccdReport {
    pub(super) fn take_levels(&mut self, found: &BlevReport) {
        let levels = found.levels.iter();
        self.bias_levels_e = levels.map(|of| (of.amplifier.letter(), of.level_e)).collect();
        self.from_overscan = found.from_overscan;
        self.stripes = found.stripes;
        self.warnings.extend(found.doubts.iter().cloned());
    }
}
