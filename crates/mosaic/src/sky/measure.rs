//! Statistics of a chip, whole or in part.

use super::{Measured, PixelScratch, SkyInput, SkyOptions, SkyStat};
use crate::Result;
use firstlight_stats::Error as StatsError;
use firstlight_stats::imagestats::Clipped;
use rayon::prelude::*;
use std::ops::Range;

/// Rows that are read at a time.
const BAND_ROWS: usize = 64;

/// The samples of a chip, NaN where they may not be used.
#[derive(Default)]
pub(super) struct Plane {
    nx: usize,
    samples: Vec<f32>,
}

impl Plane {
    /// Reads a chip, band by band on all threads, in place of what was read before.
    pub(super) fn read(&mut self, input: &SkyInput) -> Result<()> {
        let (ny, nx) = input.shape;
        self.nx = nx;
        self.samples.resize(ny.saturating_mul(nx), 0.0);
        let bands = self.samples.par_chunks_mut((BAND_ROWS * nx).max(1)).enumerate();
        bands.try_for_each_init(PixelScratch::default, |scratch, (band, samples)| {
            let first = band * BAND_ROWS;
            let rows = first..first + samples.len() / nx;
            input.pixels.read(rows, samples, scratch)
        })
    }

    /// The sky of all good pixels.
    pub(super) fn sky(&self, options: &SkyOptions) -> Result<Option<Measured>> {
        sky(&self.samples, options)
    }

    /// The sky of the good pixels in some runs of rows.
    pub(super) fn sky_in(
        &self,
        runs: &[(usize, Range<usize>)],
        options: &SkyOptions,
    ) -> Result<Option<Measured>> {
        let rows = runs.iter().filter_map(|(row, columns)| {
            let start = row * self.nx;
            self.samples.get(start + columns.start..start + columns.end)
        });
        let rows: Vec<&[f32]> = rows.collect();
        sky(&rows.concat(), options)
    }
}

/// `None` where no sample can be used.
fn sky(samples: &[f32], options: &SkyOptions) -> Result<Option<Measured>> {
    let clipped = match Clipped::of(samples, &options.statistics()) {
        Ok(clipped) => clipped,
        Err(StatsError::NoFiniteSample { .. } | StatsError::NothingWithinLimits { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let value = match options.skystat {
        SkyStat::Mean => clipped.mean,
        SkyStat::Median => clipped.median(),
        SkyStat::Mode => clipped.histogram()?.mode(),
    };
    Ok(Some(Measured {
        value,
        error: clipped.stddev / (clipped.npix as f64).sqrt(),
        npix: clipped.npix,
    }))
}
