//! The pixels that one amplifier reads, and what a transfer does to them.

use super::Advance;
use super::correct::Correction;
use super::forward::Trailing;
use super::parameters::CteParameters;
use super::quadrant::{Direction, Quadrant};
use super::smooth::smooth;
use crate::acs::Amplifier;
use crate::{Error, Result};
use firstlight_frame::Frame;
use rayon::prelude::*;
use serde::Serialize;
use std::ops::ControlFlow;

/// How much of a correction is uncertain.
const UNCERTAIN: f64 = 0.1;

/// The correction of one amplifier's pixels in one direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CteReport {
    /// The amplifier.
    pub amplifier: char,
    /// The direction.
    pub direction: Direction,
    /// Readout noise, e.
    pub readnoise_e: f32,
    /// Steps in which readout noise was taken out first.
    pub smoothing_steps: usize,
    /// Columns that were done again because of cosmic rays that hit during the readout.
    pub columns_done_again: usize,
    /// What all pixels have gained, e.
    pub gained_e: f64,
}

/// The pixels of one amplifier, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct AmplifierReadout {
    pub amplifier: Amplifier,
    pub quadrant: Quadrant,
    /// IZ of the first column.
    pub first_index: usize,
    pub readnoise_e: f32,
}

/// One of the transfers on the way to the amplifier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along<'a> {
    direction: Direction,
    parameters: &'a CteParameters,
}

impl<'a> Along<'a> {
    pub fn new(direction: Direction, parameters: &'a CteParameters) -> Self {
        Self {
            direction,
            parameters,
        }
    }
}

impl AmplifierReadout {
    /// Takes the trails of one transfer off. ERR gains a tenth of the correction, in quadrature.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where `advance` breaks off. The frame is as it was then.
    pub fn correct(&self, frame: &mut Frame, along: Along, advance: Advance<'_>) -> Result<CteReport> {
        let (_, rows) = self.quadrant.shape(along.direction);
        let readnoise_e = f64::from(self.readnoise_e);
        let observed = self.quadrant.take(&frame.sci, along.direction);
        let (smoothed, smoothing_steps) = smooth(&observed, rows, readnoise_e);
        // The observed image has done its work, and makes room for the differences.
        let mut differences = observed;
        let columns = differences.par_chunks_mut(rows).zip(smoothed.par_chunks(rows));
        let of_columns: Result<Vec<(bool, f64)>> = columns
            .enumerate()
            .map_init(
                Correction::default,
                |correction, (column, (difference, smoothed))| {
                    let index = self.first_index + column;
                    let again =
                        correction.correct(smoothed, index, along.parameters, readnoise_e, difference);
                    goes_on(advance)?;
                    Ok((again > 0, total(difference)))
                },
            )
            .collect();
        let of_columns = of_columns?;
        self.add(frame, along.direction, &differences);
        Ok(CteReport {
            amplifier: self.amplifier.letter(),
            direction: along.direction,
            readnoise_e: self.readnoise_e,
            smoothing_steps,
            columns_done_again: of_columns.iter().filter(|(again, _)| *again).count(),
            gained_e: of_columns.iter().map(|(_, gained)| gained).sum(),
        })
    }

    /// Draws the trails of one transfer. ERR gains a tenth of the change, in quadrature. Returns what all pixels have
    /// gained, e.
    ///
    /// # Errors
    /// As [`AmplifierReadout::correct`].
    pub fn trail(&self, frame: &mut Frame, along: Along, advance: Advance<'_>) -> Result<f64> {
        let (_, rows) = self.quadrant.shape(along.direction);
        let mut packets = self.quadrant.take(&frame.sci, along.direction);
        let of_columns: Result<Vec<f64>> = packets
            .par_chunks_mut(rows)
            .enumerate()
            .map_init(Trailing::default, |trailing, (column, packets)| {
                trailing.trail(packets, self.first_index + column, along.parameters);
                goes_on(advance)?;
                Ok(total(packets))
            })
            .collect();
        let of_columns = of_columns?;
        self.add(frame, along.direction, &packets);
        Ok(of_columns.iter().sum())
    }

    /// Adds differences to SCI, and a tenth of them to ERR.
    fn add(&self, frame: &mut Frame, direction: Direction, differences: &[f32]) {
        let images = [&mut frame.sci, &mut frame.err];
        self.quadrant
            .apply(differences, direction, images, |sci, err, differences| {
                for ((sci, err), difference) in sci.iter_mut().zip(err).zip(differences) {
                    *sci += difference;
                    let uncertain = UNCERTAIN * f64::from(difference.abs());
                    *err = (f64::from(*err * *err) + uncertain * uncertain).sqrt() as f32;
                }
            });
    }
}

/// Tells of a column that is done.
fn goes_on(advance: Advance<'_>) -> Result<()> {
    match advance(1) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Interrupted),
    }
}

fn total(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample)).sum()
}
