//! Superbiases of small bias frames made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_calibrate::stis::ocrreject::{InitialGuess, OcrrejectOptions, SkySubtraction};
use firstlight_calibrate::superbias::{
    Baseline, BiasFrames, BiasSource, Superbias, basebias, refbias, weekbias,
};
use firstlight_calibrate::{Error, References};
use firstlight_frame::fits::{FitsWriter, Header, Overwrite, Value};
use firstlight_frame::{Exposure, Frame, Image};
use std::path::{Path, PathBuf};

const SHAPE: (usize, usize) = (60, 80);

fn set(header: &mut Header, keyword: &str, value: impl Into<Value>) {
    header.set(keyword, value, None).unwrap();
}

/// Bias frames whose level was taken off, one imset each in `planes`: a slope, and noise that repeats itself.
struct Bias {
    day: u32,
    target: &'static str,
    biascorr: &'static str,
    planes: Vec<Image<f32>>,
}

impl Bias {
    fn new(day: u32, imsets: u32) -> Self {
        let plane = |imset: u32| {
            let seed = (day * 3 + imset) as usize;
            Image::from_fn(SHAPE.0, SHAPE.1, |x, y| {
                let noise = ((x * 31 + y * 17 + seed * 7) % 11) as f32 / 10.0 - 0.5;
                0.05 * x as f32 + noise
            })
        };
        Self {
            day,
            target: "BIAS",
            biascorr: "OMIT",
            planes: (0..imsets).map(plane).collect(),
        }
    }

    fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("o{:02}_flt.fits", self.day));
        let mut primary = Header::new();
        let texts = [
            ("INSTRUME", "STIS"),
            ("DETECTOR", "CCD"),
            ("CCDAMP", "D"),
            ("TARGNAME", self.target),
            ("BLEVCORR", "COMPLETE"),
            ("BIASCORR", self.biascorr),
            ("TTIMEOBS", "05:00:00"),
        ];
        texts
            .into_iter()
            .for_each(|(keyword, value)| set(&mut primary, keyword, value));
        set(&mut primary, "TDATEOBS", format!("2015-03-{:02}", self.day));
        set(&mut primary, "CCDGAIN", 1i64);
        set(&mut primary, "CCDOFFST", 3i64);
        set(&mut primary, "TEXPSTRT", 57000.0 + f64::from(self.day));
        set(&mut primary, "ATODGAIN", 1.0);
        set(&mut primary, "READNSE", 5.0);
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer.empty_primary(&primary).unwrap();
        for (at, plane) in self.planes.iter().enumerate() {
            let mut sci = Header::new();
            set(&mut sci, "EXTNAME", "SCI");
            set(&mut sci, "EXTVER", at as i64 + 1);
            set(&mut sci, "EXPTIME", 0.0);
            writer.image(&sci, (plane.as_slice(), SHAPE)).unwrap();
        }
        writer.finish().unwrap();
        path
    }
}

fn options() -> OcrrejectOptions {
    OcrrejectOptions {
        crmask: Some(false),
        scalense: Some(0.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::None),
        crsigmas: Some("5,4,3".to_owned()),
        crradius: Some(0.0),
        crthresh: Some(0.8),
        badinpdq: Some(0),
    }
}

fn made(
    biases: &[Bias],
    work: impl FnOnce(&BiasFrames) -> Result<Superbias, Error>,
) -> Result<Superbias, Error> {
    let folder = tempfile::tempdir().unwrap();
    let references = References::new();
    let paths: Vec<PathBuf> = biases.iter().map(|bias| bias.write(folder.path())).collect();
    let source = |path: &PathBuf| BiasSource {
        name: None,
        exposure: Exposure::open(path).unwrap(),
        references: &references,
    };
    let sources: Vec<BiasSource<'_>> = paths.iter().map(source).collect();
    work(&BiasFrames::open(&sources)?)
}

fn reference(biases: &[Bias]) -> Result<Superbias, Error> {
    made(biases, |frames| refbias(frames, &References::new(), &options()))
}

fn baseline(biases: &[Bias]) -> Result<Superbias, Error> {
    made(biases, |frames| basebias(frames, &References::new(), &options()))
}

fn frame(superbias: &Superbias) -> &Frame {
    &superbias.image.chips[0].frame
}

/// Four frames of one imset with a hot column, a hot pixel, and a cosmic ray in one of them.
fn week() -> Vec<Bias> {
    let mut biases: Vec<Bias> = (3..7).map(|day| Bias::new(day, 1)).collect();
    for bias in &mut biases {
        (0..SHAPE.0).for_each(|y| bias.planes[0][(y, 50)] += 8.0);
        bias.planes[0][(30, 20)] += 40.0;
    }
    biases[1].planes[0][(10, 10)] += 900.0;
    biases
}

#[test]
fn the_mean_has_no_cosmic_rays_and_flags_what_is_hot() {
    let made = reference(&week()).unwrap();
    let frame = frame(&made);
    assert!((frame.sci[(10, 10)] - 0.5).abs() < 0.6, "{}", frame.sci[(10, 10)]);
    assert!((frame.sci[(30, 20)] - 41.0).abs() < 0.6);
    assert_eq!(frame.dq[(30, 20)], 16);
    assert!((0..SHAPE.0).all(|y| frame.dq[(y, 50)] == 16));
    assert_eq!(frame.dq[(30, 30)], 0);
    // The error of the mean of four frames of 5 e at 1 e/DN.
    assert!((frame.err[(30, 30)] - 2.5).abs() < 0.1, "{}", frame.err[(30, 30)]);
    assert_eq!(made.report.rejected, [0, 1, 0, 0]);
    let text = |keyword: &str| made.image.primary.text(keyword).unwrap().to_owned();
    assert_eq!(text("FILETYPE"), "CCD BIAS IMAGE");
    assert_eq!(text("CCDAMP"), "D");
    assert_eq!(text("PEDIGREE"), "INFLIGHT 03/03/2015 06/03/2015");
    assert_eq!(made.image.primary.integer("CCDOFFST"), Some(3));
    assert_eq!(made.image.chips[0].sci.integer("NCOMBINE"), Some(4));
}

#[test]
fn a_baseline_has_neither_hot_columns_nor_hot_pixels() {
    let made = baseline(&week()).unwrap();
    let frame = frame(&made);
    // The slope is still there.
    assert!((frame.sci[(30, 50)] - 2.5).abs() < 0.8, "{}", frame.sci[(30, 50)]);
    assert!((frame.sci[(30, 20)] - 1.0).abs() < 0.8, "{}", frame.sci[(30, 20)]);
    assert!((frame.sci[(40, 70)] - 3.5).abs() < 0.6);
    assert!(made.report.hot_columns >= 1, "{:?}", made.report);
}

#[test]
fn files_of_several_imsets_count_by_their_imsets() {
    let (one, several) = (Bias::new(3, 3), Bias::new(4, 1));
    let mut other = Bias::new(5, 1);
    other.planes[0].as_mut_slice().fill(10.0);
    let made = baseline(&[one, several, other]).unwrap();
    assert_eq!(made.report.inputs.len(), 5);
    assert_eq!(made.image.chips[0].sci.integer("NCOMBINE"), Some(5));
    // One file of one imset beside files of several cannot be rid of cosmic rays.
    let alone = baseline(&[Bias::new(3, 3), Bias::new(4, 1)]).unwrap_err();
    assert!(matches!(alone, Error::TooFewExposures { found: 1 }), "{alone}");
}

#[test]
fn a_week_adds_its_hot_columns_to_the_baseline() {
    let (ny, nx) = SHAPE;
    let base = Frame {
        sci: Image::filled(ny, nx, 1.0),
        err: Image::filled(ny, nx, 0.25),
        dq: Image::filled(ny, nx, 0),
    };
    let baseline = Baseline {
        name: "base.fits",
        frame: &base,
    };
    let made = made(&week(), |frames| {
        weekbias(frames, baseline, &References::new(), &options())
    })
    .unwrap();
    let frame = frame(&made);
    // The noise repeats itself over the rows, and so makes columns of its own.
    assert!((1..8).contains(&made.report.hot_columns), "{:?}", made.report);
    assert!((frame.sci[(30, 50)] - 9.0).abs() < 1.2, "{}", frame.sci[(30, 50)]);
    assert_eq!((frame.dq[(30, 50)], frame.dq[(30, 20)]), (16, 0));
    // A hot pixel that is in no hot column is the baseline's.
    assert_eq!((frame.sci[(30, 20)], frame.err[(30, 20)]), (1.0, 0.25));
    // The readout noise of four frames, and that of the column's own charge.
    assert!((frame.err[(30, 50)] - 2.9).abs() < 0.3, "{}", frame.err[(30, 50)]);
    let small = Frame {
        sci: Image::filled(3, 3, 1.0),
        err: Image::filled(3, 3, 1.0),
        dq: Image::filled(3, 3, 0),
    };
    let other = Baseline {
        name: "small.fits",
        frame: &small,
    };
    let error = self::made(&week(), |frames| {
        weekbias(frames, other, &References::new(), &options())
    })
    .unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
}

#[test]
fn what_are_no_bias_frames_is_refused() {
    let mut biases = week();
    biases.iter_mut().for_each(|bias| bias.target = "DARK");
    let error = reference(&biases).unwrap_err();
    assert!(error.to_string().contains("TARGNAME"), "{error}");
    let mut biases = week();
    biases[2].biascorr = "COMPLETE";
    let error = reference(&biases).unwrap_err();
    assert!(error.to_string().contains("BIASCORR"), "{error}");
    let error = reference(&week()[..1]).unwrap_err();
    assert!(matches!(error, Error::TooFewExposures { found: 1 }), "{error}");
}
