//! Outlines made of lines and curves.

/// A point, or a step from one to another: x to the right, y downwards, in pixels.
pub type Xy = (f64, f64);

/// One piece of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    Move(Xy),
    Line(Xy),
    Cubic(Xy, Xy, Xy),
    Close,
}

/// An outline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Path {
    segments: Vec<Segment>,
}

/// A rectangle by its sides, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The same with `by` more on each side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    pub fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub fn contains(&self, other: &Rect) -> bool {
        self.left <= other.left
            && self.right >= other.right
            && self.top <= other.top
            && self.bottom >= other.bottom
    }

    pub fn holds(&self, (x, y): Xy) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// How far the control points of a quarter of a circle lie from its ends, for a radius of one.
const QUARTER: f64 = 0.552_284_749_830_793_4;

impl Path {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub fn move_to(&mut self, to: Xy) {
        self.segments.push(Segment::Move(to));
    }

    pub fn line_to(&mut self, to: Xy) {
        self.segments.push(Segment::Line(to));
    }

    pub fn cubic_to(&mut self, first: Xy, second: Xy, to: Xy) {
        self.segments.push(Segment::Cubic(first, second, to));
    }

    /// A curve with one control point, as TrueType has them.
    pub fn quad_to(&mut self, middle: Xy, to: Xy) {
        let from = match self.segments.last() {
            Some(Segment::Move(end) | Segment::Line(end) | Segment::Cubic(_, _, end)) => *end,
            _ => middle,
        };
        let towards = |end: Xy| {
            (
                end.0 + (middle.0 - end.0) * 2.0 / 3.0,
                end.1 + (middle.1 - end.1) * 2.0 / 3.0,
            )
        };
        self.cubic_to(towards(from), towards(to), to);
    }

    pub fn close(&mut self) {
        if !self.segments.is_empty() {
            self.segments.push(Segment::Close);
        }
    }

    pub fn append(&mut self, other: &Path) {
        self.segments.extend_from_slice(&other.segments);
    }

    /// A line through points; where one is not finite, it is interrupted.
    pub fn polyline(points: impl IntoIterator<Item = Xy>) -> Self {
        let mut path = Self::new();
        let mut drawing = false;
        for point in points {
            if !(point.0.is_finite() && point.1.is_finite()) {
                drawing = false;
            } else if drawing {
                path.line_to(point);
            } else {
                path.move_to(point);
                drawing = true;
            }
        }
        path
    }

    pub fn polygon(points: impl IntoIterator<Item = Xy>) -> Self {
        let mut path = Self::polyline(points);
        path.close();
        path
    }

    pub fn rectangle(rect: Rect) -> Self {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = rect;
        Self::polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
    }

    /// An ellipse whose half axes are the steps `a` and `b`.
    pub fn ellipse(centre: Xy, a: Xy, b: Xy) -> Self {
        let at = |u: f64, v: f64| (centre.0 + u * a.0 + v * b.0, centre.1 + u * a.1 + v * b.1);
        let mut path = Self::new();
        path.move_to(at(1.0, 0.0));
        path.cubic_to(at(1.0, QUARTER), at(QUARTER, 1.0), at(0.0, 1.0));
        path.cubic_to(at(-QUARTER, 1.0), at(-1.0, QUARTER), at(-1.0, 0.0));
        path.cubic_to(at(-1.0, -QUARTER), at(-QUARTER, -1.0), at(0.0, -1.0));
        path.cubic_to(at(QUARTER, -1.0), at(1.0, -QUARTER), at(1.0, 0.0));
        path.close();
        path
    }

    /// The same outline elsewhere.
    pub fn mapped(&self, place: impl Fn(Xy) -> Xy) -> Self {
        let segments = self.segments.iter().map(|segment| match *segment {
            Segment::Move(to) => Segment::Move(place(to)),
            Segment::Line(to) => Segment::Line(place(to)),
            Segment::Cubic(first, second, to) => Segment::Cubic(place(first), place(second), place(to)),
            Segment::Close => Segment::Close,
        });
        Self {
            segments: segments.collect(),
        }
    }

    /// The smallest rectangle around the outline, curves to about a hundredth of their size; `None` for an empty path.
    pub fn bounds(&self) -> Option<Rect> {
        let mut bounds: Option<Rect> = None;
        let mut take = |(x, y): Xy| {
            let old = bounds.unwrap_or(Rect {
                left: x,
                top: y,
                right: x,
                bottom: y,
            });
            bounds = Some(Rect {
                left: old.left.min(x),
                top: old.top.min(y),
                right: old.right.max(x),
                bottom: old.bottom.max(y),
            });
        };
        let mut from = (0.0, 0.0);
        for segment in &self.segments {
            match *segment {
                Segment::Move(to) | Segment::Line(to) => {
                    take(to);
                    from = to;
                }
                Segment::Cubic(first, second, to) => {
                    (1..=8).for_each(|n| take(cubic(from, first, second, to, f64::from(n) / 8.0)));
                    from = to;
                }
                Segment::Close => {}
            }
        }
        bounds
    }
}

/// The point of a curve at `t`, from 0 to 1.
fn cubic(from: Xy, first: Xy, second: Xy, to: Xy, t: f64) -> Xy {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let points = [from, first, second, to];
    let sum = |of: fn(&Xy) -> f64| {
        weights
            .iter()
            .zip(&points)
            .map(|(weight, point)| weight * of(point))
            .sum()
    };
    (sum(|point| point.0), sum(|point| point.1))
}
