//! Widths and outlines of text in the embedded typeface, DejaVu Sans: matplotlib's own, so that figures made with
//! either sit well together, and with Greek, mathematical signs and raised digits.

use super::path::Path;
use crate::{Error, Result};
use ab_glyph::{Font, FontRef, OutlineCurve, Point};
use std::sync::OnceLock;

/// Height of a capital letter as a fraction of the size.
pub const CAP_HEIGHT: f64 = 0.729;
/// How far letters reach below the line, as a fraction of the size.
pub const DESCENT: f64 = 0.236;
/// From one line to the next, as a fraction of the size.
pub const LINE_HEIGHT: f64 = 1.25;

fn face() -> Result<&'static FontRef<'static>> {
    static FACE: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FACE.get_or_init(|| FontRef::try_from_slice(dejavu::sans::regular()).ok())
        .as_ref()
        .ok_or(Error::Typeface)
}

/// Glyphs of a text with their places along the line, in units of the size, and the whole width.
fn set(text: &str) -> Result<(Vec<(ab_glyph::GlyphId, f64)>, f64)> {
    let face = face()?;
    let em = f64::from(face.units_per_em().unwrap_or(2048.0));
    let mut glyphs = Vec::new();
    let mut at = 0.0;
    let mut last = None;
    for character in text.chars().filter(|character| !character.is_control()) {
        let glyph = face.glyph_id(character);
        if let Some(last) = last {
            at += f64::from(face.kern_unscaled(last, glyph)) / em;
        }
        glyphs.push((glyph, at));
        at += f64::from(face.h_advance_unscaled(glyph)) / em;
        last = Some(glyph);
    }
    Ok((glyphs, at))
}

/// Width of `text` at `size` pixels.
///
/// # Errors
/// [`Error::Typeface`]
pub fn width(text: &str, size: f64) -> Result<f64> {
    Ok(set(text)?.1 * size)
}

/// The outlines of `text` at `size` pixels, with the start of its base line at the origin, y downwards.
///
/// # Errors
/// [`Error::Typeface`]
pub fn outlines(text: &str, size: f64) -> Result<Path> {
    let face = face()?;
    let scale = size / f64::from(face.units_per_em().unwrap_or(2048.0));
    let mut path = Path::new();
    for (glyph, at) in set(text)?.0 {
        let Some(outline) = face.outline(glyph) else {
            continue;
        };
        let place = |p: Point| (at * size + f64::from(p.x) * scale, -f64::from(p.y) * scale);
        let mut end: Option<Point> = None;
        for curve in &outline.curves {
            let (from, to) = match curve {
                OutlineCurve::Line(a, b) | OutlineCurve::Quad(a, _, b) | OutlineCurve::Cubic(a, _, _, b) => {
                    (*a, *b)
                }
            };
            if end != Some(from) {
                if end.is_some() {
                    path.close();
                }
                path.move_to(place(from));
            }
            match curve {
                OutlineCurve::Line(..) => path.line_to(place(to)),
                OutlineCurve::Quad(_, middle, _) => path.quad_to(place(*middle), place(to)),
                OutlineCurve::Cubic(_, first, second, _) => {
                    path.cubic_to(place(*first), place(*second), place(to));
                }
            }
            end = Some(to);
        }
        path.close();
    }
    Ok(path)
}
