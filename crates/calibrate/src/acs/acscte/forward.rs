//! The forward model: the readout, simulated.

use super::Advance;
use super::amplifier::Along;
use super::column::{Column, Weights};
use super::dispatch::{Lane, on_lanes};
use super::lanes::Lanes;
use super::parameters::CteParameters;
use super::plan::Plan;
use super::quadrant::Direction;
use super::readout::read_out;
use super::traps::Traps;
use crate::acs::{Chip, Observation, References, Setup, history, record_table};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How the readout is simulated.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CteForwardOptions {
    /// Simulate the parallel transfer before the serial one, as the charge goes; by default the serial one comes first, as
    /// in the official acscteforwardmodel. What the correction makes of both differs by less than it leaves.
    #[cfg_attr(feature = "clap", arg(long))]
    pub parallel_first: bool,
}

/// What the simulation did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CteForwardReport {
    /// How many of the traps that the table knows there were at the time.
    pub fraction: f64,
    /// The transfers that were simulated.
    pub transfers: Vec<CteForwardTransfer>,
}

/// One simulated transfer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CteForwardTransfer {
    /// The amplifier.
    pub amplifier: char,
    /// The direction.
    pub direction: Direction,
    /// What all pixels have gained, e; less than 0, for charge is left behind.
    pub gained_e: f64,
}

/// Draws the trails that the readout of a WFC exposure makes, with the traps of PCTETAB at its date: of an image without
/// overscan, in electrons, as from a simulation or with its trails taken off. After Servicing Mission 4 in the
/// serial direction, and always in the parallel one. ERR gains a tenth of the change in quadrature; DQ stays. Pixels that are not
/// finite stay so and count as empty. HISTORY tells of it; PCTECORR, which says whether trails have been taken off, is left
/// as it is, and does not decide.
///
/// `advance` is told of columns as they are done, [`forward_columns`] in all.
///
/// # Errors
/// [`Error::Interrupted`] where `advance` breaks off, the exposure then being of no use any more;
/// [`Error::NoCteCorrection`] for other detectors, [`Error::Untrimmed`] where there is overscan, [`Error::Keyword`] where
/// BUNIT says another unit than electrons, as that of a raw frame does; where a reference file is missing, a dummy, of an earlier generation or of another detector, or has no row for the exposure.
pub fn forward(
    observation: &mut Observation,
    references: &References,
    options: &CteForwardOptions,
    advance: Advance<'_>,
) -> Result<CteForwardReport> {
    check_electrons(observation)?;
    let plan = Plan::of_any(observation, references)?;
    let Some(model) = plan.model(observation)? else {
        return Err(Error::ReferenceValue {
            keyword: plan.pctetab.keyword.clone(),
            path: plan.pctetab.path(),
            what: "PEDIGREE".to_owned(),
            found: plan.pctetab.pedigree.clone(),
            expected: "that of a table in use: there are no traps to simulate in a dummy",
        });
    };
    let mut transfers = Vec::new();
    for (chip, readouts) in observation.chips.iter_mut().zip(&plan.readouts) {
        for readout in readouts {
            let serial = model.serial.get(&readout.amplifier);
            let mut steps = vec![(Direction::Parallel, &model.parallel)];
            steps.extend(serial.map(|serial| (Direction::Serial, serial)));
            if !options.parallel_first {
                steps.reverse();
            }
            for (direction, parameters) in steps {
                let along = Along::new(direction, parameters);
                transfers.push(CteForwardTransfer {
                    amplifier: readout.amplifier.letter(),
                    direction,
                    gained_e: readout.trail(&mut chip.frame, along, advance)?,
                });
            }
        }
    }
    let primary = &mut observation.primary;
    let order = if options.parallel_first {
        "parallel, then serial"
    } else {
        "serial, then parallel"
    };
    let order = if model.serial.is_empty() {
        "parallel"
    } else {
        order
    };
    history(primary, &format!("CTE forward model applied: {order}"))?;
    record_table(primary, plan.pctetab, "")?;
    Ok(CteForwardReport {
        fraction: model.parallel.fraction,
        transfers,
    })
}

/// An image without BUNIT is taken for one in electrons.
fn check_electrons(observation: &Observation) -> Result<()> {
    let other = |chip: &&Chip| chip.sci.contains("BUNIT") && !chip.in_electrons();
    match observation.chips.iter().find(other) {
        Some(chip) => Err(Error::Keyword {
            name: observation.name.clone(),
            hdu: format!("SCI,{}", chip.version),
            keyword: "BUNIT".to_owned(),
            expected: "ELECTRONS, as acsccd makes them of a raw frame",
            found: chip.sci.get("BUNIT").map(|value| value.to_string()),
        }),
        None => Ok(()),
    }
}

/// How many columns of packets [`forward`] will have gone through.
pub fn forward_columns(observation: &Observation) -> u64 {
    let Ok(setup) = Setup::of(observation) else {
        return 0;
    };
    let of_chip = |chip: &Chip| {
        let (ny, nx) = chip.frame.sci.shape();
        let amplifiers = setup.amplifiers(chip.number()).len();
        let serial = if setup.is_after_sm4() { amplifiers * ny } else { 0 };
        (nx + serial) as u64
    };
    observation.chips.iter().map(of_chip).sum()
}

/// What the simulation of columns needs besides pixels, made once for a run of columns.
#[derive(Debug, Default)]
pub(super) struct Trailing {
    column: Column,
    weights: Weights,
    of_pixels: Vec<f32>,
}

impl Trailing {
    /// Reads a column out, and puts the change in its place, rounded as images are.
    pub fn trail(&mut self, packets: &mut [f32], index: usize, parameters: &CteParameters) {
        self.of_pixels.resize(packets.len(), 0.0);
        parameters.weights(index, &mut self.of_pixels);
        self.weights.set(&self.of_pixels);
        self.column.resize(packets.len());
        for (to, from) in self.column.packets.iter_mut().zip(&*packets) {
            *to = f64::from(*from);
        }
        on_lanes(Readout {
            column: &mut self.column,
            weights: &self.weights,
            traps: &parameters.traps,
        });
        for (packet, read) in packets.iter_mut().zip(&self.column.packets) {
            *packet = *read as f32 - *packet;
        }
    }
}

struct Readout<'a> {
    column: &'a mut Column,
    weights: &'a Weights,
    traps: &'a Traps,
}

impl Lane for Readout<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        read_out(lanes, self.column, self.weights, self.traps);
    }
}
