//! What to simulate.

use super::camera::{Detector, Era};
use super::geometry::Subarray;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How exposures belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Set {
    /// Exposures of one pointing, to be rejected of cosmic rays: `EXP-CRJ`. Those of SBC are repeats.
    #[default]
    CrSplit,
    /// Exposures of pointings some pixels apart: `EXP-DTH`.
    Dither,
    /// Exposures of one pointing, to be added: `EXP-RPT`.
    Repeat,
    /// Exposures without association.
    Single,
    /// Bias frames of 0 s: `EXP-CRJ` of `TARGNAME` `BIAS`.
    Bias,
}

/// What exposures of ACS to simulate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcsOptions {
    /// Detector.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = AcsOptions::default().detector))]
    pub detector: Detector,
    /// Before or after Servicing Mission 4; HRC and SBC are as before it.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = AcsOptions::default().era))]
    pub era: Era,
    /// How the exposures belong together.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = AcsOptions::default().set))]
    pub set: Set,
    /// Subarray of the WFC, of the era in which it was used [default: the full frame].
    #[cfg_attr(
        feature = "clap",
        arg(long, value_enum, value_name = "APERTURE", hide_possible_values = false)
    )]
    pub subarray: Option<Subarray>,
    /// Number of exposures, 1 to 9.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = AcsOptions::default().members))]
    pub members: usize,
    /// Exposure time of each, s.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECONDS", default_value_t = AcsOptions::default().exptime))]
    pub exptime: f64,
    /// Number of stars in the field, 0 to 100000.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = AcsOptions::default().stars))]
    pub stars: usize,
    /// Commanded gain, electrons per DN: 1 or 2; of the WFC after SM4 2 alone.
    #[cfg_attr(feature = "clap", arg(long, value_name = "GAIN", default_value_t = AcsOptions::default().gain))]
    pub gain: u8,
    /// Duration of the post-flash, s; of the WFC alone.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECONDS", default_value_t = AcsOptions::default().flash))]
    pub flash: f64,
    /// Seed of all random numbers: the same seed gives the same files, byte for byte.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = AcsOptions::default().seed))]
    pub seed: u64,
    /// Leave out the losses of charge transfer; `PCTECORR` is then OMIT in the headers.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_cte: bool,
    /// Optics with distortion, with the IDCTAB that describes it; coordinate systems of the raws know nothing of it, until
    /// updatewcs.
    #[cfg_attr(feature = "clap", arg(long))]
    pub distortion: bool,
    /// How wrong the pointings in the headers are, but for the first: rms along each axis, pixels.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = AcsOptions::default().pointing_error))]
    pub pointing_error: f64,
    /// Leave out cosmic rays.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_cosmic_rays: bool,
}

impl Default for AcsOptions {
    fn default() -> Self {
        Self {
            detector: Detector::Wfc,
            era: Era::BeforeSm4,
            set: Set::CrSplit,
            subarray: None,
            members: 2,
            exptime: 350.0,
            stars: 3000,
            gain: 2,
            flash: 0.0,
            seed: 1,
            no_cte: false,
            distortion: false,
            pointing_error: 0.0,
            no_cosmic_rays: false,
        }
    }
}

impl AcsOptions {
    /// The options with what follows from others put right: the subarray's era, repeats of SBC, no time of a bias.
    ///
    /// # Errors
    /// [`Error::Option`] for options outside their range or that contradict each other.
    pub(super) fn checked(&self) -> Result<Self> {
        let bad = |option, expected, found: String| {
            Err(Error::Option {
                option,
                expected,
                found,
            })
        };
        if !(1..=9).contains(&self.members) {
            return bad("members", "between 1 and 9", self.members.to_string());
        }
        if !(0.0..=1.0e5).contains(&self.exptime) {
            return bad("exptime", "between 0 and 100000 s", self.exptime.to_string());
        }
        if self.stars > 100_000 {
            return bad("stars", "at most 100000", self.stars.to_string());
        }
        if !(0.0..=409.5).contains(&self.flash) {
            return bad("flash", "between 0 and 409.5 s", self.flash.to_string());
        }
        let wfc = self.detector == Detector::Wfc;
        if !(0.0..=100.0).contains(&self.pointing_error) {
            return bad(
                "pointing_error",
                "between 0 and 100 pixels",
                self.pointing_error.to_string(),
            );
        }
        if self.flash > 0.0 && !wfc {
            return bad("flash", "0 for HRC and SBC", self.flash.to_string());
        }
        if self.gain != 2 && (self.gain != 1 || (wfc && self.era == Era::AfterSm4)) {
            return bad(
                "gain",
                "1 or 2 electrons per DN, and 2 for WFC after SM4",
                self.gain.to_string(),
            );
        }
        if self.era == Era::AfterSm4 && !wfc {
            return bad("era", "before-sm4 for HRC and SBC", "after-sm4".to_owned());
        }
        if let Some(subarray) = self.subarray {
            let name = || subarray.aperture().to_lowercase();
            if !wfc {
                return bad("subarray", "left out for HRC and SBC", name());
            }
            if subarray.era() != self.era {
                let (expected, found) = match subarray.era() {
                    Era::BeforeSm4 => ("before-sm4", "after-sm4"),
                    Era::AfterSm4 => ("after-sm4", "before-sm4"),
                };
                return Err(Error::OtherEra {
                    subarray: name(),
                    expected,
                    found,
                });
            }
        }
        let sbc = self.detector == Detector::Sbc;
        if sbc && self.set == Set::Bias {
            return bad(
                "set",
                "another than bias for SBC, which has none",
                "bias".to_owned(),
            );
        }
        let mut put_right = self.clone();
        if sbc && self.set == Set::CrSplit {
            put_right.set = Set::Repeat;
        }
        if self.set == Set::Bias {
            put_right.exptime = 0.0;
            put_right.stars = 0;
        }
        Ok(put_right)
    }

    /// Whether charge transfer loses anything.
    pub(super) fn has_losses(&self) -> bool {
        self.detector == Detector::Wfc && !self.no_cte
    }
}
