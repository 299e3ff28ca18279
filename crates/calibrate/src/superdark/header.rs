//! The headers of a dark reference image.

use super::{DarkFrames, SuperdarkReport};
use crate::record::{history, put};
use crate::stis::basic2d::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C};
use crate::stis::ocrreject::RejectionParameters;
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
    let (what, task) = match kind {
        Kind::Basedark => ("Baseline", "BASEDARK"),
        Kind::Weekdark(_) => ("Weekly", "WEEKDARK"),
    };
    let gain = darks.primary.integer("CCDGAIN").unwrap_or(1);
    let descrip = format!("{what} gain={gain} dark");
    let mut primary = reference_header(darks, ("ANY", -1, -1), ("DARK IMAGE", &descrip))?;
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
    put(&mut primary, "TASKNAME", task, "")?;
    for line in lines(darks, kind, report) {
        history(&mut primary, &line)?;
    }
    one_chip(task, primary, frame, "ELECTRONS/S")
}

/// The primary header that reference images have in common: for CCDAMP, CCDGAIN and CCDOFFST, of FILETYPE, with what
/// DESCRIP begins with.
pub(crate) fn reference_header(
    frames: &DarkFrames,
    (ccdamp, ccdgain, ccdoffst): (&str, i64, i64),
    (filetype, descrip): (&str, &str),
) -> Result<Header> {
    let mut primary = Header::new();
    let set = |primary: &mut Header, keyword: &str, value: &str| put(primary, keyword, value, "");
    set(&mut primary, "TELESCOP", "HST")?;
    set(&mut primary, "INSTRUME", "STIS")?;
    put(&mut primary, "DETECTOR", "CCD", "detector in use: CCD")?;
    set(&mut primary, "CCDAMP", ccdamp)?;
    put(&mut primary, "CCDGAIN", ccdgain, "")?;
    put(&mut primary, "CCDOFFST", ccdoffst, "")?;
    for keyword in ["OPT_ELEM", "APERTURE", "OBSTYPE"] {
        set(&mut primary, keyword, "ANY")?;
    }
    for keyword in ["BINAXIS1", "BINAXIS2"] {
        let binning = frames.primary.integer(keyword).unwrap_or(1);
        put(&mut primary, keyword, binning, "")?;
    }
    set(&mut primary, "FILETYPE", filetype)?;
    let days = &frames.days;
    let pedigree = format!("INFLIGHT {} {}", in_figures(&days.first), in_figures(&days.last));
    set(&mut primary, "PEDIGREE", &pedigree)?;
    let first = in_words(&days.first);
    set(&mut primary, "USEAFTER", &format!("{first} {}", days.first_time))?;
    let descrip = format!("{descrip} for STIS CCD data taken after {first}");
    set(&mut primary, "DESCRIP", &format!("{descrip:-<DESCRIP$}"))?;
    Ok(primary)
}

/// A reference image of one imset.
pub(crate) fn one_chip(task: &str, primary: Header, frame: Frame, unit: &str) -> Result<Observation> {
    let plane = |name: &str, unit: &str| {
        let mut header = Header::new();
        put(&mut header, "BUNIT", unit, "")?;
        for (keyword, value) in [("LTM1_1", 1.0), ("LTM2_2", 1.0), ("LTV1", 0.0), ("LTV2", 0.0)] {
            put(&mut header, keyword, value, "")?;
        }
        put(&mut header, "EXTNAME", name, "")?;
        put(&mut header, "EXTVER", 1i64, "")?;
        Ok::<_, crate::Error>(header)
    };
    let chip = Chip {
        version: 1,
        sci: plane("SCI", unit)?,
        err: plane("ERR", unit)?,
        dq: plane("DQ", "UNITLESS")?,
        frame,
    };
    Ok(Observation {
        name: task.to_ascii_lowercase(),
        primary,
        chips: vec![chip],
    })
}

/// HISTORY of frames: how many, of which setting and programmes.
pub(crate) fn of_frames(frames: &DarkFrames, (number, noun): (usize, &str)) -> Vec<String> {
    let whole = |keyword| frames.primary.integer(keyword).unwrap_or(1);
    let mut lines = vec![
        format!(
            "Combination of {number} {noun} frames of CCDGAIN={},",
            whole("CCDGAIN")
        ),
        format!(
            "BINAXIS1={}, BINAXIS2={}, of program",
            whole("BINAXIS1"),
            whole("BINAXIS2")
        ),
    ];
    for (number, title) in &frames.programmes {
        lines.push(format!("  {number}: {title}"));
    }
    lines.push("The frames:".to_owned());
    lines
}

/// HISTORY of how cosmic rays were rejected.
pub(crate) fn of_rejection(of: &RejectionParameters) -> [String; 2] {
    [
        format!(
            "Cosmic rays rejected: INITGUES {}, SKYSUB {}, CRSIGMAS {},",
            of.initgues.name(),
            of.skysub.name(),
            of.crsigmas
        ),
        format!(
            "CRRADIUS {}, CRTHRESH {}, SCALENSE {}, BADINPDQ {}.",
            of.crradius, of.crthresh, of.scalense, of.badinpdq
        ),
    ]
}

/// A file's name without its folder.
pub(crate) fn short(name: &str) -> String {
    let name = std::path::Path::new(name).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// HISTORY: of what it is made, and how.
fn lines(darks: &DarkFrames, kind: Kind<'_>, report: &SuperdarkReport) -> Vec<String> {
    let mut lines = of_frames(darks, (report.inputs.len(), "dark"));
    for (name, factor) in report.inputs.iter().zip(&report.temperature_factors) {
        lines.push(format!("  {} times {factor:.6}", short(name)));
    }
    lines.push("These factors, 1 / (1 + DRK_VS_T (OCCDHTAV - REF_TEMP)), bring them to".to_owned());
    lines.push(format!(
        "{REFERENCE_TEMPERATURE_C} C; a factor of 1: nothing was to be done."
    ));
    lines.extend(of_rejection(&report.parameters));
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
