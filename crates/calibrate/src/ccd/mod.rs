//! Frames of any CCD, as ground-based cameras take them, and the steps that calibrate them.
//!
//! The steps do what ccdproc's functions of the same name do, on arrays: in f64 inside, stored in the frame's own
//! precision. Uncertainties are propagated to first order as those of independent errors, and an absent one counts as
//! zero; masks are united.

mod arithmetic;
mod background;
pub mod bad_pixels;
mod bias;
mod blocks;
mod cosmic_median;
mod dark;
mod deviation;
mod flat;
mod frame;
mod fringe;
mod gain;
pub mod lacosmic;
mod linearity;
#[cfg(test)]
mod noise;
mod overscan;
mod pass;
mod process;
mod rows;
mod section;
mod unit;

pub use arithmetic::Operation;
pub use background::{
    Background, BackgroundOptions, BackgroundReport, SkyStatistic, background, subtract_background,
};
pub use bias::subtract_bias;
pub use blocks::{BlockStatistic, block_reduce, block_replicate};
pub use cosmic_median::{CosmicMedianOptions, CosmicMedianReport, cosmicray_median};
pub use dark::{exposure_ratio, subtract_dark};
pub use deviation::{Deviation, create_deviation};
pub use flat::{Flat, FlatOptions, FlatReport, flat_correct};
pub use frame::{CcdFrame, Real};
pub use fringe::{FringeOptions, FringeReport, fringe_scale, subtract_fringe};
pub use gain::gain_correct;
pub use linearity::{LinearityCurve, LinearityOptions, LinearityReport, linearity_correct};
pub use overscan::{OverscanLevels, OverscanOptions, OverscanReport, overscan_levels, subtract_overscan};
pub use pass::{BandFlags, CcdPass};
pub use process::{CcdSteps, CcdStepsReport, ccd_process};
pub use section::Section;
pub use unit::CcdUnit;

pub use firstlight_frame::dq::ccd as dq;
