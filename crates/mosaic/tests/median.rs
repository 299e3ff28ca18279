//! The median step: what each way of combining takes, in bands, on threads, and with bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_mosaic::Error;
use firstlight_mosaic::median::{
    CombineType, MedianOptions, MedianRows, MedianTerms, Single, WeightMean, background_e, median_rows,
    readnoise_e,
};
use std::ops::Range;

const NY: usize = 90;
const NX: usize = 70;

/// 400 s, a sky of 40 electrons, 5 electrons of read noise.
const TERMS: MedianTerms = MedianTerms {
    exptime_s: 400.0,
    background_e: 40.0,
    readnoise_e: 5.0,
    mean_weight: 400.0,
};

struct Exposure {
    sci: Vec<f32>,
    wht: Vec<f32>,
}

/// Exposures of 1 electron a second and of full weight.
fn exposures(count: usize) -> Vec<Exposure> {
    let one = || Exposure {
        sci: vec![1.0; NY * NX],
        wht: vec![400.0; NY * NX],
    };
    (0..count).map(|_| one()).collect()
}

fn made(exposures: &[Exposure], options: &MedianOptions, rows: Range<usize>, held: Range<usize>) -> Vec<f32> {
    let samples = held.start * NX..held.end * NX;
    let single = |exposure: &'_ Exposure| {
        (
            exposure.sci[samples.clone()].to_vec(),
            exposure.wht[samples.clone()].to_vec(),
        )
    };
    let held_samples: Vec<_> = exposures.iter().map(single).collect();
    let singles: Vec<Single> = held_samples
        .iter()
        .map(|(sci, wht)| Single {
            sci,
            wht,
            terms: TERMS,
        })
        .collect();
    let mut out = vec![f32::NAN; rows.len() * NX];
    let rows = MedianRows { nx: NX, held, rows };
    median_rows(&singles, &rows, options, &mut out).unwrap();
    out
}

fn whole(exposures: &[Exposure], options: &MedianOptions) -> Vec<f32> {
    made(exposures, options, 0..NY, 0..NY)
}

fn of(kind: &str) -> MedianOptions {
    MedianOptions {
        combine_type: kind.parse().unwrap(),
        ..MedianOptions::default()
    }
}

const AT: usize = 30 * NX + 20;

#[test]
fn minmed_takes_the_minimum_where_rays_are_in_the_middle() {
    // Of four, the median of the lower three is a ray.
    let mut four = exposures(4);
    for exposure in &mut four[..3] {
        exposure.sci[AT] = 5.0;
    }
    assert_eq!(whole(&four, &of("minmed"))[AT], 1.0);
    assert_eq!(whole(&four, &of("iminmed"))[AT], 1.0);
    assert_eq!(whole(&four, &of("median"))[AT], 5.0);
    // Within the noise of a star of 1600 s: 40 + 1600 e, 4 sigma are 0.1 a second.
    for exposure in &mut four[..3] {
        exposure.sci[AT] = 1.05;
    }
    assert_eq!(whole(&four, &of("minmed"))[AT], 1.05);
}

#[test]
fn next_to_a_minimum_a_lower_limit_counts() {
    let mut four = exposures(4);
    for exposure in &mut four[..3] {
        exposure.sci[AT] = 5.0;
        // 3.5 sigma of sqrt(1600 * 1.1 + 160 + 100) electrons above 1.
        for at in [AT + NX + 1, AT + 2 * NX, AT + 10] {
            exposure.sci[at] = 1.0 + 3.5 * 2030f32.sqrt() / 1600.0;
        }
    }
    let out = whole(&four, &of("minmed"));
    assert_eq!(out[AT + NX + 1], 1.0);
    assert!(out[AT + 2 * NX] > 1.0 && out[AT + 10] > 1.0);
    let wider = MedianOptions {
        combine_grow: 2,
        ..of("minmed")
    };
    assert_eq!(whole(&four, &wider)[AT + 2 * NX], 1.0);
    let none = MedianOptions {
        combine_grow: 0,
        ..of("minmed")
    };
    assert!(whole(&four, &none)[AT + NX + 1] > 1.0);
}

#[test]
fn little_weight_and_what_is_not_finite_is_left_out() {
    let mut three = exposures(3);
    three[0].sci[AT] = 100.0;
    three[0].wht[AT] = 119.0;
    three[1].sci[AT] = f32::NAN;
    for kind in ["minmed", "median", "mean", "imean"] {
        assert_eq!(whole(&three, &of(kind))[AT], 1.0, "{kind}");
    }
    let all = MedianOptions {
        median_newmasks: false,
        ..of("mean")
    };
    assert_eq!(whole(&three, &all)[AT], 50.5);
    assert_eq!(whole(&three, &of("sum"))[AT], 101.0);
}

#[test]
fn nothing_is_zero_or_the_first_value() {
    let mut three = exposures(3);
    for (value, exposure) in [0.0, 3.0, 4.0].into_iter().zip(&mut three) {
        exposure.wht[AT] = 0.0;
        exposure.sci[AT] = value;
    }
    for (kind, expected) in [
        ("minmed", 0.0),
        ("iminmed", 0.0),
        ("median", 0.0),
        ("imedian", 3.0),
        ("imean", 3.0),
    ] {
        assert_eq!(whole(&three, &of(kind))[AT], expected, "{kind}");
    }
}

#[test]
fn few_exposures() {
    let mut two = exposures(2);
    two[0].sci[AT] = 1.02;
    assert_eq!(whole(&two, &of("minmed"))[AT], 1.01);
    assert_eq!(whole(&two[..1], &of("minmed"))[AT], 1.02);
    assert_eq!(whole(&two[..1], &of("median"))[AT], 1.02);
    let none = made(&[], &of("minmed"), 0..NY, 0..NY);
    assert!(none.iter().all(|value| value.is_nan()), "nothing is touched");
}

#[test]
fn the_same_bits_in_any_bands_and_threads() {
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    let mut five = exposures(5);
    for exposure in &mut five {
        for (sci, wht) in exposure.sci.iter_mut().zip(&mut exposure.wht) {
            *sci = 1.0 + 0.2 * random() + if random() < 0.2 { 5.0 } else { 0.0 };
            *wht = 400.0 * random();
        }
    }
    for (kind, grow) in [
        ("minmed", 1),
        ("minmed", 5),
        ("minmed", 0),
        ("imedian", 1),
        ("mean", 0),
    ] {
        let options = MedianOptions {
            combine_grow: grow,
            ..of(kind)
        };
        let all = whole(&five, &options);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        assert_eq!(pool.install(|| whole(&five, &options)), all);
        let halo = options.halo();
        for height in [1, 7, 33, 64] {
            let mut bands = Vec::new();
            for start in (0..NY).step_by(height) {
                let rows = start..(start + height).min(NY);
                let held = start.saturating_sub(halo)..(rows.end + halo).min(NY);
                bands.extend(made(&five, &options, rows, held));
            }
            assert_eq!(bands, all, "{kind}, grow {grow}, bands of {height}");
        }
    }
}

#[test]
fn scalars_of_an_exposure() {
    let mut mean = WeightMean::default();
    mean.add_rows(&[0.0, 1e-9, 2.0, 4.0, f32::NAN, f32::INFINITY], 3);
    assert_eq!(mean.mean(), 3.0);
    assert_eq!(WeightMean::default().mean(), 0.0);
    assert_eq!(readnoise_e(&[3.0, 4.0]), 12.5f64.sqrt());
    assert_eq!(readnoise_e(&[]), 0.0);
    assert_eq!(background_e([(40.0, 1.0), (30.0, 1.0), (35.0, 1.0)]), 30.0);
    assert_eq!(background_e([]), 0.0);
}

#[test]
fn what_cannot_be_combined() {
    let exposures = exposures(2);
    let singles: Vec<Single> = exposures
        .iter()
        .map(|exposure| Single {
            sci: &exposure.sci,
            wht: &exposure.wht,
            terms: TERMS,
        })
        .collect();
    let run = |singles: &[Single], held: Range<usize>, rows: Range<usize>, options: &MedianOptions| {
        let mut out = vec![0.0; 3 * NX];
        median_rows(singles, &MedianRows { nx: NX, held, rows }, options, &mut out)
    };
    let options = MedianOptions::default();
    assert!(run(&singles, 0..NY, 5..8, &options).is_ok());
    assert!(matches!(
        run(&singles, 0..NY, 5..9, &options),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        run(&singles, 0..NY - 1, 5..8, &options),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        run(&singles, 10..NY + 10, 5..8, &options),
        Err(Error::Shape { .. })
    ));
    for bad in [
        MedianOptions {
            combine_nhigh: 2,
            ..of("median")
        },
        MedianOptions {
            combine_maskpt: f64::NAN,
            ..of("median")
        },
    ] {
        assert!(matches!(
            run(&singles, 0..NY, 5..8, &bad),
            Err(Error::BadOption { .. })
        ));
    }
    assert!("average".parse::<CombineType>().unwrap_err().contains("imedian"));
    assert!(serde_json::from_str::<MedianOptions>(r#"{"combine_typ": "mean"}"#).is_err());
}
