//! Which steps of spectroscopy are to be done.

use crate::{Error, Result};
use firstlight_frame::Switch;
use firstlight_frame::fits::Header;
use serde::Serialize;

/// Switches of extraction and rectification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SpectralSwitches {
    /// BACKCORR: the background is subtracted.
    pub backcorr: bool,
    /// DISPCORR: pixels are given wavelengths.
    pub dispcorr: bool,
    /// HELCORR: these are as seen from the Sun.
    pub helcorr: bool,
    /// FLUXCORR: counts become fluxes.
    pub fluxcorr: bool,
    /// CTECORR: with a correction for charge lost in reading.
    pub ctecorr: bool,
    /// STATFLAG: statistics of a rectified image.
    pub statflag: bool,
}

impl Default for SpectralSwitches {
    fn default() -> Self {
        Self {
            backcorr: true,
            dispcorr: true,
            helcorr: true,
            fluxcorr: true,
            ctecorr: true,
            statflag: true,
        }
    }
}

impl SpectralSwitches {
    /// Those that are PERFORM in a primary header. CTECORR is asked for where it is not there, as in headers from before
    /// there was such a step; STATFLAG is a logical value, true where it is not there.
    pub fn of(primary: &Header) -> Self {
        let asked = |keyword: &str| Switch::of(primary, keyword).is_perform();
        Self {
            backcorr: asked("BACKCORR"),
            dispcorr: asked("DISPCORR"),
            helcorr: asked("HELCORR"),
            fluxcorr: asked("FLUXCORR"),
            ctecorr: matches!(Switch::of(primary, "CTECORR"), Switch::Perform | Switch::Absent),
            statflag: primary.logical("STATFLAG").unwrap_or(true),
        }
    }

    /// Refuses steps that need wavelengths where there are none.
    ///
    /// # Errors
    /// [`Error::Keyword`] for HELCORR or FLUXCORR without DISPCORR.
    pub fn check(&self, name: &str) -> Result<()> {
        let expected = match (self.dispcorr, self.helcorr, self.fluxcorr) {
            (true, _, _) | (_, false, false) => return Ok(()),
            (_, true, true) => {
                "PERFORM (HELCORR and FLUXCORR need its wavelengths; for a spectrum in counts add --switch HELCORR=OMIT \
                 --switch FLUXCORR=OMIT)"
            }
            (_, true, false) => {
                "PERFORM (HELCORR needs its wavelengths; for a spectrum by columns add --switch HELCORR=OMIT)"
            }
            (_, false, true) => {
                "PERFORM (FLUXCORR needs its wavelengths; for a spectrum in counts add --switch FLUXCORR=OMIT)"
            }
        };
        Err(Error::Keyword {
            name: name.to_owned(),
            hdu: "PRIMARY".to_owned(),
            keyword: "DISPCORR".to_owned(),
            expected,
            found: Some("OMIT".to_owned()),
        })
    }
}
