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
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Rows of a chip that a thread compares at a time. With a row more on either side they are two tiles of the blotting.
const BAND_ROWS: usize = 62;

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
        let clock = Instant::now();
        let maps = self.chips.par_iter();
        let maps: Vec<Map> = maps
            .map(|chip| Map::new(&chip.wcs, grid, self.options.stepsize))
            .collect::<Result<_>>()?;
        times.blot_s += clock.elapsed().as_secs_f64();
        let mut masks = Vec::with_capacity(self.chips.len());
        for (chip, map) in self.chips.iter().zip(&maps) {
            let mask = self.reject(chip, (grid, map), median, watch, &mut times)?;
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
        (grid, map): (&Wcs, &Map),
        median: &[f32],
        watch: &dyn Watch,
        times: &mut Times,
    ) -> Result<BitMask> {
        let options = &self.options;
        let (ny, nx) = grid.shape().unwrap_or((0, 0));
        let source = Source {
            ny,
            nx,
            first_row: 0,
            data: median,
        };
        let terms = blot_terms(chip, grid);
        let blot = |rows: &Range<usize>, out: &mut [f32]| {
            blot_rows(
                &source,
                map,
                (rows.clone(), chip.nx),
                &terms,
                &options.blotting,
                out,
            )
        };
        let mut finder = CrFinder::new((chip.ny, chip.nx), &cr_terms(chip), &options.cosmic_rays)?;
        let clock = Instant::now();
        if watch.keeps() || options.cosmic_rays.driz_cr_corr {
            let (mut blotted, mut sci) = (vec![0.0; chip.ny * chip.nx], Vec::new());
            blot(&(0..chip.ny), &mut blotted)?;
            times.blot_s += clock.elapsed().as_secs_f64();
            let clock = Instant::now();
            chip.read_sci(0..chip.ny, &mut sci)?;
            finder.add_rows(0..chip.ny, &sci, &blotted)?;
            let mask = finder.finish();
            times.cosmic_rays_s += clock.elapsed().as_secs_f64();
            watch.advance(chip.ny as u64);
            self.give_away(chip, &blotted, &mut sci, &mask, watch)?;
            return Ok(mask);
        }
        // Both steps band by band, in the cache.
        let blotting = AtomicU64::new(0);
        let all = finder.add_bands(BAND_ROWS, |rows, held, scratch| {
            let clock = Instant::now();
            blot(held, &mut scratch.blotted)?;
            blotting.fetch_add(clock.elapsed().as_nanos() as u64, Ordering::Relaxed);
            chip.read_into(rows.clone(), &mut scratch.sci, &mut scratch.bytes)?;
            watch.advance(rows.len() as u64);
            Ok(())
        })?;
        let mask = finder.finish();
        let share = blotting.into_inner() as f64 / all.max(1) as f64;
        let elapsed = clock.elapsed().as_secs_f64();
        times.blot_s += share * elapsed;
        times.cosmic_rays_s += (1.0 - share) * elapsed;
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
                let dq = chip.file().image::<i32>(dq)?.data;
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
