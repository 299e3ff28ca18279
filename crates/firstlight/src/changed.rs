//! Copies of exposures with other pixels: every card and HDU that is not changed stays.

use crate::Result;
use firstlight_calibrate::acs::Observation;
use firstlight_fits::{FitsWriter, Header, Overwrite};
use firstlight_frame::Exposure;
use std::path::Path;

/// Writes a copy of an exposure with the observation's SCI, ERR and primary header; DQ and all else are the exposure's.
pub(crate) fn write_changed(
    exposure: &Exposure,
    observation: &Observation,
    output: &Path,
    overwrite: Overwrite,
) -> Result<()> {
    let mut writer = FitsWriter::create(output, overwrite)?;
    let changed: Vec<_> = exposure.imsets().iter().zip(&observation.chips).collect();
    let named = |header: &Header| -> Result<Header> {
        let mut header = header.clone();
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        if header.contains("FILENAME") {
            header.set("FILENAME", name.as_ref(), None)?;
        }
        Ok(header)
    };
    for hdu in exposure.file().hdus() {
        let index = hdu.index();
        let sci = changed.iter().find(|(imset, _)| imset.sci == index);
        let err = changed.iter().find(|(imset, _)| imset.err == Some(index));
        match (sci, err) {
            (Some((_, chip)), _) => {
                let sci = &chip.frame.sci;
                // Of a plain image, the primary header is that of SCI.
                let header = if index == 0 {
                    named(&observation.primary)?
                } else {
                    chip.sci.clone()
                };
                writer.image(&without_constant(header), (sci.as_slice(), sci.shape()))?;
            }
            (_, Some((_, chip))) => {
                let err = &chip.frame.err;
                writer.image(&without_constant(chip.err.clone()), (err.as_slice(), err.shape()))?;
            }
            _ if index == 0 => writer.empty_primary(&named(&observation.primary)?)?,
            _ => writer.copy_hdu(exposure.file(), index)?,
        }
    }
    Ok(writer.finish()?)
}

/// An image that was constant has pixels now.
fn without_constant(mut header: Header) -> Header {
    header.retain(|card| !["NPIX1", "NPIX2", "PIXVALUE"].contains(&card.keyword()));
    header
}
