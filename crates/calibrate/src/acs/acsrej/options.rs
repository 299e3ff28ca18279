//! What a user may say about the rejection; what is left unsaid stands in CRREJTAB.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Parameters of cosmic-ray rejection, with the names of CRREJTAB's columns. What is given here wins over the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcsrejOptions {
    /// CRREJTAB to take parameters from, in place of the one that the header of the first input names
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub crrejtab: Option<PathBuf>,
    /// Whether rejected pixels are flagged (8192) in the DQ of the inputs
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")
    )]
    pub crmask: Option<bool>,
    /// Noise that grows with the signal, percent of it (0 to 100), added to ERR in quadrature
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERCENT"))]
    pub scalense: Option<f32>,
    /// What the inputs are first compared with: their median or their minimum
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub initgues: Option<InitialGuess>,
    /// How the sky is found that is taken from each input before they are compared
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
    /// Correct for the shading of the shutter with SHADFILE, also where the header has SHADCORR=OMIT
    #[cfg_attr(feature = "clap", arg(long))]
    pub shadcorr: bool,
    /// ERR of bias frames is readout noise alone. Accepted for the sake of existing calls: the ERR of the product follows
    /// from that of the inputs, which is readout noise already for such frames
    #[cfg_attr(feature = "clap", arg(long, visible_alias = "newbias"))]
    #[serde(alias = "newbias")]
    pub readnoise_only: bool,
}

impl AcsrejOptions {
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
}

/// The image that the inputs are first compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum InitialGuess {
    /// The median of the good pixels; of an even number the mean of the middle two
    #[serde(alias = "med")]
    #[cfg_attr(feature = "clap", value(alias = "med"))]
    Median,
    /// The lowest of the good pixels
    #[serde(alias = "min")]
    #[cfg_attr(feature = "clap", value(alias = "min"))]
    Minimum,
}

impl InitialGuess {
    /// As INITGUES has it.
    pub fn name(self) -> &'static str {
        match self {
            InitialGuess::Median => "median",
            InitialGuess::Minimum => "minimum",
        }
    }

    /// Reads INITGUES, of which three letters count.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.starts_with("med") {
            Some(InitialGuess::Median)
        } else if text.starts_with("min") {
            Some(InitialGuess::Minimum)
        } else {
            None
        }
    }
}

/// How the sky of an input is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum SkySubtraction {
    /// Not at all: it is taken for 0
    None,
    /// The most frequent value
    Mode,
}

impl SkySubtraction {
    /// As SKYSUB has it.
    pub fn name(self) -> &'static str {
        match self {
            SkySubtraction::None => "none",
            SkySubtraction::Mode => "mode",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "none" => Some(SkySubtraction::None),
            "mode" => Some(SkySubtraction::Mode),
            _ => None,
        }
    }
}

/// Most iterations.
const MOST_SIGMAS: usize = 20;

/// Reads CRSIGMAS: positive numbers between commas, semicolons, slashes or spaces.
pub(super) fn parse_sigmas(text: &str) -> Result<Vec<f32>> {
    let unreadable = || Error::Unreadable {
        expected: "1 to 20 thresholds above 0, as in '6.5,5.5,4.5'",
        found: text.trim().to_owned(),
    };
    let numbers = text
        .split([',', ';', '/', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<f32>()
                .ok()
                .filter(|&sigma| sigma > 0.0 && sigma.is_finite())
        });
    let sigmas: Vec<f32> = numbers.collect::<Option<_>>().ok_or_else(unreadable)?;
    if sigmas.is_empty() || sigmas.len() > MOST_SIGMAS {
        return Err(unreadable());
    }
    Ok(sigmas)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sigmas_stand_between_any_of_the_separators() {
        assert_eq!(
            parse_sigmas(" 6.5,5.5;4.5/4 3").unwrap(),
            [6.5, 5.5, 4.5, 4.0, 3.0]
        );
        for bad in ["", "  ", "6.5,x", "0", "-3", "nan", "1e99"] {
            assert!(parse_sigmas(bad).is_err(), "{bad}");
        }
        assert!(parse_sigmas(&"4,".repeat(21)).is_err());
    }

    #[test]
    fn three_letters_make_a_guess() {
        assert_eq!(InitialGuess::parse("MEDIAN "), Some(InitialGuess::Median));
        assert_eq!(InitialGuess::parse("min"), Some(InitialGuess::Minimum));
        assert_eq!(InitialGuess::parse("mean"), None);
    }
}
