//! `firstlight demo ccd`: nights at a small telescope, from raw frames to stacks, light curves and places on the sky, each
//! against the truth.

mod curves;
mod figures;
mod fluxes;
mod page;
mod shifts;

use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::combine::{Clip, CombineOptions};
use crate::reduce::{ReduceOptions, ReduceReport, reduce};
use crate::register::{FieldOptions, RegisterOptions};
use crate::simulate::{CcdFilter, CcdNightsReport, CcdOptions, ccd};
use crate::solve::{PlateOptions, SolveOptions, SolvedFrame, solve};
use crate::stack::{StackOptions, StackReport, stack};
use crate::{Error, Progress, Result};
use firstlight_simulate::ccd::{CcdNights, FrameTruth, ScienceTruth, Star, StarTruth, Truth};
use firstlight_stats::{SigmaClip, clipped_statistics, median_of_finite};
use firstlight_wcs::Wcs;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use curves::CurveAgainstTruth;
pub use fluxes::FluxesAgainstTruth;
pub use shifts::ShiftsAgainstTruth;

/// The filter whose frames are stacked and followed.
const FILTER: CcdFilter = CcdFilter::V;
/// Places on the sky agree within this, in pixels.
const MOST_OFF_SKY_PX: f64 = 0.1;
/// Only stars of the truth that are brighter than this are looked at in the plate solution.
const BRIGHT_MAG: f64 = 16.0;

/// What the demonstration with nights at a small telescope does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CcdDemoOptions {
    /// Seed of the simulated nights.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = CcdDemoOptions::default().seed))]
    pub seed: u64,
    /// Number of nights, 1 to 9.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdDemoOptions::default().nights))]
    pub nights: usize,
    /// Science frames of each night and filter, 2 to 100.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CcdDemoOptions::default().science))]
    pub science: usize,
    /// Filters beside V, which is always among them.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_enum, value_delimiter = ',', ignore_case = true, default_values_t = CcdDemoOptions::default().filters)
    )]
    pub filters: Vec<CcdFilter>,
    /// Replace files that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for CcdDemoOptions {
    fn default() -> Self {
        Self {
            seed: CcdOptions::default().seed,
            nights: 3,
            science: 8,
            filters: vec![CcdFilter::B],
            overwrite: false,
        }
    }
}

impl CcdDemoOptions {
    fn simulated(&self) -> CcdOptions {
        let mut filters = vec![FILTER];
        filters.extend(self.filters.iter().filter(|filter| **filter != FILTER));
        CcdOptions {
            nights: self.nights,
            filters,
            science: self.science,
            short_science: 0,
            biases: 8,
            darks: 6,
            flats: 6,
            seed: self.seed,
            ..CcdOptions::default()
        }
    }
}

/// The stack, beside one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackAgainstFrame {
    /// What was stacked.
    pub stack: StackReport,
    /// Standard deviation of the sky of its reference, ADU.
    pub sky_of_frame: f64,
    /// That of the stack, ADU.
    pub sky_of_stack: f64,
}

/// The stack's coordinate system against the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkyAgainstTruth {
    /// The system.
    pub solved: SolvedFrame,
    /// Stars that were looked at.
    pub stars: usize,
    /// Median distance of the stars' true places from where the system puts them, pixels.
    pub median_px: f64,
    /// The largest.
    pub largest_px: f64,
}

impl SkyAgainstTruth {
    /// Whether places are within a tenth of a pixel in the median, and none is three times as far off.
    pub fn agrees(&self) -> bool {
        self.largest_px < MOST_OFF_SKY_PX * 3.0 && self.median_px < MOST_OFF_SKY_PX
    }
}

/// What was done, and how it compares with the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CcdDemoReport {
    /// The simulated nights.
    pub simulated: CcdNightsReport,
    /// Masters and reduced frames.
    pub reduced: ReduceReport,
    /// How far the registration of the frames is off.
    pub shifts: ShiftsAgainstTruth,
    /// Light of stars in the reduced frames.
    pub fluxes: FluxesAgainstTruth,
    /// The frames of V in one.
    pub stack: StackAgainstFrame,
    /// Light curves of the variable stars in V.
    pub curves: Vec<CurveAgainstTruth>,
    /// The stack on the sky.
    pub sky: SkyAgainstTruth,
    /// Figures, PNG.
    pub figures: Vec<PathBuf>,
    /// The page.
    pub page: PathBuf,
    /// Whether shifts are within 0.05 pixels, light within 1 %, light curves within their errors, and places on the sky
    /// within 0.1 pixels of the truth.
    pub agrees: bool,
}

/// A reduced frame of the sky and what it was simulated of.
struct ReducedTruth<'a> {
    path: PathBuf,
    /// Its place among the truth's frames.
    index: usize,
    frame: &'a FrameTruth,
    science: ScienceTruth,
}

/// The nights as they were simulated, and their frames in the order they were taken.
struct Comparison<'a> {
    truth: &'a Truth,
    gain: f64,
    shape: (usize, usize),
    frames: Vec<ReducedTruth<'a>>,
}

impl<'a> Comparison<'a> {
    fn new(truth: &'a Truth, options: &CcdOptions, reduced: &ReduceReport) -> Self {
        let mut frames: Vec<ReducedTruth<'a>> = Vec::new();
        for (index, frame) in truth.frames.iter().enumerate() {
            let is_it = |reduced: &&crate::reduce::ReducedFrame| reduced.input.ends_with(&frame.file);
            let found = reduced.reduced.iter().find(is_it);
            if let (Some(found), Some(science)) = (found, frame.science) {
                frames.push(ReducedTruth {
                    path: found.path.clone(),
                    index,
                    frame,
                    science,
                });
            }
        }
        frames.sort_by(|a, b| a.frame.start_mjd.total_cmp(&b.frame.start_mjd));
        Self {
            truth,
            gain: options.gain,
            shape: (options.height, options.width),
            frames,
        }
    }

    /// Frames of the filter that is stacked and followed.
    fn of_filter(&self) -> Vec<&ReducedTruth<'a>> {
        let frames = self.frames.iter();
        frames
            .filter(|frame| frame.frame.filter == Some(FILTER))
            .collect()
    }

    /// The reduced frame of a path.
    fn frame_of(&self, path: &Path) -> Option<&ReducedTruth<'a>> {
        self.frames.iter().find(|frame| frame.path == path)
    }

    /// Stars that fall on a frame.
    fn stars_of(&self, frame: &ReducedTruth<'_>) -> Vec<&'a StarTruth> {
        let of_frame = |star: &&StarTruth| star.frame == frame.index;
        self.truth.fluxes.iter().filter(of_frame).collect()
    }
}

/// Simulates nights into `folder/nights`, and reduces, registers, stacks and measures their frames as a user would, into
/// `folder/results`, beside the truth.
///
/// # Errors
/// [`Error::OutputExists`] before any work where something is there already; those of [`ccd`], [`reduce`], [`stack`],
/// [`timeseries`](crate::timeseries::timeseries) and [`solve`].
pub fn demo_ccd(folder: &Path, options: &CcdDemoOptions, progress: &dyn Progress) -> Result<CcdDemoReport> {
    if !(2..=100).contains(&options.science) {
        return Err(Error::Usage(format!(
            "the demonstration is to have {} science frames of each night and filter, but must have between 2 and 100",
            options.science
        )));
    }
    let (night_folder, results) = (folder.join("nights"), folder.join("results"));
    for path in [&night_folder, &results] {
        if path.exists() && !options.overwrite {
            return Err(Error::OutputExists { path: path.clone() });
        }
    }
    let simulated_as = options.simulated();
    let simulated = ccd(&night_folder, &simulated_as, options.overwrite, progress)?;
    let truth = CcdNights::plan(&simulated_as)?.truth();
    let inputs = simulated.nights.iter();
    let inputs: Vec<String> = inputs.map(|night| night.to_string_lossy().into_owned()).collect();
    let how = ReduceOptions {
        overwrite: options.overwrite,
        ..ReduceOptions::default()
    };
    let reduced = reduce(&inputs, &results, &how, progress)?;
    let comparison = Comparison::new(&truth, &simulated_as, &reduced);
    let shifts = shifts::measure(&comparison, progress)?;
    let fluxes = fluxes::measure(&comparison)?;
    let stacked = stacked(&comparison, &results, options.overwrite, progress)?;
    let curves = curves::measure(&comparison, &results, options.overwrite, progress)?;
    let sky = on_sky(
        &stacked.stack,
        (&simulated, &comparison),
        options.overwrite,
        progress,
    )?;
    let drawn = figures::draw(
        &comparison,
        (&simulated, &shifts, &fluxes, &stacked, &curves),
        &results,
    )?;
    let agrees =
        shifts.agrees() && fluxes.agrees() && curves.iter().all(CurveAgainstTruth::agrees) && sky.agrees();
    let report = CcdDemoReport {
        simulated,
        reduced,
        shifts,
        fluxes,
        stack: stacked,
        curves,
        sky,
        figures: drawn.iter().map(|drawn| drawn.path.clone()).collect(),
        page: results.join("index.html"),
        agrees,
    };
    page::write(&report, &drawn)?;
    Ok(report)
}

/// The frames of a filter in one, and what that does to the sky.
fn stacked(
    comparison: &Comparison<'_>,
    results: &Path,
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<StackAgainstFrame> {
    let frames = comparison.of_filter().into_iter();
    let files: Vec<PathBuf> = frames.map(|frame| frame.path.clone()).collect();
    let combining = CombineOptions {
        clip: vec![Clip::Sigma],
        overwrite,
        ..CombineOptions::default()
    };
    let output = results.join(format!("stack_{}.fits", FILTER.name()));
    let how = (&StackOptions::default(), &combining, &RegisterOptions::default());
    let stack = stack(&files, &output, how, progress)?;
    Ok(StackAgainstFrame {
        sky_of_frame: sky_sigma(&stack.reference)?,
        sky_of_stack: sky_sigma(&output)?,
        stack,
    })
}

fn sky_sigma(path: &Path) -> Result<f64> {
    let frame = CcdFile::open(path, &CcdOpenOptions::default())?.read::<f32>()?;
    let sky = clipped_statistics(frame.sci.as_slice(), &SigmaClip::default());
    let sky = sky.map_err(|error| Error::Contradiction {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(sky.std)
}

/// Finds the stack on the sky by the catalogue of the simulation.
fn on_sky(
    stack: &StackReport,
    (simulated, comparison): (&CcdNightsReport, &Comparison<'_>),
    overwrite: bool,
    progress: &dyn Progress,
) -> Result<SkyAgainstTruth> {
    let how = SolveOptions {
        magnitude: Some(format!("mag_{}", FILTER.name())),
        update: true,
        overwrite,
        ..SolveOptions::default()
    };
    let how = (&how, &PlateOptions::default(), &FieldOptions::default());
    let solved = solve(
        std::slice::from_ref(&stack.path),
        &simulated.truth_files[0],
        how,
        progress,
    )?;
    let solved = solved.frames.into_iter().next();
    let solved = solved.ok_or_else(|| Error::Usage("the stack was not found on the sky".to_owned()))?;
    let file = CcdFile::open(&stack.path, &CcdOpenOptions::default())?;
    let system = Wcs::from_header(file.header(), None)?;
    let (ny, nx) = file.shape();
    // The stack's pixels are those of its reference.
    let reference = comparison.frame_of(&stack.reference);
    let mut off: Vec<f64> = Vec::new();
    for star in &comparison.truth.stars {
        let Some(reference) = reference.filter(|_| is_bright(star)) else {
            continue;
        };
        let (x, y) = reference.science.map.apply((star.x, star.y));
        if (0.0..nx as f64 - 1.0).contains(&x) && (0.0..ny as f64 - 1.0).contains(&y) {
            let (at_x, at_y) = system.sky_to_pixel(star.ra_deg, star.dec_deg)?;
            off.push((at_x - x).hypot(at_y - y));
        }
    }
    Ok(SkyAgainstTruth {
        solved,
        stars: off.len(),
        largest_px: off.iter().copied().fold(0.0, f64::max),
        median_px: median_of_finite(&mut off).unwrap_or(f64::NAN),
    })
}

fn is_bright(star: &Star) -> bool {
    star.magnitude(FILTER) < BRIGHT_MAG
}
