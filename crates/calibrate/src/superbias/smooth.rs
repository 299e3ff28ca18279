//! What of a bias image changes slowly, and what stands out.

use crate::Result;
use crate::superdark::combination::clipped;
use firstlight_frame::Image;
use rayon::prelude::*;

/// Rows and columns of the box whose median is what changes slowly.
const BOX: (usize, usize) = (3, 15);

/// What lies beyond the edge of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Zeros.
    Zero,
    /// The image mirrored, its last pixel twice.
    Mirror,
}

/// The medians of boxes of 3 rows and 15 columns, raised so that their clipped mean is that of the image.
///
/// # Errors
/// [`crate::Error::NothingFinite`].
pub(super) fn smooth(image: &Image<f32>, beyond: Beyond, rounds: usize) -> Result<Image<f32>> {
    let mut smooth = medians(image, beyond);
    let (of_image, of_smooth) = rayon::join(
        || clipped(image.as_slice(), 3.0, rounds),
        || clipped(smooth.as_slice(), 3.0, rounds),
    );
    let shift = (of_image?.mean - of_smooth?.mean) as f32;
    smooth.as_mut_slice().iter_mut().for_each(|value| *value += shift);
    Ok(smooth)
}

/// An image less another.
pub(super) fn residual(image: &Image<f32>, smooth: &Image<f32>) -> Image<f32> {
    Image::from_fn(image.ny(), image.nx(), |x, y| image[(y, x)] - smooth[(y, x)])
}

/// The mean of each column over a share of the rows, from the first.
pub(super) fn column_means(image: &Image<f32>, share: f64) -> Vec<f32> {
    let rows = ((share * image.ny() as f64 + 0.5).floor() as usize).clamp(1, image.ny().max(1));
    let mut sums = vec![0.0f64; image.nx()];
    for y in 0..rows.min(image.ny()) {
        for (sum, &value) in sums.iter_mut().zip(image.row(y)) {
            *sum += f64::from(value);
        }
    }
    sums.into_iter().map(|sum| (sum / rows as f64) as f32).collect()
}

/// Which columns are at least so many standard deviations above the clipped mean of all.
///
/// # Errors
/// [`crate::Error::NothingFinite`].
pub(super) fn hot_columns(means: &[f32], sigmas: f64, rounds: usize) -> Result<Vec<bool>> {
    let of = clipped(means, 3.0, rounds)?;
    let limit = of.mean + sigmas * of.std;
    Ok(means.iter().map(|&mean| f64::from(mean) >= limit).collect())
}

fn medians(image: &Image<f32>, beyond: Beyond) -> Image<f32> {
    let (ny, nx) = image.shape();
    let mut smooth = Image::filled(ny, nx, 0.0f32);
    let (up, aside) = (BOX.0 / 2, BOX.1 / 2);
    smooth
        .as_mut_slice()
        .par_chunks_mut(nx.max(1))
        .enumerate()
        .for_each(|(y, line)| {
            // The rows of the box, with what lies beside them.
            let rows: Vec<Vec<f32>> = (0..BOX.0)
                .map(|step| widened(image, place(y + step, up, ny, beyond), aside, beyond))
                .collect();
            let mut samples = [0.0f32; BOX.0 * BOX.1];
            for (x, value) in line.iter_mut().enumerate() {
                for (row, samples) in rows.iter().zip(samples.chunks_mut(BOX.1)) {
                    samples.copy_from_slice(&row[x..x + BOX.1]);
                }
                let (_, median, _) = samples.select_nth_unstable_by(BOX.0 * BOX.1 / 2, f32::total_cmp);
                *value = *median;
            }
        });
    smooth
}

/// A row with so many pixels more at both ends; zeros where there is no row.
fn widened(image: &Image<f32>, row: Option<usize>, aside: usize, beyond: Beyond) -> Vec<f32> {
    let nx = image.nx();
    let at = |x: usize| {
        let x = place(x, aside, nx, beyond)?;
        row.map(|y| image[(y, x)])
    };
    (0..nx + 2 * aside).map(|x| at(x).unwrap_or(0.0)).collect()
}

/// Where a place `before` pixels after the start lies; none where there are zeros.
fn place(at: usize, before: usize, number: usize, beyond: Beyond) -> Option<usize> {
    match (at.checked_sub(before), beyond) {
        (Some(inside), _) if inside < number => Some(inside),
        (_, Beyond::Zero) => None,
        (None, Beyond::Mirror) => Some((before - at - 1).min(number.saturating_sub(1))),
        (Some(after), Beyond::Mirror) => Some((2 * number - 1).saturating_sub(after)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn medians_at_the_edges_see_zeros_or_the_mirrored_image() {
        let image = Image::from_fn(5, 20, |x, y| (y * 20 + x) as f32 + 1.0);
        let zero = medians(&image, Beyond::Zero);
        let mirror = medians(&image, Beyond::Mirror);
        // In the middle both are the pixel itself: the image is a plane.
        assert_eq!(zero[(2, 10)], image[(2, 10)]);
        assert_eq!(mirror[(2, 10)], image[(2, 10)]);
        // In the corner 8 of 15 columns and 2 of 3 rows are there: 16 samples of 45, the median is a zero.
        assert_eq!(zero[(0, 0)], 0.0);
        // Mirrored: columns 0..=7 with 0..=6 twice, row 0 twice and row 1 once.
        let mut seen: Vec<f32> = [0, 0, 1]
            .iter()
            .flat_map(|&y| (0..=7).chain(0..=6).map(move |x| (y, x)))
            .map(|(y, x)| image[(y, x)])
            .collect();
        seen.sort_by(f32::total_cmp);
        assert_eq!(mirror[(0, 0)], seen[22]);
    }

    #[test]
    fn columns_that_stand_out_are_hot() {
        let image = Image::from_fn(8, 100, |x, y| {
            let noise = ((x * 7919 + y * 104_729) % 101) as f32 / 1010.0;
            if x == 40 { 5.0 + noise } else { noise }
        });
        let hot = hot_columns(&column_means(&image, 0.25), 5.0, 20).unwrap();
        assert_eq!(hot.iter().filter(|&&hot| hot).count(), 1);
        assert!(hot[40]);
    }
}
