//! The steps that apply reference images: dark, post-flash, flats, shutter shading.

use super::pass::{Measured, Pass};
use super::plan::{Flats, Task};
use super::spots::shift_spots;
use super::stage::{Stage, outcome};
use crate::Result;
use crate::acs::{Channel, Chip, Covering, Observation, Outcome, history, record_image, record_table, set};
use crate::steps::multiply;
use firstlight_frame::Frame;

impl Stage<'_> {
    /// Does the steps to every chip, and measures what they leave.
    pub fn images(&self, observation: &mut Observation) -> Result<Vec<Measured>> {
        let one = |chip: &mut Chip| self.pass(chip)?.over(&mut chip.frame);
        observation.chips.iter_mut().map(one).collect()
    }

    /// The steps of a chip.
    pub fn pass(&self, chip: &Chip) -> Result<Pass> {
        let mut pass = Pass {
            serious: chip.serious(),
            ..Pass::default()
        };
        if let Some(Task::Perform(reference)) = self.plan.dark {
            pass.dark = Some((reference.covering(&self.setup, chip)?, self.dark_s() as f32));
        }
        let flashdur_s = self.setup.flashdur_s as f32;
        if let (Some(Task::Perform(reference)), true) = (self.plan.flash, flashdur_s > 0.0) {
            pass.flash = Some((reference.covering(&self.setup, chip)?, flashdur_s));
        }
        if let Some(flats) = self.plan.flats.filter(Flats::usable) {
            pass.flats = self.flats(chip, &flats)?;
        }
        if let (Some(Task::Perform(reference)), true) = (self.plan.shading, self.setup.exptime_s > 0.0) {
            let each_s = (self.setup.exptime_s / chip.ncombine() as f64) as f32;
            pass.shading = Some((reference.expanded(&self.setup, chip)?, each_s));
        }
        Ok(pass)
    }

    /// The time that the dark builds up in, s.
    fn dark_s(&self) -> f64 {
        match (self.setup.channel, self.options.scale_sbc_dark) {
            (Channel::Sbc, true) => self.setup.exptime_s,
            (Channel::Sbc, false) => 0.0,
            _ => self.setup.darktime_s,
        }
    }

    /// The flats of a chip, in the order that it is divided by them; the spots are applied with the first.
    fn flats(&self, chip: &Chip, flats: &Flats<'_>) -> Result<Vec<Covering>> {
        let mut spots = match (flats.spots_at(), self.spot_shift) {
            (Some((spots, _)), Some(shift)) => {
                let whole = spots.imset(chip.number())?;
                let (origin, shape) = (spots.origin_under(chip)?, chip.frame.sci.shape());
                Some(shift_spots(&whole.frame, shift, origin, shape))
            }
            _ => None,
        };
        let mut all = Vec::new();
        for reference in [flats.pixel, flats.delta]
            .into_iter()
            .flatten()
            .filter_map(|task| task.usable())
        {
            let flat = reference.covering(&self.setup, chip)?;
            all.push(with_spots(flat, spots.take())?);
        }
        if let Some(reference) = flats.low.and_then(|task| task.usable()) {
            let flat = reference.expanded(&self.setup, chip)?;
            all.push(with_spots(flat, spots.take())?);
        }
        Ok(all)
    }

    /// Records all of them, in their order.
    pub fn record_images(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        self.darkcorr(observation, measured)?;
        self.flshcorr(observation, measured)?;
        self.flatcorr(observation, measured)?;
        self.shadcorr(observation)
    }

    /// DARKCORR.
    fn darkcorr(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        let Some(task) = self.plan.dark else {
            return Ok(());
        };
        if let Task::Perform(_) = task {
            if self.dark_s() == 0.0 && self.setup.channel != Channel::Sbc {
                let words = "DARKTIME is 0 s: the dark that was subtracted is 0";
                self.report.warnings.push(words.to_owned());
            }
            if self.dark_s() == 0.0 && self.setup.channel == Channel::Sbc && self.setup.exptime_s > 0.0 {
                let words = "the dark of the SBC is multiplied by 0, as in the official program, and MEANDARK is 0: no dark is \
                             subtracted; --scale-sbc-dark subtracts it by EXPTIME";
                self.report.warnings.push(words.to_owned());
            }
            let chips = observation.chips.iter_mut().zip(&mut self.report.chips);
            for ((chip, report), measured) in chips.zip(measured) {
                if let Some(found) = measured.dark {
                    found.record(&mut chip.sci)?;
                    report.mean_dark_e = Some(found.mean_e);
                }
            }
        }
        self.record(observation, "DARKCORR", outcome(task))?;
        record_image(&mut observation.primary, task.reference())
    }

    /// FLSHCORR; without a flash there is nothing to subtract.
    fn flshcorr(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        let Some(task) = self.plan.flash else {
            return Ok(());
        };
        let mut became = outcome(task);
        if let Task::Perform(_) = task {
            if self.setup.flashdur_s as f32 > 0.0 {
                if self.setup.flash_status == "ABORTED" {
                    let words = "Post-flash STATUS was ABORTED. Post-flash may be compromised.";
                    self.warn(observation, words)?;
                }
                let chips = observation.chips.iter_mut().zip(&mut self.report.chips);
                for ((chip, report), measured) in chips.zip(measured) {
                    if let Some(found) = measured.flash {
                        found.record(&mut chip.sci)?;
                        report.mean_flash_e = Some(found.mean_e);
                    }
                }
            } else {
                let words = "Post-flash exposure was 0 seconds. FLSHCORR not performed.";
                self.warn(observation, words)?;
                became = Outcome::NotPerformed;
            }
        }
        self.record(observation, "FLSHCORR", became)?;
        record_image(&mut observation.primary, task.reference())
    }

    /// Says something in HISTORY and in the report.
    fn warn(&mut self, observation: &mut Observation, words: &str) -> Result<()> {
        self.report.warnings.push(words.to_owned());
        history(&mut observation.primary, words)
    }

    /// FLATCORR by all flats that the header names.
    fn flatcorr(&mut self, observation: &mut Observation, measured: &[Measured]) -> Result<()> {
        let Some(flats) = self.plan.flats else {
            return Ok(());
        };
        let became = if flats.usable() {
            for chip in &mut observation.chips {
                set(&mut chip.sci, "BUNIT", "ELECTRONS")?;
                set(&mut chip.err, "BUNIT", "ELECTRONS")?;
            }
            for (chip, measured) in observation.chips.iter().zip(measured) {
                if measured.not_of_flats > 0 {
                    self.report.warnings.push(format!(
                        "chip {}: the flats have {} pixels that are no numbers (NaN or infinite): neither are those of SCI and \
                         ERR, and DQ does not tell",
                        chip.number(),
                        measured.not_of_flats
                    ));
                }
            }
            Outcome::Complete
        } else {
            Outcome::Dummy
        };
        self.record(observation, "FLATCORR", became)?;
        let primary = &mut observation.primary;
        for task in [flats.pixel, flats.delta, flats.low, flats.spots]
            .into_iter()
            .flatten()
        {
            record_image(primary, task.reference())?;
        }
        match (flats.spots, flats.positions) {
            (Some(_), Some(positions)) => record_table(primary, positions.reference(), ""),
            _ => Ok(()),
        }
    }

    /// SHADCORR; an exposure of 0 s is left as it is.
    fn shadcorr(&mut self, observation: &mut Observation) -> Result<()> {
        let Some(task) = self.plan.shading else {
            return Ok(());
        };
        let mut became = outcome(task);
        if let (Task::Perform(_), false) = (task, self.setup.exptime_s > 0.0) {
            let words = "EXPTIME is 0 s: SHADCORR was not performed";
            self.report.warnings.push(words.to_owned());
            became = Outcome::NotPerformed;
        }
        self.record(observation, "SHADCORR", became)?;
        record_image(&mut observation.primary, task.reference())
    }
}

fn with_spots(flat: Covering, spots: Option<Frame>) -> Result<Covering> {
    let Some(spots) = spots else {
        return Ok(flat);
    };
    let mut flat = flat.frame()?;
    multiply(&mut flat, &spots)?;
    Ok(Covering::from(flat))
}
