//! One chip of all exposures, combined block by block.
//!
//! Every iteration of a row needs the average that the iteration before left in the same row, and the pixels that were
//! hit in the rows just below. So all iterations go through the rows together, one block after another: each row is
//! read once, and memory does not grow with the number of rows. Within a block rows, and exposures, are worked on in
//! parallel; only the few pixels above their thresholds are gone through in order.

use super::layer::{HIT, Input, Iteration, Layer, SPILL};
use super::options::InitialGuess;
use super::sums::{Sums, mean};
use super::terms::{Disc, Terms};
use super::{Hits, REJECTED, RejectionParameters, guess};
use crate::Result;
use crate::steps::rows::RowMut;
use crate::steps::widest;
use firstlight_frame::{Frame, Image};
use rayon::prelude::*;
use std::ops::Range;

/// Bytes that a block of rows may take, of all exposures together: so that it stays in the processor's cache.
const BLOCK_BYTES: usize = 2 << 20;
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

/// A chip on its way from its first block to its last.
pub(super) struct Progressing<'a> {
    layers: Vec<Layer<'a>>,
    disc: Disc,
    /// For each input the pixels that were rejected, in the rows so far.
    pub hits: Vec<Hits>,
    empty: usize,
}

/// What was found on the way.
pub(in crate::acs) struct Found {
    /// For each input the pixels that were rejected.
    pub hits: Vec<Hits>,
    /// For each input the pixels that are not finite.
    pub lost: Vec<usize>,
    /// Pixels without a good one in any input.
    pub empty: usize,
}

impl Progressing<'_> {
    /// After the last block.
    pub fn end(self) -> Found {
        Found {
            lost: self.layers.iter().map(|layer| layer.lost).collect(),
            hits: self.hits,
            empty: self.empty,
        }
    }
}

impl<'a> Combination<'a> {
    /// RowMut of a block.
    pub fn block_rows(&self) -> usize {
        let row = self.inputs.len() * self.shape.1 * PIXEL_BYTES;
        (BLOCK_BYTES / row.max(1)).clamp(4, 256)
    }

    /// Before the first block.
    pub fn begin(&self) -> Progressing<'a> {
        let (ny, nx) = self.shape;
        let iterations = self.parameters.sigmas.len();
        let layer = |input: &Input<'a>| Layer::new(*input, nx, iterations);
        Progressing {
            layers: self.inputs.iter().map(layer).collect(),
            disc: Disc::new(self.parameters.crradius),
            hits: self.inputs.iter().map(|_| Hits::none(ny, nx)).collect(),
            empty: 0,
        }
    }

    /// Fills `frame`, which has the shape of the chip, in blocks of so many rows.
    pub fn run(&self, frame: &mut Frame, block: usize) -> Result<Progressing<'a>> {
        let (ny, nx) = self.shape;
        let mut progressing = self.begin();
        for from in (0..ny).step_by(block.max(1)) {
            let rows = from..(from + block.max(1)).min(ny);
            let pixels = rows.start * nx..rows.end * nx;
            let mut out = RowMut {
                sci: &mut frame.sci.as_mut_slice()[pixels.clone()],
                err: &mut frame.err.as_mut_slice()[pixels.clone()],
                dq: &mut frame.dq.as_mut_slice()[pixels],
            };
            self.block(&mut progressing, rows, &mut out)?;
        }
        Ok(progressing)
    }

    /// Combines the rows that follow those of the block before: SCI gets the sky of all exposures, e.
    pub fn block(
        &self,
        progressing: &mut Progressing<'a>,
        rows: Range<usize>,
        out: &mut RowMut<'_>,
    ) -> Result<()> {
        let iterations = self.parameters.sigmas.len();
        let layers = &mut progressing.layers;
        layers
            .par_iter_mut()
            .try_for_each(|layer| layer.read(rows.clone()))?;
        self.guess(layers, out.sci);
        for index in 0..iterations {
            self.reject(progressing, out.sci, index, rows.clone());
            let layers = &progressing.layers;
            if index + 1 == iterations {
                progressing.empty += self.finish(layers, rows.start, out);
                break;
            }
            match index {
                0 => self.average(layers, out.sci, rows.start),
                _ => self.average_changed(layers, out.sci, rows.start),
            }
        }
        Ok(())
    }

    fn guess(&self, layers: &[Layer], sci: &mut [f32]) {
        let nx = self.shape.1;
        of_rows(sci, nx).enumerate().for_each(|(row, out)| {
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

    fn reject(&self, progressing: &mut Progressing<'a>, average: &[f32], index: usize, rows: Range<usize>) {
        let Progressing {
            layers, disc, hits, ..
        } = progressing;
        let parameters = self.parameters;
        let nx = self.shape.1;
        let shading = self
            .shading
            .map(|image| &image.as_slice()[rows.start * nx..rows.end * nx]);
        layers.par_iter_mut().zip(hits).for_each(|(layer, hits)| {
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

    /// What the shading makes longer: the exposure of the pixels of a row of the block that begins with row `first`.
    fn shading_of(&self, row: usize) -> Option<&[f32]> {
        self.shading.map(|shading| shading.row(row))
    }

    /// The average of the pixels that are not rejected, e/s; where none is left it stays.
    fn average(&self, layers: &[Layer], sci: &mut [f32], first: usize) {
        let nx = self.shape.1;
        of_rows(sci, nx)
            .enumerate()
            .for_each_init(Sums::default, |sums, (row, out)| {
                sums.add(layers, row * nx..(row + 1) * nx, self.left_out());
                sums.means(self.shading_of(first + row), out);
            });
    }

    /// As [`Combination::average`] where a state has changed since it was last formed: everywhere else it is what it
    /// was.
    fn average_changed(&self, layers: &[Layer], sci: &mut [f32], first: usize) {
        let nx = self.shape.1;
        let left_out = self.left_out();
        for at in layers.iter().flat_map(Layer::changed) {
            let (mut counts, mut seconds) = (0.0f32, 0.0f32);
            for layer in layers {
                let used = layer.state[at] & left_out == 0;
                counts += if used {
                    layer.rate[at] * layer.seconds()
                } else {
                    0.0
                };
                seconds += if used { layer.seconds() } else { 0.0 };
            }
            let shading = self.shading_of(first + at / nx).map(|row| row[at % nx]);
            if seconds > 0.0 {
                sci[at] = mean(counts, seconds, shading);
            }
        }
    }

    /// Makes the product of the last iteration's states: SCI and ERR in e, DQ. Gives the number of pixels without a
    /// single good one.
    fn finish(&self, layers: &[Layer], first: usize, out: &mut RowMut<'_>) -> usize {
        let nx = self.shape.1;
        let total = self.inputs.iter().fold(0.0f32, |sum, input| sum + input.seconds);
        let sky = self
            .inputs
            .iter()
            .fold(0.0f32, |sum, input| sum + input.sky)
            .max(0.0);
        of_rows(out.sci, nx)
            .zip(of_rows(out.err, nx))
            .zip(of_rows(out.dq, nx))
            .enumerate()
            .map_init(Sums::default, |sums, (row, ((sci, err), dq))| {
                let pixels = row * nx..(row + 1) * nx;
                sums.add(layers, pixels.clone(), self.left_out());
                sums.means(self.shading_of(first + row), sci);
                quality(layers, pixels, dq);
                sums.product(total, sky, sci, err)
            })
            .sum()
    }
}

/// The rows of a block, to be changed in parallel.
fn of_rows<T: Send>(samples: &mut [T], nx: usize) -> impl IndexedParallelIterator<Item = &mut [T]> {
    samples.par_chunks_mut(nx.max(1))
}

/// DQ of a row: all bits of all exposures but those of rejection, and [`REJECTED`] where every exposure was.
fn quality(layers: &[Layer], pixels: Range<usize>, out: &mut [u16]) {
    out.fill(REJECTED);
    for layer in layers {
        let (dq, states) = (&layer.dq[pixels.clone()], &layer.state[pixels.clone()]);
        widest(
            #[inline(always)]
            || {
                for (out, (&dq, &state)) in out.iter_mut().zip(dq.iter().zip(states)) {
                    let rejected = (state == HIT) | (state == SPILL);
                    let kept = if rejected { *out } else { *out & !REJECTED };
                    *out = kept | dq & !(REJECTED | SPILL);
                }
            },
        );
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
        let mut whole = frame();
        let hits = combination.run(&mut whole, 45).unwrap().hits;
        assert!(hits.iter().all(|hits| hits.count() > 50));
        for rows in [1, 2, 3, 4, 7, 44, 1000] {
            let mut found = frame();
            let found_hits = combination.run(&mut found, rows).unwrap().hits;
            assert!(found == whole && found_hits == hits, "{rows} rows");
        }
    }
}
