//! Spectra of a small detector whose light, lamps and tables are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod doubtful;
mod extraction;
mod lamps;
mod made;
mod rectified;
mod refusals;
