//! The page of the demonstration.

use super::AcsDemoReport;
use crate::Result;
use crate::demo::Drawn;
use firstlight_look::{Embed, Page};

pub fn write(report: &AcsDemoReport, figures: &[Drawn]) -> Result<()> {
    let simulated = &report.simulated;
    let mut page = Page::new("ACS frames calibrated, with and without the correction for charge transfer")
        .paragraph(&summary(report))
        .heading("What was done")
        .verbatim(&commands(report));
    if !report.agrees {
        page = page.notice(
            "Not every flux of flc agrees with the truth within three standard errors or one percent.",
        );
    }
    page = page.heading("Figures");
    for drawn in figures {
        page = page.figure_as(&drawn.figure, &drawn.caption, Embed::Png)?;
    }
    page = page.heading("Fluxes against the truth").table(
        &[
            "product",
            "electrons",
            "transfers",
            "stars",
            "recovered less true, %",
        ],
        report.fluxes.iter().map(|bin| {
            [
                bin.product.to_owned(),
                format!("{:.0} to {:.0}", bin.electrons.0, bin.electrons.1),
                format!("{:.0} to {:.0}", bin.transfers.0, bin.transfers.1),
                bin.stars.to_string(),
                format!("{:.2} ± {:.2}", 100.0 * bin.excess, 100.0 * bin.error),
            ]
        }),
    );
    page = page.heading("Products").table(
        &["file", "exposure time, s", "bias level, electrons", "time, s"],
        report.calibrated.products.iter().map(|product| {
            let levels: Vec<String> = product
                .biaslev_e
                .iter()
                .map(|(amplifier, level)| format!("{amplifier} {level:.2}"))
                .collect();
            [
                crate::input::file_name(&product.path),
                product
                    .exptime_s
                    .map_or(String::new(), |time| format!("{time:.1}")),
                levels.join(", "),
                format!("{:.2}", product.seconds),
            ]
        }),
    );
    page = page.heading("Truth").facts([
        ("stars", simulated.truth_files[1].display().to_string()),
        ("exposures", simulated.truth_files[0].display().to_string()),
    ]);
    page.write(&report.page)?;
    Ok(())
}

fn summary(report: &AcsDemoReport) -> String {
    let [flt, flc] = report.trails;
    format!(
        "{} exposures of {} stars, simulated as the repaired WFC sees them in 2016 and calibrated. Behind stars far from the \
         amplifier flt has {flt:.1} % of their light in a trail, flc {flc:.1} %.",
        report.simulated.raw.len(),
        report.simulated.stars,
    )
}

fn commands(report: &AcsDemoReport) -> String {
    let folder = report.simulated.folder.display();
    let association = report
        .simulated
        .association
        .as_deref()
        .map(|path| path.display().to_string());
    format!(
        "firstlight simulate acs {folder} --era after-sm4 …\nfirstlight calibrate {} --ref-dir {} -o {}",
        association.unwrap_or_default(),
        report.simulated.reference_folder.display(),
        report.page.parent().unwrap_or(&report.page).display(),
    )
}
