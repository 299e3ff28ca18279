//! The image of a star: three round Gaussians, integrated over pixels.

use crate::gaussian::shares;

/// Dispersion in pixels of the WFC, and share of the light.
const COMPONENTS: [(f64, f64); 3] = [(0.80, 0.78), (1.9, 0.17), (5.5, 0.05)];
/// Half the side of the square in which a star is drawn, pixels: all but 1e-6 of its light.
pub const REACH: isize = 28;
/// The side of that square.
const SIDE: usize = 2 * REACH as usize + 1;

/// Adds a star of `total` electrons at `(x, y)` (0-based, an integer being a pixel's centre) to an image of shape
/// `(ny, nx)`.
pub fn add(image: &mut [f32], (ny, nx): (usize, usize), (x, y): (f64, f64), total: f64) {
    if !(x.abs() < 1.0e6 && y.abs() < 1.0e6) {
        return;
    }
    let (x0, y0) = (x.round() as isize - REACH, y.round() as isize - REACH);
    let along = |first: isize, centre: f64| COMPONENTS.map(|(sigma, _)| shares(first, SIDE, centre, sigma));
    let (columns, rows) = (along(x0, x), along(y0, y));
    for (j, row) in (y0..=y0 + 2 * REACH).enumerate() {
        if row < 0 || row >= ny as isize {
            continue;
        }
        let line = &mut image[row as usize * nx..][..nx];
        for (i, column) in (x0..=x0 + 2 * REACH).enumerate() {
            if column < 0 || column >= nx as isize {
                continue;
            }
            let share: f64 = (0..COMPONENTS.len())
                .map(|c| COMPONENTS[c].1 * columns[c][i] * rows[c][j])
                .sum();
            line[column as usize] += (total * share) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_the_light_is_there_and_centred() {
        let mut image = vec![0.0; 80 * 90];
        add(&mut image, (80, 90), (44.3, 38.8), 1000.0);
        let sum: f64 = image.iter().map(|&v| f64::from(v)).sum();
        assert!((sum - 1000.0).abs() < 0.05, "{sum}");
        let moment = |of: fn(usize) -> f64| -> f64 {
            let weighted = image.iter().enumerate().map(|(i, &v)| of(i) * f64::from(v));
            weighted.sum::<f64>() / sum
        };
        assert!((moment(|i| (i % 90) as f64) - 44.3).abs() < 1e-3);
        assert!((moment(|i| (i / 90) as f64) - 38.8).abs() < 1e-3);
    }

    #[test]
    fn edges_cut_and_nothing_else() {
        let mut image = vec![0.0; 50 * 50];
        add(&mut image, (50, 50), (-0.5, 20.0), 1000.0);
        let sum: f64 = image.iter().map(|&v| f64::from(v)).sum();
        assert!((sum - 500.0).abs() < 0.1, "{sum}");
        add(&mut image, (50, 50), (f64::NAN, 20.0), 1000.0);
        add(&mut image, (50, 50), (1e5, 20.0), 1000.0);
    }
}
