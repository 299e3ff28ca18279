//! The steps of acsccd with what each of them needs: one reference image of one chip is in memory at a time.

use super::blevcorr::LevelOf;
use super::plan::Plan;
use super::report::AcsccdReport;
use super::trim::{self, Trim};
use super::{
    AcsccdOptions, atodcorr, biascorr, blevcorr, darktime, dqicorr, full_well, noise, sinkcorr, to_electrons,
    untrimmed,
};
use crate::Result;
use crate::acs::{Observation, Outcome, Setup};

/// DN that a bias level may be away from that of CCDTAB, and ten times the readout noise where that is more.
const FAR_DN: f64 = 100.0;

/// An exposure on its way through the stage.
pub(super) struct Run<'a> {
    pub observation: &'a mut Observation,
    pub setup: &'a Setup,
    pub plan: Plan<'a>,
    pub report: AcsccdReport,
}

impl Run<'_> {
    /// Tells of packets of telemetry that were lost: the samples that stand for them are no measurements, and those in the
    /// overscan move the bias level where DQ does not say so.
    pub fn lost_packets(&mut self) {
        for chip in &self.observation.chips {
            for (keyword, what) in [("FILLCNT", "hold fill"), ("ERRCNT", "have errors")] {
                let count = chip.sci.integer(keyword).filter(|count| *count > 0);
                self.report.warnings.extend(count.map(|count| {
                    format!(
                        "SCI,{}: {keyword} is {count}: as many segments of the telemetry {what}; look at the image, and mark \
                         what is not of the sky in DQ (2 is fill) before the bias level is measured",
                        chip.version
                    )
                }));
            }
        }
    }

    /// Tells of steps that were asked for and not done, or but in part, for want of a reference file that is none.
    pub fn left_out(&mut self) {
        let plan = &self.plan;
        let of = [
            ("DQICORR", plan.bpixtab),
            ("ATODCORR", plan.atodtab),
            ("BIASCORR", plan.biasfile),
            ("BLEVCORR", plan.oscntab),
            ("SINKCORR", plan.snkcfile),
        ];
        for (switch, reference) in of {
            if let Some(dummy) = reference.filter(|reference| reference.is_dummy()) {
                self.report.warnings.push(dummy.skips(switch));
            }
        }
        if plan.does("DQICORR") && plan.bpixtab.is_none() {
            self.report.warnings.push(
                "DQICORR: BPIXTAB names no file: saturation is flagged, and no bad pixels of the detector are".to_owned(),
            );
        }
        if let Some(dummy) = plan.satufile.filter(|reference| reference.is_dummy()) {
            self.report.warnings.push(format!(
                "{} {} is a dummy (PEDIGREE {}): no full wells are flagged",
                dummy.keyword, dummy.named, dummy.pedigree
            ));
        }
    }

    /// Tells of chips whose size OSCNTAB has no row for.
    pub fn doubt_sizes(&mut self) -> Result<()> {
        let Some(oscntab) = self.plan.oscntab.filter(|table| !table.is_dummy()) else {
            return Ok(());
        };
        let chips = self.observation.chips.iter().zip(&self.plan.chips);
        for (chip, _) in chips.filter(|(_, tables)| tables.overscan.is_none()) {
            let doubt = untrimmed::doubt(self.setup, chip, oscntab)?;
            self.report.warnings.push(doubt);
        }
        Ok(())
    }

    /// Tells of bias levels that are far from those that CCDTAB expects: the readout is another one than it says, or the
    /// overscan is none.
    fn doubt_levels(&mut self, levels: &[LevelOf]) {
        for of in levels {
            let tables = self.plan.chips.iter();
            let mut parameters = tables.map(|tables| &tables.readout.parameters);
            let Some(parameters) = parameters.find(|found| found.gain(of.amplifier) > 0.0) else {
                continue;
            };
            let gain = f64::from(parameters.gain(of.amplifier));
            let expected = f64::from(parameters.bias_dn[of.amplifier.index()]);
            let found = of.level_e / gain;
            let noise = f64::from(parameters.readnoise(of.amplifier)) / gain;
            if expected > 0.0 && (found - expected).abs() > FAR_DN.max(10.0 * noise) {
                let letter = of.amplifier.letter();
                self.report.warnings.push(format!(
                    "the bias level of amplifier {letter} is {found:.1} DN in the overscan, but CCDBIAS{letter} of CCDTAB \
                     is {expected:.1} DN: look at the overscan of the raw frame, and whether CCDGAIN and CCDAMP are its own"
                ));
            }
        }
    }

    pub fn dqicorr(&mut self) -> Result<()> {
        if !self.plan.does("DQICORR") {
            return Ok(());
        }
        for (chip, tables) in self.observation.chips.iter_mut().zip(&self.plan.chips) {
            let limit = tables.readout.parameters.atod_saturate_dn;
            let flagged = dqicorr::dqicorr(chip, &tables.bad_pixels, Some(limit))?;
            self.report.atod_saturated += flagged.atod_saturated;
            self.report.bad_pixel_runs += flagged.runs;
        }
        let primary = &mut self.observation.primary;
        let outcome = dqicorr::record_dqicorr(primary, self.setup.channel, self.plan.bpixtab)?;
        self.report.outcomes.insert("DQICORR", outcome);
        Ok(())
    }

    pub fn atodcorr(&mut self) -> Result<()> {
        let Some(atodtab) = self.plan.atodtab else {
            return Ok(());
        };
        let correction = self.plan.atod.as_ref();
        if let Some(correction) = correction.filter(|correction| !correction.is_dummy()) {
            for chip in &mut self.observation.chips {
                self.report.full_well_saturated += atodcorr::atodcorr(chip, correction)?;
            }
        }
        let outcome = atodcorr::record_atodcorr(&mut self.observation.primary, atodtab, correction)?;
        self.report.outcomes.insert("ATODCORR", outcome);
        Ok(())
    }

    /// BIASCORR, and electrons: with a bias image, both are done to a row at once.
    pub fn biascorr_and_electrons(&mut self) -> Result<()> {
        let biasfile = self.plan.biasfile.filter(|file| !file.is_dummy());
        for (chip, tables) in self.observation.chips.iter_mut().zip(&self.plan.chips) {
            match biasfile {
                Some(biasfile) => {
                    let bias = biasfile.covering(self.setup, chip)?;
                    biascorr::biascorr_to_electrons(chip, &bias, &tables.readout)?;
                }
                None => to_electrons::to_electrons(chip, &tables.readout)?,
            }
            to_electrons::record_electrons(chip)?;
        }
        if let Some(biasfile) = self.plan.biasfile {
            let outcome = biascorr::record_biascorr(&mut self.observation.primary, biasfile)?;
            self.report.outcomes.insert("BIASCORR", outcome);
        }
        Ok(())
    }

    pub fn blevcorr(&mut self) -> Result<()> {
        let Some(oscntab) = self.plan.oscntab else {
            return Ok(());
        };
        let Observation { primary, chips, .. } = &mut *self.observation;
        let outcome = if oscntab.is_dummy() {
            blevcorr::record_skipped(primary, oscntab)?
        } else {
            let (readouts, overscans) = self.plan.readouts_and_overscans();
            let found = blevcorr::blevcorr(chips, self.setup, &readouts, &overscans)?;
            self.report.take_levels(&found);
            let outcome = blevcorr::record_blevcorr(primary, chips, &found, oscntab)?;
            if found.from_overscan {
                self.doubt_levels(&found.levels);
            }
            outcome
        };
        self.report.outcomes.insert("BLEVCORR", outcome);
        Ok(())
    }

    pub fn darktime(&mut self) -> Result<()> {
        if let Some(tables) = self.plan.chips.first() {
            self.report.darktime_s = darktime::darktime_s(self.setup, &tables.readout);
            darktime::record_darktime(&mut self.observation.primary, self.report.darktime_s)?;
        }
        Ok(())
    }

    pub fn full_well(&mut self) -> Result<()> {
        // The map is in electrons above the bias: without these steps nothing can be compared with it.
        let is_comparable = self.is_complete("BIASCORR") && self.is_complete("BLEVCORR");
        let Some(satufile) = self
            .plan
            .satufile
            .filter(|file| is_comparable && !file.is_dummy())
        else {
            return Ok(());
        };
        for (chip, tables) in self.observation.chips.iter_mut().zip(&self.plan.chips) {
            let map = satufile.covering(self.setup, chip)?;
            self.report.full_well_saturated += full_well::full_well(chip, &map, &tables.trim())?;
        }
        Ok(())
    }

    pub fn noise(&mut self) -> Result<()> {
        let is_bias = self.setup.targname.starts_with("BIAS");
        for (chip, tables) in self.observation.chips.iter_mut().zip(&self.plan.chips) {
            noise::noise(chip, &tables.readout, is_bias)?;
        }
        noise::record_noise(&mut self.observation.primary)
    }

    pub fn sinkcorr(&mut self) -> Result<()> {
        let Some(snkcfile) = self.plan.snkcfile else {
            return Ok(());
        };
        if !snkcfile.is_dummy() {
            for chip in &mut self.observation.chips {
                let map = snkcfile.covering(self.setup, chip)?;
                let upwards = chip.number() != 1;
                self.report.sink_pixels += sinkcorr::sinkcorr(chip, &map, upwards)?;
            }
        }
        let outcome = sinkcorr::record_sinkcorr(&mut self.observation.primary, snkcfile)?;
        self.report.outcomes.insert("SINKCORR", outcome);
        Ok(())
    }

    pub fn trim(&mut self, options: &AcsccdOptions) -> Result<()> {
        let is_trimmed = self.is_complete("BLEVCORR") && !options.keep_overscan;
        for (chip, tables) in self.observation.chips.iter_mut().zip(&self.plan.chips) {
            if !is_trimmed {
                self.report.trimmed.push(Trim::default());
                continue;
            }
            let trim = tables.trim();
            trim::trim(chip, &trim)?;
            trim::record_trim(chip, &trim)?;
            self.report.trimmed.push(trim);
        }
        Ok(())
    }

    fn is_complete(&self, switch: &str) -> bool {
        self.report.outcomes.get(switch) == Some(&Outcome::Complete)
    }
}
