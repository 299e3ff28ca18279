//! A map fitted to all stars that it brings together.

use super::near::Near;
use super::projective::{Projective, fit_weighted};
use super::{RegisterOptions, Registration, Star};
use crate::matching::Pair;
use crate::{Error, Point, Result};

/// Stars further from their place than so many times the scatter are left out of the fit.
pub(super) const CLIP_SIGMA: f64 = 3.0;
/// The map is fitted at most so often.
const ROUNDS: usize = 10;
/// Stars are taken to scatter by at least this along either axis, pixels: nothing is clipped from stars that are all in
/// place, and none that is bright beyond measure rules the fit.
const LEAST_SCATTER: f64 = 0.01;
/// How often the range of the common scatter is halved.
const HALVINGS: usize = 50;

/// A star of the reference, and the one of the image that is nearest to its place.
struct Matched {
    pair: Pair,
    distance: f64,
    /// Variance along either axis that is expected of both stars' brightness, square pixels of the image.
    expected: f64,
}

/// Matches all stars by the map, fits it to those that are exact, and so on until the same stars are fitted again.
///
/// The weight of a pair is one over the variance expected of it plus one that all have in common, by which the residuals are
/// as large as they are.
pub(super) fn refine(
    (image, image_order): (&[Star], &[usize]),
    (reference, reference_order): (&[Star], &[usize]),
    start: Projective,
    options: &RegisterOptions,
) -> Result<Registration> {
    let least = options.min_matches.max(options.geometry.least_matches());
    let image_order = exact(image, image_order, options.min_matches);
    let reference_order = exact(reference, reference_order, options.min_matches);
    let places: Vec<Point> = image_order.iter().map(|&index| image[index].position).collect();
    let near = Near::new(&places, options.tolerance);
    let matched = |map: &Projective, common: f64| -> Vec<Matched> {
        let of = |&index: &usize| {
            let star = &reference[index];
            let (found, distance) = near.nearest(map.to_image(star.position), options.tolerance)?;
            let pair = Pair {
                image: image_order[found],
                reference: index,
            };
            let enlarged = map.area_about(star.position).abs() * star.sigma * star.sigma;
            let expected = image[pair.image].sigma.powi(2) + enlarged;
            let limit = CLIP_SIGMA * (2.0 * (expected + common)).sqrt();
            (distance <= limit).then_some(Matched {
                pair,
                distance,
                expected,
            })
        };
        one_each(reference_order.iter().filter_map(of).collect())
    };
    let (mut map, mut common) = (start, options.tolerance.powi(2));
    let mut pairs: Vec<Pair> = Vec::new();
    let mut rms = 0.0;
    for _ in 0..ROUNDS {
        let now = matched(&map, common);
        if now.len() < least {
            return Err(Error::NotRegistered {
                why: format!(
                    "{} stars remain within {:.2} pixels of the map fitted, {least} are needed",
                    now.len(),
                    (CLIP_SIGMA * (2.0 * common).sqrt()).min(options.tolerance)
                ),
            });
        }
        let u: Vec<Point> = now.iter().map(|m| image[m.pair.image].position).collect();
        let x: Vec<Point> = now.iter().map(|m| reference[m.pair.reference].position).collect();
        let expected: Vec<f64> = now.iter().map(|m| m.expected).collect();
        let freedom = (2 * now.len())
            .saturating_sub(2 * options.geometry.least_matches())
            .max(1);
        let squares: Vec<f64> = now.iter().map(|m| m.distance * m.distance).collect();
        common = common_variance(&squares, &expected, freedom as f64);
        let weights: Vec<f64> = expected
            .iter()
            .map(|expected| 1.0 / (expected + common))
            .collect();
        map = fit_weighted(&u, &x, &weights, options.geometry)?;
        let squares: Vec<f64> = u
            .iter()
            .zip(&x)
            .map(|(u, x)| square(*u, map.to_image(*x)))
            .collect();
        common = common_variance(&squares, &expected, freedom as f64);
        rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
        let matched: Vec<Pair> = now.into_iter().map(|m| m.pair).collect();
        let same = matched == pairs;
        pairs = matched;
        if same {
            break;
        }
    }
    Ok(Registration { map, pairs, rms })
}

/// The stars whose places can be trusted, or all where these are too few.
pub(crate) fn exact(stars: &[Star], order: &[usize], least: usize) -> Vec<usize> {
    let exact: Vec<usize> = order
        .iter()
        .copied()
        .filter(|&index| stars[index].exact)
        .collect();
    if exact.len() < least {
        order.to_vec()
    } else {
        exact
    }
}

/// Leaves each star of the image to the nearest of the reference.
fn one_each(mut matched: Vec<Matched>) -> Vec<Matched> {
    matched.sort_by(|a, b| {
        a.pair
            .image
            .cmp(&b.pair.image)
            .then(a.distance.total_cmp(&b.distance))
            .then(a.pair.reference.cmp(&b.pair.reference))
    });
    matched.dedup_by_key(|matched| matched.pair.image);
    matched
}

fn square(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// The variance which, added to those expected, makes the squares of distances as large as they are: chi square comes to its
/// degrees of freedom.
fn common_variance(squares: &[f64], expected: &[f64], freedom: f64) -> f64 {
    let excess = |common: f64| {
        let terms = squares
            .iter()
            .zip(expected)
            .map(|(square, expected)| square / (expected + common));
        terms.sum::<f64>() > freedom
    };
    let mut low = LEAST_SCATTER * LEAST_SCATTER;
    if !excess(low) {
        return low;
    }
    let mut high = low + squares.iter().sum::<f64>() / freedom;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if excess(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
