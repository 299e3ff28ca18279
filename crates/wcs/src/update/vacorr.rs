//! VACorr: velocity aberration.

use super::tangent::{TangentPlane, angle_between};

/// VACorr: stretches a chip's plane by `factor` (VAFACTOR) about the reference position of the reference chip: CD
/// times the factor, and CRVAL as far away, times the factor. Nothing where the factor is 1.
///
/// The telescope's motion makes the sky smaller ahead of it; the factor is the pixel scale with and without.
pub(super) fn vacorr(plane: &mut TangentPlane, factor: f64, reference: &TangentPlane) {
    if factor == 1.0 {
        return;
    }
    for element in plane.cd.iter_mut().flatten() {
        *element *= factor;
    }
    for (own, centre) in plane.crval.iter_mut().zip(reference.crval) {
        *own = centre + factor * angle_between(*own, centre);
    }
}
