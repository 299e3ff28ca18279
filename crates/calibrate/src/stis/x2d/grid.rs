//! The pixels of a rectified image.

use crate::Reference;
use crate::Result;
use crate::stis::SpectralImset;
use crate::stis::interpolation::nearest;
use crate::stis::tables::sdctab::RectifiedGrid;
use crate::stis::tables::value;
use serde::Serialize;

/// Columns and rows of the CCD.
const FULL: (f64, f64) = (1024.0, 1024.0);
/// Images of more pixels to a side are not believed.
const LARGEST: i64 = 16384;

/// Size and coordinates of a rectified image; positions are 0-based.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutputGrid {
    /// Columns and rows.
    pub npix: (usize, usize),
    /// CRPIX1, CRPIX2.
    pub crpix: (f64, f64),
    /// CRVAL1, CRVAL2: Å, arcsec.
    pub crval: (f64, f64),
    /// Å and arcsec per pixel.
    pub cdelt: (f64, f64),
    /// A2CENTER: the line of the detector that the row CRPIX2 is of.
    pub a2center: f64,
    /// Scale of the image, arcsec/pixel along x and y.
    pub scale_arcsec: (f64, f64),
}

impl OutputGrid {
    /// By the table's grid of an unbinned full frame: a binned image has a binned grid, a subarray one that is smaller by
    /// as much as the image is. With `center` the target is on the middle row.
    ///
    /// # Errors
    /// [`crate::Error::ReferenceValue`] where no pixels are left, or more than 16384 to a side.
    pub fn of(
        nominal: &RectifiedGrid,
        imset: &SpectralImset,
        shape: (usize, usize),
        center: bool,
        sdctab: &Reference,
    ) -> Result<Self> {
        let (ltm, ltv) = (imset.ltm, imset.ltv);
        let side = |name: &str, full: usize, pixels: usize, detector: f64, ltm: f64| {
            let missing = (nearest(detector * ltm) - pixels as i64).max(0);
            let left = nearest(full as f64 * ltm) - missing;
            if (1..=LARGEST).contains(&left) {
                return Ok(left as usize);
            }
            let what = format!("{name}, for an image of {pixels} pixels,");
            Err(value(
                sdctab,
                what,
                full.to_string(),
                "a number that leaves 1 to 16384",
            ))
        };
        let npix = (
            side("NPIX1", nominal.npix.0, shape.1, FULL.0, ltm.0)?,
            side("NPIX2", nominal.npix.1, shape.0, FULL.1, ltm.1)?,
        );
        let mut crpix = (nominal.crpix.0 * ltm.0 + ltv.0, nominal.crpix.1 * ltm.1 + ltv.1);
        if center {
            crpix.1 = (npix.1 as f64 + 1.0) / 2.0 - 1.0;
        }
        Ok(Self {
            npix,
            crpix,
            crval: nominal.crval,
            cdelt: (nominal.cdelt.0 / ltm.0, nominal.cdelt.1 / ltm.1),
            a2center: nominal.a2center,
            scale_arcsec: (nominal.cdelt.1 / ltm.0, nominal.cdelt.1 / ltm.1),
        })
    }

    /// The wavelength of a column, Å.
    pub fn wavelength(&self, x: usize) -> f64 {
        (x as f64 - self.crpix.0) * self.cdelt.0 + self.crval.0
    }
}
