//! Registration by all of the light of both frames.

use crate::ccd::CcdFile;
use crate::{Error, Result};
use firstlight_align::Point;
use firstlight_align::phase::{PhaseReference, PhaseShift};
use firstlight_align::register::Projective;
use firstlight_frame::Image;
use firstlight_measure::Planes;
use firstlight_measure::find::saturation_level;

/// As many pixels around a saturated one are not believed: what is clipped bleeds, and stands where the detector lets it.
const AROUND_SATURATED: usize = 3;

pub(super) fn reference(file: &CcdFile, saturation: Option<f64>) -> Result<PhaseReference> {
    with_image(file, saturation, PhaseReference::new)
}

pub(super) fn shift(
    reference: &PhaseReference,
    file: &CcdFile,
    saturation: Option<f64>,
) -> Result<PhaseShift> {
    with_image(file, saturation, |image, mask| reference.shift_of(image, mask))
}

/// The map that shifts.
pub(super) fn map([dx, dy]: Point) -> Projective {
    Projective {
        matrix: [[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]],
    }
}

/// The mask of what is left out of a shift by light: what is masked, and saturated pixels with three around each to every
/// side. Pixels are saturated from a level on, that of [`saturation_level`] where none is given. None where nothing is.
///
/// # Errors
/// Where the mask has another shape than the image.
pub fn without_saturated(
    image: &Image<f32>,
    mask: Option<Image<bool>>,
    saturation: Option<f64>,
) -> Result<Option<Image<bool>>> {
    let planes = Planes::new(image);
    let planes = match &mask {
        Some(mask) => planes.with_mask(mask)?,
        None => planes,
    };
    // Where nothing can be measured, registering says so.
    let level = saturation.or_else(|| saturation_level(&planes).ok().flatten());
    let Some(level) = level else {
        return Ok(mask);
    };
    let (ny, nx) = image.shape();
    let mut left_out = mask.unwrap_or_else(|| Image::filled(ny, nx, false));
    for (y, row) in image.as_slice().chunks(nx.max(1)).enumerate() {
        for (x, _) in row
            .iter()
            .enumerate()
            .filter(|&(_, &sample)| f64::from(sample) >= level)
        {
            let columns = x.saturating_sub(AROUND_SATURATED)..(x + AROUND_SATURATED + 1).min(nx);
            for y in y.saturating_sub(AROUND_SATURATED)..(y + AROUND_SATURATED + 1).min(ny) {
                left_out.as_mut_slice()[y * nx..][columns.clone()].fill(true);
            }
        }
    }
    Ok(Some(left_out))
}

fn with_image<T>(
    file: &CcdFile,
    saturation: Option<f64>,
    work: impl FnOnce(&Image<f32>, Option<&Image<bool>>) -> firstlight_align::Result<T>,
) -> Result<T> {
    let frame = file.read::<f32>()?;
    let mask = without_saturated(&frame.sci, frame.mask(), saturation);
    mask.and_then(|mask| work(&frame.sci, mask.as_ref()).map_err(Error::from))
        .map_err(|error| error.in_file(file.path()))
}
