//! Shift, rotation and scale between two lists of matched positions.

use crate::{Error, Point, Result};
use serde::{Deserialize, Serialize};

/// What is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum FitGeometry {
    /// A shift.
    Shift,
    /// A shift and a rotation.
    Rshift,
    /// A shift, a rotation and one scale.
    #[default]
    Rscale,
    /// A shift, and a rotation and a scale for each axis.
    General,
}

impl FitGeometry {
    /// TweakReg's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Rshift => "rshift",
            Self::Rscale => "rscale",
            Self::General => "general",
        }
    }

    fn least_matches(self) -> usize {
        match self {
            Self::Shift => 1,
            Self::Rshift | Self::Rscale => 2,
            Self::General => 3,
        }
    }
}

/// A linear map from the reference to the image: `image − centre = (reference − centre) · matrix + offset`,
/// positions being rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Linear {
    /// The matrix that rows are multiplied by.
    pub matrix: [[f64; 2]; 2],
    /// The shift, pixels.
    pub offset: Point,
    /// The point that rotation and scale leave where it is.
    pub centre: Point,
}

impl Linear {
    /// A rotation by `degrees`, counted as [`LinearFit::rot`], with a shift.
    pub fn rotation(degrees: f64, offset: Point, centre: Point) -> Self {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        Self {
            matrix: [[cosine, -sine], [sine, cosine]],
            offset,
            centre,
        }
    }

    /// Where a position of the reference is in the image.
    pub fn to_image(&self, reference: Point) -> Point {
        let [x, y] = [reference[0] - self.centre[0], reference[1] - self.centre[1]];
        let m = self.matrix;
        [
            x * m[0][0] + y * m[1][0] + self.offset[0] + self.centre[0],
            x * m[0][1] + y * m[1][1] + self.offset[1] + self.centre[1],
        ]
    }

    /// Where a position of the image is in the reference; NaN where the matrix has no inverse.
    pub fn to_reference(&self, image: Point) -> Point {
        let x = image[0] - self.centre[0] - self.offset[0];
        let y = image[1] - self.centre[1] - self.offset[1];
        let [[a, b], [c, d]] = self.matrix;
        let determinant = a * d - b * c;
        [
            (x * d - y * c) / determinant + self.centre[0],
            (y * a - x * b) / determinant + self.centre[1],
        ]
    }
}

/// A fitted map, what it means, and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LinearFit {
    /// What was fitted.
    pub geometry: FitGeometry,
    /// The map.
    pub linear: Linear,
    /// Rotation, degrees from 0 to 360; with `general`, of the proper rotation that is nearest.
    pub rot: f64,
    /// Rotations of the two axes, degrees.
    pub rotxy: [f64; 2],
    /// The difference of these, degrees.
    pub skew: f64,
    /// Mean scale, and those of the two axes.
    pub scale: [f64; 3],
    /// Whether the map is free of a reflection.
    pub proper: bool,
    /// Standard deviations of the residuals along x and y, pixels.
    pub rms: Point,
    /// Root of the mean square of the residuals' lengths, pixels.
    pub rmse: f64,
    /// Mean of the residuals' lengths, pixels.
    pub mae: f64,
    /// Sources that were fitted.
    pub matches: usize,
}

/// Fits matched positions by least squares; `weights`, where given, one for each pair.
///
/// # Errors
/// [`Error::ColumnLength`]; [`Error::Degenerate`] for too few pairs, or where the positions are all in one
/// point (for `general`, in one line).
pub fn fit(
    image: &[Point],
    reference: &[Point],
    weights: Option<&[f64]>,
    geometry: FitGeometry,
    centre: Point,
) -> Result<LinearFit> {
    let lengths = [
        ("the reference", reference.len()),
        ("weights", weights.map_or(image.len(), <[f64]>::len)),
    ];
    if let Some((column, found)) = lengths.into_iter().find(|(_, found)| *found != image.len()) {
        return Err(Error::ColumnLength {
            what: "matched sources".to_owned(),
            column,
            expected: image.len(),
            found,
        });
    }
    let degenerate = || Error::Degenerate {
        matches: image.len(),
        geometry: geometry.name(),
    };
    if image.len() < geometry.least_matches() {
        return Err(degenerate());
    }
    let weight = |index: usize| weights.map_or(1.0, |weights| weights[index]);
    let sums = Sums::of(image, reference, weight, centre);
    let matrix = sums.matrix(geometry);
    let offset = [0, 1].map(|axis| {
        let from = sums.reference[0] * matrix[0][axis] + sums.reference[1] * matrix[1][axis];
        sums.image[axis] - from
    });
    let determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0];
    if !offset.iter().all(|c| c.is_finite()) || !determinant.is_finite() || determinant == 0.0 {
        return Err(degenerate());
    }
    let linear = Linear {
        matrix,
        offset,
        centre,
    };
    Ok(described(geometry, linear, image, reference, weight))
}

/// Means of both lists about the centre, and products of deviations from these.
struct Sums {
    image: Point,
    reference: Point,
    /// `[i][j]`: reference axis `i` with reference axis `j`.
    squares: [[f64; 2]; 2],
    /// `[i][j]`: reference axis `i` with image axis `j`.
    products: [[f64; 2]; 2],
}

impl Sums {
    fn of(image: &[Point], reference: &[Point], weight: impl Fn(usize) -> f64, centre: Point) -> Self {
        let total: f64 = (0..image.len()).map(&weight).sum();
        let mean = |points: &[Point]| {
            [0, 1].map(|axis| {
                let sum = |(index, point): (usize, &Point)| weight(index) * (point[axis] - centre[axis]);
                points.iter().enumerate().map(sum).sum::<f64>() / total
            })
        };
        let mut sums = Self {
            image: mean(image),
            reference: mean(reference),
            squares: [[0.0; 2]; 2],
            products: [[0.0; 2]; 2],
        };
        for (index, (image, reference)) in image.iter().zip(reference).enumerate() {
            let from_mean =
                |point: &Point, mean: Point| [0, 1].map(|axis| point[axis] - centre[axis] - mean[axis]);
            let (u, x) = (from_mean(image, sums.image), from_mean(reference, sums.reference));
            for i in 0..2 {
                for j in 0..2 {
                    sums.squares[i][j] += weight(index) * x[i] * x[j];
                    sums.products[i][j] += weight(index) * x[i] * u[j];
                }
            }
        }
        sums
    }

    fn matrix(&self, geometry: FitGeometry) -> [[f64; 2]; 2] {
        match geometry {
            FitGeometry::Shift => [[1.0, 0.0], [0.0, 1.0]],
            FitGeometry::Rshift => self.rotated(false),
            FitGeometry::Rscale => self.rotated(true),
            FitGeometry::General => self.general(),
        }
    }

    /// Rotation, with a reflection where that fits better, and where `scaled` one scale.
    fn rotated(&self, scaled: bool) -> [[f64; 2]; 2] {
        let [[xu, xv], [yu, yv]] = self.products;
        let reflected = xu * yv < yu * xv;
        let (sine, cosine) = if reflected {
            (yu + xv, xu - yv)
        } else {
            (yu - xv, xu + yv)
        };
        let length = sine.hypot(cosine);
        let scale = if scaled {
            length / (self.squares[0][0] + self.squares[1][1])
        } else {
            1.0
        };
        let (sine, cosine) = (scale * sine / length, scale * cosine / length);
        let side = if reflected { -1.0 } else { 1.0 };
        [[cosine, -side * sine], [sine, side * cosine]]
    }

    fn general(&self) -> [[f64; 2]; 2] {
        let [[xx, xy], [_, yy]] = self.squares;
        let determinant = xx * yy - xy * xy;
        if determinant <= 1e-14 * xx * yy {
            return [[f64::NAN; 2]; 2];
        }
        let [along_x, along_y] = self.products;
        [
            [0, 1].map(|axis| (yy * along_x[axis] - xy * along_y[axis]) / determinant),
            [0, 1].map(|axis| (xx * along_y[axis] - xy * along_x[axis]) / determinant),
        ]
    }
}

fn described(
    geometry: FitGeometry,
    linear: Linear,
    image: &[Point],
    reference: &[Point],
    weight: impl Fn(usize) -> f64,
) -> LinearFit {
    let m = linear.matrix;
    let determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    let side = determinant.signum();
    let mean = determinant.abs().sqrt();
    let scale = match geometry {
        FitGeometry::Shift => [1.0; 3],
        FitGeometry::General => [mean, m[0][0].hypot(m[0][1]), m[1][0].hypot(m[1][1])],
        _ => [mean; 3],
    };
    let w = [m[0].map(|c| c / scale[1]), m[1].map(|c| c / scale[2])];
    let angle = |y: f64, x: f64| y.atan2(x).to_degrees().rem_euclid(360.0);
    let rot = angle(w[1][0] - side * w[0][1], w[0][0] + side * w[1][1]);
    let rotxy = if side > 0.0 && geometry != FitGeometry::General {
        [rot; 2]
    } else {
        [angle(-w[0][1], w[0][0]), angle(w[1][0], w[1][1])]
    };
    let residuals: Vec<Point> = image
        .iter()
        .zip(reference)
        .map(|(u, x)| residual(&linear, *u, *x))
        .collect();
    let total: f64 = (0..image.len()).map(&weight).sum();
    let average = |of: &dyn Fn(&Point) -> f64| {
        residuals
            .iter()
            .enumerate()
            .map(|(index, r)| weight(index) * of(r))
            .sum::<f64>()
            / total
    };
    let means = [average(&|r| r[0]), average(&|r| r[1])];
    LinearFit {
        geometry,
        linear,
        rot,
        rotxy,
        skew: rotxy[1] - rotxy[0],
        scale,
        proper: side >= 0.0,
        rms: [0, 1].map(|axis| average(&|r| (r[axis] - means[axis]).powi(2)).sqrt()),
        rmse: average(&|r| r[0] * r[0] + r[1] * r[1]).sqrt(),
        mae: average(&|r| r[0].hypot(r[1])),
        matches: image.len(),
    }
}

/// How far a source of the image is from where the map puts its reference.
pub fn residual(linear: &Linear, image: Point, reference: Point) -> Point {
    let expected = linear.to_image(reference);
    [image[0] - expected[0], image[1] - expected[1]]
}

/// A fit whose outliers were left out, and which pairs remained.
#[derive(Debug, Clone, PartialEq)]
pub struct ClippedFit {
    /// The last fit.
    pub fit: LinearFit,
    /// Indices of the pairs that it is of.
    pub kept: Vec<usize>,
}

/// Fits, leaves out pairs whose residual along x or y is not within `sigma` standard deviations, and fits
/// again, `nclip` times at most.
///
/// The standard deviation is enlarged as TweakReg does, by the number of pairs at first over one less than
/// that of the fit before; a clip that would leave two pairs or fewer is not made.
///
/// # Errors
/// As [`fit`].
pub fn fit_clipped(
    image: &[Point],
    reference: &[Point],
    geometry: FitGeometry,
    centre: Point,
    nclip: usize,
    sigma: f64,
) -> Result<ClippedFit> {
    let mut kept: Vec<usize> = (0..image.len()).collect();
    let mut current = fit(image, reference, None, geometry, centre)?;
    let clips = if image.len() < nclip { 0 } else { nclip };
    let mut before = image.len();
    for _ in 0..clips {
        let enlarged = image.len() as f64 / (before as f64 - 1.0);
        let limit = current.rms.map(|rms| sigma * rms * enlarged);
        before = kept.len();
        let inside: Vec<usize> = kept
            .iter()
            .copied()
            .filter(|&index| {
                let r = residual(&current.linear, image[index], reference[index]);
                r[0].abs() < limit[0] && r[1].abs() < limit[1]
            })
            .collect();
        if inside.len() <= 2 {
            break;
        }
        kept = inside;
        let chosen = |points: &[Point]| kept.iter().map(|&index| points[index]).collect::<Vec<_>>();
        current = fit(&chosen(image), &chosen(reference), None, geometry, centre)?;
    }
    Ok(ClippedFit { fit: current, kept })
}
