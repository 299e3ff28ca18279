//! CompSIP: the polynomial of a distortion model as SIP keywords.

use super::model::DistortionModel;
use super::science::put;
use crate::{Error, Result};
use firstlight_fits::Header;

/// CompSIP: writes A_ORDER, B_ORDER and the coefficients `A_p_q`, `B_p_q` of a model, pixels of `binning`
/// detector pixels, and CTYPE with `-SIP` (Shupe et al. 2005).
///
/// SIP comes before the CD matrix, which holds the linear terms: the terms above them are those of the model,
/// arcsec, through the inverse of its linear terms.
///
/// # Errors
/// [`Error::BadReference`] where the linear terms have no inverse.
pub(super) fn compsip(model: &DistortionModel, binning: f64, header: &mut Header) -> Result<()> {
    let inverse = inverse(model.linear()).ok_or_else(|| Error::BadReference {
        name: "the IDCTAB".to_owned(),
        reason: "the linear terms of its polynomial have no inverse".to_owned(),
    })?;
    let order = model.order();
    put(
        header,
        "A_ORDER",
        order,
        "SIP order along axis 1, from detector to sky",
    )?;
    put(
        header,
        "B_ORDER",
        order,
        "SIP order along axis 2, from detector to sky",
    )?;
    for n in 2..=order {
        for m in 0..=n {
            let (x, y) = (model.cx.at(n, m), model.cy.at(n, m));
            for (letter, row) in [("A", inverse[0]), ("B", inverse[1])] {
                let value = (row[0] * x + row[1] * y) * binning;
                put(
                    header,
                    &format!("{letter}_{m}_{}", n - m),
                    value,
                    "SIP coefficient",
                )?;
            }
        }
    }
    put(header, "CTYPE1", "RA---TAN-SIP", "")?;
    put(header, "CTYPE2", "DEC--TAN-SIP", "")
}

fn inverse([[a, b], [c, d]]: [[f64; 2]; 2]) -> Option<[[f64; 2]; 2]> {
    let determinant = a * d - b * c;
    let size = a.abs().max(b.abs()) * c.abs().max(d.abs());
    let sound = determinant.is_finite() && determinant.abs() > 1e-14 * size;
    sound.then(|| {
        [
            [d / determinant, -b / determinant],
            [-c / determinant, a / determinant],
        ]
    })
}
