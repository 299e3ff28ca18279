//! The archive: which reference files an exposure needs (CRDS), where its data are (MAST), and how either
//! gets here whole.
//!
//! [`crds`] reads the rules and selects by them, [`mast`] asks the service for observations and their files,
//! [`client`] carries both over a network that fails, and [`serve`] answers the same protocols from a folder.

mod calendar;
pub mod client;
pub mod crds;
mod environment;
mod error;
pub mod mast;
pub mod serve;

pub use environment::Environment;
pub use error::Error;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
