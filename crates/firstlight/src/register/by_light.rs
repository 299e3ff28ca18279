//! Registration by all of the light of both frames.

use crate::ccd::CcdFile;
use crate::{Error, Result};
use firstlight_align::Point;
use firstlight_align::phase::{PhaseReference, PhaseShift};
use firstlight_align::register::Projective;
use firstlight_frame::Image;

pub(super) fn reference(file: &CcdFile) -> Result<PhaseReference> {
    with_image(file, PhaseReference::new)
}

pub(super) fn shift(reference: &PhaseReference, file: &CcdFile) -> Result<PhaseShift> {
    with_image(file, |image, mask| reference.shift_of(image, mask))
}

/// The map that shifts.
pub(super) fn map([dx, dy]: Point) -> Projective {
    Projective {
        matrix: [[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]],
    }
}

fn with_image<T>(
    file: &CcdFile,
    work: impl FnOnce(&Image<f32>, Option<&Image<bool>>) -> firstlight_align::Result<T>,
) -> Result<T> {
    let frame = file.read::<f32>()?;
    work(&frame.sci, frame.mask().as_ref()).map_err(|error| Error::from(error).in_file(file.path()))
}
