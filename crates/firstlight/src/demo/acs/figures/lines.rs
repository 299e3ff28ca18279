//! Profiles and fluxes.

use crate::demo::Drawn;
use crate::demo::acs::Comparison;
use crate::demo::acs::fluxes::{CLASSES_E, FluxBin, Fluxes, Measured};
use crate::demo::acs::profiles::{self, FAR, Line, TRAIL_E, Trail};
use firstlight_look::{Colour, Figure, Marker, PlotPanel, Series};
use std::path::Path;

/// The mean column through stars far from the amplifier, whole and less the truth.
pub(super) fn trails(trail: &Trail, results: &Path) -> Drawn {
    let [of_flt, of_flc, of_truth] = colours();
    let x = "distance from the star, away from the amplifier, pixels";
    let whole = PlotPanel::new(x, "mean in the star's column, % of its light")
        .title(format!(
            "{} stars of {:.0} to {:.0} electrons",
            trail.stars, TRAIL_E.0, TRAIL_E.1
        ))
        .x_range(-8.0, 20.0)
        .series(
            Series::step(&trail.distance, &trail.flt)
                .label("flt")
                .colour(of_flt),
        )
        .series(
            Series::step(&trail.distance, &trail.flc)
                .label("flc")
                .colour(of_flc),
        )
        .series(
            Series::scatter(&trail.distance, &trail.truth)
                .label("truth")
                .colour(of_truth)
                .size_pt(5.0),
        );
    let mut less = PlotPanel::new(x, "the same less the truth, % of its light")
        .title("what charge transfer moved")
        .x_range(-8.0, 35.0)
        .y_range(-0.62, 0.32)
        .level(0.0, "");
    for (label, profile, colour) in [("flt", &trail.flt, of_flt), ("flc", &trail.flc, of_flc)] {
        let moved: Vec<f64> = profile.iter().zip(&trail.truth).map(|(v, t)| v - t).collect();
        less = less.series(
            Series::line(&trail.distance, &moved)
                .y_errors(&trail.error)
                .marker(Marker::Disc)
                .label(label)
                .colour(colour)
                .size_pt(4.0),
        );
    }
    Drawn {
        path: results.join("trails.png"),
        figure: Figure::new().panel(whole).panel(less).columns(2).width_px(1600),
        caption: format!(
            "The trail of charge: mean column through {} isolated stars with more than {:.0} % of the way to the \
             amplifier before them, without the correction for charge transfer (flt) and with it (flc). What the star's \
             first pixels lose, those behind it have too much.",
            trail.stars,
            100.0 * FAR
        ),
    }
}

/// Fluxes against distance from the amplifier, by class of brightness.
pub(super) fn recovered(comparison: &Comparison, fluxes: &Fluxes, results: &Path) -> Drawn {
    let [of_flt, of_flc, _] = colours();
    let rows = comparison.visit.sections().iter().map(|section| section.shape.0);
    let longest = rows.max().unwrap_or(0) as f64;
    let mut figure = Figure::new();
    for (index, electrons) in CLASSES_E.into_iter().enumerate() {
        let mut panel = PlotPanel::new(
            "parallel transfers to the amplifier",
            "recovered less true flux, %",
        )
        .title(format!(
            "stars of {:.0} to {:.0} electrons",
            electrons.0, electrons.1
        ))
        .x_range(0.0, longest)
        .y_range([-20.0, -10.0][index], [10.0, 5.0][index])
        .level(0.0, "");
        for (product, measured, colour) in [("flt", &fluxes.flt, of_flt), ("flc", &fluxes.flc, of_flc)] {
            let inside = |m: &&Measured| (electrons.0..electrons.1).contains(&m.total_e);
            let (x, y): (Vec<f64>, Vec<f64>) = measured
                .iter()
                .filter(inside)
                .map(|m| (m.transfers, 100.0 * m.excess))
                .unzip();
            panel = panel.series(
                Series::scatter(&x, &y)
                    .colour(colour.with_alpha(0.3))
                    .size_pt(2.4),
            );
            let of_class = |bin: &&FluxBin| bin.product == product && bin.electrons == electrons;
            let bins: Vec<&FluxBin> = fluxes.bins.iter().filter(of_class).collect();
            let of = |value: fn(&FluxBin) -> f64| bins.iter().map(|bin| value(bin)).collect::<Vec<f64>>();
            panel = panel.series(
                Series::line(
                    &of(|bin| 0.5 * (bin.transfers.0 + bin.transfers.1)),
                    &of(|bin| 100.0 * bin.excess),
                )
                .y_errors(&of(|bin| 100.0 * bin.error))
                .marker(Marker::Disc)
                .label(product)
                .colour(colour)
                .size_pt(6.0),
            );
        }
        figure = figure.panel(panel);
    }
    Drawn {
        path: results.join("fluxes.png"),
        figure: figure.columns(2).width_px(1600),
        caption: "Light in 3 × 3 pixels of isolated stars, relative to what the truth puts there, against the number of \
                  transfers to the amplifier: faint dots single stars, discs medians with standard errors."
            .to_owned(),
    }
}

/// The bias before calibration, and what is left of it after: above and below on one scale.
pub(super) fn bias_profiles(bias: &profiles::BiasProfiles, results: &Path) -> Drawn {
    let [first, second, third] = colours();
    let panel = |x: &str, title: &str, line: &Line, of: &str, range: (f64, f64)| {
        PlotPanel::new(x, "above the level, electrons")
            .title(title)
            .series(
                Series::line(&line.at, &line.value)
                    .width_pt(0.6)
                    .colour(first.with_alpha(0.35))
                    .label(of),
            )
            .y_range(range.0, range.1)
            .level(0.0, "")
    };
    let smooth = |line: &Line| {
        let line = line.binned(16);
        Series::line(&line.at, &line.value)
            .width_pt(2.0)
            .colour(second)
            .label("means of 16")
    };
    let (rows, columns) = ((-6.0, 6.0), (-15.0, 150.0));
    let raw = panel(
        "row, pixels",
        "before: bias level of the rows (prescan of raw)",
        &bias.raw_by_row,
        "each row",
        rows,
    );
    let flt = panel(
        "row, pixels",
        "after: rows of flt, less the simulated sky",
        &bias.flt_by_row,
        "each row",
        rows,
    );
    let superbias = Series::line(&bias.superbias_by_column.at, &bias.superbias_by_column.value)
        .width_pt(0.8)
        .colour(third)
        .dashed()
        .label("superbias");
    let raw_columns = panel(
        "column, pixels",
        "before: bias of the columns (virtual rows of raw)",
        &bias.raw_by_column,
        "raw",
        columns,
    );
    let flt_columns = panel(
        "column, pixels",
        "after: columns of flt, less the simulated sky",
        &bias.flt_by_column,
        "flt",
        columns,
    );
    let figure = Figure::new()
        .panel(raw.series(smooth(&bias.raw_by_row)))
        .panel(raw_columns.series(superbias))
        .panel(flt.series(smooth(&bias.flt_by_row)))
        .panel(flt_columns)
        .columns(2)
        .width_px(1600);
    Drawn {
        path: results.join("bias.png"),
        figure,
        caption: "The bias before calibration (above) and what is left of it after (below), in electrons above its level, on \
                  the same scales. At the left by row: the stripes of the reference voltage, which stay in the flt of \
                  subarrays (firstlight destripe takes them out), and in the middle of flt the wings of the cluster's stars. At \
                  the right by column: hot columns, which the superbias has and takes away."
            .to_owned(),
    }
}

fn colours() -> [Colour; 3] {
    [0, 1, 2].map(Colour::of_series)
}
