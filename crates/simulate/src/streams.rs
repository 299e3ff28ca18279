//! Random numbers by what they are for and where they fall, so that what is drawn for a row depends on nothing else: not
//! on the order of work or the number of threads.

use crate::Random;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Flat = 1,
    WarmPixels,
    Columns,
    Sinks,
    BiasPattern,
    ColumnTraps,
    Stars,
    Photons,
    CosmicRays,
    ReadNoise,
    Stripes,
    ReferenceNoise,
    Pointing,
    HotPixels,
    BiasColumns,
    Dust,
    Temperature,
    Lamp,
    Dark,
    Level,
    Weather,
    DeadPixels,
}

/// Where random numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream of a purpose, for a place: a chip or an amplifier, an exposure, a row.
    pub fn of(self, purpose: Purpose, place: u64, exposure: u64, row: usize) -> Random {
        let stream = (purpose as u64) << 56 | place << 48 | exposure << 32 | row as u64;
        Random::new(self.seed, stream)
    }
}
