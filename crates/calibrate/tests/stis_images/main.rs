//! basic2d of images: photometric keywords, made by tables of two or three rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod photometry;
mod world;
