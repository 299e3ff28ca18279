//! Sigma clipping about the mean by the standard deviation, where sums are made of what is left: that needs no order among
//! the samples of a pixel. As many pixels are worked on side by side as the vectors of the processor hold.

use super::lines::{Taken, count_limited, limited};
use super::{CombineOptions, CombinedRow, FrameRow, Rejection, Uncertainty};
use crate::stack::Combine;
use crate::{Centre, SigmaClip, Spread};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Columns whose samples are gathered from all frames together; a whole number of vectors.
const CHUNK: usize = 128;

/// The clipping, where it is of this kind and alone, and it does not matter which frame a sample is of.
pub(super) fn clip_of<'o, T>(options: &'o CombineOptions, frames: &[FrameRow<T>]) -> Option<&'o SigmaClip> {
    let Rejection {
        nlow, nhigh, clip, ..
    } = &options.rejection;
    let clip = clip.as_ref()?;
    let sums = matches!(options.combine, Combine::Mean | Combine::Sum);
    let about_mean = clip.centre == Centre::Mean && clip.spread == Spread::Std;
    let alone = *nlow == 0 && *nhigh == 0 && clip.maxiters != Some(0);
    let alike = frames
        .iter()
        .all(|frame| frame.weight == 1.0 && frame.weights.is_none());
    let from_samples = options.uncertainty != Uncertainty::Propagated;
    (sums && about_mean && alone && alike && from_samples).then_some(clip)
}

/// A row to be combined so.
pub(super) struct Combining<'f, 't, 'a, T> {
    pub(super) frames: &'f [FrameRow<'f, T>],
    pub(super) options: &'f CombineOptions,
    pub(super) clip: &'f SigmaClip,
    pub(super) out: &'t mut CombinedRow<'a>,
}

impl<T: Taken<f64>> WithSimd for Combining<'_, '_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let (frames, rejection) = (self.frames, &self.options.rejection);
        let has_limits = rejection.lower.is_some() || rejection.upper.is_some();
        let mut samples = vec![f64::NAN; frames.len() * CHUNK];
        let mut combined = [[0.0; CHUNK]; 3];
        // Vectors of counts, one a frame.
        let lanes = CHUNK / V::as_simd_f64s(&combined[0]).0.len();
        let mut rejected = vec![0.0; frames.len() * lanes];
        for start in (0..self.out.values.len()).step_by(CHUNK) {
            let columns = start..(start + CHUNK).min(self.out.values.len());
            for (frame, samples) in frames.iter().zip(samples.chunks_exact_mut(CHUNK)) {
                take(frame, columns.clone(), samples);
                if has_limits {
                    let limited = limited(frame, rejection, (start, columns.len()));
                    for (sample, limited) in samples.iter_mut().zip(limited) {
                        *sample = if limited { f64::NAN } else { *sample };
                    }
                }
            }
            let clipping = Clipping {
                simd,
                samples: V::as_simd_f64s(&samples).0,
                clip: self.clip,
            };
            clipping.combine(self.options, &mut combined, V::as_mut_simd_f64s(&mut rejected).0);
            store(&combined, columns, self.out);
        }
        for (rejected, sum) in rejected.chunks_exact(lanes).zip(&mut *self.out.rejected) {
            *sum += rejected.iter().sum::<f64>() as u64;
        }
        if has_limits {
            count_limited(frames, rejection, (0, self.out.values.len()), self.out.rejected);
        }
    }
}

/// Takes the samples of a frame; NaN where they may not be used, and beyond the last.
#[inline(always)]
fn take<T: Taken<f64>>(frame: &FrameRow<T>, columns: Range<usize>, out: &mut [f64]) {
    out[columns.len()..].fill(f64::NAN);
    let samples = out.iter_mut().zip(&frame.samples[columns.clone()]);
    if frame.scale == 1.0 {
        samples.for_each(|(out, sample)| *out = sample.to_f64());
    } else {
        samples.for_each(|(out, sample)| *out = sample.taken(frame.scale));
    }
    if let Some(mask) = frame.mask {
        for (out, masked) in out.iter_mut().zip(&mask[columns]) {
            *out = if *masked { f64::NAN } else { *out };
        }
    }
}

/// Puts values, uncertainties and counts in their places.
#[inline(always)]
fn store([values, uncertainties, counts]: &[[f64; CHUNK]; 3], columns: Range<usize>, out: &mut CombinedRow) {
    let count = columns.len();
    out.values[columns.clone()].copy_from_slice(&values[..count]);
    if let Some(out) = out.uncertainties.get_mut(columns.clone()) {
        out.copy_from_slice(&uncertainties[..count]);
    }
    if let Some(out) = out.used.get_mut(columns) {
        for (out, count) in out.iter_mut().zip(counts) {
            *out = *count as i32 as u16;
        }
    }
}

/// Chunks of all frames, one after the other.
struct Clipping<'s, V: Simd> {
    simd: V,
    samples: &'s [V::f64s],
    clip: &'s SigmaClip,
}

/// Values between which all is kept that is not to be left out, these included.
type Within<V> = [<V as Simd>::f64s; 2];

/// What is kept of the samples of some columns.
struct Kept<V: Simd> {
    within: Within<V>,
    sum: V::f64s,
    count: V::f64s,
    mean: V::f64s,
    /// Standard deviation about the mean; NaN where nothing is kept.
    deviation: V::f64s,
}

impl<V: Simd> Clone for Kept<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Simd> Copy for Kept<V> {}

impl<V: Simd> Clipping<'_, V> {
    /// Values, uncertainties and counts of a chunk.
    #[inline(always)]
    fn combine(
        &self,
        options: &CombineOptions,
        [values, uncertainties, counts]: &mut [[f64; CHUNK]; 3],
        rejected: &mut [V::f64s],
    ) {
        let simd = self.simd;
        let nan = simd.splat_f64s(f64::NAN);
        let values = V::as_mut_simd_f64s(values).0;
        let uncertainties = V::as_mut_simd_f64s(uncertainties).0;
        let counts = V::as_mut_simd_f64s(counts).0;
        let vectors = values.len();
        for at in 0..vectors {
            let column = || self.samples[at..].iter().step_by(vectors).copied();
            let (all, is_whole) = self.usable(column);
            let kept = self.clipped(column, all);
            if self.any(simd.less_than_f64s(kept.count, all.count)) {
                for (sample, rejected) in column().zip(&mut *rejected) {
                    let mut outside = simd.not_m64s(self.inside(sample, &kept.within));
                    if !is_whole {
                        outside = simd.and_m64s(outside, self.inside(sample, &self.all()));
                    }
                    *rejected = self.one_more_where(outside, *rejected);
                }
            }
            let root = simd.sqrt_f64s(kept.count);
            let (value, uncertainty) = match options.combine {
                Combine::Sum => (kept.sum, simd.mul_f64s(kept.deviation, root)),
                _ => (
                    simd.div_f64s(kept.sum, kept.count),
                    simd.div_f64s(kept.deviation, root),
                ),
            };
            let some = simd.greater_than_f64s(kept.count, simd.splat_f64s(0.0));
            values[at] = simd.select_f64s(some, value, nan);
            uncertainties[at] = simd.select_f64s(some, uncertainty, nan);
            counts[at] = kept.count;
        }
    }

    /// All samples of some columns that may be used, and whether that is all there are.
    #[inline(always)]
    fn usable<I: Iterator<Item = V::f64s>>(&self, column: impl Fn() -> I) -> (Kept<V>, bool) {
        let simd = self.simd;
        let mut sum = simd.splat_f64s(0.0);
        for sample in column() {
            sum = simd.add_f64s(sum, sample);
        }
        let finite = simd.less_than_f64s(simd.abs_f64s(sum), simd.splat_f64s(f64::INFINITY));
        if self.any(simd.not_m64s(finite)) {
            let sum = self.sum(&column, &self.all());
            return (self.about(&column, self.all(), sum), false);
        }
        let count = simd.splat_f64s(column().count() as f64);
        let mean = simd.div_f64s(sum, count);
        let mut squares = simd.splat_f64s(0.0);
        let [highest, lowest] = self.all();
        let mut ends = [lowest, highest];
        for sample in column() {
            let away = simd.sub_f64s(sample, mean);
            squares = simd.add_f64s(squares, simd.mul_f64s(away, away));
            ends = [simd.min_f64s(ends[0], sample), simd.max_f64s(ends[1], sample)];
        }
        if self.may_be_rounding(mean, squares, count) {
            return (self.about(&column, ends, (sum, count)), true);
        }
        let deviation = simd.sqrt_f64s(simd.div_f64s(squares, count));
        let within = ends;
        (
            Kept {
                within,
                sum,
                count,
                mean,
                deviation,
            },
            true,
        )
    }

    /// What clipping leaves of some columns.
    #[inline(always)]
    fn clipped<I: Iterator<Item = V::f64s>>(&self, column: impl Fn() -> I, all: Kept<V>) -> Kept<V> {
        let simd = self.simd;
        let most = self.clip.maxiters;
        let mut last = self.limits(&all, self.all());
        let below = simd.less_than_f64s(all.within[0], last[0]);
        let above = simd.greater_than_f64s(all.within[1], last[1]);
        if !self.any(simd.or_m64s(below, above)) {
            return all;
        }
        let mut left = self.about(&column, last, self.sum(&column, &last));
        let mut rounds = 1;
        while most.is_none_or(|most| rounds < most) {
            last = self.limits(&left, last);
            let within = self.narrowed(left.within, last);
            let sum = self.sum(&column, &within);
            rounds += 1;
            if !self.any(simd.less_than_f64s(sum.1, left.count)) {
                break;
            }
            left = self.about(&column, within, sum);
        }
        if rounds > 1 {
            // After the last round all are compared with its limits.
            left = self.about(&column, last, self.sum(&column, &last));
        }
        left
    }

    /// All samples that may be used.
    #[inline(always)]
    fn all(&self) -> Within<V> {
        [f64::MIN, f64::MAX].map(
            #[inline(always)]
            |end| self.simd.splat_f64s(end),
        )
    }

    #[inline(always)]
    fn inside(&self, sample: V::f64s, [lowest, highest]: &Within<V>) -> V::m64s {
        let simd = self.simd;
        simd.and_m64s(
            simd.greater_than_or_equal_f64s(sample, *lowest),
            simd.less_than_or_equal_f64s(sample, *highest),
        )
    }

    #[inline(always)]
    fn narrowed(&self, within: Within<V>, by: Within<V>) -> Within<V> {
        let simd = self.simd;
        [simd.max_f64s(within[0], by[0]), simd.min_f64s(within[1], by[1])]
    }

    #[inline(always)]
    fn one_more_where(&self, mask: V::m64s, count: V::f64s) -> V::f64s {
        let simd = self.simd;
        let one = simd.select_f64s(mask, simd.splat_f64s(1.0), simd.splat_f64s(0.0));
        simd.add_f64s(count, one)
    }

    /// Whether it holds for any column.
    #[inline(always)]
    fn any(&self, mask: V::m64s) -> bool {
        self.simd.first_true_m64s(mask) < size_of::<V::f64s>() / size_of::<f64>()
    }

    /// The sum of what is kept, and how many samples that is.
    #[inline(always)]
    fn sum<I: Iterator<Item = V::f64s>>(
        &self,
        column: &impl Fn() -> I,
        within: &Within<V>,
    ) -> (V::f64s, V::f64s) {
        let simd = self.simd;
        let zero = simd.splat_f64s(0.0);
        let (mut sum, mut count) = (zero, zero);
        for sample in column() {
            let kept = self.inside(sample, within);
            sum = simd.add_f64s(sum, simd.select_f64s(kept, sample, zero));
            count = self.one_more_where(kept, count);
        }
        (sum, count)
    }

    /// The sum of the squares of what lies between what is kept and a mean.
    #[inline(always)]
    fn squares<I: Iterator<Item = V::f64s>>(
        &self,
        column: &impl Fn() -> I,
        within: &Within<V>,
        mean: V::f64s,
    ) -> V::f64s {
        let simd = self.simd;
        let zero = simd.splat_f64s(0.0);
        let mut squares = zero;
        for sample in column() {
            let away = simd.sub_f64s(sample, mean);
            let square = simd.mul_f64s(away, away);
            squares = simd.add_f64s(
                squares,
                simd.select_f64s(self.inside(sample, within), square, zero),
            );
        }
        squares
    }

    #[inline(always)]
    fn about<I: Iterator<Item = V::f64s>>(
        &self,
        column: &impl Fn() -> I,
        within: Within<V>,
        (sum, count): (V::f64s, V::f64s),
    ) -> Kept<V> {
        let simd = self.simd;
        let mut mean = simd.div_f64s(sum, count);
        let mut squares = self.squares(column, &within, mean);
        if self.may_be_rounding(mean, squares, count) {
            mean = self.put_between(column, &within, mean);
            squares = self.squares(column, &within, mean);
        }
        Kept {
            within,
            sum,
            count,
            mean,
            deviation: simd.sqrt_f64s(simd.div_f64s(squares, count)),
        }
    }

    /// Whether in a column the samples lie so near to each other that rounding may have put their mean outside of them. It errs
    /// by no more than their number times what one addition does, and then no sample is farther from it than that times their
    /// number.
    #[inline(always)]
    fn may_be_rounding(&self, mean: V::f64s, squares: V::f64s, count: V::f64s) -> bool {
        let simd = self.simd;
        let away = simd.mul_f64s(simd.mul_f64s(count, count), simd.splat_f64s(f64::EPSILON));
        let away = simd.mul_f64s(away, mean);
        let most = simd.mul_f64s(count, simd.mul_f64s(away, away));
        self.any(simd.less_than_or_equal_f64s(squares, most))
    }

    /// Puts a mean between the lowest and the highest of what it is of.
    #[inline(always)]
    fn put_between<I: Iterator<Item = V::f64s>>(
        &self,
        column: &impl Fn() -> I,
        within: &Within<V>,
        mean: V::f64s,
    ) -> V::f64s {
        let simd = self.simd;
        let mut lowest = simd.splat_f64s(f64::MAX);
        let mut highest = simd.splat_f64s(f64::MIN);
        for sample in column() {
            let kept = self.inside(sample, within);
            lowest = simd.min_f64s(lowest, simd.select_f64s(kept, sample, lowest));
            highest = simd.max_f64s(highest, simd.select_f64s(kept, sample, highest));
        }
        simd.min_f64s(simd.max_f64s(mean, lowest), highest)
    }

    /// Limits of what is kept; those that were before, where nothing is.
    #[inline(always)]
    fn limits(&self, kept: &Kept<V>, before: Within<V>) -> Within<V> {
        let simd = self.simd;
        let some = simd.greater_than_f64s(kept.count, simd.splat_f64s(0.0));
        // Infinity times 0 is no number.
        let times = |sigma: f64| {
            if sigma.is_finite() {
                simd.mul_f64s(simd.splat_f64s(sigma), kept.deviation)
            } else {
                simd.splat_f64s(sigma)
            }
        };
        let lowest = simd.sub_f64s(kept.mean, times(self.clip.sigma_lower));
        let highest = simd.add_f64s(kept.mean, times(self.clip.sigma_upper));
        // A limit that is no number is none.
        let [least, most] = self.all();
        let lowest = simd.select_f64s(simd.greater_than_or_equal_f64s(lowest, least), lowest, least);
        let highest = simd.select_f64s(simd.less_than_or_equal_f64s(highest, most), highest, most);
        [
            simd.select_f64s(some, lowest, before[0]),
            simd.select_f64s(some, highest, before[1]),
        ]
    }
}
