//! The dark of a week: the baseline with the week's hot pixels.

use super::combination::clipped;
use super::hot::HotPixels;
use super::{Combination, DarkFrames, HOT, combine};
use crate::stis::ocrreject::OcrrejectOptions;
use crate::{Error, References, Result};
use firstlight_frame::{Frame, Image};

/// Half of the side of the square whose median replaces a pixel that is no longer hot.
const HALF: usize = 2;
/// Pixels so many standard deviations above the week's median are hot.
const SIGMAS: f64 = 5.0;

/// The baseline dark that a week's is made of.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    /// What HISTORY calls it: its file's name.
    pub name: &'a str,
    /// SCI and ERR, in the unit of the superdark.
    pub frame: &'a Frame,
}

/// Brings a baseline dark up to the hot pixels of a week. Pixels hot in the week, five standard deviations above its
/// median, are its own, less the median of the baseline; to these comes the baseline, in which pixels as hot have the
/// median of the 5 × 5 about them, pixels beyond the edge counting as 0. ERR and DQ are the week's, with 16 for hot
/// pixels; ERR is the baseline's where the week is not hot.
///
/// # Errors
/// Those of [`combine`]; [`Error::Shape`] for a baseline of another shape.
pub fn brought_up(
    darks: &DarkFrames,
    baseline: Baseline<'_>,
    references: &References,
    options: &OcrrejectOptions,
) -> Result<(Combination, HotPixels)> {
    let mut combined = combine(darks, references, options)?;
    let (base, week) = (baseline.frame, &mut combined.frame);
    for found in [base.sci.shape(), base.err.shape(), base.dq.shape()] {
        if found != week.sci.shape() {
            return Err(Error::Shape {
                what: format!("the baseline dark {}", baseline.name),
                expected: week.sci.shape(),
                found,
            });
        }
    }
    let (typical, of_base) = rayon::join(
        || clipped(week.sci.as_slice(), SIGMAS, 40),
        || clipped(base.sci.as_slice(), SIGMAS, 40),
    );
    let (typical, base_median) = (typical?, of_base?.median as f32);
    let limit = typical.median + SIGMAS * typical.std;
    let own = week.sci.clone();
    let (ny, nx) = own.shape();
    let (mut new, mut healed) = (0, 0);
    for y in 0..ny {
        for x in 0..nx {
            let (rate, base_rate) = (own[(y, x)], base.sci[(y, x)]);
            let is_hot = f64::from(rate) >= limit;
            let was_hot = f64::from(base_rate) >= limit;
            let cold = if was_hot {
                median_about(&base.sci, x, y)
            } else {
                base_rate
            };
            let excess = if is_hot { rate - base_median } else { 0.0 };
            week.sci[(y, x)] = cold + excess;
            if excess == 0.0 {
                week.err[(y, x)] = base.err[(y, x)];
            }
            if f64::from(excess) >= limit {
                week.dq[(y, x)] |= HOT;
            }
            new += usize::from(is_hot && !was_hot);
            healed += usize::from(was_hot && !is_hot);
        }
    }
    let mut hot = HotPixels::of(&combined.frame, darks.rate.electrons, Some((&own, &base.sci)));
    (hot.new, hot.healed) = (Some(new), Some(healed));
    Ok((combined, hot))
}

/// The median of the square about a pixel; pixels beyond the edge are 0.
fn median_about(image: &Image<f32>, x: usize, y: usize) -> f32 {
    const SIDE: usize = 2 * HALF + 1;
    let mut samples = [0.0f32; SIDE * SIDE];
    let (ny, nx) = image.shape();
    for (at, sample) in samples.iter_mut().enumerate() {
        let row = (y + at / SIDE).checked_sub(HALF).filter(|&row| row < ny);
        let column = (x + at % SIDE).checked_sub(HALF).filter(|&column| column < nx);
        if let (Some(row), Some(column)) = (row, column) {
            *sample = image[(row, column)];
        }
    }
    samples.sort_by(f32::total_cmp);
    samples[SIDE * SIDE / 2]
}
