//! The steps that apply reference images: dark, post-flash, flats, shutter shading.

use super::plan::{Flats, Task};
use super::spots::shift_spots;
use super::stage::{Stage, outcome};
use crate::Result;
use crate::acs::{Channel, Chip, Covering, Outcome, history, record_image, record_table, set};
use crate::steps::{darkcorr, flatcorr, flshcorr, multiply, shadcorr};
use firstlight_frame::Frame;

impl Stage<'_> {
    /// DARKCORR.
    pub fn darkcorr(&mut self) -> Result<()> {
        let Some(task) = self.plan.dark else {
            return Ok(());
        };
        let darktime_s = match (self.setup.channel, self.options.scale_sbc_dark) {
            (Channel::Sbc, true) => self.setup.exptime_s,
            (Channel::Sbc, false) => 0.0,
            _ => self.setup.darktime_s,
        };
        if let Task::Perform(reference) = task {
            if darktime_s == 0.0 && self.setup.channel != Channel::Sbc {
                let words = "DARKTIME is 0 s: the dark that was subtracted is 0";
                self.report.warnings.push(words.to_owned());
            }
            for (chip, report) in self.observation.chips.iter_mut().zip(&mut self.report.chips) {
                let dark = reference.covering(&self.setup, chip)?;
                let serious = chip.serious();
                let found = darkcorr(&mut chip.frame, &dark, darktime_s as f32, serious)?;
                found.record(&mut chip.sci)?;
                report.mean_dark_e = Some(found.mean_e);
            }
        }
        self.record("DARKCORR", outcome(task))?;
        record_image(&mut self.observation.primary, task.reference())
    }

    /// FLSHCORR; without a flash there is nothing to subtract.
    pub fn flshcorr(&mut self) -> Result<()> {
        let Some(task) = self.plan.flash else {
            return Ok(());
        };
        let mut became = outcome(task);
        if let Task::Perform(reference) = task {
            let flashdur_s = self.setup.flashdur_s as f32;
            if flashdur_s > 0.0 {
                if self.setup.flash_status == "ABORTED" {
                    self.warn("Post-flash STATUS was ABORTED. Post-flash may be compromised.")?;
                }
                for (chip, report) in self.observation.chips.iter_mut().zip(&mut self.report.chips) {
                    let flash = reference.covering(&self.setup, chip)?;
                    let serious = chip.serious();
                    let found = flshcorr(&mut chip.frame, &flash, flashdur_s, serious)?;
                    found.record(&mut chip.sci)?;
                    report.mean_flash_e = Some(found.mean_e);
                }
            } else {
                self.warn("Post-flash exposure was 0 seconds. FLSHCORR not performed.")?;
                became = Outcome::NotPerformed;
            }
        }
        self.record("FLSHCORR", became)?;
        record_image(&mut self.observation.primary, task.reference())
    }

    /// Says something in HISTORY and in the report.
    fn warn(&mut self, words: &str) -> Result<()> {
        self.report.warnings.push(words.to_owned());
        history(&mut self.observation.primary, words)
    }

    /// FLATCORR by all flats that the header names.
    pub fn flatcorr(&mut self) -> Result<()> {
        let Some(flats) = self.plan.flats else {
            return Ok(());
        };
        let became = if flats.usable() {
            for chip in 0..self.observation.chips.len() {
                self.divide(chip, &flats)?;
            }
            Outcome::Complete
        } else {
            Outcome::Dummy
        };
        self.record("FLATCORR", became)?;
        let primary = &mut self.observation.primary;
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

    /// Divides one chip by its flats, one after the other; the spots are applied with the first.
    fn divide(&mut self, index: usize, flats: &Flats<'_>) -> Result<()> {
        let Some(chip) = self.observation.chips.get_mut(index) else {
            return Ok(());
        };
        let mut spots = match (flats.spots_at(), self.spot_shift) {
            (Some((spots, _)), Some(shift)) => {
                let whole = spots.imset(chip.number())?;
                let (origin, shape) = (spots.origin_under(chip)?, chip.frame.sci.shape());
                Some(shift_spots(&whole.frame, shift, origin, shape))
            }
            _ => None,
        };
        for reference in [flats.pixel, flats.delta]
            .into_iter()
            .flatten()
            .filter_map(|task| task.usable())
        {
            let flat = reference.covering(&self.setup, chip)?;
            divide_by(chip, flat, spots.take())?;
        }
        if let Some(reference) = flats.low.and_then(|task| task.usable()) {
            let flat = reference.expanded(&self.setup, chip)?;
            divide_by(chip, flat, spots.take())?;
        }
        set(&mut chip.sci, "BUNIT", "ELECTRONS")?;
        set(&mut chip.err, "BUNIT", "ELECTRONS")
    }

    /// SHADCORR; an exposure of 0 s is left as it is.
    pub fn shadcorr(&mut self) -> Result<()> {
        let Some(task) = self.plan.shading else {
            return Ok(());
        };
        let mut became = outcome(task);
        if let Task::Perform(reference) = task {
            if self.setup.exptime_s > 0.0 {
                for chip in &mut self.observation.chips {
                    let shading = reference.expanded(&self.setup, chip)?;
                    let each_s = (self.setup.exptime_s / chip.ncombine() as f64) as f32;
                    shadcorr(&mut chip.frame, &shading.frame()?, each_s)?;
                }
            } else {
                let words = "EXPTIME is 0 s: SHADCORR was not performed";
                self.report.warnings.push(words.to_owned());
                became = Outcome::NotPerformed;
            }
        }
        self.record("SHADCORR", became)?;
        record_image(&mut self.observation.primary, task.reference())
    }
}

fn divide_by(chip: &mut Chip, flat: Covering, spots: Option<Frame>) -> Result<()> {
    match spots {
        Some(spots) => {
            let mut flat = flat.frame()?;
            multiply(&mut flat, &spots)?;
            flatcorr(&mut chip.frame, &flat)
        }
        None => flatcorr(&mut chip.frame, &flat),
    }
}
