//! The linear part: between pixels and the plane of projection.

use crate::arctangent::LANES;
use crate::{Error, Result};

/// Reference pixel and CD matrix, with its inverse.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    /// CRPIX, 0-based.
    pub origin: [f64; 2],
    /// Degrees per pixel; the first row is right ascension's, whichever axis of the header that is.
    pub cd: [[f64; 2]; 2],
    /// The header's axis (0 or 1) of right ascension.
    pub longitude: usize,
    /// Radians per pixel.
    to_plane: [[f64; 2]; 2],
    /// Pixels per radian.
    to_pixels: [[f64; 2]; 2],
}

impl Linear {
    /// `matrix` with its rows in the header's order; `keywords` are those it is made of, for messages.
    pub(crate) fn new(
        origin: [f64; 2],
        matrix: [[f64; 2]; 2],
        longitude: usize,
        keywords: &str,
    ) -> Result<Self> {
        let cd = if longitude == 0 {
            matrix
        } else {
            [matrix[1], matrix[0]]
        };
        let to_plane = cd.map(|row| row.map(f64::to_radians));
        let [[a, b], [c, d]] = to_plane;
        let determinant = a * d - b * c;
        // A determinant of rounding errors has no meaning either.
        let size = a.abs().max(b.abs()) * c.abs().max(d.abs());
        let sound = determinant.is_finite() && determinant.abs() > 1e-14 * size;
        if !sound || !origin.iter().all(|p| p.is_finite()) {
            return Err(Error::SingularMatrix {
                keywords: keywords.to_owned(),
                matrix,
            });
        }
        let to_pixels = [
            [d / determinant, -b / determinant],
            [-c / determinant, a / determinant],
        ];
        Ok(Self {
            origin,
            cd,
            longitude,
            to_plane,
            to_pixels,
        })
    }

    /// The same matrix about another pixel.
    pub(crate) fn at(&self, origin: [f64; 2]) -> Self {
        Self {
            origin,
            ..self.clone()
        }
    }

    /// Radians in the plane of undistorted pixels.
    pub(crate) fn to_plane(&self, x: [f64; LANES], y: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
        let m = self.to_plane;
        let (mut p, mut q) = (x, y);
        for k in 0..LANES {
            let (u, v) = (x[k] - self.origin[0], y[k] - self.origin[1]);
            p[k] = m[0][0] * u + m[0][1] * v;
            q[k] = m[1][0] * u + m[1][1] * v;
        }
        (p, q)
    }

    /// Undistorted pixels of radians in the plane.
    pub(crate) fn to_pixels(&self, p: f64, q: f64) -> (f64, f64) {
        let m = self.to_pixels;
        (
            m[0][0] * p + m[0][1] * q + self.origin[0],
            m[1][0] * p + m[1][1] * q + self.origin[1],
        )
    }

    /// The homogeneous matrix from pixels to the plane.
    pub(crate) fn forward_matrix(&self) -> [[f64; 3]; 3] {
        let m = self.to_plane;
        let shift = |row: [f64; 2]| -(row[0] * self.origin[0] + row[1] * self.origin[1]);
        [
            [m[0][0], m[0][1], shift(m[0])],
            [m[1][0], m[1][1], shift(m[1])],
            [0.0, 0.0, 1.0],
        ]
    }

    /// The homogeneous matrix from the plane to pixels.
    pub(crate) fn backward_matrix(&self) -> [[f64; 3]; 3] {
        let m = self.to_pixels;
        [
            [m[0][0], m[0][1], self.origin[0]],
            [m[1][0], m[1][1], self.origin[1]],
            [0.0, 0.0, 1.0],
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_with_swapped_axes() {
        let linear = Linear::new([10.0, 20.0], [[1e-5, 2e-4], [3e-4, -1e-5]], 1, "CD").unwrap();
        assert_eq!(linear.cd[0], [3e-4, -1e-5]);
        let (p, q) = linear.to_plane([500.0; LANES], [-70.0; LANES]);
        let (x, y) = linear.to_pixels(p[0], q[0]);
        assert!((x - 500.0).abs() < 1e-11 && (y + 70.0).abs() < 1e-11);
    }

    #[test]
    fn singular_matrices_are_refused() {
        for cd in [
            [[1.0, 2.0], [2.0, 4.0]],
            [[0.0; 2]; 2],
            [[f64::NAN, 0.0], [0.0, 1.0]],
        ] {
            assert!(
                matches!(
                    Linear::new([0.0; 2], cd, 0, "CD"),
                    Err(Error::SingularMatrix { .. })
                ),
                "{cd:?}"
            );
        }
    }
}
