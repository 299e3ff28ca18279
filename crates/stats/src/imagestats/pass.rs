//! Single passes over samples: moments and extremes of those between two limits.

use rayon::prelude::*;

/// Samples of a piece; sums are added up piece by piece in order, whoever made them.
pub(super) const PIECE: usize = 1 << 16;
/// Samples that are looked at together.
pub(super) const BLOCK: usize = 128;
const LANES: usize = 8;

/// The result of `of_piece` for each piece, in order.
pub(super) fn pieces<T: Send>(samples: &[f32], of_piece: impl Fn(&[f32]) -> T + Sync + Send) -> Vec<T> {
    if samples.len() <= PIECE {
        return vec![of_piece(samples)];
    }
    samples.par_chunks(PIECE).map(of_piece).collect()
}

/// Hands a piece on block by block, the last one with NaN, which counts nowhere, behind it.
#[inline(always)]
pub(super) fn blocks(piece: &[f32], mut block: impl FnMut(&[f32; BLOCK])) {
    let (whole, rest) = piece.as_chunks::<BLOCK>();
    for samples in whole {
        block(samples);
    }
    if !rest.is_empty() {
        let mut last = [f32::NAN; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        block(&last);
    }
}

/// Number, mean, squared deviations and extremes of some samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) n: usize,
    pub(super) mean: f64,
    squares: f64,
    /// The smallest and the largest; the other way round where there is none.
    pub(super) extremes: (f32, f32),
}

impl Moments {
    /// Divided by `n - 1`; 0 of one sample.
    pub(super) fn stddev(&self) -> f64 {
        (self.squares / (self.n.max(2) - 1) as f64).sqrt()
    }
}

#[derive(Clone, Copy)]
struct Sums {
    n: usize,
    deviation: f64,
    squares: f64,
    min: f32,
    max: f32,
}

impl Sums {
    const NOTHING: Self = Self {
        n: 0,
        deviation: 0.0,
        squares: 0.0,
        min: f32::INFINITY,
        max: f32::NEG_INFINITY,
    };

    fn and(self, other: &Self) -> Self {
        Self {
            n: self.n + other.n,
            deviation: self.deviation + other.deviation,
            squares: self.squares + other.squares,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

/// Moments of the samples from `limits.0` to `limits.1`, both included, which have to be finite. Deviations are summed
/// from `centre`, which should be near the mean, so that one pass gives all without loss.
pub(super) fn moments(samples: &[f32], limits: (f32, f32), centre: f32) -> Moments {
    let arch = pulp::Arch::new();
    let sums = pieces(samples, |piece| {
        arch.dispatch(OfPiece {
            piece,
            limits,
            centre,
        })
    });
    let total = sums.iter().fold(Sums::NOTHING, Sums::and);
    let shift = total.deviation / total.n.max(1) as f64;
    Moments {
        n: total.n,
        mean: f64::from(centre) + shift,
        squares: (total.squares - total.deviation * shift).max(0.0),
        extremes: (total.min, total.max),
    }
}

/// One piece, to be summed with the instructions that the processor has.
struct OfPiece<'s> {
    piece: &'s [f32],
    limits: (f32, f32),
    centre: f32,
}

impl pulp::NullaryFnOnce for OfPiece<'_> {
    type Output = Sums;

    #[inline(always)]
    fn call(self) -> Sums {
        let mut lanes = SumLanes::NOTHING;
        blocks(
            self.piece,
            #[inline(always)]
            |block| lanes.add(block, self.limits, self.centre),
        );
        lanes.total()
    }
}

/// Sums side by side, so that a processor may make several at once.
struct SumLanes {
    n: u32,
    deviation: [f64; LANES],
    squares: [f64; LANES],
    min: [f32; LANES],
    max: [f32; LANES],
}

impl SumLanes {
    const NOTHING: Self = Self {
        n: 0,
        deviation: [0.0; LANES],
        squares: [0.0; LANES],
        min: [Sums::NOTHING.min; LANES],
        max: [Sums::NOTHING.max; LANES],
    };

    #[inline(always)]
    fn add(&mut self, block: &[f32; BLOCK], (lowest, highest): (f32, f32), centre: f32) {
        let mut n = 0;
        let (mut d, mut low, mut high) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let places = d.iter_mut().zip(&mut low).zip(&mut high);
        for (sample, ((d, low), high)) in block.iter().zip(places) {
            let inside = (*sample >= lowest) & (*sample <= highest);
            // A sample outside deviates by nothing.
            *d = f64::from(if inside { *sample } else { centre }) - f64::from(centre);
            *low = if inside { *sample } else { f32::INFINITY };
            *high = if inside { *sample } else { f32::NEG_INFINITY };
            n += u32::from(inside);
        }
        self.n += n;
        for d in d.as_chunks::<LANES>().0 {
            let sums = self.deviation.iter_mut().zip(&mut self.squares);
            for (d, (deviation, squares)) in d.iter().zip(sums) {
                *deviation += d;
                *squares += d * d;
            }
        }
        for low in low.as_chunks::<LANES>().0 {
            for (min, low) in self.min.iter_mut().zip(low) {
                *min = if low < min { *low } else { *min };
            }
        }
        for high in high.as_chunks::<LANES>().0 {
            for (max, high) in self.max.iter_mut().zip(high) {
                *max = if high > max { *high } else { *max };
            }
        }
    }

    fn total(&self) -> Sums {
        Sums {
            n: self.n as usize,
            deviation: self.deviation.iter().sum(),
            squares: self.squares.iter().sum(),
            min: self.min.into_iter().fold(f32::INFINITY, f32::min),
            max: self.max.into_iter().fold(f32::NEG_INFINITY, f32::max),
        }
    }
}

/// The samples from `lowest` to `highest`, of which there should be few.
pub(super) fn between(samples: &[f32], lowest: f32, highest: f32) -> Vec<f32> {
    let arch = pulp::Arch::new();
    let limits = (lowest, highest);
    pieces(samples, |piece| arch.dispatch(Between { piece, limits })).concat()
}

/// One piece, of which the samples within limits are wanted.
struct Between<'s> {
    piece: &'s [f32],
    limits: (f32, f32),
}

impl pulp::NullaryFnOnce for Between<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn call(self) -> Vec<f32> {
        let inside = |sample: &f32| (*sample >= self.limits.0) & (*sample <= self.limits.1);
        let mut found = Vec::new();
        for few in self.piece.chunks(4 * LANES) {
            let any = few.iter().fold(false, |any, sample| any | inside(sample));
            if any {
                found.extend(few.iter().copied().filter(inside));
            }
        }
        found
    }
}

/// A finite sample in the middle of a few hundred, for deviations to be summed from; `None` where all are not finite.
pub(super) fn typical(samples: &[f32]) -> Option<f32> {
    const MOST: usize = 501;
    let finite = |step: usize| samples.iter().step_by(step).copied().filter(|s| s.is_finite());
    let mut some: Vec<f32> = finite((samples.len() / MOST).max(1)).take(2 * MOST).collect();
    if some.is_empty() {
        some.extend(finite(1).next());
    }
    let middle = some.len() / 2;
    (!some.is_empty()).then(|| *some.select_nth_unstable_by(middle, f32::total_cmp).1)
}
