//! `firstlight demo acs`: raw frames of a globular cluster calibrated with and without the correction for charge
//! transfer, against the truth.

mod figures;
mod fluxes;
mod mean_star;
mod page;
mod products;
mod profiles;
mod stamp;

use crate::calibrate::{CalibrateOptions, CalibrateReport, calibrate};
use crate::simulate::{AcsOptions, AcsReport, acs};
use crate::{Error, Progress, Result};
use firstlight_simulate::acs::{AcsVisit, Era, Section, StarTruth, Subarray};
use products::Products;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use fluxes::FluxBin;

/// What the demonstration with ACS does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct AcsDemoOptions {
    /// Seed of the simulated exposures.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = AcsDemoOptions::default().seed))]
    pub seed: u64,
    /// Number of stars in the field, 200 to 20000.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = AcsDemoOptions::default().stars))]
    pub stars: usize,
    /// Full frames of both chips instead of a quarter, at amplifier C: four times the time.
    #[cfg_attr(feature = "clap", arg(long))]
    pub full_frame: bool,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for AcsDemoOptions {
    fn default() -> Self {
        Self {
            seed: AcsOptions::default().seed,
            stars: 3000,
            full_frame: false,
            overwrite: false,
        }
    }
}

/// What was done, and how it compares with the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcsDemoReport {
    /// The simulated exposures.
    pub simulated: AcsReport,
    /// Their calibration.
    pub calibrated: CalibrateReport,
    /// Fluxes by brightness and distance from the amplifier.
    pub fluxes: Vec<FluxBin>,
    /// Charge in the trails of stars far from the amplifier, percent of their light: in flt, in flc.
    pub trails: [f64; 2],
    /// Figures, PNG.
    pub figures: Vec<PathBuf>,
    /// The page.
    pub page: PathBuf,
    /// Whether the fluxes of flc agree with the truth at every distance: within three standard errors, or one percent.
    pub agrees: bool,
}

/// What is compared: the visit as it was planned, and the products of its calibration.
struct Comparison {
    visit: AcsVisit,
    stars: Vec<StarTruth>,
    products: Products,
}

impl Comparison {
    fn section(&self, version: i64) -> Option<&Section> {
        let sections = self.visit.sections();
        sections.iter().find(|section| section.version == version)
    }

    fn exptime_s(&self) -> f64 {
        self.visit.options().exptime
    }
}

/// Simulates a pair of exposures into `folder/visit`, calibrates it into `folder/results`, and shows there raw beside
/// flt beside flc.
///
/// # Errors
/// [`Error::OutputExists`] before any work where something is there already; those of [`acs`] and [`calibrate`].
pub fn demo_acs(folder: &Path, options: &AcsDemoOptions, progress: &dyn Progress) -> Result<AcsDemoReport> {
    if !(200..=20_000).contains(&options.stars) {
        return Err(Error::Usage(format!(
            "the demonstration is to have {} stars, but must have between 200 and 20000: with fewer there is nothing to \
             measure, with more they touch",
            options.stars
        )));
    }
    let (visit_folder, results) = (folder.join("visit"), folder.join("results"));
    for path in [&visit_folder, &results] {
        if path.exists() && !options.overwrite {
            return Err(Error::OutputExists { path: path.clone() });
        }
    }
    let simulated_as = AcsOptions {
        seed: options.seed,
        stars: options.stars,
        era: Era::AfterSm4,
        subarray: (!options.full_frame).then_some(Subarray::C2k),
        ..AcsOptions::default()
    };
    let simulated = acs(&visit_folder, &simulated_as, options.overwrite, progress)?;
    let inputs: Vec<PathBuf> = simulated.association.iter().cloned().collect();
    let how = CalibrateOptions {
        ref_dir: Some(simulated.reference_folder.clone()),
        output_dir: Some(results.clone()),
        overwrite: options.overwrite,
        ..CalibrateOptions::default()
    };
    let calibrated = calibrate(&inputs, &how, progress)?;
    compare(&simulated_as, simulated, calibrated, &results)
}

/// Measures and draws.
fn compare(
    options: &AcsOptions,
    simulated: AcsReport,
    calibrated: CalibrateReport,
    results: &Path,
) -> Result<AcsDemoReport> {
    let visit = AcsVisit::plan(options)?;
    let comparison = Comparison {
        stars: visit.truth().stars,
        products: Products::open(&simulated.raw, results)?,
        visit,
    };
    let fluxes = fluxes::measure(&comparison);
    let trail = profiles::trail(&comparison);
    let trails = [trail.share(&trail.flt), trail.share(&trail.flc)];
    let drawn = figures::draw(&comparison, &simulated, &fluxes, &trail, results)?;
    let agrees = fluxes.bins.iter().all(FluxBin::agrees);
    let report = AcsDemoReport {
        simulated,
        calibrated,
        fluxes: fluxes.bins,
        trails,
        figures: drawn.iter().map(|drawn| drawn.path.clone()).collect(),
        page: results.join("index.html"),
        agrees,
    };
    page::write(&report, &drawn)?;
    Ok(report)
}
