//! How much of the plane images share.

use crate::Point;

/// The convex hull of positions, counter-clockwise from the leftmost (Andrew's monotone chains). Positions
/// that are not finite are left out.
pub(crate) fn convex_hull(points: &[Point]) -> Vec<Point> {
    let mut sorted: Vec<Point> = points
        .iter()
        .copied()
        .filter(|p| p.iter().all(|c| c.is_finite()))
        .collect();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let mut lower = chain(sorted.iter().copied());
    let mut upper = chain(sorted.iter().rev().copied());
    lower.pop();
    upper.pop();
    lower.append(&mut upper);
    lower
}

fn chain(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for point in points {
        while let [.., before, last] = hull[..]
            && cross(before, last, point) <= 0.0
        {
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

fn cross(o: Point, a: Point, b: Point) -> f64 {
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
}

fn area(polygon: &[Point]) -> f64 {
    let Some((&first, rest)) = polygon.split_first() else {
        return 0.0;
    };
    rest.windows(2)
        .map(|pair| cross(first, pair[0], pair[1]))
        .sum::<f64>()
        .abs()
        / 2.0
}

/// The area that two convex polygons, both counter-clockwise, share.
pub(crate) fn shared_area(a: &[Point], b: &[Point]) -> f64 {
    if a.len() < 3 || b.len() < 3 {
        return 0.0;
    }
    let mut inside = a.to_vec();
    for index in 0..b.len() {
        inside = cut(&inside, b[index], b[(index + 1) % b.len()]);
    }
    area(&inside)
}

/// What of a polygon is left of a line.
fn cut(polygon: &[Point], from: Point, to: Point) -> Vec<Point> {
    let mut left = Vec::with_capacity(polygon.len() + 1);
    for index in 0..polygon.len() {
        let (here, next) = (polygon[index], polygon[(index + 1) % polygon.len()]);
        let (side, side_of_next) = (cross(from, to, here), cross(from, to, next));
        if side >= 0.0 {
            left.push(here);
        }
        if (side >= 0.0) != (side_of_next >= 0.0) {
            let share = side / (side - side_of_next);
            left.push([0, 1].map(|axis| here[axis] + share * (next[axis] - here[axis])));
        }
    }
    left
}

/// Whether the boxes around two lists, widened by `margin`, touch.
pub(crate) fn near(a: &[Point], b: &[Point], margin: f64) -> bool {
    let bounds = |points: &[Point], axis: usize| {
        let finite = points.iter().map(|p| p[axis]).filter(|c| c.is_finite());
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
            (low.min(c), high.max(c))
        })
    };
    (0..2).all(|axis| {
        let ((a_low, a_high), (b_low, b_high)) = (bounds(a, axis), bounds(b, axis));
        a_low - margin <= b_high && b_low - margin <= a_high
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hulls_and_what_they_share() {
        let square = [
            [0.0, 0.0],
            [2.0, 2.0],
            [0.0, 2.0],
            [1.0, 1.0],
            [2.0, 0.0],
            [1.0, 0.0],
            [f64::NAN, 9.0],
        ];
        let hull = convex_hull(&square);
        assert_eq!(hull, [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]);
        let shifted: Vec<Point> = hull.iter().map(|p| [p[0] + 1.5, p[1] - 1.0]).collect();
        assert!((shared_area(&hull, &shifted) - 0.5).abs() < 1e-12);
        assert!((shared_area(&hull, &hull) - 4.0).abs() < 1e-12);
        let diamond = convex_hull(&[[1.0, -0.5], [2.5, 1.0], [1.0, 2.5], [-0.5, 1.0]]);
        assert!((shared_area(&hull, &diamond) - 3.5).abs() < 1e-12);
        assert_eq!(
            shared_area(
                &hull,
                &hull.iter().map(|p| [p[0] + 5.0, p[1]]).collect::<Vec<_>>()
            ),
            0.0
        );
        assert_eq!(shared_area(&hull, &[[0.0, 0.0]]), 0.0);
        assert_eq!(convex_hull(&[[1.0, 1.0], [1.0, 1.0]]), [[1.0, 1.0]]);
    }

    #[test]
    fn boxes_that_touch_with_a_margin() {
        let (a, b) = ([[0.0, 0.0], [1.0, 1.0]], [[3.0, 0.5]]);
        assert!(!near(&a, &b, 1.5) && near(&a, &b, 2.5));
        assert!(!near(&a, &[], 10.0));
    }
}
