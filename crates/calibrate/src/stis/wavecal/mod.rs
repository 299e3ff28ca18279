//! WAVECORR: how far the image lies from its nominal place on the detector, by the spectrum of a lamp through the same
//! slit.
//!
//! The order is that of [`wavecal`]: on the rectified wavecal [`cosmic_rays`] flags what no lamp lit, [`dispersion`] finds
//! the shift along the spectrum, [`slit`] that along the slit by the shadows of its [`bars`](mod@bars).

pub mod bars;
pub mod cosmic_rays;
pub mod dispersion;
mod exposure;
mod light;
mod record;
pub mod slit;

pub use bars::BarShift;
pub use exposure::{Interpolation, MeasuredWavecal, TimedShifts, check_wavecal, wavecal_exposure};
pub use record::{record, record_exposure, undefined, warnings};

use super::tables::apdestab::Aperture;
use super::tables::lamptab::LampSpectrum;
use super::tables::wcptab::WavecalParameters;
use super::{SpectralImset, SpectralMode};
use crate::References;
use crate::steps::check_shapes_of;
use crate::{Error, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Image};
use serde::Serialize;

/// Bits that do not make a pixel of a wavecal bad: behind a bar, hot, small blemish.
const HARMLESS: u16 = 8 | 16 | 1024;
/// Why there is no shift where the lamp gave no light.
const NO_LIGHT: &str = "there is no light of the lamp in the wavecal: was it on?";
/// A pixel hit by a cosmic ray.
const COSMIC_RAY: u16 = 8192;

/// What a wavecal says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shifts {
    /// SHIFTA1: along the dispersion, pixels of the unbinned detector.
    pub shifta1: Shift,
    /// SHIFTA2: along the slit, pixels of the unbinned detector.
    pub shifta2: Shift,
    /// Pixels flagged as hit by cosmic rays.
    pub cosmic_rays: usize,
    /// What each bar says of SHIFTA2.
    pub bars: Vec<BarShift>,
    /// How it was measured.
    pub parameters: WavecalParameters,
}

/// A shift, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shift {
    /// Pixels.
    Found(f64),
    /// It could not be measured.
    Undefined(String),
}

impl Shift {
    /// The shift, where it was measured.
    pub fn found(&self) -> Option<f64> {
        match self {
            Shift::Found(shift) => Some(*shift),
            Shift::Undefined(_) => None,
        }
    }

    /// Whether there is none because the lamp gave no light.
    fn is_without_light(&self) -> bool {
        matches!(self, Shift::Undefined(reason) if reason == NO_LIGHT)
    }

    /// In pixels `scale` times smaller.
    fn scaled(self, scale: f64) -> Self {
        match self {
            Shift::Found(shift) => Shift::Found(shift * scale),
            undefined => undefined,
        }
    }
}

/// Measures both shifts on a rectified wavecal (DN), with the parameters of WCPTAB, or the usual ones where the header
/// names no such table. A lamp that was off, or too few good pixels, make a shift undefined, which is no error.
///
/// # Errors
/// [`Error::NotSupported`] for other detectors and gratings, and where SCLAMP names no lamp; [`Error::NoReference`],
/// [`Error::NoRow`], [`Error::ReferenceTable`] and [`Error::ReferenceValue`] of LAMPTAB, APDESTAB and WCPTAB;
/// [`Error::Keyword`] of the headers; [`Error::Shape`] where the planes of the frame differ in shape;
/// [`Error::TooSmall`] for a frame that is smaller than the shifts that are tried.
pub fn wavecal(rectified: &Frame, primary: &Header, sci: &Header, references: &References) -> Result<Shifts> {
    let mode = SpectralMode::of(primary)?;
    let imset = SpectralImset::of(&mode.name, sci)?;
    if mode.sclamp == "NONE" {
        return Err(Error::NotSupported {
            name: mode.name,
            what: "a wavecal without a lamp (SCLAMP NONE)".to_owned(),
            way_out: "name the wavecal of the exposure, or set WAVECORR=OMIT",
        });
    }
    let parameters = match references.get("WCPTAB") {
        Some(wcptab) if !wcptab.is_dummy() => WavecalParameters::of(&mode.opt_elem, wcptab)?,
        _ => WavecalParameters::default(),
    };
    check_frame(rectified)?;
    let lamp = LampSpectrum::of(&mode, references.require("WAVECORR", "LAMPTAB")?)?;
    let aperture = Aperture::of(&mode.aperture, references.require("WAVECORR", "APDESTAB")?)?;

    let mut dq = rectified.dq.clone();
    let bad = imset.sdqflags & !HARMLESS;
    let cosmic_rays = match bad & COSMIC_RAY != 0 {
        true => cosmic_rays::flag(&rectified.sci, &mut dq, bad, &parameters),
        false => 0,
    };
    let lit = Lit {
        sci: &rectified.sci,
        dq: &dq,
        imset: &imset,
        aperture: &aperture,
        bad,
        parameters: &parameters,
    };
    let along = dispersion::shift(&lit, &lamp);
    let (mut across, bars) = slit::shift(&lit, &mode.aperture);
    if along.is_without_light() {
        // Without light bars have no shadows.
        across.clone_from(&along);
    }
    Ok(Shifts {
        shifta1: along.scaled(1.0 / imset.ltm.0),
        shifta2: across.scaled(1.0 / imset.ltm.1),
        cosmic_rays,
        bars,
        parameters,
    })
}

/// A rectified wavecal without its cosmic rays.
#[derive(Debug, Clone, Copy)]
pub struct Lit<'a> {
    /// Its pixels.
    pub sci: &'a Image<f32>,
    /// Their bits.
    pub dq: &'a Image<u16>,
    /// What its header says.
    pub imset: &'a SpectralImset,
    /// Its slit.
    pub aperture: &'a Aperture,
    /// Bits that make a pixel bad.
    pub bad: u16,
    /// How shifts are measured.
    pub parameters: &'a WavecalParameters,
}

impl Lit<'_> {
    /// The lamp's spectrum: the mean of good pixels of each column (within `columns`) over the rows that WL_TRIM2 leaves,
    /// above its median over the full width, and not below 0. With it which columns have a mean.
    fn spectrum(&self, columns: (usize, usize)) -> (Vec<f64>, Vec<bool>) {
        let (mut means, good) = self.means(columns, |_| true);
        let middle = median(&means);
        for value in &mut means {
            *value = if *value < middle { 0.0 } else { *value - middle };
        }
        (means, good)
    }

    /// The mean of good pixels of each column (within `columns`) over those of the rows that WL_TRIM2 leaves that are
    /// `wanted`; 0 where there is none. With it which columns have a mean.
    fn means(&self, columns: (usize, usize), wanted: impl Fn(usize) -> bool) -> (Vec<f64>, Vec<bool>) {
        let (ny, nx) = self.sci.shape();
        let rows = section(self.parameters.wl_trim2, self.imset.ltm.1, ny);
        let mut sums = vec![0.0; nx];
        let mut counts = vec![0u32; nx];
        for y in (rows.0..=rows.1).filter(|&y| wanted(y)) {
            let pixels = self.sci.row(y).iter().zip(self.dq.row(y)).enumerate();
            for (x, (&value, &bits)) in pixels.take(columns.1 + 1).skip(columns.0) {
                if bits & self.bad == 0 {
                    sums[x] += f64::from(value);
                    counts[x] += 1;
                }
            }
        }
        for (sum, &count) in sums.iter_mut().zip(&counts).filter(|(_, count)| **count > 0) {
            *sum /= f64::from(count);
        }
        (sums, counts.into_iter().map(|count| count > 0).collect())
    }
}

fn check_frame(frame: &Frame) -> Result<()> {
    check_shapes_of(frame)?;
    let (ny, nx) = frame.sci.shape();
    if ny < 16 || nx < 16 {
        return Err(Error::TooSmall {
            what: "the rectified wavecal",
            purpose: "the measurement of shifts",
            needed: (16, 16),
            found: (ny, nx),
        });
    }
    Ok(())
}

/// First and last of `pixels` when both ends are trimmed by so many pixels of the unbinned detector; all where nothing
/// would be left.
fn section(trim: usize, ltm: f64, pixels: usize) -> (usize, usize) {
    let trim = (trim as f64 * ltm + 0.5) as usize;
    let last = pixels.saturating_sub(1);
    match last.checked_sub(trim) {
        Some(end) if end > trim => (trim, end),
        _ => (0, last),
    }
}

/// The median; of an even number the mean of the middle two, 0 of none. NaN count as above all numbers.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        _ if sorted.is_empty() => 0.0,
        0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
        _ => sorted[middle],
    }
}
