//! Output grids, against numbers computed with stwcs 1.7.7 and drizzlepac 3.11.0 from the same headers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod distorted;

use distorted::{Tables, header};
use firstlight_fits::{ArrayView, FitsWriter, Header, Overwrite};
use firstlight_wcs::output::{common_grid, natural_scale_arcsec};
use firstlight_wcs::{Error, OutputGrid, Wcs};

/// The common test header's system with 2048×1024 pixels, further cards, and the telescope's roll.
fn camera(cards: &[(&str, f64)]) -> Wcs {
    let mut header = header();
    for &(keyword, value) in [("NAXIS1", 2048.0), ("NAXIS2", 1024.0)].iter().chain(cards) {
        header.set(keyword, value, None).unwrap();
    }
    let mut primary = Header::new();
    primary.set("INSTRUME", "ACS", None).unwrap();
    primary.set("DETECTOR", "WFC", None).unwrap();
    primary.set("PA_V3", 115.0, None).unwrap();
    Wcs::from_header(&header, None)
        .unwrap()
        .with_primary(&primary)
        .unwrap()
}

const APERTURE: [(&str, f64); 4] = [
    ("IDCSCALE", 0.05),
    ("IDCTHETA", 0.3),
    ("IDCV2REF", 257.2),
    ("IDCV3REF", 302.5),
];

fn dithered() -> [Wcs; 2] {
    let moved = [&APERTURE[..], &[("CRVAL1", 150.003), ("CRVAL2", 2.199)]].concat();
    [camera(&APERTURE), camera(&moved)]
}

/// Shape, CRPIX, CRVAL and CD as the peer has them.
struct Expected((usize, usize), [f64; 2], [f64; 2], [[f64; 2]; 2]);

fn check(inputs: &[Wcs], options: &OutputGrid, Expected(shape, crpix, crval, cd): Expected) {
    let grid = common_grid(inputs, options).unwrap();
    assert_eq!(grid.shape(), Some(shape));
    assert!(!grid.has_distortion());
    let (x, y) = grid.reference_pixel();
    assert!(
        (x + 1.0 - crpix[0]).abs() < 1e-9 && (y + 1.0 - crpix[1]).abs() < 1e-9,
        "{x} {y}"
    );
    let (ra, dec) = grid.reference_sky();
    assert!(
        (ra - crval[0]).abs() < 1e-12 && (dec - crval[1]).abs() < 1e-12,
        "{ra} {dec}"
    );
    let scale = grid.pixel_scale_arcsec() / 3600.0;
    for (ours, theirs) in grid.cd().iter().flatten().zip(cd.iter().flatten()) {
        assert!((ours - theirs).abs() < 1e-12 * scale, "{:?}", grid.cd());
    }
}

const DITHERED_CD: [[f64; 2]; 2] = [
    [-5.935892512214407e-06, -1.2556528765998114e-05],
    [-1.2556528765998114e-05, 5.935892512214407e-06],
];
const DITHERED_CRVAL: [f64; 2] = [150.00163489847148, 2.1996698659818272];

#[test]
fn natural_grids() {
    let none = OutputGrid::default();
    let plain = [camera(&[])];
    let cd = 1.1768914688329456e-05;
    let skew = 7.0613488129976745e-06;
    let expected = Expected(
        (1013, 2101),
        [1050.5, 506.5],
        [150.00004736629128, 2.2001623971081057],
        [[cd, skew], [skew, -cd]],
    );
    check(&plain, &none, expected);
    assert!((natural_scale_arcsec(&plain[0]) - 0.049_410).abs() < 1e-5);
    let [with_aperture, _] = dithered();
    assert_eq!(natural_scale_arcsec(&with_aperture), 0.05);
    assert_eq!(
        natural_scale_arcsec(&with_aperture.linear()),
        with_aperture.pixel_scale_arcsec()
    );
    let crval = [150.00013503202536, 2.2001686170402004];
    check(
        &[with_aperture],
        &none,
        Expected((1961, 2278), [1139.0, 980.5], crval, DITHERED_CD),
    );
    check(
        &dithered(),
        &none,
        Expected((2187, 2305), [1152.5, 1093.5], DITHERED_CRVAL, DITHERED_CD),
    );
}

#[test]
fn grids_by_parameters() {
    let scaled = OutputGrid {
        final_wcs: true,
        final_scale: Some(0.025),
        ..OutputGrid::default()
    };
    let half = DITHERED_CD.map(|row| row.map(|element| element / 2.0));
    check(
        &dithered(),
        &scaled,
        Expected((4374, 4610), [2304.0, 2186.0], DITHERED_CRVAL, half),
    );

    let turned = OutputGrid {
        final_scale: Some(0.04),
        final_rot: Some(30.0),
        ..OutputGrid::default()
    };
    let (a, b) = (9.622504486493764e-06, 5.555555555555554e-06);
    let crpix = [1480.2110328323897, 1548.9181973716156];
    check(
        &dithered(),
        &turned,
        Expected((3096, 2961), crpix, DITHERED_CRVAL, [[-a, b], [b, a]]),
    );

    let sized = OutputGrid {
        final_outnx: Some(1000),
        final_outny: Some(501),
        ..OutputGrid::default()
    };
    check(
        &dithered(),
        &sized,
        Expected((501, 1000), [500.5, 251.0], DITHERED_CRVAL, DITHERED_CD),
    );

    let all = OutputGrid {
        final_ra: Some(150.1),
        final_dec: Some(2.1),
        final_crpix1: Some(3.0),
        final_crpix2: Some(7.5),
        final_scale: Some(0.06),
        final_rot: Some(-77.0),
        ..sized
    };
    let cd = [
        [-3.7491842390644153e-06, -1.623950107975392e-05],
        [-1.623950107975392e-05, 3.7491842390644157e-06],
    ];
    check(
        &dithered(),
        &all,
        Expected((501, 1000), [3.0, 7.5], [150.1, 2.1], cd),
    );
}

#[test]
fn a_grid_lies_around_all_corners() {
    let inputs = dithered();
    let grid = common_grid(&inputs, &OutputGrid::default()).unwrap();
    let (ny, nx) = grid.shape().unwrap();
    let (mut left, mut bottom) = (f64::INFINITY, f64::INFINITY);
    for (ra, dec) in inputs.iter().flat_map(|wcs| wcs.footprint().unwrap()) {
        let (x, y) = grid.sky_to_pixel(ra, dec).unwrap();
        (left, bottom) = (left.min(x), bottom.min(y));
        assert!(
            x > -1e-3 && x < nx as f64 + 1e-3 && y > -1e-3 && y < ny as f64 + 1e-3,
            "{x} {y}"
        );
    }
    assert!(
        left.abs() < 1e-2 && bottom.abs() < 1e-2,
        "the first corner is on the first pixel: {left} {bottom}"
    );
}

#[test]
fn the_grid_of_a_reference_image() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reference.fits");
    distorted::write(&path, Tables::Smooth);
    let name = path.to_str().unwrap().to_owned();
    let by = |final_refimage: String| {
        let options = OutputGrid {
            final_refimage: Some(final_refimage),
            ..OutputGrid::default()
        };
        common_grid(&[], &options)
    };
    let grid = by(name.clone()).unwrap();
    assert_eq!(grid.shape(), Some((1024, 2048)));
    assert_eq!(grid.reference_sky(), (150.0, 2.2));
    assert!(!grid.has_distortion());
    let types: Vec<String> = grid
        .cards()
        .unwrap()
        .iter()
        .filter(|c| c.keyword() == "CTYPE1")
        .map(|c| c.value().unwrap().unwrap().to_string())
        .collect();
    assert_eq!(types, ["RA---TAN"]);
    assert_eq!(by(format!("{name}[SCI,1]")).unwrap(), grid);
    assert!(by(format!("{name}[1]")).is_ok());
    let error = by(format!("{name}[0]")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("[PRIMARY]: there is no world coordinate system"),
        "{error}"
    );
    assert!(matches!(by(format!("{name}[ERR]")), Err(Error::Fits(_))));
    assert!(matches!(by("/nowhere/none.fits".to_owned()), Err(Error::Fits(_))));

    let blank = folder.path().join("blank.fits");
    let mut writer = FitsWriter::create(&blank, Overwrite::Refuse).unwrap();
    writer
        .image(&Header::new(), ArrayView::new(&[2, 2], &[0u8; 4]).unwrap())
        .unwrap();
    writer.finish().unwrap();
    let error = by(blank.to_str().unwrap().to_owned()).unwrap_err();
    assert!(matches!(error, Error::OutputGrid { .. }), "{error}");
}

#[test]
fn cards_read_back_as_the_same_grid() {
    for options in [
        OutputGrid::default(),
        OutputGrid {
            final_rot: Some(12.5),
            final_scale: Some(0.031),
            ..OutputGrid::default()
        },
    ] {
        let grid = common_grid(&dithered(), &options).unwrap();
        let mut header = Header::new();
        for card in grid.cards().unwrap() {
            header.push(card);
        }
        assert_eq!(header.real("VAFACTOR"), Some(1.0));
        assert_eq!(header.text("CUNIT2").as_deref(), Some("deg"));
        let back = Wcs::from_header(&header, None).unwrap();
        // CRPIX is written from 1, which costs its last digit.
        let ((x, y), (x0, y0)) = (back.reference_pixel(), grid.reference_pixel());
        assert!((x - x0).abs() < 1e-12 && (y - y0).abs() < 1e-12);
        assert_eq!(back.reference_sky(), grid.reference_sky());
        // A card has room for fifteen digits of a number with an exponent.
        let scale = grid.pixel_scale_arcsec() / 3600.0;
        for (back, there) in back.cd().iter().flatten().zip(grid.cd().iter().flatten()) {
            assert!((back - there).abs() < 1e-14 * scale);
        }
        let orientation = header.real("ORIENTAT").unwrap();
        assert!((orientation - grid.orientation_deg()).abs() < 1e-13);
    }
}

#[test]
fn what_no_grid_can_be_made_of() {
    let refused = |inputs: &[Wcs], options: &OutputGrid, why: &str| {
        let error = common_grid(inputs, options).unwrap_err();
        assert!(
            matches!(&error, Error::OutputGrid { .. }) && error.to_string().contains(why),
            "{error}"
        );
    };
    let inputs = dithered();
    let none = OutputGrid::default;
    refused(&[], &none(), "no inputs");
    refused(
        &inputs,
        &OutputGrid {
            final_outnx: Some(3),
            ..none()
        },
        "final_outny",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_outnx: Some(3),
            final_outny: Some(0),
            ..none()
        },
        "no pixel",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_ra: Some(3.0),
            ..none()
        },
        "final_dec",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_crpix2: Some(3.0),
            ..none()
        },
        "final_crpix1",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_scale: Some(0.0),
            ..none()
        },
        "final_scale",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_rot: Some(f64::NAN),
            ..none()
        },
        "final_rot",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_ra: Some(3.0),
            final_dec: Some(-91.0),
            ..none()
        },
        "pole",
    );
    refused(
        &inputs,
        &OutputGrid {
            final_scale: Some(1e-12),
            ..none()
        },
        "pixels",
    );
    let far = camera(&[("CRVAL1", 330.0), ("CRVAL2", -2.2)]);
    refused(&[camera(&[]), far], &none(), "too far apart");
    let endless = Wcs::from_header(&header(), None).unwrap();
    assert!(matches!(
        common_grid(&[endless], &none()),
        Err(Error::NoShape { .. })
    ));
}

#[test]
fn parameters_by_name() {
    let read = |json: &str| serde_json::from_str::<OutputGrid>(json);
    assert_eq!(read("{}").unwrap(), OutputGrid::default());
    let options = read(r#"{"final_wcs": true, "final_scale": 0.025, "final_outnx": 7}"#).unwrap();
    assert_eq!((options.final_scale, options.final_outnx), (Some(0.025), Some(7)));
    assert!(read(r#"{"final_size": 1}"#).is_err());
}
