//! IDCTAB: the optics as polynomials from pixels to arcsec, one row a chip.

use super::table;
use crate::acs::camera::Detector;
use crate::acs::optics::ORDER;
use crate::acs::{AcsVisit, reference_point};
use crate::columns::{doubles, longs, shorts};
use crate::{Extension, Result};
use firstlight_fits::{Column, Value};

/// V3REF, arcsec: the camera sits on the telescope's axis, but stwcs cannot turn what is exactly there.
const V3REF: f64 = 1.0e-6;

/// How the skew of the WFC changes with time: not at all. Where nothing is said, updatewcs takes that of 2007.
const SKEW: [&str; 12] = [
    "TDD_CTA1", "TDD_CTB1", "TDD_CYA1", "TDD_CYB1", "TDD_CXA1", "TDD_CXB1", "TDD_CTA2", "TDD_CTB2",
    "TDD_CYA2", "TDD_CYB2", "TDD_CXA2", "TDD_CXB2",
];

pub fn primary_cards(detector: Detector) -> Vec<(&'static str, Value, &'static str)> {
    let mut cards = vec![("NORDER", (ORDER as i64).into(), "order of the polynomials")];
    if detector == Detector::Wfc {
        cards.push((
            "TDD_DATE",
            2004.5.into(),
            "reference date of the skew, decimal year",
        ));
        cards.extend(SKEW.map(|keyword| (keyword, 0.0.into(), "skew, a year")));
    }
    cards
}

pub fn tables(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let Some(optics) = visit.optics else {
        return Ok(Vec::new());
    };
    let detector = visit.options.detector;
    let chips: &[i64] = if detector == Detector::Wfc { &[1, 2] } else { &[1] };
    let same = |name: &str, value: f64| doubles(name, chips.iter().map(|_| value));
    let text = |name: &str, value: &'static str| Column::text(name, chips.iter().map(|_| value)).width(8);
    let (filter1, filter2) = detector.filters();
    let (ny, nx) = detector.chip_shape();
    let scale = detector.scale_arcsec();
    // 1-based, and on the one chip of HRC and SBC as on chip 2.
    let reference = |chip: i64| reference_point(detector, if chips.len() == 1 { 2 } else { chip });
    let mut columns = vec![
        shorts("DETCHIP", chips.iter().map(|&chip| chip as i16)),
        text("DIRECTION", "FORWARD"),
        text("FILTER1", filter1),
        text("FILTER2", filter2),
        longs("XSIZE", chips.iter().map(|_| nx as i32)),
        longs("YSIZE", chips.iter().map(|_| ny as i32)),
        doubles("XREF", chips.iter().map(|&chip| reference(chip).0 + 1.0)),
        doubles("YREF", chips.iter().map(|&chip| reference(chip).1 + 1.0)),
        same("V2REF", 0.0),
        same("V3REF", V3REF),
        same("THETA", turn_deg(detector)),
        same("SCALE", scale),
    ];
    for (axis, coefficients) in optics.coefficients() {
        for (n, terms) in coefficients.iter().enumerate().skip(1) {
            for (m, term) in terms.iter().enumerate().take(n + 1) {
                columns.push(same(&format!("{axis}{n}{m}"), term * scale));
            }
        }
    }
    Ok(vec![table("IDC", 1, columns)?])
}

/// From V3 to the y axis, degrees: the y axes lie 182.5 degrees from V3, and that of the WFC is taken upside down.
fn turn_deg(detector: Detector) -> f64 {
    match detector {
        Detector::Wfc => -2.5,
        Detector::Hrc | Detector::Sbc => -182.5,
    }
}
