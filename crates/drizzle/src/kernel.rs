//! The kernels by name.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How one input sample is spread over output pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kernel {
    /// The exact overlap of the shrunken input pixel, a quadrilateral on the output, with each output
    /// pixel. Conserves flux.
    #[default]
    Square,
    /// As square, but the quadrilateral is replaced by a box along the output's axes. Conserves flux.
    Turbo,
    /// All goes to the output pixel nearest to the centre. Conserves flux.
    Point,
    /// A round Gaussian whose FWHM is pixfrac input pixels. Does not conserve flux.
    Gaussian,
    /// A Lanczos-windowed sinc over 2 input pixels to either side. Does not conserve flux.
    Lanczos2,
    /// A Lanczos-windowed sinc over 3 input pixels to either side. Does not conserve flux.
    Lanczos3,
}

impl Kernel {
    /// The names, in the order of the variants.
    pub const NAMES: [&'static str; 6] = ["square", "turbo", "point", "gaussian", "lanczos2", "lanczos3"];

    /// Its name in the field.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Square => "square",
            Kernel::Turbo => "turbo",
            Kernel::Point => "point",
            Kernel::Gaussian => "gaussian",
            Kernel::Lanczos2 => "lanczos2",
            Kernel::Lanczos3 => "lanczos3",
        }
    }

    /// Whether the sum of `image * weight` on the output equals that of the input, edges apart.
    pub fn conserves_flux(self) -> bool {
        matches!(self, Kernel::Square | Kernel::Turbo | Kernel::Point)
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kernel {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self, Error> {
        match name.trim().to_ascii_lowercase().as_str() {
            "square" => Ok(Kernel::Square),
            "turbo" => Ok(Kernel::Turbo),
            "point" => Ok(Kernel::Point),
            "gaussian" => Ok(Kernel::Gaussian),
            "lanczos2" => Ok(Kernel::Lanczos2),
            "lanczos3" => Ok(Kernel::Lanczos3),
            _ => Err(Error::UnknownKernel {
                name: name.to_owned(),
            }),
        }
    }
}

/// Where the two programs of the field differ, which one is followed.
///
/// They share the arithmetic of square, turbo, point and gaussian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rules {
    /// The `drizzle` package 3: a sample of zero weight leaves no trace; the Lanczos kernels ignore
    /// pixfrac.
    #[default]
    Drizzle,
    /// drizzlepac's AstroDrizzle: where nothing else has any weight, an output pixel keeps the value of the
    /// last sample of zero weight that fell on it; the Lanczos kernels shrink with pixfrac, and read
    /// their table of 0.01 pixel steps one step too far out.
    AstroDrizzle,
}
