//! The figures of the demonstration.

use super::Comparison;
use super::fluxes::{CLASSES_E, FluxBin, Fluxes, Measured};
use super::mean_star::MeanStar;
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
    // Each amplifier has a level of its own; with the sky where that of the calibrated frames is, all have one scale.
    let mut electrons = raw.clone();
    for region in &section.regions {
        let columns = region.first..region.first + region.columns;
        let level = profiles::level_of(&raw, columns.clone());
        for y in 0..raw.ny() {
            for value in electrons.row_mut(y).get_mut(columns.clone()).unwrap_or_default() {
                *value = ((f64::from(*value) - level) * gain + sky_e) as f32;
            }
        }
    }
    let (rows, columns) = detail(comparison, section.version, flt.sci.shape());
    let (top, left) = (section.virtual_rows.0, section.prescan.0);
    let raw_rows = rows.start + top..rows.end + top;
    let raw_columns = columns.start + left..columns.end + left;
    let grey = ColourMap::named("gray")?;
    let panel = |image: &Image<f32>, title: &str, range: (f64, f64)| {
        ImagePanel::owned(image.clone())
            .title(title)
            .scaling(Scaling::linear().between(range.0, range.1))
            .colour_map(grey.clone())
            .unit("electrons")
            .axis_labels("column, pixels", "row, pixels")
    };
    let frame = |rows: &Range<usize>, columns: &Range<usize>| {
        let shape = rectangle(
            columns.start as f64..columns.end as f64,
            rows.start as f64..rows.end as f64,
        );
        Overlay::new(shape)
            .colour(Colour::of_series(1))
            .width_pt(2.0)
            .label("detail below")
    };
    let range = (sky_e - 30.0, sky_e + 90.0);
    let whole = |image: &Image<f32>, title: &str, rows: &Range<usize>, columns: &Range<usize>| {
        panel(image, title, range)
            .reduction(Reduction::Mean)
            .overlay(frame(rows, columns))
    };
    let close = (sky_e - 18.0, sky_e + 50.0);
    let behind = (DETAIL as f64 - 6.0, DETAIL as f64 + 5.0);
    // The trail lies behind the star in the middle, away from the amplifier.
    let up = if section.is_read_from_the_top() { -1.0 } else { 1.0 };
    let trail = |rows: &Range<usize>, columns: &Range<usize>| {
        let middle = rows.start as f64 + DETAIL as f64;
        let ends = [middle + up * 6.0, middle + up * 40.0];
        let shape = rectangle(
            columns.start as f64 + behind.0..columns.start as f64 + behind.1,
            ends[0].min(ends[1])..ends[0].max(ends[1]),
        );
        Overlay::new(shape)
            .colour(Colour::of_series(1))
            .width_pt(1.5)
            .dashed()
    };
    let detail = |image: &Image<f32>, title: &str, rows: &Range<usize>, columns: &Range<usize>| {
        let panel = panel(image, title, close).overlay(trail(rows, columns));
        panel.section(rows.clone(), columns.clone())
    };
    let figure = Figure::new()
        .panel(whole(
            &electrons,
            "raw: less its bias level",
            &raw_rows,
            &raw_columns,
        ))
        .panel(whole(&flt.sci, "flt: calibrated", &rows, &columns))
        .panel(whole(
            &flc.sci,
            "flc: charge transfer corrected as well",
            &rows,
            &columns,
        ))
        .panel(detail(
            &electrons,
            "raw: the trail of a star, dashed",
            &raw_rows,
            &raw_columns,
        )?)
        .panel(detail(
            &flt.sci,
            "flt: the trail is still there",
            &rows,
            &columns,
        )?)
        .panel(detail(&flc.sci, "flc: the trail is gone", &rows, &columns)?)
        .columns(3)
        .width_px(1800);
    Ok(Some(Drawn {
        path: results.join("frames.png"),
        figure,
        caption: format!(
            "{}, amplifier {} below at the left: as it was read (less its bias level, in electrons), calibrated without the \
             correction for charge transfer (flt) and with it (flc); the three of a row have one scale. Calibration takes out \
             hot columns, bad pixels and the overscan at the edges. The details lie far from the amplifier: the charge that a \
             star lost on its way lies in the dashed box behind it, and in flc is back in the star.",
            exposure.rootname,
            section
                .regions
                .first()
                .map_or('C', |region| region.amplifier.letter()),
        ),
    }))
}

/// The pixels from the first to before the last column and row.
fn rectangle(columns: Range<f64>, rows: Range<f64>) -> Shape {
    Shape::Rectangle {
        x: 0.5 * (columns.start + columns.end) - 0.5,
        y: 0.5 * (rows.start + rows.end) - 0.5,
        w: columns.end - columns.start,
        h: rows.end - rows.start,
        theta_deg: 0.0,
    }
}

/// The mean star far from the amplifier without and with the correction, and in a section what it moved.
fn moved(comparison: &Comparison, results: &Path) -> Result<Option<Drawn>> {
    let Some(exposure) = comparison.products.exposures.first() else {
        return Ok(None);
    };
    let (Some(flt), Some(flc)) = (exposure.flt.first(), exposure.flc.first()) else {
        return Ok(None);
    };
    let (rows, columns) = detail(comparison, flt.version, flt.sci.shape());
    let difference = Image::from_fn(flt.sci.ny(), flt.sci.nx(), |x, y| {
        flc.sci[(y, x)] - flt.sci[(y, x)]
    });
    let grey = ColourMap::named("gray")?;
    let mean = MeanStar::of(comparison);
    let star = |image: Image<f32>, title: &str, range: (f64, f64), map: &ColourMap| {
        ImagePanel::owned(image)
            .title(title)
            .scaling(Scaling::linear().between(range.0, range.1))
            .colour_map(map.clone())
            .unit("% of the star's light")
            .axis_labels("column, pixels", "row, pixels")
    };
    let blue_red = ColourMap::named("RdBu_r")?;
    let less_truth = |image: &Image<f32>| {
        Image::from_fn(image.ny(), image.nx(), |x, y| image[(y, x)] - mean.truth[(y, x)])
    };
    let range = (-0.3, 0.3);
    let (before, after) = (less_truth(&mean.flt), less_truth(&mean.flc));
    let figure = Figure::new()
        .panel(star(
            mean.truth.clone(),
            &format!("mean of {} stars, as put in", mean.stars),
            (0.0, 10.0),
            &grey,
        ))
        .panel(star(before, "before: flt less these", range, &blue_red))
        .panel(star(after, "after: flc less these", range, &blue_red))
        .panel(
            ImagePanel::owned(difference)
                .title("one exposure: flc less flt")
                .scaling(Scaling::linear().between(-12.0, 12.0))
                .colour_map(ColourMap::named("RdBu_r")?)
                .unit("electrons")
                .axis_labels("column, pixels", "row, pixels")
                .section(rows, columns)?,
        )
        .columns(4)
        .width_px(2000);
    Ok(Some(Drawn {
        path: results.join("moved.png"),
        figure,
        caption: "What charge transfer does, before and after its correction: the mean of stars far from the amplifier, and what \
                  it is in flt and in flc less what was put in, on one scale. In flt the stars lack light (blue) that lies in a \
                  trail above them (red), away from the amplifier; in flc both are gone. At the right what the correction moved in the detail of one exposure: charge behind stars and cosmic \
                  rays (blue) goes back to where it came from (red)."
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

/// The bias before calibration, and what is left of it after: above and below on one scale.
fn bias_profiles(bias: &profiles::BiasProfiles, results: &Path) -> Drawn {
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
