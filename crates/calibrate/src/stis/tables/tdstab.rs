//! TDSTAB: how the sensitivity changes with time and temperature.

use super::curve::Curve;
use super::{array, count, finite, is_dummy_row, value};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

const DAYS_PER_YEAR: f64 = 365.25;

/// How the sensitivity changes with the temperature of the CCD's housing.
#[derive(Debug, Clone, PartialEq)]
pub struct TemperatureDependence {
    /// REFTEMP, °C.
    reference_c: f64,
    /// TEMPSENS: change per degree.
    sensitivity: Curve,
}

impl TemperatureDependence {
    /// Finds the row by OPT_ELEM; the last that matches. None where there is none, or a dummy, or the table does not tell of
    /// temperatures.
    ///
    /// # Errors
    /// As [`TimeDependence::of`].
    pub fn of(opt_elem: &str, tdstab: &Reference) -> Result<Option<Self>> {
        let rows = Rows::read(tdstab)?;
        let found = rows.matching(&[Key::text("OPT_ELEM", opt_elem)])?;
        let Some(&row) = found.last().filter(|row| !is_dummy_row(&rows, **row)) else {
            return Ok(None);
        };
        if !rows.has("REFTEMP") || !rows.has("TEMPSENS") {
            return Ok(None);
        }
        let nwl = count(tdstab, &rows, "NWL", row)?;
        if nwl == 0 {
            let what = format!("NWL of row {}", row + 1);
            return Err(value(tdstab, what, nwl.to_string(), "1 or more"));
        }
        Ok(Some(Self {
            reference_c: finite(tdstab, &rows, "REFTEMP", row)?,
            sensitivity: Curve {
                wavelengths: array(tdstab, &rows, "WAVELENGTH", row, nwl)?,
                values: array(tdstab, &rows, "TEMPSENS", row, nwl)?,
            },
        }))
    }

    /// The sensitivity at a wavelength (Å) and temperature (°C), relative to that at the reference temperature.
    pub fn factor(&self, wavelength: f64, celsius: f64) -> f64 {
        1.0 + self.sensitivity.at(wavelength) * (celsius - self.reference_c)
    }
}

/// Lines in time at some wavelengths, one set for each segment of time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeDependence {
    wavelengths: Vec<f64>,
    /// First days of the segments, MJD.
    times: Vec<f64>,
    /// SLOPE: percent per year, of each segment at each wavelength.
    slopes: Vec<Vec<f64>>,
    /// INTERCEPT and REF_TIME; None where the segments join each other from 1 at the first time.
    intercepts: Option<(Vec<Vec<f64>>, f64)>,
    /// REFTEMP, °C, and TEMPSENS: change per degree at each wavelength.
    temperature: Option<(f64, Vec<f64>)>,
}

impl TimeDependence {
    /// Finds the row by OPT_ELEM; the last that matches. None where there is none, which `left_out` is told, or a dummy.
    ///
    /// # Errors
    /// [`crate::Error::ReferenceTable`] where a column is missing; [`crate::Error::ReferenceValue`] where an array is
    /// shorter than NWL and NT say.
    pub fn of(mode: &SpectralMode, tdstab: &Reference, left_out: &mut Vec<String>) -> Result<Option<Self>> {
        let rows = Rows::read(tdstab)?;
        let keys = [Key::text("OPT_ELEM", &mode.opt_elem)];
        let found = rows.matching(&keys)?;
        if found.is_empty() {
            let why = rows.without_row(&keys);
            left_out.push(format!(
                "{why}: fluxes are not corrected for the change of sensitivity"
            ));
        }
        let Some(&row) = found.last().filter(|row| !is_dummy_row(&rows, **row)) else {
            return Ok(None);
        };
        let (nwl, nt) = (
            count(tdstab, &rows, "NWL", row)?,
            count(tdstab, &rows, "NT", row)?,
        );
        if nwl == 0 || nt == 0 {
            let what = format!("NWL and NT of row {}", row + 1);
            return Err(value(tdstab, what, format!("{nwl} and {nt}"), "1 or more"));
        }
        let ref_time = tdstab.primary().real("REF_TIME");
        let intercepts = match ref_time.filter(|_| rows.has("INTERCEPT")) {
            Some(ref_time) => Some((segments(tdstab, &rows, "INTERCEPT", row, nwl, nt)?, ref_time)),
            None => None,
        };
        let temperature = match rows.has("REFTEMP") && rows.has("TEMPSENS") {
            true => {
                let reftemp = finite(tdstab, &rows, "REFTEMP", row)?;
                Some((reftemp, array(tdstab, &rows, "TEMPSENS", row, nwl)?))
            }
            false => None,
        };
        Ok(Some(Self {
            wavelengths: array(tdstab, &rows, "WAVELENGTH", row, nwl)?,
            times: array(tdstab, &rows, "TIME", row, nt)?,
            slopes: segments(tdstab, &rows, "SLOPE", row, nwl, nt)?,
            intercepts,
            temperature: temperature.filter(|(reftemp, _)| *reftemp > 0.0),
        }))
    }

    /// The sensitivity on a day (MJD), relative to the reference; with the temperature (°C) where that is known and above
    /// 0.
    pub fn on(&self, mjd: f64, temperature_c: Option<f64>) -> Curve {
        let mut values = match &self.intercepts {
            Some((intercepts, ref_time)) => self.by_intercept(intercepts, *ref_time, mjd),
            None => self.joined(mjd),
        };
        let warm = temperature_c.filter(|&temperature| temperature > 0.0);
        if let (Some(temperature), Some((reference, sensitivities))) = (warm, &self.temperature) {
            for (value, sensitivity) in values.iter_mut().zip(sensitivities) {
                *value *= 1.0 + sensitivity * (temperature - reference);
            }
        }
        Curve {
            wavelengths: self.wavelengths.clone(),
            values,
        }
    }

    fn by_intercept(&self, intercepts: &[Vec<f64>], ref_time: f64, mjd: f64) -> Vec<f64> {
        let last = self.times.len() - 1;
        let segment = (0..last).find(|&j| mjd < self.times[j + 1]).unwrap_or(last);
        let years = (mjd - ref_time) / DAYS_PER_YEAR;
        let lines = self.slopes[segment].iter().zip(&intercepts[segment]);
        lines
            .map(|(slope, intercept)| years * slope / 100.0 + intercept)
            .collect()
    }

    fn joined(&self, mjd: f64) -> Vec<f64> {
        let last = self.times.len() - 1;
        let mut values = vec![1.0; self.wavelengths.len()];
        for (segment, slopes) in self.slopes.iter().enumerate() {
            let ends_here = segment == last || mjd <= self.times[segment + 1];
            let end = if ends_here { mjd } else { self.times[segment + 1] };
            for (value, slope) in values.iter_mut().zip(slopes) {
                *value += (end - self.times[segment]) * (slope / DAYS_PER_YEAR / 100.0);
            }
            if ends_here {
                break;
            }
        }
        values
    }
}

/// An array of `nt` lines of `nwl` values; lines in the file may be longer.
fn segments(
    tdstab: &Reference,
    rows: &Rows,
    column: &str,
    row: usize,
    nwl: usize,
    nt: usize,
) -> Result<Vec<Vec<f64>>> {
    use firstlight_frame::fits::Cells;
    let cells = rows.column(column)?;
    let long = match cells.cells() {
        Cells::Array(shape) if shape.len() > 1 => shape.last().copied().unwrap_or(nwl),
        _ => cells.elements(row).len() / nt,
    };
    if long < nwl {
        let what = format!("{column} of row {}", row + 1);
        return Err(value(
            tdstab,
            what,
            format!("{long} values a line"),
            "as long as NWL",
        ));
    }
    let all = array(tdstab, rows, column, row, long * (nt - 1) + nwl)?;
    Ok((0..nt).map(|j| all[j * long..j * long + nwl].to_vec()).collect())
}
