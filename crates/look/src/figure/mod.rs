//! Figures: panels side by side, as PNG or SVG from the same drawing.

mod axis;
mod colour_bar;
mod drawing;
mod image_panel;
mod layout;
#[cfg(test)]
mod layout_tests;
mod legend;
mod overlay;
mod plot_panel;
mod series;
mod style;

pub use axis::AxisScale;
pub use drawing::{Drawing, Format, ImageReport, PanelReport};
pub use image_panel::ImagePanel;
pub use overlay::{Overlay, Shape};
pub use plot_panel::PlotPanel;
pub use series::{Join, Marker, Series};

use crate::limits::{Fitted, shared};
use crate::{Error, Result, write};
use rayon::prelude::*;
use std::path::Path;

/// One panel of a figure.
#[derive(Debug, Clone)]
pub enum Panel<'a> {
    /// An image.
    Image(ImagePanel<'a>),
    /// Numbers against numbers.
    Plot(PlotPanel),
}

impl Panel<'_> {
    fn title(&self) -> Option<&str> {
        match self {
            Panel::Image(image) => image.title.as_deref(),
            Panel::Plot(plot) => plot.title.as_deref(),
        }
    }

    fn report(&self, fitted: Option<&Fitted>) -> PanelReport {
        let image = match (self, fitted) {
            (Panel::Image(image), Some(fitted)) => Some(ImageReport {
                shape: (image.ny, image.nx),
                vmin: fitted.norm.vmin(),
                vmax: fitted.norm.vmax(),
                fallback: fitted.fallback,
            }),
            _ => None,
        };
        PanelReport {
            title: self.title().map(str::to_owned),
            image,
        }
    }
}

impl<'a> From<ImagePanel<'a>> for Panel<'a> {
    fn from(panel: ImagePanel<'a>) -> Self {
        Panel::Image(panel)
    }
}

impl From<PlotPanel> for Panel<'_> {
    fn from(panel: PlotPanel) -> Self {
        Panel::Plot(panel)
    }
}

/// Panels in rows and columns.
///
/// ```
/// use firstlight_frame::Image;
/// use firstlight_look::{ColourMap, Figure, ImagePanel, Overlay, Scaling, Shape};
///
/// let image = Image::from_fn(64, 96, |x, y| (x * y) as f32);
/// let target = Shape::Ellipse { x: 40.0, y: 30.0, a: 14.0, b: 8.0, theta_deg: 90.0 };
/// let svg = Figure::new()
///     .panel(
///         ImagePanel::new(&image)
///             .title("F165LP")
///             .scaling(Scaling::log())
///             .colour_map(ColourMap::named("viridis")?)
///             .unit("electron/s")
///             .overlay(Overlay::new(target).label("target")),
///     )
///     .to_svg()?;
/// assert!(svg.contains(">F165LP</text>"));
/// # Ok::<(), firstlight_look::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Figure<'a> {
    title: Option<String>,
    panels: Vec<Panel<'a>>,
    columns: Option<usize>,
    width: Option<usize>,
    dpi: f64,
    same_scale: bool,
}

/// Most pixels of a figure: 400 million, of which a picture takes 1.6 GB of memory.
const MOST_PIXELS: u64 = 400_000_000;

impl Default for Figure<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Figure<'a> {
    /// A figure without panels, at 100 pixels an inch.
    pub fn new() -> Self {
        Self {
            title: None,
            panels: Vec::new(),
            columns: None,
            width: None,
            dpi: 100.0,
            same_scale: false,
        }
    }

    /// Text above all panels.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into()).filter(|title: &String| !title.is_empty());
        self
    }

    /// Adds a panel, to the right of the last, or in the next row.
    pub fn panel(mut self, panel: impl Into<Panel<'a>>) -> Self {
        self.panels.push(panel.into());
        self
    }

    /// Number of panels side by side; otherwise up to three, four for eight or more.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns.max(1));
        self
    }

    /// Width of the whole figure in pixels; the height follows from the panels. Otherwise 6.8 inches for one
    /// column, 11 for two and 14 for more.
    pub fn width_px(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// Pixels an inch: text and lines keep their printed size at any.
    pub fn dpi(mut self, dpi: f64) -> Self {
        self.dpi = dpi;
        self
    }

    /// Gives all images of one stretch the same limits, so that equal colours are equal samples.
    pub fn same_scale(mut self, same: bool) -> Self {
        self.same_scale = same;
        self
    }

    /// Finds limits and places everything. What is drawn can then be asked for in both formats.
    ///
    /// # Errors
    /// [`Error::NoPanels`], [`Error::EmptyImage`], [`Error::Size`] for a figure too large or too small for its
    /// panels, and what is wrong with a panel: [`Error::Limits`], [`Error::Parameter`], [`Error::SeriesLengths`].
    pub fn draw(&self) -> Result<Drawing> {
        let fitted = self.fit()?;
        let titles: Vec<Option<&str>> = self.panels.iter().map(Panel::title).collect();
        let named = self
            .title
            .as_deref()
            .into_iter()
            .chain(titles.iter().copied().flatten());
        Ok(Drawing {
            scene: layout::arrange(self, &fitted)?,
            title: named.collect::<Vec<_>>().join(", "),
            panels: self
                .panels
                .iter()
                .zip(&fitted)
                .map(|(panel, fitted)| panel.report(fitted.as_ref()))
                .collect(),
        })
    }

    /// The figure as the bytes of a PNG file.
    ///
    /// # Errors
    /// As [`Figure::draw`], and [`Error::Png`].
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.draw()?.to_png()
    }

    /// The figure as SVG, without an XML declaration, so that it can stand in a page.
    ///
    /// # Errors
    /// As [`Figure::to_png`].
    pub fn to_svg(&self) -> Result<String> {
        self.draw()?.to_svg()
    }

    /// Writes a PNG file, replacing `path` in one step.
    ///
    /// # Errors
    /// As [`Figure::to_png`], and [`Error::Write`].
    pub fn png(&self, path: impl AsRef<Path>) -> Result<()> {
        write::replace(path.as_ref(), &self.to_png()?)
    }

    /// Writes an SVG file, replacing `path` in one step.
    ///
    /// # Errors
    /// As [`Figure::to_svg`], and [`Error::Write`].
    pub fn svg(&self, path: impl AsRef<Path>) -> Result<()> {
        write::replace(path.as_ref(), self.to_svg()?.as_bytes())
    }

    /// Writes PNG or SVG, as the file's name ends.
    ///
    /// # Errors
    /// [`Error::Format`] for another ending; otherwise as [`Figure::png`] and [`Figure::svg`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.draw()?.save(path)
    }

    /// The limits of each image panel.
    fn fit(&self) -> Result<Vec<Option<Fitted>>> {
        if self.panels.is_empty() {
            return Err(Error::NoPanels);
        }
        let axes_px = layout::expected_axes_px(self);
        let fit = |panel: &Panel| match panel {
            Panel::Image(image) => image.fit(axes_px).map(Some),
            Panel::Plot(plot) => plot.check().map(|()| None),
        };
        let mut fitted = self.panels.par_iter().map(fit).collect::<Result<Vec<_>>>()?;
        if self.same_scale {
            self.share_limits(&mut fitted)?;
        }
        Ok(fitted)
    }

    fn share_limits(&self, fitted: &mut [Option<Fitted>]) -> Result<()> {
        let stretch = |panel: &Panel| match panel {
            Panel::Image(image) => Some(image.scaling.stretch),
            Panel::Plot(_) => None,
        };
        for n in 0..self.panels.len() {
            let Panel::Image(first) = &self.panels[n] else {
                continue;
            };
            let alike = |m: &usize| stretch(&self.panels[*m]) == Some(first.scaling.stretch);
            if (0..n).any(|m| alike(&m)) {
                continue;
            }
            let group: Vec<usize> = (n..self.panels.len()).filter(alike).collect();
            let fits: Vec<Fitted> = group.iter().filter_map(|&m| fitted[m]).collect();
            let Some(norm) = shared(&first.scaling, &fits)? else {
                continue;
            };
            for m in group {
                if let Some(fit) = &mut fitted[m] {
                    fit.norm = norm;
                }
            }
        }
        Ok(())
    }
}
