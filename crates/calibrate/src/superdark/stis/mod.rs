//! Darks and bias frames of the STIS CCD: opened and checked, and the headers of what is made of them.

pub(crate) mod header;
mod open;
mod raw;

pub(super) use open::scaling;
pub(crate) use open::{Content, open};
pub(super) use raw::RawFrame;
