//! Median filters whose borders are the input: one square, or one along rows and one along columns.

use crate::steps::rows::widest;
use rayon::prelude::*;

/// Rows that one thread filters at a time.
const BAND: usize = 32;
/// Pixels whose windows are sorted side by side.
const LANES: usize = 16;

/// Filters an image of rows of `nx` samples with a window of `size` × `size`: the median of each row's stretch, and of
/// those along the column (`separable`), or of the whole window. Pixels whose window leaves the image are copied.
pub(super) fn median_filter(data: &[f32], nx: usize, size: usize, separable: bool) -> Vec<f32> {
    let mut out = data.to_vec();
    let half = size / 2;
    let ny = data.len().checked_div(nx).unwrap_or(0);
    if nx <= 2 * half || ny <= 2 * half {
        return out;
    }
    out.par_chunks_mut(BAND * nx)
        .enumerate()
        .for_each_init(Vec::new, |scratch, (band, out)| {
            let first = band * BAND;
            let rows = first.max(half)..(first + out.len() / nx).min(ny - half);
            if rows.is_empty() {
                return;
            }
            let place = Place {
                data,
                nx,
                first,
                rows,
            };
            match (separable, size) {
                (true, 5) => widest(|| place.separable::<5>(out, scratch, median5)),
                (true, 7) => widest(|| place.separable::<7>(out, scratch, median7)),
                (true, _) => widest(|| place.separable::<9>(out, scratch, median9)),
                (false, 3) => widest(|| place.square::<3, 9>(out)),
                (false, 5) => widest(|| place.square::<5, 25>(out)),
                (false, _) => widest(|| place.square::<7, 49>(out)),
            }
        });
    out
}

/// The rows of a band that have whole windows.
struct Place<'a> {
    data: &'a [f32],
    nx: usize,
    /// The first row of the band's output.
    first: usize,
    rows: std::ops::Range<usize>,
}

impl Place<'_> {
    #[inline(always)]
    fn separable<const N: usize>(
        &self,
        out: &mut [f32],
        scratch: &mut Vec<f32>,
        median: impl Fn([f32; N]) -> f32 + Copy,
    ) {
        let (nx, half) = (self.nx, N / 2);
        let width = nx - 2 * half;
        let above = self.rows.start - half;
        let rows = self.rows.end + half - above;
        scratch.resize(rows * width, 0.0);
        for (n, medians) in scratch.chunks_exact_mut(width).enumerate() {
            let row = &self.data[(above + n) * nx..(above + n + 1) * nx];
            slide(std::array::from_fn(|k| &row[k..k + width]), medians, median);
        }
        for y in self.rows.clone() {
            let top = (y - half - above) * width;
            let stretch = |k: usize| &scratch[top + k * width..top + (k + 1) * width];
            let at = (y - self.first) * nx + half;
            slide(std::array::from_fn(stretch), &mut out[at..at + width], median);
        }
    }

    #[inline(always)]
    fn square<const N: usize, const WINDOW: usize>(&self, out: &mut [f32]) {
        let (nx, half) = (self.nx, N / 2);
        let width = nx - 2 * half;
        for y in self.rows.clone() {
            let at = (y - self.first) * nx + half;
            let out = &mut out[at..at + width];
            let mut from = 0;
            while from < width {
                // The last lanes go over pixels that are done already.
                let x = from.min(width.saturating_sub(LANES));
                let lanes = LANES.min(width);
                let mut window = [[0.0f32; LANES]; WINDOW];
                for (k, samples) in window.iter_mut().enumerate() {
                    let start = (y - half + k / N) * nx + x + k % N;
                    samples[..lanes].copy_from_slice(&self.data[start..start + lanes]);
                }
                let medians = forgetful(&mut window);
                out[x..x + lanes].copy_from_slice(&medians[..lanes]);
                from += LANES;
            }
        }
    }
}

/// The median of N stretches, sample by sample.
#[inline(always)]
fn slide<const N: usize>(from: [&[f32]; N], out: &mut [f32], median: impl Fn([f32; N]) -> f32) {
    let n = out.len();
    let from: [&[f32]; N] = from.map(|stretch| &stretch[..n]);
    for (x, out) in out.iter_mut().enumerate() {
        *out = median(std::array::from_fn(|k| from[k][x]));
    }
}

/// The median of each lane of an odd number of samples: of a few more than half of them the least and the greatest
/// cannot be it, and make room for the next one.
#[inline(always)]
fn forgetful<const WINDOW: usize>(window: &mut [[f32; LANES]; WINDOW]) -> [f32; LANES] {
    let mut next = WINDOW / 2 + 2;
    let mut count = next;
    loop {
        // The least to the front, the greatest to the back.
        for i in 0..count / 2 {
            exchange(window, i, count - 1 - i);
        }
        for i in 1..count.div_ceil(2) {
            exchange(window, 0, i);
        }
        for i in count / 2..count - 1 {
            exchange(window, i, count - 1);
        }
        if next == WINDOW {
            return window[1];
        }
        // The front takes the sample before the back's, and the place before the back a new one.
        window[0] = window[count - 2];
        window[count - 2] = window[next];
        next += 1;
        count -= 1;
    }
}

#[inline(always)]
fn exchange<const WINDOW: usize>(window: &mut [[f32; LANES]; WINDOW], low: usize, high: usize) {
    let (a, b) = (window[low], window[high]);
    window[low] = std::array::from_fn(|lane| if b[lane] < a[lane] { b[lane] } else { a[lane] });
    window[high] = std::array::from_fn(|lane| if b[lane] < a[lane] { a[lane] } else { b[lane] });
}

/// Sorts pairs of places of an array, one after another.
macro_rules! sort {
    ($v:ident; $($low:literal $high:literal),*) => {
        $(
            let (a, b) = ($v[$low], $v[$high]);
            $v[$low] = if b < a { b } else { a };
            $v[$high] = if b < a { a } else { b };
        )*
    };
}

#[inline(always)]
fn median5(mut v: [f32; 5]) -> f32 {
    sort!(v; 0 1, 3 4, 0 3, 1 4, 1 2, 2 3, 1 2);
    v[2]
}

#[inline(always)]
fn median7(mut v: [f32; 7]) -> f32 {
    sort!(v; 0 5, 0 3, 1 6, 2 4, 0 1, 3 5, 2 6, 2 3, 3 6, 4 5, 1 4, 1 3, 3 4);
    v[3]
}

#[inline(always)]
fn median9(mut v: [f32; 9]) -> f32 {
    sort!(v; 1 2, 4 5, 7 8, 0 1, 3 4, 6 7, 1 2, 4 5, 7 8, 0 3, 5 8, 4 7, 3 6, 1 4, 2 5, 4 7, 2 4, 4 6, 2 4);
    v[4]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network that selects the median of all rows of zeros and ones selects that of everything.
    #[test]
    fn the_networks_select_medians() {
        fn all<const N: usize>(median: impl Fn([f32; N]) -> f32) {
            for bits in 0..1u32 << N {
                let v: [f32; N] = std::array::from_fn(|k| (bits >> k & 1) as f32);
                let expected = if bits.count_ones() as usize > N / 2 {
                    1.0
                } else {
                    0.0
                };
                assert_eq!(median(v), expected, "{v:?}");
            }
        }
        all(median5);
        all(median7);
        all(median9);
    }

    fn noise(n: usize) -> Vec<f32> {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 256.0
        };
        (0..n).map(|_| next()).collect()
    }

    fn middle(mut values: Vec<f32>) -> f32 {
        values.sort_by(f32::total_cmp);
        values[values.len() / 2]
    }

    #[test]
    fn filters_are_medians_within_and_the_input_at_the_border() {
        let (nx, ny) = (45, 71);
        let data = noise(nx * ny);
        for (size, separable) in [
            (5, true),
            (7, true),
            (9, true),
            (3, false),
            (5, false),
            (7, false),
        ] {
            let half = size / 2;
            let out = median_filter(&data, nx, size, separable);
            let row = |x: usize, y: usize| (0..size).map(|k| data[y * nx + x - half + k]).collect::<Vec<_>>();
            for y in 0..ny {
                for x in 0..nx {
                    let inside = (half..nx - half).contains(&x) && (half..ny - half).contains(&y);
                    let rows = || (0..size).map(|k| row(x, y - half + k));
                    let expected = match (inside, separable) {
                        (false, _) => data[y * nx + x],
                        (true, true) => middle(rows().map(middle).collect()),
                        (true, false) => middle(rows().flatten().collect()),
                    };
                    assert_eq!(out[y * nx + x], expected, "size {size}, {separable}, {x}, {y}");
                }
            }
        }
        assert_eq!(median_filter(&data[..40], 10, 7, true), data[..40]);
    }
}
