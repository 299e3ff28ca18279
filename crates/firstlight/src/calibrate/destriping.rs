//! Destriping between acsccd and acscte: the order of `acs_destripe_plus`.

use super::options::CalibrateOptions;
use super::plan::{Plan, Planned};
use super::stages;
use crate::destripe::{DestripedExposure, Destriping};
use crate::{Error, Result};
use firstlight_calibrate::acs::destripe::{DestripeOptions, Masks, acs_destripe, check_exposure};
use firstlight_calibrate::acs::{Observation, References, set};
use firstlight_frame::{Image, Switch};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Subarrays whose CTE can be corrected.
const CTE_SUBARRAYS: [&str; 28] = [
    "WFC1-2K",
    "WFC1-IRAMPQ",
    "WFC1-MRAMPQ",
    "WFC1-POL0UV",
    "WFC1-POL0V",
    "WFC1-POL120UV",
    "WFC1-POL120V",
    "WFC1-POL60UV",
    "WFC1-POL60V",
    "WFC1-SMFL",
    "WFC1A-1K",
    "WFC1A-2K",
    "WFC1A-512",
    "WFC1B-1K",
    "WFC1B-2K",
    "WFC1B-512",
    "WFC2-2K",
    "WFC2-MRAMPQ",
    "WFC2-ORAMPQ",
    "WFC2-POL0UV",
    "WFC2-POL0V",
    "WFC2-SMFL",
    "WFC2C-1K",
    "WFC2C-2K",
    "WFC2C-512",
    "WFC2D-1K",
    "WFC2D-2K",
    "WFC2D-512",
];

/// What the destriping of the exposures of a plan has to know, and what it found.
pub(super) struct Between<'a> {
    destriping: &'a Destriping<'a>,
    /// All exposures, in the order of the masks.
    exposures: Vec<PathBuf>,
    found: Mutex<Vec<(usize, DestripedExposure)>>,
}

impl<'a> Between<'a> {
    /// Refuses exposures that have no stripes, and settles which are corrected for CTE: with `cte_correct` those
    /// subarrays that can be, whatever PCTECORR says, and full frames where it says PERFORM; without it none.
    pub(super) fn prepare(plan: &mut Plan, destriping: &'a Destriping<'a>) -> Result<Self> {
        let mut notes = Vec::new();
        let mut exposures = Vec::new();
        for member in plan.groups.iter_mut().flat_map(|group| &mut group.members) {
            let name = member.path.display().to_string();
            check_exposure(&Observation::without_pixels(name, member.primary.clone()))?;
            notes.extend(settle_cte(member, destriping.cte_correct)?);
            member.destripe = true;
            exposures.push(member.path.clone());
        }
        plan.notes.extend(notes);
        if !destriping.masks.is_empty() && destriping.masks.len() != exposures.len() {
            return Err(Error::Usage(format!(
                "{} masks were given for {} exposures; give one for each, or none",
                destriping.masks.len(),
                exposures.len()
            )));
        }
        Ok(Self {
            destriping,
            exposures,
            found: Mutex::new(Vec::new()),
        })
    }

    /// Takes out the stripes of an exposure that has been through acsccd.
    pub(super) fn destripe(
        &self,
        observation: &mut Observation,
        references: &References,
        planned: &Planned,
        options: &CalibrateOptions,
    ) -> Result<()> {
        let index = self.exposures.iter().position(|path| *path == planned.path);
        let pair = index.and_then(|index| self.destriping.masks.get(index));
        let mut masks = pair.map(|pair| pair.read()).transpose()?.unwrap_or_default();
        if let Some(bits) = &self.destriping.options.dqbits {
            mask_by_dq(observation, references, &mut masks, bits, options)?;
        }
        let report = acs_destripe(observation, references, &masks, self.destriping.options)
            .map_err(|error| Error::from(error).in_file(&planned.path))?;
        if planned.cte {
            set(&mut observation.primary, "PCTECORR", "PERFORM")?;
        }
        let exposure = DestripedExposure {
            path: planned.path.clone(),
            report,
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.push((index.unwrap_or(usize::MAX), exposure));
        Ok(())
    }

    /// What was found, in the order of the exposures.
    pub(super) fn found(self) -> Vec<DestripedExposure> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, exposure)| exposure).collect()
    }
}

/// Whether CTE is corrected; tells why not where it was wanted.
fn settle_cte(member: &mut Planned, cte_correct: bool) -> Result<Option<String>> {
    let primary = &mut member.primary;
    let text = |keyword: &str| {
        primary
            .text(keyword)
            .unwrap_or_default()
            .trim()
            .to_ascii_uppercase()
    };
    let (aperture, switch) = (text("APERTURE"), text("PCTECORR"));
    let is_subarray = primary.logical("SUBARRAY").unwrap_or(false);
    let name = member.path.display();
    member.cte = cte_correct;
    if !cte_correct {
        return Ok(None);
    }
    if is_subarray && CTE_SUBARRAYS.contains(&aperture.as_str()) {
        primary.set("PCTECORR", "PERFORM", None)?;
        return Ok(None);
    }
    if is_subarray {
        member.cte = false;
        return Ok(Some(format!(
            "{name}: the CTE of subarray {aperture} is not corrected; it is none of those that can be"
        )));
    }
    member.cte = Switch::of(primary, "PCTECORR").is_perform();
    let note = || {
        format!("{name}: PCTECORR is {switch}, so that CTE is not corrected; --switch PCTECORR=PERFORM does")
    };
    Ok((!member.cte).then(note))
}

/// Takes pixels out of the masks whose DQ after acs2d has bits that are not accepted: those of dark and flat are known
/// only then.
fn mask_by_dq(
    observation: &Observation,
    references: &References,
    masks: &mut Masks,
    bits: &str,
    options: &CalibrateOptions,
) -> Result<()> {
    let of_bits = DestripeOptions {
        dqbits: Some(bits.to_owned()),
        ..DestripeOptions::default()
    };
    let accepted = of_bits.accepted()?;
    let mut flattened = observation.clone();
    stages::flat(&mut flattened, references, options)?;
    for (chip, mask) in flattened.chips.iter().zip([&mut masks.sci1, &mut masks.sci2]) {
        let dq = &chip.frame.dq;
        let mask = mask.get_or_insert_with(|| Image::filled(dq.ny(), dq.nx(), 1));
        if mask.shape() != dq.shape() {
            // The step itself says what shape is needed.
            continue;
        }
        for (mask, dq) in mask.as_mut_slice().iter_mut().zip(dq.as_slice()) {
            *mask *= u8::from(accepted.is_good(*dq));
        }
    }
    Ok(())
}
