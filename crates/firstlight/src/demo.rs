//! The workflow on a simulated visit, against the truth: what to run first, without any data.

use crate::sbc_dark::{ApertureSpec, SbcDarkOptions, SbcDarkReport, sbc_dark};
use crate::simulate::{SbcReport, SbcVisitOptions, sbc};
use crate::{Error, Progress, Result};
use firstlight_calibrate::dark::PixelBox;
use firstlight_look::Figure;
use firstlight_simulate::sbc::FULL_SIZE;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

mod acs;
mod ccd;
mod stis;

pub use acs::{AcsDemoOptions, AcsDemoReport, FluxBin, demo_acs};
pub use ccd::{
    CcdDemoOptions, CcdDemoReport, CurveAgainstTruth, FluxesAgainstTruth, ShiftsAgainstTruth,
    SkyAgainstTruth, StackAgainstFrame, demo_ccd,
};
pub use stis::{HotPixelsLeft, SpectrumAgainstTruth, StisDemoOptions, StisDemoReport, demo_stis};

/// A figure that a demonstration has written.
struct Drawn {
    path: PathBuf,
    figure: Figure<'static>,
    caption: String,
}

/// What the demonstration does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DemoOptions {
    /// Seed of the simulated visit.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = DemoOptions::default().seed))]
    pub seed: u64,
    /// Side of the simulated detector, pixels, 384 to 1024: a smaller one takes less time.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = DemoOptions::default().size))]
    pub size: usize,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            seed: SbcVisitOptions::default().seed,
            size: SbcVisitOptions::default().size,
            overwrite: false,
        }
    }
}

/// One filter: what went in and what came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovered {
    /// `FILTER1`.
    pub filter: String,
    /// The galaxy's flux in the aperture as it was simulated, counts/s.
    pub truth: f64,
    /// Science less dark less sky, counts/s.
    pub recovered: f64,
    /// Its stated standard error.
    pub error: f64,
    /// (recovered − truth) / error.
    pub pull: f64,
    /// The science product alone: dark rate and sky are still in it.
    pub science: f64,
    /// Whether the pull is within three.
    pub agrees: bool,
}

/// What was done, and how it compares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DemoReport {
    /// The simulated visit.
    pub visit: SbcReport,
    /// The workflow on it.
    pub workflow: SbcDarkReport,
    /// One a filter.
    pub recovered: Vec<Recovered>,
    /// Sum of squared pulls, one degree of freedom a filter.
    pub chi2: f64,
    /// Whether every filter agrees within three standard errors.
    pub agrees: bool,
}

/// Blank apertures of the full detector's products: near the four corners, away from the galaxy.
const BLANK: [(f64, f64); 4] = [(200.0, 200.0), (1150.0, 350.0), (250.0, 1050.0), (1150.0, 1150.0)];

/// Side of the smallest detector on which galaxy, box and blank apertures are apart, pixels.
const LEAST_SIZE: usize = 384;

/// Simulates a visit into `folder/visit`, runs the workflow on it as a user would, into
/// `folder/results`, and compares the fluxes with the truth.
///
/// # Errors
/// [`Error::OutputExists`] before any work where something is there already; those of [`sbc`] and
/// [`sbc_dark`].
pub fn demo(folder: &Path, options: &DemoOptions, progress: &dyn Progress) -> Result<DemoReport> {
    if !(LEAST_SIZE..=FULL_SIZE).contains(&options.size) {
        return Err(Error::Usage(format!(
            "the size of the demonstration's detector is {}, but must be between {LEAST_SIZE} and {FULL_SIZE} pixels: \
             the galaxy, the box and the blank apertures need the room",
            options.size
        )));
    }
    let (visit_folder, results) = (folder.join("visit"), folder.join("results"));
    for path in [&visit_folder, &results] {
        if path.exists() && !options.overwrite {
            return Err(Error::OutputExists { path: path.clone() });
        }
    }
    let simulated = SbcVisitOptions {
        seed: options.seed,
        size: options.size,
        ..SbcVisitOptions::default()
    };
    let visit = sbc(&visit_folder, &simulated, options.overwrite, progress)?;
    let aperture = visit.truth.aperture;
    let target = ApertureSpec {
        sky: true,
        x: aperture.ra_deg,
        y: aperture.dec_deg,
        a: aperture.a_arcsec,
        b: aperture.b_arcsec,
        angle: aperture.position_angle_deg,
    };
    let fraction = options.size as f64 / FULL_SIZE as f64;
    let blank = BLANK.map(|(x, y)| ApertureSpec {
        sky: false,
        x: x * fraction,
        y: y * fraction,
        a: 70.0,
        b: 40.0,
        angle: 90.0,
    });
    let how = SbcDarkOptions {
        aperture: vec![target],
        blank: blank.to_vec(),
        within_box: glow_box(visit.truth.glow_box),
        // As many cells whatever the size.
        cell: (SbcDarkOptions::default().cell as f64 * fraction) as usize,
        overwrite: options.overwrite,
        ..SbcDarkOptions::default()
    };
    let workflow = sbc_dark(&visit.associations, &visit.darks, &results, &how, progress)?;
    let recovered = compare(&visit, &workflow);
    let chi2 = recovered.iter().map(|r| r.pull * r.pull).sum();
    let agrees = recovered.iter().all(|r| r.agrees);
    Ok(DemoReport {
        visit,
        workflow,
        recovered,
        chi2,
        agrees,
    })
}

fn glow_box([y0, y1, x0, x1]: [usize; 4]) -> PixelBox {
    PixelBox { y0, y1, x0, x1 }
}

fn compare(visit: &SbcReport, workflow: &SbcDarkReport) -> Vec<Recovered> {
    let of_filter = |truth: &firstlight_simulate::sbc::FilterTruth| {
        let found = workflow
            .filters
            .iter()
            .find(|filter| filter.filter == truth.filter)?;
        let target = found.apertures.iter().find(|row| !row.sky)?;
        let (recovered, error) = target.net.zip(target.net_error)?;
        let pull = (recovered - truth.flux_aperture) / error;
        Some(Recovered {
            filter: truth.filter.clone(),
            truth: truth.flux_aperture,
            recovered,
            error,
            pull,
            science: target.science,
            agrees: pull.abs() <= 3.0,
        })
    };
    visit.truth.filters.iter().filter_map(of_filter).collect()
}
