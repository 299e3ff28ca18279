//! Dark reference images of the STIS CCD from dark frames: the baseline of an anneal period, and the dark of a week.

mod candidates;
mod exposure;
mod hot;
mod periods;

pub use candidates::{DarkSetup, LeftOut};
pub use exposure::{ForExposure, superdark_for};
pub use periods::{DarkOfPeriod, Period, PeriodOptions, PeriodsReport, Week, periods};

use crate::calibrate::product;
use crate::output::{check_output, refuse_existing};
use crate::stis::Made;
use crate::stis::reference_files::{Wanted, open_of_frames};
use crate::{Error, Progress, Result};
use firstlight_calibrate::References;
use firstlight_calibrate::superdark::{Baseline, DarkFrames, DarkSource};
use firstlight_fits::Header;
use firstlight_frame::{Exposure, Frame, Switch};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use firstlight_calibrate::stis::ocrreject::OcrrejectOptions;
pub use firstlight_calibrate::superdark::{HotChange, HotCount, HotPixels, SuperdarkReport};

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
    /// Darks of shorter exposure are left out, s; without it all that are given are combined.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub min_exptime: Option<f64>,
    /// Write the numbers of hot pixels above some rates as a table: CSV, ECSV, FITS or JSON by its name.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub hot_table: Option<PathBuf>,
    /// Draw the superdark and its hot pixels: PNG or SVG by its name.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub figure: Option<PathBuf>,
    /// Folder of reference files, looked into before oref of the environment, the CRDS cache and the folder of the
    /// dark.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

/// A superdark, and what it was made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MadeSuperdark {
    /// The file and what was measured.
    #[serde(flatten)]
    pub made: Made<SuperdarkReport>,
    /// Darks that were left out, with the reasons.
    pub left_out: Vec<LeftOut>,
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
) -> Result<MadeSuperdark> {
    make(inputs, None, output, options, how, progress)
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
) -> Result<MadeSuperdark> {
    make(inputs, Some(base), output, options, how, progress)
}

/// The baseline that a week's dark is made of, and its file's name.
struct Base {
    name: String,
    frame: Frame,
}

fn make(
    inputs: &[PathBuf],
    base: Option<&Path>,
    output: &Path,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<MadeSuperdark> {
    let begin = Instant::now();
    check_output(inputs, output, options.overwrite)?;
    refuse_existing(
        [&options.figure, &options.hot_table].into_iter().flatten(),
        options.overwrite,
    )?;
    if let Some(figure) = &options.figure {
        firstlight_look::Format::of(figure)?;
    }
    // Which pixels of a dark were rejected is written nowhere.
    let how = &OcrrejectOptions {
        crmask: Some(false),
        ..how.clone()
    };
    let (exposures, left_out) = open(inputs, options.min_exptime)?;
    let references = references_of(&exposures, options, how.is_complete())?;
    let base = base.map(Base::open).transpose()?;
    progress.start("combining darks", None);
    let darks: Vec<DarkSource<'_>> = exposures
        .into_iter()
        .zip(&references)
        .map(|(exposure, references)| DarkSource { exposure, references })
        .collect();
    let made = DarkFrames::open(&darks).map_err(Error::from).and_then(|frames| {
        crate::progress::go_on(progress)?;
        let first = references.first().ok_or(firstlight_calibrate::Error::NoDarks)?;
        Ok(match &base {
            None => firstlight_calibrate::superdark::basedark(&frames, first, how)?,
            Some(base) => firstlight_calibrate::superdark::weekdark(&frames, base.baseline(), first, how)?,
        })
    });
    progress.finish();
    let made = made?;
    product::write(&made.image, output, options.overwrite.into())?;
    hot::write(&made, base.as_ref(), output, options)?;
    Ok(MadeSuperdark {
        made: Made {
            path: output.to_owned(),
            report: made.report,
            seconds: begin.elapsed().as_secs_f64(),
        },
        left_out,
    })
}

impl Base {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            name: crate::input::file_name(path),
            frame: Exposure::open(path)?.load(1)?,
        })
    }

    fn baseline(&self) -> Baseline<'_> {
        Baseline {
            name: &self.name,
            frame: &self.frame,
        }
    }
}

/// Opens darks, without those of too short an exposure.
fn open(inputs: &[PathBuf], min_exptime_s: Option<f64>) -> Result<(Vec<Exposure>, Vec<LeftOut>)> {
    let (mut exposures, mut left_out) = (Vec::with_capacity(inputs.len()), Vec::new());
    for path in inputs {
        let exposure = Exposure::open(path)?;
        match min_exptime_s.and_then(|least| candidates::too_short(&exposure, least)) {
            Some(reason) => left_out.push(LeftOut::new(path, reason)),
            None => exposures.push(exposure),
        }
    }
    Ok((exposures, left_out))
}

/// The files of each dark: CRREJTAB of the first, unless all parameters are given; of raw ones CCDTAB, BIASFILE and,
/// where it is named, BPIXTAB.
fn references_of(
    exposures: &[Exposure],
    options: &SuperdarkOptions,
    knows_rejection: bool,
) -> Result<Vec<References>> {
    let crrejtab = Wanted::new("CRCORR", "CRREJTAB", options.crrejtab.as_deref());
    let of_frame = |primary: &Header| {
        let done = |switch| Switch::of(primary, switch) == Switch::Complete;
        match done("BLEVCORR") && done("BIASCORR") {
            true => Vec::new(),
            false => vec![
                Wanted::new("BLEVCORR", "CCDTAB", None),
                Wanted::new("BIASCORR", "BIASFILE", options.bias.as_deref()),
                Wanted::optional("DQICORR", "BPIXTAB"),
            ],
        }
    };
    let crrejtab = (!knows_rejection).then_some(crrejtab);
    open_of_frames(exposures, crrejtab, of_frame, options.ref_dir.clone())
}
