//! Rows that no light falls on.

use super::grid::OutputGrid;
use crate::stis::interpolation::nearest;
use crate::stis::tables::apdestab::Aperture;
use firstlight_frame::Frame;

/// Behind a bar, or beyond the end of the slit.
pub(crate) const DATA_MASKED: u16 = 8;
/// Beyond the ends of a slit shorter than this part of the image, rows are flagged.
const SHORT: f64 = 0.5;

/// Flags the rows behind the nominal places of the bars, and those beyond the ends of a short slit (8).
pub fn flag(frame: &mut Frame, aperture: &Aperture, grid: &OutputGrid) {
    let (scale, centre) = (grid.cdelt.1, grid.crpix.1);
    let ny = frame.dq.ny() as i64;
    let length = aperture.width_arcsec.1 / scale;
    if length < SHORT * ny as f64 {
        flag_rows(frame, 0, nearest(centre - length / 2.0 - 0.5).saturating_sub(1));
        flag_rows(
            frame,
            nearest(centre + length / 2.0 + 0.5).saturating_add(1),
            ny - 1,
        );
    }
    for bar in &aperture.bars {
        let middle = centre + bar.location_arcsec / scale;
        let half = bar.width_arcsec / scale / 2.0;
        flag_rows(frame, nearest(middle - half), nearest(middle + half));
    }
}

/// Flags rows from `first` to `last`, as far as they are there.
fn flag_rows(frame: &mut Frame, first: i64, last: i64) {
    for y in first.max(0)..=last.min(frame.dq.ny() as i64 - 1) {
        for bits in frame.dq.row_mut(y as usize) {
            *bits |= DATA_MASKED;
        }
    }
}
