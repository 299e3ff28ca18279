//! What a user may say about the rejection; what is left unsaid stands in CRREJTAB.

use super::{InitialGuess, RejectionParameters, SkySubtraction};
use crate::acs::acsrej::AcsrejOptions;
use crate::{Error, Reference, Result};
use serde::{Deserialize, Serialize};

/// Parameters of cosmic-ray rejection, with the names of CRREJTAB's columns. What is given here wins over the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct OcrrejectOptions {
    /// Whether rejected pixels are flagged (8192) in the DQ of the inputs
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")
    )]
    pub crmask: Option<bool>,
    /// Noise that grows with the signal, percent of it (0 to 100), added in quadrature
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERCENT"))]
    pub scalense: Option<f32>,
    /// What the inputs are first compared with: their median or their minimum
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub initgues: Option<InitialGuess>,
    /// How the sky is found that is taken from each input before they are compared; spectra have none unless it is said
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub skysub: Option<SkySubtraction>,
    /// Thresholds in standard deviations, one for each iteration, as in '6.5,5.5,4.5' (1 to 20 of them)
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS"))]
    pub crsigmas: Option<String>,
    /// How far from a rejected pixel its neighbours are looked at, pixels
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS"))]
    pub crradius: Option<f32>,
    /// Threshold for these neighbours, as a fraction of that for the pixel itself; 0 rejects them all
    #[cfg_attr(feature = "clap", arg(long, value_name = "FRACTION"))]
    pub crthresh: Option<f32>,
    /// DQ bits that exclude a pixel of an input
    #[cfg_attr(feature = "clap", arg(long, value_name = "BITS"))]
    pub badinpdq: Option<u16>,
}

impl From<&AcsrejOptions> for OcrrejectOptions {
    /// What both instruments have.
    fn from(options: &AcsrejOptions) -> Self {
        Self {
            crmask: options.crmask,
            scalense: options.scalense,
            initgues: options.initgues,
            skysub: options.skysub,
            crsigmas: options.crsigmas.clone(),
            crradius: options.crradius,
            crthresh: options.crthresh,
            badinpdq: options.badinpdq,
        }
    }
}

impl OcrrejectOptions {
    /// Whether the user gave all that CRREJTAB could say, so that no table is needed.
    pub fn is_complete(&self) -> bool {
        let numbers = [self.scalense, self.crradius, self.crthresh];
        numbers.iter().all(Option::is_some)
            && self.crmask.is_some()
            && self.initgues.is_some()
            && self.skysub.is_some()
            && self.crsigmas.is_some()
            && self.badinpdq.is_some()
    }

    /// Refuses a threshold for neighbours below 0.
    ///
    /// # Errors
    /// [`Error::Parameter`].
    pub(crate) fn check(&self) -> Result<()> {
        match self
            .crthresh
            .filter(|found| !(*found >= 0.0 && found.is_finite()))
        {
            Some(found) => Err(Error::Parameter {
                parameter: "crthresh",
                expected: "a fraction of 0 or more",
                found: found.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// These, and what they leave unsaid as `others` have it.
    pub(crate) fn or(&self, others: Self) -> Self {
        Self {
            crmask: self.crmask.or(others.crmask),
            scalense: self.scalense.or(others.scalense),
            initgues: self.initgues.or(others.initgues),
            skysub: self.skysub.or(others.skysub),
            crsigmas: self.crsigmas.clone().or(others.crsigmas),
            crradius: self.crradius.or(others.crradius),
            crthresh: self.crthresh.or(others.crthresh),
            badinpdq: self.badinpdq.or(others.badinpdq),
        }
    }

    /// The row of CRREJTAB for parts of `chip` of these exposure times (s), with what is said here in place of it.
    ///
    /// # Errors
    /// Those of [`RejectionParameters::choose`].
    pub(crate) fn choose(
        &self,
        crrejtab: Option<&Reference>,
        (times_s, chip): (&[f32], i64),
        is_spectroscopic: bool,
    ) -> Result<RejectionParameters> {
        let total = times_s.iter().fold(0.0f32, |sum, &seconds| sum + seconds);
        let mean = (f64::from(total) / times_s.len() as f64) as f32;
        let said = AcsrejOptions {
            crmask: self.crmask,
            scalense: self.scalense,
            initgues: self.initgues,
            skysub: match is_spectroscopic {
                true => self.skysub.or(Some(SkySubtraction::None)),
                false => self.skysub,
            },
            crsigmas: self.crsigmas.clone(),
            crradius: self.crradius,
            crthresh: self.crthresh,
            badinpdq: self.badinpdq,
            ..AcsrejOptions::default()
        };
        RejectionParameters::choose(crrejtab, times_s.len(), mean, chip, &said)
    }
}
