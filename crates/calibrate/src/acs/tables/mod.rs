//! Reference tables of ACS: which row is meant, and what it says.

mod rows;

pub mod bpixtab;
pub mod ccdtab;

pub use rows::{Key, Rows};
