//! A panel that shows an image.

use super::axis::{Axes, Axis, AxisScale, Margins, label_at};
use super::colour_bar;
use super::overlay::{self, Overlay};
use super::style::Style;
use crate::limits::{Fitted, Scaling};
use crate::reduce::{Reduction, View, resample};
use crate::scene::path::{Path, Rect};
use crate::scene::{Anchor, Item, Scene};
use crate::{Colour, ColourMap, Error, Raster, Result};
use firstlight_frame::Image;
use std::borrow::Cow;
use std::ops::Range;

/// An image with its scaling, colours, title, axes in pixels, overlays and colour bar.
///
/// Row 0 is at the bottom. Where the panel has fewer pixels than the image, several samples become one
/// ([`Reduction`]); where it has more, each sample becomes a block of equal pixels. The aspect ratio is kept.
#[derive(Debug, Clone)]
pub struct ImagePanel<'a> {
    pub(super) ny: usize,
    pub(super) nx: usize,
    pub(super) samples: Cow<'a, [f32]>,
    /// Coordinates of the first sample, where this is a section of a larger image.
    first: (usize, usize),
    pub(super) title: Option<String>,
    pub(super) scaling: Scaling,
    map: ColourMap,
    reduction: Reduction,
    x_label: Option<String>,
    y_label: Option<String>,
    bar: bool,
    unit: Option<String>,
    overlays: Vec<Overlay>,
}

impl<'a> ImagePanel<'a> {
    /// A panel of an image that stays where it is.
    pub fn new(image: &'a Image<f32>) -> Self {
        Self::with_samples(image.ny(), image.nx(), Cow::Borrowed(image.as_slice()))
    }

    /// A panel that keeps the image.
    pub fn owned(image: Image<f32>) -> ImagePanel<'static> {
        let (ny, nx) = image.shape();
        ImagePanel::with_samples(ny, nx, Cow::Owned(image.into_vec()))
    }

    /// A panel of `ny` rows of `nx` samples that stay where they are.
    ///
    /// # Errors
    /// [`Error::Shape`] where there are not as many.
    pub fn from_slice(ny: usize, nx: usize, samples: &'a [f32]) -> Result<Self> {
        if ny.checked_mul(nx) != Some(samples.len()) {
            return Err(Error::Shape {
                ny,
                nx,
                found: samples.len(),
            });
        }
        Ok(Self::with_samples(ny, nx, Cow::Borrowed(samples)))
    }

    fn with_samples(ny: usize, nx: usize, samples: Cow<'a, [f32]>) -> Self {
        Self {
            ny,
            nx,
            samples,
            first: (0, 0),
            title: None,
            scaling: Scaling::default(),
            map: ColourMap::default(),
            reduction: Reduction::default(),
            x_label: Some("x (pixel)".to_owned()),
            y_label: Some("y (pixel)".to_owned()),
            bar: true,
            unit: None,
            overlays: Vec::new(),
        }
    }

    /// Shows only `[y0:y1, x0:x1]`; the axes keep the image's coordinates, and limits come from the section.
    ///
    /// # Errors
    /// [`Error::Section`] where it is empty or not inside the image.
    pub fn section(mut self, y: Range<usize>, x: Range<usize>) -> Result<Self> {
        if y.is_empty() || x.is_empty() || y.end > self.ny || x.end > self.nx {
            return Err(Error::Section {
                y,
                x,
                ny: self.ny,
                nx: self.nx,
            });
        }
        let rows = self.samples.chunks_exact(self.nx).skip(y.start).take(y.len());
        let cut: Vec<f32> = rows.flat_map(|row| row[x.clone()].iter().copied()).collect();
        self.first = (self.first.0 + y.start, self.first.1 + x.start);
        (self.ny, self.nx, self.samples) = (y.len(), x.len(), Cow::Owned(cut));
        Ok(self)
    }

    /// Text above the panel.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Stretch and limits.
    pub fn scaling(mut self, scaling: Scaling) -> Self {
        self.scaling = scaling;
        self
    }

    /// Colours.
    pub fn colour_map(mut self, map: ColourMap) -> Self {
        self.map = map;
        self
    }

    /// How samples are brought together where the panel is smaller than the image.
    pub fn reduction(mut self, reduction: Reduction) -> Self {
        self.reduction = reduction;
        self
    }

    /// Labels of the axes; empty text leaves one out.
    pub fn axis_labels(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        (self.x_label, self.y_label) = (some(x.into()), some(y.into()));
        self
    }

    /// Whether there is a colour bar; there is unless this says no.
    pub fn colour_bar(mut self, bar: bool) -> Self {
        self.bar = bar;
        self
    }

    /// Unit of the samples, beside the colour bar.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into()).filter(|unit: &String| !unit.is_empty());
        self
    }

    /// Adds a shape on top of the image.
    pub fn overlay(mut self, overlay: impl Into<Overlay>) -> Self {
        self.overlays.push(overlay.into());
        self
    }

    /// Adds several.
    pub fn overlays(mut self, overlays: impl IntoIterator<Item = Overlay>) -> Self {
        self.overlays.extend(overlays);
        self
    }

    /// Finds the limits for a panel that is `width` pixels wide, more or less.
    pub(super) fn fit(&self, width: f64) -> Result<Fitted> {
        let (ny, nx) = (self.ny, self.nx);
        if ny == 0 || nx == 0 {
            return Err(Error::EmptyImage { ny, nx });
        }
        if !self.scaling.is_of_picture() {
            return self.scaling.fit(&self.samples);
        }
        let smaller = (width / nx as f64).min(1.0);
        let shrunk = |n: usize| ((n as f64 * smaller).round() as usize).max(1);
        let samples: &[f32] = &self.samples;
        let painted = resample(View { ny, nx, samples }, shrunk(ny), shrunk(nx), self.reduction);
        let each = match self.reduction {
            Reduction::Mean => samples.len() as f64 / painted.len() as f64,
            Reduction::Max => 1.0,
        };
        self.scaling.fit_picture(&painted, samples, each)
    }

    /// The image alone, a pixel for each sample, its row 0 at the bottom; and the limits that were used.
    ///
    /// # Errors
    /// [`Error::EmptyImage`]; [`Error::Limits`] and [`Error::Parameter`] for a scaling that cannot be used.
    pub fn paint(&self) -> Result<(Raster, Fitted)> {
        let fitted = self.fit(f64::INFINITY)?;
        let view = View {
            ny: self.ny,
            nx: self.nx,
            samples: &self.samples,
        };
        Ok((Raster::painted(view, &fitted.norm, &self.map), fitted))
    }

    pub(super) fn aspect(&self) -> f64 {
        self.ny as f64 / self.nx as f64
    }

    fn axes(&self) -> Axes {
        let axis = |first: usize, n: usize, label: &Option<String>| Axis {
            low: first as f64 - 0.5,
            high: (first + n) as f64 - 0.5,
            scale: AxisScale::Linear,
            label: label.clone(),
            whole: true,
        };
        Axes {
            x: axis(self.first.1, self.nx, &self.x_label),
            y: axis(self.first.0, self.ny, &self.y_label),
        }
    }

    pub(super) fn margins(&self, fitted: &Fitted, width: f64, height: f64, style: &Style) -> Result<Margins> {
        let mut margins = self.axes().margins(width, height, style)?;
        if self.bar {
            let bar = colour_bar::room(&fitted.norm, self.unit.as_deref(), height, style)?;
            margins.right = margins.right.max(bar.right);
            margins.top = margins.top.max(bar.top);
        }
        Ok(margins)
    }

    pub(super) fn draw(&self, fitted: &Fitted, rect: &Rect, style: &Style, scene: &mut Scene) -> Result<()> {
        let (width, height) = (rect.width() as usize, rect.height() as usize);
        let view = View {
            ny: self.ny,
            nx: self.nx,
            samples: &self.samples,
        };
        // Enlarged here as well, because viewers of SVG would blur a picture of fewer pixels.
        let samples = resample(view, height, width, self.reduction);
        let view = View {
            ny: height,
            nx: width,
            samples: &samples,
        };
        let raster = Raster::painted(view, &fitted.norm, &self.map);
        scene.items.push(Item::Picture { rect: *rect, raster });
        let axes = self.axes();
        overlay::draw(
            &self.overlays,
            self.map.overlay_colour(),
            &axes,
            rect,
            style,
            scene,
        )?;
        axes.draw(scene, rect, style)?;
        if self.bar {
            colour_bar::draw(&fitted.norm, &self.map, self.unit.as_deref(), rect, style, scene)?;
        }
        if let Some(fallback) = fitted.fallback {
            let at = (0.5 * (rect.left + rect.right), rect.top + 2.0 * style.small());
            let note = label_at(at, Anchor::Middle, fallback.text(), style.small());
            let card = note.bounds()?.grown(style.gap());
            scene.fill(Path::rectangle(card), Colour::WHITE.with_alpha(0.85), Some(*rect));
            scene.text(note);
        }
        Ok(())
    }
}
