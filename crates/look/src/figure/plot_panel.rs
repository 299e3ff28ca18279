//! A panel of numbers against numbers.

use super::axis::{Axes, Axis, AxisScale, Margins, label_at};
use super::legend;
use super::series::Series;
use super::style::Style;
use crate::scene::path::{Path, Rect, Xy};
use crate::scene::{Anchor, Scene, Stroke, Text, typeface};
use crate::{Colour, Error, Result};

/// A straight line across the plot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    pub(crate) at: f64,
    pub(crate) upright: bool,
    label: String,
}

/// Series in common axes, with lines of reference and a legend where series have labels.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotPanel {
    pub(crate) title: Option<String>,
    pub(crate) x_label: Option<String>,
    pub(crate) y_label: Option<String>,
    x_scale: AxisScale,
    y_scale: AxisScale,
    x_range: Option<(f64, f64)>,
    y_range: Option<(f64, f64)>,
    pub(crate) series: Vec<Series>,
    pub(crate) references: Vec<Reference>,
    grid: bool,
    pub(super) aspect: f64,
}

impl PlotPanel {
    /// An empty plot with labels for its axes.
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self {
            title: None,
            x_label: some(x_label.into()),
            y_label: some(y_label.into()),
            x_scale: AxisScale::Linear,
            y_scale: AxisScale::Linear,
            x_range: None,
            y_range: None,
            series: Vec::new(),
            references: Vec::new(),
            grid: true,
            aspect: 0.66,
        }
    }

    /// Text above the panel.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds points.
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Adds a level line at `y`.
    pub fn level(mut self, y: f64, label: impl Into<String>) -> Self {
        self.references.push(Reference {
            at: y,
            upright: false,
            label: label.into(),
        });
        self
    }

    /// Adds an upright line at `x`.
    pub fn upright(mut self, x: f64, label: impl Into<String>) -> Self {
        self.references.push(Reference {
            at: x,
            upright: true,
            label: label.into(),
        });
        self
    }

    /// Spreads the x axis.
    pub fn x_scale(mut self, scale: AxisScale) -> Self {
        self.x_scale = scale;
        self
    }

    /// Spreads the y axis.
    pub fn y_scale(mut self, scale: AxisScale) -> Self {
        self.y_scale = scale;
        self
    }

    /// The x axis from `low` to `high` instead of around the points.
    pub fn x_range(mut self, low: f64, high: f64) -> Self {
        self.x_range = Some((low, high));
        self
    }

    /// The y axis from `low` to `high` instead of around the points.
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }

    /// Whether there are faint lines at the ticks; there are unless this says no.
    pub fn grid(mut self, grid: bool) -> Self {
        self.grid = grid;
        self
    }

    /// Height of the axes over their width, where no image in the same row decides it.
    pub fn aspect(mut self, aspect: f64) -> Self {
        self.aspect = if aspect.is_finite() {
            aspect.clamp(0.05, 20.0)
        } else {
            self.aspect
        };
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        for (range, scale) in [(self.x_range, self.x_scale), (self.y_range, self.y_scale)] {
            let Some((low, high)) = range else { continue };
            let refuse = |why| {
                Err(Error::Limits {
                    vmin: low,
                    vmax: high,
                    why,
                })
            };
            if !(low.is_finite() && high.is_finite() && low < high) {
                return refuse("an axis runs from a lower to a higher number");
            }
            if scale == AxisScale::Log && low <= 0.0 {
                return refuse("a logarithmic axis starts above zero");
            }
        }
        self.series.iter().try_for_each(Series::check)
    }

    /// The axes, with a little space around the points where no range is given.
    pub(super) fn axes(&self) -> Axes {
        let mut points: Vec<Xy> = self.series.iter().flat_map(Series::extent).collect();
        for reference in &self.references {
            points.push(if reference.upright {
                (reference.at, f64::NAN)
            } else {
                (f64::NAN, reference.at)
            });
        }
        let axis = |values: Vec<f64>, range: Option<(f64, f64)>, scale, label: &Option<String>| {
            let (low, high) = range.unwrap_or_else(|| around(&values, scale));
            Axis {
                low,
                high,
                scale,
                label: label.clone(),
                whole: false,
            }
        };
        Axes {
            x: axis(
                points.iter().map(|point| point.0).collect(),
                self.x_range,
                self.x_scale,
                &self.x_label,
            ),
            y: axis(
                points.iter().map(|point| point.1).collect(),
                self.y_range,
                self.y_scale,
                &self.y_label,
            ),
        }
    }

    pub(super) fn margins(&self, width: f64, height: f64, style: &Style) -> Result<Margins> {
        self.axes().margins(width, height, style)
    }

    pub(super) fn draw(&self, rect: &Rect, style: &Style, scene: &mut Scene) -> Result<()> {
        let axes = self.axes();
        if self.grid {
            axes.draw_grid(scene, rect, style)?;
        }
        for reference in &self.references {
            reference.line(&axes, rect, style, scene);
        }
        let colour = |n: usize| self.series[n].colour.unwrap_or_else(|| Colour::of_series(n));
        for (n, series) in self.series.iter().enumerate() {
            series.draw(colour(n), &axes, rect, style, scene);
        }
        // Over the points, which they hide few of and could not be read under.
        for reference in &self.references {
            reference.name(&axes, rect, style, scene);
        }
        axes.draw(scene, rect, style)?;
        legend::draw(&self.series, colour, &axes, rect, style, scene)
    }
}

/// The colour of lines that points are compared with.
const GREY: Colour = Colour::rgb(110, 110, 110);

impl Reference {
    /// Where the line crosses the axis.
    fn place(&self, axes: &Axes, rect: &Rect) -> f64 {
        match self.upright {
            true => axes.to_pixel(rect, (self.at, axes.y.low)).0,
            false => axes.to_pixel(rect, (axes.x.low, self.at)).1,
        }
    }

    fn line(&self, axes: &Axes, rect: &Rect, style: &Style, scene: &mut Scene) {
        let stroke = Stroke {
            colour: GREY,
            width: style.pt,
            dash: Some((3.0 * style.pt, 2.5 * style.pt)),
        };
        let at = self.place(axes, rect);
        let ends = match self.upright {
            true => [(at, rect.top), (at, rect.bottom)],
            false => [(rect.left, at), (rect.right, at)],
        };
        scene.stroke(Path::polyline(ends), stroke, Some(*rect));
    }

    fn name(&self, axes: &Axes, rect: &Rect, style: &Style, scene: &mut Scene) {
        let size = 0.9 * style.small();
        let place = self.place(axes, rect);
        let at = match self.upright {
            true => (place - 0.5 * style.gap(), rect.top + style.gap()),
            false => (rect.right - style.gap(), place - typeface::DESCENT * size),
        };
        let text = Text {
            upwards: self.upright,
            colour: GREY,
            halo: Some(Colour::WHITE.with_alpha(0.85)),
            ..label_at(at, Anchor::End, &self.label, size)
        };
        if rect.holds(text.at) {
            scene.text(text);
        }
    }
}

/// From the smallest to the largest usable value, and a twenty-fifth more at both ends.
fn around(values: &[f64], scale: AxisScale) -> (f64, f64) {
    let log = scale == AxisScale::Log;
    let usable = values
        .iter()
        .copied()
        .filter(|value| value.is_finite() && (!log || *value > 0.0));
    let curve = |value: f64| if log { value.ln() } else { value };
    let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(curve(value)), high.max(curve(value)))
    });
    let (low, high) = match (low, high) {
        (low, high) if low > high => (0.0, 1.0),
        (low, high) if low == high && log => (low - 1.0, high + 1.0),
        (low, high) if low == high => {
            let half = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
            (low - half, high + half)
        }
        (low, high) => {
            let more = 0.04 * (high - low);
            (low - more, high + more)
        }
    };
    if log { (low.exp(), high.exp()) } else { (low, high) }
}
