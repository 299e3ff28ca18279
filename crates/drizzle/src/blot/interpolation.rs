//! The interpolations by name.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a value between pixels is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// The nearest pixel.
    Nearest,
    /// Bilinear between four pixels.
    Linear,
    /// The polynomial of third degree along both axes through 4 × 4 pixels.
    Poly3,
    /// The polynomial of fifth degree along both axes through 6 × 6 pixels.
    #[default]
    Poly5,
    /// A sinc with a taper over 15 × 15 pixels.
    Sinc,
    /// A Lanczos-windowed sinc of order 3 over 7 × 7 pixels.
    Lan3,
    /// A Lanczos-windowed sinc of order 5, cut off at 7 × 7 pixels as in drizzlepac, and so not of unit gain.
    Lan5,
}

impl Interpolation {
    /// The names, in the order of the variants.
    pub const NAMES: [&'static str; 7] = ["nearest", "linear", "poly3", "poly5", "sinc", "lan3", "lan5"];

    const ALL: [Interpolation; 7] = [
        Interpolation::Nearest,
        Interpolation::Linear,
        Interpolation::Poly3,
        Interpolation::Poly5,
        Interpolation::Sinc,
        Interpolation::Lan3,
        Interpolation::Lan5,
    ];

    /// Its name in the field.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().zip(Self::NAMES).find(|(kind, _)| **kind == self);
        named.map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Interpolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Interpolation {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self, Error> {
        let wanted = name.trim().to_ascii_lowercase();
        let mut named = Self::ALL.iter().zip(Self::NAMES);
        named
            .find_map(|(kind, known)| (known == wanted).then_some(*kind))
            .ok_or_else(|| Error::UnknownInterpolation {
                name: name.to_owned(),
            })
    }
}
