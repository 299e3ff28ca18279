//! What is measured of a series of frames, and how.

use firstlight_measure::BackgroundStatistic;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a light curve is freed of by least squares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Detrend {
    /// A line along the airmass (AIRMASS or SECZ of the headers).
    Airmass,
    /// A line along time.
    Linear,
    /// A line along the star's column.
    X,
    /// A line along its row.
    Y,
    /// A line along the width of the frame's stars.
    Fwhm,
    /// A line along the sky.
    Sky,
}

/// Which stars are followed, and how they are measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct TimeseriesOptions {
    /// Stars whose light curves are wanted: x,y on the reference (0-based), or a table with columns x and y; to be
    /// repeated.
    #[cfg_attr(feature = "clap", arg(long, required = true, value_name = "X,Y|FILE"))]
    pub targets: Vec<String>,
    /// Stars that they are compared with, told in the same way [default: bright ones that do not vary].
    #[cfg_attr(feature = "clap", arg(long, value_name = "X,Y|FILE"))]
    pub comparisons: Vec<String>,
    /// How many comparison stars are chosen where none are given.
    #[cfg_attr(feature = "clap", arg(long, alias = "max_comparisons", value_name = "STARS", default_value_t = TimeseriesOptions::default().max_comparisons))]
    pub max_comparisons: usize,
    /// The frames stand on the reference's pixels already, and are not registered.
    #[cfg_attr(feature = "clap", arg(long))]
    pub registered: bool,
    /// Table of maps, as 'register' writes it, in place of registering the frames now.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "TABLE", conflicts_with = "registered")
    )]
    pub transforms: Option<PathBuf>,
    /// Radius of the aperture, pixels [default: that of --radius-fwhm].
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS"))]
    pub radius: Option<f64>,
    /// Radius of the aperture, in full widths at half maximum of the frame's stars.
    #[cfg_attr(feature = "clap", arg(long, alias = "radius_fwhm", value_name = "WIDTHS", default_value_t = TimeseriesOptions::default().radius_fwhm))]
    pub radius_fwhm: f64,
    /// Inner radius of the annulus of the sky, pixels [default: the aperture's and two widths].
    #[cfg_attr(feature = "clap", arg(long, alias = "sky_inner", value_name = "PIXELS"))]
    pub sky_inner: Option<f64>,
    /// Outer radius of the annulus of the sky, pixels [default: the inner one and four widths].
    #[cfg_attr(feature = "clap", arg(long, alias = "sky_outer", value_name = "PIXELS"))]
    pub sky_outer: Option<f64>,
    /// The statistic of the sky's pixels, outliers beyond three sigmas left out.
    #[cfg_attr(
        feature = "clap",
        arg(long, alias = "sky_statistic", value_enum, default_value_t = TimeseriesOptions::default().sky_statistic)
    )]
    pub sky_statistic: BackgroundStatistic,
    /// How far a star may be from where the registration puts it, pixels; farther ones count as lost. 0 takes the
    /// registration's places as they are [default: one width, 2 pixels at least].
    #[cfg_attr(feature = "clap", arg(long, alias = "max_drift", value_name = "PIXELS"))]
    pub max_drift: Option<f64>,
    /// Gain, electrons per unit of the frames, or a keyword that holds it; the shot noise of the stars needs it where the
    /// frames have no uncertainty and are not in electrons.
    #[cfg_attr(feature = "clap", arg(long, value_name = "E_PER_ADU|KEYWORD"))]
    pub gain: Option<String>,
    /// Keyword of the exposure time, s.
    #[cfg_attr(feature = "clap", arg(long, alias = "exposure_key", value_name = "KEYWORD", default_value_t = TimeseriesOptions::default().exposure_key))]
    pub exposure_key: String,
    /// Keyword of the time that exposures begin at, UTC [default: DATE-OBS with a time of day, else MJD-OBS, else JD].
    #[cfg_attr(feature = "clap", arg(long, alias = "time_key", value_name = "KEYWORD"))]
    pub time_key: Option<String>,
    /// Magnitude of a star that gives one unit a second.
    #[cfg_attr(feature = "clap", arg(long, value_name = "MAG", default_value_t = TimeseriesOptions::default().zeropoint))]
    pub zeropoint: f64,
    /// What the relative fluxes are freed of by least squares, into the column 'detrended'; several are parted by commas.
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_delimiter = ','))]
    pub detrend: Vec<Detrend>,
    /// Figure of the light curves (.png or .svg); to be repeated.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub figure: Vec<PathBuf>,
    /// Table of the light curves (.csv, .ecsv, .fits, .json).
    #[cfg_attr(feature = "clap", arg(short = 'o', long, value_name = "FILE"))]
    pub output: Option<PathBuf>,
    /// Replace table and figures that are there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for TimeseriesOptions {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            comparisons: Vec::new(),
            max_comparisons: 10,
            registered: false,
            transforms: None,
            radius: None,
            radius_fwhm: 1.5,
            sky_inner: None,
            sky_outer: None,
            sky_statistic: BackgroundStatistic::Mean,
            max_drift: None,
            gain: None,
            exposure_key: "EXPTIME".to_owned(),
            time_key: None,
            zeropoint: 25.0,
            detrend: Vec::new(),
            figure: Vec::new(),
            output: None,
            overwrite: false,
        }
    }
}

impl TimeseriesOptions {
    /// Refuses numbers that mean nothing.
    pub(super) fn check(&self) -> crate::Result<()> {
        let usage = |text: &str| Err(crate::Error::Usage(text.to_owned()));
        let positive = |number: f64| number.is_finite() && number > 0.0;
        if self.targets.is_empty() {
            return usage("no star is named whose light curve is wanted (--targets X,Y)");
        }
        if ![
            Some(self.radius_fwhm),
            self.radius,
            self.sky_inner,
            self.sky_outer,
        ]
        .into_iter()
        .flatten()
        .all(positive)
        {
            return usage("--radius, --radius-fwhm, --sky-inner and --sky-outer have to be above 0");
        }
        if let (Some(inner), Some(outer)) = (self.sky_inner, self.sky_outer)
            && inner >= outer
        {
            return usage("--sky-outer has to be larger than --sky-inner");
        }
        if self
            .max_drift
            .is_some_and(|drift| !(drift.is_finite() && drift >= 0.0))
        {
            return usage("--max-drift has to be 0 or more");
        }
        if self.registered && self.transforms.is_some() {
            return usage("--registered and --transforms exclude one another");
        }
        Ok(())
    }
}
