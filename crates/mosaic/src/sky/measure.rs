//! Statistics of a chip, whole or in part.

use super::{Measured, SkyInput, SkyOptions, SkyStat};
use crate::Result;
use firstlight_stats::Error as StatsError;
use firstlight_stats::imagestats::Clipped;
use rayon::prelude::*;
use std::ops::Range;

/// Rows that are read at a time.
const BAND_ROWS: usize = 64;

/// The samples of a chip, NaN where they may not be used.
pub(super) struct Plane {
    nx: usize,
    samples: Vec<f32>,
}

impl Plane {
    /// Reads a chip, band by band on all threads.
    pub(super) fn read(input: &SkyInput) -> Result<Self> {
        let (ny, nx) = input.shape;
        let mut samples = vec![0.0; ny.saturating_mul(nx)];
        let bands = samples.par_chunks_mut((BAND_ROWS * nx).max(1)).enumerate();
        bands.try_for_each_init(Vec::new, |good: &mut Vec<bool>, (band, samples)| {
            let first = band * BAND_ROWS;
            good.clear();
            good.resize(samples.len(), true);
            input
                .pixels
                .read(first..first + samples.len() / nx, samples, good)?;
            for (sample, good) in samples.iter_mut().zip(good) {
                *sample = if *good { *sample } else { f32::NAN };
            }
            Ok::<_, crate::Error>(())
        })?;
        Ok(Self { nx, samples })
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
