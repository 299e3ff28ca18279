//! Raw exposures of the STIS CCD to spectra, on a detector of a few thousand pixels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod chain;
mod images;
#[path = "../../../calibrate/tests/stis_spectra/made.rs"]
#[allow(dead_code)]
mod made;
mod refusals;
mod tasks;
mod world;
