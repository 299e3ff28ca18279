//! Tiles of rows, each combined on its own.
//!
//! What becomes of a row depends on the rows as far away as a rejection spreads, once for each iteration: a tile is
//! combined with so many rows about it, whose result is dropped. So memory does not grow with the number of rows, and
//! little with that of parts, for tiles are lower the more parts there are.

use super::limits::{HIT, Limits, OK, SPILL, Spread, exclude, reject};
use super::parts::{Part, Parts, Weight};
use super::rates::{gather, lower, per_second};
use super::{Hits, InitialGuess, REJECTED, RejectionParameters};
use crate::Result;
use crate::acs::acsrej::empty_frame;
use crate::steps::rows::RowMut;
use crate::steps::widest;
use firstlight_frame::Frame;
use firstlight_stats::stack::{Combine, Empty, Layer, StackOptions, stack_row};
use rayon::prelude::*;
use std::ops::Range;

/// Bytes that a tile may take, of all parts together.
const TILE_BYTES: usize = 32 << 20;
/// Rows of a tile, at least and at most.
const ROWS: (usize, usize) = (4, 64);
/// Rows about a tile where pixels are excluded: a rejection that spreads makes of an excluded pixel one that may be
/// rejected itself, and so may go on from row to row.
const EXCLUDED_ROWS: usize = 32;
/// Pixels that are counted at a time.
const ROUND: usize = 1 << 12;

/// The image of all parts together, DN, and what was rejected.
pub(crate) struct Combined {
    pub frame: Frame,
    /// For each part the rejected pixels; empty where they were not asked for.
    pub hits: Vec<Hits>,
    /// For each part how many.
    pub rejected: Vec<usize>,
    /// Sky of all parts together, DN.
    pub sky_dn: f32,
}

impl Combined {
    /// Rejected pixels per second; 0 for bias frames.
    pub fn rej_rate(&self, exptime_s: f32) -> f32 {
        let rejected: usize = self.rejected.iter().sum();
        if exptime_s > 0.0 {
            rejected as f32 / exptime_s
        } else {
            0.0
        }
    }
}

/// Combines parts. With `with_hits` it is kept which pixels of each part were rejected, one bit each.
pub(crate) fn combine(
    parts: &impl Parts,
    weights: &[Weight],
    parameters: &RejectionParameters,
    with_hits: bool,
) -> Result<Combined> {
    let (ny, nx) = parts.shape();
    let add = |of: fn(&Weight) -> f32| weights.iter().fold(0.0f32, |sum, part| sum + of(part));
    let (seconds, sky_dn) = (add(|part| part.seconds), add(|part| part.sky));
    let combination = Combination {
        parts,
        weights,
        parameters,
        spread: Spread::of(parameters),
        with_hits,
    };
    let rows = combination.rows_of_a_tile();
    let mut frame = empty_frame((ny, nx));
    let sci = frame.sci.as_mut_slice().par_chunks_mut(rows * nx);
    let err = frame.err.as_mut_slice().par_chunks_mut(rows * nx);
    let dq = frame.dq.as_mut_slice().par_chunks_mut(rows * nx);
    let tiles = sci
        .zip(err)
        .zip(dq)
        .enumerate()
        .map_init(Tile::default, |tile, (at, ((sci, err), dq))| {
            let first = at * rows;
            tile.begin(&combination, first..first + sci.len() / nx)?;
            for iteration in 0..parameters.sigmas.len() {
                tile.iterate(&combination, iteration);
            }
            let out = RowMut { sci, err, dq };
            Ok(tile.finish(out, (seconds, sky_dn)))
        });
    let found: Vec<Vec<Vec<u64>>> = tiles.collect::<Result<_>>()?;
    let mut hits = vec![Hits::none(0, 0); weights.len()];
    let mut rejected = vec![0; weights.len()];
    if with_hits {
        hits.fill(Hits::none(ny, nx));
    }
    for (at, of_tile) in found.into_iter().enumerate() {
        for ((words, hits), rejected) in of_tile.into_iter().zip(&mut hits).zip(&mut rejected) {
            if !with_hits {
                *rejected += words.first().copied().unwrap_or(0) as usize;
                continue;
            }
            *rejected += words.iter().map(|word| word.count_ones() as usize).sum::<usize>();
            let of_row = nx.div_ceil(64);
            let lines = hits.rows_mut(at * rows..ny.min((at + 1) * rows));
            lines
                .zip(words.chunks(of_row))
                .for_each(|(to, from)| to.copy_from_slice(from));
        }
    }
    Ok(Combined {
        frame,
        hits: if with_hits { hits } else { Vec::new() },
        rejected,
        sky_dn,
    })
}

struct Combination<'a, P> {
    parts: &'a P,
    weights: &'a [Weight],
    parameters: &'a RejectionParameters,
    spread: Spread,
    with_hits: bool,
}

impl<P: Parts> Combination<'_, P> {
    /// Rows about a tile that its own depend on.
    fn margin(&self) -> usize {
        let spread = self.spread.width * self.parameters.sigmas.len();
        match self.parameters.badinpdq {
            0 => spread,
            _ => spread + EXCLUDED_ROWS,
        }
    }

    fn rows_of_a_tile(&self) -> usize {
        let row = self.weights.len() * self.parts.shape().1 * size_of::<f32>();
        let rows = TILE_BYTES / row.max(1);
        rows.saturating_sub(2 * self.margin()).clamp(ROWS.0, ROWS.1)
    }

    fn scale(&self) -> f32 {
        (f64::from(self.parameters.scalense) / 100.0) as f32
    }
}

/// A tile, with the rows about it, on its way through the iterations.
#[derive(Default)]
struct Tile {
    /// The rows of the tile among those in memory.
    own: Range<usize>,
    /// The image's row that is the first in memory.
    first: usize,
    nx: usize,
    /// For each part its counts above the sky per second; NaN where they are lost.
    rate: Vec<Vec<f32>>,
    /// For each part whether its DQ excludes a pixel; empty where no bit does.
    bad: Vec<Vec<bool>>,
    /// DQ of the part that is being read, and of all parts together.
    part_dq: Vec<u16>,
    dq: Vec<u16>,
    /// State of the pixels of the part that is being worked on, and memory to find it.
    state: Vec<u8>,
    may: Vec<u8>,
    /// What parts are compared with, DN/s.
    average: Vec<f32>,
    /// Variance of the first guess, (DN/s)²; of the minimum alone.
    guessed: Vec<f32>,
    sum: Vec<f32>,
    seconds: Vec<f32>,
    variance: Vec<f32>,
    /// Of the last iteration: whether any part was left, and for each part the states of the tile's own rows.
    is_left: Vec<bool>,
    hits: Vec<Vec<u64>>,
}

impl Tile {
    /// Reads the rows and makes the first guess.
    fn begin<P: Parts>(&mut self, combination: &Combination<'_, P>, rows: Range<usize>) -> Result<()> {
        let (ny, nx) = combination.parts.shape();
        let margin = combination.margin();
        let all = rows.start.saturating_sub(margin)..(rows.end + margin).min(ny);
        self.resize(combination, all.len() * nx);
        self.own = rows.start - all.start..rows.end - all.start;
        self.first = all.start;
        self.nx = nx;
        let is_minimum = combination.parameters.initgues == InitialGuess::Minimum;
        self.average.fill(f32::NAN);
        self.dq.fill(0);
        for (at, part) in combination.weights.iter().enumerate() {
            let rate = &mut self.rate[at];
            combination.parts.read(at, all.clone(), rate, &mut self.part_dq)?;
            gather(rate, &self.part_dq, &mut self.dq);
            for (is_bad, bits) in self.bad[at].iter_mut().zip(&self.part_dq) {
                *is_bad = bits & combination.parameters.badinpdq != 0;
            }
            if is_minimum {
                let scale = combination.scale();
                for (run, of_run) in part.runs(all.start, nx, rate.len()) {
                    let average = &mut self.average[run.clone()];
                    let guessed = &mut self.guessed[run.clone()];
                    lower(&of_run, scale, &rate[run], (average, guessed));
                }
            }
            per_second(part, rate);
        }
        if !is_minimum {
            self.take_median();
        }
        Ok(())
    }

    fn resize<P: Parts>(&mut self, combination: &Combination<'_, P>, pixels: usize) {
        for samples in [
            &mut self.average,
            &mut self.guessed,
            &mut self.sum,
            &mut self.seconds,
            &mut self.variance,
        ] {
            samples.resize(pixels, 0.0);
        }
        for bits in [&mut self.part_dq, &mut self.dq] {
            bits.resize(pixels, 0);
        }
        for states in [&mut self.state, &mut self.may] {
            states.resize(pixels, OK);
        }
        let parts = combination.weights.len();
        self.rate.resize_with(parts, Vec::new);
        self.rate.iter_mut().for_each(|rate| rate.resize(pixels, 0.0));
        self.bad.resize_with(parts, Vec::new);
        if combination.parameters.badinpdq != 0 {
            self.bad.iter_mut().for_each(|bad| bad.resize(pixels, false));
        }
    }

    /// The median of each pixel's rates that are not lost; 0 where there is none.
    fn take_median(&mut self) {
        let options = StackOptions {
            empty: Empty::Value(0.0),
            ..StackOptions::new(Combine::Median)
        };
        for (y, average) in self.average.chunks_mut(self.nx.max(1)).enumerate() {
            let row = y * self.nx..(y + 1) * self.nx;
            let rates = self.rate.iter().map(|rate| Layer::unweighted(&rate[row.clone()]));
            let rates: Vec<Layer<'_>> = rates.collect();
            if stack_row(&rates, &options, average).is_err() {
                // Without any part.
                average.fill(0.0);
            }
        }
    }

    /// Rejects pixels of each part by the average so far, and averages what is left.
    fn iterate<P: Parts>(&mut self, combination: &Combination<'_, P>, iteration: usize) {
        let parameters = combination.parameters;
        let is_last = iteration + 1 == parameters.sigmas.len();
        let by_guess = iteration == 0 && parameters.initgues == InitialGuess::Minimum;
        self.sum.fill(0.0);
        self.seconds.fill(0.0);
        self.variance.fill(0.0);
        self.hits.clear();
        self.is_left.clear();
        self.is_left.resize(self.own.len() * self.nx, false);
        for (at, part) in combination.weights.iter().enumerate() {
            let limits = Limits {
                weight: *part,
                first: self.first,
                nx: self.nx,
                sigma2: parameters.sigmas[iteration] * parameters.sigmas[iteration],
                scale: combination.scale(),
                guessed: by_guess.then_some(&self.guessed[..]),
                average: &self.average,
                rate: &self.rate[at],
            };
            exclude(&self.bad[at], limits.rate, &mut self.state);
            reject(&limits, &combination.spread, &mut self.state, &mut self.may);
            self.add(at, part, combination.scale(), is_last);
            if is_last {
                self.keep(combination.with_hits);
            }
        }
        for ((average, &sum), &seconds) in self.average.iter_mut().zip(&self.sum).zip(&self.seconds) {
            if seconds > 0.0 {
                *average = sum / seconds;
            } else if is_last {
                *average = 0.0;
            }
        }
    }

    /// Adds the counts of a part that are left; in the last iteration their variance too.
    fn add(&mut self, at: usize, part: &Weight, scale: f32, is_last: bool) {
        let seconds = part.seconds;
        let rates = self.rate[at].iter().zip(&self.state);
        let sums = self.sum.iter_mut().zip(&mut self.seconds);
        widest(
            #[inline(always)]
            || {
                for ((&rate, &state), (sum, weight)) in rates.zip(sums) {
                    let is_left = state == OK;
                    *sum += if is_left { rate * seconds } else { 0.0 };
                    *weight += if is_left { seconds } else { 0.0 };
                }
            },
        );
        if !is_last {
            return;
        }
        for (run, of_run) in part.runs(self.first, self.nx, self.variance.len()) {
            let (rate, state) = (&self.rate[at][run.clone()], &self.state[run.clone()]);
            add_variance(&of_run, scale, (rate, state), &mut self.variance[run]);
        }
    }

    /// Keeps which of a part's own pixels were rejected, or how many. Excluded ones were not.
    fn keep(&mut self, with_hits: bool) {
        let states = &self.state[self.own.start * self.nx..self.own.end * self.nx];
        let is_rejected = |state: u8| (state == HIT) | (state == SPILL);
        let rejected = widest(
            #[inline(always)]
            || {
                let mut rejected = 0u64;
                for (states, is_left) in states.chunks(ROUND).zip(self.is_left.chunks_mut(ROUND)) {
                    let mut of_round = 0u32;
                    for (&state, is_left) in states.iter().zip(is_left) {
                        *is_left |= !is_rejected(state);
                        of_round += u32::from(is_rejected(state));
                    }
                    rejected += u64::from(of_round);
                }
                rejected
            },
        );
        if !with_hits {
            self.hits.push(vec![rejected]);
            return;
        }
        let bit = |(x, &state): (usize, &u8)| u64::from(is_rejected(state)) << x;
        let pack = |states: &[u8]| states.iter().enumerate().map(bit).fold(0, |word, bit| word | bit);
        let rows = states.chunks(self.nx);
        self.hits
            .push(rows.flat_map(|row| row.chunks(64).map(pack)).collect());
    }

    /// The tile's own rows of the product.
    fn finish(&mut self, out: RowMut<'_>, (exptime_s, sky_dn): (f32, f32)) -> Vec<Vec<u64>> {
        let own = self.own.start * self.nx..self.own.end * self.nx;
        for (sci, &average) in out.sci.iter_mut().zip(&self.average[own.clone()]) {
            *sci = average * exptime_s + sky_dn;
        }
        let spread = self.variance[own.clone()].iter().zip(&self.seconds[own.clone()]);
        for (err, (&variance, &seconds)) in out.err.iter_mut().zip(spread) {
            let rate = match seconds > 0.0 {
                true => (f64::from(variance).sqrt() / f64::from(seconds)) as f32,
                false => 0.0,
            };
            *err = rate * exptime_s;
        }
        for ((out, &bits), &is_left) in out.dq.iter_mut().zip(&self.dq[own]).zip(&self.is_left) {
            *out = if is_left { bits } else { bits | REJECTED };
        }
        std::mem::take(&mut self.hits)
    }
}

/// Adds the variance of a part's counts that are left.
fn add_variance(part: &Part, scale: f32, (rates, states): (&[f32], &[u8]), variance: &mut [f32]) {
    let Part {
        seconds,
        sky,
        noise2,
        gain,
    } = *part;
    let pixels = rates.iter().zip(states).zip(variance);
    widest(
        #[inline(always)]
        || {
            for ((&rate, &state), variance) in pixels {
                let counts = rate * seconds + sky;
                let counts = if counts > 0.0 { counts } else { 0.0 };
                let signal = scale * counts;
                let added = noise2 + counts / gain + signal * signal;
                *variance += if state == OK { added } else { 0.0 };
            }
        },
    );
}
