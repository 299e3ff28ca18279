//! How wide and how round a star is.

use crate::Plane;
use crate::exponential::exp;
use crate::find::kernel::FWHM_PER_SIGMA;
use serde::Serialize;

/// Parameters of the fit: height, position, and the quadratic form of the exponent.
const PARAMETERS: usize = 6;
/// As often is the fit improved at most.
const MOST_STEPS: usize = 60;
/// A step that lowers the sum of squares by no more than this share is the last.
const AT_REST: f64 = 1e-10;

/// The elliptical Gaussian that fits a star best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shape {
    /// Column of the centre in the stamp, 0-based.
    pub x: f64,
    /// Row of the centre in the stamp.
    pub y: f64,
    /// Height, in the unit of the image.
    pub height: f64,
    /// Full width at half maximum, pixels: that of the round Gaussian of the same area.
    pub fwhm: f64,
    /// Full widths along the longest and the shortest diameter, pixels.
    pub fwhm_axes: [f64; 2],
    /// One less the ratio of the shorter axis to the longer; zero for a round star.
    pub ellipticity: f64,
    /// Angle of the long axis from the x axis, degrees counter-clockwise, from -90 to 90.
    pub theta: f64,
}

/// Fits an elliptical Gaussian to a star on a stamp whose sky is subtracted, by least squares with equal
/// weights (Levenberg 1944, Marquardt 1963).
///
/// Samples that are not finite are left out. Nothing where no Gaussian fits: no light, fewer than six
/// samples, a fit that leaves the stamp or is wider than it.
pub fn shape(stamp: Plane<'_, f32>) -> Option<Shape> {
    let (ny, nx) = stamp.shape();
    let pixels: Vec<[f64; 3]> = stamp
        .samples()
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_finite())
        .map(|(index, &value)| [(index % nx) as f64, (index / nx) as f64, f64::from(value)])
        .collect();
    if pixels.len() < PARAMETERS {
        return None;
    }
    let fitted = pulp::Arch::new().dispatch(Fit {
        blocks: &blocks(&pixels),
        guess: start(&pixels)?,
    })?;
    let found = described(fitted)?;
    let inside = found.x > -0.5 && found.y > -0.5 && found.x < nx as f64 - 0.5 && found.y < ny as f64 - 0.5;
    let plausible = found.height > 0.0 && found.fwhm_axes[0] <= 2.0 * nx.max(ny) as f64;
    (inside && plausible).then_some(found)
}

/// A first guess from the pixels above half of the highest.
fn start(pixels: &[[f64; 3]]) -> Option<[f64; PARAMETERS]> {
    let highest = pixels
        .iter()
        .map(|pixel| pixel[2])
        .fold(f64::NEG_INFINITY, f64::max);
    if highest <= 0.0 {
        return None;
    }
    let bright = || pixels.iter().filter(|pixel| pixel[2] >= highest / 2.0);
    let total: f64 = bright().map(|pixel| pixel[2]).sum();
    let centre = |axis: usize| bright().map(|pixel| pixel[axis] * pixel[2]).sum::<f64>() / total;
    // The area above half maximum is that of a circle as wide as the star.
    let fwhm = (4.0 / std::f64::consts::PI * bright().count() as f64).sqrt();
    let form = (FWHM_PER_SIGMA / fwhm).powi(2);
    Some([highest, centre(0), centre(1), form, 0.0, form])
}

/// Pixels that are compared side by side.
const LANES: usize = 8;
/// So far away no Gaussian has light: pixels that fill up the last block stand there.
const NOWHERE: [f64; 3] = [1e6, 1e6, 0.0];

type Lanes = [f64; LANES];

/// Columns, rows and samples.
type Block = [Lanes; 3];

fn blocks(pixels: &[[f64; 3]]) -> Vec<Block> {
    let block = |pixels: &[[f64; 3]]| {
        let mut block = NOWHERE.map(|value| [value; LANES]);
        for (lane, pixel) in pixels.iter().enumerate() {
            for (values, value) in block.iter_mut().zip(pixel) {
                values[lane] = *value;
            }
        }
        block
    };
    pixels.chunks(LANES).map(block).collect()
}

/// The Gaussian at some points, and its slopes along the parameters.
#[inline(always)]
fn gaussian(p: &[f64; PARAMETERS], x: &Lanes, y: &Lanes) -> (Lanes, [Lanes; PARAMETERS]) {
    let [height, x0, y0, xx, xy, yy] = *p;
    let (mut values, mut slopes) = ([0.0; LANES], [[0.0; LANES]; PARAMETERS]);
    for lane in 0..LANES {
        let (dx, dy) = (x[lane] - x0, y[lane] - y0);
        let shape = exp(-0.5 * (xx * dx * dx + 2.0 * xy * dx * dy + yy * dy * dy));
        let value = height * shape;
        values[lane] = value;
        slopes[0][lane] = shape;
        slopes[1][lane] = value * (xx * dx + xy * dy);
        slopes[2][lane] = value * (xy * dx + yy * dy);
        slopes[3][lane] = -0.5 * value * dx * dx;
        slopes[4][lane] = -value * dx * dy;
        slopes[5][lane] = -0.5 * value * dy * dy;
    }
    (values, slopes)
}

/// A fit, with the instructions that the processor has.
struct Fit<'a> {
    blocks: &'a [Block],
    guess: [f64; PARAMETERS],
}

impl pulp::NullaryFnOnce for Fit<'_> {
    type Output = Option<[f64; PARAMETERS]>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        fit(self.blocks, self.guess)
    }
}

#[inline(always)]
fn fit(blocks: &[Block], mut p: [f64; PARAMETERS]) -> Option<[f64; PARAMETERS]> {
    let (mut squares, mut normal, mut gradient) = normal_equations(blocks, &p);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        let mut damped = normal;
        for (index, row) in damped.iter_mut().enumerate() {
            row[index] += damping * normal[index][index];
        }
        let Some(step) = solve(damped, gradient) else {
            damping *= 10.0;
            continue;
        };
        let mut trial = p;
        for (value, step) in trial.iter_mut().zip(step) {
            *value += step;
        }
        let is_peak = trial[3] > 0.0 && trial[3] * trial[5] > trial[4] * trial[4];
        let improved = normal_equations(blocks, &trial);
        if is_peak && improved.0 <= squares {
            let at_rest = squares - improved.0 <= AT_REST * squares;
            p = trial;
            (squares, normal, gradient) = improved;
            damping = (damping / 10.0).max(1e-12);
            if at_rest {
                return Some(p);
            }
        } else {
            damping *= 10.0;
            // No step however small improves on it.
            if damping > 1e12 {
                return Some(p);
            }
        }
    }
    None
}

type Normal = [[f64; PARAMETERS]; PARAMETERS];

/// The sum of squares, and the equations that a step solves.
#[inline(always)]
fn normal_equations(blocks: &[Block], p: &[f64; PARAMETERS]) -> (f64, Normal, [f64; PARAMETERS]) {
    const NONE: Lanes = [0.0; LANES];
    let (mut squares, mut gradient) = (NONE, [NONE; PARAMETERS]);
    // The matrix is symmetric: the lower half tells the upper.
    let mut lower = [[NONE; PARAMETERS]; PARAMETERS];
    for [x, y, samples] in blocks {
        let (values, slopes) = gaussian(p, x, y);
        let mut off = *samples;
        for (off, value) in off.iter_mut().zip(values) {
            *off -= value;
        }
        add_product(&mut squares, &off, &off);
        for row in 0..PARAMETERS {
            add_product(&mut gradient[row], &slopes[row], &off);
            for column in 0..=row {
                add_product(&mut lower[row][column], &slopes[row], &slopes[column]);
            }
        }
    }
    let sum = |lanes: &Lanes| lanes.iter().sum::<f64>();
    let mut normal = [[0.0; PARAMETERS]; PARAMETERS];
    for row in 0..PARAMETERS {
        for column in 0..=row {
            normal[row][column] = sum(&lower[row][column]);
            normal[column][row] = normal[row][column];
        }
    }
    (sum(&squares), normal, gradient.map(|lanes| sum(&lanes)))
}

#[inline(always)]
fn add_product(sums: &mut Lanes, a: &Lanes, b: &Lanes) {
    for lane in 0..LANES {
        sums[lane] += a[lane] * b[lane];
    }
}

/// Gauss's elimination with the largest pivots; nothing where the matrix is singular.
fn solve(mut a: Normal, mut b: [f64; PARAMETERS]) -> Option<[f64; PARAMETERS]> {
    for column in 0..PARAMETERS {
        let pivot =
            (column..PARAMETERS).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        a.swap(column, pivot);
        b.swap(column, pivot);
        let (upper, chosen) = (a[column], b[column]);
        if upper[column] == 0.0 || !upper[column].is_finite() {
            return None;
        }
        for row in column + 1..PARAMETERS {
            let share = a[row][column] / upper[column];
            for (element, above) in a[row].iter_mut().zip(upper) {
                *element -= share * above;
            }
            b[row] -= share * chosen;
        }
    }
    for row in (0..PARAMETERS).rev() {
        let known: f64 = (row + 1..PARAMETERS)
            .map(|column| a[row][column] * b[column])
            .sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    b.iter().all(|value| value.is_finite()).then_some(b)
}

fn described([height, x, y, xx, xy, yy]: [f64; PARAMETERS]) -> Option<Shape> {
    // Eigenvalues of the form: one over the squares of the axes' sigmas.
    let (mean, half) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
    let (small, large) = (mean - half, mean + half);
    let axes = [small, large].map(|eigenvalue| FWHM_PER_SIGMA / eigenvalue.sqrt());
    let theta = 0.5 * (-2.0 * xy).atan2(yy - xx).to_degrees();
    let found = Shape {
        x,
        y,
        height,
        fwhm: (axes[0] * axes[1]).sqrt(),
        fwhm_axes: axes,
        ellipticity: 1.0 - axes[1] / axes[0],
        theta,
    };
    found.fwhm.is_finite().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An elliptical Gaussian of height 500 on a stamp, whose long axis is turned by `theta` degrees.
    fn stamp(nx: usize, ny: usize, centre: (f64, f64), fwhm: [f64; 2], theta: f64) -> Vec<f32> {
        let (sine, cosine) = theta.to_radians().sin_cos();
        let sigma = fwhm.map(|width| width / FWHM_PER_SIGMA);
        (0..nx * ny)
            .map(|index| {
                let (dx, dy) = ((index % nx) as f64 - centre.0, (index / nx) as f64 - centre.1);
                let (along, across) = (dx * cosine + dy * sine, dy * cosine - dx * sine);
                let square = (along / sigma[0]).powi(2) + (across / sigma[1]).powi(2);
                (500.0 * (-0.5 * square).exp()) as f32
            })
            .collect()
    }

    #[test]
    fn a_gaussian_is_what_it_is() {
        for (fwhm, theta) in [
            ([3.0, 3.0], 0.0),
            ([4.0, 2.2], 30.0),
            ([2.5, 2.0], -75.0),
            ([5.0, 4.9], 89.0),
        ] {
            let samples = stamp(25, 21, (11.7, 9.6), fwhm, theta);
            let found = shape(Plane::new((21, 25), &samples).unwrap()).unwrap();
            assert!((found.x - 11.7).abs() < 1e-5 && (found.y - 9.6).abs() < 1e-5);
            assert!((found.fwhm_axes[0] - fwhm[0]).abs() < 1e-4, "{found:?}");
            assert!((found.fwhm_axes[1] - fwhm[1]).abs() < 1e-4, "{found:?}");
            assert!((found.fwhm - (fwhm[0] * fwhm[1]).sqrt()).abs() < 1e-4);
            assert!((found.ellipticity - (1.0 - fwhm[1] / fwhm[0])).abs() < 1e-4);
            if fwhm[0] > fwhm[1] {
                assert!((found.theta - theta).abs() < 0.02, "{found:?}");
            }
            assert!((found.height - 500.0).abs() < 0.01);
        }
    }

    #[test]
    fn missing_samples_are_left_out() {
        let mut samples = stamp(15, 15, (7.2, 6.9), [3.5, 2.5], 10.0);
        samples[7 * 15 + 7] = f32::NAN;
        samples[3] = f32::INFINITY;
        let found = shape(Plane::new((15, 15), &samples).unwrap()).unwrap();
        assert!((found.x - 7.2).abs() < 1e-4 && (found.fwhm_axes[0] - 3.5).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_star_has_no_shape() {
        let of = |nx: usize, samples: &[f32]| shape(Plane::new((samples.len() / nx, nx), samples).unwrap());
        assert_eq!(of(5, &[0.0; 25]), None);
        assert_eq!(of(5, &[-3.0; 25]), None);
        assert_eq!(of(5, &[f32::NAN; 25]), None);
        assert_eq!(of(2, &[1.0; 4]), None);
        assert_eq!(of(5, &[7.0; 25]), None);
    }
}
