//! Reference tables of ACS: which row is meant, and what it says.

mod rows;

pub mod atodtab;
pub mod bpixtab;
pub mod ccdtab;
pub mod oscntab;

pub use rows::{Key, Rows};
