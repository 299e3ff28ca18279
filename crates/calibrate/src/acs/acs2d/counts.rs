//! The steps before reference images are applied: bad pixels, linearity, electrons, errors.

use super::plan::Task;
use super::stage::{Stage, outcome};
use crate::Result;
use crate::acs::acsccd::dqicorr::{dqicorr, record_dqicorr};
use crate::acs::acsccd::noise::{noise, record_noise};
use crate::acs::acsccd::to_electrons::{record_electrons, to_electrons};
use crate::acs::tables::bpixtab::bad_pixels;
use crate::acs::{Observation, put, record_row};
use crate::steps::{glincorr, lflgcorr, photon_noise};

impl Stage<'_> {
    /// DQICORR by the table of bad pixels.
    pub fn dqicorr(&mut self, observation: &mut Observation) -> Result<()> {
        let Some(task) = self.plan.dqi else {
            return Ok(());
        };
        if let Task::Perform(bpixtab) = task {
            for chip in &mut observation.chips {
                let bad = bad_pixels(&self.setup, chip.number(), bpixtab)?;
                dqicorr(chip, &bad, None)?;
            }
        }
        let primary = &mut observation.primary;
        let became = record_dqicorr(primary, self.setup.channel, Some(task.reference()))?;
        self.report.steps.push(("DQICORR".to_owned(), became));
        Ok(())
    }

    /// GLINCORR and LFLGCORR of SBC.
    pub fn nonlinearity(&mut self, observation: &mut Observation) -> Result<()> {
        let Some((task, row)) = self.plan.mlintab.clone() else {
            return Ok(());
        };
        if task.usable().is_some() {
            let exptime_s = self.setup.exptime_s;
            for (chip, report) in observation.chips.iter_mut().zip(&mut self.report.chips) {
                let globrate = chip.sci.real("GLOBRATE").unwrap_or(0.0);
                let exceeded = globrate > row.limits.global_limit;
                let word = if exceeded { "EXCEEDED" } else { "NOT-EXCEEDED" };
                put(&mut chip.sci, "GLOBLIM", word, "global count rate exceeded?")?;
                report.global_limit_exceeded = Some(exceeded);
                if exceeded {
                    let limit = row.limits.global_limit;
                    self.report.warnings.push(format!(
                        "GLOBRATE {globrate} is beyond the limit of {limit} counts/s: counts are not corrected for it"
                    ));
                }
                if self.plan.global_linearity {
                    report.global_ratio = Some(glincorr(&mut chip.frame, globrate, &row.limits).ratio);
                }
                if self.plan.local_linearity {
                    let beyond = lflgcorr(&mut chip.frame, exptime_s, &row.limits)?;
                    report.beyond_local_limit = Some(beyond);
                }
            }
        }
        if self.plan.global_linearity {
            self.record(observation, "GLINCORR", outcome(task))?;
        }
        if self.plan.local_linearity {
            self.record(observation, "LFLGCORR", outcome(task))?;
        }
        let primary = &mut observation.primary;
        record_row(primary, task.reference(), &row.pedigree, &row.descrip)
    }

    /// Counts of SBC are taken for electrons; DN of a CCD, where a frame still has them, become electrons.
    pub fn electrons(&mut self, observation: &mut Observation) -> Result<()> {
        for (index, chip) in observation.chips.iter_mut().enumerate() {
            if chip.in_electrons() {
                continue;
            }
            if let Some(readout) = self.readouts.get(index) {
                to_electrons(chip, readout)?;
            }
            record_electrons(chip)?;
        }
        Ok(())
    }

    /// Errors, where there are none yet: of counts for SBC, of the signal and the readout for a CCD.
    pub fn noise(&mut self, observation: &mut Observation) -> Result<()> {
        let is_bias = self.setup.targname.starts_with("BIAS");
        let chips = observation.chips.iter_mut().zip(&mut self.report.chips);
        for (index, (chip, report)) in chips.enumerate() {
            report.errors_filled = match self.readouts.get(index) {
                None => photon_noise(&mut chip.frame),
                Some(_) if chip.frame.err.as_slice().iter().any(|&error| error != 0.0) => false,
                Some(readout) => {
                    noise(chip, readout, is_bias)?;
                    true
                }
            };
        }
        match self.report.chips.first() {
            Some(first) if first.errors_filled => record_noise(&mut observation.primary),
            _ => Ok(()),
        }
    }
}
