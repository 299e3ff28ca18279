//! Exposures combined: against a plain account of the rejection, and what has to hold whatever the pixels are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod account;
mod behaviour;
mod made;
mod refusals;
