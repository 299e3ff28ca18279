//! Reference images with larger pixels, expanded to those of the detector.

use super::rows::rows_mut;
use crate::{Error, Result};
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;

/// How a binned image is expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expansion {
    /// Detector pixels in one of the image's, `(x, y)`, at least 1.
    pub bin: (usize, usize),
    /// The detector pixel, counted from the image's corner, that the result begins at, `(x, y)`.
    pub first: (usize, usize),
    /// Shape of the result, `(ny, nx)`.
    pub shape: (usize, usize),
}

impl Expansion {
    /// Shape `(ny, nx)` that the binned image must have at least; None where it would be beyond all bounds.
    pub fn source_shape(&self) -> Option<(usize, usize)> {
        let along = |bin: usize, first: usize, n: usize| Some(first.checked_add(n)?.div_ceil(bin.max(1)));
        let (ny, nx) = self.shape;
        Some((
            along(self.bin.1, self.first.1, ny)?,
            along(self.bin.0, self.first.0, nx)?,
        ))
    }
}

/// Expands `low` by bilinear interpolation between the centres of its pixels, and beyond the outermost of them by the
/// same lines carried on. Errors are interpolated in quadrature, DQ bits of the pixels that contribute are combined.
///
/// # Errors
/// [`Error::Shape`] where `low` is empty or does not reach as far as the result.
pub fn expand(low: &Frame, expansion: Expansion) -> Result<Frame> {
    super::check_shapes_of(low)?;
    let (ny, nx) = expansion.shape;
    let (bin, first) = (expansion.bin, expansion.first);
    let needed = expansion.source_shape();
    let enough = needed.is_some_and(|needed| needed.0 <= low.sci.ny() && needed.1 <= low.sci.nx());
    if !enough || low.sci.is_empty() {
        return Err(Error::Shape {
            what: "the binned reference image".to_owned(),
            expected: needed.unwrap_or((usize::MAX, usize::MAX)),
            found: low.sci.shape(),
        });
    }
    let columns: Vec<Between> = (0..nx)
        .map(|x| Between::of(first.0 + x, bin.0, low.sci.nx()))
        .collect();
    let mut high = Frame {
        sci: Image::filled(ny, nx, 0.0),
        err: Image::filled(ny, nx, 0.0),
        dq: Image::filled(ny, nx, 0),
    };
    rows_mut(&mut high).enumerate().for_each(|(y, row)| {
        let line = Between::of(first.1 + y, bin.1, low.sci.ny());
        let samples = row.sci.iter_mut().zip(row.err).zip(row.dq);
        for (((sci, err), dq), column) in samples.zip(&columns) {
            *sci = column.interpolate(&line, &low.sci, |sample| sample);
            *err = column
                .interpolate(&line, &low.err, |error| error * error)
                .max(0.0)
                .sqrt();
            *dq = column.combine(&line, &low.dq);
        }
    });
    Ok(high)
}

/// Two neighbouring pixels along an axis and the weights of interpolation between them.
struct Between {
    at: [usize; 2],
    weight: [f32; 2],
}

impl Between {
    fn of(detector_pixel: usize, bin: usize, n: usize) -> Self {
        let bin = bin.max(1);
        let place = (detector_pixel as f32 - (bin as f32 - 1.0) / 2.0) / bin as f32;
        if n < 2 {
            return Self {
                at: [0, 0],
                weight: [1.0, 0.0],
            };
        }
        let lower = (place as usize).min(n - 2);
        let upper_weight = place - lower as f32;
        Self {
            at: [lower, lower + 1],
            weight: [1.0 - upper_weight, upper_weight],
        }
    }

    fn interpolate(&self, line: &Between, image: &Image<f32>, of: impl Fn(f32) -> f32) -> f32 {
        let (lower, upper) = (image.row(line.at[0]), image.row(line.at[1]));
        let [p, q] = self.weight;
        let [r, s] = line.weight;
        let [left, right] = self.at;
        p * r * of(lower[left])
            + q * r * of(lower[right])
            + p * s * of(upper[left])
            + q * s * of(upper[right])
    }

    fn combine(&self, line: &Between, dq: &Image<u16>) -> u16 {
        let mut bits = 0;
        for (y, along) in line.contributing() {
            for (x, across) in self.contributing() {
                bits |= if along && across { dq.row(y)[x] } else { 0 };
            }
        }
        bits
    }

    fn contributing(&self) -> [(usize, bool); 2] {
        [0, 1].map(|end| (self.at[end], self.weight[end] != 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Expansion, expand};
    use crate::steps::rows::tests::frame;
    use firstlight_frame::Image;

    #[test]
    fn a_plane_stays_a_plane_to_its_very_edge() {
        let mut low = frame(3, 4, 0.0, 1.0, 0);
        // Value at the centre of each binned pixel of a plane over unbinned ones.
        let plane = |x: f32, y: f32| 1.0 + 0.01 * x - 0.02 * y;
        low.sci = Image::from_fn(3, 4, |x, y| plane(x as f32 * 4.0 + 1.5, y as f32 * 2.0 + 0.5));
        let high = expand(
            &low,
            Expansion {
                bin: (4, 2),
                first: (3, 1),
                shape: (5, 13),
            },
        )
        .unwrap();
        for y in 0..5 {
            for x in 0..13 {
                let expected = plane((x + 3) as f32, (y + 1) as f32);
                assert!((high.sci.row(y)[x] - expected).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn bits_reach_as_far_as_the_pixel_contributes() {
        let mut low = frame(1, 4, 1.0, 0.5, 0);
        low.dq.row_mut(0)[2] = 16;
        let all = Expansion {
            bin: (3, 1),
            first: (0, 0),
            shape: (1, 12),
        };
        let high = expand(&low, all).unwrap();
        // Centres of the binned pixels lie at 1, 4, 7, 10.
        assert_eq!(high.dq.row(0), [0, 0, 0, 0, 0, 16, 16, 16, 16, 16, 0, 16]);
        assert_eq!(high.sci.row(0), [1.0; 12]);
    }

    #[test]
    fn an_image_that_does_not_reach_is_refused() {
        let low = frame(2, 2, 1.0, 0.0, 0);
        let wide = Expansion {
            bin: (2, 2),
            first: (1, 0),
            shape: (4, 4),
        };
        assert!(expand(&low, wide).is_err());
    }
}
