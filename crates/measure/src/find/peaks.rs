//! The image convolved, and what of it is above the threshold.
//!
//! Only pixels above the threshold are kept, as runs along rows: the convolved image itself, which
//! would be as large as the image, is never in memory.

use super::kernel::{Kernel, Tap};
use rayon::prelude::*;

/// Rows that one task convolves.
const BAND: usize = 64;
/// Pixels convolved at a time: their sums stay in registers.
const LANES: usize = 8;

/// Consecutive pixels of a row above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub row: usize,
    /// First column.
    pub start: usize,
    /// Column after the last.
    pub end: usize,
    /// Where the run's values begin.
    pub values: usize,
}

/// All pixels above the threshold.
#[derive(Debug, Default)]
pub(super) struct Above {
    pub runs: Vec<Run>,
    /// The convolved image at the runs' pixels.
    pub values: Vec<f32>,
    /// The first run of each row, and their number at the end.
    first_of_row: Vec<usize>,
}

/// Samples of an image whose shape is known to fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Samples<'a> {
    pub nx: usize,
    pub ny: usize,
    pub data: &'a [f32],
    /// True where a pixel is left out.
    pub mask: Option<&'a [bool]>,
}

impl Above {
    /// Convolves and compares. Beyond its edges the image is continued by its reflection.
    pub(super) fn threshold(image: Samples<'_>, kernel: &Kernel, threshold: f64) -> Self {
        let bands: Vec<Above> = (0..image.ny.div_ceil(BAND))
            .into_par_iter()
            .map(|band| {
                let rows = band * BAND..((band + 1) * BAND).min(image.ny);
                let mut above = Above::default();
                let mut rolling = Rolling::new(image, kernel, rows.start);
                for row in rows {
                    rolling.reach(row);
                    rolling.convolve();
                    above.take(row, &rolling.convolved, image, threshold);
                }
                above
            })
            .collect();
        Self::join(bands, image.ny)
    }

    fn take(&mut self, row: usize, convolved: &[f32], image: Samples<'_>, threshold: f64) {
        let mask = image.mask.map(|mask| &mask[row * image.nx..][..image.nx]);
        let above = |column: usize| {
            f64::from(convolved[column]) > threshold && !mask.is_some_and(|mask| mask[column])
        };
        // Most pixels are below: sixteen are looked at together.
        const GLANCE: usize = 16;
        let mut column = 0;
        while column < image.nx {
            let glance = &convolved[column..(column + GLANCE).min(image.nx)];
            if !glance
                .iter()
                .fold(false, |any, &value| any | (f64::from(value) > threshold))
            {
                column += glance.len();
                continue;
            }
            let until = column + glance.len();
            while column < until {
                if !above(column) {
                    column += 1;
                    continue;
                }
                let start = column;
                while column < image.nx && above(column) {
                    column += 1;
                }
                self.runs.push(Run {
                    row,
                    start,
                    end: column,
                    values: self.values.len(),
                });
                self.values.extend_from_slice(&convolved[start..column]);
            }
        }
    }

    fn join(bands: Vec<Above>, ny: usize) -> Self {
        let mut whole = Above {
            runs: Vec::with_capacity(bands.iter().map(|band| band.runs.len()).sum()),
            values: Vec::with_capacity(bands.iter().map(|band| band.values.len()).sum()),
            first_of_row: vec![0; ny + 1],
        };
        for band in bands {
            let before = whole.values.len();
            whole.runs.extend(band.runs.iter().map(|run| Run {
                values: run.values + before,
                ..*run
            }));
            whole.values.extend_from_slice(&band.values);
        }
        for run in &whole.runs {
            whole.first_of_row[run.row + 1] += 1;
        }
        for row in 0..ny {
            whole.first_of_row[row + 1] += whole.first_of_row[row];
        }
        whole
    }

    /// The runs of a row.
    pub(super) fn row(&self, row: usize) -> &[Run] {
        &self.runs[self.first_of_row[row]..self.first_of_row[row + 1]]
    }

    /// Centroid `(x, y)` of the values above the threshold in a box of columns and rows.
    pub(super) fn centroid(
        &self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
    ) -> (f64, f64) {
        let (mut sum, mut along_x, mut along_y) = (0.0, 0.0, 0.0);
        for row in rows.clone() {
            let runs = self.row(row);
            let first = runs.partition_point(|run| run.end <= columns.start);
            for run in runs[first..].iter().take_while(|run| run.start < columns.end) {
                for column in run.start.max(columns.start)..run.end.min(columns.end) {
                    let value = f64::from(self.values[run.values + column - run.start]);
                    sum += value;
                    along_x += (column - columns.start) as f64 * value;
                    along_y += (row - rows.start) as f64 * value;
                }
            }
        }
        (along_x / sum, along_y / sum)
    }
}

/// The rows under the kernel, widened to f64 and continued at both ends.
struct Rolling<'a> {
    image: Samples<'a>,
    kernel: &'a Kernel,
    width: usize,
    /// As many padded rows as the kernel has, used in turn.
    rows: Vec<f64>,
    /// The next row to bring in, counted from half a kernel above the image.
    next: usize,
    taps: Vec<(usize, f64)>,
    convolved: Vec<f32>,
}

impl<'a> Rolling<'a> {
    fn new(image: Samples<'a>, kernel: &'a Kernel, first: usize) -> Self {
        let width = (image.nx + kernel.nx - 1).next_multiple_of(LANES) + kernel.nx + LANES;
        Self {
            image,
            kernel,
            width,
            rows: vec![0.0; width * kernel.ny],
            next: first,
            taps: vec![(0, 0.0); kernel.taps.len()],
            convolved: vec![0.0; image.nx.next_multiple_of(LANES)],
        }
    }

    /// Brings in rows until the kernel can be centred on `row`.
    fn reach(&mut self, row: usize) {
        let (half_x, half_y) = self.kernel.half();
        let nx = self.image.nx;
        while self.next < row + self.kernel.ny {
            let source = reflected(self.next as i64 - half_y as i64, self.image.ny);
            let slot = self.next % self.kernel.ny;
            let samples = &self.image.data[source * nx..][..nx];
            let padded = &mut self.rows[slot * self.width..][..self.width];
            for (wide, &sample) in padded[half_x..].iter_mut().zip(samples) {
                *wide = f64::from(sample);
            }
            for column in 0..half_x {
                padded[column] = f64::from(samples[reflected(column as i64 - half_x as i64, nx)]);
                padded[half_x + nx + column] = f64::from(samples[reflected((nx + column) as i64, nx)]);
            }
            self.next += 1;
        }
        for (
            place,
            &Tap {
                row: tap,
                column,
                weight,
            },
        ) in self.taps.iter_mut().zip(&self.kernel.taps)
        {
            *place = ((row + tap) % self.kernel.ny * self.width + column, weight);
        }
    }

    fn convolve(&mut self) {
        struct Row<'b> {
            rows: &'b [f64],
            taps: &'b [(usize, f64)],
            out: &'b mut [f32],
        }
        impl pulp::NullaryFnOnce for Row<'_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                for (index, out) in self.out.chunks_exact_mut(LANES).enumerate() {
                    let mut sums = [0.0; LANES];
                    for &(offset, weight) in self.taps {
                        let samples = &self.rows[offset + index * LANES..][..LANES];
                        for (sum, sample) in sums.iter_mut().zip(samples) {
                            *sum += weight * sample;
                        }
                    }
                    for (out, sum) in out.iter_mut().zip(sums) {
                        *out = sum as f32;
                    }
                }
            }
        }
        pulp::Arch::new().dispatch(Row {
            rows: &self.rows,
            taps: &self.taps,
            out: &mut self.convolved,
        });
    }
}

/// The index inside `0..n` that stands for `index`, with edge pixels repeated: `2 1 0 | 0 1 2`.
fn reflected(index: i64, n: usize) -> usize {
    let period = 2 * n as i64;
    let folded = index.rem_euclid(period);
    (if folded < n as i64 {
        folded
    } else {
        period - 1 - folded
    }) as usize
}

/// The kernel's convolution at one pixel.
pub(super) fn convolved_at(image: Samples<'_>, kernel: &Kernel, column: usize, row: usize) -> f32 {
    let (half_x, half_y) = kernel.half();
    let mut sum = 0.0;
    for tap in &kernel.taps {
        let y = reflected((row + tap.row) as i64 - half_y as i64, image.ny);
        let x = reflected((column + tap.column) as i64 - half_x as i64, image.nx);
        sum += tap.weight * f64::from(image.data[y * image.nx + x]);
    }
    sum as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::FindOptions;

    #[test]
    fn reflection_repeats_the_edge() {
        let indices: Vec<usize> = (-4..7).map(|index| reflected(index, 3)).collect();
        assert_eq!(indices, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(reflected(-5, 1), 0);
    }

    #[test]
    fn runs_hold_the_pixels_above_and_their_values() {
        let kernel = Kernel::new(&FindOptions::default()).unwrap();
        for (nx, ny) in [(37, 29), (3, 2), (1, 1), (16, 70)] {
            let data: Vec<f32> = (0..nx * ny)
                .map(|index| ((index * 7919) % 101) as f32 - 50.0)
                .collect();
            let mask: Vec<bool> = (0..nx * ny).map(|index| index % 13 == 4).collect();
            let image = Samples {
                nx,
                ny,
                data: &data,
                mask: Some(&mask),
            };
            let above = Above::threshold(image, &kernel, 5.0);
            let mut found = vec![None; nx * ny];
            for run in &above.runs {
                for column in run.start..run.end {
                    found[run.row * nx + column] = Some(above.values[run.values + column - run.start]);
                }
            }
            for row in 0..ny {
                for column in 0..nx {
                    let value = convolved_at(image, &kernel, column, row);
                    let kept = value > 5.0 && !mask[row * nx + column];
                    assert_eq!(
                        found[row * nx + column],
                        kept.then_some(value),
                        "{nx} {ny} {column} {row}"
                    );
                }
            }
        }
    }
}
