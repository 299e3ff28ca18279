//! What a detector's samples are in electrons, by instrument, as drizzlepac's instrument classes have it.

use crate::Result;
use crate::cosmic_rays::CteDirection;
use crate::options::InstrumentOptions;
use crate::options::instrument::{given, mean, mean_of};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Exposure, Imset};

/// Gain and read noise, electrons, of WFPC2's chips for ATODGAIN 7 and 15: WFPC2 Instrument Handbook, table 4.2.
const WFPC2: [[(f64, f64); 2]; 4] = [
    [(7.12, 5.24), (13.99, 7.02)],
    [(7.12, 5.51), (14.50, 7.84)],
    [(6.90, 5.22), (13.95, 6.99)],
    [(7.10, 5.19), (13.95, 8.32)],
];
const GAINS: &str = "ATODGNA,ATODGNB,ATODGNC,ATODGND";
const NOISES: &str = "READNSEA,READNSEB,READNSEC,READNSED";

/// What turns the samples of a chip into electrons, and their noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Electrons {
    /// Electrons per count of the detector.
    pub(crate) gain: f64,
    /// Samples are multiplied by this before they are drizzled: the gain where the file is in counts, else 1.
    pub(crate) factor: f64,
    /// What turns samples into electrons where cosmic rays are looked for.
    pub(crate) conversion: f64,
    /// Read noise, electrons.
    pub(crate) readnoise_e: f64,
    /// Dark current over the exposure, electrons.
    pub(crate) dark_e: f64,
    /// Where trails of late charge lie.
    pub(crate) cte: CteDirection,
}

/// The instruments that differ from one another in this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Files in electrons, several amplifiers: ACS and WFC3's CCDs.
    Ccd,
    /// Counts, one amplifier.
    StisCcd,
    Wfpc2,
    /// Counts are electrons, no read noise.
    PhotonCounting,
    Unknown,
}

impl Family {
    fn of(detector: &Detector) -> Self {
        match detector {
            Detector::AcsWfc | Detector::AcsHrc => Family::Ccd,
            Detector::StisCcd => Family::StisCcd,
            Detector::AcsSbc | Detector::StisFuv | Detector::StisNuv => Family::PhotonCounting,
            Detector::Other { instrument, detector } => match (instrument.as_str(), detector.as_str()) {
                ("WFC3", "UVIS") => Family::Ccd,
                ("WFPC2", _) => Family::Wfpc2,
                _ => Family::Unknown,
            },
        }
    }
}

impl Electrons {
    /// Of one image of an exposure, whose exposure time and unit are known.
    ///
    /// # Errors
    /// [`crate::Error::BadOption`] for options that are no numbers.
    pub(crate) fn of(
        exposure: &Exposure,
        imset: &Imset,
        options: &InstrumentOptions,
        (exptime_s, bunit): (f64, &str),
    ) -> Result<Self> {
        let (primary, sci) = (exposure.primary(), exposure.file().hdus()[imset.sci].header());
        let family = Family::of(exposure.detector());
        let (gains, noises) = match family {
            Family::Ccd | Family::Unknown => (GAINS, NOISES),
            Family::StisCcd => ("ATODGAIN", "READNSE"),
            Family::Wfpc2 => ("ATODGAIN", ""),
            Family::PhotonCounting => ("", ""),
        };
        let read = |option, value, keyword, default: &str| -> Result<Option<f64>> {
            if let Some(text) = given(value) {
                return mean(option, text).map(Some);
            }
            let keywords = given(keyword).unwrap_or(default);
            Ok(of_header(primary, keywords).or_else(|| of_header(sci, keywords)))
        };
        let gain = read("gain", &options.gain, &options.gnkeyword, gains)?;
        let noise = read("rdnoise", &options.rdnoise, &options.rnkeyword, noises)?;
        let (gain, readnoise_e) = match family {
            Family::Wfpc2 => wfpc2(gain, noise, sci, imset),
            _ => (
                gain.filter(|gain| *gain > 0.0).unwrap_or(1.0),
                noise.unwrap_or(0.0),
            ),
        };
        let counts = matches!(family, Family::StisCcd | Family::Wfpc2);
        let rate = bunit.to_ascii_uppercase().contains("/S");
        let factor = if counts { gain } else { 1.0 };
        let conversion = if rate && exptime_s > 0.0 {
            factor * exptime_s
        } else {
            factor
        };
        Ok(Self {
            gain,
            factor,
            conversion,
            readnoise_e,
            dark_e: dark_e(family, exposure, sci, exptime_s),
            cte: cte(exposure, imset),
        })
    }

    /// Whether the file is in counts that are not electrons.
    pub(crate) fn in_native_counts(&self) -> bool {
        self.factor != 1.0
    }
}

/// The mean of those keywords that are there; `None` where none is.
fn of_header(header: &Header, keywords: &str) -> Option<f64> {
    let names = keywords.split(',').map(str::trim).filter(|name| !name.is_empty());
    let values: Vec<f64> = names.filter_map(|name| header.real(name)).collect();
    (!values.is_empty()).then(|| mean_of(values.into_iter()))
}

/// The calibrated gain and read noise of a chip, unless the user gave both.
fn wfpc2(gain: Option<f64>, noise: Option<f64>, sci: &Header, imset: &Imset) -> (f64, f64) {
    let chip = sci.integer("DETECTOR").unwrap_or(imset.version);
    let row = usize::try_from(chip - 1).ok().and_then(|chip| WFPC2.get(chip));
    let nominal = gain.unwrap_or(7.0);
    let column = usize::from(nominal > 10.0);
    let tabulated = row.unwrap_or(&WFPC2[0])[column];
    match noise {
        Some(noise) => (nominal, noise),
        None => tabulated,
    }
}

/// MEANDARK, or what the detector's known rate makes of the exposure.
fn dark_e(family: Family, exposure: &Exposure, sci: &Header, exptime_s: f64) -> f64 {
    match family {
        Family::StisCcd => 0.009 * exptime_s,
        Family::Wfpc2 => 0.005 * exposure.primary().real("DARKTIME").unwrap_or(exptime_s),
        Family::PhotonCounting if *exposure.detector() == Detector::StisFuv => 0.07,
        Family::PhotonCounting if *exposure.detector() == Detector::StisNuv => 0.0013,
        _ => sci.real("MEANDARK").unwrap_or(0.0),
    }
}

fn cte(exposure: &Exposure, imset: &Imset) -> CteDirection {
    let by_chip = match imset.version {
        1 => CteDirection::Above,
        2 => CteDirection::Below,
        _ => CteDirection::None,
    };
    match (exposure.detector(), Family::of(exposure.detector())) {
        (Detector::AcsHrc, _) => match exposure.primary().text("CCDAMP").as_deref().map(str::trim) {
            Some("A" | "B") => CteDirection::Below,
            Some("C" | "D") => CteDirection::Above,
            _ => CteDirection::None,
        },
        (_, Family::Ccd) => by_chip,
        (_, Family::StisCcd) => CteDirection::Below,
        (_, Family::Wfpc2) => CteDirection::Above,
        _ => CteDirection::None,
    }
}
