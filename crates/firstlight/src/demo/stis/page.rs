//! The page of the demonstration.

use super::StisDemoReport;
use crate::Result;
use crate::demo::Drawn;
use firstlight_look::{Embed, Page};

pub fn write(report: &StisDemoReport, figures: &[Drawn]) -> Result<()> {
    let mut page = Page::new("A STIS spectrum with the dark of its own week")
        .paragraph(&summary(report))
        .heading("What was done")
        .verbatim(&commands(report));
    if !report.agrees {
        page = page.notice(
            "The spectrum with the week's dark does not agree with the truth, or hot pixels are left.",
        );
    }
    page = page.heading("Figures");
    for drawn in figures {
        page = page.figure_as(&drawn.figure, &drawn.caption, Embed::Png)?;
    }
    page = page.heading("Spectra against the truth").table(
        &[
            "dark",
            "flux less true flux, %",
            "scatter, in units of the error",
            "off by more than 4 errors",
            "samples",
        ],
        report.spectra.iter().map(|spectrum| {
            [
                spectrum.dark.to_owned(),
                format!("{:+.2} ± {:.2}", 100.0 * spectrum.excess, 100.0 * spectrum.error),
                format!("{:.2}", spectrum.scatter),
                spectrum.outliers.to_string(),
                spectrum.samples.to_string(),
            ]
        }),
    );
    let truth = report.simulated.truth_files.iter();
    page = page.heading("Truth").facts(truth.map(|path| {
        let name = crate::input::file_name(path);
        (name, path.display().to_string())
    }));
    page.write(&report.page)?;
    Ok(())
}

fn summary(report: &StisDemoReport) -> String {
    let [default, week] = report.hot_pixels.left.map(|share| (100.0 * share).round() + 0.0);
    format!(
        "{} darks of an anneal period, simulated as the CCD saw them in 2015, and a spectrum in two parts. Of {} pixels that \
         had become hot, above {:.1} electrons/s, after the default dark was made and before the darks of the week, calibration \
         with the default dark leaves {default:.0} % of their dark current (median), with the dark of the week {week:.0} %.",
        report.simulated.darks.len(),
        report.hot_pixels.pixels,
        report.hot_pixels.above,
    )
}

fn commands(report: &StisDemoReport) -> String {
    let simulated = &report.simulated;
    let folder = simulated.folder.display();
    let references = simulated.reference_folder.display();
    let results = report.page.parent().unwrap_or(&report.page).display();
    format!(
        "firstlight simulate stis {folder} …\n\
         firstlight superdark for {spectrum} --darks '{folder}/darks/*_raw.fits' --periods {anneals} --ref-dir {references} --output-dir {results}\n\
         firstlight calibrate {spectrum} --ref-dir {references} -o {results}/default\n\
         firstlight calibrate {spectrum} --ref-dir {references} -o {results}/week --darkfile {weekdark}",
        spectrum = simulated.spectrum.display(),
        anneals = simulated.anneals.display(),
        weekdark = report.superdarks.weekdark.made.path.display(),
    )
}
