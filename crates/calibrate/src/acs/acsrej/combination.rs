//! One chip of all exposures, combined block by block.
//!
//! Every iteration of a row needs the average that the iteration before left in the same row, and the pixels that were
//! hit in the rows just below. So all iterations go through the rows together, one block after another: each row is
//! read once, and memory does not grow with the number of rows. Within a block rows, and exposures, are worked on in
//! parallel; only the few pixels above their thresholds are gone through in order.

use super::layer::{HIT, Input, Iteration, Layer, SPILL};
use super::options::InitialGuess;
use super::terms::{Disc, Terms};
use super::{Hits, REJECTED, RejectionParameters, guess};
use crate::Result;
use crate::steps::widest;
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;
use std::ops::Range;

/// Bytes that a block of rows may take, of all exposures together: so that it stays in the processor's cache.
const BLOCK_BYTES: usize = 4 << 20;
/// Bytes of a pixel of one exposure in a block.
const PIXEL_BYTES: usize = 16;

/// What is combined, and how.
pub(super) struct Combination<'a> {
    /// The exposures that weigh anything.
    pub inputs: Vec<Input<'a>>,
    pub parameters: &'a RejectionParameters,
    /// Bias and dark frames: bad pixels (DQ bit 4) are combined as any others.
    pub is_calibration: bool,
    /// Time that the shutter's shading adds, s.
    pub shading: Option<&'a Image<f32>>,
    /// Shape of the chip, `(ny, nx)`.
    pub shape: (usize, usize),
}

/// One combined chip.
pub(super) struct Combined {
    /// SCI with the sky of all exposures, and ERR, e.
    pub frame: Frame,
    /// For each input the pixels that were rejected.
    pub hits: Vec<Hits>,
    /// For each input the pixels that are not finite.
    pub lost: Vec<usize>,
    /// Pixels without a good one in any input.
    pub empty: usize,
}

impl Combination<'_> {
    /// Rows of a block.
    fn block_rows(&self) -> usize {
        let row = self.inputs.len() * self.shape.1 * PIXEL_BYTES;
        (BLOCK_BYTES / row.max(1)).clamp(4, 256)
    }

    /// Fills `frame`, which has the shape of the chip.
    pub fn run(&self, frame: Frame) -> Result<Combined> {
        self.run_in_blocks(frame, self.block_rows())
    }

    fn run_in_blocks(&self, frame: Frame, block: usize) -> Result<Combined> {
        let (ny, nx) = self.shape;
        let mut combined = Combined {
            frame,
            hits: self.inputs.iter().map(|_| Hits::none(ny, nx)).collect(),
            lost: Vec::new(),
            empty: 0,
        };
        let iterations = self.parameters.sigmas.len();
        let mut layers: Vec<Layer> = self
            .inputs
            .iter()
            .map(|input| Layer::new(*input, nx, iterations))
            .collect();
        let disc = Disc::new(self.parameters.crradius);
        for from in (0..ny).step_by(block.max(1)) {
            let rows = from..(from + block.max(1)).min(ny);
            layers
                .par_iter_mut()
                .try_for_each(|layer| layer.read(rows.clone()))?;
            self.guess(&layers, &mut combined.frame.sci, rows.clone());
            for index in 0..iterations {
                let last = index + 1 == iterations;
                self.reject(&mut layers, &mut combined, &disc, index, rows.clone());
                if last {
                    combined.empty += self.finish(&layers, &mut combined.frame, rows.clone());
                } else {
                    self.average(&layers, &mut combined.frame.sci, rows.clone());
                }
            }
        }
        combined.lost = layers.iter().map(|layer| layer.lost).collect();
        Ok(combined)
    }

    fn guess(&self, layers: &[Layer], sci: &mut Image<f32>, rows: Range<usize>) {
        let nx = self.shape.1;
        of_rows(sci, rows).enumerate().for_each(|(row, out)| {
            let pixels = row * nx..(row + 1) * nx;
            let rows: Vec<guess::Row> = layers
                .iter()
                .map(|layer| guess::Row {
                    rate: &layer.rate[pixels.clone()],
                    dq: &layer.dq[pixels.clone()],
                })
                .collect();
            match self.parameters.initgues {
                InitialGuess::Median => guess::median(&rows, self.parameters.badinpdq, out),
                InitialGuess::Minimum => guess::minimum(&rows, self.parameters.badinpdq, out),
            }
        });
    }

    fn reject(
        &self,
        layers: &mut [Layer],
        combined: &mut Combined,
        disc: &Disc,
        index: usize,
        rows: Range<usize>,
    ) {
        let parameters = self.parameters;
        let nx = self.shape.1;
        let average = &combined.frame.sci.as_slice()[rows.start * nx..rows.end * nx];
        let shading = self
            .shading
            .map(|image| &image.as_slice()[rows.start * nx..rows.end * nx]);
        layers
            .par_iter_mut()
            .zip(&mut combined.hits)
            .for_each(|(layer, hits)| {
                let iteration = Iteration {
                    index,
                    last: index + 1 == parameters.sigmas.len(),
                    terms: Terms::new(
                        parameters.sigmas[index],
                        parameters.scalense,
                        parameters.crthresh,
                        layer.seconds(),
                    ),
                    disc,
                    bad: self.bad(),
                    average,
                    shading,
                };
                layer.reject(&iteration, hits, rows.clone());
            });
    }

    /// DQ bits that exclude a pixel from the comparison.
    fn bad(&self) -> u16 {
        if self.is_calibration {
            self.parameters.badinpdq & !super::layer::EXCLUDED
        } else {
            self.parameters.badinpdq
        }
    }

    /// States that keep a pixel out of the sums.
    fn left_out(&self) -> u16 {
        let excluded = if self.is_calibration {
            0
        } else {
            super::layer::EXCLUDED
        };
        HIT | SPILL | excluded
    }

    /// The average of the pixels that are not rejected, e/s; where none is left it stays.
    fn average(&self, layers: &[Layer], sci: &mut Image<f32>, rows: Range<usize>) {
        let nx = self.shape.1;
        let first = rows.start;
        of_rows(sci, rows)
            .enumerate()
            .for_each_init(Sums::default, |sums, (row, out)| {
                sums.add(layers, row * nx..(row + 1) * nx, self.left_out());
                let means = sums.counts.iter().zip(&sums.seconds);
                match self.shading {
                    None => {
                        for (out, (&counts, &seconds)) in out.iter_mut().zip(means) {
                            *out = if seconds > 0.0 { counts / seconds } else { *out };
                        }
                    }
                    Some(shading) => {
                        let shading = shading.row(first + row);
                        for ((out, (&counts, &seconds)), &shading) in out.iter_mut().zip(means).zip(shading) {
                            *out = if seconds > 0.0 {
                                counts / seconds / (1.0 + shading / seconds)
                            } else {
                                *out
                            };
                        }
                    }
                }
            });
    }

    /// Makes the product of the last iteration's states: SCI and ERR in e, DQ. Gives the number of pixels without a
    /// single good one.
    fn finish(&self, layers: &[Layer], frame: &mut Frame, rows: Range<usize>) -> usize {
        let nx = self.shape.1;
        self.average(layers, &mut frame.sci, rows.clone());
        let total = self.inputs.iter().fold(0.0f32, |sum, input| sum + input.seconds);
        let sky = self
            .inputs
            .iter()
            .fold(0.0f32, |sum, input| sum + input.sky)
            .max(0.0);
        let (sci, err) = (
            of_rows(&mut frame.sci, rows.clone()),
            of_rows(&mut frame.err, rows.clone()),
        );
        sci.zip(err)
            .zip(of_rows(&mut frame.dq, rows))
            .enumerate()
            .map_init(Sums::default, |sums, (row, ((sci, err), dq))| {
                let pixels = row * nx..(row + 1) * nx;
                sums.add(layers, pixels.clone(), self.left_out());
                let sums = sums.seconds.iter().zip(&sums.variance);
                let mut empty = 0;
                for ((sci, err), (&seconds, &variance)) in sci.iter_mut().zip(err).zip(sums) {
                    let used = seconds > 0.0;
                    let rate = if used { *sci } else { 0.0 };
                    *sci = rate * total + sky;
                    let error = (f64::from(total / seconds) * f64::from(variance).sqrt()) as f32;
                    *err = if used { error } else { 0.0 };
                    empty += usize::from(!used);
                }
                quality(layers, pixels, dq);
                empty
            })
            .sum()
    }
}

/// Some rows of an image, to be changed in parallel.
fn of_rows<T: Send>(
    image: &mut Image<T>,
    rows: Range<usize>,
) -> impl IndexedParallelIterator<Item = &mut [T]> {
    let nx = image.nx();
    image.as_mut_slice()[rows.start * nx..rows.end * nx].par_chunks_mut(nx.max(1))
}

/// DQ of a row: all bits of all exposures but those of rejection, and [`REJECTED`] where every exposure was.
fn quality(layers: &[Layer], pixels: Range<usize>, out: &mut [u16]) {
    out.fill(REJECTED);
    for layer in layers {
        let samples = layer.dq[pixels.clone()].iter().zip(&layer.state[pixels.clone()]);
        for (out, (&dq, &state)) in out.iter_mut().zip(samples) {
            let rejected = state == HIT || state == SPILL;
            let kept = if rejected { *out } else { *out & !REJECTED };
            *out = kept | dq & !(REJECTED | SPILL);
        }
    }
}

/// Sums over exposures, of one row. In single precision and in the order of the exposures, as the field's program
/// adds them.
#[derive(Default)]
struct Sums {
    counts: Vec<f32>,
    seconds: Vec<f32>,
    variance: Vec<f32>,
}

impl Sums {
    fn add(&mut self, layers: &[Layer], pixels: Range<usize>, left_out: u16) {
        for sum in [&mut self.counts, &mut self.seconds, &mut self.variance] {
            sum.clear();
            sum.resize(pixels.len(), 0.0);
        }
        for layer in layers {
            let seconds = layer.seconds();
            let (rate, err) = (&layer.rate[pixels.clone()], &layer.err[pixels.clone()]);
            let state = &layer.state[pixels.clone()];
            widest(
                #[inline(always)]
                || self.add_layer((rate, err, state), seconds, left_out),
            );
        }
    }

    #[inline(always)]
    fn add_layer(&mut self, (rate, err, state): (&[f32], &[f32], &[u16]), seconds: f32, left_out: u16) {
        let sums = self
            .counts
            .iter_mut()
            .zip(&mut self.seconds)
            .zip(&mut self.variance);
        let samples = rate.iter().zip(err).zip(state);
        for (((counts, time), variance), ((&rate, &err), &state)) in sums.zip(samples) {
            let used = state & left_out == 0;
            *counts += if used { rate * seconds } else { 0.0 };
            *time += if used { seconds } else { 0.0 };
            *variance += if used { err * err } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::acs::Observation;
    use crate::acs::acsrej::{AcsrejOptions, SkySubtraction, blank};
    use firstlight_frame::fits::Header;

    fn exposure(seed: usize) -> Observation {
        // Sawteeth with peaks here and there, and flags.
        let sci = Image::from_fn(45, 37, |x, y| {
            let ray = if (x * 31 + y * 17 + seed * 29).is_multiple_of(23) {
                500.0
            } else {
                0.0
            };
            ((x * 7 + y * 11 + seed * 5) % 13) as f32 + ray
        });
        let flags = |x: usize, y: usize| {
            if (x * 13 + y * 19 + seed).is_multiple_of(7) {
                4
            } else {
                0
            }
        };
        let frame = Frame {
            err: sci.map(|_| 3.0),
            dq: Image::from_fn(45, 37, flags),
            sci,
        };
        let chip = crate::acs::Chip {
            version: 1,
            frame,
            sci: Header::new(),
            err: Header::new(),
            dq: Header::new(),
        };
        Observation {
            name: "made".to_owned(),
            primary: Header::new(),
            chips: vec![chip],
        }
    }

    #[test]
    fn blocks_of_any_height_give_the_same_bits() {
        let exposures: Vec<Observation> = (0..3).map(exposure).collect();
        let members: Vec<&dyn super::super::Member> = exposures.iter().map(|e| e as _).collect();
        let options = AcsrejOptions {
            crmask: Some(true),
            scalense: Some(5.0),
            initgues: Some(InitialGuess::Minimum),
            skysub: Some(SkySubtraction::None),
            crsigmas: Some("6,5,4".to_owned()),
            crradius: Some(3.2),
            crthresh: Some(0.3),
            badinpdq: Some(4),
            ..AcsrejOptions::default()
        };
        let parameters = RejectionParameters::choose(None, 3, 10.0, 1, &options).unwrap();
        let combination = Combination {
            inputs: members
                .iter()
                .map(|&member| Input {
                    member,
                    imset: 0,
                    seconds: 10.0,
                    sky: 1.5,
                })
                .collect(),
            parameters: &parameters,
            is_calibration: false,
            shading: None,
            shape: (45, 37),
        };
        let frame = || blank(&members, 0).unwrap().chips.remove(0).frame;
        let whole = combination.run_in_blocks(frame(), 45).unwrap();
        assert!(whole.hits.iter().all(|hits| hits.count() > 50));
        for rows in [1, 2, 3, 4, 7, 44, 1000] {
            let found = combination.run_in_blocks(frame(), rows).unwrap();
            assert!(
                found.frame == whole.frame && found.hits == whole.hits,
                "{rows} rows"
            );
        }
    }
}
