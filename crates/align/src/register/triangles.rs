//! Triangles of stars, and which of two lists have the same form.

use crate::Point;

/// A triangle: its corners, and the ratios of its sides, which no shift, rotation, scale or reflection changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Triangle {
    /// Indices of the stars opposite the longest, the middle and the shortest side.
    pub corners: [usize; 3],
    /// The middle side over the longest, and the shortest over the longest.
    pub form: [f64; 2],
}

/// Two triangles of one form, with the distance between their forms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    pub distance: f64,
    pub image: [usize; 3],
    pub reference: [usize; 3],
}

/// Stars among which triangles are made that span the whole field.
const BRIGHTEST: usize = 10;

/// Triangles of each star with two of its `neighbours` nearest, and those of the brightest stars, each once.
///
/// `stars` are finite and the brightest come first. Triangles with a side shorter than `shortest` are left out: their
/// form says little.
pub(super) fn triangles(stars: &[Point], neighbours: usize, shortest: f64) -> Vec<Triangle> {
    let mut corners: Vec<[usize; 3]> = Vec::new();
    for star in 0..stars.len() {
        // Stars on top of one another, as of a saturated star found twice, give no triangles.
        let mut others: Vec<(f64, usize)> = (0..stars.len())
            .filter(|&other| other != star)
            .map(|other| (distance(stars[star], stars[other]), other))
            .filter(|&(away, _)| away >= shortest)
            .collect();
        others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let others: Vec<usize> = others.iter().take(neighbours).map(|&(_, other)| other).collect();
        pairs(&others, |a, b| corners.push([star, a, b]));
    }
    let brightest: Vec<usize> = (0..stars.len().min(BRIGHTEST)).collect();
    for &first in &brightest {
        pairs(&brightest[first + 1..], |a, b| corners.push([first, a, b]));
    }
    corners.iter_mut().for_each(|corners| corners.sort_unstable());
    corners.sort_unstable();
    corners.dedup();
    corners
        .into_iter()
        .filter_map(|corners| triangle(stars, corners, shortest))
        .collect()
}

fn pairs(of: &[usize], mut found: impl FnMut(usize, usize)) {
    for (index, &a) in of.iter().enumerate() {
        of[index + 1..].iter().for_each(|&b| found(a, b));
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn triangle(stars: &[Point], [a, b, c]: [usize; 3], shortest: f64) -> Option<Triangle> {
    let side = |from: usize, to: usize| distance(stars[from], stars[to]);
    let mut opposite = [(side(b, c), a), (side(a, c), b), (side(a, b), c)];
    opposite.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
    let [longest, middle, least] = opposite.map(|(side, _)| side);
    (least >= shortest).then(|| Triangle {
        corners: opposite.map(|(_, corner)| corner),
        form: [middle / longest, least / longest],
    })
}

/// Pairs of triangles whose forms are no more than `radius` apart, the most alike first, `most` of them at most.
pub(super) fn alike(image: &[Triangle], reference: &[Triangle], radius: f64, most: usize) -> Vec<Alike> {
    let mut sorted: Vec<&Triangle> = reference.iter().collect();
    sorted.sort_by(|a, b| a.form[0].total_cmp(&b.form[0]).then(a.corners.cmp(&b.corners)));
    let mut found = Vec::new();
    for triangle in image {
        let first = sorted.partition_point(|other| other.form[0] < triangle.form[0] - radius);
        let candidates = sorted[first..].iter();
        for other in candidates.take_while(|other| other.form[0] <= triangle.form[0] + radius) {
            let distance = distance(triangle.form, other.form);
            if distance <= radius {
                found.push(Alike {
                    distance,
                    image: triangle.corners,
                    reference: other.corners,
                });
            }
        }
    }
    let order = |a: &Alike, b: &Alike| {
        a.distance
            .total_cmp(&b.distance)
            .then((a.image, a.reference).cmp(&(b.image, b.reference)))
    };
    if found.len() > most {
        found.select_nth_unstable_by(most, order);
        found.truncate(most);
    }
    found.sort_by(order);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_scaled_and_mirrored_triangle_is_alike_corner_by_corner() {
        let stars = [[0.0, 0.0], [40.0, 5.0], [10.0, 70.0]];
        let other = [2, 0, 1].map(|n: usize| [100.0 - 2.0 * stars[n][1], 50.0 - 2.0 * stars[n][0]]);
        let [a, b] = [&stars[..], &other[..]].map(|stars| triangles(stars, 5, 1.0));
        assert_eq!((a.len(), b.len()), (1, 1));
        let found = alike(&a, &b, 1e-9, 10);
        assert_eq!(found.len(), 1);
        for corner in 0..3 {
            assert_eq!([2, 0, 1][found[0].reference[corner]], found[0].image[corner]);
        }
    }

    #[test]
    fn small_triangles_and_lone_stars_give_none() {
        assert!(triangles(&[[0.0, 0.0], [1.0, 0.0], [50.0, 50.0]], 5, 5.0).is_empty());
        assert!(triangles(&[[0.0, 0.0], [50.0, 50.0]], 5, 5.0).is_empty());
        assert!(triangles(&[], 5, 5.0).is_empty());
    }
}
