//! What was made, and what was measured on the way.

use super::stis::StisMeasured;
use crate::input::Failure;
use firstlight_calibrate::acs::Observation;
use firstlight_frame::Switch;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What became of all inputs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CalibrateReport {
    /// The products, in the order of the inputs; of an association its exposures first.
    pub products: Vec<CalibratedProduct>,
    /// Association tables that were written anew.
    pub associations: Vec<PathBuf>,
    /// What may not be meant: members that were left out, products that were not made.
    pub notes: Vec<String>,
    /// Exposures and associations that failed while others went on.
    pub failed: Vec<Failure>,
    /// Wall time.
    pub seconds: f64,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibratedProduct {
    /// The file.
    pub path: PathBuf,
    /// `flt`, `flc`, `crj`, `crc` or `sfl`; of STIS `flt`, `crj`, `sx2`, `x2d`, `sx1` or `x1d`.
    pub kind: &'static str,
    /// The files that it was made of.
    pub inputs: Vec<PathBuf>,
    /// EXPTIME.
    pub exptime_s: Option<f64>,
    /// BIASLEVA to BIASLEVD of the amplifiers that read the chips, electrons; none of STIS.
    pub biaslev_e: BTreeMap<char, f64>,
    /// MEANDARK by EXTVER, electrons.
    pub meandark_e: Vec<f64>,
    /// NGOODPIX of all chips.
    pub ngoodpix: i64,
    /// REJ_RATE, pixels per second, of what was freed of cosmic rays.
    pub rej_rate: Option<f64>,
    /// What became of the switches that the headers have.
    pub switches: BTreeMap<String, String>,
    /// What a user should know of it.
    pub warnings: Vec<String>,
    /// Wall time spent on it; acsccd, which flt and flc share, counts for the flt, and what products made in one go took together
    /// is told of each in equal parts. Of STIS on all products of the exposure.
    pub seconds: f64,
    /// What was measured of an exposure of STIS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stis: Option<StisMeasured>,
}

impl CalibratedProduct {
    pub(super) fn of(
        observation: &Observation,
        path: &Path,
        kind: &'static str,
        inputs: Vec<PathBuf>,
        seconds: f64,
    ) -> Self {
        let primary = &observation.primary;
        let level = |letter: char| {
            let level = primary.real(&format!("BIASLEV{letter}"))?;
            (level != 0.0).then_some((letter, level))
        };
        let switches = super::switches::of_detector(&firstlight_frame::Detector::from_header(primary));
        let said = |keyword: &&str| match Switch::of(primary, keyword) {
            Switch::Absent => None,
            switch => Some(((*keyword).to_owned(), switch.to_string())),
        };
        let combined = matches!(kind, "crj" | "crc");
        Self {
            path: path.to_owned(),
            kind,
            inputs,
            exptime_s: primary.real("EXPTIME"),
            biaslev_e: ['A', 'B', 'C', 'D'].into_iter().filter_map(level).collect(),
            meandark_e: observation
                .chips
                .iter()
                .filter_map(|chip| chip.sci.real("MEANDARK"))
                .collect(),
            ngoodpix: observation
                .chips
                .iter()
                .filter_map(|chip| chip.sci.integer("NGOODPIX"))
                .sum(),
            rej_rate: primary.real("REJ_RATE").filter(|_| combined),
            switches: switches.iter().filter_map(said).collect(),
            warnings: Vec::new(),
            seconds,
            stis: None,
        }
    }
}
