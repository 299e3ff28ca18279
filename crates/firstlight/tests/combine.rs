//! Frames in files combined into one: values, planes, headers, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ccd::{CcdFile, CcdFrame, CcdOpenOptions, CcdUnit};
use firstlight::combine::{Clip, CombineOptions, CombineReport, Method, UncertaintyName, combine};
use firstlight::fits::{ArrayView, FitsFile, FitsWriter, Header, Overwrite};
use firstlight::frame::Image;
use firstlight::progress::Silent;
use firstlight::{ErrorClass, Result, ccd};
use std::path::{Path, PathBuf};

const SHAPE: (usize, usize) = (37, 21);

fn header(exptime: f64) -> Header {
    let mut header = Header::new();
    header.set("EXPTIME", exptime, Some("[s] exposure time")).unwrap();
    header.set("OBJECT", "sky", None).unwrap();
    header
}

/// Frames of unsigned integers; `sample` of frame, x and y.
fn frames(folder: &Path, n: usize, sample: impl Fn(usize, usize, usize) -> u16) -> Vec<PathBuf> {
    (0..n)
        .map(|at| {
            let path = folder.join(format!("f{at:02}.fits"));
            let (ny, nx) = SHAPE;
            let data = Image::from_fn(ny, nx, |x, y| sample(at, x, y));
            let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
            let view = ArrayView::new(&[ny, nx], data.as_slice()).unwrap();
            writer.image(&header(10.0 + at as f64), view).unwrap();
            writer.finish().unwrap();
            path
        })
        .collect()
}

fn run(inputs: &[PathBuf], output: &Path, options: &CombineOptions) -> Result<CombineReport> {
    combine(inputs, output, (options, &CcdOpenOptions::default()), &Silent)
}

fn read(path: &Path) -> CcdFrame<f32> {
    CcdFile::open(path, &CcdOpenOptions::default())
        .unwrap()
        .read()
        .unwrap()
}

/// 100, 101, … in every frame, with a cosmic ray in each at a place of its own.
fn with_rays(at: usize, x: usize, y: usize) -> u16 {
    let ray = x == 2 * at && y == 3 * at;
    100 + at as u16 + if ray { 5000 } else { 0 }
}

#[test]
fn a_median_knows_no_cosmic_rays() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 7, with_rays);
    let output = folder.path().join("master.fits");
    let options = CombineOptions {
        method: Method::Median,
        ..CombineOptions::default()
    };
    let report = run(&inputs, &output, &options).unwrap();
    assert_eq!(
        (report.frames.len(), report.empty_pixels, report.shape),
        (7, 0, SHAPE)
    );
    let made = read(&output);
    for y in 0..SHAPE.0 {
        for x in 0..SHAPE.1 {
            // A ray in one of the lower frames moves the median up by one.
            let ray = (0..4).any(|at| x == 2 * at && y == 3 * at);
            assert_eq!(made.sci.row(y)[x], if ray { 104.0 } else { 103.0 }, "{x} {y}");
        }
    }
    // The MAD of 0…6 is 2.
    let err = made.err.unwrap().row(36)[20];
    assert!((f64::from(err) - 2.0 * 1.482602218505602 / 7f64.sqrt()).abs() < 1e-6);
    let file = FitsFile::open(&output).unwrap();
    let primary = file.primary().header();
    assert_eq!(primary.integer("NCOMBINE"), Some(7));
    assert_eq!(primary.real("EXPTIME"), Some(13.0));
    assert_eq!(primary.text("OBJECT").as_deref(), Some("sky"));
    assert_eq!(primary.text("BUNIT").as_deref(), Some("adu"));
    let history = primary.commentary("HISTORY").join("\n");
    assert!(
        history.contains("median of 7") && history.contains("f06.fits"),
        "{history}"
    );
}

#[test]
fn clipped_samples_are_counted_by_frame_and_by_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 12, with_rays);
    let output = folder.path().join("sum.fits");
    let options = CombineOptions {
        method: Method::Sum,
        clip: vec![Clip::Sigma],
        ..CombineOptions::default()
    };
    let report = run(&inputs, &output, &options).unwrap();
    for (at, frame) in report.frames.iter().enumerate() {
        let inside = 2 * at < SHAPE.1 && 3 * at < SHAPE.0;
        assert_eq!(frame.rejected, u64::from(inside), "frame {at}");
    }
    let file = FitsFile::open(&output).unwrap();
    let used = file.image::<u16>("NUSED").unwrap();
    let made = read(&output);
    assert_eq!(used.data[0], 11);
    assert_eq!(made.sci.row(0)[0], (101..=111).sum::<i32>() as f32);
    assert_eq!(used.data[1], 12);
    assert_eq!(
        file.primary().header().real("EXPTIME"),
        Some((10..22).sum::<i32>() as f64)
    );
}

#[test]
fn flats_are_divided_by_their_level_and_darks_by_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 3, |at, x, _| {
        (at as u16 + 1) * 1000 * (1 + (x % 2) as u16)
    });
    let output = folder.path().join("flat.fits");
    let options = CombineOptions {
        scale: Some("mean".to_owned()),
        scale_region: Some("1:2,1:10".to_owned()),
        ..CombineOptions::default()
    };
    let report = run(&inputs, &output, &options).unwrap();
    assert!((report.frames[1].scale - 1.0 / 3000.0).abs() < 1e-15);
    assert_eq!(report.unit, "");
    let made = read(&output);
    assert!((made.sci.row(3)[0] - 2.0 / 3.0).abs() < 1e-6 && (made.sci.row(3)[1] - 4.0 / 3.0).abs() < 1e-6);
    assert!(made.err.unwrap().as_slice().iter().all(|err| *err < 1e-7));

    let rate = folder.path().join("rate.fits");
    let options = CombineOptions {
        scale: Some("1/exptime".to_owned()),
        weights: Some("0,0,2".to_owned()),
        ..CombineOptions::default()
    };
    let report = run(&inputs, &rate, &options).unwrap();
    assert_eq!(report.unit, "adu / s");
    assert!((read(&rate).sci.row(0)[0] - 3000.0 / 12.0).abs() < 1e-4);
    assert_eq!(
        FitsFile::open(&rate).unwrap().primary().header().real("EXPTIME"),
        Some(1.0)
    );
}

#[test]
fn masks_and_errors_of_frames_count() {
    let folder = tempfile::tempdir().unwrap();
    let (ny, nx) = SHAPE;
    let inputs: Vec<PathBuf> = (0..3)
        .map(|at| {
            let path = folder.path().join(format!("m{at}.fits"));
            let mut frame = CcdFrame::new(Image::filled(ny, nx, 10.0 * (at + 1) as f32), CcdUnit::Electron);
            frame.err = Some(Image::filled(ny, nx, (at + 1) as f32));
            frame.dq_mut()[(0, 0)] = 1 << at;
            frame.dq_mut()[(0, 1)] = u16::from(at == 2) * 4;
            frame.sci[(0, 2)] = f32::NAN;
            ccd::write(&path, &frame, &header(1.0), false).unwrap();
            path
        })
        .collect();
    let output = folder.path().join("out.fits");
    let options = CombineOptions {
        uncertainty: UncertaintyName::Propagated,
        ..CombineOptions::default()
    };
    let report = run(&inputs, &output, &options).unwrap();
    assert_eq!((report.empty_pixels, report.unit.as_str()), (2, "electron"));
    let made = read(&output);
    let (err, dq) = (made.err.unwrap(), made.dq.unwrap());
    assert!(made.sci.row(0)[0].is_nan() && made.sci.row(0)[2].is_nan());
    assert_eq!(dq.row(0)[..4], [7, 0, 16, 0]);
    assert_eq!((made.sci.row(0)[1], made.sci.row(0)[3]), (15.0, 20.0));
    assert!((err.row(0)[1] - 5f32.sqrt() / 2.0).abs() < 1e-6);
    assert!((err.row(0)[3] - 14f32.sqrt() / 3.0).abs() < 1e-6);
}

#[test]
fn the_same_bits_for_any_number_of_threads_and_any_memory() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 9, |at, x, y| {
        (at * at * 31 + x * 7 + y * 13 + (at * x * y) % 17) as u16
    });
    let mut made = Vec::new();
    for (threads, memory) in [(1, 1u64 << 30), (4, 1 << 30), (2, 40_000)] {
        let output = folder.path().join(format!("t{threads}.fits"));
        let options = CombineOptions {
            clip: vec![Clip::Mad],
            scale: Some("median".to_owned()),
            max_memory: Some(firstlight::mosaic::Bytes(memory)),
            ..CombineOptions::default()
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&inputs, &output, &options)).unwrap();
        made.push(std::fs::read(&output).unwrap());
    }
    assert!(made[0] == made[1] && made[1] == made[2]);
}

#[test]
fn frames_that_do_not_belong_together_are_refused_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 3, with_rays);
    let output = folder.path().join("out.fits");
    let mut smaller = CcdFrame::new(Image::filled(5, 5, 1.0f32), CcdUnit::Adu);
    let poor = |name: &str, frame: &CcdFrame<f32>, header: &Header| {
        let path = folder.path().join(name);
        ccd::write(&path, frame, header, false).unwrap();
        path
    };
    let shape = poor("shape.fits", &smaller, &header(1.0));
    smaller = CcdFrame::new(Image::filled(SHAPE.0, SHAPE.1, 1.0f32), CcdUnit::Electron);
    let unit = poor("unit.fits", &smaller, &header(1.0));
    let truncated = folder.path().join("truncated.fits");
    let bytes = std::fs::read(&inputs[0]).unwrap();
    std::fs::write(&truncated, &bytes[..bytes.len() - 2880]).unwrap();
    for (path, what) in [
        (&shape, "size and binning"),
        (&unit, "electron"),
        (&truncated, "truncated.fits"),
    ] {
        let all = [inputs.clone(), vec![path.clone()]].concat();
        let error = run(&all, &output, &CombineOptions::default()).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(error.class(), ErrorClass::Input);
        assert!(!output.exists());
    }
    let skipping = CombineOptions {
        skip_bad: true,
        weights: Some("1,9,9,2,3".to_owned()),
        ..CombineOptions::default()
    };
    let all = [&inputs[..1], &[shape, truncated], &inputs[1..]].concat();
    let report = run(&all, &output, &skipping).unwrap();
    assert_eq!((report.frames.len(), report.failed.len()), (3, 2));
    assert_eq!(report.frames[2].weight, 3.0);
}

#[test]
fn binnings_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let frame = CcdFrame::new(Image::filled(4, 4, 1.0f32), CcdUnit::Adu);
    let paths: Vec<PathBuf> = [1i64, 2]
        .iter()
        .map(|binning| {
            let path = folder.path().join(format!("b{binning}.fits"));
            let mut header = header(1.0);
            header.set("XBINNING", *binning, None).unwrap();
            ccd::write(&path, &frame, &header, false).unwrap();
            path
        })
        .collect();
    let error = run(&paths, &folder.path().join("o.fits"), &CombineOptions::default()).unwrap_err();
    assert!(error.to_string().contains("XBINNING"), "{error}");
}

#[test]
fn poor_options_are_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = frames(folder.path(), 2, with_rays);
    let output = folder.path().join("out.fits");
    let base = CombineOptions::default;
    let text = |text: &str| Some(text.to_owned());
    let poor = [
        CombineOptions {
            clip: vec![Clip::Extrema],
            ..base()
        },
        CombineOptions {
            clip: vec![Clip::Minmax],
            ..base()
        },
        CombineOptions {
            min: Some(3.0),
            ..base()
        },
        CombineOptions {
            clip: vec![Clip::Sigma, Clip::Mad],
            ..base()
        },
        CombineOptions {
            sigma_low: -1.0,
            ..base()
        },
        CombineOptions {
            scale: text("1,2,3"),
            ..base()
        },
        CombineOptions {
            scale: text("0,1"),
            ..base()
        },
        CombineOptions {
            weights: text("-1,1"),
            ..base()
        },
        CombineOptions {
            weights: text("0,0"),
            ..base()
        },
        CombineOptions {
            weights: text("1,1"),
            method: Method::Median,
            ..base()
        },
        CombineOptions {
            scale: text("median"),
            scale_region: text("1:99,1:2"),
            ..base()
        },
        CombineOptions {
            max_memory: Some(firstlight::mosaic::Bytes(10)),
            ..base()
        },
    ];
    for options in &poor {
        let error = run(&inputs, &output, options).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Usage, "{options:?}: {error}");
    }
    let missing = CombineOptions {
        scale: text("1/NOSUCH"),
        ..base()
    };
    let error = run(&inputs, &output, &missing).unwrap_err();
    assert!(error.to_string().contains("NOSUCH"), "{error}");
    let propagated = CombineOptions {
        uncertainty: UncertaintyName::Propagated,
        ..base()
    };
    assert!(run(&inputs, &output, &propagated).is_err());
    assert!(!output.exists());
    let over = CombineOptions {
        overwrite: true,
        ..base()
    };
    assert!(
        run(&inputs, &inputs[0], &over)
            .unwrap_err()
            .to_string()
            .contains("one of the frames")
    );
    run(&inputs[..1], &output, &base()).unwrap();
    assert_eq!(
        run(&inputs, &output, &base()).unwrap_err().class(),
        ErrorClass::Usage
    );
}

#[test]
fn names_that_headers_cannot_hold_are_written_as_far_as_they_can() {
    let folder = tempfile::tempdir().unwrap();
    let plain = frames(folder.path(), 2, |_, _, _| 7);
    let path = folder.path().join("nächt☆.fits");
    std::fs::rename(&plain[1], &path).unwrap();
    let output = folder.path().join("out.fits");
    run(&[plain[0].clone(), path], &output, &CombineOptions::default()).unwrap();
    let file = FitsFile::open(&output).unwrap();
    let history = file.primary().header().commentary("HISTORY").join("\n");
    assert!(history.contains("combine: n?cht?.fits scale 1"), "{history}");
}
