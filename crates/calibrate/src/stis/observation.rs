//! What the headers of an imset say: times and temperature of STIS stand there, not in the primary header.

use super::SIDE2_MJD;
use crate::{Chip, Error, Observation, Result};
use firstlight_frame::Switch;

/// Values of an imset's SCI header, with errors that name file and HDU.
pub(crate) trait ImsetKeywords {
    /// EXPTIME, s; at least 0.
    fn exptime_s(&self, name: &str) -> Result<f64>;
    /// EXPSTART and EXPEND, MJD.
    fn interval_mjd(&self, name: &str) -> Result<(f64, f64)>;
    /// OCCDHTAV, °C: mean temperature of the CCD's housing; None before side 2, where there is none or it is not above 0.
    fn housing_temperature_c(&self) -> Option<f64>;
    /// Whether it was taken with the electronics of side 2, which do not hold the temperature of the CCD.
    fn is_of_side2(&self) -> bool;
    /// IMSET_OK: whether the imset holds an exposure.
    fn is_usable(&self) -> bool;
}

impl ImsetKeywords for Chip {
    fn exptime_s(&self, name: &str) -> Result<f64> {
        let exptime = real(self, name, "EXPTIME")?;
        match exptime >= 0.0 {
            true => Ok(exptime),
            false => Err(keyword(self, name, "EXPTIME", "an exposure time of 0 s or more")),
        }
    }

    fn interval_mjd(&self, name: &str) -> Result<(f64, f64)> {
        Ok((real(self, name, "EXPSTART")?, real(self, name, "EXPEND")?))
    }

    fn housing_temperature_c(&self) -> Option<f64> {
        let temperature = self.sci.real("OCCDHTAV").filter(|&celsius| celsius > 0.0);
        temperature.filter(|_| self.is_of_side2())
    }

    fn is_of_side2(&self) -> bool {
        self.sci.real("EXPSTART").is_some_and(|start| start >= SIDE2_MJD)
    }

    fn is_usable(&self) -> bool {
        self.sci.logical("IMSET_OK").unwrap_or(true)
    }
}

fn real(chip: &Chip, name: &str, wanted: &str) -> Result<f64> {
    let value = chip.sci.real(wanted).filter(|value| value.is_finite());
    value.ok_or_else(|| keyword(chip, name, wanted, "a number"))
}

/// What to say of a keyword of SCI that is missing or not `expected`.
pub(crate) fn keyword(chip: &Chip, name: &str, keyword: &str, expected: &'static str) -> Error {
    Error::Keyword {
        name: name.to_owned(),
        hdu: format!("SCI,{}", chip.version),
        keyword: keyword.to_owned(),
        expected,
        found: chip.sci.get(keyword).map(|value| value.to_string()),
    }
}

/// Refuses an exposure on which a step has been done that must not be done before.
pub(crate) fn not_after(observation: &Observation, switch: &str, expected: &'static str) -> Result<()> {
    match observation.switch(switch) {
        Switch::Complete => Err(observation.keyword(switch, expected)),
        _ => Ok(()),
    }
}
