//! IMPHTTAB: the photometric calibration of an observing mode.
//!
//! One table for each keyword, one row for each mode. Where a mode has parameters, as the central wavelength of a ramp
//! filter or the day (`mjd#`), the row holds a grid of values, linear in each parameter between its nodes.

mod grid;
mod mode;

use crate::acs::Reference;
use crate::{Error, Result};
use firstlight_frame::fits::Table;
use grid::{Axis, interpolate};
use mode::Mode;
use serde::Serialize;

/// What the official program writes for a mode beyond the table's grid.
pub const OUTSIDE: f64 = -9999.0;

/// The photometric keywords of an observing mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Photometry {
    /// PHOTFLAM: inverse sensitivity, erg/cm²/Å/e; [`OUTSIDE`] beyond the grid.
    pub photflam: f64,
    /// PHOTZPT: zero point, ST magnitudes.
    pub photzpt: f64,
    /// PHOTPLAM: pivot wavelength, Å.
    pub photplam: f64,
    /// PHOTBW: RMS bandwidth, Å.
    pub photbw: f64,
    /// PHTFLAM1, where the file has such a table.
    pub phtflam1: Option<f64>,
    /// PHTFLAM2, where the file has such a table.
    pub phtflam2: Option<f64>,
    /// The parameter that lies beyond the grid, with what was asked and what there is, where there is such a one.
    pub outside: Option<String>,
    /// OBSMODE of the row.
    pub obsmode: String,
    /// Whether the row's PEDIGREE is DUMMY.
    pub dummy_row: bool,
}

/// Finds the mode that PHOTMODE tells, such as `ACS WFC1 F606W MJD#53807.1000`: words in any order and either case.
/// Where no row has `mjd#`, one without it serves. Beyond the first and last day the outermost line is carried on where
/// the file says EXTRAP = T; other parameters never are.
///
/// # Errors
/// [`Error::NoRow`], which lists the modes nearest to it; [`Error::ReferenceTable`] where a table or column is missing;
/// [`Error::ReferenceValue`] where the grid is damaged.
pub fn photometry(imphttab: &Reference, photmode: &str) -> Result<Photometry> {
    let mode = Mode::parse(photmode);
    let primary = imphttab.primary();
    let photzpt = primary.real("PHOTZPT").ok_or_else(|| Error::ReferenceValue {
        keyword: imphttab.keyword.clone(),
        path: imphttab.path(),
        what: "PHOTZPT of the primary header".to_owned(),
        found: "not there".to_owned(),
        expected: "a number",
    })?;
    let extrapolate = primary.logical("EXTRAP").unwrap_or(false);
    let value = |name: &str| Lookup::of(imphttab, name)?.value(&mode, extrapolate);
    let optional = |name: &str| match imphttab.file().hdus().iter().any(|hdu| hdu.name() == name) {
        true => Ok::<_, Error>(Some(value(name)?.value)),
        false => Ok(None),
    };
    let photflam = value("PHOTFLAM")?;
    Ok(Photometry {
        photflam: photflam.value,
        photzpt,
        photplam: value("PHOTPLAM")?.value,
        photbw: value("PHOTBW")?.value,
        phtflam1: optional("PHTFLAM1")?,
        phtflam2: optional("PHTFLAM2")?,
        outside: photflam.outside,
        obsmode: photflam.obsmode,
        dummy_row: photflam.dummy,
    })
}

struct Found {
    value: f64,
    outside: Option<String>,
    obsmode: String,
    dummy: bool,
}

/// The table of one keyword.
struct Lookup<'a> {
    imphttab: &'a Reference,
    name: &'a str,
    table: Table,
}

impl<'a> Lookup<'a> {
    fn of(imphttab: &'a Reference, name: &'a str) -> Result<Self> {
        let table = match imphttab.table(name) {
            Ok(table) => table,
            Err(Error::Frame(source)) => {
                return Err(Error::ReferenceTable {
                    keyword: imphttab.keyword.clone(),
                    path: imphttab.path(),
                    source,
                });
            }
            Err(other) => return Err(other),
        };
        Ok(Self {
            imphttab,
            name,
            table,
        })
    }

    fn value(&self, mode: &Mode, extrapolate: bool) -> Result<Found> {
        let row = self.row(mode)?;
        let found = |value, outside| Found {
            value,
            outside,
            obsmode: self.text("OBSMODE", row).unwrap_or_default(),
            dummy: self
                .text("PEDIGREE", row)
                .unwrap_or_default()
                .starts_with("DUMMY"),
        };
        let datacol = self.required_text("DATACOL", row)?;
        let parameters = datacol
            .get(self.name.len()..)
            .and_then(|digits| digits.parse::<usize>().ok())
            .unwrap_or(0);
        if parameters == 0 {
            let value = self.reals(self.name, row)?;
            let value = value.first().copied().filter(|value| value.is_finite());
            let value = value.ok_or_else(|| self.wrong(self.name, row, "none", "a number"))?;
            return Ok(found(value, None));
        }
        let mut axes = Vec::with_capacity(parameters);
        for n in 1..=parameters {
            let axis = self.axis(mode, n, row)?;
            if let Some(outside) = axis.outside(extrapolate) {
                return Ok(found(OUTSIDE, Some(outside)));
            }
            axes.push(axis);
        }
        let column = format!("{}{parameters}", self.name);
        let results = self.reals(&column, row)?;
        let value = interpolate(&axes, &results).ok_or_else(|| {
            self.wrong(
                &column,
                row,
                "too short or not of numbers",
                "a value for each node",
            )
        })?;
        Ok(found(value, None))
    }

    /// The row whose OBSMODE has the words of `mode`; else, of those without `mjd#`.
    fn row(&self, mode: &Mode) -> Result<usize> {
        let texts = self
            .table
            .texts("OBSMODE")
            .map_err(|source| self.unusable(source))?;
        let modes: Vec<Mode> = texts.iter().map(|text| Mode::parse(text)).collect();
        let exactly = modes.iter().position(|row| row.is(mode));
        let without_day = || modes.iter().position(|row| row.is(&mode.without_day()));
        exactly.or_else(without_day).ok_or_else(|| Error::NoRow {
            keyword: self.imphttab.keyword.clone(),
            path: self.imphttab.path(),
            sought: format!("OBSMODE {} in its table {}", mode.words(), self.name),
            found: mode.nearest(&modes),
        })
    }

    fn axis(&self, mode: &Mode, n: usize, row: usize) -> Result<Axis> {
        let names = format!("PAR{n}NAMES");
        let name = self.required_text(&names, row)?.to_ascii_lowercase();
        let at = mode
            .parameter(&name)
            .ok_or_else(|| self.wrong(&names, row, &name, "a parameter of its OBSMODE"))?;
        let (elements, values) = (format!("NELEM{n}"), format!("PAR{n}VALUES"));
        let count = self.reals(&elements, row)?.first().copied().unwrap_or(0.0);
        let mut nodes = self.reals(&values, row)?;
        if !(count >= 1.0 && count as usize <= nodes.len()) {
            return Err(self.wrong(
                &elements,
                row,
                &count.to_string(),
                "a number of nodes that there are values for",
            ));
        }
        nodes.truncate(count as usize);
        let ascends =
            nodes.windows(2).all(|pair| pair[0] < pair[1]) && nodes.iter().all(|node| node.is_finite());
        if !ascends {
            return Err(self.wrong(&values, row, "not", "ascending numbers"));
        }
        Ok(Axis { name, nodes, at })
    }

    fn reals(&self, column: &str, row: usize) -> Result<Vec<f64>> {
        let column = self
            .table
            .column(column)
            .map_err(|source| self.unusable(source))?;
        let values = column.reals().map_err(|source| self.unusable(source))?;
        Ok(values.get(column.elements(row)).unwrap_or_default().to_vec())
    }

    fn required_text(&self, column: &str, row: usize) -> Result<String> {
        self.table.texts(column).map_err(|source| self.unusable(source))?;
        Ok(self.text(column, row).unwrap_or_default())
    }

    fn text(&self, column: &str, row: usize) -> Option<String> {
        let text = self.table.find(column)?.data().text(row)?;
        Some(text.trim().to_owned())
    }

    fn wrong(&self, column: &str, row: usize, found: &str, expected: &'static str) -> Error {
        Error::ReferenceValue {
            keyword: self.imphttab.keyword.clone(),
            path: self.imphttab.path(),
            what: format!("{column} of row {} in the table {}", row + 1, self.name),
            found: found.to_owned(),
            expected,
        }
    }

    fn unusable(&self, source: firstlight_frame::fits::Error) -> Error {
        Error::ReferenceTable {
            keyword: self.imphttab.keyword.clone(),
            path: self.imphttab.path(),
            source: source.into(),
        }
    }
}
