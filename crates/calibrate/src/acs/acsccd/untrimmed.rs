//! Frames whose overscan nobody knows of.

use crate::Result;
use crate::acs::tables::oscntab::Overscan;
use crate::acs::{Channel, Chip, Observation, Reference, References, Setup};
use firstlight_frame::Switch;

/// Columns and rows of a chip that see the sky.
fn imaging_area(channel: Channel) -> (f64, f64) {
    match channel {
        Channel::Wfc => (4096.0, 2048.0),
        _ => (1024.0, 1024.0),
    }
}

/// Whether an image reaches beyond the pixels that see the sky, as LTV1, LTV2 and its size say.
pub(in crate::acs) fn has_overscan(channel: Channel, chip: &Chip) -> bool {
    let (ltv, (ny, nx)) = (chip.ltv(), chip.frame.sci.shape());
    let (width, height) = imaging_area(channel);
    ltv.0 > 0.0 || ltv.1 > 0.0 || nx as f64 - ltv.0 > width || ny as f64 - ltv.1 > height
}

/// Whether a frame that acsccd has done is without its overscan, so that the stages after it can go on: not where the table
/// has no row for it, and the image is larger than what sees the sky.
///
/// # Errors
/// [`crate::Error::NoRow`], which names the row that is missing and lists those there are.
pub fn check_trimmed(observation: &Observation, references: &References) -> Result<()> {
    let Some(oscntab) = references.get("OSCNTAB").filter(|table| !table.is_dummy()) else {
        return Ok(());
    };
    if observation.switch("BLEVCORR") != Switch::Complete {
        return Ok(());
    }
    let setup = Setup::of(observation)?;
    let untrimmed = |chip: &&Chip| has_overscan(setup.channel, chip);
    match observation.chips.iter().find(untrimmed) {
        Some(chip) if Overscan::of(&setup, chip, oscntab)?.is_none() => {
            Err(Overscan::no_row(&setup, chip, oscntab)?)
        }
        _ => Ok(()),
    }
}

/// What to say of a chip that the table has no row for: it is taken to be without overscan.
pub(super) fn doubt(setup: &Setup, chip: &Chip, oscntab: &Reference) -> Result<String> {
    let (sought, found) = Overscan::sought_and_found(setup, chip, oscntab)?;
    Ok(format!(
        "[SCI,{}]: OSCNTAB has no row for an image of this size ({sought}; {} has {}): it is taken to be without overscan, \
         and the bias level of CCDTAB was subtracted",
        chip.version,
        oscntab.named,
        found.join("; ")
    ))
}
