//! The descriptions of a header: one without a letter, which counts, and others with one. `O` is the one that the
//! archive's pipeline made, before any correction.

use super::science::{put, remove_where, text};
use super::tdd::forget;
use crate::keywords::real;
use crate::{Error, Result};
use firstlight_fits::{Header, Value};

/// The letter of the description before any correction.
pub(super) const ORIGINAL: &str = "O";

/// Position angles that differ by less, in degrees, are the same.
const SAME_ANGLE_DEG: f64 = 1e-9;

/// What MJDREF says.
const TIME_ZERO: &str = "[d] zero point of times";

/// Keywords of a fit, which go with the description that it made.
const OF_A_FIT: [&str; 6] = ["WCSTYPE", "RMS_RA", "RMS_DEC", "NMATCH", "FITNAME", "HDRNAME"];

/// Stems of keywords that belong to a description, their letter behind.
const OF_A_DESCRIPTION: [&str; 24] = [
    "WCSNAME", "WCSAXES", "CRPIX1", "CRPIX2", "CDELT1", "CDELT2", "CUNIT1", "CUNIT2", "CTYPE1", "CTYPE2",
    "CRVAL1", "CRVAL2", "LONPOLE", "LATPOLE", "RADESYS", "EQUINOX", "CD1_1", "CD1_2", "CD2_1", "CD2_2",
    "CROTA1", "CROTA2", "CRDER1", "CRDER2",
];

/// Sets a number, its comment as it is.
pub(super) fn set_number(header: &mut Header, keyword: &str, value: f64) -> Result<()> {
    put(header, keyword, value, "")
}

/// The CD matrix of a description: CD, or CDELT with PC.
pub(super) fn matrix(header: &Header, letter: &str) -> Result<[[f64; 2]; 2]> {
    let element =
        |stem: &str, i: usize, j: usize| real(header, &format!("{stem}{}_{}{letter}", i + 1, j + 1));
    let mut cd = [[0.0; 2]; 2];
    let (mut any_cd, mut any_pc) = (false, false);
    for i in 0..2 {
        for j in 0..2 {
            any_cd |= element("CD", i, j)?.is_some();
            any_pc |= element("PC", i, j)?.is_some();
        }
    }
    if !any_cd && !any_pc {
        return Err(Error::NoWcs {
            keyword: format!("CD1_1{letter}"),
        });
    }
    for (i, row) in cd.iter_mut().enumerate() {
        let step = if any_cd {
            1.0
        } else {
            real(header, &format!("CDELT{}{letter}", i + 1))?.unwrap_or(1.0)
        };
        for (j, cell) in row.iter_mut().enumerate() {
            let default = if !any_cd && i == j { 1.0 } else { 0.0 };
            *cell = step * element(if any_cd { "CD" } else { "PC" }, i, j)?.unwrap_or(default);
        }
    }
    Ok(cd)
}

/// The keywords of a description, without their letter, with value and comment.
pub(super) type Description = Vec<(&'static str, Value, &'static str)>;

/// Reads one description, completed as the standard says: units in degrees, RADESYS from EQUINOX.
pub(super) fn description(header: &Header, letter: &str) -> Result<Description> {
    let number = |stem: &str| -> Result<Value> {
        let keyword = format!("{stem}{letter}");
        let value = real(header, &keyword)?.ok_or(Error::NoWcs { keyword })?;
        Ok(Value::Real(value))
    };
    let cd = matrix(header, letter)?;
    let axes = header.integer(&format!("WCSAXES{letter}")).unwrap_or(2);
    let ctype = |axis: &str| -> Result<Value> {
        let keyword = format!("CTYPE{axis}{letter}");
        Ok(Value::Text(
            header.text(&keyword).ok_or(Error::NoWcs { keyword })?,
        ))
    };
    let mut cards: Description = vec![
        ("WCSAXES", Value::Integer(axes), "number of coordinate axes"),
        ("CRPIX1", number("CRPIX1")?, "reference pixel along axis 1"),
        ("CRPIX2", number("CRPIX2")?, "reference pixel along axis 2"),
        ("CUNIT1", "deg".into(), "unit of CRVAL1 and CD1_j"),
        ("CUNIT2", "deg".into(), "unit of CRVAL2 and CD2_j"),
        ("CTYPE1", ctype("1")?, "right ascension, gnomonic projection"),
        ("CTYPE2", ctype("2")?, "declination, gnomonic projection"),
        (
            "CRVAL1",
            number("CRVAL1")?,
            "[deg] right ascension at the reference pixel",
        ),
        (
            "CRVAL2",
            number("CRVAL2")?,
            "[deg] declination at the reference pixel",
        ),
        (
            "RADESYS",
            reference_frame(header, letter)?.into(),
            "frame of the celestial coordinates",
        ),
        ("CD1_1", cd[0][0].into(), "[deg] of axis 1 for a pixel in x"),
        ("CD1_2", cd[0][1].into(), "[deg] of axis 1 for a pixel in y"),
        ("CD2_1", cd[1][0].into(), "[deg] of axis 2 for a pixel in x"),
        ("CD2_2", cd[1][1].into(), "[deg] of axis 2 for a pixel in y"),
    ];
    for stem in ["CRDER1", "CRDER2"] {
        if let Some(error) = real(header, &format!("{stem}{letter}"))? {
            cards.push((stem, Value::Real(error), "[deg] random error of the coordinate"));
        }
    }
    Ok(cards)
}

/// RADESYS; without it, what EQUINOX implies.
fn reference_frame(header: &Header, letter: &str) -> Result<String> {
    let said = text(header, &format!("RADESYS{letter}"));
    let said = if said.is_empty() && letter.is_empty() {
        text(header, "RADECSYS")
    } else {
        said
    };
    if !said.is_empty() {
        return Ok(said);
    }
    Ok(match real(header, &format!("EQUINOX{letter}"))? {
        Some(equinox) if equinox < 1984.0 => "FK4",
        Some(_) => "FK5",
        None => "ICRS",
    }
    .to_owned())
}

/// The fit's keywords of one description, without their letter.
fn fit(header: &Header, letter: &str) -> Vec<(&'static str, Value)> {
    let found = OF_A_FIT
        .iter()
        .map(|stem| (*stem, header.get(&format!("{stem}{letter}"))));
    found.filter_map(|(stem, value)| Some((stem, value?))).collect()
}

/// Copies the description without a letter to one with it.
pub(super) fn archive(header: &mut Header, letter: &str, name: &str) -> Result<()> {
    let (cards, fit) = (description(header, "")?, fit(header, ""));
    delete(header, letter);
    put(
        header,
        &format!("WCSNAME{letter}"),
        name,
        "name of the coordinate system",
    )?;
    for (stem, value, comment) in cards {
        put(header, &format!("{stem}{letter}"), value, comment)?;
        if stem == "CRVAL2" && !header.contains("MJDREF") {
            put(header, "MJDREF", 0.0, TIME_ZERO)?;
        }
    }
    for (stem, value) in fit {
        put(header, &format!("{stem}{letter}"), value, "")?;
    }
    Ok(())
}

/// Makes the description of a letter the one that counts; none where there is no such letter.
pub(super) fn restore(header: &mut Header, letter: &str) -> Result<bool> {
    if !letters(header).iter().any(|other| other == letter) {
        return Ok(false);
    }
    let name = text(header, &format!("WCSNAME{letter}"));
    for (stem, value, comment) in description(header, letter)? {
        // What the standard implies is not written where it was not: a second run is to change nothing.
        let implied = ["WCSAXES", "CUNIT1", "CUNIT2", "RADESYS"].contains(&stem);
        if header.contains(stem) {
            put(header, stem, value, "")?;
        } else if !implied {
            put(header, stem, value, comment)?;
        }
    }
    if !name.is_empty() {
        put(header, "WCSNAME", name, "")?;
    }
    for (stem, value) in fit(header, letter) {
        put(header, stem, value, "")?;
    }
    // Without CD the CDELT and PC of old would go on counting.
    remove_where(header, |keyword| {
        ["PC1_1", "PC1_2", "PC2_1", "PC2_2"].contains(&keyword)
    });
    if header.contains("ORIENTAT") {
        let cd = matrix(header, letter)?;
        let angle = cd[0][1].atan2(cd[1][1]).to_degrees();
        // The archive's own is of more digits than its CD: the same angle stays as it stands.
        if real(header, "ORIENTAT")?.is_none_or(|old| (old - angle).abs() > SAME_ANGLE_DEG) {
            set_number(header, "ORIENTAT", angle)?;
        }
    }
    if letter == ORIGINAL {
        forget(header)?;
    }
    Ok(true)
}

/// Takes a description out.
pub(super) fn delete(header: &mut Header, letter: &str) {
    let stems = OF_A_DESCRIPTION.iter().chain(&OF_A_FIT);
    let keywords: Vec<String> = stems.map(|stem| format!("{stem}{letter}")).collect();
    let elements = ["PC1_1", "PC1_2", "PC2_1", "PC2_2"].map(|stem| format!("{stem}{letter}"));
    remove_where(header, |keyword| {
        keywords.iter().chain(&elements).any(|own| own == keyword)
    });
}

/// The letters of a header's descriptions, in alphabetical order.
pub fn letters(header: &Header) -> Vec<String> {
    let stems = ["WCSNAME", "CTYPE1", "CRPIX1", "CRVAL1", "RADESYS"];
    let letter = |keyword: &str| {
        let stem = stems.iter().find(|stem| keyword.starts_with(**stem))?;
        let rest = &keyword[stem.len()..];
        let is_letter = rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_uppercase());
        is_letter.then(|| rest.to_owned())
    };
    let mut found: Vec<String> = header
        .cards()
        .iter()
        .filter_map(|card| letter(card.keyword()))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The linear description as it goes into ERR and DQ, whose own pixels are not corrected for distortion.
pub(super) fn copy_linear(from: &Header, to: &mut Header) -> Result<()> {
    let name = text(from, "WCSNAME");
    for (stem, value, _) in description(from, "")? {
        let value = match (stem, value) {
            ("CTYPE1" | "CTYPE2", Value::Text(kind)) => Value::Text(kind.trim_end_matches("-SIP").to_owned()),
            (_, value) => value,
        };
        put(to, stem, value, "")?;
        if stem == "CRVAL2" {
            if !name.is_empty() {
                put(to, "WCSNAME", name.as_str(), "")?;
            }
            if !to.contains("MJDREF") {
                put(to, "MJDREF", 0.0, TIME_ZERO)?;
            }
        }
    }
    Ok(())
}
