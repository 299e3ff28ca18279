//! The CTE correction of one amplifier of WFC (2048 × 2048 pixels), its forward model, and a plain copy of its pixels.
//!
//! `cargo bench -p firstlight-bench --bench acs_cte`; with `FIRSTLIGHT_LANES=plain` or `avx2` in the environment as a
//! processor without faster instructions does it.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use firstlight_calibrate::acs::acscte::{
    ChargeTransferOptions, Register, TrapTable, correct_image, forward_image,
};
use firstlight_frame::Image;

fn main() {
    divan::main();
}

const SIDE: usize = 2048;

/// Pixels in a trail.
const LENGTH: usize = 60;

/// Readout noise, e.
const READNOISE_E: f32 = 4.5;

/// Sky of 45 e with its noise, and a star or cosmic ray in one of 300 pixels.
static SCENE: LazyLock<Image<f32>> = LazyLock::new(|| {
    let mut state = 1u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    Image::from_fn(SIDE, SIDE, |_, _| {
        let noise = (0..6).map(|_| random() - 0.5).sum::<f32>() * 10.0;
        let source = if random() > 0.9967 {
            4000.0 * random().powi(4)
        } else {
            0.0
        };
        45.0 + noise + source
    })
});

/// Levels as close to one another as those of WFC.
static TRAPS: LazyLock<Option<TrapTable>> = LazyLock::new(|| {
    let profile: Vec<f64> = (0..LENGTH)
        .map(|pixel| 0.22 * 0.78f64.powi(pixel as i32))
        .collect();
    TrapTable::new((1..745).map(|level| (2.0 * f64::from(level).powf(1.635), 0.3, profile.clone()))).ok()
});

fn run(bencher: Bencher, threads: usize, work: impl Fn(&Image<f32>, &TrapTable) + Sync) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let (Ok(pool), Some(traps)) = (pool, &*TRAPS) else {
        return;
    };
    let scene = &*SCENE;
    bencher
        .counter(ItemsCount::new(SIDE * SIDE))
        .bench_local(|| pool.install(|| work(scene, traps)));
}

/// The yardstick.
#[divan::bench(args = [1, 0], sample_count = 10)]
fn copy(bencher: Bencher, threads: usize) {
    run(bencher, threads, |scene, _| {
        divan::black_box(scene.clone());
    });
}

#[divan::bench(args = [1, 0], sample_count = 3)]
fn forward(bencher: Bencher, threads: usize) {
    run(bencher, threads, |scene, traps| {
        let options = ChargeTransferOptions::default();
        divan::black_box(forward_image(scene, traps, &options, None).ok());
    });
}

#[divan::bench(args = [1, 0], sample_count = 3)]
fn correct_parallel(bencher: Bencher, threads: usize) {
    correct(bencher, threads, Register::Bottom);
}

#[divan::bench(args = [1, 0], sample_count = 3)]
fn correct_serial(bencher: Bencher, threads: usize) {
    correct(bencher, threads, Register::Right);
}

fn correct(bencher: Bencher, threads: usize, register: Register) {
    run(bencher, threads, |scene, traps| {
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        divan::black_box(correct_image(scene, traps, &options, None, READNOISE_E).ok());
    });
}
