//! Where registration puts frames, and where they are.

use super::Comparison;
use crate::register::{RegisterOptions, Status, register};
use crate::{Progress, Result};
use firstlight_stats::median_of_finite;
use serde::Serialize;
use std::path::PathBuf;

/// Shifts agree within this, pixels.
const MOST_OFF_PX: f64 = 0.05;

/// How far maps of registered frames are from the truth, at the middle of the field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShiftsAgainstTruth {
    /// Frames that were registered, all filters, without the reference.
    pub frames: usize,
    /// Frames that were not.
    pub failed: usize,
    /// Largest true shift, pixels.
    pub largest_shift_px: f64,
    /// Median error, pixels.
    pub median_px: f64,
    /// Largest error, pixels.
    pub largest_px: f64,
    /// Errors along x and y of each frame, pixels.
    pub off_px: Vec<(f64, f64)>,
}

impl ShiftsAgainstTruth {
    /// Whether all are within a twentieth of a pixel.
    pub fn agrees(&self) -> bool {
        self.failed == 0 && self.largest_px < MOST_OFF_PX
    }
}

/// Registers all frames, of all filters, to the first.
pub(super) fn measure(comparison: &Comparison<'_>, progress: &dyn Progress) -> Result<ShiftsAgainstTruth> {
    let files: Vec<PathBuf> = comparison.frames.iter().map(|frame| frame.path.clone()).collect();
    let report = register(&files, &RegisterOptions::default(), progress)?;
    let of_reference = comparison.frame_of(&report.reference);
    let (ny, nx) = comparison.shape;
    let middle = (0.5 * nx as f64, 0.5 * ny as f64);
    let from = of_reference.map_or(middle, |frame| frame.science.map.apply(middle));
    let (mut off_px, mut largest_shift_px) = (Vec::new(), 0.0_f64);
    for (registered, frame) in report.frames.iter().zip(&comparison.frames) {
        let (Some(map), false) = (registered.map, registered.status == Status::Reference) else {
            continue;
        };
        let [x, y] = map.to_image([from.0, from.1]);
        let expected = frame.science.map.apply(middle);
        off_px.push((x - expected.0, y - expected.1));
        let shift = (expected.0 - from.0).hypot(expected.1 - from.1);
        largest_shift_px = largest_shift_px.max(shift);
    }
    let mut away: Vec<f64> = off_px.iter().map(|(x, y)| x.hypot(*y)).collect();
    Ok(ShiftsAgainstTruth {
        frames: off_px.len(),
        failed: report.failed().count(),
        largest_shift_px,
        largest_px: away.iter().copied().fold(0.0, f64::max),
        median_px: median_of_finite(&mut away).unwrap_or(f64::NAN),
        off_px,
    })
}
