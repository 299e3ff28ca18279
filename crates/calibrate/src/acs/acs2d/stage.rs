//! The observation on its way through the steps, and the steps that need no image.

use super::pass::Measured;
use super::plan::{Plan, Task, of_other_detectors};
use super::{Acs2dOptions, Acs2dReport, ChipReport, photcorr, photmode};
use crate::Chip;
use crate::Result;
use crate::acs::acsccd::readout::Readout;
use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::tables::imphttab::Photometry;
use crate::acs::tables::spottab::{SpotShift, nearest_shift};
use crate::acs::{Observation, Outcome, References, Setup, record_switch};

/// What the steps of acs2d work by.
#[derive(Clone)]
pub(in crate::acs) struct Stage<'a> {
    pub setup: Setup,
    pub(super) plan: Plan<'a>,
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
    /// What is to be done to an observation, checked; None where that is nothing. The observation is not changed.
    pub fn of(
        observation: &Observation,
        references: &'a References,
        options: &'a Acs2dOptions,
    ) -> Result<Option<Self>> {
        let setup = Setup::of(observation)?;
        let plan = Plan::of(observation, &setup, references)?;
        if !plan.has_work() {
            return Ok(None);
        }
        Self::planned(observation, setup, plan, options).map(Some)
    }

    /// As [`Stage::of`], of a plan by which there is something to be done.
    pub(super) fn planned(
        observation: &Observation,
        setup: Setup,
        plan: Plan<'a>,
        options: &'a Acs2dOptions,
    ) -> Result<Self> {
        plan.check(observation, &setup)?;
        Self::new(observation, setup, plan, options)
    }

    /// Finds the rows of all tables; nothing of the observation is changed.
    fn new(
        observation: &Observation,
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
        let mut warnings = of_other_detectors(observation, &setup);
        warnings.extend(plan.dummies());
        let report = Acs2dReport {
            chips: observation
                .chips
                .iter()
                .map(|chip| ChipReport {
                    chip: chip.number(),
                    ..ChipReport::default()
                })
                .collect(),
            warnings,
            ..Acs2dReport::default()
        };
        Ok(Self {
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
    pub fn ccdtab(&mut self, observation: &mut Observation) -> Result<()> {
        let (Some(ccdtab), Some(readout)) = (self.plan.ccdtab, self.readouts.first()) else {
            return Ok(());
        };
        readout.parameters.record(&mut observation.primary, ccdtab)
    }

    /// Sets the switch of a step, its HISTORY, and its line in the report.
    pub fn record(&mut self, observation: &mut Observation, switch: &str, outcome: Outcome) -> Result<()> {
        self.report.steps.push((switch.to_owned(), outcome));
        record_switch(&mut observation.primary, switch, outcome)
    }

    /// Records what was measured of the good pixels of every chip.
    pub fn statistics(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        let chips = observation.chips.iter_mut().zip(measured);
        for ((chip, measured), report) in chips.zip(&mut self.report.chips) {
            let found = measured.statistics;
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

    /// Records all that is done once the pixels are electrons with errors.
    pub fn record_all(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        self.record_images(observation, measured)?;
        self.photcorr(observation)?;
        self.statistics(observation, measured)?;
        self.expscorr(observation)
    }

    /// Whether there is nothing to do but apply reference images and measure: pixels are electrons that bad pixels are
    /// flagged in. (Errors are not looked at.)
    pub fn is_of_images_alone(&self, observation: &Observation) -> bool {
        let electrons = observation.chips.iter().all(Chip::in_electrons);
        electrons && self.plan.dqi.is_none() && self.plan.mlintab.is_none()
    }

    /// Says that the exposure has been processed by itself.
    pub fn expscorr(&mut self, observation: &mut Observation) -> Result<()> {
        match self.plan.individual_exposures {
            true => self.record(observation, "EXPSCORR", Outcome::Complete),
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
