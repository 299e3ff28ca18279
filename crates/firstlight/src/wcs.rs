//! Pixels and sky positions of a file's images. The arithmetic itself is re-exported from its crate.

use crate::{Error, Result};
use firstlight_fits::{FitsFile, Hdu, HduSelector};
pub use firstlight_wcs::{Error as WcsError, OutputGrid, PixelMap, Projection, Wcs, output};
use serde::Serialize;
use std::path::Path;

/// Which coordinate description of a file is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Description {
    /// Extension: a number, NAME or NAME,VERSION [default: the first with a celestial WCS].
    #[cfg_attr(feature = "clap", arg(long, short = 'e', value_name = "EXT"))]
    pub ext: Option<String>,
    /// Letter of an alternate description, A to Z [default: the primary one].
    #[cfg_attr(feature = "clap", arg(long, value_name = "LETTER"))]
    pub alternate: Option<char>,
}

/// A pixel and its place on the sky.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Position {
    /// 0-based column.
    pub x: f64,
    /// 0-based row.
    pub y: f64,
    /// Right ascension (or longitude of the image's system), degrees.
    pub ra: f64,
    /// Declination (or latitude), degrees.
    pub dec: f64,
}

/// Opens the coordinate system of one image of a file, with all its distortions.
///
/// # Errors
/// The file cannot be read; no HDU has a celestial system, or the one that is asked for has none.
pub fn open(path: impl AsRef<Path>, which: &Description) -> Result<Wcs> {
    let file = FitsFile::open(path)?;
    let selector: HduSelector = match &which.ext {
        Some(ext) => ext.into(),
        None => first_celestial(&file, which.alternate).into(),
    };
    Ok(Wcs::from_file(&file, selector, which.alternate)?)
}

/// The first HDU with a celestial system, readable or damaged; else the first with pixels, whose error says
/// what it lacks.
fn first_celestial(file: &FitsFile, alternate: Option<char>) -> usize {
    use firstlight_wcs::Error as Lacking;
    let hdus = file.hdus();
    let celestial = |hdu: &&Hdu| match Wcs::from_file(file, hdu.index(), alternate) {
        Ok(_) => true,
        // Another extension's system does not stand for one that is damaged.
        Err(error) => !matches!(error.kind(), Lacking::NoWcs { .. } | Lacking::Unsupported { .. }),
    };
    let found = hdus
        .iter()
        .find(celestial)
        .or_else(|| hdus.iter().find(|hdu| hdu.has_pixels()));
    found.map_or(0, Hdu::index)
}

/// Sky positions of pixels `(x, y)`, 0-based.
///
/// # Errors
/// As [`open`].
pub fn sky(path: impl AsRef<Path>, which: &Description, pixels: &[(f64, f64)]) -> Result<Vec<Position>> {
    let wcs = open(path, which)?;
    let position = |&(x, y): &(f64, f64)| {
        let (ra, dec) = wcs.pixel_to_sky(x, y);
        Position { x, y, ra, dec }
    };
    Ok(pixels.iter().map(position).collect())
}

/// Pixels, 0-based, of sky positions `(ra, dec)` in degrees; NaN for those on the far half of the sky.
///
/// # Errors
/// As [`open`], and [`WcsError::NotConverged`] far outside a distorted image.
pub fn pixel(path: impl AsRef<Path>, which: &Description, sky: &[(f64, f64)]) -> Result<Vec<Position>> {
    let wcs = open(path, which)?;
    let (ra, dec): (Vec<f64>, Vec<f64>) = sky.iter().copied().unzip();
    let (x, y) = wcs.sky_to_pixels(&ra, &dec)?;
    let pixels = x.into_iter().zip(y).zip(sky);
    Ok(pixels
        .map(|((x, y), &(ra, dec))| Position { x, y, ra, dec })
        .collect())
}

/// Reads `x,y`.
///
/// # Errors
/// [`Error::Usage`].
pub fn parse_pixel(text: &str) -> Result<(f64, f64)> {
    pair(text, |part| part.parse().ok()).ok_or_else(|| {
        Error::Usage(format!(
            "'{text}' is no pixel position: expected two numbers, as in 511.5,20"
        ))
    })
}

/// Reads `ra,dec`: degrees, or `hh:mm:ss,dd:mm:ss`.
///
/// # Errors
/// [`Error::Usage`].
pub fn parse_sky(text: &str) -> Result<(f64, f64)> {
    let parts = pair(text, |part| {
        angle(part).map(|degrees| (degrees, part.contains(':')))
    });
    let Some(((ra, hours), (dec, _))) = parts else {
        return Err(Error::Usage(format!(
            "'{text}' is no sky position: expected degrees, as in 5.63,-72.07, or 00:22:31.2,-72:04:12"
        )));
    };
    if !(-90.0..=90.0).contains(&dec) {
        return Err(Error::Usage(format!(
            "'{text}' is no sky position: {dec} degrees lie beyond the pole"
        )));
    }
    Ok((if hours { ra * 15.0 } else { ra }, dec))
}

fn pair<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<(T, T)> {
    let (first, second) = text.split_once(',')?;
    Some((read(first.trim())?, read(second.trim())?))
}

/// A plain number, or `[±]units:minutes:seconds`.
fn angle(text: &str) -> Option<f64> {
    if !text.contains(':') {
        return text.parse().ok().filter(|angle: &f64| angle.is_finite());
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = rest.split(':');
    let mut next = || -> Option<f64> {
        let part = parts.next()?;
        part.starts_with(|c: char| c.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let (units, minutes, seconds) = (next()?, next()?, next()?);
    (minutes < 60.0 && seconds < 60.0 && parts.next().is_none())
        .then_some(sign * (units + minutes / 60.0 + seconds / 3600.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_as_text() {
        assert_eq!(parse_pixel(" 511.5, -20").unwrap(), (511.5, -20.0));
        assert_eq!(parse_sky("5.63,-72.07").unwrap(), (5.63, -72.07));
        let (ra, dec) = parse_sky("01:30:00,-00:30:36.0").unwrap();
        assert!((ra - 22.5).abs() < 1e-12 && (dec + 0.51).abs() < 1e-12);
        for bad in [
            "",
            "1",
            "1,2,3",
            "a,b",
            "1,91",
            "1:2,3:4:5",
            "1:99:0,0:0:0",
            "nan,0",
            "1:2:3:4,0",
        ] {
            assert!(matches!(parse_sky(bad), Err(Error::Usage(_))), "{bad}");
        }
        assert!(parse_pixel("1;2").is_err());
    }
}
