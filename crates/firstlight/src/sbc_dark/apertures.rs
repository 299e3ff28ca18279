//! The apertures of the workflow: in pixels of the product, or on the sky.

use crate::{Error, Result};
use firstlight_wcs::Wcs;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An elliptical aperture: `x,y,a,b[,theta]` in pixels of the product (0-based, θ in degrees from the x
/// axis towards y), or `icrs:ra,dec,a,b[,pa]` on the sky (degrees; a and b in arcsec; the position angle
/// of a in degrees east of north).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApertureSpec {
    /// Whether the numbers are the sky's.
    pub sky: bool,
    /// x, or right ascension.
    pub x: f64,
    /// y, or declination.
    pub y: f64,
    /// Semi-axis along the angle.
    pub a: f64,
    /// Semi-axis across.
    pub b: f64,
    /// Angle.
    pub angle: f64,
}

/// An ellipse in pixels of a product, θ in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PixelEllipse {
    /// Centre.
    pub x: f64,
    /// Centre.
    pub y: f64,
    /// Semi-axis along θ.
    pub a: f64,
    /// Semi-axis across.
    pub b: f64,
    /// Degrees from the x axis towards y.
    pub theta: f64,
}

impl ApertureSpec {
    /// The aperture on a product's grid.
    ///
    /// # Errors
    /// [`Error::Wcs`] where a sky position does not fall on it.
    pub fn on(&self, wcs: &Wcs) -> Result<PixelEllipse> {
        let Self {
            x, y, a, b, angle, ..
        } = *self;
        if !self.sky {
            return Ok(PixelEllipse {
                x,
                y,
                a,
                b,
                theta: angle,
            });
        }
        let (centre_x, centre_y) = wcs.sky_to_pixel(x, y)?;
        // A tenth of an arcsecond along the major axis; longer where the declination shrinks it.
        let (sin, cos) = angle.to_radians().sin_cos();
        let step = 0.1 / 3600.0;
        let (tip_x, tip_y) = wcs.sky_to_pixel(x + step * sin / y.to_radians().cos(), y + step * cos)?;
        let scale = 0.1 / (tip_x - centre_x).hypot(tip_y - centre_y);
        let theta = (tip_y - centre_y).atan2(tip_x - centre_x).to_degrees();
        Ok(PixelEllipse {
            x: centre_x,
            y: centre_y,
            a: a / scale,
            b: b / scale,
            theta,
        })
    }
}

impl ApertureSpec {
    /// As [`ApertureSpec::on`], for a product of a shape `(ny, nx)`.
    ///
    /// # Errors
    /// [`Error::Usage`] where no part of the aperture lies on the product, which `name` names.
    pub(super) fn within(&self, wcs: &Wcs, shape: (usize, usize), name: &str) -> Result<PixelEllipse> {
        let ellipse = self.on(wcs)?;
        let (ny, nx) = (shape.0 as f64, shape.1 as f64);
        // Half the sides of the box about the ellipse.
        let (sin, cos) = ellipse.theta.to_radians().sin_cos();
        let half_x = (ellipse.a * cos).hypot(ellipse.b * sin);
        let half_y = (ellipse.a * sin).hypot(ellipse.b * cos);
        let touches = |centre: f64, half: f64, n: f64| centre + half > -0.5 && centre - half < n - 0.5;
        // NaN, from a position on the other side of the sky, touches nothing.
        if touches(ellipse.x, half_x, nx) && touches(ellipse.y, half_y, ny) {
            return Ok(ellipse);
        }
        let (x, y) = wcs.pixel_to_sky(0.5 * (nx - 1.0), 0.5 * (ny - 1.0));
        Err(Error::Usage(format!(
            "the aperture {self} does not lie on the product {name}, which has {nx} x {ny} pixels (x from 0 to {}, y from \
             0 to {}) and its centre at icrs:{x:.6},{y:.6}",
            nx - 1.0,
            ny - 1.0
        )))
    }
}

impl PixelEllipse {
    /// Whether a point lies in the ellipse, or in one `factor` times as large.
    pub fn contains(&self, x: f64, y: f64, factor: f64) -> bool {
        let (sin, cos) = self.theta.to_radians().sin_cos();
        let (dx, dy) = (x - self.x, y - self.y);
        let along = (dx * cos + dy * sin) / self.a;
        let across = (dy * cos - dx * sin) / self.b;
        along * along + across * across <= factor * factor
    }

    /// Pixels.
    pub fn area(&self) -> f64 {
        std::f64::consts::PI * self.a * self.b
    }
}

impl fmt::Display for ApertureSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = if self.sky { "icrs:" } else { "" };
        write!(
            f,
            "{frame}{},{},{},{},{}",
            self.x, self.y, self.a, self.b, self.angle
        )
    }
}

impl From<ApertureSpec> for String {
    fn from(of: ApertureSpec) -> Self {
        of.to_string()
    }
}

impl TryFrom<String> for ApertureSpec {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for ApertureSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            let expected =
                "an aperture x,y,a,b[,theta] in pixels, or icrs:ra,dec,a,b[,pa] in degrees and arcsec";
            Error::Usage(format!("'{text}' is not {expected}"))
        };
        let (sky, rest) = match text.trim().strip_prefix("icrs:") {
            Some(rest) => (true, rest),
            None => (false, text.trim()),
        };
        let numbers = rest
            .split(',')
            .map(|t| t.trim().parse::<f64>().ok().filter(|n| n.is_finite()));
        let numbers: Vec<f64> = numbers.collect::<Option<_>>().ok_or_else(bad)?;
        let (x, y, a, b, angle) = match *numbers.as_slice() {
            [x, y, a, b] => (x, y, a, b, 0.0),
            [x, y, a, b, angle] => (x, y, a, b, angle),
            _ => return Err(bad()),
        };
        if !(a > 0.0 && b > 0.0) || sky && !(-90.0..=90.0).contains(&y) {
            return Err(bad());
        }
        Ok(Self {
            sky,
            x,
            y,
            a,
            b,
            angle,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn apertures_are_read_and_written() {
        let seed: ApertureSpec = "735, 710, 70, 40, 90".parse().unwrap();
        assert_eq!(
            seed,
            ApertureSpec {
                sky: false,
                x: 735.0,
                y: 710.0,
                a: 70.0,
                b: 40.0,
                angle: 90.0
            }
        );
        let sky: ApertureSpec = "icrs:165.5,38.04,1.75,1".parse().unwrap();
        assert!(sky.sky && sky.angle == 0.0);
        assert_eq!(sky.to_string().parse::<ApertureSpec>().unwrap(), sky);
        for bad in [
            "",
            "1,2,3",
            "1,2,-3,4",
            "icrs:1,99,1,1",
            "1,2,3,nan",
            "1,2,3,4,5,6",
        ] {
            assert!(bad.parse::<ApertureSpec>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sky_apertures_land_on_the_grid() {
        let (sin, cos) = (-43_f64).to_radians().sin_cos();
        let scale = 0.025 / 3600.0;
        let cd = [[-cos * scale, sin * scale], [sin * scale, cos * scale]];
        let wcs = Wcs::tangent((165.56, 38.04), (700.0, 680.0), cd, None).unwrap();
        let (ra, dec) = wcs.pixel_to_sky(735.0, 710.0);
        let spec = ApertureSpec {
            sky: true,
            x: ra,
            y: dec,
            a: 1.75,
            b: 1.0,
            angle: -43.0,
        };
        let ellipse = spec.on(&wcs).unwrap();
        assert!((ellipse.x - 735.0).abs() < 1e-6 && (ellipse.y - 710.0).abs() < 1e-6);
        assert!(
            (ellipse.a - 70.0).abs() < 1e-3 && (ellipse.b - 40.0).abs() < 1e-3,
            "{ellipse:?}"
        );
        assert!((ellipse.theta - 90.0).abs() < 0.01, "{ellipse:?}");
    }
}
