//! The frames of one chip that are combined, darks or bias frames: their rows are read as they are needed.

use super::alike::LEAVE_OUT;
use super::rows::DarkRows;
use super::stis::RawFrame;
use crate::stis::ocrreject::parts::{Noise, Parts};
use crate::{Error, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{FrameBlocks, FrameBuffer, Image};
use std::cell::RefCell;
use std::ops::Range;

/// Darks of one chip that belong together.
#[derive(Debug)]
pub struct DarkFrames {
    pub(super) parts: Vec<DarkPart>,
    pub(super) shape: (usize, usize),
    /// CCDCHIP, by which CRREJTAB may have rows.
    pub(super) chip: i64,
    pub(super) rate: Rate,
    pub(crate) origin: Origin,
}

/// What headers of products take over of the frames.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Of the first frame.
    pub primary: Header,
    /// SCI of the first frame; empty where its cards are of no use.
    pub sci: Header,
    pub days: Days,
    /// PROPOSID and title of the programmes.
    pub programmes: Vec<(i64, String)>,
    /// What else HISTORY says of them.
    pub notes: Vec<String>,
}

/// First and last day, and the time of the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    pub first: String,
    pub first_time: String,
    pub last: String,
}

impl Days {
    /// Takes note of a frame's day and time.
    pub fn take(&mut self, day: String, time: String) {
        if self.first.is_empty() || (&day, &time) < (&self.first, &self.first_time) {
            (self.first, self.first_time) = (day.clone(), time);
        }
        if day > self.last {
            self.last = day;
        }
    }
}

/// How counts of the frames become rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rate {
    /// Counts of the product for each of the frames: the gain where they become electrons.
    pub factor: f64,
    /// Electrons for each count of the product.
    pub electrons: f32,
    /// Whether samples that are not finite are those that masks leave out: a pixel has data as long as one frame has.
    pub is_masked: bool,
}

impl Rate {
    /// Of counts that become electrons by a gain, e/DN.
    pub fn of_gain(gain: f32) -> Self {
        Self {
            factor: f64::from(gain),
            electrons: 1.0,
            is_masked: false,
        }
    }
}

/// One imset.
#[derive(Debug)]
pub(super) struct DarkPart {
    pub name: String,
    pub pixels: Pixels,
    /// What its counts are multiplied by.
    pub factor: f64,
    pub exptime_s: f32,
    pub noise: Noise,
}

#[derive(Debug)]
pub(super) enum Pixels {
    Calibrated(Box<FrameBlocks>),
    Raw(Box<RawFrame>),
    Memory(Box<(Image<f32>, Image<u16>)>),
    Rows(Box<dyn DarkRows>),
}

impl DarkFrames {
    pub(super) fn new(rate: Rate, origin: Origin, chip: i64) -> Self {
        Self {
            parts: Vec::new(),
            shape: (0, 0),
            chip,
            rate,
            origin,
        }
    }

    /// Adds an imset.
    ///
    /// # Errors
    /// [`Error::MembersDiffer`] for another shape than that of the first.
    pub(super) fn push(&mut self, part: DarkPart) -> Result<()> {
        let found = part.pixels.shape();
        match self.parts.first() {
            None => self.shape = found,
            Some(first) if found != self.shape => {
                let pixels = |(ny, nx): (usize, usize)| format!("({ny}, {nx})");
                return Err(Error::MembersDiffer {
                    first: first.name.clone(),
                    name: part.name,
                    what: "shape of SCI".to_owned(),
                    expected: pixels(self.shape),
                    found: pixels(found),
                    way_out: LEAVE_OUT,
                });
            }
            Some(_) => {}
        }
        self.parts.push(part);
        Ok(())
    }

    /// Refuses a frame alone.
    ///
    /// # Errors
    /// [`Error::TooFewExposures`].
    pub(super) fn several(self) -> Result<Self> {
        match self.parts.len() {
            found @ (0 | 1) => Err(Error::TooFewExposures { found }),
            _ => Ok(self),
        }
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

    pub(crate) fn noises(&self) -> Vec<Noise> {
        self.parts.iter().map(|part| part.noise).collect()
    }
}

impl Pixels {
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Pixels::Calibrated(blocks) => blocks.shape(),
            Pixels::Raw(raw) => raw.shape(),
            Pixels::Memory(planes) => planes.0.shape(),
            Pixels::Rows(rows) => rows.shape(),
        }
    }
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
            Pixels::Rows(of_file) => {
                of_file.read(rows, sci, dq)?;
                leave_out(sci, dq);
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

/// Makes samples that a mask leaves out those that are lost; none of its bits stays.
fn leave_out(sci: &mut [f32], dq: &mut [u16]) {
    for (sample, bits) in sci.iter_mut().zip(dq) {
        if *bits != 0 {
            *sample = f32::NAN;
            *bits = 0;
        }
    }
}

/// Refuses numbers of a dark that are not above zero, each told what it is.
///
/// # Errors
/// [`Error::Parameter`].
pub(super) fn check_above_zero(name: &str, numbers: &[(&'static str, f64)]) -> Result<()> {
    for &(what, value) in numbers {
        if !(value > 0.0 && value.is_finite()) {
            return Err(Error::Parameter {
                parameter: what,
                expected: "above 0",
                found: format!("{value} ({name})"),
            });
        }
    }
    Ok(())
}
