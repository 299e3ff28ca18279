//! FLSHCORR.

use super::rows::{subtract, sum_good};
use super::{ReferenceRows, by_reference, check_shapes};
use crate::Result;
use crate::record::put_single;
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use serde::Serialize;

/// What [`flshcorr`] measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FlashReport {
    /// MEANFLSH: mean of what was subtracted, over the flash image's good pixels, e; 0 where none is good.
    pub mean_e: f32,
}

impl FlashReport {
    /// By the sum of the good pixels of each row of `nx`, and their number.
    pub(crate) fn of_rows(rows: impl Iterator<Item = (f64, usize)>, nx: usize) -> Self {
        let (mut sum, mut weight) = (0.0f32, 0.0f32);
        for (of_row, good) in rows.filter(|row| row.1 > 0) {
            let (mean, fraction) = ((of_row / good as f64) as f32, good as f32 / nx as f32);
            sum += mean * fraction;
            weight += fraction;
        }
        Self {
            mean_e: if weight > 0.0 { sum / weight } else { 0.0 },
        }
    }

    /// Records MEANFLSH in the header of SCI.
    ///
    /// # Errors
    /// [`crate::Error::Frame`] where the card cannot be written.
    pub fn record(&self, sci: &mut Header) -> Result<()> {
        put_single(
            sci,
            "MEANFLSH",
            self.mean_e,
            "mean of post-flash values subtracted",
        )
    }
}

/// FLSHCORR: subtracts the post-flash image `flash` (e/s) times `flashdur_s` from `frame` (e), in place. Errors add in
/// quadrature; the DQ bits of the flash image are added to the frame's.
///
/// The mean leaves out pixels of the flash image with any of the bits `serious`. It is that of the lines' means, each
/// weighted by its good fraction, in single precision, as the official program forms it.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; `frame` is untouched then. What reading the image meets: `frame` is not to
/// be used then.
pub fn flshcorr(
    frame: &mut Frame,
    flash: &impl ReferenceRows,
    flashdur_s: f32,
    serious: u16,
) -> Result<FlashReport> {
    check_shapes(frame, flash, "the post-flash image")?;
    let sums = by_reference(frame, flash, |row, flash| {
        subtract(row, flash, flashdur_s);
        sum_good(flash, serious, flashdur_s)
    })?;
    Ok(FlashReport::of_rows(sums.into_iter(), frame.sci.nx()))
}

#[cfg(test)]
mod tests {
    use super::flshcorr;
    use crate::steps::rows::tests::frame;

    #[test]
    fn lines_count_by_their_good_fraction() {
        let mut science = frame(2, 4, 100.0, 3.0, 0);
        let mut flash = frame(2, 4, 1.0, 0.0, 0);
        flash.sci.row_mut(1).fill(4.0);
        flash.dq.row_mut(1)[..2].fill(1);
        let report = flshcorr(&mut science, &flash, 10.0, 1).unwrap();
        assert_eq!(report.mean_e, (4.0 * 10.0 + 2.0 * 40.0) / 6.0);
        assert_eq!(science.sci.row(0), [90.0; 4]);
        assert_eq!(science.sci.row(1), [60.0; 4]);
        assert_eq!(science.dq.row(1), [1, 1, 0, 0]);
    }
}
