//! Units of a CCD frame's samples.

use std::fmt;

/// What the samples of a frame count. Units that are not known are kept as they are spelled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CcdUnit {
    /// Analogue-to-digital units: also counts and data numbers.
    #[default]
    Adu,
    /// Electrons.
    Electron,
    /// Ratios, such as a normalised flat.
    Dimensionless,
    /// Anything else, as it is spelled.
    Other(String),
}

impl CcdUnit {
    /// Reads a unit as BUNIT has it. `adu`, `DN`, `counts` are one unit here, and letter case does not matter for those
    /// that are known.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "adu" | "adus" | "dn" | "count" | "counts" | "ct" | "cts" => CcdUnit::Adu,
            "electron" | "electrons" | "e-" | "e" | "elec" => CcdUnit::Electron,
            "" | "1" | "dimensionless" | "unitless" | "none" => CcdUnit::Dimensionless,
            _ => CcdUnit::Other(text.to_owned()),
        }
    }

    /// The unit after multiplying by a gain of electron/adu.
    pub fn times_gain(&self) -> Option<Self> {
        (*self == CcdUnit::Adu).then_some(CcdUnit::Electron)
    }
}

/// As astropy spells it: `adu`, `electron`; empty where it has no dimension.
impl fmt::Display for CcdUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CcdUnit::Adu => "adu",
            CcdUnit::Electron => "electron",
            CcdUnit::Dimensionless => "",
            CcdUnit::Other(text) => text,
        })
    }
}

impl std::str::FromStr for CcdUnit {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::parse(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_cameras_are_one_unit() {
        for text in ["adu", "ADU", " DN ", "counts"] {
            assert_eq!(CcdUnit::parse(text), CcdUnit::Adu, "{text}");
        }
        assert_eq!(CcdUnit::parse("ELECTRONS"), CcdUnit::Electron);
        assert_eq!(CcdUnit::parse(""), CcdUnit::Dimensionless);
        let other = CcdUnit::parse("electron / s");
        assert_eq!(other, CcdUnit::Other("electron / s".to_owned()));
        assert_eq!(other.to_string(), "electron / s");
    }

    #[test]
    fn gain_makes_electrons_of_adu_alone() {
        assert_eq!(CcdUnit::Adu.times_gain(), Some(CcdUnit::Electron));
        assert_eq!(CcdUnit::Electron.times_gain(), None);
    }
}
