//! Filters of Bessell's system, and what the telescope sees through them.

use serde::{Deserialize, Serialize};

/// A filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Filter {
    /// Blue, about 440 nm.
    #[cfg_attr(feature = "clap", value(name = "B"))]
    B,
    /// Visual, about 550 nm.
    #[cfg_attr(feature = "clap", value(name = "V"))]
    V,
    /// Red, about 640 nm.
    #[cfg_attr(feature = "clap", value(name = "R"))]
    R,
    /// Near infrared, about 800 nm.
    #[cfg_attr(feature = "clap", value(name = "I"))]
    I,
}

impl Filter {
    /// All, from blue to red.
    pub const ALL: [Filter; 4] = [Filter::B, Filter::V, Filter::R, Filter::I];

    /// As in `FILTER`.
    pub fn name(self) -> &'static str {
        match self {
            Filter::B => "B",
            Filter::V => "V",
            Filter::R => "R",
            Filter::I => "I",
        }
    }

    /// Magnitude above the atmosphere that gives one electron a second.
    pub fn zero_point(self) -> f64 {
        [21.40, 21.75, 21.90, 21.30][self as usize]
    }

    /// Extinction, magnitudes per airmass.
    pub fn extinction(self) -> f64 {
        [0.25, 0.15, 0.10, 0.06][self as usize]
    }

    /// Brightness of the sky, magnitudes per square arcsecond as seen from the ground.
    pub fn sky(self) -> f64 {
        [21.2, 20.5, 20.0, 18.9][self as usize]
    }

    /// By how much the corners get less light than the centre.
    pub(super) fn vignetting(self) -> f64 {
        [0.21, 0.18, 0.17, 0.15][self as usize]
    }
}
