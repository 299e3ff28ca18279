//! The image of a star through the atmosphere: three round Gaussians, integrated over pixels.

use crate::gaussian::shares;

/// Dispersion in units of the narrowest, and share of the light: near a Moffat profile.
const COMPONENTS: [(f64, f64); 3] = [(1.0, 0.76), (1.7, 0.20), (3.6, 0.04)];

/// An image of stars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StarImage {
    /// Dispersion of the narrowest Gaussian, pixels.
    sigma: f64,
    /// Half the side of the square in which a star is drawn, pixels: all but 1e-6 of its light.
    reach: isize,
}

impl StarImage {
    /// The image with a full width at half maximum, pixels.
    pub fn of_fwhm(fwhm: f64) -> Self {
        let sigma = 0.5 * fwhm / half_width();
        Self {
            sigma,
            reach: (4.5 * COMPONENTS[2].0 * sigma).ceil() as isize,
        }
    }

    /// Adds a star of `total` electrons at `(x, y)` (0-based, an integer being a pixel's centre) to an image of shape
    /// `(ny, nx)`.
    pub fn add(&self, image: &mut [f32], (ny, nx): (usize, usize), (x, y): (f64, f64), total: f64) {
        if !(x.abs() < 1.0e6 && y.abs() < 1.0e6) {
            return;
        }
        let (x0, y0) = (x.round() as isize - self.reach, y.round() as isize - self.reach);
        let side = 2 * self.reach as usize + 1;
        let along = |first: isize, centre: f64| {
            COMPONENTS.map(|(width, _)| shares(first, side, centre, width * self.sigma))
        };
        let (columns, rows) = (along(x0, x), along(y0, y));
        for (j, row) in (y0..).take(side).enumerate() {
            if row < 0 || row >= ny as isize {
                continue;
            }
            let line = &mut image[row as usize * nx..][..nx];
            for (i, column) in (x0..).take(side).enumerate() {
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
}

/// Half the width at half maximum, in units of the narrowest Gaussian, by halving intervals.
fn half_width() -> f64 {
    let profile = |radius: f64| -> f64 {
        let part =
            |(width, share): (f64, f64)| share / (width * width) * (-0.5 * (radius / width).powi(2)).exp();
        COMPONENTS.into_iter().map(part).sum()
    };
    let (mut low, mut high) = (0.0, 4.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if profile(middle) > 0.5 * profile(0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_the_light_is_there_and_as_wide_as_it_should_be() {
        let mut image = vec![0.0; 90 * 100];
        StarImage::of_fwhm(12.0).add(&mut image, (90, 100), (47.0, 44.0), 1000.0);
        let sum: f64 = image.iter().map(|&v| f64::from(v)).sum();
        // The widest Gaussian is cut by the edges.
        assert!((sum - 1000.0).abs() < 1.0, "{sum}");
        let at = |x: usize| image[44 * 100 + x];
        assert!((at(41) / at(47) - 0.5).abs() < 0.01 && (at(53) / at(47) - 0.5).abs() < 0.01);
        let mut small = vec![0.0; 60 * 60];
        StarImage::of_fwhm(2.7).add(&mut small, (60, 60), (30.3, 28.8), 1000.0);
        let sum: f64 = small.iter().map(|&v| f64::from(v)).sum();
        assert!((sum - 1000.0).abs() < 0.01, "{sum}");
    }
}
