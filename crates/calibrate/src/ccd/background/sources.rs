//! Stars that stand out of a background.

use super::mesh::Mesh;
use super::surface::Surface;
use super::{BackgroundOptions, Real};
use crate::Result;
use firstlight_frame::Image;
use rayon::prelude::*;

/// Standard deviations by which a smoothed pixel of a star stands out.
const STANDS_OUT: f64 = 4.0;
/// Pixels around a star that belong to it.
const AROUND: usize = 4;
/// Times that stars are looked for, each with a better background.
const ROUNDS: usize = 2;

/// Pixels of stars and around them.
pub(in crate::ccd) fn sources<T: Real>(
    sci: &Image<T>,
    usable: &Image<bool>,
    options: &BackgroundOptions,
) -> Result<Image<bool>> {
    let (ny, nx) = sci.shape();
    let mut stars = Image::filled(ny, nx, false);
    for _ in 0..ROUNDS {
        let free = Image::from_fn(ny, nx, |x, y| usable[(y, x)] && !stars[(y, x)]);
        // Where stars leave next to nothing, what was found so far has to do.
        let Ok(mesh) = Mesh::of(sci, &free, options) else {
            match stars.as_slice().contains(&true) {
                true => break,
                false => return Mesh::of(sci, usable, options).map(|_| stars),
            }
        };
        let levels = mesh.filtered(&mesh.levels, options.filter_size);
        let smooth = smoothed(sci, usable, &Surface::through(&levels, &mesh));
        let how = BackgroundOptions {
            least: 0.0,
            ..*options
        };
        let noise = Mesh::of(&smooth, &free, &how)?;
        let found = Image::from_fn(ny, nx, |x, y| {
            let of = noise.rows.of(y) * noise.columns.boxes + noise.columns.of(x);
            // A box all of whose samples are equal has no noise, and no stars either.
            smooth[(y, x)] > STANDS_OUT * noise.noise[of] && noise.noise[of] > 0.0
        });
        stars = grown(&found);
    }
    Ok(stars)
}

/// Samples above the background, each the mean of the usable ones among 3 × 3; NaN where none is.
fn smoothed<T: Real>(sci: &Image<T>, usable: &Image<bool>, level: &Surface) -> Image<f64> {
    let (ny, nx) = sci.shape();
    let mut smooth = Image::filled(ny, nx, f64::NAN);
    let rows = smooth.as_mut_slice().par_chunks_mut(nx.max(1)).enumerate();
    rows.for_each(|(y, row)| {
        let (mut sums, mut counts, mut of_row) = (vec![0.0; nx], vec![0u32; nx], vec![0.0; nx]);
        for near in y.saturating_sub(1)..(y + 2).min(ny) {
            level.row(near, &mut of_row);
            let samples = sci.row(near).iter().zip(usable.row(near)).zip(&of_row);
            for (x, ((value, usable), level)) in samples.enumerate() {
                if *usable {
                    sums[x] += value.wide() - level;
                    counts[x] += 1;
                }
            }
        }
        for (x, value) in row.iter_mut().enumerate() {
            let near = x.saturating_sub(1)..(x + 2).min(nx);
            let count: u32 = counts[near.clone()].iter().sum();
            *value = sums[near].iter().sum::<f64>() / f64::from(count);
        }
    });
    smooth
}

/// The mask with all pixels in a square about those that it has.
fn grown(mask: &Image<bool>) -> Image<bool> {
    let (ny, nx) = mask.shape();
    let near = |n: usize, most: usize| n.saturating_sub(AROUND)..(n + AROUND + 1).min(most);
    let along = Image::from_fn(ny, nx, |x, y| mask.row(y)[near(x, nx)].contains(&true));
    Image::from_fn(ny, nx, |x, y| near(y, ny).any(|y| along[(y, x)]))
}
