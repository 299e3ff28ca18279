//! What is to be done to frames, and with which masters.

use super::open::CcdOpenOptions;
use firstlight_calibrate::ccd::SkyStatistic;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The steps of a frame. Those that are not asked for are not done; the order is that of ccdproc's `ccd_process`, with the
/// non-linearity after the bias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CcdProcessOptions {
    /// Section of the bias level: as in '[1025:1056,1:1024]' (columns first, counted from 1), or a keyword that holds one,
    /// as BIASSEC.
    #[cfg_attr(feature = "clap", arg(long, alias = "oscan", value_name = "SECTION|KEYWORD"))]
    pub overscan: Option<String>,
    /// The median of each row of the overscan, rather than the mean.
    #[cfg_attr(feature = "clap", arg(long, alias = "oscan_median", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = CcdProcessOptions::default().oscan_median, action = clap::ArgAction::Set))]
    pub oscan_median: bool,
    /// Order of a polynomial that is fitted along the overscan and stands for its levels; 0 is one level for the frame.
    #[cfg_attr(feature = "clap", arg(long, aliases = ["model", "oscan_model"], value_name = "ORDER"))]
    pub oscan_model: Option<usize>,
    /// Axis along which the overscan is combined: 1 for a level per row, 0 for a level per column.
    #[cfg_attr(feature = "clap", arg(long, alias = "overscan_axis", value_name = "AXIS", default_value_t = CcdProcessOptions::default().overscan_axis))]
    pub overscan_axis: usize,
    /// Section that is kept, or a keyword that holds one, as TRIMSEC or DATASEC.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTION|KEYWORD"))]
    pub trim: Option<String>,
    /// Gain, electrons per adu, or a keyword that holds it; products are in electrons then.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E_PER_ADU|KEYWORD"))]
    pub gain: Option<String>,
    /// Readout noise, electrons, or a keyword that holds it: an uncertainty is made of it and of the shot noise.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ELECTRONS|KEYWORD"))]
    pub readnoise: Option<String>,
    /// Raw samples of this and above are flagged as saturated, in the unit of the raw frame. A flat most of which is so is
    /// refused.
    #[cfg_attr(feature = "clap", arg(long, value_name = "LEVEL"))]
    pub saturation: Option<f64>,
    /// Mask of bad pixels: an image that is not zero where a pixel is bad.
    #[cfg_attr(feature = "clap", arg(long, alias = "bad_pixel_mask", value_name = "FILE"))]
    pub bad_pixel_mask: Option<PathBuf>,
    /// Master bias that is subtracted.
    #[cfg_attr(feature = "clap", arg(long, aliases = ["master_bias", "master-bias"], value_name = "FILE"))]
    pub bias: Option<PathBuf>,
    /// Correction of the non-linearity, C1,C2,...: true = x (C1 + C2 x + C3 x^2 + ...), x the level above the bias, adu. Of one
    /// amplifier '[1:512,*]=C1,C2', its section in the trimmed frame; to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "C1,C2,..."))]
    pub linearity: Vec<String>,
    /// Highest level above the bias, adu, that the correction of the non-linearity is known to; pixels above it are flagged, and
    /// get its factor [default: where the correction begins to fall].
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "linearity_limit", value_name = "LEVEL", requires = "linearity")
    )]
    pub linearity_limit: Option<f64>,
    /// Master dark that is subtracted.
    #[cfg_attr(feature = "clap", arg(long, aliases = ["dark_frame", "dark-frame"], value_name = "FILE"))]
    pub dark: Option<PathBuf>,
    /// Multiply the dark by the ratio of exposure times, frame over dark. Without it times that differ are an error.
    #[cfg_attr(feature = "clap", arg(long, alias = "dark_scale"))]
    pub dark_scale: bool,
    /// Keyword of the exposure time, s.
    #[cfg_attr(feature = "clap", arg(long, alias = "exposure_key", value_name = "KEYWORD", default_value_t = CcdProcessOptions::default().exposure_key))]
    pub exposure_key: String,
    /// Exposure time of the frames, s, in place of that of their headers.
    #[cfg_attr(feature = "clap", arg(long, alias = "data_exposure", value_name = "SECONDS"))]
    pub data_exposure: Option<f64>,
    /// Exposure time of the dark, s, in place of that of its header.
    #[cfg_attr(feature = "clap", arg(long, alias = "dark_exposure", value_name = "SECONDS"))]
    pub dark_exposure: Option<f64>,
    /// Master flat that frames are divided by, normalised.
    #[cfg_attr(feature = "clap", arg(long, aliases = ["master_flat", "master-flat"], value_name = "FILE"))]
    pub flat: Option<PathBuf>,
    /// Samples of the flat below this, in its unit, are taken to be this, and flagged.
    #[cfg_attr(feature = "clap", arg(long, alias = "min_value", value_name = "LEVEL"))]
    pub min_value: Option<f64>,
    /// Level that the flat is divided by, in its unit, in place of the mean of its good samples.
    #[cfg_attr(feature = "clap", arg(long, alias = "norm_value", value_name = "LEVEL"))]
    pub norm_value: Option<f64>,
    /// The flat's level is the median of its good samples, rather than the mean.
    #[cfg_attr(feature = "clap", arg(long, alias = "norm_median"))]
    pub norm_median: bool,
    /// Section in which the flat's level is measured.
    #[cfg_attr(feature = "clap", arg(long, alias = "norm_section", value_name = "SECTION"))]
    pub norm_section: Option<String>,
    /// Sections of the amplifiers, each of which the flat is normalised in by itself; to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTION"))]
    pub amplifier: Vec<String>,
    /// Fringe frame that is subtracted, scaled; in the unit of the products, or without one.
    #[cfg_attr(feature = "clap", arg(long, aliases = ["fringe_frame", "fringe-frame"], value_name = "FILE"))]
    pub fringe: Option<PathBuf>,
    /// Scale of the fringe frame [default: fitted in each frame].
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            alias = "fringe_scale",
            value_name = "SCALE",
            requires = "fringe",
            allow_negative_numbers = true
        )
    )]
    pub fringe_scale: Option<f64>,
    /// Sides of the boxes, pixels, in which the sky is a plane when the fringe frame is fitted.
    #[cfg_attr(feature = "clap", arg(long, alias = "fringe_box", value_name = "PIXELS", default_value_t = CcdProcessOptions::default().fringe_box))]
    pub fringe_box: usize,
    /// Subtract the background last: sides of the boxes whose levels a smooth surface goes through, pixels, or 'frame' for one
    /// level.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOX|frame"))]
    pub background: Option<String>,
    /// Which statistic of a box's samples is its level.
    #[cfg_attr(feature = "clap", arg(long, alias = "background_statistic", value_enum, default_value_t = CcdProcessOptions::default().background_statistic))]
    pub background_statistic: SkyStatistic,
    /// Each box gets the median of so many boxes by so many: an odd number; 1 leaves them as they are.
    #[cfg_attr(feature = "clap", arg(long, alias = "background_filter", value_name = "BOXES", default_value_t = CcdProcessOptions::default().background_filter))]
    pub background_filter: usize,
    /// Masters are in electrons, and the gain comes before them [default: as BUNIT of the masters says].
    #[cfg_attr(feature = "clap", arg(long, alias = "gain_corrected", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub gain_corrected: Option<bool>,
    /// Which image of a file is the frame.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub open: CcdOpenOptions,
    /// Replace products that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for CcdProcessOptions {
    fn default() -> Self {
        Self {
            overscan: None,
            oscan_median: true,
            oscan_model: None,
            overscan_axis: 1,
            trim: None,
            gain: None,
            readnoise: None,
            saturation: None,
            bad_pixel_mask: None,
            bias: None,
            linearity: Vec::new(),
            linearity_limit: None,
            dark: None,
            dark_scale: false,
            exposure_key: "EXPTIME".to_owned(),
            data_exposure: None,
            dark_exposure: None,
            flat: None,
            min_value: None,
            norm_value: None,
            norm_median: false,
            norm_section: None,
            amplifier: Vec::new(),
            fringe: None,
            fringe_scale: None,
            fringe_box: 128,
            background: None,
            background_statistic: SkyStatistic::Median,
            background_filter: 3,
            gain_corrected: None,
            open: CcdOpenOptions::default(),
            overwrite: false,
        }
    }
}
