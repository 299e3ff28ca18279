//! What is told of the products of STIS.

use super::plan::Planned;
use crate::calibrate::report::CalibratedProduct;
use crate::calibrate::switches::STIS_SWITCHES;
use firstlight_calibrate::Observation;
use firstlight_calibrate::stis::wavecal::TimedShifts;
use firstlight_calibrate::stis::x1d::{ExtractedExposure, X1dReport, doubts};
use firstlight_calibrate::stis::x2d::X2dReport;
use firstlight_fits::Header;
use firstlight_frame::Switch;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What was measured of an exposure of STIS.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StisMeasured {
    /// SHIFTA1 and SHIFTA2 of each imset, pixels of the unbinned detector.
    pub shifts: Vec<(f64, f64)>,
    /// What the wavecal says, by its imsets; None where there was none.
    pub wavecal: Option<Vec<TimedShifts>>,
    /// How each imset was rectified, of an sx2 or x2d.
    pub rectified: Vec<X2dReport>,
    /// How each spectrum was extracted, of an sx1 or x1d.
    pub extracted: Vec<X1dReport>,
}

/// Tells of an image.
pub(super) fn image(
    image: &Observation,
    (path, kind): (&Path, &'static str),
    planned: &Planned,
    measured: StisMeasured,
) -> CalibratedProduct {
    let primary = &image.primary;
    let of_imsets = |keyword: &'static str| {
        let chips = image.chips.iter();
        chips.filter_map(move |chip| chip.sci.real(keyword))
    };
    let gain = primary.real("ATODGAIN").unwrap_or(1.0);
    let times: Vec<f64> = of_imsets("EXPTIME").collect();
    let shift = |header: &Header| Some((header.real("SHIFTA1")?, header.real("SHIFTA2")?));
    CalibratedProduct {
        path: path.to_owned(),
        kind,
        inputs: vec![planned.path.clone()],
        exptime_s: (!times.is_empty()).then(|| times.iter().sum()),
        biaslev_e: BTreeMap::new(),
        meandark_e: of_imsets("MEANDARK").map(|dark| dark * gain).collect(),
        ngoodpix: of_imsets("NGOODPIX").sum::<f64>() as i64,
        rej_rate: primary
            .real("REJ_RATE")
            .filter(|_| planned.does.rejects && kind != "flt"),
        switches: switches(primary),
        warnings: measured
            .rectified
            .iter()
            .flat_map(|of| of.doubts())
            .cloned()
            .collect(),
        seconds: 0.0,
        stis: Some(StisMeasured {
            shifts: image.chips.iter().filter_map(|chip| shift(&chip.sci)).collect(),
            ..measured
        }),
    }
}

/// Tells of spectra, with a warning of those that may not be of the target.
pub(super) fn spectra(
    made: ExtractedExposure,
    of: &Observation,
    file: (&Path, &'static str),
    planned: &Planned,
) -> CalibratedProduct {
    let warnings = made.reports.iter().flat_map(doubts).collect();
    let switches = switches(&made.primary);
    let measured = StisMeasured {
        extracted: made.reports,
        ..StisMeasured::default()
    };
    CalibratedProduct {
        switches,
        warnings,
        ..image(of, file, planned, measured)
    }
}

fn switches(primary: &Header) -> BTreeMap<String, String> {
    let said = |keyword: &&str| match Switch::of(primary, keyword) {
        Switch::Absent => None,
        switch => Some(((*keyword).to_owned(), switch.to_string())),
    };
    STIS_SWITCHES.iter().filter_map(said).collect()
}
