//! The page of the demonstration.

use super::{CcdDemoReport, FILTER};
use crate::Result;
use crate::demo::Drawn;
use firstlight_look::{Embed, Page};

pub(super) fn write(report: &CcdDemoReport, figures: &[Drawn]) -> Result<()> {
    let mut page = Page::new("Nights at a small telescope")
        .paragraph(&summary(report))
        .heading("What was done")
        .verbatim(&commands(report));
    if !report.agrees {
        page = page.notice("Not all of what was measured agrees with the truth.");
    }
    page = page.heading("Figures");
    for drawn in figures {
        page = page.figure_as(&drawn.figure, &drawn.caption, Embed::Png)?;
    }
    page = page
        .heading("Light curves against the truth")
        .table(
            &[
                "star",
                "kind",
                "points",
                "rms, %",
                "scatter, in units of the errors",
            ],
            report.curves.iter().map(|curve| {
                [
                    curve.variable.star.to_string(),
                    curve.variable.kind.name().to_owned(),
                    curve.mjd.len().to_string(),
                    format!("{:.2}", 100.0 * curve.rms),
                    format!("{:.2}", curve.scatter),
                ]
            }),
        )
        .heading("Truth");
    let truth = report.simulated.truth_files.iter();
    page = page.facts(truth.map(|path| (crate::input::file_name(path), path.display().to_string())));
    page.write(&report.page)?;
    Ok(())
}

fn summary(report: &CcdDemoReport) -> String {
    let (shifts, fluxes, stack, sky) = (&report.shifts, &report.fluxes, &report.stack, &report.sky);
    format!(
        "{} nights with {} frames of the sky and {} others, simulated. Registered shifts are within {:.3} pixels of the truth \
         ({:.3} in the median), light of lone stars within {:.2} % of one another, and the sky of {} stacked frames is {:.1} \
         times smoother than that of one. The stack was found on the sky by {} stars; true places are {:.3} pixels from \
         where its coordinate system puts them, in the median.",
        report.simulated.nights.len(),
        report.simulated.science.len(),
        report.simulated.biases.len() + report.simulated.darks.len() + report.simulated.flats.len(),
        shifts.largest_px,
        shifts.median_px,
        100.0 * fluxes.largest_off,
        stack.stack.frames.len(),
        stack.sky_of_frame / stack.sky_of_stack,
        sky.solved.matches,
        sky.median_px,
    )
}

fn commands(report: &CcdDemoReport) -> String {
    let simulated = &report.simulated;
    let folder = simulated.folder.display();
    let results = report.page.parent().unwrap_or(&report.page).display();
    let filter = FILTER.name();
    let nights: Vec<String> = simulated
        .nights
        .iter()
        .map(|night| night.display().to_string())
        .collect();
    let targets: Vec<String> = report.curves.iter().map(|_| "--targets X,Y".to_owned()).collect();
    format!(
        "firstlight simulate ccd {folder} …\n\
         firstlight reduce {nights} -o {results}\n\
         firstlight register {results}/reduced/*\n\
         firstlight stack FRAMES-OF-{filter} --clip sigma -o {stack}\n\
         firstlight timeseries FRAMES-OF-{filter} {targets} -o {results}/light_curves_{filter}.ecsv\n\
         firstlight solve {stack} --catalogue {catalogue} --magnitude mag_{filter} --update",
        nights = nights.join(" "),
        targets = targets.join(" "),
        stack = report.stack.stack.path.display(),
        catalogue = simulated.truth_files[0].display(),
    )
}
