//! What a plot shows: points, lines, steps, bands, and the lines of reference among them.

use super::axis::{Axes, AxisScale};
use super::style::Style;
use crate::scene::path::{Path, Rect, Xy};
use crate::scene::{Scene, Stroke};
use crate::{Colour, Error, Result};

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A filled disc.
    Disc,
    /// An open circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled diamond.
    Diamond,
    /// An upright cross.
    Plus,
    /// A triangle.
    Triangle,
}

/// How points are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Straight from each to the next.
    Line,
    /// Steps that change half way between points, as histograms have them.
    Step,
}

/// Points that belong together. Where a coordinate is NaN, the point is left out and a line interrupted.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    x_errors: Option<Vec<f64>>,
    y_errors: Option<Vec<f64>>,
    band: Option<Vec<(f64, f64)>>,
    pub(crate) label: Option<String>,
    pub(crate) colour: Option<Colour>,
    marker: Option<Marker>,
    join: Option<Join>,
    width_pt: f64,
    size_pt: f64,
    dashed: bool,
}

impl Series {
    fn with(x: &[f64], y: &[f64], marker: Option<Marker>, join: Option<Join>) -> Self {
        Self {
            x: x.to_vec(),
            y: y.to_vec(),
            x_errors: None,
            y_errors: None,
            band: None,
            label: None,
            colour: None,
            marker,
            join,
            width_pt: 1.4,
            size_pt: 5.0,
            dashed: false,
        }
    }

    /// Points joined by straight lines.
    pub fn line(x: &[f64], y: &[f64]) -> Self {
        Self::with(x, y, None, Some(Join::Line))
    }

    /// Points by themselves.
    pub fn scatter(x: &[f64], y: &[f64]) -> Self {
        Self::with(x, y, Some(Marker::Disc), None)
    }

    /// Points joined by steps.
    pub fn step(x: &[f64], y: &[f64]) -> Self {
        Self::with(x, y, None, Some(Join::Step))
    }

    /// Bars of one standard deviation up and down.
    pub fn y_errors(mut self, errors: &[f64]) -> Self {
        self.y_errors = Some(errors.to_vec());
        self
    }

    /// Bars of one standard deviation to the left and right.
    pub fn x_errors(mut self, errors: &[f64]) -> Self {
        self.x_errors = Some(errors.to_vec());
        self
    }

    /// Shades from the lower to the upper value at each abscissa.
    pub fn band(mut self, low: &[f64], high: &[f64]) -> Self {
        let mut band: Vec<(f64, f64)> = low.iter().copied().zip(high.iter().copied()).collect();
        // A length that does not agree is found when the figure is made.
        band.resize(low.len().max(high.len()), (f64::NAN, f64::NAN));
        self.band = Some(band);
        self
    }

    /// The name in the legend.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The colour; otherwise the series take the cycle's colours in turn.
    pub fn colour(mut self, colour: Colour) -> Self {
        self.colour = Some(colour);
        self
    }

    /// Marks each point.
    pub fn marker(mut self, marker: Marker) -> Self {
        self.marker = Some(marker);
        self
    }

    /// Width of lines in points (1/72 inch).
    pub fn width_pt(mut self, width_pt: f64) -> Self {
        self.width_pt = width_pt.max(0.0);
        self
    }

    /// Size of markers in points (1/72 inch).
    pub fn size_pt(mut self, size_pt: f64) -> Self {
        self.size_pt = size_pt.max(0.0);
        self
    }

    /// Draws the line with dashes.
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let lengths = [
            (Some(self.y.len()), "ordinates"),
            (self.y_errors.as_ref().map(Vec::len), "errors in y"),
            (self.x_errors.as_ref().map(Vec::len), "errors in x"),
            (self.band.as_ref().map(Vec::len), "values of its band"),
        ];
        for (found, what) in lengths {
            if let Some(found) = found.filter(|&found| found != self.x.len()) {
                return Err(Error::SeriesLengths {
                    x: self.x.len(),
                    found,
                    what,
                });
            }
        }
        Ok(())
    }

    /// All that should lie inside the axes: points with the ends of their error bars.
    pub(super) fn extent(&self) -> Vec<Xy> {
        let mut points = Vec::new();
        for (n, (&x, &y)) in self.x.iter().zip(&self.y).enumerate() {
            let error = |errors: &Option<Vec<f64>>| errors.as_ref().map_or(0.0, |errors| errors[n]).max(0.0);
            let (ex, ey) = (error(&self.x_errors), error(&self.y_errors));
            if y.is_finite() {
                points.extend([(x - ex, y - ey), (x + ex, y + ey)]);
            }
            if let Some(band) = &self.band {
                points.extend([(x, band[n].0), (x, band[n].1)]);
            }
        }
        points
    }

    pub(super) fn draw(&self, colour: Colour, axes: &Axes, rect: &Rect, style: &Style, scene: &mut Scene) {
        // A logarithm's NaN for what is not above zero interrupts lines, but error bars reach down to the edge.
        let pixel = |point: Xy| axes.to_pixel(rect, point);
        let clip = Some(*rect);
        if let Some(band) = &self.band {
            let low = self.x.iter().zip(band).map(|(&x, &(low, _))| pixel((x, low)));
            let high = self
                .x
                .iter()
                .zip(band)
                .rev()
                .map(|(&x, &(_, high))| pixel((x, high)));
            let finite = low
                .chain(high)
                .filter(|point| point.0.is_finite() && point.1.is_finite());
            scene.fill(Path::polygon(finite), colour.with_alpha(0.2), clip);
        }
        let stroke = self.stroke(colour, style);
        if let Some(join) = self.join {
            let points: Vec<Xy> = self.x.iter().zip(&self.y).map(|(&x, &y)| pixel((x, y))).collect();
            let path = match join {
                Join::Line => Path::polyline(points),
                Join::Step => Path::polyline(steps(&points)),
            };
            scene.stroke(path, stroke, clip);
        }
        let bars = self.error_bars(axes, rect, style);
        if !bars.is_empty() {
            scene.stroke(
                bars,
                Stroke {
                    width: 0.9 * style.pt,
                    dash: None,
                    ..stroke
                },
                clip,
            );
        }
        if let Some(marker) = self.marker {
            let mut path = Path::new();
            for (&x, &y) in self.x.iter().zip(&self.y) {
                let at = pixel((x, y));
                if rect.holds(at) {
                    path.append(&marker.path(at, 0.5 * self.size_pt * style.pt));
                }
            }
            // A marker on the edge is shown whole.
            marker.draw(path, colour, style, scene);
        }
    }

    fn stroke(&self, colour: Colour, style: &Style) -> Stroke {
        let dash = self.dashed.then_some((4.0 * style.pt, 2.5 * style.pt));
        Stroke {
            colour,
            width: self.width_pt * style.pt,
            dash,
        }
    }

    fn error_bars(&self, axes: &Axes, rect: &Rect, style: &Style) -> Path {
        let mut path = Path::new();
        let cap = 1.8 * style.pt;
        let lowest = |scale: AxisScale, value: f64, low: f64| {
            if scale == AxisScale::Log {
                value.max(0.5 * low)
            } else {
                value
            }
        };
        for (n, (&x, &y)) in self.x.iter().zip(&self.y).enumerate() {
            if !(x.is_finite() && y.is_finite()) {
                continue;
            }
            if let Some(error) = self
                .y_errors
                .as_ref()
                .map(|errors| errors[n])
                .filter(|error| error.is_finite())
            {
                let (low, high) = (lowest(axes.y.scale, y - error, axes.y.low), y + error);
                let ((px, bottom), (_, top)) =
                    (axes.to_pixel(rect, (x, low)), axes.to_pixel(rect, (x, high)));
                path.append(&Path::polyline([(px, bottom), (px, top)]));
                path.append(&Path::polyline([(px - cap, bottom), (px + cap, bottom)]));
                path.append(&Path::polyline([(px - cap, top), (px + cap, top)]));
            }
            if let Some(error) = self
                .x_errors
                .as_ref()
                .map(|errors| errors[n])
                .filter(|error| error.is_finite())
            {
                let (low, high) = (lowest(axes.x.scale, x - error, axes.x.low), x + error);
                let ((left, py), (right, _)) =
                    (axes.to_pixel(rect, (low, y)), axes.to_pixel(rect, (high, y)));
                path.append(&Path::polyline([(left, py), (right, py)]));
                path.append(&Path::polyline([(left, py - cap), (left, py + cap)]));
                path.append(&Path::polyline([(right, py - cap), (right, py + cap)]));
            }
        }
        path
    }

    /// A sample of the series for the legend, around `at`, `width` pixels wide.
    pub(super) fn draw_key(&self, colour: Colour, at: Xy, width: f64, style: &Style, scene: &mut Scene) {
        let (left, right) = (at.0 - 0.5 * width, at.0 + 0.5 * width);
        if self.band.is_some() {
            let half = 3.0 * style.pt;
            let area = Rect {
                left,
                right,
                top: at.1 - half,
                bottom: at.1 + half,
            };
            scene.fill(Path::rectangle(area), colour.with_alpha(0.2), None);
        }
        if self.join.is_some() {
            scene.stroke(
                Path::polyline([(left, at.1), (right, at.1)]),
                self.stroke(colour, style),
                None,
            );
        }
        if let Some(marker) = self.marker {
            marker.draw(
                marker.path(at, 0.5 * self.size_pt * style.pt),
                colour,
                style,
                scene,
            );
        }
    }
}

/// The corners of steps through points, each step's change half way between two points.
fn steps(points: &[Xy]) -> Vec<Xy> {
    let mut corners = Vec::with_capacity(2 * points.len() + 2);
    for (n, &(x, y)) in points.iter().enumerate() {
        let towards = |other: Option<&Xy>| other.map_or(x, |other| 0.5 * (x + other.0));
        let before = towards(n.checked_sub(1).and_then(|last| points.get(last)));
        corners.extend([(before, y), (towards(points.get(n + 1)), y)]);
    }
    corners
}

impl Marker {
    fn path(self, at: Xy, radius: f64) -> Path {
        let corner = |u: f64, v: f64| (at.0 + u * radius, at.1 + v * radius);
        match self {
            Marker::Disc | Marker::Circle => Path::ellipse(at, (radius, 0.0), (0.0, radius)),
            Marker::Square => {
                let side = 0.886;
                Path::polygon([
                    corner(-side, -side),
                    corner(side, -side),
                    corner(side, side),
                    corner(-side, side),
                ])
            }
            Marker::Diamond => {
                let reach = 1.2;
                Path::polygon([
                    corner(-reach, 0.0),
                    corner(0.0, -reach),
                    corner(reach, 0.0),
                    corner(0.0, reach),
                ])
            }
            Marker::Triangle => Path::polygon([corner(0.0, -1.2), corner(1.1, 0.8), corner(-1.1, 0.8)]),
            Marker::Plus => {
                let mut path = Path::polyline([corner(-1.2, 0.0), corner(1.2, 0.0)]);
                path.append(&Path::polyline([corner(0.0, -1.2), corner(0.0, 1.2)]));
                path
            }
        }
    }

    fn draw(self, path: Path, colour: Colour, style: &Style, scene: &mut Scene) {
        let outline = Stroke {
            colour,
            width: 1.1 * style.pt,
            dash: None,
        };
        match self {
            Marker::Circle | Marker::Plus => scene.stroke(path, outline, None),
            _ => scene.fill(path, colour, None),
        }
    }
}
