//! Samples of a rank among those around each pixel.

use super::super::Real;
use firstlight_frame::Image;
use rayon::prelude::*;

/// A moving rectangle of rows and columns. Of an even side one more lies before the pixel than behind it; beyond its borders
/// the image is mirrored, the samples at the border twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub rows: usize,
    pub columns: usize,
}

/// Where a rank lies among so many samples.
pub type Rank = fn(usize) -> usize;

/// The middle, of an even number the upper one.
pub fn median(samples: usize) -> usize {
    samples / 2
}

/// Samples of each of several ranks, in rising order, among the finite ones of the window; NaN where there are none.
pub fn filter<T: Real, const N: usize>(image: &Image<T>, window: Window, ranks: [Rank; N]) -> [Image<T>; N] {
    let (ny, nx) = image.shape();
    let mut rows: Vec<[Vec<T>; N]> = (0..ny)
        .into_par_iter()
        .map_init(Vec::new, |samples, y| {
            let mut found: [Vec<T>; N] = std::array::from_fn(|_| Vec::with_capacity(nx));
            let lines: Vec<&[T]> = around(y, window.rows, ny).map(|row| image.row(row)).collect();
            for x in 0..nx {
                gather(&lines, around(x, window.columns, nx), samples);
                for (found, sample) in found.iter_mut().zip(select(samples, ranks)) {
                    found.push(sample);
                }
            }
            found
        })
        .collect();
    std::array::from_fn(|n| {
        let mut samples = rows.iter_mut().flat_map(|row| std::mem::take(&mut row[n]));
        Image::from_fn(ny, nx, |_, _| samples.next().unwrap_or_default())
    })
}

/// The places in a window about one of `length`.
fn around(at: usize, size: usize, length: usize) -> impl Iterator<Item = usize> {
    let (at, length) = (at as isize, length as isize);
    let first = at - (size / 2) as isize;
    (first..first + size as isize).map(move |place| {
        let place = place.rem_euclid(2 * length);
        place.min(2 * length - 1 - place) as usize
    })
}

fn gather<T: Real>(lines: &[&[T]], columns: impl Iterator<Item = usize>, samples: &mut Vec<f64>) {
    samples.clear();
    for column in columns {
        let of_column = lines.iter().map(|line| line[column].wide());
        samples.extend(of_column.filter(|sample| sample.is_finite()));
    }
}

/// From the highest rank down: each selection leaves everything smaller to its left.
fn select<T: Real, const N: usize>(samples: &mut [f64], ranks: [Rank; N]) -> [T; N] {
    let mut found = [T::narrow(f64::NAN); N];
    let count = samples.len();
    let mut end = count;
    for n in (0..N).rev() {
        let rank = ranks[n](count).min(count.saturating_sub(1));
        if rank < end {
            samples[..end].select_nth_unstable_by(rank, f64::total_cmp);
            end = rank + 1;
        }
        if let Some(sample) = samples.get(rank) {
            found[n] = T::narrow(*sample);
        }
    }
    found
}
