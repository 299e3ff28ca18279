//! Spectra as the tables of files have them.

use crate::{Error, Result};
use firstlight_fits::{FitsFile, Hdu, HduKind, Table};
use std::path::Path;

/// Where the numbers of a spectrum stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns<'o> {
    pub wavelength: &'o str,
    pub flux: &'o str,
    pub error: &'o str,
    /// DQ bits whose samples are left out.
    pub sdqflags: u16,
}

/// One spectrum: samples in ascending wavelength.
#[derive(Debug, Clone, Default)]
pub(super) struct Spectrum {
    /// NaN between orders, which breaks the line.
    pub wavelength: Vec<f64>,
    /// NaN where DQ says that there is none.
    pub flux: Vec<f64>,
    pub error: Option<Vec<f64>>,
    pub wavelength_unit: String,
    pub flux_unit: String,
    /// Samples that DQ leaves out.
    pub flagged: usize,
}

/// Reads the first table of a file that has the columns, all its rows one after the other.
pub(super) fn read(path: &Path, columns: &Columns) -> Result<Spectrum> {
    let file = FitsFile::open(path)?;
    let tables: Vec<usize> = file
        .hdus()
        .iter()
        .filter(|hdu| matches!(hdu.kind(), HduKind::BinTable | HduKind::AsciiTable))
        .map(Hdu::index)
        .collect();
    let mut seen = Vec::new();
    for hdu in tables {
        let table = file.table(hdu)?;
        if table.find(columns.wavelength).is_some() && table.find(columns.flux).is_some() {
            return of_table(path, &table, columns);
        }
        seen.push(format!("HDU {hdu} has {}", table.names().join(", ")));
    }
    let there = if seen.is_empty() {
        "there is no table in the file".to_owned()
    } else {
        seen.join("; ")
    };
    let wanted = format!("{} and {}", columns.wavelength, columns.flux);
    Err(Error::Unsupported(format!(
        "{}: no table has the columns {wanted} of a spectrum: {there}; name others with --wavelength-column and \
         --flux-column",
        path.display()
    )))
}

fn of_table(path: &Path, table: &Table, columns: &Columns) -> Result<Spectrum> {
    let (wavelength, flux) = (table.column(columns.wavelength)?, table.column(columns.flux)?);
    let reals = (wavelength.reals()?, flux.reals()?);
    let error = table
        .find(columns.error)
        .map(|column| column.reals())
        .transpose()?;
    let dq = table.find("DQ").filter(|_| columns.sdqflags != 0);
    let dq = dq.map(|column| column.integers()).transpose()?;
    let scalar = wavelength.is_scalar();
    let mut out = Spectrum {
        wavelength_unit: wavelength.unit_text().unwrap_or_default().to_owned(),
        flux_unit: flux.unit_text().unwrap_or_default().to_owned(),
        error: error.as_ref().map(|_| Vec::new()),
        ..Spectrum::default()
    };
    for row in 0..wavelength.rows() {
        let (here, of_flux) = (wavelength.elements(row), flux.elements(row));
        if here.len() != of_flux.len() {
            return Err(Error::Unsupported(format!(
                "{}: row {row} has {} wavelengths, but {} samples of {}",
                path.display(),
                here.len(),
                of_flux.len(),
                columns.flux
            )));
        }
        if row > 0 && !scalar {
            out.push(f64::NAN, f64::NAN, f64::NAN);
        }
        for (at, flux_at) in here.zip(of_flux) {
            let flagged = dq.as_ref().and_then(|dq| dq.get(at)).is_some_and(|dq| {
                // DQ of 16 bits, whatever sign its column has.
                (*dq as u16) & columns.sdqflags != 0
            });
            out.flagged += usize::from(flagged);
            let flux = if flagged { f64::NAN } else { reals.1[flux_at] };
            let error = error.as_ref().and_then(|error| error.get(at)).copied();
            out.push(reals.0[at], flux, error.unwrap_or(f64::NAN));
        }
    }
    Ok(out)
}

impl Spectrum {
    fn push(&mut self, wavelength: f64, flux: f64, error: f64) {
        self.wavelength.push(wavelength);
        self.flux.push(flux);
        if let Some(errors) = &mut self.error {
            errors.push(error);
        }
    }

    /// Samples that have a flux.
    pub fn finite(&self) -> impl Iterator<Item = (f64, f64)> {
        let samples = self.wavelength.iter().copied().zip(self.flux.iter().copied());
        samples.filter(|(wavelength, flux)| wavelength.is_finite() && flux.is_finite())
    }

    /// The flux at other wavelengths, linear between samples; NaN beyond them and next to one without a flux.
    pub fn at(&self, wavelengths: &[f64]) -> Vec<f64> {
        let mut samples: Vec<(f64, f64)> = self
            .wavelength
            .iter()
            .copied()
            .zip(self.flux.iter().copied())
            .collect();
        samples.retain(|(wavelength, _)| wavelength.is_finite());
        samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        let flux = |wavelength: &f64| {
            let above = samples.partition_point(|sample| sample.0 < *wavelength);
            match (
                above.checked_sub(1).and_then(|k| samples.get(k)),
                samples.get(above),
            ) {
                (_, Some(exact)) if exact.0 == *wavelength => exact.1,
                (Some(a), Some(b)) => a.1 + (b.1 - a.1) * ((wavelength - a.0) / (b.0 - a.0)),
                _ => f64::NAN,
            }
        };
        wavelengths.iter().map(flux).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn fluxes_between_samples_are_linear_and_nothing_is_made_up() {
        let spectrum = Spectrum {
            wavelength: vec![1.0, 2.0, f64::NAN, 4.0, 5.0],
            flux: vec![10.0, 20.0, f64::NAN, f64::NAN, 50.0],
            ..Spectrum::default()
        };
        let found = spectrum.at(&[0.9, 1.0, 1.25, 2.0, 3.0, 4.5, 5.0, 5.1, f64::NAN]);
        let is = [
            f64::NAN,
            10.0,
            12.5,
            20.0,
            f64::NAN,
            f64::NAN,
            50.0,
            f64::NAN,
            f64::NAN,
        ];
        for (found, is) in found.iter().zip(is) {
            assert!(*found == is || found.is_nan() && is.is_nan(), "{found} for {is}");
        }
        assert_eq!(spectrum.finite().count(), 3);
    }
}
