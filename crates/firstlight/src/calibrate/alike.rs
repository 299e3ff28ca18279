//! What the exposures of one product must have in common, as far as their headers tell.

use super::plan::Planned;
use super::switches;
use crate::{Error, Result};
use firstlight_frame::Switch;
use std::path::Path;

/// Checks that exposures which an association combines are of one detector, ask for what the association says (`combining`
/// is CRCORR or RPTCORR), and go through the same steps: of a product half of whose exposures had a step done to them,
/// no header could tell.
///
/// # Errors
/// [`Error::Contradiction`] with the files, the switch and the way out.
pub(super) fn check(association: &Path, combining: &str, members: &[Planned]) -> Result<()> {
    let Some(first) = members.first() else {
        return Ok(());
    };
    let contradiction = |reason: String| {
        Err(Error::Contradiction {
            path: association.to_owned(),
            reason,
        })
    };
    if let Some(other) = members.iter().find(|other| other.detector != first.detector) {
        return contradiction(format!(
            "{} is of {} and {} of {}; exposures of one product must be of one detector",
            first.path.display(),
            first.detector,
            other.path.display(),
            other.detector
        ));
    }
    let omits = |member: &&Planned| Switch::of(&member.primary, combining) == Switch::Omit;
    if let Some(other) = members.iter().find(omits) {
        return contradiction(format!(
            "it combines its exposures by {combining}, but {combining} is OMIT in {}; combine them with --switch \
             {combining}=PERFORM, or calibrate each for itself with --switch {combining}=OMIT",
            other.path.display()
        ));
    }
    for switch in switches::steps_of(&first.detector) {
        let performs = |member: &Planned| Switch::of(&member.primary, switch).is_perform();
        if let Some(other) = members.iter().find(|other| performs(other) != performs(first)) {
            let (with, without) = if performs(first) {
                (first, other)
            } else {
                (other, first)
            };
            return contradiction(format!(
                "{switch} is PERFORM in {} but not in {}; set it for all, as with --switch {switch}=PERFORM",
                with.path.display(),
                without.path.display()
            ));
        }
    }
    Ok(())
}
