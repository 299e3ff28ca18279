//! What basic2d measured.

use crate::acs::tables::imphttab::Photometry;
use crate::record::Outcome;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was done to an exposure.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Basic2dReport {
    /// What became of each step that was asked for, by its switch.
    pub outcomes: BTreeMap<&'static str, Outcome>,
    /// Photometric keywords of an image.
    pub photometry: Option<Photometry>,
    /// The imsets, in order.
    pub imsets: Vec<ImsetReport>,
    /// What may not be meant, as a dark that is not scaled with temperature.
    pub warnings: Vec<String>,
}

/// What was measured of one imset.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ImsetReport {
    /// EXTVER.
    pub version: i64,
    /// Whether it was calibrated: else its EXPTIME is 0 s or its samples are all equal.
    pub usable: bool,
    /// Samples above SATURATE.
    pub saturated: usize,
    /// MEANBLEV: mean of the bias levels that were subtracted, DN.
    pub mean_bias_dn: Option<f32>,
    /// MEANDARK: median of the dark that was subtracted, DN.
    pub mean_dark_dn: Option<f32>,
    /// OCCDHTAV, °C.
    pub housing_temperature_c: Option<f64>,
}
