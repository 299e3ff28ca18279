//! What basic2d is to do to an exposure, and the reference files it does it by.

use crate::stis::Setup;
use crate::stis::tables::bpixtab::bad_pixels;
use crate::stis::tables::ccdtab::CcdParameters;
use crate::tables::BadPixels;
use crate::{Chip, Error, Observation, Reference, References, Result};
use firstlight_frame::Switch;

/// Steps that basic2d does, in order.
const SWITCHES: [&str; 6] = [
    "DQICORR", "BLEVCORR", "BIASCORR", "DARKCORR", "FLATCORR", "PHOTCORR",
];
/// Steps that are not known here; with the CCD they are never asked for but by hand.
const UNSUPPORTED: [(&str, &str); 2] = [("ATODCORR", "ATODTAB"), ("SHADCORR", "SHADFILE")];

/// Which steps are done, and with what.
pub(super) struct Plan<'a> {
    does: Vec<&'static str>,
    ccdtab: &'a Reference,
    pub parameters: CcdParameters,
    pub bpixtab: Option<&'a Reference>,
    pub bad_pixels: Vec<BadPixels>,
    pub biasfile: Option<&'a Reference>,
    pub darkfile: Option<&'a Reference>,
    /// PFLTFILE, DFLTFILE and LFLTFILE, as far as they are named.
    pub flats: [Option<&'a Reference>; 3],
    /// IMPHTTAB of an image.
    pub imphttab: Option<&'a Reference>,
    pub tdstab: Option<&'a Reference>,
}

impl<'a> Plan<'a> {
    pub fn of(observation: &Observation, setup: &Setup, references: &'a References) -> Result<Self> {
        for (switch, keyword) in UNSUPPORTED {
            if observation.switch(switch).is_perform() {
                return Err(observation.keyword(
                    switch,
                    match keyword {
                        "ATODTAB" => "OMIT: the correction by ATODTAB is not supported",
                        _ => "OMIT: the correction by SHADFILE is not supported",
                    },
                ));
            }
        }
        let has_overscan = |chip: &Chip| ["LTV1", "LTV2"].iter().any(|ltv| chip.sci.real(ltv) > Some(0.0));
        if observation.switch("BIASCORR").is_perform()
            && matches!(observation.switch("BLEVCORR"), Switch::Omit)
            && observation.chips.iter().any(has_overscan)
        {
            let expected = "PERFORM, as BIASCORR is: the overscan is still there, and the bias image has none; or set \
                            BIASCORR=OMIT too";
            return Err(observation.keyword("BLEVCORR", expected));
        }
        let performed = |switch: &&'static str| observation.switch(switch).is_perform();
        let does: Vec<&'static str> = SWITCHES.into_iter().filter(performed).collect();
        let needed = |switch: &str, keyword: &str| {
            if !does.contains(&switch) {
                return Ok(None);
            }
            references.require(switch, keyword).map(Some)
        };
        let ccdtab = references.require(does.first().copied().unwrap_or("CRCORR"), "CCDTAB")?;
        if ccdtab.is_dummy() {
            return Err(Error::ReferenceValue {
                keyword: ccdtab.keyword.clone(),
                path: ccdtab.path(),
                what: "PEDIGREE".to_owned(),
                found: ccdtab.pedigree.clone(),
                expected: "that of a table in use: gain and readout noise have no substitute",
            });
        }
        let bpixtab = references.get("BPIXTAB").filter(|_| does.contains(&"DQICORR"));
        let flats = match does.contains(&"FLATCORR") {
            true => ["PFLTFILE", "DFLTFILE", "LFLTFILE"].map(|keyword| references.get(keyword)),
            false => [None; 3],
        };
        if does.contains(&"FLATCORR") && flats.iter().all(Option::is_none) {
            references.require("FLATCORR", "PFLTFILE")?;
        }
        let plan = Self {
            parameters: CcdParameters::of(setup, ccdtab)?,
            ccdtab,
            bpixtab,
            bad_pixels: match bpixtab.filter(|table| !table.is_dummy()) {
                Some(table) => bad_pixels(setup, table)?,
                None => Vec::new(),
            },
            biasfile: needed("BIASCORR", "BIASFILE")?,
            darkfile: needed("DARKCORR", "DARKFILE")?,
            flats,
            // Of spectra fluxes are made when they are extracted.
            imphttab: match setup.is_spectroscopic() {
                true => None,
                false => needed("PHOTCORR", "IMPHTTAB")?,
            },
            tdstab: references.get("TDSTAB").filter(|tdstab| !tdstab.is_dummy()),
            does,
        };
        plan.check_instrument()?;
        Ok(plan)
    }

    /// Whether the step of a switch is asked for.
    pub fn does(&self, switch: &str) -> bool {
        self.does.contains(&switch)
    }

    /// Records gain, readout noise and CCDTAB in the primary header. CRCORR is skipped where there is one imset alone.
    pub fn record_ccdtab(&self, observation: &mut Observation) -> Result<()> {
        self.parameters.record(&mut observation.primary, self.ccdtab)?;
        if observation.chips.len() == 1 && observation.switch("CRCORR").is_perform() {
            crate::record::set(&mut observation.primary, "CRCORR", "SKIPPED")?;
        }
        Ok(())
    }

    fn check_instrument(&self) -> Result<()> {
        let files = [Some(self.ccdtab), self.bpixtab, self.biasfile, self.darkfile];
        let tables = [self.imphttab, self.tdstab.filter(|_| self.imphttab.is_some())];
        for file in files.into_iter().chain(self.flats).chain(tables).flatten() {
            let instrument = file.primary().text("INSTRUME").unwrap_or_default();
            let instrument = instrument.trim().to_ascii_uppercase();
            if !matches!(instrument.as_str(), "" | "ANY" | "N/A" | "STIS") {
                return Err(Error::ReferenceValue {
                    keyword: file.keyword.clone(),
                    path: file.path(),
                    what: "INSTRUME".to_owned(),
                    found: instrument,
                    expected: "STIS",
                });
            }
        }
        Ok(())
    }
}
