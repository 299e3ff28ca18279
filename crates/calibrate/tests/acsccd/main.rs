//! Raw frames of the CCDs whose electrons, bias and bad pixels are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../ccd_frames/mod.rs"]
mod ccd_frames;

mod after_sm4;
mod bias_level;
mod frames;
mod made;
mod pixels;
mod refusals;
