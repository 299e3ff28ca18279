//! The kernel that finds stars: a Gaussian lowered to no sum, within an ellipse.

use super::FindOptions;
use super::options::require;
use crate::Result;

/// FWHM of a Gaussian over its sigma, `2√(2 ln 2)`.
pub(super) const FWHM_PER_SIGMA: f64 = 2.354_820_045_030_949_3;

/// More than this on a side is no star's kernel any more.
const LARGEST_SIDE: usize = 255;

/// Pixels nearer the centre than this always belong to the kernel.
const LEAST_RADIUS: f64 = 2.001;

/// One pixel of the kernel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tap {
    pub row: usize,
    pub column: usize,
    pub weight: f64,
}

/// A kernel of DAOFIND (Stetson 1987, PASP 99, 191): convolved with an image, it gives at each pixel the
/// height of the Gaussian that fits best there, above a sky of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kernel {
    pub nx: usize,
    pub ny: usize,
    /// The plain Gaussian, of height one, over the whole box.
    pub gaussian: Vec<f64>,
    /// Its sums over the rows of each column, and over the columns of each row, which weigh more near the middle.
    pub along: [Vec<f64>; 2],
    /// Which pixels of the box belong to the kernel.
    pub inside: Vec<bool>,
    /// Its pixels that are not zero, row after row.
    pub taps: Vec<Tap>,
    /// Squares of the Gaussian's sigma along x and y, as the centroid is scaled by.
    pub sigma_squared: [f64; 2],
}

impl Kernel {
    pub(super) fn new(options: &FindOptions) -> Result<Self> {
        options.check()?;
        let sigma = options.conv_width / FWHM_PER_SIGMA;
        let (major, minor) = (sigma * sigma, (options.ratio * sigma).powi(2));
        let (sine, cosine) = options.theta.to_radians().sin_cos();
        // The quadratic form a x² + b x y + c y² whose value nsigma² bounds the kernel.
        let a = cosine * cosine / major + sine * sine / minor;
        let b = 2.0 * cosine * sine * (1.0 / major - 1.0 / minor);
        let c = sine * sine / major + cosine * cosine / minor;
        let discriminant = b * b - 4.0 * a * c;
        let half = |other: f64| {
            let extent = options.nsigma * (-other / discriminant).sqrt();
            (2.0 * extent.max(1.0)) as usize
        };
        let (half_x, half_y) = (half(c), half(a));
        let largest = half_x.max(half_y).saturating_mul(2).saturating_add(1);
        require(
            largest <= LARGEST_SIDE,
            "conv_width",
            "small enough for a kernel of 255 pixels on a side",
            options.conv_width,
        )?;
        let (nx, ny) = (2 * half_x + 1, 2 * half_y + 1);
        let form = |x: f64, y: f64| a * x * x + b * x * y + c * y * y;
        let mut gaussian = Vec::with_capacity(nx * ny);
        let mut inside = Vec::with_capacity(nx * ny);
        for row in 0..ny {
            for column in 0..nx {
                let (x, y) = (column as f64 - half_x as f64, row as f64 - half_y as f64);
                gaussian.push((-0.5 * form(x, y)).exp());
                let within = form(x, y) <= options.nsigma * options.nsigma;
                inside.push(within || (x * x + y * y).sqrt() <= LEAST_RADIUS);
            }
        }
        let taps = taps(&gaussian, &inside, nx);
        let squared = sigma * sigma;
        let column = |column: usize| {
            (0..ny)
                .map(|row| weight(row, half_y) * gaussian[row * nx + column])
                .sum()
        };
        let row = |row: usize| {
            (0..nx)
                .map(|column| weight(column, half_x) * gaussian[row * nx + column])
                .sum()
        };
        let along = [(0..nx).map(column).collect(), (0..ny).map(row).collect()];
        Ok(Self {
            along,
            nx,
            ny,
            gaussian,
            inside,
            taps,
            sigma_squared: [squared, options.ratio * options.ratio * squared],
        })
    }

    /// Columns and rows between the box's centre and its edge.
    pub(super) fn half(&self) -> (usize, usize) {
        (self.nx / 2, self.ny / 2)
    }
}

/// How much a column or row counts, of which another is in the middle.
pub(super) fn weight(index: usize, middle: usize) -> f64 {
    (middle + 1 - index.abs_diff(middle)) as f64
}

fn taps(gaussian: &[f64], inside: &[bool], nx: usize) -> Vec<Tap> {
    let members = || gaussian.iter().zip(inside).filter(|(_, inside)| **inside);
    let count = members().count() as f64;
    let sum: f64 = members().map(|(value, _)| value).sum();
    let squares: f64 = members().map(|(value, _)| value * value).sum();
    let scale = squares - sum * sum / count;
    let lowered = gaussian.iter().map(|value| (value - sum / count) / scale);
    lowered
        .zip(inside)
        .enumerate()
        .filter(|(_, (weight, inside))| **inside && *weight != 0.0)
        .map(|(index, (weight, _))| Tap {
            row: index / nx,
            column: index % nx,
            weight,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_kernel_is_thirteen_pixels_of_no_sum() {
        let kernel = Kernel::new(&FindOptions::default()).unwrap();
        assert_eq!((kernel.nx, kernel.ny, kernel.taps.len()), (5, 5, 13));
        let sum: f64 = kernel.taps.iter().map(|tap| tap.weight).sum();
        assert!(sum.abs() < 1e-14);
        // A Gaussian of height one, convolved, has height one.
        let height: f64 = kernel
            .taps
            .iter()
            .map(|tap| tap.weight * kernel.gaussian[tap.row * 5 + tap.column])
            .sum();
        assert!((height - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_slanted_kernel_is_longer_along_its_axis() {
        let options = FindOptions {
            conv_width: 8.0,
            ratio: 0.5,
            theta: 90.0,
            ..FindOptions::default()
        };
        let kernel = Kernel::new(&options).unwrap();
        assert!(kernel.ny > kernel.nx, "{} {}", kernel.nx, kernel.ny);
    }

    #[test]
    fn absurd_widths_are_refused() {
        for conv_width in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e6] {
            let options = FindOptions {
                conv_width,
                ..FindOptions::default()
            };
            assert!(Kernel::new(&options).is_err(), "{conv_width}");
        }
    }
}
