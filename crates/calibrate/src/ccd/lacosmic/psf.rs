//! Kernels of the matched filter, and the convolution with them.

use super::PsfModel;
use rayon::prelude::*;

/// A kernel with an odd number of rows and of columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    /// Its values, row after row.
    pub values: Vec<f32>,
    /// Columns.
    pub nx: usize,
    /// Rows.
    pub ny: usize,
}

impl Kernel {
    /// Whether it has a pixel in its middle, and as many values as it says.
    pub(super) fn is_whole(&self) -> bool {
        self.nx % 2 == 1 && self.ny % 2 == 1 && self.nx.checked_mul(self.ny) == Some(self.values.len())
    }
}

/// The kernel of a model, turned about its centre, as the convolution has it.
pub(super) fn kernel(model: PsfModel, fwhm: f64, beta: f64, size: usize) -> Kernel {
    let centre = (size / 2) as f64;
    let of_gauss = |r2: f64| {
        let sigma2 = fwhm * fwhm / 2.35482 / 2.35482;
        (-0.5 * r2 / sigma2).exp()
    };
    let value = |x: f64, y: f64| match model {
        PsfModel::Gauss => of_gauss(x * x + y * y),
        PsfModel::Gaussx => of_gauss(x * x),
        PsfModel::Gaussy => of_gauss(y * y),
        PsfModel::Moffat => {
            let r = (x * x + y * y).sqrt();
            let alpha = fwhm / 2.0 / (2f64.powf(1.0 / beta) - 1.0).sqrt();
            (1.0 + r * r / alpha / alpha).powf(-beta)
        }
    };
    let place = |n: usize| n as f64 - centre;
    let mut values: Vec<f32> = (0..size * size)
        .map(|i| value(place(i % size), place(i / size)) as f32)
        .collect();
    let sum = sum_as_numpy(&values);
    values.iter_mut().for_each(|value| *value /= sum);
    values.reverse();
    Kernel {
        values,
        nx: size,
        ny: size,
    }
}

/// The sum of a few values as numpy rounds it: in eight places, which are then added in pairs.
fn sum_as_numpy(values: &[f32]) -> f32 {
    let mut places = [0.0f32; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (place, value) in places.iter_mut().zip(chunk) {
            *place += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = places;
    rest.iter()
        .fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| {
            sum + value
        })
}

/// The convolution of an image of rows of `nx` samples, zero beyond its border.
pub(super) fn convolve(data: &[f32], nx: usize, kernel: &Kernel) -> Vec<f32> {
    let mut out = vec![0.0f32; data.len()];
    let (half_x, half_y) = ((kernel.nx - 1) / 2, (kernel.ny - 1) / 2);
    let ny = data.len().checked_div(nx).unwrap_or(0);
    out.par_chunks_mut(nx.max(1)).enumerate().for_each(|(y, out)| {
        for l in 0..=2 * half_y {
            let Some(from) = (y + l).checked_sub(half_y).filter(|&from| from < ny) else {
                continue;
            };
            let row = &data[from * nx..(from + 1) * nx];
            let weights = &kernel.values[(2 * half_y - l) * kernel.nx..];
            for k in 0..=2 * half_x {
                let weight = weights[2 * half_x - k];
                // Pixel x takes sample x + k - half_x.
                let first = half_x.saturating_sub(k);
                let last = (nx + half_x).saturating_sub(k).min(nx);
                if first < last {
                    let samples = &row[first + k - half_x..last + k - half_x];
                    for (sum, sample) in out[first..last].iter_mut().zip(samples) {
                        *sum += weight * sample;
                    }
                }
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_has_sum_one_and_comes_back_from_a_point() {
        for model in [
            PsfModel::Gauss,
            PsfModel::Gaussx,
            PsfModel::Gaussy,
            PsfModel::Moffat,
        ] {
            let kernel = kernel(model, 2.5, 4.765, 7);
            assert!((kernel.values.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            let mut point = vec![0.0; 15 * 11];
            point[5 * 15 + 7] = 1.0;
            let seen = convolve(&point, 15, &kernel);
            for y in 0..7 {
                assert_eq!(
                    seen[(y + 2) * 15 + 4..][..7],
                    kernel.values[y * 7..][..7],
                    "{model:?}"
                );
            }
        }
    }
}
