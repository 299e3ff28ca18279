//! Shapes drawn over an image, in the image's pixel coordinates.

use super::axis::Axes;
use super::style::Style;
use crate::scene::path::{Path, Rect, Xy};
use crate::scene::{Anchor, Scene, Stroke, Text, typeface};
use crate::{Colour, Result};
use std::ops::Range;

/// Where and what. Points are `(x, y)`, 0-based, an integer is a pixel's centre; lengths are in pixels; angles are in
/// degrees from the x axis towards the y axis.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Shape {
    /// The pixels of a section `[y0:y1, x0:x1]`.
    Box { y: Range<usize>, x: Range<usize> },
    /// A circle of radius `r`.
    Circle { x: f64, y: f64, r: f64 },
    /// An ellipse with semi-axes `a` and `b`, `a` at the angle.
    Ellipse {
        x: f64,
        y: f64,
        a: f64,
        b: f64,
        theta_deg: f64,
    },
    /// A rectangle of full width and height `w` and `h`, `w` at the angle.
    Rectangle {
        x: f64,
        y: f64,
        w: f64,
        h: f64,
        theta_deg: f64,
    },
    /// What lies between two circles.
    CircularAnnulus { x: f64, y: f64, r_in: f64, r_out: f64 },
    /// What lies between two ellipses with semi-axes `a_in`, `b_in` and `a_out`, `b_out`.
    EllipticalAnnulus {
        x: f64,
        y: f64,
        a_in: f64,
        a_out: f64,
        b_in: f64,
        b_out: f64,
        theta_deg: f64,
    },
    /// What lies between two rectangles of full widths and heights `w_in`, `h_in` and `w_out`, `h_out`.
    RectangularAnnulus {
        x: f64,
        y: f64,
        w_in: f64,
        w_out: f64,
        h_in: f64,
        h_out: f64,
        theta_deg: f64,
    },
    /// An upright cross with arms of length `size`.
    Cross { x: f64, y: f64, size: f64 },
    /// Straight lines from point to point.
    Line { points: Vec<Xy> },
    /// A closed outline.
    Polygon { points: Vec<Xy> },
    /// Text alone, centred at the point.
    Text { x: f64, y: f64, text: String },
}

/// A shape with its look.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    shape: Shape,
    label: Option<String>,
    colour: Option<Colour>,
    width_pt: f64,
    fill_alpha: f64,
    dashed: bool,
}

impl From<Shape> for Overlay {
    fn from(shape: Shape) -> Self {
        Self::new(shape)
    }
}

impl Overlay {
    /// The shape's outline, in a colour that the image's colour map does not have.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            label: None,
            colour: None,
            width_pt: 1.25,
            fill_alpha: 0.0,
            dashed: false,
        }
    }

    /// Text beside the shape.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Colour of outline, filling and label.
    pub fn colour(mut self, colour: Colour) -> Self {
        self.colour = Some(colour);
        self
    }

    /// Width of the outline in points (1/72 inch).
    pub fn width_pt(mut self, width_pt: f64) -> Self {
        self.width_pt = width_pt.max(0.0);
        self
    }

    /// Fills the shape with this opacity, 0 to 1.
    pub fn fill_alpha(mut self, alpha: f64) -> Self {
        self.fill_alpha = alpha.clamp(0.0, 1.0);
        self
    }

    /// Draws the outline with dashes.
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }
}

/// A place's half axes in data coordinates.
struct Turned {
    centre: Xy,
    along: Xy,
    across: Xy,
}

impl Turned {
    fn new(x: f64, y: f64, theta_deg: f64) -> Self {
        let (sin, cos) = theta_deg.to_radians().sin_cos();
        Self {
            centre: (x, y),
            along: (cos, sin),
            across: (-sin, cos),
        }
    }

    /// `reversed` runs the other way round, so that it cuts a hole in what is around it.
    fn ellipse(&self, a: f64, b: f64, reversed: bool) -> Path {
        let b = if reversed { -b } else { b };
        let step = |unit: Xy, length: f64| (unit.0 * length, unit.1 * length);
        Path::ellipse(self.centre, step(self.along, a), step(self.across, b))
    }

    fn rectangle(&self, w: f64, h: f64, reversed: bool) -> Path {
        let corner = |u: f64, v: f64| {
            let (u, v) = (0.5 * w * u, 0.5 * h * v);
            (
                self.centre.0 + u * self.along.0 + v * self.across.0,
                self.centre.1 + u * self.along.1 + v * self.across.1,
            )
        };
        let mut corners = [
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ];
        if reversed {
            corners.reverse();
        }
        Path::polygon(corners)
    }
}

impl Shape {
    /// The outline in the image's coordinates.
    fn path(&self) -> Path {
        let ring = |mut outer: Path, inner: Path| {
            outer.append(&inner);
            outer
        };
        match *self {
            Shape::Box { ref y, ref x } => {
                let edge = |at: usize| at as f64 - 0.5;
                let (left, right, low, high) = (edge(x.start), edge(x.end), edge(y.start), edge(y.end));
                Path::polygon([(left, low), (right, low), (right, high), (left, high)])
            }
            Shape::Circle { x, y, r } => Turned::new(x, y, 0.0).ellipse(r, r, false),
            Shape::Ellipse {
                x,
                y,
                a,
                b,
                theta_deg,
            } => Turned::new(x, y, theta_deg).ellipse(a, b, false),
            Shape::Rectangle {
                x,
                y,
                w,
                h,
                theta_deg,
            } => Turned::new(x, y, theta_deg).rectangle(w, h, false),
            Shape::CircularAnnulus { x, y, r_in, r_out } => {
                let at = Turned::new(x, y, 0.0);
                ring(at.ellipse(r_out, r_out, false), at.ellipse(r_in, r_in, true))
            }
            Shape::EllipticalAnnulus {
                x,
                y,
                a_in,
                a_out,
                b_in,
                b_out,
                theta_deg,
            } => {
                let at = Turned::new(x, y, theta_deg);
                ring(at.ellipse(a_out, b_out, false), at.ellipse(a_in, b_in, true))
            }
            Shape::RectangularAnnulus {
                x,
                y,
                w_in,
                w_out,
                h_in,
                h_out,
                theta_deg,
            } => {
                let at = Turned::new(x, y, theta_deg);
                ring(at.rectangle(w_out, h_out, false), at.rectangle(w_in, h_in, true))
            }
            Shape::Cross { x, y, size } => {
                let across = Path::polyline([(x - size, y), (x + size, y)]);
                ring(across, Path::polyline([(x, y - size), (x, y + size)]))
            }
            Shape::Line { ref points } => Path::polyline(points.iter().copied()),
            Shape::Polygon { ref points } => Path::polygon(points.iter().copied()),
            Shape::Text { .. } => Path::new(),
        }
    }

    fn is_open(&self) -> bool {
        matches!(
            self,
            Shape::Cross { .. } | Shape::Line { .. } | Shape::Text { .. }
        )
    }
}

/// Draws overlays inside `rect`: outlines on a soft edge of the contrasting colour, so that they are seen on
/// any image, then the labels, each where it covers no other.
pub fn draw(
    overlays: &[Overlay],
    default_colour: Colour,
    axes: &Axes,
    rect: &Rect,
    style: &Style,
    scene: &mut Scene,
) -> Result<()> {
    let mut labels = Vec::new();
    for overlay in overlays {
        let colour = overlay.colour.unwrap_or(default_colour);
        let path = overlay.shape.path().mapped(|point| axes.to_pixel(rect, point));
        let bounds = path.bounds();
        if bounds.is_some_and(|bounds| !bounds.overlaps(rect)) {
            continue;
        }
        if overlay.fill_alpha > 0.0 && !overlay.shape.is_open() {
            scene.fill(path.clone(), colour.with_alpha(overlay.fill_alpha), Some(*rect));
        }
        if !path.is_empty() {
            let width = overlay.width_pt * style.pt;
            let edge = Stroke {
                colour: colour.contrast().with_alpha(0.45),
                width: width + 1.2 * style.pt,
                dash: None,
            };
            let dash = overlay.dashed.then_some((4.0 * style.pt, 3.0 * style.pt));
            scene.stroke(path.clone(), Stroke { dash, ..edge }, Some(*rect));
            scene.stroke(path, Stroke { colour, width, dash }, Some(*rect));
        }
        let text = |text: &str, at: Xy| Text {
            halo: Some(colour.contrast().with_alpha(0.8)),
            colour,
            ..super::axis::label_at(at, Anchor::Middle, text, style.small())
        };
        if let Shape::Text { x, y, text: words } = &overlay.shape {
            let (x, y) = axes.to_pixel(rect, (*x, *y));
            labels.push((
                text(words, (x, y + 0.5 * typeface::CAP_HEIGHT * style.small())),
                None,
            ));
        } else if let (Some(words), Some(bounds)) = (&overlay.label, bounds) {
            labels.push((text(words, (0.0, 0.0)), Some(bounds)));
        }
    }
    place_labels(labels, rect, style, scene)
}

/// Puts each label above its shape, or else below, right or left of it, or inside its top: the first place that is
/// inside `rect` and free.
fn place_labels(
    labels: Vec<(Text, Option<Rect>)>,
    rect: &Rect,
    style: &Style,
    scene: &mut Scene,
) -> Result<()> {
    let mut taken: Vec<Rect> = Vec::new();
    for (mut text, shape) in labels {
        if let Some(shape) = shape {
            let width = typeface::width(&text.text, text.size)?;
            let (up, gap) = (typeface::CAP_HEIGHT * text.size, style.gap());
            let half = 0.5 * width;
            let middle = 0.5 * (shape.left + shape.right);
            // A shape at the border keeps its label inside.
            let x = middle.min(rect.right - half - gap).max(rect.left + half + gap);
            let level = 0.5 * (shape.top + shape.bottom + up);
            let places = [
                (x, shape.top - gap - 0.12 * text.size),
                (x, shape.bottom + gap + up),
                (shape.right + gap + half, level),
                (shape.left - gap - half, level),
                (x, shape.top + gap + up),
            ];
            let mut free = None;
            for place in places {
                text.at = place;
                let bounds = text.bounds()?;
                if rect.contains(&bounds) && !taken.iter().any(|other| other.overlaps(&bounds)) {
                    free = Some(place);
                    break;
                }
            }
            text.at = free.unwrap_or(places[0]);
            let y = text.at.1.max(rect.top + up + gap).min(rect.bottom - gap);
            text.at = (
                text.at.0.min(rect.right - half - gap).max(rect.left + half + gap),
                y,
            );
        }
        taken.push(text.bounds()?);
        scene.text(text);
    }
    Ok(())
}
