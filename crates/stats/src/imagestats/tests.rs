use super::*;

/// Sky with a normal spread of about 5 and a few bright samples; the same as expected values were made from.
fn sky() -> Vec<f32> {
    let n = 40_000;
    let numbers = |seed: u32, many: usize| {
        let step = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        std::iter::successors(step(&seed), step)
            .take(many)
            .map(|x| f64::from(x) / 4_294_967_296.0)
            .collect::<Vec<f64>>()
    };
    let rays = numbers(99, n);
    numbers(12345, 12 * n)
        .chunks_exact(12)
        .zip(rays)
        .map(|(sum, ray)| {
            let sky = (sum.iter().sum::<f64>() - 6.0) * 5.0 + 30.0;
            let hit = ray * 20_000.0 * (ray - 0.97) / 0.03;
            (if ray > 0.97 { sky + hit } else { sky }) as f32
        })
        .collect()
}

fn options(nclip: usize, lsig: f64, usig: f64) -> ImageStatsOptions {
    ImageStatsOptions {
        nclip,
        lsig,
        usig,
        ..ImageStatsOptions::default()
    }
}

/// Expected values are those of stsci.imagestats 1.8.4: npix, mean, stddev, mode, midpt, median, min, max.
#[test]
fn values_of_the_peer() {
    let narrow = ImageStatsOptions {
        lower: Some(20.0),
        upper: Some(60.0),
        binwidth: 0.3,
        ..options(2, 1.5, 2.5)
    };
    #[rustfmt::skip]
    let cases = [
        (options(0, 3.0, 3.0), [40000.0, 315.10760498046875, 1918.7633056640625, 105.87394771575929,
            108.75451564788818, 30.178913116455078, 9.935782432556152, 19967.9296875]),
        (options(3, 3.0, 3.0), [38830.0, 29.965932846069336, 5.018091201782227, 30.452371706728076,
            29.787182182073593, 29.978660583496094, 9.935782432556152, 53.520572662353516]),
        (options(5, 4.0, 4.0), [38828.0, 29.964799880981445, 5.01572322845459, 30.662213731805487,
            29.881306695938115, 29.978422164916992, 9.935782432556152, 48.242393493652344]),
        (narrow, [32989.0, 31.073444366455078, 3.846421241760254, 30.352815773508965,
            30.627227276563644, 30.767229080200195, 24.50113868713379, 41.139923095703125]),
    ];
    for (options, expected) in cases {
        let s = ImageStats::of(&sky(), &options).unwrap();
        let found = [
            s.npix as f64,
            s.mean,
            s.stddev,
            s.mode,
            s.midpt,
            s.median,
            s.min,
            s.max,
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            let close = (found - expected).abs() <= 1e-7 * expected.abs();
            assert!(close, "{found} {expected}: {s:?}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let samples: Vec<f32> = sky().into_iter().cycle().take(300_000).collect();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| ImageStats::of(&samples, &options(5, 4.0, 4.0)))
            .unwrap()
    };
    assert_eq!(with(1), with(3));
    assert_eq!(with(1), with(8));
}

#[test]
fn medians_are_those_of_sorted_samples() {
    let mut samples = sky();
    for n in [1, 2, 3, 10, 999, 40_000] {
        let some = &samples[..n];
        let median = Clipped::of(some, &options(0, 3.0, 3.0)).unwrap().median();
        let mut sorted = some.to_vec();
        sorted.sort_by(f32::total_cmp);
        let expected = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        assert_eq!(median, f64::from(expected), "{n}");
    }
    let negative: Vec<f32> = samples.iter().map(|s| -s).collect();
    let (up, down) = (&samples, &negative);
    let [up, down] = [up, down].map(|s| Clipped::of(s, &options(0, 3.0, 3.0)).unwrap().median());
    assert_eq!(up, -down);
    samples.extend([f32::MAX, f32::MIN, f32::NAN, f32::INFINITY]);
    let median = Clipped::of(&samples, &options(0, 3.0, 3.0)).unwrap().median();
    assert!((median - 30.2).abs() < 0.1, "{median}");
}

#[test]
fn what_is_not_finite_is_left_out() {
    let clean = sky();
    let mut holed: Vec<f32> = Vec::new();
    for sample in &clean {
        holed.extend([*sample, f32::NAN]);
    }
    holed.extend([f32::INFINITY, f32::NEG_INFINITY]);
    let of = |samples: &[f32]| ImageStats::of(samples, &options(3, 3.0, 3.0)).unwrap();
    let (clean, holed) = (of(&clean), of(&holed));
    assert_eq!((clean.npix, clean.median), (holed.npix, holed.median));
    assert!((clean.mean - holed.mean).abs() < 1e-5);
}

#[test]
fn a_constant_moves_all_but_the_spread() {
    let samples: Vec<f32> = sky().iter().map(|s| (s * 1024.0).round() / 1024.0).collect();
    let higher: Vec<f32> = samples.iter().map(|s| s + 64.0).collect();
    let of = |samples: &[f32]| ImageStats::of(samples, &options(5, 4.0, 4.0)).unwrap();
    let (a, b) = (of(&samples), of(&higher));
    assert_eq!(a.npix, b.npix);
    assert!((a.stddev - b.stddev).abs() < 1e-5);
    for (a, b) in [(a.mean, b.mean), (a.median, b.median), (a.midpt, b.midpt)] {
        assert!((b - a - 64.0).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn equal_and_single_samples_and_one_bin() {
    for samples in [&[7.25f32; 100][..], &[7.25]] {
        let s = ImageStats::of(samples, &options(3, 3.0, 3.0)).unwrap();
        assert_eq!((s.mean, s.stddev, s.median), (7.25, 0.0, 7.25));
        assert_eq!((s.mode, s.midpt), (7.25, 7.25));
    }
    let wide = ImageStatsOptions {
        binwidth: 1e3,
        ..ImageStatsOptions::default()
    };
    assert!(ImageStats::of(&[2.0, 4.0], &wide).unwrap().mode.is_finite());
}

#[test]
fn no_samples_and_bad_options_are_errors() {
    let plain = ImageStatsOptions::default();
    assert_eq!(
        ImageStats::of(&[], &plain),
        Err(Error::NoFiniteSample { samples: 0 })
    );
    assert!(ImageStats::of(&[f32::NAN; 9], &plain).is_err());
    let above = ImageStatsOptions {
        lower: Some(100.0),
        ..plain
    };
    assert!(matches!(
        ImageStats::of(&[1.0, 2.0], &above),
        Err(Error::NothingWithinLimits { .. })
    ));
    for bad in [
        options(1, 0.0, 3.0),
        options(1, 3.0, f64::NAN),
        ImageStatsOptions {
            binwidth: -1.0,
            ..plain
        },
        ImageStatsOptions {
            lower: Some(2.0),
            upper: Some(1.0),
            ..plain
        },
    ] {
        assert!(matches!(
            ImageStats::of(&[1.0, 2.0], &bad),
            Err(Error::BadParameter { .. })
        ));
    }
    let fine = ImageStatsOptions {
        binwidth: 1e-9,
        ..plain
    };
    assert!(ImageStats::of(&[1.0, 2e6, 3e6], &fine).is_err());
}
