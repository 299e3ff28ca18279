//! Frames registered and shifted, from files to files.

use firstlight::ccd::{CcdFile, CcdFrame, CcdOpenOptions, CcdUnit, write};
use firstlight::fits::Header;
use firstlight::frame::Image;
use firstlight::progress::Silent;
use firstlight::register::{Geometry, Method, RegisterOptions, Status, read_registrations, register};
use firstlight::shift::{Conserve, Interpolation, ShiftOptions, shift};
use firstlight::{Error, ErrorClass, Result};
use std::path::{Path, PathBuf};

const NX: usize = 300;
const NY: usize = 240;

/// Heights and places of stars on a field larger than the frame.
fn stars() -> Vec<[f64; 3]> {
    let mut state = 12_345_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..120)
        .map(|n| {
            [
                draw() * 400.0 - 50.0,
                draw() * 340.0 - 50.0,
                3000.0 / f64::from(n + 1).sqrt(),
            ]
        })
        .collect()
}

/// The field seen through a map from its plane to the frame.
fn seen(map: impl Fn([f64; 2]) -> [f64; 2]) -> Image<f32> {
    let places: Vec<([f64; 2], f64)> = stars()
        .iter()
        .map(|[x, y, height]| (map([*x, *y]), *height))
        .collect();
    let mut state = 99_u64;
    Image::from_fn(NY, NX, |x, y| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        let light: f64 = places
            .iter()
            .map(|([u, v], height)| {
                let square = (x as f64 - u).powi(2) + (y as f64 - v).powi(2);
                if square > 200.0 {
                    0.0
                } else {
                    height * (-square / 4.5).exp()
                }
            })
            .sum();
        (100.0 + light + 4.0 * noise) as f32
    })
}

fn save(folder: &Path, name: &str, image: Image<f32>, header: &Header) -> Result<PathBuf> {
    let path = folder.join(name);
    let mut frame = CcdFrame::new(image, CcdUnit::Adu);
    frame.err = Some(Image::filled(NY, NX, 2.0));
    write(&path, &frame, header, false)?;
    Ok(path)
}

/// A reference, a frame moved by whole pixels, one turned by 3 degrees, one mirrored, one without stars.
fn night(folder: &Path) -> Result<Vec<PathBuf>> {
    let (sine, cosine) = 3.0_f64.to_radians().sin_cos();
    let plain = Header::new();
    [
        save(folder, "reference.fits", seen(|p| p), &plain),
        save(folder, "moved.fits", seen(|[x, y]| [x + 17.0, y - 12.0]), &plain),
        save(
            folder,
            "turned.fits",
            seen(|[x, y]| [x * cosine - y * sine + 9.0, x * sine + y * cosine - 4.0]),
            &plain,
        ),
        save(
            folder,
            "mirrored.fits",
            seen(|[x, y]| [NX as f64 - 1.0 - x, y]),
            &plain,
        ),
        save(folder, "blank.fits", seen(|_| [-1e4, -1e4]), &plain),
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_night_is_registered_and_one_bad_frame_does_not_spoil_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let report = register(&files, &RegisterOptions::default(), &Silent).unwrap();
    let status: Vec<Status> = report.frames.iter().map(|frame| frame.status).collect();
    let registered = Status::Registered;
    assert_eq!(
        status,
        [
            Status::Reference,
            registered,
            registered,
            registered,
            Status::Failed
        ]
    );
    let described = |index: usize| report.frames[index].described.unwrap();
    let moved = described(1);
    assert!(
        (moved.shift[0] - 17.0).abs() < 0.02 && (moved.shift[1] + 12.0).abs() < 0.02,
        "{moved:?}"
    );
    assert!((described(2).rotation - 3.0).abs() < 0.01, "{:?}", described(2));
    assert!(described(3).flipped && !described(2).flipped);
    let blank = &report.frames[4];
    assert!(blank.why.as_ref().unwrap().contains("blank.fits") && blank.class == Some(ErrorClass::Input));

    let path = folder.path().join("maps.ecsv");
    firstlight::frame::table::write(&report.table().unwrap(), &path, None, false.into()).unwrap();
    let known = read_registrations(&path).unwrap();
    for (known, frame) in known.iter().zip(&report.frames) {
        assert_eq!(
            (&known.file, known.status, known.map),
            (&frame.file, frame.status, frame.map)
        );
    }
}

/// Broad spots of light on sky, moved, with noise.
fn nebula(spots: usize, [dx, dy]: [f64; 2], mut state: u64) -> Image<f32> {
    let light = |x: f64, y: f64| -> f64 {
        let of = |n: usize| {
            let width = 5.0 + (n % 7) as f64;
            let (u, v) = ((n * 97 % 380) as f64 - 40.0, (n * 61 % 310) as f64 - 35.0);
            let square = ((x - u).powi(2) + (y - v).powi(2)) / (width * width);
            (40.0 + (n * 37 % 80) as f64) * (-0.5 * square).exp()
        };
        (0..spots).map(of).sum()
    };
    Image::from_fn(NY, NX, |x, y| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        (100.0 + light(x as f64 - dx, y as f64 - dy) + 10.0 * noise) as f32
    })
}

#[test]
fn nebulae_are_registered_by_their_light() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, image: Image<f32>| save(folder.path(), name, image, &Header::new()).unwrap();
    let files = [
        save("a.fits", nebula(40, [0.0; 2], 1)),
        save("b.fits", nebula(40, [9.4, -6.7], 2)),
        save("noise.fits", nebula(0, [0.0; 2], 3)),
    ];
    let options = RegisterOptions {
        method: Method::Phase,
        ..RegisterOptions::default()
    };
    let report = register(&files, &options, &Silent).unwrap();
    let moved = &report.frames[1];
    let shift_found = moved.described.unwrap().shift;
    let away = (shift_found[0] - 9.4).hypot(shift_found[1] + 6.7);
    assert!(moved.status == Status::Registered && away < 0.1, "{moved:?}");
    assert!(moved.correlation.unwrap() > 0.9 && moved.sigma.unwrap()[0] < 0.1);
    assert_eq!((moved.stars, moved.matches, moved.rms), (None, None, None));
    let noise = &report.frames[2];
    let why = noise.why.as_ref().unwrap();
    assert!(
        noise.status == Status::Failed && why.contains("noise.fits") && why.contains("chance"),
        "{why}"
    );
    let table = report.table().unwrap();
    assert_eq!(table.reals("sigma_dx").unwrap()[1], moved.sigma.unwrap()[0]);

    let out = folder.path().join("shifted");
    let shifted = shift(&files[..2], &out, &ShiftOptions::default(), &options, &Silent).unwrap();
    let products: Vec<PathBuf> = shifted
        .frames
        .iter()
        .filter_map(|frame| frame.product.clone())
        .collect();
    let again = register(&products, &options, &Silent).unwrap();
    let shift_left = again.frames[1].described.unwrap().shift;
    assert!(shift_left[0].hypot(shift_left[1]) < 0.1, "{shift_left:?}");
}

#[test]
fn a_lone_frame_that_fails_is_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let error = register(
        &[files[0].clone(), files[4].clone()],
        &RegisterOptions::default(),
        &Silent,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("blank.fits") && error.to_string().contains("stars"),
        "{error}"
    );
    assert!(matches!(
        register(&[], &RegisterOptions::default(), &Silent),
        Err(Error::Usage(_))
    ));
    let absent = RegisterOptions {
        reference: Some(folder.path().join("none.fits")),
        ..RegisterOptions::default()
    };
    assert_eq!(
        register(&files, &absent, &Silent).unwrap_err().class(),
        ErrorClass::Missing
    );
}

#[test]
fn stars_stand_at_the_same_pixels_after_the_shift() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    for interpolation in [
        Interpolation::Bilinear,
        Interpolation::Lanczos3,
        Interpolation::Drizzle,
    ] {
        let mut options = ShiftOptions::default();
        options.how.interpolation = interpolation;
        let out = folder.path().join(format!("{interpolation:?}"));
        let report = shift(&files, &out, &options, &RegisterOptions::default(), &Silent).unwrap();
        assert_eq!(report.failed().count(), 1);
        let products: Vec<PathBuf> = report
            .frames
            .iter()
            .filter_map(|frame| frame.product.clone())
            .collect();
        let again = register(&products, &RegisterOptions::default(), &Silent).unwrap();
        for frame in &again.frames {
            let described = frame.described.unwrap();
            let away = described.shift[0].hypot(described.shift[1]);
            assert!(
                away < 0.03 && described.rotation.abs() < 0.01 && !described.flipped,
                "{frame:?}"
            );
        }
        assert!(!out.join("blank.fits").exists());
        let read = |path: &PathBuf| {
            CcdFile::open(path, &CcdOpenOptions::default())
                .unwrap()
                .read::<f32>()
                .unwrap()
        };
        let turned = read(&products[2]);
        let dq = turned.dq.as_ref().unwrap();
        assert_eq!(turned.err.as_ref().unwrap().shape(), (NY, NX));
        assert!(
            dq.as_slice().contains(&16)
                && dq.as_slice().iter().filter(|bits| **bits != 0).count() < NX * NY / 5
        );
    }
}

#[test]
fn a_table_of_maps_takes_the_place_of_registering_and_whole_shifts_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let table = folder.path().join("maps.csv");
    let row = |name: &str, status: &str, dx: f64| format!("{name},{status},1,0,{dx},0,1,0,0,0,1\n");
    let text = format!(
        "file,status,m11,m12,m13,m21,m22,m23,m31,m32,m33\n{}{}",
        row(&files[0].to_string_lossy(), "reference", 0.0),
        row("moved.fits", "registered", 17.0)
    );
    std::fs::write(&table, text).unwrap();
    let options = ShiftOptions {
        transforms: Some(table),
        ..ShiftOptions::default()
    };
    let out = folder.path().join("out");
    let report = shift(&files[..3], &out, &options, &RegisterOptions::default(), &Silent).unwrap();
    assert!(
        report.frames[2]
            .registered
            .why
            .as_ref()
            .unwrap()
            .contains("no row")
    );
    let open = |path: &Path| {
        CcdFile::open(path, &CcdOpenOptions::default())
            .unwrap()
            .read::<f32>()
            .unwrap()
    };
    let (before, after) = (open(&files[1]), open(&out.join("moved.fits")));
    for y in 0..NY {
        for x in 0..NX - 17 {
            assert_eq!(after.sci[(y, x)], before.sci[(y, x + 17)]);
        }
        assert!(after.sci[(y, NX - 1)].is_nan() && after.dq.as_ref().unwrap()[(y, NX - 1)] == 16);
    }
    assert_eq!(after.err.unwrap()[(3, 3)], 2.0);
}

#[test]
fn products_are_not_replaced_nor_frames() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let (options, how) = (ShiftOptions::default(), RegisterOptions::default());
    let error = shift(&files[..2], folder.path(), &options, &how, &Silent).unwrap_err();
    assert!(
        matches!(&error, Error::Usage(text) if text.contains("--output")),
        "{error}"
    );
    let out = folder.path().join("out");
    shift(&files[..2], &out, &options, &how, &Silent).unwrap();
    assert!(matches!(
        shift(&files[..2], &out, &options, &how, &Silent),
        Err(Error::OutputExists { .. })
    ));
    let again = ShiftOptions {
        overwrite: true,
        ..options
    };
    shift(&files[..2], &out, &again, &how, &Silent).unwrap();
    let twice = [files[0].clone(), files[1].clone(), out.join("moved.fits")];
    assert!(matches!(
        shift(&twice, &folder.path().join("b"), &again, &how, &Silent),
        Err(Error::Usage(_))
    ));
}

#[test]
fn world_coordinates_register_frames_without_stars() {
    let folder = tempfile::tempdir().unwrap();
    let header = |crpix: [f64; 2]| {
        let mut header = Header::new();
        for (keyword, text) in [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN")] {
            header.set(keyword, text, None).unwrap();
        }
        let numbers = [
            ("CRVAL1", 31.3),
            ("CRVAL2", 46.8),
            ("CRPIX1", crpix[0]),
            ("CRPIX2", crpix[1]),
            ("CD1_1", -1e-4),
            ("CD2_2", 1e-4),
        ];
        for (keyword, number) in numbers {
            header.set(keyword, number, None).unwrap();
        }
        header
    };
    let blank = || Image::filled(NY, NX, 1.0_f32);
    let files = [
        save(folder.path(), "a.fits", blank(), &header([150.0, 120.0])).unwrap(),
        save(folder.path(), "b.fits", blank(), &header([161.5, 100.0])).unwrap(),
        save(folder.path(), "c.fits", blank(), &Header::new()).unwrap(),
    ];
    let options = RegisterOptions {
        method: Method::Wcs,
        ..RegisterOptions::default()
    };
    let report = register(&files, &options, &Silent).unwrap();
    let described = report.frames[1].described.unwrap();
    assert!(
        (described.shift[0] - 11.5).abs() < 1e-6 && (described.shift[1] + 20.0).abs() < 1e-6,
        "{described:?}"
    );
    assert_eq!(report.frames[2].status, Status::Failed);
    let mut shifted = ShiftOptions::default();
    shifted.how.conserve = Conserve::Brightness;
    let mut how = options;
    how.matching.geometry = Geometry::Translation;
    let out = folder.path().join("out");
    let report = shift(&files[..2], &out, &shifted, &how, &Silent).unwrap();
    let product = CcdFile::open(
        report.frames[1].product.as_ref().unwrap(),
        &CcdOpenOptions::default(),
    )
    .unwrap();
    assert_eq!(product.header().real("CRPIX1"), Some(150.0));
    let covered = report.frames[1].covered.unwrap();
    assert!(
        (covered - 288.0 * 220.0 / (NX * NY) as f64).abs() < 0.01,
        "{covered}"
    );
}

#[test]
fn names_that_headers_cannot_hold_are_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let files = night(folder.path()).unwrap();
    let reference = folder.path().join("größe.fits");
    std::fs::rename(&files[0], &reference).unwrap();
    let how = RegisterOptions {
        reference: Some(reference),
        ..RegisterOptions::default()
    };
    let to = folder.path().join("shifted");
    let report = shift(&files[1..2], &to, &ShiftOptions::default(), &how, &Silent).unwrap();
    let product = report.frames[0].product.as_ref().unwrap();
    let file = CcdFile::open(product, &CcdOpenOptions::default()).unwrap();
    assert_eq!(file.header().text("FLREGREF").as_deref(), Some("gr??e.fits"));
}
