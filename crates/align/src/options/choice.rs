//! Values that parameters choose from.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Unit of the search radius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum SearchUnits {
    /// Seconds of arc.
    #[default]
    Arcseconds,
    /// Pixels of the reference plane.
    Pixels,
}

/// Unit of a catalogue's brightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum FluxUnits {
    /// Counts.
    #[default]
    Counts,
    /// Counts a second.
    Cps,
    /// Magnitudes: smaller is brighter.
    Mag,
}

/// Unit of a catalogue's positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum PositionUnits {
    /// Pixels, counted from 1.
    Pixels,
    /// Right ascension and declination in degrees.
    Degrees,
}

/// Which residuals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ResidualPlot {
    /// None.
    #[serde(alias = "No plot", alias = "NO PLOT", alias = "no plot")]
    None,
    /// Arrows over the field.
    Vector,
    /// Along x and y, against x and y.
    #[serde(alias = "residual")]
    Residuals,
    /// Both.
    Both,
}

/// A column of a table, by its number counted from 1, or its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// By number.
    Number(usize),
    /// By name.
    Name(String),
}

impl Column {
    /// The column of this number.
    pub fn number(number: usize) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl FromStr for Column {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .trim()
            .parse()
            .map_or_else(|_| Self::Name(text.trim().to_owned()), Self::Number))
    }
}
