//! Cosmic rays of single frames, found and replaced: each file by itself.

use super::open::{CcdFile, CcdOpenOptions};
use super::{CcdUnit, products, record, write};
use crate::input::Failure;
use crate::{Error, Progress, Result};
use firstlight_calibrate::ccd::CcdFrame;
use firstlight_calibrate::ccd::lacosmic::{CosmicRays, LacosmicOptions, LacosmicReport, clean_cosmic_rays};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the files have in common, beside the parameters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct LacosmicFileOptions {
    /// Which image of a file is the frame.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub open: CcdOpenOptions,
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
    let told = ("looking for cosmic rays", progress);
    let (products, failed) = products::each((inputs, &outputs), folder, told, |input, output| {
        one(input, output, options, how)
    })?;
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
    let file = CcdFile::open(input, &options.open)?;
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
    let rays = CosmicRays {
        how: *how,
        flag_only: options.flag_only,
    };
    let found = clean_cosmic_rays(&mut frame, &rays)?;
    let (keyword, comment, what) = record::of_cosmic_rays(&found, &rays);
    let mut header = file.header().clone();
    header.push_commentary("HISTORY", &format!("firstlight lacosmic: {what}"))?;
    header.set(keyword, what, Some(comment))?;
    write(output, &frame, &header, options.overwrite)?;
    Ok(LacosmicProduct {
        input: input.to_owned(),
        path: output.to_owned(),
        report: found,
    })
}
