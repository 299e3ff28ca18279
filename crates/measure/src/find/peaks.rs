//! The image convolved, and what of it is above the threshold.
//!
//! Only pixels above the threshold are kept, as runs along rows: the convolved image itself, which
//! would be as large as the image, is never in memory.

use super::convolve::{BLOCK, Rolling};
use super::kernel::Kernel;
use rayon::prelude::*;
use std::ops::Range;

/// Rows that one task convolves.
const BAND: usize = 64;

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

/// Rows that one task convolves, with the instructions that the processor has.
struct Band<'a> {
    image: Samples<'a>,
    kernel: &'a Kernel,
    threshold: f64,
    rows: Range<usize>,
}

impl pulp::NullaryFnOnce for Band<'_> {
    type Output = Above;

    #[inline(always)]
    fn call(self) -> Above {
        let mut above = Above::default();
        let mut rolling = Rolling::new(self.image, self.kernel, self.threshold, self.rows.start);
        for row in self.rows {
            let (convolved, live) = rolling.convolve(row);
            above.take(row, convolved, live, self.image, self.threshold);
        }
        above
    }
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
        let arch = pulp::Arch::new();
        let bands: Vec<Above> = (0..image.ny.div_ceil(BAND))
            .into_par_iter()
            .map(|band| {
                arch.dispatch(Band {
                    image,
                    kernel,
                    threshold,
                    rows: band * BAND..((band + 1) * BAND).min(image.ny),
                })
            })
            .collect();
        Self::join(bands, image.ny)
    }

    /// Adds the runs of a row, of which only some blocks may have any.
    #[inline(always)]
    fn take(&mut self, row: usize, convolved: &[f32], live: &[usize], image: Samples<'_>, threshold: f64) {
        let mask = image.mask.map(|mask| &mask[row * image.nx..][..image.nx]);
        let above = |column: usize| {
            f64::from(convolved[column]) > threshold && !mask.is_some_and(|mask| mask[column])
        };
        let mut column = 0;
        for block in live {
            // A run may have gone on into this block.
            column = column.max(block * BLOCK);
            let until = ((block + 1) * BLOCK).min(image.nx);
            let any = |any, value: &f32| any | (f64::from(*value) > threshold);
            if !convolved[block * BLOCK..until].iter().fold(false, any) {
                continue;
            }
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
    pub(super) fn centroid(&self, columns: Range<usize>, rows: Range<usize>) -> (f64, f64) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::FindOptions;
    use crate::find::convolve::tests::convolved_at;

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
