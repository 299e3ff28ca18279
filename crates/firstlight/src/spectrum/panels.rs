//! What of spectra stands in which panel.

use super::SpectrumOptions;
use super::read::Spectrum;
use firstlight_look::{Colour, PlotPanel, Series};

/// The spectra, and below them their quotients and differences, where they are asked for.
pub(super) fn of(spectra: &[(String, Spectrum)], options: &SpectrumOptions) -> Vec<PlotPanel> {
    let Some((first_label, first)) = spectra.first() else {
        return Vec::new();
    };
    let with_unit = |name: &str, unit: &str| {
        if unit.is_empty() {
            name.to_owned()
        } else {
            format!("{name} ({unit})")
        }
    };
    let x_label = with_unit("wavelength", &first.wavelength_unit);
    let y_label = with_unit(&options.flux_column.to_lowercase(), &first.flux_unit);
    let new = |y_label: &str| {
        let mut panel = PlotPanel::new(&x_label, y_label).aspect(if spectra.len() > 1 { 0.34 } else { 0.5 });
        let all = spectra.iter().flat_map(|(_, spectrum)| spectrum.finite());
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| {
            (low.min(x), high.max(x))
        });
        if low < high {
            panel = panel.x_range(options.wmin.unwrap_or(low), options.wmax.unwrap_or(high));
        }
        panel
    };
    let mut main = new(&y_label);
    for (n, (label, spectrum)) in spectra.iter().enumerate() {
        let mut series = Series::line(&spectrum.wavelength, &spectrum.flux)
            .label(label)
            .width_pt(1.0);
        if let (0, true, Some(error)) = (n, options.errors, &spectrum.error) {
            let edge = |sign: f64| -> Vec<f64> {
                let both = spectrum.flux.iter().zip(error);
                both.map(|(flux, error)| flux + sign * error).collect()
            };
            series = series.band(&edge(-1.0), &edge(1.0));
        }
        main = main.series(series);
    }
    if options.fmin.is_some() || options.fmax.is_some() {
        let all = spectra.iter().flat_map(|(_, spectrum)| spectrum.finite());
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, y)| {
            (low.min(y), high.max(y))
        });
        main = main.y_range(options.fmin.unwrap_or(low), options.fmax.unwrap_or(high));
    }
    let mut panels = vec![main];
    let mut compared = |y_label: String, level: f64, with: fn(f64, f64) -> f64| {
        let mut panel = new(&y_label).level(level, "");
        for (n, (label, spectrum)) in spectra.iter().enumerate().skip(1) {
            let values = compare(first, spectrum, with);
            let series = Series::line(&first.wavelength, &values).label(label);
            panel = panel.series(series.colour(Colour::of_series(n)).width_pt(1.0));
        }
        panels.push(panel);
    };
    if options.ratio {
        compared(format!("ratio to {first_label}"), 1.0, quotient);
    }
    if options.difference {
        let label = format!("difference to {first_label}");
        compared(with_unit(&label, &first.flux_unit), 0.0, |flux, first| {
            flux - first
        });
    }
    panels
}

/// NaN where the first is zero.
pub(super) fn quotient(flux: f64, first: f64) -> f64 {
    if first == 0.0 { f64::NAN } else { flux / first }
}

/// A spectrum and the first one, at the first one's wavelengths.
pub(super) fn compare(first: &Spectrum, spectrum: &Spectrum, with: fn(f64, f64) -> f64) -> Vec<f64> {
    let fluxes = spectrum.at(&first.wavelength);
    let pairs = fluxes.iter().zip(&first.flux);
    pairs.map(|(flux, first)| with(*flux, *first)).collect()
}
