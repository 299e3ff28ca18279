//! The headers of a dark reference image.

use super::{DarkFrames, SuperdarkReport};
use crate::record::{history, put};
use crate::stis::basic2d::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C};
use crate::{Chip, Observation, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;

/// What is made; of the dark of a week with the name of its baseline.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Basedark,
    Weekdark(&'a str),
}

/// Characters of DESCRIP.
const DESCRIP: usize = 67;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Year, month and day of a date as 2015-03-19.
pub(super) fn day_of(date: &str) -> Option<(u32, usize, u32)> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_date = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then_some((year, month, day))
}

/// As in `Mar 19 2015`.
fn in_words(date: &str) -> String {
    let (year, month, day) = day_of(date).unwrap_or((0, 1, 1));
    format!("{} {day:02} {year}", MONTHS[(month - 1).min(11)])
}

/// As in `19/03/2015`.
fn in_figures(date: &str) -> String {
    let (year, month, day) = day_of(date).unwrap_or((0, 1, 1));
    format!("{day:02}/{month:02}/{year}")
}

/// The image as DARKFILE has it: valid for any amplifier, gain and use of the CCD in this binning.
pub(super) fn reference_image(
    darks: &DarkFrames,
    frame: Frame,
    kind: Kind<'_>,
    report: &SuperdarkReport,
) -> Result<Observation> {
    let mut primary = Header::new();
    let set = |primary: &mut Header, keyword: &str, value: &str| put(primary, keyword, value, "");
    set(&mut primary, "TELESCOP", "HST")?;
    set(&mut primary, "INSTRUME", "STIS")?;
    put(&mut primary, "DETECTOR", "CCD", "detector in use: CCD")?;
    set(&mut primary, "CCDAMP", "ANY")?;
    put(&mut primary, "CCDGAIN", -1i64, "")?;
    put(&mut primary, "CCDOFFST", -1i64, "")?;
    for keyword in ["OPT_ELEM", "APERTURE", "OBSTYPE"] {
        set(&mut primary, keyword, "ANY")?;
    }
    for keyword in ["BINAXIS1", "BINAXIS2"] {
        put(
            &mut primary,
            keyword,
            darks.primary.integer(keyword).unwrap_or(1),
            "",
        )?;
    }
    set(&mut primary, "FILETYPE", "DARK IMAGE")?;
    let days = &darks.days;
    let pedigree = format!("INFLIGHT {} {}", in_figures(&days.first), in_figures(&days.last));
    set(&mut primary, "PEDIGREE", &pedigree)?;
    let first = in_words(&days.first);
    set(&mut primary, "USEAFTER", &format!("{first} {}", days.first_time))?;
    let (what, task) = match kind {
        Kind::Basedark => ("Baseline", "BASEDARK"),
        Kind::Weekdark(_) => ("Weekly", "WEEKDARK"),
    };
    let gain = darks.primary.integer("CCDGAIN").unwrap_or(1);
    let descrip = format!("{what} gain={gain} dark for STIS CCD data taken after {first}");
    set(&mut primary, "DESCRIP", &format!("{descrip:-<DESCRIP$}"))?;
    put(
        &mut primary,
        "REF_TEMP",
        REFERENCE_TEMPERATURE_C,
        "temperature of the dark current, Celsius",
    )?;
    put(
        &mut primary,
        "DRK_VS_T",
        GROWTH_PER_C,
        "growth of dark current per Celsius",
    )?;
    set(&mut primary, "TASKNAME", task)?;
    for line in lines(darks, kind, report, gain) {
        history(&mut primary, &line)?;
    }
    let plane = |unit: &str| {
        let mut header = Header::new();
        put(&mut header, "BUNIT", unit, "")?;
        for (keyword, value) in [("LTM1_1", 1.0), ("LTM2_2", 1.0), ("LTV1", 0.0), ("LTV2", 0.0)] {
            put(&mut header, keyword, value, "")?;
        }
        Ok::<_, crate::Error>(header)
    };
    let named = |mut header: Header, name: &str| {
        put(&mut header, "EXTNAME", name, "")?;
        put(&mut header, "EXTVER", 1i64, "")?;
        Ok::<_, crate::Error>(header)
    };
    let chip = Chip {
        version: 1,
        sci: named(plane("ELECTRONS/S")?, "SCI")?,
        err: named(plane("ELECTRONS/S")?, "ERR")?,
        dq: named(plane("UNITLESS")?, "DQ")?,
        frame,
    };
    Ok(Observation {
        name: task.to_ascii_lowercase(),
        primary,
        chips: vec![chip],
    })
}

/// HISTORY: of what it is made, and how.
fn lines(darks: &DarkFrames, kind: Kind<'_>, report: &SuperdarkReport, gain: i64) -> Vec<String> {
    let binning = |keyword| darks.primary.integer(keyword).unwrap_or(1);
    let mut lines = vec![
        format!(
            "Combination of {} dark frames of CCDGAIN={gain},",
            report.inputs.len()
        ),
        format!(
            "BINAXIS1={}, BINAXIS2={}, of program",
            binning("BINAXIS1"),
            binning("BINAXIS2")
        ),
    ];
    for (number, title) in &darks.programmes {
        lines.push(format!("  {number}: {title}"));
    }
    lines.push("The frames:".to_owned());
    for (name, factor) in report.inputs.iter().zip(&report.temperature_factors) {
        let name = std::path::Path::new(name).file_name().unwrap_or_default();
        lines.push(format!("  {} times {factor:.6}", name.to_string_lossy()));
    }
    lines.push("These factors, 1 / (1 + DRK_VS_T (OCCDHTAV - REF_TEMP)), bring them to".to_owned());
    lines.push(format!(
        "{REFERENCE_TEMPERATURE_C} C; a factor of 1: nothing was to be done."
    ));
    let of = &report.parameters;
    lines.push(format!(
        "Cosmic rays rejected: INITGUES {}, SKYSUB {}, CRSIGMAS {},",
        of.initgues.name(),
        of.skysub.name(),
        of.crsigmas
    ));
    lines.push(format!(
        "CRRADIUS {}, CRTHRESH {}, SCALENSE {}, BADINPDQ {}.",
        of.crradius, of.crthresh, of.scalense, of.badinpdq
    ));
    lines.push(format!(
        "Divided by {} s, times the gain: electrons per second.",
        report.exptime_s
    ));
    match kind {
        Kind::Basedark => {
            lines.push("DQ 16: more than 0.1 electrons/s and 5 sigma above the typical".to_owned());
            lines.push("dark current.".to_owned());
        }
        Kind::Weekdark(base) => {
            lines.push(format!("Baseline dark: {base}"));
            lines.push("Pixels 5 sigma above the median of these frames are theirs, less the".to_owned());
            lines.push("median of the baseline, added to it. Pixels as hot in the baseline".to_owned());
            lines.push("have the median of the 5 x 5 about them there. DQ 16: hot in these".to_owned());
            lines.push("frames; ERR of the baseline where they are not.".to_owned());
        }
    }
    lines
}
