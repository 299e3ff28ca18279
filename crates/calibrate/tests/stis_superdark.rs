//! Superdarks of small dark frames made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_calibrate::stis::ocrreject::{InitialGuess, OcrrejectOptions, SkySubtraction};
use firstlight_calibrate::superdark::{Baseline, DarkSource, Darks, HOT, Superdark};
use firstlight_calibrate::{Error, References};
use firstlight_frame::fits::{FitsWriter, Header, Overwrite, Value};
use firstlight_frame::{Exposure, Frame, Image};
use std::path::{Path, PathBuf};

const SHAPE: (usize, usize) = (70, 40);

fn set(header: &mut Header, keyword: &str, value: impl Into<Value>) {
    header.set(keyword, value, None).unwrap();
}

/// A calibrated dark of 1000 s: 0.01 e/s at 18 °C, and noise that repeats itself.
struct Dark {
    celsius: Option<f64>,
    gain: i64,
    day: u32,
    counts: Image<f32>,
}

impl Dark {
    fn new(day: u32, celsius: f64) -> Self {
        let (ny, nx) = SHAPE;
        let factor = (1.0 + 0.07 * (celsius - 18.0)) as f32;
        let noise = |x: usize, y: usize| ((x * 31 + y * 17 + day as usize * 7) % 11) as f32 / 10.0 - 0.5;
        Self {
            celsius: Some(celsius),
            gain: 1,
            day,
            counts: Image::from_fn(ny, nx, |x, y| (10.0 + noise(x, y)) * factor),
        }
    }

    fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("o{:02}_flt.fits", self.day));
        let mut primary = Header::new();
        let texts = [
            ("INSTRUME", "STIS"),
            ("DETECTOR", "CCD"),
            ("CCDAMP", "D"),
            ("TARGNAME", "DARK"),
            ("BLEVCORR", "COMPLETE"),
            ("BIASCORR", "COMPLETE"),
            ("TTIMEOBS", "05:00:00"),
        ];
        texts
            .into_iter()
            .for_each(|(keyword, value)| set(&mut primary, keyword, value));
        set(&mut primary, "TDATEOBS", format!("2015-03-{:02}", self.day));
        set(&mut primary, "CCDGAIN", self.gain);
        set(&mut primary, "TEXPSTRT", 57000.0 + f64::from(self.day));
        set(&mut primary, "ATODGAIN", 1.0);
        set(&mut primary, "READNSE", 5.0);
        let mut sci = Header::new();
        set(&mut sci, "EXTNAME", "SCI");
        set(&mut sci, "EXTVER", 1i64);
        set(&mut sci, "EXPTIME", 1000.0);
        if let Some(celsius) = self.celsius {
            set(&mut sci, "OCCDHTAV", celsius);
        }
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer.empty_primary(&primary).unwrap();
        writer.image(&sci, (self.counts.as_slice(), SHAPE)).unwrap();
        writer.finish().unwrap();
        path
    }
}

fn options() -> OcrrejectOptions {
    OcrrejectOptions {
        crmask: Some(false),
        scalense: Some(0.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::Mode),
        crsigmas: Some("5,4,3".to_owned()),
        crradius: Some(1.5),
        crthresh: Some(0.8),
        badinpdq: Some(0),
    }
}

fn with_frames<T>(darks: &[Dark], work: impl FnOnce(&Darks) -> T) -> Result<T, Error> {
    let folder = tempfile::tempdir().unwrap();
    let references = References::new();
    let paths: Vec<PathBuf> = darks.iter().map(|dark| dark.write(folder.path())).collect();
    let source = |path: &PathBuf| DarkSource {
        exposure: Exposure::open(path).unwrap(),
        name: None,
        references: &references,
    };
    let sources: Vec<DarkSource<'_>> = paths.iter().map(source).collect();
    Darks::stis(&sources).map(|frames| work(&frames))
}

fn base(darks: &[Dark]) -> Result<Superdark, Error> {
    with_frames(darks, |frames| {
        frames.basedark(&References::new(), &options()).unwrap()
    })
}

fn period() -> Vec<Dark> {
    let temperatures = [18.0, 20.5, 17.25, 21.0];
    let mut darks: Vec<Dark> = (3..)
        .zip(temperatures)
        .map(|(day, celsius)| Dark::new(day, celsius))
        .collect();
    for dark in &mut darks {
        let factor = (1.0 + 0.07 * (dark.celsius.unwrap() - 18.0)) as f32;
        dark.counts[(30, 20)] = 2000.0 * factor;
    }
    darks
}

#[test]
fn cosmic_rays_go_hot_pixels_stay_and_temperatures_do_not_matter() {
    let mut darks = period();
    darks[2].counts[(50, 7)] = 9000.0;
    let made = base(&darks).unwrap();
    let frame = &made.image.chips[0].frame;
    assert!((frame.sci[(30, 20)] - 2.0).abs() < 1e-4);
    assert_eq!(frame.dq[(30, 20)], HOT);
    assert!((frame.sci[(50, 7)] - 0.01).abs() < 1e-3);
    assert_eq!(frame.dq[(50, 7)], 0);
    let mean = frame
        .sci
        .as_slice()
        .iter()
        .map(|&rate| f64::from(rate))
        .sum::<f64>()
        / 2800.0;
    assert!((mean - (0.01 + 2.0 / 2800.0)).abs() < 1e-4, "{mean}");
    assert_eq!((made.report.hot.flagged, made.report.exptime_s), (1, 4000.0));
    assert!(made.report.rejected[2] >= 1);
    let primary = &made.image.primary;
    assert_eq!(
        primary.text("PEDIGREE").unwrap(),
        "INFLIGHT 03/03/2015 06/03/2015"
    );
    assert_eq!(primary.text("USEAFTER").unwrap(), "Mar 03 2015 05:00:00");
    assert_eq!(primary.text("DESCRIP").unwrap().len(), 67);
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| base(&period()).unwrap().image.chips[0].frame.clone())
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn a_week_brings_new_hot_pixels_and_takes_healed_ones_away() {
    let mut baseline = base(&period()).unwrap().image.chips[0].frame.clone();
    baseline.err.as_mut_slice().fill(0.5);
    let mut week: Vec<Dark> = (10..13).map(|day| Dark::new(day, 18.0)).collect();
    week.iter_mut().for_each(|dark| dark.counts[(10, 10)] = 5000.0);
    let week_of = |baseline: &Frame| {
        with_frames(&week, |frames| {
            let baseline = Baseline {
                name: "basedark.fits",
                frame: baseline,
            };
            frames.weekdark(&[baseline], &References::new(), &options())
        })
        .unwrap()
    };
    let made = week_of(&baseline).unwrap();
    let frame = &made.image.chips[0].frame;
    assert!((frame.sci[(10, 10)] - 5.0).abs() < 1e-3);
    assert_eq!(frame.dq[(10, 10)] & HOT, HOT);
    assert_ne!(frame.err[(10, 10)], 0.5);
    assert!((frame.sci[(30, 20)] - 0.01).abs() < 1e-3);
    assert_eq!((frame.dq[(30, 20)] & HOT, frame.err[(30, 20)]), (0, 0.5));
    assert_eq!(frame.sci[(0, 0)], baseline.sci[(0, 0)]);
    assert_eq!((made.report.hot.new, made.report.hot.healed), (Some(1), Some(1)));
    let small = Frame {
        sci: Image::filled(3, 3, 0.0),
        err: Image::filled(3, 3, 0.0),
        dq: Image::filled(3, 3, 0),
    };
    assert!(matches!(week_of(&small), Err(Error::Shape { .. })));
}

#[test]
fn darks_that_do_not_belong_together_are_refused() {
    assert!(matches!(base(&[]), Err(Error::NoDarks)));
    assert!(matches!(
        base(&[Dark::new(3, 18.0)]),
        Err(Error::TooFewExposures { found: 1 })
    ));
    let mut mixed = period();
    mixed[1].gain = 4;
    let error = base(&mixed).unwrap_err();
    assert!(
        matches!(&error, Error::MembersDiffer { what, .. } if what == "CCDGAIN"),
        "{error}"
    );
    let told = error.to_string();
    assert!(told.contains("CCDGAIN is 4, not 1; leave it out"), "{told}");
    assert!(told.contains("superdark periods"), "{told}");
    let mut unknown = period();
    unknown[3].celsius = None;
    let error = base(&unknown).unwrap_err();
    assert!(
        matches!(&error, Error::Keyword { keyword, .. } if keyword == "OCCDHTAV"),
        "{error}"
    );
}

#[test]
fn errors_of_reference_files_name_the_dark_that_asked_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [Dark::new(3, 18.0), Dark::new(4, 18.0)].map(|dark| dark.write(folder.path()));
    // A raw one among calibrated ones, without its CCDTAB.
    firstlight_frame::fits::edit(&paths[1], |edit| {
        edit.set(0, "BIASCORR", "PERFORM", None)?;
        edit.set(0, "BLEVCORR", "PERFORM", None)
    })
    .unwrap();
    let references = References::new();
    let sources = paths.each_ref().map(|path| DarkSource {
        exposure: Exposure::open(path).unwrap(),
        name: None,
        references: &references,
    });
    let error = Darks::stis(&sources).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(paths[1].to_str().unwrap()) && text.contains("CCDTAB"),
        "{text}"
    );
    assert!(matches!(error, Error::InExposure { .. }), "{text}");
}
