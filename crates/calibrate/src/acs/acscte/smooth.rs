//! Readout noise taken out of an image before its trails are: noise has no trails, for it came after the transfer.

use super::column::CHUNK;
use super::dispatch::{Lane, on_lanes};
use super::lanes::Lanes;
use rayon::prelude::*;

/// Steps at most.
const STEPS: usize = 100;
/// The noise that may be left unremoved when smoothing ends, e.
const CLOSE_E: f64 = 1e-5;
/// How much of an adjustment is made in one step.
const STRIDE: f64 = 0.75;
/// How far a pixel may be drawn towards its neighbours, and towards the sum around it, in units of the readout noise.
const REACH: f64 = 0.33;
/// A pixel counts in the noise that was removed where it or its smoothed value is farther from 0 than 0.1 e, e: the
/// least number of single precision above that.
const COUNTED_E: f32 = 0.1;
/// Less readout noise than this needs no smoothing, e.
const LEAST_NOISE_E: f64 = 0.1;
/// Columns that a thread smooths in one go.
const COLUMNS: usize = 32;

/// The smoothest image that differs from `observed` by readout noise: columns of `rows` pixels, one after the other. Pixels
/// are drawn in small steps towards their neighbours in the column, where these are not far beyond the noise, and back
/// towards themselves and the mean around them, until what was taken out has the size of `readnoise_e` (ACS ISR 2018-04).
/// Returns the image and the number of steps. Samples have to be finite.
pub(super) fn smooth(observed: &[f32], rows: usize, readnoise_e: f64) -> (Vec<f32>, usize) {
    let mut smoothed = observed.to_vec();
    if readnoise_e < LEAST_NOISE_E || rows == 0 {
        return (smoothed, 0);
    }
    let mut next = vec![0.0; observed.len()];
    for step in 1..=STEPS {
        let parts = next.par_chunks_mut(COLUMNS * rows).enumerate();
        let removed: Vec<Removed> = parts
            .map_init(Residuals::default, |residuals, (part, next)| {
                on_lanes(StepPart {
                    residuals,
                    images: [observed, &smoothed],
                    rows,
                    first: part * COLUMNS,
                    readnoise_e,
                    next,
                })
            })
            .collect();
        std::mem::swap(&mut smoothed, &mut next);
        let total = removed.into_iter().fold(Removed::default(), Removed::plus);
        let rms = (total.squares / total.count).sqrt();
        if readnoise_e - rms < CLOSE_E || total.count == 0.0 {
            return (smoothed, step);
        }
    }
    (smoothed, STEPS)
}

/// What was taken out of some pixels.
#[derive(Debug, Clone, Copy, Default)]
struct Removed {
    squares: f64,
    count: f64,
}

impl Removed {
    fn plus(self, other: Self) -> Self {
        Self {
            squares: self.squares + other.squares,
            count: self.count + other.count,
        }
    }
}

/// What has been taken out of three neighbouring columns so far.
#[derive(Debug, Default)]
struct Residuals {
    columns: [Vec<f64>; 3],
}

/// One step for the columns from `first` on that `next` has room for.
struct StepPart<'a> {
    residuals: &'a mut Residuals,
    images: [&'a [f32]; 2],
    rows: usize,
    first: usize,
    readnoise_e: f64,
    next: &'a mut [f32],
}

impl Lane for StepPart<'_> {
    type Output = Removed;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Removed {
        step_part(lanes, self)
    }
}

#[inline(always)]
fn step_part<L: Lanes>(lanes: L, part: StepPart) -> Removed {
    let StepPart {
        residuals,
        images,
        rows,
        first,
        readnoise_e,
        next,
    } = part;
    let columns = images[0].len() / rows;
    let pull = Pull::new(lanes, readnoise_e);
    let of_column = |column: usize| images.map(|image| &image[column * rows..(column + 1) * rows]);
    let fill = |residual: &mut Vec<f64>, column: usize| {
        let [observed, smoothed] = of_column(column);
        residual.resize(rows, 0.0);
        for ((residual, observed), smoothed) in residual.iter_mut().zip(observed).zip(smoothed) {
            *residual = f64::from(*observed) - f64::from(*smoothed);
        }
    };
    let mut removed = Removed::default();
    for (column, next) in (first..).zip(next.chunks_exact_mut(rows)) {
        for around in column.saturating_sub(1)..(column + 2).min(columns) {
            // Those of the column before have been made already.
            if column == first || around == column + 1 {
                fill(&mut residuals.columns[around % 3], around);
            }
        }
        let inside = column > 0 && column + 1 < columns;
        let [observed, smoothed] = of_column(column);
        let here = &residuals.columns[column % 3];
        let around = inside.then(|| {
            [
                here.as_slice(),
                &residuals.columns[(column + 2) % 3],
                &residuals.columns[(column + 1) % 3],
            ]
        });
        pull.column([observed, smoothed], here, around, next);
        removed = removed.plus(count_removed(lanes, observed, next));
    }
    removed
}

/// The strengths by which a pixel is drawn.
struct Pull<L> {
    lanes: L,
    reach: f64,
    variance4: f64,
    variance18: f64,
}

impl<L: Lanes> Pull<L> {
    #[inline(always)]
    fn new(lanes: L, readnoise_e: f64) -> Self {
        let variance = readnoise_e * readnoise_e;
        Self {
            lanes,
            reach: readnoise_e * REACH,
            variance4: 4.0 * variance,
            variance18: 18.0 * variance,
        }
    }

    /// One step for one column; `around` has the residuals of the column, the one before and the one after.
    #[inline(always)]
    fn column(
        &self,
        [observed, smoothed]: [&[f32]; 2],
        here: &[f64],
        around: Option<[&[f64]; 3]>,
        next: &mut [f32],
    ) {
        let rows = observed.len();
        let value = |row: usize| f64::from(smoothed[row]);
        if rows < 3 {
            for row in 0..rows {
                let neighbour = |other: Option<usize>| other.map_or(0.0, |other| value(other) - value(row));
                let neighbours = [
                    neighbour(row.checked_sub(1)),
                    neighbour(Some(row + 1).filter(|r| *r < rows)),
                ];
                next[row] = self.moved(value(row), here[row], 0.0, neighbours);
            }
            return;
        }
        let last = rows - 1;
        next[0] = self.moved(value(0), here[0], 0.0, [0.0, value(1) - value(0)]);
        next[last] = self.moved(value(last), here[last], 0.0, [value(last - 1) - value(last), 0.0]);
        match around {
            Some(columns) => self.inner::<true>(smoothed, here, columns, next),
            None => self.inner::<false>(smoothed, here, [here; 3], next),
        }
    }

    /// As [`Pull::column`], of the pixels that have two neighbours in the column.
    #[inline(always)]
    fn inner<const AROUND: bool>(
        &self,
        smoothed: &[f32],
        here: &[f64],
        around: [&[f64]; 3],
        next: &mut [f32],
    ) {
        let rows = smoothed.len() - 2;
        let [first, before, after] = around.map(|column| [0, 1, 2].map(|from| &column[from..from + rows]));
        let [below, value, above] = [0, 1, 2].map(|from| &smoothed[from..from + rows]);
        let here = &here[1..=rows];
        let next = &mut next[1..=rows];
        for row in 0..rows {
            let mean = if AROUND {
                let sum = first[0][row] + first[1][row] + first[2][row];
                let sum = sum + before[0][row] + before[1][row] + before[2][row];
                self.lanes
                    .ninth(sum + after[0][row] + after[1][row] + after[2][row])
            } else {
                0.0
            };
            let value = f64::from(value[row]);
            let neighbours = [f64::from(below[row]) - value, f64::from(above[row]) - value];
            next[row] = self.moved(value, here[row], mean, neighbours);
        }
    }

    /// Where a pixel goes.
    #[inline(always)]
    fn moved(&self, value: f64, residual: f64, mean: f64, neighbours: [f64; 2]) -> f32 {
        let [below, above] = neighbours;
        let squares = [residual * residual, mean * mean, below * below, above * above];
        let (near, around) = (self.variance4, self.variance18);
        let shares = self.lanes.quotients(
            [squares[0], squares[1], near, near],
            [
                squares[0] + near,
                squares[1] + around,
                squares[2] + near,
                squares[3] + near,
            ],
        );
        let own = clip(residual, 1.0) * shares[0];
        let sum = clip(mean, self.reach) * shares[1];
        let below = clip(below, self.reach) * shares[2];
        let above = clip(above, self.reach) * shares[3];
        let adjustment = ((own + sum + below + above) * 0.25) as f32;
        (value + f64::from(adjustment) * STRIDE) as f32
    }
}

#[inline(always)]
fn clip(value: f64, limit: f64) -> f64 {
    let value = if value > limit { limit } else { value };
    if value < -limit { -limit } else { value }
}

/// What has been taken out of a column; eight sums side by side, whatever the processor.
#[inline(always)]
fn count_removed<L: Lanes>(lanes: L, observed: &[f32], smoothed: &[f32]) -> Removed {
    let (observed, rest_observed) = observed.as_chunks::<CHUNK>();
    let (smoothed, rest_smoothed) = smoothed.as_chunks::<CHUNK>();
    let mut sums = Sums::new(lanes);
    for (observed, smoothed) in observed.iter().zip(smoothed) {
        sums.add(observed, smoothed);
    }
    let (mut observed, mut smoothed) = ([0.0; CHUNK], [0.0; CHUNK]);
    observed[..rest_observed.len()].copy_from_slice(rest_observed);
    smoothed[..rest_smoothed.len()].copy_from_slice(rest_smoothed);
    sums.add(&observed, &smoothed);
    Removed {
        squares: lanes.store(sums.squares).into_iter().sum(),
        count: lanes.store(sums.counts).into_iter().sum(),
    }
}

struct Sums<L: Lanes> {
    lanes: L,
    squares: L::Eight,
    counts: L::Eight,
}

impl<L: Lanes> Sums<L> {
    #[inline(always)]
    fn new(lanes: L) -> Self {
        let [squares, counts] = [lanes.splat(0.0); 2];
        Self {
            lanes,
            squares,
            counts,
        }
    }

    /// Eight pixels more: the square of what was taken out of each, and 1, where it counts.
    #[inline(always)]
    fn add(&mut self, observed: &[f32; CHUNK], smoothed: &[f32; CHUNK]) {
        let lanes = self.lanes;
        let greatest: [f32; CHUNK] = std::array::from_fn(|lane| {
            let (a, b) = (observed[lane].abs(), smoothed[lane].abs());
            if a > b { a } else { b }
        });
        let residuals: [f32; CHUNK] = std::array::from_fn(|lane| observed[lane] - smoothed[lane]);
        let greatest = lanes.load(&std::array::from_fn(|lane| f64::from(greatest[lane])));
        let residuals = lanes.load(&std::array::from_fn(|lane| f64::from(residuals[lane])));
        let counted = lanes.at_least(greatest, lanes.splat(f64::from(COUNTED_E)));
        let squares = lanes.only(counted, lanes.mul(residuals, residuals));
        self.squares = lanes.add(self.squares, squares);
        self.counts = lanes.add(self.counts, lanes.only(counted, lanes.splat(1.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::{Instructions, on_lanes_within, uniform};
    use super::{Residuals, StepPart, smooth};

    #[test]
    fn a_step_has_the_same_bits_on_all_lanes() {
        let mut random = uniform(7);
        for (rows, columns) in [(1, 3), (2, 3), (3, 3), (17, 2), (100, 5)] {
            let mut image = || -> Vec<f32> {
                let samples =
                    (0..rows * columns).map(|_| (60.0 * random() - 5.0 + 900.0 * random().powi(30)) as f32);
                samples.collect()
            };
            let (observed, smoothed) = (image(), image());
            let [plain, others @ ..] = Instructions::ALL.map(|fastest| {
                let mut next = vec![0.0; observed.len()];
                let part = StepPart {
                    residuals: &mut Residuals::default(),
                    images: [&observed, &smoothed],
                    rows,
                    first: 0,
                    readnoise_e: 4.5,
                    next: &mut next,
                };
                let removed = on_lanes_within(fastest, part);
                let bits: Vec<u32> = next.iter().map(|sample| sample.to_bits()).collect();
                (bits, removed.squares.to_bits(), removed.count.to_bits())
            });
            assert!(
                others.iter().all(|other| *other == plain),
                "{rows} rows of {columns} columns"
            );
        }
    }

    #[test]
    fn noise_of_its_size_is_taken_out_and_stars_are_left() {
        let rows = 200;
        let mut state = 5u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / (1u64 << 31) as f64 - 0.5
        };
        // The sum of twelve uniform numbers has a standard deviation of 1.
        let mut noisy = || (0..12).map(|_| random()).sum::<f64>() * 5.0 + 50.0;
        let mut observed: Vec<f32> = (0..rows * 60).map(|_| noisy() as f32).collect();
        let star = 30 * rows + 100;
        observed[star] = 5000.0;
        let (smoothed, steps) = smooth(&observed, rows, 4.0);
        assert!((2..100).contains(&steps), "{steps}");
        let squares = observed
            .iter()
            .zip(&smoothed)
            .map(|(a, b)| f64::from(a - b).powi(2));
        let rms = (squares.sum::<f64>() / observed.len() as f64).sqrt();
        assert!((3.99..4.4).contains(&rms), "{rms}");
        assert!((smoothed[star] - 5000.0).abs() < 3.0);
    }

    #[test]
    fn what_is_smooth_or_without_noise_stays() {
        let flat = vec![20.0f32; 300];
        assert_eq!(smooth(&flat, 30, 5.0).0, flat);
        let rough: Vec<f32> = (0..300).map(|i| (i % 7) as f32).collect();
        assert_eq!(smooth(&rough, 30, 0.05), (rough.clone(), 0));
        for rows in [1, 2, 3, 300] {
            assert_eq!(smooth(&rough, rows, 2.0).0.len(), 300);
        }
        assert!(smooth(&[], 0, 5.0).0.is_empty());
    }
}
