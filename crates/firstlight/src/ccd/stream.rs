//! Frames calibrated band by band: no more of one is in memory than its bands that are worked on.

use super::open::CcdFile;
use super::write::{CcdPlanes, CcdWriter};
use crate::Result;
use firstlight_calibrate::ccd::{BandFlags, CcdFrame, CcdPass, CcdSteps, CcdStepsReport, Real};
use firstlight_fits::{Header, Sample};
use firstlight_frame::Image;
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

/// Samples of a band: what is done to it stays in the cache of a core.
const BAND: usize = 1 << 17;

/// Does all steps but fringes and background, and writes the product.
///
/// # Errors
/// What the steps refuse, before anything is written; what reading and writing are refused for.
pub(super) fn process<T: Real + Sample, U: Real>(
    file: &CcdFile,
    steps: &CcdSteps<'_, U>,
    (output, header): (&Path, &Header),
    overwrite: bool,
) -> Result<(String, CcdStepsReport)> {
    let section = |rows, columns| section_of::<T>(file, rows, columns);
    let pass = CcdPass::new(steps, (file.shape(), file.unit()), section)?;
    let (err, dq) = pass.planes(file.has_err(), file.has_dq());
    let planes = CcdPlanes { err, dq };
    let writer = CcdWriter::create(output, pass.shape(), (header, pass.unit()), planes, overwrite)?;
    let kept = pass.rows();
    let flags: Vec<BandFlags> = bands(kept.clone(), file.shape().1)
        .into_par_iter()
        .map(|rows| {
            let first = rows.start;
            let (band, flags) = pass.band(first, file.read_rows::<T>(rows)?)?;
            writer.rows(first - kept.start, &band)?;
            Ok(flags)
        })
        .collect::<Result<_>>()?;
    writer.finish()?;
    Ok((pass.unit().to_string(), pass.report(flags)))
}

/// Rows in bands of about [`BAND`] samples.
fn bands(rows: Range<usize>, nx: usize) -> Vec<Range<usize>> {
    let step = (BAND / nx.max(1)).max(1);
    let end = rows.end;
    rows.step_by(step)
        .map(|first| first..(first + step).min(end))
        .collect()
}

/// A part of a frame, of which no more is read at a time than a band.
fn section_of<T: Real + Sample>(
    file: &CcdFile,
    rows: Range<usize>,
    columns: Range<usize>,
) -> Result<CcdFrame<T>> {
    let (ny, nx) = (rows.len(), columns.len());
    let parts: Vec<CcdFrame<T>> = bands(rows, file.shape().1)
        .into_par_iter()
        .map(|rows| {
            let height = rows.len();
            Ok(file.read_rows::<T>(rows)?.cut(0..height, columns.clone())?)
        })
        .collect::<Result<_>>()?;
    let mut sci = Vec::with_capacity(ny * nx);
    let mut dq = Vec::new();
    for part in parts {
        sci.extend(part.sci.into_vec());
        dq.extend(part.dq.map(Image::into_vec).unwrap_or_default());
    }
    Ok(CcdFrame {
        sci: file.image(ny, nx, sci)?,
        err: None,
        dq: match dq.is_empty() {
            true => None,
            false => Some(file.image(ny, nx, dq)?),
        },
        unit: file.unit().clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::bands;

    #[test]
    fn bands_cover_all_rows_once() {
        assert_eq!(bands(3..3, 10), []);
        assert_eq!(bands(2..7, 1 << 16), [2..4, 4..6, 6..7]);
        assert_eq!(bands(0..2, 1 << 20), [0..1, 1..2]);
        assert_eq!(bands(5..9, 4), std::slice::from_ref(&(5..9)));
    }
}
