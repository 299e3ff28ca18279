//! What has to hold whatever the pixels are.

use super::made::{SHAPE, bits, busy, combine, even, members, observation, options, write};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acsrej::{
    AcsrejOptions, InitialGuess, Member, REJECTED, SkySubtraction, acsrej, name_product,
};
use firstlight_calibrate::acs::{Observation, Reference, References};
use firstlight_frame::Exposure;

fn median() -> AcsrejOptions {
    AcsrejOptions {
        initgues: Some(InitialGuess::Median),
        ..options()
    }
}

fn three() -> Vec<Observation> {
    (0..3)
        .map(|n| observation("made", 100.0, vec![busy(n, SHAPE, 100.0)]))
        .collect()
}

#[test]
fn a_constant_image_stays() {
    let inputs: Vec<Observation> = [100.0, 50.0, 250.0]
        .into_iter()
        .map(|seconds| observation("even", seconds, vec![even(SHAPE, 2.0 * seconds as f32, 5.0)]))
        .collect();
    for options in [options(), median()] {
        let found = combine(&inputs, &options);
        let frame = &found.product.chips[0].frame;
        assert!(
            frame
                .sci
                .as_slice()
                .iter()
                .all(|&value| (value - 800.0).abs() < 1e-3)
        );
        // Also the first pixel has its error.
        let error = 75.0f32.sqrt();
        assert!(
            frame
                .err
                .as_slice()
                .iter()
                .all(|&value| (value - error).abs() < 1e-5)
        );
        assert!(frame.dq.as_slice().iter().all(|&bits| bits == 0));
        assert_eq!(found.report.chips[0].rejected, [0, 0, 0]);
    }
}

#[test]
fn a_ray_in_one_of_three_is_found_with_its_spill() {
    let mut inputs: Vec<Observation> = (0..3)
        .map(|_| observation("even", 100.0, vec![even(SHAPE, 200.0, 10.0)]))
        .collect();
    // Thresholds of 65, 55 and 45 e, for neighbours of 36, 31 and 25 e.
    let sci = &mut inputs[1].chips[0].frame.sci;
    sci[(20, 30)] += 1000.0;
    sci[(20, 31)] += 44.0;
    sci[(22, 30)] += 44.0;
    sci[(21, 29)] += 24.0;
    sci[(18, 30)] += 44.0;
    sci[(20, 33)] += 44.0;
    let options = AcsrejOptions {
        scalense: Some(0.0),
        ..median()
    };
    let found = combine(&inputs, &options);
    assert_eq!(found.report.chips[0].rejected, [0, 3, 0]);
    let hits = &found.hits[1][0];
    assert!(hits.contains(30, 20) && hits.contains(31, 20) && hits.contains(30, 22));
    let frame = &found.product.chips[0].frame;
    // Two of three are left there: their sum, scaled to the time of all.
    assert_eq!(frame.sci[(20, 30)], 600.0);
    assert!((frame.err[(20, 30)] - 1.5 * 200f32.sqrt()).abs() < 1e-4);
    assert!((frame.err[(0, 0)] - 300f32.sqrt()).abs() < 1e-4);
    // Below the threshold, in a row below, out of reach: all counted.
    assert_eq!(
        [(21, 29), (18, 30), (20, 33)].map(|at| frame.sci[at]),
        [624.0, 644.0, 644.0]
    );
    assert_eq!(frame.dq[(20, 30)], 0);
    let mut marked = inputs[1].clone();
    marked.chips[0].frame.dq[(0, 0)] = REJECTED | 4;
    assert!(found.mark(1, &mut marked).unwrap());
    let dq = &marked.chips[0].frame.dq;
    assert_eq!((dq[(20, 30)], dq[(22, 30)], dq[(0, 0)]), (REJECTED, REJECTED, 4));
}

#[test]
fn the_order_of_the_inputs_does_not_matter_to_their_median() {
    let mut inputs = three();
    let first = combine(&inputs, &median());
    inputs.rotate_left(1);
    let second = combine(&inputs, &median());
    let (a, b) = (&first.product.chips[0].frame, &second.product.chips[0].frame);
    // Float sums come in the order of the inputs.
    assert!(
        a.sci
            .as_slice()
            .iter()
            .zip(b.sci.as_slice())
            .all(|(a, b)| (a - b).abs() <= 2e-6 * a.abs())
    );
    assert!(
        a.err
            .as_slice()
            .iter()
            .zip(b.err.as_slice())
            .all(|(a, b)| (a - b).abs() <= 2e-6 * a.abs())
    );
    assert_eq!(a.dq, b.dq);
    assert_eq!(
        (&first.hits[1], &first.hits[0]),
        (&second.hits[0], &second.hits[2])
    );
}

#[test]
fn a_sky_that_differs_is_no_ray_and_comes_back_in_the_sum() {
    let inputs: Vec<Observation> = [(1, 40.0), (2, 300.0)]
        .into_iter()
        .map(|(seed, sky)| {
            let mut frame = even((200, 200), 0.0, 6.0);
            let mut random = super::made::Random(seed);
            for value in frame.sci.as_mut_slice() {
                *value = (sky + 6.0 * random.normal()) as f32;
            }
            observation("sky", 100.0, vec![frame])
        })
        .collect();
    let with = |skysub| AcsrejOptions {
        skysub: Some(skysub),
        ..options()
    };
    let found = combine(&inputs, &with(SkySubtraction::Mode));
    let chip = &found.report.chips[0];
    assert!((chip.sky_e[0] - 40.0).abs() < 2.0 && (chip.sky_e[1] - 300.0).abs() < 2.0);
    assert!(chip.rejected.iter().sum::<usize>() < 20);
    let sci = &found.product.chips[0].frame.sci;
    let mean = sci.as_slice().iter().map(|&value| f64::from(value)).sum::<f64>() / 40_000.0;
    assert!((mean - 340.0).abs() < 1.0, "{mean}");
    assert!((found.product.primary.real("SKYSUM").unwrap() - 340.0).abs() < 4.0);
    let blind = combine(&inputs, &with(SkySubtraction::None));
    assert!(blind.report.chips[0].rejected[1] > 39_000);
}

#[test]
fn from_disk_and_on_any_number_of_threads_the_bits_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let shape = (300, 90);
    let mut inputs: Vec<Observation> = (0..3)
        .map(|n| {
            observation(
                "two chips",
                100.0,
                vec![busy(n, shape, 100.0), busy(n + 50, shape, 100.0)],
            )
        })
        .collect();
    for err in inputs[2].chips[1].frame.err.as_mut_slice() {
        *err = 7.0;
    }
    inputs[0].chips[0].frame.dq[(5, 5)] = 1 << 15;
    inputs[1].chips[0].frame.sci[(6, 6)] = f32::NAN;
    // The chips of the last one the other way round.
    inputs[2].chips.swap(0, 1);
    for (version, chip) in inputs[2].chips.iter_mut().enumerate() {
        chip.version = version as i64 + 1;
    }
    let options = AcsrejOptions {
        skysub: Some(SkySubtraction::Mode),
        ..median()
    };
    let exposures: Vec<Exposure> = (inputs.iter().enumerate())
        .map(|(n, input)| {
            let path = folder.path().join(format!("{n}.fits"));
            write(&path, input);
            Exposure::open(path).unwrap()
        })
        .collect();
    let whole = combine(&inputs, &options);
    assert_eq!(
        whole
            .report
            .chips
            .iter()
            .map(|chip| chip.chip)
            .collect::<Vec<_>>(),
        [2, 1]
    );
    let on_disk: Vec<&dyn Member> = exposures.iter().map(|exposure| exposure as &dyn Member).collect();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let found = pool
            .install(|| acsrej(&on_disk, &References::new(), &options))
            .unwrap();
        for (a, b) in whole.product.chips.iter().zip(&found.product.chips) {
            assert!(bits(&a.frame) == bits(&b.frame), "{threads} threads");
        }
        assert_eq!(whole.hits, found.hits);
        assert_eq!(whole.report.chips, found.report.chips);
    }
}

#[test]
fn bias_frames_weigh_alike_and_keep_their_bad_pixels() {
    let mut inputs: Vec<Observation> = [3.0, 5.0]
        .map(|level| observation("bias", 0.0, vec![even(SHAPE, level, 4.0)]))
        .to_vec();
    for input in &mut inputs {
        input.primary.set("IMAGETYP", "BIAS", None).unwrap();
        input.chips[0].frame.dq[(1, 1)] = 4;
    }
    let found = combine(&inputs, &options());
    let frame = &found.product.chips[0].frame;
    assert_eq!(
        (frame.sci[(0, 0)], frame.sci[(1, 1)], frame.dq[(1, 1)]),
        (8.0, 8.0, 4)
    );
    assert!((frame.err[(0, 0)] - 32f32.sqrt()).abs() < 1e-5);
    let primary = &found.product.primary;
    assert_eq!(
        (primary.real("EXPTIME"), primary.real("TEXPTIME")),
        (Some(0.0), Some(0.0))
    );
    for input in &mut inputs {
        input.primary.set("IMAGETYP", "EXT", None).unwrap();
    }
    let light = combine(&inputs, &options());
    assert_eq!(light.product.chips[0].frame.sci[(1, 1)], 0.0);
    assert_eq!(light.report.chips[0].empty, 1);
}

#[test]
fn an_exposure_of_no_length_among_others_is_left_out() {
    let mut inputs = three();
    let without = combine(&inputs[1..], &options());
    inputs[0].primary.set("EXPTIME", 0.0, None).unwrap();
    inputs[0].primary.set("ROOTNAME", "unexposed", None).unwrap();
    let found = combine(&inputs, &options());
    assert!(bits(&found.product.chips[0].frame) == bits(&without.product.chips[0].frame));
    assert_eq!(
        (found.hits[0][0].count(), &found.hits[1..]),
        (0, &without.hits[..])
    );
    assert_eq!(found.product.primary.text("ROOTNAME").unwrap(), "jtest01a1q");
    assert_eq!(found.product.chips[0].sci.integer("NCOMBINE"), Some(3));
}

#[test]
fn nothing_finite_and_nothing_left_make_an_empty_product() {
    let mut inputs: Vec<Observation> = (0..2)
        .map(|_| observation("nan", 100.0, vec![even(SHAPE, f32::NAN, 1.0)]))
        .collect();
    let sky = AcsrejOptions {
        skysub: Some(SkySubtraction::Mode),
        ..options()
    };
    let pixels = SHAPE.0 * SHAPE.1;
    let found = combine(&inputs, &sky);
    let frame = &found.product.chips[0].frame;
    assert!(
        frame
            .sci
            .as_slice()
            .iter()
            .chain(frame.err.as_slice())
            .all(|&value| value == 0.0)
    );
    assert!(frame.dq.as_slice().iter().all(|&bits| bits == 1));
    let chip = &found.report.chips[0];
    assert_eq!(
        (chip.empty, &chip.not_finite[..], &chip.rejected[..]),
        (pixels, &[pixels; 2][..], &[0, 0][..])
    );

    // One NaN, an infinite error: the other exposure stands alone there.
    for input in &mut inputs {
        input.chips[0].frame = even(SHAPE, 100.0, 1.0);
    }
    inputs[0].chips[0].frame.sci[(3, 3)] = f32::NAN;
    inputs[1].chips[0].frame.err[(4, 4)] = f32::INFINITY;
    let found = combine(&inputs, &median());
    let frame = &found.product.chips[0].frame;
    assert_eq!(
        [frame.sci[(3, 3)], frame.sci[(4, 4)], frame.err[(3, 3)]],
        [200.0, 200.0, 2.0]
    );
    assert_eq!((frame.dq[(3, 3)], frame.dq[(4, 4)], frame.dq[(5, 5)]), (1, 1, 0));

    // Both far from their mean, everywhere.
    inputs[0].chips[0].frame = even(SHAPE, -1e6, 1.0);
    inputs[1].chips[0].frame = even(SHAPE, 1e6, 1.0);
    let found = combine(&inputs, &median());
    assert_eq!(found.report.chips[0].empty, pixels);
    assert!(
        found.product.chips[0]
            .frame
            .dq
            .as_slice()
            .iter()
            .all(|&bits| bits == REJECTED)
    );
}

#[test]
fn the_header_tells_of_all_exposures() {
    let mut inputs = three();
    for (n, input) in inputs.iter_mut().enumerate() {
        input.primary.set("EXPSTART", 53000.0 - n as f64, None).unwrap();
        input.primary.set("EXPEND", 53000.5 - n as f64, None).unwrap();
    }
    let mut found = combine(&inputs, &options());
    name_product(&mut found.product, "jtest01011", Some("prod-crj")).unwrap();
    let primary = &found.product.primary;
    let reals = [
        "EXPTIME", "TEXPTIME", "DARKTIME", "FLASHDUR", "MEANEXP", "EXPSTART", "EXPEND", "CRRADIUS",
    ];
    let expected = [
        300.0,
        300.0,
        309.0,
        0.0,
        100.0,
        52998.0,
        53000.5,
        f64::from(2.1f32),
    ];
    for (keyword, expected) in reals.into_iter().zip(expected) {
        let value = primary.real(keyword).unwrap();
        assert!((value - expected).abs() < 1e-6, "{keyword} {value}");
    }
    let texts = [
        ("CRSIGMAS", "6.5,5.5,4.5"),
        ("INITGUES", "minimum"),
        ("SKYSUB", "none"),
        ("CRCORR", "COMPLETE"),
        ("ROOTNAME", "JTEST01011"),
        ("ASN_MTYP", "PROD-CRJ"),
    ];
    for (keyword, expected) in texts {
        assert_eq!(primary.text(keyword).as_deref(), Some(expected), "{keyword}");
    }
    let rate = primary.real("REJ_RATE").unwrap() * 300.0;
    let rejected: usize = found.report.chips[0].rejected.iter().sum();
    assert!((rate - rejected as f64).abs() < 0.01);
    assert_eq!(
        (primary.integer("BADINPDQ"), primary.logical("CRMASK")),
        (Some(39), Some(true))
    );
    assert_eq!(
        primary.card("DARKTIME").unwrap().comment().unwrap(),
        "Cumulative dark time in seconds"
    );
    assert_eq!(found.product.chips[0].dq.text("EXPNAME").unwrap(), "jtest01011");
    assert_eq!(found.product.chips[0].sci.integer("NCOMBINE"), Some(3));
}

#[test]
fn without_crmask_nothing_is_flagged() {
    let inputs = three();
    let options = AcsrejOptions {
        crmask: Some(false),
        ..options()
    };
    let found = combine(&inputs, &options);
    let mut marked = inputs[0].clone();
    assert!(!found.mark(0, &mut marked).unwrap());
    assert_eq!(marked.chips[0].frame, inputs[0].chips[0].frame);
    assert_eq!(members(&inputs).len(), found.hits.len());
}

#[test]
fn the_shading_of_the_shutter_is_taken_out_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shd.fits");
    write(&path, &observation("shading", 1.0, vec![even(SHAPE, 0.5, 0.0)]));
    let mut references = References::new();
    references.add(Reference::open("SHADFILE", "jref$test_shd.fits", &path).unwrap());
    let inputs: Vec<Observation> = (0..2)
        .map(|_| observation("even", 100.0, vec![even(SHAPE, 300.0, 20.0)]))
        .collect();
    let shaded = AcsrejOptions {
        shadcorr: true,
        ..options()
    };
    let found = acsrej(&members(&inputs), &references, &shaded).unwrap();
    let sci = &found.product.chips[0].frame.sci;
    assert!(
        (sci[(3, 4)] - 600.0 / (1.0 + 0.5 / 200.0)).abs() < 1e-3,
        "{}",
        sci[(3, 4)]
    );
    let primary = &found.product.primary;
    assert_eq!(primary.text("SHADCORR").unwrap(), "COMPLETE");
    assert!(primary.commentary("HISTORY")[1].contains("jref$test_shd.fits"));
    let without = acsrej(&members(&inputs), &References::new(), &shaded).unwrap_err();
    assert!(matches!(without, Error::NoReference { keyword, .. } if keyword == "SHADFILE"));
}
