//! An aperture's weights as an array.

use crate::aperture::Aperture;
use crate::bounds::BoundingBox;
use crate::geometry::Run;
use crate::overlap::Overlap;
use crate::{Error, Result};

/// At most so many weights are kept for one aperture (2 GiB).
const MOST_WEIGHTS: i64 = 1 << 28;

/// The fraction of each pixel of the bounding box that is in an aperture, wherever the image ends.
#[derive(Debug, Clone, PartialEq)]
pub struct ApertureMask {
    /// Where the weights lie.
    pub bounds: BoundingBox,
    /// From 0 to 1, row after row; the shape is that of `bounds`.
    pub weights: Vec<f64>,
}

impl ApertureMask {
    /// The weights of an aperture at a position.
    ///
    /// # Errors
    /// [`Error::BadAperture`]; [`Error::BadPosition`]; [`Error::TooLarge`] from 2²⁸ pixels on.
    pub fn new(aperture: &Aperture, position: (f64, f64), overlap: Overlap) -> Result<Self> {
        aperture.check()?;
        if !(position.0.is_finite() && position.1.is_finite()) {
            return Err(Error::BadPosition {
                index: 0,
                x: position.0,
                y: position.1,
            });
        }
        let footprint = aperture.footprint();
        let bounds = footprint.bounding_box(position);
        let (ny, nx) = bounds.shape();
        let count = ny
            .checked_mul(nx)
            .filter(|&count| count < MOST_WEIGHTS)
            .ok_or(Error::TooLarge { nx, ny })?;
        let mut weights = vec![0.0; count as usize];
        footprint.visit(position, bounds, overlap, |row, run| {
            let row = (row - bounds.iymin) * nx - bounds.ixmin;
            match run {
                Run::Full(columns) => {
                    weights[(row + columns.start) as usize..(row + columns.end) as usize].fill(1.0)
                }
                Run::Partial(column, weight) => weights[(row + column) as usize] = weight,
            }
        });
        Ok(Self { bounds, weights })
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (usize, usize) {
        let (ny, nx) = self.bounds.shape();
        (ny as usize, nx as usize)
    }
}
