//! Files appear whole or not at all.

use crate::Result;
use firstlight_frame::fits::{AtomicFile, Overwrite};
use std::path::Path;

/// Writes `bytes` beside `path` and renames, so that a killed run leaves the old file or the new one.
///
/// # Errors
/// [`crate::Error::Write`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(AtomicFile::write_whole(path, bytes, Overwrite::Replace)?)
}
