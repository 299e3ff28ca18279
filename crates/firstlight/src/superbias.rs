//! Bias reference images of the STIS CCD from bias frames: of any of them, of an anneal period, and of a week.

use crate::calibrate::product;
use crate::output::check_output;
use crate::stis::Made;
use crate::stis::reference_files::{Wanted, check_kind, open_of_frames};
use crate::{Error, Progress, Result};
use firstlight_calibrate::References;
use firstlight_calibrate::superbias::{self, Baseline, BiasFrames, BiasSource, Superbias};
use firstlight_fits::Header;
use firstlight_frame::{Exposure, Switch};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_calibrate::stis::ocrreject::OcrrejectOptions;
pub use firstlight_calibrate::superbias::SuperbiasReport;

/// What the superbiases have in common, beside the rejection of cosmic rays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SuperbiasOptions {
    /// CRREJTAB to take the parameters of rejection from, in place of the one that the first frame's header names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub crrejtab: Option<PathBuf>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// frame.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// Makes the mean of bias frames, raw or with the bias level taken off, with hot pixels flagged. They are not changed.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that [`superbias::refbias`] refuses.
pub fn refbias(
    inputs: &[PathBuf],
    output: &Path,
    options: &SuperbiasOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<SuperbiasReport>> {
    make(
        inputs,
        output,
        (options, how),
        progress,
        |frames, references, how| Ok(superbias::refbias(frames, references, how)?),
    )
}

/// Makes the bias of an anneal period: the mean of its frames, without hot columns and pixels.
///
/// # Errors
/// As [`refbias`], with those of [`superbias::basebias`].
pub fn basebias(
    inputs: &[PathBuf],
    output: &Path,
    options: &SuperbiasOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<SuperbiasReport>> {
    make(
        inputs,
        output,
        (options, how),
        progress,
        |frames, references, how| Ok(superbias::basebias(frames, references, how)?),
    )
}

/// Makes the bias of a week of its frames and the bias of the period, `base`. None of them is changed.
///
/// # Errors
/// As [`refbias`], with those of [`superbias::weekbias`]; [`Error::Contradiction`] for a base that says it is no bias image.
pub fn weekbias(
    inputs: &[PathBuf],
    base: &Path,
    output: &Path,
    options: &SuperbiasOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<SuperbiasReport>> {
    let baseline = Exposure::open(base)?;
    check_kind(base, baseline.primary(), "BIASFILE")?;
    make(
        inputs,
        output,
        (options, how),
        progress,
        |frames, references, how| {
            let frame = baseline.load(1)?;
            let name = crate::input::file_name(base);
            let base = Baseline {
                name: &name,
                frame: &frame,
            };
            Ok(superbias::weekbias(frames, base, references, how)?)
        },
    )
}

fn make(
    inputs: &[PathBuf],
    output: &Path,
    (options, how): (&SuperbiasOptions, &OcrrejectOptions),
    progress: &dyn Progress,
    work: impl FnOnce(&BiasFrames, &References, &OcrrejectOptions) -> Result<Superbias>,
) -> Result<Made<SuperbiasReport>> {
    let begin = Instant::now();
    check_output(inputs, output, options.overwrite)?;
    // Which pixels of a frame were rejected is written nowhere.
    let how = OcrrejectOptions {
        crmask: Some(false),
        ..how.clone()
    };
    let open = |path: &PathBuf| Ok(Exposure::open(path)?);
    let exposures = inputs.iter().map(open).collect::<Result<Vec<_>>>()?;
    let references = references_of(&exposures, options, how.is_complete())?;
    progress.start("combining bias frames", None);
    let sources: Vec<BiasSource<'_>> = exposures
        .into_iter()
        .zip(&references)
        .map(|(exposure, references)| BiasSource {
            exposure,
            name: None,
            references,
        })
        .collect();
    let made = BiasFrames::open(&sources)
        .map_err(Error::from)
        .and_then(|frames| {
            crate::progress::go_on(progress)?;
            let first = references.first().ok_or(firstlight_calibrate::Error::NoDarks)?;
            work(&frames, first, &how)
        });
    progress.finish();
    let made = made?;
    product::write(&made.image, output, options.overwrite.into())?;
    Ok(Made {
        path: output.to_owned(),
        report: made.report,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// The files of each frame: CRREJTAB of the first, unless all parameters are given; of raw ones CCDTAB and, where it is
/// named, BPIXTAB.
fn references_of(
    exposures: &[Exposure],
    options: &SuperbiasOptions,
    knows_rejection: bool,
) -> Result<Vec<References>> {
    let crrejtab = Wanted::new("CRCORR", "CRREJTAB", options.crrejtab.as_deref());
    let of_frame = |primary: &Header| match Switch::of(primary, "BLEVCORR") {
        Switch::Complete => Vec::new(),
        _ => vec![
            Wanted::new("BLEVCORR", "CCDTAB", None),
            Wanted::optional("DQICORR", "BPIXTAB"),
        ],
    };
    let crrejtab = (!knows_rejection).then_some(crrejtab);
    open_of_frames(exposures, crrejtab, of_frame, options.ref_dir.clone())
}
