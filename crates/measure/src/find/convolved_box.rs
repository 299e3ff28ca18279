//! The convolved image about one source.

use super::convolve::reflected;
use super::kernel::Kernel;
use super::peaks::Samples;

/// Columns whose sums are made side by side.
const COLUMNS: usize = 8;

/// The kernel's convolution at the pixels of a box as large as the kernel's, row after row; the box has to be in the
/// image, which is continued beyond its edges by its reflection.
pub(super) fn convolved_box(image: Samples<'_>, kernel: &Kernel, x0: usize, y0: usize) -> Vec<f32> {
    let width = kernel.nx.next_multiple_of(COLUMNS) + kernel.nx - 1;
    let under = under(image, kernel, (x0, y0), width);
    let mut convolved = vec![0.0; kernel.nx * kernel.ny];
    pulp::Arch::new().dispatch(Convolving {
        under: &under,
        width,
        kernel,
        convolved: &mut convolved,
    });
    convolved
}

/// What is convolved, with the instructions that the processor has.
struct Convolving<'a> {
    under: &'a [f64],
    width: usize,
    kernel: &'a Kernel,
    convolved: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Convolving<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (row, convolved) in self.convolved.chunks_exact_mut(self.kernel.nx).enumerate() {
            for (block, convolved) in convolved.chunks_mut(COLUMNS).enumerate() {
                let mut sums = [0.0; COLUMNS];
                for tap in &self.kernel.taps {
                    let first = (row + tap.row) * self.width + block * COLUMNS + tap.column;
                    let samples = &self.under[first..first + COLUMNS];
                    for (sum, sample) in sums.iter_mut().zip(samples) {
                        *sum += tap.weight * sample;
                    }
                }
                for (convolved, sum) in convolved.iter_mut().zip(sums) {
                    *convolved = sum as f32;
                }
            }
        }
    }
}

/// All that the kernel meets at the pixels of the box, in rows of a width, zero beyond.
fn under(image: Samples<'_>, kernel: &Kernel, (x0, y0): (usize, usize), width: usize) -> Vec<f64> {
    let (half_x, half_y) = kernel.half();
    let (columns, rows) = (2 * kernel.nx - 1, 2 * kernel.ny - 1);
    let mut under = vec![0.0; width * rows];
    for (row, under) in under.chunks_exact_mut(width).enumerate() {
        let y = reflected((y0 + row) as i64 - half_y as i64, image.ny);
        let line = &image.data[y * image.nx..][..image.nx];
        let inside = x0
            .checked_sub(half_x)
            .and_then(|left| line.get(left..left + columns));
        match inside {
            Some(line) => {
                for (under, sample) in under.iter_mut().zip(line) {
                    *under = f64::from(*sample);
                }
            }
            None => {
                for (column, under) in under[..columns].iter_mut().enumerate() {
                    let x = (x0 + column) as i64 - half_x as i64;
                    *under = f64::from(line[reflected(x, image.nx)]);
                }
            }
        }
    }
    under
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::FindOptions;
    use crate::find::convolve::tests::convolved_at;

    #[test]
    fn boxes_are_convolved_to_the_edges() {
        for conv_width in [2.5, 6.0] {
            let options = FindOptions {
                conv_width,
                ..FindOptions::default()
            };
            let kernel = Kernel::new(&options).unwrap();
            let (nx, ny) = (33, 31);
            let data: Vec<f32> = (0..nx * ny).map(|index| ((index * 7919) % 101) as f32).collect();
            let image = Samples {
                nx,
                ny,
                data: &data,
                mask: None,
            };
            let far = (nx - kernel.nx, ny - kernel.ny);
            for (x0, y0) in [(0, 0), far, (2, 2), (far.0 / 2, far.1 / 2), (3, 0)] {
                let found = convolved_box(image, &kernel, x0, y0);
                assert_eq!(found.len(), kernel.nx * kernel.ny);
                for (index, value) in found.into_iter().enumerate() {
                    let (column, row) = (x0 + index % kernel.nx, y0 + index / kernel.nx);
                    assert_eq!(value, convolved_at(image, &kernel, column, row), "{column} {row}");
                }
            }
        }
    }
}
