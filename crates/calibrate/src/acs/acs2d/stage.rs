//! The observation on its way through the steps, and the steps that need no image.

use super::plan::{Plan, Task};
use super::{Acs2dOptions, Acs2dReport, ChipReport, photcorr, photmode};
use crate::Result;
use crate::acs::acsccd::readout::Readout;
use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::tables::imphttab::Photometry;
use crate::acs::tables::spottab::{SpotShift, nearest_shift};
use crate::acs::{Observation, Outcome, Setup, record_switch};
use crate::steps::statistics;

/// What the steps of acs2d work on.
pub(super) struct Stage<'a> {
    pub observation: &'a mut Observation,
    pub setup: Setup,
    pub plan: Plan<'a>,
    pub options: &'a Acs2dOptions,
    pub report: Acs2dReport,
    /// Which amplifier reads what, chip by chip; none for SBC.
    pub readouts: Vec<Readout>,
    /// PHOTMODE.
    pub photmode: String,
    /// What IMPHTTAB says of it, where PHOTCORR is to be done.
    pub photometry: Option<Photometry>,
    /// How far the spots of the flat are to be shifted, where there are any.
    pub spot_shift: Option<SpotShift>,
}

impl<'a> Stage<'a> {
    /// Finds the rows of all tables; nothing of the observation is changed.
    pub fn new(
        observation: &'a mut Observation,
        setup: Setup,
        plan: Plan<'a>,
        options: &'a Acs2dOptions,
    ) -> Result<Self> {
        let chips = observation.chips.iter();
        let readouts = match plan.ccdtab {
            Some(ccdtab) => chips
                .map(|chip| Readout::of(&setup, chip, CcdParameters::of(&setup, chip, ccdtab)?))
                .collect::<Result<_>>()?,
            None => Vec::new(),
        };
        let lrfwave = observation.primary.real("LRFWAVE").unwrap_or(-1.0) as f32;
        let photmode = photmode(&setup, lrfwave);
        let photometry = match plan.photometry.and_then(|task| task.usable()) {
            Some(imphttab) => Some(photcorr(imphttab, &photmode)?),
            None => None,
        };
        let spots = plan
            .flats
            .filter(|flats| flats.usable())
            .and_then(|flats| flats.spots_at());
        let spot_shift = match spots {
            Some((_, positions)) => {
                let date = observation.primary.text("DATE-OBS").unwrap_or_default();
                Some(nearest_shift(positions, &date)?)
            }
            None => None,
        };
        let report = Acs2dReport {
            chips: observation
                .chips
                .iter()
                .map(|chip| ChipReport {
                    chip: chip.number(),
                    ..ChipReport::default()
                })
                .collect(),
            ..Acs2dReport::default()
        };
        Ok(Self {
            observation,
            setup,
            plan,
            options,
            report,
            readouts,
            photmode,
            photometry,
            spot_shift,
        })
    }

    /// Records the gains and readout noises, and the table that they are from.
    pub fn ccdtab(&mut self) -> Result<()> {
        let (Some(ccdtab), Some(readout)) = (self.plan.ccdtab, self.readouts.first()) else {
            return Ok(());
        };
        readout.parameters.record(&mut self.observation.primary, ccdtab)
    }

    /// Sets the switch of a step, its HISTORY, and its line in the report.
    pub fn record(&mut self, switch: &str, outcome: Outcome) -> Result<()> {
        self.report.steps.push((switch.to_owned(), outcome));
        record_switch(&mut self.observation.primary, switch, outcome)
    }

    /// Measures the good pixels of every chip.
    pub fn statistics(&mut self) -> Result<()> {
        for (chip, report) in self.observation.chips.iter_mut().zip(&mut self.report.chips) {
            let found = statistics(&chip.frame, chip.serious())?;
            found.record(&mut chip.sci, &mut chip.err)?;
            if found.good == 0 {
                self.report.warnings.push(format!(
                    "chip {}: no pixel is good: all are flagged with bits of SDQFLAGS, or have no error above 0",
                    report.chip
                ));
            }
            report.statistics = Some(found);
        }
        Ok(())
    }

    /// Says that the exposure has been processed by itself.
    pub fn expscorr(&mut self) -> Result<()> {
        match self.plan.individual_exposures {
            true => self.record("EXPSCORR", Outcome::Complete),
            false => Ok(()),
        }
    }
}

/// What becomes of a task that nothing else stands in the way of.
pub(super) fn outcome(task: Task<'_>) -> Outcome {
    match task {
        Task::Perform(_) => Outcome::Complete,
        Task::Dummy(_) => Outcome::Dummy,
    }
}
