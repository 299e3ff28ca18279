//! Distortion: how pixels of the detector lie on the focal plane.
//!
//! One pair of cubic polynomials covers the whole field of a detector, both chips of the WFC included; it has no shift at the
//! reference point, which the headers of raws name. Its strength is that of the cameras: tens of pixels at the corners.

use super::camera::Detector;

/// Highest order of the polynomials.
pub const ORDER: usize = 3;

/// Coefficients by order and power of x, as an IDCTAB has them: `[n][m]` belongs to `x^m y^(n-m)`.
type Coefficients = [[f64; ORDER + 1]; ORDER + 1];

/// From offsets on the detector to offsets on the focal plane, both in pixels from the reference point, those of the plane of
/// nominal size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optics {
    x: Coefficients,
    y: Coefficients,
}

impl Optics {
    /// The optics of a detector.
    pub fn of(detector: Detector) -> Self {
        let (x, y) = match detector {
            Detector::Wfc => (
                [
                    [0.0; 4],
                    [0.0021, 0.9932, 0.0, 0.0],
                    [1.81e-6, -7.12e-6, 8.24e-6, 0.0],
                    [5.1e-11, -5.3e-10, -1.2e-10, -4.6e-10],
                ],
                [
                    [0.0; 4],
                    [0.9718, 0.0396, 0.0, 0.0],
                    [-9.42e-6, 5.87e-6, -2.51e-6, 0.0],
                    [-3.8e-10, -4.7e-11, -4.4e-10, 7.0e-11],
                ],
            ),
            Detector::Hrc => (
                [
                    [0.0; 4],
                    [0.0316, 1.1270, 0.0, 0.0],
                    [-1.62e-6, 8.91e-6, -1.10e-5, 0.0],
                    [2.0e-10, -7.4e-10, 4.1e-10, -9.2e-10],
                ],
                [
                    [0.0; 4],
                    [0.9881, 0.0527, 0.0, 0.0],
                    [1.21e-5, -7.30e-6, 3.42e-6, 0.0],
                    [-8.8e-10, 3.7e-10, -6.9e-10, 1.5e-10],
                ],
            ),
            Detector::Sbc => (
                [
                    [0.0; 4],
                    [0.0448, 1.1209, 0.0, 0.0],
                    [-2.03e-6, 1.07e-5, -1.32e-5, 0.0],
                    [3.1e-10, -8.0e-10, 5.2e-10, -1.1e-9],
                ],
                [
                    [0.0; 4],
                    [1.0053, 0.0611, 0.0, 0.0],
                    [1.34e-5, -8.12e-6, 4.05e-6, 0.0],
                    [-9.5e-10, 4.2e-10, -7.7e-10, 2.2e-10],
                ],
            ),
        };
        Self { x, y }
    }

    /// The coefficients of an axis of the focal plane, in nominal pixels.
    pub fn coefficients(&self) -> [(&'static str, &Coefficients); 2] {
        [("CX", &self.x), ("CY", &self.y)]
    }

    /// Where an offset on the detector lies on the focal plane.
    pub fn plane(&self, x: f64, y: f64) -> (f64, f64) {
        (value(&self.x, x, y), value(&self.y, x, y))
    }

    /// Area of a pixel relative to a nominal one: the determinant of the derivatives.
    pub fn area(&self, x: f64, y: f64) -> f64 {
        let ([xx, xy], [yx, yy]) = (slopes(&self.x, x, y), slopes(&self.y, x, y));
        xx * yy - xy * yx
    }

    /// Where on the detector an offset on the focal plane is seen, by Newton's method.
    pub fn detector(&self, u: f64, v: f64) -> (f64, f64) {
        let (mut x, mut y) = (u, v);
        for _ in 0..20 {
            let (at_u, at_v) = self.plane(x, y);
            let (du, dv) = (u - at_u, v - at_v);
            let ([xx, xy], [yx, yy]) = (slopes(&self.x, x, y), slopes(&self.y, x, y));
            let area = xx * yy - xy * yx;
            x += (yy * du - xy * dv) / area;
            y += (xx * dv - yx * du) / area;
            if du.abs() + dv.abs() < 1e-9 {
                break;
            }
        }
        (x, y)
    }
}

fn value(of: &Coefficients, x: f64, y: f64) -> f64 {
    let mut sum = 0.0;
    for (n, terms) in of.iter().enumerate().skip(1) {
        for (m, term) in terms.iter().enumerate().take(n + 1) {
            sum += term * x.powi(m as i32) * y.powi((n - m) as i32);
        }
    }
    sum
}

/// Derivatives along x and y.
fn slopes(of: &Coefficients, x: f64, y: f64) -> [f64; 2] {
    let mut slopes = [0.0; 2];
    for (n, terms) in of.iter().enumerate().skip(1) {
        for (m, term) in terms.iter().enumerate().take(n + 1) {
            let (p, q) = (m as i32, (n - m) as i32);
            if p > 0 {
                slopes[0] += term * f64::from(p) * x.powi(p - 1) * y.powi(q);
            }
            if q > 0 {
                slopes[1] += term * f64::from(q) * x.powi(p) * y.powi(q - 1);
            }
        }
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_over_the_whole_field() {
        for (detector, half) in [
            (Detector::Wfc, 2100.0),
            (Detector::Hrc, 530.0),
            (Detector::Sbc, 530.0),
        ] {
            let optics = Optics::of(detector);
            assert_eq!(optics.plane(0.0, 0.0), (0.0, 0.0));
            for (i, j) in [(-1.0, -1.0), (-1.0, 1.0), (0.3, -0.7), (1.0, 1.0), (1.0, -1.0)] {
                let (x, y) = (half * i, half * j);
                let (u, v) = optics.plane(x, y);
                let (x1, y1) = optics.detector(u, v);
                assert!(
                    (x - x1).abs() < 1e-7 && (y - y1).abs() < 1e-7,
                    "{detector:?}: {x1} {y1}"
                );
            }
        }
    }

    #[test]
    fn the_area_is_that_of_a_pixels_outline() {
        let optics = Optics::of(Detector::Wfc);
        let (x, y) = (1500.0, -1200.0);
        let corners =
            [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(i, j)| optics.plane(x + i, y + j));
        let twice: f64 = (0..4)
            .map(|k| {
                let ((u0, v0), (u1, v1)) = (corners[k], corners[(k + 1) % 4]);
                u0 * v1 - u1 * v0
            })
            .sum();
        assert!((0.5 * twice - optics.area(x, y)).abs() < 1e-7);
    }
}
