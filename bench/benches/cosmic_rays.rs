//! Megapixels of the steps that reject cosmic rays, on one thread: blot by each interpolation, the median of four
//! exposures, and the comparison with the blotted median.

use divan::Bencher;
use divan::counter::ItemsCount;
use firstlight_drizzle::PixelMapping;
use firstlight_drizzle::blot::{BlotOptions, Interpolation, Source, blot_rows};
use firstlight_mosaic::cosmic_rays::{CrOptions, CrTerms, CteDirection, cosmic_rays};
use firstlight_mosaic::median::{MedianOptions, MedianRows, MedianTerms, Single, median_rows};

fn main() {
    divan::main();
}

const NY: usize = 1024;
const NX: usize = 4096;

/// Turned by 5 degrees, and bent a little; all of it is on the source.
struct Camera;

impl PixelMapping for Camera {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            *out_x = 110.0 + 0.996 * x - 0.087 * y;
            *out_y = 20.0 + 0.087 * x + 0.996 * y + 1e-6 * x * y;
        }
    }
}

fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        100.0 + (state >> 8) as f32 / (1 << 20) as f32
    };
    (0..len).map(next).collect()
}

fn on_one_thread(work: impl FnOnce() + Send) {
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

#[divan::bench(args = Interpolation::NAMES, sample_count = 3)]
fn blot(bencher: Bencher, name: &str) {
    let (ny, nx) = (1500, 4300);
    let data = noise(ny * nx, 1);
    let source = Source {
        ny,
        nx,
        first_row: 0,
        data: &data,
    };
    let options = BlotOptions {
        interpolation: name.parse().unwrap_or_default(),
        ..BlotOptions::default()
    };
    let mut out = vec![0.0; NY * NX];
    bencher.counter(ItemsCount::new(NY * NX)).bench_local(|| {
        on_one_thread(|| drop(blot_rows(&source, &Camera, 0..NY, NX, &options, &mut out)));
    });
}

#[divan::bench(args = ["minmed", "median", "mean"], sample_count = 3)]
fn median(bencher: Bencher, name: &str) {
    let images: Vec<Vec<f32>> = (1..=4).map(|seed| noise(NY * NX, seed)).collect();
    let weights = vec![400.0; NY * NX];
    let terms = MedianTerms {
        exptime_s: 400.0,
        background_e: 40.0,
        readnoise_e: 5.0,
        mean_weight: 400.0,
    };
    let singles: Vec<Single> = images
        .iter()
        .map(|sci| Single {
            sci,
            wht: &weights,
            terms,
        })
        .collect();
    let options = MedianOptions {
        combine_type: name.parse().unwrap_or_default(),
        ..MedianOptions::default()
    };
    let rows = MedianRows {
        nx: NX,
        held: 0..NY,
        rows: 0..NY,
    };
    let mut out = vec![0.0; NY * NX];
    bencher.counter(ItemsCount::new(NY * NX)).bench_local(|| {
        on_one_thread(|| drop(median_rows(&singles, &rows, &options, &mut out)));
    });
}

#[divan::bench(sample_count = 3)]
fn driz_cr(bencher: Bencher) {
    let (sci, blotted) = (noise(NY * NX, 1), noise(NY * NX, 2));
    let terms = CrTerms {
        conversion: 1.0,
        gain: 1.0,
        readnoise_e: 5.0,
        sky_e: 40.0,
        cte: CteDirection::None,
    };
    let options = CrOptions::default();
    bencher.counter(ItemsCount::new(NY * NX)).bench_local(|| {
        on_one_thread(|| drop(cosmic_rays(&sci, &blotted, (NY, NX), &terms, &options)));
    });
}
