//! The samples of a few columns: one line a frame, and then in ascending order.

use super::range::ColumnRange;
use super::{FrameRow, Rejection};
use crate::Sample;
use crate::stack::network::{Aligned, COLUMNS, Exchanged, Network};
use pulp::Simd;

/// What a line is kept in.
pub trait Line: Sample + Exchanged {
    const INFINITY: Self;
    const LEAST: Self;

    /// Whether it is finite, told without branches.
    fn magnitude_is_finite(self) -> bool;
}

impl Line for f32 {
    const INFINITY: Self = f32::INFINITY;
    const LEAST: Self = f32::MIN;

    #[inline(always)]
    fn magnitude_is_finite(self) -> bool {
        self.abs() < f32::INFINITY
    }
}

impl Line for f64 {
    const INFINITY: Self = f64::INFINITY;
    const LEAST: Self = f64::MIN;

    #[inline(always)]
    fn magnitude_is_finite(self) -> bool {
        self.abs() < f64::INFINITY
    }
}

/// A sample of a frame that becomes one of a line.
pub trait Taken<L>: Sample {
    const NAN: Self;

    fn taken(self, scale: f64) -> L;
}

impl Taken<f32> for f32 {
    const NAN: Self = f32::NAN;

    #[inline(always)]
    fn taken(self, _: f64) -> f32 {
        self
    }
}

impl Taken<f64> for f32 {
    const NAN: Self = f32::NAN;

    #[inline(always)]
    fn taken(self, scale: f64) -> f64 {
        f64::from(self) * scale
    }
}

impl Taken<f64> for f64 {
    const NAN: Self = f64::NAN;

    #[inline(always)]
    fn taken(self, scale: f64) -> f64 {
        self * scale
    }
}

/// Samples of [`COLUMNS`] columns; infinity where one may not be used, and beyond the last.
pub(super) struct Lines<L> {
    /// In ascending order once they were sorted; before that one line a frame.
    lines: Vec<Aligned<L>>,
    by_frame: Vec<Aligned<L>>,
    counts: [usize; COLUMNS],
    apart: bool,
    network: Network,
}

impl<L: Line> Lines<L> {
    pub(super) fn new(frames: usize) -> Self {
        Self {
            lines: vec![Aligned([L::INFINITY; COLUMNS]); frames],
            by_frame: Vec::new(),
            counts: [0; COLUMNS],
            apart: false,
            network: Network::of(frames),
        }
    }

    /// How many samples of each column may be used.
    #[inline(always)]
    pub(super) fn counts(&self) -> [usize; COLUMNS] {
        self.counts
    }

    #[inline(always)]
    pub(super) fn lines(&self) -> &[Aligned<L>] {
        &self.lines
    }

    /// The first line and the last: of sorted ones the lowest samples and the highest.
    #[inline(always)]
    pub(super) fn ends(&self) -> Option<(&Aligned<L>, &Aligned<L>)> {
        self.lines.first().zip(self.lines.last())
    }

    /// One line a frame.
    #[inline(always)]
    pub(super) fn by_frame(&self) -> &[Aligned<L>] {
        if self.apart { &self.by_frame } else { &self.lines }
    }

    /// The sample of a rank.
    #[inline(always)]
    pub(super) fn at(&self, column: usize, rank: usize) -> f64 {
        self.lines[rank][column].to_f64()
    }

    /// The samples of some ranks of a column.
    #[inline(always)]
    pub(super) fn ranks(&self, column: usize, (first, end): ColumnRange) -> impl Iterator<Item = f64> {
        let end = end.max(first) as usize;
        self.lines[first as usize..end]
            .iter()
            .map(move |line| line[column].to_f64())
    }

    /// The sample of a rank as it is kept.
    #[inline(always)]
    pub(super) fn kept_at(&self, column: usize, rank: usize) -> L {
        self.lines[rank][column]
    }

    #[inline(always)]
    pub(super) fn fill<T: Taken<L>>(
        &mut self,
        frames: &[FrameRow<T>],
        rejection: &Rejection,
        (start, columns): (usize, usize),
    ) {
        self.apart = false;
        let lower = rejection.lower.unwrap_or(f64::NEG_INFINITY);
        let upper = rejection.upper.unwrap_or(f64::INFINITY);
        let limited = rejection.lower.is_some() || rejection.upper.is_some();
        let mut counts = [0u32; COLUMNS];
        let range = start..start + columns;
        for (frame, line) in frames.iter().zip(&mut self.lines) {
            let samples = block(&frame.samples[range.clone()], T::NAN);
            let mut left = [true; COLUMNS];
            if limited {
                for (left, sample) in left.iter_mut().zip(samples) {
                    *left &= (sample.to_f64() >= lower) & (sample.to_f64() <= upper);
                }
            }
            if let Some(mask) = frame.mask {
                for (left, masked) in left.iter_mut().zip(block(&mask[range.clone()], true)) {
                    *left &= !masked;
                }
            }
            if let Some(weights) = frame.weights {
                for (left, weight) in left.iter_mut().zip(block(&weights[range.clone()], 0.0)) {
                    *left &= weight > 0.0;
                }
            }
            let weightless = frame.weight == 0.0;
            for column in 0..COLUMNS {
                let sample = samples[column].taken(frame.scale);
                let usable = sample.magnitude_is_finite() & left[column] & !weightless;
                line[column] = if usable { sample } else { L::INFINITY };
                counts[column] += u32::from(usable);
            }
        }
        self.counts = counts.map(|count| count as usize);
    }

    /// Puts each column in ascending order; keeps the lines by frame where `apart`.
    #[inline(always)]
    pub(super) fn sort<V: Simd>(&mut self, simd: V, apart: bool) {
        if apart {
            self.by_frame.clone_from(&self.lines);
        }
        self.apart = apart;
        self.network.sort(simd, &mut self.lines);
    }

    /// Marks the samples that limits leave out.
    #[inline(always)]
    pub(super) fn mark_limited<T: Taken<L>>(
        &self,
        frames: &[FrameRow<T>],
        rejection: &Rejection,
        (start, columns): (usize, usize),
        masks: &mut [&mut [bool]],
    ) {
        if rejection.lower.is_none() && rejection.upper.is_none() {
            return;
        }
        for (frame, mask) in frames.iter().zip(masks) {
            let mask = &mut mask[start..start + columns];
            for (mask, limited) in mask.iter_mut().zip(limited(frame, rejection, (start, columns))) {
                *mask |= limited;
            }
        }
    }
}

/// Adds to the counts of rejected samples those that limits leave out.
#[inline(always)]
pub(super) fn count_limited<T: Sample>(
    frames: &[FrameRow<T>],
    rejection: &Rejection,
    block: (usize, usize),
    rejected: &mut [u64],
) {
    for (frame, rejected) in frames.iter().zip(rejected) {
        *rejected += limited(frame, rejection, block)
            .filter(|limited| *limited)
            .count() as u64;
    }
}

/// Of each sample, whether it is usable but for the limits.
#[inline(always)]
pub(super) fn limited<T: Sample>(
    frame: &FrameRow<T>,
    rejection: &Rejection,
    (start, columns): (usize, usize),
) -> impl Iterator<Item = bool> {
    let lower = rejection.lower.unwrap_or(f64::NEG_INFINITY);
    let upper = rejection.upper.unwrap_or(f64::INFINITY);
    (start..start + columns).map(move |x| {
        let sample = frame.samples[x];
        let usable = sample.is_finite() && frame.weight > 0.0 && !frame.mask.is_some_and(|mask| mask[x]);
        usable && (sample.to_f64() < lower || sample.to_f64() > upper)
    })
}

/// The samples of a block, filled up to its full width.
#[inline(always)]
fn block<T: Copy>(samples: &[T], beyond: T) -> [T; COLUMNS] {
    match <&[T; COLUMNS]>::try_from(samples) {
        Ok(samples) => *samples,
        Err(_) => {
            let mut block = [beyond; COLUMNS];
            block[..samples.len()].copy_from_slice(samples);
            block
        }
    }
}
