//! Rectangles.

use super::{Convex, Point};

/// A pixel's square cut by the four sides of a rectangle has at most this many corners.
const MOST_CORNERS: usize = 8;

/// A rectangle with full width `w` and full height `h`, `w` turned counter-clockwise by `theta` from the x axis.
#[derive(Debug, Clone)]
pub(crate) struct Rectangle {
    half: (f64, f64),
    cos: f64,
    sin: f64,
    extents: (f64, f64),
    /// Counter-clockwise.
    corners: [Point; 4],
}

impl Rectangle {
    pub fn new(w: f64, h: f64, theta: f64) -> Self {
        let (sin, cos) = theta.sin_cos();
        let (half_w, half_h) = (0.5 * w, 0.5 * h);
        let turned = |x: f64, y: f64| Point::new(x * cos - y * sin, x * sin + y * cos);
        let corners = [
            turned(-half_w, -half_h),
            turned(half_w, -half_h),
            turned(half_w, half_h),
            turned(-half_w, half_h),
        ];
        let width = corners
            .iter()
            .fold(0.0f64, |most, corner| most.max(corner.x.abs()));
        let height = corners
            .iter()
            .fold(0.0f64, |most, corner| most.max(corner.y.abs()));
        Self {
            half: (half_w, half_h),
            cos,
            sin,
            extents: (width, height),
            corners,
        }
    }
}

impl Convex for Rectangle {
    fn extents(&self) -> (f64, f64) {
        self.extents
    }

    fn touched(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let mut range: Option<(f64, f64)> = None;
        for (index, &start) in self.corners.iter().enumerate() {
            let end = self.corners[(index + 1) % 4];
            let (bottom, top) = if start.y <= end.y {
                (start, end)
            } else {
                (end, start)
            };
            if bottom.y > high || top.y < low {
                continue;
            }
            let at = |y: f64| {
                let along = ((y - bottom.y) / (top.y - bottom.y)).clamp(0.0, 1.0);
                bottom.x + along * (top.x - bottom.x)
            };
            let ends = if top.y > bottom.y {
                (at(low.max(bottom.y)), at(high.min(top.y)))
            } else {
                (bottom.x, top.x)
            };
            let (left, right) = (ends.0.min(ends.1), ends.0.max(ends.1));
            range = Some(range.map_or((left, right), |(least, most)| (least.min(left), most.max(right))));
        }
        range
    }

    fn filled(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let (lower, upper) = (self.touched(low, low)?, self.touched(high, high)?);
        let (left, right) = (lower.0.max(upper.0), lower.1.min(upper.1));
        (left < right).then_some((left, right))
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        let along = y * self.sin + x * self.cos;
        let across = y * self.cos - x * self.sin;
        along.abs() < self.half.0 && across.abs() < self.half.1
    }

    /// The square, seen along the rectangle's sides, is cut by one side after the other
    /// (Sutherland and Hodgman 1974).
    fn pixel_overlap(&self, x: f64, y: f64) -> f64 {
        // Relative to the pixel's centre, so that nothing cancels far from the rectangle's.
        let along = y * self.sin + x * self.cos;
        let across = y * self.cos - x * self.sin;
        let right = Point::new(0.5 * self.cos, -0.5 * self.sin);
        let up = Point::new(0.5 * self.sin, 0.5 * self.cos);
        let mut polygon = Polygon::new([right.scaled(-1.0) - up, right - up, right + up, up - right]);
        let sides = [
            (Point::new(1.0, 0.0), self.half.0 - along),
            (Point::new(-1.0, 0.0), self.half.0 + along),
            (Point::new(0.0, 1.0), self.half.1 - across),
            (Point::new(0.0, -1.0), self.half.1 + across),
        ];
        for (outward, distance) in sides {
            polygon = polygon.cut(outward, distance);
        }
        polygon.area().clamp(0.0, 1.0)
    }
}

/// A convex polygon with few corners.
#[derive(Clone, Copy)]
struct Polygon {
    corners: [Point; MOST_CORNERS],
    count: usize,
}

impl Polygon {
    fn new(square: [Point; 4]) -> Self {
        let mut corners = [Point::new(0.0, 0.0); MOST_CORNERS];
        corners[..4].copy_from_slice(&square);
        Self { corners, count: 4 }
    }

    /// What lies on the inner side of the line at `distance` along `outward`.
    fn cut(&self, outward: Point, distance: f64) -> Self {
        let mut kept = Self {
            corners: self.corners,
            count: 0,
        };
        for index in 0..self.count {
            let (start, end) = (self.corners[index], self.corners[(index + 1) % self.count]);
            let (from, to) = (outward.dot(start) - distance, outward.dot(end) - distance);
            if from <= 0.0 {
                kept.push(start);
            }
            if (from < 0.0 && to > 0.0) || (from > 0.0 && to < 0.0) {
                kept.push(start + (end - start).scaled(from / (from - to)));
            }
        }
        kept
    }

    /// A convex polygon gains at most one corner with each of the four cuts.
    fn push(&mut self, corner: Point) {
        if let Some(place) = self.corners.get_mut(self.count) {
            *place = corner;
            self.count += 1;
        }
    }

    fn area(&self) -> f64 {
        let corners = &self.corners[..self.count];
        let following = corners.iter().cycle().skip(1);
        0.5 * corners
            .iter()
            .zip(following)
            .map(|(&start, &end)| start.cross(end))
            .sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upright_rectangles_share_products_of_lengths() {
        let rectangle = Rectangle::new(3.0, 2.0, 0.0);
        assert_eq!(rectangle.pixel_overlap(0.0, 0.0), 1.0);
        assert_eq!(rectangle.pixel_overlap(1.5, 0.0), 0.5);
        assert_eq!(rectangle.pixel_overlap(-1.5, 1.0), 0.25);
        assert_eq!(rectangle.pixel_overlap(2.1, 0.0), 0.0);
        let small = Rectangle::new(0.25, 0.5, 0.0);
        assert!((small.pixel_overlap(0.1, -0.2) - 0.125).abs() < 1e-15);
    }

    #[test]
    fn a_diamond_cuts_corners() {
        // |x| + |y| < 1: the pixel at (0.5, 0.5) is cut along its diagonal.
        let diamond = Rectangle::new(2.0f64.sqrt(), 2.0f64.sqrt(), std::f64::consts::FRAC_PI_4);
        assert!((diamond.pixel_overlap(0.5, 0.5) - 0.5).abs() < 1e-15);
        assert!((diamond.pixel_overlap(0.0, 0.0) - 1.0).abs() < 1e-15);
        assert!((diamond.extents().0 - 1.0).abs() < 1e-15);
        let span = diamond.touched(-0.5, 0.25).unwrap();
        assert!(
            (span.0 + 1.0).abs() < 1e-15 && (span.1 - 1.0).abs() < 1e-15,
            "the widest row is at 0"
        );
        let filled = diamond.filled(-0.5, 0.25).unwrap();
        assert!((filled.0 + 0.5).abs() < 1e-15 && (filled.1 - 0.5).abs() < 1e-15);
        assert_eq!(diamond.filled(0.5, 1.5), None);
        assert_eq!(diamond.touched(1.5, 2.5), None);
    }

    #[test]
    fn quarter_turns_swap_the_sides() {
        for turns in 0..8 {
            let turned = Rectangle::new(6.0, 2.0, f64::from(turns) * std::f64::consts::FRAC_PI_2);
            let upright = if turns % 2 == 0 {
                Rectangle::new(6.0, 2.0, 0.0)
            } else {
                Rectangle::new(2.0, 6.0, 0.0)
            };
            for (x, y) in [(0.0, 0.0), (2.75, 0.8), (0.9, -3.1), (3.3, 0.2)] {
                assert!((turned.pixel_overlap(x, y) - upright.pixel_overlap(x, y)).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn the_pixels_add_up_to_the_area() {
        for (index, theta) in [0.0, 0.1, 0.7, 1.5, 2.9, -4.0].into_iter().enumerate() {
            let rectangle = Rectangle::new(7.3, 0.4 + index as f64, theta);
            let mut sum = 0.0;
            for y in -10..=10 {
                for x in -10..=10 {
                    sum += rectangle.pixel_overlap(f64::from(x) + 0.21, f64::from(y) - 0.43);
                }
            }
            assert!((sum - 7.3 * (0.4 + index as f64)).abs() < 1e-12, "{theta} {sum}");
        }
    }
}
