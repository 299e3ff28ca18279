//! The steps that reject cosmic rays: on what they are for, in bands, on threads, and with bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_mosaic::cosmic_rays::{
    CrFinder, CrOptions, CrTerms, CteDirection, cosmic_rays, replace_marked,
};
use firstlight_mosaic::{BitMask, Error};

const NY: usize = 41;
const NX: usize = 150;

const TERMS: CrTerms = CrTerms {
    conversion: 1.0,
    gain: 1.0,
    readnoise_e: 5.0,
    sky_e: 0.0,
    cte: CteDirection::None,
};

/// A flat blotted image of 100 electrons: the noise is √125, the derivative 0 but at the edges.
fn flat() -> Vec<f32> {
    vec![100.0; NY * NX]
}

fn found(sci: &[f32], blotted: &[f32], terms: &CrTerms, options: &CrOptions) -> BitMask {
    cosmic_rays(sci, blotted, (NY, NX), terms, options).unwrap()
}

fn marked(mask: &BitMask) -> Vec<(usize, usize)> {
    (0..NY)
        .flat_map(|y| (0..NX).map(move |x| (y, x)))
        .filter(|(y, x)| mask.get(*y, *x))
        .collect()
}

fn noise() -> impl FnMut() -> f32 {
    let mut state = 88_172_645_463_325_252_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32
    }
}

#[test]
fn the_second_look_takes_only_neighbours() {
    let mut sci = flat();
    let sigma = 125f32.sqrt();
    sci[20 * NX + 63] += 3.6 * sigma;
    // 3.2 sigma: next to a ray, and on its own.
    sci[21 * NX + 64] -= 3.2 * sigma;
    sci[10 * NX + 100] += 3.2 * sigma;
    sci[20 * NX + 65] += 3.2 * sigma;
    let mask = found(&sci, &flat(), &TERMS, &CrOptions::default());
    assert_eq!(marked(&mask), [(20, 63), (21, 64)]);
}

#[test]
fn sky_gain_and_conversion_count() {
    let mut sci = flat();
    sci[20 * NX + 63] += 50.0;
    let count = |terms| found(&sci, &flat(), &terms, &CrOptions::default()).count();
    assert_eq!(count(TERMS), 1);
    assert_eq!(
        count(CrTerms {
            sky_e: 200.0,
            ..TERMS
        }),
        0
    );
    assert_eq!(
        count(CrTerms {
            readnoise_e: 50.0,
            ..TERMS
        }),
        0
    );
    assert_eq!(count(CrTerms { gain: 0.2, ..TERMS }), 0);
    assert_eq!(
        count(CrTerms {
            conversion: 0.01,
            ..TERMS
        }),
        0
    );
}

#[test]
fn steep_places_may_differ_more() {
    let (mut sci, mut blotted) = (flat(), flat());
    blotted[20 * NX + 70] = 1000.0;
    sci[20 * NX + 70] = 1900.0;
    let options = CrOptions::default();
    assert_eq!(found(&sci, &blotted, &TERMS, &options).count(), 0);
    let strict = CrOptions {
        driz_cr_scale: "0.5 0.3".parse().unwrap(),
        ..options
    };
    assert_eq!(marked(&found(&sci, &blotted, &TERMS, &strict)), [(20, 70)]);
}

#[test]
fn squares_and_trails_grow() {
    let mut sci = flat();
    sci[20 * NX + 64] += 1000.0;
    let grown = |grow, ctegrow, cte| {
        let options = CrOptions {
            driz_cr_grow: grow,
            driz_cr_ctegrow: ctegrow,
            ..CrOptions::default()
        };
        marked(&found(&sci, &flat(), &CrTerms { cte, ..TERMS }, &options))
    };
    let square = |ys: std::ops::RangeInclusive<usize>, xs: std::ops::RangeInclusive<usize>| {
        ys.flat_map(|y| xs.clone().map(move |x| (y, x)))
            .collect::<Vec<_>>()
    };
    assert_eq!(grown(0, 0, CteDirection::None), [(20, 64)]);
    assert_eq!(grown(3, 0, CteDirection::None), square(19..=21, 63..=65));
    assert_eq!(grown(1, 3, CteDirection::Above), square(20..=23, 64..=64));
    assert_eq!(grown(1, 3, CteDirection::Below), square(17..=20, 64..=64));
    assert_eq!(grown(1, 3, CteDirection::None), [(20, 64)]);
    assert_eq!(grown(2, 0, CteDirection::None), square(20..=21, 64..=65));
}

#[test]
fn samples_that_are_not_finite_are_marked() {
    let mut sci = flat();
    sci[20 * NX + 64] = f32::NAN;
    sci[20 * NX + 100] = f32::INFINITY;
    let mask = found(&sci, &flat(), &TERMS, &CrOptions::default());
    assert_eq!(marked(&mask), [(20, 64), (20, 100)]);
    let nowhere = vec![f32::NAN; NY * NX];
    assert_eq!(
        found(&flat(), &nowhere, &TERMS, &CrOptions::default()).count(),
        NY * NX
    );
}

#[test]
fn the_same_bits_in_any_bands_and_threads() {
    let mut random = noise();
    let blotted: Vec<f32> = (0..NY * NX).map(|_| 100.0 + 30.0 * random()).collect();
    let sci: Vec<f32> = blotted
        .iter()
        .map(|value| value + 120.0 * (random() - 0.5))
        .collect();
    let options = CrOptions {
        driz_cr_grow: 2,
        driz_cr_ctegrow: 3,
        ..CrOptions::default()
    };
    let terms = CrTerms {
        cte: CteDirection::Above,
        ..TERMS
    };
    let whole = found(&sci, &blotted, &terms, &options);
    assert!(whole.count() > 50 && whole.count() < NY * NX / 2);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap();
    assert_eq!(pool.install(|| found(&sci, &blotted, &terms, &options)), whole);
    for height in [1, 2, 13, 40] {
        let mut finder = CrFinder::new((NY, NX), &terms, &options).unwrap();
        for start in (0..NY).step_by(height) {
            let rows = start..(start + height).min(NY);
            let held = finder.blotted_rows(&rows);
            let samples = |rows: std::ops::Range<usize>| rows.start * NX..rows.end * NX;
            finder
                .add_rows(rows.clone(), &sci[samples(rows.clone())], &blotted[samples(held)])
                .unwrap();
        }
        assert_eq!(finder.finish(), whole, "bands of {height}");
    }
}

#[test]
fn marked_samples_are_replaced() {
    let (mut sci, blotted) = (vec![1.0; NY * NX], flat());
    let mut mask = BitMask::new(NY, NX);
    mask.set(3, 70);
    replace_marked(&mut sci, &blotted, &mask).unwrap();
    let changed: Vec<usize> = (0..sci.len()).filter(|k| sci[*k] != 1.0).collect();
    assert_eq!(changed, [3 * NX + 70]);
    assert!(matches!(
        replace_marked(&mut sci[1..], &blotted, &mask),
        Err(Error::Shape { .. })
    ));
}

#[test]
fn tiny_images() {
    for (ny, nx) in [(0, 0), (1, 1), (1, 5), (4, 1), (2, 2), (3, 3)] {
        let image = vec![1.0; ny * nx];
        let options = CrOptions {
            driz_cr_grow: 9,
            driz_cr_ctegrow: 9,
            ..CrOptions::default()
        };
        for cte in [CteDirection::Above, CteDirection::Below] {
            let terms = CrTerms { cte, ..TERMS };
            let mask = cosmic_rays(&image, &image, (ny, nx), &terms, &options).unwrap();
            assert_eq!(mask.count(), 0);
            let rays = vec![1e6; ny * nx];
            let mask = cosmic_rays(&rays, &image, (ny, nx), &terms, &options).unwrap();
            assert_eq!(mask.count(), ny * nx);
        }
    }
}

#[test]
fn what_cannot_be_compared() {
    let (image, options) = (flat(), CrOptions::default());
    let shape = (NY, NX);
    assert!(matches!(
        cosmic_rays(&image[1..], &image, shape, &TERMS, &options),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        cosmic_rays(&image, &image[NX..], shape, &TERMS, &options),
        Err(Error::Shape { .. })
    ));
    for terms in [
        CrTerms { gain: 0.0, ..TERMS },
        CrTerms {
            conversion: f64::NAN,
            ..TERMS
        },
        CrTerms {
            sky_e: f64::NAN,
            ..TERMS
        },
    ] {
        let bad = cosmic_rays(&image, &image, shape, &terms, &options);
        assert!(matches!(bad, Err(Error::BadOption { .. })));
    }
    let negative = CrOptions {
        driz_cr_snr: "-3 2".parse().unwrap(),
        ..options
    };
    assert!(negative.check().is_err());
    let mut finder = CrFinder::new(shape, &TERMS, &CrOptions::default()).unwrap();
    assert!(
        finder
            .add_rows(NY..NY + 1, &image[..NX], &image[..2 * NX])
            .is_err()
    );
}

#[test]
fn options_are_read_as_they_are_written() {
    let options: CrOptions =
        serde_json::from_str(r#"{"driz_cr_snr": "5.0 4.0", "driz_cr_grow": 3, "driz_cr_scale": [1.5, 0.9]}"#)
            .unwrap();
    assert_eq!(
        (options.driz_cr_snr.second, options.driz_cr_scale.first),
        (4.0, 1.5)
    );
    let again: CrOptions = serde_json::from_str(&serde_json::to_string(&options).unwrap()).unwrap();
    assert_eq!(again, options);
    assert!(serde_json::from_str::<CrOptions>(r#"{"driz_cr_sn": 3}"#).is_err());
}
