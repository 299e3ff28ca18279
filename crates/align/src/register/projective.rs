//! The map from the reference's pixels to an image's, from a shift to a homography.

use crate::fit::{FitGeometry, Linear, fit};
use crate::{Error, Point, Result};
use serde::{Deserialize, Serialize};

/// Unknowns of a homography.
const UNKNOWNS: usize = 8;
/// A homography is fitted so many times, the denominators of one fit being the weights of the next.
const ROUNDS: usize = 4;

/// What kind of map is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Geometry {
    /// A shift.
    Translation,
    /// A shift and a rotation.
    Rigid,
    /// A shift, a rotation and one scale.
    #[default]
    Similarity,
    /// A shift, and a rotation and a scale for each axis.
    Affine,
    /// A map that keeps lines straight: affine, and a tilt about either axis.
    Homography,
}

impl Geometry {
    /// Its name, as the options have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Rigid => "rigid",
            Self::Similarity => "similarity",
            Self::Affine => "affine",
            Self::Homography => "homography",
        }
    }

    /// Matches without which it is not determined.
    pub fn least_matches(self) -> usize {
        match self {
            Self::Translation => 1,
            Self::Rigid | Self::Similarity => 2,
            Self::Affine => 3,
            Self::Homography => 4,
        }
    }

    /// What three matched stars can tell of it.
    pub(super) fn of_three(self) -> FitGeometry {
        match self {
            Self::Translation => FitGeometry::Shift,
            Self::Rigid => FitGeometry::Rshift,
            Self::Similarity | Self::Affine | Self::Homography => FitGeometry::Rscale,
        }
    }
}

/// A map of the plane that keeps lines straight: `(u, v, w) = matrix · (x, y, 1)`, and the place is `(u/w, v/w)`.
///
/// `(x, y)` are pixels of the reference, `(u/w, v/w)` those of the image, both 0-based.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Projective {
    /// Rows of the matrix; the last element of the last row is 1.
    pub matrix: [[f64; 3]; 3],
}

/// What a map does, in words that people use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Described {
    /// How far the reference's middle is from there in the image, pixels along x and y.
    pub shift: Point,
    /// By how much the image is turned against the reference, degrees counter-clockwise, from -180 to 180.
    pub rotation: f64,
    /// Pixels of the image for one of the reference.
    pub scale: f64,
    /// Whether the image is a mirror image of the reference.
    pub flipped: bool,
}

impl Projective {
    /// The map that leaves everything in place.
    pub const IDENTITY: Self = Self {
        matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };

    /// A shift.
    pub fn shift([dx, dy]: Point) -> Self {
        Self {
            matrix: [[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]],
        }
    }

    /// A linear map with its centre.
    pub fn of_linear(linear: &Linear) -> Self {
        let m = linear.matrix;
        let at_zero = linear.to_image([0.0, 0.0]);
        Self {
            matrix: [
                [m[0][0], m[1][0], at_zero[0]],
                [m[0][1], m[1][1], at_zero[1]],
                [0.0, 0.0, 1.0],
            ],
        }
    }

    /// Where a pixel of the reference is in the image; NaN on the line that the map sends to infinity.
    pub fn to_image(&self, [x, y]: Point) -> Point {
        let [u, v, w] = self.matrix.map(|row| row[0] * x + row[1] * y + row[2]);
        [u / w, v / w]
    }

    /// What this does to what another map gives.
    pub(crate) fn after(&self, first: &Self) -> Self {
        Self {
            matrix: product(&self.matrix, &first.matrix),
        }
    }

    /// The map back, from the image to the reference; `None` where there is none.
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.matrix;
        let minor =
            |r: [usize; 2], c: [usize; 2]| m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]];
        let others = [[1, 2], [0, 2], [0, 1]];
        let mut inverse = [[0.0; 3]; 3];
        for (row, out) in inverse.iter_mut().enumerate() {
            for (column, out) in out.iter_mut().enumerate() {
                let sign = if (row + column) % 2 == 0 { 1.0 } else { -1.0 };
                *out = sign * minor(others[column], others[row]);
            }
        }
        let corner = inverse[2][2];
        let matrix = inverse.map(|row| row.map(|element| element / corner));
        matrix
            .iter()
            .flatten()
            .all(|element| element.is_finite())
            .then_some(Self { matrix })
    }

    /// Pixels of the image for one of the reference about a place, as an area; negative where the image is flipped.
    pub fn area_about(&self, [x, y]: Point) -> f64 {
        let [[a, b, _], [c, d, _], [e, f, _]] = self.matrix;
        let [u, v] = self.to_image([x, y]);
        let w = e * x + f * y + self.matrix[2][2];
        ((a - u * e) * (d - v * f) - (b - u * f) * (c - v * e)) / (w * w)
    }

    /// What the map does about the middle of a reference of `(ny, nx)` pixels.
    pub fn described(&self, (ny, nx): (usize, usize)) -> Described {
        let middle = [nx as f64 / 2.0 - 0.5, ny as f64 / 2.0 - 0.5];
        let [u, v] = self.to_image(middle);
        let area = self.area_about(middle);
        let along = self.to_image([middle[0] + 0.5, middle[1]]);
        let back = self.to_image([middle[0] - 0.5, middle[1]]);
        Described {
            shift: [u - middle[0], v - middle[1]],
            rotation: (along[1] - back[1]).atan2(along[0] - back[0]).to_degrees(),
            scale: area.abs().sqrt(),
            flipped: area < 0.0,
        }
    }
}

/// Fits matched places by least squares, all alike.
///
/// # Errors
/// [`Error::NotRegistered`] for too few pairs, or places from which the map is not determined.
pub fn fit_projective(image: &[Point], reference: &[Point], geometry: Geometry) -> Result<Projective> {
    fit_weighted(image, reference, &vec![1.0; image.len()], geometry)
}

/// As [`fit_projective`], with the weight of each pair's square.
pub(super) fn fit_weighted(
    image: &[Point],
    reference: &[Point],
    weights: &[f64],
    geometry: Geometry,
) -> Result<Projective> {
    let undetermined = || Error::NotRegistered {
        why: format!(
            "{} matched stars do not determine a map of the kind '{}'; 'translation' needs the fewest",
            image.len(),
            geometry.name()
        ),
    };
    if image.len() != reference.len() || image.len() < geometry.least_matches() {
        return Err(undetermined());
    }
    if geometry == Geometry::Homography {
        return homography(image, reference, weights).ok_or_else(undetermined);
    }
    let kind = match geometry {
        Geometry::Affine => FitGeometry::General,
        other => other.of_three(),
    };
    let centre = mean(reference);
    let fitted = fit(image, reference, Some(weights), kind, centre).map_err(|_| undetermined())?;
    Ok(Projective::of_linear(&fitted.linear))
}

fn mean(points: &[Point]) -> Point {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
}

/// The middle of places, and how far they are from it on average.
fn frame_of(points: &[Point]) -> (Point, f64) {
    let middle = mean(points);
    let away = |point: &Point| (point[0] - middle[0]).hypot(point[1] - middle[1]);
    (middle, points.iter().map(away).sum::<f64>() / points.len() as f64)
}

/// The direct linear transformation on places brought near 1 (Hartley 1997, IEEE PAMI 19, 580), its equations divided
/// by the denominators that the fit before found, so that residuals are distances in the image.
fn homography(image: &[Point], reference: &[Point], weights: &[f64]) -> Option<Projective> {
    let (to, from) = (frame_of(image), frame_of(reference));
    let scaled = |points: &[Point], (middle, size): (Point, f64)| -> Vec<Point> {
        points
            .iter()
            .map(|point| [0, 1].map(|axis| (point[axis] - middle[axis]) / size))
            .collect()
    };
    let (image, reference) = (scaled(image, to), scaled(reference, from));
    let mut h = [0.0; UNKNOWNS];
    for _ in 0..ROUNDS {
        let mut normal = [[0.0; UNKNOWNS + 1]; UNKNOWNS];
        for (([u, v], [x, y]), weight) in image.iter().zip(&reference).zip(weights) {
            let w = h[6] * x + h[7] * y + 1.0;
            let weight = weight / (w * w);
            let rows = [
                ([*x, *y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], u),
                ([0.0, 0.0, 0.0, *x, *y, 1.0, -v * x, -v * y], v),
            ];
            for (row, right) in rows {
                for i in 0..UNKNOWNS {
                    for j in 0..UNKNOWNS {
                        normal[i][j] += weight * row[i] * row[j];
                    }
                    normal[i][UNKNOWNS] += weight * row[i] * right;
                }
            }
        }
        h = solve(normal)?;
    }
    let inner = [[h[0], h[1], h[2]], [h[3], h[4], h[5]], [h[6], h[7], 1.0]];
    let (to, size) = to;
    let outer = [[size, 0.0, to[0]], [0.0, size, to[1]], [0.0, 0.0, 1.0]];
    let (from, size) = from;
    let first = [
        [1.0 / size, 0.0, -from[0] / size],
        [0.0, 1.0 / size, -from[1] / size],
        [0.0, 0.0, 1.0],
    ];
    let matrix = product(&product(&outer, &inner), &first);
    let corner = matrix[2][2];
    let matrix = matrix.map(|row| row.map(|element| element / corner));
    matrix
        .iter()
        .flatten()
        .all(|element| element.is_finite())
        .then_some(Projective { matrix })
}

fn product(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum()))
}

/// Gauss's elimination with the largest pivot of each column.
fn solve(mut rows: [[f64; UNKNOWNS + 1]; UNKNOWNS]) -> Option<[f64; UNKNOWNS]> {
    let largest = rows
        .iter()
        .flatten()
        .fold(0.0_f64, |largest, element| largest.max(element.abs()));
    for column in 0..UNKNOWNS {
        let pivot =
            (column..UNKNOWNS).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        rows.swap(column, pivot);
        let head = rows[column];
        if head[column].abs() <= 1e-13 * largest {
            return None;
        }
        for row in rows.iter_mut().skip(column + 1) {
            let factor = row[column] / head[column];
            row.iter_mut()
                .zip(&head)
                .for_each(|(element, above)| *element -= factor * above);
        }
    }
    let mut solution = [0.0; UNKNOWNS];
    for row in (0..UNKNOWNS).rev() {
        let known: f64 = (row + 1..UNKNOWNS)
            .map(|column| rows[row][column] * solution[column])
            .sum();
        solution[row] = (rows[row][UNKNOWNS] - known) / rows[row][row];
    }
    solution
        .iter()
        .all(|element| element.is_finite())
        .then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Vec<Point> {
        (0..30)
            .map(|n| [f64::from(n % 6) * 100.0 + f64::from(n), f64::from(n / 6) * 90.0])
            .collect()
    }

    fn close(a: Point, b: Point) -> bool {
        (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-8
    }

    #[test]
    fn every_kind_finds_the_map_that_was_put_in() {
        let maps = [
            (
                Geometry::Translation,
                [[1.0, 0.0, 13.5], [0.0, 1.0, -7.25], [0.0, 0.0, 1.0]],
            ),
            (
                Geometry::Rigid,
                [[0.8, -0.6, 13.5], [0.6, 0.8, -7.25], [0.0, 0.0, 1.0]],
            ),
            (
                Geometry::Similarity,
                [[1.6, 1.2, 13.5], [1.2, -1.6, -7.25], [0.0, 0.0, 1.0]],
            ),
            (
                Geometry::Affine,
                [[1.1, 0.2, 13.5], [-0.1, 0.9, -7.25], [0.0, 0.0, 1.0]],
            ),
            (
                Geometry::Homography,
                [[1.1, 0.2, 13.5], [-0.1, 0.9, -7.25], [1e-4, -2e-4, 1.0]],
            ),
        ];
        for (geometry, matrix) in maps {
            let map = Projective { matrix };
            let image: Vec<Point> = grid().into_iter().map(|place| map.to_image(place)).collect();
            let found = fit_projective(&image, &grid(), geometry).unwrap();
            let back = found.inverse().unwrap();
            for (image, reference) in image.iter().zip(grid()) {
                assert!(close(found.to_image(reference), *image), "{geometry:?}");
                assert!(close(back.to_image(*image), reference), "{geometry:?}");
            }
        }
    }

    #[test]
    fn a_map_is_described() {
        let map = Projective {
            matrix: [[1.6, -1.2, 5.0], [1.2, 1.6, 6.0], [0.0, 0.0, 1.0]],
        };
        let described = map.described((1, 1));
        assert!(close(described.shift, [5.0, 6.0]) && !described.flipped);
        assert!(
            (described.scale - 2.0).abs() < 1e-12
                && (described.rotation - 36.869_897_645_844_02).abs() < 1e-9
        );
        let mirror = Projective {
            matrix: [[-1.0, 0.0, 99.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        assert!(mirror.described((100, 100)).flipped);
    }

    #[test]
    fn too_few_stars_or_all_in_a_line_are_refused() {
        let line: Vec<Point> = (0..9).map(|n| [f64::from(n), 2.0 * f64::from(n)]).collect();
        for (geometry, points) in [
            (Geometry::Affine, &line[..]),
            (Geometry::Homography, &line[..]),
            (Geometry::Homography, &grid()[..3]),
            (Geometry::Similarity, &line[..1]),
            (Geometry::Translation, &[]),
        ] {
            assert!(fit_projective(points, points, geometry).is_err(), "{geometry:?}");
        }
    }
}
