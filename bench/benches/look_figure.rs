//! An 8-megapixel image painted, encoded, and drawn into a figure.
//!
//! `cargo bench -p firstlight-bench --bench look_figure`

use divan::{Bencher, black_box};
use firstlight_frame::Image;
use firstlight_look::{Figure, ImagePanel, Raster, Scaling};
use std::sync::LazyLock;

fn main() {
    divan::main();
}

/// A sky with a pattern of sources, 4096 x 2048.
static IMAGE: LazyLock<Image<f32>> = LazyLock::new(|| {
    Image::from_fn(2048, 4096, |x, y| {
        let hash = (x as u32).wrapping_mul(2_654_435_761) ^ (y as u32).wrapping_mul(2_246_822_519);
        let noise = (hash >> 8) as f32 / (1 << 24) as f32;
        50.0 + 10.0 * noise
            + if hash.is_multiple_of(997) {
                4e4 * noise
            } else {
                0.0
            }
    })
});

fn panel(scaling: Scaling) -> ImagePanel<'static> {
    ImagePanel::new(&IMAGE).scaling(scaling)
}

fn painted(scaling: Scaling) -> Raster {
    panel(scaling).paint().expect("limits in order").0
}

#[divan::bench]
fn paint_linear(bencher: Bencher) {
    bencher.bench(|| painted(Scaling::linear().between(30.0, 5000.0)));
}

#[divan::bench]
fn paint_log(bencher: Bencher) {
    bencher.bench(|| painted(Scaling::log().between(30.0, 5000.0)));
}

#[divan::bench]
fn encode(bencher: Bencher) {
    let raster = painted(Scaling::log().between(30.0, 5000.0));
    bencher.bench(|| black_box(&raster).to_png().expect("a picture of usual size"));
}

#[divan::bench]
fn limits_zscale(bencher: Bencher) {
    bencher.bench(|| Scaling::zscale().fit(IMAGE.as_slice()).expect("limits in order"));
}

#[divan::bench]
fn figure_log(bencher: Bencher) {
    let figure = Figure::new().panel(panel(Scaling::log())).width_px(1100);
    bencher.bench(|| figure.to_png().expect("a figure of usual size"));
}
