//! What the headers of reference images have in common, whatever the camera.

use super::SuperdarkReport;
use super::frames::{Days, Origin};
use crate::record::put;
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

impl Kind<'_> {
    /// As DESCRIP begins.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Basedark => "Baseline",
            Kind::Weekdark(_) => "Weekly",
        }
    }

    /// TASKNAME.
    pub fn task(self) -> &'static str {
        match self {
            Kind::Basedark => "BASEDARK",
            Kind::Weekdark(_) => "WEEKDARK",
        }
    }

    /// HISTORY of how it differs from the frames' combination; `hot` is the DQ bit of hot pixels.
    pub fn lines(self, hot: u16) -> Vec<String> {
        match self {
            Kind::Basedark => vec![
                format!("DQ {hot}: more than 0.1 electrons/s and 5 sigma above the typical"),
                "dark current.".to_owned(),
            ],
            Kind::Weekdark(base) => vec![
                format!("Baseline dark: {base}"),
                "Pixels 5 sigma above the median of these frames are theirs, less the".to_owned(),
                "median of the baseline, added to it. Pixels as hot in the baseline".to_owned(),
                format!("have the median of the 5 x 5 about them there. DQ {hot}: hot in these"),
                "frames; ERR of the baseline where they are not.".to_owned(),
            ],
        }
    }
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
pub(super) fn in_words(date: &str) -> String {
    let (year, month, day) = day_of(date).unwrap_or((0, 1, 1));
    format!("{} {day:02} {year}", MONTHS[(month - 1).min(11)])
}

/// As in `19/03/2015`.
fn in_figures(date: &str) -> String {
    let (year, month, day) = day_of(date).unwrap_or((0, 1, 1));
    format!("{day:02}/{month:02}/{year}")
}

/// PEDIGREE, USEAFTER and DESCRIP of frames taken on `days`; `descrip` is what the last begins with, `camera` what it
/// names.
pub(super) fn put_validity(primary: &mut Header, days: &Days, descrip: &str, camera: &str) -> Result<()> {
    let pedigree = format!("INFLIGHT {} {}", in_figures(&days.first), in_figures(&days.last));
    put(primary, "PEDIGREE", pedigree.as_str(), "")?;
    let first = in_words(&days.first);
    put(primary, "USEAFTER", format!("{first} {}", days.first_time), "")?;
    let descrip = format!("{descrip} for {camera} data taken after {first}");
    put(primary, "DESCRIP", format!("{descrip:-<DESCRIP$}"), "")
}

/// An imset whose planes have the cards of `header`, in `unit`.
pub(crate) fn imset(
    version: i64,
    frame: Frame,
    unit: &str,
    header: impl Fn(&mut Header) -> Result<()>,
) -> Result<Chip> {
    let plane = |name: &str, unit: &str| {
        let mut of_plane = Header::new();
        put(&mut of_plane, "BUNIT", unit, "")?;
        header(&mut of_plane)?;
        put(&mut of_plane, "EXTNAME", name, "")?;
        put(&mut of_plane, "EXTVER", version, "")?;
        Ok::<_, crate::Error>(of_plane)
    };
    Ok(Chip {
        version,
        sci: plane("SCI", unit)?,
        err: plane("ERR", unit)?,
        dq: plane("DQ", "UNITLESS")?,
        frame,
    })
}

/// A reference image of one imset whose pixels are those of the detector.
pub(crate) fn one_chip(task: &str, primary: Header, frame: Frame, unit: &str) -> Result<Observation> {
    let chip = imset(1, frame, unit, |header| {
        for (keyword, value) in [("LTM1_1", 1.0), ("LTM2_2", 1.0), ("LTV1", 0.0), ("LTV2", 0.0)] {
            put(header, keyword, value, "")?;
        }
        Ok(())
    })?;
    Ok(Observation {
        name: task.to_ascii_lowercase(),
        primary,
        chips: vec![chip],
    })
}

/// HISTORY of the programmes.
pub(super) fn of_programmes(origin: &Origin) -> impl Iterator<Item = String> {
    let programmes = origin.programmes.iter();
    programmes.map(|(number, title)| format!("  {number}: {title}"))
}

/// HISTORY of the rejection and of the time that was divided by.
pub(super) fn of_rates(report: &SuperdarkReport, how: &str) -> Vec<String> {
    let mut lines = of_rejection(&report.parameters).to_vec();
    lines.push(format!("Divided by {} s{how}", report.exptime_s));
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
