//! The figures of the demonstration.

use super::Comparison;
use super::fluxes::{CLASSES_E, FluxBin, Fluxes, Measured};
use super::profiles::{self, FAR, Line, TRAIL_E, Trail};
use crate::Result;
use crate::demo::Drawn;
use crate::simulate::AcsReport;
use firstlight_frame::Image;
use firstlight_look::{
    Colour, ColourMap, Figure, ImagePanel, Marker, Overlay, PlotPanel, Reduction, Scaling, Series, Shape,
};
use std::ops::Range;
use std::path::Path;

/// Draws and writes all figures.
pub fn draw(
    comparison: &Comparison,
    simulated: &AcsReport,
    fluxes: &Fluxes,
    trail: &Trail,
    results: &Path,
) -> Result<Vec<Drawn>> {
    let mut drawn = Vec::new();
    drawn.extend(frames(comparison, results)?);
    drawn.extend(moved(comparison, results)?);
    drawn.push(trails(trail, results));
    drawn.push(recovered(comparison, fluxes, results));
    if let Some(bias) = profiles::bias(comparison, simulated)? {
        drawn.push(bias_profiles(&bias, results));
    }
    for drawn in &drawn {
        drawn.figure.png(&drawn.path)?;
    }
    Ok(drawn)
}

/// Half the side of the section that is shown in detail, pixels.
const DETAIL: usize = 55;

/// Raw, flt and flc: the whole frame, and a section far from the amplifier.
fn frames(comparison: &Comparison, results: &Path) -> Result<Option<Drawn>> {
    let products = &comparison.products;
    let (Some(exposure), Some(section)) = (products.exposures.first(), comparison.visit.sections().first())
    else {
        return Ok(None);
    };
    let (Some(flt), Some(flc)) = (exposure.flt.first(), exposure.flc.first()) else {
        return Ok(None);
    };
    let raw = products.raw.load_sci(section.version)?;
    let truth = comparison.visit.truth().exposures;
    let sky_e = truth.first().map_or(40.0, |e| e.sky_rate * e.exptime_s);
    let gain = f64::from(comparison.visit.options().gain);
    // Each amplifier has a level of its own.
    let levels = section.regions.iter().map(|region| {
        let columns = region.first..region.first + region.columns;
        (columns.clone(), profiles::level_of(&raw, columns))
    });
    let levels: Vec<(Range<usize>, f64)> = levels.collect();
    let (rows, columns) = detail(comparison, section.version, flt.sci.shape());
    let (top, left) = (section.virtual_rows.0, section.prescan.0);
    let raw_rows = rows.start + top..rows.end + top;
    let raw_columns = columns.start + left..columns.end + left;
    let grey = ColourMap::named("gray")?;
    let range_e = (sky_e - 30.0, sky_e + 90.0);
    // The raw frame on the same scale, as far as its amplifiers' levels let it: the lowest less the sky stands where the
    // sky stands in electrons.
    let all = || levels.iter().map(|(_, level)| *level);
    let (lowest, highest) = (
        all().fold(f64::INFINITY, f64::min),
        all().fold(f64::NEG_INFINITY, f64::max),
    );
    let range_dn = (lowest - 30.0 / gain, highest + 90.0 / gain);
    let here = levels
        .iter()
        .find(|(columns, _)| columns.contains(&raw_columns.start));
    let level = here.map_or(lowest, |(_, level)| *level);
    let panel = |image: &Image<f32>, title: &str, range: (f64, f64), unit: &str| {
        ImagePanel::owned(image.clone())
            .title(title)
            .scaling(Scaling::linear().between(range.0, range.1))
            .colour_map(grey.clone())
            .unit(unit)
            .axis_labels("column, pixels", "row, pixels")
    };
    let frame = |rows: &Range<usize>, columns: &Range<usize>| {
        let shape = Shape::Rectangle {
            x: 0.5 * (columns.start + columns.end) as f64 - 0.5,
            y: 0.5 * (rows.start + rows.end) as f64 - 0.5,
            w: columns.len() as f64,
            h: rows.len() as f64,
            theta_deg: 0.0,
        };
        Overlay::new(shape).colour(Colour::of_series(1)).width_pt(1.5)
    };
    let whole =
        |image: &Image<f32>, title: &str, range, unit: &str, rows: &Range<usize>, columns: &Range<usize>| {
            panel(image, title, range, unit)
                .reduction(Reduction::Mean)
                .overlay(frame(rows, columns))
        };
    let close_e = (sky_e - 18.0, sky_e + 50.0);
    let close_dn = (level - 18.0 / gain, level + 50.0 / gain);
    let figure = Figure::new()
        .panel(whole(&raw, "raw", range_dn, "DN", &raw_rows, &raw_columns))
        .panel(whole(&flt.sci, "flt", range_e, "electrons", &rows, &columns))
        .panel(whole(&flc.sci, "flc", range_e, "electrons", &rows, &columns))
        .panel(panel(&raw, "raw, detail", close_dn, "DN").section(raw_rows, raw_columns)?)
        .panel(panel(&flt.sci, "flt, detail", close_e, "electrons").section(rows.clone(), columns.clone())?)
        .panel(panel(&flc.sci, "flc, detail", close_e, "electrons").section(rows, columns)?)
        .columns(3)
        .width_px(1800);
    Ok(Some(Drawn {
        path: results.join("frames.png"),
        figure,
        caption: format!(
            "{}, amplifier {} below at the left: as it was read, calibrated without the correction for charge transfer \
             (flt) and with it (flc). The details lie far from the amplifier, where charge trails upwards in flt.",
            exposure.rootname,
            section
                .regions
                .first()
                .map_or('C', |region| region.amplifier.letter()),
        ),
    }))
}

/// A section far from the amplifier without and with the correction, and what it moved.
fn moved(comparison: &Comparison, results: &Path) -> Result<Option<Drawn>> {
    let Some(exposure) = comparison.products.exposures.first() else {
        return Ok(None);
    };
    let (Some(flt), Some(flc)) = (exposure.flt.first(), exposure.flc.first()) else {
        return Ok(None);
    };
    let (rows, columns) = detail(comparison, flt.version, flt.sci.shape());
    let sky_e = profiles::level(&flt.sci);
    let difference = Image::from_fn(flt.sci.ny(), flt.sci.nx(), |x, y| {
        flc.sci[(y, x)] - flt.sci[(y, x)]
    });
    let panel =
        |image: Image<f32>, title: &str, range: (f64, f64), map: &str| -> Result<ImagePanel<'static>> {
            Ok(ImagePanel::owned(image)
                .title(title)
                .scaling(Scaling::linear().between(range.0, range.1))
                .colour_map(ColourMap::named(map)?)
                .unit("electrons")
                .axis_labels("column, pixels", "row, pixels")
                .section(rows.clone(), columns.clone())?)
        };
    let range = (sky_e - 18.0, sky_e + 50.0);
    let figure = Figure::new()
        .panel(panel(flt.sci.clone(), "flt", range, "gray")?)
        .panel(panel(flc.sci.clone(), "flc", range, "gray")?)
        .panel(panel(difference, "flc less flt", (-12.0, 12.0), "RdBu_r")?)
        .columns(3)
        .width_px(1800);
    Ok(Some(Drawn {
        path: results.join("moved.png"),
        figure,
        caption: "The same detail, and what the correction moved: charge behind stars and cosmic rays (blue) goes back to \
                  where it came from (red)."
            .to_owned(),
    }))
}

/// Rows and columns about a star of middle brightness far from the amplifier, of an imset's imaging area.
fn detail(comparison: &Comparison, version: i64, (ny, nx): (usize, usize)) -> (Range<usize>, Range<usize>) {
    let exptime_s = comparison.exptime_s();
    let margin = DETAIL as f64 + 2.0;
    let inside = |at: f64, n: usize| at > margin && at < n as f64 - margin;
    let first = comparison.products.exposures.first().map(|e| e.rootname.clone());
    let chosen = comparison.stars.iter().find(|star| {
        Some(&star.rootname) == first.as_ref()
            && star.version == version
            && star.rate * exptime_s < 30_000.0
            && star.transfers > 0.85 * ny as f64
            && inside(star.x, nx)
            && inside(star.y, ny)
    });
    let (x, y) = chosen.map_or((0.5 * nx as f64, 0.8 * ny as f64), |star| (star.x, star.y));
    let about = |at: f64, n: usize| {
        let start = (at.round() as usize)
            .saturating_sub(DETAIL)
            .min(n.saturating_sub(2 * DETAIL));
        start..(start + 2 * DETAIL).min(n)
    };
    (about(y, ny), about(x, nx))
}

fn colours() -> [Colour; 3] {
    [0, 1, 2].map(Colour::of_series)
}

/// The mean column through stars far from the amplifier, whole and less the truth.
fn trails(trail: &Trail, results: &Path) -> Drawn {
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
fn recovered(comparison: &Comparison, fluxes: &Fluxes, results: &Path) -> Drawn {
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

/// The bias before calibration, and what is left of it after.
fn bias_profiles(bias: &profiles::BiasProfiles, results: &Path) -> Drawn {
    let [first, second, third] = colours();
    let plot = |line: &Line| Series::line(&line.at, &line.value).width_pt(0.8);
    let by_row = PlotPanel::new("row", "mean of 6 prescan columns, DN")
        .title("raw: prescan by row")
        .series(
            plot(&bias.raw_by_row)
                .colour(first.with_alpha(0.45))
                .label("each row"),
        )
        .series(
            plot(&bias.raw_by_row.binned(16))
                .colour(second)
                .width_pt(1.6)
                .label("means of 16 rows"),
        );
    let by_column = PlotPanel::new("column", "mean of 14 virtual rows, DN")
        .title("raw: virtual rows by column")
        .series(plot(&bias.raw_by_column).colour(first).label("raw"))
        .series(plot(&bias.superbias_by_column).colour(second).label("superbias"));
    let calibrated = |x: &str, title: &str, line: &Line| {
        let ends = [line.at.first(), line.at.last()].map(|at| at.copied().unwrap_or(0.0));
        PlotPanel::new(x, "median, electrons")
            .title(title)
            .series(plot(line).colour(first.with_alpha(0.45)).label("flt"))
            .series(
                plot(&line.binned(16))
                    .colour(second)
                    .width_pt(1.6)
                    .label("means of 16"),
            )
            .series(
                Series::line(&ends, &[bias.sky_e; 2])
                    .colour(third)
                    .width_pt(2.0)
                    .dashed()
                    .label("sky as simulated"),
            )
            .y_range(bias.sky_e - 5.0, bias.sky_e + 5.0)
    };
    let figure = Figure::new()
        .panel(by_row)
        .panel(by_column)
        .panel(calibrated("row", "calibrated: medians of rows", &bias.flt_by_row))
        .panel(calibrated(
            "column",
            "calibrated: medians of columns",
            &bias.flt_by_column,
        ))
        .columns(2)
        .width_px(1600);
    Drawn {
        path: results.join("bias.png"),
        figure,
        caption: "Profiles of the bias. Above the raw frame: the prescan by row, where the stripes of the reference \
                  voltage show, and the virtual rows by column, with the superbias on their level: the ramp at the \
                  first columns and hot columns. Below what is left after calibration: the sky, lifted in the middle by the \
                  wings of the cluster's stars. The stripes of subarrays stay in flt; firstlight destripe takes them out."
            .to_owned(),
    }
}
