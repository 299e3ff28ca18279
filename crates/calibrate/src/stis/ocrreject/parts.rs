//! What is combined: the parts of an exposure, whose rows are read as they are needed.

use crate::Result;
use std::ops::Range;

/// Images of one shape whose rows can be read in any order, also by several threads at once.
pub(crate) trait Parts: Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// Shape of each, `(ny, nx)`.
    fn shape(&self) -> (usize, usize);
    /// Reads some rows of SCI (DN) and DQ of a part, into memory that is as large.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn read(&self, part: usize, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> Result<()>;
}

/// What a part weighs by, in single precision: a pixel at its threshold falls on one side or the other by its last bit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// Exposure time, s; 1 where all are 0, as those of bias frames.
    pub seconds: f32,
    /// Its sky, DN.
    pub sky: f32,
    /// Square of the readout noise, DN².
    pub noise2: f32,
    /// Gain, e/DN.
    pub gain: f32,
}

/// The weights of parts by their exposure times (s), `(readout noise e, gain e/DN)`, and skies (DN).
pub(crate) fn weighted(times_s: &[f32], noises: &[(f32, f32)], skies: &[f32]) -> Vec<Part> {
    let none_exposed = times_s.iter().all(|&seconds| seconds == 0.0);
    let each = times_s.iter().zip(noises).zip(skies);
    each.map(|((&seconds, &(readnoise, gain)), &sky)| Part {
        seconds: if none_exposed { 1.0 } else { seconds },
        sky,
        noise2: (readnoise / gain) * (readnoise / gain),
        gain,
    })
    .collect()
}
