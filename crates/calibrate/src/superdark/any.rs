//! Darks of any CCD, as those of cameras on the ground.

use super::frames::{DarkFrames, DarkPart, Origin, Pixels, Rate, check_above_zero};
use super::header::{Kind, of_rates, short};
use super::{DarkRows, HOT, SuperdarkReport, alike};
use crate::ccd::{CcdUnit, dq};
use crate::record::{put, told};
use crate::stis::ocrreject::REJECTED;
use crate::stis::ocrreject::parts::Noise;
use crate::{Chip, Error, Observation, Result};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;

/// Keywords that all darks must have alike, where they have them: none of them is on all cameras.
const ALIKE: [&str; 9] = [
    "INSTRUME", "DETECTOR", "XBINNING", "YBINNING", "CCDSUM", "BINNING", "GAIN", "EGAIN", "READOUTM",
];

/// A dark of any CCD, without bias level.
#[derive(Debug)]
pub struct CcdDark {
    /// What errors, reports and HISTORY call it: its path.
    pub name: String,
    /// Its cards; those of the first dark are those of the superdark.
    pub header: Header,
    /// Its samples.
    pub rows: Box<dyn DarkRows>,
    /// What they count: adu or electrons.
    pub unit: CcdUnit,
    /// Exposure time, s.
    pub exptime_s: f64,
    /// Readout noise, e.
    pub readnoise_e: f64,
    /// Gain, e/adu; 1 for samples that count electrons.
    pub gain_e_per_adu: f64,
    /// How bias and overscan were taken off, for HISTORY.
    pub bias: String,
}

/// Checks darks, and puts them together.
///
/// # Errors
/// Those of [`Darks::ccd`](super::Darks::ccd).
pub(super) fn open(darks: Vec<CcdDark>) -> Result<DarkFrames> {
    let first = darks.first().ok_or(Error::NoDarks)?;
    let (name, header) = (first.name.clone(), first.header.clone());
    let terms = terms_of(first);
    let mut origin = Origin {
        primary: header.clone(),
        ..Origin::default()
    };
    origin.notes.push(first.bias.clone());
    let rate = Rate {
        factor: 1.0,
        electrons: first.gain_e_per_adu as f32,
        is_masked: true,
    };
    put(
        &mut origin.primary,
        "BUNIT",
        first.unit.to_string(),
        "unit of the samples",
    )?;
    let mut frames = DarkFrames::new(rate, origin, 1);
    for dark in darks {
        alike::check_headers(
            (&name, &header),
            (&dark.name, &dark.header),
            &ALIKE,
            alike::LEAVE_OUT,
        )?;
        for ((what, expected), (_, found)) in terms.iter().zip(terms_of(&dark)) {
            if *expected != found {
                return Err(alike::differ(
                    (&name, &dark.name),
                    what,
                    (expected.clone(), found),
                    alike::LEAVE_OUT,
                ));
            }
        }
        frames.push(part(dark)?)?;
    }
    frames.several()
}

/// What darks must have alike beside keywords.
fn terms_of(dark: &CcdDark) -> [(&'static str, String); 3] {
    [
        ("unit", dark.unit.to_string()),
        ("gain", dark.gain_e_per_adu.to_string()),
        ("readout noise", dark.readnoise_e.to_string()),
    ]
}

fn part(dark: CcdDark) -> Result<DarkPart> {
    let numbers = [
        ("the exposure time of a dark, s,", dark.exptime_s),
        ("the gain, e/adu,", dark.gain_e_per_adu),
        ("the readout noise, e,", dark.readnoise_e),
    ];
    check_above_zero(&dark.name, &numbers)?;
    Ok(DarkPart {
        name: dark.name,
        pixels: Pixels::Rows(dark.rows),
        factor: 1.0,
        exptime_s: dark.exptime_s as f32,
        noise: Noise::even(dark.readnoise_e as f32, dark.gain_e_per_adu as f32),
    })
}

/// The unit of the frames, per second.
pub(super) fn unit(darks: &DarkFrames) -> String {
    let unit = darks.origin.primary.text("BUNIT").unwrap_or_default();
    format!("{}/s", unit.trim())
}

/// The image as a dark of one second: the first dark's cards, one imset in the unit of the frames, and masks with the bits
/// of any CCD.
pub(super) fn product(
    darks: &DarkFrames,
    mut frame: Frame,
    kind: Kind<'_>,
    report: &SuperdarkReport,
) -> Result<Observation> {
    for bits in frame.dq.as_mut_slice() {
        let empty = if *bits & REJECTED != 0 { dq::NO_DATA } else { 0 };
        *bits = empty | if *bits & HOT != 0 { dq::HOT } else { 0 };
    }
    let mut primary = darks.origin.primary.clone();
    let unit = primary.text("BUNIT").unwrap_or_default().trim().to_owned();
    put(&mut primary, "EXPTIME", 1.0, "the dark is one of 1 s")?;
    put(
        &mut primary,
        "NCOMBINE",
        report.inputs.len() as i64,
        "number of darks",
    )?;
    put(
        &mut primary,
        "TOTEXP",
        f64::from(report.exptime_s),
        "exposure time of all darks, s",
    )?;
    put(&mut primary, "TASKNAME", kind.task(), "")?;
    let mut lines = vec![format!(
        "{} dark of {} frames:",
        kind.words(),
        report.inputs.len()
    )];
    lines.extend(report.inputs.iter().map(|name| format!("  {}", short(name))));
    lines.extend(darks.origin.notes.clone());
    lines.extend(of_rates(report, &format!(": {unit} per second.")));
    lines.extend(kind.lines(dq::HOT));
    for line in lines {
        told(&mut primary, &line)?;
    }
    let chip = Chip {
        version: 1,
        frame,
        sci: Header::new(),
        err: Header::new(),
        dq: Header::new(),
    };
    Ok(Observation {
        name: kind.task().to_ascii_lowercase(),
        primary,
        chips: vec![chip],
    })
}
