//! Circles and ellipses.
//!
//! A linear map takes the ellipse to the unit circle and the pixel to a parallelogram. Their common area
//! is bounded by pieces of the parallelogram's edges inside the circle, and by arcs from where one such
//! piece leaves the circle to where the next one enters it. The straight part is a polygon, and each arc
//! adds the circular segment on its chord (Green's theorem on the common boundary).

use super::{Convex, Point};
use std::f64::consts::PI;

/// Chords shorter than this (squared, in the circle's radius) are too short to tell on which side of
/// them the circle's centre is.
const SHORT_CHORD_SQUARED: f64 = 1e-20;

/// Up to this length (squared, in the circle's radius) the segment on a chord is found by a series.
const LONG_CHORD_SQUARED: f64 = 0.25;

/// An ellipse with semi-axes `a` and `b`, `a` turned counter-clockwise by `theta` from the x axis.
#[derive(Debug, Clone)]
pub(crate) struct Ellipse {
    semi_axes: (f64, f64),
    cos: f64,
    sin: f64,
    /// Half width and half height of the bounding box.
    extents: (f64, f64),
    inverse_height: f64,
    /// The y of the rightmost point.
    rightmost_y: f64,
    /// The middle of the chord at `y` is at `slope * y`.
    slope: f64,
    /// Half of the chord through the centre.
    half_chord: f64,
    inside: Inside,
    /// A pixel's lower and left edge, and all four edges, seen from where the ellipse is the unit circle.
    sides: (Point, Point),
    edges: [Edge; 4],
}

/// How a point is tested, so that points on the border fall to the side where photutils puts them.
#[derive(Debug, Clone, Copy)]
enum Inside {
    Circle { radius_squared: f64 },
    Ellipse { inverse_squares: (f64, f64) },
}

impl Ellipse {
    pub fn circle(radius: f64) -> Self {
        let mut circle = Self::new(radius, radius, 0.0);
        circle.inside = Inside::Circle {
            radius_squared: radius * radius,
        };
        circle
    }

    pub fn new(a: f64, b: f64, theta: f64) -> Self {
        let (sin, cos) = theta.sin_cos();
        let width = ((a * cos) * (a * cos) + (b * sin) * (b * sin)).sqrt();
        let height = ((a * sin) * (a * sin) + (b * cos) * (b * cos)).sqrt();
        let covariance = (a - b) * (a + b) * sin * cos;
        let right = Point::new(cos / a, -sin / b);
        let up = Point::new(sin / a, cos / b);
        Self {
            semi_axes: (a, b),
            cos,
            sin,
            extents: (width, height),
            inverse_height: 1.0 / height,
            rightmost_y: covariance / width,
            slope: covariance / (height * height),
            half_chord: a * b / height,
            inside: Inside::Ellipse {
                inverse_squares: (1.0 / (a * a), 1.0 / (b * b)),
            },
            sides: (right, up),
            edges: Edge::around(right, up),
        }
    }

    /// The chord at `y`, which is in the range of the ellipse's y but for rounding.
    fn chord(&self, y: f64) -> (f64, f64) {
        let relative = y * self.inverse_height;
        let half = self.half_chord * (1.0 - relative * relative).max(0.0).sqrt();
        (self.slope * y - half, self.slope * y + half)
    }
}

impl Convex for Ellipse {
    fn extents(&self) -> (f64, f64) {
        self.extents
    }

    fn touched(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let (low, high) = (low.max(-self.extents.1), high.min(self.extents.1));
        if low > high {
            return None;
        }
        let left = self.chord((-self.rightmost_y).clamp(low, high)).0;
        let right = self.chord(self.rightmost_y.clamp(low, high)).1;
        Some((left, right))
    }

    fn filled(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        if low < -self.extents.1 || high > self.extents.1 {
            return None;
        }
        let (lower, upper) = (self.chord(low), self.chord(high));
        let (left, right) = (lower.0.max(upper.0), lower.1.min(upper.1));
        (left < right).then_some((left, right))
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        match self.inside {
            Inside::Circle { radius_squared } => x * x + y * y < radius_squared,
            Inside::Ellipse {
                inverse_squares: (a, b),
            } => {
                let along = y * self.sin + x * self.cos;
                let across = y * self.cos - x * self.sin;
                along * along * a + across * across * b < 1.0
            }
        }
    }

    fn pixel_overlap(&self, x: f64, y: f64) -> f64 {
        let (right, up) = self.sides;
        let centre = right.scaled(x) + up.scaled(y);
        let depths = [0, 1, 2, 3].map(|index: usize| {
            let corner = centre + self.edges[index].start;
            corner.dot(corner) - 1.0
        });
        if depths.iter().all(|&depth| depth <= 0.0) {
            return 1.0;
        }
        let centre_inside = x.abs() < 0.5 && y.abs() < 0.5;
        let mut boundary = Boundary::new(&self.edges, centre, centre_inside);
        for index in 0..4 {
            boundary.follow(index, depths[index], depths[(index + 1) % 4]);
        }
        let (a, b) = self.semi_axes;
        (boundary.area() * a * b).clamp(0.0, 1.0)
    }
}

/// An edge of the parallelogram, counter-clockwise, relative to the parallelogram's centre.
#[derive(Debug, Clone, Copy)]
struct Edge {
    start: Point,
    along: Point,
    length_squared: f64,
    inverse: f64,
}

impl Edge {
    /// The edges of a parallelogram with these sides, from the lower left corner.
    fn around(right: Point, up: Point) -> [Self; 4] {
        let (half_right, half_up) = (right.scaled(0.5), up.scaled(0.5));
        let edge = |start: Point, along: Point| {
            let length_squared = along.dot(along);
            Self {
                start,
                along,
                length_squared,
                inverse: 1.0 / length_squared,
            }
        };
        [
            edge(half_right.scaled(-1.0) - half_up, right),
            edge(half_right - half_up, up),
            edge(half_right + half_up, right.scaled(-1.0)),
            edge(half_up - half_right, up.scaled(-1.0)),
        ]
    }
}

/// A point where the parallelogram's outline crosses the circle.
#[derive(Clone, Copy)]
struct Crossing {
    at: Point,
    edge: usize,
}

/// The boundary of the common area, as far as it was followed. Points are relative to the
/// parallelogram's centre, so that little is lost in the area of a small pixel on a large circle.
struct Boundary<'a> {
    edges: &'a [Edge; 4],
    /// The parallelogram's centre, seen from the circle's.
    centre: Point,
    centre_of_circle_inside: bool,
    twice_polygon: f64,
    segments: f64,
    first_entry: Option<Crossing>,
    last_exit: Option<Crossing>,
    touched: bool,
}

impl<'a> Boundary<'a> {
    fn new(edges: &'a [Edge; 4], centre: Point, centre_of_circle_inside: bool) -> Self {
        Self {
            edges,
            centre,
            centre_of_circle_inside,
            twice_polygon: 0.0,
            segments: 0.0,
            first_entry: None,
            last_exit: None,
            touched: false,
        }
    }

    /// Follows the next edge; depths are negative inside the circle: |corner|² - 1.
    fn follow(&mut self, index: usize, start_depth: f64, end_depth: f64) {
        let edge = &self.edges[index];
        let (start_in, end_in) = (start_depth <= 0.0, end_depth <= 0.0);
        let (from, to) = if start_in && end_in {
            (edge.start, edge.start + edge.along)
        } else {
            let Some((enter, leave)) = self.inside_part(edge, start_depth, start_in, end_in) else {
                return;
            };
            (
                edge.start + edge.along.scaled(enter),
                edge.start + edge.along.scaled(leave),
            )
        };
        self.touched = true;
        if !start_in {
            let entry = Crossing {
                at: from,
                edge: index,
            };
            match self.last_exit.take() {
                Some(exit) => self.close(exit, entry),
                None => self.first_entry = Some(entry),
            }
        }
        self.twice_polygon += from.cross(to);
        if !end_in {
            self.last_exit = Some(Crossing { at: to, edge: index });
        }
    }

    /// The part of an edge inside the circle, as fractions of its length; one end at least is outside.
    fn inside_part(&self, edge: &Edge, depth: f64, start_in: bool, end_in: bool) -> Option<(f64, f64)> {
        let half = (self.centre + edge.start).dot(edge.along);
        // Both ends outside: the line has to come near, and to do so between the ends.
        if !start_in && !end_in && (half >= 0.0 || -half >= edge.length_squared) {
            return None;
        }
        let discriminant = half * half - edge.length_squared * depth;
        if discriminant <= 0.0 {
            // A corner on the circle, but for rounding.
            return match (start_in, end_in) {
                (true, _) => Some((0.0, 0.0)),
                (_, true) => Some((1.0, 1.0)),
                _ => None,
            };
        }
        // The roots of t² length² + 2 t half + depth, without cancellation.
        let root = discriminant.sqrt();
        let enter = || {
            if half > 0.0 {
                -(half + root) * edge.inverse
            } else {
                depth / (root - half)
            }
        };
        let leave = || {
            if half > 0.0 {
                -depth / (half + root)
            } else {
                (root - half) * edge.inverse
            }
        };
        Some((
            if start_in { 0.0 } else { enter().clamp(0.0, 1.0) },
            if end_in { 1.0 } else { leave().clamp(0.0, 1.0) },
        ))
    }

    /// Goes along the circle from where the outline left it to where it came back.
    fn close(&mut self, exit: Crossing, entry: Crossing) {
        self.twice_polygon += exit.at.cross(entry.at);
        let chord = entry.at - exit.at;
        let chord_squared = chord.dot(chord);
        self.segments += if chord_squared < LONG_CHORD_SQUARED {
            let minor = small_segment(0.5 * chord_squared.sqrt());
            if self.is_nearly_whole(exit, entry, chord_squared) {
                PI - minor
            } else {
                minor
            }
        } else {
            large_segment(self.centre + exit.at, self.centre + entry.at)
        };
    }

    /// Whether the arc on a short chord is nearly the whole circle, rather than a small piece of it.
    fn is_nearly_whole(&self, exit: Crossing, entry: Crossing, chord_squared: f64) -> bool {
        match (entry.edge + 4 - exit.edge) % 4 {
            // Only one edge cuts the circle: the circle's centre is to its left or not.
            0 => {
                let edge = &self.edges[exit.edge];
                (self.centre + edge.start).cross(edge.along) > 0.0
            }
            // The arc that is seen from the corner between the two edges.
            1 => false,
            // One corner, or an edge, is inside. Where it only just is, the sign of the turn is noise.
            _ if chord_squared < SHORT_CHORD_SQUARED => self.centre_of_circle_inside,
            _ => (self.centre + exit.at).cross(self.centre + entry.at) < 0.0,
        }
    }

    /// The common area, where the circle's is π.
    fn area(mut self) -> f64 {
        if !self.touched {
            return if self.centre_of_circle_inside { PI } else { 0.0 };
        }
        if let (Some(exit), Some(entry)) = (self.last_exit.take(), self.first_entry.take()) {
            self.close(exit, entry);
        }
        0.5 * self.twice_polygon + self.segments
    }
}

/// The area between a chord of the unit circle and the arc counter-clockwise from one end to the other,
/// for ends that are not near each other: half of the angle less its sine.
fn large_segment(from: Point, to: Point) -> f64 {
    let sine = from.cross(to);
    let angle = sine.atan2(from.dot(to));
    0.5 * (if angle < 0.0 { angle + 2.0 * PI } else { angle } - sine)
}

/// The area between a chord of the unit circle and its shorter arc, asin(s) - s √(1 - s²), for half the
/// chord's length `s` up to 0.25. The difference cancels for small `s`, its power series does not.
fn small_segment(s: f64) -> f64 {
    // The integral of 2 s² / √(1 - s²), term by term: 2 (2k)! / (4ᵏ k!²) / (2k + 3).
    const TERMS: [f64; 11] = [
        2.0 / 3.0,
        1.0 / 5.0,
        3.0 / 28.0,
        5.0 / 72.0,
        35.0 / 704.0,
        63.0 / 1664.0,
        77.0 / 2560.0,
        429.0 / 17_408.0,
        6435.0 / 311_296.0,
        12_155.0 / 688_128.0,
        46_189.0 / 3_014_656.0,
    ];
    // Summed in a tree rather than one term after the other, which would be one long wait.
    let [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10] = TERMS;
    let q = s * s;
    let q2 = q * q;
    let q4 = q2 * q2;
    let low = (t0 + t1 * q) + (t2 + t3 * q) * q2;
    let middle = (t4 + t5 * q) + (t6 + t7 * q) * q2;
    let high = (t8 + t9 * q) + t10 * q2;
    s * q * (low + (middle + high * q4) * q4)
}

#[cfg(test)]
#[path = "ellipse_tests.rs"]
mod tests;
