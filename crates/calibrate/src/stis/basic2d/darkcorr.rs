//! DARKCORR: the dark, scaled by exposure time, gain and temperature.

use crate::record::{Outcome, put_single, record_image, record_switch};
use crate::steps::{ReferenceRows, subtract_scaled};
use crate::{Chip, Reference, Result};
use firstlight_frame::FrameBuffer;
use firstlight_frame::fits::Header;
use firstlight_stats::median_of_finite;

/// REF_TEMP of a dark that does not say: the temperature it was scaled to, °C.
pub const REFERENCE_TEMPERATURE_C: f64 = 18.0;
/// DRK_VS_T of a dark that does not say: by how much dark current grows, per °C.
pub const GROWTH_PER_C: f64 = 0.07;

/// By how much the dark current at a housing temperature is larger than that of a dark with this primary header:
/// `1 + DRK_VS_T (temperature − REF_TEMP)`; 1 without a temperature.
pub fn temperature_factor(dark_primary: &Header, temperature_c: Option<f64>) -> f64 {
    let reference = dark_primary.real("REF_TEMP").unwrap_or(REFERENCE_TEMPERATURE_C);
    let growth = dark_primary.real("DRK_VS_T").unwrap_or(GROWTH_PER_C);
    temperature_c.map_or(1.0, |celsius| 1.0 + growth * (celsius - reference))
}

/// DARKCORR: subtracts `dark` (e/s) times `scale` (s DN/e: exposure time over gain, times the factor of temperature)
/// from the chip (DN), in place. Errors add in quadrature; DQ bits are combined. Gives the median of what was subtracted,
/// among pixels of the dark without any bit, DN; 0 where there are none.
///
/// # Errors
/// [`crate::Error::Shape`] where shapes do not agree; the chip is untouched then. What reading the dark meets: the chip
/// is not to be used then.
pub fn darkcorr(chip: &mut Chip, dark: &impl ReferenceRows, scale: f32) -> Result<f32> {
    let (ny, _) = chip.shape()?;
    subtract_scaled(&mut chip.frame, dark, scale, "the dark")?;
    let mut buffer = FrameBuffer::default();
    let pixels = dark.rows(0..ny, &mut buffer)?;
    let good = pixels.sci.iter().zip(pixels.dq).filter(|(_, bits)| **bits == 0);
    let mut scaled: Vec<f32> = good.map(|(&rate, _)| scale * rate).collect();
    Ok(median_of_finite(&mut scaled).unwrap_or(0.0) as f32)
}

/// Records MEANDARK in the header of SCI.
///
/// # Errors
/// [`crate::Error::Frame`] where the card cannot be written.
pub(super) fn record_meandark(chip: &mut Chip, median_dn: f32) -> Result<()> {
    put_single(
        &mut chip.sci,
        "MEANDARK",
        median_dn,
        "mean of dark values subtracted",
    )
}

/// Records DARKCORR in the primary header.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub(super) fn record_darkcorr(primary: &mut Header, darkfile: &Reference) -> Result<Outcome> {
    let outcome = match darkfile.is_dummy() {
        true => Outcome::Dummy,
        false => Outcome::Complete,
    };
    record_switch(primary, "DARKCORR", outcome)?;
    record_image(primary, darkfile)?;
    Ok(outcome)
}
