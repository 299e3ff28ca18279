//! Which detector took an exposure.

use firstlight_fits::Header;
use std::fmt;

/// A detector, by INSTRUME and DETECTOR of the primary header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detector {
    /// ACS Wide Field Channel: two CCDs.
    AcsWfc,
    /// ACS High Resolution Channel: one CCD.
    AcsHrc,
    /// ACS Solar Blind Channel: a MAMA, which counts photons.
    AcsSbc,
    /// STIS CCD.
    StisCcd,
    /// STIS far-ultraviolet MAMA.
    StisFuv,
    /// STIS near-ultraviolet MAMA.
    StisNuv,
    /// Any other; names as they stand in the header, empty where they do not.
    Other {
        /// INSTRUME.
        instrument: String,
        /// DETECTOR.
        detector: String,
    },
}

impl Detector {
    /// Reads INSTRUME and DETECTOR.
    pub fn from_header(primary: &Header) -> Self {
        let read = |keyword| {
            primary
                .text(keyword)
                .unwrap_or_default()
                .trim()
                .to_ascii_uppercase()
        };
        let (instrument, detector) = (read("INSTRUME"), read("DETECTOR"));
        match (instrument.as_str(), detector.as_str()) {
            ("ACS", "WFC") => Detector::AcsWfc,
            ("ACS", "HRC") => Detector::AcsHrc,
            ("ACS", "SBC") => Detector::AcsSbc,
            ("STIS", "CCD") => Detector::StisCcd,
            ("STIS", "FUV-MAMA") => Detector::StisFuv,
            ("STIS", "NUV-MAMA") => Detector::StisNuv,
            _ => Detector::Other { instrument, detector },
        }
    }

    /// Whether INSTRUME or DETECTOR say which one it is.
    pub fn is_named(&self) -> bool {
        !matches!(self, Detector::Other { instrument, detector } if instrument.is_empty() && detector.is_empty())
    }

    /// Whether it is one of ACS.
    pub fn is_acs(&self) -> bool {
        matches!(self, Detector::AcsWfc | Detector::AcsHrc | Detector::AcsSbc)
    }

    /// Whether the detector counts single photons: no read noise, no gain, no cosmic rays.
    pub fn is_photon_counting(&self) -> bool {
        matches!(self, Detector::AcsSbc | Detector::StisFuv | Detector::StisNuv)
    }
}

/// As in `ACS/SBC`.
impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Detector::AcsWfc => "ACS/WFC",
            Detector::AcsHrc => "ACS/HRC",
            Detector::AcsSbc => "ACS/SBC",
            Detector::StisCcd => "STIS/CCD",
            Detector::StisFuv => "STIS/FUV-MAMA",
            Detector::StisNuv => "STIS/NUV-MAMA",
            Detector::Other { instrument, detector } if instrument.is_empty() && detector.is_empty() => {
                "an unnamed detector"
            }
            Detector::Other { instrument, detector } if detector.is_empty() => instrument.as_str(),
            Detector::Other { instrument, detector } => return write!(f, "{instrument}/{detector}"),
        })
    }
}
