//! The coordinate system that fits the stars best.

use super::search::{FirstGuess, near, plane};
use super::{OnSky, Plate, PlateOptions};
use crate::matching::Pair;
use crate::register::{Near, Star, exact};
use crate::{Error, Point, Result};
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

/// Rounds of matching and fitting.
const ROUNDS: usize = 12;
/// Stars farther from their places than so many times the scatter are left out.
const CLIP: f64 = 3.0;
/// Least scatter that is believed, pixels.
const LEAST_SCATTER: f64 = 0.02;
/// Stars for each coefficient.
const STARS_FOR_ONE: usize = 3;
/// The distortion's inverse is fitted to so many points along each side of the frame, one order higher.
const GRID: usize = 24;
/// Stars are looked for within so much of the half diagonal about the middle.
const REACH: f64 = 1.3;

/// A polynomial in pixels from the reference pixel: powers of x and y, and coefficients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Polynomial(pub Vec<(usize, usize, f64)>);

/// What pixels are off, and the way back, as SIP has them: `u + A(u, v)` and `v + B(u, v)` are undistorted, `U + AP(U, V)` and
/// `V + BP(U, V)` those of the frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distortion {
    /// Order of A and B.
    pub order: usize,
    /// Of x.
    pub a: Polynomial,
    /// Of y.
    pub b: Polynomial,
    /// Order of AP and BP.
    pub inverse_order: usize,
    /// The inverse of x.
    pub ap: Polynomial,
    /// The inverse of y.
    pub bp: Polynomial,
    /// Largest error of the inverse within the frame, pixels.
    pub inverse_error: f64,
}

impl Polynomial {
    /// Its value.
    pub fn at(&self, [u, v]: Point) -> f64 {
        let term = |&(p, q, c): &(usize, usize, f64)| c * u.powi(p as i32) * v.powi(q as i32);
        self.0.iter().map(term).sum()
    }
}

/// From pixels about the middle to the plane, in degrees.
struct Model {
    order: usize,
    /// East and north.
    axes: [Polynomial; 2],
}

impl Model {
    fn at(&self, place: Point) -> Point {
        [self.axes[0].at(place), self.axes[1].at(place)]
    }
}

/// Matches all stars with the catalogue and fits, the plane moving until it touches the sky at the frame's middle.
pub(super) fn refine(
    stars: &[Star],
    catalogue: &OnSky<'_>,
    (ny, nx): (usize, usize),
    found: FirstGuess,
    options: &PlateOptions,
) -> Result<Plate> {
    let undetermined = || Error::NotRegistered {
        why: "the map that triangles gave has no inverse".to_owned(),
    };
    let middle = [0.5 * (nx as f64 - 1.0), 0.5 * (ny as f64 - 1.0)];
    let half = 0.5 * (nx as f64).hypot(ny as f64);
    let about: Vec<Point> = stars
        .iter()
        .map(|star| [star.position[0] - middle[0], star.position[1] - middle[1]])
        .collect();
    let usable: Vec<usize> = usable(stars, options.min_matches);
    let back = found.map.inverse().ok_or_else(undetermined)?;
    let mut model = of_map(|[u, v]| back.to_image([u + middle[0], v + middle[1]]));
    let mut tangent = found.tangent;
    let mut scatter = options.tolerance / CLIP;
    let mut pairs: Vec<Pair> = Vec::new();
    for _ in 0..ROUNDS {
        let scale = scale_of(&model);
        // The plane goes along to the middle of the frame.
        let [east, north] = model.at([0.0, 0.0]);
        let (ra, dec) = plane(tangent)?.pixel_to_sky(east, north);
        let moved = [ra, dec];
        let mut on_plane = near(catalogue, moved, REACH * half * scale)?;
        on_plane.sort_by_key(|(n, ..)| *n);
        let places: Vec<Point> = on_plane.iter().map(|(_, place, _)| *place).collect();
        let shifted = shifted(&model, tangent, moved)?;
        let limit = (CLIP * scatter.max(LEAST_SCATTER)).min(options.tolerance);
        let matched = matched(&about, &usable, &places, (&shifted, limit * scale));
        if matched.len() < options.min_matches {
            return Err(Error::NotRegistered {
                why: format!(
                    "{} stars remain within {limit:.2} pixels of their places, {} are needed",
                    matched.len(),
                    options.min_matches
                ),
            });
        }
        let order = (1..=options.sip_order)
            .rev()
            .find(|order| STARS_FOR_ONE * terms(*order).len() <= matched.len())
            .unwrap_or(1);
        let from: Vec<Point> = matched.iter().map(|&(star, _)| about[star]).collect();
        let to: Vec<Point> = matched.iter().map(|&(_, place)| places[place]).collect();
        model = fitted(&from, &to, order, half).ok_or_else(undetermined)?;
        let squares = from.iter().zip(&to).map(|(from, to)| {
            let at = model.at(*from);
            (at[0] - to[0]).powi(2) + (at[1] - to[1]).powi(2)
        });
        scatter = (squares.sum::<f64>() / from.len() as f64).sqrt() / scale_of(&model);
        let now: Vec<Pair> = matched
            .iter()
            .map(|&(image, place)| Pair {
                image,
                reference: on_plane[place].0,
            })
            .collect();
        let [east, north] = model.at([0.0, 0.0]);
        let at_rest = now == pairs && east.hypot(north) < 1e-12;
        (tangent, pairs) = (moved, now);
        if at_rest {
            break;
        }
    }
    made((model, tangent), (pairs, scatter), (middle, (ny, nx)))
}

/// Stars whose positions can be trusted, where there are enough.
fn usable(stars: &[Star], least: usize) -> Vec<usize> {
    let finite = |n: &usize| stars[*n].position.iter().all(|c| c.is_finite());
    let all: Vec<usize> = (0..stars.len()).filter(finite).collect();
    exact(stars, &all, least)
}

/// Stars with the places nearest to where the model puts them, each place once.
fn matched(
    about: &[Point],
    usable: &[usize],
    places: &[Point],
    (model, limit): (&Model, f64),
) -> Vec<(usize, usize)> {
    let near = Near::new(places, limit);
    let mut found: Vec<(usize, f64, usize)> = usable
        .iter()
        .filter_map(|&star| {
            let (place, distance) = near.nearest(model.at(about[star]), limit)?;
            Some((place, distance, star))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    found.dedup_by_key(|(place, ..)| *place);
    let mut pairs: Vec<(usize, usize)> = found.into_iter().map(|(place, _, star)| (star, place)).collect();
    pairs.sort_unstable();
    pairs
}

/// The model of a map that keeps lines straight, by its values about the middle.
fn of_map(map: impl Fn(Point) -> Point) -> Model {
    let origin = map([0.0, 0.0]);
    let (along_x, along_y) = (map([1.0, 0.0]), map([0.0, 1.0]));
    let axis = |n: usize| {
        Polynomial(vec![
            (0, 0, origin[n]),
            (1, 0, along_x[n] - origin[n]),
            (0, 1, along_y[n] - origin[n]),
        ])
    };
    Model {
        order: 1,
        axes: [axis(0), axis(1)],
    }
}

/// The model in the plane that touches the sky elsewhere; linear, which is near enough to match stars by.
fn shifted(model: &Model, from: Point, to: Point) -> Result<Model> {
    let (from, to) = (plane(from)?, plane(to)?);
    let mut shifted = Model {
        order: model.order,
        axes: model.axes.clone(),
    };
    let [east, north] = model.at([0.0, 0.0]);
    let (ra, dec) = from.pixel_to_sky(east, north);
    let (new_east, new_north) = to.sky_to_pixel(ra, dec)?;
    for (axis, change) in shifted.axes.iter_mut().zip([new_east - east, new_north - north]) {
        for (p, q, c) in &mut axis.0 {
            if *p + *q == 0 {
                *c += change;
            }
        }
    }
    Ok(shifted)
}

fn coefficient(polynomial: &Polynomial, p: usize, q: usize) -> f64 {
    let found = polynomial.0.iter().find(|term| (term.0, term.1) == (p, q));
    found.map_or(0.0, |term| term.2)
}

fn matrix(model: &Model) -> [[f64; 2]; 2] {
    [0, 1].map(|axis| [(1, 0), (0, 1)].map(|(p, q)| coefficient(&model.axes[axis], p, q)))
}

/// Degrees a pixel.
fn scale_of(model: &Model) -> f64 {
    let [[a, b], [c, d]] = matrix(model);
    (a * d - b * c).abs().sqrt()
}

/// Powers of x and y up to an order.
fn terms(order: usize) -> Vec<(usize, usize)> {
    (0..=order)
        .flat_map(|sum| (0..=sum).map(move |q| (sum - q, q)))
        .collect()
}

/// Least squares, with pixels in units of the half diagonal so that powers are of one size.
fn fitted(from: &[Point], to: &[Point], order: usize, half: f64) -> Option<Model> {
    let axes = least_squares(from, &terms(order), half, to)?;
    Some(Model { order, axes })
}

fn least_squares(
    from: &[Point],
    terms: &[(usize, usize)],
    half: f64,
    to: &[Point],
) -> Option<[Polynomial; 2]> {
    let power = |point: &Point, (p, q): (usize, usize)| {
        (point[0] / half).powi(p as i32) * (point[1] / half).powi(q as i32)
    };
    let design = DMatrix::from_fn(from.len(), terms.len(), |row, column| {
        power(&from[row], terms[column])
    });
    let decomposed = design.svd(true, true);
    if decomposed.rank(1e-10 * decomposed.singular_values.max()) < terms.len() {
        return None;
    }
    let solve = |axis: usize| {
        let right = DVector::from_iterator(to.len(), to.iter().map(|point| point[axis]));
        let solution = decomposed.solve(&right, 0.0).ok()?;
        let scaled = terms
            .iter()
            .zip(solution.iter())
            .map(|(&(p, q), c)| (p, q, c / half.powi((p + q) as i32)));
        Some(Polynomial(scaled.collect()))
    };
    Some([solve(0)?, solve(1)?])
}

/// The model in the terms of headers.
fn made(
    (model, tangent): (Model, Point),
    (pairs, scatter): (Vec<Pair>, f64),
    (middle, (ny, nx)): (Point, (usize, usize)),
) -> Result<Plate> {
    let cd = matrix(&model);
    let [[a, b], [c, d]] = cd;
    let determinant = a * d - b * c;
    let distortion = match model.order {
        0 | 1 => None,
        order => {
            let higher: Vec<(usize, usize)> = terms(order).into_iter().filter(|(p, q)| p + q > 1).collect();
            let undistorted = |row: [f64; 2]| {
                let term = |&(p, q): &(usize, usize)| {
                    let east = coefficient(&model.axes[0], p, q);
                    let north = coefficient(&model.axes[1], p, q);
                    (p, q, (row[0] * east + row[1] * north) / determinant)
                };
                Polynomial(higher.iter().map(term).collect())
            };
            let (x, y) = (undistorted([d, -b]), undistorted([-c, a]));
            Some(with_inverse(order, x, y, (ny, nx))?)
        }
    };
    let scale = scale_of(&model);
    Ok(Plate {
        crval: tangent,
        crpix: middle,
        cd,
        distortion,
        order: model.order,
        pairs,
        rms_arcsec: 3600.0 * scale * scatter,
        rms_pixels: scatter,
    })
}

/// The distortion with the polynomials that lead back, fitted to a grid over the frame.
fn with_inverse(order: usize, a: Polynomial, b: Polynomial, (ny, nx): (usize, usize)) -> Result<Distortion> {
    let half = 0.5 * (nx as f64).hypot(ny as f64);
    let along = |n: usize, size: usize| (n as f64 / (GRID - 1) as f64 - 0.5) * size as f64;
    let grid: Vec<Point> = (0..GRID * GRID)
        .map(|n| [along(n % GRID, nx), along(n / GRID, ny)])
        .collect();
    let undistorted: Vec<Point> = grid
        .iter()
        .map(|&[u, v]| [u + a.at([u, v]), v + b.at([u, v])])
        .collect();
    let off: Vec<Point> = grid
        .iter()
        .zip(&undistorted)
        .map(|(frame, flat)| [frame[0] - flat[0], frame[1] - flat[1]])
        .collect();
    let inverse_order = order + 1;
    let fitted = least_squares(&undistorted, &terms(inverse_order), half, &off);
    let [ap, bp] = fitted.ok_or_else(|| Error::NotRegistered {
        why: "the distortion has no inverse".to_owned(),
    })?;
    let inverse_error = undistorted
        .iter()
        .zip(&off)
        .map(|(flat, off)| (ap.at(*flat) - off[0]).hypot(bp.at(*flat) - off[1]))
        .fold(0.0, f64::max);
    Ok(Distortion {
        order,
        a,
        b,
        inverse_order,
        ap,
        bp,
        inverse_error,
    })
}
