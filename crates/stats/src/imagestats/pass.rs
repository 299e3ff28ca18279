//! Single passes over samples: moments and extremes of those between two limits.

use rayon::prelude::*;

/// Samples of a piece; sums are added up piece by piece in order, whoever made them.
pub(super) const PIECE: usize = 1 << 16;
const LANES: usize = 8;

/// The result of `of_piece` for each piece, in order.
pub(super) fn pieces<T: Send>(samples: &[f32], of_piece: impl Fn(&[f32]) -> T + Sync + Send) -> Vec<T> {
    if samples.len() <= PIECE {
        return vec![of_piece(samples)];
    }
    samples.par_chunks(PIECE).map(of_piece).collect()
}

/// Number, mean and squared deviations of some samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) n: usize,
    pub(super) mean: f64,
    squares: f64,
}

impl Moments {
    /// Divided by `n - 1`; 0 of one sample.
    pub(super) fn stddev(&self) -> f64 {
        (self.squares / (self.n.max(2) - 1) as f64).sqrt()
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n: usize,
    deviation: f64,
    squares: f64,
}

/// Moments of the samples from `limits.0` to `limits.1`, both included, which have to be finite. Deviations are summed
/// from `centre`, which should be near the mean, so that one pass gives both without loss.
pub(super) fn moments(samples: &[f32], limits: (f32, f32), centre: f32) -> Moments {
    let sums = pieces(samples, |piece| sums_of_piece(piece, limits, centre));
    let total = sums.iter().fold(Sums::default(), |total, sums| Sums {
        n: total.n + sums.n,
        deviation: total.deviation + sums.deviation,
        squares: total.squares + sums.squares,
    });
    let shift = total.deviation / total.n.max(1) as f64;
    Moments {
        n: total.n,
        mean: f64::from(centre) + shift,
        squares: (total.squares - total.deviation * shift).max(0.0),
    }
}

fn sums_of_piece(piece: &[f32], limits: (f32, f32), centre: f32) -> Sums {
    let (whole, rest) = piece.as_chunks::<LANES>();
    let mut lanes = SumLanes::default();
    for samples in whole {
        lanes.add(samples, limits, centre);
    }
    lanes.add(&padded(rest), limits, centre);
    Sums {
        n: lanes.n.iter().map(|n| *n as usize).sum(),
        deviation: lanes.deviation.iter().sum(),
        squares: lanes.squares.iter().sum(),
    }
}

/// Sums side by side, so that a processor may make several at once.
#[derive(Default)]
struct SumLanes {
    n: [u32; LANES],
    deviation: [f64; LANES],
    squares: [f64; LANES],
}

impl SumLanes {
    #[inline(always)]
    fn add(&mut self, samples: &[f32; LANES], (lowest, highest): (f32, f32), centre: f32) {
        for (k, sample) in samples.iter().enumerate() {
            let inside = (*sample >= lowest) & (*sample <= highest);
            // A sample outside deviates by nothing.
            let sample = if inside { *sample } else { centre };
            let d = f64::from(sample) - f64::from(centre);
            self.n[k] += u32::from(inside);
            self.deviation[k] += d;
            self.squares[k] += d * d;
        }
    }
}

/// The last samples of a piece with NaN, which counts nowhere, behind them.
fn padded(rest: &[f32]) -> [f32; LANES] {
    let mut samples = [f32::NAN; LANES];
    samples[..rest.len()].copy_from_slice(rest);
    samples
}

/// The smallest and the largest sample between the limits; the other way round where there is none.
pub(super) fn extremes(samples: &[f32], limits: (f32, f32)) -> (f32, f32) {
    let none = (f32::INFINITY, f32::NEG_INFINITY);
    let wider = |a: (f32, f32), b: (f32, f32)| (a.0.min(b.0), a.1.max(b.1));
    pieces(samples, |piece| extremes_of_piece(piece, limits))
        .into_iter()
        .fold(none, wider)
}

fn extremes_of_piece(piece: &[f32], limits: (f32, f32)) -> (f32, f32) {
    let (whole, rest) = piece.as_chunks::<LANES>();
    let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for samples in whole {
        widen(&mut min, &mut max, samples, limits);
    }
    widen(&mut min, &mut max, &padded(rest), limits);
    let min = min.into_iter().fold(f32::INFINITY, f32::min);
    (min, max.into_iter().fold(f32::NEG_INFINITY, f32::max))
}

#[inline(always)]
fn widen(
    min: &mut [f32; LANES],
    max: &mut [f32; LANES],
    samples: &[f32; LANES],
    (lowest, highest): (f32, f32),
) {
    for (k, sample) in samples.iter().enumerate() {
        let inside = (*sample >= lowest) & (*sample <= highest);
        let low = if inside { *sample } else { f32::INFINITY };
        let high = if inside { *sample } else { f32::NEG_INFINITY };
        min[k] = if low < min[k] { low } else { min[k] };
        max[k] = if high > max[k] { high } else { max[k] };
    }
}

/// The samples from `lowest` to `highest`, of which there should be few.
pub(super) fn between(samples: &[f32], lowest: f32, highest: f32) -> Vec<f32> {
    let of_piece = |piece: &[f32]| {
        let inside = |sample: &f32| (*sample >= lowest) & (*sample <= highest);
        let mut found = Vec::new();
        for few in piece.chunks(4 * LANES) {
            let any = few.iter().fold(false, |any, sample| any | inside(sample));
            if any {
                found.extend(few.iter().copied().filter(inside));
            }
        }
        found
    };
    pieces(samples, of_piece).concat()
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
