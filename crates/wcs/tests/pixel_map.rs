//! Maps between images: the interpolated one against the exact one, and both against the two systems.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod distorted;

use distorted::{Tables, camera};
use firstlight_wcs::{Error, PixelMap, Wcs};

/// A drizzled frame near the camera: half its pixels' size, turned by 77°, and not quite concentric.
fn output() -> Wcs {
    let scale = 0.025 / 3600.0;
    let (sin, cos) = 77f64.to_radians().sin_cos();
    let cd = [[-scale * cos, scale * sin], [scale * sin, scale * cos]];
    Wcs::tangent((150.01, 2.19), (3000.0, 2500.0), cd, Some((6000, 7000))).unwrap()
}

/// The largest distance between two maps, at every pixel and at points half a pixel off, of every
/// `step`th half row.
fn largest_difference(a: &PixelMap, b: &PixelMap, step: usize) -> f64 {
    let (ny, nx) = a.shape();
    let (mut ax, mut ay) = (vec![0.0; nx + 1], vec![0.0; nx + 1]);
    let (mut bx, mut by) = (vec![0.0; nx + 1], vec![0.0; nx + 1]);
    let mut worst = 0.0f64;
    for row in (0..2 * ny + 1).step_by(step) {
        let (y, x0) = (row as f64 / 2.0 - 0.5, if row % 2 == 0 { -0.5 } else { 0.0 });
        a.map_row(y, x0, &mut ax, &mut ay);
        b.map_row(y, x0, &mut bx, &mut by);
        for k in 0..=nx {
            let distance = (ax[k] - bx[k]).abs().max((ay[k] - by[k]).abs());
            assert!(!distance.is_nan());
            worst = worst.max(distance);
        }
    }
    worst
}

#[test]
fn exact_map_is_the_sky_between_two_systems() {
    for tables in [Tables::None, Tables::Smooth, Tables::Rough] {
        let (input, output) = (camera(tables), output());
        let map = PixelMap::exact(&input, &output).unwrap();
        for (x, y) in [(0.0, 0.0), (-0.5, 1023.5), (700.25, 33.75), (2047.0, 1023.0)] {
            let (ra, dec) = input.pixel_to_sky(x, y);
            let expected = output.sky_to_pixel(ra, dec).unwrap();
            let found = map.map(x, y);
            assert!(
                (found.0 - expected.0).abs() < 1e-8 && (found.1 - expected.1).abs() < 1e-8,
                "{found:?} {expected:?}"
            );
        }
    }
}

#[test]
fn interpolated_map_keeps_its_tolerance_everywhere() {
    for tables in [Tables::None, Tables::Smooth, Tables::Rough, Tables::Huge] {
        let (input, output) = (camera(tables), output());
        let exact = PixelMap::exact(&input, &output).unwrap();
        for tolerance in [1e-2, 1e-4, 1e-6] {
            let map = PixelMap::between(&input, &output, tolerance).unwrap();
            let step = if tolerance == 1e-4 { 1 } else { 11 };
            let difference = largest_difference(&map, &exact, step);
            assert!(
                difference <= tolerance,
                "{tables:?}: {difference} at a tolerance of {tolerance}"
            );
            if tolerance >= 1e-4 && tables != Tables::Huge {
                assert!(!map.is_exact(), "{tables:?}: tiles serve at {tolerance}");
            }
        }
    }
}

#[test]
fn where_tiles_do_not_serve_the_map_is_exact() {
    let (input, output) = (camera(Tables::Huge), output());
    let exact = PixelMap::exact(&input, &output).unwrap();
    let map = PixelMap::between(&input, &output, 1e-11).unwrap();
    assert!(map.is_exact());
    assert_eq!(largest_difference(&map, &exact, 97), 0.0);
    assert!(
        PixelMap::between(&camera(Tables::None), &output, 0.0)
            .unwrap()
            .is_exact()
    );
}

#[test]
fn one_point_has_the_same_bits_in_every_row() {
    let (input, output) = (camera(Tables::Rough), output());
    for map in [
        PixelMap::exact(&input, &output).unwrap(),
        PixelMap::between(&input, &output, 1e-4).unwrap(),
        PixelMap::stepped(&input, &output, 10).unwrap(),
    ] {
        let (mut xs, mut ys) = (vec![0.0; 2048], vec![0.0; 2048]);
        map.row(511, &mut xs, &mut ys);
        for start in [1usize, 62, 253, 254, 255, 256, 1001] {
            let (mut px, mut py) = (vec![0.0; 301], vec![0.0; 301]);
            map.map_row(511.0, start as f64, &mut px, &mut py);
            assert_eq!(
                (&px[..], &py[..]),
                (&xs[start..start + 301], &ys[start..start + 301])
            );
            assert_eq!(map.map(start as f64, 511.0), (xs[start], ys[start]));
        }
    }
}

#[test]
fn stepped_map_is_exact_at_its_nodes_and_straight_between() {
    let (input, output) = (camera(Tables::None), output());
    let exact = PixelMap::exact(&input, &output).unwrap();
    let map = PixelMap::stepped(&input, &output, 10).unwrap();
    // FITS counts these 10, 20 and 15.
    for (x, y) in [(9.0, 19.0), (1999.0, 1019.0)] {
        let (found, expected) = (map.map(x, y), exact.map(x, y));
        assert!((found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9);
    }
    let middle = (exact.map(9.0, 19.0).0 + exact.map(19.0, 19.0).0) / 2.0;
    assert!((map.map(14.0, 19.0).0 - middle).abs() < 1e-9);
    let off = largest_difference(&map, &exact, 7);
    assert!(off > 1e-5 && off < 1e-2, "{off}");
    assert!(matches!(
        PixelMap::stepped(&input, &output, 0),
        Err(Error::BadValue { .. })
    ));
}

#[test]
fn other_projections_go_by_way_of_the_sky() {
    let input = camera(Tables::None);
    let mut header = firstlight_fits::Header::new();
    header.set("CTYPE1", "RA---ZEA", None).unwrap();
    header.set("CTYPE2", "DEC--ZEA", None).unwrap();
    for (keyword, value) in [
        ("CRVAL1", 150.0),
        ("CRVAL2", 2.2),
        ("CDELT1", -1e-5),
        ("CDELT2", 1e-5),
    ] {
        header.set(keyword, value, None).unwrap();
    }
    let output = Wcs::from_header(&header, None).unwrap();
    let exact = PixelMap::exact(&input, &output).unwrap();
    let (ra, dec) = input.pixel_to_sky(100.0, 200.0);
    let (x, y) = output.sky_to_pixel(ra, dec).unwrap();
    let found = exact.map(100.0, 200.0);
    assert!((found.0 - x).abs() < 1e-8 && (found.1 - y).abs() < 1e-8);
    let map = PixelMap::between(&input, &output, 1e-4).unwrap();
    assert!(!map.is_exact() && largest_difference(&map, &exact, 7) <= 1e-4);
}

#[test]
fn what_no_map_can_be_made_of() {
    let sky =
        |ra, dec| Wcs::tangent((ra, dec), (5.0, 5.0), [[-1e-5, 0.0], [0.0, 1e-5]], Some((10, 10))).unwrap();
    // The output looks the other way.
    for map in [
        PixelMap::between(&sky(10.0, 20.0), &sky(190.0, -20.0), 1e-4).unwrap(),
        PixelMap::exact(&sky(10.0, 20.0), &sky(190.0, -20.0)).unwrap(),
    ] {
        let (x, y) = map.map(4.0, 4.0);
        assert!(x.is_nan() && y.is_nan());
    }
    let endless = Wcs::tangent((1.0, 2.0), (0.0, 0.0), [[-1e-5, 0.0], [0.0, 1e-5]], None).unwrap();
    assert!(matches!(
        PixelMap::exact(&endless, &sky(1.0, 2.0)),
        Err(Error::NoShape { .. })
    ));
    assert!(matches!(
        PixelMap::between(&sky(1.0, 2.0), &endless, f64::NAN),
        Err(Error::BadValue { .. })
    ));
    // Points that are nowhere, and rows that reach far off the image, are no reason to panic.
    let map = PixelMap::between(&sky(1.0, 2.0), &endless, 1e-4).unwrap();
    assert!(map.map(f64::NAN, 0.0).0.is_nan() && map.map(0.0, f64::NAN).1.is_nan());
    let (mut xs, mut ys) = (vec![0.0; 5], vec![0.0; 3]);
    map.map_row(-1e300, 1e300, &mut xs, &mut ys);
    assert_eq!(xs[3..], [0.0, 0.0]);
}
