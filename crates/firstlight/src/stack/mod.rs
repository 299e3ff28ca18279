//! Frames of a field registered, brought to one level and combined into a deep one.

mod levels;

use crate::ccd::{CcdFile, CcdFrame, write};
use crate::combine::{CombineOptions, CombineReport, UncertaintyName, combine};
use crate::input::{Failure, name_in_header};
use crate::output::{check_output, folder_of, refuse_beyond_disk};
use crate::progress::go_on;
use crate::register::{MapsFrom, RegisterOptions, Registered, each_registered, maps};
use crate::shift::{ResampleHow, onto};
use crate::{Error, Progress, Result};
use firstlight_align::register::Projective;
use firstlight_fits::Header;
use levels::{Level, Standard};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Memory for samples where the user does not say.
const MEMORY: u64 = 1 << 30;
/// Bytes of a pixel of a frame while it is resampled: samples, errors and mask of frame and product, and a copy.
const BYTES_OF_A_PIXEL: u64 = 48;

/// How frames are brought to one level before they are combined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StackOptions {
    /// The frames stand on the reference's pixels already, and are neither registered nor resampled.
    #[cfg_attr(feature = "clap", arg(long))]
    pub registered: bool,
    /// Table of maps, as 'register' writes it, in place of registering the frames now.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "TABLE", conflicts_with = "registered")
    )]
    pub transforms: Option<PathBuf>,
    /// Keyword of the exposure time, s.
    #[cfg_attr(feature = "clap", arg(long, alias = "exposure_key", value_name = "KEYWORD", default_value_t = StackOptions::default().exposure_key))]
    pub exposure_key: String,
    /// Leave the sky in the frames; otherwise its clipped median is subtracted from each.
    #[cfg_attr(feature = "clap", arg(long, alias = "keep_sky"))]
    pub keep_sky: bool,
    /// Scale by exposure times alone; otherwise also by what the stars of a frame are short of.
    #[cfg_attr(feature = "clap", arg(long, alias = "no_zero_point"))]
    pub no_zero_point: bool,
    /// Weights of the inverse variance of the scaled frames' skies.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "inverse_variance", conflicts_with = "weights")
    )]
    pub inverse_variance: bool,
    /// How frames are resampled.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub how: ResampleHow,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            registered: false,
            transforms: None,
            exposure_key: "EXPTIME".to_owned(),
            keep_sky: false,
            no_zero_point: false,
            inverse_variance: false,
            how: ResampleHow::default(),
        }
    }
}

/// A frame that went in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackedFrame {
    /// The file.
    pub file: PathBuf,
    /// Its exposure time, s.
    pub exptime_s: f64,
    /// The clipped median of its sky, in its unit; subtracted unless the sky is kept.
    pub sky: f64,
    /// The reference's exposure time over its own.
    pub time_scale: f64,
    /// What its stars are short of beyond that.
    pub zero_point_scale: f64,
    /// Stars that told so.
    pub stars: usize,
    /// Its weight.
    pub weight: f64,
    /// How many of its samples were rejected.
    pub rejected: u64,
}

/// What was stacked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackReport {
    /// The product.
    pub path: PathBuf,
    /// The frame whose pixels and level it has.
    pub reference: PathBuf,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// The frames that went in.
    pub frames: Vec<StackedFrame>,
    /// Files that failed, while the others went on.
    pub failed: Vec<Failure>,
    /// Sum of the exposure times, s.
    pub total_exptime_s: f64,
    /// Pixels of which no sample is left.
    pub empty_pixels: u64,
    /// Time it took, s.
    pub seconds: f64,
}

/// A frame with its map and its level.
struct Levelled {
    file: PathBuf,
    map: Projective,
    level: Level,
}

/// Registers frames, subtracts the sky of each, scales it to the reference's exposure time and zero point, puts it on
/// the reference's pixels, and combines all as [`combine()`] does. The frames are not changed; what is between lies in a
/// folder beside the product that goes when the work ends.
///
/// Samples are at the level of the reference's exposure, of which EXPTIME tells; TEXPTIME is the sum of all exposures.
/// A frame that cannot be read, registered or scaled is reported, and the others go on.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::Usage`]; what is wrong with the reference; what is wrong with the
/// frames where all fail; what [`combine()`] refuses.
pub fn stack(
    files: &[PathBuf],
    output: &Path,
    (options, combining, how): (&StackOptions, &CombineOptions, &RegisterOptions),
    progress: &dyn Progress,
) -> Result<StackReport> {
    let begin = Instant::now();
    refuse(options, combining)?;
    check_output(files, output, combining.overwrite)?;
    let from = match &options.transforms {
        Some(table) => MapsFrom::Table(table),
        None if options.registered => MapsFrom::SamePixels,
        None => MapsFrom::Stars,
    };
    let (reference, registered) = maps(files, from, how, progress)?;
    let standard = Standard::of(&reference, options, &how.stars)?;
    let (frames, failed) = levelled(&registered, (&standard, options), how, progress)?;
    let total: f64 = frames.iter().map(|frame| frame.level.exptime_s).sum();
    let header = header(&reference, &frames, (standard.exptime_s, total), options)?;
    let (ny, nx) = reference.shape();
    refuse_beyond_disk(folder_of(output), (frames.len() * ny * nx * 12) as u64)?;
    let folder = firstlight_fits::Scratch::beside(output)?;
    let parts = resampled(
        &frames,
        folder.path(),
        (&reference, &header),
        (options, combining, how),
        progress,
    )?;
    let combining = with_weights(combining, options, (files, &frames))?;
    let report = combine(&parts, output, (&combining, &Default::default()), progress)?;
    Ok(StackReport {
        path: output.to_owned(),
        reference: reference.path().to_owned(),
        shape: report.shape,
        frames: stacked(&frames, &report),
        failed,
        total_exptime_s: total,
        empty_pixels: report.empty_pixels,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

fn refuse(options: &StackOptions, combining: &CombineOptions) -> Result<()> {
    let usage = |text: &str| Err(Error::Usage(text.to_owned()));
    if combining.scale.is_some() || combining.scale_region.is_some() {
        return usage(
            "frames are scaled by exposure time and zero point; leave --scale and --scale-region out, or use 'combine'",
        );
    }
    if options.inverse_variance && combining.weights.is_some() {
        return usage("--inverse-variance and --weights exclude one another");
    }
    if options.registered && options.transforms.is_some() {
        return usage("--registered and --transforms exclude one another");
    }
    combining.rejection().map(|_| ())
}

/// The levels of all frames that are registered, and what failed.
fn levelled(
    registered: &[Registered],
    (standard, options): (&Standard, &StackOptions),
    how: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<(Vec<Levelled>, Vec<Failure>)> {
    each_registered(registered, ("measuring levels", progress), |frame, map| {
        Ok(Levelled {
            file: frame.file.clone(),
            map: *map,
            level: standard.level(frame, map, (options, &how.open, &how.stars))?,
        })
    })
}

/// The reference's cards, with the exposure times and what was done to each frame.
fn header(
    reference: &CcdFile,
    frames: &[Levelled],
    (exptime, total): (f64, f64),
    options: &StackOptions,
) -> Result<Header> {
    let mut header = reference.header().clone();
    header.set(&options.exposure_key, exptime, None)?;
    header.set("TEXPTIME", total, Some("[s] sum of the exposure times"))?;
    header.push_commentary(
        "HISTORY",
        &format!(
            "firstlight stack: on the pixels of {}",
            name_in_header(reference.path())
        ),
    )?;
    for Levelled { file, level, .. } in frames {
        let sky = if options.keep_sky { 0.0 } else { level.sky };
        header.push_commentary(
            "HISTORY",
            &format!(
                "stack: {} sky {sky:.4} subtracted, times {:.6} (time) {:.6} (zero point)",
                name_in_header(file),
                level.of_time,
                level.of_zero_point
            ),
        )?;
    }
    Ok(header)
}

/// The frames at one level and on the reference's pixels, in files of a folder.
fn resampled(
    frames: &[Levelled],
    folder: &Path,
    (reference, header): (&CcdFile, &Header),
    (options, combining, how): (&StackOptions, &CombineOptions, &RegisterOptions),
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>> {
    let (ny, nx) = reference.shape();
    let memory = combining.max_memory.map_or(MEMORY, |limit| limit.0);
    let at_once = (memory / (BYTES_OF_A_PIXEL * (ny * nx) as u64).max(1)).max(1) as usize;
    progress.start("resampling", Some(frames.len() as u64));
    let one = |(n, frame): (usize, &Levelled)| -> Result<PathBuf> {
        go_on(progress)?;
        let mut read = CcdFile::open(&frame.file, &how.open)?.read::<f32>()?;
        if combining.uncertainty == UncertaintyName::Propagated && read.err.is_none() {
            return Err(Error::Contradiction {
                path: frame.file.clone(),
                reason: "it has no uncertainty (UNCERT) that could be propagated; take that of the scatter (--uncertainty \
                         scatter)"
                    .to_owned(),
            });
        }
        at_level(&mut read, &frame.level, options.keep_sky);
        let moved = match options.registered {
            true => read,
            false => onto(&read, &frame.map, (ny, nx), &options.how)?,
        };
        // Names may be the same in several folders.
        let path = folder.join(format!(
            "{n:05}_{}.fits",
            name_in_header(&frame.file).replace(['.', '?'], "_")
        ));
        write(&path, &moved, header, false)?;
        progress.advance(1);
        Ok(path)
    };
    let mut paths = Vec::with_capacity(frames.len());
    let numbered: Vec<(usize, &Levelled)> = frames.iter().enumerate().collect();
    for some in numbered.chunks(at_once.min(rayon::current_num_threads()).max(1)) {
        let made: Result<Vec<PathBuf>> = some
            .par_iter()
            .map(|&(n, frame)| one((n, frame)).map_err(|error| error.in_file(&frame.file)))
            .collect();
        paths.extend(made?);
    }
    progress.finish();
    Ok(paths)
}

fn at_level(frame: &mut CcdFrame<f32>, level: &Level, keep_sky: bool) {
    let (sky, factor) = (if keep_sky { 0.0 } else { level.sky }, level.factor());
    for value in frame.sci.as_mut_slice() {
        *value = ((f64::from(*value) - sky) * factor) as f32;
    }
    if let Some(err) = &mut frame.err {
        for value in err.as_mut_slice() {
            *value = (f64::from(*value) * factor.abs()) as f32;
        }
    }
}

/// The weights of the frames that are left.
fn with_weights(
    combining: &CombineOptions,
    options: &StackOptions,
    (files, frames): (&[PathBuf], &[Levelled]),
) -> Result<CombineOptions> {
    let join = |weights: Vec<f64>| weights.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let mut combining = combining.clone();
    if options.inverse_variance {
        let weight = |frame: &Levelled| (frame.level.sky_sigma * frame.level.factor()).powi(-2);
        let largest = frames.iter().map(weight).fold(0.0, f64::max);
        combining.weights = Some(join(frames.iter().map(|frame| weight(frame) / largest).collect()));
    } else if let Some(text) = &combining.weights {
        let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
        let Some(numbers) = numbers.filter(|numbers| numbers.len() == files.len()) else {
            return Err(Error::Usage(format!(
                "--weights needs one number for each of the {} files here; for weights by the sky's noise there is \
                 --inverse-variance",
                files.len()
            )));
        };
        let left = files
            .iter()
            .zip(numbers)
            .filter(|(file, _)| frames.iter().any(|f| f.file == **file));
        combining.weights = Some(join(left.map(|(_, weight)| weight).collect()));
    }
    Ok(combining)
}

fn stacked(frames: &[Levelled], report: &CombineReport) -> Vec<StackedFrame> {
    let both = frames.iter().zip(&report.frames);
    both.map(|(frame, combined)| StackedFrame {
        file: frame.file.clone(),
        exptime_s: frame.level.exptime_s,
        sky: frame.level.sky,
        time_scale: frame.level.of_time,
        zero_point_scale: frame.level.of_zero_point,
        stars: frame.level.stars,
        weight: combined.weight,
        rejected: combined.rejected,
    })
    .collect()
}
