//! The wavecal of an exposure as a whole: rectified, measured, and matched in time.

use super::{Shift, Shifts, record, wavecal};
use crate::stis::observation::{ImsetKeywords, keyword};
use crate::stis::x2d::{self, X2dOptions};
use crate::stis::{SpectralMode, SpectralSwitches};
use crate::{Error, Observation, References, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What one imset of a wavecal says, and of when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimedShifts {
    /// The middle of its exposure, MJD.
    pub middle_mjd: f64,
    /// The shifts.
    pub shifts: Shifts,
}

/// How the shifts of a wavecal of several imsets are brought to the time of an exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// On a straight line between those before and after; before the first and after the last, that one.
    #[default]
    Linear,
    /// Those nearest in time.
    Nearest,
}

impl fmt::Display for Interpolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linear => "linear",
            Self::Nearest => "nearest",
        })
    }
}

impl FromStr for Interpolation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "linear" => Ok(Self::Linear),
            "nearest" => Ok(Self::Nearest),
            _ => Err(Error::Unreadable {
                expected: "a way to match a wavecal in time (linear, nearest)",
                found: text.to_owned(),
            }),
        }
    }
}

impl Interpolation {
    /// SHIFTA1 and SHIFTA2 at a time (MJD), each from the imsets that define it; None where none does. Imsets that do not
    /// follow each other in time are taken by their nearness.
    pub fn shifts(self, wavecal: &[TimedShifts], mjd: f64) -> (Option<f64>, Option<f64>) {
        let follow = wavecal
            .windows(2)
            .all(|pair| pair[0].middle_mjd < pair[1].middle_mjd);
        let how = if follow { self } else { Self::Nearest };
        let of = |axis: fn(&Shifts) -> &Shift| {
            let found = |timed: &TimedShifts| Some((timed.middle_mjd, axis(&timed.shifts).found()?));
            how.at(&wavecal.iter().filter_map(found).collect::<Vec<_>>(), mjd)
        };
        (of(|shifts| &shifts.shifta1), of(|shifts| &shifts.shifta2))
    }

    fn at(self, known: &[(f64, f64)], mjd: f64) -> Option<f64> {
        let (first, last) = (known.first()?, known.last()?);
        if mjd <= first.0 && self == Self::Linear {
            return Some(first.1);
        }
        let distance = |point: &&(f64, f64)| (point.0 - mjd).abs();
        let nearest = || {
            known
                .iter()
                .min_by(|a, b| distance(a).total_cmp(&distance(b)))
                .map(|point| point.1)
        };
        match self {
            Self::Nearest => nearest(),
            Self::Linear => {
                let about = known
                    .windows(2)
                    .find(|pair| (pair[0].0..=pair[1].0).contains(&mjd));
                let between = about.map(|pair| {
                    let share = (mjd - pair[0].0) / (pair[1].0 - pair[0].0);
                    (1.0 - share) * pair[0].1 + share * pair[1].1
                });
                between.or(Some(last.1))
            }
        }
    }
}

/// A wavecal that was measured.
#[derive(Debug, Clone)]
pub struct MeasuredWavecal {
    /// It, rectified, with the shifts in its headers.
    pub rectified: Observation,
    /// What each of its imsets says.
    pub shifts: Vec<TimedShifts>,
}

/// Rectifies all imsets of a wavecal that basic2d has calibrated, and measures the shifts of each.
///
/// # Errors
/// [`Error::Keyword`] where ASN_MTYP of an imset does not name it a wavecal; [`Error::NoUsableImset`]; those of
/// [`x2d::x2d`] and [`wavecal()`].
pub fn wavecal_exposure(observation: &Observation, references: &References) -> Result<MeasuredWavecal> {
    for chip in &observation.chips {
        let role = chip.sci.text("ASN_MTYP").unwrap_or_default();
        if !role.contains("WAVECAL") {
            let expected = "the role of a wavecal (AUTO-WAVECAL, GO-WAVECAL)";
            return Err(keyword(chip, &observation.name, "ASN_MTYP", expected));
        }
    }
    let counts = SpectralSwitches {
        helcorr: false,
        fluxcorr: false,
        statflag: false,
        ..SpectralSwitches::default()
    };
    let rectified = x2d::x2d_exposure(observation, references, &counts, &X2dOptions::default())?;
    let mut rectified = rectified.product;
    let mut shifts = Vec::with_capacity(rectified.chips.len());
    for chip in &mut rectified.chips {
        let (start, end) = chip.interval_mjd(&observation.name)?;
        let found = wavecal(&chip.frame, &rectified.primary, &chip.sci, references)?;
        record(&mut chip.sci, &found)?;
        shifts.push(TimedShifts {
            middle_mjd: (start + end) / 2.0,
            shifts: found,
        });
    }
    Ok(MeasuredWavecal { rectified, shifts })
}

/// Refuses a wavecal of another grating or setting than the exposure's, or one without a lamp.
///
/// # Errors
/// [`Error::OtherWavecal`], [`Error::LampOff`]; those of [`SpectralMode::of`].
pub fn check_wavecal(science: &Observation, wavecal: &Observation) -> Result<()> {
    // An image, such as a dark, has no mode of spectroscopy that could be compared.
    let said = |keyword: &str| {
        wavecal
            .primary
            .text(keyword)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    if !matches!(said("OBSTYPE").as_str(), "" | "SPECTROSCOPIC") {
        return Err(Error::OtherWavecal {
            science: science.name.clone(),
            wavecal: wavecal.name.clone(),
            what: "OBSTYPE".to_owned(),
            expected: "SPECTROSCOPIC".to_owned(),
            found: format!(
                "{} (TARGNAME {}, SCLAMP {})",
                said("OBSTYPE"),
                said("TARGNAME"),
                said("SCLAMP")
            ),
        });
    }
    let (expected, found) = (
        SpectralMode::of(&science.primary)?,
        SpectralMode::of(&wavecal.primary)?,
    );
    let differs = |what: &str, expected: String, found: String| {
        Err(Error::OtherWavecal {
            science: science.name.clone(),
            wavecal: wavecal.name.clone(),
            what: what.to_owned(),
            expected,
            found,
        })
    };
    if expected.opt_elem != found.opt_elem {
        return differs("OPT_ELEM", expected.opt_elem, found.opt_elem);
    }
    if expected.cenwave != found.cenwave {
        return differs("CENWAVE", expected.cenwave.to_string(), found.cenwave.to_string());
    }
    if found.sclamp == "NONE" {
        return Err(Error::LampOff {
            name: wavecal.name.clone(),
            reason: "SCLAMP is NONE".to_owned(),
        });
    }
    if wavecal.chips.is_empty() {
        return Ok(());
    }
    let exposed = |chip: &crate::Chip| chip.sci.real("EXPTIME").is_some_and(|seconds| seconds > 0.0);
    match wavecal.chips.iter().any(exposed) {
        true => Ok(()),
        false => Err(Error::LampOff {
            name: wavecal.name.clone(),
            reason: "EXPTIME is 0 s".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_matched_in_time() {
        let known = [(1.0, 10.0), (3.0, 20.0)];
        let linear = |mjd| Interpolation::Linear.at(&known, mjd).unwrap();
        assert_eq!((linear(0.0), linear(2.0), linear(9.0)), (10.0, 15.0, 20.0));
        let nearest = |mjd| Interpolation::Nearest.at(&known, mjd).unwrap();
        assert_eq!((nearest(1.9), nearest(2.1)), (10.0, 20.0));
        assert_eq!(Interpolation::Linear.at(&[], 1.0), None);
        assert_eq!(
            "NEAREST".parse::<Interpolation>().unwrap(),
            Interpolation::Nearest
        );
        assert!("cubic".parse::<Interpolation>().is_err());
    }
}
