//! What decides which sources are found.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How sources are found in an image; names and defaults are those of TweakReg's `imagefindpars`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct FindOptions {
    /// Take the sigma of the sky from the image itself: the square root of twice the mode of its samples.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = FindOptions::default().computesig, action = clap::ArgAction::Set))]
    pub computesig: bool,
    /// Sigma of the sky in the unit of the image, where computesig is off.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = FindOptions::default().skysigma))]
    pub skysigma: f64,
    /// Width (FWHM) of the Gaussian that the image is convolved with, pixels.
    #[cfg_attr(feature = "clap", arg(long, alias = "conv_width", default_value_t = FindOptions::default().conv_width))]
    pub conv_width: f64,
    /// Leave out sources whose brightest pixel is at or below this, in the unit of the image.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub peakmin: Option<f64>,
    /// Leave out sources whose brightest pixel is at or above this, in the unit of the image.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub peakmax: Option<f64>,
    /// How far above the sky the convolved image is at a source, in sigma of the sky.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = FindOptions::default().threshold))]
    pub threshold: f64,
    /// Half the size of the Gaussian's kernel, in its sigma.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = FindOptions::default().nsigma))]
    pub nsigma: f64,
    /// Minor over major axis of the Gaussian.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = FindOptions::default().ratio))]
    pub ratio: f64,
    /// Angle of the Gaussian's major axis from the image's x axis, degrees counter-clockwise.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = FindOptions::default().theta))]
    pub theta: f64,
    /// Leave out sources whose flux in the kernel's box is at or below this, in the unit of the image.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub fluxmin: Option<f64>,
    /// Leave out sources whose flux in the kernel's box is at or above this, in the unit of the image.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub fluxmax: Option<f64>,
    /// DQ bits that leave a pixel good: "16, 64", "~4096". Without it no DQ is looked at.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BITS"))]
    pub dqbits: Option<String>,
    /// Leave out sources whose sharpness and roundness are outside the limits below.
    #[cfg_attr(feature = "clap", arg(long, alias = "use_sharp_round", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = FindOptions::default().use_sharp_round, action = clap::ArgAction::Set))]
    pub use_sharp_round: bool,
    /// Least sharpness.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = FindOptions::default().sharplo))]
    pub sharplo: f64,
    /// Greatest sharpness.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = FindOptions::default().sharphi))]
    pub sharphi: f64,
    /// Least roundness.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = FindOptions::default().roundlo))]
    pub roundlo: f64,
    /// Greatest roundness.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = FindOptions::default().roundhi))]
    pub roundhi: f64,
    /// Keep only so many sources, those of the greatest flux.
    #[cfg_attr(
        feature = "clap",
        arg(id = "find_nbright", long = "find-nbright", value_name = "SOURCES")
    )]
    pub nbright: Option<usize>,
}

impl Default for FindOptions {
    fn default() -> Self {
        Self {
            computesig: true,
            skysigma: 0.0,
            conv_width: 3.5,
            peakmin: None,
            peakmax: None,
            threshold: 4.0,
            nsigma: 1.5,
            ratio: 1.0,
            theta: 0.0,
            fluxmin: None,
            fluxmax: None,
            dqbits: None,
            use_sharp_round: false,
            sharplo: 0.2,
            sharphi: 1.0,
            roundlo: -1.0,
            roundhi: 1.0,
            nbright: None,
        }
    }
}

impl FindOptions {
    /// Says what is out of range.
    ///
    /// # Errors
    /// [`Error::BadFindOption`].
    pub fn check(&self) -> Result<()> {
        for (parameter, found) in [
            ("threshold", self.threshold),
            ("conv_width", self.conv_width),
            ("nsigma", self.nsigma),
            ("ratio", self.ratio),
        ] {
            require(
                found > 0.0 && found.is_finite(),
                parameter,
                "a positive number",
                found,
            )?;
        }
        require(self.theta.is_finite(), "theta", "a finite number", self.theta)?;
        let sigma = self.skysigma;
        require(
            self.computesig || (sigma >= 0.0 && sigma.is_finite()),
            "skysigma",
            "zero or a positive number",
            sigma,
        )
    }
}

pub(super) fn require(
    holds: bool,
    parameter: &'static str,
    expected: &'static str,
    found: f64,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::BadFindOption {
        parameter,
        expected,
        found,
    })
}
