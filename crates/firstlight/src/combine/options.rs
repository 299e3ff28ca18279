//! How frames are combined.

use firstlight_mosaic::Bytes;
use firstlight_stats::stack::Combine;
use firstlight_stats::stack::combine::{Rejection, Uncertainty};
use firstlight_stats::{Centre, SigmaClip, Spread};
use serde::{Deserialize, Serialize};

/// What is made of the samples of a pixel that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Method {
    /// Their mean, weighted where there are weights.
    #[default]
    #[serde(alias = "average")]
    #[cfg_attr(feature = "clap", value(alias = "average"))]
    Mean,
    /// Their median, without weights.
    Median,
    /// Their sum, each times its weight where there are weights.
    Sum,
}

/// A kind of rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Clip {
    /// Samples farther from the centre of their pixel than so many standard deviations (--sigma-low, --sigma-high).
    Sigma,
    /// As sigma, in units of the scaled median absolute deviation, which outliers hardly touch.
    Mad,
    /// Samples outside of limits (--min, --max), which are those of a frame before it is scaled.
    Minmax,
    /// The lowest and highest samples of each pixel (--nlow, --nhigh).
    Extrema,
}

/// The centre of sigma clipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum CentreName {
    /// The mean of a pixel's samples.
    Mean,
    /// Their median.
    Median,
}

/// Where the uncertainty of a combined pixel comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum UncertaintyName {
    /// From how the samples scatter: their standard deviation over √n for a mean and times √n for a sum, 1.4826 times their
    /// median absolute deviation over √n for a median.
    #[default]
    Scatter,
    /// From the uncertainties of the frames, which all have to have them (UNCERT), as those of independent errors.
    Propagated,
    /// None is written.
    None,
}

impl From<Method> for Combine {
    fn from(method: Method) -> Self {
        match method {
            Method::Mean => Combine::Mean,
            Method::Median => Combine::Median,
            Method::Sum => Combine::Sum,
        }
    }
}

impl From<CentreName> for Centre {
    fn from(centre: CentreName) -> Self {
        match centre {
            CentreName::Mean => Centre::Mean,
            CentreName::Median => Centre::Median,
        }
    }
}

impl From<UncertaintyName> for Uncertainty {
    fn from(uncertainty: UncertaintyName) -> Self {
        match uncertainty {
            UncertaintyName::Scatter => Uncertainty::Scatter,
            UncertaintyName::Propagated => Uncertainty::Propagated,
            UncertaintyName::None => Uncertainty::None,
        }
    }
}

/// How frames are combined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CombineOptions {
    /// What is made of the samples of a pixel that are left.
    #[cfg_attr(feature = "clap", arg(long, short, value_enum, default_value_t = CombineOptions::default().method))]
    pub method: Method,
    /// Which samples are rejected; several kinds may be named, and are done in the order minmax, extrema, then sigma or
    /// mad. Masked pixels (MASK) and those that are not finite are never used.
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_delimiter = ','))]
    pub clip: Vec<Clip>,
    /// Limit of sigma and mad below the centre, in standard deviations.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = CombineOptions::default().sigma_low))]
    pub sigma_low: f64,
    /// Limit of sigma and mad above the centre, in standard deviations.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = CombineOptions::default().sigma_high))]
    pub sigma_high: f64,
    /// Centre of sigma and mad [default: mean of sigma, median of mad].
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub clip_centre: Option<CentreName>,
    /// Most rounds of sigma and mad; 0 goes on until nothing more is rejected.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CombineOptions::default().clip_iterations))]
    pub clip_iterations: usize,
    /// Least sample that minmax keeps, in units of the frames [default: none].
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "VALUE", allow_negative_numbers = true)
    )]
    pub min: Option<f64>,
    /// Largest sample that minmax keeps, in units of the frames [default: none].
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "VALUE", allow_negative_numbers = true)
    )]
    pub max: Option<f64>,
    /// How many of the lowest samples extrema rejects, fewer where a pixel has no more than that.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CombineOptions::default().nlow))]
    pub nlow: usize,
    /// How many of the highest samples extrema rejects, fewer where a pixel has no more than that.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CombineOptions::default().nhigh))]
    pub nhigh: usize,
    /// What each frame is multiplied by before samples are compared: one number for each file (1,0.98,1.1), a keyword's
    /// value or its inverse (1/EXPTIME), or mean, median or mode, by which it is divided, as flats need [default: 1].
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCALE"))]
    pub scale: Option<String>,
    /// Columns and rows that mean, median or mode are taken of, as 101:900,101:900; counted from 1, with both ends
    /// [default: all].
    #[cfg_attr(feature = "clap", arg(long, value_name = "X1:X2,Y1:Y2"))]
    pub scale_region: Option<String>,
    /// Weights in a mean or sum: one number for each file, a keyword's value or its inverse, or mean, median or mode
    /// [default: 1].
    #[cfg_attr(feature = "clap", arg(long, value_name = "WEIGHTS"))]
    pub weights: Option<String>,
    /// Where the uncertainty of a combined pixel comes from.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = CombineOptions::default().uncertainty))]
    pub uncertainty: UncertaintyName,
    /// Go on without files that cannot be used, and tell of them; at least one has to be left. Without it they are an
    /// error.
    #[cfg_attr(feature = "clap", arg(long))]
    pub skip_bad: bool,
    /// Memory for samples, as in "800M" or "12G" [default: 1G].
    #[cfg_attr(feature = "clap", arg(long, alias = "max_memory", value_name = "SIZE"))]
    pub max_memory: Option<Bytes>,
    /// Replace a product that is there already.
    #[cfg_attr(feature = "clap", arg(long))]
    pub overwrite: bool,
}

impl Default for CombineOptions {
    fn default() -> Self {
        Self {
            method: Method::Mean,
            clip: Vec::new(),
            sigma_low: 3.0,
            sigma_high: 3.0,
            clip_centre: None,
            clip_iterations: 1,
            min: None,
            max: None,
            nlow: 1,
            nhigh: 1,
            scale: None,
            scale_region: None,
            weights: None,
            uncertainty: UncertaintyName::Scatter,
            skip_bad: false,
            max_memory: None,
            overwrite: false,
        }
    }
}

impl CombineOptions {
    /// Which samples are left out, in the terms of the stack.
    ///
    /// # Errors
    /// [`crate::Error::Usage`] for kinds and limits that do not go together.
    pub fn rejection(&self) -> crate::Result<Rejection> {
        let usage = |text: &str| Err(crate::Error::Usage(text.to_owned()));
        let has = |clip| self.clip.contains(&clip);
        let sigmas = [self.sigma_low, self.sigma_high];
        if sigmas.iter().any(|sigma| sigma.is_nan() || *sigma < 0.0) {
            return usage("--sigma-low and --sigma-high have to be numbers of at least 0");
        }
        if has(Clip::Sigma) && has(Clip::Mad) {
            return usage("--clip sigma and --clip mad exclude one another");
        }
        if has(Clip::Minmax) == (self.min.is_none() && self.max.is_none()) {
            return usage("--clip minmax goes with --min or --max, and they with it");
        }
        if [self.min, self.max].into_iter().flatten().any(f64::is_nan) {
            return usage("--min and --max have to be numbers");
        }
        let (centre, spread) = match has(Clip::Mad) {
            true => (Centre::Median, Spread::MadStd),
            false => (Centre::Mean, Spread::Std),
        };
        let centre = self.clip_centre.map_or(centre, Centre::from);
        let clip = SigmaClip {
            sigma_lower: self.sigma_low,
            sigma_upper: self.sigma_high,
            maxiters: Some(self.clip_iterations).filter(|rounds| *rounds > 0),
            centre,
            spread,
        };
        let extrema = |n: usize| if has(Clip::Extrema) { n } else { 0 };
        Ok(Rejection {
            lower: self.min,
            upper: self.max,
            nlow: extrema(self.nlow),
            nhigh: extrema(self.nhigh),
            clip: (has(Clip::Sigma) || has(Clip::Mad)).then_some(clip),
        })
    }
}
