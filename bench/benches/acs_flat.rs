//! The steps of acs2d on one chip of WFC (4096 × 2048 pixels), beside a plain copy of its planes.
//!
//! `cargo bench -p firstlight-bench --bench acs_flat`

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use firstlight_calibrate::steps;
use firstlight_frame::{Frame, Image};

fn main() {
    divan::main();
}

const SHAPE: (usize, usize) = (2048, 4096);

/// What excludes a pixel from statistics, as SDQFLAGS of WFC has it.
const SERIOUS: u16 = 31743;

/// A chip of sky and noise, and a reference whose values lie about `level`; some pixels are flagged.
fn frame(level: f32, scatter: f32) -> Frame {
    let (ny, nx) = SHAPE;
    let noise = |i: usize| ((i.wrapping_mul(2_654_435_761) >> 7) % 1000) as f32 / 1000.0 - 0.5;
    Frame {
        sci: Image::from_fn(ny, nx, |x, y| level + scatter * noise(y * nx + x)),
        err: Image::from_fn(ny, nx, |x, y| scatter * (1.0 + noise(x * ny + y))),
        dq: Image::from_fn(ny, nx, |x, y| if (x * 31 + y * 17) % 97 == 0 { 16 } else { 0 }),
    }
}

static SCIENCE: LazyLock<Frame> = LazyLock::new(|| frame(60.0, 10.0));
static DARK: LazyLock<Frame> = LazyLock::new(|| frame(0.006, 0.001));
static FLAT: LazyLock<Frame> = LazyLock::new(|| frame(1.0, 0.02));

/// Runs a step on a copy of the chip with a number of threads; 0 for all.
fn run<T: Send>(bencher: Bencher, threads: usize, step: impl Fn(&mut Frame) -> T + Sync) {
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else {
        return;
    };
    let mut chip = SCIENCE.clone();
    bencher
        .counter(ItemsCount::new(SHAPE.0 * SHAPE.1))
        .bench_local(|| pool.install(|| step(&mut chip)));
}

/// The yardstick: the same planes read and written.
#[divan::bench(args = [1, 0], sample_count = 10)]
fn copy(bencher: Bencher, threads: usize) {
    let from = &*DARK;
    run(bencher, threads, |chip| {
        chip.sci.as_mut_slice().copy_from_slice(from.sci.as_slice());
        chip.err.as_mut_slice().copy_from_slice(from.err.as_slice());
        chip.dq.as_mut_slice().copy_from_slice(from.dq.as_slice());
    });
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn darkcorr(bencher: Bencher, threads: usize) {
    let dark = &*DARK;
    run(bencher, threads, |chip| {
        steps::darkcorr(chip, dark, 350.0, SERIOUS)
    });
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn flshcorr(bencher: Bencher, threads: usize) {
    let flash = &*DARK;
    run(bencher, threads, |chip| {
        steps::flshcorr(chip, flash, 3.5, SERIOUS)
    });
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn flatcorr(bencher: Bencher, threads: usize) {
    let flat = &*FLAT;
    run(bencher, threads, |chip| steps::flatcorr(chip, flat));
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn shadcorr(bencher: Bencher, threads: usize) {
    let shading = &*DARK;
    run(bencher, threads, |chip| steps::shadcorr(chip, shading, 350.0));
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn statistics(bencher: Bencher, threads: usize) {
    run(bencher, threads, |chip| steps::statistics(chip, SERIOUS));
}

#[divan::bench(args = [1, 0], sample_count = 10)]
fn local_nonlinearity(bencher: Bencher, threads: usize) {
    let limits = steps::Linearity {
        global_limit: 2e5,
        local_limit: 64.9,
        tau_s: 2.9e-7,
        expand_px: 2.0,
    };
    run(bencher, threads, |chip| steps::lflgcorr(chip, 1.0, &limits));
}
