//! Scenes as SVG: shapes and text stay shapes and text, pictures are PNG inside.

use super::path::{Path, Rect, Segment, Xy};
use super::{Anchor, Item, Scene, Text, typeface};
use crate::{Colour, Result, base64};
use std::fmt::{self, Write};

/// DejaVu Sans where there is one, else what is about as wide; the width of each text is stated as well, so that
/// the layout holds with any.
const FAMILY: &str = "'DejaVu Sans','Bitstream Vera Sans',Verdana,sans-serif";

pub fn write(scene: &Scene, title: &str) -> Result<String> {
    let mut out = String::new();
    let inches = |pixels: usize| Short(pixels as f64 * 72.0 / scene.dpi);
    let (width, height) = (scene.width, scene.height);
    // Writing to a String does not fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}pt\" height=\"{}pt\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"{FAMILY}\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        inches(width),
        inches(height),
        escaped(title),
        Rgb(scene.background),
    );
    let mut clips = Clips { open: None };
    for item in &scene.items {
        let clip = match item {
            Item::Shape { clip, .. } => *clip,
            _ => None,
        };
        clips.change(&mut out, clip);
        match item {
            Item::Shape {
                path, fill, stroke, ..
            } => {
                if path.is_empty() {
                    continue;
                }
                let _ = write!(out, "<path d=\"{}\"", Data(path));
                match fill {
                    Some(colour) => {
                        let _ = write!(out, " fill=\"{}\"", Rgb(*colour));
                        opacity(&mut out, "fill-opacity", *colour);
                    }
                    None => out.push_str(" fill=\"none\""),
                }
                if let Some(stroke) = stroke {
                    let _ = write!(
                        out,
                        " stroke=\"{}\" stroke-width=\"{}\"",
                        Rgb(stroke.colour),
                        Short(stroke.width)
                    );
                    opacity(&mut out, "stroke-opacity", stroke.colour);
                    if let Some((on, off)) = stroke.dash {
                        let _ = write!(out, " stroke-dasharray=\"{} {}\"", Short(on), Short(off));
                    }
                }
                out.push_str("/>\n");
            }
            Item::Text(text) => write_text(&mut out, text)?,
            Item::Picture { rect, raster } => {
                let _ = write!(
                    out,
                    "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
                     image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
                     href=\"data:image/png;base64,",
                    Short(rect.left),
                    Short(rect.top),
                    Short(rect.width()),
                    Short(rect.height()),
                );
                base64::append(&mut out, &raster.to_png()?);
                out.push_str("\"/>\n");
            }
        }
    }
    clips.change(&mut out, None);
    out.push_str("</svg>\n");
    Ok(out)
}

/// The group of items that share a clip. A nested `svg` clips what it holds without an identifier, of which two
/// figures in one page could have the same.
struct Clips {
    open: Option<Rect>,
}

impl Clips {
    fn change(&mut self, out: &mut String, clip: Option<Rect>) {
        if self.open == clip {
            return;
        }
        if self.open.is_some() {
            out.push_str("</svg>\n");
        }
        if let Some(rect) = clip {
            let (x, y, width, height) = (
                Short(rect.left),
                Short(rect.top),
                Short(rect.width()),
                Short(rect.height()),
            );
            let _ = writeln!(
                out,
                "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
                 viewBox=\"{x} {y} {width} {height}\" overflow=\"hidden\">"
            );
        }
        self.open = clip;
    }
}

fn write_text(out: &mut String, text: &Text) -> Result<()> {
    if text.text.is_empty() {
        return Ok(());
    }
    let (x, y) = (Short(text.at.0), Short(text.at.1));
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"",
        Short(text.size),
        Rgb(text.colour)
    );
    match text.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
        Anchor::End => out.push_str(" text-anchor=\"end\""),
    }
    let width = typeface::width(&text.text, text.size)?;
    let _ = write!(
        out,
        " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
        Short(width)
    );
    if text.upwards {
        let _ = write!(out, " transform=\"rotate(-90 {x} {y})\"");
    }
    if let Some(halo) = text.halo {
        let _ = write!(
            out,
            " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            Rgb(halo),
            Short(text.size * 0.22)
        );
        opacity(out, "stroke-opacity", halo);
    }
    let _ = writeln!(out, ">{}</text>", escaped(&text.text));
    Ok(())
}

fn opacity(out: &mut String, name: &str, colour: Colour) {
    if colour.a != 255 {
        let _ = write!(out, " {name}=\"{}\"", Short(f64::from(colour.a) / 255.0));
    }
}

/// Text without what means something in XML, and without what must not be in it at all.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            character if character.is_control() => {}
            character => out.push(character),
        }
    }
    out
}

/// A number with at most two decimals.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 100.0).round() / 100.0;
        // No "-0".
        write!(f, "{}", if rounded == 0.0 { 0.0 } else { rounded })
    }
}

/// A colour without its opacity.
struct Rgb(Colour);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0.r, self.0.g, self.0.b)
    }
}

/// A path in SVG's letters.
struct Data<'a>(&'a Path);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = |f: &mut fmt::Formatter<'_>, (x, y): Xy| write!(f, "{} {}", Short(x), Short(y));
        for segment in self.0.segments() {
            match *segment {
                Segment::Move(to) => {
                    f.write_char('M')?;
                    point(f, to)?;
                }
                Segment::Line(to) => {
                    f.write_char('L')?;
                    point(f, to)?;
                }
                Segment::Cubic(first, second, to) => {
                    f.write_char('C')?;
                    point(f, first)?;
                    f.write_char(' ')?;
                    point(f, second)?;
                    f.write_char(' ')?;
                    point(f, to)?;
                }
                Segment::Close => f.write_char('Z')?,
            }
        }
        Ok(())
    }
}
