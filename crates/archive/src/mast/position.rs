//! Positions on the sky and distances from them, as people write them.

use crate::{Error, Result};
use std::str::FromStr;

/// A position (ICRS).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Right ascension, degrees.
    pub ra_deg: f64,
    /// Declination, degrees.
    pub dec_deg: f64,
}

/// Degrees, `6.0224 -72.0815`, or sexagesimal, `00:24:05.4 -72:04:53`, `00h24m05.4s -72d04m53s`,
/// `00 24 05.4 -72 04 53`; a comma may stand between the two. Right ascension is hours where it has colons,
/// several parts or an `h`.
impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |reason: &str| Error::BadPosition {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let written = "write degrees, '6.0224 -72.0815', or '00:24:05.4 -72:04:53'";
        let (ra, dec) = halves(text).ok_or_else(|| bad(written))?;
        let (ra, sexagesimal) = angle(&ra).ok_or_else(|| bad(written))?;
        let (dec_deg, _) = angle(&dec)
            .filter(|_| !dec.contains('h'))
            .ok_or_else(|| bad(written))?;
        let ra_deg = if sexagesimal { ra * 15.0 } else { ra };
        if !(-360.0..=360.0).contains(&ra_deg) {
            return Err(bad("the right ascension is beyond 360 degrees"));
        }
        if !(-90.0..=90.0).contains(&dec_deg) {
            return Err(bad("the declination is beyond 90 degrees"));
        }
        let ra_deg = if ra_deg < 0.0 { ra_deg + 360.0 } else { ra_deg };
        Ok(Self { ra_deg, dec_deg })
    }
}

/// Right ascension and declination apart.
fn halves(text: &str) -> Option<(String, String)> {
    let text = text.trim().replace('\u{2212}', "-").to_lowercase();
    if let Some((ra, dec)) = text.split_once(',') {
        return Some((ra.trim().to_owned(), dec.trim().to_owned()));
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.is_empty() || !parts.len().is_multiple_of(2) || parts.len() > 6 {
        return None;
    }
    let (ra, dec) = parts.split_at(parts.len() / 2);
    Some((ra.join(" "), dec.join(" ")))
}

/// An angle, in the unit of its first part, and whether that is hours if it is a right ascension.
fn angle(text: &str) -> Option<(f64, bool)> {
    let degrees = text.contains(['d', '°']);
    let plain: String = text
        .chars()
        .map(|c| if "hdms:°'\"′″".contains(c) { ' ' } else { c })
        .collect();
    let plain = plain.trim();
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, plain.strip_prefix('+').unwrap_or(plain)),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let parts: Vec<f64> = plain
        .split_whitespace()
        .map(|part| part.parse().ok().filter(|_| digits(part)))
        .collect::<Option<_>>()?;
    let (first, rest) = parts.split_first()?;
    if rest.len() > 2 || rest.iter().any(|part| *part >= 60.0) {
        return None;
    }
    let below = rest.first().copied().unwrap_or(0.0) / 60.0 + rest.get(1).copied().unwrap_or(0.0) / 3600.0;
    let hours = !degrees && (text.contains('h') || !rest.is_empty());
    Some((sign * (first + below), hours))
}

/// A radius in degrees: `0.02`, `0.02deg`, `1.2arcmin`, `12arcsec`, `12"`.
///
/// # Errors
/// [`Error::BadPosition`] where it is none, or not above 0 and at most 180 degrees.
pub fn radius(text: &str) -> Result<f64> {
    let bad = |reason: &str| Error::BadPosition {
        text: text.to_owned(),
        reason: reason.to_owned(),
    };
    let trimmed = text.trim();
    let end = trimmed
        .find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)))
        .unwrap_or(trimmed.len());
    // 1e-3 is a number too.
    let end = match trimmed[end..].strip_prefix(['e', 'E']) {
        Some(rest) => {
            let power = rest
                .find(|c: char| !(c.is_ascii_digit() || "+-".contains(c)))
                .unwrap_or(rest.len());
            end + 1 + power
        }
        None => end,
    };
    let (number, unit) = trimmed.split_at(end);
    let per_degree = match unit.trim() {
        "" | "deg" | "d" | "degree" | "degrees" | "°" => 1.0,
        "arcmin" | "'" | "′" | "m" => 60.0,
        "arcsec" | "\"" | "″" | "s" => 3600.0,
        _ => return Err(bad("the unit of a radius is deg, arcmin or arcsec")),
    };
    let value: f64 = number
        .parse()
        .map_err(|_| bad("write a radius as 0.02deg, 1.2arcmin or 12arcsec"))?;
    let degrees = value / per_degree;
    if degrees > 0.0 && degrees <= 180.0 {
        Ok(degrees)
    } else {
        Err(bad("a radius is above 0 and at most 180 degrees"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_of_writing_agree() {
        for text in [
            "00:24:05.67 -72:04:52.6",
            "00h24m05.67s -72d04m52.6s",
            "00 24 05.67 -72 04 52.6",
            "0h24m5.67s, -72°04′52.6″",
            "6d01m25.05s -72:04:52.6",
            "6.023625 \u{2212}72.0812777777777778",
            "-353.976375,-72.08127777777777",
        ] {
            let position: Position = text.parse().unwrap();
            assert!((position.ra_deg - 6.023_625).abs() < 1e-9, "{text} {position:?}");
            assert!(
                (position.dec_deg + 72.081_277_777_777_8).abs() < 1e-9,
                "{text} {position:?}"
            );
        }
        let south: Position = "10 -0:30:00".parse().unwrap();
        assert_eq!(south.dec_deg, -0.5);
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for text in [
            "",
            "M 101",
            "1",
            "1 2 3",
            "400 0",
            "0 91",
            "0:60:00 0",
            "1 nan",
            "inf 0",
            "1 2h",
            "1e400 0",
            ",",
            "é ü",
        ] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }

    #[test]
    fn radii_have_units() {
        assert_eq!(radius("0.02").unwrap(), 0.02);
        assert_eq!(radius("0.02 deg").unwrap(), 0.02);
        assert_eq!(radius("12arcsec").unwrap(), 12.0 / 3600.0);
        assert_eq!(radius("12\"").unwrap(), 12.0 / 3600.0);
        assert_eq!(radius("3'").unwrap(), 0.05);
        assert_eq!(radius("1e-3deg").unwrap(), 0.001);
        for text in ["", "deg", "0", "-1", "200", "1 parsec", "1e", "ü", "nan", "1ee1"] {
            assert!(radius(text).is_err(), "{text}");
        }
    }
}
