//! Nights reduced: frames whose truth is known, what is missing, and what a second run does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod again;
mod missing;
mod night;
mod of_sky;
mod rays;
mod sky_by_hand;
mod sorting;
mod truth;
