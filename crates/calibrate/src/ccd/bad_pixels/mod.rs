//! Bad pixels: those that differ from their neighbours in a flat, or in the ratio of two, and those with much dark current.

mod ccdmask;
mod columns;
mod hot;
mod rank;

#[cfg(test)]
mod tests;

pub use ccdmask::{CcdmaskOptions, ccdmask};
pub use hot::{HotLimit, HotPixels, dark_rate, hot_pixels};
