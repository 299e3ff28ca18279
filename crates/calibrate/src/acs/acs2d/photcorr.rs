//! PHOTCORR: keywords by which electrons become fluxes.

use super::stage::{Stage, outcome};
use crate::Result;
use crate::acs::tables::imphttab::{Photometry, photometry};
use crate::acs::{Observation, Outcome, Reference, put, put_single, record_table};
use firstlight_frame::fits::Header;

/// PHOTCORR: what IMPHTTAB says of a PHOTMODE.
///
/// # Errors
/// As [`photometry`].
pub fn photcorr(imphttab: &Reference, photmode: &str) -> Result<Photometry> {
    photometry(imphttab, photmode)
}

/// Records the photometric keywords in the header of SCI.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_photcorr(sci: &mut Header, photometry: &Photometry) -> Result<()> {
    let mut single = |keyword, value: f64, comment| put_single(sci, keyword, value as f32, comment);
    single("PHOTFLAM", photometry.photflam, "inverse sensitivity")?;
    single("PHOTZPT", photometry.photzpt, "zero point")?;
    single("PHOTPLAM", photometry.photplam, "pivot wavelength")?;
    single("PHOTBW", photometry.photbw, "RMS bandwidth")?;
    for (keyword, value) in [
        ("PHTFLAM1", photometry.phtflam1),
        ("PHTFLAM2", photometry.phtflam2),
    ] {
        if let Some(value) = value {
            single(keyword, value, "inverse sensitivity of one chip")?;
        }
    }
    Ok(())
}

impl Stage<'_> {
    /// PHOTMODE always, the other keywords where PHOTCORR is asked for.
    pub fn photcorr(&mut self, observation: &mut Observation) -> Result<()> {
        for chip in &mut observation.chips {
            let words = self.photmode.as_str();
            put(&mut chip.sci, "PHOTMODE", words, "list of components")?;
        }
        let Some(task) = self.plan.photometry else {
            return Ok(());
        };
        let mut became = outcome(task);
        if let Some(found) = self.photometry.take() {
            for (chip, report) in observation.chips.iter_mut().zip(&mut self.report.chips) {
                record_photcorr(&mut chip.sci, &found)?;
                report.photometry = Some(found.clone());
            }
            if found.dummy_row {
                let warning = format!("IMPHTTAB: the row {} is a dummy", found.obsmode);
                self.report.warnings.push(warning);
            }
            if let Some(outside) = &found.outside {
                let warning = format!("IMPHTTAB: {outside}; PHOTCORR was not performed");
                self.report.warnings.push(warning);
                became = Outcome::NotPerformed;
            }
        }
        self.record(observation, "PHOTCORR", became)?;
        record_table(&mut observation.primary, task.reference(), "")
    }
}
