//! Frames and sections of them.

use crate::Result;
use crate::demo::Drawn;
use crate::demo::acs::mean_star::MeanStar;
use crate::demo::acs::{Comparison, profiles};
use firstlight_frame::Image;
use firstlight_look::{Colour, ColourMap, Figure, ImagePanel, Overlay, Reduction, Scaling, Shape};
use std::ops::Range;
use std::path::Path;

/// Half the side of the section that is shown in detail, pixels.
const DETAIL: usize = 55;

/// Raw, flt and flc: the whole frame, and a section far from the amplifier.
pub(super) fn frames(comparison: &Comparison, results: &Path) -> Result<Option<Drawn>> {
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
            "raw: detail, dashed where a trail lies",
            &raw_rows,
            &raw_columns,
        )?)
        .panel(detail(&flt.sci, "flt: detail", &rows, &columns)?)
        .panel(detail(&flc.sci, "flc: detail", &rows, &columns)?)
        .columns(3)
        .width_px(1800);
    Ok(Some(Drawn {
        path: results.join("frames.png"),
        figure,
        caption: format!(
            "{}, amplifier {} below at the left: as it was read (less its bias level, in electrons), calibrated without the \
             correction for charge transfer (flt) and with it (flc); the three of a row have one scale. Calibration takes out \
             hot columns, bad pixels and the overscan at the edges. The details lie far from the amplifier: the charge that a \
             star lost on its way lies in the dashed box behind it, and in flc is back in the star: a few electrons a pixel, less than \
             the noise, which the mean of many stars shows (moved.png).",
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
pub(super) fn moved(comparison: &Comparison, results: &Path) -> Result<Option<Drawn>> {
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
                  trail above them (red), away from the amplifier; in flc both are gone. At the right what the correction \
                  moved in the detail of one exposure: charge behind stars and cosmic rays (blue) goes \
                  back to where it came from (red)."
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
