//! How the instrument was set: what the steps need of the primary header.

use super::Observation;
use crate::{Error, Result};
use firstlight_frame::Detector;

/// First day of the instrument after its repair in Servicing Mission 4, MJD (11 May 2009).
pub const SM4_MJD: f64 = 54962.0;
/// First day of the subarrays of cycle 24, MJD (1 October 2016).
pub const CYCLE24_MJD: f64 = 57662.0;

/// The three detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Wide Field Channel.
    Wfc,
    /// High Resolution Channel.
    Hrc,
    /// Solar Blind Channel.
    Sbc,
}

impl Channel {
    /// All three.
    pub const ALL: [Channel; 3] = [Channel::Wfc, Channel::Hrc, Channel::Sbc];

    /// That of a detector; None where it is none of ACS's.
    pub fn of(detector: &Detector) -> Option<Self> {
        match detector {
            Detector::AcsWfc => Some(Channel::Wfc),
            Detector::AcsHrc => Some(Channel::Hrc),
            Detector::AcsSbc => Some(Channel::Sbc),
            _ => None,
        }
    }

    /// As DETECTOR has it.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Wfc => "WFC",
            Channel::Hrc => "HRC",
            Channel::Sbc => "SBC",
        }
    }
}

/// An amplifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Amplifier {
    A,
    B,
    C,
    D,
}

impl Amplifier {
    /// All, in order.
    pub const ALL: [Amplifier; 4] = [Amplifier::A, Amplifier::B, Amplifier::C, Amplifier::D];

    /// 0 for A … 3 for D.
    pub fn index(self) -> usize {
        self as usize
    }

    /// `A` … `D`.
    pub fn letter(self) -> char {
        ['A', 'B', 'C', 'D'][self.index()]
    }
}

/// The state of the instrument, from the primary header.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// DETECTOR.
    pub channel: Channel,
    /// CCDAMP in upper case, as in `ABCD`; empty for SBC.
    pub ccdamp: String,
    /// CCDGAIN: commanded gain, e/DN; 1 where there is none.
    pub ccdgain: f64,
    /// CCDOFSTA … CCDOFSTD: commanded offsets; 3 where there are none.
    pub ccdofst: [i64; 4],
    /// EXPTIME, s.
    pub exptime_s: f64,
    /// EXPSTART, MJD.
    pub expstart_mjd: f64,
    /// EXPEND, MJD.
    pub expend_mjd: f64,
    /// DARKTIME, s; 0 where there is none.
    pub darktime_s: f64,
    /// FLASHDUR, s; 0 where there is none.
    pub flashdur_s: f64,
    /// FLASHSTA in upper case.
    pub flash_status: String,
    /// SUBARRAY.
    pub subarray: bool,
    /// APERTURE in upper case.
    pub aperture: String,
    /// JWROTYPE in upper case.
    pub jwrotype: String,
    /// OBSTYPE.
    pub obstype: String,
    /// FILTER1.
    pub filter1: String,
    /// FILTER2.
    pub filter2: String,
    /// TARGNAME.
    pub targname: String,
    /// IMAGETYP.
    pub imagetyp: String,
}

impl Setup {
    /// Reads the primary header.
    ///
    /// # Errors
    /// [`Error::NotAcs`] for another instrument or detector, [`Error::Keyword`] where a keyword is missing or makes no
    /// sense: a negative EXPTIME, an amplifier other than A, B, C, D.
    pub fn of(observation: &Observation) -> Result<Self> {
        let primary = &observation.primary;
        let detector = Detector::from_header(primary);
        let channel = Channel::of(&detector).ok_or_else(|| Error::NotAcs {
            name: observation.name.clone(),
            found: detector.to_string(),
        })?;
        let text = |keyword: &str| primary.text(keyword).unwrap_or_default().trim().to_owned();
        let upper = |keyword: &str| text(keyword).to_ascii_uppercase();
        let optional = |keyword: &str| primary.real(keyword).unwrap_or(0.0);
        let exptime_s = observation.real("EXPTIME")?;
        if exptime_s.is_nan() || exptime_s < 0.0 {
            return Err(observation.keyword("EXPTIME", "an exposure time of 0 s or more"));
        }
        let offset = |keyword| primary.integer(keyword).unwrap_or(3);
        let setup = Self {
            channel,
            ccdamp: if channel == Channel::Sbc {
                String::new()
            } else {
                upper("CCDAMP")
            },
            ccdgain: primary.real("CCDGAIN").unwrap_or(1.0),
            ccdofst: ["CCDOFSTA", "CCDOFSTB", "CCDOFSTC", "CCDOFSTD"].map(offset),
            exptime_s,
            expstart_mjd: observation.real("EXPSTART")?,
            expend_mjd: observation.real("EXPEND")?,
            darktime_s: optional("DARKTIME"),
            flashdur_s: optional("FLASHDUR"),
            flash_status: upper("FLASHSTA"),
            subarray: primary.logical("SUBARRAY").unwrap_or(false),
            aperture: upper("APERTURE"),
            jwrotype: upper("JWROTYPE"),
            obstype: text("OBSTYPE"),
            filter1: text("FILTER1"),
            filter2: text("FILTER2"),
            targname: text("TARGNAME"),
            imagetyp: text("IMAGETYP"),
        };
        let known = |letter| {
            Amplifier::ALL
                .iter()
                .any(|amplifier| amplifier.letter() == letter)
        };
        let amplifiers_known = !setup.ccdamp.is_empty() && setup.ccdamp.chars().all(known);
        if channel != Channel::Sbc && !amplifiers_known {
            return Err(observation.keyword("CCDAMP", "amplifiers among A, B, C and D"));
        }
        Ok(setup)
    }

    /// The amplifiers that read chip `number`, from left to right: all of CCDAMP for HRC, of WFC those among A and B
    /// for chip 1, among C and D for chip 2.
    pub fn amplifiers(&self, number: i64) -> Vec<Amplifier> {
        let on_chip = |amplifier: &Amplifier| match (self.channel, number) {
            (Channel::Wfc, 1) => *amplifier <= Amplifier::B,
            (Channel::Wfc, _) => *amplifier >= Amplifier::C,
            _ => true,
        };
        let read = |amplifier: &Amplifier| self.ccdamp.contains(amplifier.letter());
        Amplifier::ALL
            .into_iter()
            .filter(|a| read(a) && on_chip(a))
            .collect()
    }

    /// Whether the exposure was taken after Servicing Mission 4.
    pub fn is_after_sm4(&self) -> bool {
        self.expstart_mjd >= SM4_MJD
    }
}
