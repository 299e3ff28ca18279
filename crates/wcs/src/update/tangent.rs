//! A tangent plane evaluated angle by angle, in degrees.
//!
//! The CD matrix of a chip is made of differences between sky positions a pixel apart: of their sixteen digits
//! seven are left. Headers that agree with the archive's to more than that need the same rounding, so the
//! rotation is that of Calabretta & Greisen (2002), equations 2, 14, 15 and 55, term by term, where the rest of
//! this crate multiplies unit vectors.

use std::f64::consts::PI;

/// Reference pixel (counted from 1), reference position in degrees, degrees per pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TangentPlane {
    pub crpix: [f64; 2],
    pub crval: [f64; 2],
    pub cd: [[f64; 2]; 2],
}

impl TangentPlane {
    /// `[ra, dec]` of a pixel counted from 1.
    pub(super) fn sky(&self, pixel: [f64; 2]) -> [f64; 2] {
        let (dx, dy) = (pixel[0] - self.crpix[0], pixel[1] - self.crpix[1]);
        let x = self.cd[0][0] * dx + self.cd[0][1] * dy;
        let y = self.cd[1][0] * dx + self.cd[1][1] * dy;
        let radius = (x * x + y * y).sqrt();
        let native_longitude = if radius == 0.0 { 0.0 } else { arctangent(x, -y) };
        let native_latitude = arctangent(180.0 / PI, radius);
        self.rotate(native_longitude, native_latitude)
    }

    /// From native to celestial coordinates.
    fn rotate(&self, longitude: f64, latitude: f64) -> [f64; 2] {
        let [ra, dec] = self.crval;
        let pole = if dec < 90.0 { 180.0 } else { 0.0 };
        let distance = 90.0 - dec;
        let (sin_distance, cos_distance) = sin_cos(distance);
        let from_pole = longitude - pole;
        let (sin_latitude, cos_latitude) = sin_cos(latitude);
        let (sin_from, cos_from) = sin_cos(from_pole);
        let mut x = sin_latitude * sin_distance - cos_latitude * cos_distance * cos_from;
        if x.abs() < 1e-5 {
            // The difference of two nearly equal terms, written otherwise.
            let cos_sum = sin_cos(latitude + distance).1;
            x = -cos_sum + cos_latitude * cos_distance * (1.0 - cos_from);
        }
        let y = -cos_latitude * sin_from;
        let along = if x != 0.0 || y != 0.0 {
            arctangent(y, x)
        } else if distance < 90.0 {
            from_pole + 180.0
        } else {
            -from_pole
        };
        [
            within_a_turn(ra, ra + along),
            self.declination(latitude, from_pole, cos_from, [x, y]),
        ]
    }

    fn declination(&self, latitude: f64, from_pole: f64, cos_from: f64, [x, y]: [f64; 2]) -> f64 {
        let distance = 90.0 - self.crval[1];
        if from_pole % 180.0 == 0.0 {
            let sum = latitude + cos_from * distance;
            return match sum {
                beyond if beyond > 90.0 => 180.0 - beyond,
                beyond if beyond < -90.0 => -180.0 - beyond,
                sum => sum,
            };
        }
        let (sin_distance, cos_distance) = sin_cos(distance);
        let (sin_latitude, cos_latitude) = sin_cos(latitude);
        let z = sin_latitude * cos_distance + cos_latitude * sin_distance * cos_from;
        if z.abs() > 0.99 {
            // Near a pole the sine says little about the angle.
            let angle = (x * x + y * y).sqrt().min(1.0).acos();
            in_degrees(angle).copysign(z)
        } else {
            in_degrees(z.asin())
        }
    }
}

/// In two roundings, as the factor is not one number of the machine's.
fn in_degrees(angle: f64) -> f64 {
    angle * 180.0 / PI
}

/// Sine and cosine of an angle in degrees, exact at multiples of 90°.
fn sin_cos(angle_deg: f64) -> (f64, f64) {
    match angle_deg.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        _ => (angle_deg * PI / 180.0).sin_cos(),
    }
}

/// The arc tangent of `y/x` in degrees, exact on the axes.
fn arctangent(y: f64, x: f64) -> f64 {
    match (x, y) {
        (_, 0.0) => {
            if x >= 0.0 {
                0.0
            } else {
                180.0
            }
        }
        (0.0, _) => 90f64.copysign(y),
        _ => in_degrees(y.atan2(x)),
    }
}

/// A longitude with the sign of the reference's, at most a turn.
fn within_a_turn(reference: f64, longitude: f64) -> f64 {
    let signed = match longitude {
        negative if reference >= 0.0 && negative < 0.0 => negative + 360.0,
        positive if reference < 0.0 && positive > 0.0 => positive - 360.0,
        other => other,
    };
    match signed {
        above if above > 360.0 => above - 360.0,
        below if below < -360.0 => below + 360.0,
        other => other,
    }
}

/// `a − b` of two angles in degrees, from −180 to 180.
pub(super) fn angle_between(a: f64, b: f64) -> f64 {
    (a - b - 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wcs;

    #[test]
    fn agrees_with_the_unit_vectors() {
        for dec in [-89.9, -72.08, 0.0, 33.0, 89.5] {
            for ra in [0.001, 6.02, 359.999] {
                let cd = [[6.6e-6, -1.18e-5], [-1.2e-5, -7.5e-6]];
                let plane = TangentPlane {
                    crpix: [2048.0, 1024.0],
                    crval: [ra, dec],
                    cd,
                };
                let wcs = Wcs::tangent((ra, dec), (2047.0, 1023.0), cd, None).unwrap();
                for pixel in [[1.0, 1.0], [2048.0, 1024.0], [4096.0, 2.5], [2048.0, 1.0]] {
                    let [a, d] = plane.sky(pixel);
                    let (ra, dec) = wcs.pixel_to_sky(pixel[0] - 1.0, pixel[1] - 1.0);
                    let across = angle_between(a, ra) * dec.to_radians().cos();
                    assert!(
                        across.abs() < 1e-12 && (d - dec).abs() < 1e-12,
                        "{a} {d}, {ra} {dec}"
                    );
                }
            }
        }
    }

    #[test]
    fn differences_cross_zero() {
        assert!((angle_between(0.5, 359.5) - 1.0).abs() < 1e-12);
        assert!((angle_between(359.5, 0.5) + 1.0).abs() < 1e-12);
    }
}
