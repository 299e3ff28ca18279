//! The shift between two images by all of their light: for fields without stars to match.
//!
//! The light of both is correlated at every shift, at several resolutions, with what is missing left out; where the correlation
//! is higher than chance allows, the shift is fitted by least squares, from the coarsest resolution to the one that gives the least
//! error. No stars are needed: nebulae, planets, the Moon and comets do. A rotation or a change of scale is not looked for.

mod correlate;
mod fit;
mod follow;
mod layer;
mod spectrum;

use crate::{Error, Point, Result};
use correlate::{Peak, Spectra, peaks, room};
use firstlight_frame::Image;
use follow::follow;
use layer::Layer;

/// Layers of no more columns and rows than this are correlated, and of no fewer.
const LARGEST: usize = 512;
const SMALLEST: usize = 40;
/// Images of fewer columns or rows are refused.
const LEAST_SIDE: usize = 32;
/// The sky under what is correlated is its mean under a Gaussian whose sigma is one of these shares of the shorter side, and what is
/// further apart than so many times this is independent.
const SKY_SHARES: [f64; 2] = [0.125, 0.0625];
const INDEPENDENT: f64 = 2.5;
/// Light further from the sky than so many times its scatter counts no more: a bright spot is no more than a spot.
const MOST_SIGMAS: f32 = 3.0;

/// A shift, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseShift {
    /// What is at (x, y) of the reference is at (x, y) + `shift` of the image, pixels.
    pub shift: Point,
    /// Standard deviation of the shift along x and y, pixels.
    pub sigma: Point,
    /// Correlation of the smoothed images where they overlap, each freed of the plane that fits it best.
    pub correlation: f64,
    /// Height of the correlation in standard deviations of that of images which have nothing in common.
    pub height: f64,
}

/// A reference that images are compared with.
#[derive(Debug)]
pub struct PhaseReference {
    layers: Vec<Layer>,
    /// The layers smoothed.
    smooth: Vec<Layer>,
    /// The layers that are correlated, for images of the same shape.
    spectra: Vec<Option<[Spectra; 2]>>,
}

impl PhaseReference {
    /// Of an image. Samples where the mask is true, those that are not finite and spikes of single pixels are left out.
    ///
    /// # Errors
    /// [`Error::NotRegistered`] where no sample is good, all are the same, or there are fewer than 32 columns or rows; where the
    /// mask has another shape.
    pub fn new(reference: &Image<f32>, mask: Option<&Image<bool>>) -> Result<Self> {
        let layers = layers(reference, mask, "the reference")?;
        let levels = levels([&layers, &layers]);
        let of = |(level, layer): (usize, &Layer)| {
            let spectra = levels
                .contains(&level)
                .then(|| spectra(layer, layer, "the reference"));
            spectra.transpose()
        };
        let spectra = layers.iter().enumerate().map(of).collect::<Result<_>>()?;
        Ok(Self {
            smooth: layers.iter().map(Layer::smooth).collect(),
            layers,
            spectra,
        })
    }

    /// The shift of an image against the reference. Both may have different shapes; they have to share three tenths of the smaller.
    ///
    /// The result is the same for any number of threads.
    ///
    /// # Errors
    /// As [`PhaseReference::new`]; [`Error::NotRegistered`] where all correlation may be chance.
    pub fn shift_of(&self, image: &Image<f32>, mask: Option<&Image<bool>>) -> Result<PhaseShift> {
        let layers = layers(image, mask, "the image")?;
        let mut found: Vec<(usize, Peak)> = Vec::new();
        let levels = levels([&self.layers, &layers]);
        for &level in &levels {
            let (own, layer) = (&self.layers[level], &layers[level]);
            let known = self.spectra[level]
                .as_ref()
                .filter(|_| (own.nx, own.ny) == (layer.nx, layer.ny));
            let anew;
            let reference = match known {
                Some(known) => known,
                None => {
                    anew = spectra(own, layer, "the reference")?;
                    &anew
                }
            };
            let image = spectra(layer, own, "the image")?;
            for ((reference, image), share) in reference.iter().zip(&image).zip(SKY_SHARES) {
                let reach = INDEPENDENT * share * shorter([own, layer]);
                let peaks = peaks((reference, image), rooms([own, layer]), reach);
                found.extend(peaks.into_iter().map(|peak| (level, peak)));
            }
        }
        let tried = (SKY_SHARES.len() * levels.len()) as f64;
        let believed: Vec<(usize, Peak)> = found
            .iter()
            .copied()
            .filter(|(_, peak)| peak.is_believed(tried))
            .collect();
        let best = follow(&self.smooth, &layers, &believed);
        best.ok_or_else(|| refused(&found, tried))
    }
}

/// The image and its halves, as long as these are large enough.
fn layers(image: &Image<f32>, mask: Option<&Image<bool>>, what: &str) -> Result<Vec<Layer>> {
    let (ny, nx) = image.shape();
    let refuse = |why: String| Err(Error::NotRegistered { why });
    if let Some(mask) = mask
        && mask.shape() != (ny, nx)
    {
        let (rows, columns) = mask.shape();
        return refuse(format!(
            "the mask of {what} has {columns} columns and {rows} rows, the image {nx} and {ny}"
        ));
    }
    if nx.min(ny) < LEAST_SIDE {
        return refuse(format!(
            "{what} has {nx} columns and {ny} rows, too few to correlate: {LEAST_SIDE} are needed"
        ));
    }
    let mut layers = vec![Layer::of(image, mask)];
    if layers[0].count() == 0 {
        return refuse(format!("{what} has no good sample"));
    }
    while let Some(last) = layers.last()
        && last.nx.min(last.ny) >= 2 * SMALLEST
    {
        let halved = last.halved();
        layers.push(halved);
    }
    Ok(layers)
}

/// The levels at which images are correlated: small enough to be quick, and large enough to tell anything.
fn levels([a, b]: [&[Layer]; 2]) -> Vec<usize> {
    let count = a.len().min(b.len());
    let fits = |&level: &usize| {
        let pair = [&a[level], &b[level]];
        let small = pair.iter().all(|layer| layer.nx.max(layer.ny) <= LARGEST);
        small || level + 1 == count
    };
    (0..count).filter(fits).collect()
}

fn shorter(pair: [&Layer; 2]) -> f64 {
    let [a, b] = pair.map(|layer| layer.nx.min(layer.ny));
    a.min(b) as f64
}

fn rooms([a, b]: [&Layer; 2]) -> (usize, usize) {
    (room(a.ny, b.ny), room(a.nx, b.nx))
}

/// The transforms of a layer for its correlation with another, above the sky of either width.
fn spectra(layer: &Layer, other: &Layer, what: &str) -> Result<[Spectra; 2]> {
    let smooth = layer.without_plane().smooth();
    let side = shorter([layer, other]);
    let spectra = SKY_SHARES.map(|share| {
        let flat = smooth.flattened(share * side, MOST_SIGMAS);
        Spectra::of(&flat, rooms([layer, other]))
    });
    if spectra.iter().any(Spectra::is_blank) {
        return Err(Error::NotRegistered {
            why: format!("{what} is blank: its good samples are all the same, or lie in a plane"),
        });
    }
    Ok(spectra)
}

fn refused(found: &[(usize, Peak)], tried: f64) -> Error {
    let highest = found
        .iter()
        .map(|(_, peak)| peak)
        .max_by(|a, b| a.height.total_cmp(&b.height));
    let why = match highest {
        None => "the frames share too little, or too little of it is independent".to_owned(),
        Some(_) if found.iter().any(|(_, peak)| peak.is_believed(tried)) => {
            "the frames are alike at some shift, but no shift fits by least squares".to_owned()
        }
        Some(peak) => format!(
            "the highest correlation of their light is {:.1} standard deviations high, and may be chance; the frames have nothing in \
             common, too little light, or are turned or of another scale, which method 'stars' finds",
            peak.height
        ),
    };
    Error::NotRegistered { why }
}

#[cfg(test)]
mod tests;
