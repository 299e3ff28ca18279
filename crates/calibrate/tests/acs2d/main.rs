//! acs2d on small frames with reference files made for them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod bad_input;
mod ccd;
mod flats;
mod photometry;
mod sbc;
mod world;
