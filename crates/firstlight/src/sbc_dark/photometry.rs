//! Fluxes in the apertures of science product and master dark, with errors from the counts themselves.
//!
//! A drizzled product's pixels are correlated, and an error made of its error plane alone comes out too
//! small. Here every error is that of the counts that went into a sum, taken on the detector: a sum over
//! the product is, but for the border of the aperture, a weighted sum of detector pixels.

use super::apertures::PixelEllipse;
use super::detector::{OnDetector, Weights, of_dark};
use super::mixture::Mixture;
use crate::Result;
use crate::dark::LoadedDark;
use firstlight_frame::Image;
use firstlight_measure::{Aperture, ApertureSet, Planes, Settings, Shapes, aperture_photometry};
use serde::Serialize;

/// One aperture of one product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApertureRow {
    /// The product's filter.
    pub filter: String,
    /// Number of the aperture from 1, targets first.
    pub id: usize,
    /// Whether it is blank sky.
    pub sky: bool,
    /// Where it is.
    #[serde(flatten)]
    pub ellipse: PixelEllipse,
    /// Sum over the science product, counts/s.
    pub science: f64,
    /// Its standard error.
    pub science_error: f64,
    /// Sum over the master dark, counts/s.
    pub dark: f64,
    /// Its standard error: the darks' counts, and how well they are matched.
    pub dark_error: f64,
    /// Science less dark.
    pub difference: f64,
    /// Its standard error.
    pub difference_error: f64,
    /// Difference less the mean difference of the blank apertures, scaled by area: the sky is gone.
    pub net: Option<f64>,
    /// Its standard error.
    pub net_error: Option<f64>,
}

/// One exposure of a product: where its apertures lie, and the darks that stand for it.
pub(super) struct Part<'a> {
    pub(super) detector: OnDetector,
    pub(super) mixture: &'a Mixture,
    pub(super) exptime_s: f64,
}

/// The two products, as images.
pub(super) struct Pair<'a> {
    pub(super) science: &'a Image<f32>,
    pub(super) dark: &'a Image<f32>,
}

/// Measures all apertures; `apertures` tells of each whether it is a target.
pub(super) fn measure(
    filter: &str,
    pair: &Pair<'_>,
    apertures: &[(PixelEllipse, bool)],
    parts: &[Part<'_>],
    darks: &[LoadedDark],
) -> Result<Vec<ApertureRow>> {
    let science = sums(pair.science, apertures)?;
    let dark = sums(pair.dark, apertures)?;
    let blank: Vec<usize> = (0..apertures.len()).filter(|&i| !apertures[i].1).collect();
    let blank_area: f64 = blank.iter().map(|&i| science[i].1).sum();
    let blank_sum: f64 = blank.iter().map(|&i| science[i].0 - dark[i].0).sum();
    let mut rows = Vec::with_capacity(apertures.len());
    for (index, &(ellipse, target)) in apertures.iter().enumerate() {
        let mut alone = vec![0.0; apertures.len()];
        alone[index] = 1.0;
        let (science_variance, dark_variance) = variances(parts, darks, &alone);
        let difference = science[index].0 - dark[index].0;
        let net = (target && blank_area > 0.0).then(|| {
            let ratio = science[index].1 / blank_area;
            let mut factors = alone.clone();
            blank.iter().for_each(|&i| factors[i] = -ratio);
            let (of_science, of_dark) = variances(parts, darks, &factors);
            (difference - ratio * blank_sum, (of_science + of_dark).sqrt())
        });
        rows.push(ApertureRow {
            filter: filter.to_owned(),
            id: index + 1,
            sky: !target,
            ellipse,
            science: science[index].0,
            science_error: science_variance.sqrt(),
            dark: dark[index].0,
            dark_error: dark_variance.sqrt(),
            difference,
            difference_error: (science_variance + dark_variance).sqrt(),
            net: net.map(|n| n.0),
            net_error: net.map(|n| n.1),
        });
    }
    Ok(rows)
}

/// Sum and area of each aperture; pixels that no exposure reached count for nothing.
fn sums(image: &Image<f32>, apertures: &[(PixelEllipse, bool)]) -> Result<Vec<(f64, f64)>> {
    let mask = image.map(|sample| !sample.is_finite());
    let planes = Planes::new(image).with_mask(&mask)?;
    let positions: Vec<(f64, f64)> = apertures.iter().map(|(e, _)| (e.x, e.y)).collect();
    let of = |(e, _): &(PixelEllipse, bool)| ApertureSet {
        apertures: vec![Aperture::EllipticalAperture {
            a: e.a,
            b: e.b,
            theta: e.theta.to_radians(),
        }],
        background: None,
    };
    let shapes = Shapes::Each(apertures.iter().map(of).collect());
    let measured = aperture_photometry(&planes, &positions, &shapes, &Settings::default())?;
    let first =
        |m: &firstlight_measure::Measured| m.sums.first().map_or((f64::NAN, f64::NAN), |s| (s.sum, s.area));
    Ok(measured.iter().map(first).collect())
}

/// Variances of a sum with a factor on each aperture: of the science product, and of the master dark.
///
/// The products weight exposures by their exposure times, so that counts of any exposure enter as
/// counts over the total time. The noise of a dark that stands for several exposures adds up linearly.
fn variances(parts: &[Part<'_>], darks: &[LoadedDark], factors: &[f64]) -> (f64, f64) {
    let total: f64 = parts.iter().map(|part| part.exptime_s).sum();
    let (mut science, mut fit) = (0.0, 0.0);
    let mut noise = vec![0.0; darks.len()];
    for part in parts {
        let weights = part.detector.weights(factors);
        science += part.detector.variance(&weights) / (total * total);
        let share = part.exptime_s / total;
        let rates = rates(part.mixture, darks, &weights);
        for ((&dark, weight), (_, error)) in part.mixture.darks.iter().zip(&part.mixture.weights).zip(&rates)
        {
            if let Some(noise) = noise.get_mut(dark) {
                *noise += share * weight * error;
            }
        }
        for (row, (rate, _)) in part.mixture.covariance.iter().zip(&rates) {
            for (covariance, (other, _)) in row.iter().zip(&rates) {
                fit += share * share * rate * covariance * other;
            }
        }
    }
    let noise: f64 = noise.iter().map(|n| n * n).sum();
    (science, (noise + fit).max(0.0))
}

/// Rate and Poisson error of each dark of a mixture in the weighted sum.
fn rates(mixture: &Mixture, darks: &[LoadedDark], weights: &Weights) -> Vec<(f64, f64)> {
    let rate = |&index: &usize| {
        darks.get(index).map_or((0.0, 0.0), |dark| {
            let (sum, variance) = of_dark(&dark.counts, weights);
            let time = dark.exposure.exptime_s;
            (sum / time, variance.sqrt() / time)
        })
    };
    mixture.darks.iter().map(rate).collect()
}
