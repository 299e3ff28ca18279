//! Megapixels drizzled by each kernel, along the output's axes and turned against them.

use divan::Bencher;
use divan::counter::ItemsCount;
use firstlight_drizzle::{
    Accumulator, DropOptions, Input, Kernel, PixelMapping, Planes, Rules, drizzle_exposure,
};

fn main() {
    divan::main();
}

const SIDE: usize = 1024;

/// A camera whose axes lie along the output's but for its distortion, or turned by 30 degrees.
struct Camera {
    along: (f64, f64),
    across: (f64, f64),
}

const ALIGNED: Camera = Camera {
    along: (0.99, 0.01),
    across: (0.08, 0.97),
};
const TURNED: Camera = Camera {
    along: (0.86, 0.5),
    across: (-0.5, 0.86),
};

impl PixelMapping for Camera {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            *out_x = 400.0 + self.along.0 * x + self.across.0 * y + 1e-6 * x * y;
            *out_y = 20.0 + self.along.1 * x + self.across.1 * y - 1e-6 * x * x;
        }
    }
}

#[divan::bench(args = Kernel::NAMES, sample_count = 5)]
fn aligned(bencher: Bencher, kernel: &str) {
    run(bencher, kernel, &ALIGNED, 1);
}

#[divan::bench(args = Kernel::NAMES, sample_count = 5)]
fn turned(bencher: Bencher, kernel: &str) {
    run(bencher, kernel, &TURNED, 1);
}

#[divan::bench(args = Kernel::NAMES, sample_count = 5)]
fn turned_all_threads(bencher: Bencher, kernel: &str) {
    run(bencher, kernel, &TURNED, 0);
}

fn run(bencher: Bencher, kernel: &str, camera: &Camera, threads: usize) {
    let (data, weight) = (vec![1.0_f32; SIDE * SIDE], vec![400.0_f32; SIDE * SIDE]);
    let input = Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx: SIDE,
        data: &data,
        weight: Some(&weight),
        variance: None,
    };
    let drop = DropOptions {
        kernel: kernel.parse().unwrap_or_default(),
        pixel_scale_ratio: Some(1.0),
        rules: Rules::AstroDrizzle,
        ..DropOptions::default()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let Ok(pool) = pool else { return };
    let planes = Planes {
        context: true,
        variance: false,
    };
    let Ok(mut output) = Accumulator::new(1500, 1500, planes) else {
        return;
    };
    bencher
        .counter(ItemsCount::new(SIDE * SIDE))
        .bench_local(|| pool.install(|| drizzle_exposure(&input, camera, &drop, &mut output)));
}
