//! The field: a globular cluster's stars, and where they fall on the detector.

use crate::streams::{Purpose, Streams};

/// Centre of the field, degrees: 47 Tucanae's.
pub const TARGET_DEG: (f64, f64) = (6.022_3, -72.081_4);
/// `TARGNAME`.
pub const TARGET: &str = "NGC104";

/// A star.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Star {
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
    /// Electrons/s (counts/s of the SBC) in the whole image of it.
    pub rate: f64,
}

/// Where a detector looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointing {
    /// Sky position of the reference point, degrees.
    pub centre_deg: (f64, f64),
    /// Position angle of the y axis, degrees east of north.
    pub orientation_deg: f64,
    /// Side of a pixel, arcsec.
    pub scale_arcsec: f64,
}

impl Pointing {
    /// The CD matrix, degrees per pixel: `[[CD1_1, CD1_2], [CD2_1, CD2_2]]`. East is to the left of north.
    pub fn cd(&self) -> [[f64; 2]; 2] {
        let (sin, cos) = self.orientation_deg.to_radians().sin_cos();
        let scale = self.scale_arcsec / 3600.0;
        [[-cos * scale, sin * scale], [sin * scale, cos * scale]]
    }

    /// Offset in pixels along x and y of a sky position from the reference point; `None` for the other half of the
    /// sky. Gnomonic projection.
    pub fn offset(&self, ra_deg: f64, dec_deg: f64) -> Option<(f64, f64)> {
        let (sin_d, cos_d) = dec_deg.to_radians().sin_cos();
        let (sin_0, cos_0) = self.centre_deg.1.to_radians().sin_cos();
        let (sin_a, cos_a) = (ra_deg - self.centre_deg.0).to_radians().sin_cos();
        let towards = sin_d * sin_0 + cos_d * cos_0 * cos_a;
        if towards <= 0.0 {
            return None;
        }
        let xi = (cos_d * sin_a / towards).to_degrees() * 3600.0 / self.scale_arcsec;
        let eta =
            ((sin_d * cos_0 - cos_d * sin_0 * cos_a) / towards).to_degrees() * 3600.0 / self.scale_arcsec;
        // The matrix is its own inverse, but for the scale: a reflection.
        let (sin, cos) = self.orientation_deg.to_radians().sin_cos();
        Some((-cos * xi + sin * eta, sin * xi + cos * eta))
    }

    /// Sky position at an offset in pixels, degrees.
    pub fn sky(&self, dx: f64, dy: f64) -> (f64, f64) {
        let (sin, cos) = self.orientation_deg.to_radians().sin_cos();
        let scale = (self.scale_arcsec / 3600.0).to_radians();
        let (xi, eta) = ((-cos * dx + sin * dy) * scale, (sin * dx + cos * dy) * scale);
        let (sin_0, cos_0) = self.centre_deg.1.to_radians().sin_cos();
        let ahead = cos_0 - eta * sin_0;
        let ra = self.centre_deg.0 + xi.atan2(ahead).to_degrees();
        let dec = ((sin_0 + eta * cos_0) / xi.hypot(ahead)).atan().to_degrees();
        (ra.rem_euclid(360.0), dec)
    }
}

/// A field of stars: two thirds in a cluster with a Plummer profile, a third spread evenly. Their numbers fall as a
/// power of the rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Number of stars.
    pub stars: usize,
    /// Half the sides of the field, pixels.
    pub half: (f64, f64),
    /// Offset of the field's centre from the pointing, pixels.
    pub centre: (f64, f64),
    /// Rates of the faintest and the brightest star, electrons/s.
    pub rates: (f64, f64),
}

impl Field {
    /// Draws the stars, the brightest first.
    pub fn draw(&self, pointing: &Pointing, streams: Streams) -> Vec<Star> {
        let mut random = streams.of(Purpose::Stars, 0, 0, 0);
        let core = 0.3 * self.half.0.min(self.half.1);
        let (faint, bright) = self.rates;
        // Cumulative numbers go as rate^-0.6.
        let (most, least) = (faint.powf(-0.6), bright.powf(-0.6));
        let mut stars = Vec::with_capacity(self.stars);
        while stars.len() < self.stars {
            let in_cluster = random.uniform() < 2.0 / 3.0;
            let (u, v) = (random.uniform(), random.uniform());
            let (x, y) = if in_cluster {
                let radius = core / (u.max(1e-9).powf(-1.0) - 1.0).max(1e-9).sqrt();
                let (sin, cos) = (std::f64::consts::TAU * v).sin_cos();
                (radius * cos, radius * sin)
            } else {
                ((2.0 * u - 1.0) * self.half.0, (2.0 * v - 1.0) * self.half.1)
            };
            let rate = (least + random.uniform() * (most - least)).powf(-1.0 / 0.6);
            if x.abs() > self.half.0 || y.abs() > self.half.1 {
                continue;
            }
            let (ra_deg, dec_deg) = pointing.sky(self.centre.0 + x, self.centre.1 + y);
            stars.push(Star {
                ra_deg,
                dec_deg,
                rate,
            });
        }
        stars.sort_by(|a, b| b.rate.total_cmp(&a.rate));
        stars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sky_and_back() {
        let pointing = Pointing {
            centre_deg: TARGET_DEG,
            orientation_deg: -122.5,
            scale_arcsec: 0.05,
        };
        for (x, y) in [(0.0, 0.0), (2048.0, -1000.0), (-2100.0, 2100.0)] {
            let (ra, dec) = pointing.sky(x, y);
            let (x1, y1) = pointing.offset(ra, dec).unwrap_or((f64::NAN, f64::NAN));
            assert!((x - x1).abs() < 1e-6 && (y - y1).abs() < 1e-6, "{x1} {y1}");
        }
        assert_eq!(pointing.offset(186.0, 72.0), None);
    }

    #[test]
    fn the_field_has_as_many_stars_as_asked_for_within_its_sides() {
        let pointing = Pointing {
            centre_deg: TARGET_DEG,
            orientation_deg: 30.0,
            scale_arcsec: 0.05,
        };
        let field = Field {
            stars: 500,
            half: (900.0, 400.0),
            centre: (50.0, -20.0),
            rates: (2.0, 1000.0),
        };
        let stars = field.draw(&pointing, Streams::new(5));
        assert_eq!(stars.len(), 500);
        let offsets = stars.iter().filter_map(|s| pointing.offset(s.ra_deg, s.dec_deg));
        assert!(
            offsets
                .clone()
                .all(|(x, y)| (x - 50.0).abs() < 900.1 && (y + 20.0).abs() < 400.1)
        );
        assert!(stars.iter().all(|s| (2.0..=1000.1).contains(&s.rate)));
        assert!(stars[0].rate > 20.0 * stars[400].rate);
    }
}
