//! Exposures of known pointing errors, aligned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod camera;
mod errors_of_pointing;
mod references;
mod what_is_refused;
