//! Draws every kind of panel, for eyes to judge: `cargo run --release -p firstlight-look --example gallery -- FOLDER`.

use firstlight_frame::Image;
use firstlight_look::{
    AxisScale, Colour, ColourMap, Figure, ImagePanel, Limits, Marker, Overlay, Page, PlotPanel, Result,
    Scaling, Series, Shape, Stretch,
};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned()));
    let galaxy = galaxy();
    let figures = [
        ("colour_maps", colour_maps(&galaxy)),
        ("stretches", stretches(&galaxy)),
        ("shapes", shapes(&galaxy)?),
        ("plots", plots()),
        ("ticks", ticks()),
        ("awkward", awkward(&galaxy)?),
    ];
    let mut page = Page::new("Gallery: every kind of panel")
        .paragraph(
            "Each figure is drawn twice from one scene; what is seen here is the SVG. Nothing < & > breaks.",
        )
        .facts([("panels", "images and plots"), ("typeface", "DejaVu Sans")])
        .notice("This picture is simulated.")
        .heading("A table")
        .table(
            &["filter", "net (electron/s)", "error", "note"],
            [
                ["F125LP", "2.543 ± 0.071", "0.071", "glow subtracted"],
                ["F165LP", "−0.020 ± 0.030", "0.030", ""],
            ],
        )
        .verbatim("firstlight plot a.fits b.fits \\\n    --stretch log");
    for (name, figure) in &figures {
        save(figure, &folder, name)?;
        page = page
            .heading(name)
            .figure(figure, &format!("The figure «{name}»."))?;
    }
    page.write(folder.join("gallery.html"))
}

fn save(figure: &Figure, folder: &Path, name: &str) -> Result<()> {
    let drawing = figure.draw()?;
    drawing.save(folder.join(format!("{name}.png")))?;
    drawing.save(folder.join(format!("{name}.svg")))
}

/// A disc with an exponential profile on a noisy sky, three stars, and a block of missing pixels.
fn galaxy() -> Image<f32> {
    let mut state = 42_u64;
    let mut noise = || {
        (0..4)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1 << 24) as f32 - 0.5
            })
            .sum::<f32>()
    };
    Image::from_fn(240, 320, |x, y| {
        if (20..40).contains(&x) && (190..220).contains(&y) {
            return f32::NAN;
        }
        let (dx, dy) = (x as f32 - 180.0, y as f32 - 110.0);
        let (u, v) = (0.8 * dx + 0.6 * dy, 1.8 * (-0.6 * dx + 0.8 * dy));
        let stars = [(60.0, 60.0, 900.0), (250.0, 200.0, 300.0), (100.0, 180.0, 90.0)];
        let star = |&(sx, sy, flux): &(f32, f32, f32)| {
            flux * (-((x as f32 - sx).powi(2) + (y as f32 - sy).powi(2)) / 8.0).exp()
        };
        20.0 + 3.0 * noise()
            + 200.0 * (-(u * u + v * v).sqrt() / 18.0).exp()
            + stars.iter().map(star).sum::<f32>()
    })
}

fn colour_maps(image: &Image<f32>) -> Figure<'_> {
    let mut figure = Figure::new().title("Colour maps").columns(3);
    for &name in ColourMap::names() {
        let Ok(map) = ColourMap::named(name) else { continue };
        figure = figure.panel(
            ImagePanel::new(image)
                .title(name)
                .colour_map(map)
                .scaling(Scaling::asinh()),
        );
    }
    figure
}

fn stretches(image: &Image<f32>) -> Figure<'_> {
    let scalings = [
        ("linear, all", Scaling::linear()),
        ("linear, zscale", Scaling::zscale()),
        ("log", Scaling::log()),
        (
            "sqrt",
            Scaling {
                stretch: Stretch::Sqrt,
                ..Scaling::default()
            },
        ),
        (
            "asinh, 99 percent",
            Scaling::asinh().with_limits(Limits::Percentile(99.0)),
        ),
        (
            "power 2",
            Scaling {
                stretch: Stretch::Power { exponent: 2.0 },
                ..Scaling::default()
            },
        ),
    ];
    scalings
        .into_iter()
        .fold(Figure::new().title("Stretches"), |figure, (title, scaling)| {
            figure.panel(
                ImagePanel::new(image)
                    .title(title)
                    .scaling(scaling)
                    .unit("electron"),
            )
        })
}

fn shapes(image: &Image<f32>) -> Result<Figure<'_>> {
    let (x, y) = (180.0, 110.0);
    let target = Shape::Ellipse {
        x,
        y,
        a: 60.0,
        b: 30.0,
        theta_deg: 37.0,
    };
    let ring = Shape::EllipticalAnnulus {
        x,
        y,
        a_in: 75.0,
        a_out: 95.0,
        b_in: 40.0,
        b_out: 52.0,
        theta_deg: 37.0,
    };
    let panel = ImagePanel::new(image)
        .title("Overlays")
        .scaling(Scaling::asinh())
        .colour_map(ColourMap::named("gray")?)
        .unit("electron/s")
        .overlay(Overlay::new(target).label("target").fill_alpha(0.15))
        .overlay(
            Overlay::new(ring)
                .label("sky")
                .colour(Colour::rgb(255, 200, 60))
                .fill_alpha(0.2),
        )
        .overlay(
            Overlay::new(Shape::Box {
                y: 190..220,
                x: 20..40,
            })
            .label("missing"),
        )
        .overlay(
            Overlay::new(Shape::Circle {
                x: 60.0,
                y: 60.0,
                r: 12.0,
            })
            .label("A"),
        )
        .overlay(Overlay::new(Shape::CircularAnnulus {
            x: 60.0,
            y: 60.0,
            r_in: 16.0,
            r_out: 22.0,
        }))
        .overlay(
            Overlay::new(Shape::Cross {
                x: 250.0,
                y: 200.0,
                size: 8.0,
            })
            .label("B"),
        )
        .overlay(
            Overlay::new(Shape::Rectangle {
                x: 100.0,
                y: 180.0,
                w: 30.0,
                h: 14.0,
                theta_deg: 20.0,
            })
            .label("C"),
        )
        .overlay(
            Overlay::new(Shape::Line {
                points: vec![(0.0, 0.0), (100.0, 20.0), (319.0, 5.0)],
            })
            .dashed(),
        )
        .overlay(
            Overlay::new(Shape::Circle {
                x: 315.0,
                y: 236.0,
                r: 20.0,
            })
            .label("off the edge"),
        )
        .overlay(Shape::Text {
            x: 60.0,
            y: 120.0,
            text: "10⁻⁵ e⁻/s ± σ".to_owned(),
        });
    let cut = ImagePanel::new(image)
        .section(40..80, 40..80)?
        .title("A section, enlarged")
        .colour_map(ColourMap::named("viridis")?)
        .overlay(
            Overlay::new(Shape::Circle {
                x: 60.0,
                y: 60.0,
                r: 5.0,
            })
            .label("A"),
        );
    Ok(Figure::new().panel(panel).panel(cut))
}

fn plots() -> Figure<'static> {
    let radius: Vec<f64> = (1..=20).map(f64::from).collect();
    let growth: Vec<f64> = radius.iter().map(|r| 1.0 - (-r / 4.0).exp()).collect();
    let errors: Vec<f64> = radius.iter().map(|r| 0.004 * r + 0.01).collect();
    let low: Vec<f64> = growth.iter().zip(&errors).map(|(g, e)| g - 2.0 * e).collect();
    let high: Vec<f64> = growth.iter().zip(&errors).map(|(g, e)| g + 2.0 * e).collect();
    let curve = PlotPanel::new("radius (pixel)", "enclosed flux")
        .title("Growth curve")
        .series(Series::line(&radius, &growth).label("model").band(&low, &high))
        .series(
            Series::scatter(&radius, &growth)
                .y_errors(&errors)
                .label("measured"),
        )
        .level(1.0, "total");
    let temperature: Vec<f64> = (0..20).map(|n| 17.2 + 0.58 * f64::from(n)).collect();
    let rate: Vec<f64> = temperature
        .iter()
        .map(|t| 8e-6 + 2e-6 * ((t - 24.0).max(0.0) * 0.9).exp())
        .collect();
    let dark = PlotPanel::new("temperature (°C)", "dark rate (count/s/pixel)")
        .title("Dark rate against temperature")
        .series(
            Series::scatter(&temperature, &rate)
                .marker(Marker::Circle)
                .label("darks"),
        )
        .upright(25.0, "25 °C");
    let log = PlotPanel::new("counts", "number of pixels")
        .title("Histogram")
        .y_scale(AxisScale::Log)
        .series(
            Series::step(
                &radius,
                &radius.iter().map(|r| 1e6 * (-r).exp()).collect::<Vec<_>>(),
            )
            .label("jcrx01j2q"),
        );
    Figure::new().panel(curve).panel(dark).panel(log)
}

fn ticks() -> Figure<'static> {
    let x: Vec<f64> = (0..50).map(f64::from).collect();
    let ranges = [
        (0.0, 1.0),
        (-3e-7, 8e-7),
        (57084.1, 57084.9),
        (1e5, 9.9e6),
        (-0.031, 0.0012),
        (3.2, 3.9),
    ];
    ranges
        .into_iter()
        .fold(Figure::new().title("Ticks").columns(3), |figure, (low, high)| {
            let y: Vec<f64> = x.iter().map(|x| low + (high - low) * x / 49.0).collect();
            let panel = PlotPanel::new("n", "y").title(format!("{low} to {high}"));
            figure.panel(panel.series(Series::line(&y, &y).marker(Marker::Diamond)))
        })
}

/// What is out of the ordinary: nothing finite, nothing positive, one value, one pixel, long titles.
fn awkward(image: &Image<f32>) -> Result<Figure<'static>> {
    let long = "a_very_long_name_of_a_file_that_goes_on_and_on_and_does_not_end_drz_sci.fits [SCI,1]";
    let tiny = Image::from_fn(2, 3, |x, y| (x + 10 * y) as f32 * 1e-5);
    let strip = Image::from_fn(12, 400, |x, y| (x * y) as f32);
    let tall = Image::from_fn(400, 60, |x, y| (x + y) as f32);
    let negative = Image::filled(30, 30, -1.0_f32);
    Ok(Figure::new()
        .columns(4)
        .panel(ImagePanel::owned(Image::filled(30, 40, f32::NAN)).title("all NaN"))
        .panel(
            ImagePanel::owned(negative)
                .title("log of −1")
                .scaling(Scaling::log()),
        )
        .panel(ImagePanel::owned(Image::filled(30, 40, 7.0)).title("all 7"))
        .panel(ImagePanel::owned(tiny).title("2 × 3 pixels").unit("count/s"))
        .panel(ImagePanel::owned(strip).title(long))
        .panel(ImagePanel::owned(tall).title("tall"))
        .panel(
            ImagePanel::owned(image.clone())
                .title("vmin 1e-5")
                .scaling(Scaling::log().between(1e-5, 1e3)),
        )
        .panel(PlotPanel::new("x", "y").title("empty plot")))
}
