//! Where light falls: the pointing and distortion of a simulated exposure.
//!
//! Written apart from the WCS crate, so that recovering a source where it was put tests that crate too.
//! The linear part is the real SBC's (scales 0.0337 and 0.0300 arcsec, axes 5.5° from perpendicular),
//! the polynomials are of the size of the HRC's, which looks through the same mirrors.

use std::f64::consts::PI;

/// The plate scale that AstroDrizzle takes as the detector's own, arcsec.
pub const IDCSCALE: f64 = 0.025;
/// Linear distortion, arcsec per pixel, in the names of headers: `OCX11` is dX/dx, `OCX10` dX/dy.
pub const OCX11: f64 = 0.033504;
/// See [`OCX11`].
pub const OCX10: f64 = 0.0;
/// See [`OCX11`].
pub const OCY11: f64 = 0.003219;
/// See [`OCX11`].
pub const OCY10: f64 = 0.030010;

/// SIP polynomials: (power of u, power of v, A, B).
pub const SIP: [(u32, u32, f64, f64); 7] = [
    (2, 0, -4.12e-6, 2.31e-6),
    (1, 1, 4.4e-5, -1.1e-5),
    (0, 2, -9.7e-7, 1.352e-5),
    (3, 0, 1.24e-10, 5.2e-10),
    (2, 1, -4.1e-11, 3.7e-10),
    (1, 2, 5.3e-10, -8.3e-10),
    (0, 3, -2.6e-11, 9.6e-10),
];

/// One exposure's pointing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointing {
    /// Sky position of the reference pixel, degrees.
    pub ra_deg: f64,
    /// See `ra_deg`.
    pub dec_deg: f64,
    /// Position angle of the detector's y axis, degrees east of north.
    pub orientation_deg: f64,
    /// Factor on all scales from velocity aberration.
    pub vafactor: f64,
    /// Reference pixel along either axis, 1-based as in headers.
    pub reference_pixel: f64,
}

impl Pointing {
    /// The CD matrix, degrees per pixel: `[[CD1_1, CD1_2], [CD2_1, CD2_2]]`.
    pub fn cd(&self) -> [[f64; 2]; 2] {
        let (sin, cos) = self.orientation_deg.to_radians().sin_cos();
        let scale = self.vafactor / 3600.0;
        // The undistorted X axis points to -RA where Y points north.
        let column = |x: f64, y: f64| [(-cos * x + sin * y) * scale, (sin * x + cos * y) * scale];
        let of_x = column(OCX11, OCY11);
        let of_y = column(OCX10, OCY10);
        [[of_x[0], of_y[0]], [of_x[1], of_y[1]]]
    }

    /// Standard coordinates (ξ, η) of a 0-based detector position, arcsec about the pointing.
    pub fn detector_to_plane(&self, x: f64, y: f64) -> (f64, f64) {
        let (u, v) = (x + 1.0 - self.reference_pixel, y + 1.0 - self.reference_pixel);
        let (mut f, mut g) = (u, v);
        for (p, q, a, b) in SIP {
            let power = u.powi(p as i32) * v.powi(q as i32);
            f += a * power;
            g += b * power;
        }
        let cd = self.cd();
        (
            3600.0 * (cd[0][0] * f + cd[0][1] * g),
            3600.0 * (cd[1][0] * f + cd[1][1] * g),
        )
    }

    /// Standard coordinates (ξ, η) of a sky position, arcsec about the pointing: the gnomonic
    /// projection. Meaningful only near the pointing.
    pub fn sky_to_plane(&self, ra_deg: f64, dec_deg: f64) -> (f64, f64) {
        let (sin_d, cos_d) = dec_deg.to_radians().sin_cos();
        let (sin_0, cos_0) = self.dec_deg.to_radians().sin_cos();
        let (sin_a, cos_a) = (ra_deg - self.ra_deg).to_radians().sin_cos();
        let down = sin_d * sin_0 + cos_d * cos_0 * cos_a;
        let arcsec = 3600.0 * 180.0 / PI;
        (
            arcsec * cos_d * sin_a / down,
            arcsec * (sin_d * cos_0 - cos_d * sin_0 * cos_a) / down,
        )
    }

    /// Sky position of standard coordinates in arcsec.
    pub fn plane_to_sky(&self, xi: f64, eta: f64) -> (f64, f64) {
        let arcsec = 3600.0 * 180.0 / PI;
        let (xi, eta) = (xi / arcsec, eta / arcsec);
        let (sin_0, cos_0) = self.dec_deg.to_radians().sin_cos();
        let down = cos_0 - eta * sin_0;
        let ra = self.ra_deg + xi.atan2(down).to_degrees();
        let dec = (sin_0 + eta * cos_0).atan2(xi.hypot(down)).to_degrees();
        (ra.rem_euclid(360.0), dec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTING: Pointing = Pointing {
        ra_deg: 165.5585625,
        dec_deg: 38.0431139,
        orientation_deg: -42.975,
        vafactor: 1.0,
        reference_pixel: 512.0,
    };

    #[test]
    fn sky_and_plane_invert_each_other() {
        let (ra, dec) = POINTING.plane_to_sky(3.1, -7.4);
        let (xi, eta) = POINTING.sky_to_plane(ra, dec);
        assert!((xi - 3.1).abs() < 1e-8 && (eta + 7.4).abs() < 1e-8, "{xi} {eta}");
    }

    #[test]
    fn north_and_east_have_their_signs() {
        let (ra, dec) = POINTING.plane_to_sky(1.0, 0.0);
        assert!(ra > POINTING.ra_deg && (dec - POINTING.dec_deg).abs() < 1e-8);
        // A detector turned north up: y is north, x is west.
        let north_up = Pointing {
            orientation_deg: 0.0,
            ..POINTING
        };
        let (xi, eta) = north_up.detector_to_plane(511.0, 521.0);
        assert!(xi.abs() < 0.01 && (eta - 0.30).abs() < 0.01, "{xi} {eta}");
        let (xi, _) = north_up.detector_to_plane(521.0, 511.0);
        assert!((xi + 0.335).abs() < 0.01, "{xi}");
    }

    #[test]
    fn field_has_the_size_of_the_sbc() {
        let (x0, y0) = POINTING.detector_to_plane(0.0, 0.0);
        let (x1, y1) = POINTING.detector_to_plane(1023.0, 1023.0);
        let diagonal = (x1 - x0).hypot(y1 - y0);
        assert!((46.0..52.0).contains(&diagonal), "{diagonal}");
    }
}
