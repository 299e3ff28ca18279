//! The kernels against drizzlepac's own truth files, pixel by pixel.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight_drizzle::{
    Accumulator, DropOptions, Fill, Input, Kernel, PixelMapping, Planes, Rules, drizzle_exposure,
};
use std::ops::Range;
use std::path::PathBuf;

const NX: usize = 50;
const NY: usize = 60;

/// Two tangent planes of the same scale and centre, whose reference pixels lie (3, 0.5) apart. The half pixel
/// falls on a tie of the rounding, which the truth files' own map broke by its last bits: upwards in row 20,
/// where the bright spot begins, downwards in the next one.
struct Shift;

impl PixelMapping for Shift {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        let last_bits = if y == 20.0 { 1e-12 } else { -1e-12 };
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            (*out_x, *out_y) = (x0 + i as f64 + 3.0, y + 0.5 + last_bits);
        }
    }
}

fn truth(name: &str) -> Option<Vec<f32>> {
    let Some(data) = std::env::var_os("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so {name} is not compared");
        return None;
    };
    let path = PathBuf::from(data)
        .join("drizzle_kernels")
        .join(format!("{name}_truth.csv"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(
        text.lines()
            .flat_map(|line| line.split(','))
            .map(|cell| cell.trim().parse().unwrap())
            .collect(),
    )
}

fn compare(name: &str, kernel: Kernel, bright: (Range<usize>, Range<usize>)) {
    let Some(truth) = truth(name) else { return };
    let mut data = vec![0.0; NX * NY];
    for y in bright.0 {
        data[y * NX + bright.1.start..y * NX + bright.1.end].fill(100.0);
    }
    // The truth was made from the first 50 of the 60 rows.
    let data = &data[..NX * NX];
    let input = Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx: NX,
        data,
        weight: None,
        variance: None,
    };
    let drop = DropOptions {
        kernel,
        pixel_scale_ratio: Some(1.0),
        rules: Rules::AstroDrizzle,
        ..DropOptions::default()
    };
    let mut output = Accumulator::new(66, 51, Planes::default()).unwrap();
    drizzle_exposure(&input, &Shift, &drop, &mut output).unwrap();
    let image = output.image(Fill::Value(0.0));
    assert_eq!(image.len(), truth.len());
    for (at, (&found, &expected)) in image.iter().zip(&truth).enumerate() {
        let limit = 1e-4 + 1e-5 * expected.abs();
        assert!(
            (found - expected).abs() <= limit,
            "{name}: {found} for {expected} at ({}, {})",
            at % 51,
            at / 51
        );
    }
    assert!(image.iter().any(|&value| value > 10.0));
}

#[test]
fn one_bright_spot() {
    for kernel in [
        Kernel::Square,
        Kernel::Point,
        Kernel::Turbo,
        Kernel::Gaussian,
        Kernel::Lanczos3,
    ] {
        compare(kernel.name(), kernel, (20..22, 21..22));
    }
}

#[test]
fn at_the_edge() {
    compare("edge_gaussian", Kernel::Gaussian, (0..1, 21..22));
}

#[test]
fn large_square() {
    compare("large_square_gaussian", Kernel::Gaussian, (21..25, 22..26));
}

#[test]
fn not_symmetrical() {
    compare("nonsymmetrical_gaussian", Kernel::Gaussian, (21..25, 22..23));
}
