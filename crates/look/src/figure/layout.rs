//! Where each panel of a figure goes.

use super::axis::{Margins, label_at};
use super::style::{Style, fitted as fitted_text};
use super::{Figure, MOST_PIXELS, Panel};
use crate::limits::Fitted;
use crate::scene::path::Rect;
use crate::scene::{Anchor, Scene, typeface};
use crate::{Error, Result};

/// The tallest axes, as a multiple of their column's width.
const TALLEST: f64 = 1.5;

/// Places and draws everything.
pub fn arrange(figure: &Figure, fitted: &[Option<Fitted>]) -> Result<Scene> {
    if !(figure.dpi.is_finite() && (10.0..=2400.0).contains(&figure.dpi)) {
        return Err(Error::Parameter {
            name: "dpi",
            value: figure.dpi,
            range: "from 10 to 2400",
        });
    }
    let style = Style::new(figure.dpi);
    let grid = Grid::new(figure, fitted, &style)?;
    let mut scene = Scene::new(grid.width, grid.height, figure.dpi);
    if let Some(title) = &figure.title {
        let (text, size) = fitted_text(title, style.heading(), grid.width as f64 - 4.0 * grid.pad)?;
        let at = (
            0.5 * grid.width as f64,
            grid.pad + typeface::CAP_HEIGHT * style.heading(),
        );
        scene.text(label_at(at, Anchor::Middle, &text, size));
    }
    for (n, (panel, fitted)) in figure.panels.iter().zip(fitted).enumerate() {
        let (rect, cell) = grid.place(n);
        match (panel, fitted) {
            (Panel::Image(image), Some(fitted)) => image.draw(fitted, &rect, &style, &mut scene)?,
            (Panel::Plot(plot), _) => plot.draw(&rect, &style, &mut scene)?,
            (Panel::Image(_), None) => {}
        }
        if let Some(title) = panel.title() {
            let (text, size) = fitted_text(title, style.title(), cell)?;
            let above = grid.above(n, figure.panels.len()) + 1.2 * style.gap();
            let at = (0.5 * (rect.left + rect.right), rect.top - above);
            scene.text(label_at(at, Anchor::Middle, &text, size));
        }
    }
    Ok(scene)
}

fn columns(figure: &Figure) -> usize {
    let n = figure.panels.len();
    figure
        .columns
        .unwrap_or(if n >= 8 { 4 } else { 3 })
        .clamp(1, n.max(1))
}

fn width_px(figure: &Figure) -> usize {
    let inches = match columns(figure) {
        1 => 6.8,
        2 => 11.0,
        _ => 14.0,
    };
    figure.width.unwrap_or((inches * figure.dpi).round() as usize)
}

/// The width of a panel's axes before the room for labels is known.
pub fn expected_axes_px(figure: &Figure) -> f64 {
    0.75 * width_px(figure) as f64 / columns(figure) as f64
}

/// Columns and rows, in pixels.
struct Grid {
    width: usize,
    height: usize,
    pad: f64,
    columns: Vec<Track>,
    rows: Vec<Track>,
    /// Width and height of each panel's axes.
    sizes: Vec<(f64, f64)>,
    /// Room around each panel's axes, without the title.
    margins: Vec<Margins>,
}

/// A column from left to right, or a row from top to bottom: where its axes begin, and how long they may be.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    before: f64,
    start: f64,
    length: f64,
    after: f64,
}

impl Grid {
    fn new(figure: &Figure, fitted: &[Option<Fitted>], style: &Style) -> Result<Self> {
        let n = figure.panels.len();
        let (across, width) = (columns(figure), width_px(figure));
        let size = |height: f64, why| Error::Size {
            width: width as u64,
            height: height.max(0.0) as u64,
            why,
        };
        if width as f64 > 100_000.0 {
            return Err(size(0.0, "a figure is at most 100000 pixels wide"));
        }
        let pad = 2.0 * style.gap();
        let mut grid = Self {
            width,
            height: 0,
            pad,
            columns: vec![Track::default(); across],
            rows: vec![Track::default(); n.div_ceil(across)],
            sizes: vec![
                (
                    0.5 * width as f64 / across as f64,
                    0.5 * width as f64 / across as f64
                );
                n
            ],
            margins: vec![Margins::default(); n],
        };
        // Labels need room that depends on the size of the axes, which depends on that room: twice is enough.
        for _ in 0..3 {
            grid.measure(figure, fitted, style)?;
            grid.share_width();
            if grid.columns.iter().any(|column| column.length < 12.0 * style.pt) {
                return Err(size(0.0, "too narrow for its panels and their labels"));
            }
            grid.set_sizes(&figure.panels);
        }
        let heading = figure
            .title
            .as_ref()
            .map_or(0.0, |_| typeface::LINE_HEIGHT * style.heading() + style.gap());
        let height = grid.stack_rows(heading);
        if height > 100_000.0 || height * width as f64 > MOST_PIXELS as f64 {
            return Err(size(
                height,
                "a figure has at most 100000 pixels a side and 400 million in all",
            ));
        }
        grid.height = height as usize;
        Ok(grid)
    }

    fn measure(&mut self, figure: &Figure, fitted: &[Option<Fitted>], style: &Style) -> Result<()> {
        self.columns
            .iter_mut()
            .chain(&mut self.rows)
            .for_each(|track| *track = Track::default());
        for (n, (panel, fitted)) in figure.panels.iter().zip(fitted).enumerate() {
            let (width, height) = self.sizes[n];
            let margins = match (panel, fitted) {
                (Panel::Image(image), Some(fitted)) => image.margins(fitted, width, height, style)?,
                (Panel::Plot(plot), _) => plot.margins(width, height, style)?,
                (Panel::Image(_), None) => Margins::default(),
            };
            self.margins[n] = margins;
            let title = panel
                .title()
                .map_or(0.0, |_| typeface::LINE_HEIGHT * style.title() + style.gap());
            let across = self.columns.len();
            let (column, row) = (&mut self.columns[n % across], &mut self.rows[n / across]);
            column.before = column.before.max(margins.left.ceil());
            column.after = column.after.max(margins.right.ceil());
            row.before = row.before.max((margins.top + title).ceil());
            row.after = row.after.max(margins.bottom.ceil());
        }
        Ok(())
    }

    fn share_width(&mut self) {
        let count = self.columns.len() as f64;
        let taken: f64 = self
            .columns
            .iter()
            .map(|column| column.before + column.after)
            .sum();
        let length = ((self.width as f64 - taken - (count + 1.0) * self.pad) / count).floor();
        let mut at = self.pad.round();
        for column in &mut self.columns {
            column.start = at + column.before;
            column.length = length;
            at = (column.start + length + column.after + self.pad).round();
        }
    }

    /// Images keep their aspect ratio; plots take the height of the images in their row.
    fn set_sizes(&mut self, panels: &[Panel]) {
        let across = self.columns.len();
        let width = self.columns[0].length;
        let tallest = (TALLEST * width).floor();
        let image_size = |aspect: f64| {
            let height = (width * aspect).round().clamp(1.0, tallest);
            ((height / aspect).round().clamp(1.0, width), height)
        };
        for (row, track) in self.rows.iter_mut().enumerate() {
            let members = row * across..((row + 1) * across).min(panels.len());
            let height = |n: usize| match &panels[n] {
                Panel::Image(image) => Some(image_size(image.aspect()).1),
                Panel::Plot(_) => None,
            };
            let images = members.clone().filter_map(height).fold(0.0, f64::max);
            for n in members {
                self.sizes[n] = match &panels[n] {
                    Panel::Image(image) => image_size(image.aspect()),
                    Panel::Plot(_) if images >= 0.4 * width => (width, images),
                    Panel::Plot(plot) => (width, (plot.aspect * width).round().clamp(1.0, tallest)),
                };
                track.length = track.length.max(self.sizes[n].1);
            }
        }
    }

    /// Puts the rows one below the other and gives the whole height.
    fn stack_rows(&mut self, heading: f64) -> f64 {
        let mut at = (self.pad + heading).round();
        for row in &mut self.rows {
            row.start = at + row.before;
            at = (row.start + row.length + row.after + self.pad).round();
        }
        at
    }

    /// Room between a panel's axes and its title, the same for all panels of a row so that titles are level.
    fn above(&self, n: usize, panels: usize) -> f64 {
        let across = self.columns.len();
        let row = n / across;
        (row * across..((row + 1) * across).min(panels))
            .map(|n| self.margins[n].top)
            .fold(0.0, f64::max)
    }

    /// The rectangle of a panel's axes, in the middle of its cell, and the width of the cell.
    fn place(&self, n: usize) -> (Rect, f64) {
        let across = self.columns.len();
        let (column, row) = (&self.columns[n % across], &self.rows[n / across]);
        let (width, height) = self.sizes[n];
        let left = (column.start + 0.5 * (column.length - width)).round();
        let top = (row.start + 0.5 * (row.length - height)).round();
        let rect = Rect {
            left,
            top,
            right: left + width,
            bottom: top + height,
        };
        (rect, column.before + column.length + column.after)
    }
}
