//! Who looks on while the steps run.

use crate::static_mask::Signature;
use crate::{BitMask, Result, Step};
use firstlight_frame::Imset;
use firstlight_wcs::Wcs;
use std::path::Path;

/// Is told how the steps get on, and given what lies between them. Called from several threads.
pub trait Watch: Sync {
    /// A step begins that has so many rows to do.
    fn begin(&self, step: Step, rows: u64) {
        let _ = (step, rows);
    }

    /// So many rows more are done.
    fn advance(&self, rows: u64) {
        let _ = rows;
    }

    /// Whether [`Watch::keep`] is to be called.
    fn keeps(&self) -> bool {
        false
    }

    /// Takes what lies between the steps.
    ///
    /// # Errors
    /// Whatever keeping it meets, which ends the steps.
    fn keep(&self, kept: Kept<'_>) -> Result<()> {
        let _ = kept;
        Ok(())
    }
}

/// Nobody looks on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// What lies between the steps.
#[derive(Debug, Clone, Copy)]
pub enum Kept<'a> {
    /// A static mask; set bits are bad.
    StaticMask {
        /// Whose it is.
        signature: &'a Signature,
        /// The mask.
        mask: &'a BitMask,
    },
    /// Some rows of a separately drizzled exposure.
    Single {
        /// The exposure's file.
        path: &'a Path,
        /// The grid.
        grid: &'a Wcs,
        /// The first of the rows.
        first: usize,
        /// The image, electrons per second.
        sci: &'a [f32],
        /// The weight, seconds.
        wht: &'a [f32],
    },
    /// The median, electrons per second.
    Median {
        /// The grid.
        grid: &'a Wcs,
        /// All rows.
        sci: &'a [f32],
    },
    /// A blotted image, in the unit of the file.
    Blotted {
        /// The file.
        path: &'a Path,
        /// Which of its images.
        imset: &'a Imset,
        /// `(ny, nx)`.
        shape: (usize, usize),
        /// All rows.
        sci: &'a [f32],
    },
    /// The cosmic rays of an image; set bits are cosmic rays.
    CosmicRays {
        /// The file.
        path: &'a Path,
        /// Which of its images.
        imset: &'a Imset,
        /// The mask.
        mask: &'a BitMask,
    },
    /// An image with its cosmic rays and bad pixels replaced by the blotted median.
    Cleaned {
        /// The file.
        path: &'a Path,
        /// Which of its images.
        imset: &'a Imset,
        /// All rows, in the unit of the file.
        sci: &'a [f32],
        /// For each pixel whether it was replaced.
        replaced: &'a BitMask,
    },
}
