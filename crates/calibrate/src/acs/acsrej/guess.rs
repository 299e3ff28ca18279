//! The image that exposures are first compared with.

use crate::steps::widest;

/// Samples that are sorted side by side.
const LANES: usize = 16;

/// One row of an exposure: counts above the sky per second, and whether each pixel is bad.
pub(super) struct Row<'a> {
    pub rate: &'a [f32],
    pub dq: &'a [u16],
}

/// The minimum of a row, as the field's program finds it: where the pixel with the lowest value is bad, 0 takes its
/// place, and so does 0 where the pixel of the first exposure is bad. NaN is never the lowest, and bad in the first.
pub(super) fn minimum(rows: &[Row], bad: u16, out: &mut [f32]) {
    for (n, row) in rows.iter().enumerate() {
        widest(
            #[inline(always)]
            || {
                for ((out, &rate), &dq) in out.iter_mut().zip(row.rate).zip(row.dq) {
                    let good = if (dq & bad == 0) & !rate.is_nan() {
                        rate
                    } else {
                        0.0
                    };
                    *out = if (n == 0) | (rate < *out) { good } else { *out };
                }
            },
        );
    }
}

/// The median of a row's good pixels: of an even number the mean of the middle two, 0 where none is good. NaN is bad.
pub(super) fn median(rows: &[Row], bad: u16, out: &mut [f32]) {
    let mut columns = vec![[0.0f32; LANES]; rows.len()];
    for (chunk, out) in out.chunks_mut(LANES).enumerate() {
        let from = chunk * LANES;
        let width = out.len();
        let mut good = [0usize; LANES];
        for (column, row) in columns.iter_mut().zip(rows) {
            *column = [f32::INFINITY; LANES];
            let samples = row.rate[from..from + width]
                .iter()
                .zip(&row.dq[from..from + width]);
            for (lane, (&rate, &dq)) in samples.enumerate() {
                let counts = dq & bad == 0 && !rate.is_nan();
                // Bad pixels sort behind all others.
                column[lane] = if counts { rate } else { f32::INFINITY };
                good[lane] += usize::from(counts);
            }
        }
        sort(&mut columns);
        for (lane, out) in out.iter_mut().enumerate() {
            let middle = good[lane] / 2;
            *out = match good[lane] {
                0 => 0.0,
                odd if odd % 2 == 1 => columns[middle][lane],
                _ => (columns[middle - 1][lane] + columns[middle][lane]) / 2.0,
            };
        }
    }
}

/// Sorts each lane by itself, by insertion with exchanges that do not depend on the values.
fn sort(columns: &mut [[f32; LANES]]) {
    for end in 1..columns.len() {
        for upper in (1..=end).rev() {
            let (below, above) = columns.split_at_mut(upper);
            for (low, high) in below[upper - 1].iter_mut().zip(&mut above[0]) {
                let (a, b) = (*low, *high);
                *low = if b < a { b } else { a };
                *high = if b < a { a } else { b };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(of: fn(&[Row], u16, &mut [f32]), samples: &[(&[f32], &[u16])]) -> Vec<f32> {
        let rows: Vec<Row> = samples.iter().map(|&(rate, dq)| Row { rate, dq }).collect();
        let mut out = vec![f32::NAN; samples[0].0.len()];
        of(&rows, 4, &mut out);
        out
    }

    #[test]
    fn the_median_is_of_good_pixels() {
        let a: (&[f32], &[u16]) = (&[5.0, 1.0, 7.0, f32::NAN], &[0, 4, 4, 0]);
        let b: (&[f32], &[u16]) = (&[1.0, 2.0, 8.0, 3.0], &[0, 0, 4, 0]);
        let c: (&[f32], &[u16]) = (&[3.0, 4.0, 9.0, 2.0], &[0, 8, 4, 0]);
        assert_eq!(guess(median, &[a, b, c]), [3.0, 3.0, 0.0, 2.5]);
    }

    #[test]
    fn the_median_of_many_is_that_of_a_sort() {
        let rates: Vec<Vec<f32>> = (0..9)
            .map(|n| (0..37).map(|x| ((x * 31 + n * 17) % 23) as f32).collect())
            .collect();
        let zero = [0; 37];
        let samples: Vec<(&[f32], &[u16])> = rates.iter().map(|row| (&row[..], &zero[..])).collect();
        for (x, found) in guess(median, &samples).into_iter().enumerate() {
            let mut all: Vec<f32> = rates.iter().map(|row| row[x]).collect();
            all.sort_by(f32::total_cmp);
            assert_eq!(found, all[4]);
        }
    }

    #[test]
    fn a_bad_pixel_that_would_be_the_minimum_makes_it_zero() {
        let a: (&[f32], &[u16]) = (&[5.0, 1.0, 7.0, f32::NAN], &[0, 4, 0, 0]);
        let b: (&[f32], &[u16]) = (&[1.0, 2.0, 6.0, -3.0], &[0, 0, 4, 0]);
        assert_eq!(guess(minimum, &[a, b]), [1.0, 0.0, 0.0, -3.0]);
    }
}
