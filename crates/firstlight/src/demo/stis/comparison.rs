//! Products with both darks, and the truth.

use crate::Result;
use crate::simulate::{StisOptions, StisReport};
use crate::superdark::ForExposure;
use firstlight_fits::FitsFile;
use firstlight_frame::{Exposure, Image};
use firstlight_simulate::stis::{HotPixel, SIDE, StisPeriod, Truth};
use serde::Serialize;
use std::path::Path;

/// Names of the calibrations: with the dark of the header, with the dark of the week.
pub const NAMES: [&str; 2] = ["default dark", "week's dark"];
/// Columns at both ends of the spectrum that are not measured: there light enters and leaves the detector.
const MARGIN: usize = 30;

/// So many standard errors off is far off.
const FAR_OFF: f64 = 4.0;
/// Weaker pixels are lost in the noise of one exposure, electrons/s.
const HOT_RATE: f64 = 0.2;

/// A spectrum, and the truth at its wavelengths.
#[derive(Debug, Clone)]
pub struct Spectrum {
    /// Å.
    pub wavelength: Vec<f64>,
    /// erg/s/cm²/Å.
    pub flux: Vec<f64>,
    /// Its standard error.
    pub error: Vec<f64>,
    /// The flux that was put in, as wide as the image of a line is.
    pub truth: Vec<f64>,
}

impl Spectrum {
    /// (Flux less true flux) / error of a sample.
    fn pull(&self, sample: usize) -> f64 {
        (self.flux[sample] - self.truth[sample]) / self.error[sample]
    }

    /// Samples that are off by more than four standard errors.
    pub fn far_off(&self) -> impl Iterator<Item = usize> {
        (0..self.flux.len()).filter(|&sample| {
            let pull = self.pull(sample);
            pull.is_finite() && pull.abs() > FAR_OFF
        })
    }
}

/// Everything that is compared.
pub struct Comparison {
    /// The truth.
    pub truth: Truth,
    /// The dark of the header and that of the week, electrons/s.
    pub darks: [Image<f32>; 2],
    /// The combined images without cosmic rays, DN.
    pub images: [Image<f32>; 2],
    /// The spectra.
    pub spectra: [Spectrum; 2],
    /// Seconds of exposure.
    pub exptime_s: f64,
}

/// How a spectrum compares with the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpectrumAgainstTruth {
    /// Name of the calibration.
    pub dark: &'static str,
    /// Weighted mean of flux over true flux, less one.
    pub excess: f64,
    /// Its standard error.
    pub error: f64,
    /// Root mean square of (flux less true flux) / error; 1 is what the errors say.
    pub scatter: f64,
    /// Samples that are off by more than four standard errors.
    pub outliers: usize,
    /// All samples that were compared.
    pub samples: usize,
}

impl SpectrumAgainstTruth {
    /// Within three standard errors, or half a percent: the last digits of the correction for charge transfer.
    pub fn agrees(&self) -> bool {
        self.excess.abs() < (3.0 * self.error).max(0.005)
    }
}

/// What is left, after calibration, of pixels that have become hot since the header's dark was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HotPixelsLeft {
    /// How many such pixels there are: above [`HotPixelsLeft::above`] when the spectrum was taken, hot since before the first
    /// dark of its week, and not at the edge.
    pub pixels: usize,
    /// Dark current above which they are counted, electrons/s.
    pub above: f64,
    /// The share of their dark current that is left: medians, with each dark.
    pub left: [f64; 2],
}

impl HotPixelsLeft {
    /// Whether the week's dark leaves less than a tenth.
    pub fn is_gone(&self) -> bool {
        self.left[1].abs() < 0.1
    }
}

impl Comparison {
    /// Reads what was made.
    pub fn open(
        options: &StisOptions,
        simulated: &StisReport,
        superdarks: &ForExposure,
        results: &Path,
    ) -> Result<Self> {
        let truth = StisPeriod::plan(options)?.truth();
        let named = |path: &&std::path::PathBuf| path.to_string_lossy().ends_with("_drk.fits");
        let default_dark = simulated
            .references
            .iter()
            .find(named)
            .cloned()
            .unwrap_or_default();
        let name = crate::input::file_name(&simulated.spectrum);
        let root = name.trim_end_matches("_raw.fits");
        let image = |path: &Path| -> Result<Image<f32>> { Ok(Exposure::open(path)?.load_sci(1)?) };
        let product = |folder: &str, suffix: &str| results.join(folder).join(format!("{root}_{suffix}.fits"));
        Ok(Self {
            darks: [image(&default_dark)?, image(&superdarks.weekdark.made.path)?],
            images: [
                image(&product("default", "crj"))?,
                image(&product("week", "crj"))?,
            ],
            spectra: [
                spectrum(&product("default", "sx1"), &truth)?,
                spectrum(&product("week", "sx1"), &truth)?,
            ],
            exptime_s: 2.0 * options.exptime,
            truth,
        })
    }

    /// How the spectra compare with the truth.
    pub fn spectra(&self) -> [SpectrumAgainstTruth; 2] {
        [0, 1].map(|which| against_truth(NAMES[which], &self.spectra[which]))
    }

    /// The pixels that have become hot since the header's dark was made and were so when the spectrum was taken.
    pub fn new_hot_pixels(&self) -> impl Iterator<Item = &HotPixel> {
        let day = self.day();
        self.truth
            .hot_pixels
            .iter()
            .filter(move |pixel| pixel.appears > 0.0 && pixel.appears < day && pixel.heals > day)
    }

    /// Day of the period on which the spectrum was taken.
    fn day(&self) -> f64 {
        self.truth.frames.first().map_or(0.0, |frame| frame.day)
    }

    /// What is left of new hot pixels.
    pub fn hot_pixels(&self) -> HotPixelsLeft {
        // Those that appeared later the week's darks have seen only in part.
        let days: Vec<f64> = self
            .truth
            .frames
            .iter()
            .filter(|frame| (frame.day - self.day()).abs() < 3.5)
            .map(|frame| frame.day)
            .collect();
        let first = days.iter().copied().fold(f64::INFINITY, f64::min);
        let chosen: Vec<&HotPixel> = self
            .new_hot_pixels()
            .filter(|pixel| pixel.rate > HOT_RATE && pixel.appears < first && inside(pixel))
            .collect();
        let left = [0, 1].map(|which| {
            let mut shares: Vec<f64> = chosen
                .iter()
                .map(|pixel| self.excess(which, pixel) / self.dark_e(pixel))
                .collect();
            shares.sort_by(f64::total_cmp);
            shares.get(shares.len() / 2).copied().unwrap_or(f64::NAN)
        });
        HotPixelsLeft {
            pixels: chosen.len(),
            above: HOT_RATE,
            left,
        }
    }

    /// Dark current that a hot pixel has gathered during the exposure, electrons.
    pub fn dark_e(&self, pixel: &HotPixel) -> f64 {
        pixel.rate * self.truth.dark_factor * self.exptime_s
    }

    /// A pixel less the median of its neighbours in the same column, where the spectrum changes least.
    pub fn excess(&self, which: usize, pixel: &HotPixel) -> f64 {
        let image = &self.images[which];
        let rows = [-3_isize, -2, 2, 3].into_iter().filter_map(|step| {
            let y = pixel.y.checked_add_signed(step)?;
            image.get(pixel.x, y).map(|&value| f64::from(value))
        });
        let mut near: Vec<f64> = rows.collect();
        near.sort_by(f64::total_cmp);
        let middle = match near.as_slice() {
            [_, a, b, _] => 0.5 * (a + b),
            _ => f64::NAN,
        };
        image
            .get(pixel.x, pixel.y)
            .map_or(f64::NAN, |&value| f64::from(value))
            - middle
    }
}

fn inside(pixel: &HotPixel) -> bool {
    let inner = 4..SIDE - 4;
    inner.contains(&pixel.x) && inner.contains(&pixel.y)
}

fn spectrum(path: &Path, truth: &Truth) -> Result<Spectrum> {
    let table = FitsFile::open(path)?.table(1)?;
    let inner = |name: &str| -> Result<Vec<f64>> {
        let all = table.reals(name)?;
        let end = all.len().saturating_sub(MARGIN);
        Ok(all.get(MARGIN..end).unwrap_or_default().to_vec())
    };
    let wavelength = inner("WAVELENGTH")?;
    Ok(Spectrum {
        truth: wavelength.iter().map(|&w| true_flux(truth, w)).collect(),
        flux: inner("FLUX")?,
        error: inner("ERROR")?,
        wavelength,
    })
}

/// Between the columns of the truth on a straight line.
fn true_flux(truth: &Truth, wavelength: f64) -> f64 {
    let columns = &truth.spectrum;
    let after = columns
        .partition_point(|column| column.wavelength < wavelength)
        .clamp(1, columns.len() - 1);
    let (a, b) = (&columns[after - 1], &columns[after]);
    let part = (wavelength - a.wavelength) / (b.wavelength - a.wavelength);
    a.blurred + part * (b.blurred - a.blurred)
}

fn against_truth(dark: &'static str, spectrum: &Spectrum) -> SpectrumAgainstTruth {
    let (mut weights, mut sum, mut squares, mut samples) = (0.0, 0.0, 0.0, 0);
    let values = spectrum.flux.iter().zip(&spectrum.error).zip(&spectrum.truth);
    for (sample, ((flux, error), truth)) in values.enumerate() {
        let pull = spectrum.pull(sample);
        if !pull.is_finite() {
            continue;
        }
        samples += 1;
        squares += pull * pull;
        let weight = (truth / error).powi(2);
        weights += weight;
        sum += weight * (flux / truth - 1.0);
    }
    SpectrumAgainstTruth {
        dark,
        excess: sum / weights,
        error: weights.powf(-0.5),
        scatter: (squares / f64::from(samples.max(1))).sqrt(),
        outliers: spectrum.far_off().count(),
        samples: samples as usize,
    }
}
