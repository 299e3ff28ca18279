//! How the sky is measured.

use crate::{Bits, Error, Result};
use firstlight_stats::imagestats::ImageStatsOptions;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is made one sky of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SkyMethod {
    /// For each exposure the lowest of its chips' skies.
    #[default]
    #[serde(rename = "localmin")]
    LocalMin,
    /// For all exposures the lowest of all chips' skies.
    #[serde(rename = "globalmin")]
    GlobalMin,
    /// The differences between exposures where they overlap; the lowest is 0.
    #[serde(rename = "match")]
    Match,
    /// These differences, over the lowest sky of all chips after they are taken off.
    #[serde(rename = "globalmin+match")]
    GlobalMinMatch,
}

impl SkyMethod {
    /// Whether overlaps are compared.
    pub fn matches(self) -> bool {
        matches!(self, SkyMethod::Match | SkyMethod::GlobalMinMatch)
    }
}

impl fmt::Display for SkyMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkyMethod::LocalMin => "localmin",
            SkyMethod::GlobalMin => "globalmin",
            SkyMethod::Match => "match",
            SkyMethod::GlobalMinMatch => "globalmin+match",
        })
    }
}

impl FromStr for SkyMethod {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "localmin" => Ok(SkyMethod::LocalMin),
            "globalmin" => Ok(SkyMethod::GlobalMin),
            "match" => Ok(SkyMethod::Match),
            "globalmin+match" => Ok(SkyMethod::GlobalMinMatch),
            _ => Err(format!(
                "{text:?} is not one of localmin, globalmin, match, globalmin+match"
            )),
        }
    }
}

/// The statistic that is called sky.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SkyStat {
    /// The median.
    #[default]
    Median,
    /// The peak of the histogram.
    Mode,
    /// The mean.
    Mean,
}

impl fmt::Display for SkyStat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkyStat::Median => "median",
            SkyStat::Mode => "mode",
            SkyStat::Mean => "mean",
        })
    }
}

impl FromStr for SkyStat {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "median" => Ok(SkyStat::Median),
            "mode" => Ok(SkyStat::Mode),
            "mean" => Ok(SkyStat::Mean),
            _ => Err(format!("{text:?} is not one of median, mode, mean")),
        }
    }
}

/// Parameters of the sky, by AstroDrizzle's names and with its defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SkyOptions {
    /// Measure the sky and subtract it from what is drizzled.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = SkyOptions::default().skysub, action = clap::ArgAction::Set))]
    pub skysub: bool,
    /// What is made one sky of: localmin, globalmin, match or globalmin+match.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skymethod))]
    pub skymethod: SkyMethod,
    /// The statistic that is called sky: median, mode or mean.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skystat))]
    pub skystat: SkyStat,
    /// Width of the bins of the histogram that the mode is taken from, in clipped standard deviations.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skywidth))]
    pub skywidth: f64,
    /// Samples below are left out, in the unit of the image [default: none].
    #[cfg_attr(feature = "clap", arg(long, allow_hyphen_values = true))]
    pub skylower: Option<f64>,
    /// Samples above are left out, in the unit of the image [default: none].
    #[cfg_attr(feature = "clap", arg(long, allow_hyphen_values = true))]
    pub skyupper: Option<f64>,
    /// Rounds of clipping.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skyclip))]
    pub skyclip: usize,
    /// Samples further below the mean than so many standard deviations are clipped.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skylsigma))]
    pub skylsigma: f64,
    /// Samples further above the mean than so many standard deviations are clipped.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SkyOptions::default().skyusigma))]
    pub skyusigma: f64,
    /// A catalogue of masks whose zeros, and of DS9 regions whose outside, the sky is not measured on: lines of
    /// an exposure and the files of its images, between commas, looked for beside the catalogue.
    #[cfg_attr(feature = "clap", arg(long, alias = "skymask_cat"))]
    pub skymask_cat: Option<String>,
    /// Leave out pixels of the static mask.
    #[cfg_attr(feature = "clap", arg(long, alias = "use_static", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = SkyOptions::default().use_static, action = clap::ArgAction::Set))]
    pub use_static: bool,
    /// DQ bits that leave a pixel good: "0" for none, "16, 64", "~4096", "None" for all.
    #[cfg_attr(feature = "clap", arg(long, alias = "sky_bits", default_value_t = SkyOptions::default().sky_bits))]
    pub sky_bits: Bits,
    /// A file of skies to subtract in place of measured ones: lines of a file name and one value, or one for each
    /// chip, in the unit of the image.
    #[cfg_attr(feature = "clap", arg(long))]
    pub skyfile: Option<PathBuf>,
    /// With skysub off, the header keyword of a sky that was subtracted already, or "@FILE" of skies.
    #[cfg_attr(feature = "clap", arg(long))]
    pub skyuser: Option<String>,
}

impl Default for SkyOptions {
    fn default() -> Self {
        Self {
            skysub: true,
            skymethod: SkyMethod::LocalMin,
            skystat: SkyStat::Median,
            skywidth: 0.1,
            skylower: None,
            skyupper: None,
            skyclip: 5,
            skylsigma: 4.0,
            skyusigma: 4.0,
            skymask_cat: None,
            use_static: true,
            sky_bits: Bits::from(0),
            skyfile: None,
            skyuser: None,
        }
    }
}

impl SkyOptions {
    /// Checks all that can be checked without images.
    ///
    /// # Errors
    /// [`Error::BadOption`].
    pub fn check(&self) -> Result<()> {
        for (option, value) in [
            ("skywidth", self.skywidth),
            ("skylsigma", self.skylsigma),
            ("skyusigma", self.skyusigma),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::bad_option(option, value, "it has to be over 0"));
            }
        }
        for (option, value) in [("skylower", self.skylower), ("skyupper", self.skyupper)] {
            if let Some(value) = value.filter(|value| value.is_nan()) {
                return Err(Error::bad_option(option, value, "it has to be a number"));
            }
        }
        if let (Some(lower), Some(upper)) = (self.skylower, self.skyupper)
            && lower > upper
        {
            let reason = format!("it is over skyupper, {upper}");
            return Err(Error::bad_option("skylower", lower, &reason));
        }
        self.sky_bits.selection("sky_bits")?;
        Ok(())
    }

    /// The catalogue of masks, where one is named.
    pub fn catalogue(&self) -> Option<&Path> {
        let name = self.skymask_cat.as_deref().map(str::trim);
        name.filter(|name| !name.is_empty()).map(Path::new)
    }

    pub(super) fn statistics(&self) -> ImageStatsOptions {
        ImageStatsOptions {
            nclip: self.skyclip,
            lsig: self.skylsigma,
            usig: self.skyusigma,
            lower: self.skylower,
            upper: self.skyupper,
            binwidth: self.skywidth,
        }
    }
}
