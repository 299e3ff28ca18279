//! The report page.

use super::figures::Drawn;
use super::{SbcDarkOptions, SbcDarkReport};
use crate::Result;
use firstlight_look::{Embed, Page};

pub(super) fn write(report: &SbcDarkReport, figures: &[Drawn], options: &SbcDarkOptions) -> Result<()> {
    let mut page = Page::new("SBC dark analysis").paragraph(&summary(report, options));
    page = fluxes(page, report);
    page = log(page, report, options);
    page = mixtures(page, report);
    page = page.heading("Figures");
    for drawn in figures {
        page = page.figure_as(&drawn.figure, &drawn.caption, Embed::Png)?;
    }
    page.write(&report.page)?;
    Ok(())
}

fn summary(report: &SbcDarkReport, options: &SbcDarkOptions) -> String {
    let elevated: Vec<&str> = report
        .log
        .iter()
        .filter(|row| row.elevated == Some(true))
        .map(|row| row.exposure.rootname.as_str())
        .collect();
    let which = if elevated.is_empty() {
        "none".to_owned()
    } else {
        elevated.join(", ")
    };
    format!(
        "{} exposures in {} filters, {} darks. Warmer than {} °C: {which}.",
        report.log.len(),
        report.filters.len(),
        report.darks.len(),
        options.elevated_above
    )
}

fn fluxes(page: Page, report: &SbcDarkReport) -> Page {
    let header = [
        "filter",
        "aperture",
        "kind",
        "science",
        "dark",
        "dark share",
        "difference",
        "net of sky",
    ];
    let rows = report.rows().map(|row| {
        let with = |value: f64, error: f64| format!("{value:.4} ± {error:.4}");
        let net = row
            .net
            .zip(row.net_error)
            .map_or(String::new(), |(net, error)| with(net, error));
        vec![
            row.filter.clone(),
            row.id.to_string(),
            if row.sky { "blank" } else { "target" }.to_owned(),
            with(row.science, row.science_error),
            with(row.dark, row.dark_error),
            format!("{:.1} %", 100.0 * row.dark / row.science),
            with(row.difference, row.difference_error),
            net,
        ]
    });
    page.heading("Fluxes, counts/s").table(&header, rows).paragraph(
        "Errors are Poisson errors of the counts in the aperture; that of the dark includes how well it is matched. \
         Net of sky is the difference less the mean difference of the blank apertures, scaled by area.",
    )
}

fn log(page: Page, report: &SbcDarkReport, options: &SbcDarkOptions) -> Page {
    let header = [
        "exposure",
        "filter",
        "exptime, s",
        "mdecodt1",
        "mdecodt2",
        "mean, °C",
        "box rate, counts/s",
        "",
    ];
    let celsius = |value: Option<f64>| value.map_or(String::new(), |t| format!("{t:.4}"));
    let rate = |name: &str| {
        let matches = report.filters.iter().flat_map(|filter| &filter.matches);
        let found = matches
            .filter(|m| m.exposure.rootname == name)
            .map(|m| m.rate)
            .next();
        found.map_or(String::new(), |rate| {
            format!("{:.4} ± {:.4}", rate.rate, rate.rate_error)
        })
    };
    let rows = report.log.iter().map(|row| {
        let exposure = &row.exposure;
        vec![
            exposure.rootname.clone(),
            exposure.filter1.clone().unwrap_or_default(),
            format!("{:.1}", exposure.exptime_s),
            celsius(exposure.mdecodt1),
            celsius(exposure.mdecodt2),
            celsius(exposure.avgtemp),
            rate(&exposure.rootname),
            if row.elevated == Some(true) {
                "elevated"
            } else {
                ""
            }
            .to_owned(),
        ]
    });
    let title = format!(
        "Exposures by temperature; rates in the box {}",
        options.within_box
    );
    page.heading(&title).table(&header, rows)
}

fn mixtures(page: Page, report: &SbcDarkReport) -> Page {
    let header = [
        "exposure",
        "nearest dark",
        "its rate differs by",
        "in the master dark",
        "note",
    ];
    let mut rows = Vec::new();
    for filter in &report.filters {
        for (matched, mixture) in filter.matches.iter().zip(&filter.mixtures) {
            let nearest = matched.ranking.matches.first();
            let parts = mixture
                .names
                .iter()
                .zip(&mixture.weights)
                .map(|(name, weight)| format!("{weight:.2} {name}"));
            rows.push(vec![
                mixture.science.clone(),
                nearest.map_or(String::new(), |m| m.dark.name.clone()),
                nearest.map_or(String::new(), |m| {
                    format!("{:+.1} %{}", m.percent, if m.near { "" } else { ", too far" })
                }),
                parts.collect::<Vec<_>>().join(" + "),
                mixture.note.clone().unwrap_or_default(),
            ]);
        }
    }
    page.heading("Darks").table(&header, rows).paragraph(
        "The nearest dark is the one with the nearest rate in the box. The sky of a science exposure is in that \
         rate too, so that under a bright sky the nearest dark is too warm; the combination keeps the sky apart.",
    )
}
