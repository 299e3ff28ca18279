//! acscte: charge that traps held back in the transfer is put back where it was.

mod amplifier;
mod block;
mod camera;
mod column;
mod correct;
mod dispatch;
mod forward;
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

pub use amplifier::CteReport;
pub use camera::{ChargeTransferOptions, Register, TrapTable, correct_image, forward_image};
pub use forward::{CteForwardOptions, CteForwardReport, CteForwardTransfer, forward, forward_columns};
pub use parameters::CteParameters;
pub use pctetab::{CTE_NAME, CTE_VER, Overrides, PcteTable};
pub use plan::columns;
pub use quadrant::Direction;
pub use record::{record_parallel, record_pctecorr, record_serial};
pub use traps::{TrapLevel, Traps};

use super::{Observation, Outcome, References, record_switch, record_table};
use crate::Result;
use amplifier::Along;
use plan::Plan;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Settings of the CTE correction. Its parameters stand in PCTETAB and in the exposure's header: FIXROCR, PCTETLEN,
/// PCTENFOR and PCTENPAR there are taken instead of the table's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcscteOptions {}

/// Is told of so many more columns that are done, and says whether to go on with the others.
pub type Advance<'a> = &'a (dyn Fn(u64) -> ControlFlow<()> + Sync);

/// What acscte did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcscteReport {
    /// What became of PCTECORR.
    pub outcome: Outcome,
    /// PCTEFRAC: how many of the traps that the table knows there were at the time.
    pub fraction: f64,
    /// What was done, in its order.
    pub corrections: Vec<CteReport>,
    /// What a user should know.
    pub warnings: Vec<String>,
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
/// detector, or has no row for the exposure. The exposure is then as it was. [`crate::Error::Interrupted`] where `advance`
/// breaks off: some amplifiers may be corrected then, and the exposure is of no use any more.
pub fn acscte(
    observation: &mut Observation,
    references: &References,
    _options: &AcscteOptions,
    advance: Advance<'_>,
) -> Result<AcscteReport> {
    let plan = Plan::of(observation, references)?;
    let model = plan.model(observation)?;
    plan.parameters[0].record(&mut observation.primary, plan.ccdtab)?;
    let Some(model) = model else {
        record_switch(&mut observation.primary, "PCTECORR", Outcome::Dummy)?;
        record_table(&mut observation.primary, plan.pctetab, "")?;
        return Ok(AcscteReport {
            outcome: Outcome::Dummy,
            fraction: 0.0,
            corrections: Vec::new(),
            warnings: vec![plan.pctetab.skips("PCTECORR")],
        });
    };
    record_parallel(&mut observation.primary, &model.table, &model.parallel)?;
    let mut corrections = Vec::new();
    for (chip, readouts) in observation.chips.iter_mut().zip(&plan.readouts) {
        for readout in readouts {
            if let Some(serial) = model.serial.get(&readout.amplifier) {
                record_serial(&mut observation.primary, readout.amplifier, serial)?;
                let along = Along::new(Direction::Serial, serial);
                corrections.push(readout.correct(&mut chip.frame, along, advance)?);
            }
            let along = Along::new(Direction::Parallel, &model.parallel);
            corrections.push(readout.correct(&mut chip.frame, along, advance)?);
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
        warnings: Vec::new(),
    })
}
