//! A figure whose limits are found and whose parts are in their places.

use crate::limits::Fallback;
use crate::scene::Scene;
use crate::{Error, Raster, Result, write};
use serde::Serialize;
use std::path::Path;

/// What a figure became: the limits that were used, and the picture in both formats.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub(super) scene: Scene,
    pub(super) title: String,
    pub(super) panels: Vec<PanelReport>,
}

/// What was used for one panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PanelReport {
    /// Its title.
    pub title: Option<String>,
    /// For an image, what its colours stand for.
    pub image: Option<ImageReport>,
}

/// The limits of an image, in the samples' unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageReport {
    /// Shape `(ny, nx)` of what is shown.
    pub shape: (usize, usize),
    /// The sample with the map's first colour.
    pub vmin: f64,
    /// The sample with the map's last colour.
    pub vmax: f64,
    /// Why these are not what was asked for, if so.
    pub fallback: Option<Fallback>,
}

impl Drawing {
    /// One entry a panel, in order.
    pub fn panels(&self) -> &[PanelReport] {
        &self.panels
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.scene.width, self.scene.height)
    }

    /// The pixels.
    ///
    /// # Errors
    /// [`Error::Size`] where memory cannot hold them.
    pub fn to_raster(&self) -> Result<Raster> {
        self.scene.rasterise()
    }

    /// The bytes of a PNG file.
    ///
    /// # Errors
    /// As [`Drawing::to_raster`], and [`Error::Png`].
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.to_raster()?.to_png_at(self.scene.dpi)
    }

    /// The text of an SVG file, without an XML declaration.
    ///
    /// # Errors
    /// [`Error::Png`] for a picture inside that cannot be encoded.
    pub fn to_svg(&self) -> Result<String> {
        self.scene.to_svg(&self.title)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// As [`Drawing::to_png`] and [`Drawing::to_svg`].
    pub fn to_bytes(&self, format: Format) -> Result<Vec<u8>> {
        match format {
            Format::Png => self.to_png(),
            Format::Svg => self.to_svg().map(String::into_bytes),
        }
    }

    /// Writes PNG or SVG, as the file's name ends, replacing `path` in one step.
    ///
    /// # Errors
    /// [`Error::Format`] for another ending; [`Error::Write`]; otherwise as [`Drawing::to_bytes`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write::replace(path, &self.to_bytes(Format::of(path)?)?)
    }
}

/// The formats of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Shapes and text, with images as pixels inside.
    Svg,
}

impl Format {
    /// The format that a file's name asks for.
    ///
    /// # Errors
    /// [`Error::Format`] where it ends in neither `.png` nor `.svg`.
    pub fn of(path: &Path) -> Result<Self> {
        match path
            .extension()
            .and_then(|ending| ending.to_str())
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("png") => Ok(Format::Png),
            Some("svg") => Ok(Format::Svg),
            _ => Err(Error::Format {
                path: path.to_owned(),
            }),
        }
    }
}
