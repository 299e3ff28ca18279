//! Tiles of rows, each combined on its own.
//!
//! What becomes of a row depends on the rows as far away as a rejection spreads, once for each iteration: a tile is
//! combined with so many rows about it, whose result is dropped. So memory does not grow with the number of rows, and
//! little with that of parts, for tiles are lower the more parts there are.

use super::limits::{HIT, Limits, OK, SPILL, Spread, exclude, reject};
use super::parts::{Part, Parts};
use super::{Hits, InitialGuess, REJECTED, RejectionParameters};
use crate::Result;
use crate::acs::acsrej::empty_frame;
use crate::steps::rows::RowMut;
use crate::steps::widest;
use firstlight_frame::Frame;
use rayon::prelude::*;
use std::ops::Range;

/// Bytes that a tile may take, of all parts together.
const TILE_BYTES: usize = 16 << 20;
/// Bytes of a pixel of one part in a tile: SCI and DQ.
const PIXEL_BYTES: usize = 6;
/// Rows of a tile, at least and at most.
const ROWS: (usize, usize) = (4, 64);
/// Rows about a tile where pixels are excluded: a rejection that spreads makes of an excluded pixel one that may be
/// rejected itself, and so may go on from row to row.
const EXCLUDED_ROWS: usize = 32;
/// DQ bit of a pixel whose data were lost: NaN or infinite.
const DATA_LOST: u16 = 1;

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
    weights: &[Part],
    parameters: &RejectionParameters,
    with_hits: bool,
) -> Result<Combined> {
    let (ny, nx) = parts.shape();
    let add = |of: fn(&Part) -> f32| weights.iter().fold(0.0f32, |sum, part| sum + of(part));
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
    weights: &'a [Part],
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
        let row = self.weights.len() * self.parts.shape().1 * PIXEL_BYTES;
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
    nx: usize,
    /// For each part its counts above the sky per second; NaN where they are lost.
    rate: Vec<Vec<f32>>,
    dq: Vec<Vec<u16>>,
    /// State of the pixels of the part that is being worked on.
    state: Vec<u8>,
    /// What parts are compared with, DN/s.
    average: Vec<f32>,
    /// Variance of the first guess, (DN/s)²; of the minimum alone.
    guessed: Vec<f32>,
    sum: Vec<f32>,
    seconds: Vec<f32>,
    variance: Vec<f32>,
    /// Of the last iteration: DQ of the product, and for each part the states of the tile's own rows.
    bits: Vec<u16>,
    hits: Vec<Vec<u64>>,
}

impl Tile {
    /// Reads the rows and makes the first guess.
    fn begin<P: Parts>(&mut self, combination: &Combination<'_, P>, rows: Range<usize>) -> Result<()> {
        let (ny, nx) = combination.parts.shape();
        let margin = combination.margin();
        let all = rows.start.saturating_sub(margin)..(rows.end + margin).min(ny);
        let pixels = all.len() * nx;
        self.own = rows.start - all.start..rows.end - all.start;
        self.nx = nx;
        self.rate.resize_with(combination.weights.len(), Vec::new);
        self.dq.resize_with(combination.weights.len(), Vec::new);
        for samples in [
            &mut self.average,
            &mut self.guessed,
            &mut self.sum,
            &mut self.seconds,
            &mut self.variance,
        ] {
            samples.resize(pixels, 0.0);
        }
        self.state.resize(pixels, OK);
        let is_minimum = combination.parameters.initgues == InitialGuess::Minimum;
        for (at, part) in combination.weights.iter().enumerate() {
            let (rate, dq) = (&mut self.rate[at], &mut self.dq[at]);
            rate.resize(pixels, 0.0);
            dq.resize(pixels, 0);
            combination.parts.read(at, all.clone(), rate, dq)?;
            for (sample, bits) in rate.iter().zip(dq.iter_mut()) {
                *bits |= if sample.is_finite() { 0 } else { DATA_LOST };
            }
            if is_minimum {
                if at == 0 {
                    self.average.fill(f32::NAN);
                }
                let scale = combination.scale();
                lower(part, scale, rate, &mut self.average, &mut self.guessed);
            }
            for sample in rate.iter_mut() {
                let above = (*sample - part.sky) / part.seconds;
                *sample = if above.is_finite() { above } else { f32::NAN };
            }
        }
        if !is_minimum {
            self.take_median();
        }
        Ok(())
    }

    fn take_median(&mut self) {
        let mut samples = Vec::with_capacity(self.rate.len());
        for (at, average) in self.average.iter_mut().enumerate() {
            samples.clear();
            samples.extend(
                self.rate
                    .iter()
                    .map(|rate| rate[at])
                    .filter(|rate| !rate.is_nan()),
            );
            samples.sort_by(f32::total_cmp);
            let middle = samples.len() / 2;
            *average = match samples.len() {
                0 => 0.0,
                n if n % 2 == 0 => (f64::from(samples[middle - 1] + samples[middle]) / 2.0) as f32,
                _ => samples[middle],
            };
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
        self.bits.clear();
        self.bits.resize(self.own.len() * self.nx, REJECTED);
        for (at, part) in combination.weights.iter().enumerate() {
            let limits = Limits {
                part: *part,
                sigma2: parameters.sigmas[iteration] * parameters.sigmas[iteration],
                scale: combination.scale(),
                guessed: by_guess.then_some(&self.guessed[..]),
                average: &self.average,
                rate: &self.rate[at],
            };
            exclude(&self.dq[at], limits.rate, parameters.badinpdq, &mut self.state);
            reject(&limits, &combination.spread, self.nx, &mut self.state);
            self.add(at, part, combination.scale(), is_last);
            if is_last {
                self.keep(at, combination.with_hits);
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
    fn add(&mut self, at: usize, part: &Part, scale: f32, is_last: bool) {
        let Part {
            seconds,
            sky,
            noise2,
            gain,
        } = *part;
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
        let rates = self.rate[at].iter().zip(&self.state).zip(&mut self.variance);
        widest(
            #[inline(always)]
            || {
                for ((&rate, &state), variance) in rates {
                    let counts = rate * seconds + sky;
                    let counts = if counts > 0.0 { counts } else { 0.0 };
                    let signal = scale * counts;
                    let added = noise2 + counts / gain + signal * signal;
                    *variance += if state == OK { added } else { 0.0 };
                }
            },
        );
    }

    /// Combines the DQ of a part's own rows, and keeps which were rejected, or how many.
    fn keep(&mut self, at: usize, with_hits: bool) {
        let own = self.own.start * self.nx..self.own.end * self.nx;
        let (states, dq) = (&self.state[own.clone()], &self.dq[at][own]);
        let mut rejected = 0;
        for ((bits, &state), &dq) in self.bits.iter_mut().zip(states).zip(dq) {
            let is_rejected = state == HIT || state == SPILL;
            rejected += u64::from(is_rejected);
            let combined = *bits | dq & !REJECTED;
            *bits = if is_rejected {
                combined
            } else {
                combined & !REJECTED
            };
        }
        if !with_hits {
            self.hits.push(vec![rejected]);
            return;
        }
        let bit = |(x, &state): (usize, &u8)| u64::from(state == HIT || state == SPILL) << x;
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
        let spread = self.variance[own.clone()].iter().zip(&self.seconds[own]);
        for (err, (&variance, &seconds)) in out.err.iter_mut().zip(spread) {
            let rate = match seconds > 0.0 {
                true => (f64::from(variance).sqrt() / f64::from(seconds)) as f32,
                false => 0.0,
            };
            *err = rate * exptime_s;
        }
        out.dq.copy_from_slice(&self.bits);
        std::mem::take(&mut self.hits)
    }
}

/// Takes the lower of each finite sample, less its sky, per second, with its variance; an average of NaN is none yet.
fn lower(part: &Part, scale: f32, sci: &[f32], average: &mut [f32], guessed: &mut [f32]) {
    let seconds2 = part.seconds * part.seconds;
    for (&sample, (average, guessed)) in sci.iter().zip(average.iter_mut().zip(guessed)) {
        let above = sample - part.sky;
        let rate = above / part.seconds;
        if !rate.is_finite() || rate >= *average {
            continue;
        }
        let counts = if sample > 0.0 { sample } else { 0.0 };
        let signal = scale * if above > 0.0 { above } else { 0.0 };
        *average = rate;
        *guessed = (part.noise2 + counts / part.gain + signal * signal) / seconds2;
    }
}
