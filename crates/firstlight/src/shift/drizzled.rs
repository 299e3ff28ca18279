//! A frame drizzled onto the pixels of a reference.

use super::Mapped;
use crate::ccd::CcdFrame;
use crate::{Error, Result};
use firstlight_align::register::Projective;
use firstlight_calibrate::ccd::dq;
use firstlight_drizzle::{Accumulator, DropOptions, Fill, Input, Planes, drizzle_exposure};
use firstlight_frame::Image;

/// Samples are multiplied by `factor`; `area` is that of a pixel of the reference in pixels of the frame.
///
/// Every pixel that light of a good sample falls on has a value, however small the part that it covers.
pub(super) fn drizzled(
    frame: &CcdFrame<f32>,
    map: &Projective,
    (ny, nx): (usize, usize),
    (factor, area): (f64, f64),
) -> Result<CcdFrame<f32>> {
    let back = map
        .inverse()
        .ok_or_else(|| Error::Usage("the map to the reference has no inverse".to_owned()))?;
    let weights: Vec<f32> = (0..frame.sci.len())
        .map(|index| if frame.is_good(index) { 1.0 } else { 0.0 })
        .collect();
    let variance: Option<Vec<f32>> = frame
        .err
        .as_ref()
        .map(|err| err.as_slice().iter().map(|err| err * err).collect());
    let input = Input {
        image: 0,
        first_row: 0,
        first_column: 0,
        nx: frame.sci.nx(),
        data: frame.sci.as_slice(),
        weight: Some(&weights),
        variance: variance.as_deref(),
    };
    let options = DropOptions {
        value_scale: factor,
        pixel_scale_ratio: Some(area.sqrt()),
        ..DropOptions::default()
    };
    let planes = Planes {
        context: false,
        variance: variance.is_some(),
    };
    let mut sum = Accumulator::new(ny, nx, planes)?;
    drizzle_exposure(&input, &Mapped(back), &options, &mut sum)?;
    let bits: Vec<u16> = sum
        .weight()
        .iter()
        .map(|weight| if *weight > 0.0 { 0 } else { dq::NO_DATA })
        .collect();
    let err = sum
        .variance(Fill::Value(f32::NAN))
        .map(|variance| variance.iter().map(|v| v.sqrt()).collect());
    Ok(CcdFrame {
        sci: plane((ny, nx), sum.image(Fill::Value(f32::NAN)))?,
        err: err.map(|err| plane((ny, nx), err)).transpose()?,
        dq: Some(plane((ny, nx), bits)?),
        unit: frame.unit.clone(),
    })
}

fn plane<T>((ny, nx): (usize, usize), samples: Vec<T>) -> Result<Image<T>> {
    Image::from_vec(ny, nx, samples).map_err(|error| Error::Usage(error.to_string()))
}
