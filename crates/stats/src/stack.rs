//! The pixel-wise stack: images of one field, pixel upon pixel, made into one image.
//!
//! Rows go in and a row comes out, so that a caller shares an image out among threads as it likes; every pixel is
//! made by itself, and the result has the same bits however it is cut.

pub mod combine;
mod network;
mod sorted;

use crate::{Error, Result};
use network::COLUMNS;
use pulp::{Simd, WithSimd};
use sorted::Sorted;

/// What is made of the samples of a pixel that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// The mean.
    Mean,
    /// The middle one; of an even number, the mean of the middle two.
    Median,
    /// The lowest.
    Minimum,
    /// The sum.
    Sum,
}

/// What a pixel becomes of which no sample may be used.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Empty {
    /// This value.
    Value(f32),
    /// The first sample that is finite and not 0, used or not; 0 where there is none.
    FirstNonzero,
    /// NaN.
    #[default]
    Nan,
}

/// How samples are rejected and combined.
#[derive(Debug, Clone, PartialEq)]
pub struct StackOptions {
    /// What is made of those that are left.
    pub combine: Combine,
    /// How many of the lowest samples are left out, of those that may be used.
    pub nlow: usize,
    /// How many of the highest samples are left out, of those that may be used.
    pub nhigh: usize,
    /// Samples below this may not be used.
    pub lower: Option<f32>,
    /// Samples of this and above may not be used.
    pub upper: Option<f32>,
    /// What stands where no sample may be used.
    pub empty: Empty,
}

impl StackOptions {
    /// Nothing rejected, NaN where nothing is.
    pub fn new(combine: Combine) -> Self {
        Self {
            combine,
            nlow: 0,
            nhigh: 0,
            lower: None,
            upper: None,
            empty: Empty::Nan,
        }
    }
}

/// A row of one image.
///
/// Samples that are not finite may not be used, nor those whose weight is below a limit. NaN is thus how a mask is
/// brought in that is not made of weights.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// The samples.
    pub samples: &'a [f32],
    /// Their weights; every sample has weight enough where `None`.
    pub weights: Option<&'a [f32]>,
    /// The least weight with which a sample may be used.
    pub least_weight: f64,
}

impl<'a> Layer<'a> {
    /// A row whose samples may all be used, but for those that are not finite.
    pub fn unweighted(samples: &'a [f32]) -> Self {
        Self {
            samples,
            weights: None,
            least_weight: f64::NEG_INFINITY,
        }
    }

    /// Whether the sample may be used; not where its weight is NaN.
    #[inline(always)]
    pub fn is_good(&self, x: usize) -> bool {
        let weighted = match self.weights {
            Some(weights) => weights.get(x).is_some_and(|w| f64::from(*w) >= self.least_weight),
            None => true,
        };
        weighted && self.samples.get(x).is_some_and(|sample| sample.is_finite())
    }
}

/// Combines a row of each image into a row.
///
/// Where `nlow` and `nhigh` would leave out every sample of a pixel, the median gives way and leaves out fewer, one at
/// either end at a time, as does IRAF's imcombine with nkeep = 1; mean, minimum and sum are then empty.
///
/// # Errors
/// [`Error::BadParameter`] where there is no image, where the rows are not all as long as `out`, or where `nlow` and
/// `nhigh` leave no image.
pub fn stack_row(layers: &[Layer], options: &StackOptions, out: &mut [f32]) -> Result<()> {
    check(layers, options, out.len())?;
    pulp::Arch::new().dispatch(Stacking {
        layers,
        options,
        out,
        lowest: &mut [],
    });
    Ok(())
}

/// [`stack_row`], and besides the lowest sample of each pixel that may be used, whatever `nlow` says.
///
/// # Errors
/// As [`stack_row`], for `lowest` too.
pub fn stack_row_and_lowest(
    layers: &[Layer],
    options: &StackOptions,
    out: &mut [f32],
    lowest: &mut [f32],
) -> Result<()> {
    check(layers, options, out.len())?;
    check(layers, options, lowest.len())?;
    pulp::Arch::new().dispatch(Stacking {
        layers,
        options,
        out,
        lowest,
    });
    Ok(())
}

/// What is to be done with the vectors of the processor at hand. `lowest` may be empty, where nobody wants it.
struct Stacking<'s> {
    layers: &'s [Layer<'s>],
    options: &'s StackOptions,
    out: &'s mut [f32],
    lowest: &'s mut [f32],
}

impl WithSimd for Stacking<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        stacked(simd, self.layers, self.options, self.out, self.lowest);
    }
}

#[inline(always)]
fn stacked<V: Simd>(simd: V, layers: &[Layer], options: &StackOptions, out: &mut [f32], lowest: &mut [f32]) {
    let mut sorted = Sorted::new(layers.len());
    let whole = !lowest.is_empty();
    for start in (0..out.len()).step_by(COLUMNS) {
        let columns = start..(start + COLUMNS).min(out.len());
        sorted.fill(simd, layers, options, whole, (start, columns.len()));
        let out = &mut out[columns.clone()];
        match sorted.count_of_all() {
            // The same for all columns, and so for many at once.
            Some(count) => each_combined(&sorted, |_| count, options, out),
            None => each_combined(&sorted, |column| sorted.count(column), options, out),
        }
        let lowest = lowest.get_mut(columns).unwrap_or(&mut []);
        for (column, lowest) in lowest.iter_mut().enumerate() {
            *lowest = sorted.at(column, 0);
        }
        if sorted.has_empty(options) {
            for (column, out) in out.iter_mut().enumerate() {
                let value = empty(layers, options.empty, start + column);
                if kept(sorted.count(column), options).is_none() {
                    *out = value;
                }
                if let Some(lowest) = lowest.get_mut(column).filter(|_| sorted.count(column) == 0) {
                    *lowest = value;
                }
            }
        }
    }
}

/// What is made of each column, of which so many samples may be used; without meaning where none is left.
#[inline(always)]
fn each_combined(sorted: &Sorted, count: impl Fn(usize) -> usize, options: &StackOptions, out: &mut [f32]) {
    for (column, out) in out.iter_mut().enumerate() {
        if let Some((first, kept)) = kept(count(column), options) {
            *out = combined(sorted, column, (first, kept), options.combine);
        }
    }
}

fn check(layers: &[Layer], options: &StackOptions, nx: usize) -> Result<()> {
    let bad = |parameter, expected, found: usize| {
        Err(Error::BadParameter {
            parameter,
            expected,
            found: found as f64,
        })
    };
    let rejected = options.nlow.saturating_add(options.nhigh);
    if layers.is_empty() {
        return bad("the number of images", "1 or more", 0);
    }
    if rejected >= layers.len() {
        return bad("nlow + nhigh", "less than the number of images", rejected);
    }
    for layer in layers {
        for len in [Some(layer.samples.len()), layer.weights.map(<[f32]>::len)]
            .into_iter()
            .flatten()
        {
            if len != nx {
                return bad("the length of a row", "that of the result", len);
            }
        }
    }
    Ok(())
}

/// Of so many samples in ascending order the first that is left, and how many are; `None` where none is.
#[inline(always)]
fn kept(good: usize, options: &StackOptions) -> Option<(usize, usize)> {
    let (mut nlow, mut nhigh) = (options.nlow, options.nhigh);
    if options.combine == Combine::Median && good > 0 {
        while nlow + nhigh >= good {
            nlow = nlow.saturating_sub(1);
            nhigh = nhigh.saturating_sub(1);
        }
    }
    let kept = good.checked_sub(nlow + nhigh).filter(|kept| *kept > 0)?;
    Some((nlow, kept))
}

/// One pixel, of the samples from the rank `first` on.
#[inline(always)]
fn combined(sorted: &Sorted, column: usize, (first, kept): (usize, usize), combine: Combine) -> f32 {
    let at = |rank: usize| f64::from(sorted.at(column, rank));
    let sum = || (first..first + kept).map(at).sum::<f64>();
    match combine {
        Combine::Mean => (sum() / kept as f64) as f32,
        Combine::Sum => sum() as f32,
        Combine::Minimum => sorted.at(column, first),
        Combine::Median if kept % 2 == 1 => sorted.at(column, first + kept / 2),
        Combine::Median => ((at(first + kept / 2) + at(first + kept / 2 - 1)) / 2.0) as f32,
    }
}

fn empty(layers: &[Layer], empty: Empty, x: usize) -> f32 {
    match empty {
        Empty::Value(value) => value,
        Empty::Nan => f32::NAN,
        Empty::FirstNonzero => {
            let samples = layers.iter().filter_map(|layer| layer.samples.get(x));
            let mut worthy = samples.filter(|sample| sample.is_finite() && **sample != 0.0);
            worthy.next().copied().unwrap_or(0.0)
        }
    }
}

#[cfg(test)]
mod tests;
