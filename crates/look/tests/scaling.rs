//! Stretches, limits and colour maps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::Image;
use firstlight_look::{
    Colour, ColourMap, Error, Fallback, ImagePanel, Limits, Norm, NotPositive, Raster, Reduction, Scaling,
    Stretch,
};

const STRETCHES: [Stretch; 5] = [
    Stretch::Linear,
    Stretch::Log,
    Stretch::Sqrt,
    Stretch::Asinh { a: 0.1 },
    Stretch::Power { exponent: 2.5 },
];

#[test]
fn every_stretch_runs_from_0_to_1_and_back() {
    for stretch in STRETCHES {
        let norm = Norm::new(stretch, 2.0, 50.0).unwrap();
        assert!(norm.place(2.0).abs() < 1e-12, "{stretch:?}");
        assert!((norm.place(50.0) - 1.0).abs() < 1e-12, "{stretch:?}");
        let mut last = f64::NEG_INFINITY;
        for n in 0..=96 {
            let sample = 2.0 + 0.5 * f64::from(n);
            let place = norm.place(sample);
            assert!(place > last, "{stretch:?} at {sample}");
            assert!(
                (norm.sample(place) - sample).abs() < 1e-9,
                "{stretch:?} at {sample}"
            );
            last = place;
        }
        assert!(norm.place(1.0) < 0.0 && norm.place(51.0) > 1.0 && norm.place(f64::NAN).is_nan());
    }
}

#[test]
fn known_places() {
    let place = |stretch, sample| Norm::new(stretch, 1.0, 101.0).unwrap().place(sample);
    assert_eq!(place(Stretch::Linear, 26.0), 0.25);
    assert_eq!(place(Stretch::Sqrt, 26.0), 0.5);
    assert_eq!(place(Stretch::Power { exponent: 2.0 }, 26.0), 0.0625);
    let log = Norm::new(Stretch::Log, 0.01, 100.0).unwrap();
    assert!((log.place(1.0) - 0.5).abs() < 1e-15);
    // asinh(0.25 / 0.1) / asinh(1 / 0.1)
    assert!((place(Stretch::Asinh { a: 0.1 }, 26.0) - 0.5494024872991484).abs() < 1e-12);
}

#[test]
fn a_logarithm_of_nothing_is_faintest_or_missing() {
    let norm = Norm::new(Stretch::Log, 1.0, 10.0).unwrap();
    let map = ColourMap::named("plasma")
        .unwrap()
        .with_under(Colour::BLACK)
        .with_bad(Colour::WHITE);
    for sample in [0.0, -3.0, f64::NEG_INFINITY] {
        assert_eq!(map.at(norm.place(sample)), Colour::BLACK);
        assert_eq!(
            map.at(norm.with_not_positive(NotPositive::Bad).place(sample)),
            Colour::WHITE
        );
    }
    assert_eq!(map.at(norm.place(f64::NAN)), Colour::WHITE);
}

#[test]
fn limits_that_cannot_be_used_are_refused() {
    for (stretch, vmin, vmax) in [
        (Stretch::Linear, 1.0, 1.0),
        (Stretch::Linear, 2.0, 1.0),
        (Stretch::Linear, f64::NAN, 1.0),
        (Stretch::Linear, 0.0, f64::INFINITY),
        (Stretch::Linear, -1.7e308, 1.7e308),
        (Stretch::Log, 0.0, 1.0),
        (Stretch::Log, -1.0, 1.0),
    ] {
        assert!(
            matches!(Norm::new(stretch, vmin, vmax), Err(Error::Limits { .. })),
            "{stretch:?} {vmin} {vmax}"
        );
    }
    for stretch in [
        Stretch::Asinh { a: 0.0 },
        Stretch::Asinh { a: 1.5 },
        Stretch::Asinh { a: f64::NAN },
        Stretch::Power { exponent: 0.0 },
        Stretch::Power {
            exponent: f64::INFINITY,
        },
    ] {
        assert!(
            matches!(Norm::new(stretch, 0.0, 1.0), Err(Error::Parameter { .. })),
            "{stretch:?}"
        );
    }
    let percentile = |percent| {
        Scaling::linear()
            .with_limits(Limits::Percentile(percent))
            .fit(&[1.0, 2.0])
    };
    assert!(matches!(percentile(101.0), Err(Error::Parameter { .. })));
    assert!(matches!(percentile(f64::NAN), Err(Error::Parameter { .. })));
}

#[test]
fn limits_come_from_finite_samples() {
    let samples = [f32::NAN, 3.0, -1.0, f32::INFINITY, 7.0, f32::NEG_INFINITY, 5.0];
    let fit = |scaling: Scaling| {
        let fitted = scaling.fit(&samples).unwrap();
        assert_eq!(fitted.fallback, None);
        (fitted.norm.vmin(), fitted.norm.vmax())
    };
    assert_eq!(fit(Scaling::linear()), (-1.0, 7.0));
    assert_eq!(fit(Scaling::log().with_limits(Limits::MinMax)), (3.0, 7.0));
    assert_eq!(
        fit(Scaling {
            vmax: Some(6.0),
            ..Scaling::linear()
        }),
        (-1.0, 6.0)
    );
    assert_eq!(fit(Scaling::log().between(0.5, 20.0)), (0.5, 20.0));
    let hundred: Vec<f32> = (0..=100).map(|n| n as f32).collect();
    let fitted = Scaling::linear()
        .with_limits(Limits::Percentile(90.0))
        .fit(&hundred)
        .unwrap();
    assert_eq!((fitted.norm.vmin(), fitted.norm.vmax()), (5.0, 95.0));
}

#[test]
fn samples_never_make_it_fail() {
    let cases: [(&[f32], Scaling, Fallback); 6] = [
        (&[], Scaling::linear(), Fallback::NoFiniteSample),
        (
            &[f32::NAN, f32::INFINITY],
            Scaling::zscale(),
            Fallback::NoFiniteSample,
        ),
        (&[0.0, -1.0], Scaling::log(), Fallback::NoPositiveSample),
        (&[7.0; 9], Scaling::linear(), Fallback::Constant),
        (&[0.0; 9], Scaling::asinh(), Fallback::Constant),
        (&[7.0, 7.0, 0.0], Scaling::log(), Fallback::Constant),
    ];
    for (samples, scaling, expected) in cases {
        let fitted = scaling.fit(samples).unwrap();
        assert_eq!(fitted.fallback, Some(expected), "{samples:?}");
        assert!(fitted.norm.vmin() < fitted.norm.vmax());
    }
    // Nearly all the same: zscale and percentiles give no interval, all samples do.
    let mut sparse = vec![0.0_f32; 10_000];
    sparse[17] = 3.0;
    for limits in [Limits::Zscale, Limits::Percentile(99.0)] {
        let fitted = Scaling::linear().with_limits(limits).fit(&sparse).unwrap();
        assert_eq!(
            (fitted.norm.vmin(), fitted.norm.vmax(), fitted.fallback),
            (0.0, 3.0, None)
        );
    }
}

#[test]
fn a_limit_that_is_given_stays_even_beyond_all_samples() {
    let samples: Vec<f32> = (0..100).map(|n| n as f32).collect();
    let high = Scaling {
        vmin: Some(500.0),
        ..Scaling::linear()
    }
    .fit(&samples)
    .unwrap();
    assert_eq!(high.norm.vmin(), 500.0);
    assert!(high.norm.vmax() > 500.0 && high.fallback == Some(Fallback::Constant));
    let low = Scaling {
        vmax: Some(0.25),
        ..Scaling::log()
    }
    .fit(&samples)
    .unwrap();
    assert_eq!(low.norm.vmax(), 0.25);
    assert!(low.norm.vmin() < 0.25);
}

#[test]
fn colour_maps_have_their_ends() {
    let ends = |name: &str| {
        let map = ColourMap::named(name).unwrap();
        (map.at(0.0).to_string(), map.at(1.0).to_string())
    };
    assert_eq!(ends("gray"), ("#000000".into(), "#ffffff".into()));
    assert_eq!(ends("grey_r"), ("#ffffff".into(), "#000000".into()));
    assert_eq!(ends("viridis"), ("#440154".into(), "#fde724".into()));
    assert_eq!(ends("RdBu"), ("#67001f".into(), "#053061".into()));
    assert_eq!(ends("RdBu_r"), ("#053061".into(), "#67001f".into()));
    for name in ColourMap::names() {
        assert_eq!(ColourMap::named(name).unwrap().entries().len(), 256);
    }
    for name in ["", "jet", "plasma_r_r", "Plasma"] {
        assert!(
            matches!(ColourMap::named(name), Err(Error::UnknownColourMap { .. })),
            "{name}"
        );
    }
}

#[test]
fn places_choose_entries_in_256_equal_steps() {
    let map = ColourMap::named("gray")
        .unwrap()
        .with_over(Colour::hex(0xff0000))
        .with_under(Colour::hex(0x0000ff));
    for n in 0..256 {
        let low = f64::from(n) / 256.0;
        assert_eq!(map.at(low), map.entries()[n as usize]);
        assert_eq!(map.at(low + 0.99 / 256.0), map.entries()[n as usize]);
    }
    assert_eq!(map.at(1.0), Colour::WHITE);
    assert_eq!(map.at(1.0 + 1e-9).to_string(), "#ff0000");
    assert_eq!(map.at(-1e-9).to_string(), "#0000ff");
    assert_eq!(map.at(f64::INFINITY).to_string(), "#ff0000");
}

#[test]
fn colours_are_read_and_written() {
    for (text, colour) in [
        ("cyan", Colour::rgb(0, 255, 255)),
        (" Black ", Colour::BLACK),
        ("#0a0B0c", Colour::rgb(10, 11, 12)),
        (
            "#0a0b0c80",
            Colour {
                r: 10,
                g: 11,
                b: 12,
                a: 128,
            },
        ),
    ] {
        assert_eq!(text.parse::<Colour>().unwrap(), colour);
        assert_eq!(colour.to_string().parse::<Colour>().unwrap(), colour);
    }
    for text in [
        "", "#", "#12345", "#1234567", "#+12345", "#12é45", "nocolour", "0a0b0c",
    ] {
        assert!(
            matches!(text.parse::<Colour>(), Err(Error::UnknownColour { .. })),
            "{text}"
        );
    }
}

#[test]
fn options_survive_json() {
    let scaling = Scaling {
        stretch: Stretch::Asinh { a: 0.02 },
        limits: Limits::Percentile(99.5),
        ..Scaling::log()
    };
    let json = serde_json::to_string(&scaling).unwrap();
    assert_eq!(serde_json::from_str::<Scaling>(&json).unwrap(), scaling);
    assert!(serde_json::from_str::<Scaling>(r#"{"strech": "log"}"#).is_err());
    assert!(serde_json::from_str::<ColourMap>(r#""nomap""#).is_err());
    assert_eq!(
        serde_json::from_str::<Reduction>(r#""max""#).unwrap(),
        Reduction::Max
    );
}

/// Decodes a PNG to RGBA.
fn decoded(png: &[u8]) -> (u32, u32, Vec<[u8; 4]>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    (
        info.width,
        info.height,
        bytes[..info.buffer_size()].as_chunks::<4>().0.to_vec(),
    )
}

#[test]
fn an_image_becomes_a_png_with_its_first_row_at_the_bottom() {
    let image = Image::from_vec(2, 3, vec![0.0, 1.0, 2.0, 3.0, 4.0, f32::NAN]).unwrap();
    let map = ColourMap::named("viridis").unwrap();
    let (raster, fitted) = ImagePanel::new(&image).colour_map(map.clone()).paint().unwrap();
    assert_eq!((fitted.norm.vmin(), fitted.norm.vmax()), (0.0, 4.0));
    let (width, height, pixels) = decoded(&raster.to_png().unwrap());
    assert_eq!((width, height), (3, 2));
    let colour = |place: f64| {
        let Colour { r, g, b, a } = map.at(place);
        [r, g, b, a]
    };
    let expected = [0.75, 1.0, f64::NAN, 0.0, 0.25, 0.5].map(colour);
    assert_eq!(pixels, expected);
}

#[test]
fn pngs_with_few_many_and_transparent_colours_decode_to_the_same_pixels() {
    let pixel = |n: usize, colours: usize, alpha: u8| {
        let n = n % colours;
        [(n % 256) as u8, (n / 256) as u8, (n % 7) as u8, alpha]
    };
    for (colours, alpha) in [
        (1, 255),
        (2, 255),
        (256, 255),
        (257, 255),
        (5000, 255),
        (300, 100),
    ] {
        let pixels: Vec<[u8; 4]> = (0..70 * 90).map(|n| pixel(n, colours, alpha)).collect();
        let raster = Raster::new(70, 90, pixels.clone()).unwrap();
        assert_eq!(
            decoded(&raster.to_png_at(300.0).unwrap()),
            (70, 90, pixels),
            "{colours} colours"
        );
    }
    assert!(matches!(
        Raster::new(2, 2, vec![[0; 4]; 3]),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        Raster::new(0, 2, Vec::new()).unwrap().to_png(),
        Err(Error::Size { .. })
    ));
}

#[test]
fn limits_lie_equally_far_from_a_centre() {
    let samples = [0.4, 0.9, 1.0, 1.2];
    let limits = |scaling: Scaling| {
        let norm = scaling.fit(&samples).unwrap().norm;
        [norm.vmin(), norm.vmax()].map(|limit| (limit * 1e6).round() / 1e6)
    };
    let centred = Scaling::linear().centred_on(1.0);
    assert_eq!(limits(centred), [0.4, 1.6]);
    let low = Scaling {
        vmin: Some(0.9),
        ..centred
    };
    assert_eq!(limits(low), [0.9, 1.1]);
    let high = Scaling {
        vmax: Some(3.0),
        ..centred
    };
    assert_eq!(limits(high), [-1.0, 3.0]);
    // Limits that are given are not touched.
    assert_eq!(limits(centred.between(0.0, 5.0)), [0.0, 5.0]);
    // All on one side of it, or none at all.
    assert_eq!(limits(Scaling::linear().centred_on(2.0)), [0.4, 3.6]);
    let empty = centred.fit(&[f32::NAN]).unwrap();
    assert!(empty.fallback.is_some());
}
