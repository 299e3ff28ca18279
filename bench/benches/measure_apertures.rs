//! Sums in 1,000 apertures of a 2048² image, with errors.

use divan::Bencher;
use firstlight_frame::Image;
use firstlight_measure::{Aperture, ApertureSet, Overlap, Planes, Settings, Shapes, aperture_photometry};

fn main() {
    divan::main();
}

const SIZE: usize = 2048;

fn positions() -> Vec<(f64, f64)> {
    let place = |index: u32, step: u32| 30.0 + f64::from(index * step % 1_988_000) / 1000.0;
    (0..1000)
        .map(|index| (place(index, 618_034), place(index, 754_878)))
        .collect()
}

fn bench(bencher: Bencher<'_, '_>, aperture: Aperture, overlap: Overlap) {
    let image = Image::from_fn(SIZE, SIZE, |x, y| ((x * 7 + y * 13) % 101) as f32);
    let positions = positions();
    let shapes = Shapes::Same(ApertureSet {
        apertures: vec![aperture],
        background: None,
    });
    let settings = Settings {
        overlap,
        ..Settings::default()
    };
    bencher.bench(|| {
        let planes = Planes::new(&image).with_error(&image);
        planes.and_then(|planes| aperture_photometry(&planes, &positions, &shapes, &settings))
    });
}

#[divan::bench(args = [3.0, 10.0, 50.0])]
fn circle_exact(bencher: Bencher<'_, '_>, r: f64) {
    bench(bencher, Aperture::CircularAperture { r }, Overlap::Exact);
}

#[divan::bench(args = [3.0, 10.0, 50.0])]
fn ellipse_exact(bencher: Bencher<'_, '_>, a: f64) {
    bench(
        bencher,
        Aperture::EllipticalAperture {
            a,
            b: 0.6 * a,
            theta: 0.6,
        },
        Overlap::Exact,
    );
}

#[divan::bench(args = [3.0, 10.0, 50.0])]
fn rectangle_exact(bencher: Bencher<'_, '_>, w: f64) {
    bench(
        bencher,
        Aperture::RectangularAperture {
            w,
            h: 0.6 * w,
            theta: 0.6,
        },
        Overlap::Exact,
    );
}

#[divan::bench(args = [3.0, 10.0, 50.0])]
fn ellipse_center(bencher: Bencher<'_, '_>, a: f64) {
    bench(
        bencher,
        Aperture::EllipticalAperture {
            a,
            b: 0.6 * a,
            theta: 0.6,
        },
        Overlap::Center,
    );
}
