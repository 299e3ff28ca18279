//! How the CCD was set: what the steps need of the primary header.

use crate::acs::Amplifier;
use crate::{Error, Observation, Result};
use firstlight_frame::Detector;

/// First day of the second set of electronics ("side 2"), MJD: since then the temperature of the CCD is not held, and
/// its housing's is in the header.
pub const SIDE2_MJD: f64 = 52091.0;

/// The state of the CCD, from the primary header.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// CCDAMP: the amplifier that read it.
    pub amplifier: Amplifier,
    /// CCDGAIN: commanded gain, e/DN.
    pub ccdgain: i64,
    /// CCDOFFST: commanded offset; −1 where there is none.
    pub ccdoffst: i64,
    /// BINAXIS1 and BINAXIS2: pixels that were read as one; 1 where there are none.
    pub binaxis: (i64, i64),
    /// OPT_ELEM in upper case: grating or mirror.
    pub opt_elem: String,
    /// APERTURE in upper case.
    pub aperture: String,
    /// APER_FOV: the size of the aperture as text, arcsec.
    pub aper_fov: String,
    /// OBSTYPE in upper case: `IMAGING` or `SPECTROSCOPIC`.
    pub obstype: String,
    /// TARGNAME in upper case.
    pub targname: String,
}

impl Setup {
    /// Reads the primary header.
    ///
    /// # Errors
    /// [`Error::NotStisCcd`] for another instrument or detector, [`Error::Keyword`] where CCDAMP or CCDGAIN is missing or
    /// makes no sense.
    pub fn of(observation: &Observation) -> Result<Self> {
        let primary = &observation.primary;
        let detector = Detector::from_header(primary);
        if detector != Detector::StisCcd {
            return Err(Error::NotStisCcd {
                name: observation.name.clone(),
                found: detector.to_string(),
            });
        }
        let text = |keyword: &str| primary.text(keyword).unwrap_or_default().trim().to_owned();
        let upper = |keyword: &str| text(keyword).to_ascii_uppercase();
        let ccdamp = upper("CCDAMP");
        let named = |amplifier: &Amplifier| ccdamp == amplifier.letter().to_string();
        let amplifier = Amplifier::ALL.into_iter().find(named);
        let whole = |keyword, default| primary.integer(keyword).unwrap_or(default);
        Ok(Self {
            amplifier: amplifier.ok_or_else(|| observation.keyword("CCDAMP", "one of A, B, C and D"))?,
            ccdgain: primary
                .integer("CCDGAIN")
                .ok_or_else(|| observation.keyword("CCDGAIN", "a whole number of e/DN"))?,
            ccdoffst: whole("CCDOFFST", -1),
            binaxis: (whole("BINAXIS1", 1), whole("BINAXIS2", 1)),
            opt_elem: upper("OPT_ELEM"),
            aperture: upper("APERTURE"),
            aper_fov: text("APER_FOV"),
            obstype: upper("OBSTYPE"),
            targname: upper("TARGNAME"),
        })
    }

    /// Whether light from a slit was dispersed.
    pub fn is_spectroscopic(&self) -> bool {
        self.obstype == "SPECTROSCOPIC"
    }

    /// Whether no light was let in: a bias or dark frame.
    pub fn is_without_light(&self) -> bool {
        self.is_bias() || self.targname == "DARK"
    }

    /// Whether it is a bias frame.
    pub fn is_bias(&self) -> bool {
        self.targname == "BIAS"
    }
}
