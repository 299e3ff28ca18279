//! The time that the shutter adds to the pixels of a combination.

use super::AcsrejOptions;
use crate::Result;
use crate::acs::{Chip, Observation, Outcome, Reference, References, Setup, record_image, record_switch};
use firstlight_frame::{Image, Switch};

/// The shading of the shutter, where it is asked for.
pub(super) struct Shading<'a> {
    reference: Option<&'a Reference>,
    setup: Option<Setup>,
    /// What becomes of SHADCORR; None where it is not asked for.
    pub outcome: Option<Outcome>,
}

impl<'a> Shading<'a> {
    pub fn of(product: &Observation, references: &'a References, options: &AcsrejOptions) -> Result<Self> {
        if !options.shadcorr && !Switch::of(&product.primary, "SHADCORR").is_perform() {
            return Ok(Self {
                reference: None,
                setup: None,
                outcome: None,
            });
        }
        let reference = references.require("SHADCORR", "SHADFILE")?;
        let dummy = reference.is_dummy();
        Ok(Self {
            reference: (!dummy).then_some(reference),
            setup: Some(Setup::of(product)?),
            outcome: Some(if dummy { Outcome::Dummy } else { Outcome::Complete }),
        })
    }

    /// The time that it adds to the pixels of a chip, s.
    pub fn image(&self, chip: &Chip) -> Result<Option<Image<f32>>> {
        match (self.reference, &self.setup) {
            (Some(reference), Some(setup)) => Ok(Some(reference.expanded(setup, chip)?.sci()?)),
            _ => Ok(None),
        }
    }

    pub fn record(&self, product: &mut Observation) -> Result<()> {
        let Some(outcome) = self.outcome else {
            return Ok(());
        };
        record_switch(&mut product.primary, "SHADCORR", outcome)?;
        match self.reference {
            Some(reference) => record_image(&mut product.primary, reference),
            None => Ok(()),
        }
    }
}
