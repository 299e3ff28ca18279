//! Cosmic rays of a single frame by their sharp edges: L.A.Cosmic (van Dokkum 2001, PASP 113, 1420), in the order and
//! precision of astroscrappy.

mod clean;
mod dilate;
mod frame;
mod laplace;
mod median;
mod options;
mod psf;
#[cfg(test)]
mod tests;

pub use frame::{CosmicRays, clean_cosmic_rays};
pub use options::{CleanType, FineStructure, LacosmicOptions, PsfModel};
pub use psf::Kernel;

use crate::{Error, Result};
use clean::{clean, median_of};
use dilate::{dilate3, dilate5};
use firstlight_frame::Image;
use laplace::positive_laplacian;
use median::median_filter;
use rayon::prelude::*;
use serde::Serialize;

/// Planes beside the samples.
#[derive(Debug, Clone, Copy, Default)]
pub struct LacosmicPlanes<'a> {
    /// Pixels that are left alone; they are grown by one.
    pub mask: Option<&'a Image<bool>>,
    /// Background that is in the samples and is left out while looking, in their unit.
    pub background: Option<&'a Image<f32>>,
    /// Variance of the samples, in their unit squared, in place of that of gain and readout noise.
    pub variance: Option<&'a Image<f32>>,
    /// Kernel of the matched filter, in place of that of the model.
    pub kernel: Option<&'a Kernel>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Lacosmic {
    /// Pixels of cosmic rays.
    pub cosmics: Image<bool>,
    /// The samples with those replaced, in the unit they came in.
    pub cleaned: Image<f32>,
    /// What was counted.
    pub report: LacosmicReport,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LacosmicReport {
    /// Pixels of cosmic rays.
    pub pixels: usize,
    /// Pixels that each round found, also those that were found before.
    pub rounds: Vec<usize>,
}

/// Finds cosmic rays, and replaces them by what is around. Samples that are not finite are left alone like masked ones.
///
/// # Errors
/// [`Error::Shape`] for planes of another shape; [`Error::Parameter`].
pub fn lacosmic<T: super::Real>(
    sci: &Image<T>,
    planes: &LacosmicPlanes<'_>,
    options: &LacosmicOptions,
) -> Result<Lacosmic> {
    check(sci.shape(), planes, options)?;
    let mut work = Work::new(sci, planes, options);
    let mut rounds = Vec::new();
    for _ in 0..options.niter {
        let found = work.round(options);
        rounds.push(found);
        if found == 0 {
            break;
        }
        work.clean(options.cleantype);
    }
    Ok(work.finish(sci, options, rounds))
}

fn check(shape: (usize, usize), planes: &LacosmicPlanes<'_>, options: &LacosmicOptions) -> Result<()> {
    options.check()?;
    if let Some(kernel) = planes.kernel.filter(|kernel| !kernel.is_whole()) {
        return Err(Error::Parameter {
            parameter: "psfk",
            expected: "a kernel with an odd number of rows and of columns",
            found: format!("{} rows of {} columns", kernel.ny, kernel.nx),
        });
    }
    let shapes = [
        ("inmask", planes.mask.map(Image::shape)),
        ("inbkg", planes.background.map(Image::shape)),
        ("invar", planes.variance.map(Image::shape)),
    ];
    for (what, found) in shapes {
        if let Some(found) = found.filter(|found| *found != shape) {
            return Err(Error::Shape {
                what: what.to_owned(),
                expected: shape,
                found,
            });
        }
    }
    Ok(())
}

struct Work<'a> {
    shape: (usize, usize),
    /// Samples, electrons.
    data: Vec<f32>,
    /// Their variance, electrons².
    variance: Vec<f32>,
    background: Option<Vec<f32>>,
    mask: Vec<bool>,
    cosmics: Vec<bool>,
    /// What stands for samples and variance where nothing around is good.
    levels: (f32, f32),
    kernel: Option<std::borrow::Cow<'a, Kernel>>,
}

impl<'a> Work<'a> {
    fn new<T: super::Real>(sci: &Image<T>, planes: &LacosmicPlanes<'a>, options: &LacosmicOptions) -> Self {
        let shape = sci.shape();
        let gain = f64::from(options.gain as f32);
        let electrons = |value: f64| (value * gain) as f32;
        let mut data: Vec<f32> = sci.as_slice().par_iter().map(|v| electrons(v.wide())).collect();
        let mut mask = planes
            .mask
            .map_or_else(|| vec![false; data.len()], |mask| mask.as_slice().to_vec());
        for (value, masked) in data.iter_mut().zip(&mut mask) {
            if !value.is_finite() {
                (*value, *masked) = (0.0, true);
            }
        }
        let scaled = |plane: &Image<f32>, factor: f32| -> Vec<f32> {
            plane.as_slice().iter().map(|value| value * factor).collect()
        };
        let background = planes.background.map(|plane| scaled(plane, options.gain as f32));
        let of_background = |i: usize| background.as_ref().map_or(0.0, |background| background[i]);
        let readnoise = options.readnoise as f32;
        let of_readout = readnoise * readnoise;
        let gain2 = options.gain as f32 * options.gain as f32;
        let variance: Vec<f32> = match planes.variance {
            Some(plane) => (0..data.len())
                .map(|i| plane.as_slice()[i] * gain2 - of_background(i))
                .collect(),
            None => (0..data.len())
                .map(|i| (data[i] - of_background(i)) + of_readout)
                .collect(),
        };
        let nx = shape.1;
        let mask = with_saturated_stars(&data, nx, &mask, options);
        if let Some(background) = &background {
            data.iter_mut().zip(background).for_each(|(value, b)| *value -= b);
        }
        let level = |plane: &[f32]| {
            let mut good: Vec<f32> = plane
                .iter()
                .zip(&mask)
                .filter(|(_, masked)| !**masked)
                .map(|(value, _)| *value)
                .collect();
            median_of(&mut good).unwrap_or(0.0)
        };
        let levels = (level(&data), level(&variance));
        let kernel = match (options.fsmode, planes.kernel) {
            (FineStructure::Median, _) => None,
            (FineStructure::Convolve, Some(kernel)) => Some(std::borrow::Cow::Borrowed(kernel)),
            (FineStructure::Convolve, None) => Some(std::borrow::Cow::Owned(psf::kernel(
                options.psfmodel,
                f64::from(options.psffwhm as f32),
                f64::from(options.psfbeta as f32),
                options.psfsize,
            ))),
        };
        Self {
            shape,
            cosmics: vec![false; data.len()],
            data,
            variance,
            background,
            mask,
            levels,
            kernel,
        }
    }

    /// Looks once over the image; gives how many pixels it found.
    fn round(&mut self, options: &LacosmicOptions) -> usize {
        let (nx, separable) = (self.shape.1, options.sepmed);
        let large = if separable { 7 } else { 5 };
        let mut noise = median_filter(&self.variance, nx, large, separable);
        each(&mut noise, |i, value| {
            let variance = value + self.background.as_ref().map_or(0.0, |background| background[i]);
            let floor = 0.00001f32;
            (if variance < floor { floor } else { variance }).sqrt()
        });
        // Signal to noise of the Laplacian; 2 is the factor of the finer sampling.
        let mut signal = positive_laplacian(&self.data, nx);
        each(&mut signal, |i, value| value / (2.0 * noise[i]));
        let smooth = median_filter(&signal, nx, large, separable);
        each(&mut signal, |i, value| value - smooth[i]);
        let fine = self.fine_structure(&noise, options);

        let (sigclip, objlim) = (options.sigclip as f32, options.objlim as f32);
        let low = options.sigfrac as f32 * sigclip;
        let good = &self.mask;
        let mut cosmics: Vec<bool> = (0..signal.len())
            .into_par_iter()
            .map(|i| signal[i] > sigclip && !good[i] && signal[i] / fine[i] > objlim)
            .collect();
        for limit in [sigclip, low] {
            cosmics = dilate3(&cosmics, nx);
            cosmics
                .par_iter_mut()
                .enumerate()
                .for_each(|(i, cosmic)| *cosmic = *cosmic && !good[i] && signal[i] > limit);
        }
        let found = cosmics.iter().filter(|&&cosmic| cosmic).count();
        self.cosmics
            .iter_mut()
            .zip(cosmics)
            .for_each(|(all, cosmic)| *all |= cosmic);
        found
    }

    /// What stars leave where the smooth image is taken off one that is smoothed little, in units of the noise.
    fn fine_structure(&self, noise: &[f32], options: &LacosmicOptions) -> Vec<f32> {
        let (nx, separable) = (self.shape.1, options.sepmed);
        let mut fine = match &self.kernel {
            Some(kernel) => {
                let mut weighted = self.data.clone();
                each(&mut weighted, |i, value| value / noise[i] / noise[i]);
                let mut weights = noise.to_vec();
                each(&mut weights, |_, noise| 1.0 / noise / noise);
                let weights = psf::convolve(&weights, nx, kernel);
                let mut fine = psf::convolve(&weighted, nx, kernel);
                each(&mut fine, |i, value| value / weights[i]);
                fine
            }
            None => median_filter(&self.data, nx, if separable { 5 } else { 3 }, separable),
        };
        let smooth = median_filter(&fine, nx, if separable { 9 } else { 7 }, separable);
        each(&mut fine, |i, value| {
            let structure = (value - smooth[i]) / noise[i];
            if structure < 0.01 { 0.01 } else { structure }
        });
        fine
    }

    fn clean(&mut self, how: CleanType) {
        let nx = self.shape.1;
        let planes = (self.cosmics.as_slice(), self.mask.as_slice());
        clean(&mut self.data, nx, planes, how, self.levels.0);
        clean(&mut self.variance, nx, planes, how, self.levels.1);
    }

    fn finish<T: super::Real>(
        mut self,
        sci: &Image<T>,
        options: &LacosmicOptions,
        rounds: Vec<usize>,
    ) -> Lacosmic {
        let gain = options.gain as f32;
        each(&mut self.data, |i, value| {
            let whole = value + self.background.as_ref().map_or(0.0, |background| background[i]);
            whole / gain
        });
        let pixels = self.cosmics.iter().filter(|&&cosmic| cosmic).count();
        let (ny, nx) = self.shape;
        let as_it_was = |i: usize| sci.as_slice()[i].wide() as f32;
        Lacosmic {
            cosmics: Image::from_fn(ny, nx, |x, y| self.cosmics[y * nx + x]),
            cleaned: Image::from_fn(ny, nx, |x, y| {
                let i = y * nx + x;
                if as_it_was(i).is_finite() {
                    self.data[i]
                } else {
                    as_it_was(i)
                }
            }),
            report: LacosmicReport { pixels, rounds },
        }
    }
}

/// Computes each value anew from its place and itself.
fn each(values: &mut [f32], work: impl Fn(usize, f32) -> f32 + Sync) {
    const AT_ONCE: usize = 1 << 14;
    values.par_chunks_mut(AT_ONCE).enumerate().for_each(|(n, chunk)| {
        for (k, value) in chunk.iter_mut().enumerate() {
            *value = work(n * AT_ONCE + k, *value);
        }
    });
}

/// The mask grown by one pixel, with saturated pixels in the middle of something large, grown by more.
fn with_saturated_stars(data: &[f32], nx: usize, mask: &[bool], options: &LacosmicOptions) -> Vec<bool> {
    let level = options.satlevel as f32;
    let mut mask = dilate3(mask, nx);
    if data.iter().any(|&value| value >= level) {
        let large = median_filter(data, nx, if options.sepmed { 7 } else { 5 }, options.sepmed);
        let limit = (f64::from(level) / 10.0) as f32;
        let stars: Vec<bool> = data
            .iter()
            .zip(&large)
            .map(|(&value, &large)| value >= level && large > limit)
            .collect();
        let stars = dilate5(&stars, nx, 2);
        mask.iter_mut().zip(stars).for_each(|(mask, star)| *mask |= star);
    }
    mask
}
