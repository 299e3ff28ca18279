//! What a plot can be asked for.

use firstlight_look::{ColourMap, Limits, NotPositive, Reduction, Scaling, Stretch};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The curve from samples to colours, by the name that users know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum StretchName {
    /// In proportion, between the smallest and the largest sample.
    Linear,
    /// In proportion, between zscale's limits.
    Zscale,
    /// Logarithm, between the 1st and the 99.9th percentile of the positive samples, as painted.
    Log,
    /// Square root, between the 1st and the 99.7th percentile, as the two that follow.
    Sqrt,
    /// Inverse hyperbolic sine: linear when faint, logarithmic when bright.
    Asinh,
    /// A power, see --exponent.
    Power,
}

/// How several samples become one pixel of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ReductionName {
    /// Their mean.
    Mean,
    /// The largest: single counts stay visible.
    Max,
}

/// How images are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct PlotOptions {
    /// HDU to show: a number, a name, or name,version [default: the first SCI, or else the first image].
    #[cfg_attr(feature = "clap", arg(long, short = 'e', value_name = "EXT"))]
    pub extension: Option<String>,
    /// Curve from samples to colours.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = PlotOptions::default().stretch))]
    pub stretch: StretchName,
    /// Sample with the first colour, in the image's unit [default: measured].
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub vmin: Option<f64>,
    /// Sample with the last colour, in the image's unit [default: measured].
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub vmax: Option<f64>,
    /// Sample with the colour in the middle of the map, in the image's unit: the limits lie equally far on both sides
    /// [default: with a map of two colours such as RdBu, 1 after --divide and 0 after --subtract].
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub centre: Option<f64>,
    /// Limits that leave out equally many samples at both ends and keep this many percent.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERCENT"))]
    pub percentile: Option<f64>,
    /// Where asinh turns from linear to logarithmic, as a fraction of the interval between the limits.
    #[cfg_attr(feature = "clap", arg(long, value_name = "A", default_value_t = PlotOptions::default().asinh_a))]
    pub asinh_a: f64,
    /// Power of the power stretch.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PlotOptions::default().exponent))]
    pub exponent: f64,
    /// Under a logarithm, show samples at or below zero as missing, as matplotlib does, instead of as faintest.
    #[cfg_attr(feature = "clap", arg(long))]
    pub mask_nonpositive: bool,
    /// Colour map: plasma, viridis, inferno, magma, cividis, gray, hot, RdBu, coolwarm; _r reverses.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PlotOptions::default().cmap))]
    pub cmap: String,
    /// Colour of samples without a value, as a name or #rrggbb [default: a grey that is not in the map].
    #[cfg_attr(feature = "clap", arg(long, value_name = "COLOUR"))]
    pub bad: Option<String>,
    /// How several samples become one pixel where the panel is smaller than the image.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = PlotOptions::default().reduction))]
    pub reduction: ReductionName,
    /// Give all panels the same limits.
    #[cfg_attr(feature = "clap", arg(long))]
    pub same_scale: bool,
    /// Show only these pixels, as numpy slices: y0:y1,x0:x1.
    #[cfg_attr(feature = "clap", arg(long, value_name = "Y0:Y1,X0:X1"))]
    pub section: Option<String>,
    /// Subtract this image first.
    #[cfg_attr(feature = "clap", arg(long, value_name = "IMAGE"))]
    pub subtract: Option<PathBuf>,
    /// Divide by this image first; where it is zero, the quotient is missing. Limits that are not asked for lie equally
    /// far on both sides of 1: 98 % of the quotients are within, but from 0 to 2 is enough where half of them are there.
    #[cfg_attr(feature = "clap", arg(long, value_name = "IMAGE"))]
    pub divide: Option<PathBuf>,
    /// Title of the figure.
    #[cfg_attr(feature = "clap", arg(long))]
    pub title: Option<String>,
    /// Titles of the panels, separated by commas [default: the names of the files, with folders where they
    /// are the same, and A − B or A / B after --subtract and --divide].
    #[cfg_attr(feature = "clap", arg(long, value_name = "A,B,…", value_delimiter = ','))]
    pub titles: Vec<String>,
    /// Text beside the colour bar [default: BUNIT; after --subtract and --divide also "difference" or "ratio"].
    #[cfg_attr(feature = "clap", arg(long))]
    pub unit: Option<String>,
    /// Whether there is a colour bar.
    #[cfg_attr(feature = "clap", arg(long, value_name = "true|false", action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = PlotOptions::default().colorbar))]
    pub colorbar: bool,
    /// Draw a box around the pixels of a section; repeatable. A name after `=` is drawn as well, here as for all
    /// shapes: 650:850,580:780=glow.
    #[cfg_attr(feature = "clap", arg(long = "box", value_name = "Y0:Y1,X0:X1[=NAME]"))]
    pub boxes: Vec<String>,
    /// Draw a circle: x,y,r in pixels, as for `photometry`; repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,R[=NAME]", allow_hyphen_values = true)
    )]
    pub circle: Vec<String>,
    /// Draw an ellipse: x,y,a,b,theta (semi-axes; angle of a in degrees); repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,A,B,THETA[=NAME]", allow_hyphen_values = true)
    )]
    pub ellipse: Vec<String>,
    /// Draw a rectangle: x,y,w,h,theta (full width and height; angle of w in degrees); repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,W,H,THETA[=NAME]", allow_hyphen_values = true)
    )]
    pub rectangle: Vec<String>,
    /// Draw two circles: x,y,r_in,r_out; repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y,R_IN,R_OUT[=NAME]", allow_hyphen_values = true)
    )]
    pub circle_annulus: Vec<String>,
    /// Draw two ellipses of the same shape: x,y,a_in,a_out,b_out,theta; repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            value_name = "X,Y,A_IN,A_OUT,B_OUT,THETA[=NAME]",
            allow_hyphen_values = true
        )
    )]
    pub ellipse_annulus: Vec<String>,
    /// Draw two rectangles of the same shape: x,y,w_in,w_out,h_out,theta; repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            value_name = "X,Y,W_IN,W_OUT,H_OUT,THETA[=NAME]",
            allow_hyphen_values = true
        )
    )]
    pub rectangle_annulus: Vec<String>,
    /// Draw a cross at a position; repeatable.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "X,Y[=NAME]", allow_hyphen_values = true)
    )]
    pub cross: Vec<String>,
    /// Colour of all that is drawn over the images [default: one that is not in the map].
    #[cfg_attr(feature = "clap", arg(long, value_name = "COLOUR"))]
    pub overlay_color: Option<String>,
    /// Opacity with which boxes and apertures are filled, 0 to 1.
    #[cfg_attr(feature = "clap", arg(long, value_name = "OPACITY", default_value_t = PlotOptions::default().fill))]
    pub fill: f64,
    /// The image alone, a pixel for each sample, without axes or anything drawn on: one image, as PNG.
    #[cfg_attr(feature = "clap", arg(long))]
    pub bare: bool,
    /// Panels side by side [default: up to three, four for eight or more].
    #[cfg_attr(feature = "clap", arg(long))]
    pub columns: Option<usize>,
    /// Width of the figure in pixels [default: 6.8, 11 or 14 inches for one, two or more columns].
    #[cfg_attr(feature = "clap", arg(long, value_name = "PX"))]
    pub width: Option<usize>,
    /// Pixels an inch; text and lines keep their printed size.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = PlotOptions::default().dpi))]
    pub dpi: f64,
}

impl Default for PlotOptions {
    fn default() -> Self {
        Self {
            extension: None,
            stretch: StretchName::Zscale,
            vmin: None,
            vmax: None,
            centre: None,
            percentile: None,
            asinh_a: 0.1,
            exponent: 0.5,
            mask_nonpositive: false,
            cmap: "plasma".to_owned(),
            bad: None,
            reduction: ReductionName::Mean,
            same_scale: false,
            section: None,
            subtract: None,
            divide: None,
            title: None,
            titles: Vec::new(),
            unit: None,
            colorbar: true,
            boxes: Vec::new(),
            circle: Vec::new(),
            ellipse: Vec::new(),
            rectangle: Vec::new(),
            circle_annulus: Vec::new(),
            ellipse_annulus: Vec::new(),
            rectangle_annulus: Vec::new(),
            cross: Vec::new(),
            overlay_color: None,
            fill: 0.0,
            bare: false,
            columns: None,
            width: None,
            dpi: 100.0,
        }
    }
}

impl PlotOptions {
    /// The stretch and its limits.
    pub(super) fn scaling(&self) -> Scaling {
        let (stretch, limits) = match self.stretch {
            StretchName::Linear => (Stretch::Linear, Limits::MinMax),
            StretchName::Zscale => (Stretch::Linear, Limits::Zscale),
            StretchName::Log => (Stretch::Log, Limits::Auto),
            StretchName::Sqrt => (Stretch::Sqrt, Limits::Auto),
            StretchName::Asinh => (Stretch::Asinh { a: self.asinh_a }, Limits::Auto),
            StretchName::Power => (
                Stretch::Power {
                    exponent: self.exponent,
                },
                Limits::Auto,
            ),
        };
        Scaling {
            stretch,
            limits: self.percentile.map_or(limits, Limits::Percentile),
            vmin: self.vmin,
            vmax: self.vmax,
            centre: self.centre.or_else(|| self.natural_centre()),
            not_positive: if self.mask_nonpositive {
                NotPositive::Bad
            } else {
                NotPositive::Under
            },
        }
    }

    /// The sample that means no difference, where one is shown by a map whose middle means just that.
    fn natural_centre(&self) -> Option<f64> {
        let linear = matches!(self.stretch, StretchName::Linear | StretchName::Zscale);
        let symmetric = linear && ColourMap::is_diverging(&self.cmap);
        match (&self.divide, &self.subtract) {
            (Some(_), _) if symmetric => Some(1.0),
            (None, Some(_)) if symmetric => Some(0.0),
            _ => None,
        }
    }

    pub(super) fn reduction(&self) -> Reduction {
        match self.reduction {
            ReductionName::Mean => Reduction::Mean,
            ReductionName::Max => Reduction::Max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_difference_has_the_middle_colour() {
        let centre = |cmap: &str, change: fn(&mut PlotOptions)| {
            let mut options = PlotOptions {
                cmap: cmap.to_owned(),
                ..PlotOptions::default()
            };
            change(&mut options);
            options.scaling().centre
        };
        assert_eq!(centre("RdBu_r", |o| o.divide = Some("b.fits".into())), Some(1.0));
        assert_eq!(
            centre("coolwarm", |o| o.subtract = Some("b.fits".into())),
            Some(0.0)
        );
        assert_eq!(centre("plasma", |o| o.divide = Some("b.fits".into())), None);
        assert_eq!(centre("RdBu_r", |_| {}), None);
        assert_eq!(centre("plasma", |o| o.centre = Some(3.0)), Some(3.0));
        let asinh = |o: &mut PlotOptions| {
            o.divide = Some("b.fits".into());
            o.stretch = StretchName::Asinh;
        };
        assert_eq!(centre("RdBu_r", asinh), None);
    }
}
