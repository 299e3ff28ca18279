//! Apertures given on the sky.
//!
//! Near a position the image is taken as a linear map of the sky, found from the sky positions one pixel
//! to the right and one pixel up, as photutils does. It is found anew at every position, so that
//! apertures keep their size on the sky across a distorted image.

use crate::aperture::Aperture;
use crate::photometry::{ApertureSet, Shapes};
use crate::{Error, Result};
use firstlight_wcs::Wcs;

const ARCSEC_PER_DEGREE: f64 = 3600.0;

/// What was on the sky, in pixels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InPixels {
    /// Positions `(x, y)`.
    pub positions: Vec<(f64, f64)>,
    /// The apertures of each.
    pub sets: Vec<ApertureSet>,
}

/// Brings sky positions `(ra, dec)` in degrees to pixels, and apertures whose lengths are in arcsec and
/// whose `theta` is a position angle (from north through east) to apertures in pixels.
///
/// A circle stays a circle, with the mean of the largest and the smallest scale; an ellipse becomes the
/// ellipse that it is in the image; a rectangle keeps its sides along and across the image of its width.
///
/// # Errors
/// [`Error::BadPosition`]; [`Error::NotOnSky`] where a position has no pixel; as [`Aperture::check`].
pub fn to_pixels(wcs: &Wcs, sky: &[(f64, f64)], shapes: &Shapes) -> Result<InPixels> {
    let sets = match shapes {
        Shapes::Same(set) => std::slice::from_ref(set),
        Shapes::Each(sets) => sets,
    };
    let apertures = sets
        .iter()
        .flat_map(|set| set.apertures.iter().chain(&set.background));
    apertures.into_iter().try_for_each(Aperture::check)?;
    let mut in_pixels = InPixels::default();
    for (index, &(ra, dec)) in sky.iter().enumerate() {
        if !(ra.is_finite() && dec.is_finite()) {
            return Err(Error::BadPosition { index, x: ra, y: dec });
        }
        let not_on_sky = |reason: String| Error::NotOnSky {
            index,
            ra,
            dec,
            reason,
        };
        let (x, y) = wcs
            .sky_to_pixel(ra, dec)
            .map_err(|error| not_on_sky(error.to_string()))?;
        let local =
            Local::at(wcs, x, y).ok_or_else(|| not_on_sky("the image has no scale there".to_owned()))?;
        let set = match shapes {
            Shapes::Same(set) => set,
            Shapes::Each(sets) => sets.get(index).ok_or(Error::NoAperture)?,
        };
        in_pixels.positions.push((x, y));
        in_pixels.sets.push(ApertureSet {
            apertures: set
                .apertures
                .iter()
                .map(|aperture| local.to_pixels(aperture))
                .collect(),
            background: set.background.as_ref().map(|annulus| local.to_pixels(annulus)),
        });
    }
    Ok(in_pixels)
}

/// The linear map from (east, north) in arcsec to pixels.
pub(crate) struct Local {
    rows: [[f64; 2]; 2],
}

impl Local {
    pub(crate) fn at(wcs: &Wcs, x: f64, y: f64) -> Option<Self> {
        let (ra, dec) = wcs.pixel_to_sky(x, y);
        let step = |dx: f64, dy: f64| {
            let (ra_next, dec_next) = wcs.pixel_to_sky(x + dx, y + dy);
            let east = (ra_next - ra + 540.0).rem_euclid(360.0) - 180.0;
            [
                east * dec.to_radians().cos() * ARCSEC_PER_DEGREE,
                (dec_next - dec) * ARCSEC_PER_DEGREE,
            ]
        };
        let (right, up) = (step(1.0, 0.0), step(0.0, 1.0));
        let determinant = right[0] * up[1] - up[0] * right[1];
        if !determinant.is_finite() || determinant == 0.0 {
            return None;
        }
        let rows = [
            [up[1] / determinant, -up[0] / determinant],
            [-right[1] / determinant, right[0] / determinant],
        ];
        Some(Self { rows })
    }

    fn apply(&self, [east, north]: [f64; 2]) -> [f64; 2] {
        self.rows
            .map(|[of_east, of_north]| of_east * east + of_north * north)
    }

    fn determinant(&self) -> f64 {
        self.rows[0][0] * self.rows[1][1] - self.rows[0][1] * self.rows[1][0]
    }

    /// The image of the direction at a position angle, and of the one a quarter turn further in the sense
    /// that is counter-clockwise in the image.
    fn axes(&self, position_angle: f64) -> ([f64; 2], [f64; 2]) {
        let (sin, cos) = position_angle.sin_cos();
        // Where east is to the left, as usual, position angles turn counter-clockwise.
        let sense = -self.determinant().signum();
        (self.apply([sense * sin, cos]), self.apply([sense * cos, -sin]))
    }

    /// Where north is in the image, radians counter-clockwise from the x axis.
    pub(crate) fn north(&self) -> f64 {
        let [x, y] = self.apply([0.0, 1.0]);
        y.atan2(x)
    }

    /// Pixels per arcsec for a circle.
    pub(crate) fn mean_scale(&self) -> f64 {
        let (along, across, _) = principal_axes(
            [self.rows[0][0], self.rows[1][0]],
            [self.rows[0][1], self.rows[1][1]],
        );
        0.5 * (along + across)
    }

    /// Semi-axes and orientation in pixels.
    fn ellipse(&self, a: f64, b: f64, position_angle: f64) -> (f64, f64, f64) {
        let (along, across) = self.axes(position_angle);
        principal_axes(along.map(|part| part * a), across.map(|part| part * b))
    }

    /// Pixels per arcsec along and across, and orientation.
    fn sides(&self, position_angle: f64) -> (f64, f64, f64) {
        let (along, across) = self.axes(position_angle);
        (
            along[0].hypot(along[1]),
            across[0].hypot(across[1]),
            along[1].atan2(along[0]),
        )
    }

    fn to_pixels(&self, aperture: &Aperture) -> Aperture {
        match *aperture {
            Aperture::CircularAperture { r } => Aperture::CircularAperture {
                r: r * self.mean_scale(),
            },
            Aperture::CircularAnnulus { r_in, r_out } => {
                let scale = self.mean_scale();
                Aperture::CircularAnnulus {
                    r_in: r_in * scale,
                    r_out: r_out * scale,
                }
            }
            Aperture::EllipticalAperture { a, b, theta } => {
                let (a, b, theta) = self.ellipse(a, b, theta);
                Aperture::EllipticalAperture { a, b, theta }
            }
            Aperture::EllipticalAnnulus {
                a_in,
                a_out,
                b_out,
                b_in,
                theta,
            } => {
                let (inner_a, inner_b, _) = self.ellipse(a_in, b_in.unwrap_or(b_out * a_in / a_out), theta);
                let (a_out, b_out, theta) = self.ellipse(a_out, b_out, theta);
                Aperture::EllipticalAnnulus {
                    a_in: inner_a,
                    a_out,
                    b_out,
                    b_in: Some(inner_b),
                    theta,
                }
            }
            Aperture::RectangularAperture { w, h, theta } => {
                let (along, across, theta) = self.sides(theta);
                Aperture::RectangularAperture {
                    w: w * along,
                    h: h * across,
                    theta,
                }
            }
            Aperture::RectangularAnnulus {
                w_in,
                w_out,
                h_out,
                h_in,
                theta,
            } => {
                let h_in = h_in.unwrap_or(w_in * h_out / w_out);
                let (along, across, theta) = self.sides(theta);
                Aperture::RectangularAnnulus {
                    w_in: w_in * along,
                    w_out: w_out * along,
                    h_out: h_out * across,
                    h_in: Some(h_in * across),
                    theta,
                }
            }
        }
    }
}

/// Semi-axes of the ellipse of all `u cos t + v sin t`, that nearer to `u` first, and its orientation, in
/// the half turn around `u`.
fn principal_axes(u: [f64; 2], v: [f64; 2]) -> (f64, f64, f64) {
    // The second moments of the ellipse; their eigenvectors are its axes.
    let xx = u[0] * u[0] + v[0] * v[0];
    let yy = u[1] * u[1] + v[1] * v[1];
    let xy = u[0] * u[1] + v[0] * v[1];
    let half_sum = 0.5 * (xx + yy);
    let half_difference = (0.5 * (xx - yy)).hypot(xy);
    let major = (half_sum + half_difference).sqrt();
    // The product of the axes is the determinant: no cancellation for thin ellipses.
    let minor = (u[0] * v[1] - u[1] * v[0]).abs() / major;
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let along = |angle: f64| u[0] * angle.cos() + u[1] * angle.sin();
    let quarter = angle + std::f64::consts::FRAC_PI_2;
    let (first, second, angle) = if along(angle).abs() >= along(quarter).abs() {
        (major, minor, angle)
    } else {
        (minor, major, quarter)
    };
    let angle = if along(angle) < 0.0 {
        angle + std::f64::consts::PI
    } else {
        angle
    };
    (first, second, angle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_of_a_rotated_ellipse_come_back() {
        for (a, b, angle) in [
            (3.0f64, 1.0f64, 0.3f64),
            (1.0, 3.0, 0.3),
            (2.0, 1.0, 2.9),
            (5.0, 4.9, -1.0),
        ] {
            let (sin, cos) = angle.sin_cos();
            let (first, second, found) = principal_axes([a * cos, a * sin], [-b * sin, b * cos]);
            assert!((first - a).abs() < 1e-12 && (second - b).abs() < 1e-12);
            assert!(((found - angle).sin()).abs() < 1e-12 && (found - angle).cos() > 0.0);
        }
    }

    #[test]
    fn a_sheared_ellipse_keeps_its_area() {
        let (first, second, _) = principal_axes([2.0, 0.0], [1.5, 0.5]);
        assert!((first * second - 1.0).abs() < 1e-12);
        assert!(first > 2.4, "it is longer than either");
    }
}
