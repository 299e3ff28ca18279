//! Scenes as pixels, drawn by tiny-skia.

use super::path::{Path, Rect, Segment};
use super::{Anchor, Item, Scene, Stroke, Text, typeface};
use crate::{Colour, Error, Raster, Result};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Mask, Paint, PathBuilder, Pixmap, PixmapMut, PremultipliedColorU8,
    StrokeDash, Transform,
};

pub fn draw(scene: &Scene) -> Result<Raster> {
    let size = || Error::Size {
        width: scene.width as u64,
        height: scene.height as u64,
        why: "more than can be drawn, or nothing",
    };
    let side = |n: usize| u32::try_from(n).map_err(|_| size());
    let mut pixmap = Pixmap::new(side(scene.width)?, side(scene.height)?).ok_or_else(size)?;
    pixmap.fill(paint_of(scene.background));
    let mut canvas = Canvas {
        pixmap: pixmap.as_mut(),
        clip: None,
    };
    for item in &scene.items {
        match item {
            Item::Shape {
                path,
                fill,
                stroke,
                clip,
            } => canvas.shape(path, *fill, stroke.as_ref(), *clip),
            Item::Text(text) => canvas.text(text)?,
            Item::Picture { rect, raster } => canvas.picture(*rect, raster),
        }
    }
    let rgba = pixmap.pixels().iter().map(|pixel| {
        let colour = pixel.demultiply();
        [colour.red(), colour.green(), colour.blue(), colour.alpha()]
    });
    Raster::new(scene.width, scene.height, rgba.collect())
}

struct Canvas<'a> {
    pixmap: PixmapMut<'a>,
    /// The clip that was used last; a panel's items come one after the other.
    clip: Option<(Rect, Mask)>,
}

impl Canvas<'_> {
    fn shape(&mut self, path: &Path, fill: Option<Colour>, stroke: Option<&Stroke>, clip: Option<Rect>) {
        let Some(path) = outline(path) else { return };
        self.set_clip(clip);
        let mask = clip.and(self.clip.as_ref().map(|(_, mask)| mask));
        if let Some(colour) = fill {
            self.pixmap.fill_path(
                &path,
                &paint(colour),
                FillRule::Winding,
                Transform::identity(),
                mask,
            );
        }
        if let Some(stroke) = stroke {
            let style = tiny_skia::Stroke {
                width: stroke.width as f32,
                line_cap: LineCap::Butt,
                line_join: LineJoin::Miter,
                dash: stroke
                    .dash
                    .and_then(|(on, off)| StrokeDash::new(vec![on as f32, off as f32], 0.0)),
                ..tiny_skia::Stroke::default()
            };
            self.pixmap
                .stroke_path(&path, &paint(stroke.colour), &style, Transform::identity(), mask);
        }
    }

    fn set_clip(&mut self, clip: Option<Rect>) {
        let Some(rect) = clip else { return };
        if self.clip.as_ref().is_some_and(|(last, _)| *last == rect) {
            return;
        }
        self.clip = Mask::new(self.pixmap.width(), self.pixmap.height()).and_then(|mut mask| {
            let area = outline(&Path::rectangle(rect))?;
            mask.fill_path(&area, FillRule::Winding, true, Transform::identity());
            Some((rect, mask))
        });
    }

    fn text(&mut self, text: &Text) -> Result<()> {
        let width = typeface::width(&text.text, text.size)?;
        let before = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5 * width,
            Anchor::End => width,
        };
        let (x, y) = text.at;
        let turned = typeface::outlines(&text.text, text.size)?.mapped(|(along, down)| {
            if text.upwards {
                (x + down, y + before - along)
            } else {
                (x - before + along, y + down)
            }
        });
        let Some(path) = outline(&turned) else {
            return Ok(());
        };
        if let Some(halo) = text.halo {
            let style = tiny_skia::Stroke {
                width: (text.size * 0.22) as f32,
                line_join: LineJoin::Round,
                ..tiny_skia::Stroke::default()
            };
            self.pixmap
                .stroke_path(&path, &paint(halo), &style, Transform::identity(), None);
        }
        self.pixmap.fill_path(
            &path,
            &paint(text.colour),
            FillRule::Winding,
            Transform::identity(),
            None,
        );
        Ok(())
    }

    /// Each pixel of the canvas takes the pixel of the picture that lies below its centre.
    fn picture(&mut self, rect: Rect, raster: &Raster) {
        let (canvas_width, canvas_height) = (self.pixmap.width() as usize, self.pixmap.height() as usize);
        let (left, top) = (rect.left.max(0.0) as usize, rect.top.max(0.0) as usize);
        let (width, height) = (rect.width() as usize, rect.height() as usize);
        let pixels = self.pixmap.pixels_mut();
        for y in 0..height.min(canvas_height.saturating_sub(top)) {
            let row = (2 * y + 1) * raster.height() / (2 * height) * raster.width();
            for x in 0..width.min(canvas_width.saturating_sub(left)) {
                let [r, g, b, a] = raster.pixels()[row + (2 * x + 1) * raster.width() / (2 * width)];
                let pixel = &mut pixels[(top + y) * canvas_width + left + x];
                *pixel = over(Colour { r, g, b, a }, *pixel);
            }
        }
    }
}

/// `colour` laid over a pixel.
fn over(colour: Colour, below: PremultipliedColorU8) -> PremultipliedColorU8 {
    let Colour { r, g, b, a } = colour;
    let top = tiny_skia::ColorU8::from_rgba(r, g, b, a).premultiply();
    if a == 255 {
        return top;
    }
    let mix = |top: u8, below: u8| top.saturating_add((u16::from(below) * u16::from(255 - a) / 255) as u8);
    PremultipliedColorU8::from_rgba(
        mix(top.red(), below.red()),
        mix(top.green(), below.green()),
        mix(top.blue(), below.blue()),
        mix(top.alpha(), below.alpha()),
    )
    .unwrap_or(below)
}

/// `None` for a path that tiny-skia does not draw: empty, or not finite.
fn outline(path: &Path) -> Option<tiny_skia::Path> {
    let mut builder = PathBuilder::new();
    for segment in path.segments() {
        match *segment {
            Segment::Move((x, y)) => builder.move_to(x as f32, y as f32),
            Segment::Line((x, y)) => builder.line_to(x as f32, y as f32),
            Segment::Cubic((x1, y1), (x2, y2), (x, y)) => {
                builder.cubic_to(x1 as f32, y1 as f32, x2 as f32, y2 as f32, x as f32, y as f32);
            }
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

fn paint_of(colour: Colour) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(colour.r, colour.g, colour.b, colour.a)
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(paint_of(colour));
    paint.anti_alias = true;
    paint
}
