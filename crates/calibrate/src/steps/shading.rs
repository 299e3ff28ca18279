//! SHADCORR.

use super::check_shapes;
use super::rows::{Row, RowMut, divide, rows, rows_mut};
use crate::{Error, Result};
use firstlight_frame::Frame;
use rayon::prelude::*;

/// SHADCORR: corrects for the time that the shutter's blade takes, `sci · t / (t + shading)`, in place. `shading` is
/// in s, and `exptime_s` the exposure time of each of the exposures that were combined. Errors and DQ bits are carried
/// over as by [`flatcorr`](super::flatcorr).
///
/// # Errors
/// [`Error::ExposureTime`] where it is not positive, [`Error::Shape`] where shapes do not agree; `frame` is untouched
/// then.
pub fn shadcorr(frame: &mut Frame, shading: &Frame, exptime_s: f32) -> Result<()> {
    if exptime_s.is_nan() || exptime_s <= 0.0 {
        return Err(Error::ExposureTime {
            name: "the frame".to_owned(),
            found: f64::from(exptime_s),
        });
    }
    check_shapes(frame, shading, "the shutter shading")?;
    rows_mut(frame)
        .zip(rows(shading))
        .for_each_init(Scratch::default, |scratch, (row, shading)| {
            lengthen(row, shading, exptime_s, scratch);
        });
    Ok(())
}

/// Memory for a row.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    factor: Vec<f32>,
    error: Vec<f32>,
}

/// Does so to a row.
pub(crate) fn lengthen(row: RowMut<'_>, shading: Row<'_>, exptime_s: f32, scratch: &mut Scratch) {
    let Scratch { factor, error } = scratch;
    let per_second = (1.0 / f64::from(exptime_s)) as f32;
    factor.clear();
    factor.extend(shading.sci.iter().map(|&seconds| 1.0 + per_second * seconds));
    error.clear();
    error.extend(shading.err.iter().map(|&seconds| per_second * seconds));
    divide(row, factor, error, shading.dq);
}

#[cfg(test)]
mod tests {
    use super::shadcorr;
    use crate::steps::rows::tests::frame;

    #[test]
    fn short_exposures_are_corrected_more() {
        let shading = frame(1, 2, 0.5, 0.0, 1);
        let (mut short, mut long) = (frame(1, 2, 30.0, 3.0, 0), frame(1, 2, 30.0, 3.0, 0));
        shadcorr(&mut short, &shading, 1.0).unwrap();
        shadcorr(&mut long, &shading, 100.0).unwrap();
        assert_eq!(
            (short.sci.row(0), short.err.row(0)),
            (&[20.0; 2][..], &[2.0; 2][..])
        );
        assert!((long.sci.row(0)[0] - 30.0 * 100.0 / 100.5).abs() < 1e-5);
        assert_eq!(long.dq.row(0), [1; 2]);
        assert!(shadcorr(&mut long, &shading, 0.0).is_err());
    }
}
