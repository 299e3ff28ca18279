//! Steps 5 and 6 chip by chip: the median blotted back, and the cosmic rays that stand out against it.

use crate::astrodrizzle::Step;
use crate::blot::{BlotTerms, blot_rows};
use crate::chip::Chip;
use crate::cosmic_rays::{CrFinder, CrTerms};
use crate::map::Map;
use crate::watch::{Kept, Watch};
use crate::{BitMask, Mosaic, Result};
use firstlight_drizzle::blot::Source;
use firstlight_wcs::Wcs;
use std::time::Instant;

/// Bytes of the image and the blotted image of a chip that are in memory at once, unless they are kept.
const BAND_BYTES: usize = 32 << 20;

/// Elapsed times.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    pub(crate) blot_s: f64,
    pub(crate) cosmic_rays_s: f64,
}

impl Mosaic<'_> {
    /// Blots the median back to each chip and, if `find`, finds the chip's cosmic rays.
    pub(crate) fn find_cosmic_rays(
        &mut self,
        grid: &Wcs,
        median: &[f32],
        find: bool,
        watch: &dyn Watch,
    ) -> Result<Times> {
        let mut times = Times::default();
        if !find && !watch.keeps() {
            return Ok(times);
        }
        watch.begin(Step::CosmicRays, self.rows_of_chips());
        let mut masks = Vec::with_capacity(self.chips.len());
        for chip in &self.chips {
            let mask = self.reject(chip, grid, median, watch, &mut times)?;
            masks.push(mask);
        }
        for (chip, mask) in self.chips.iter_mut().zip(masks) {
            if find {
                chip.cosmic_rays = Some(mask);
            }
        }
        Ok(times)
    }

    fn reject(
        &self,
        chip: &Chip,
        grid: &Wcs,
        median: &[f32],
        watch: &dyn Watch,
        times: &mut Times,
    ) -> Result<BitMask> {
        let options = &self.options;
        let (source_ny, source_nx) = grid.shape().unwrap_or((0, 0));
        let source = Source {
            ny: source_ny,
            nx: source_nx,
            first_row: 0,
            data: median,
        };
        let map = Map::new(&chip.wcs, grid, options.stepsize)?;
        let shape = (chip.ny, chip.nx);
        let mut finder = CrFinder::new(shape, &cr_terms(chip), &options.cosmic_rays)?;
        let whole = watch.keeps() || options.cosmic_rays.driz_cr_corr;
        let height = if whole {
            chip.ny
        } else {
            (BAND_BYTES / (8 * chip.nx).max(1)).clamp(1, chip.ny.max(1))
        };
        let terms = blot_terms(chip, grid);
        let (mut blotted, mut sci) = (Vec::new(), Vec::new());
        for start in (0..chip.ny).step_by(height.max(1)) {
            let rows = start..(start + height).min(chip.ny);
            let clock = Instant::now();
            let held = finder.blotted_rows(&rows);
            blotted.resize(held.len() * chip.nx, 0.0);
            blot_rows(
                &source,
                &map,
                (held, chip.nx),
                &terms,
                &options.blotting,
                &mut blotted,
            )?;
            times.blot_s += clock.elapsed().as_secs_f64();
            let clock = Instant::now();
            sci = chip.sci_rows(rows.clone())?;
            finder.add_rows(rows.clone(), &sci, &blotted)?;
            times.cosmic_rays_s += clock.elapsed().as_secs_f64();
            watch.advance(rows.len() as u64);
        }
        let clock = Instant::now();
        let mask = finder.finish();
        times.cosmic_rays_s += clock.elapsed().as_secs_f64();
        if whole {
            self.give_away(chip, &blotted, &mut sci, &mask, watch)?;
        }
        Ok(mask)
    }

    fn give_away(
        &self,
        chip: &Chip,
        blotted: &[f32],
        sci: &mut [f32],
        mask: &BitMask,
        watch: &dyn Watch,
    ) -> Result<()> {
        let (path, imset) = (chip.file().path(), chip.imset);
        if watch.keeps() {
            let shape = (chip.ny, chip.nx);
            watch.keep(Kept::Blotted {
                path,
                imset,
                shape,
                sci: blotted,
            })?;
            watch.keep(Kept::CosmicRays { path, imset, mask })?;
        }
        if self.options.cosmic_rays.driz_cr_corr {
            let mut replaced = mask.clone();
            if let Some(dq) = chip.dq() {
                let ignored = self.options.crbit | self.options.resetbits.mask("resetbits")?;
                let dq = chip.some_rows::<i32>(dq, 0..chip.ny)?;
                let bad = dq
                    .iter()
                    .enumerate()
                    .filter(|(_, dq)| **dq as u16 & !ignored != 0);
                bad.for_each(|(at, _)| replaced.set(at / chip.nx.max(1), at % chip.nx.max(1)));
            }
            for (at, (value, blotted)) in sci.iter_mut().zip(blotted).enumerate() {
                if replaced.get(at / chip.nx.max(1), at % chip.nx.max(1)) {
                    *value = *blotted;
                }
            }
            let replaced = &replaced;
            watch.keep(Kept::Cleaned {
                path,
                imset,
                sci,
                replaced,
            })?;
        }
        Ok(())
    }
}

fn blot_terms(chip: &Chip, grid: &Wcs) -> BlotTerms {
    BlotTerms {
        exptime_s: chip.exptime_s,
        pixel_scale_ratio: grid.pixel_scale_arcsec() / chip.blot_scale_arcsec(),
        conversion: chip.electrons.conversion,
        sky: chip.sky,
    }
}

fn cr_terms(chip: &Chip) -> CrTerms {
    let electrons = &chip.electrons;
    CrTerms {
        conversion: electrons.conversion,
        gain: electrons.factor,
        readnoise_e: electrons.readnoise_e,
        sky_e: chip.subtracted_sky * electrons.conversion,
        cte: electrons.cte,
    }
}
