//! FITS files as typed HDUs: headers whose cards stay byte for byte as they were, pixels and tables
//! on demand, and writing that leaves either the old file or the new one.
//!
//! This crate knows the FITS standard (4.0) and nothing of any telescope.

mod checksum;
mod edit;
mod error;
mod file;
mod hdu;
pub mod header;
pub mod image;
mod selector;
mod source;
mod summary;
pub mod table;
mod unfinished;
mod writer;

pub use checksum::{Checksums, Verdict};
pub use edit::{Edit, Place, edit};
pub use error::Error;
pub use file::{FitsFile, read_header};
pub use hdu::{Hdu, HduKind};
pub use header::{Card, Header, Value};
pub use image::{Array, ArrayView, BlockBuffer, ImageBlocks, Pixels, Sample};
pub use selector::HduSelector;
pub use summary::Summary;
pub use table::{Cells, Column, ColumnData, Table};
pub use unfinished::{Ended, Scratch, remove_unfinished};
pub use writer::{AtomicFile, FitsWriter, ImageRows, Overwrite};

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every FITS structure is padded to a multiple of this many bytes.
pub const BLOCK: usize = 2880;
