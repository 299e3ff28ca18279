//! DQ of what lies beyond the aperture.

use crate::stis::Setup;
use crate::{Chip, Result};
use std::ops::Range;

/// DQ bit of a pixel that no light reaches.
const BEYOND: u16 = 4;
/// Pixels on a side of the detector.
const DETECTOR: f64 = 1024.0;
/// Apertures of heights within, arcsec, end on the detector.
const HEIGHTS: std::ops::RangeInclusive<f64> = 5.0..=45.0;
/// By how much the aperture is taken for larger at each end, pixels: where it lies varies with the mechanisms.
const BORDER: f64 = 10.0;

/// Flags with 4 what lies on the detector above and below the aperture, and beside it in images (OBSTYPE = IMAGING).
/// APER_FOV gives its height and width, arcsec, as in `28x50`. Slits and apertures that fill the detector flag nothing,
/// nor do frames without light, or an APER_FOV that cannot be read.
///
/// # Errors
/// As [`Chip::shape`].
pub fn beyond_aperture(chip: &mut Chip, setup: &Setup) -> Result<()> {
    let (ny, nx) = chip.shape()?;
    let Some((height, width)) = size_of(&setup.aper_fov).filter(|_| !setup.is_without_light()) else {
        return Ok(());
    };
    if !HEIGHTS.contains(&height) {
        return Ok(());
    }
    let Some(scale) = scale_arcsec(chip, setup) else {
        return Ok(());
    };
    let ltv = chip.ltv();
    let ltm = |keyword| chip.sci.real(keyword).filter(|&ltm| ltm > 0.0).unwrap_or(1.0);
    let axes = ((ltm("LTM1_1"), ltv.0, nx), (ltm("LTM2_2"), ltv.1, ny));
    let detector = (
        on_image(0.0, DETECTOR - 1.0, axes.0),
        on_image(0.0, DETECTOR - 1.0, axes.1),
    );
    // The scale is that of the image's pixels.
    let within = |size: f64, scale: f64, axis: (f64, f64, usize)| {
        let half = size / (scale * axis.0) / 2.0 + BORDER;
        on_image(DETECTOR / 2.0 - half, DETECTOR / 2.0 + half, axis)
    };
    let rows = within(height, scale.1, axes.1);
    let columns = match setup.obstype.as_str() {
        "IMAGING" => within(width, scale.0, axes.0),
        _ => 0..nx,
    };
    // An image that lies outside of its own aperture is a peculiar one: nothing is known of it.
    if rows.is_empty() || columns.is_empty() {
        return Ok(());
    }
    for y in detector.1 {
        let beyond = !rows.contains(&y);
        for x in detector.0.clone().filter(|x| beyond || !columns.contains(x)) {
            chip.frame.dq[(y, x)] |= BEYOND;
        }
    }
    Ok(())
}

/// Height and width in arcsec; None where the text has none.
fn size_of(aper_fov: &str) -> Option<(f64, f64)> {
    let (height, width) = aper_fov.split_once(['x', 'X'])?;
    let positive = |text: &str| text.trim().parse().ok().filter(|&size: &f64| size > 0.0);
    Some((positive(height)?, positive(width)?))
}

/// Size of a pixel along x and y, arcsec.
fn scale_arcsec(chip: &Chip, setup: &Setup) -> Option<(f64, f64)> {
    let real = |keyword, default| chip.sci.real(keyword).unwrap_or(default);
    let (across, along) = match setup.is_spectroscopic() {
        true if chip.sci.integer("DISPAXIS") == Some(2) => (real("CD1_1", 1.0), real("CD1_1", 1.0)),
        true => (real("CD2_2", 1.0), real("CD2_2", 1.0)),
        false => (
            real("CD1_1", 1.0).hypot(real("CD2_1", 0.0)),
            real("CD1_2", 0.0).hypot(real("CD2_2", 1.0)),
        ),
    };
    let arcsec = |degrees: f64| Some(degrees.abs() * 3600.0).filter(|&size| size > 0.0 && size.is_finite());
    Some((arcsec(across)?, arcsec(along)?))
}

/// The pixels of an axis of `n` from that of `low` to that of `high`, 0-based on the detector; LTM and LTV count pixels from
/// 1.
fn on_image(low: f64, high: f64, (ltm, ltv, n): (f64, f64, usize)) -> Range<usize> {
    let place = |at: f64| match ltm == 1.0 {
        true => (at + ltv).round(),
        false => ((at + 1.0) * ltm + ltv - 1.0).round(),
    };
    let (low, high) = (place(low), place(high));
    let start = low.clamp(0.0, n as f64) as usize;
    start..((high + 1.0).clamp(0.0, n as f64) as usize).max(start)
}
