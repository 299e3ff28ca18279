//! From pixels to the sky.

use crate::arctangent::LANES;
use crate::sphere::positions;
use crate::{Error, Result, Wcs};
use rayon::prelude::*;

/// Points that one task takes; its two rows of coordinates stay in the first cache.
pub(crate) const CHUNK: usize = 1024;

impl Wcs {
    /// The sky position, in degrees, of the 0-based pixel position `(x, y)`, with all distortions.
    /// NaN gives NaN.
    pub fn pixel_to_sky(&self, x: f64, y: f64) -> (f64, f64) {
        let (fx, fy) = self.foc_lanes([x; LANES], [y; LANES]);
        let (ra, dec) = self.sky_lanes(fx, fy);
        (ra[0], dec[0])
    }

    /// [`Wcs::pixel_to_sky`] of many positions, on all threads; the same bits for any number of them.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    pub fn pixels_to_sky(&self, x: &[f64], y: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        self.mapped(x, y, |x, y| {
            let (fx, fy) = self.foc_lanes(x, y);
            self.sky_lanes(fx, fy)
        })
    }

    /// The position in the undistorted pixel grid ("focal plane") of a pixel: all distortions, but
    /// neither CD matrix nor projection. 0-based on both sides.
    pub fn pix2foc(&self, x: f64, y: f64) -> (f64, f64) {
        let (fx, fy) = self.foc_lanes([x; LANES], [y; LANES]);
        (fx[0], fy[0])
    }

    /// [`Wcs::pix2foc`] of many positions.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    pub fn pixels_to_foc(&self, x: &[f64], y: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        self.mapped(x, y, |x, y| self.foc_lanes(x, y))
    }

    /// The position of a detector pixel after the detector-to-image correction (D2IM) alone, 0-based.
    pub fn det2im(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = self.d2im.at(x, y);
        (x + dx, y + dy)
    }

    /// [`Wcs::det2im`] of many positions.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    pub fn detector_to_image(&self, x: &[f64], y: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        self.mapped(x, y, |x, y| self.image_lanes(x, y))
    }

    /// Sky positions, degrees, of the centres of the four corner pixels: `(0, 0)`, `(0, ny - 1)`,
    /// `(nx - 1, ny - 1)`, `(nx - 1, 0)`.
    ///
    /// # Errors
    /// [`Error::NoShape`] where the image's size is not known.
    pub fn footprint(&self) -> Result<[(f64, f64); 4]> {
        let (ny, nx) = self.shape.ok_or(Error::NoShape { keyword: "NAXIS" })?;
        let (right, top) = ((nx as f64) - 1.0, (ny as f64) - 1.0);
        Ok([(0.0, 0.0), (0.0, top), (right, top), (right, 0.0)].map(|(x, y)| self.pixel_to_sky(x, y)))
    }

    fn image_lanes(&self, x: [f64; LANES], y: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
        let (mut ix, mut iy) = (x, y);
        if !self.d2im.is_empty() {
            for k in 0..LANES {
                (ix[k], iy[k]) = self.det2im(x[k], y[k]);
            }
        }
        (ix, iy)
    }

    pub(crate) fn foc_lanes(&self, x: [f64; LANES], y: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
        let (ix, iy) = self.image_lanes(x, y);
        let (mut fx, mut fy) = (ix, iy);
        if let Some(sip) = &self.sip {
            sip.add_to(ix, iy, &mut fx, &mut fy);
        }
        if !self.npol.is_empty() {
            for k in 0..LANES {
                let (dx, dy) = self.npol.at(ix[k], iy[k]);
                fx[k] += dx;
                fy[k] += dy;
            }
        }
        (fx, fy)
    }

    fn sky_lanes(&self, fx: [f64; LANES], fy: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
        let (p, q) = self.linear.to_plane(fx, fy);
        let native = self.projection.unproject(p, q);
        let mut v = [[0.0; LANES]; 3];
        for (row, m) in v.iter_mut().zip(&self.frame) {
            for k in 0..LANES {
                row[k] = m[0] * native[0][k] + m[1] * native[1][k] + m[2] * native[2][k];
            }
        }
        positions(v)
    }

    /// Applies `map` to all points, a few at a time.
    fn mapped(
        &self,
        x: &[f64],
        y: &[f64],
        map: impl Fn([f64; LANES], [f64; LANES]) -> ([f64; LANES], [f64; LANES]) + Sync,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        check_lengths(x, y)?;
        let (mut out_x, mut out_y) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        let chunks = (out_x.par_chunks_mut(CHUNK), out_y.par_chunks_mut(CHUNK));
        let inputs = (x.par_chunks(CHUNK), y.par_chunks(CHUNK));
        (chunks.0, chunks.1, inputs.0, inputs.1)
            .into_par_iter()
            .for_each(|(out_x, out_y, x, y)| {
                map_slices(x, y, out_x, out_y, &map);
            });
        Ok((out_x, out_y))
    }
}

/// Applies `map` to slices of one length; the last few points are filled up with the very last.
pub(crate) fn map_slices(
    x: &[f64],
    y: &[f64],
    out_x: &mut [f64],
    out_y: &mut [f64],
    map: impl Fn([f64; LANES], [f64; LANES]) -> ([f64; LANES], [f64; LANES]),
) {
    let groups = x.chunks(LANES).zip(y.chunks(LANES));
    for ((x, y), (out_x, out_y)) in groups.zip(out_x.chunks_mut(LANES).zip(out_y.chunks_mut(LANES))) {
        let n = x.len().min(y.len());
        let lane = |values: &[f64]| std::array::from_fn(|k| values[k.min(n - 1)]);
        let (mx, my) = map(lane(x), lane(y));
        out_x.copy_from_slice(&mx[..n]);
        out_y.copy_from_slice(&my[..n]);
    }
}

pub(crate) fn check_lengths(first: &[f64], second: &[f64]) -> Result<()> {
    if first.len() != second.len() {
        return Err(Error::LengthMismatch {
            first: first.len(),
            second: second.len(),
        });
    }
    Ok(())
}
