//! Positions from a table.

use crate::{Error, Result};
use firstlight_frame::{Table, table};
use std::path::Path;

/// Pairs of names that columns of pixel positions have, the more particular first.
const PIXELS: [(&str, &str); 5] = [
    ("x_center", "y_center"),
    ("xcenter", "ycenter"),
    ("x_centroid", "y_centroid"),
    ("xcentroid", "ycentroid"),
    ("x", "y"),
];

/// The same of sky positions.
const SKY: [(&str, &str); 4] = [
    ("sky_center.ra", "sky_center.dec"),
    ("ra", "dec"),
    ("ra_deg", "dec_deg"),
    ("raj2000", "dej2000"),
];

/// Reads positions of a table: 0-based pixels.
pub(crate) fn pixel_positions(path: &Path) -> Result<Vec<(f64, f64)>> {
    read(path, false)
}

/// Reads positions: 0-based pixels, or right ascension and declination in degrees.
pub(super) fn read(path: &Path, sky: bool) -> Result<Vec<(f64, f64)>> {
    let table = table::read(path, None, None)?;
    let known: &[(&str, &str)] = if sky { &SKY } else { &PIXELS };
    let Some((first, second)) = known
        .iter()
        .find(|pair| has(&table, pair.0) && has(&table, pair.1))
    else {
        let pairs: Vec<String> = known
            .iter()
            .map(|(first, second)| format!("{first} and {second}"))
            .collect();
        return Err(Error::Usage(format!(
            "{} has no columns of {} positions ({}); it has {}",
            path.display(),
            if sky { "sky" } else { "pixel" },
            pairs.join(", or "),
            table.names().join(", ")
        )));
    };
    let (first, second) = (table.reals(first)?, table.reals(second)?);
    Ok(first.into_iter().zip(second).collect())
}

fn has(table: &Table, name: &str) -> bool {
    table.find(name).is_some()
}
