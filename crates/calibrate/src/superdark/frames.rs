//! The frames that are combined, darks or bias frames, opened and checked: their rows are read as they are needed.

use super::raw::{RawFrame, Shared};
use crate::stis::basic2d::{GROWTH_PER_C, REFERENCE_TEMPERATURE_C};
use crate::stis::observation::{ImsetKeywords, keyword};
use crate::stis::ocrreject::parts::Parts;
use crate::stis::{SIDE2_MJD, Setup};
use crate::{Chip, Error, Observation, References, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Exposure, FrameBlocks, FrameBuffer, Image, Switch};
use std::cell::RefCell;
use std::ops::Range;

/// A dark as a file, and the reference files that its header names.
#[derive(Debug)]
pub struct DarkSource<'a> {
    /// The file.
    pub exposure: Exposure,
    /// CRREJTAB; of a raw frame also CCDTAB, BIASFILE and, where there is one, BPIXTAB.
    pub references: &'a References,
}

/// Darks that belong together.
#[derive(Debug)]
pub struct DarkFrames {
    pub(super) parts: Vec<DarkPart>,
    pub(super) shape: (usize, usize),
    /// Of the first dark.
    pub(crate) primary: Header,
    pub(super) days: Days,
    pub(super) programmes: Vec<(i64, String)>,
}

/// First and last day, from TDATEOBS, and the time of the first, TTIMEOBS.
#[derive(Debug, Clone, Default)]
pub(super) struct Days {
    pub first: String,
    pub first_time: String,
    pub last: String,
}

/// One imset.
#[derive(Debug)]
pub(super) struct DarkPart {
    pub name: String,
    pub pixels: Pixels,
    /// What its counts are multiplied by.
    pub factor: f64,
    pub exptime_s: f32,
    pub readnoise_e: f32,
    pub gain_e_per_dn: f32,
}

#[derive(Debug)]
pub(super) enum Pixels {
    Calibrated(Box<FrameBlocks>),
    Raw(Box<RawFrame>),
    Memory(Box<(Image<f32>, Image<u16>)>),
}

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

impl DarkFrames {
    /// Opens darks: calibrated ones (BLEVCORR and BIASCORR `COMPLETE`), or raw ones, from which bias level and bias image
    /// are taken as they are read. Imsets with IMSET_OK = F are left out.
    ///
    /// # Errors
    /// [`Error::NoDarks`]; [`Error::TooFewExposures`] for one imset alone; [`Error::MembersDiffer`] for another target,
    /// amplifier, gain, binning or shape; [`Error::Keyword`] where a time, or the temperature of a dark taken with the
    /// second electronics, is missing, or where the dark current has been subtracted already;
    /// [`Error::NoReference`] for a raw dark without its reference files.
    pub fn open(sources: &[DarkSource<'_>]) -> Result<Self> {
        Self::of(sources, Content::Dark)
    }

    /// Opens frames of either kind.
    pub(crate) fn of(sources: &[DarkSource<'_>], content: Content) -> Result<Self> {
        let first = sources.first().ok_or(Error::NoDarks)?;
        let mut frames = Self {
            parts: Vec::new(),
            shape: (0, 0),
            primary: first.exposure.primary().clone(),
            days: Days::default(),
            programmes: Vec::new(),
        };
        let mut shared = Shared::default();
        for source in sources {
            frames.check_alike(first, source)?;
            frames.add(source, content, &mut shared)?;
            frames.take_day(source)?;
        }
        match frames.parts.len() {
            0 | 1 => Err(Error::TooFewExposures {
                found: frames.parts.len(),
            }),
            _ => Ok(frames),
        }
    }

    fn check_alike(&self, first: &DarkSource<'_>, source: &DarkSource<'_>) -> Result<()> {
        for keyword in ALIKE {
            let said = |of: &DarkSource<'_>| {
                let value = of.exposure.primary().get(keyword);
                value.map_or_else(String::new, |value| value.to_string().trim().to_owned())
            };
            let (expected, found) = (said(first), said(source));
            if expected != found {
                return Err(differ(first, source, keyword, expected, found));
            }
        }
        Ok(())
    }

    fn add(&mut self, source: &DarkSource<'_>, content: Content, shared: &mut Shared) -> Result<()> {
        let exposure = &source.exposure;
        let name = exposure.path().display().to_string();
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
                    let raw = {
                        let with_bias = content == Content::Dark;
                        let of = (imset.version, with_bias);
                        RawFrame::open(exposure, &setup, of, (source.references, shared))?
                    };
                    let noise = raw.noise();
                    (Pixels::Raw(Box::new(raw)), noise)
                }
                false => (
                    Pixels::Calibrated(Box::new(exposure.blocks(imset.version)?)),
                    noise_of(&head)?,
                ),
            };
            let found = pixels.shape();
            if self.parts.is_empty() {
                self.shape = found;
            } else if found != self.shape {
                let pixels = |(ny, nx): (usize, usize)| format!("({ny}, {nx})");
                return Err(Error::MembersDiffer {
                    first: self.parts[0].name.clone(),
                    name,
                    what: "shape of SCI".to_owned(),
                    expected: pixels(self.shape),
                    found: pixels(found),
                });
            }
            let exptime_s = chip.exptime_s(&name)? as f32;
            if exptime_s <= 0.0 && content == Content::Dark {
                return Err(keyword(&chip, &name, "EXPTIME", "above 0 s"));
            }
            self.parts.push(DarkPart {
                name: name.clone(),
                factor: match content {
                    Content::Dark => factor_of(&head, &chip)?,
                    Content::Bias => 1.0,
                },
                pixels,
                exptime_s,
                readnoise_e: noise.0,
                gain_e_per_dn: noise.1,
            });
        }
        Ok(())
    }

    fn take_day(&mut self, source: &DarkSource<'_>) -> Result<()> {
        let primary = source.exposure.primary();
        let head =
            || Observation::without_pixels(source.exposure.path().display().to_string(), primary.clone());
        let text = |keyword| primary.text(keyword).unwrap_or_default().trim().to_owned();
        let (day, time) = (text("TDATEOBS"), text("TTIMEOBS"));
        if super::header::day_of(&day).is_none() {
            return Err(head().keyword("TDATEOBS", "a date, as 2015-03-19"));
        }
        let days = &mut self.days;
        if days.first.is_empty() || (&day, &time) < (&days.first, &days.first_time) {
            (days.first, days.first_time) = (day.clone(), time);
        }
        if day > days.last {
            days.last = day;
        }
        let programme = (primary.integer("PROPOSID").unwrap_or(0), text("PROPTTL1"));
        if !self.programmes.contains(&programme) {
            self.programmes.push(programme);
        }
        Ok(())
    }

    /// The files, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.name.clone()).collect()
    }

    pub(crate) fn times_s(&self) -> Vec<f32> {
        self.parts.iter().map(|part| part.exptime_s).collect()
    }

    pub(super) fn factors(&self) -> Vec<f64> {
        self.parts.iter().map(|part| part.factor).collect()
    }

    /// Readout noise (e) and gain (e/DN) of each.
    pub(crate) fn noises(&self) -> Vec<(f32, f32)> {
        let of = |part: &DarkPart| (part.readnoise_e, part.gain_e_per_dn);
        self.parts.iter().map(of).collect()
    }
}

impl Pixels {
    fn shape(&self) -> (usize, usize) {
        match self {
            Pixels::Calibrated(blocks) => blocks.shape(),
            Pixels::Raw(raw) => raw.shape(),
            Pixels::Memory(planes) => planes.0.shape(),
        }
    }
}

fn differ(
    first: &DarkSource<'_>,
    other: &DarkSource<'_>,
    what: &str,
    expected: String,
    found: String,
) -> Error {
    Error::MembersDiffer {
        first: first.exposure.path().display().to_string(),
        name: other.exposure.path().display().to_string(),
        what: what.to_owned(),
        expected,
        found,
    }
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
fn noise_of(head: &Observation) -> Result<(f32, f32)> {
    let (readnoise, gain) = (head.real("READNSE")?, head.real("ATODGAIN")?);
    if gain.is_nan() || gain <= 0.0 {
        return Err(head.keyword("ATODGAIN", "above 0 e/DN"));
    }
    Ok((readnoise as f32, gain as f32))
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
pub(super) fn scaling(celsius: f64) -> f64 {
    1.0 / (1.0 + GROWTH_PER_C * (celsius - REFERENCE_TEMPERATURE_C))
}

thread_local! {
    static BUFFER: RefCell<FrameBuffer> = RefCell::default();
}

impl Parts for DarkFrames {
    fn count(&self) -> usize {
        self.parts.len()
    }

    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn read(&self, part: usize, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> Result<()> {
        let DarkPart { pixels, factor, .. } = &self.parts[part];
        BUFFER.with_borrow_mut(|buffer| match pixels {
            Pixels::Calibrated(blocks) => {
                let columns = 0..self.shape.1;
                Ok(blocks.read_sci_and_dq(rows, columns, (sci, dq), buffer)?)
            }
            Pixels::Raw(raw) => raw.read(rows, (sci, dq), buffer),
            Pixels::Memory(planes) => {
                let pixels = rows.start * self.shape.1..rows.end * self.shape.1;
                sci.copy_from_slice(&planes.0.as_slice()[pixels.clone()]);
                dq.copy_from_slice(&planes.1.as_slice()[pixels]);
                Ok(())
            }
        })?;
        if *factor != 1.0 {
            let factor = *factor as f32;
            sci.iter_mut().for_each(|sample| *sample *= factor);
        }
        Ok(())
    }
}
