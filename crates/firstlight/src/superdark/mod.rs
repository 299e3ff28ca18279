//! Dark reference images from dark frames, of the CCDs of STIS and ACS and of any other: the baseline of an anneal period, and
//! the dark of a week.

mod anneals;
mod cameras;
mod candidates;
mod exposure;
mod hot;
mod periods;

pub use anneals::AnnealTable;
pub use candidates::{DarkSetup, LeftOut};
pub use exposure::{ForExposure, superdark_for};
pub use periods::{DarkOfPeriod, Period, PeriodOptions, PeriodsReport, Week, periods};

use crate::output::{check_output, refuse_existing};
use crate::stis::Made;
use crate::{Error, Progress, Result};
use firstlight_calibrate::superdark::{Baseline, Camera};
use firstlight_frame::Frame;
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
    /// Bias image for raw darks, in place of the one that each header names; for those of other CCDs than Hubble's the master
    /// bias that is in them.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub bias: Option<PathBuf>,
    /// CRREJTAB to take the parameters of rejection from; of STIS in place of the one that the first dark's header names.
    /// Without one, those of ACS and other CCDs are 6.5, 5.5 and 4.5 sigma from the minimum, without sky.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub crrejtab: Option<PathBuf>,
    /// Darks of shorter exposure are left out, s; without it all that are given are combined.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub min_exptime: Option<f64>,
    /// Gain of darks of other CCDs than Hubble's, electrons per adu, or a keyword that holds it [default: EGAIN].
    #[cfg_attr(feature = "clap", arg(long, value_name = "E_PER_ADU|KEYWORD"))]
    pub gain: Option<String>,
    /// Their readout noise, electrons, or a keyword that holds it [default: RDNOISE, READNOIS or RON].
    #[cfg_attr(
        feature = "clap",
        arg(long, visible_alias = "read-noise", value_name = "ELECTRONS|KEYWORD")
    )]
    pub readnoise: Option<String>,
    /// The keyword of their exposure time, s [default: EXPTIME].
    #[cfg_attr(feature = "clap", arg(long, value_name = "KEYWORD"))]
    pub exposure_key: Option<String>,
    /// There is no bias in them any more, though their headers do not say so.
    #[cfg_attr(feature = "clap", arg(long))]
    pub without_bias: bool,
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

impl SuperdarkOptions {
    fn exposure_key(&self) -> &str {
        self.exposure_key.as_deref().unwrap_or("EXPTIME")
    }

    /// Refuses what means nothing to a camera.
    fn check(&self, camera: Camera) -> Result<()> {
        let of_others = [
            ("gain", self.gain.is_some()),
            ("readnoise", self.readnoise.is_some()),
            ("exposure_key", self.exposure_key.is_some()),
            ("without_bias", self.without_bias),
        ];
        let given = of_others.into_iter().find(|(_, is_given)| *is_given);
        if let Some((option, _)) = given.filter(|_| camera != Camera::Ccd) {
            return Err(Error::Usage(format!(
                "{option} is of darks of other CCDs; those of STIS and ACS tell it themselves"
            )));
        }
        if self.without_bias && self.bias.is_some() {
            return Err(Error::Usage(
                "a bias is given (bias), and that there is none in the darks (without_bias)".to_owned(),
            ));
        }
        Ok(())
    }
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

/// Makes the baseline dark of the long darks of an anneal period, calibrated (`_flt`) or raw. They are not changed. Of other
/// CCDs than Hubble's it is a dark of one second, in the unit of the frames.
///
/// # Errors
/// Before any work: [`Error::OutputExists`], [`Error::MissingReferences`]; [`Error::Contradiction`] for darks of other CCDs
/// whose gain, noise, time or bias is not known; everything that [`firstlight_calibrate::superdark::Darks`] refuses.
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
/// As [`basedark`], with those of [`firstlight_calibrate::superdark::brought_up`].
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

/// The baseline that a week's dark is made of, one frame for each chip, and its file's name.
struct Base {
    name: String,
    frames: Vec<Frame>,
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
    let opened = cameras::open(inputs, output, options, how, progress)?;
    let base = base.map(|path| cameras::open_base(path, &opened)).transpose()?;
    crate::progress::go_on(progress)?;
    progress.start("combining darks", None);
    let made = match &base {
        None => opened.darks.basedark(&opened.references, how),
        Some(base) => opened.darks.weekdark(&base.baselines(), &opened.references, how),
    };
    progress.finish();
    let made = made?;
    cameras::write(&made, opened.camera, output, options)?;
    hot::write(&made, base.as_ref(), output, options)?;
    Ok(MadeSuperdark {
        made: Made {
            path: output.to_owned(),
            report: made.report,
            seconds: begin.elapsed().as_secs_f64(),
        },
        left_out: opened.left_out,
    })
}

impl Base {
    fn baselines(&self) -> Vec<Baseline<'_>> {
        let one = |frame| Baseline {
            name: &self.name,
            frame,
        };
        self.frames.iter().map(one).collect()
    }
}
