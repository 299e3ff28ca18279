//! The sky of a field, and the level from which on its pixels are saturated.

use crate::{Error, Planes, Result};
use firstlight_stats::{SigmaClip, clipped_statistics, mean_and_std};

/// As many pixels at the very highest value make it the saturation of the camera.
const CLIPPED_PIXELS: usize = 3;
/// So many standard deviations above the sky a camera may saturate.
const FAR: f64 = 20.0;
/// Samples that are compared side by side.
const LANES: usize = 16;
/// So many samples tell the sky: its median then errs by a hundredth of the noise.
const TELLING_SAMPLES: usize = 1 << 14;
/// Fewer finite ones among them, and all samples are asked.
const FEWEST_SAMPLES: usize = 1 << 10;
const GOLDEN_SECTION: f64 = 0.618_033_988_749_894_9;

/// What is to be known of a field before its stars are looked for.
pub(super) struct Levels {
    pub sky: f64,
    pub sky_sigma: f64,
    /// Where there is such a level.
    pub saturation: Option<f64>,
}

impl Levels {
    /// Of samples, of which those that are not finite are left out; the saturation may be known.
    pub fn of(samples: &[f32], saturation: Option<f64>) -> Result<Self> {
        let clip = SigmaClip::default();
        let clipped = match telling(samples) {
            Some(part) => clipped_statistics(&part, &clip),
            None => clipped_statistics(samples, &clip),
        };
        let Ok(clipped) = clipped else {
            return Err(Error::NothingToMeasure {
                pixels: samples.len(),
            });
        };
        // Whole numbers with little noise may be all the same after clipping.
        let sky_sigma = if clipped.std > 0.0 {
            clipped.std
        } else {
            mean_and_std(samples).map_or(0.0, |(_, std)| std)
        };
        let sky = clipped.median;
        Ok(Self {
            sky,
            sky_sigma,
            saturation: saturation.or_else(|| highest_if_clipped(samples, sky + FAR * sky_sigma)),
        })
    }
}

/// Finite samples all over a large image; nothing where they would be few.
fn telling(samples: &[f32]) -> Option<Vec<f32>> {
    let step = samples.len() / TELLING_SAMPLES;
    if step < 2 {
        return None;
    }
    // One of each run, at a place that moves on by the golden section: no pattern of columns or rows is met in step.
    let one_of = |(number, run): (usize, &[f32])| {
        let place = (number as f64 * GOLDEN_SECTION).fract() * run.len() as f64;
        run[place as usize]
    };
    let runs = samples.chunks_exact(step).enumerate();
    let part: Vec<f32> = runs.map(one_of).filter(|sample| sample.is_finite()).collect();
    (part.len() >= FEWEST_SAMPLES).then_some(part)
}

/// The samples of an image, those that are masked as NaN.
pub(super) fn unmasked(image: &Planes<'_, f32>) -> Vec<f32> {
    let mut samples = image.data().samples().to_vec();
    if let Some(mask) = image.mask() {
        for (sample, masked) in samples.iter_mut().zip(mask.samples()) {
            if *masked {
                *sample = f32::NAN;
            }
        }
    }
    samples
}

/// The level from which on a pixel is saturated, in the unit of the image: the highest value, where three pixels or more
/// have it and it is 20 standard deviations above the sky. Masked samples and those that are not finite are left out.
///
/// # Errors
/// [`Error::NothingToMeasure`] where no sample is left.
pub fn saturation_level(image: &Planes<'_, f32>) -> Result<Option<f64>> {
    Ok(Levels::of(&unmasked(image), None)?.saturation)
}

/// The highest value, where it is far above the sky and several pixels share it: no light falls so evenly.
fn highest_if_clipped(samples: &[f32], far: f64) -> Option<f64> {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for block in samples.chunks(LANES) {
        for (highest, &sample) in lanes.iter_mut().zip(block) {
            let higher = (sample > *highest) & (sample < f32::INFINITY);
            *highest = if higher { sample } else { *highest };
        }
    }
    let highest = lanes.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let there = || samples.iter().filter(|sample| **sample == highest).count();
    (f64::from(highest) > far && there() >= CLIPPED_PIXELS).then(|| f64::from(highest))
}
