//! What acsccd did.

use super::blevcorr::BlevReport;
use super::dqicorr::DqiReport;
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
}

/// Gathers the report as steps are done.
#[derive(Default)]
pub(super) struct ReportBuilder {
    whole: AcsccdReport,
    pub full_well: usize,
    pub sink: usize,
    pub darktime_s: f32,
    pub trimmed: Vec<Trim>,
}

impl ReportBuilder {
    pub fn outcome(&mut self, switch: &'static str, outcome: Outcome) -> Outcome {
        self.whole.outcomes.insert(switch, outcome);
        outcome
    }

    pub fn dqi(&mut self, of_chip: DqiReport) {
        self.whole.atod_saturated += of_chip.atod_saturated;
        self.whole.bad_pixel_runs += of_chip.runs;
    }

    pub fn blev(&mut self, report: &BlevReport) {
        let levels = report.levels.iter();
        self.whole.bias_levels_e = levels.map(|of| (of.amplifier.letter(), of.level_e)).collect();
        self.whole.from_overscan = report.from_overscan;
        self.whole.stripes = report.stripes;
    }

    pub fn build(self) -> AcsccdReport {
        AcsccdReport {
            full_well_saturated: self.full_well,
            sink_pixels: self.sink,
            darktime_s: self.darktime_s,
            trimmed: self.trimmed,
            ..self.whole
        }
    }
}
