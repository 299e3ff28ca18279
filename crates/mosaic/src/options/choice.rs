//! Options that are one of a few words, or a word or a number.

use crate::{Error, Result};
use firstlight_frame::dq::BitSelection;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Text or number, as people write these options.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Integer(i64),
    Real(f64),
    Text(String),
    /// Python's None, where it stands for the word.
    None(()),
}

impl From<TextOrNumber> for String {
    fn from(value: TextOrNumber) -> Self {
        match value {
            TextOrNumber::Integer(value) => value.to_string(),
            TextOrNumber::Real(value) => value.to_string(),
            TextOrNumber::Text(value) => value,
            TextOrNumber::None(()) => "None".to_owned(),
        }
    }
}

/// What inputs are weighted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WeightType {
    /// Exposure time.
    #[default]
    Exp,
    /// Inverse variance by the ERR image, sources and all.
    Err,
    /// Inverse variance of background and read noise.
    Ivm,
}

impl fmt::Display for WeightType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WeightType::Exp => "EXP",
            WeightType::Err => "ERR",
            WeightType::Ivm => "IVM",
        })
    }
}

impl FromStr for WeightType {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_uppercase().as_str() {
            "EXP" => Ok(WeightType::Exp),
            "ERR" => Ok(WeightType::Err),
            "IVM" => Ok(WeightType::Ivm),
            _ => Err(format!("{text:?} is not one of EXP, ERR, IVM")),
        }
    }
}

/// Unit of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinalUnits {
    /// Per second.
    #[default]
    Cps,
    /// The rate times the total exposure time.
    Counts,
}

impl fmt::Display for FinalUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FinalUnits::Cps => "cps",
            FinalUnits::Counts => "counts",
        })
    }
}

impl FromStr for FinalUnits {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "cps" => Ok(FinalUnits::Cps),
            "counts" => Ok(FinalUnits::Counts),
            _ => Err(format!("{text:?} is not one of cps, counts")),
        }
    }
}

/// A factor on weights by exposure time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "TextOrNumber", into = "String")]
pub enum WeightScale {
    /// 1: the exposure time is in the weights already.
    #[default]
    Exptime,
    /// 1 as well, as it is in AstroDrizzle.
    Expsq,
    /// This factor.
    Value(f64),
}

impl WeightScale {
    /// The factor.
    pub fn factor(self) -> f64 {
        match self {
            WeightScale::Exptime | WeightScale::Expsq => 1.0,
            WeightScale::Value(value) => value,
        }
    }
}

impl fmt::Display for WeightScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WeightScale::Exptime => f.write_str("exptime"),
            WeightScale::Expsq => f.write_str("expsq"),
            WeightScale::Value(value) => write!(f, "{value}"),
        }
    }
}

impl FromStr for WeightScale {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "exptime" => Ok(WeightScale::Exptime),
            "expsq" => Ok(WeightScale::Expsq),
            number => number
                .parse()
                .map(WeightScale::Value)
                .map_err(|_| format!("{text:?} is neither exptime nor expsq nor a number")),
        }
    }
}

impl TryFrom<TextOrNumber> for WeightScale {
    type Error = String;
    fn try_from(value: TextOrNumber) -> Result<Self, String> {
        String::from(value).parse()
    }
}

impl From<WeightScale> for String {
    fn from(scale: WeightScale) -> Self {
        scale.to_string()
    }
}

/// A selection of DQ bits, as text or as their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TextOrNumber", into = "String")]
pub struct Bits(String);

impl Bits {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which pixels are good.
    pub(crate) fn selection(&self, option: &'static str) -> Result<BitSelection> {
        BitSelection::parse(&self.0).map_err(|error| Error::bad_option(option, &self.0, &error.to_string()))
    }

    /// The bits themselves: none for "None".
    pub(crate) fn mask(&self, option: &'static str) -> Result<u16> {
        let selection = self.selection(option)?;
        if selection == BitSelection::ALL {
            return Ok(0);
        }
        Ok((0..16)
            .map(|bit| 1 << bit)
            .filter(|bit| selection.is_good(*bit))
            .sum())
    }
}

impl From<u16> for Bits {
    fn from(bits: u16) -> Self {
        Self(bits.to_string())
    }
}

impl From<TextOrNumber> for Bits {
    fn from(value: TextOrNumber) -> Self {
        Self(value.into())
    }
}

impl From<Bits> for String {
    fn from(bits: Bits) -> Self {
        bits.0
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Bits {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// Unit of products of detectors whose files are in counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProcUnit {
    /// That of the files.
    #[default]
    Native,
    /// Electrons.
    Electrons,
}

impl fmt::Display for ProcUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProcUnit::Native => "native",
            ProcUnit::Electrons => "electrons",
        })
    }
}

impl FromStr for ProcUnit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "native" => Ok(ProcUnit::Native),
            "electrons" => Ok(ProcUnit::Electrons),
            _ => Err(format!("{text:?} is not one of native, electrons")),
        }
    }
}
