//! The sky with masks of the user's own: what `skymask_cat` names is left out of it, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ErrorClass;
use firstlight::drizzle::{DrizzleOptions, DrizzleReport, drizzle};
use firstlight::progress::Silent;
use firstlight::simulate::{SbcReport, SbcVisitOptions, sbc};
use firstlight_fits::{ArrayView, FitsFile, FitsWriter, Header, Overwrite};
use firstlight_wcs::Wcs;
use std::path::{Path, PathBuf};

const SIDE: usize = 64;

fn visit() -> (tempfile::TempDir, SbcReport) {
    let folder = tempfile::tempdir().unwrap();
    let options = SbcVisitOptions {
        darks: 0,
        size: SIDE,
        ..SbcVisitOptions::default()
    };
    let visit = sbc(folder.path(), &options, false, &Silent).unwrap();
    (folder, visit)
}

/// The mean of all good pixels is called sky, so that it is easily taken by hand.
fn options(folder: &Path, catalogue: Option<&Path>) -> DrizzleOptions {
    let mut options = DrizzleOptions {
        output: Some(folder.join("out").display().to_string()),
        overwrite: true,
        ..DrizzleOptions::default()
    };
    options.sky.skystat = "mean".parse().unwrap();
    options.sky.skyclip = 0;
    options.sky.use_static = false;
    options.sky.skymask_cat = catalogue.map(|path| path.display().to_string());
    options
}

fn skies(report: &DrizzleReport) -> Vec<f64> {
    report.images.iter().map(|image| image.sky.unwrap().sky).collect()
}

/// The mean of the pixels `(x, y)`, counted from 0, that are good and kept.
fn mean(path: &Path, kept: impl Fn(usize, usize) -> bool) -> f64 {
    let file = FitsFile::open(path).unwrap();
    let sci = file.image::<f32>(("SCI", 1)).unwrap().data;
    let dq = file.image::<i32>(("DQ", 1)).unwrap().data;
    let good: Vec<f64> = (0..SIDE * SIDE)
        .filter(|at| dq[*at] == 0 && kept(at % SIDE, at / SIDE))
        .map(|at| f64::from(sci[at]))
        .collect();
    assert!(good.len() > 20);
    good.iter().sum::<f64>() / good.len() as f64
}

/// A mask with ones where pixels are kept, in an extension; the primary HDU is empty.
fn write_mask(path: &Path, shape: [usize; 2], kept: impl Fn(usize, usize) -> bool) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    let [ny, nx] = shape;
    let pixels: Vec<i16> = (0..ny * nx).map(|at| i16::from(kept(at % nx, at / nx))).collect();
    let image = ArrayView::new(&shape, &pixels).unwrap();
    writer.image(&Header::new(), image).unwrap();
    writer.finish().unwrap();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn within(dx: f64, dy: f64, radius: f64) -> bool {
    dx * dx + dy * dy <= radius * radius
}

#[test]
fn masks_and_regions_leave_pixels_out_of_the_sky() {
    let (folder, visit) = visit();
    let science = &visit.science[..2];
    let lists = folder.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    let run = |catalogue: Option<&Path>| {
        skies(&drizzle(science, &options(folder.path(), catalogue), &Silent).unwrap())
    };
    let near = |found: f64, expected: f64| {
        assert!(
            (found - expected).abs() < 1e-6 * expected.abs(),
            "{found} {expected}"
        );
    };
    let without = run(None);
    near(without[0], mean(&science[0], |_, _| true));

    let in_mask = |x: usize, y: usize| !(5..30).contains(&x) || y > 40;
    write_mask(&lists.join("mask.fits"), [SIDE, SIDE], in_mask);
    let in_regions = |x: usize, y: usize| {
        let (x, y) = (x as f64 + 1.0, y as f64 + 1.0);
        let in_box = (x - 30.0).abs() <= 20.0 && (y - 30.0).abs() <= 15.0;
        let in_ellipse = ((x - 25.0) / 6.0).powi(2) + ((y - 30.0) / 9.0).powi(2) <= 1.0;
        let in_triangle = x > 30.2 && y > 20.2 && x + y < 60.0;
        in_box && !within(x - 32.0, y - 33.0, 7.5) && !in_ellipse && !in_triangle
    };
    let regions = "# Region file format: DS9\nimage\nbox(30,30,40,30,0)\n-circle(32,33,7.5)\n!ellipse(25,30,6,9,0)\n\
                   -polygon(30.2,20.2,39.8,20.2,30.2,29.8)\n";
    std::fs::write(lists.join("stars.reg"), regions).unwrap();
    let catalogue = lists.join("masks.cat");
    let line = |at: usize, masks: &str| format!("{}{masks}\n", name(&science[at]));
    let text = format!(
        "# masks\n{}{}other_flt.fits,nothing.fits\n",
        line(0, "[sci,1], mask.fits[1]"),
        line(1, ",stars.reg")
    );
    std::fs::write(&catalogue, text).unwrap();
    let found = run(Some(&catalogue));
    near(found[0], mean(&science[0], in_mask));
    near(found[1], mean(&science[1], in_regions));
    assert!(found != without);
    let report = drizzle(science, &options(folder.path(), Some(&catalogue)), &Silent).unwrap();
    assert!(
        report.notes.iter().any(|note| note.contains("other_flt.fits")),
        "{:?}",
        report.notes
    );

    // The same pixels by their place on the sky, on the first image alone.
    let file = FitsFile::open(&science[0]).unwrap();
    let wcs = Wcs::from_file(&file, ("SCI", 1), None).unwrap();
    let corners = [(9.4, 9.6), (50.3, 9.6), (50.3, 45.7), (9.4, 45.7)].map(|(x, y)| wcs.pixel_to_sky(x, y));
    let corners = corners.map(|(ra, dec)| format!("{ra:.10},{dec:.10}")).join(",");
    for (sign, inside) in [("", true), ("-", false)] {
        std::fs::write(lists.join("sky.reg"), format!("fk5\n{sign}polygon({corners})\n")).unwrap();
        std::fs::write(&catalogue, line(0, ",sky.reg")).unwrap();
        let found = run(Some(&catalogue));
        let box_of = |x: usize, y: usize| ((10..=50).contains(&x) && (10..=45).contains(&y)) == inside;
        near(found[0], mean(&science[0], box_of));
        assert_eq!(found[1], without[1]);
    }

    // Where no sky is measured, masks have no say, and that is told.
    let mut off = options(folder.path(), Some(&catalogue));
    off.sky.skysub = false;
    let report = drizzle(science, &off, &Silent).unwrap();
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("no sky is measured")),
        "{:?}",
        report.notes
    );
}

#[test]
fn catalogues_that_cannot_be_used_say_where() {
    let (folder, visit) = visit();
    let science = &visit.science[..2];
    let at = |name: &str| folder.path().join(name);
    write_mask(&at("small.fits"), [10, 12], |_, _| true);
    std::fs::write(at("odd.reg"), "image\nepanda(1,2,3)\n").unwrap();
    let first = name(&science[0]);
    for (line, class, expected) in [
        (
            format!("{first},nowhere.fits"),
            ErrorClass::Missing,
            "nowhere.fits",
        ),
        (format!("{first},small.fits"), ErrorClass::Usage, "small.fits"),
        (format!("{first},small.fits[1]"), ErrorClass::Usage, "[10, 12]"),
        (format!("{first},odd.reg"), ErrorClass::Usage, "epanda"),
        (
            format!("{first}[sci,2],small.fits"),
            ErrorClass::Usage,
            "has no SCI image sci,2",
        ),
        (
            format!("{first},None,small.fits"),
            ErrorClass::Usage,
            "2 masks for 1 images",
        ),
        (
            format!("\n{first}[1,small.fits"),
            ErrorClass::Usage,
            "line 2: a bracket",
        ),
        (
            "other_flt.fits,small.fits".to_owned(),
            ErrorClass::Usage,
            "no line for any",
        ),
    ] {
        std::fs::write(at("masks.cat"), line).unwrap();
        let how = options(folder.path(), Some(&at("masks.cat")));
        let error = drizzle(science, &how, &Silent).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.class(), class, "{error}");
    }
    let how = options(folder.path(), Some(&PathBuf::from("nowhere.cat")));
    assert_eq!(
        drizzle(science, &how, &Silent).unwrap_err().class(),
        ErrorClass::Missing
    );
}
