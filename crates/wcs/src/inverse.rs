//! From the sky to pixels.

use crate::forward::{CHUNK, check_lengths};
use crate::sphere::{direction, rotate, transposed};
use crate::{Error, Result, Wcs};
use rayon::prelude::*;

/// Distance in pixels within which an iteration has come to rest.
const AT_REST_PX: f64 = 1e-10;
const MOST_STEPS: usize = 60;

impl Wcs {
    /// The 0-based pixel position of a sky position in degrees, with all distortions undone.
    ///
    /// NaN for NaN, and where the projection does not reach (for TAN: the far half of the sky).
    ///
    /// The forward SIP polynomial and look-up tables are inverted by iteration, to 1e-10 pixel; the
    /// header's inverse polynomials (AP, BP), which are only fits, are not used.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where the distortion, far outside the image it describes, has no
    /// inverse.
    pub fn sky_to_pixel(&self, ra_deg: f64, dec_deg: f64) -> Result<(f64, f64)> {
        let foc = self.sky_to_foc(ra_deg, dec_deg);
        self.foc_to_pixel(foc).ok_or(Error::NotConverged {
            ra_deg,
            dec_deg,
            failed: 1,
            total: 1,
        })
    }

    /// [`Wcs::sky_to_pixel`] of many positions, on all threads; the same bits for any number of them.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where any of them has no pixel; [`Error::LengthMismatch`].
    pub fn sky_to_pixels(&self, ra_deg: &[f64], dec_deg: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        let (x, y, failures) = self.sky_to_pixels_where_possible(ra_deg, dec_deg)?;
        match failures.first() {
            None => Ok((x, y)),
            Some(&first) => Err(Error::NotConverged {
                ra_deg: ra_deg[first],
                dec_deg: dec_deg[first],
                failed: failures.len(),
                total: ra_deg.len(),
            }),
        }
    }

    /// As [`Wcs::sky_to_pixels`], with NaN where the iteration does not converge, and the indices of
    /// these positions.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`].
    pub fn sky_to_pixels_where_possible(
        &self,
        ra_deg: &[f64],
        dec_deg: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>, Vec<usize>)> {
        check_lengths(ra_deg, dec_deg)?;
        let (mut x, mut y) = (vec![0.0; ra_deg.len()], vec![0.0; ra_deg.len()]);
        let chunks = (x.par_chunks_mut(CHUNK), y.par_chunks_mut(CHUNK));
        let inputs = (ra_deg.par_chunks(CHUNK), dec_deg.par_chunks(CHUNK));
        let failures = (chunks.0, chunks.1, inputs.0, inputs.1)
            .into_par_iter()
            .enumerate()
            .map(|(chunk, (x, y, ra, dec))| {
                let mut failures = Vec::new();
                for (k, (x, y)) in x.iter_mut().zip(y).enumerate() {
                    let found = self.foc_to_pixel(self.sky_to_foc(ra[k], dec[k]));
                    if found.is_none() {
                        failures.push(chunk * CHUNK + k);
                    }
                    (*x, *y) = found.unwrap_or((f64::NAN, f64::NAN));
                }
                failures
            })
            .collect::<Vec<_>>()
            .concat();
        Ok((x, y, failures))
    }

    /// The undistorted pixel of a sky position: projection and CD matrix alone.
    pub(crate) fn sky_to_foc(&self, ra_deg: f64, dec_deg: f64) -> (f64, f64) {
        let native = rotate(&transposed(&self.frame), direction(ra_deg, dec_deg));
        let (p, q) = self.projection.project(native);
        self.linear.to_pixels(p, q)
    }

    /// The pixel whose [`Wcs::pix2foc`] is `foc`; `None` where the iteration finds none.
    pub(crate) fn foc_to_pixel(&self, foc: (f64, f64)) -> Option<(f64, f64)> {
        if !self.has_distortion() || foc.0.is_nan() || foc.1.is_nan() {
            return Some(foc);
        }
        let image = self.foc_to_image(foc)?;
        if self.d2im.is_empty() {
            return Some(image);
        }
        // The tables' slopes are far below one, so that repeated substitution contracts, kinks and all.
        let (mut x, mut y) = image;
        for _ in 0..MOST_STEPS {
            let (dx, dy) = self.d2im.at(x, y);
            let (nx, ny) = (image.0 - dx, image.1 - dy);
            let moved = (nx - x).abs().max((ny - y).abs());
            (x, y) = (nx, ny);
            if moved <= AT_REST_PX {
                return Some((x, y));
            }
        }
        None
    }

    /// Undoes SIP and NPOL: Newton's steps along the polynomial's slopes, to which the tables add
    /// little; quadratic where there are no tables, and not disturbed by their kinks where there are.
    fn foc_to_image(&self, foc: (f64, f64)) -> Option<(f64, f64)> {
        let (mut x, mut y) = foc;
        let mut previous = f64::INFINITY;
        let rest = AT_REST_PX.max(1e-13 * (foc.0.abs() + foc.1.abs()));
        for _ in 0..MOST_STEPS {
            let (ex, ey, m) = self.foc_error((x, y), foc);
            let determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
            // A mirrored or folded neighbourhood is no part of the image.
            if determinant.is_nan() || determinant <= 0.05 {
                return None;
            }
            let dx = (m[1][1] * ex - m[0][1] * ey) / determinant;
            let dy = (m[0][0] * ey - m[1][0] * ex) / determinant;
            (x, y) = (x - dx, y - dy);
            let step = dx.abs().max(dy.abs());
            if step <= rest {
                return Some((x, y));
            }
            if step.is_nan() || step > 2.0 * previous {
                return None;
            }
            previous = step;
        }
        None
    }

    /// How far the focal plane position of an image position lies from `foc`, and the polynomial's
    /// Jacobian there.
    fn foc_error(&self, image: (f64, f64), foc: (f64, f64)) -> (f64, f64, [[f64; 2]; 2]) {
        let (nx, ny) = self.npol.at(image.0, image.1);
        let (mut ex, mut ey) = (image.0 + nx - foc.0, image.1 + ny - foc.1);
        let mut jacobian = [[1.0, 0.0], [0.0, 1.0]];
        if let Some(sip) = &self.sip {
            let [a, b] = sip.tangents(image.0, image.1);
            ex += a.value;
            ey += b.value;
            jacobian = [[1.0 + a.du, a.dv], [b.du, 1.0 + b.dv]];
        }
        (ex, ey, jacobian)
    }
}
