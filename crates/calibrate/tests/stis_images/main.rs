//! basic2d of images: photometric keywords, subarrays and larger pixels.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod binned;
mod photometry;
mod temperature;
mod world;
