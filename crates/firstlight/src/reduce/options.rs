//! What is asked of a night.

use crate::ccd::{CcdProcessOptions, CosmicRays, LacosmicOptions};
use crate::combine::{Clip, Method};
use crate::{Error, Result};
use firstlight_mosaic::Bytes;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A kind of master.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum MasterKind {
    /// The level without light and time.
    Bias,
    /// What time adds without light.
    Dark,
    /// How bright a screen or the sky is seen, through a filter.
    Flat,
    /// What the sky's lines make in a thin detector, through a filter; it is given, not made.
    Fringe,
}

/// How a night is reduced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ReduceOptions {
    /// Files that are biases, whatever their headers say: patterns for their names, or for their paths within the night, as
    /// 'bias*' or 'cal/d100?.fits'; to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub bias_files: Vec<String>,
    /// The same for darks.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub dark_files: Vec<String>,
    /// The same for flats.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub flat_files: Vec<String>,
    /// The same for frames of the sky.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub science_files: Vec<String>,
    /// Files that are left alone.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub ignore_files: Vec<String>,
    /// A master bias that is there already, for all frames; none is made then.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub bias: Option<PathBuf>,
    /// A master dark that is there already, of which the bias was subtracted.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub dark: Option<PathBuf>,
    /// A master flat that is there already, as V=flat_V.fits; to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILTER=FILE"))]
    pub flat: Vec<String>,
    /// Fringe frame of a filter, as I=fringe_I.fits, whose scale is fitted in each of its frames of the sky, and which is subtracted
    /// from them; to be repeated. Frames of other filters have no fringes.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILTER=FILE"))]
    pub fringe: Vec<String>,
    /// Masters that may be missing: frames that have none are reduced without, rather than refused. Darks may be missing
    /// from a night that has none at all, fringe frames from filters that none was given for.
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_delimiter = ','))]
    pub without: Vec<MasterKind>,
    /// Stop before any work where a frame has no master, rather than go on with the others.
    #[cfg_attr(feature = "clap", arg(long))]
    pub stop: bool,
    /// Make masters of the frames of all nights together, rather than of each night; frames get those of the night that is
    /// nearest.
    #[cfg_attr(feature = "clap", arg(long))]
    pub one_set: bool,
    /// Most by which the CCD of a frame may be warmer or colder than that of its dark, °C.
    #[cfg_attr(feature = "clap", arg(long, value_name = "DEGREES", default_value_t = ReduceOptions::default().temperature_tolerance))]
    pub temperature_tolerance: f64,
    /// Take the dark of the nearest temperature where none is within the tolerance.
    #[cfg_attr(feature = "clap", arg(long))]
    pub nearest: bool,
    /// Keyword of the filter [default: FILTER, FILTNAM, FILTERID, FILTER1, INSFILTE, whichever is there].
    #[cfg_attr(feature = "clap", arg(long, value_name = "KEYWORD"))]
    pub filter_key: Option<String>,
    /// Keyword of the exposure time, s [default: EXPTIME, EXPOSURE, EXP_TIME, whichever is there].
    #[cfg_attr(feature = "clap", arg(long, value_name = "KEYWORD"))]
    pub exposure_key: Option<String>,
    /// Keyword of the CCD's temperature, °C [default: CCD-TEMP, CCDTEMP, DET-TEMP, TEMPDET, CAMTEMP, whichever is there].
    #[cfg_attr(feature = "clap", arg(long, value_name = "KEYWORD"))]
    pub temperature_key: Option<String>,
    /// Section of the overscan, or a keyword that holds one; 'auto' is BIASSEC, or the columns or rows that DATASEC leaves
    /// out; 'none' leaves it alone.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTION|KEYWORD", default_value_t = ReduceOptions::default().overscan))]
    pub overscan: String,
    /// Section that is kept, or a keyword that holds one; 'auto' is TRIMSEC, or DATASEC; 'none' keeps all.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTION|KEYWORD", default_value_t = ReduceOptions::default().trim))]
    pub trim: String,
    /// Gain, electrons per adu, or a keyword that holds it, as EGAIN; products are in electrons then.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E_PER_ADU|KEYWORD"))]
    pub gain: Option<String>,
    /// Readout noise, electrons, or a keyword that holds it: an uncertainty is made of it and of the shot noise.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ELECTRONS|KEYWORD"))]
    pub readnoise: Option<String>,
    /// Raw samples of this and above are flagged as saturated, adu.
    #[cfg_attr(feature = "clap", arg(long, value_name = "LEVEL"))]
    pub saturation: Option<f64>,
    /// Mask of bad pixels: an image that is not zero where a pixel is bad.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub bad_pixel_mask: Option<PathBuf>,
    /// Correction of the non-linearity of darks, flats and frames of the sky, C1,C2,...: true = x (C1 + C2 x + C3 x^2 + ...), x
    /// the level above the bias, adu. Of one amplifier '[1:512,*]=C1,C2', its section in the trimmed frame; to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "C1,C2,..."))]
    pub linearity: Vec<String>,
    /// Highest level above the bias, adu, that the correction of the non-linearity is known to; pixels above it are flagged, and
    /// get its factor [default: where the correction begins to fall].
    #[cfg_attr(feature = "clap", arg(long, value_name = "LEVEL", requires = "linearity"))]
    pub linearity_limit: Option<f64>,
    /// Find the cosmic rays of frames of the sky by L.A.Cosmic, flag and replace them, before fringes and background are
    /// subtracted; it needs --readnoise.
    #[cfg_attr(feature = "clap", arg(long))]
    pub lacosmic: bool,
    /// Least signal to noise of the Laplacian of a cosmic ray.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = ReduceOptions::default().sigclip))]
    pub sigclip: f64,
    /// Least contrast between Laplacian and fine structure of a cosmic ray; more where the cores of stars are flagged.
    #[cfg_attr(feature = "clap", arg(long, value_name = "CONTRAST", default_value_t = ReduceOptions::default().objlim))]
    pub objlim: f64,
    /// Flag cosmic rays in the mask, but leave their samples as they are.
    #[cfg_attr(feature = "clap", arg(long, alias = "flag_only"))]
    pub flag_only: bool,
    /// Subtract the background of frames of the sky: sides of the boxes whose levels a smooth surface goes through, pixels, or
    /// 'frame' for one level.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOX|frame"))]
    pub background: Option<String>,
    /// What masters are of their frames.
    #[cfg_attr(feature = "clap", arg(long, short, value_enum, default_value_t = ReduceOptions::default().method))]
    pub method: Method,
    /// Which samples masters leave out, sigma or mad.
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_delimiter = ','))]
    pub clip: Vec<Clip>,
    /// Limits of --clip, in standard deviations.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = ReduceOptions::default().clip_sigma))]
    pub clip_sigma: f64,
    /// Memory for samples when masters are made, as in "800M" or "12G" [default: 1G].
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIZE"))]
    pub max_memory: Option<Bytes>,
    /// No report page.
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_page: bool,
    /// Do everything again, and replace files that were not made by an earlier run.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for ReduceOptions {
    fn default() -> Self {
        Self {
            bias_files: Vec::new(),
            dark_files: Vec::new(),
            flat_files: Vec::new(),
            science_files: Vec::new(),
            ignore_files: Vec::new(),
            bias: None,
            dark: None,
            flat: Vec::new(),
            fringe: Vec::new(),
            without: Vec::new(),
            stop: false,
            one_set: false,
            temperature_tolerance: 0.5,
            nearest: false,
            filter_key: None,
            exposure_key: None,
            temperature_key: None,
            overscan: "auto".to_owned(),
            trim: "auto".to_owned(),
            gain: None,
            readnoise: None,
            saturation: None,
            bad_pixel_mask: None,
            linearity: Vec::new(),
            linearity_limit: None,
            lacosmic: false,
            sigclip: LacosmicOptions::default().sigclip,
            objlim: LacosmicOptions::default().objlim,
            flag_only: false,
            background: None,
            method: Method::Median,
            clip: Vec::new(),
            clip_sigma: 5.0,
            max_memory: None,
            no_page: false,
            overwrite: false,
        }
    }
}

impl ReduceOptions {
    /// Refuses what cannot be meant, before any file is opened.
    pub(super) fn check(&self) -> Result<()> {
        let usage = |text: &str| Err(Error::Usage(text.to_owned()));
        if self.temperature_tolerance.is_nan() || self.temperature_tolerance < 0.0 {
            return usage("--temperature-tolerance has to be a number of at least 0, °C");
        }
        if self.clip_sigma.is_nan() || self.clip_sigma <= 0.0 {
            return usage("--clip-sigma has to be a number above 0");
        }
        if self
            .clip
            .iter()
            .any(|clip| !matches!(clip, Clip::Sigma | Clip::Mad))
        {
            return usage(
                "masters of a night are clipped by sigma or mad; others are made with 'firstlight combine'",
            );
        }
        crate::ccd::check(&CcdProcessOptions {
            linearity: self.linearity.clone(),
            linearity_limit: self.linearity_limit,
            background: self.background.clone(),
            ..Default::default()
        })?;
        self.check_cosmic_rays()?;
        self.given_fringes()?;
        self.given_flats().map(|_| ())
    }

    fn check_cosmic_rays(&self) -> Result<()> {
        let Some(rays) = self.cosmic_rays() else {
            let usual = Self::default();
            let given = [
                ("--sigclip", self.sigclip != usual.sigclip),
                ("--objlim", self.objlim != usual.objlim),
                ("--flag-only", self.flag_only),
            ];
            return match given.iter().find(|(_, given)| *given) {
                None => Ok(()),
                Some((name, _)) => Err(Error::Usage(format!(
                    "{name} is of --lacosmic, which is not asked for"
                ))),
            };
        };
        if self.readnoise.is_none() {
            return Err(crate::ccd::without_readnoise());
        }
        Ok(rays.how.check()?)
    }

    /// What is done about the cosmic rays of frames of the sky, whose readout noise each has itself.
    pub(super) fn cosmic_rays(&self) -> Option<CosmicRays> {
        self.lacosmic.then(|| CosmicRays {
            how: LacosmicOptions {
                sigclip: self.sigclip,
                objlim: self.objlim,
                ..LacosmicOptions::default()
            },
            flag_only: self.flag_only,
        })
    }

    /// The filters and files of `--flat`.
    pub(super) fn given_flats(&self) -> Result<Vec<(String, PathBuf)>> {
        by_filter("flat", &self.flat)
    }

    /// The filters and files of `--fringe`.
    pub(super) fn given_fringes(&self) -> Result<Vec<(String, PathBuf)>> {
        by_filter("fringe", &self.fringe)
    }

    /// Whether a frame may do without a kind of master.
    pub(super) fn may_lack(&self, kind: MasterKind) -> bool {
        self.without.contains(&kind)
    }
}

/// Files of filters, as `V=flat_V.fits`.
fn by_filter(option: &str, given: &[String]) -> Result<Vec<(String, PathBuf)>> {
    let parted = given.iter().map(|text| match text.split_once('=') {
        Some((filter, file)) if !filter.trim().is_empty() && !file.is_empty() => {
            Ok((filter.trim().to_owned(), PathBuf::from(file)))
        }
        _ => Err(Error::Usage(format!(
            "--{option} '{text}' is no FILTER=FILE, as in V={option}_V.fits"
        ))),
    });
    parted.collect()
}
