//! Stripes of known size, put into noise and taken out again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_calibrate::Error;
use firstlight_calibrate::acs::destripe::{
    DestripeOptions, Illumination, Layer, Masks, Plane, Statistic, acs_destripe, clean,
};
use firstlight_calibrate::acs::{Chip, Observation, References};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Image};

/// Normal deviates, one after the other (a linear congruential generator and twelve uniforms).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

const NY: usize = 64;
const NX: usize = 1500;
const READNOISE: f64 = 4.0;

/// Stripes of zero mean.
fn stripes() -> Vec<f64> {
    let mut noise = Noise(11);
    let stripes: Vec<f64> = (0..NY).map(|_| 0.9 * noise.normal()).collect();
    let mean = stripes.iter().sum::<f64>() / NY as f64;
    stripes.iter().map(|stripe| stripe - mean).collect()
}

/// Sky of 30 electrons through a flat, on a dark, with the stripes.
fn frame(seed: u64, flat: impl Fn(usize) -> f64, dark: f64, stripes: impl Fn(usize) -> f64) -> Frame {
    let mut noise = Noise(seed);
    let sci = Image::from_fn(NY, NX, |x, y| {
        let electrons = 30.0 * flat(x) + dark;
        (electrons + (electrons + READNOISE * READNOISE).sqrt() * noise.normal() + stripes(y)) as f32
    });
    let err = sci.map(|v| (f64::from(v.max(0.0)) + READNOISE * READNOISE).sqrt() as f32);
    let dq = Image::filled(NY, NX, 0u16);
    Frame { sci, err, dq }
}

fn uniform(seed: u64) -> Frame {
    let stripes = stripes();
    frame(seed, |_| 1.0, 0.0, |y| stripes[y])
}

fn plane(frame: &mut Frame) -> Plane<'_> {
    Plane {
        frame,
        illumination: Illumination::default(),
        mask: None,
    }
}

/// The root mean square difference of what was found from the stripes; that of a mean of 1500 pixels is 0.18.
fn residual(corrections: &[f64]) -> f64 {
    let differences = corrections.iter().zip(stripes());
    (differences.map(|(c, s)| (c - s).powi(2)).sum::<f64>() / NY as f64).sqrt()
}

#[test]
fn every_statistic_finds_the_stripes() {
    for (stat, within) in [
        (Statistic::Mean, 0.4),
        (Statistic::Median, 0.4),
        (Statistic::Pmode1, 0.6),
        (Statistic::Pmode2, 0.7),
        (Statistic::Mode, 3.0),
        (Statistic::Midpt, 0.5),
    ] {
        let mut image = uniform(1);
        let options = DestripeOptions {
            stat,
            ..DestripeOptions::default()
        };
        let report = clean(&mut [plane(&mut image)], &options).unwrap();
        assert!(
            residual(&report.corrections) < within,
            "{stat:?} {}",
            residual(&report.corrections)
        );
        assert_eq!((report.rows, report.rows_left), (NY, 0));
        if stat == Statistic::Mean {
            assert!((report.background - 30.0).abs() < 0.1, "{report:?}");
            assert!((report.stripe_std - 0.9).abs() < 0.3, "{report:?}");
        }
    }
}

#[test]
fn what_is_subtracted_is_the_correction_of_the_row() {
    let (before, mut image) = (uniform(2), uniform(2));
    let report = clean(&mut [plane(&mut image)], &DestripeOptions::default()).unwrap();
    let total: f64 = report.corrections.iter().sum();
    assert!(total.abs() < 0.5, "{total}");
    for y in 0..NY {
        for x in [0, 700, NX - 1] {
            let change = f64::from(before.sci[(y, x)] - image.sci[(y, x)]);
            assert!((change - report.corrections[y]).abs() < 1e-5);
        }
    }
}

#[test]
fn dark_and_flat_are_out_of_the_way_for_measuring_alone() {
    // A flat that falls to a half along the row, and rows of a dark that differ by much more than the stripes.
    let stripes = stripes();
    let flat = |x: usize| 1.0 - 0.5 * x as f64 / NX as f64;
    let mut image = frame(3, flat, 0.0, |y| stripes[y]);
    let dark = Image::from_fn(NY, NX, |_, y| (y % 7) as f32 * 20.0);
    let samples = image.sci.as_mut_slice().iter_mut().zip(dark.as_slice());
    samples.for_each(|(sci, dark)| *sci += dark);
    let before = image.clone();
    let illumination = Illumination {
        flat: Some(Image::from_fn(NY, NX, |x, _| flat(x) as f32)),
        flat_applied: false,
        layers: vec![Layer {
            electrons: dark,
            subtracted: false,
        }],
    };
    let mut planes = [Plane {
        illumination,
        ..plane(&mut image)
    }];
    let options = DestripeOptions {
        stat: Statistic::Mean,
        ..DestripeOptions::default()
    };
    let report = clean(&mut planes, &options).unwrap();
    assert!(
        residual(&report.corrections) < 0.5,
        "{}",
        residual(&report.corrections)
    );
    let change = f64::from(before.sci[(5, 1400)] - image.sci[(5, 1400)]);
    assert!((change - report.corrections[5]).abs() < 1e-4);
}

#[test]
fn a_flat_fielded_image_gets_what_the_raw_one_gets_divided_by_the_flat() {
    let stripes = stripes();
    let flat = |x: usize| 1.0 - 0.5 * x as f64 / NX as f64;
    let flat_image = || Some(Image::from_fn(NY, NX, |x, _| flat(x) as f32));
    let mut raw = frame(4, flat, 0.0, |y| stripes[y]);
    let mut divided = raw.clone();
    for (index, sample) in divided.sci.as_mut_slice().iter_mut().enumerate() {
        *sample /= flat(index % NX) as f32;
    }
    for (index, sample) in divided.err.as_mut_slice().iter_mut().enumerate() {
        *sample /= flat(index % NX) as f32;
    }
    for (frame, flat_applied) in [(&mut raw, false), (&mut divided, true)] {
        let illumination = Illumination {
            flat: flat_image(),
            flat_applied,
            layers: Vec::new(),
        };
        let mut planes = [Plane {
            illumination,
            ..plane(frame)
        }];
        clean(&mut planes, &DestripeOptions::default()).unwrap();
    }
    for index in (0..NY * NX).step_by(997) {
        let flat = flat(index % NX);
        let of = |image: &Image<f32>| f64::from(image.as_slice()[index]);
        assert!((of(&divided.sci) * flat - of(&raw.sci)).abs() < 1e-2);
        assert!((of(&divided.err) * flat - of(&raw.err)).abs() < 1e-3);
    }
}

#[test]
fn rows_of_two_chips_meet_from_their_registers() {
    let stripes = stripes();
    let mut lower = frame(5, |_| 1.0, 0.0, |y| stripes[y]);
    let mut upper = frame(6, |_| 1.0, 0.0, |y| stripes[NY - 1 - y]);
    let options = DestripeOptions {
        stat: Statistic::Mean,
        ..DestripeOptions::default()
    };
    let before = upper.clone();
    let report = clean(&mut [plane(&mut lower), plane(&mut upper)], &options).unwrap();
    assert!(
        residual(&report.corrections) < 0.3,
        "{}",
        residual(&report.corrections)
    );
    let change = f64::from(before.sci[(NY - 1, 3)] - upper.sci[(NY - 1, 3)]);
    assert!((change - report.corrections[0]).abs() < 1e-5);
}

#[test]
fn errors_follow_the_counts_and_the_offset_has_its_own() {
    let (before, mut image) = (uniform(7), uniform(7));
    let report = clean(&mut [plane(&mut image)], &DestripeOptions::default()).unwrap();
    // A row whose counts became fewer has less Poisson noise; the offset's own is some (5 / sqrt(1400))^2.
    let (y, x) = (9, 100);
    let counts = f64::from(before.sci[(y, x)].max(0.0));
    let after = (counts - report.corrections[y]).max(0.0);
    let expected = f64::from(before.err[(y, x)]).powi(2) - (counts - after);
    let found = f64::from(image.err[(y, x)]).powi(2);
    assert!(found > expected && found < expected + 0.1, "{found} {expected}");
}

#[test]
fn masked_flagged_and_spoiled_pixels_do_not_count_but_are_corrected() {
    let mut image = uniform(8);
    let mut mask = Image::filled(NY, NX, 1u8);
    for y in 0..NY {
        for x in 0..400 {
            image.sci[(y, x)] += 20.0 * y as f32;
            mask[(y, x)] = 0;
        }
        image.sci[(y, 500)] = f32::NAN;
        image.sci[(y, 501)] += 1e6;
        image.dq[(y, 501)] = 256;
    }
    let mut planes = [Plane {
        mask: Some(&mask),
        ..plane(&mut image)
    }];
    let options = DestripeOptions {
        dqbits: Some("~256".to_owned()),
        stat: Statistic::Median,
        ..DestripeOptions::default()
    };
    let before = uniform(8);
    let report = clean(&mut planes, &options).unwrap();
    assert!(
        residual(&report.corrections) < 0.5,
        "{}",
        residual(&report.corrections)
    );
    let change = f64::from(before.sci[(0, 10)] - image.sci[(0, 10)]);
    assert!((change - report.corrections[0]).abs() < 1e-4);
    assert!(image.sci[(3, 500)].is_nan());
}

#[test]
fn a_row_without_pixels_is_left_and_told_of() {
    let mut image = uniform(9);
    let mut mask = Image::filled(NY, NX, 1u8);
    mask.row_mut(7).fill(0);
    image.sci.row_mut(8).fill(5.0);
    let before = image.clone();
    let mut planes = [Plane {
        mask: Some(&mask),
        ..plane(&mut image)
    }];
    let report = clean(&mut planes, &DestripeOptions::default()).unwrap();
    assert_eq!((report.rows, report.rows_left), (NY - 2, 2));
    assert_eq!(image.sci.row(7), before.sci.row(7));
    assert_eq!(image.err.row(8), before.err.row(8));
}

#[test]
fn repetition_ends_where_nothing_changes() {
    let options = |rpt_clean, atol| DestripeOptions {
        rpt_clean,
        atol,
        ..DestripeOptions::default()
    };
    let mut image = uniform(10);
    let report = clean(&mut [plane(&mut image)], &options(20, 0.01)).unwrap();
    assert!(report.repeats >= 1 && report.repeats < 20, "{}", report.repeats);
    let mut image = uniform(10);
    let report = clean(&mut [plane(&mut image)], &options(4, 0.0)).unwrap();
    assert_eq!(report.repeats, 4);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let mut image = uniform(12);
        let options = DestripeOptions {
            rpt_clean: 2,
            ..DestripeOptions::default()
        };
        let report = pool
            .install(|| clean(&mut [plane(&mut image)], &options))
            .unwrap();
        (image, report)
    };
    assert_eq!(on(1), on(5));
}

#[test]
fn options_that_mean_nothing_change_nothing() {
    let refused = |change: &dyn Fn(&mut DestripeOptions)| {
        let mut options = DestripeOptions::default();
        change(&mut options);
        let mut image = uniform(13);
        let error = clean(&mut [plane(&mut image)], &options).unwrap_err();
        assert_eq!(image, uniform(13));
        error.to_string()
    };
    assert!(refused(&|o| o.sigrej = 0.0).contains("sigrej is 0"));
    assert!(refused(&|o| o.binwidth = f64::NAN).contains("binwidth"));
    assert!(refused(&|o| o.atol = -1.0).contains("atol"));
    assert!(refused(&|o| (o.lower, o.upper) = (Some(2.0), Some(1.0))).contains("less than upper"));
    assert!(refused(&|o| o.dqbits = Some("many".to_owned())).contains("'many'"));
    assert!(refused(&|o| o.lower = Some(1e9)).contains("no pixels are left"));
    let error = clean(&mut [], &DestripeOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NothingLeft { .. }));
    let (mut image, mask) = (uniform(13), Image::filled(3, 3, 1u8));
    let mut planes = [Plane {
        mask: Some(&mask),
        ..plane(&mut image)
    }];
    let error = clean(&mut planes, &DestripeOptions::default()).unwrap_err();
    assert!(error.to_string().contains("the mask has shape (3, 3)"), "{error}");
}

fn observation(cards: &[(&str, &str)]) -> Observation {
    let mut primary = Header::new();
    for (keyword, value) in [
        ("INSTRUME", "ACS"),
        ("DETECTOR", "WFC"),
        ("CCDAMP", "A"),
        ("PCTECORR", "PERFORM"),
    ]
    .iter()
    .chain(cards)
    {
        primary.set(keyword, *value, None).unwrap();
    }
    for (keyword, value) in [("EXPTIME", 100.0), ("EXPSTART", 57704.0), ("EXPEND", 57704.1)] {
        primary.set(keyword, value, None).unwrap();
    }
    let mut sci = Header::new();
    sci.set("BUNIT", "ELECTRONS", None).unwrap();
    sci.set("CCDCHIP", 1, None).unwrap();
    let chip = Chip {
        version: 1,
        frame: uniform(14),
        sci,
        err: Header::new(),
        dq: Header::new(),
    };
    Observation {
        name: "j_blv_tmp.fits".to_owned(),
        primary,
        chips: vec![chip],
    }
}

#[test]
fn an_exposure_is_cleaned_and_says_so() {
    let mut exposure = observation(&[]);
    let options = DestripeOptions::default();
    let report = acs_destripe(&mut exposure, &References::new(), &Masks::default(), &options).unwrap();
    let mut image = uniform(14);
    let alone = clean(&mut [plane(&mut image)], &options).unwrap();
    assert_eq!((exposure.chips[0].frame.clone(), report), (image, alone));
    let history = exposure.primary.commentary("HISTORY").join("\n");
    assert!(history.contains("stat pmode1, maxiter 15, sigrej 2"), "{history}");
}

#[test]
fn exposures_that_have_no_stripes_are_refused() {
    let refused = |mut exposure: Observation, masks: Masks| {
        let options = DestripeOptions::default();
        let error = acs_destripe(&mut exposure, &References::new(), &masks, &options).unwrap_err();
        assert_eq!(exposure.chips[0].frame, uniform(14));
        error.to_string()
    };
    let none = Masks::default;
    assert!(refused(observation(&[("DETECTOR", "HRC")]), none()).contains("DETECTOR should be WFC"));
    assert!(refused(observation(&[("PCTECORR", "COMPLETE")]), none()).contains("before the CTE"));
    let mut early = observation(&[]);
    early.primary.set("EXPSTART", 53000.0, None).unwrap();
    assert!(refused(early, none()).contains("May 2009"));
    let mut counts = observation(&[]);
    counts.chips[0].sci.set("BUNIT", "COUNTS", None).unwrap();
    assert!(refused(counts, none()).contains("ELECTRONS"));
    let mut two = observation(&[("CCDAMP", "ABCD")]);
    two.chips.push(two.chips[0].clone());
    let one = Masks {
        sci1: Some(Image::filled(NY, NX, 1)),
        sci2: None,
    };
    assert!(refused(two, one).contains("both SCI,1 and SCI,2"));
}
