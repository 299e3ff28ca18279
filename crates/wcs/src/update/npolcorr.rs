//! NPOLCorr: what is left of the distortion beyond the polynomial, the look-up tables of NPOLFILE.

use super::ScienceFile;
use super::lookup_tables::{LookupTables, NPOL, largest, table_chip};
use super::observation::Instrument;
use super::science::extension_version;
use crate::Result;
use crate::keywords::real;
use firstlight_fits::{Array, Header};

/// NPOLCorr: gives every image the tables of its chip as extensions WCSDVARR, two an EXTVER, and the keywords
/// that refer to them.
///
/// The reference file gives shifts to be made behind the polynomial's linear terms, in pixels of the IDCTAB's
/// scale; in a header they are made before the CD matrix, that is, before those terms. So they go through the
/// inverse of the terms.
pub(super) fn npolcorr(file: &mut ScienceFile, instrument: Instrument, tables: &LookupTables) -> Result<()> {
    for at in file.named("SCI") {
        let image = &file.hdus[at].header;
        let chip = table_chip(instrument, image);
        let (Some(x), Some(y)) = (tables.of(chip, "DX"), tables.of(chip, "DY")) else {
            return Err(tables.bad(format!("it has no tables DX and DY for chip {chip}")));
        };
        if x.1.shape != y.1.shape {
            return Err(tables.bad(format!("its tables DX and DY of chip {chip} differ in shape")));
        }
        let (dx, dy) = match linear_terms(image)? {
            Some(terms) => before_linear(&x.1, &y.1, terms),
            None => (x.1.clone(), y.1.clone()),
        };
        let first = 2 * extension_version(image) - 1;
        let axes = [(1, first, &x.0, dx), (2, first + 1, &y.0, dy)];
        for (axis, version, source, samples) in axes {
            let image = &mut file.hdus[at].header;
            NPOL.describe(image, axis, version, largest(&samples.data))?;
            let extension = NPOL.extension(image, tables, (source, samples), version)?;
            file.place(extension);
        }
    }
    NPOL.record_source(file, tables.name())
}

/// The linear terms of the IDCTAB in pixels, single precision as the tables are; None where the header has none.
fn linear_terms(image: &Header) -> Result<Option<[[f32; 2]; 2]>> {
    let mut terms = [[0.0f32; 2]; 2];
    let scale = real(image, "IDCSCALE")?.unwrap_or(1.0) as f32;
    for (row, stem) in terms.iter_mut().zip(["OCX", "OCY"]) {
        for (term, index) in row.iter_mut().zip(["11", "10"]) {
            match real(image, &format!("{stem}{index}"))? {
                Some(value) => *term = value as f32 / scale,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(terms))
}

fn before_linear(dx: &Array<f32>, dy: &Array<f32>, terms: [[f32; 2]; 2]) -> (Array<f32>, Array<f32>) {
    let inverse = inverse(terms);
    let through = |row: [f32; 2]| Array {
        shape: dx.shape.clone(),
        data: dx
            .data
            .iter()
            .zip(&dy.data)
            .map(|(&x, &y)| row[1].mul_add(y, row[0].mul_add(x, 0.0)))
            .collect(),
    };
    (through(inverse[0]), through(inverse[1]))
}

/// The inverse of a matrix in single precision, worked out in double.
fn inverse(m: [[f32; 2]; 2]) -> [[f32; 2]; 2] {
    let [[a, b], [c, d]] = m.map(|row| row.map(f64::from));
    let determinant = a * d - b * c;
    [[d, -b], [-c, a]].map(|row| row.map(|element| (element / determinant) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_is_one() {
        for m in [[[1.1f32, 0.02], [-0.03, 0.97]], [[0.01, -1.0], [1.0, 0.02]]] {
            let i = inverse(m);
            let identity: [[f32; 2]; 2] =
                std::array::from_fn(|r| std::array::from_fn(|c| m[r][0] * i[0][c] + m[r][1] * i[1][c]));
            for (r, row) in identity.iter().enumerate() {
                for (c, value) in row.iter().enumerate() {
                    assert!((value - f32::from(u8::from(r == c))).abs() < 1e-6, "{identity:?}");
                }
            }
        }
    }
}
