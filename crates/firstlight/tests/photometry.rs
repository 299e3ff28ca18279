//! Photometry of files: which planes are taken, what is written, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::fits::{ArrayView, FitsWriter, Header, Overwrite};
use firstlight::frame::table::{Column, Table, read, write};
use firstlight::photometry::Numbers;
use firstlight::progress::Silent;
use firstlight::{ErrorClass, PhotometryOptions, PhotometryReport, Result, photometry};
use std::path::{Path, PathBuf};

const SHAPE: [usize; 2] = [40, 50];

fn extension(name: &str) -> Header {
    let mut header = Header::new();
    header.set("EXTNAME", name, None).unwrap();
    header.set("EXTVER", 1_i64, None).unwrap();
    header
}

/// SCI of 2 with a TAN system, ERR of 3, DQ with one bad pixel at (20, 10).
fn exposure(folder: &Path) -> PathBuf {
    let path = folder.join("a_flt.fits");
    let mut sci = extension("SCI");
    for (keyword, value) in [
        ("CTYPE1", "RA---TAN"),
        ("CTYPE2", "DEC--TAN"),
        ("BUNIT", "ELECTRONS/S"),
    ] {
        sci.set(keyword, value, None).unwrap();
    }
    let numbers = [
        ("CRPIX1", 25.0),
        ("CRPIX2", 20.0),
        ("CRVAL1", 150.0),
        ("CRVAL2", 2.0),
        ("CD1_1", -1e-5),
    ];
    for (keyword, value) in numbers
        .into_iter()
        .chain([("CD1_2", 0.0), ("CD2_1", 0.0), ("CD2_2", 1e-5)])
    {
        sci.set(keyword, value, None).unwrap();
    }
    let count = SHAPE[0] * SHAPE[1];
    let mut dq = vec![0i16; count];
    dq[10 * SHAPE[1] + 20] = 4;
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    writer
        .image(&sci, ArrayView::new(&SHAPE, &vec![2.0f32; count]).unwrap())
        .unwrap();
    writer
        .image(
            &extension("ERR"),
            ArrayView::new(&SHAPE, &vec![3.0f32; count]).unwrap(),
        )
        .unwrap();
    writer
        .image(&extension("DQ"), ArrayView::new(&SHAPE, &dq).unwrap())
        .unwrap();
    writer.finish().unwrap();
    path
}

fn numbers(text: &str) -> Vec<Numbers> {
    vec![text.parse().unwrap()]
}

fn circle() -> PhotometryOptions {
    PhotometryOptions {
        circle: numbers("20,10,3"),
        ..PhotometryOptions::default()
    }
}

fn run(path: &Path, options: &PhotometryOptions) -> Result<PhotometryReport> {
    photometry(path, options, &Silent)
}

fn value(report: &PhotometryReport, column: &str) -> f64 {
    report.table.reals(column).unwrap()[0]
}

fn class(path: &Path, options: &PhotometryOptions) -> ErrorClass {
    run(path, options).unwrap_err().class()
}

#[test]
fn errors_and_dq_of_the_file_itself_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = exposure(folder.path());
    let area = std::f64::consts::PI * 9.0;
    let plain = run(&path, &circle()).unwrap();
    assert_eq!(plain.extension, "SCI,1");
    assert!((value(&plain, "aperture_sum") - 2.0 * area).abs() < 1e-10);
    assert_eq!(
        plain.table.column("aperture_sum").unwrap().unit_text(),
        Some("ELECTRONS/S")
    );
    let options = PhotometryOptions {
        error: Some("[ERR]".to_owned()),
        dq_bits: Some("0".to_owned()),
        areas: true,
        ..circle()
    };
    let masked = run(&path, &options).unwrap();
    assert!((value(&masked, "aperture_area") - (area - 1.0)).abs() < 1e-10);
    assert!((value(&masked, "aperture_sum_err") - (9.0 * (area - 1.0)).sqrt()).abs() < 1e-10);
    let good = PhotometryOptions {
        dq_bits: Some("4".to_owned()),
        ..options.clone()
    };
    assert!((value(&run(&path, &good).unwrap(), "aperture_area") - area).abs() < 1e-10);
    let named = PhotometryOptions {
        mask: Some(format!("{}[DQ,1]", path.display())),
        dq_bits: None,
        ..options
    };
    assert_eq!(
        value(&run(&path, &named).unwrap(), "aperture_sum"),
        value(&masked, "aperture_sum")
    );
}

#[test]
fn pixel_and_sky_positions_come_from_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = exposure(folder.path());
    let positions = folder.path().join("positions.csv");
    let table = Table::new()
        .with(Column::f64("X", vec![20.0, 30.0, -50.0]))
        .unwrap()
        .with(Column::f64("Y", vec![10.0, 15.5, 3.0]))
        .unwrap();
    write(&table, &positions, None, Overwrite::Refuse).unwrap();
    let output = folder.path().join("phot.ecsv");
    let options = PhotometryOptions {
        circle: [numbers("3"), numbers("5")].concat(),
        background_annulus: Some(Numbers(vec![6.0, 9.0])),
        positions: Some(positions),
        output: Some(output.clone()),
        ..PhotometryOptions::default()
    };
    let report = run(&path, &options).unwrap();
    let written = read(&output, None, None).unwrap();
    assert_eq!(written.names(), report.table.names());
    let sums = written.reals("aperture_sum_1").unwrap();
    assert!((sums[1] - 50.0 * std::f64::consts::PI).abs() < 1e-9 && sums[2].is_nan());
    assert!(written.reals("aperture_sum_bkgsub_0").unwrap()[1].abs() < 1e-9);
    assert!(
        matches!(class(&path, &options), ErrorClass::Usage),
        "the output is there already"
    );

    // The table's own sky positions, with radii in arcsec: 0.036 arcsec are a pixel.
    let sky = PhotometryOptions {
        circle: numbers("0.108"),
        positions: Some(output),
        sky: true,
        ..PhotometryOptions::default()
    };
    let on_sky = run(&path, &sky).unwrap();
    let x = on_sky.table.reals("x_center").unwrap();
    assert!((x[0] - 20.0).abs() < 1e-6 && (x[1] - 30.0).abs() < 1e-6);
    assert!(
        (value(&on_sky, "aperture_sum") / value(&run(&path, &circle()).unwrap(), "aperture_sum") - 1.0).abs()
            < 1e-5
    );
}

#[test]
fn rows_of_different_kinds_say_which_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = exposure(folder.path());
    let options = PhotometryOptions {
        rectangle: numbers("10,10,4,3,30"),
        ..circle()
    };
    let report = run(&path, &options).unwrap();
    assert_eq!(
        report.table.texts("aperture").unwrap(),
        ["CircularAperture", "RectangularAperture"]
    );
    assert!((report.table.reals("aperture_sum").unwrap()[1] - 24.0).abs() < 1e-10);
}

#[test]
fn what_cannot_be_done_has_its_class() {
    let folder = tempfile::tempdir().unwrap();
    let path = exposure(folder.path());
    let with = |change: fn(&mut PhotometryOptions)| {
        let mut options = circle();
        change(&mut options);
        options
    };
    assert_eq!(
        class(&folder.path().join("none.fits"), &circle()),
        ErrorClass::Missing
    );
    assert_eq!(
        class(&path, &with(|o| o.ext = Some("SCI,7".to_owned()))),
        ErrorClass::Missing
    );
    assert_eq!(
        class(&path, &with(|o| o.dq_bits = Some("many".to_owned()))),
        ErrorClass::Usage
    );
    assert_eq!(
        class(&path, &with(|o| o.background_sigma = -1.0)),
        ErrorClass::Usage
    );
    assert_eq!(
        class(&path, &with(|o| o.positions = Some("p.csv".into()))),
        ErrorClass::Usage
    );
    assert_eq!(
        class(&path, &with(|o| o.circle[0].0[2] = f64::NAN)),
        ErrorClass::Usage
    );
    let empty = folder.path().join("empty.fits");
    std::fs::write(&empty, b"<html>not found</html>").unwrap();
    assert_eq!(class(&empty, &circle()), ErrorClass::Input);
    let mut writer = FitsWriter::create(folder.path().join("small.fits"), Overwrite::Refuse).unwrap();
    writer
        .image(&Header::new(), ArrayView::new(&[2, 3], &[1.0f32; 6]).unwrap())
        .unwrap();
    writer.finish().unwrap();
    let small = with(|o| o.error = Some("ERR".to_owned()));
    let small = PhotometryOptions {
        error: Some(folder.path().join("small.fits").display().to_string()),
        ..small
    };
    assert_eq!(class(&path, &small), ErrorClass::Input, "shapes do not agree");
    assert_eq!(
        class(&folder.path().join("small.fits"), &with(|o| o.sky = true)),
        ErrorClass::Input,
        "no sky"
    );
}

#[test]
fn options_are_read_from_json_and_unknown_ones_refused() {
    let options: PhotometryOptions =
        serde_json::from_str(r#"{"circle": [[1, 2, 3]], "method": "center"}"#).unwrap();
    assert_eq!(options.circle, numbers("1,2,3"));
    assert!(serde_json::from_str::<PhotometryOptions>(r#"{"radius": 3}"#).is_err());
}
