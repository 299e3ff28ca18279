//! FLATCORR.

use super::rows::{divide, rows, rows_mut};
use super::{ReferenceRows, by_reference, check_shapes};
use crate::Result;
use firstlight_frame::Frame;
use rayon::prelude::*;

/// FLATCORR: divides `frame` by `flat`, in place. With `f` ± `E` the flat and `s` ± `e` the frame,
/// `ERR = √((e/f)² + (E·s/f/f)²)`; DQ bits are combined. Where the flat is 0 the pixel stays as it is, and is flagged
/// 512.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; `frame` is untouched then. What reading the flat meets: `frame` is not to
/// be used then.
pub fn flatcorr(frame: &mut Frame, flat: &impl ReferenceRows) -> Result<()> {
    check_shapes(frame, flat, "the flat")?;
    by_reference(frame, flat, |row, flat| divide(row, flat.sci, flat.err, flat.dq))?;
    Ok(())
}

/// Multiplies a flat by another, in place: `ERR = √((a·B)² + (b·A)²)`, DQ bits are combined.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; `flat` is untouched then.
pub fn multiply(flat: &mut Frame, by: &Frame) -> Result<()> {
    check_shapes(flat, by, "the second flat")?;
    rows_mut(flat).zip(rows(by)).for_each(|(row, by)| {
        let own = row.sci.iter_mut().zip(row.err).zip(row.dq);
        let other = by.sci.iter().zip(by.err).zip(by.dq);
        for (((sci, err), dq), ((&factor, &error), &bits)) in own.zip(other) {
            let (first, second) = (*sci * error, factor * *err);
            *sci *= factor;
            *err = (first * first + second * second).sqrt();
            *dq |= bits;
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{flatcorr, multiply};
    use crate::steps::rows::tests::frame;

    #[test]
    fn errors_of_both_are_carried_over_and_a_zero_is_flagged_and_changes_nothing() {
        let mut science = frame(1, 3, 8.0, 3.0, 2);
        let mut flat = frame(1, 3, 2.0, 1.0, 4);
        flat.sci.row_mut(0)[1] = 0.0;
        flatcorr(&mut science, &flat).unwrap();
        assert_eq!(science.sci.row(0), [4.0, 8.0, 4.0]);
        assert_eq!(science.err.row(0), [2.5, 3.0, 2.5]);
        assert_eq!(science.dq.row(0), [6, 518, 6]);
    }

    #[test]
    fn two_flats_one_after_the_other_divide_as_their_product() {
        let (mut once, mut twice) = (frame(1, 2, 8.0, 3.0, 0), frame(1, 2, 8.0, 3.0, 0));
        let (mut first, second) = (frame(1, 2, 2.0, 0.5, 1), frame(1, 2, 0.5, 0.25, 2));
        flatcorr(&mut twice, &first).unwrap();
        flatcorr(&mut twice, &second).unwrap();
        multiply(&mut first, &second).unwrap();
        flatcorr(&mut once, &first).unwrap();
        assert_eq!((&once.sci, &once.dq), (&twice.sci, &twice.dq));
        assert!((once.err.row(0)[0] - twice.err.row(0)[0]).abs() < 1e-5);
    }
}
