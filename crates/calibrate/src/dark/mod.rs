//! Dark frames that mimic the dark rate of a science exposure.
//!
//! The dark rate of a MAMA detector glows with the detector's temperature and history, so that a dark is
//! found by its *rate*, not by its temperature (Avila, ISR ACS 2017-04). Here are the rate in a box, the
//! nearest dark, the interpolation between the two that bracket a rate, the non-negative combination
//! that follows the whole background, and the arithmetic of putting any of these into a science frame.

mod combination;
mod implant;
mod interpolation;
mod matching;
mod nnls;
mod rate;
mod region;

pub use combination::{BackgroundMap, Combination, CombinationOptions, Share, combine_backgrounds};
pub use implant::{ImplantedDark, WeightedDark, implant};
pub use interpolation::{Interpolation, interpolate};
pub use matching::{Candidate, Match, Ranking, Within, rank};
pub use nnls::{NonNegative, Solution};
pub use rate::{BoxRate, BoxSum, box_rate};
pub use region::{DetectorEllipse, PixelBox};
