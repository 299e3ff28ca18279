//! Step 4, the median: the exposures, each drizzled by itself, made into one image without cosmic rays.
//!
//! After drizzlepac's createMedian, minmed and stsci.image's numcombine.

mod choice;
mod minmed;

pub use choice::CombineType;

use crate::{Error, Result, TwoPasses};
use firstlight_stats::stack::{Combine, Empty, Layer, StackOptions, stack_row};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How the exposures are made into one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct MedianOptions {
    /// Leave out pixels of little weight; without, all that was drizzled counts.
    #[cfg_attr(feature = "clap", arg(long, alias = "median_newmasks", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = MedianOptions::default().median_newmasks, action = clap::ArgAction::Set))]
    pub median_newmasks: bool,
    /// Share of an exposure's mean weight below which its pixels are left out.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_maskpt", default_value_t = MedianOptions::default().combine_maskpt))]
    pub combine_maskpt: f64,
    /// How pixels are combined: minmed, iminmed, median, imedian, mean, imean or sum. Those with an i take a pixel that
    /// no exposure may give from the first one that has any value there. minmed is the median without the highest,
    /// but the minimum where that lies further below than noise explains: for three to six exposures.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_type", default_value_t = MedianOptions::default().combine_type))]
    pub combine_type: CombineType,
    /// How far below the median, in units of the noise, the minimum is taken by minmed: anywhere, and next to where it
    /// is.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_nsigma", default_value_t = MedianOptions::default().combine_nsigma))]
    pub combine_nsigma: TwoPasses,
    /// How many of the lowest values of a pixel are left out; not by minmed nor sum.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_nlow", default_value_t = MedianOptions::default().combine_nlow))]
    pub combine_nlow: usize,
    /// How many of the highest values of a pixel are left out; not by minmed nor sum.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_nhigh", default_value_t = MedianOptions::default().combine_nhigh))]
    pub combine_nhigh: usize,
    /// Values below this are left out, electrons per second; not by minmed nor sum [default: none].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "combine_lthresh", allow_hyphen_values = true)
    )]
    pub combine_lthresh: Option<f32>,
    /// Values of this and above are left out, electrons per second; not by minmed nor sum [default: none].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "combine_hthresh", allow_hyphen_values = true)
    )]
    pub combine_hthresh: Option<f32>,
    /// Radius in pixels around those where minmed takes the minimum, in which the second number of combine_nsigma
    /// counts.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_grow", default_value_t = MedianOptions::default().combine_grow))]
    pub combine_grow: u32,
    /// Taken for compatibility and without effect, MB: nothing is read again section by section here, and max_memory
    /// says what may be used.
    #[cfg_attr(feature = "clap", arg(long, alias = "combine_bufsize", hide = true))]
    pub combine_bufsize: Option<f64>,
}

impl Default for MedianOptions {
    fn default() -> Self {
        Self {
            median_newmasks: true,
            combine_maskpt: 0.3,
            combine_type: CombineType::Minmed,
            combine_nsigma: TwoPasses {
                first: 4.0,
                second: 3.0,
            },
            combine_nlow: 0,
            combine_nhigh: 0,
            combine_lthresh: None,
            combine_hthresh: None,
            combine_grow: 1,
            combine_bufsize: None,
        }
    }
}

impl MedianOptions {
    /// Checks the options, also against the number of exposures.
    ///
    /// # Errors
    /// [`Error::BadOption`] for negative numbers, and where nlow and nhigh leave no exposure.
    pub fn check(&self, exposures: usize) -> Result<()> {
        if !(self.combine_maskpt >= 0.0 && self.combine_maskpt.is_finite()) {
            let maskpt = self.combine_maskpt;
            return Err(Error::bad_option(
                "combine_maskpt",
                maskpt,
                "it has to be 0 or more",
            ));
        }
        let rejected = self.combine_nlow.saturating_add(self.combine_nhigh);
        let rejects = self.combine_type.rejects();
        if rejects && rejected >= exposures {
            let reason = format!(
                "together with combine_nlow = {} it leaves none of {exposures} exposures",
                self.combine_nlow
            );
            return Err(Error::bad_option("combine_nhigh", self.combine_nhigh, &reason));
        }
        Ok(())
    }

    /// Rows on either side of those to be made that have to be held with them.
    pub fn halo(&self) -> usize {
        if self.combine_type.is_minmed() {
            self.combine_grow as usize
        } else {
            0
        }
    }
}

/// Numbers of one exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianTerms {
    /// Exposure time.
    pub exptime_s: f64,
    /// Sky that was subtracted, electrons: as [`background_e`] has it.
    pub background_e: f64,
    /// Read noise, electrons: as [`readnoise_e`] has it.
    pub readnoise_e: f64,
    /// Mean of the weights over the whole of the exposure, as [`WeightMean`] has it.
    pub mean_weight: f64,
}

/// The background of an exposure from `(sky subtracted, factor to electrons)` of its chips in their order. It is that
/// of the last chip whose sky is below what was taken before, in drizzlepac's mixture of units.
pub fn background_e(chips: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let lowest = chips
        .into_iter()
        .fold(None, |lowest, (sky, factor)| match lowest {
            Some(lowest) if lowest <= sky => Some(lowest),
            _ => Some(sky * factor),
        });
    lowest.unwrap_or(0.0)
}

/// The read noise of an exposure from that of its chips: the root of the mean square; 0 without chips.
pub fn readnoise_e(chips: &[f64]) -> f64 {
    if chips.is_empty() {
        return 0.0;
    }
    let squares: f64 = chips.iter().map(|noise| noise * noise).sum();
    (squares / chips.len() as f64).sqrt()
}

/// The mean of the weights of an exposure, over pixels with any weight. Rows have to be added in their order for the
/// same bits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WeightMean {
    sum: f64,
    count: u64,
}

impl WeightMean {
    /// Adds whole rows of `nx` weights.
    pub fn add_rows(&mut self, weights: &[f32], nx: usize) {
        for row in weights.chunks(nx.max(1)) {
            self.join(&pulp::Arch::new().dispatch(Row(row)));
        }
    }

    /// Adds what was taken of the rows after these.
    pub fn join(&mut self, later: &Self) {
        self.sum += later.sum;
        self.count += later.count;
    }

    /// The mean; 0 where no pixel has any weight.
    pub fn mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }
}

/// Weights of which the mean is wanted, to be summed with the instructions that the processor has.
struct Row<'r>(&'r [f32]);

impl pulp::NullaryFnOnce for Row<'_> {
    type Output = WeightMean;

    #[inline(always)]
    fn call(self) -> WeightMean {
        /// Weights below this are none.
        const LEAST: f32 = 1e-8;
        /// Sums side by side, so that none waits for the one before.
        const LANES: usize = 16;
        let (mut sums, mut counts) = ([0.0; LANES], [0u32; LANES]);
        let (groups, rest) = self.0.as_chunks::<LANES>();
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        for group in groups.iter().chain([&last]) {
            for (weight, (sum, count)) in group.iter().zip(sums.iter_mut().zip(&mut counts)) {
                let counted = (*weight >= LEAST) & (*weight < f32::INFINITY);
                *sum += f64::from(if counted { *weight } else { 0.0 });
                *count += u32::from(counted);
            }
        }
        WeightMean {
            sum: sums.iter().sum(),
            count: counts.iter().map(|count| u64::from(*count)).sum(),
        }
    }
}

/// Rows of one exposure drizzled by itself, and its numbers.
#[derive(Debug, Clone, Copy)]
pub struct Single<'a> {
    /// Samples of the rows that are held, electrons per second. What is not finite is left out.
    pub sci: &'a [f32],
    /// Their weights, seconds.
    pub wht: &'a [f32],
    /// Its numbers.
    pub terms: MedianTerms,
}

/// Rows of the common grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedianRows {
    /// Columns of the grid.
    pub nx: usize,
    /// The rows that the singles have.
    pub held: Range<usize>,
    /// The rows to be made. [`MedianOptions::halo`] more on either side have to be held, as far as the grid goes;
    /// what is not held counts as beyond the grid's edge.
    pub rows: Range<usize>,
}

/// Makes rows of the median image into `out`, on all threads. Rows come out with the same bits in whatever bands
/// they are made. A pixel that no exposure may give is 0, or, for the types with an i, the first exposure's value there
/// that is not 0.
///
/// # Errors
/// [`Error::BadOption`] as [`MedianOptions::check`]; [`Error::Shape`] where samples, weights or `out` are not of the
/// rows that are told, or the rows to be made are not held.
pub fn median_rows(
    singles: &[Single],
    rows: &MedianRows,
    options: &MedianOptions,
    out: &mut [f32],
) -> Result<()> {
    options.check(singles.len())?;
    check_rows(singles, rows, out.len())?;
    if singles.is_empty() || rows.nx == 0 {
        return Ok(());
    }
    if options.combine_type.is_minmed() {
        return minmed::minmed_rows(singles, rows, options, out);
    }
    let stack = stack_options(options);
    out.par_chunks_mut(rows.nx).enumerate().try_for_each(|(k, out)| {
        let row = rows.rows.start + k - rows.held.start;
        let layers = layers(singles, row, rows.nx, options);
        stack_row(&layers, &stack, out).map_err(Error::from)
    })
}

fn check_rows(singles: &[Single], rows: &MedianRows, out: usize) -> Result<()> {
    let (held, made) = (&rows.held, &rows.rows);
    let shape = |what, of: &Range<usize>, found: usize| {
        if found == of.len() * rows.nx {
            return Ok(());
        }
        Err(Error::Shape {
            what,
            expected: (of.len(), rows.nx),
            found: (found.checked_div(rows.nx).unwrap_or(0), rows.nx),
        })
    };
    if made.start < held.start || made.end > held.end {
        return Err(Error::Shape {
            what: "rows held for the median",
            expected: (made.len(), rows.nx),
            found: (held.len(), rows.nx),
        });
    }
    for single in singles {
        shape("single drizzled image", held, single.sci.len())?;
        shape("weight of a single drizzled image", held, single.wht.len())?;
    }
    shape("median", made, out)
}

/// The `row`-th of the rows held.
fn layers<'a>(singles: &[Single<'a>], row: usize, nx: usize, options: &MedianOptions) -> Vec<Layer<'a>> {
    let samples = row * nx..(row + 1) * nx;
    let layer = |single: &Single<'a>| Layer {
        samples: &single.sci[samples.clone()],
        weights: masked(options).then(|| &single.wht[samples.clone()]),
        least_weight: single.terms.mean_weight * options.combine_maskpt,
    };
    singles.iter().map(layer).collect()
}

/// Whether weights decide what is left out. The sum has no masks in numcombine.
fn masked(options: &MedianOptions) -> bool {
    options.median_newmasks && options.combine_type != CombineType::Sum
}

fn stack_options(options: &MedianOptions) -> StackOptions {
    let kind = options.combine_type;
    let combine = match kind {
        CombineType::Mean | CombineType::Imean => Combine::Mean,
        CombineType::Sum => Combine::Sum,
        _ => Combine::Median,
    };
    let rejects = kind.rejects();
    StackOptions {
        combine,
        nlow: if rejects { options.combine_nlow } else { 0 },
        nhigh: if rejects { options.combine_nhigh } else { 0 },
        lower: options.combine_lthresh.filter(|_| rejects),
        upper: options.combine_hthresh.filter(|_| rejects),
        empty: if kind.fills() {
            Empty::FirstNonzero
        } else {
            Empty::Value(0.0)
        },
    }
}
