//! Fits and corrections against truth, and against drizzlepac 3.11.0 on the same numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_align::correct::corrected;
use firstlight_align::fit::{Linear, fit, fit_clipped};
use firstlight_align::{Error, FitGeometry, Point};
use firstlight_wcs::Wcs;

const CENTRE: Point = [2000.0, 2100.0];

/// Forty pairs by a rule that any language can repeat, two of them far off.
fn pairs() -> (Vec<Point>, Vec<Point>) {
    let turn = 0.013_f64.to_radians();
    let (sine, cosine, scale) = (turn.sin(), turn.cos(), 1.00004);
    let pair = |k: usize| -> (Point, Point) {
        let reference = [200.25 + (k * 737 % 3900) as f64, 150.5 + (k * 1291 % 3700) as f64];
        let noise = [
            ((k * 31 % 17) as f64 - 8.0) / 200.0,
            ((k * 53 % 19) as f64 - 9.0) / 200.0,
        ];
        let [x, y] = [reference[0] - 2000.0, reference[1] - 2100.0];
        let mut image = [
            scale * (cosine * x + sine * y) + 2000.0 - 3.2 + noise[0],
            scale * (-sine * x + cosine * y) * 1.00001 + 2100.0 + 5.1 + noise[1],
        ];
        image[0] += if k == 7 { 2.0 } else { 0.0 };
        image[1] -= if k == 23 { 1.1 } else { 0.0 };
        (image, reference)
    };
    (0..40).map(pair).unzip()
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= tolerance,
            "{what}: {found} and {expected}"
        );
    }
}

#[test]
fn clipped_fits_are_drizzlepacs() {
    let (image, reference) = pairs();
    struct Expected {
        geometry: FitGeometry,
        offset: [f64; 2],
        matrix: [f64; 4],
        rot: f64,
        scale: [f64; 3],
        rotxy: [f64; 2],
        rms: [f64; 2],
        rmse: f64,
        mae: f64,
    }
    for expected in [
        Expected {
            geometry: FitGeometry::Shift,
            offset: [-3.227305081428061, 5.0659556603308085],
            matrix: [1.0, 0.0, 0.0, 1.0],
            rot: 0.0,
            scale: [1.0; 3],
            rotxy: [0.0; 2],
            rms: [0.24527529004904292, 0.25718124826540356],
            rmse: 0.35539015513656713,
            mae: 0.331025306805755,
        },
        Expected {
            geometry: FitGeometry::Rscale,
            offset: [-3.2045449949017804, 5.099054624533725],
            matrix: [
                1.0000471930676773,
                -0.00021999176370732603,
                0.00021999176370732603,
                1.0000471930676773,
            ],
            rot: 0.012604004563108924,
            scale: [1.000047217264723; 3],
            rotxy: [0.012604004563108924; 2],
            rms: [0.022302758129549818, 0.027902705682551397],
            rmse: 0.03572077833127781,
            mae: 0.033455436019995954,
        },
        Expected {
            geometry: FitGeometry::General,
            offset: [-3.20436132762763, 5.099720315722804],
            matrix: [
                1.0000446324895294,
                -0.00022164864129107235,
                0.00021898757440244908,
                1.0000507574651794,
            ],
            rot: 0.01262269572006563,
            scale: [1.0000477192406565, 1.0000446570524928, 1.000050781441741],
            rotxy: [0.012698964686429684, 0.012546426753701575],
            rms: [0.0220554751749136, 0.02762028031877848],
            rmse: 0.0353457758449172,
            mae: 0.033288191508354624,
        },
    ] {
        let clipped = fit_clipped(&image, &reference, expected.geometry, CENTRE, 3, 3.0).unwrap();
        let found = clipped.fit;
        let name = expected.geometry.name();
        assert_eq!(found.matches, 38, "{name}");
        assert!(!clipped.kept.contains(&7) && !clipped.kept.contains(&23));
        assert_near(&found.linear.offset, &expected.offset, 1e-9, name);
        assert_near(found.linear.matrix.as_flattened(), &expected.matrix, 1e-12, name);
        assert_near(&[found.rot], &[expected.rot], 1e-9, name);
        assert_near(&found.scale, &expected.scale, 1e-12, name);
        assert_near(&found.rotxy, &expected.rotxy, 1e-9, name);
        assert_near(&found.rms, &expected.rms, 1e-9, name);
        assert_near(
            &[found.rmse, found.mae],
            &[expected.rmse, expected.mae],
            1e-9,
            name,
        );
    }
}

#[test]
fn a_rotation_without_scale_and_a_reflection() {
    let truth = Linear::rotation(12.0, [3.0, -4.0], CENTRE);
    let (_, reference) = pairs();
    let image: Vec<Point> = reference.iter().map(|&point| truth.to_image(point)).collect();
    for geometry in [FitGeometry::Rshift, FitGeometry::Rscale, FitGeometry::General] {
        let found = fit(&image, &reference, None, geometry, CENTRE).unwrap();
        assert_near(&[found.rot], &[12.0], 1e-10, geometry.name());
        assert_near(&found.linear.offset, &truth.offset, 1e-9, geometry.name());
        assert!(found.proper && found.rmse < 1e-9);
        let back = found.linear.to_reference(image[5]);
        assert_near(&back, &reference[5], 1e-9, "there and back");
    }
    let mirrored: Vec<Point> = reference.iter().map(|p| [p[0], 2.0 * CENTRE[1] - p[1]]).collect();
    let found = fit(&mirrored, &reference, None, FitGeometry::Rscale, CENTRE).unwrap();
    assert!(!found.proper && found.rmse < 1e-9);
}

#[test]
fn weights_weigh() {
    let reference = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]];
    let image = [[1.0, 0.0], [11.0, 0.0], [1.0, 10.0], [15.0, 10.0]];
    let weighted = |weights: &[f64]| {
        fit(&image, &reference, Some(weights), FitGeometry::Shift, [5.0, 5.0])
            .unwrap()
            .linear
            .offset
    };
    assert_near(&weighted(&[1.0; 4]), &[2.0, 0.0], 1e-12, "equal");
    assert_near(
        &weighted(&[1.0, 1.0, 1.0, 0.0]),
        &[1.0, 0.0],
        1e-12,
        "without the last",
    );
}

#[test]
fn too_few_or_in_one_place_is_refused() {
    let line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]];
    let point = [[3.0, 3.0]; 4];
    for (points, geometry) in [
        (&line[..0], FitGeometry::Shift),
        (&line[..1], FitGeometry::Rscale),
        (&line[..2], FitGeometry::General),
        (&line[..], FitGeometry::General),
        (&point[..], FitGeometry::Rscale),
        (&point[..], FitGeometry::Rshift),
    ] {
        let error = fit(points, points, None, geometry, CENTRE).unwrap_err();
        assert!(matches!(error, Error::Degenerate { .. }), "{geometry:?}");
    }
    let error = fit(&line, &line[..2], None, FitGeometry::Shift, CENTRE).unwrap_err();
    assert!(matches!(error, Error::ColumnLength { .. }));
}

fn chip() -> Wcs {
    let cd = [[6.6331540e-06, -1.177793e-05], [-1.2155976e-05, -7.52337e-06]];
    Wcs::tangent((6.0223, -72.0814), (2047.0, 1023.0), cd, Some((2048, 4096))).unwrap()
}

fn plane() -> Wcs {
    let cd = [[7.4e-06, -1.16e-05], [-1.16e-05, -7.4e-06]];
    Wcs::tangent((5.98, -72.09), (2129.5, 2149.5), cd, Some((4300, 4260))).unwrap()
}

#[test]
fn corrections_are_drizzlepacs() {
    let cases = [
        (
            (0.0131, 1.00004, [-3.2, 5.1]),
            [6.022573943589623, -72.0814026590305],
            [
                6.630164605267266e-06,
                -1.1779144434989995e-05,
                -1.215697582507973e-05,
                -7.520429689266374e-06,
            ],
        ),
        (
            (359.5, 0.9998, [380.0, -120.0]),
            [6.008291246949164, -72.07780366554668],
            [
                6.737513895694496e-06,
                -1.1715945808880219e-05,
                -1.2101616396768029e-05,
                -7.6246639797810625e-06,
            ],
        ),
    ];
    for ((rot, scale, offset), crval, cd) in cases {
        let (x, y) = plane().reference_pixel();
        let mut linear = Linear::rotation(rot, offset, [x, y]);
        linear.matrix = linear.matrix.map(|row| row.map(|c| c * scale));
        let found = corrected(&chip(), &plane(), &linear).unwrap();
        assert_near(
            &[found.reference_sky().0, found.reference_sky().1],
            &crval,
            1e-11,
            "CRVAL",
        );
        assert_near(found.cd().as_flattened(), &cd, 1e-14, "CD");
        assert_eq!(found.reference_pixel(), chip().reference_pixel());
    }
}

#[test]
fn a_corrected_chip_is_where_the_fit_says() {
    let (x, y) = plane().reference_pixel();
    let linear = Linear::rotation(0.4, [300.0, -250.0], [x, y]);
    let found = corrected(&chip(), &plane(), &linear).unwrap();
    for (x, y) in [(0.0, 0.0), (4095.0, 2047.0), (2047.0, 1023.0), (100.0, 1900.0)] {
        let (ra, dec) = chip().pixel_to_sky(x, y);
        let (px, py) = plane().sky_to_pixel(ra, dec).unwrap();
        let [px, py] = linear.to_reference([px, py]);
        let (ra, dec) = plane().pixel_to_sky(px, py);
        let (there_ra, there_dec) = found.pixel_to_sky(x, y);
        let off = ((ra - there_ra) * dec.to_radians().cos()).hypot(dec - there_dec) * 3600.0;
        assert!(off < 2e-4, "({x}, {y}) is {off} arcsec off");
    }
}
