//! Figures and report pages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::Image;
use firstlight_look::figure::Join;
use firstlight_look::{
    AxisScale, Colour, ColourMap, Error, Fallback, Figure, ImagePanel, Overlay, Page, PlotPanel, Raster,
    Reduction, Scaling, Series, Shape,
};

fn ramp() -> Image<f32> {
    Image::from_fn(20, 30, |x, y| (x + 100 * y) as f32)
}

fn gray() -> ColourMap {
    ColourMap::named("gray").unwrap()
}

fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text")
        .skip(1)
        .filter_map(|part| {
            part.split_once('>')?
                .1
                .split_once("</text>")
                .map(|(text, _)| text)
        })
        .collect()
}

/// The rectangle of the pixels of one colour: left, top, right, bottom, all inclusive.
fn extent(raster: &Raster, colour: Colour) -> Option<(usize, usize, usize, usize)> {
    let wanted = [colour.r, colour.g, colour.b, 255];
    let hits = raster
        .pixels()
        .iter()
        .enumerate()
        .filter(|(_, pixel)| **pixel == wanted);
    hits.map(|(n, _)| (n % raster.width(), n / raster.width()))
        .fold(None, |all, (x, y)| {
            let (left, top, right, bottom) = all.unwrap_or((x, y, x, y));
            Some((left.min(x), top.min(y), right.max(x), bottom.max(y)))
        })
}

#[test]
fn the_first_row_is_at_the_bottom_and_pixels_are_square() {
    // One corner pixel of a colour of its own, by way of the colour for NaN.
    let mut image = ramp();
    image[(0, 0)] = f32::NAN;
    let red = Colour::hex(0xff0000);
    let panel = ImagePanel::new(&image)
        .colour_map(gray().with_bad(red))
        .colour_bar(false);
    let raster = Figure::new().panel(panel).draw().unwrap().to_raster().unwrap();
    let (left, top, right, bottom) = extent(&raster, red).unwrap();
    let (width, height) = (right - left + 1, bottom - top + 1);
    assert!(width.abs_diff(height) <= 1 && width > 10, "{width} x {height}");
    // In the lower left of the picture, with room for labels below and on the left.
    assert!(left < raster.width() / 4 && bottom > raster.height() * 3 / 4);
}

#[test]
fn shapes_lie_on_the_pixels_they_name() {
    let mut image = Image::filled(40, 40, 0.0_f32);
    for y in 10..20 {
        for x in 25..35 {
            image[(y, x)] = f32::NAN;
        }
    }
    let (green, blue) = (Colour::hex(0x00ff00), Colour::hex(0x0000ff));
    let map = || gray().with_bad(green);
    let plain = Figure::new().panel(ImagePanel::new(&image).colour_map(map()));
    let block = extent(&plain.draw().unwrap().to_raster().unwrap(), green).unwrap();
    let filled = |shape: Shape| {
        let overlay = Overlay::new(shape).colour(blue).fill_alpha(1.0).width_pt(0.0);
        let figure = Figure::new().panel(ImagePanel::new(&image).colour_map(map()).overlay(overlay));
        extent(&figure.draw().unwrap().to_raster().unwrap(), blue).unwrap()
    };
    let near = |a: (usize, usize, usize, usize), b: (usize, usize, usize, usize)| {
        [
            a.0.abs_diff(b.0),
            a.1.abs_diff(b.1),
            a.2.abs_diff(b.2),
            a.3.abs_diff(b.3),
        ]
        .iter()
        .all(|&d| d <= 2)
    };
    let (x, y) = (29.5, 14.5);
    for shape in [
        Shape::Box { y: 10..20, x: 25..35 },
        Shape::Rectangle {
            x,
            y,
            w: 10.0,
            h: 10.0,
            theta_deg: 90.0,
        },
        Shape::Circle { x, y, r: 5.0 },
        Shape::Ellipse {
            x,
            y,
            a: 5.0,
            b: 5.0,
            theta_deg: 33.0,
        },
        Shape::CircularAnnulus {
            x,
            y,
            r_in: 2.0,
            r_out: 5.0,
        },
        Shape::Polygon {
            points: vec![(24.5, 9.5), (34.5, 9.5), (34.5, 19.5), (24.5, 19.5)],
        },
    ] {
        let found = filled(shape.clone());
        assert!(near(found, block), "{shape:?}: {found:?} against {block:?}");
    }
    // An angle turns from x towards y, which is up.
    let slanted = Shape::Ellipse {
        x: 20.0,
        y: 20.0,
        a: 15.0,
        b: 1.0,
        theta_deg: 45.0,
    };
    let overlay = Overlay::new(slanted).colour(blue).fill_alpha(1.0);
    let figure = Figure::new().panel(ImagePanel::new(&image).colour_map(map()).overlay(overlay));
    let raster = figure.draw().unwrap().to_raster().unwrap();
    let (left, top, right, bottom) = extent(&raster, blue).unwrap();
    let is_blue_near = |x: usize, y: usize| {
        let blue = |x: usize, y: usize| raster.pixels()[y * raster.width() + x] == [0, 0, 255, 255];
        (x - 4..x + 4).any(|x| (y - 4..y + 4).any(|y| blue(x, y)))
    };
    assert!(is_blue_near(right - 6, top + 6) && is_blue_near(left + 6, bottom - 6));
    assert!(!is_blue_near(left + 6, top + 6) && !is_blue_near(right - 6, bottom - 6));
}

#[test]
fn a_section_keeps_the_coordinates_of_its_image() {
    let image = ramp();
    let panel = ImagePanel::new(&image).section(5..10, 12..22).unwrap();
    let drawing = Figure::new().panel(panel).draw().unwrap();
    let shown = drawing.panels()[0].image.clone().unwrap();
    assert_eq!((shown.shape, shown.vmin, shown.vmax), ((5, 10), 512.0, 921.0));
    let svg = drawing.to_svg().unwrap();
    assert!(texts(&svg).contains(&"14") && texts(&svg).contains(&"8") && !texts(&svg).contains(&"0"));
    for (y, x) in [(0..21, 0..5), (0..5, 0..31), (3..3, 0..5), (0..usize::MAX, 0..1)] {
        assert!(matches!(
            ImagePanel::new(&image).section(y, x),
            Err(Error::Section { .. })
        ));
    }
}

#[test]
fn png_and_svg_have_the_same_size_and_the_size_follows_dpi() {
    let image = ramp();
    for dpi in [50.0, 100.0, 254.0] {
        let drawing = Figure::new()
            .panel(ImagePanel::new(&image).title("t"))
            .dpi(dpi)
            .draw()
            .unwrap();
        let (width, height) = drawing.size();
        let raster = drawing.to_raster().unwrap();
        assert_eq!((raster.width(), raster.height()), (width, height));
        assert_eq!(width, (6.8 * dpi).round() as usize);
        let svg = drawing.to_svg().unwrap();
        assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")));
        let png = drawing.to_png().unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let pixels_a_metre = reader.info().pixel_dims.unwrap().xppu;
        assert!((f64::from(pixels_a_metre) * 0.0254 - dpi).abs() < 0.1);
    }
    let narrow = Figure::new()
        .panel(ImagePanel::new(&image))
        .width_px(333)
        .draw()
        .unwrap();
    assert_eq!(narrow.size().0, 333);
}

#[test]
fn svg_is_made_of_text_and_one_picture_an_image() {
    let image = ramp();
    let figure = || {
        let target = Overlay::new(Shape::Circle {
            x: 10.0,
            y: 10.0,
            r: 4.0,
        })
        .label("a < b & \"c\"");
        Figure::new()
            .title("Two & more")
            .panel(
                ImagePanel::new(&image)
                    .title("left")
                    .unit("electron/s")
                    .overlay(target),
            )
            .panel(ImagePanel::new(&image).title("right").colour_bar(false))
    };
    let svg = figure().to_svg().unwrap();
    for text in [
        "Two &amp; more",
        "left",
        "right",
        "electron/s",
        "x (pixel)",
        "a &lt; b &amp; &quot;c&quot;",
    ] {
        assert!(texts(&svg).contains(&text), "{text} is not in {:?}", texts(&svg));
    }
    // Two images and one colour bar.
    assert_eq!(svg.matches("<image ").count(), 3);
    assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    for nothing in ["NaN", "inf", "-0 "] {
        assert!(!svg.contains(nothing), "{nothing}");
    }
    assert_eq!(svg, figure().to_svg().unwrap());
}

#[test]
fn the_same_bytes_from_any_number_of_threads() {
    let image = Image::from_fn(700, 900, |x, y| ((x * 31 + y * 17) % 101) as f32);
    let drawn = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            Figure::new()
                .panel(ImagePanel::new(&image).scaling(Scaling::log()))
                .to_png()
                .unwrap()
        })
    };
    assert_eq!(drawn(1), drawn(3));
}

#[test]
fn one_count_among_zeros_is_seen_in_a_smaller_picture() {
    let mut image = Image::filled(1500, 1500, 0.0_f32);
    for n in 0..40 {
        image[(20 + 37 * n, 30 + 36 * n)] = 1.0;
    }
    for reduction in [Reduction::Mean, Reduction::Max] {
        let panel = ImagePanel::new(&image)
            .scaling(Scaling::log())
            .colour_map(gray())
            .reduction(reduction);
        let raster = Figure::new()
            .panel(panel.colour_bar(false))
            .draw()
            .unwrap()
            .to_raster()
            .unwrap();
        // In the middle of the picture, where there is nothing else: dark, and not all of it.
        let (w, h) = (raster.width(), raster.height());
        let inner = (h / 4..h / 2).flat_map(|y| (w / 4..w * 3 / 4).map(move |x| (x, y)));
        let lit = inner.filter(|&(x, y)| raster.pixels()[y * w + x][0] > 40).count();
        assert!((8..200).contains(&lit), "{reduction:?}: {lit}");
    }
}

#[test]
fn the_same_scale_spans_all_images_of_a_stretch() {
    let (low, high) = (Image::filled(5, 5, 1.0_f32).map(|v| *v), ramp());
    let bad = Image::filled(5, 5, f32::NAN);
    let figure = Figure::new()
        .same_scale(true)
        .panel(ImagePanel::new(&high))
        .panel(ImagePanel::new(&bad))
        .panel(ImagePanel::new(&high).scaling(Scaling::log().between(1.0, 10.0)))
        .panel(ImagePanel::new(&low).scaling(Scaling::linear().between(-50.0, 10.0)));
    let drawing = figure.draw().unwrap();
    let limits: Vec<(f64, f64)> = drawing
        .panels()
        .iter()
        .map(|panel| {
            panel
                .image
                .as_ref()
                .map(|image| (image.vmin, image.vmax))
                .unwrap()
        })
        .collect();
    let all = (-50.0, 1929.0);
    assert_eq!(limits, [all, all, (1.0, 10.0), all]);
    assert_eq!(
        drawing.panels()[1].image.as_ref().unwrap().fallback,
        Some(Fallback::NoFiniteSample)
    );
}

#[test]
fn images_out_of_the_ordinary_are_drawn() {
    let cases = [
        Image::filled(1, 1, 5.0_f32),
        Image::filled(1, 1, f32::NAN),
        Image::filled(1, 3000, 1.0),
        Image::filled(3000, 1, 1.0),
        Image::from_fn(10, 10, |x, _| if x == 0 { f32::INFINITY } else { x as f32 }),
        Image::from_fn(10, 10, |x, y| (x + y) as f32 * 3e37),
        Image::from_fn(10, 10, |x, y| (x + y) as f32 * 1e-40),
        Image::from_fn(10, 10, |x, y| x as f32 * -1e-30 + y as f32),
    ];
    for image in &cases {
        for scaling in [
            Scaling::linear(),
            Scaling::log(),
            Scaling::asinh(),
            Scaling::zscale(),
        ] {
            let drawing = Figure::new()
                .panel(ImagePanel::new(image).scaling(scaling))
                .draw();
            let drawing = drawing.unwrap_or_else(|error| panic!("{:?} {scaling:?}: {error}", image.shape()));
            drawing.to_raster().unwrap();
            assert!(!drawing.to_svg().unwrap().contains("NaN"));
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let image = ramp();
    let panel = || ImagePanel::new(&image);
    assert!(matches!(Figure::new().to_png(), Err(Error::NoPanels)));
    let empty = Image::<f32>::filled(0, 7, 0.0);
    assert!(matches!(
        Figure::new().panel(ImagePanel::new(&empty)).to_png(),
        Err(Error::EmptyImage { .. })
    ));
    assert!(matches!(
        ImagePanel::from_slice(2, 2, &[0.0; 5]),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        ImagePanel::from_slice(usize::MAX, 2, &[0.0; 5]),
        Err(Error::Shape { .. })
    ));
    for width in [0, 30, 200_000] {
        let sized = Figure::new().panel(panel()).width_px(width).to_png();
        assert!(matches!(sized, Err(Error::Size { .. })), "{width}");
    }
    let many = (0..60).fold(Figure::new().columns(1).width_px(20_000), |figure, _| {
        figure.panel(panel())
    });
    assert!(matches!(many.to_png(), Err(Error::Size { .. })));
    for dpi in [0.0, f64::NAN, -1.0, 1e9] {
        assert!(matches!(
            Figure::new().panel(panel()).dpi(dpi).to_png(),
            Err(Error::Parameter { .. })
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    let figure = Figure::new().panel(panel());
    assert!(matches!(
        figure.save(folder.path().join("a.jpg")),
        Err(Error::Format { .. })
    ));
    assert!(matches!(
        figure.save(folder.path().join("no/such/a.png")),
        Err(Error::Write(_))
    ));
    figure.save(folder.path().join("a.png")).unwrap();
    figure.save(folder.path().join("a.SVG")).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn series_have_axes_legend_and_errors() {
    let x = [1.0, 2.0, 3.0, f64::NAN, 5.0];
    let y = [1e-6, 2e-6, f64::INFINITY, 4e-6, 5e-6];
    let plot = PlotPanel::new("radius (pixel)", "flux")
        .series(
            Series::scatter(&x, &y)
                .y_errors(&[1e-7; 5])
                .x_errors(&[0.1; 5])
                .label("measured"),
        )
        .series(Series::line(&x, &y).label("model").band(&[0.0; 5], &y).dashed())
        .series(Series::step(&x, &y))
        .level(3e-6, "threshold")
        .upright(2.5, "25 °C");
    let svg = Figure::new().panel(plot.clone()).to_svg().unwrap();
    for text in [
        "measured",
        "model",
        "threshold",
        "25 °C",
        "radius (pixel)",
        "flux",
        "×10⁻⁶",
    ] {
        assert!(texts(&svg).contains(&text), "{text}: {:?}", texts(&svg));
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    let log = plot.y_scale(AxisScale::Log).x_scale(AxisScale::Log);
    assert!(!Figure::new().panel(log).to_svg().unwrap().contains("NaN"));
    let _ = Join::Step;
}

#[test]
fn series_that_do_not_pair_up_are_refused() {
    let refused = |series: Series| {
        let drawn = Figure::new()
            .panel(PlotPanel::new("x", "y").series(series))
            .to_svg();
        assert!(matches!(drawn, Err(Error::SeriesLengths { .. })));
    };
    refused(Series::line(&[1.0], &[1.0, 2.0]));
    refused(Series::line(&[1.0], &[1.0]).y_errors(&[]));
    refused(Series::line(&[1.0], &[1.0]).x_errors(&[1.0, 1.0]));
    refused(Series::line(&[1.0], &[1.0]).band(&[1.0], &[1.0, 2.0]));
    let ranged = |low, high, scale| {
        let plot = PlotPanel::new("x", "y").y_scale(scale).y_range(low, high);
        Figure::new().panel(plot).to_svg()
    };
    for (low, high, scale) in [
        (1.0, 1.0, AxisScale::Linear),
        (f64::NAN, 1.0, AxisScale::Linear),
        (0.0, 1.0, AxisScale::Log),
    ] {
        assert!(matches!(ranged(low, high, scale), Err(Error::Limits { .. })));
    }
    assert!(ranged(-1.0, 1.0, AxisScale::Linear).is_ok());
}

#[test]
fn a_page_stands_alone_and_shows_text_as_it_is() {
    let image = ramp();
    let figure = Figure::new().panel(ImagePanel::new(&image).title("t"));
    let html = Page::new("A <b>title</b>")
        .paragraph("1 < 2 & \"3\"")
        .facts([("rate", "8e-6"), ("<i>", "&")])
        .table(
            &["name", "net", "mixed"],
            [vec!["a", "1.5", "1"], vec!["b", "−2e-3 ± 0.1", "x"], vec!["<c>"]],
        )
        .verbatim("line 1\n  line 2 <")
        .figure(&figure, "An <SVG>")
        .unwrap()
        .figure_as(&figure, "A PNG", firstlight_look::report::Embed::Png)
        .unwrap()
        .to_html();
    assert!(html.contains("<title>A &lt;b&gt;title&lt;/b&gt;</title>"));
    assert!(html.contains("1 &lt; 2 &amp; &quot;3&quot;"));
    assert!(html.contains("<dt>&lt;i&gt;</dt><dd>&amp;</dd>"));
    assert!(html.contains("<th class=\"number\">net</th><th>mixed</th>"));
    assert!(html.contains("<tr><td>&lt;c&gt;</td><td class=\"number\"></td><td></td></tr>"));
    assert!(html.contains("line 1\n  line 2 &lt;"));
    assert!(html.contains("<svg ") && html.contains("src=\"data:image/png;base64,iVBOR"));
    // Nothing is loaded from elsewhere.
    let without_names = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert!(!without_names.contains("http") && !html.contains("<script") && !html.contains("<link"));
}
