//! DISPTAB: which wavelength falls on which column, along the slit.

use super::{array, count, finite, value};
use crate::Reference;
use crate::Result;
use crate::stis::SpectralMode;
use crate::tables::{Key, Rows};

/// Newton's steps end when one is smaller than this, Å. The step after it is many orders smaller.
const TOLERANCE_A: f64 = 0.001;
const MOST_STEPS: usize = 100;

/// A dispersion relation: the column, counted from 1, of wavelength λ in order m is
/// c₀ + c₁mλ + c₂m²λ² + c₃m + c₄λ + c₅m²λ + c₆mλ² + c₇m³λ³ + c₈m².
#[derive(Debug, Clone, PartialEq)]
pub struct Dispersion {
    /// c₀ … c₈.
    pub coefficients: [f64; 9],
}

impl Dispersion {
    /// The column, 0-based, of a wavelength (Å) of the first order.
    pub fn column(&self, wavelength: f64) -> f64 {
        let c = &self.coefficients;
        let w = wavelength;
        c[0] + c[1] * w + c[2] * w * w + c[3] + c[4] * w + c[5] * w + c[6] * w * w + c[7] * w * w * w + c[8]
            - 1.0
    }

    /// Columns per Å.
    fn slope(&self, wavelength: f64) -> f64 {
        let c = &self.coefficients;
        let w = wavelength;
        c[1] + c[2] * 2.0 * w + c[4] + c[5] + c[6] * 2.0 * w + c[7] * 3.0 * w * w
    }

    /// The wavelength (Å) at a column, 0-based, by Newton's method from a first guess; None where the relation has no
    /// slope or the steps do not end.
    pub fn wavelength(&self, column: f64, guess: f64) -> Option<f64> {
        let mut wavelength = guess;
        for _ in 0..=MOST_STEPS {
            let slope = self.slope(wavelength);
            if slope == 0.0 {
                return None;
            }
            let step = (column - self.column(wavelength)) / slope;
            wavelength += step;
            if step.abs() < TOLERANCE_A {
                return Some(wavelength);
            }
        }
        None
    }
}

/// The relations of a mode, in order of the line they were measured at.
#[derive(Debug, Clone, PartialEq)]
pub struct Dispersions {
    /// Lines of the detector, 0-based, and the relation there.
    rows: Vec<(f64, Dispersion)>,
    /// REF_APER: the aperture that they were measured with.
    pub ref_aper: String,
}

impl Dispersions {
    /// Finds the rows by OPT_ELEM and CENWAVE.
    ///
    /// # Errors
    /// [`crate::Error::NoRow`]; [`crate::Error::ReferenceTable`] where a column is missing;
    /// [`crate::Error::ReferenceValue`] where two rows are of the same line or of different apertures, or a relation has
    /// more than nine coefficients.
    pub fn of(mode: &SpectralMode, disptab: &Reference) -> Result<Self> {
        let rows = Rows::read(disptab)?;
        let keys = [
            Key::text("OPT_ELEM", &mode.opt_elem),
            Key::number("CENWAVE", mode.cenwave as f64),
        ];
        let found = rows.matching(&keys)?;
        let first = *found.first().ok_or_else(|| rows.no_row(&keys))?;
        let ref_aper = rows.optional_text("REF_APER", first);
        let mut relations = Vec::with_capacity(found.len());
        for row in found {
            let of_row = rows.optional_text("REF_APER", row);
            if of_row != ref_aper {
                let what = format!("REF_APER of row {}", row + 1);
                return Err(value(disptab, what, of_row, "that of the other rows of the mode"));
            }
            let used = count(disptab, &rows, "NCOEFF", row)?;
            let mut coefficients = [0.0; 9];
            if used > coefficients.len() {
                let what = format!("NCOEFF of row {}", row + 1);
                return Err(value(disptab, what, used.to_string(), "9 or fewer"));
            }
            let read = array(disptab, &rows, "COEFF", row, used)?;
            coefficients[..used].copy_from_slice(&read);
            let line = finite(disptab, &rows, "A2CENTER", row)? - 1.0;
            relations.push((line, Dispersion { coefficients }));
        }
        relations.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(twice) = relations.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let found = (twice[0].0 + 1.0).to_string();
            return Err(value(
                disptab,
                "A2CENTER of two rows".to_owned(),
                found,
                "different",
            ));
        }
        Ok(Self {
            rows: relations,
            ref_aper,
        })
    }

    /// The relation at a line of the detector, 0-based: linear between the rows, that of the nearest beyond them.
    pub fn at(&self, line: f64) -> Dispersion {
        let above = self.rows.partition_point(|(at, _)| *at < line);
        let (lower, upper) = match (
            above.checked_sub(1).and_then(|i| self.rows.get(i)),
            self.rows.get(above),
        ) {
            (Some(lower), Some(upper)) if upper.0 > line => (lower, upper),
            (_, Some(only)) | (Some(only), None) => return only.1.clone(),
            (None, None) => {
                return Dispersion {
                    coefficients: [0.0; 9],
                };
            }
        };
        let p = (line - lower.0) / (upper.0 - lower.0);
        let between = |i: usize| (1.0 - p) * lower.1.coefficients[i] + p * upper.1.coefficients[i];
        Dispersion {
            coefficients: std::array::from_fn(between),
        }
    }
}
