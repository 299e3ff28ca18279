//! Apertures on the sky, and the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::Image;
use firstlight_measure::{
    Aperture, ApertureSet, Error, Photometry, Planes, Settings, Shapes, aperture_photometry, sky,
};
use firstlight_wcs::Wcs;

/// 0.05 arcsec pixels, north `turn` degrees counter-clockwise from up, east to its left.
fn wcs(turn: f64, dec: f64) -> Wcs {
    let (sin, cos) = turn.to_radians().sin_cos();
    let scale = 0.05 / 3600.0;
    Wcs::tangent(
        (0.001, dec),
        (100.0, 80.0),
        [[-scale * cos, -scale * sin], [-scale * sin, scale * cos]],
        Some((160, 200)),
    )
    .unwrap()
}

fn set(aperture: Aperture) -> Shapes {
    Shapes::Same(ApertureSet {
        apertures: vec![aperture],
        background: None,
    })
}

#[test]
fn arcseconds_become_pixels() {
    for (turn, dec) in [(0.0, 0.0), (30.0, 55.0), (200.0, -70.0)] {
        let wcs = wcs(turn, dec);
        let sky::InPixels { positions, sets } =
            sky::to_pixels(&wcs, &[(0.001, dec)], &set(Aperture::CircularAperture { r: 0.5 })).unwrap();
        assert!((positions[0].0 - 100.0).abs() < 1e-6 && (positions[0].1 - 80.0).abs() < 1e-6);
        let Aperture::CircularAperture { r } = sets[0].apertures[0] else {
            panic!()
        };
        assert!((r - 10.0).abs() < 1e-4, "{turn} {dec} {r}");
    }
}

#[test]
fn position_angles_are_counted_from_north_through_east() {
    let degrees = |aperture: Aperture| {
        let wcs = wcs(30.0, 40.0);
        let set = sky::to_pixels(&wcs, &[(0.001, 40.0)], &set(aperture))
            .unwrap()
            .sets
            .remove(0);
        set.apertures[0]
            .parameters()
            .last()
            .unwrap()
            .1
            .to_degrees()
            .rem_euclid(180.0)
    };
    // North is 30° counter-clockwise from up, which is 120° from the x axis; east is 90° further.
    let ellipse = |theta: f64| Aperture::EllipticalAperture {
        a: 1.0,
        b: 0.4,
        theta: theta.to_radians(),
    };
    let rectangle = |theta: f64| Aperture::RectangularAperture {
        w: 1.0,
        h: 0.4,
        theta: theta.to_radians(),
    };
    for (angle, expected) in [(0.0, 120.0), (20.0, 140.0), (90.0, 30.0)] {
        assert!((degrees(ellipse(angle)) - expected).abs() < 1e-3, "{angle}");
        assert!((degrees(rectangle(angle)) - expected).abs() < 1e-3, "{angle}");
    }
}

#[test]
fn annuli_keep_their_proportions() {
    let annulus = Aperture::EllipticalAnnulus {
        a_in: 0.5,
        a_out: 1.0,
        b_out: 0.6,
        b_in: None,
        theta: 0.3,
    };
    let frame = Aperture::RectangularAnnulus {
        w_in: 0.5,
        w_out: 1.0,
        h_out: 0.6,
        h_in: None,
        theta: 0.3,
    };
    for aperture in [
        annulus,
        frame,
        Aperture::CircularAnnulus {
            r_in: 0.3,
            r_out: 0.7,
        },
    ] {
        let set = sky::to_pixels(&wcs(10.0, 20.0), &[(0.001, 20.0)], &set(aperture))
            .unwrap()
            .sets
            .remove(0);
        assert!((set.apertures[0].area() / aperture.area() - 400.0).abs() < 0.01);
    }
}

#[test]
fn a_position_behind_the_sky_is_named() {
    let wcs = wcs(0.0, 10.0);
    let circle = set(Aperture::CircularAperture { r: 1.0 });
    let error = sky::to_pixels(&wcs, &[(0.0, 10.0), (180.0, -10.0)], &circle).unwrap_err();
    assert!(matches!(error, Error::NotOnSky { index: 1, .. }), "{error}");
    let error = sky::to_pixels(&wcs, &[(f64::NAN, 10.0)], &circle).unwrap_err();
    assert!(matches!(error, Error::BadPosition { index: 0, .. }), "{error}");
}

#[test]
fn the_table_has_photutils_columns() {
    let image = Image::filled(50, 50, 1.0f64);
    let planes = Planes::new(&image).with_error(&image).unwrap();
    let positions = vec![(20.0, 20.0), (100.0, 0.0)];
    let two = ApertureSet {
        apertures: vec![
            Aperture::CircularAperture { r: 2.0 },
            Aperture::CircularAperture { r: 3.0 },
        ],
        background: Some(Aperture::CircularAnnulus {
            r_in: 5.0,
            r_out: 7.0,
        }),
    };
    let measured =
        aperture_photometry(&planes, &positions, &Shapes::Same(two), &Settings::default()).unwrap();
    let photometry = Photometry {
        positions,
        sky: Some(vec![(1.0, 2.0), (3.0, 4.0)]),
        measured,
        apertures: 2,
        background_taken: true,
        errors_known: true,
    };
    let table = photometry.table(true, false).unwrap();
    assert_eq!(
        table.names(),
        [
            "id",
            "x_center",
            "y_center",
            "sky_center.ra",
            "sky_center.dec",
            "local_background",
            "local_background_err",
            "local_background_pixels",
            "aperture_sum_0",
            "aperture_sum_err_0",
            "aperture_area_0",
            "aperture_sum_bkgsub_0",
            "aperture_sum_bkgsub_err_0",
            "aperture_sum_1",
            "aperture_sum_err_1",
            "aperture_area_1",
            "aperture_sum_bkgsub_1",
            "aperture_sum_bkgsub_err_1",
        ]
    );
    assert!(table.reals("aperture_sum_bkgsub_1").unwrap()[0].abs() < 1e-12);
    assert!(table.reals("aperture_sum_bkgsub_1").unwrap()[1].is_nan());
    let none = Photometry {
        positions: Vec::new(),
        sky: None,
        measured: Vec::new(),
        apertures: 1,
        background_taken: false,
        errors_known: false,
    };
    assert_eq!(
        none.table(false, false).unwrap().names(),
        ["id", "x_center", "y_center", "aperture_sum"]
    );
}
