//! The shift between two layers by least squares.

use super::layer::Layer;
use crate::Point;
use nalgebra::{Matrix2, SMatrix, SVector, Vector2};
use rayon::prelude::*;

/// Shift along x and y, the scale of the light, and a plane.
const PARAMETERS: usize = 6;
/// The shared part is divided into so many columns and rows of blocks, or fewer: the errors of smaller ones go together.
const BLOCKS: usize = 8;
const LEAST_BLOCK: usize = 12;
/// Of layers of more columns and rows every second of either is fitted: between smoothed samples there is little more to know.
const ALL_FITTED: usize = 600;
/// Steps at most, the longest, and the one that is the last, pixels of the layer.
const MOST_STEPS: usize = 40;
const LONGEST_STEP: f64 = 1.5;
const AT_REST: f64 = 5e-5;
/// So many samples have to be shared at least.
const LEAST_SHARED: usize = 64;

type Vector = SVector<f64, PARAMETERS>;
type Matrix = SMatrix<f64, PARAMETERS, PARAMETERS>;

/// A shift that fits best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fitted {
    pub shift: Point,
    /// Standard deviation of the shift along x and y.
    pub sigma: Point,
    /// Correlation of what both share, each freed of the plane that fits it best.
    pub correlation: f64,
}

/// What the samples of some rows add up to.
#[derive(Debug, Clone)]
struct Sums {
    count: usize,
    normal: Matrix,
    right: Vector,
    squares: f64,
    /// The products of the gradients of both images, and the slopes of the sum of squares, in each of the blocks along a row; zero
    /// until a solution is known.
    crossed: [Matrix2<f64>; BLOCKS],
    scores: [Vector; BLOCKS],
}

/// Improves a shift until it stays, by no more than `most` pixels in all: the image, shifted back, is to be the reference times a
/// factor, plus a plane. Nothing where it does not come to rest there, or too little is shared.
pub(super) fn fit(reference: &Layer, image: &Surface, start: Point, most: f64) -> Option<Fitted> {
    let (mut shift, mut scale) = (start, 0.0);
    for _ in 0..MOST_STEPS {
        let sums = total(&rows(reference, image, (shift, scale), None));
        if sums.count < LEAST_SHARED {
            return None;
        }
        let solution = sums.normal.cholesky()?.solve(&sums.right);
        let [dx, dy] = [solution[0], solution[1]];
        let long = dx.hypot(dy);
        if !long.is_finite() {
            return None;
        }
        let share = (LONGEST_STEP / long).min(1.0);
        shift = [shift[0] + share * dx, shift[1] + share * dy];
        if (shift[0] - start[0]).hypot(shift[1] - start[1]) > most {
            return None;
        }
        if long < AT_REST {
            return judged(reference, image, shift, solution);
        }
        scale = solution[2];
    }
    None
}

/// Errors and correlation where the shift is found.
fn judged(reference: &Layer, image: &Surface, shift: Point, mut solution: Vector) -> Option<Fitted> {
    let scale = solution[2];
    (solution[0], solution[1]) = (0.0, 0.0);
    let rows = rows(reference, image, (shift, scale), Some(&solution));
    let sums = total(&rows);
    let (with, without) = (unexplained(&sums, 2)?, unexplained(&sums, 3)?);
    let correlation = (1.0 - with / without).max(0.0).sqrt().copysign(scale);
    let errors = jackknife(&rows, &sums, scale)?;
    let sigma = [errors[(0, 0)].sqrt(), errors[(1, 1)].sqrt()];
    (correlation.is_finite() && sigma.iter().all(|sigma| sigma.is_finite())).then_some(Fitted {
        shift,
        sigma,
        correlation,
    })
}

/// Variances of the shift along x and y, and their covariance, where the scale of the light is known.
///
/// How far the shift goes where one of the blocks is left out tells the errors (the jackknife of Tukey 1958, Ann. Math. Stat. 29,
/// 614), whatever the residuals are and however they hang together. How the slopes change with the shift is taken from the gradients of
/// one image times those of the other, which have no noise in common.
fn jackknife(rows: &[Sums], sums: &Sums, scale: f64) -> Option<Matrix2<f64>> {
    let first = rows.iter().position(|row| row.count > 0)?;
    let last = rows.iter().rposition(|row| row.count > 0)?;
    let height = block_length(last - first + 1);
    // Scores of the shift alone, freed of what scale and plane take up.
    let rest = sums.normal.fixed_view::<4, 4>(2, 2).into_owned().cholesky()?;
    let taken = rest.solve(&sums.normal.fixed_view::<4, 2>(2, 0).into_owned());
    let blocks: Vec<(Vector2<f64>, Matrix2<f64>)> = rows[first..=last]
        .chunks(height)
        .flat_map(|rows| (0..BLOCKS).map(move |block| (rows, block)))
        .map(|(rows, block)| {
            let score: Vector = rows.iter().map(|row| row.scores[block]).sum();
            let own = score.fixed_rows::<2>(0) - taken.transpose() * score.fixed_rows::<4>(2);
            let change: Matrix2<f64> = rows.iter().map(|row| row.crossed[block]).sum();
            (own, 0.5 * scale * (change + change.transpose()))
        })
        .collect();
    let change: Matrix2<f64> = blocks.iter().map(|(_, change)| change).sum();
    let mut errors = Matrix2::zeros();
    for (score, own) in &blocks {
        // How far the shift goes without this block.
        let step = (change - own).try_inverse()? * score;
        errors += step * step.transpose();
    }
    Some(errors)
}

fn block_length(length: usize) -> usize {
    length.div_ceil(BLOCKS).max(LEAST_BLOCK)
}

/// The sum of squares that a fit of the parameters from `first` on leaves.
fn unexplained(sums: &Sums, first: usize) -> Option<f64> {
    let count = PARAMETERS - first;
    let normal = sums.normal.view((first, first), (count, count)).into_owned();
    let right = sums.right.rows(first, count).into_owned();
    Some(sums.squares - right.dot(&normal.cholesky()?.solve(&right)))
}

fn total(rows: &[Sums]) -> Sums {
    let mut all = Sums::nothing();
    for row in rows {
        all.count += row.count;
        all.normal += row.normal;
        all.right += row.right;
        all.squares += row.squares;
    }
    all
}

/// The sums of each row of the reference that is fitted, at a shift; with their scores where a solution is known. The slopes are those of the
/// image until the scale of the reference's light is known, and then the reference's: those of the image go together with the noise of
/// what is interpolated, and would draw the shift to the middle between two pixels.
fn rows(
    reference: &Layer,
    image: &Surface,
    ([dx, dy], scale): (Point, f64),
    known: Option<&Vector>,
) -> Vec<Sums> {
    let (left, bottom) = (dx.floor(), dy.floor());
    let (along_x, along_y) = (Weights::at(dx - left), Weights::at(dy - bottom));
    let (left, bottom) = (left as i64, bottom as i64);
    let (nx, ny, level) = (reference.nx, reference.ny, reference.level());
    // The columns of the reference whose surroundings in the image, from one before to two after, are inside it.
    let columns = (1 - left).clamp(0, nx as i64)..(image.layer.nx as i64 - 2 - left).clamp(0, nx as i64);
    let width = block_length((columns.end - columns.start) as usize);
    let step = if nx.min(ny) > ALL_FITTED { 2 } else { 1 };
    let row = |y: usize| -> Sums {
        let mut sums = Sums::nothing();
        let v = y as i64 + bottom;
        if v < 1 || v + 2 >= image.layer.ny as i64 {
            return sums;
        }
        let down = (y as f64 - 0.5 * ny as f64) / ny as f64;
        for x in columns.clone().step_by(step) {
            let own = y * nx + x as usize;
            let first = (v - 1) as usize * image.layer.nx + (x + left - 1) as usize;
            if !reference.has_slope(own) || !image.whole[first] {
                continue;
            }
            let (value, slope) = image.at(first, &along_x, &along_y);
            let across = (x as f64 - 0.5 * nx as f64) / nx as f64;
            let of_reference = f64::from(reference.samples[own]) - level;
            let own_slope = reference.slope(own);
            let [u, v] = if scale == 0.0 {
                slope
            } else {
                own_slope.map(|along| scale * along)
            };
            let terms = Vector::from([-u, -v, of_reference, 1.0, across, down]);
            let value = value - image.level;
            sums.count += 1;
            sums.squares += value * value;
            sums.right += terms * value;
            sums.normal += terms * terms.transpose();
            if let Some(solution) = known {
                let block = (x - columns.start) as usize / width;
                sums.scores[block] += terms * (value - terms.dot(solution));
                sums.crossed[block] += Vector2::from(slope) * Vector2::from(own_slope).transpose();
            }
        }
        sums
    };
    (0..ny).into_par_iter().step_by(step).map(row).collect()
}

impl Sums {
    fn nothing() -> Self {
        Self {
            count: 0,
            normal: Matrix::zeros(),
            right: Vector::zeros(),
            squares: 0.0,
            crossed: [Matrix2::zeros(); BLOCKS],
            scores: [Vector::zeros(); BLOCKS],
        }
    }
}

/// What the four samples about a place weigh in its value and in its slope: cubic convolution (Keys 1981, IEEE Trans. Acoust. 29,
/// 1153).
struct Weights {
    value: [f64; 4],
    slope: [f64; 4],
}

impl Weights {
    /// At a fraction of a pixel beyond the second of the four.
    fn at(t: f64) -> Self {
        let (squared, cubed) = (t * t, t * t * t);
        Self {
            value: [
                0.5 * (-t + 2.0 * squared - cubed),
                0.5 * (2.0 - 5.0 * squared + 3.0 * cubed),
                0.5 * (t + 4.0 * squared - 3.0 * cubed),
                0.5 * (cubed - squared),
            ],
            slope: [
                0.5 * (-1.0 + 4.0 * t - 3.0 * squared),
                0.5 * (-10.0 * t + 9.0 * squared),
                0.5 * (1.0 + 8.0 * t - 9.0 * squared),
                0.5 * (3.0 * squared - 2.0 * t),
            ],
        }
    }
}

/// A layer between its samples.
#[derive(Debug)]
pub(super) struct Surface {
    layer: Layer,
    /// Where the four by four samples from here on are all good.
    whole: Vec<bool>,
    level: f64,
}

impl Surface {
    pub(super) fn of(layer: Layer) -> Self {
        let (nx, ny) = (layer.nx, layer.ny);
        let whole = |index: usize| {
            let (x, y) = (index % nx, index / nx);
            x + 4 <= nx && y + 4 <= ny && (y..y + 4).all(|y| layer.good[y * nx + x..][..4] == [true; 4])
        };
        Self {
            whole: (0..nx * ny).into_par_iter().map(whole).collect(),
            level: layer.level(),
            layer,
        }
    }

    /// Value and slopes within the four by four samples from `first` on.
    fn at(&self, first: usize, along_x: &Weights, along_y: &Weights) -> (f64, Point) {
        let (mut value, mut slope) = (0.0, [0.0; 2]);
        for row in 0..4 {
            let samples = &self.layer.samples[first + row * self.layer.nx..][..4];
            let (mut here, mut rises) = (0.0, 0.0);
            for ((sample, value), slope) in samples.iter().zip(along_x.value).zip(along_x.slope) {
                here += value * f64::from(*sample);
                rises += slope * f64::from(*sample);
            }
            value += along_y.value[row] * here;
            slope[0] += along_y.value[row] * rises;
            slope[1] += along_y.slope[row] * here;
        }
        (value, slope)
    }
}
