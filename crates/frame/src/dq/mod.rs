//! Data-quality bits: what each means for which instrument, and which of them a user accepts.

mod selection;

pub use selection::{BitSelection, BitSelectionError};

use crate::Detector;

/// One bit of the DQ array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// The bit's value, a power of two.
    pub bit: u16,
    /// Short name.
    pub name: &'static str,
    /// What it says of a pixel.
    pub meaning: &'static str,
}

const fn flag(bit: u16, name: &'static str, meaning: &'static str) -> Flag {
    Flag { bit, name, meaning }
}

/// ACS bits (ACS Data Handbook, table 3.3).
pub const ACS: [Flag; 15] = [
    flag(1, "reed-solomon", "decoding error in transmission"),
    flag(2, "fill", "lost data replaced by a fill value"),
    flag(4, "bad-detector", "bad detector pixel"),
    flag(8, "aperture", "masked by an aperture feature"),
    flag(16, "hot", "hot pixel"),
    flag(32, "unstable", "pixel of unstable dark current"),
    flag(64, "warm", "warm pixel"),
    flag(128, "bias-structure", "bias structure, mostly bad columns"),
    flag(
        256,
        "full-well",
        "saturated: above full well, or above a MAMA's count-rate limit",
    ),
    flag(512, "bad-reference", "bad pixel in a reference file"),
    flag(1024, "sink", "charge trap: a sink pixel or its tail"),
    flag(2048, "ad-saturated", "saturated analogue-to-digital converter"),
    flag(4096, "drizzle-cosmic-ray", "cosmic ray found while drizzling"),
    flag(
        8192,
        "cosmic-ray",
        "cosmic ray found in a CR-SPLIT or repeated set",
    ),
    flag(16384, "user", "flagged by the user"),
];

/// STIS bits (STIS Data Handbook, table 2.8).
pub const STIS: [Flag; 14] = [
    flag(1, "reed-solomon", "decoding error in transmission"),
    flag(2, "fill", "lost data replaced by a fill value"),
    flag(4, "bad-detector", "bad detector pixel, or outside the aperture"),
    flag(8, "bar", "masked by an occulting bar"),
    flag(16, "hot", "hot pixel"),
    flag(32, "large-blemish", "large blemish"),
    flag(64, "vignetted", "vignetted or repaired by the reference table"),
    flag(
        256,
        "saturated",
        "saturated pixel, or count rate beyond the detector's range",
    ),
    flag(512, "bad-reference", "bad pixel in a reference file"),
    flag(1024, "small-blemish", "small blemish"),
    flag(2048, "background-lost", "much of the background region rejected"),
    flag(4096, "bad-input", "extracted flux touched by bad input"),
    flag(8192, "cosmic-ray", "cosmic ray found in a CR-SPLIT set"),
    flag(
        16384,
        "no-cti",
        "not corrected for charge transfer: gross counts not positive",
    ),
];

/// Bits of a frame of any CCD, as the steps for ground-based CCDs set them. They fit in eight bits.
pub const CCD: [Flag; 8] = [
    flag(ccd::BAD_PIXEL, "bad-pixel", "bad detector pixel, by a mask"),
    flag(ccd::SATURATED, "saturated", "saturated pixel"),
    flag(ccd::COSMIC_RAY, "cosmic-ray", "cosmic ray"),
    flag(
        ccd::FLAT_INVALID,
        "flat-invalid",
        "flat not positive, or below its minimum",
    ),
    flag(
        ccd::NO_DATA,
        "no-data",
        "without data: BLANK, or outside of the frame",
    ),
    flag(
        ccd::REJECTED,
        "rejected",
        "rejected in all frames that were combined",
    ),
    flag(
        ccd::NONLINEAR,
        "non-linear",
        "above the level that the correction of the non-linearity is known to",
    ),
    flag(ccd::HOT, "hot", "hot pixel: much dark current"),
];

/// The bits of [`CCD`] by name.
pub mod ccd {
    /// Bad detector pixel, by a mask.
    pub const BAD_PIXEL: u16 = 1;
    /// Saturated pixel.
    pub const SATURATED: u16 = 2;
    /// Cosmic ray.
    pub const COSMIC_RAY: u16 = 4;
    /// Flat not positive, or below its minimum.
    pub const FLAT_INVALID: u16 = 8;
    /// Without data: BLANK, or outside of the frame.
    pub const NO_DATA: u16 = 16;
    /// Rejected in all frames that were combined.
    pub const REJECTED: u16 = 32;
    /// Above the level that the correction of the non-linearity is known to.
    pub const NONLINEAR: u16 = 64;
    /// Hot pixel: much dark current.
    pub const HOT: u16 = 128;
}

/// The bits of a detector's DQ array; none are known for detectors that are no instrument's of ours.
pub fn flags(detector: &Detector) -> &'static [Flag] {
    match detector {
        Detector::AcsWfc | Detector::AcsHrc | Detector::AcsSbc => &ACS,
        Detector::StisCcd | Detector::StisFuv | Detector::StisNuv => &STIS,
        Detector::Other { .. } => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_one_power_of_two_and_stands_once() {
        for registry in [&ACS[..], &STIS[..], &CCD[..]] {
            let mut seen = 0u16;
            for flag in registry {
                assert!(flag.bit.is_power_of_two());
                assert_eq!(seen & flag.bit, 0, "{} stands twice", flag.bit);
                seen |= flag.bit;
            }
        }
    }
}
