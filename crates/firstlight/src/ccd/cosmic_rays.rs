//! Cosmic rays of single frames, found and replaced: each file by itself.

use super::open::{CcdFile, CcdOpenOptions};
use super::{CcdUnit, products, write};
use crate::input::{Failure, sort_out};
use crate::{Error, Progress, Result};
use firstlight_calibrate::ccd::lacosmic::{LacosmicOptions, LacosmicPlanes, LacosmicReport};
use firstlight_calibrate::ccd::{CcdFrame, dq};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the files have in common, beside the parameters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct LacosmicFileOptions {
    /// HDU of the frames: a position from 0, a name, or name and version as in 'SCI,2' [default: the first image].
    #[cfg_attr(feature = "clap", arg(long, value_name = "HDU"))]
    pub ext: Option<String>,
    /// Unit of the frames where BUNIT is not there or wrong, as 'adu' or 'electron' [default: BUNIT, or adu].
    #[cfg_attr(feature = "clap", arg(long, value_name = "UNIT"))]
    pub unit: Option<String>,
    /// Flag cosmic rays in the mask, but leave their samples as they are.
    #[cfg_attr(feature = "clap", arg(long, alias = "flag_only"))]
    pub flag_only: bool,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// A frame that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LacosmicProduct {
    /// The input.
    pub input: PathBuf,
    /// The product.
    pub path: PathBuf,
    /// What was counted.
    #[serde(flatten)]
    pub report: LacosmicReport,
}

/// What became of all inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LacosmicFilesReport {
    /// The frames that were written, in the order of the inputs.
    pub products: Vec<LacosmicProduct>,
    /// Inputs that failed, while the others went on.
    pub failed: Vec<Failure>,
    /// How long it took, s.
    pub seconds: f64,
}

/// Finds the cosmic rays of frames by L.A.Cosmic, flags them in the mask, and replaces them by what is around; each frame
/// becomes a file of the same name in `folder`. Pixels that are masked already are left alone.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::Usage`] where two products would have one name. What one input alone
/// is refused for is told of in the report, unless it is the only one; so is a gain other than 1 for a frame in electrons.
pub fn lacosmic(
    inputs: &[PathBuf],
    folder: &Path,
    options: &LacosmicFileOptions,
    how: &LacosmicOptions,
    progress: &dyn Progress,
) -> Result<LacosmicFilesReport> {
    let begin = Instant::now();
    how.check()?;
    let outputs = products::of_inputs(inputs, folder, options.overwrite)?;
    progress.start("looking for cosmic rays", Some(inputs.len() as u64));
    let results: Vec<_> = inputs
        .par_iter()
        .zip(&outputs)
        .map(|(input, output)| {
            let done = crate::progress::go_on(progress).map_err(Error::from);
            let done = done.and_then(|()| one(input, output, options, how));
            progress.advance(1);
            (input.clone(), done.map_err(|error| error.in_file(input)))
        })
        .collect();
    progress.finish();
    crate::progress::go_on(progress)?;
    let (products, failed) = sort_out(results)?;
    Ok(LacosmicFilesReport {
        products,
        failed,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

fn one(
    input: &Path,
    output: &Path,
    options: &LacosmicFileOptions,
    how: &LacosmicOptions,
) -> Result<LacosmicProduct> {
    let open = CcdOpenOptions {
        ext: options.ext.clone(),
        unit: options.unit.clone(),
    };
    let file = CcdFile::open(input, &open)?;
    if *file.unit() == CcdUnit::Electron && how.gain != 1.0 {
        return Err(Error::Contradiction {
            path: input.to_owned(),
            reason: format!(
                "it is in electrons already, but the gain is {}; leave the gain out, or say what it is in (--unit)",
                how.gain
            ),
        });
    }
    let mut frame: CcdFrame<f32> = file.read()?;
    let mask = frame.dq.as_ref().map(|dq| dq.map(|&bits| bits != 0));
    let planes = LacosmicPlanes {
        mask: mask.as_ref(),
        ..Default::default()
    };
    let found = firstlight_calibrate::ccd::lacosmic::lacosmic(&frame.sci, &planes, how)?;
    for (bits, &cosmic) in frame
        .dq_mut()
        .as_mut_slice()
        .iter_mut()
        .zip(found.cosmics.as_slice())
    {
        *bits |= if cosmic { dq::COSMIC_RAY } else { 0 };
    }
    if !options.flag_only {
        let cleaned = found.cleaned.as_slice().iter().zip(found.cosmics.as_slice());
        for (value, (&cleaned, &cosmic)) in frame.sci.as_mut_slice().iter_mut().zip(cleaned) {
            *value = if cosmic { cleaned } else { *value };
        }
    }
    let mut header = file.header().clone();
    let what = format!(
        "sigclip {}, objlim {}: {} pixels",
        how.sigclip, how.objlim, found.report.pixels
    );
    header.set("LACOSMIC", what.clone(), Some("cosmic rays that were found"))?;
    header.push_commentary("HISTORY", &format!("firstlight lacosmic: {what}"))?;
    write(output, &frame, &header, options.overwrite)?;
    Ok(LacosmicProduct {
        input: input.to_owned(),
        path: output.to_owned(),
        report: found.report,
    })
}
