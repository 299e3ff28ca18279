//! Dark reference images of the STIS CCD from dark frames: the baseline of an anneal period, and the dark of a week.

use crate::calibrate::product;
use crate::references::References as Places;
use crate::stis::reference_files::{self, Wanted};
use crate::stis::{Made, check_output};
use crate::{Error, Progress, Result};
use firstlight_calibrate::References;
use firstlight_calibrate::superdark::{Baseline, DarkFrames, DarkSource, Superdark};
use firstlight_frame::{Exposure, Switch};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_calibrate::stis::ocrreject::OcrrejectOptions;
pub use firstlight_calibrate::superdark::{HotPixels, SuperdarkReport};

/// What the superdarks have in common, beside the rejection of cosmic rays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SuperdarkOptions {
    /// Bias image for raw darks, in place of the one that each header names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub bias: Option<PathBuf>,
    /// CRREJTAB to take the parameters of rejection from, in place of the one that the first dark's header names.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub crrejtab: Option<PathBuf>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// dark.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// Makes the baseline dark of the long darks of an anneal period, calibrated (`_flt`) or raw. They are not changed.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; everything that
/// [`firstlight_calibrate::superdark::basedark`] refuses.
pub fn basedark(
    inputs: &[PathBuf],
    output: &Path,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<SuperdarkReport>> {
    make(inputs, output, options, how, progress, |darks, references| {
        Ok(firstlight_calibrate::superdark::basedark(darks, references, how)?)
    })
}

/// Makes the dark of a week of its darks and a baseline dark, `base`. None of them is changed.
///
/// # Errors
/// As [`basedark`], with those of [`firstlight_calibrate::superdark::weekdark`].
pub fn weekdark(
    inputs: &[PathBuf],
    base: &Path,
    output: &Path,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Made<SuperdarkReport>> {
    make(inputs, output, options, how, progress, |darks, references| {
        let baseline = Exposure::open(base)?;
        let name = base.file_name().unwrap_or_default().to_string_lossy();
        let frame = baseline.load(1)?;
        let baseline = Baseline {
            name: &name,
            frame: &frame,
        };
        Ok(firstlight_calibrate::superdark::weekdark(
            darks, baseline, references, how,
        )?)
    })
}

fn make(
    inputs: &[PathBuf],
    output: &Path,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
    work: impl FnOnce(&DarkFrames, &References) -> Result<Superdark>,
) -> Result<Made<SuperdarkReport>> {
    let begin = Instant::now();
    check_output(inputs, output, options.overwrite)?;
    let exposures = inputs
        .iter()
        .map(|path| Ok(Exposure::open(path)?))
        .collect::<Result<Vec<_>>>()?;
    let references = references_of(&exposures, options, how.is_complete())?;
    progress.start("combining darks", None);
    let darks: Vec<DarkSource<'_>> = exposures
        .into_iter()
        .zip(&references)
        .map(|(exposure, references)| DarkSource { exposure, references })
        .collect();
    let made = DarkFrames::open(&darks).map_err(Error::from).and_then(|frames| {
        crate::progress::go_on(progress)?;
        match references.first() {
            Some(first) => work(&frames, first),
            None => Err(firstlight_calibrate::Error::NoDarks.into()),
        }
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

/// The files of each dark: CRREJTAB of the first, unless all parameters are given; of raw ones CCDTAB, BIASFILE and,
/// where it is named, BPIXTAB.
fn references_of(
    exposures: &[Exposure],
    options: &SuperdarkOptions,
    knows_rejection: bool,
) -> Result<Vec<References>> {
    let places = Places::of_process().with_folder(options.ref_dir.clone());
    let mut missing = Vec::new();
    let mut all = Vec::with_capacity(exposures.len());
    for (at, exposure) in exposures.iter().enumerate() {
        let mut wanted = Vec::new();
        if at == 0 && !knows_rejection {
            wanted.push(Wanted::new("CRCORR", "CRREJTAB", options.crrejtab.as_deref()));
        }
        let done = |switch| Switch::of(exposure.primary(), switch) == Switch::Complete;
        if !done("BLEVCORR") || !done("BIASCORR") {
            wanted.push(Wanted::new("BLEVCORR", "CCDTAB", None));
            wanted.push(Wanted::new("BIASCORR", "BIASFILE", options.bias.as_deref()));
            wanted.push(Wanted::optional("DQICORR", "BPIXTAB"));
        }
        let dark = (exposure.path(), exposure.primary());
        all.push(reference_files::open(dark, &wanted, &places, &mut missing)?);
    }
    reference_files::refuse(missing)?;
    Ok(all)
}
