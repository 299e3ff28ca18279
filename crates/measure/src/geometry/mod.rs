//! Convex shapes centred on the origin, and how much of a pixel they cover.

mod ellipse;
mod nested;
mod rectangle;

pub(crate) use ellipse::Ellipse;
pub(crate) use nested::{Grid, Nested, Run};
pub(crate) use rectangle::Rectangle;

/// A convex shape centred on the origin.
pub(crate) trait Convex {
    /// Half of the width and of the height of the smallest upright box around the shape.
    fn extents(&self) -> (f64, f64);

    /// The range of x of all points of the shape with y from `low` to `high`; `None` where there are none.
    fn touched(&self, low: f64, high: f64) -> Option<(f64, f64)>;

    /// The range of x in which all points with y from `low` to `high` are in the shape; `None` where
    /// there is none.
    fn filled(&self, low: f64, high: f64) -> Option<(f64, f64)>;

    /// The area that the shape shares with the pixel around `(x, y)`, from 0 to 1.
    fn pixel_overlap(&self, x: f64, y: f64) -> f64;

    /// Whether a point is inside; a point on the border is not.
    fn contains(&self, x: f64, y: f64) -> bool;
}

/// A point or a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Twice the area of the triangle of the origin, `self` and `other`; positive where that is a left turn.
    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    pub fn scaled(self, factor: f64) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}

impl std::ops::Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}
