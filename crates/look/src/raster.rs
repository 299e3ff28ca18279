//! Pixels of a picture, and their PNG.

use crate::reduce::View;
use crate::{Colour, ColourMap, Error, Norm, Result, write};
use rayon::prelude::*;
use std::path::Path;

/// A picture of `width` by `height` pixels, the top row first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Red, green, blue, opacity.
    rgba: Vec<[u8; 4]>,
}

impl Raster {
    /// A picture from its pixels.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not `width * height`.
    pub fn new(width: usize, height: usize, rgba: Vec<[u8; 4]>) -> Result<Self> {
        if width.checked_mul(height) != Some(rgba.len()) {
            return Err(Error::Shape {
                ny: height,
                nx: width,
                found: rgba.len(),
            });
        }
        Ok(Self { width, height, rgba })
    }

    /// Paints samples, one pixel each, row 0 at the bottom.
    pub(crate) fn painted(view: View, norm: &Norm, map: &ColourMap) -> Self {
        let mut rgba = vec![[0; 4]; view.samples.len()];
        if view.nx > 0 {
            let rows = view.samples.par_chunks(view.nx).rev();
            rgba.par_chunks_mut(view.nx).zip(rows).for_each(|(line, row)| {
                for (pixel, &sample) in line.iter_mut().zip(row) {
                    let Colour { r, g, b, a } = map.at(norm.place(f64::from(sample)));
                    *pixel = [r, g, b, a];
                }
            });
        }
        Self {
            width: view.nx,
            height: view.ny,
            rgba,
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green, blue and opacity of each pixel, the top row first.
    pub fn pixels(&self) -> &[[u8; 4]] {
        &self.rgba
    }

    /// The picture as a PNG file's bytes: with a palette where there are at most 256 colours, otherwise with
    /// 8 bits a channel, and with opacity only where a pixel is not opaque.
    ///
    /// # Errors
    /// [`Error::Size`] for a picture without pixels or beyond PNG's range.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.encode(None)
    }

    /// As [`Raster::to_png`], and records `dpi` pixels an inch.
    ///
    /// # Errors
    /// As [`Raster::to_png`].
    pub fn to_png_at(&self, dpi: f64) -> Result<Vec<u8>> {
        self.encode(Some(dpi))
    }

    /// Writes the picture as a PNG file, replacing `path` in one step.
    ///
    /// # Errors
    /// As [`Raster::to_png`], and [`Error::Write`].
    pub fn png(&self, path: impl AsRef<Path>) -> Result<()> {
        write::replace(path.as_ref(), &self.to_png()?)
    }

    fn encode(&self, dpi: Option<f64>) -> Result<Vec<u8>> {
        let size = |why| Error::Size {
            width: self.width as u64,
            height: self.height as u64,
            why,
        };
        let side = |n: usize| u32::try_from(n).ok().filter(|&n| n > 0 && n <= 1 << 30);
        let (Some(width), Some(height)) = (side(self.width), side(self.height)) else {
            return Err(size("a PNG has from 1 to 2^30 pixels a side"));
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_depth(png::BitDepth::Eight);
        if let Some(dpi) = dpi {
            let per_metre = (dpi / 0.0254).round() as u32;
            encoder.set_pixel_dims(Some(png::PixelDimensions {
                xppu: per_metre,
                yppu: per_metre,
                unit: png::Unit::Meter,
            }));
        }
        let opaque = self.rgba.par_iter().all(|pixel| pixel[3] == 255);
        let indexed = if opaque { Indexed::of(&self.rgba) } else { None };
        let (colour, data) = match indexed {
            Some(Indexed { palette, indices }) => {
                encoder.set_palette(palette);
                // Neighbouring indices are no better predicted from each other than packed as they are.
                encoder.set_filter(png::Filter::NoFilter);
                (png::ColorType::Indexed, indices)
            }
            None if opaque => {
                let rgb = self.rgba.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
                (png::ColorType::Rgb, rgb)
            }
            None => (png::ColorType::Rgba, self.rgba.as_flattened().to_vec()),
        };
        encoder.set_color(colour);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&data)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// A picture of few colours: their list, and each pixel's place in it.
struct Indexed {
    palette: Vec<u8>,
    indices: Vec<u8>,
}

/// Slots of the table in which colours are looked up: few enough to stay in cache, many enough for 256 colours to
/// find theirs at once.
const SLOTS: usize = 4096;

impl Indexed {
    /// `None` where there are more than 256 colours.
    fn of(rgba: &[[u8; 4]]) -> Option<Self> {
        // The colour in each slot and its place in the palette.
        let mut table: Vec<Option<([u8; 4], u8)>> = vec![None; SLOTS];
        let mut palette = Vec::new();
        let mut indices = Vec::with_capacity(rgba.len());
        for pixel in rgba {
            let mut slot = u32::from_le_bytes(*pixel).wrapping_mul(0x9e37_79b1) as usize >> 20;
            let place = loop {
                match table[slot] {
                    Some((colour, place)) if colour == *pixel => break place,
                    Some(_) => slot = (slot + 1) % SLOTS,
                    None => {
                        let place = u8::try_from(palette.len() / 3).ok()?;
                        table[slot] = Some((*pixel, place));
                        palette.extend_from_slice(&pixel[..3]);
                        break place;
                    }
                }
            };
            indices.push(place);
        }
        Some(Self { palette, indices })
    }
}
