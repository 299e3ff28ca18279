//! Gain, read noise and exposure time, where the user knows them better than the header.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Numbers of the detector, each as values or as the keywords they stand under.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct InstrumentOptions {
    /// Gain, electrons per count; of several with commas the mean counts [default: by the instrument].
    #[cfg_attr(feature = "clap", arg(long))]
    pub gain: Option<String>,
    /// Keywords of the primary header that the gain stands under, with commas.
    #[cfg_attr(feature = "clap", arg(long))]
    pub gnkeyword: Option<String>,
    /// Read noise, electrons; of several with commas the mean counts [default: by the instrument].
    #[cfg_attr(feature = "clap", arg(long))]
    pub rdnoise: Option<String>,
    /// Keywords of the primary header that the read noise stands under, with commas.
    #[cfg_attr(feature = "clap", arg(long))]
    pub rnkeyword: Option<String>,
    /// Exposure time, seconds [default: EXPTIME].
    #[cfg_attr(feature = "clap", arg(long))]
    pub exptime: Option<String>,
    /// Keyword that the exposure time stands under.
    #[cfg_attr(feature = "clap", arg(long))]
    pub expkeyword: Option<String>,
}

/// An empty text is what AstroDrizzle calls not given.
pub(crate) fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !["", "INDEF", "None"].contains(text))
}

/// The mean of a list of numbers, those that are 0 left out.
pub(crate) fn mean(option: &'static str, text: &str) -> Result<f64> {
    let numbers = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let numbers: Result<Vec<f64>, _> = numbers.map(str::parse::<f64>).collect();
    let numbers = numbers.map_err(|_| Error::bad_option(option, text, "it has to be numbers with commas"))?;
    Ok(mean_of(numbers.into_iter()))
}

/// The mean of those that are not 0; 0 where there are none.
pub(crate) fn mean_of(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for number in numbers.filter(|number| *number != 0.0) {
        sum += number;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

impl InstrumentOptions {
    /// Checks all that can be checked without inputs.
    ///
    /// # Errors
    /// [`Error::BadOption`] for what is no number, or not over 0, and where both a value and a keyword are given.
    pub fn check(&self) -> Result<()> {
        let pairs = [
            ("gain", &self.gain, &self.gnkeyword),
            ("rdnoise", &self.rdnoise, &self.rnkeyword),
            ("exptime", &self.exptime, &self.expkeyword),
        ];
        for (option, value, keyword) in pairs {
            let Some(text) = given(value) else { continue };
            if given(keyword).is_some() {
                return Err(Error::bad_option(
                    option,
                    text,
                    "a keyword for it is given as well: give one of them",
                ));
            }
            let number = mean(option, text)?;
            if !(number.is_finite() && number >= 0.0 && (number > 0.0 || option == "rdnoise")) {
                return Err(Error::bad_option(option, text, "it has to be over 0"));
            }
        }
        Ok(())
    }
}
