//! The same numbers as astropy 8.0.2 and numpy 2.4.6, on samples that both sides can make.
//!
//! `expected` was printed by `ZScaleInterval`, `SigmaClip` and numpy for the samples of [`samples`], made
//! by the same recurrence in Python.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_stats::{
    Centre, Error, SigmaClip, Spread, ZScale, clipped_statistics, histogram, percentiles, sigma_clip, zscale,
};

/// Nearly normal samples of mean 100, and one in a hundred that is far too high.
fn samples(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = (1_103_515_245 * state + 12_345) % (1 << 31);
        (state, state as f64 / f64::from(1u32 << 31))
    };
    (0..count)
        .map(|_| {
            let mut sum = 0.0;
            let mut last = (0, 0.0);
            for _ in 0..4 {
                last = uniform();
                sum += last.1;
            }
            let sample = 100.0 + 10.0 * (sum - 2.0);
            if last.0 % 97 == 0 {
                sample + last.1 * 5000.0
            } else {
                sample
            }
        })
        .collect()
}

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got / expected - 1.0).abs() < relative, "{got} is not {expected}");
}

#[test]
fn zscale_is_astropys() {
    let expected = [
        (
            (50, 1),
            (89.4397288467735, 114.89072523079813),
            (89.43972778320312, 114.8907241821289),
        ),
        (
            (999, 2),
            (83.57432891614735, 135.88154609191747),
            (83.57432556152344, 135.8815426438997),
        ),
        (
            (1000, 3),
            (82.50104541890323, 136.402271859357),
            (82.50104522705078, 136.40226671588923),
        ),
        (
            (2500, 4),
            (83.68555032648146, 134.85872384928618),
            (83.685546875, 134.8587227631293),
        ),
        (
            (40000, 5),
            (85.41957176290452, 135.23043935574358),
            (85.41957092285156, 135.2304343428636),
        ),
    ];
    for ((count, seed), double, single) in expected {
        let samples = samples(count, seed);
        let (low, high) = zscale(&samples, &ZScale::default()).unwrap();
        close(low, double.0, 1e-12);
        close(high, double.1, 1e-12);
        let samples: Vec<f32> = samples.iter().map(|&sample| sample as f32).collect();
        let (low, high) = zscale(&samples, &ZScale::default()).unwrap();
        // astropy takes the median of f32 samples in f32.
        close(low, single.0, 1e-6);
        close(high, single.1, 1e-6);
    }
}

#[test]
fn zscale_parameters_are_astropys() {
    let parameters = ZScale {
        n_samples: 300,
        contrast: 0.1,
        krej: 2.0,
        max_iterations: 3,
        ..ZScale::default()
    };
    let (low, high) = zscale(&samples(2500, 4), &parameters).unwrap();
    close(low, 83.68555032648146, 1e-12);
    close(high, 188.23793146923884, 1e-12);
}

/// Parameters, limits, how many are kept, their mean, median and standard deviation.
type Clipped = (SigmaClip, (f64, f64), usize, (f64, f64, f64));

fn clipped() -> Vec<Clipped> {
    let default = SigmaClip::default();
    let until_done = SigmaClip {
        maxiters: None,
        ..SigmaClip::symmetric(2.5)
    };
    let mean = SigmaClip {
        centre: Centre::Mean,
        ..default
    };
    let robust = SigmaClip {
        spread: Spread::MadStd,
        ..default
    };
    let uneven = SigmaClip {
        sigma_lower: 2.0,
        sigma_upper: 4.0,
        maxiters: Some(2),
        ..default
    };
    vec![
        (
            default,
            (82.5853159834867, 117.28386793311186),
            2471,
            (99.90208146558831, 99.93459195829928, 5.783091991604194),
        ),
        (
            until_done,
            (85.88436081000873, 114.06365099436334),
            2450,
            (99.98222924596345, 99.97400590218604, 5.635858036870924),
        ),
        (
            mean,
            (82.55280549077573, 117.2513574404009),
            2471,
            (99.90208146558831, 99.93459195829928, 5.783091991604194),
        ),
        (
            robust,
            (81.8717364037677, 117.99901727565683),
            2472,
            (99.90916055389062, 99.93537683971226, 5.792620670473056),
        ),
        (
            uneven,
            (35.80355790397721, 228.27039287517573),
            2473,
            (99.94463083938328, 99.93616172112525, 6.054007833038527),
        ),
    ]
}

#[test]
fn sigma_clipping_is_astropys() {
    let samples = samples(2500, 4);
    for (clip, limits, kept, (mean, median, std)) in clipped() {
        let got = clipped_statistics(&samples, &clip).unwrap();
        close(got.limits.lower, limits.0, 1e-11);
        close(got.limits.upper, limits.1, 1e-11);
        assert_eq!(got.kept, kept);
        close(got.mean, mean, 1e-12);
        close(got.median, median, 1e-12);
        close(got.std, std, 1e-11);
    }
}

#[test]
fn limits_that_leave_nothing_are_astropys_too() {
    let samples = samples(2500, 4);
    let clip = SigmaClip {
        maxiters: Some(1),
        centre: Centre::Mean,
        spread: Spread::MadStd,
        ..SigmaClip::symmetric(1.5)
    };
    let limits = sigma_clip(&samples, &clip).unwrap();
    close(limits.lower, 119.34601577554814, 1e-12);
    close(limits.upper, 137.62850496052033, 1e-12);
    assert_eq!(
        clipped_statistics(&samples, &clip),
        Err(Error::NoFiniteSample { samples: 2500 })
    );
}

#[test]
fn percentiles_and_histograms_are_numpys() {
    let samples = samples(2500, 4);
    let expected = [
        85.03921709157527,
        95.93658172525465,
        100.04488022066653,
        3767.822228528368,
    ];
    for (got, expected) in percentiles(&samples, &[0.3, 25.0, 50.0, 99.7])
        .unwrap()
        .iter()
        .zip(expected)
    {
        close(*got, expected, 1e-14);
    }
    let counts = histogram(&samples, 13, Some((95.0, 103.5))).unwrap().counts;
    assert_eq!(
        counts,
        [90, 82, 87, 108, 100, 103, 104, 114, 103, 109, 113, 81, 99]
    );
}
