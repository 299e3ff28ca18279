//! What acsccd is to do to an exposure, and the tables it does it by: all that can be wrong is found here, before the
//! first pixel changes.

use super::blevcorr;
use super::readout::Readout;
use super::trim::Trim;
use crate::acs::tables::atodtab::AtodCorrection;
use crate::acs::tables::bpixtab::{BadPixels, bad_pixels};
use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::tables::oscntab::Overscan;
use crate::acs::{Channel, Chip, Observation, Reference, References, Setup};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The switches of this stage, in the order of their steps.
pub(super) const SWITCHES: [&str; 5] = ["DQICORR", "ATODCORR", "BIASCORR", "BLEVCORR", "SINKCORR"];

/// How acsccd is to be done, beside the switches and reference files that the header names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcsccdOptions {
    /// Leave the overscan in place after the bias level is subtracted, as for looking at it. Later stages expect
    /// images without.
    #[cfg_attr(feature = "clap", arg(long))]
    pub keep_overscan: bool,
}

/// The tables' rows for one chip.
pub(super) struct ChipTables {
    pub readout: Readout,
    pub overscan: Option<Overscan>,
    pub bad_pixels: Vec<BadPixels>,
}

impl ChipTables {
    pub fn trim(&self) -> Trim {
        Trim::of(self.overscan.as_ref())
    }
}

/// Which steps are done, and with what.
pub(super) struct Plan<'a> {
    does: Vec<&'static str>,
    ccdtab: &'a Reference,
    pub bpixtab: Option<&'a Reference>,
    pub atodtab: Option<&'a Reference>,
    pub atod: Option<AtodCorrection>,
    pub biasfile: Option<&'a Reference>,
    pub oscntab: Option<&'a Reference>,
    pub satufile: Option<&'a Reference>,
    pub snkcfile: Option<&'a Reference>,
    /// In the order of the exposure's chips; at least one.
    pub chips: Vec<ChipTables>,
}

impl<'a> Plan<'a> {
    pub fn of(observation: &Observation, setup: &Setup, references: &'a References) -> Result<Self> {
        check_raw(observation, setup)?;
        let does: Vec<&'static str> = SWITCHES
            .into_iter()
            .filter(|switch| observation.switch(switch).is_perform())
            .collect();
        let Some(&first) = does.first() else {
            return Err(Error::NothingToDo {
                name: observation.name.clone(),
                stage: "acsccd",
                switches: SWITCHES.join(", "),
            });
        };
        let needed = |switch: &str, keyword: &str| {
            if !does.contains(&switch) {
                return Ok(None);
            }
            references.require(switch, keyword).map(Some)
        };
        let ccdtab = references.require(first, "CCDTAB")?;
        let biasfile = needed("BIASCORR", "BIASFILE")?;
        let oscntab = needed("BLEVCORR", "OSCNTAB")?;
        let satufile = match (biasfile, oscntab) {
            (Some(bias), Some(table)) if !bias.is_dummy() && !table.is_dummy() => {
                needed("BIASCORR", "SATUFILE")?
            }
            _ => None,
        };
        let mut plan = Self {
            ccdtab,
            // Without a table of bad pixels saturation is still flagged.
            bpixtab: references.get("BPIXTAB").filter(|_| does.contains(&"DQICORR")),
            atodtab: needed("ATODCORR", "ATODTAB")?,
            atod: None,
            biasfile,
            oscntab,
            satufile,
            snkcfile: needed("SINKCORR", "SNKCFILE")?,
            chips: Vec::new(),
            does,
        };
        plan.check_references(observation, setup)?;
        if let Some(table) = plan.atodtab.filter(|table| !table.is_dummy()) {
            plan.atod = Some(AtodCorrection::of(observation, setup, table)?);
        }
        let chips = observation.chips.iter().map(|chip| plan.tables(setup, chip));
        plan.chips = chips.collect::<Result<_>>()?;
        if plan.oscntab.is_some_and(|table| !table.is_dummy()) {
            let (readouts, overscans) = plan.readouts_and_overscans();
            blevcorr::check(&observation.chips, setup, &readouts, &overscans)?;
        }
        Ok(plan)
    }

    /// Whether the step of a switch is asked for.
    pub fn does(&self, switch: &str) -> bool {
        self.does.contains(&switch)
    }

    fn check_references(&self, observation: &Observation, setup: &Setup) -> Result<()> {
        if self.ccdtab.is_dummy() {
            return Err(Error::ReferenceValue {
                keyword: self.ccdtab.keyword.clone(),
                path: self.ccdtab.path(),
                what: "PEDIGREE".to_owned(),
                found: self.ccdtab.pedigree.clone(),
                expected: "that of a table in use: gains and readout noise have no substitute",
            });
        }
        let tables = [Some(self.ccdtab), self.bpixtab, self.atodtab, self.oscntab];
        for table in tables.into_iter().flatten() {
            table.check_serves(setup.channel)?;
        }
        let images = [self.biasfile, self.satufile, self.snkcfile];
        let in_use = images.into_iter().flatten().filter(|image| !image.is_dummy());
        for image in in_use {
            for chip in &observation.chips {
                image.check_covering(setup, chip)?;
            }
        }
        Ok(())
    }

    fn tables(&self, setup: &Setup, chip: &Chip) -> Result<ChipTables> {
        let parameters = CcdParameters::of(setup, chip, self.ccdtab)?;
        let overscan = match self.oscntab.filter(|table| !table.is_dummy()) {
            Some(table) => Overscan::of(setup, chip, table)?,
            None => None,
        };
        let bad_pixels = match self.bpixtab.filter(|table| !table.is_dummy()) {
            Some(table) => bad_pixels(setup, chip.number(), table)?,
            None => Vec::new(),
        };
        Ok(ChipTables {
            readout: Readout::of(setup, chip, parameters)?,
            overscan,
            bad_pixels,
        })
    }

    /// As the step of the bias level takes them.
    pub fn readouts_and_overscans(&self) -> (Vec<Readout>, Vec<Option<Overscan>>) {
        let of_chip = |tables: &ChipTables| (tables.readout.clone(), tables.overscan.clone());
        self.chips.iter().map(of_chip).unzip()
    }

    /// Records gains, readout noise and CCDTAB in the primary header.
    pub fn record_ccdtab(&self, observation: &mut Observation) -> Result<()> {
        let parameters = &self.chips[0].readout.parameters;
        parameters.record(&mut observation.primary, self.ccdtab)
    }
}

/// Whether the exposure is raw, and of a CCD.
fn check_raw(observation: &Observation, setup: &Setup) -> Result<()> {
    if setup.channel == Channel::Sbc {
        return Err(Error::NotCcd {
            name: observation.name.clone(),
        });
    }
    // Tables have rows for a gain of 1 too.
    observation.real("CCDGAIN")?;
    if observation.switch("DARKCORR").is_perform() {
        observation.real("DARKTIME")?;
    }
    if observation.chips.is_empty() {
        return Err(Error::NoPixels { version: 1 });
    }
    for chip in &observation.chips {
        chip.shape()?;
        let unit = chip.sci.text("BUNIT").unwrap_or_default();
        if unit.trim().to_ascii_uppercase().starts_with("ELECTRON") {
            return Err(Error::AlreadyCalibrated {
                name: observation.name.clone(),
                stage: "acsccd",
                reason: format!("the unit of [SCI,{}] is {}", chip.version, unit.trim()),
            });
        }
    }
    Ok(())
}
