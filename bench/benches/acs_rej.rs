//! Exposures of one chip of WFC (4096 × 2048 pixels) combined without cosmic rays, beside a plain copy of their planes,
//! and summed.
//!
//! `cargo bench -p firstlight-bench --bench acs_rej`

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use firstlight_calibrate::acs::acsrej::{AcsrejOptions, InitialGuess, Member, SkySubtraction, acsrej};
use firstlight_calibrate::acs::acssum::acssum;
use firstlight_calibrate::acs::{Chip, Observation, References};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Image};

fn main() {
    divan::main();
}

const SHAPE: (usize, usize) = (2048, 4096);

/// Sky and noise, a cosmic ray in every hundredth pixel, and some flagged ones.
fn frame(seed: usize) -> Frame {
    let (ny, nx) = SHAPE;
    let random = |i: usize| {
        let mixed = (i + 1 + seed * 8_388_617).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / (1u32 << 24) as f32
    };
    let noise = |i: usize| (0..4).map(|n| random(4 * i + n)).sum::<f32>() - 2.0;
    let ray = |i: usize| if random(i ^ 0x5555) < 0.01 { 2000.0 } else { 0.0 };
    let flag = |i: usize| if random(i ^ 0x3333) < 0.002 { 4 } else { 0 };
    Frame {
        sci: Image::from_fn(ny, nx, |x, y| 45.0 + 14.0 * noise(y * nx + x) + ray(y * nx + x)),
        err: Image::filled(ny, nx, 8.4),
        dq: Image::from_fn(ny, nx, |x, y| flag(y * nx + x)),
    }
}

fn exposure(seed: usize) -> Observation {
    let mut primary = Header::new();
    for (keyword, value) in [("INSTRUME", "ACS"), ("DETECTOR", "WFC"), ("CCDAMP", "AB")] {
        let _ = primary.set(keyword, value, None);
    }
    for (keyword, value) in [("EXPTIME", 350.0), ("EXPSTART", 53000.0), ("EXPEND", 53000.1)] {
        let _ = primary.set(keyword, value, None);
    }
    let chip = Chip {
        version: 1,
        frame: frame(seed),
        sci: Header::new(),
        err: Header::new(),
        dq: Header::new(),
    };
    Observation {
        name: format!("exposure {seed}"),
        primary,
        chips: vec![chip],
    }
}

static EXPOSURES: LazyLock<Vec<Observation>> = LazyLock::new(|| (0..4).map(exposure).collect());

fn options(guess: InitialGuess) -> AcsrejOptions {
    AcsrejOptions {
        crmask: Some(true),
        scalense: Some(30.0),
        initgues: Some(guess),
        skysub: Some(SkySubtraction::Mode),
        crsigmas: Some("6.5,5.5,4.5".to_owned()),
        crradius: Some(2.1),
        crthresh: Some(0.5555),
        badinpdq: Some(39),
        ..AcsrejOptions::default()
    }
}

/// Runs something on some exposures with a number of threads; 0 for all.
fn run<T: Send>(bencher: Bencher, count: usize, threads: usize, work: impl Fn(&[&dyn Member]) -> T + Sync) {
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else {
        return;
    };
    let members: Vec<&dyn Member> = EXPOSURES[..count].iter().map(|e| e as &dyn Member).collect();
    bencher
        .counter(ItemsCount::new(count * SHAPE.0 * SHAPE.1))
        .bench_local(|| pool.install(|| work(&members)));
}

/// The yardstick: the same planes copied.
#[divan::bench(sample_count = 10)]
fn copy(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(2 * SHAPE.0 * SHAPE.1))
        .bench_local(|| EXPOSURES[..2].to_vec());
}

#[divan::bench(args = [1, 0], sample_count = 5)]
fn pair_from_minimum(bencher: Bencher, threads: usize) {
    let options = options(InitialGuess::Minimum);
    run(bencher, 2, threads, |members| {
        acsrej(members, &References::new(), &options)
    });
}

#[divan::bench(args = [1, 0], sample_count = 5)]
fn four_from_median(bencher: Bencher, threads: usize) {
    let options = options(InitialGuess::Median);
    run(bencher, 4, threads, |members| {
        acsrej(members, &References::new(), &options)
    });
}

#[divan::bench(sample_count = 5)]
fn sum_of_four(bencher: Bencher) {
    run(bencher, 4, 0, acssum);
}
