//! Fourier transforms in two dimensions.

use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection, FftPlanner};
use std::sync::Arc;

/// Rows are transformed by tasks of so many.
const ROWS: usize = 16;
/// Samples along a side of the squares by which an array is transposed.
const SQUARE: usize = 16;

/// The transform of `nx` columns and `ny` rows, column of frequencies after column: element `kx * ny + ky`.
pub(super) fn forward(mut rows: Vec<Complex<f64>>, (ny, nx): (usize, usize)) -> Vec<Complex<f64>> {
    along_rows(&mut rows, nx, FftDirection::Forward);
    let mut columns = transposed(&rows, nx, ny);
    along_rows(&mut columns, ny, FftDirection::Forward);
    columns
}

/// The inverse of [`forward`], not divided by the number of samples.
pub(super) fn inverse(mut columns: Vec<Complex<f64>>, (ny, nx): (usize, usize)) -> Vec<Complex<f64>> {
    along_rows(&mut columns, ny, FftDirection::Inverse);
    let mut rows = transposed(&columns, ny, nx);
    along_rows(&mut rows, nx, FftDirection::Inverse);
    rows
}

fn along_rows(samples: &mut [Complex<f64>], length: usize, direction: FftDirection) {
    let plan: Arc<dyn Fft<f64>> = FftPlanner::new().plan_fft(length, direction);
    samples
        .par_chunks_mut(length * ROWS)
        .for_each(|rows| plan.process(rows));
}

/// Of rows of `nx` samples, `ny` of them, columns as rows.
fn transposed(rows: &[Complex<f64>], nx: usize, ny: usize) -> Vec<Complex<f64>> {
    let mut columns = vec![Complex::default(); rows.len()];
    columns
        .par_chunks_mut(ny * SQUARE)
        .enumerate()
        .for_each(|(square, columns)| {
            for first in (0..ny).step_by(SQUARE) {
                for (at, column) in columns.chunks_exact_mut(ny).enumerate() {
                    for y in first..(first + SQUARE).min(ny) {
                        column[y] = rows[y * nx + square * SQUARE + at];
                    }
                }
            }
        });
    columns
}

/// The least length from `least` on that is a product of 2, 3 and 5, of which transforms are quick.
pub(super) fn quick_length(least: usize) -> usize {
    let smooth = |length: &usize| {
        let mut rest = *length;
        for factor in [2, 3, 5] {
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        rest == 1
    };
    (least.max(1)..).find(smooth).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_sum_that_defines_it_and_back() {
        let shape = (21, 34);
        let samples: Vec<Complex<f64>> = (0..21 * 34)
            .map(|n| Complex::new(f64::from(n * 7919 % 101), 0.0))
            .collect();
        let spectrum = forward(samples.clone(), shape);
        for (kx, ky) in [(0_u8, 0_u8), (3, 5), (33, 20), (17, 1)] {
            let mut sum = Complex::default();
            for (index, sample) in samples.iter().enumerate() {
                let (x, y) = ((index % 34) as f64, (index / 34) as f64);
                let turn = f64::from(kx) * x / 34.0 + f64::from(ky) * y / 21.0;
                sum += sample * Complex::from_polar(1.0, -std::f64::consts::TAU * turn);
            }
            assert!((spectrum[usize::from(kx) * 21 + usize::from(ky)] - sum).norm() < 1e-8);
        }
        for (back, sample) in inverse(spectrum, shape).iter().zip(&samples) {
            assert!((back / 714.0 - sample).norm() < 1e-10);
        }
    }

    #[test]
    fn lengths_of_small_factors() {
        assert_eq!(
            [0, 1, 7, 650, 1024, 1001].map(quick_length),
            [1, 1, 8, 675, 1024, 1024]
        );
    }
}
