//! The same camera pointed and turned otherwise.

use crate::linear::Linear;
use crate::wcs::frame;
use crate::{Result, Wcs};

impl Wcs {
    /// The same system with another reference point `(ra, dec)` in degrees (CRVAL) and another CD matrix,
    /// degrees per pixel, rows in the order right ascension, declination. The reference pixel and all
    /// distortions stay.
    ///
    /// # Errors
    /// [`Error::SingularMatrix`](crate::Error::SingularMatrix); [`Error::BadValue`](crate::Error::BadValue)
    /// for a reference that is not finite, or a declination beyond ±90°.
    pub fn with_pointing(&self, reference_sky: (f64, f64), cd: [[f64; 2]; 2]) -> Result<Self> {
        let reference = [reference_sky.0, reference_sky.1];
        let rows = if self.linear.longitude == 0 {
            cd
        } else {
            [cd[1], cd[0]]
        };
        Ok(Self {
            linear: Linear::new(
                self.linear.origin,
                rows,
                self.linear.longitude,
                "the elements of CD",
            )?,
            frame: frame(reference, self.lonpole)?,
            reference,
            ..self.clone()
        })
    }
}
