//! The Laplacian of an image that is sampled twice as finely, its negative part cut off, and averaged again.

use crate::steps::rows::widest;
use rayon::prelude::*;

/// One of the four quarters of a pixel: twice four times itself less its neighbours, of which two lie in the same pixel
/// as it does. Neighbours that the image does not have are not subtracted. In the order right, left, above (the next
/// row), below, in single precision, so that the bits are those of astroscrappy.
#[inline(always)]
fn quarter(c: f32, neighbours: [Option<f32>; 4]) -> f32 {
    let mut sum = 4.0 * c;
    for neighbour in neighbours.into_iter().flatten() {
        sum -= neighbour;
    }
    if sum < 0.0 { 0.0 } else { sum }
}

/// As [`quarter`] in double precision, rounded at the end: the first row of quarters is computed so.
fn quarter_of_first_row(c: f32, neighbours: [Option<f32>; 4]) -> f32 {
    let mut sum = 4.0 * f64::from(c);
    for neighbour in neighbours.into_iter().flatten() {
        sum -= f64::from(neighbour);
    }
    let sum = sum as f32;
    if sum < 0.0 { 0.0 } else { sum }
}

/// The positive Laplacian of an image of rows of `nx` samples.
pub(super) fn positive_laplacian(data: &[f32], nx: usize) -> Vec<f32> {
    let ny = data.len().checked_div(nx).unwrap_or(0);
    let mut out = vec![0.0; data.len()];
    out.par_chunks_mut(nx.max(1)).enumerate().for_each(|(y, out)| {
        let row = |y: usize| &data[y * nx..(y + 1) * nx];
        let below = (y > 0).then(|| row(y - 1));
        let above = (y + 1 < ny).then(|| row(y + 1));
        if let (Some(below), Some(above), true) = (below, above, nx > 2) {
            widest(|| inner(row(y), below, above, &mut out[1..nx - 1]));
            for x in [0, nx - 1] {
                out[x] = at_edge(row(y), x, Some(below), Some(above));
            }
        } else {
            for (x, out) in out.iter_mut().enumerate() {
                *out = at_edge(row(y), x, below, above);
            }
        }
    });
    out
}

/// Pixels 1 to nx - 2 of a row between two others.
#[inline(always)]
fn inner(row: &[f32], below: &[f32], above: &[f32], out: &mut [f32]) {
    let n = out.len();
    let (left, centre, right) = (&row[..n], &row[1..=n], &row[2..n + 2]);
    let (below, above) = (&below[1..=n], &above[1..=n]);
    for x in 0..n {
        let (c, l, r, b, a) = (centre[x], left[x], right[x], below[x], above[x]);
        let positive = |v: f32| if v < 0.0 { 0.0 } else { v };
        let mut sum = positive((((4.0 * c - c) - l) - c) - b);
        sum += positive((((4.0 * c - c) - l) - a) - c);
        sum += positive((((4.0 * c - r) - c) - a) - c);
        sum += positive((((4.0 * c - r) - c) - c) - b);
        out[x] = sum / 4.0;
    }
}

fn at_edge(row: &[f32], x: usize, below: Option<&[f32]>, above: Option<&[f32]>) -> f32 {
    let c = row[x];
    let left = x.checked_sub(1).map(|x| row[x]);
    let right = row.get(x + 1).copied();
    let (below, above) = (below.map(|row| row[x]), above.map(|row| row[x]));
    let own = Some(c);
    // A quarter of the first row of quarters.
    let lower = if below.is_none() {
        quarter_of_first_row
    } else {
        quarter
    };
    let mut sum = lower(c, [own, left, own, below]);
    sum += quarter(c, [own, left, above, own]);
    sum += quarter(c, [right, own, above, own]);
    sum += lower(c, [right, own, own, below]);
    sum / 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_bright_pixel_stands_out_and_a_plane_within_vanishes() {
        let mut data = vec![10.0f32; 7 * 6];
        let flat = positive_laplacian(&data, 7);
        // Within there is no curvature; at the border a neighbour is missing.
        assert_eq!(flat[2 * 7 + 3], 0.0);
        assert!(flat[0] > 0.0);
        data[2 * 7 + 3] = 110.0;
        let peak = positive_laplacian(&data, 7);
        // Each quarter has two neighbours outside of the pixel, 100 lower.
        assert_eq!(peak[2 * 7 + 3], 200.0);
        assert_eq!(peak[2 * 7 + 2], 0.0);
    }
}
