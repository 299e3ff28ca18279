//! Which of many maps puts most stars of one list on stars of the other, and whether that can be chance.

use super::near::Near;
use super::projective::{Geometry, Projective};
use super::triangles::Alike;
use crate::Point;
use crate::fit::fit;

/// A map found from a triangle, with the number of stars that agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub map: Projective,
    /// Stars of the image on which the map puts a star of the reference.
    pub agree: usize,
    /// How many stars the map puts inside the image.
    pub inside: usize,
    /// How many maps as good as this one are expected among those tried, from lists that have nothing in common.
    pub by_chance: f64,
}

/// When a map is as good as it can be, and the search may end.
const SURE: f64 = 1e-12;

/// The map for which most stars agree; of equal ones, the first of `alike`.
///
/// `tolerance` in pixels of the image; `scales` are the least and the greatest scale.
pub(super) fn consensus(
    (image, reference): (&[Point], &[Point]),
    alike: &[Alike],
    (geometry, tolerance): (Geometry, f64),
    (least_scale, most_scale): (f64, f64),
) -> Option<Candidate> {
    let near = Near::new(image, tolerance);
    let field = Field::of(image, tolerance);
    let mut best: Option<Candidate> = None;
    for pair in alike {
        let corners = |points: &[Point], of: [usize; 3]| of.map(|index| points[index]);
        let (u, x) = (corners(image, pair.image), corners(reference, pair.reference));
        let Ok(fitted) = fit(&u, &x, None, geometry.of_three(), x[0]) else {
            continue;
        };
        // A shift or a rotation alone fits a turned or an enlarged triangle badly.
        if fitted.rmse > tolerance || fitted.scale[0] < least_scale || fitted.scale[0] > most_scale {
            continue;
        }
        let map = Projective::of_linear(&fitted.linear);
        let (agree, inside) = votes(&map, reference, &near, (&field, tolerance));
        if agree > best.map_or(2, |best| best.agree) {
            let by_chance = alike.len() as f64 * field.by_chance((agree, inside), image.len(), tolerance);
            best = Some(Candidate {
                map,
                agree,
                inside,
                by_chance,
            });
            if by_chance < SURE && 2 * agree >= inside {
                break;
            }
        }
    }
    best
}

/// What agrees with a map that is known more exactly, to a closer tolerance, and whether that can be chance where so many
/// maps were tried.
pub(super) fn judged(
    (image, reference): (&[Point], &[Point]),
    map: Projective,
    (tolerance, margin): (f64, f64),
    tried: usize,
) -> Candidate {
    let field = Field::of(image, margin);
    let (agree, inside) = votes(&map, reference, &Near::new(image, tolerance), (&field, tolerance));
    let by_chance = tried as f64 * field.by_chance((agree, inside), image.len(), tolerance);
    Candidate {
        map,
        agree,
        inside,
        by_chance,
    }
}

/// How many stars of the reference are on a star of the image, each counted once, and how many are inside the image.
fn votes(
    map: &Projective,
    reference: &[Point],
    near: &Near<'_>,
    (field, tolerance): (&Field, f64),
) -> (usize, usize) {
    let mut taken: Vec<usize> = Vec::with_capacity(reference.len());
    let mut inside = 0;
    for &star in reference {
        let place = map.to_image(star);
        if !field.holds(place) {
            continue;
        }
        inside += 1;
        taken.extend(near.nearest(place, tolerance).map(|(index, _)| index));
    }
    taken.sort_unstable();
    taken.dedup();
    (taken.len(), inside)
}

/// The part of the plane that has stars.
struct Field {
    low: Point,
    high: Point,
}

impl Field {
    /// About places, wider by `margin` to every side, so that the outermost are not lost to noise.
    fn of(points: &[Point], margin: f64) -> Self {
        let mut field = Self {
            low: [f64::INFINITY; 2],
            high: [f64::NEG_INFINITY; 2],
        };
        for point in points {
            field.low = [0, 1].map(|axis| field.low[axis].min(point[axis] - margin));
            field.high = [0, 1].map(|axis| field.high[axis].max(point[axis] + margin));
        }
        field
    }

    fn holds(&self, point: Point) -> bool {
        (0..2).all(|axis| point[axis] >= self.low[axis] && point[axis] <= self.high[axis])
    }

    /// The probability that a map between unrelated lists brings `agree` of `inside` stars together: the tail of the
    /// binomial distribution, the three stars that made the map not counted.
    fn by_chance(&self, (agree, inside): (usize, usize), stars: usize, tolerance: f64) -> f64 {
        let area = (0..2)
            .map(|axis| (self.high[axis] - self.low[axis]).max(tolerance))
            .product::<f64>();
        let share = std::f64::consts::PI * tolerance * tolerance * stars as f64 / area;
        tail(
            inside.saturating_sub(3),
            agree.saturating_sub(3),
            -(-share).exp_m1(),
        )
    }
}

/// The probability of at least `successes` of `trials`, each with probability `p`.
fn tail(trials: usize, successes: usize, p: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let (mut term, mut sum) = ((trials as f64 * (-p).ln_1p()).exp(), 0.0);
    for k in 0..=trials {
        if k >= successes {
            sum += term;
        }
        term *= (trials - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_the_binomial_distribution() {
        assert!((tail(3, 2, 0.5) - 0.5).abs() < 1e-15);
        assert!((tail(10, 10, 0.1) - 1e-10).abs() < 1e-20);
        assert!((tail(4, 1, 0.25) - (1.0 - 0.75_f64.powi(4))).abs() < 1e-15);
        assert_eq!(tail(5, 0, 0.3), 1.0);
        assert_eq!(tail(2, 3, 0.3), 0.0);
    }
}
