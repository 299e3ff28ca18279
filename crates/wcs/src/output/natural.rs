//! The grid that the inputs suggest.

use super::refuse;
use crate::aperture::Aperture;
use crate::arctangent::LANES;
use crate::sphere::{direction, positions};
use crate::{Result, Wcs};

/// Largest width and height of a grid; FITS images beyond this are no images.
const LARGEST_PX: f64 = 4e9;

/// Size of an undistorted pixel of this image, arcsec: IDCSCALE where SIP goes with it, else that of the
/// CD matrix. The scale ratio of drizzling is the output's pixel divided by this one.
pub fn natural_scale_arcsec(wcs: &Wcs) -> f64 {
    if wcs.sip.is_some() {
        undistorted_scale_deg(wcs) * 3600.0
    } else {
        wcs.pixel_scale_arcsec()
    }
}

fn undistorted_scale_deg(wcs: &Wcs) -> f64 {
    match wcs.aperture.scale_arcsec {
        Some(scale) => scale / 3600.0,
        None => determinant(wcs).abs().sqrt(),
    }
}

fn determinant(wcs: &Wcs) -> f64 {
    let [[a, b], [c, d]] = wcs.linear.cd;
    a * d - b * c
}

/// Square pixels of the first input's scale and orientation around all footprints.
pub(super) fn natural_grid(inputs: &[Wcs]) -> Result<Wcs> {
    let Some(first) = inputs.first() else {
        return refuse("there are no inputs");
    };
    let mut corners = Vec::with_capacity(4 * inputs.len());
    for input in inputs {
        corners.extend(input.footprint()?);
    }
    let (ra, dec) = middle(&corners);
    let grid = Wcs::tangent((ra, dec), (-1.0, -1.0), orthogonal(first), None)?;
    let span = Span::of(&grid, &corners)?;
    let (nx, ny) = (span.width().ceil(), span.height().ceil());
    if nx.max(ny) > LARGEST_PX {
        return refuse(format!("its size would be {nx} by {ny} pixels"));
    }
    // The reference pixel is the middle (as FITS counts, half the size); where the corners then lie says
    // how far the reference point has to move for the first of them to fall on the first pixel.
    let grid = Wcs {
        linear: grid.linear.at([nx / 2.0 - 1.0, ny / 2.0 - 1.0]),
        ..grid
    };
    let span = Span::of(&grid, &corners)?;
    let (x, y) = (nx / 2.0 - 1.0 + span.left, ny / 2.0 - 1.0 + span.bottom);
    let moved = grid.pixel_to_sky(x, y);
    let mut grid = Wcs::tangent(moved, grid.reference_pixel(), perfect(&grid), None)?;
    // A single pixel spans nothing, and is still a pixel.
    grid.shape = Some((ny.max(1.0) as usize, nx.max(1.0) as usize));
    grid.name.clone_from(&first.name);
    grid.reference_frame.clone_from(&first.reference_frame);
    grid.equinox = first.equinox;
    Ok(grid)
}

/// The direction of the mean of all positions, which neither 0 h nor the poles disturb.
fn middle(positions_deg: &[(f64, f64)]) -> (f64, f64) {
    let mut sum = [0.0; 3];
    for &(ra, dec) in positions_deg {
        let v = direction(ra, dec);
        for (sum, v) in sum.iter_mut().zip(v) {
            *sum += v;
        }
    }
    let mean = sum.map(|s| [s / positions_deg.len() as f64; LANES]);
    let (ra, dec) = positions(mean);
    (ra[0], dec[0])
}

/// A CD matrix of square pixels with the image's scale, orientation and parity. Where the header gives
/// the aperture's place in the focal plane, the orientation is the detector's, not that of the distorted
/// CD matrix.
fn orthogonal(wcs: &Wcs) -> [[f64; 2]; 2] {
    let scale = undistorted_scale_deg(wcs);
    let (rotation, parity) = match roll_at_aperture(&wcs.aperture, wcs.reference[1]) {
        Some(roll) => {
            let (sin, cos) = roll.to_radians().sin_cos();
            let signs = wcs.aperture.parity.signs();
            ((sin * signs[1]).atan2(cos * signs[1]), -1.0)
        }
        None => {
            let rotation = wcs.orientation_deg().to_radians();
            (rotation, if determinant(wcs) < 0.0 { -1.0 } else { 1.0 })
        }
    };
    let (sin, cos) = rotation.sin_cos();
    [
        [parity * cos * scale, sin * scale],
        [-parity * sin * scale, cos * scale],
    ]
}

/// The position angle of the detector's y axis, degrees, from the telescope's roll at V1 (Cox,
/// "Generic conversion of HST angles"): `None` where the header lacks the aperture's place.
fn roll_at_aperture(aperture: &Aperture, dec_deg: f64) -> Option<f64> {
    let (roll, v2, v3) = (aperture.roll_deg?, aperture.v2_arcsec?, aperture.v3_arcsec?);
    let pi = std::f64::consts::PI;
    let radians = |arcsec: f64| (arcsec / 3600.0).to_radians();
    let (sin_v2, sin_v3) = (radians(v2).sin(), radians(v3).sin());
    let (sin_dec, cos_dec) = dec_deg.to_radians().sin_cos();
    let sin_rho = (sin_v2.powi(2) + sin_v3.powi(2) - sin_v2.powi(2) * sin_v3.powi(2)).sqrt();
    if sin_rho == 0.0 {
        // On the axis itself the roll is that of the telescope.
        return Some(roll + aperture.theta_deg.unwrap_or(0.0));
    }
    let rho = sin_rho.asin();
    let beta = (sin_v3 / sin_rho).clamp(-1.0, 1.0).asin();
    let beta = if v2 < 0.0 { pi - beta } else { beta };
    let gamma = (sin_v2 / sin_rho).clamp(-1.0, 1.0).asin();
    let gamma = if v3 < 0.0 { pi - gamma } else { gamma };
    let a = pi / 2.0 + roll.to_radians() - beta;
    let b = (a.sin() * cos_dec).atan2(sin_dec * sin_rho - cos_dec * rho.cos() * a.cos());
    Some((pi - (gamma + b)).to_degrees() + aperture.theta_deg.unwrap_or(0.0))
}

/// The same scale and orientation with the sky's own parity: north up, east left before rotation.
fn perfect(wcs: &Wcs) -> [[f64; 2]; 2] {
    let scale = wcs.pixel_scale_arcsec() / 3600.0;
    let (sin, cos) = wcs.orientation_deg().to_radians().sin_cos();
    [[-scale * cos, scale * sin], [scale * sin, scale * cos]]
}

/// The extent of sky positions in an image's pixels.
struct Span {
    left: f64,
    right: f64,
    bottom: f64,
    top: f64,
}

impl Span {
    fn of(wcs: &Wcs, positions_deg: &[(f64, f64)]) -> Result<Self> {
        let mut span = Self {
            left: f64::INFINITY,
            right: f64::NEG_INFINITY,
            bottom: f64::INFINITY,
            top: f64::NEG_INFINITY,
        };
        for &(ra, dec) in positions_deg {
            let (x, y) = wcs.sky_to_foc(ra, dec);
            if x.is_nan() || y.is_nan() {
                return refuse("the inputs lie too far apart on the sky for one tangent plane");
            }
            (span.left, span.right) = (span.left.min(x), span.right.max(x));
            (span.bottom, span.top) = (span.bottom.min(y), span.top.max(y));
        }
        Ok(span)
    }

    fn width(&self) -> f64 {
        self.right - self.left
    }

    fn height(&self) -> f64 {
        self.top - self.bottom
    }
}
