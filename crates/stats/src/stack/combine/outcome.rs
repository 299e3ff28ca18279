//! What is made of the samples that are left, and which they are.

use super::lines::{Line, Lines, Taken};
use super::range::{Moments, Ranges};
use super::{CombineOptions, FrameRow, Uncertainty};
use crate::MAD_TO_SIGMA;
use crate::stack::Combine;
use crate::stack::network::{Aligned, COLUMNS};

/// Which samples of the frames are left: those between two values. Of several of just such a value the first few of the
/// frames may be left out.
pub(super) struct Kept<L> {
    lowest: [L; COLUMNS],
    highest: [L; COLUMNS],
    /// How many as low as the lowest are left out.
    skipped_low: [u32; COLUMNS],
    skipped_high: [u32; COLUMNS],
}

impl<L: Line> Kept<L> {
    /// Of lines in ascending order; where they are not `sorted`, all that may be used.
    #[inline(always)]
    pub(super) fn of(lines: &Lines<L>, ranges: &Ranges, sorted: bool) -> Self {
        let mut kept = Self {
            lowest: [L::LEAST; COLUMNS],
            highest: [L::INFINITY; COLUMNS],
            skipped_low: [0; COLUMNS],
            skipped_high: [0; COLUMNS],
        };
        if !sorted {
            return kept;
        }
        for (column, count) in lines.counts().into_iter().enumerate() {
            if ranges.of_column(column) == (0, count as i64) {
                continue;
            }
            if ranges.len(column) == 0 {
                kept.lowest[column] = L::INFINITY;
                continue;
            }
            let (first, last) = (ranges.first(column), ranges.end[column] as usize - 1);
            let (low, high) = (lines.kept_at(column, first), lines.kept_at(column, last));
            (kept.lowest[column], kept.highest[column]) = (low, high);
            kept.skipped_low[column] = (0..first)
                .rev()
                .take_while(|rank| lines.kept_at(column, *rank) == low)
                .count() as u32;
            let behind = last + 1..count;
            kept.skipped_high[column] = behind
                .take_while(|rank| lines.kept_at(column, *rank) == high)
                .count() as u32;
        }
        kept
    }

    /// Whether values alone tell what is left.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        let low = self.skipped_low.iter().fold(0, |sum, n| sum | *n);
        self.skipped_high.iter().fold(low, |sum, n| sum | *n) == 0
    }

    /// Goes through the frames: which samples of each are left.
    #[inline(always)]
    fn each(&self, by_frame: &[Aligned<L>], mut work: impl FnMut(usize, &[L; COLUMNS], [bool; COLUMNS])) {
        let plain = self.is_plain();
        let (mut low, mut high) = (self.skipped_low, self.skipped_high);
        for (frame, line) in by_frame.iter().enumerate() {
            let mut left = [false; COLUMNS];
            for column in 0..COLUMNS {
                let sample = line[column];
                left[column] = (sample >= self.lowest[column])
                    & (sample <= self.highest[column])
                    & (sample < L::INFINITY);
            }
            if !plain {
                for column in 0..COLUMNS {
                    for (skipped, limit) in [(&mut low, self.lowest), (&mut high, self.highest)] {
                        if left[column] && skipped[column] > 0 && line[column] == limit[column] {
                            skipped[column] -= 1;
                            left[column] = false;
                        }
                    }
                }
            }
            work(frame, line, left);
        }
    }

    /// Adds for each frame which of its samples are not left, of those that may be used.
    #[inline(always)]
    pub(super) fn count_rejected(&self, by_frame: &[Aligned<L>], rejected: &mut [u64]) {
        if self.is_plain() {
            for column in 0..COLUMNS {
                let (lowest, highest) = (self.lowest[column], self.highest[column]);
                if (lowest == L::LEAST) & (highest == L::INFINITY) {
                    continue;
                }
                for (line, rejected) in by_frame.iter().zip(&mut *rejected) {
                    let sample = line[column];
                    let outside = (sample < lowest) | (sample > highest);
                    *rejected += u64::from((sample < L::INFINITY) & outside);
                }
            }
            return;
        }
        self.each(
            by_frame,
            #[inline(always)]
            |frame, line, left| {
                for column in 0..COLUMNS {
                    rejected[frame] += u64::from((line[column] < L::INFINITY) & !left[column]);
                }
            },
        );
    }

    /// Marks the samples that are not left, of those that may be used.
    #[inline(always)]
    pub(super) fn mark_rejected(
        &self,
        by_frame: &[Aligned<L>],
        (start, columns): (usize, usize),
        masks: &mut [&mut [bool]],
    ) {
        self.each(
            by_frame,
            #[inline(always)]
            |frame, line, left| {
                let mask = &mut masks[frame][start..start + columns];
                for (column, mask) in mask.iter_mut().enumerate() {
                    *mask |= (line[column] < L::INFINITY) & !left[column];
                }
            },
        );
    }
}

/// Combined samples of a few columns.
pub(super) struct OfBlock {
    pub(super) values: [f64; COLUMNS],
    pub(super) uncertainties: [f64; COLUMNS],
}

/// Makes them.
pub(super) struct Outcome<'f, 'a, T> {
    frames: &'f [FrameRow<'a, T>],
    combine: Combine,
    uncertainty: Uncertainty,
    weighted: bool,
}

impl<'f, 'a, T> Outcome<'f, 'a, T> {
    pub(super) fn new(frames: &'f [FrameRow<'a, T>], options: &CombineOptions) -> Self {
        let weighted = frames
            .iter()
            .any(|frame| frame.weight != 1.0 || frame.weights.is_some());
        Self {
            frames,
            combine: options.combine,
            uncertainty: options.uncertainty,
            weighted: weighted && matches!(options.combine, Combine::Mean | Combine::Sum),
        }
    }

    /// Whether it matters which frame a sample is of.
    pub(super) fn looks_at_frames(&self) -> bool {
        self.weighted || self.uncertainty == Uncertainty::Propagated
    }
}

impl<T> Outcome<'_, '_, T> {
    /// `known` is what was learnt of the lines before some of their samples were left out.
    #[inline(always)]
    pub(super) fn of<L: Line>(
        &mut self,
        lines: &Lines<L>,
        (ranges, known): (&Ranges, Option<&Moments>),
        (kept, sorted): (&Kept<L>, bool),
        block: (usize, usize),
    ) -> OfBlock
    where
        T: Taken<L>,
    {
        let scatters = self.uncertainty == Uncertainty::Scatter && self.combine != Combine::Median;
        let moments = (scatters && sorted).then(|| ranges.moments(lines, known));
        let known = moments.as_ref().or(known);
        let mut values = match self.combine {
            Combine::Mean if !sorted => over(
                usable_sum(
                    lines,
                    #[inline(always)]
                    |sample, _| sample,
                ),
                ranges.lengths(),
            ),
            Combine::Sum if !sorted => usable_sum(
                lines,
                #[inline(always)]
                |sample, _| sample,
            ),
            Combine::Mean => over(ranges.sums(lines, known), ranges.lengths()),
            Combine::Sum => ranges.sums(lines, known),
            Combine::Median => each_column(
                #[inline(always)]
                |column| ranges.median(lines, column),
            ),
            Combine::Minimum => each_column(
                #[inline(always)]
                |column| match ranges.len(column) {
                    0 => f64::NAN,
                    _ => lines.at(column, ranges.first(column)),
                },
            ),
        };
        let mut uncertainties = match self.uncertainty {
            Uncertainty::Scatter => self.scatter(lines, ranges, moments.as_ref(), &values),
            _ => [f64::NAN; COLUMNS],
        };
        if self.looks_at_frames() {
            let sums = self.sums_by_frame(lines, kept, block);
            if self.weighted {
                values = match self.combine {
                    Combine::Mean => over(sums.values, sums.weights),
                    _ => sums.values,
                };
            }
            if self.uncertainty == Uncertainty::Propagated {
                uncertainties = self.propagated(&sums, ranges);
            }
        }
        for column in 0..COLUMNS {
            if ranges.len(column) == 0 {
                (values[column], uncertainties[column]) = (f64::NAN, f64::NAN);
            } else if self.combine == Combine::Minimum {
                uncertainties[column] = f64::NAN;
            }
        }
        OfBlock {
            values,
            uncertainties,
        }
    }

    #[inline(always)]
    fn scatter<L: Line>(
        &self,
        lines: &Lines<L>,
        ranges: &Ranges,
        moments: Option<&Moments>,
        values: &[f64; COLUMNS],
    ) -> [f64; COLUMNS] {
        let lengths = ranges.lengths();
        let mut scatter = if self.combine == Combine::Median {
            each_column(
                #[inline(always)]
                |column| ranges.mad(lines, column, values[column]) * MAD_TO_SIGMA,
            )
        } else if let Some(moments) = moments {
            moments.deviations()
        } else {
            let means = over(
                usable_sum(
                    lines,
                    #[inline(always)]
                    |sample, _| sample,
                ),
                lengths,
            );
            let squares = usable_sum(
                lines,
                #[inline(always)]
                |sample, column| (sample - means[column]) * (sample - means[column]),
            );
            over(squares, lengths).map(f64::sqrt)
        };
        for (scatter, length) in scatter.iter_mut().zip(lengths) {
            *scatter = match self.combine {
                Combine::Sum => *scatter * length.sqrt(),
                _ => *scatter / length.sqrt(),
            };
        }
        scatter
    }

    /// Weighted sums, frame after frame.
    #[inline(always)]
    fn sums_by_frame<L: Line>(
        &self,
        lines: &Lines<L>,
        kept: &Kept<L>,
        (start, columns): (usize, usize),
    ) -> Sums
    where
        T: Taken<L>,
    {
        let mut sums = Sums::default();
        kept.each(
            lines.by_frame(),
            #[inline(always)]
            |frame, line, left| {
                let frame = &self.frames[frame];
                let mut weights = [if self.weighted { frame.weight } else { 1.0 }; COLUMNS];
                if let Some(of_pixels) = frame.weights.filter(|_| self.weighted) {
                    for (weight, of_pixel) in weights.iter_mut().zip(&of_pixels[start..start + columns]) {
                        *weight *= of_pixel;
                    }
                }
                let mut errors = [0.0; COLUMNS];
                if let Some(of_pixels) = frame.errors {
                    for (error, of_pixel) in errors.iter_mut().zip(&of_pixels[start..start + columns]) {
                        *error = of_pixel.to_f64() * frame.scale;
                    }
                }
                for column in 0..COLUMNS {
                    let (weight, sample) = (weights[column], line[column].to_f64());
                    let error = weight * errors[column];
                    sums.values[column] += if left[column] { weight * sample } else { 0.0 };
                    sums.weights[column] += if left[column] { weight } else { 0.0 };
                    sums.squared_errors[column] += if left[column] { error * error } else { 0.0 };
                }
            },
        );
        sums
    }

    #[inline(always)]
    fn propagated(&self, sums: &Sums, ranges: &Ranges) -> [f64; COLUMNS] {
        let errors = sums.squared_errors.map(f64::sqrt);
        match self.combine {
            Combine::Sum => errors,
            Combine::Median => each_column(
                #[inline(always)]
                |column| {
                    // The median of one or two is their mean.
                    let of_median = if ranges.len(column) > 2 {
                        std::f64::consts::FRAC_PI_2.sqrt()
                    } else {
                        1.0
                    };
                    of_median * errors[column] / sums.weights[column]
                },
            ),
            _ => over(errors, sums.weights),
        }
    }
}

#[derive(Default)]
struct Sums {
    values: [f64; COLUMNS],
    weights: [f64; COLUMNS],
    squared_errors: [f64; COLUMNS],
}

#[inline(always)]
fn each_column(of: impl Fn(usize) -> f64) -> [f64; COLUMNS] {
    let mut all = [0.0; COLUMNS];
    for (column, out) in all.iter_mut().enumerate() {
        *out = of(column);
    }
    all
}

#[inline(always)]
fn over(mut above: [f64; COLUMNS], below: [f64; COLUMNS]) -> [f64; COLUMNS] {
    for (above, below) in above.iter_mut().zip(below) {
        *above /= below;
    }
    above
}

/// The sum of a term of each sample that may be used. Lines are in any order.
#[inline(always)]
fn usable_sum<L: Line>(lines: &Lines<L>, term: impl Fn(f64, usize) -> f64) -> [f64; COLUMNS] {
    let mut sums = [0.0; COLUMNS];
    for line in lines.lines() {
        for column in 0..COLUMNS {
            let term = term(line[column].to_f64(), column);
            sums[column] += if line[column] < L::INFINITY { term } else { 0.0 };
        }
    }
    sums
}
