//! The sky of the simulated nights: places, light curves, headers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::Header;
use firstlight_simulate::Extension;
use firstlight_simulate::ccd::{CcdNights, CcdOptions, Filter, Kind, Variability};

fn few() -> CcdOptions {
    CcdOptions {
        height: 200,
        width: 240,
        biases: 1,
        darks: 1,
        flats: 1,
        ..CcdOptions::default()
    }
}

fn header(nights: &CcdNights, index: usize) -> (Header, (usize, usize)) {
    match nights.expose(index).unwrap().unwrap() {
        Extension::Unsigned(header, shape, pixels) => {
            assert_eq!(pixels.len(), shape.0 * shape.1);
            (header, shape)
        }
        other => panic!("{other:?}"),
    }
}

/// Gnomonic projection of a place on the sky through a header's keywords, 0-based pixels.
fn pixel(projection: &firstlight_simulate::ccd::Projection, (ra, dec): (f64, f64)) -> (f64, f64) {
    let (ra0, dec0) = (projection.crval.0.to_radians(), projection.crval.1.to_radians());
    let (ra, dec) = (ra.to_radians() - ra0, dec.to_radians());
    let towards = dec.sin() * dec0.sin() + dec.cos() * dec0.cos() * ra.cos();
    let xi = (dec.cos() * ra.sin() / towards).to_degrees();
    let eta = ((dec.sin() * dec0.cos() - dec.cos() * dec0.sin() * ra.cos()) / towards).to_degrees();
    let [a, b, c, d] = projection.cd;
    let determinant = a * d - b * c;
    (
        projection.crpix.0 - 1.0 + (d * xi - b * eta) / determinant,
        projection.crpix.1 - 1.0 + (a * eta - c * xi) / determinant,
    )
}

#[test]
fn world_coordinates_of_every_frame_lead_to_its_stars() {
    let nights = CcdNights::plan(&few()).unwrap();
    let truth = nights.truth();
    assert!(truth.fluxes.len() > 5000);
    for row in truth.fluxes.iter().step_by(7) {
        let star = &truth.stars[row.star - 1];
        let science = truth.frames[row.frame].science.unwrap();
        let (x, y) = pixel(&science.projection, (star.ra_deg, star.dec_deg));
        assert!((x - row.x).hypot(y - row.y) < 1e-6, "{row:?} {x} {y}");
        let (x, y) = science.map.apply((star.x, star.y));
        assert!((x - row.x).hypot(y - row.y) < 1e-9, "{row:?} {x} {y}");
    }
}

#[test]
fn frames_shift_and_turn_and_the_third_night_is_flipped() {
    let maps = |options: &CcdOptions| {
        let frames = CcdNights::plan(options).unwrap().truth().frames;
        let science = frames
            .into_iter()
            .filter_map(|frame| Some((frame.night, frame.science?.map)));
        science.collect::<Vec<_>>()
    };
    let of = maps(&few());
    assert_eq!(of[0].1.apply((3.0, 4.0)), (3.0, 4.0));
    let centre = (119.5, 99.5);
    for (night, map) in &of {
        let (x, y) = map.apply(centre);
        assert!((x - centre.0).abs() <= 32.0 && (y - centre.1).abs() <= 32.0);
        let angle = map.yx.atan2(map.xx).to_degrees();
        let flipped = night == "april_30_2018";
        let turned = if flipped {
            (angle.abs() - 180.0).abs()
        } else {
            angle.abs()
        };
        assert!(turned <= 0.5, "{night} {angle}");
        assert!((map.xx * map.yy - map.xy * map.yx - 1.0).abs() < 1e-12);
    }
    let straight = maps(&CcdOptions {
        no_flip: true,
        ..few()
    });
    assert!(straight.iter().all(|(_, map)| map.xx > 0.99));
}

#[test]
fn light_curves_are_in_the_electrons() {
    let options = CcdOptions {
        nights: 1,
        filters: vec![Filter::V],
        science: 90,
        short_science: 0,
        ..few()
    };
    let nights = CcdNights::plan(&options).unwrap();
    let truth = nights.truth();
    let kinds: Vec<Variability> = truth.variables.iter().map(|variable| variable.kind).collect();
    assert_eq!(
        kinds,
        [Variability::Pulsation, Variability::Sine, Variability::Transit]
    );
    let first = truth
        .frames
        .iter()
        .position(|frame| frame.kind == Kind::Light)
        .unwrap();
    // Magnitudes of a star above the atmosphere, by frame.
    let curve = |star: usize| -> Vec<f64> {
        let rows = truth.fluxes.iter().filter(|row| row.star == star);
        rows.map(|row| {
            let frame = &truth.frames[row.frame];
            let science = frame.science.unwrap();
            let rate = row.electrons / (frame.exptime_s * science.weather.extinction);
            science.zero_point - 2.5 * rate.log10()
        })
        .collect()
    };
    for variable in &truth.variables {
        let curve = curve(variable.star);
        assert_eq!(curve.len(), 90);
        let mean = truth.stars[variable.star - 1].magnitude(Filter::V);
        for (n, magnitude) in curve.iter().enumerate() {
            let frame = &truth.frames[first + n];
            let middle = frame.start_mjd + 0.5 * frame.exptime_s / 86_400.0;
            let expected = mean + variable.change(middle, Filter::V);
            assert!((magnitude - expected).abs() < 1e-9);
        }
        let spread =
            curve.iter().copied().fold(f64::MIN, f64::max) - curve.iter().copied().fold(f64::MAX, f64::min);
        let least = if variable.kind == Variability::Transit {
            0.0299
        } else {
            0.05
        };
        assert!(spread > least, "{variable:?} {spread}");
    }
    let constant = (1..)
        .find(|n| truth.variables.iter().all(|v| v.star != *n))
        .unwrap();
    let magnitude = truth.stars[constant - 1].magnitude(Filter::V);
    assert!(curve(constant).iter().all(|of| (of - magnitude).abs() < 1e-9));
}

#[test]
fn headers_are_those_of_an_amateur_camera() {
    let nights = CcdNights::plan(&few()).unwrap();
    let files = nights.raw_files();
    let first = files.iter().position(|(kind, _)| *kind == Kind::Light).unwrap();
    assert_eq!(files[first].1, "march_09_2018/NGC_3201_B_60.000secs_00001604.fit");
    for (kind, number, name) in [
        (Kind::Light, 1, "Light Frame"),
        (Kind::Bias, 2, "Bias Frame"),
        (Kind::Dark, 3, "Dark Frame"),
        (Kind::Flat, 4, "Flat Field"),
    ] {
        let index = files.iter().position(|(of, _)| *of == kind).unwrap();
        let (header, shape) = header(&nights, index);
        assert_eq!(shape, (200, 240));
        assert_eq!(header.integer("PICTTYPE"), Some(number));
        assert_eq!(header.text("IMAGETYP").as_deref(), Some(name));
        let light = matches!(kind, Kind::Light | Kind::Flat);
        assert_eq!(header.text("FILTER").is_some(), light);
        assert_eq!(header.real("EXPTIME"), header.real("EXPOSURE"));
        let off = header.real("CCD-TEMP").unwrap() + 5.0;
        assert!(off.abs() < 0.5, "{off}");
        let (jd, mjd) = (header.real("JD").unwrap(), header.real("MJD-OBS").unwrap());
        assert!((jd - mjd - 2_400_000.5).abs() < 1e-9);
        assert!(header.text("DATE-OBS").unwrap().starts_with("2018-03-09T"));
        assert!(header.get("CRVAL1").is_none() && header.get("BIASSEC").is_none());
    }
    let exptime = |kind: Kind| {
        let index = files.iter().position(|(of, _)| *of == kind).unwrap();
        header(&nights, index).0.real("EXPTIME")
    };
    assert_eq!(exptime(Kind::Light), Some(60.0));
    assert_eq!(exptime(Kind::Dark), Some(600.0));
    assert_eq!(exptime(Kind::Bias), Some(0.0));
}

#[test]
fn overscan_has_the_level_and_a_warm_night_is_warm() {
    let options = CcdOptions {
        overscan: 24,
        warm_night: Some(2),
        ..few()
    };
    let nights = CcdNights::plan(&options).unwrap();
    let truth = nights.truth();
    for (index, (kind, _)) in nights.raw_files().iter().enumerate() {
        let frame = &truth.frames[index];
        let warm = if frame.night == "march_29_2018" {
            -3.0
        } else {
            -5.0
        };
        assert!((frame.temperature_c - warm).abs() < 0.5, "{frame:?}");
        if *kind != Kind::Bias {
            continue;
        }
        let Extension::Unsigned(header, (ny, nx), pixels) = nights.expose(index).unwrap().unwrap() else {
            panic!("no raw frame");
        };
        assert_eq!((ny, nx), (200, 264));
        assert_eq!(header.text("BIASSEC").as_deref(), Some("[241:264,1:200]"));
        assert_eq!(header.text("TRIMSEC").as_deref(), Some("[1:240,1:200]"));
        let overscan = pixels
            .chunks(nx)
            .flat_map(|line| &line[240..])
            .map(|&v| f64::from(v));
        let mean = overscan.sum::<f64>() / (24.0 * ny as f64);
        assert!((mean - 108.0 - frame.bias_offset).abs() < 0.4, "{mean} {frame:?}");
    }
}
