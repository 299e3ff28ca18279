//! Figures of spectra, one over the other.

mod options;
mod panels;
mod read;

pub use options::SpectrumOptions;

use crate::input::labels;
use crate::{Error, Progress, Result};
use firstlight_look::{Figure, Format, Page, PlotPanel};
use panels::{compare, quotient};
use read::{Columns, Spectrum};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpectrumReport {
    /// The file, where one was written.
    pub output: Option<PathBuf>,
    /// One entry a spectrum, in order.
    pub spectra: Vec<SpectrumStatus>,
}

/// A spectrum in numbers, within the wavelengths that are shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpectrumStatus {
    /// The file.
    pub input: PathBuf,
    /// Its name in the figure.
    pub label: String,
    /// Samples that are shown.
    pub samples: usize,
    /// Samples that DQ leaves out, at any wavelength.
    pub flagged: usize,
    /// Shortest and longest wavelength that is shown, in the table's unit.
    pub wavelengths: Option<(f64, f64)>,
    /// Median of what is shown, in the table's unit.
    pub median: Option<f64>,
    /// Median of the quotient with the first spectrum.
    pub median_ratio: Option<f64>,
    /// Root mean square of the difference to the first spectrum, in the table's unit.
    pub rms_difference: Option<f64>,
}

/// The name of a figure that is given none: that of the first file, in the current folder, as PNG.
pub fn default_output(inputs: &[PathBuf]) -> PathBuf {
    crate::plot::default_output(inputs)
}

/// Draws the spectra of tables one over the other, as PNG, SVG, or a page to be explored (HTML), by the ending of
/// `output`.
///
/// Each file's first table with the columns is taken, all its rows; samples are joined by lines, which break where there
/// is no number. Quotients and differences are on the first spectrum's wavelengths, the others interpolated linearly;
/// where the first one is zero there is no quotient.
///
/// # Errors
/// [`Error::OutputExists`] unless `overwrite`; [`Error::Fits`] for an input that cannot be read;
/// [`Error::Unsupported`] for one without such a table; [`Error::Usage`] for options that do not go together, and
/// where no sample is left to be shown; [`Error::Look`].
pub fn plot_spectrum(
    inputs: &[PathBuf],
    output: &Path,
    overwrite: bool,
    options: &SpectrumOptions,
    progress: &dyn Progress,
) -> Result<SpectrumReport> {
    plot_spectrum_and_give(inputs, output, overwrite, options, progress).map(|(_, report)| report)
}

/// As [`plot_spectrum`], and gives the file's bytes as well.
///
/// # Errors
/// As [`plot_spectrum`].
pub fn plot_spectrum_and_give(
    inputs: &[PathBuf],
    output: &Path,
    overwrite: bool,
    options: &SpectrumOptions,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, SpectrumReport)> {
    let format = SpectrumFormat::of(output)?;
    if !overwrite && output.exists() {
        return Err(Error::OutputExists {
            path: output.to_owned(),
        });
    }
    let (bytes, mut report) = draw_spectrum(inputs, format, options, progress)?;
    firstlight_look::write(output, &bytes)?;
    report.output = Some(output.to_owned());
    Ok((bytes, report))
}

/// What a figure of spectra is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpectrumFormat {
    /// A still figure.
    Figure(Format),
    /// A page to be explored.
    Page,
}

impl SpectrumFormat {
    fn of(output: &Path) -> Result<Self> {
        let ends = |end: &str| output.extension().is_some_and(|of| of.eq_ignore_ascii_case(end));
        if ends("html") || ends("htm") {
            return Ok(Self::Page);
        }
        Ok(Self::Figure(Format::of(output)?))
    }
}

/// Draws spectra and gives the file's bytes.
///
/// # Errors
/// As [`plot_spectrum`], but for the output.
pub fn draw_spectrum(
    inputs: &[PathBuf],
    format: SpectrumFormat,
    options: &SpectrumOptions,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, SpectrumReport)> {
    options.check(inputs)?;
    let columns = Columns {
        wavelength: &options.wavelength_column,
        flux: &options.flux_column,
        error: &options.error_column,
        sdqflags: options.sdqflags,
    };
    progress.start("spectra", Some(inputs.len() as u64));
    let names = if options.labels.is_empty() {
        labels(&inputs.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    } else {
        options.labels.clone()
    };
    let mut spectra = Vec::with_capacity(inputs.len());
    for (label, path) in names.into_iter().zip(inputs) {
        let mut spectrum = read::read(path, &columns)?;
        options.cut(&mut spectrum);
        spectra.push((label, spectrum));
        progress.advance(1);
    }
    progress.finish();
    let statuses = statuses(inputs, &spectra);
    if statuses.iter().all(|status| status.samples == 0) {
        return Err(Error::Usage(
            "no spectrum has a sample to be shown: look at --wmin and --wmax, and at --sdqflags".to_owned(),
        ));
    }
    let panels = panels::of(&spectra, options);
    let title = options.title.clone().unwrap_or_default();
    let bytes = match format {
        SpectrumFormat::Figure(format) => {
            let figure = Figure::new().columns(1).title(&title);
            let figure = figure.width_px(options.width).dpi(options.dpi);
            let figure = panels.into_iter().fold(figure, Figure::panel);
            figure.draw()?.to_bytes(format)?
        }
        SpectrumFormat::Page => page(&title, &panels, &statuses)?.into_bytes(),
    };
    let report = SpectrumReport {
        output: None,
        spectra: statuses,
    };
    Ok((bytes, report))
}

fn page(title: &str, panels: &[PlotPanel], statuses: &[SpectrumStatus]) -> Result<String> {
    let labels: Vec<&str> = statuses.iter().map(|status| status.label.as_str()).collect();
    let title = if title.is_empty() {
        labels.join(", ")
    } else {
        title.to_owned()
    };
    let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6e}"));
    let rows = statuses.iter().map(|status| {
        [
            status.label.clone(),
            status.samples.to_string(),
            status.flagged.to_string(),
            number(status.median),
            status
                .median_ratio
                .map_or(String::new(), |ratio| format!("{ratio:.6}")),
            number(status.rms_difference),
        ]
    });
    let header = [
        "spectrum",
        "samples",
        "flagged",
        "median",
        "median of the ratio to the first",
        "rms of the difference to the first",
    ];
    Ok(Page::new(title)
        .explorer(panels, "Spectra by wavelength.")?
        .table(&header, rows)
        .to_html())
}

impl SpectrumOptions {
    fn check(&self, inputs: &[PathBuf]) -> Result<()> {
        if inputs.is_empty() {
            return Err(Error::Usage("there is no spectrum to be shown".to_owned()));
        }
        if !self.labels.is_empty() && self.labels.len() != inputs.len() {
            let (labels, spectra) = (self.labels.len(), inputs.len());
            return Err(Error::Usage(format!("{labels} labels for {spectra} spectra")));
        }
        if (self.ratio || self.difference) && inputs.len() < 2 {
            return Err(Error::Usage(
                "--ratio and --difference compare with the first spectrum; give two or more".to_owned(),
            ));
        }
        for (low, high, name) in [
            (self.wmin, self.wmax, "--wmin and --wmax"),
            (self.fmin, self.fmax, "--fmin and --fmax"),
        ] {
            if let (Some(low), Some(high)) = (low, high)
                && low.partial_cmp(&high) != Some(std::cmp::Ordering::Less)
            {
                return Err(Error::Usage(format!("{name}: {low} is not below {high}")));
            }
        }
        Ok(())
    }

    /// Leaves out what is beyond the wavelengths that are shown.
    fn cut(&self, spectrum: &mut Spectrum) {
        let (low, high) = (
            self.wmin.unwrap_or(f64::NEG_INFINITY),
            self.wmax.unwrap_or(f64::INFINITY),
        );
        for (wavelength, flux) in spectrum.wavelength.iter().zip(&mut spectrum.flux) {
            if !(low <= *wavelength && *wavelength <= high) {
                *flux = f64::NAN;
            }
        }
    }
}

fn statuses(inputs: &[PathBuf], spectra: &[(String, Spectrum)]) -> Vec<SpectrumStatus> {
    let Some((_, first)) = spectra.first() else {
        return Vec::new();
    };
    let median = |values: Vec<f64>| -> Option<f64> { firstlight_stats::median(&values).ok() };
    let status = |(n, (input, (label, spectrum))): (usize, (&PathBuf, &(String, Spectrum)))| {
        let finite: Vec<(f64, f64)> = spectrum.finite().collect();
        let (low, high) = finite
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| {
                (low.min(*x), high.max(*x))
            });
        let differences = (n > 0).then(|| compare(first, spectrum, |flux, first| flux - first));
        let squares: Option<Vec<f64>> = differences.map(|all| {
            let finite = all.into_iter().filter(|value| value.is_finite());
            finite.map(|value| value * value).collect()
        });
        let rms = squares
            .filter(|squares| !squares.is_empty())
            .map(|squares| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt());
        SpectrumStatus {
            input: input.clone(),
            label: label.clone(),
            samples: finite.len(),
            flagged: spectrum.flagged,
            wavelengths: (!finite.is_empty()).then_some((low, high)),
            median: median(finite.iter().map(|(_, flux)| *flux).collect()),
            median_ratio: (n > 0)
                .then(|| median(compare(first, spectrum, quotient)))
                .flatten(),
            rms_difference: rms,
        }
    };
    inputs.iter().zip(spectra).enumerate().map(status).collect()
}
