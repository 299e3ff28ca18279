//! Reference tables of ACS: which row is meant, and what it says.

pub mod atodtab;
pub mod bpixtab;
pub mod ccdtab;
pub mod imphttab;
pub mod mlintab;
pub mod oscntab;
pub mod spottab;

pub use crate::tables::{Key, Rows};
