//! TDDCorr: the linear terms of ACS/WFC's distortion at the time of the exposure.

use super::alternate::set_number;
use super::model::{DistortionModel, Skew};
use super::observation::Observation;
use super::science::put;
use crate::Result;
use firstlight_fits::{Header, Value};

/// What is to be written of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct TddReport {
    alpha_beta: Option<[f64; 2]>,
    ct: [Option<f64>; 2],
    cx: [Option<f64>; 2],
    cy: [Option<f64>; 2],
}

/// TDDCorr: changes the linear terms of a chip's model to those of the exposure's date, in the way that its
/// table asks for: rates of the terms (2015), terms replaced (2014), or a skew of the detector (ACS ISR
/// 2007-08), which also counts for where the chips are.
pub(super) fn tddcorr(model: &mut DistortionModel, of: &Observation) -> TddReport {
    let year = of.year;
    match model.skew.clone() {
        Some(Skew::Rates2015 { date, ct, cx, cy }) if ct[1].is_some() => {
            let years = year - date;
            let raise = |term: &mut f64, rate: Option<f64>| *term += rate.map_or(0.0, |rate| rate * years);
            raise(&mut model.cx.0[1][1], cx[1]);
            raise(&mut model.cy.0[1][1], ct[1]);
            raise(&mut model.cy.0[1][0], cy[1]);
            TddReport {
                ct,
                cx,
                cy,
                ..TddReport::default()
            }
        }
        Some(Skew::Replaced2014 { date, cx, cy }) if cy[1].is_some() => {
            let years = year - date;
            let moved = |rates: [Option<f64>; 2]| rates[1].unwrap_or(0.0) * years;
            let term = &mut model.cy.0[1][1];
            *term = cy[0].unwrap_or(*term) + moved(cy);
            if let Some(offset) = cx[0] {
                model.cx.0[1][1] = offset + moved(cx);
            }
            TddReport {
                cx,
                cy,
                ..TddReport::default()
            }
        }
        skew => {
            let (date, a, b) = match skew {
                Some(Skew::Detector { date, a, b }) => (date, a, b),
                // What was known before the servicing mission of 2009, for tables that say nothing.
                _ => (2004.5, vec![0.095, 0.090 / 2.5], vec![-0.029, -0.030 / 2.5]),
            };
            let at = |terms: &[f64]| {
                let powers = terms.iter().enumerate();
                powers.fold(0.0, |sum, (n, term)| sum + term * (year - date).powi(n as i32))
            };
            let (alpha, beta) = (at(&a), at(&b));
            skew_detector(model, alpha, beta);
            model.detector_skew = Some([alpha, beta]);
            TddReport {
                alpha_beta: Some([alpha, beta]),
                ..TddReport::default()
            }
        }
    }
}

/// From V2/V3 to the detector's own frame in which the skew was measured, degrees.
const FRAME_DEG: f64 = 2.234_529;

/// `[cos, sin; −sin, cos]`.
pub(super) fn rotation(angle_deg: f64) -> [[f64; 2]; 2] {
    let (sin, cos) = angle_deg.to_radians().sin_cos();
    [[cos, sin], [-sin, cos]]
}

pub(super) fn product(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

/// Skews all terms in the detector's frame; alpha and beta are pixels at a distance of 2048.
fn skew_detector(model: &mut DistortionModel, alpha: f64, beta: f64) {
    let skew = [
        [1.0 + beta / 2048.0, alpha / 2048.0],
        [alpha / 2048.0, 1.0 - beta / 2048.0],
    ];
    let matrix = product(rotation(FRAME_DEG), product(skew, rotation(-FRAME_DEG)));
    for (x_row, y_row) in model.cx.0.iter_mut().zip(&mut model.cy.0) {
        for (x, y) in x_row.iter_mut().zip(y_row) {
            let old = [*x, *y];
            *x = matrix[0][0] * old[0] + matrix[0][1] * old[1];
            *y = matrix[1][0] * old[0] + matrix[1][1] * old[1];
        }
    }
}

/// How far the skew moves a chip's reference point, arcsec along V2 and against V3.
pub(super) fn chip_shift(model: &DistortionModel, chip: i64) -> [f64; 2] {
    let Some([alpha, beta]) = model.detector_skew.filter(|_| model.skew.is_none()) else {
        return [0.0, 0.0];
    };
    // The chips' centres lie a quarter of the detector above and below its own, in pixels.
    let y = if chip == 1 { 1024.0 } else { -1024.0 };
    let skewed = [alpha * y, -beta * y];
    let turn = rotation(FRAME_DEG).map(|row| row.map(|element| element / 2048.0));
    std::array::from_fn(|i| (turn[i][0] * skewed[0] + turn[i][1] * skewed[1]) * 0.05)
}

impl TddReport {
    /// Writes the terms that were used; those of the other ways are there without a value.
    pub(super) fn record(&self, header: &mut Header) -> Result<()> {
        let [alpha, beta] = self.alpha_beta.map_or([None; 2], |pair| pair.map(Some));
        let rows = [
            (
                "TDDALPHA",
                alpha,
                "skew of the detector in y, offset (before 2014)",
            ),
            ("TDDBETA", beta, "skew of the detector in y, rate (before 2014)"),
            ("TDD_CTA", self.ct[0], "skew in x, rate (IDCTAB since 2015)"),
            ("TDD_CTB", self.ct[1], "skew in y, rate (IDCTAB since 2015)"),
            ("TDD_CYA", self.cy[0], "skew in y, offset (IDCTAB of 2014)"),
            ("TDD_CYB", self.cy[1], "scale in y, rate (IDCTAB since 2014)"),
            ("TDD_CXA", self.cx[0], "skew in x, offset (IDCTAB of 2014)"),
            ("TDD_CXB", self.cx[1], "scale in x, rate (IDCTAB since 2014)"),
        ];
        for (keyword, value, comment) in rows {
            put(
                header,
                keyword,
                value.map_or(Value::Undefined, Value::Real),
                comment,
            )?;
        }
        Ok(())
    }
}

/// Sets the terms of an earlier run to zero, as its description is no longer the one that counts.
pub(super) fn forget(header: &mut Header) -> Result<()> {
    if header.contains("TDDALPHA") {
        set_number(header, "TDDALPHA", 0.0)?;
        set_number(header, "TDDBETA", 0.0)?;
    }
    for keyword in ["TDD_CYA", "TDD_CYB", "TDD_CXA", "TDD_CXB"] {
        if header.contains(keyword) {
            set_number(header, keyword, 0.0)?;
        }
    }
    Ok(())
}
