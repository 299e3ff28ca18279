//! Reading the text of regions.

use super::{Frame, Length, Outline, Region};
use crate::{Error, Result};

/// Kinds without an area.
const WITHOUT_AREA: [&str; 8] = [
    "point",
    "line",
    "vector",
    "text",
    "ruler",
    "compass",
    "projection",
    "segment",
];
const ARCSEC_PER_DEGREE: f64 = 3600.0;

/// All regions of a text.
pub(super) fn regions(text: &str) -> Result<Vec<Region>> {
    let mut frame = Frame::Physical;
    let mut regions = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let bad = |reason: String| Error::BadRegion {
            line: index + 1,
            reason,
        };
        let line = line.split('#').next().unwrap_or_default();
        for part in line.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let word = part
                .split([' ', '(', '='])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if word == "global" {
                continue;
            }
            if let Some(named) = frame_of(&word).map_err(bad)? {
                frame = named;
            } else if let Some(region) = region(part, frame, index + 1).map_err(bad)? {
                regions.push(region);
            }
        }
    }
    Ok(regions)
}

fn frame_of(word: &str) -> Result<Option<Frame>, String> {
    match word {
        "image" => Ok(Some(Frame::Image)),
        "physical" => Ok(Some(Frame::Physical)),
        "fk5" | "icrs" | "j2000" => Ok(Some(Frame::Sky)),
        "fk4" | "b1950" | "galactic" | "ecliptic" | "detector" | "amplifier" | "linear" | "wcs" => {
            Err(format!(
                "coordinates of the kind {word} are not supported; save the regions in image or fk5 coordinates"
            ))
        }
        _ => Ok(None),
    }
}

/// A region, or nothing where it is of a kind without an area.
fn region(text: &str, frame: Frame, line: usize) -> Result<Option<Region>, String> {
    let (include, text) = match text.strip_prefix(['-', '+', '!']) {
        Some(rest) => (text.starts_with('+'), rest.trim_start()),
        None => (true, text),
    };
    let (kind, rest) = text.split_at(text.find(['(', ' ']).unwrap_or(text.len()));
    let kind = kind.to_ascii_lowercase();
    if WITHOUT_AREA.contains(&kind.as_str()) {
        return Ok(None);
    }
    let inside = rest.trim().trim_start_matches('(');
    let inside = inside.split(')').next().unwrap_or_default();
    let cells: Vec<&str> = inside
        .split([',', ' ', '\t'])
        .filter(|cell| !cell.is_empty())
        .collect();
    let numbers = |expected: usize| match cells.len() == expected {
        true => Ok(()),
        false => Err(format!(
            "a {kind} has {expected} numbers here, and not {}",
            cells.len()
        )),
    };
    let size = |at: usize| length(cells[at], frame);
    let (corners, outline) = match kind.as_str() {
        "circle" => {
            numbers(3)?;
            (1, Outline::Ring(Length::OfFrame(0.0), size(2)?))
        }
        "annulus" => {
            numbers(4)?;
            (1, Outline::Ring(size(2)?, size(3)?))
        }
        "ellipse" | "box" | "rotbox" => {
            if cells.len() != 4 {
                numbers(5)?;
            }
            let angle = cells.get(4).map_or(Ok(0.0), |cell| number(cell))?;
            let sides = [size(2)?, size(3)?];
            let outline = if kind == "ellipse" {
                Outline::Ellipse
            } else {
                Outline::Box
            };
            (1, outline(sides, angle))
        }
        "polygon" if cells.len() >= 6 && cells.len().is_multiple_of(2) => (cells.len() / 2, Outline::Polygon),
        "polygon" => return Err("a polygon has pairs of numbers, three at least".to_owned()),
        _ => {
            return Err(format!(
                "'{kind}' is no region that is supported: circle, annulus, ellipse, box, polygon"
            ));
        }
    };
    let points = cells.chunks_exact(2).take(corners);
    let points = points.map(|pair| Ok([position(pair[0], frame, 15.0)?, position(pair[1], frame, 1.0)?]));
    Ok(Some(Region {
        line,
        include,
        frame,
        points: points.collect::<Result<_, String>>()?,
        outline,
    }))
}

fn number(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.trim_end_matches(['d', 'i', 'p']).parse().ok();
    let finite = value.filter(|value| value.is_finite());
    finite.ok_or_else(|| format!("'{text}' is no number"))
}

fn length(text: &str, frame: Frame) -> Result<Length, String> {
    let scaled = |text: &str, unit: f64| Ok::<_, String>(Length::Arcsec(number(text)? * unit));
    let length = match (text.strip_suffix('"'), text.strip_suffix('\'')) {
        (Some(arcsec), _) => scaled(arcsec, 1.0),
        (_, Some(arcmin)) => scaled(arcmin, 60.0),
        _ if frame == Frame::Sky || text.ends_with('d') => scaled(text, ARCSEC_PER_DEGREE),
        _ => Ok(Length::OfFrame(number(text)?)),
    }?;
    let (Length::OfFrame(size) | Length::Arcsec(size)) = length;
    match size >= 0.0 {
        true => Ok(length),
        false => Err(format!("the size {text} is below zero")),
    }
}

/// A pixel, or an angle in degrees; `unit` is what the first of sexagesimal parts is worth, degrees.
fn position(text: &str, frame: Frame, unit: f64) -> Result<f64, String> {
    let letters = ['h', 'd', 'm', 's', ':'];
    let sexagesimal = text.contains(':') || text.contains('m');
    if frame != Frame::Sky || !sexagesimal {
        return number(text);
    }
    let magnitude = text.trim_start_matches(['-', '+']);
    let parts: Vec<f64> = magnitude
        .split(letters)
        .filter(|part| !part.is_empty())
        .map(number)
        .collect::<Result<_, _>>()?;
    let unit = if text.contains('d') { 1.0 } else { unit };
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match parts[..] {
        [whole, minutes] => Ok(sign * unit * (whole + minutes / 60.0)),
        [whole, minutes, seconds] => Ok(sign * unit * (whole + minutes / 60.0 + seconds / 3600.0)),
        _ => Err(format!("'{text}' is no angle")),
    }
}
