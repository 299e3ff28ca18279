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

fn sums_of_piece(piece: &[f32], (lowest, highest): (f32, f32), centre: f32) -> Sums {
    let (mut n, mut deviation, mut squares) = ([0u32; LANES], [0f64; LANES], [0f64; LANES]);
    let centre64 = f64::from(centre);
    let mut add = |samples: &[f32; LANES]| {
        for k in 0..LANES {
            let inside = (samples[k] >= lowest) & (samples[k] <= highest);
            let sample = if inside { samples[k] } else { centre };
            let d = f64::from(sample) - centre64;
            n[k] += u32::from(inside);
            deviation[k] += d;
            squares[k] += d * d;
        }
    };
    let (whole, rest) = piece.as_chunks::<LANES>();
    whole.iter().for_each(&mut add);
    if !rest.is_empty() {
        let mut last = [f32::NAN; LANES];
        last[..rest.len()].copy_from_slice(rest);
        add(&last);
    }
    Sums {
        n: n.iter().map(|n| *n as usize).sum(),
        deviation: deviation.iter().sum(),
        squares: squares.iter().sum(),
    }
}

/// The smallest and the largest sample between the limits; the other way round where there is none.
pub(super) fn extremes(samples: &[f32], limits: (f32, f32)) -> (f32, f32) {
    let none = (f32::INFINITY, f32::NEG_INFINITY);
    let wider = |a: (f32, f32), b: (f32, f32)| (a.0.min(b.0), a.1.max(b.1));
    pieces(samples, |piece| extremes_of_piece(piece, limits))
        .into_iter()
        .fold(none, wider)
}

fn extremes_of_piece(piece: &[f32], (lowest, highest): (f32, f32)) -> (f32, f32) {
    let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    let mut add = |samples: &[f32; LANES]| {
        for k in 0..LANES {
            let sample = samples[k];
            let inside = (sample >= lowest) & (sample <= highest);
            min[k] = if inside & (sample < min[k]) {
                sample
            } else {
                min[k]
            };
            max[k] = if inside & (sample > max[k]) {
                sample
            } else {
                max[k]
            };
        }
    };
    let (whole, rest) = piece.as_chunks::<LANES>();
    whole.iter().for_each(&mut add);
    let mut last = [f32::NAN; LANES];
    last[..rest.len()].copy_from_slice(rest);
    add(&last);
    let min = min.into_iter().fold(f32::INFINITY, f32::min);
    (min, max.into_iter().fold(f32::NEG_INFINITY, f32::max))
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
