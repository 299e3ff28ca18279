//! What a figure of spectra can be asked for.

use serde::{Deserialize, Serialize};

/// How spectra are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SpectrumOptions {
    /// Show each spectrum divided by the first as well, in a panel below.
    #[cfg_attr(feature = "clap", arg(long))]
    pub ratio: bool,
    /// Show each spectrum less the first as well, in a panel below.
    #[cfg_attr(feature = "clap", arg(long))]
    pub difference: bool,
    /// Shade the first spectrum's errors, one standard deviation to both sides.
    #[cfg_attr(feature = "clap", arg(long))]
    pub errors: bool,
    /// Leave out samples with any of these DQ bits; STIS pipelines use 31743 for all that are serious [default: show all].
    #[cfg_attr(feature = "clap", arg(long, value_name = "BITS", default_value_t = SpectrumOptions::default().sdqflags))]
    pub sdqflags: u16,
    /// Shortest wavelength shown, in the table's unit [default: the shortest there is].
    #[cfg_attr(feature = "clap", arg(long, value_name = "WAVELENGTH"))]
    pub wmin: Option<f64>,
    /// Longest wavelength shown, in the table's unit [default: the longest there is].
    #[cfg_attr(feature = "clap", arg(long, value_name = "WAVELENGTH"))]
    pub wmax: Option<f64>,
    /// Lowest flux shown, in the table's unit [default: measured].
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub fmin: Option<f64>,
    /// Highest flux shown, in the table's unit [default: measured].
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub fmax: Option<f64>,
    /// Names of the spectra, separated by commas [default: the files' names, with folders where they are the same].
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME,…", value_delimiter = ','))]
    pub labels: Vec<String>,
    /// Text above the figure.
    #[cfg_attr(feature = "clap", arg(long))]
    pub title: Option<String>,
    /// Column with the wavelengths.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", default_value_t = SpectrumOptions::default().wavelength_column))]
    pub wavelength_column: String,
    /// Column that is shown: FLUX, NET, GROSS, BACKGROUND, …
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", default_value_t = SpectrumOptions::default().flux_column))]
    pub flux_column: String,
    /// Column with the errors of what is shown.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", default_value_t = SpectrumOptions::default().error_column))]
    pub error_column: String,
    /// Width of the figure in pixels; pages have their own.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PX", default_value_t = SpectrumOptions::default().width))]
    pub width: usize,
    /// Pixels an inch; text and lines keep their printed size.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SpectrumOptions::default().dpi))]
    pub dpi: f64,
}

impl Default for SpectrumOptions {
    fn default() -> Self {
        Self {
            ratio: false,
            difference: false,
            errors: false,
            sdqflags: 0,
            wmin: None,
            wmax: None,
            fmin: None,
            fmax: None,
            labels: Vec::new(),
            title: None,
            wavelength_column: "WAVELENGTH".to_owned(),
            flux_column: "FLUX".to_owned(),
            error_column: "ERROR".to_owned(),
            width: 1000,
            dpi: 100.0,
        }
    }
}
