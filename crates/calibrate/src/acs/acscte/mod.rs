//! acscte: charge that traps held back in the transfer is put back where it was.

mod column;
mod correct;
mod dispatch;
mod lanes;
mod parameters;
mod pctetab;
mod plan;
mod quadrant;
mod readout;
mod record;
mod smooth;
mod traps;
#[cfg(target_arch = "x86_64")]
mod wide;

pub use parameters::CteParameters;
pub use pctetab::{CTE_NAME, CTE_VER, Overrides, PcteTable};
pub use plan::columns;
pub use quadrant::Direction;
pub use record::{record_parallel, record_pctecorr, record_serial};
pub use traps::{TrapLevel, Traps};

use super::{Amplifier, Chip, Observation, Outcome, References, record_switch, record_table};
use crate::Result;
use correct::Correction;
use plan::Plan;
use quadrant::Quadrant;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How much of a correction is uncertain.
const UNCERTAIN: f64 = 0.1;

/// Settings of the CTE correction. Its parameters stand in PCTETAB and in the exposure's header: FIXROCR, PCTETLEN,
/// PCTENFOR and PCTENPAR there are taken instead of the table's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcscteOptions {}

/// What acscte did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcscteReport {
    /// What became of PCTECORR.
    pub outcome: Outcome,
    /// PCTEFRAC: how many of the traps that the table knows there were at the time.
    pub fraction: f64,
    /// What was done, in its order.
    pub corrections: Vec<CteReport>,
}

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

/// Puts charge that traps held back where it was, in a WFC exposure without overscan (e), before or after which nothing
/// else is subtracted: amplifier by amplifier, after Servicing Mission 4 in the serial direction, then in the parallel
/// one. ERR gains a tenth of the correction, in quadrature; DQ stays. A dummy PCTETAB skips it. A pixel that is not finite
/// stays so and counts as empty. The primary header records it.
///
/// `advance` is told of columns as they are done, [`columns`] in all. In memory are, beside the exposure, four planes of
/// one amplifier's pixels in single precision.
///
/// # Errors
/// [`crate::Error::NoCteCorrection`] for other detectors, [`crate::Error::NothingToDo`] where PCTECORR is not `PERFORM`,
/// [`crate::Error::Untrimmed`]; where a reference file is missing, of an earlier generation or of another
/// detector, or has no row for the exposure. The exposure is then as it was.
pub fn acscte(
    observation: &mut Observation,
    references: &References,
    _options: &AcscteOptions,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<AcscteReport> {
    let plan = Plan::of(observation, references)?;
    plan.parameters[0].record(&mut observation.primary, plan.ccdtab)?;
    let Some(model) = plan.model(observation)? else {
        record_switch(&mut observation.primary, "PCTECORR", Outcome::Dummy)?;
        record_table(&mut observation.primary, plan.pctetab, "")?;
        return Ok(AcscteReport {
            outcome: Outcome::Dummy,
            fraction: 0.0,
            corrections: Vec::new(),
        });
    };
    record_parallel(&mut observation.primary, &model.table, &model.parallel)?;
    let mut corrections = Vec::new();
    for (chip, readouts) in observation.chips.iter_mut().zip(&plan.readouts) {
        for readout in readouts {
            if let Some(serial) = model.serial.get(&readout.amplifier) {
                record_serial(&mut observation.primary, readout.amplifier, serial)?;
                corrections.push(pctecorr(chip, readout, Direction::Serial, serial, advance));
            }
            corrections.push(pctecorr(
                chip,
                readout,
                Direction::Parallel,
                &model.parallel,
                advance,
            ));
        }
    }
    record_pctecorr(
        &mut observation.primary,
        plan.pctetab,
        plan.parameters[0].readnoise_e,
    )?;
    Ok(AcscteReport {
        outcome: Outcome::Complete,
        fraction: model.parallel.fraction,
        corrections,
    })
}

/// The pixels of one amplifier, and what is known of them.
#[derive(Debug, Clone, Copy)]
struct AmplifierReadout {
    pub amplifier: Amplifier,
    pub quadrant: Quadrant,
    /// IZ of the first column.
    pub first_index: usize,
    pub readnoise_e: f32,
}

/// PCTECORR in one direction, of one amplifier's pixels.
fn pctecorr(
    chip: &mut Chip,
    readout: &AmplifierReadout,
    direction: Direction,
    parameters: &CteParameters,
    advance: &(dyn Fn(u64) + Sync),
) -> CteReport {
    let quadrant = readout.quadrant;
    let (_, rows) = quadrant.shape(direction);
    let readnoise_e = f64::from(readout.readnoise_e);
    let mut report = CteReport {
        amplifier: readout.amplifier.letter(),
        direction,
        readnoise_e: readout.readnoise_e,
        smoothing_steps: 0,
        columns_done_again: 0,
        gained_e: 0.0,
    };
    let observed = quadrant.take(&chip.frame.sci, direction);
    let (smoothed, steps) = smooth::smooth(&observed, rows, readnoise_e);
    report.smoothing_steps = steps;
    // The observed image has done its work, and makes room for the differences.
    let mut differences = observed;
    let columns = differences.par_chunks_mut(rows).zip(smoothed.par_chunks(rows));
    let of_columns: Vec<(usize, f64)> = columns
        .enumerate()
        .map_init(
            Correction::default,
            |correction, (column, (difference, smoothed))| {
                let index = readout.first_index + column;
                let again = correction.correct(smoothed, index, parameters, readnoise_e, difference);
                advance(1);
                (again, difference.iter().map(|gained| f64::from(*gained)).sum())
            },
        )
        .collect();
    report.columns_done_again = of_columns.iter().filter(|(again, _)| *again > 0).count();
    report.gained_e = of_columns.iter().map(|(_, gained)| gained).sum();
    let images = [&mut chip.frame.sci, &mut chip.frame.err];
    quadrant.apply(&differences, direction, images, |sci, err, differences| {
        for ((sci, err), difference) in sci.iter_mut().zip(err).zip(differences) {
            *sci += difference;
            let uncertain = UNCERTAIN * f64::from(difference.abs());
            *err = (f64::from(*err * *err) + uncertain * uncertain).sqrt() as f32;
        }
    });
    report
}
