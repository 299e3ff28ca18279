//! The page that tells of all combinations.

use super::gather::Seen;
use super::judge::short;
use super::{GridOptions, GridReport, figures};
use crate::Result;
use firstlight_look::{Figure, Page};

/// What was drawn, to be put into the page too.
pub(super) struct Drawn {
    pub(super) weights: Figure<'static>,
    pub(super) shapes: Figure<'static>,
}

pub(super) fn make(report: &GridReport, drawn: &Drawn, seen: &[Seen], options: &GridOptions) -> Result<Page> {
    let mut page = Page::new("Which pixfrac").paragraph(&summary(report));
    let (last, others) = match report.reasons.split_last() {
        Some((last, others)) => (last.as_str(), others),
        None => ("no value could be tried", [].as_slice()),
    };
    page = page.notice(last);
    for note in &report.notes {
        page = page.notice(note);
    }
    page = page.heading("The tests").table(
        &[
            "combination",
            "missing pixels",
            "of which by pixfrac",
            "RMS/median",
            "FWHM, arcsec",
            "ellipticity",
            "passes",
        ],
        report.trials.iter().map(|trial| row(report, trial)),
    );
    page = page.heading("The weight in the boxes").figure(
        &drawn.weights,
        "Standard deviation over median of the weight in the boxes. The handbook of DrizzlePac asks for 0.2 at most \
         in the region of interest; the value recommended is marked.",
    )?;
    page = page.heading("The stars");
    let slides: Vec<(String, Figure)> = figures::slides(report)
        .into_iter()
        .map(|(k, name)| (name, figures::stars_of(report, seen, k, options)))
        .collect();
    if !report.stars.is_empty() && !slides.is_empty() {
        let best = report
            .recommended()
            .map(|best| best.name(super::Several::default()));
        let first = slides
            .iter()
            .position(|(name, _)| Some(name) == best.as_ref())
            .unwrap_or(0);
        page = page.slides(
            &slides,
            first,
            "The same stars with each value: move the slider, or use the arrow keys on it. Pixels without weight are red. \
             Equal colours are equal brightness.",
        )?;
    }
    page = page.figure(
        &drawn.shapes,
        "Median width and ellipticity of the stars by elliptical Gaussians, and the share of pixels of the common \
         footprint without weight.",
    )?;
    if !others.is_empty() {
        page = page.heading("Why the others are not recommended");
        for reason in others {
            page = page.paragraph(reason);
        }
    }
    page = page.heading("Where was looked").table(
        &["", "x", "y", "right ascension, deg", "declination, deg"],
        report.stars.iter().enumerate().map(|(k, star)| {
            [
                format!("star {}", k + 1),
                format!("{:.1}", star.x),
                format!("{:.1}", star.y),
                format!("{:.6}", star.ra_deg),
                format!("{:.6}", star.dec_deg),
            ]
        }),
    );
    page = page.table(
        &["", "columns", "rows"],
        report.boxes.iter().enumerate().map(|(k, place)| {
            [
                format!("box {}", k + 1),
                format!("{} to {}", place.x.start, place.x.end.saturating_sub(1)),
                format!("{} to {}", place.y.start, place.y.end.saturating_sub(1)),
            ]
        }),
    );
    Ok(page)
}

fn summary(report: &GridReport) -> String {
    let sizes: Vec<String> = report
        .grids
        .iter()
        .map(|grid| {
            format!(
                "{} by {} pixels of {} arcsec",
                grid.nx,
                grid.ny,
                short(grid.scale_arcsec)
            )
        })
        .collect();
    format!(
        "{} exposures combined in {} ways on {}. Cosmic rays and sky are found once, and are the same in all.",
        report.exposures,
        report.trials.len(),
        sizes.join(" and ")
    )
}

fn row(report: &GridReport, trial: &super::Trial) -> [String; 7] {
    let number =
        |value: Option<f64>, digits: usize| value.map_or(String::new(), |value| format!("{value:.digits$}"));
    let mut faults = Vec::new();
    for (fine, fault) in [(trial.complete, "pixels missing"), (trial.even, "weight uneven")] {
        if !fine {
            faults.push(fault);
        }
    }
    faults.extend(trial.star_fault());
    [
        trial.name(report.several),
        trial.missing.to_string(),
        trial.missing_by_pixfrac.to_string(),
        number(trial.rms_over_median, 3),
        number(trial.fwhm_arcsec, 4),
        number(trial.ellipticity, 3),
        match faults.is_empty() {
            true => "yes".to_owned(),
            false => faults.join(", "),
        },
    ]
}
