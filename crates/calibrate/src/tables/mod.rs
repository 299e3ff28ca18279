//! Reference tables as every instrument has them: rows that are found by what a header says.

pub(crate) mod bad_pixels;
mod rows;

pub use bad_pixels::BadPixels;
pub use rows::{Key, KeyValue, Rows};
