//! Whether an exposure can be used.

use crate::Result;
use crate::fits::{Header, read_header};
use crate::output::folder_of;
use firstlight_wcs::update::ScienceFile;
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// Why an exposure is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fitness {
    /// EXPTIME is 0 or not there.
    NoExposure,
    /// NGOODPIX is 0 in all images.
    NoGoodPixels,
    /// There is no PA_V3, also not in the exposure's `_spt.fits`.
    NoRoll,
    /// A spectrum of STIS.
    Spectrum,
    /// A file of STIS with several exposures.
    SeveralExposures,
}

impl fmt::Display for Fitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoExposure => "EXPTIME is 0 or missing",
            Self::NoGoodPixels => "no good pixels: NGOODPIX is 0 in all images",
            Self::NoRoll => "PA_V3 is missing, in the header and in an _spt.fits beside it",
            Self::Spectrum => "a spectrum (OBSTYPE)",
            Self::SeveralExposures => "several exposures in one file: split it into one file each",
        })
    }
}

/// Checks an exposure, after what its own extensions or its `_spt.fits` say has been put into the primary header.
pub(super) fn check(science: &mut ScienceFile, path: &Path) -> Result<Option<Fitness>> {
    let images = science.named("SCI");
    let instrument = science.primary()?.text("INSTRUME").unwrap_or_default();
    let instrument = instrument.trim().to_ascii_uppercase();
    if instrument == "STIS" {
        let obstype = science.primary()?.text("OBSTYPE").unwrap_or_default();
        if obstype.trim() == "SPECTROSCOPIC" {
            return Ok(Some(Fitness::Spectrum));
        }
        if images.len() > 1 {
            return Ok(Some(Fitness::SeveralExposures));
        }
        if let Some(&at) = images.first() {
            let image = science.hdus[at].header.clone();
            lift(&image, science.primary_mut()?)?;
        }
    }
    let exposure = science.primary()?.real("EXPTIME").unwrap_or(0.0);
    if exposure <= 0.0 {
        return Ok(Some(Fitness::NoExposure));
    }
    if ["ACS", "STIS", "WFC3"].contains(&instrument.as_str()) {
        let good = images
            .iter()
            .map(|&at| science.hdus[at].header.integer("NGOODPIX"));
        // Images that do not say are taken for good ones.
        if good.clone().count() > 0 && good.clone().all(|good| good == Some(0)) {
            return Ok(Some(Fitness::NoGoodPixels));
        }
    }
    if science.primary()?.real("PA_V3").is_none() {
        match roll_of_spt(science.primary()?, path) {
            Some(roll) => science
                .primary_mut()?
                .set("PA_V3", roll, Some("position angle of V3, deg"))?,
            None => return Ok(Some(Fitness::NoRoll)),
        }
    }
    Ok(None)
}

/// STIS keeps these in the headers of its images.
fn lift(image: &Header, primary: &mut Header) -> Result<()> {
    for keyword in ["DATE-OBS", "EXPEND", "EXPSTART", "EXPTIME"] {
        if let Some(value) = image.get(keyword) {
            primary.set(keyword, value, Some("from the header of the image"))?;
        }
    }
    Ok(())
}

fn roll_of_spt(primary: &Header, path: &Path) -> Option<f64> {
    let root = primary.text("ROOTNAME")?;
    let spt = folder_of(path).join(format!("{}_spt.fits", root.trim().to_ascii_lowercase()));
    read_header(spt, 0).ok()?.real("PA_V3")
}
