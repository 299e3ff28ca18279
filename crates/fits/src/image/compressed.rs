//! Images kept as compressed tiles in a binary table.

use super::{Array, Pixels, Sample, Section};
use crate::{Error, FitsFile, Hdu, Result};

pub(super) fn read<T: Sample>(_file: &FitsFile, _hdu: &Hdu, _section: Section) -> Result<Array<T>> {
    Err(Error::Unsupported {
        feature: "tile compression".to_owned(),
    })
}

pub(super) fn pixels(_file: &FitsFile, _hdu: &Hdu, _section: Section) -> Result<Pixels> {
    Err(Error::Unsupported {
        feature: "tile compression".to_owned(),
    })
}
