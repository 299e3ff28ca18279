//! One exposure's part of a block of rows, and which of its pixels are rejected in each iteration.

use super::terms::{Disc, Terms};
use super::{Hits, Member};
use crate::steps::widest;
use crate::{Error, Result};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// State of a pixel: its DQ, or one of these, which bear the values of DQ bits that they stand in for. A DQ that is
/// one of these values by itself counts as that state.
pub(super) const SPILL: u16 = 2;
pub(super) const EXCLUDED: u16 = 4;
pub(super) const HIT: u16 = 8;
/// A pixel that is not finite: left out of all sums. It is NaN, so that it exceeds no threshold.
const LOST: u16 = HIT | EXCLUDED;
/// DQ bit of a pixel whose data were lost.
const DATA_LOST: u16 = 1;

/// Samples that are looked at together for one that exceeds its threshold.
const TOGETHER: usize = 32;

/// An exposure, of which one chip is combined.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub member: &'a dyn Member,
    pub imset: usize,
    /// What it weighs by, s; above 0.
    pub seconds: f32,
    /// Its sky, e.
    pub sky: f32,
}

/// The rows of the block that are being worked on, of one exposure.
pub(super) struct Layer<'a> {
    input: Input<'a>,
    nx: usize,
    /// Counts above the sky per second; NaN where SCI or ERR is not finite.
    pub rate: Vec<f32>,
    pub err: Cow<'a, [f32]>,
    pub dq: Vec<u16>,
    /// State of each pixel in this iteration.
    pub state: Vec<u16>,
    /// Pixels of the block whose state is not that of their DQ alone, in this iteration, and in the one before.
    changed: Vec<u32>,
    changed_before: Vec<u32>,
    /// Columns of each row whose pixels exceed their thresholds, excluded or not.
    candidates: Vec<Vec<u32>>,
    /// Columns of each row that were hit.
    hits: Vec<Vec<u32>>,
    /// For each iteration the hits of the rows before the block, the nearest last.
    carried: Vec<Vec<Vec<u32>>>,
    /// Pixels so far whose SCI or ERR is not finite.
    pub lost: usize,
}

/// One iteration over a block.
pub(super) struct Iteration<'a> {
    /// Position among the iterations, and whether it is the last.
    pub index: usize,
    pub last: bool,
    pub terms: Terms,
    pub disc: &'a Disc,
    /// DQ bits that exclude a pixel.
    pub bad: u16,
    /// What exposures are compared with, e/s.
    pub average: &'a [f32],
    /// Time that the shutter's shading adds, s, of each pixel of the block.
    pub shading: Option<&'a [f32]>,
}

impl<'a> Layer<'a> {
    pub fn new(input: Input<'a>, nx: usize, iterations: usize) -> Self {
        Self {
            input,
            nx,
            rate: Vec::new(),
            err: Cow::Borrowed(&[]),
            dq: Vec::new(),
            state: Vec::new(),
            changed: Vec::new(),
            changed_before: Vec::new(),
            candidates: Vec::new(),
            hits: Vec::new(),
            carried: vec![Vec::new(); iterations],
            lost: 0,
        }
    }

    pub fn seconds(&self) -> f32 {
        self.input.seconds
    }

    /// Pixels of the block whose state may differ from that of the iteration before.
    pub fn changed(&self) -> impl Iterator<Item = usize> {
        let both = self.changed_before.iter().chain(&self.changed);
        both.map(|&at| at as usize)
    }

    /// Reads the rows of the next block.
    pub fn read(&mut self, rows: Range<usize>) -> Result<()> {
        let Input {
            member,
            imset,
            seconds,
            sky,
        } = self.input;
        let count = rows.len() * self.nx;
        let sci = member.sci(imset, rows.clone())?;
        let dq = member.dq(imset, rows.clone())?;
        self.err = member.err(imset, rows.clone())?;
        for found in [sci.len(), dq.len(), self.err.len()] {
            if found != count {
                return Err(Error::Shape {
                    what: format!("a block of rows of {}", member.name()),
                    expected: (rows.len(), self.nx),
                    found: (found / self.nx.max(1), self.nx),
                });
            }
        }
        self.rate.resize(count, 0.0);
        self.dq.clear();
        self.dq.extend_from_slice(&dq);
        self.state.resize(count, 0);
        self.candidates.resize(rows.len(), Vec::new());
        self.hits.resize(rows.len(), Vec::new());
        let nx = self.nx.max(1);
        let samples = sci.par_chunks(nx).zip(self.err.par_chunks(nx));
        let lost = samples
            .zip(self.rate.par_chunks_mut(nx).zip(self.dq.par_chunks_mut(nx)))
            .map(|((sci, err), (rate, dq))| rates((sci, err), (sky, seconds), rate, dq));
        self.lost += lost.sum::<usize>();
        Ok(())
    }

    /// Finds the pixels that are rejected; `hits` gets them in the last iteration.
    pub fn reject(&mut self, iteration: &Iteration, hits: &mut Hits, rows: Range<usize>) {
        self.compare(iteration);
        self.resolve(iteration);
        if iteration.last {
            hits.rows_mut(rows)
                .zip(self.state.chunks(self.nx))
                .for_each(|(words, states)| pack(states, words));
        }
        self.carry(iteration);
    }

    /// Sets the states that DQ alone gives, and lists the pixels above their thresholds.
    fn compare(&mut self, iteration: &Iteration) {
        let nx = self.nx;
        let (rate, err, dq) = (&self.rate, &self.err, &self.dq);
        std::mem::swap(&mut self.changed, &mut self.changed_before);
        self.changed.clear();
        let is_first = iteration.index == 0;
        if is_first {
            self.changed_before.clear();
        }
        for &at in &self.changed_before {
            let at = at as usize;
            self.state[at] = state_of(dq[at], rate[at], iteration.bad);
        }
        self.state
            .par_chunks_mut(nx)
            .zip(self.candidates.par_iter_mut())
            .enumerate()
            .for_each(|(row, (states, candidates))| {
                let pixels = row * nx..(row + 1) * nx;
                if is_first {
                    exclude(&dq[pixels.clone()], &rate[pixels.clone()], iteration.bad, states);
                }
                let row = Row {
                    rate: &rate[pixels.clone()],
                    err: &err[pixels.clone()],
                    average: &iteration.average[pixels.clone()],
                    shading: iteration.shading.map(|shading| &shading[pixels]),
                };
                candidates.clear();
                widest(
                    #[inline(always)]
                    || row.candidates(iteration.terms, candidates),
                );
            });
    }

    /// Goes through the candidates in the order of the rows: a pixel that is not excluded is hit, and its neighbours to
    /// both sides and above spill. A neighbour is no longer excluded then, and may be hit in its turn; rows below are
    /// done with already.
    fn resolve(&mut self, iteration: &Iteration) {
        for row in 0..self.candidates.len() {
            self.spill_from_below(iteration, row);
            let pixels = row * self.nx..(row + 1) * self.nx;
            let first = pixels.start;
            let (rate, err) = (&self.rate[pixels.clone()], &self.err[pixels.clone()]);
            let average = &iteration.average[pixels.clone()];
            let states = &mut self.state[pixels];
            let hits = &mut self.hits[row];
            hits.clear();
            for &x in &self.candidates[row] {
                if states[x as usize] == EXCLUDED {
                    continue;
                }
                states[x as usize] = HIT;
                hits.push(x);
                self.changed.push(first as u32 + x);
                for x in iteration.disc.columns(x as usize, 0, self.nx) {
                    if states[x] != HIT && iteration.terms.spreads(rate[x], average[x], err[x]) {
                        states[x] = SPILL;
                        self.changed.push((first + x) as u32);
                    }
                }
            }
        }
    }

    /// Spills what was hit in the rows below.
    fn spill_from_below(&mut self, iteration: &Iteration, row: usize) {
        let carried = &self.carried[iteration.index];
        for dy in 1..=iteration.disc.rows() {
            let hits = match row.checked_sub(dy) {
                Some(below) => &self.hits[below],
                None => match carried.len().checked_sub(dy - row) {
                    Some(at) => &carried[at],
                    None => return,
                },
            };
            for &hit in hits {
                for x in iteration.disc.columns(hit as usize, dy, self.nx) {
                    let at = row * self.nx + x;
                    let (rate, average, err) = (self.rate[at], iteration.average[at], self.err[at]);
                    if self.dq[at] != HIT && iteration.terms.spreads(rate, average, err) {
                        self.state[at] = SPILL;
                        self.changed.push(at as u32);
                        if iteration.last {
                            // From here on its DQ is that of a spilled pixel, which the product does not have.
                            self.dq[at] = 0;
                        }
                    }
                }
            }
        }
    }

    /// Keeps the hits of the last rows for the next block.
    fn carry(&mut self, iteration: &Iteration) {
        let carried = &mut self.carried[iteration.index];
        let rows = iteration.disc.rows();
        let keep = self.hits.len().min(rows);
        carried.extend(self.hits[self.hits.len() - keep..].iter().cloned());
        carried.drain(..carried.len().saturating_sub(rows));
    }
}

/// Counts above the sky per second; what is not finite is NaN, is flagged, and is counted.
fn rates(
    (sci, err): (&[f32], &[f32]),
    (sky, seconds): (f32, f32),
    rate: &mut [f32],
    dq: &mut [u16],
) -> usize {
    let is_lost = |sci: f32, err: f32| !sci.is_finite() | !err.is_finite();
    let any = widest(
        #[inline(always)]
        || {
            let mut any = 0u32;
            for (rate, (&value, &err)) in rate.iter_mut().zip(sci.iter().zip(err)) {
                *rate = (value - sky) / seconds;
                any |= u32::from(is_lost(value, err));
            }
            any
        },
    );
    if any == 0 {
        return 0;
    }
    let mut lost = 0;
    for ((rate, dq), (&value, &err)) in rate.iter_mut().zip(dq).zip(sci.iter().zip(err)) {
        if is_lost(value, err) {
            (*rate, *dq) = (f32::NAN, *dq | DATA_LOST);
            lost += 1;
        }
    }
    lost
}

/// The state that its DQ alone gives a pixel.
#[inline(always)]
fn state_of(dq: u16, rate: f32, bad: u16) -> u16 {
    let excluded = (dq & bad != 0) & (dq != SPILL);
    let of_dq = if excluded { EXCLUDED } else { dq };
    if rate.is_nan() { LOST } else { of_dq }
}

fn exclude(dq: &[u16], rate: &[f32], bad: u16, states: &mut [u16]) {
    widest(
        #[inline(always)]
        || {
            for ((state, &dq), &rate) in states.iter_mut().zip(dq).zip(rate) {
                *state = state_of(dq, rate, bad);
            }
        },
    );
}

/// One bit for each pixel that was hit or spilled.
fn pack(states: &[u16], words: &mut [u64]) {
    for (word, states) in words.iter_mut().zip(states.chunks(64)) {
        let bit = |(x, &state): (usize, &u16)| u64::from(state == HIT || state == SPILL) << x;
        *word = states.iter().enumerate().map(bit).fold(0, |word, bit| word | bit);
    }
}

/// One row of an exposure, and what it is compared with.
struct Row<'a> {
    rate: &'a [f32],
    err: &'a [f32],
    average: &'a [f32],
    shading: Option<&'a [f32]>,
}

impl Row<'_> {
    /// Lists the pixels above their thresholds. They are few: several together are first asked whether any is.
    #[inline(always)]
    fn candidates(&self, terms: Terms, found: &mut Vec<u32>) {
        if let Some(shading) = self.shading {
            let per_second = (1.0 / f64::from(terms.seconds)) as f32;
            let exceeds = |x: usize| {
                let factor = shading[x] * per_second + 1.0;
                terms.exceeds(self.rate[x], self.average[x], self.err[x], factor)
            };
            found.extend((0..self.rate.len()).filter(|&x| exceeds(x)).map(|x| x as u32));
            return;
        }
        let chunks = self.rate.chunks(TOGETHER).zip(self.average.chunks(TOGETHER));
        for (chunk, ((rate, average), err)) in chunks.zip(self.err.chunks(TOGETHER)).enumerate() {
            let samples = || rate.iter().zip(average).zip(err);
            let exceeds =
                |((&rate, &average), &err): ((&f32, &f32), &f32)| terms.exceeds(rate, average, err, 1.0);
            if samples().fold(0u32, |any, sample| any | u32::from(exceeds(sample))) == 0 {
                continue;
            }
            let first = (chunk * TOGETHER) as u32;
            let above = (0u32..).zip(samples()).filter(|&(_, sample)| exceeds(sample));
            found.extend(above.map(|(x, _)| first + x));
        }
    }
}
