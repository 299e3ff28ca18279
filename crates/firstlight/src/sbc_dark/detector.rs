//! Where the apertures of a product lie on the detector, exposure by exposure.

use super::apertures::PixelEllipse;
use crate::Result;
use firstlight_frame::{Exposure, Image};
use firstlight_wcs::{PixelMap, Wcs};
use std::path::Path;

/// Accuracy of the map from detector to product, pixels: far below an aperture's size.
const TOLERANCE_PX: f64 = 0.01;

/// An exposure with its apertures laid on the detector.
pub(super) struct OnDetector {
    pub(super) sci: Image<f32>,
    pub(super) err: Image<f32>,
    /// By aperture: indices of the good pixels whose centres lie inside.
    inside: Vec<Vec<usize>>,
    /// By aperture: pixels of the product that one of these stands for.
    area: Vec<f64>,
    /// Pixels that a source may reach.
    pub(super) source: Image<bool>,
}

/// Weights of detector pixels: what a sum over the product takes of each.
pub(super) type Weights = Vec<(usize, f64)>;

impl OnDetector {
    /// Reads an exposure and lays `apertures` on it; those flagged as targets keep their surroundings,
    /// up to `margin` times their size, out of the background.
    pub(super) fn new(
        path: &Path,
        product: &Wcs,
        apertures: &[(PixelEllipse, bool)],
        margin: f64,
    ) -> Result<Self> {
        let exposure = Exposure::open(path)?;
        let imset = exposure.imsets().first().cloned();
        let (version, index) = imset.map_or((1, 1), |imset| (imset.version, imset.sci));
        let frame = exposure.load(version)?;
        let wcs = Wcs::from_file(exposure.file(), index, None)?;
        let map = PixelMap::between(&wcs, product, TOLERANCE_PX)?;
        let (ny, nx) = frame.sci.shape();
        let mut inside = vec![Vec::new(); apertures.len()];
        let mut source = Image::filled(ny, nx, false);
        let (mut xs, mut ys) = (vec![0.0; nx], vec![0.0; nx]);
        for y in 0..ny {
            map.row(y, &mut xs, &mut ys);
            for (x, (&to_x, &to_y)) in xs.iter().zip(&ys).enumerate() {
                for ((ellipse, target), inside) in apertures.iter().zip(&mut inside) {
                    if *target && ellipse.contains(to_x, to_y, margin) {
                        source[(y, x)] = true;
                    }
                    if frame.dq[(y, x)] == 0 && ellipse.contains(to_x, to_y, 1.0) {
                        inside.push(y * nx + x);
                    }
                }
            }
        }
        let of_one = |((ellipse, _), inside): (&(PixelEllipse, bool), &Vec<usize>)| {
            if inside.is_empty() {
                0.0
            } else {
                ellipse.area() / inside.len() as f64
            }
        };
        let area = apertures.iter().zip(&inside).map(of_one).collect();
        Ok(Self {
            sci: frame.sci,
            err: frame.err,
            inside,
            area,
            source,
        })
    }

    /// The weights of a sum over the product with the given factor on each aperture.
    pub(super) fn weights(&self, factors: &[f64]) -> Weights {
        let mut weights = Vec::new();
        for ((inside, area), factor) in self.inside.iter().zip(&self.area).zip(factors) {
            if *factor != 0.0 {
                weights.extend(inside.iter().map(|&pixel| (pixel, factor * area)));
            }
        }
        weights
    }

    /// Poisson variance of the weighted sum of this exposure's counts. A pixel without counts adds
    /// nothing: the expected variance of a sum of counts is the expected sum, and ERR's floor of one
    /// count for each empty pixel would overstate it many times.
    pub(super) fn variance(&self, weights: &Weights) -> f64 {
        let (sci, err) = (self.sci.as_slice(), self.err.as_slice());
        let of_pixel = |&(pixel, weight): &(usize, f64)| {
            let counts = f64::from(sci[pixel]);
            let error = f64::from(err[pixel]);
            let variance = if error > 0.0 { error * error } else { counts };
            if counts > 0.0 {
                weight * weight * variance
            } else {
                0.0
            }
        };
        weights.iter().map(of_pixel).sum()
    }
}

/// A dark's counts in the weighted sum, and the variance of that.
pub(super) fn of_dark(counts: &Image<f32>, weights: &Weights) -> (f64, f64) {
    let samples = counts.as_slice();
    let mut total = (0.0, 0.0);
    for &(pixel, weight) in weights {
        let sample = samples.get(pixel).map_or(0.0, |&sample| f64::from(sample));
        total.0 += weight * sample;
        total.1 += weight * weight * sample.max(0.0);
    }
    total
}
