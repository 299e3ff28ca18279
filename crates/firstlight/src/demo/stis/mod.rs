//! `firstlight demo stis`: a spectrum calibrated with the dark that its header names and with one made of the darks of its
//! own week, against the truth.

mod comparison;
mod figures;
mod page;

use crate::calibrate::{CalibrateOptions, CalibrateReport, StisOptions as OfExposure, calibrate};
use crate::simulate::{StisOptions, StisReport, stis};
use crate::superdark::{ForExposure, OcrrejectOptions, PeriodOptions, SuperdarkOptions, superdark_for};
use crate::{Error, Progress, Result};
use comparison::Comparison;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use comparison::{HotPixelsLeft, SpectrumAgainstTruth};

/// What the demonstration with STIS does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StisDemoOptions {
    /// Seed of the simulated period.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = StisDemoOptions::default().seed))]
    pub seed: u64,
    /// Number of darks of the period, 12 to 56: a quarter of them is of the spectrum's week.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = StisDemoOptions::default().darks))]
    pub darks: usize,
    /// Brightness of the star; 1 gives 2.4e-14 erg/s/cm²/Å at 4500 Å.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = StisDemoOptions::default().flux))]
    pub flux: f64,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for StisDemoOptions {
    fn default() -> Self {
        Self {
            seed: StisOptions::default().seed,
            darks: 28,
            flux: 0.05,
            overwrite: false,
        }
    }
}

/// What was done, and how it compares with the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StisDemoReport {
    /// The simulated period.
    pub simulated: StisReport,
    /// The superdarks of the spectrum.
    pub superdarks: ForExposure,
    /// The calibration with the dark that the header names, and the one with the dark of the week.
    pub calibrated: [CalibrateReport; 2],
    /// The spectrum of each against the truth.
    pub spectra: [SpectrumAgainstTruth; 2],
    /// What each leaves of pixels that have become hot since the header's dark was made.
    pub hot_pixels: HotPixelsLeft,
    /// Figures, PNG.
    pub figures: Vec<PathBuf>,
    /// The page.
    pub page: PathBuf,
    /// Whether the dark of the week leaves less than a tenth of new hot pixels, and its spectrum agrees with the truth
    /// within three standard errors on the average.
    pub agrees: bool,
}

/// Simulates a period into `folder/period`, makes superdarks into `folder/results`, calibrates the spectrum into
/// `results/default` and `results/week`, and shows there what changed.
///
/// # Errors
/// [`Error::OutputExists`] before any work where something is there already; those of [`stis`], [`superdark_for`] and
/// [`calibrate`].
pub fn demo_stis(
    folder: &Path,
    options: &StisDemoOptions,
    progress: &dyn Progress,
) -> Result<StisDemoReport> {
    if !(12..=56).contains(&options.darks) {
        return Err(Error::Usage(format!(
            "the demonstration is to have {} darks, but must have between 12 and 56: with fewer there are too few in a week, \
             and no more are taken",
            options.darks
        )));
    }
    let (period_folder, results) = (folder.join("period"), folder.join("results"));
    for path in [&period_folder, &results] {
        if path.exists() && !options.overwrite {
            return Err(Error::OutputExists { path: path.clone() });
        }
    }
    let simulated_as = StisOptions {
        seed: options.seed,
        darks: options.darks,
        short_darks: 0,
        biases: 0,
        flux: options.flux,
        ..StisOptions::default()
    };
    let simulated = stis(&period_folder, &simulated_as, options.overwrite, progress)?;
    let superdarks = superdark_for(
        &simulated.spectrum,
        &simulated.darks,
        &results,
        &PeriodOptions {
            periods: Some(simulated.anneals.clone()),
            ..PeriodOptions::default()
        },
        (
            &SuperdarkOptions {
                ref_dir: Some(simulated.reference_folder.clone()),
                overwrite: options.overwrite,
                ..SuperdarkOptions::default()
            },
            &OcrrejectOptions::default(),
        ),
        progress,
    )?;
    let weekdark = superdarks.weekdark.made.path.clone();
    let with = |name: &str, darkfile: Option<PathBuf>| {
        let how = CalibrateOptions {
            ref_dir: Some(simulated.reference_folder.clone()),
            output_dir: Some(results.join(name)),
            overwrite: options.overwrite,
            stis: OfExposure {
                darkfile,
                ..OfExposure::default()
            },
            ..CalibrateOptions::default()
        };
        calibrate(std::slice::from_ref(&simulated.spectrum), &how, progress)
    };
    let calibrated = [with("default", None)?, with("week", Some(weekdark))?];
    let comparison = Comparison::open(&simulated_as, &simulated, &superdarks, &results)?;
    let spectra = comparison.spectra();
    let hot_pixels = comparison.hot_pixels();
    let drawn = figures::draw(&comparison, &results)?;
    let report = StisDemoReport {
        agrees: hot_pixels.is_gone() && spectra[1].agrees(),
        simulated,
        superdarks,
        calibrated,
        spectra,
        hot_pixels,
        figures: drawn.iter().map(|drawn| drawn.path.clone()).collect(),
        page: results.join("index.html"),
    };
    page::write(&report, &drawn)?;
    Ok(report)
}
