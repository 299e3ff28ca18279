//! What is to be corrected, and with what, found out before an exposure is touched.

use super::amplifier::AmplifierReadout;
use super::forward::forward_columns;
use super::parameters::CteParameters;
use super::pctetab::{Overrides, PcteTable};
use super::quadrant::Quadrant;
use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::{Amplifier, Channel, Chip, Observation, Reference, References, Setup};
use crate::{Error, Result};
use firstlight_frame::Switch;
use std::collections::BTreeMap;

/// IZ of the first column of chip 1.
const CHIP1_INDEX: usize = 4096;

/// The reference files of a correction, and the pixels of each amplifier.
pub(super) struct Plan<'a> {
    pub setup: Setup,
    pub ccdtab: &'a Reference,
    pub pctetab: &'a Reference,
    /// In the order of the exposure's chips; at least one.
    pub parameters: Vec<CcdParameters>,
    /// As `parameters`: the amplifiers that read the chip, in their order.
    pub readouts: Vec<Vec<AmplifierReadout>>,
}

/// Traps of the directions.
pub(super) struct Model<'a> {
    pub table: PcteTable<'a>,
    pub parallel: CteParameters,
    /// Of the amplifiers whose serial transfer is corrected.
    pub serial: BTreeMap<Amplifier, CteParameters>,
}

impl<'a> Plan<'a> {
    /// Whatever of an exposure with PCTECORR=PERFORM that has been through BLEVCORR.
    pub fn of(observation: &Observation, references: &'a References) -> Result<Self> {
        let setup = Setup::of(observation)?;
        check_detector(observation, &setup)?;
        if !observation.switch("PCTECORR").is_perform() {
            return Err(Error::NothingToDo {
                name: observation.name.clone(),
                stage: "acscte",
                switches: "PCTECORR".to_owned(),
            });
        }
        check_trimmed(observation, observation.switch("BLEVCORR") == Switch::Complete)?;
        Self::with_references(observation, setup, references)
    }

    /// As [`Plan::of`], whatever the switches say.
    pub fn of_any(observation: &Observation, references: &'a References) -> Result<Self> {
        let setup = Setup::of(observation)?;
        check_detector(observation, &setup)?;
        check_trimmed(observation, true)?;
        Self::with_references(observation, setup, references)
    }

    fn with_references(observation: &Observation, setup: Setup, references: &'a References) -> Result<Self> {
        let ccdtab = references.require("PCTECORR", "CCDTAB")?;
        let pctetab = references.require("PCTECORR", "PCTETAB")?;
        ccdtab.check_serves(setup.channel)?;
        pctetab.check_serves(setup.channel)?;
        let mut plan = Self {
            setup,
            ccdtab,
            pctetab,
            parameters: Vec::new(),
            readouts: Vec::new(),
        };
        for chip in &observation.chips {
            let parameters = CcdParameters::of(&plan.setup, chip, ccdtab)?;
            plan.readouts.push(plan.readouts_of(chip, &parameters)?);
            plan.parameters.push(parameters);
        }
        if plan.parameters.is_empty() {
            return Err(Error::NoPixels { version: 1 });
        }
        Ok(plan)
    }

    fn readouts_of(&self, chip: &Chip, parameters: &CcdParameters) -> Result<Vec<AmplifierReadout>> {
        let (ny, nx) = chip.shape()?;
        if nx == 0 || ny == 0 {
            return Err(Error::NoPixels {
                version: chip.version,
            });
        }
        let amplifiers = self.setup.amplifiers(chip.number());
        if amplifiers.is_empty() {
            return Err(Error::NoAmplifier {
                chip: chip.number(),
                ccdamp: self.setup.ccdamp.clone(),
            });
        }
        let ampx = parameters.ampx.min(nx);
        let height = match parameters.ampy {
            0 => ny,
            ampy => ampy.min(ny),
        };
        let place = |(number, amplifier): (usize, Amplifier)| {
            let (x0, x1) = match number {
                0 if ampx > 0 => (0, ampx),
                0 => (0, nx),
                _ => (ampx, nx),
            };
            let chip1 = amplifier <= Amplifier::B;
            AmplifierReadout {
                amplifier,
                quadrant: Quadrant::new(amplifier, x0, x1 - x0, height),
                first_index: x0 + if chip1 { CHIP1_INDEX } else { 0 },
                readnoise_e: parameters.readnoise(amplifier),
            }
        };
        let all = amplifiers.into_iter().enumerate().map(place);
        Ok(all.filter(|readout| readout.quadrant.nx > 0).collect())
    }

    /// Reads PCTETAB; None where it is a dummy.
    pub fn model(&self, observation: &Observation) -> Result<Option<Model<'a>>> {
        if self.pctetab.is_dummy() {
            return Ok(None);
        }
        let table = PcteTable::open(self.pctetab)?;
        let overrides = Overrides::of(observation)?;
        let expstart = self.setup.expstart_mjd;
        let mut serial = BTreeMap::new();
        if self.setup.is_after_sm4() {
            for readout in self.readouts.iter().flatten() {
                let parameters = table.serial(readout.amplifier, &overrides, expstart)?;
                serial.insert(readout.amplifier, parameters);
            }
        }
        Ok(Some(Model {
            parallel: table.parallel(&overrides, expstart)?,
            table,
            serial,
        }))
    }
}

/// Whether the exposure is one of WFC.
fn check_detector(observation: &Observation, setup: &Setup) -> Result<()> {
    let found = match setup.channel {
        Channel::Wfc => return Ok(()),
        Channel::Hrc => "HRC",
        Channel::Sbc => "SBC",
    };
    Err(Error::NoCteCorrection {
        name: observation.name.clone(),
        found,
    })
}

/// Whether the exposure is without overscan.
fn check_trimmed(observation: &Observation, has_bias_level_off: bool) -> Result<()> {
    for chip in &observation.chips {
        let ltv = chip.ltv();
        if !has_bias_level_off || ltv.0 > 0.0 || ltv.1 > 0.0 {
            return Err(Error::Untrimmed {
                name: observation.name.clone(),
                blevcorr: observation.switch("BLEVCORR").to_string(),
                ltv,
            });
        }
    }
    Ok(())
}

/// How many columns of packets acscte will have gone through; 0 where PCTECORR is not `PERFORM`.
pub fn columns(observation: &Observation) -> u64 {
    if observation.switch("PCTECORR").is_perform() {
        forward_columns(observation)
    } else {
        0
    }
}
