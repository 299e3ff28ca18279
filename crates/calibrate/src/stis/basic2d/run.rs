//! The steps of basic2d with what each of them needs, over all imsets.

use super::plan::Plan;
use super::report::{Basic2dReport, ImsetReport};
use super::{
    HousingTemperatures, aperture, biascorr, blevcorr, darkcorr, dqicorr, flatcorr, noise, photcorr,
    photmode, temperature,
};
use crate::record::{Outcome, history, put};
use crate::stis::observation::ImsetKeywords;
use crate::stis::{Setup, heliocentric_velocity};
use crate::{Chip, Observation, Result};
use firstlight_frame::Switch;

/// An exposure on its way through the steps.
pub(super) struct Run<'a> {
    observation: &'a mut Observation,
    setup: &'a Setup,
    plan: &'a Plan<'a>,
    report: Basic2dReport,
}

impl<'a> Run<'a> {
    pub fn new(observation: &'a mut Observation, setup: &'a Setup, plan: &'a Plan<'a>) -> Self {
        let of_imset = |chip: &Chip| ImsetReport {
            version: chip.version,
            usable: chip.is_usable(),
            ..ImsetReport::default()
        };
        let imsets = observation.chips.iter().map(of_imset).collect();
        Self {
            observation,
            setup,
            plan,
            report: Basic2dReport {
                imsets,
                ..Basic2dReport::default()
            },
        }
    }

    pub fn into_report(self) -> Basic2dReport {
        self.report
    }

    /// Does something to each imset that can be used.
    fn each(&mut self, mut step: impl FnMut(&str, &mut Chip, &mut ImsetReport) -> Result<()>) -> Result<()> {
        let Observation { name, chips, .. } = &mut *self.observation;
        let imsets = chips.iter_mut().zip(&mut self.report.imsets);
        for (chip, report) in imsets.filter(|(_, report)| report.usable) {
            step(name, chip, report)?;
        }
        Ok(())
    }

    pub fn temperatures(&mut self, engineering: &HousingTemperatures) -> Result<()> {
        let is_combined = self.observation.switch("CRCORR") == Switch::Complete;
        let mut without = Vec::new();
        self.each(|name, chip, report| {
            if !is_combined && chip.sci.real("OCCDHTAV").is_some_and(|celsius| celsius >= 0.0) {
                let sufficed = temperature::update(chip, name, engineering)?;
                without.extend((!sufficed).then_some(report.version));
            }
            report.housing_temperature_c = chip.housing_temperature_c();
            Ok(())
        })?;
        if !without.is_empty() {
            self.report.warnings.push(format!(
                "the engineering temperatures beside it (_epc.fits) have no reading before and after the exposure of {}: \
                 OCCDHTAV stays as it is",
                imsets(&without)
            ));
        }
        Ok(())
    }

    /// V_HELIO, at the middle of each exposure of a spectrum that is none of a lamp.
    pub fn velocity(&mut self) -> Result<()> {
        let of_target = |keyword| self.observation.primary.real(keyword);
        let Some((ra, dec)) = of_target("RA_TARG").zip(of_target("DEC_TARG")) else {
            return Ok(());
        };
        if !self.setup.is_spectroscopic() {
            return Ok(());
        }
        self.each(|name, chip, _| {
            if chip.sci.text("ASN_MTYP").unwrap_or_default().contains("WAVECAL") {
                return Ok(());
            }
            let (start, end) = chip.interval_mjd(name)?;
            let velocity = heliocentric_velocity(ra, dec, (start + end) / 2.0);
            put(
                &mut chip.sci,
                "V_HELIO",
                velocity,
                "heliocentric radial velocity (km/s)",
            )
        })
    }

    pub fn dqicorr(&mut self) -> Result<()> {
        if !self.plan.does("DQICORR") {
            return Ok(());
        }
        let (setup, plan) = (self.setup, self.plan);
        self.each(|_, chip, report| {
            report.saturated = dqicorr(chip, &plan.bad_pixels, plan.parameters.saturate_dn)?;
            aperture::beyond_aperture(chip, setup)
        })?;
        let outcome = dqicorr::record_dqicorr(&mut self.observation.primary, plan.bpixtab)?;
        self.report.outcomes.insert("DQICORR", outcome);
        Ok(())
    }

    pub fn blevcorr(&mut self) -> Result<()> {
        if !self.plan.does("BLEVCORR") {
            return Ok(());
        }
        let (setup, parameters) = (self.setup, &self.plan.parameters);
        let mut first = None;
        self.each(|_, chip, report| {
            let level = blevcorr(chip, setup, parameters)?;
            level.record(chip)?;
            report.mean_bias_dn = Some(level.mean_dn);
            first.get_or_insert(level);
            Ok(())
        })?;
        if let Some(level) = first {
            level.record_switch(&mut self.observation.primary)?;
            self.report.outcomes.insert("BLEVCORR", Outcome::Complete);
        }
        Ok(())
    }

    pub fn noise(&mut self) -> Result<()> {
        let parameters = &self.plan.parameters;
        let without_bias = self.plan.does("BLEVCORR");
        let mut any = false;
        self.each(|_, chip, _| {
            let bias_dn = if without_bias { 0.0 } else { parameters.bias_dn };
            any |= noise::ccd_noise(chip, parameters, bias_dn)?;
            Ok(())
        })?;
        match any {
            true => history(&mut self.observation.primary, "Uncertainty array initialized."),
            false => Ok(()),
        }
    }

    pub fn biascorr(&mut self) -> Result<()> {
        let Some(biasfile) = self.plan.biasfile else {
            return Ok(());
        };
        if !biasfile.is_dummy() {
            self.each(|_, chip, _| biascorr(chip, &biasfile.under_chip(chip)?))?;
        }
        let outcome = biascorr::record_biascorr(&mut self.observation.primary, biasfile)?;
        self.report.outcomes.insert("BIASCORR", outcome);
        Ok(())
    }

    pub fn darkcorr(&mut self) -> Result<()> {
        let Some(darkfile) = self.plan.darkfile else {
            return Ok(());
        };
        if !darkfile.is_dummy() {
            let gain = self.plan.parameters.gain_e_per_dn;
            let mut unscaled = Vec::new();
            self.each(|name, chip, report| {
                let temperature = chip.housing_temperature_c();
                unscaled.extend((temperature.is_none() && chip.is_of_side2()).then_some(report.version));
                let factor = darkcorr::temperature_factor(darkfile.primary(), temperature);
                let seconds = chip.exptime_s(name)?;
                let scale = (factor * seconds / f64::from(gain)) as f32;
                let dark = darkfile.under_chip(chip)?;
                let median_dn = darkcorr(chip, &dark, scale)?;
                darkcorr::record_meandark(chip, median_dn)?;
                report.mean_dark_dn = Some(median_dn);
                Ok(())
            })?;
            if !unscaled.is_empty() {
                self.report.warnings.push(format!(
                    "the dark is not scaled with temperature: OCCDHTAV of {} is missing or not above 0",
                    imsets(&unscaled)
                ));
            }
        }
        let outcome = darkcorr::record_darkcorr(&mut self.observation.primary, darkfile)?;
        self.report.outcomes.insert("DARKCORR", outcome);
        Ok(())
    }

    pub fn flatcorr(&mut self) -> Result<()> {
        if !self.plan.does("FLATCORR") {
            return Ok(());
        }
        let flats = self.plan.flats;
        self.each(|_, chip, _| {
            if let Some(flat) = flatcorr::flat_field(chip, flats)? {
                crate::steps::flatcorr(&mut chip.frame, &flat)?;
            }
            Ok(())
        })?;
        let outcome = flatcorr::record_flatcorr(&mut self.observation.primary, flats)?;
        self.report.outcomes.insert("FLATCORR", outcome);
        Ok(())
    }

    /// PHOTMODE, of the first imset's day, and PHOTCORR, by its temperature.
    pub fn photometry(&mut self) -> Result<()> {
        let Observation { name, primary, chips } = &mut *self.observation;
        let Some(chip) = chips.iter().find(|chip| chip.is_usable()) else {
            return Ok(());
        };
        let (expstart_mjd, _) = chip.interval_mjd(name)?;
        let words = photmode(self.setup, primary.integer("CENWAVE"), expstart_mjd);
        put(primary, "PHOTMODE", words.as_str(), "list of components")?;
        let Some(imphttab) = self.plan.imphttab else {
            return Ok(());
        };
        let tables = (imphttab, self.plan.tdstab);
        let gain = self.plan.parameters.gain_e_per_dn;
        let found = match imphttab.is_dummy() {
            true => None,
            false => Some(photcorr(
                self.setup,
                &words,
                tables,
                gain,
                chip.housing_temperature_c(),
            )?),
        };
        let outcome = photcorr::record_photcorr(primary, found.as_ref(), tables)?;
        self.report.outcomes.insert("PHOTCORR", outcome);
        self.report.photometry = found;
        Ok(())
    }

    pub fn statistics(&mut self) -> Result<()> {
        if !self.observation.primary.logical("STATFLAG").unwrap_or(false) {
            return Ok(());
        }
        self.each(|_, chip, _| {
            let found = crate::steps::statistics(&chip.frame, chip.serious())?;
            found.record(&mut chip.sci, &mut chip.err)
        })
    }
}

/// Imsets by the name of their SCI.
fn imsets(versions: &[i64]) -> String {
    let all: Vec<String> = versions.iter().map(|version| format!("SCI,{version}")).collect();
    all.join(" and ")
}
