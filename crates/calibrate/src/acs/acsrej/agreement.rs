//! Whether exposures may be combined, and what their headers say together.

use super::Member;
use crate::error::LEAVE_OUT;
use crate::{Error, Result};
use firstlight_frame::{Detector, Switch};

/// The exposures of a combination, as their headers tell of them. Times are in single precision, as they are summed for
/// the header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exposures {
    /// The time that each exposure weighs by, s: EXPTIME; 1 where all of them are 0, as those of bias frames.
    pub seconds: Vec<f32>,
    /// The sum of EXPTIME, s.
    pub exptime_s: f32,
    /// The sum of `seconds`.
    pub combined_s: f32,
    /// The sum of DARKTIME, s.
    pub darktime_s: f32,
    /// The sum of FLASHDUR, s, where the post-flash is still to be subtracted; else 0.
    pub flashdur_s: f32,
    /// The least EXPSTART, MJD.
    pub expstart_mjd: f64,
    /// The greatest EXPEND, MJD.
    pub expend_mjd: f64,
    /// The first exposure that weighs anything: its headers are the product's.
    pub first: usize,
    /// For each imset of `first` the imset of each exposure with the same chip.
    pub imsets: Vec<Vec<usize>>,
}

impl Exposures {
    /// Checks that `members` belong together.
    ///
    /// # Errors
    /// [`Error::TooFewExposures`], [`Error::Untrimmed`], [`Error::MembersDiffer`], [`Error::NotAcs`],
    /// [`Error::Keyword`] and what reading shapes may meet.
    pub fn of(members: &[&dyn Member]) -> Result<Self> {
        if members.len() < 2 {
            return Err(Error::TooFewExposures { found: members.len() });
        }
        for member in members {
            check_alone(*member)?;
        }
        let times: Vec<f32> = members
            .iter()
            .map(|member| exptime_s(*member))
            .collect::<Result<_>>()?;
        let exptime_s: f32 = times.iter().fold(0.0, |sum, &seconds| sum + seconds);
        let seconds = if exptime_s == 0.0 {
            vec![1.0; times.len()]
        } else {
            times
        };
        let exposed = seconds.iter().filter(|&&seconds| seconds > 0.0).count();
        if exposed < 2 {
            return Err(Error::TooFewExposures { found: exposed });
        }
        let first = seconds.iter().position(|&seconds| seconds > 0.0).unwrap_or(0);
        for member in members {
            check_same(members[first], *member)?;
        }
        let flashdur_s = flash(members, &seconds)?;
        let sum = |keyword| {
            let of = |member: &&dyn Member| member.primary().real(keyword).unwrap_or(0.0) as f32;
            members.iter().map(of).fold(0.0, |sum: f32, value| sum + value)
        };
        let of_all = |keyword| -> Result<Vec<f64>> { members.iter().map(|m| real(*m, keyword)).collect() };
        Ok(Self {
            combined_s: seconds.iter().fold(0.0, |sum: f32, &seconds| sum + seconds),
            seconds,
            exptime_s,
            darktime_s: sum("DARKTIME"),
            flashdur_s,
            expstart_mjd: of_all("EXPSTART")?.into_iter().fold(f64::INFINITY, f64::min),
            expend_mjd: of_all("EXPEND")?.into_iter().fold(0.0, f64::max),
            first,
            imsets: (0..members[first].imsets())
                .map(|imset| same_chip(members, first, imset))
                .collect::<Result<_>>()?,
        })
    }
}

fn keyword(member: &dyn Member, keyword: &str, expected: &'static str) -> Error {
    Error::Keyword {
        name: member.name(),
        hdu: "PRIMARY".to_owned(),
        keyword: keyword.to_owned(),
        expected,
        found: member.primary().get(keyword).map(|value| value.to_string()),
    }
}

pub(in crate::acs) fn real(member: &dyn Member, name: &str) -> Result<f64> {
    let value = member.primary().real(name).filter(|value| value.is_finite());
    value.ok_or_else(|| keyword(member, name, "a number"))
}

fn exptime_s(member: &dyn Member) -> Result<f32> {
    let seconds = real(member, "EXPTIME")?;
    if seconds < 0.0 {
        return Err(keyword(member, "EXPTIME", "an exposure time of 0 s or more"));
    }
    Ok(seconds as f32)
}

fn text(member: &dyn Member, keyword: &str) -> String {
    let text = member.primary().text(keyword).unwrap_or_default();
    text.trim().to_ascii_uppercase()
}

/// What every exposure must be by itself: of a CCD of ACS, and past the overscan.
fn check_alone(member: &dyn Member) -> Result<()> {
    let detector = Detector::from_header(member.primary());
    match detector {
        Detector::AcsWfc | Detector::AcsHrc => {}
        Detector::AcsSbc => return Err(Error::NoCosmicRays { name: member.name() }),
        found => {
            return Err(Error::NotAcs {
                name: member.name(),
                found: found.to_string(),
            });
        }
    }
    if text(member, "CCDAMP").is_empty() {
        return Err(keyword(member, "CCDAMP", "the amplifiers that read the chips"));
    }
    let perform = Switch::of(member.primary(), "BLEVCORR").is_perform();
    for imset in 0..member.imsets() {
        let [sci, ..] = member.headers(imset);
        let ltv = ["LTV1", "LTV2"].map(|keyword| sci.real(keyword).unwrap_or(0.0));
        // Where the first pixel of the image lies before that of the detector, overscan is still there.
        if perform || ltv[0] > 0.0 || ltv[1] > 0.0 {
            return Err(Error::Untrimmed {
                name: member.name(),
                blevcorr: text(member, "BLEVCORR"),
                ltv: (ltv[0], ltv[1]),
            });
        }
    }
    Ok(())
}

/// What all exposures must have alike.
pub(in crate::acs) fn check_same(first: &dyn Member, member: &dyn Member) -> Result<()> {
    let mut keywords = vec!["DETECTOR", "CCDAMP"];
    // The filter in the light's way is nothing to a frame without light.
    if !["BIAS", "DARK"]
        .iter()
        .any(|kind| text(first, "IMAGETYP").starts_with(kind))
    {
        keywords.extend(["FILTER1", "FILTER2"]);
    }
    for keyword in keywords {
        let (expected, found) = (text(first, keyword), text(member, keyword));
        if expected != found {
            return Err(differ(first, member, keyword, expected, found));
        }
    }
    if first.imsets() != member.imsets() {
        let imsets = |member: &dyn Member| member.imsets().to_string();
        return Err(differ(
            first,
            member,
            "number of imsets",
            imsets(first),
            imsets(member),
        ));
    }
    Ok(())
}

fn differ(first: &dyn Member, member: &dyn Member, what: &str, expected: String, found: String) -> Error {
    Error::MembersDiffer {
        first: first.name(),
        name: member.name(),
        what: what.to_owned(),
        expected,
        found,
        way_out: LEAVE_OUT,
    }
}

/// Exposures whose post-flash is still in them must have been flashed alike, in proportion to their exposure times:
/// else one differs from the other by more than cosmic rays. Gives the sum of FLASHDUR, s.
fn flash(members: &[&dyn Member], seconds: &[f32]) -> Result<f32> {
    let flashed = |member: &dyn Member| Switch::of(member.primary(), "FLSHCORR").is_perform();
    let duration = |member: &dyn Member| real(member, "FLASHDUR").map(|value| value as f32);
    let mut sum = 0.0f32;
    for (member, &seconds_of) in members.iter().zip(seconds) {
        let switches =
            [flashed(members[0]), flashed(*member)].map(|yes| if yes { "PERFORM" } else { "another" });
        if switches[0] != switches[1] {
            let [expected, found] = switches.map(str::to_owned);
            return Err(differ(members[0], *member, "FLSHCORR", expected, found));
        }
        if !flashed(*member) {
            continue;
        }
        let currents = (text(members[0], "FLASHCUR"), text(*member, "FLASHCUR"));
        if currents.0 != currents.1 {
            return Err(differ(members[0], *member, "FLASHCUR", currents.0, currents.1));
        }
        let level = duration(*member)? / seconds_of;
        let expected = duration(members[0])? / seconds[0];
        // 0 s of flash in 0 s of exposure is no number, and no difference.
        if level != expected && !(level.is_nan() && expected.is_nan()) {
            let what = "post-flash per second (FLASHDUR / EXPTIME)";
            return Err(differ(
                members[0],
                *member,
                what,
                expected.to_string(),
                level.to_string(),
            ));
        }
        sum += duration(*member)?;
    }
    Ok(sum)
}

/// The imset of each exposure that holds the chip of an imset of the first: same CCDCHIP, shape and place.
pub(in crate::acs) fn same_chip(members: &[&dyn Member], first: usize, imset: usize) -> Result<Vec<usize>> {
    let chip_of = |member: &dyn Member, imset| member.headers(imset)[0].integer("CCDCHIP").unwrap_or(1);
    let chip = chip_of(members[first], imset);
    let shape = members[first].shape(imset)?;
    let place = |member: &dyn Member, imset| {
        let [sci, ..] = member.headers(imset);
        ["LTV1", "LTV2"].map(|keyword| sci.real(keyword).unwrap_or(0.0))
    };
    let mut same = Vec::with_capacity(members.len());
    for member in members {
        let found = (0..member.imsets()).find(|&imset| chip_of(*member, imset) == chip);
        let Some(at) = found else {
            let chips: Vec<String> = (0..member.imsets())
                .map(|imset| chip_of(*member, imset).to_string())
                .collect();
            return Err(differ(
                members[first],
                *member,
                "CCDCHIP",
                chip.to_string(),
                chips.join(", "),
            ));
        };
        let pixels = |(ny, nx): (usize, usize)| format!("({ny}, {nx})");
        let found = member.shape(at)?;
        if found != shape {
            return Err(differ(
                members[first],
                *member,
                "shape of SCI",
                pixels(shape),
                pixels(found),
            ));
        }
        let (expected, found) = (place(members[first], imset), place(*member, at));
        if expected != found {
            let what = "place on the detector (LTV1, LTV2)";
            let corner = |[x, y]: [f64; 2]| format!("({x}, {y})");
            return Err(differ(
                members[first],
                *member,
                what,
                corner(expected),
                corner(found),
            ));
        }
        same.push(at);
    }
    Ok(same)
}
