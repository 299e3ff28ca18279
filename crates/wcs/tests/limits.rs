//! What holds for every system, and what is at and beyond the edges: other descriptions, threads, positions
//! that are nowhere, headers that cannot be used.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod headers;

use firstlight_fits::{Header, Value};
use firstlight_wcs::{Error, Wcs};
use headers::{Cards, SIP, TAN, TAN_SIP, header};

#[test]
fn alternate_descriptions() {
    let mut both = header(TAN_SIP, SIP);
    let primary = Wcs::from_header(&both, None).unwrap();
    let moved = [
        ("CRPIX1B", 100.0),
        ("CRPIX2B", 200.0),
        ("CRVAL1B", 5.7),
        ("CRVAL2B", -72.0),
    ];
    let cd = [
        ("CD1_1B", -4.0e-6),
        ("CD1_2B", 5.5e-6),
        ("CD2_1B", 5.2e-6),
        ("CD2_2B", 4.1e-6),
    ];
    for (keyword, value) in moved.into_iter().chain(cd) {
        both.set(keyword, value, None).unwrap();
    }
    both.set("CTYPE1B", "RA---TAN", None).unwrap();
    both.set("CTYPE2B", "DEC--TAN", None).unwrap();
    both.set("WCSNAMEB", "moved", None).unwrap();
    let b = Wcs::from_header(&both, Some('b')).unwrap();
    assert_eq!(b.name(), Some("moved"));
    assert_eq!(b.reference_pixel(), (99.0, 199.0));
    // SIP counts from this description's own reference pixel.
    let (fx, fy) = b.pix2foc(99.0, 199.0);
    assert_eq!((fx, fy), (99.0, 199.0));
    assert_ne!(primary.pix2foc(99.0, 199.0), (99.0, 199.0));
    assert_eq!(Wcs::from_header(&both, Some(' ')).unwrap(), primary);
    let missing = Wcs::from_header(&both, Some('C')).unwrap_err();
    assert!(
        matches!(&missing, Error::NoWcs { keyword } if keyword == "CTYPE1C"),
        "{missing}"
    );
    assert!(matches!(
        Wcs::from_header(&both, Some('1')),
        Err(Error::BadValue { .. })
    ));
}

#[test]
fn the_inverse_undoes_every_pixel() {
    let wcs = Wcs::from_header(&header(TAN_SIP, SIP), None).unwrap();
    let mut xs = Vec::new();
    let mut ys = Vec::new();
    for j in 0..60 {
        for i in 0..61 {
            xs.push(-100.0 + 20.0 * f64::from(i));
            ys.push(-100.0 + 20.0 * f64::from(j));
        }
    }
    let (ra, dec) = wcs.pixels_to_sky(&xs, &ys).unwrap();
    let (x, y) = wcs.sky_to_pixels(&ra, &dec).unwrap();
    for k in 0..xs.len() {
        assert!(
            (x[k] - xs[k]).abs() < 1e-7 && (y[k] - ys[k]).abs() < 1e-7,
            "{} {}",
            xs[k],
            ys[k]
        );
    }
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let wcs = Wcs::from_header(&header(TAN_SIP, SIP), None).unwrap();
    let x: Vec<f64> = (0..10_007).map(|k| f64::from(k) * 0.1).collect();
    let y: Vec<f64> = x.iter().map(|x| 1000.0 - 0.7 * x).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let (ra, dec) = wcs.pixels_to_sky(&x, &y).unwrap();
            let back = wcs.sky_to_pixels(&ra, &dec).unwrap();
            (ra, dec, back)
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn coordinates_that_are_nowhere() {
    let wcs = Wcs::from_header(&header(TAN_SIP, SIP), None).unwrap();
    let (ra, dec) = wcs.pixel_to_sky(f64::NAN, 3.0);
    assert!(ra.is_nan() && dec.is_nan());
    // NaN, and the far half of the sky.
    let (x, y) = wcs
        .sky_to_pixels(&[f64::NAN, 185.63, 5.63], &[0.0, 72.07, -72.07])
        .unwrap();
    assert!(x[0].is_nan() && y[0].is_nan() && x[1].is_nan() && y[1].is_nan());
    assert!((x[2] - 511.5).abs() < 1e-9 && (y[2] - 499.25).abs() < 1e-9);
    // Ninety thousand pixels away this polynomial has folded over.
    let error = wcs
        .sky_to_pixels(&[5.63, 5.63, 5.6], &[-72.07, -71.2, -71.2])
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotConverged {
                failed: 2,
                total: 3,
                ..
            }
        ),
        "{error}"
    );
    let (x, _, failed) = wcs
        .sky_to_pixels_where_possible(&[5.63, 5.63], &[-72.07, -71.2])
        .unwrap();
    assert!(failed == [1] && x[0].is_finite() && x[1].is_nan());
    assert!(wcs.sky_to_pixel(5.63, -71.2).is_err());
    assert!(matches!(
        wcs.pixels_to_sky(&[1.0], &[]),
        Err(Error::LengthMismatch { first: 1, second: 0 })
    ));
}

#[test]
fn headers_that_cannot_be_used() {
    let error = |header: &Header| Wcs::from_header(header, None).unwrap_err();
    assert_eq!(
        error(&Header::new()).to_string(),
        "there is no world coordinate system here: keyword CTYPE1 is missing"
    );
    for ctype in [
        ["RA---AIT", "DEC--AIT"],
        ["LAMBDA", "ANGLE"],
        ["RA---TAN", "DEC--SIN"],
        TAN_SIP,
    ] {
        let mut header = header(ctype, &[]);
        if ctype == TAN_SIP {
            header.set("CTYPE2", "RA---TAN-SIP", None).unwrap();
        }
        let error = error(&header);
        assert!(matches!(error, Error::Unsupported { .. }), "{ctype:?}: {error}");
    }
    let with = |cards: Cards| error(&header(TAN, cards));
    assert!(matches!(
        with(&[("CD1_1", 1.0), ("CD1_2", 0.0), ("CD2_1", 1.0)]),
        Error::SingularMatrix { .. }
    ));
    // Written zeros are not completed: such a header has not been filled in.
    let zero = with(&[("CD1_1", 0.0), ("CD1_2", 0.0), ("CD2_1", 0.0), ("CD2_2", 0.0)]).to_string();
    assert!(
        zero.contains("CD1_1, CD1_2, CD2_1, CD2_2")
            && zero.contains("[[0, 0], [0, 0]]")
            && zero.contains("singular"),
        "{zero}"
    );
    assert!(matches!(
        with(&[("CD1_1", 0.0), ("CD2_2", 1e-5)]),
        Error::SingularMatrix { .. }
    ));
    for (cards, named) in [
        (&[("PC1_1", 1.0), ("CDELT1", 0.0)][..], "PCi_j and CDELTi"),
        (&[("PC1_1", 0.0), ("PC2_2", 0.0)], "PCi_j and CDELTi"),
        (&[("CDELT1", 0.0), ("CDELT2", 1e-5)], "CDELT1 and CDELT2"),
    ] {
        let text = with(cards).to_string();
        assert!(text.contains(named) && text.contains("singular"), "{text}");
    }
    assert!(matches!(with(&[("CRVAL2", 91.0)]), Error::BadValue { .. }));
    assert!(matches!(with(&[("PV2_7", 0.1)]), Error::Unsupported { .. }));
    assert!(matches!(with(&[("A_ORDER", 2.0)]), Error::Incomplete { .. }));
    assert!(matches!(
        with(&[("A_ORDER", 1e9), ("B_ORDER", 2.0)]),
        Error::BadValue { .. }
    ));
    let mut text = header(TAN, &[]);
    text.set("CRPIX1", "twelve", None).unwrap();
    assert!(matches!(error(&text), Error::Fits(_)));
    let mut undefined = header(TAN, &[]);
    undefined.set("CRVAL1", Value::Undefined, None).unwrap();
    assert!(matches!(error(&undefined), Error::Fits(_)));
    let mut third = header(TAN, &[]);
    third.set("CTYPE3", "WAVE", None).unwrap();
    assert!(matches!(error(&third), Error::Unsupported { .. }));
    let mut table = header(TAN, &[]);
    table.set("CPDIS1", "Lookup", None).unwrap();
    assert!(matches!(error(&table), Error::TableNeedsFile { .. }));
}

/// As WCSLIB completes what a header does not mention.
#[test]
fn a_matrix_that_is_not_written_is_completed() {
    let cd = |cards: Cards| Wcs::from_header(&header(TAN, cards), None).unwrap().cd();
    assert_eq!(cd(&[]), [[1.0, 0.0], [0.0, 1.0]]);
    assert_eq!(cd(&[("CD1_1", -1e-5)]), [[-1e-5, 0.0], [0.0, 1.0]]);
    assert_eq!(cd(&[("PC2_2", 2.0), ("CDELT1", 3.0)]), [[3.0, 0.0], [0.0, 2.0]]);
    assert_eq!(
        cd(&[("CD1_2", 1e-5), ("CD2_1", 2e-5)]),
        [[0.0, 1e-5], [2e-5, 0.0]]
    );
}

#[test]
fn the_image_and_its_corners() {
    let wcs = Wcs::from_header(&header(TAN_SIP, SIP), None).unwrap();
    assert_eq!(wcs.shape(), Some((1000, 1024)));
    let corners = wcs.footprint().unwrap();
    assert_eq!(corners[0], wcs.pixel_to_sky(0.0, 0.0));
    assert_eq!(corners[2], wcs.pixel_to_sky(1023.0, 999.0));
    assert!((wcs.pixel_scale_arcsec() - 3600.0 * 4.0e-6f64.hypot(5.2e-6)).abs() < 1e-15);
    assert!((wcs.orientation_deg() - 5.5f64.atan2(4.1).to_degrees()).abs() < 1e-12);
    let unknown = Wcs::tangent((1.0, 2.0), (0.0, 0.0), [[-1e-5, 0.0], [0.0, 1e-5]], None).unwrap();
    assert!(matches!(unknown.footprint(), Err(Error::NoShape { .. })));
}
