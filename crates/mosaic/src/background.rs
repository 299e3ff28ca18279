//! Steps 1 and 2 on the chips of the inputs: static masks and skies.

use crate::chip::Chip;
use crate::sky::{ChipPixels, SkyInput, SkyValue, UserChip, sky_values, user_sky};
use crate::static_mask::StaticMasks;
use crate::watch::{Kept, Watch};
use crate::{BitMask, Mosaic, Result, Step};
use firstlight_frame::dq::BitSelection;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

impl Mosaic<'_> {
    /// Step 1: finds the static masks and gives each chip its own.
    pub(crate) fn find_static_masks(&mut self, watch: &dyn Watch) -> Result<()> {
        watch.begin(Step::StaticMask, self.rows_of_chips());
        let mut masks = StaticMasks::new(self.options.static_mask.static_sig);
        for chip in &mut self.chips {
            let sci = chip.sci_rows(0..chip.ny)?;
            chip.static_report = Some(masks.add(&chip.signature(), &sci)?);
            watch.advance(chip.ny as u64);
        }
        let mut shared = BTreeMap::new();
        for (signature, mask) in masks.iter() {
            if watch.keeps() {
                watch.keep(Kept::StaticMask { signature, mask })?;
            }
            shared.insert(signature.clone(), Arc::new(mask.clone()));
        }
        for chip in &mut self.chips {
            chip.static_mask = shared.get(&chip.signature()).cloned();
        }
        Ok(())
    }

    /// Step 2: finds the sky of each chip, to be subtracted when it is drizzled.
    pub(crate) fn measure_sky(&mut self, watch: &dyn Watch) -> Result<()> {
        watch.begin(Step::Sky, self.rows_of_chips());
        let skies = match user_sky(&self.user_chips(), &self.options.sky)? {
            Some(skies) => skies,
            None => self.measured_sky(watch)?,
        };
        self.take_skies(&skies);
        Ok(())
    }

    /// The skies where none is measured: what the user says, or the headers.
    pub(crate) fn recorded_sky(&mut self) -> Result<()> {
        if let Some(skies) = user_sky(&self.user_chips(), &self.options.sky)? {
            self.take_skies(&skies);
        }
        Ok(())
    }

    fn take_skies(&mut self, skies: &[SkyValue]) {
        for (chip, sky) in self.chips.iter_mut().zip(skies) {
            chip.sky = sky.subtract.then_some(sky.sky);
            chip.subtracted_sky = sky.sky;
            chip.sky_value = Some(*sky);
        }
    }

    fn user_chips(&self) -> Vec<UserChip<'_>> {
        let of_chip = |chip| {
            let chip: &Chip = chip;
            let imsets = chip.member.exposure.imsets();
            let place = imsets.iter().position(|imset| imset.sci == chip.imset.sci);
            UserChip {
                file: chip.file().path(),
                chip: place.unwrap_or(0),
                header: chip.header(),
                electrons_per_unit: chip.electrons.conversion,
            }
        };
        self.chips.iter().map(of_chip).collect()
    }

    fn measured_sky(&self, watch: &dyn Watch) -> Result<Vec<SkyValue>> {
        let options = &self.options;
        let good = options.sky.sky_bits.selection("sky_bits")?;
        let reset = options.resetbits.mask("resetbits")?;
        let pixels: Vec<SkyPixels> = self
            .chips
            .iter()
            .map(|chip| SkyPixels {
                chip,
                good,
                reset,
                mask: chip.static_mask.as_deref().filter(|_| options.sky.use_static),
                watch,
            })
            .collect();
        let inputs: Vec<SkyInput> = pixels
            .iter()
            .map(|pixels| SkyInput {
                exposure: pixels.chip.exposure,
                wcs: &pixels.chip.wcs,
                shape: (pixels.chip.ny, pixels.chip.nx),
                exptime_s: pixels.chip.exptime_s,
                in_counts: pixels.chip.in_counts(),
                pixel_scale_arcsec: pixels.chip.idcscale_arcsec(),
                electrons_per_unit: pixels.chip.electrons.conversion,
                pixels,
            })
            .collect();
        sky_values(&inputs, &options.sky)
    }

    pub(crate) fn rows_of_chips(&self) -> u64 {
        self.chips.iter().map(|chip| chip.ny as u64).sum()
    }
}

/// A chip as the sky is measured on it.
struct SkyPixels<'c> {
    chip: &'c Chip<'c>,
    good: BitSelection,
    reset: u16,
    mask: Option<&'c BitMask>,
    watch: &'c dyn Watch,
}

impl ChipPixels for SkyPixels<'_> {
    fn read(&self, rows: Range<usize>, sci: &mut [f32], good: &mut [bool]) -> Result<()> {
        let chip = self.chip;
        sci.copy_from_slice(&chip.some_rows::<f32>(chip.imset.sci, rows.clone())?);
        match chip.dq() {
            Some(dq) => {
                let dq = chip.some_rows::<i32>(dq, rows.clone())?;
                for (good, dq) in good.iter_mut().zip(dq) {
                    *good = self.good.is_good(dq as u16 & !self.reset);
                }
            }
            None => good.fill(true),
        }
        if let Some(mask) = self.mask {
            for (y, good) in rows.clone().zip(good.chunks_mut(chip.nx.max(1))) {
                for (word, good) in mask.row(y).iter().zip(good.chunks_mut(64)) {
                    if *word != 0 {
                        let bits = good.iter_mut().enumerate();
                        bits.for_each(|(bit, good)| *good &= word >> bit & 1 == 0);
                    }
                }
            }
        }
        self.watch.advance(rows.len() as u64);
        Ok(())
    }
}
