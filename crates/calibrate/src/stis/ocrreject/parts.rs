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

/// A number for each amplifier's share of an image: below and above a row, and there left and right of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quadrants {
    /// `[[lower left, lower right], [upper left, upper right]]`.
    pub of: [[f32; 2]; 2],
    /// The first column of the right ones.
    pub x: usize,
    /// The first row of the upper ones.
    pub y: usize,
}

impl Quadrants {
    /// One number for all of an image.
    pub fn even(number: f32) -> Self {
        Self {
            of: [[number; 2]; 2],
            x: 0,
            y: 0,
        }
    }

    fn map(self, of: impl Fn(f32) -> f32) -> Self {
        Self {
            of: self.of.map(|row| row.map(&of)),
            ..self
        }
    }

    fn is_even(&self) -> bool {
        self.of
            .as_flattened()
            .iter()
            .all(|&number| number == self.of[0][0])
    }

    /// Of so many `pixels`, rows of `nx` from row `first` on, the runs that have one number each, in order.
    fn runs(self, first: usize, nx: usize, pixels: usize) -> impl Iterator<Item = (Range<usize>, f32)> {
        let whole = self.is_even().then_some((0..pixels, self.of[0][0]));
        let rows = if whole.is_some() { 0 } else { pixels / nx.max(1) };
        let of_rows = (0..rows).flat_map(move |row| {
            let [left, right] = self.of[usize::from(first + row >= self.y)];
            let (begin, meet) = (row * nx, self.x.min(nx));
            [(begin..begin + meet, left), (begin + meet..begin + nx, right)]
        });
        whole.into_iter().chain(of_rows)
    }
}

/// The noise of a part: of its amplifiers' readout, and by its gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Noise {
    /// Readout noise, e.
    pub readnoise_e: Quadrants,
    /// Gain, e/DN.
    pub gain_e_per_dn: f32,
}

impl Noise {
    /// Of an image that one amplifier read.
    pub fn even(readnoise_e: f32, gain_e_per_dn: f32) -> Self {
        Self {
            readnoise_e: Quadrants::even(readnoise_e),
            gain_e_per_dn,
        }
    }
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

/// What a part whose amplifiers differ weighs by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weight {
    /// Exposure time, s; 1 where all are 0.
    pub seconds: f32,
    /// Its sky, DN.
    pub sky: f32,
    /// Square of the readout noise, DN².
    pub noise2: Quadrants,
    /// Gain, e/DN.
    pub gain: f32,
}

impl Weight {
    /// The runs of so many `pixels`, rows of `nx` from row `first` on, each with what it weighs by.
    pub fn runs(self, first: usize, nx: usize, pixels: usize) -> impl Iterator<Item = (Range<usize>, Part)> {
        let runs = self.noise2.runs(first, nx, pixels);
        runs.map(move |(run, noise2)| {
            let part = Part {
                seconds: self.seconds,
                sky: self.sky,
                noise2,
                gain: self.gain,
            };
            (run, part)
        })
    }
}

/// The weights of parts by their exposure times (s), noises, and skies (DN).
pub(crate) fn weighted(times_s: &[f32], noises: &[Noise], skies: &[f32]) -> Vec<Weight> {
    let none_exposed = times_s.iter().all(|&seconds| seconds == 0.0);
    let each = times_s.iter().zip(noises).zip(skies);
    each.map(|((&seconds, noise), &sky)| {
        let gain = noise.gain_e_per_dn;
        Weight {
            seconds: if none_exposed { 1.0 } else { seconds },
            sky,
            noise2: noise
                .readnoise_e
                .map(|readnoise| (readnoise / gain) * (readnoise / gain)),
            gain,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::Quadrants;

    #[test]
    fn runs_follow_the_amplifiers() {
        let even: Vec<_> = Quadrants::even(3.0).runs(7, 4, 8).collect();
        assert_eq!(even, [(0..8, 3.0)]);
        let uneven = Quadrants {
            of: [[1.0, 2.0], [3.0, 4.0]],
            x: 3,
            y: 5,
        };
        let runs: Vec<_> = uneven.runs(4, 4, 8).collect();
        assert_eq!(runs, [(0..3, 1.0), (3..4, 2.0), (4..7, 3.0), (7..8, 4.0)]);
        let beyond = Quadrants { x: 9, ..uneven };
        let runs: Vec<_> = beyond.runs(0, 4, 4).collect();
        assert_eq!(runs, [(0..4, 1.0), (4..4, 2.0)]);
    }
}
