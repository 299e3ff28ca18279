//! Distortion tables in other HDUs: every form in which a header can refer to them, and to none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod distorted;

use distorted::{Tables, camera, refer, table};
use firstlight_fits::{FitsFile, FitsWriter, Header, Overwrite};
use firstlight_wcs::{Error, Wcs};

/// The science header changed by `science`, and what `tables` writes behind it.
fn read(science: impl Fn(&mut Header), tables: impl Fn(&mut FitsWriter)) -> Result<Wcs, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    let mut header = distorted::header();
    science(&mut header);
    writer.empty_primary(&header).unwrap();
    tables(&mut writer);
    writer.finish().unwrap();
    Wcs::from_file(&FitsFile::open(&path).unwrap(), 1, None)
}

/// Values that tell their place: 0.01 per column, 0.1 per row.
fn place(i: usize, j: usize) -> f32 {
    0.01 * i as f32 + 0.1 * j as f32
}

#[test]
fn corrections_are_those_of_the_tables() {
    let wcs = camera(Tables::Smooth);
    // Element (5, 2), counted from 0, lies on pixel 384, 192 as FITS counts.
    let (x, y) = (383.0, 191.0);
    let wave = |axis: f32, i: f32, j: f32| f64::from(((i + 3.0 * axis) * 0.4 - j * 0.7).sin());
    let (dx, dy) = wcs.det2im(x, y);
    assert!((dx - x - 0.05 * wave(1.0, 2.0, 5.0)).abs() < 1e-8);
    assert!((dy - y - 0.05 * wave(2.0, 2.0, 5.0)).abs() < 1e-8);
    // NPOL is looked up where D2IM has moved the pixel to, and added to SIP there.
    let no_npol = read(
        |header| (1..=2).for_each(|axis| refer(header, "D2IMDIS", "D2IM", axis, axis)),
        |writer| {
            for axis in [1, 2] {
                let value = |i: usize, j: usize| 0.05 * ((j + 3 * axis) as f32 * 0.4 - i as f32 * 0.7).sin();
                table(writer, ("D2IMARR", axis), (33, 17), (64.0, 64.0), value);
            }
        },
    )
    .unwrap();
    let ((fx, fy), (gx, gy)) = (wcs.pix2foc(x, y), no_npol.pix2foc(x, y));
    assert!((fx - gx - 0.1 * wave(1.0, 5.0, 2.0)).abs() < 1e-3 && (fx - gx).abs() > 1e-3);
    assert!((fy - gy - 0.1 * wave(2.0, 5.0, 2.0)).abs() < 1e-3);
}

#[test]
fn the_inverse_goes_through_the_tables() {
    for tables in [Tables::Smooth, Tables::Rough] {
        let wcs = camera(tables);
        for j in 0..40 {
            for i in 0..80 {
                let (x, y) = (f64::from(i) * 25.9, f64::from(j) * 25.7);
                let (ra, dec) = wcs.pixel_to_sky(x, y);
                let (bx, by) = wcs.sky_to_pixel(ra, dec).unwrap();
                assert!(
                    (bx - x).abs() < 1e-7 && (by - y).abs() < 1e-7,
                    "{tables:?}: {x} {y}, {bx} {by}"
                );
            }
        }
    }
}

#[test]
fn tables_for_the_other_axis_are_turned() {
    use firstlight_fits::Card;
    let wcs = read(
        |header| {
            header.push(Card::new("CPDIS1", "lookup", None).unwrap());
            for record in ["EXTVER: 7", "NAXES: 2", "AXIS.1: 2", "AXIS.2: 1"] {
                header.push(Card::new("DP1", record, None).unwrap());
            }
        },
        |writer| table(writer, ("WCSDVARR", 7), (3, 2), (1.0, 1.0), place),
    )
    .unwrap();
    let plain = read(|_| (), |_| ()).unwrap();
    // The turned table has two columns and three rows, and pixel (1, 2) is its last element.
    let ((x, y), (x0, y0)) = (wcs.pix2foc(1.0, 2.0), plain.pix2foc(1.0, 2.0));
    assert!((x - x0 - f64::from(place(2, 1))).abs() < 1e-7, "{}", x - x0);
    assert_eq!(y, y0);
}

#[test]
fn the_older_d2im_is_one_row() {
    for axis in [1, 2] {
        let wcs = read(
            |header| header.set("AXISCORR", axis, None).unwrap(),
            |writer| table(writer, ("D2IMARR", 1), (2048, 1), (1.0, 1.0), place),
        )
        .unwrap();
        // Pixel 11 is element 11, whatever the row.
        let moved = wcs.det2im(11.0, 500.0);
        let correction = f64::from(place(11, 0));
        let expected = if axis == 1 {
            (11.0 + correction, 500.0)
        } else {
            (11.0, 500.0 + correction)
        };
        assert!(
            (moved.0 - expected.0).abs() < 1e-7 && (moved.1 - expected.1).abs() < 1e-7,
            "{moved:?}"
        );
    }
}

#[test]
fn tables_that_cannot_be_used() {
    let switch = |header: &mut Header| refer(header, "CPDIS", "DP", 1, 1);
    let kind = |result: Result<Wcs, Error>| {
        let error = result.unwrap_err();
        assert!(error.to_string().contains("f.fits[SCI,1]: "), "{error}");
        match error {
            Error::In { source, .. } => *source,
            other => panic!("{other}"),
        }
    };
    let missing = kind(read(switch, |_| ()));
    assert!(
        matches!(&missing, Error::BadTable { extension, .. } if extension == "WCSDVARR,1"),
        "{missing}"
    );
    let zero = read(switch, |writer| {
        table(writer, ("WCSDVARR", 1), (3, 2), (0.0, 1.0), place)
    });
    assert!(matches!(kind(zero), Error::BadTable { .. }));
    let no_axis = read(|header| header.set("CPDIS1", "Lookup", None).unwrap(), |_| ());
    let no_axis = kind(no_axis);
    assert!(
        matches!(&no_axis, Error::Incomplete { missing, .. } if missing == "DP1.AXIS.1"),
        "{no_axis}"
    );
    let polynomial = read(
        |header| header.set("D2IMDIS2", "Polynomial", None).unwrap(),
        |_| (),
    );
    assert!(matches!(kind(polynomial), Error::Unsupported { .. }));
    let axis = read(|header| header.set("AXISCORR", 3, None).unwrap(), |_| ());
    assert!(matches!(kind(axis), Error::BadValue { .. }));
    let cube = read(switch, |writer| {
        let mut header = Header::new();
        header.set("EXTNAME", "WCSDVARR", None).unwrap();
        let data = [0f32; 8];
        writer
            .image(
                &header,
                firstlight_fits::ArrayView::new(&[2, 2, 2], &data).unwrap(),
            )
            .unwrap();
    });
    assert!(matches!(kind(cube), Error::BadTable { .. }));
}

#[test]
fn an_hdu_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.fits");
    distorted::write(&path, Tables::None);
    let file = FitsFile::open(&path).unwrap();
    assert!(matches!(
        Wcs::from_file(&file, ("SCI", 2), None),
        Err(Error::Fits(_))
    ));
    let error = Wcs::from_file(&file, 0, None).unwrap_err();
    assert!(matches!(error.kind(), Error::NoWcs { .. }) && error.to_string().contains("f.fits[PRIMARY]"));
    let error = Wcs::from_file(&file, "SCI", Some('A')).unwrap_err();
    assert!(error.to_string().ends_with("CTYPE1A is missing"), "{error}");
}
