//! Opening and checking what is to be combined.

use super::raw::{RawFrame, Shared};
use crate::stis::basic2d::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C};
use crate::stis::observation::{ImsetKeywords, keyword};
use crate::stis::ocrreject::parts::Noise;
use crate::stis::{SIDE2_MJD, Setup};
use crate::superdark::frames::{DarkFrames, DarkPart, Origin, Pixels, Rate};
use crate::superdark::header::day_of;
use crate::superdark::{DarkSource, alike};
use crate::{Chip, Error, Observation, Result};
use firstlight_frame::Switch;
use firstlight_frame::fits::Header;

/// What frames are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Dark current: bias level and bias image are taken off, and the counts scaled by temperature.
    Dark,
    /// The bias image: bias level alone is taken off.
    Bias,
}

/// Keywords that all frames must have alike.
const ALIKE: [&str; 6] = [
    "TARGNAME", "CCDAMP", "CCDGAIN", "CCDOFFST", "BINAXIS1", "BINAXIS2",
];

/// Opens frames of either kind.
///
/// # Errors
/// Those of [`Darks::stis`](crate::superdark::Darks::stis).
pub(crate) fn open(sources: &[DarkSource<'_>], content: Content) -> Result<DarkFrames> {
    let first = sources.first().ok_or(Error::NoDarks)?;
    let origin = Origin {
        primary: first.exposure.primary().clone(),
        ..Origin::default()
    };
    let mut frames = DarkFrames::new(Rate::of_gain(1.0), origin, 1);
    let mut shared = Shared::default();
    for source in sources {
        let way_out = match content {
            Content::Dark => alike::SORT,
            Content::Bias => alike::LEAVE_OUT,
        };
        alike::check(first, source, &ALIKE, way_out)?;
        add(&mut frames, source, content, &mut shared).map_err(|error| error.in_exposure(&source.name()))?;
        take_day(&mut frames.origin, source)?;
    }
    if let Some(first) = frames.parts.first() {
        frames.rate = Rate::of_gain(first.noise.gain_e_per_dn);
    }
    frames.several()
}

fn add(
    frames: &mut DarkFrames,
    source: &DarkSource<'_>,
    content: Content,
    shared: &mut Shared,
) -> Result<()> {
    let exposure = &source.exposure;
    let name = source.name();
    let head = Observation::without_pixels(&name, exposure.primary().clone());
    let setup = Setup::of(&head)?;
    if Switch::of(&head.primary, "DARKCORR") == Switch::Complete {
        return Err(head.keyword("DARKCORR", "OMIT: a dark whose dark current is still there"));
    }
    let is_raw = content.is_raw(&head)?;
    for imset in exposure.imsets() {
        let chip = Chip {
            version: imset.version,
            frame: crate::acs::acsrej::empty_frame((0, 0)),
            sci: exposure.sci_header(imset.version)?.clone(),
            err: Header::new(),
            dq: Header::new(),
        };
        if !chip.is_usable() {
            continue;
        }
        let (pixels, noise) = match is_raw {
            true => {
                let of = (imset.version, content == Content::Dark);
                let raw = RawFrame::open(exposure, &setup, of, (source.references, &mut *shared))?;
                let noise = raw.noise();
                (Pixels::Raw(Box::new(raw)), noise)
            }
            false => (
                Pixels::Calibrated(Box::new(exposure.blocks(imset.version)?)),
                noise_of(&head)?,
            ),
        };
        let exptime_s = chip.exptime_s(&name)? as f32;
        if exptime_s <= 0.0 && content == Content::Dark {
            return Err(keyword(&chip, &name, "EXPTIME", "above 0 s"));
        }
        frames.push(DarkPart {
            name: name.clone(),
            factor: match content {
                Content::Dark => factor_of(&head, &chip)?,
                Content::Bias => 1.0,
            },
            pixels,
            exptime_s,
            noise,
        })?;
    }
    Ok(())
}

fn take_day(origin: &mut Origin, source: &DarkSource<'_>) -> Result<()> {
    let primary = source.exposure.primary();
    let text = |keyword| primary.text(keyword).unwrap_or_default().trim().to_owned();
    let (day, time) = (text("TDATEOBS"), text("TTIMEOBS"));
    if day_of(&day).is_none() {
        let head = Observation::without_pixels(source.name(), primary.clone());
        return Err(head.keyword("TDATEOBS", "a date, as 2015-03-19"));
    }
    origin.days.take(day, time);
    let programme = (primary.integer("PROPOSID").unwrap_or(0), text("PROPTTL1"));
    if !origin.programmes.contains(&programme) {
        origin.programmes.push(programme);
    }
    Ok(())
}

impl Content {
    /// Whether all that is to be taken off is still there.
    fn is_raw(self, head: &Observation) -> Result<bool> {
        let done = |switch| head.switch(switch) == Switch::Complete;
        match (self, done("BLEVCORR"), done("BIASCORR")) {
            (Content::Dark, true, true) | (Content::Bias, true, false) => Ok(false),
            (_, false, false) => Ok(true),
            (Content::Bias, _, true) => {
                Err(head.keyword("BIASCORR", "OMIT: a bias frame whose bias image is still there"))
            }
            (Content::Dark, true, false) => Err(head.keyword(
                "BIASCORR",
                "COMPLETE, as BLEVCORR is: calibrate the raw dark anew",
            )),
            (Content::Dark, false, true) => Err(head.keyword(
                "BLEVCORR",
                "COMPLETE, as BIASCORR is: calibrate the raw dark anew",
            )),
        }
    }
}

/// READNSE (e) and ATODGAIN (e/DN) of a calibrated dark.
fn noise_of(head: &Observation) -> Result<Noise> {
    let (readnoise, gain) = (head.real("READNSE")?, head.real("ATODGAIN")?);
    if gain.is_nan() || gain <= 0.0 {
        return Err(head.keyword("ATODGAIN", "above 0 e/DN"));
    }
    Ok(Noise::even(readnoise as f32, gain as f32))
}

/// What brings the dark current to the reference temperature; 1 with the first electronics, which held the temperature,
/// and where TEMPCORR says that it is done.
fn factor_of(head: &Observation, chip: &Chip) -> Result<f64> {
    let done = Switch::of(&head.primary, "TEMPCORR") == Switch::Complete;
    if done || head.real("TEXPSTRT")? <= SIDE2_MJD {
        return Ok(1.0);
    }
    let expected = "the temperature of the CCD's housing, °C, above 0: dark current is scaled by it";
    let celsius = chip.sci.real("OCCDHTAV").filter(|&celsius| celsius > 0.0);
    let celsius = celsius.ok_or_else(|| keyword(chip, &head.name, "OCCDHTAV", expected))?;
    Ok(scaling(celsius))
}

/// What brings the dark current at a temperature (°C) to the reference temperature.
pub(in crate::superdark) fn scaling(celsius: f64) -> f64 {
    1.0 / (1.0 + GROWTH_PER_C * (celsius - REFERENCE_TEMPERATURE_C))
}
