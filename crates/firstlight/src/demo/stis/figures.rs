//! The figures of the demonstration.

use super::comparison::{Comparison, NAMES, Spectrum};
use crate::Result;
use crate::demo::Drawn;
use firstlight_frame::Image;
use firstlight_look::{
    Colour, ColourMap, Figure, ImagePanel, Marker, Overlay, PlotPanel, Scaling, Series, Shape,
};
use firstlight_simulate::stis::{HotPixel, SIDE};
use std::ops::Range;
use std::path::Path;

/// Draws and writes all figures.
pub fn draw(comparison: &Comparison, results: &Path) -> Result<Vec<Drawn>> {
    let drawn = vec![
        images(comparison, results)?,
        darks(comparison, results)?,
        spectra(comparison, results),
        hot_pixels(comparison, results),
    ];
    for drawn in &drawn {
        drawn.figure.png(&drawn.path)?;
    }
    Ok(drawn)
}

/// Half the sides of the sections that are shown, rows and columns.
const IMAGE_HALF: (usize, usize) = (30, 45);
const DARK_HALF: (usize, usize) = (40, 40);

/// The brightest new hot pixel near the star's spectrum.
fn beside_the_star(comparison: &Comparison) -> Option<HotPixel> {
    let columns = &comparison.truth.spectrum;
    let near = |pixel: &&HotPixel| {
        let row = columns.get(pixel.x).map_or(0.0, |column| column.row - 1.0);
        let away = (pixel.y as f64 - row).abs();
        (4.0..IMAGE_HALF.0 as f64 - 5.0).contains(&away) && pixel.rate < 2.0
    };
    let brightest = |a: &&HotPixel, b: &&HotPixel| a.rate.total_cmp(&b.rate);
    comparison
        .new_hot_pixels()
        .filter(near)
        .max_by(brightest)
        .copied()
}

/// Rows and columns about a pixel, or about the middle.
fn section(pixel: Option<&HotPixel>, (rows, columns): (usize, usize)) -> (Range<usize>, Range<usize>) {
    let (x, y) = pixel.map_or((SIDE / 2, SIDE / 2), |pixel| (pixel.x, pixel.y));
    let about = |at: usize, half: usize| {
        let start = at.saturating_sub(half).min(SIDE - 2 * half);
        start..start + 2 * half
    };
    (about(y, rows), about(x, columns))
}

fn ring(pixel: &HotPixel) -> Overlay {
    let shape = Shape::Circle {
        x: pixel.x as f64,
        y: pixel.y as f64,
        r: 3.5,
    };
    Overlay::new(shape).colour(Colour::of_series(1)).width_pt(1.5)
}

/// The new hot pixels in a section.
fn rings(
    comparison: &Comparison,
    least: f64,
    (rows, columns): &(Range<usize>, Range<usize>),
) -> Vec<Overlay> {
    let shown =
        |pixel: &&HotPixel| rows.contains(&pixel.y) && columns.contains(&pixel.x) && pixel.rate > least;
    comparison.new_hot_pixels().filter(shown).map(ring).collect()
}

/// The combined image with both darks, and their difference.
fn images(comparison: &Comparison, results: &Path) -> Result<Drawn> {
    let pixel = beside_the_star(comparison);
    let part = section(pixel.as_ref(), IMAGE_HALF);
    let [default, week] = &comparison.images;
    let difference = Image::from_fn(default.ny(), default.nx(), |x, y| default[(y, x)] - week[(y, x)]);
    let marks = rings(comparison, 0.1, &part);
    let panel =
        |image: &Image<f32>, title: &str, range: (f64, f64), map: &str| -> Result<ImagePanel<'static>> {
            Ok(ImagePanel::owned(image.clone())
                .title(title)
                .scaling(Scaling::linear().between(range.0, range.1))
                .colour_map(ColourMap::named(map)?)
                .unit("DN")
                .axis_labels("column (pixels)", "row (pixels)")
                .section(part.0.clone(), part.1.clone())?
                .overlays(marks.iter().cloned()))
        };
    let figure = Figure::new()
        .title("the image of the spectrum without cosmic rays (crj); circles: pixels that became hot after the default dark was made")
        .panel(panel(default, &format!("with the {}", NAMES[0]), (-40.0, 160.0), "gray")?)
        .panel(panel(week, &format!("with the {}", NAMES[1]), (-40.0, 160.0), "gray")?)
        .panel(panel(&difference, &format!("difference: {} less {}", NAMES[0], NAMES[1]), (-200.0, 200.0), "RdBu_r")?)
        .columns(3)
        .width_px(1800);
    Ok(Drawn {
        path: results.join("image.png"),
        figure,
        caption: "The spectrum without cosmic rays. Circles: pixels that have become hot since the default dark was made. \
                  The week's dark takes away those that it knows; what became hot after its last dark stays."
            .to_owned(),
    })
}

/// Both darks beside the truth.
fn darks(comparison: &Comparison, results: &Path) -> Result<Drawn> {
    let bright = comparison.new_hot_pixels().filter(|pixel| pixel.rate > 1.0);
    let centre = bright
        .min_by_key(|pixel| pixel.x.abs_diff(SIDE / 2) + pixel.y.abs_diff(SIDE / 2))
        .copied();
    let part = section(centre.as_ref(), DARK_HALF);
    let truth = Image::from_fn(SIDE, SIDE, |x, y| comparison.truth.dark[y * SIDE + x]);
    let marks = rings(comparison, 0.1, &part);
    let panel = |image: &Image<f32>, title: &str| -> Result<ImagePanel<'static>> {
        Ok(ImagePanel::owned(image.clone())
            .title(title)
            .scaling(Scaling::linear().between(0.0, 0.12))
            .colour_map(ColourMap::named("inferno")?)
            .unit("electrons/s")
            .axis_labels("column (pixels)", "row (pixels)")
            .section(part.0.clone(), part.1.clone())?
            .overlays(marks.iter().cloned()))
    };
    let [default, week] = &comparison.darks;
    let figure = Figure::new()
        .title("dark current; circles: pixels that became hot after the default dark was made")
        .panel(panel(default, NAMES[0])?)
        .panel(panel(week, NAMES[1])?)
        .panel(panel(&truth, "the truth on the day of the spectrum")?)
        .columns(3)
        .width_px(1800);
    Ok(Drawn {
        path: results.join("darks.png"),
        figure,
        caption: "A section of the dark that the header names, made before the anneal period; of the dark made of the \
                  darks of the spectrum's week; and of the dark current as it was. Circles: pixels that have become hot \
                  in between."
            .to_owned(),
    })
}

/// Each spectrum with the truth in a panel of its own, and below what differs between the two.
fn spectra(comparison: &Comparison, results: &Path) -> Drawn {
    let [default, week] = &comparison.spectra;
    let highest = week.truth.iter().copied().fold(0.0, f64::max) * SCALE;
    let difference: Vec<f64> = default
        .flux
        .iter()
        .zip(&week.flux)
        .map(|(default, week)| SCALE * (default - week))
        .collect();
    let below = PlotPanel::new(WAVELENGTH, format!("difference of {FLUX}"))
        .title(format!("difference: {} less {}", NAMES[0], NAMES[1]))
        .aspect(ASPECT)
        .series(
            Series::line(&default.wavelength, &difference)
                .colour(Colour::of_series(3))
                .width_pt(1.0),
        )
        .level(0.0, "");
    let mut figure = Figure::new()
        .title(format!(
            "the spectrum with the {} and with the {}",
            NAMES[0], NAMES[1]
        ))
        .columns(1)
        .width_px(1500);
    for (which, spectrum) in [default, week].into_iter().enumerate() {
        figure = figure.panel(spectrum_panel(which, spectrum, highest));
    }
    Drawn {
        path: results.join("spectra.png"),
        figure: figure.panel(below),
        caption: "The extracted spectrum with each dark, over the truth, and the difference of the two. Circles: samples that are \
                  off by more than four of their errors. What the default dark alone has are hot pixels in the rows of the \
                  spectrum: upwards those that it does not know, downwards those that have healed since. The week's dark has \
                  left pixels that appeared or healed in that very week. Where the difference is 0, both darks give the same."
            .to_owned(),
    }
}

/// What fluxes are multiplied by, and axes of spectra.
const SCALE: f64 = 1.0e15;
const WAVELENGTH: &str = "wavelength (Å)";
const FLUX: &str = "flux (1e-15 erg/s/cm²/Å)";
const ASPECT: f64 = 0.24;

/// One spectrum over the truth, with the samples marked that are far off.
fn spectrum_panel(which: usize, spectrum: &Spectrum, highest: f64) -> PlotPanel {
    let scaled = |values: &[f64]| values.iter().map(|value| SCALE * value).collect::<Vec<f64>>();
    let flux = scaled(&spectrum.flux);
    let (at, off): (Vec<f64>, Vec<f64>) = spectrum
        .far_off()
        .map(|sample| (spectrum.wavelength[sample], flux[sample]))
        .unzip();
    let truth = Series::line(&spectrum.wavelength, &scaled(&spectrum.truth));
    let measured = Series::line(&spectrum.wavelength, &flux);
    PlotPanel::new(WAVELENGTH, FLUX)
        .title(format!("with the {}", NAMES[which]))
        .aspect(ASPECT)
        .y_range(-0.1 * highest, 1.15 * highest)
        .series(
            measured
                .label(NAMES[which])
                .colour(Colour::of_series(which))
                .width_pt(1.0),
        )
        .series(truth.label("truth").colour(Colour::BLACK).width_pt(0.8))
        .series(
            Series::scatter(&at, &off)
                .label(format!("off by more than 4 errors: {}", at.len()))
                .colour(Colour::of_series(3))
                .marker(Marker::Circle)
                .size_pt(7.0),
        )
}

/// What is left of hot pixels against their dark current.
fn hot_pixels(comparison: &Comparison, results: &Path) -> Drawn {
    let mut panel = PlotPanel::new(
        "dark current of the pixel in the exposure (electrons)",
        "left of it after calibration (electrons)",
    )
    .title("pixels that became hot after the default dark was made")
    .x_range(0.0, 1500.0)
    .y_range(-500.0, 1800.0)
    .level(0.0, "");
    for (which, name) in NAMES.into_iter().enumerate() {
        let (expected, left): (Vec<f64>, Vec<f64>) = comparison
            .new_hot_pixels()
            .map(|pixel| (comparison.dark_e(pixel), comparison.excess(which, pixel)))
            .filter(|(_, left)| left.is_finite())
            .unzip();
        panel = panel.series(
            Series::scatter(&expected, &left)
                .label(format!("with the {name}"))
                .colour(Colour::of_series(which).with_alpha(0.6))
                .size_pt(3.0),
        );
    }
    Drawn {
        path: results.join("hot_pixels.png"),
        figure: Figure::new().panel(panel).width_px(1000),
        caption: "Every pixel that has become hot since the default dark was made: what calibration leaves of it. With the \
                  default dark everything is left; with the week's dark only those that appeared in the week itself are."
            .to_owned(),
    }
}
