//! Frames of a CCD combined into one: bias, dark and flat frames into masters, exposures into a deep one.

mod bands;
mod factors;
mod frames;
mod header;
mod options;

pub use options::{CentreName, Clip, CombineOptions, Method, UncertaintyName};

use crate::ccd::{CcdOpenOptions, CcdPlanes, CcdWriter};
use crate::input::Failure;
use crate::output::check_output;
use crate::{Error, Progress, Result};
use bands::Work;
use factors::{Factor, Measuring};
use firstlight_stats::stack::combine::{CombineOptions as StackOptions, Uncertainty};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Memory for samples where the user does not say.
const MEMORY: u64 = 1 << 30;

/// What became of one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrameReport {
    /// The file.
    pub file: PathBuf,
    /// What it was multiplied by.
    pub scale: f64,
    /// Its weight in a mean or sum.
    pub weight: f64,
    /// How many of its samples were rejected; masked ones and those that are not finite do not count.
    pub rejected: u64,
    /// The same as a part of all its pixels.
    pub rejected_fraction: f64,
}

/// What was combined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CombineReport {
    /// The product.
    pub path: PathBuf,
    /// How the samples that are left were combined.
    pub method: Method,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// Unit of the product.
    pub unit: String,
    /// The frames that went in.
    pub frames: Vec<FrameReport>,
    /// Files that could not be used.
    pub failed: Vec<Failure>,
    /// Pixels of which no sample is left.
    pub empty_pixels: u64,
    /// Time it took, s.
    pub seconds: f64,
}

/// Combines frames pixel by pixel into a new file: samples with BUNIT, the mask in MASK, one standard deviation in UNCERT,
/// and in NUSED how many frames are in each pixel. The frames are read some rows at a time and are not changed.
///
/// A pixel is masked in the product where none of its samples is left: with the bits of the frames, with
/// [`firstlight_frame::dq::ccd::REJECTED`] where samples were rejected and [`firstlight_frame::dq::ccd::NO_DATA`] where they
/// are not finite. It is NaN there.
///
/// # Errors
/// Before any work: [`Error::OutputExists`]; [`Error::Usage`] for options that do not go together; what is wrong with a
/// file, or with files that do not belong together, unless they are to be skipped.
pub fn combine(
    inputs: &[PathBuf],
    output: &Path,
    (options, how): (&CombineOptions, &CcdOpenOptions),
    progress: &dyn Progress,
) -> Result<CombineReport> {
    let begin = Instant::now();
    let stack = stack_options(options)?;
    let scale = options.scale.as_deref().map(Factor::parse).transpose()?;
    let weights = options.weights.as_deref().map(Factor::parse).transpose()?;
    if weights.is_some() && options.method == Method::Median {
        return Err(Error::Usage(
            "a median has no weights; leave --weights out, or take the mean (--method mean)".to_owned(),
        ));
    }
    // The frames are read until the end, so that none of them can be replaced.
    check_output(inputs, output, options.overwrite)?;
    let propagates = stack.uncertainty == Uncertainty::Propagated;
    let (frames, failed) = frames::open(inputs, how, (options.skip_bad, propagates))?;
    refuse_too_few(&stack, frames.len())?;
    let memory = options.max_memory.map_or(MEMORY, |limit| limit.0);
    let shape = frames.first().map_or((0, 0), |frame| frame.file.shape());
    let measuring = Measuring {
        region: factors::region(options.scale_region.as_deref(), shape)?,
        memory,
    };
    let of = |factor: Option<&Factor>| match factor {
        Some(factor) => factor.of(&frames, inputs.len(), &measuring),
        None => Ok(vec![1.0; frames.len()]),
    };
    let mut scales = of(scale.as_ref())?;
    if matches!(scale, Some(Factor::Statistic(_))) {
        scales.iter_mut().for_each(|level| *level = 1.0 / *level);
    }
    let weights = of(weights.as_ref())?;
    check_numbers(&frames, &scales, &weights)?;
    let mut reports: Vec<FrameReport> = frames
        .iter()
        .zip(scales.iter().zip(&weights))
        .map(|(frame, (scale, weight))| FrameReport {
            file: frame.file.path().to_owned(),
            scale: *scale,
            weight: *weight,
            rejected: 0,
            rejected_fraction: 0.0,
        })
        .collect();
    let unit = header::unit(frames[0].file.unit(), scale.as_ref());
    let work = Work {
        frames: &frames,
        scales: &scales,
        weights: &weights,
        options: &stack,
        unit: &unit,
        memory,
    };
    work.rows_at_once()?;
    let header = header::of(&frames, &reports, options, scale.as_ref())?;
    let planes = CcdPlanes {
        err: stack.uncertainty != Uncertainty::None,
        dq: true,
    };
    let mut writer = CcdWriter::create(output, shape, (&header, &unit), planes, options.overwrite)?;
    let used = writer.extra::<u16>("NUSED", shape)?;
    progress.start("combining frames", Some(shape.0 as u64));
    let counts = work.run(&writer, &used, progress);
    progress.finish();
    let counts = counts?;
    writer.finish()?;
    for (report, rejected) in reports.iter_mut().zip(counts.rejected) {
        report.rejected = rejected;
        report.rejected_fraction = rejected as f64 / (shape.0 * shape.1) as f64;
    }
    Ok(CombineReport {
        path: output.to_owned(),
        method: options.method,
        shape,
        unit: unit.to_string(),
        frames: reports,
        failed,
        empty_pixels: counts.empty,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

fn stack_options(options: &CombineOptions) -> Result<StackOptions> {
    Ok(StackOptions {
        combine: options.method.into(),
        rejection: options.rejection()?,
        uncertainty: options.uncertainty.into(),
    })
}

fn refuse_too_few(stack: &StackOptions, frames: usize) -> Result<()> {
    let (nlow, nhigh) = (stack.rejection.nlow, stack.rejection.nhigh);
    if frames > usize::from(u16::MAX) {
        return Err(Error::Usage(format!(
            "{frames} frames are too many; combine groups of at most {} first",
            u16::MAX
        )));
    }
    if nlow.saturating_add(nhigh) >= frames {
        return Err(Error::Usage(format!(
            "--nlow {nlow} and --nhigh {nhigh} reject all of {frames} frames; give more frames or smaller numbers"
        )));
    }
    Ok(())
}

fn check_numbers(frames: &[frames::Frame], scales: &[f64], weights: &[f64]) -> Result<()> {
    for (frame, (scale, weight)) in frames.iter().zip(scales.iter().zip(weights)) {
        let reason = if !scale.is_finite() || *scale == 0.0 {
            format!("its scale is {scale}, but has to be a finite number other than 0 (--scale)")
        } else if !weight.is_finite() || *weight < 0.0 {
            format!("its weight is {weight}, but has to be a finite number of at least 0 (--weights)")
        } else {
            continue;
        };
        return Err(Error::Usage(format!("{}: {reason}", frame.file.path().display())));
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(Error::Usage(
            "all weights are 0, so that nothing would be left (--weights)".to_owned(),
        ));
    }
    Ok(())
}
