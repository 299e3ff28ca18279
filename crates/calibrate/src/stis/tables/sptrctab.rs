//! SPTRCTAB: the trace of a spectrum over the detector, along the slit.

use super::{array, count, finite, is_dummy_row, value};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

const DAYS_PER_YEAR: f64 = 365.25;

/// How far from the line it is named by a spectrum lies in each column of the detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// A2DISPL: lines.
    pub displacements: Vec<f64>,
}

impl Trace {
    /// The lowest and the highest line that the trace at a line takes.
    pub fn lines(&self, line: f64) -> (f64, f64) {
        let ends = |(low, high): (f64, f64), by: &f64| (low.min(line + by), high.max(line + by));
        self.displacements.iter().fold((line, line), ends)
    }

    /// The displacement in a column of the detector; 0 beyond the trace.
    pub fn displacement(&self, column: i64) -> f64 {
        let at = usize::try_from(column).ok();
        at.and_then(|at| self.displacements.get(at))
            .copied()
            .unwrap_or(0.0)
    }
}

/// The traces of a mode, in order of the line they are named by.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    rows: Vec<(f64, Trace)>,
}

impl Traces {
    /// Finds the rows by OPT_ELEM, CENWAVE and SPORDER 1, and turns each by DEGPERYR since MJD where the table has these.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where two rows are of the same line, or a row is a dummy.
    pub fn of(mode: &SpectralMode, expstart: f64, sptrctab: &Reference) -> Result<Self> {
        let rows = Rows::read(sptrctab)?;
        let keys = [
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
            Key::number("SPORDER", 1.0),
        ];
        let found = rows.matching(&keys)?;
        if found.is_empty() {
            return Err(rows.no_row(&keys));
        }
        let turns = rows.has("MJD") && rows.has("DEGPERYR");
        let mut traces = Vec::with_capacity(found.len());
        for row in found {
            if is_dummy_row(&rows, row) {
                let what = format!("PEDIGREE of row {}", row + 1);
                return Err(value(sptrctab, what, "DUMMY".to_owned(), "of a measured trace"));
            }
            let used = count(sptrctab, &rows, "NELEM", row)?;
            let mut displacements = array(sptrctab, &rows, "A2DISPL", row, used)?;
            if turns {
                let since = expstart - finite(sptrctab, &rows, "MJD", row)?;
                let degrees = finite(sptrctab, &rows, "DEGPERYR", row)? * since / DAYS_PER_YEAR;
                turn(&mut displacements, degrees);
            }
            let line = finite(sptrctab, &rows, "A2CENTER", row)? - 1.0;
            traces.push((line, Trace { displacements }));
        }
        traces.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(twice) = traces.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let found = (twice[0].0 + 1.0).to_string();
            return Err(value(
                sptrctab,
                "A2CENTER of two rows".to_owned(),
                found,
                "different",
            ));
        }
        Ok(Self { rows: traces })
    }

    /// The lowest line that a trace is named by, 0-based: where a spectrum of a target in the middle of the slit is
    /// looked for.
    pub fn lowest(&self) -> f64 {
        self.rows.first().map_or(0.0, |(line, _)| *line)
    }

    /// The trace at a line of the detector, 0-based: linear between the rows, that of the nearest beyond them.
    pub fn at(&self, line: f64) -> Trace {
        let above = self.rows.partition_point(|(at, _)| *at < line);
        let (lower, upper) = match (
            above.checked_sub(1).and_then(|i| self.rows.get(i)),
            self.rows.get(above),
        ) {
            (Some(lower), Some(upper)) if upper.0 > line => (lower, upper),
            (_, Some(only)) | (Some(only), None) => return only.1.clone(),
            (None, None) => {
                return Trace {
                    displacements: Vec::new(),
                };
            }
        };
        let p = (line - lower.0) / (upper.0 - lower.0);
        let columns = lower.1.displacements.len().max(upper.1.displacements.len()) as i64;
        let between = |column| (1.0 - p) * lower.1.displacement(column) + p * upper.1.displacement(column);
        Trace {
            displacements: (0..columns).map(between).collect(),
        }
    }
}

/// Turns a trace about its middle.
fn turn(displacements: &mut [f64], degrees: f64) {
    let slope = degrees.to_radians().tan();
    let middle = (displacements.len() / 2) as f64;
    for (column, displacement) in displacements.iter_mut().enumerate() {
        *displacement -= (column as f64 - middle) * slope;
    }
}
