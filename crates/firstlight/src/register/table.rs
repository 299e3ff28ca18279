//! Registrations as a table, and back.

use super::{RegisterReport, Registered, Status};
use crate::{Error, Result};
use firstlight_align::register::Projective;
use firstlight_frame::{Column, Table};
use std::path::{Path, PathBuf};

/// Names of the map's elements, row after row.
const ELEMENTS: [&str; 9] = ["m11", "m12", "m13", "m21", "m22", "m23", "m31", "m32", "m33"];

pub(super) fn of(report: &RegisterReport) -> Result<Table> {
    let frames = &report.frames;
    let reals = |name: &str, unit: &str, of: &dyn Fn(&Registered) -> Option<f64>| {
        let values: Vec<Option<f64>> = frames.iter().map(of).collect();
        let nulls = values.iter().map(Option::is_none).collect();
        let column = Column::f64(
            name,
            values.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
        )
        .nulls(nulls);
        if unit.is_empty() {
            column
        } else {
            column.unit(unit)
        }
    };
    let counts = |name: &str, of: &dyn Fn(&Registered) -> Option<usize>| {
        let values: Vec<Option<usize>> = frames.iter().map(of).collect();
        let nulls = values.iter().map(Option::is_none).collect();
        Column::i64(
            name,
            values.iter().map(|value| value.unwrap_or(0) as i64).collect(),
        )
        .nulls(nulls)
    };
    let mut table = Table::new()
        .with(Column::text(
            "file",
            frames
                .iter()
                .map(|frame| frame.file.to_string_lossy().into_owned()),
        ))?
        .with(Column::text(
            "status",
            frames.iter().map(|frame| name_of(frame.status)),
        ))?
        .with(reals("dx", "pix", &|frame| frame.described.map(|d| d.shift[0])))?
        .with(reals("dy", "pix", &|frame| frame.described.map(|d| d.shift[1])))?
        .with(reals("rotation", "deg", &|frame| {
            frame.described.map(|d| d.rotation)
        }))?
        .with(reals("scale", "", &|frame| frame.described.map(|d| d.scale)))?
        .with(Column::logical(
            "flipped",
            frames
                .iter()
                .map(|frame| frame.described.is_some_and(|d| d.flipped))
                .collect(),
        ))?
        .with(counts("stars", &|frame| frame.stars))?
        .with(counts("matches", &|frame| frame.matches))?
        .with(reals("rms", "pix", &|frame| frame.rms))?
        .with(reals("fwhm", "pix", &|frame| frame.fwhm))?
        .with(reals("correlation", "", &|frame| frame.correlation))?
        .with(reals("sigma_dx", "pix", &|frame| frame.sigma.map(|s| s[0])))?
        .with(reals("sigma_dy", "pix", &|frame| frame.sigma.map(|s| s[1])))?;
    for (index, name) in ELEMENTS.into_iter().enumerate() {
        let element = move |frame: &Registered| frame.map.map(|map| map.matrix[index / 3][index % 3]);
        table.push(reals(name, "", &element))?;
    }
    table.push(Column::text(
        "why",
        frames.iter().map(|frame| frame.why.clone().unwrap_or_default()),
    ))?;
    Ok(table)
}

fn name_of(status: Status) -> &'static str {
    match status {
        Status::Reference => "reference",
        Status::Registered => "registered",
        Status::Failed => "failed",
    }
}

/// What a table says of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownMap {
    /// The frame, as its path stands there.
    pub file: PathBuf,
    /// What became of it.
    pub status: Status,
    /// From the reference's pixels to the frame's; none of a frame that failed.
    pub map: Option<Projective>,
}

/// Reads maps from a file that holds the table of a [`RegisterReport`], in any of the formats of tables.
///
/// # Errors
/// What is wrong with the file; a column that is missing.
pub fn read_registrations(path: &Path) -> Result<Vec<KnownMap>> {
    let table = crate::table::read(path, None, None)?;
    known(&table).map_err(|error| Error::InFile {
        path: path.to_owned(),
        source: Box::new(error),
    })
}

fn known(table: &Table) -> Result<Vec<KnownMap>> {
    let files = table.texts("file")?;
    let status = table.texts("status")?;
    let elements = ELEMENTS
        .into_iter()
        .map(|name| table.reals(name))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let row = |row: usize| {
        let matrix = [0, 1, 2].map(|r| [0, 1, 2].map(|c| elements[3 * r + c][row]));
        let whole = matrix.iter().flatten().all(|element| element.is_finite());
        KnownMap {
            file: PathBuf::from(&files[row]),
            status: match (status[row].as_str(), whole) {
                ("reference", _) => Status::Reference,
                (_, true) => Status::Registered,
                (_, false) => Status::Failed,
            },
            map: whole.then_some(Projective { matrix }),
        }
    };
    Ok((0..files.len()).map(row).collect())
}
