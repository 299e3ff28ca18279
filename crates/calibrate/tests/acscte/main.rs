//! The CTE correction and its forward model: against a readout written plainly, against each other, and on frames in small.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../ccd_frames/mod.rs"]
mod ccd_frames;

mod arrays;
mod made;
mod refusals;
mod stage;
mod tables;
