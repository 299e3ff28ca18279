//! From an image's grid to the pixels of a picture.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How several samples become one pixel of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reduction {
    /// Their mean, each weighted with the area it shares with the pixel: surface brightness is kept.
    #[default]
    Mean,
    /// The largest: single counts and small sources stay visible.
    Max,
}

/// A rectangular array of samples that belong to someone else.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub ny: usize,
    pub nx: usize,
    pub samples: &'a [f32],
}

/// What one pixel of the picture takes along one axis: samples `first..=last`, the ends in part.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: usize,
    last: usize,
    first_share: f32,
    last_share: f32,
}

impl Span {
    fn share(&self, n: usize) -> f32 {
        if n == self.first {
            self.first_share
        } else if n == self.last {
            self.last_share
        } else {
            1.0
        }
    }
}

/// The spans of `out` pixels over `n` samples; where there are more pixels than samples, each takes the
/// sample below its centre.
fn spans(n: usize, out: usize) -> Vec<Span> {
    let step = n as f64 / out as f64;
    let whole = |at: usize| Span {
        first: at,
        last: at,
        first_share: 1.0,
        last_share: 1.0,
    };
    (0..out)
        .map(|pixel| {
            if out >= n {
                return whole((((pixel as f64 + 0.5) * step) as usize).min(n - 1));
            }
            let (start, end) = (pixel as f64 * step, (pixel + 1) as f64 * step);
            let first = (start as usize).min(n - 1);
            // A sliver that comes from rounding alone is no part.
            let last = ((end - 1e-9).ceil() as usize).clamp(first + 1, n) - 1;
            if first == last {
                return whole(first);
            }
            Span {
                first,
                last,
                first_share: (first as f64 + 1.0 - start) as f32,
                last_share: (end - last as f64).min(1.0) as f32,
            }
        })
        .collect()
}

/// `view` on a grid of `height` rows of `width` pixels, row 0 first as in the image. NaN is left out, and is the
/// result where there is nothing else.
pub fn resample(view: View, height: usize, width: usize, reduction: Reduction) -> Vec<f32> {
    let mut out = vec![f32::NAN; width * height];
    if view.nx == 0 || view.ny == 0 || width == 0 {
        return out;
    }
    let (rows, columns) = (spans(view.ny, height), spans(view.nx, width));
    out.par_chunks_mut(width).zip(rows.par_iter()).for_each_init(
        || (vec![0.0_f32; view.nx], vec![0.0_f32; view.nx]),
        |(sums, weights), (line, &rows)| {
            let source = |y: usize| &view.samples[y * view.nx..(y + 1) * view.nx];
            if rows.first == rows.last && width >= view.nx {
                for (pixel, columns) in line.iter_mut().zip(&columns) {
                    *pixel = source(rows.first)[columns.first];
                }
                return;
            }
            match reduction {
                Reduction::Mean => {
                    sums.fill(0.0);
                    weights.fill(0.0);
                    for y in rows.first..=rows.last {
                        add_row(source(y), rows.share(y), sums, weights);
                    }
                    mean_of_spans(sums, weights, &columns, line);
                }
                Reduction::Max => {
                    sums.fill(f32::NAN);
                    for y in rows.first..=rows.last {
                        // `f32::max` passes over a NaN on either side.
                        sums.iter_mut()
                            .zip(source(y))
                            .for_each(|(sum, &sample)| *sum = sum.max(sample));
                    }
                    for (pixel, span) in line.iter_mut().zip(&columns) {
                        *pixel = sums[span.first..=span.last]
                            .iter()
                            .copied()
                            .fold(f32::NAN, f32::max);
                    }
                }
            }
        },
    );
    out
}

fn add_row(row: &[f32], share: f32, sums: &mut [f32], weights: &mut [f32]) {
    for ((sum, weight), &sample) in sums.iter_mut().zip(weights.iter_mut()).zip(row) {
        let (value, part) = if sample.is_nan() {
            (0.0, 0.0)
        } else {
            (sample, share)
        };
        *sum += value * part;
        *weight += part;
    }
}

fn mean_of_spans(sums: &[f32], weights: &[f32], columns: &[Span], line: &mut [f32]) {
    for (pixel, span) in line.iter_mut().zip(columns) {
        let (mut sum, mut weight) = (0.0_f32, 0.0_f32);
        for x in span.first..=span.last {
            let share = span.share(x);
            sum += share * sums[x];
            weight += share * weights[x];
        }
        // 0 / 0 is the NaN that is wanted.
        *pixel = sum / weight;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_blocks_are_averaged_or_their_largest_taken() {
        let samples = [1.0, 2.0, 5.0, f32::NAN, 3.0, 6.0, f32::NAN, f32::NAN];
        let view = View {
            ny: 2,
            nx: 4,
            samples: &samples,
        };
        assert_eq!(resample(view, 1, 2, Reduction::Mean), [3.0, 5.0]);
        assert_eq!(resample(view, 1, 2, Reduction::Max), [6.0, 5.0]);
        let bottom = resample(
            View {
                ny: 1,
                nx: 2,
                samples: &samples[6..],
            },
            1,
            1,
            Reduction::Mean,
        );
        assert!(bottom[0].is_nan());
    }

    #[test]
    fn parts_count_for_their_share() {
        let view = View {
            ny: 1,
            nx: 3,
            samples: &[0.0, 6.0, 12.0],
        };
        // Pixels of one and a half samples: (0 + 6/2) / 1.5 and (6/2 + 12) / 1.5.
        assert_eq!(resample(view, 1, 2, Reduction::Mean), [2.0, 10.0]);
        assert_eq!(resample(view, 1, 2, Reduction::Max), [6.0, 12.0]);
    }

    #[test]
    fn enlarging_repeats_samples() {
        let view = View {
            ny: 2,
            nx: 2,
            samples: &[1.0, 2.0, 3.0, 4.0],
        };
        assert_eq!(
            resample(view, 2, 4, Reduction::Mean),
            [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]
        );
        // Larger along one axis, smaller along the other.
        assert_eq!(resample(view, 4, 1, Reduction::Mean), [1.5, 1.5, 3.5, 3.5]);
        assert!(
            resample(
                View {
                    ny: 0,
                    nx: 0,
                    samples: &[]
                },
                2,
                2,
                Reduction::Mean
            )
            .iter()
            .all(|v| v.is_nan())
        );
    }

    proptest! {
        #[test]
        fn the_mean_and_the_largest_are_kept(
            (ny, nx, samples) in (1_usize..20, 1_usize..20).prop_flat_map(|(ny, nx)| {
                (Just(ny), Just(nx), proptest::collection::vec(-100.0_f32..100.0, ny * nx))
            }),
            height in 1_usize..20,
            width in 1_usize..20,
        ) {
            let (height, width) = (height.min(ny), width.min(nx));
            let view = View { ny, nx, samples: &samples };
            let mean = |values: &[f32]| values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
            let small = resample(view, height, width, Reduction::Mean);
            prop_assert!((mean(&small) - mean(&samples)).abs() < 1e-3);
            let largest = |values: &[f32]| values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert_eq!(largest(&resample(view, height, width, Reduction::Max)), largest(&samples));
        }
    }
}
