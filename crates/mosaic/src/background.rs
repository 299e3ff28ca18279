//! Steps 1 and 2 on the chips of the inputs: static masks and skies.

use crate::chip::Chip;
use crate::sky::{ChipPixels, FilePixels, PixelScratch, SkyInput, SkyValue, UserChip, sky_values, user_sky};
use crate::static_mask::StaticMasks;
use crate::watch::{Kept, Watch};
use crate::{Mosaic, Result, Step};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

impl Mosaic<'_> {
    /// Step 1: finds the static masks and gives each chip its own.
    pub(crate) fn find_static_masks(&mut self, watch: &dyn Watch) -> Result<()> {
        watch.begin(Step::StaticMask, self.rows_of_chips());
        let mut masks = StaticMasks::new(self.options.static_mask.static_sig);
        let mut sci = Vec::new();
        for chip in &mut self.chips {
            chip.read_sci(0..chip.ny, &mut sci)?;
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
            UserChip {
                file: chip.file().path(),
                chip: chip.place().unwrap_or(0),
                header: chip.header(),
                electrons_per_unit: chip.electrons.conversion,
            }
        };
        self.chips.iter().map(of_chip).collect()
    }

    fn measured_sky(&self, watch: &dyn Watch) -> Result<Vec<SkyValue>> {
        let options = &self.options;
        let pixels = self.chips.iter().map(|chip| {
            let mask = chip.static_mask.as_deref();
            let pixels = FilePixels::new(chip.file(), chip.imset, &options.sky, &options.resetbits, mask)?;
            Ok(SkyPixels {
                pixels: pixels.without(chip.sky_mask())?,
                watch,
            })
        });
        let pixels = pixels.collect::<Result<Vec<_>>>()?;
        let inputs: Vec<SkyInput> = self
            .chips
            .iter()
            .zip(&pixels)
            .map(|(chip, pixels)| SkyInput {
                exposure: chip.exposure,
                wcs: &chip.wcs,
                shape: (chip.ny, chip.nx),
                exptime_s: chip.exptime_s,
                in_counts: chip.in_counts(),
                pixel_scale_arcsec: chip.idcscale_arcsec(),
                electrons_per_unit: chip.electrons.conversion,
                pixels,
            })
            .collect();
        sky_values(&inputs, &options.sky)
    }

    pub(crate) fn rows_of_chips(&self) -> u64 {
        self.chips.iter().map(|chip| chip.ny as u64).sum()
    }
}

/// A chip as the sky is measured on it, while somebody looks on.
struct SkyPixels<'c> {
    pixels: FilePixels<'c>,
    watch: &'c dyn Watch,
}

impl ChipPixels for SkyPixels<'_> {
    fn read(&self, rows: Range<usize>, sci: &mut [f32], scratch: &mut PixelScratch) -> Result<()> {
        let done = rows.len() as u64;
        self.pixels.read(rows, sci, scratch)?;
        self.watch.advance(done);
        Ok(())
    }
}
