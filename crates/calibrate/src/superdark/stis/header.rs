//! The headers of reference images of the STIS CCD.

use crate::record::{put, told};
use crate::stis::basic2d::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C};
use crate::superdark::frames::DarkFrames;
use crate::superdark::header::{Kind, of_programmes, of_rates, one_chip, put_validity, short};
use crate::superdark::{HOT, SuperdarkReport};
use crate::{Observation, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;

/// The image as DARKFILE has it: valid for any amplifier, gain and use of the CCD in this binning.
pub(in crate::superdark) fn product(
    darks: &DarkFrames,
    frame: Frame,
    kind: Kind<'_>,
    report: &SuperdarkReport,
) -> Result<Observation> {
    let gain = darks.origin.primary.integer("CCDGAIN").unwrap_or(1);
    let descrip = format!("{} gain={gain} dark", kind.words());
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
    put(&mut primary, "TASKNAME", kind.task(), "")?;
    for line in lines(darks, kind, report) {
        told(&mut primary, &line)?;
    }
    one_chip(kind.task(), primary, frame, "ELECTRONS/S")
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
        let binning = frames.origin.primary.integer(keyword).unwrap_or(1);
        put(&mut primary, keyword, binning, "")?;
    }
    set(&mut primary, "FILETYPE", filetype)?;
    put_validity(&mut primary, &frames.origin.days, descrip, "STIS CCD")?;
    Ok(primary)
}

/// HISTORY of frames: how many, of which setting and programmes.
pub(crate) fn of_frames(frames: &DarkFrames, (number, noun): (usize, &str)) -> Vec<String> {
    let whole = |keyword| frames.origin.primary.integer(keyword).unwrap_or(1);
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
    lines.extend(of_programmes(&frames.origin));
    lines.push("The frames:".to_owned());
    lines
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
    lines.extend(of_rates(report, ", times the gain: electrons per second."));
    lines.extend(kind.lines(HOT));
    lines
}
