//! What a camera of any kind is to be read by.

use crate::Result;
use std::fmt::Debug;
use std::ops::Range;

/// A dark whose rows can be read in any order, also by several threads at once.
pub trait DarkRows: Debug + Send + Sync {
    /// `(ny, nx)`.
    fn shape(&self) -> (usize, usize);
    /// Reads some rows without bias, and their masks: a pixel with any bit is left out.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn read(&self, rows: Range<usize>, sci: &mut [f32], dq: &mut [u16]) -> Result<()>;
}
