//! DARKCORR.

use super::rows::{subtract, sum_good};
use super::{ReferenceRows, by_reference, check_shapes};
use crate::Result;
use crate::record::put_single;
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use serde::Serialize;

/// What [`darkcorr`] measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DarkReport {
    /// MEANDARK: mean of what was subtracted, over the dark's good pixels, e; 0 where none is good.
    pub mean_e: f32,
}

impl DarkReport {
    /// By the sum of the good pixels of each row, and their number.
    pub(crate) fn of_rows(rows: impl Iterator<Item = (f64, usize)>) -> Self {
        let (sum, good) = rows.fold((0.0, 0), |(sum, good), row| (sum + row.0, good + row.1));
        let mean = if good > 0 { sum / good as f64 } else { 0.0 };
        Self { mean_e: mean as f32 }
    }

    /// Records MEANDARK in the header of SCI.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where the card cannot be written.
    pub fn record(&self, sci: &mut Header) -> Result<()> {
        put_single(sci, "MEANDARK", self.mean_e, "mean of dark values subtracted")
    }
}

/// DARKCORR: subtracts `dark` (e/s) times `darktime_s` from `frame` (e), in place. Errors add in quadrature; the DQ
/// bits of the dark are added to the frame's. A NaN of the dark is one of the frame.
///
/// Pixels of the dark with any of the bits `serious` are left out of its mean.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; `frame` is untouched then. What reading the dark meets: `frame` is not to
/// be used then.
pub fn darkcorr(
    frame: &mut Frame,
    dark: &impl ReferenceRows,
    darktime_s: f32,
    serious: u16,
) -> Result<DarkReport> {
    check_shapes(frame, dark, "the dark")?;
    let sums: Vec<(f64, usize)> = by_reference(frame, dark, |row, dark| {
        subtract(row, dark, darktime_s);
        sum_good(dark, serious, darktime_s)
    })?;
    Ok(DarkReport::of_rows(sums.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::darkcorr;
    use crate::steps::rows::tests::frame;

    #[test]
    fn the_dark_is_scaled_and_its_errors_and_bits_are_carried_over() {
        let mut science = frame(2, 3, 100.0, 3.0, 1);
        let mut dark = frame(2, 3, 0.5, 0.1, 0);
        dark.dq.row_mut(1)[2] = 16;
        dark.sci.row_mut(1)[2] = 50.0;
        let report = darkcorr(&mut science, &dark, 40.0, 16).unwrap();
        assert_eq!(report.mean_e, 20.0);
        assert_eq!(science.sci.row(0), [80.0; 3]);
        assert_eq!(science.sci.row(1)[2], -1900.0);
        assert_eq!(science.err.row(0), [5.0; 3]);
        assert_eq!(science.dq.row(1), [1, 1, 17]);
    }

    #[test]
    fn a_dark_without_a_good_pixel_has_a_mean_of_0_and_one_of_another_shape_changes_nothing() {
        let mut science = frame(2, 3, 100.0, 3.0, 0);
        let report = darkcorr(&mut science, &frame(2, 3, 0.5, 0.1, 4), 1.0, 4).unwrap();
        assert_eq!(report.mean_e, 0.0);
        let before = science.clone();
        assert!(darkcorr(&mut science, &frame(3, 2, 0.5, 0.1, 4), 1.0, 4).is_err());
        assert_eq!(science, before);
    }
}
