//! Calibration switches: what the user sets, and which of them contradict each other.

use crate::{Error, Result};
use firstlight_fits::Header;
use firstlight_frame::{Detector, Switch};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The switches of WFC and HRC, in the order of the steps.
pub const CCD_SWITCHES: [&str; 15] = [
    "DQICORR", "ATODCORR", "BIASCORR", "BLEVCORR", "SINKCORR", "PCTECORR", "CRCORR", "RPTCORR", "DARKCORR",
    "FLSHCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "EXPSCORR", "DRIZCORR",
];
/// The switches of the SBC, in the order of the steps.
pub const SBC_SWITCHES: [&str; 9] = [
    "DQICORR", "GLINCORR", "LFLGCORR", "DARKCORR", "FLATCORR", "PHOTCORR", "EXPSCORR", "RPTCORR", "DRIZCORR",
];

/// The switches of the CCD of STIS, in the order of the steps.
pub const STIS_SWITCHES: [&str; 22] = [
    "DQICORR", "ATODCORR", "BLEVCORR", "BIASCORR", "CRCORR", "RPTCORR", "EXPSCORR", "DARKCORR", "FLATCORR",
    "SHADCORR", "PHOTCORR", "GEOCORR", "WAVECORR", "X2DCORR", "X1DCORR", "BACKCORR", "DISPCORR", "HELCORR",
    "FLUXCORR", "CTECORR", "SGEOCORR", "SC2DCORR",
];

/// What is no step, but a logical value: whether statistics of the good pixels are recorded (STIS).
const STATFLAG: &str = "STATFLAG";

/// Words that a switch may have instead of PERFORM or OMIT: the step does not belong to the exposure.
const WITHOUT_EFFECT: [&str; 5] = ["N/A", "NONE", "DEFERRED", "INCOMPLETE", "UNKNOWN"];

/// A switch set by the user: `PCTECORR=PERFORM`. It stands above the header's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SwitchSetting {
    /// The keyword, upper case.
    pub keyword: String,
    /// PERFORM or OMIT; of STATFLAG T or F.
    pub value: Setting,
}

/// What a switch can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The step is to be done.
    Perform,
    /// It is not.
    Omit,
}

impl Setting {
    /// Whether the step is to be done.
    pub(crate) fn is_perform(self) -> bool {
        self == Setting::Perform
    }

    fn word(self) -> &'static str {
        match self {
            Setting::Perform => "PERFORM",
            Setting::Omit => "OMIT",
        }
    }
}

impl FromStr for SwitchSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((keyword, value)) = text.split_once('=') else {
            return Err(format!(
                "'{text}' is no switch; write for instance PCTECORR=PERFORM"
            ));
        };
        let keyword = keyword.trim().to_ascii_uppercase();
        let mut all = CCD_SWITCHES.iter().chain(&SBC_SWITCHES).chain(&STIS_SWITCHES);
        if keyword != STATFLAG && !all.any(|known| *known == keyword) {
            return Err(format!(
                "there is no switch {keyword}; WFC and HRC have {}; the SBC has {}; the CCD of STIS has {}, {STATFLAG}",
                CCD_SWITCHES.join(", "),
                SBC_SWITCHES.join(", "),
                STIS_SWITCHES.join(", ")
            ));
        }
        let words = words_of(&keyword);
        let value = match value.trim().to_ascii_uppercase().as_str() {
            of if of == words[0] => Setting::Perform,
            of if of == words[1] => Setting::Omit,
            "TRUE" if keyword == STATFLAG => Setting::Perform,
            "FALSE" if keyword == STATFLAG => Setting::Omit,
            _ => {
                return Err(format!(
                    "{keyword} cannot be '{}'; it can be {} or {}",
                    value.trim(),
                    words[0],
                    words[1]
                ));
            }
        };
        Ok(Self { keyword, value })
    }
}

impl TryFrom<String> for SwitchSetting {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<SwitchSetting> for String {
    fn from(setting: SwitchSetting) -> Self {
        setting.to_string()
    }
}

impl fmt::Display for SwitchSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [yes, no] = words_of(&self.keyword);
        let word = if self.value.is_perform() { yes } else { no };
        write!(f, "{}={word}", self.keyword)
    }
}

/// What a switch can be set to: that it is done, that it is not.
fn words_of(keyword: &str) -> [&'static str; 2] {
    match keyword {
        STATFLAG => ["T", "F"],
        _ => [Setting::Perform.word(), Setting::Omit.word()],
    }
}

impl SwitchSetting {
    /// Puts it into a primary header.
    pub(crate) fn set(&self, primary: &mut Header) -> Result<()> {
        match self.keyword.as_str() {
            STATFLAG => primary.set(STATFLAG, self.value.is_perform(), None)?,
            keyword => primary.set(keyword, self.value.word(), None)?,
        }
        Ok(())
    }
}

/// The switches that a detector has.
pub(super) fn of_detector(detector: &Detector) -> &'static [&'static str] {
    match detector {
        Detector::AcsSbc => &SBC_SWITCHES,
        Detector::StisCcd => &STIS_SWITCHES,
        _ => &CCD_SWITCHES,
    }
}

/// The switches of a detector that do something to a single exposure.
pub(super) fn steps_of(detector: &Detector) -> Vec<&'static str> {
    let of_several = ["CRCORR", "RPTCORR", "EXPSCORR", "DRIZCORR"];
    let all = of_detector(detector).iter().copied();
    all.filter(|switch| !of_several.contains(switch)).collect()
}

/// Refuses two settings of one switch that differ.
pub(super) fn check_settings(settings: &[SwitchSetting]) -> Result<()> {
    for (index, setting) in settings.iter().enumerate() {
        let other = settings[..index]
            .iter()
            .find(|other| other.keyword == setting.keyword && other != &setting);
        if let Some(other) = other {
            return Err(Error::Usage(format!(
                "{other} and {setting} contradict each other; give one of them"
            )));
        }
    }
    Ok(())
}

/// Puts the user's switches into a primary header.
///
/// # Errors
/// [`Error::Usage`] where the detector has no such switch.
pub(super) fn apply(primary: &mut Header, settings: &[SwitchSetting], name: &Path) -> Result<()> {
    let detector = Detector::from_header(primary);
    let there = of_detector(&detector);
    for setting in settings {
        let has_it = match setting.keyword.as_str() {
            STATFLAG => detector == Detector::StisCcd,
            keyword => there.contains(&keyword),
        };
        if !has_it {
            return Err(Error::Usage(format!(
                "{}: {detector} has no {}; its switches are {}",
                name.display(),
                setting.keyword,
                there.join(", ")
            )));
        }
        setting.set(primary)?;
    }
    Ok(())
}

/// Refuses a switch whose value is none.
pub(super) fn check_words(primary: &Header, name: &Path) -> Result<()> {
    for keyword in of_detector(&Detector::from_header(primary)) {
        if let Switch::Other(word) = Switch::of(primary, keyword)
            && !WITHOUT_EFFECT.contains(&word.as_str())
        {
            return Err(Error::Contradiction {
                path: name.to_owned(),
                reason: format!(
                    "{keyword} is '{word}', which is no switch's value: set it, as with --switch {keyword}=PERFORM or \
                     {keyword}=OMIT"
                ),
            });
        }
    }
    Ok(())
}

/// Refuses switches that contradict each other, and an exposure whose steps are done already.
pub(super) fn check(primary: &Header, name: &Path) -> Result<()> {
    let detector = Detector::from_header(primary);
    let of = |keyword: &str| Switch::of(primary, keyword);
    let done = |keyword: &&&str| of(keyword) == Switch::Complete;
    let complete: Vec<String> = of_detector(&detector)
        .iter()
        .filter(done)
        .map(|k| (*k).to_owned())
        .collect();
    if !complete.is_empty() {
        return Err(Error::AlreadyCalibrated {
            path: name.to_owned(),
            complete,
        });
    }
    let contradiction = |reason: String| {
        Err(Error::Contradiction {
            path: name.to_owned(),
            reason,
        })
    };
    check_words(primary, name)?;
    let both = |one: &str, other: &str| of(one).is_perform() && of(other).is_perform();
    if both("CRCORR", "RPTCORR") {
        return contradiction(
            "CRCORR and RPTCORR are both PERFORM: exposures are either freed of cosmic rays together, or added; set \
             one to OMIT, as with --switch RPTCORR=OMIT"
                .to_owned(),
        );
    }
    if detector == Detector::AcsSbc || of("BLEVCORR").is_perform() {
        return Ok(());
    }
    let later = ["PCTECORR", "DARKCORR", "FLSHCORR", "FLATCORR", "SHADCORR"];
    let later: Vec<&str> = later
        .into_iter()
        .filter(|keyword| of(keyword).is_perform())
        .collect();
    if later.is_empty() {
        return Ok(());
    }
    contradiction(format!(
        "BLEVCORR is not PERFORM, but {} {}: these steps take frames without overscan; add --switch BLEVCORR=PERFORM, \
         or set them to OMIT",
        later.join(", "),
        if later.len() == 1 { "is" } else { "are" }
    ))
}
