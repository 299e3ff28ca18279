//! What options can and cannot be.

use super::{DrizzleOptions, WeightScale};
use crate::{Error, Result};

impl DrizzleOptions {
    /// The first parameter of the grid that is given.
    pub(super) fn given_wcs(&self) -> Option<&'static str> {
        [
            ("final_refimage", self.final_refimage.is_some()),
            ("final_scale", self.final_scale.is_some()),
            ("final_rot", self.final_rot.is_some()),
            ("final_outnx", self.final_outnx.is_some()),
            ("final_outny", self.final_outny.is_some()),
            ("final_ra", self.final_ra.is_some()),
            ("final_dec", self.final_dec.is_some()),
            ("final_crpix1", self.final_crpix1.is_some()),
            ("final_crpix2", self.final_crpix2.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }

    /// Checks all that can be checked without inputs.
    ///
    /// # Errors
    /// [`Error::BadOption`] for values out of range, [`Error::MissingOption`] and [`Error::BadOption`] for options
    /// that contradict one another, [`Error::Unsupported`] for what only AstroDrizzle can do.
    pub fn check(&self) -> Result<()> {
        if !(self.final_pixfrac > 0.0 && self.final_pixfrac <= 1.0) {
            return Err(Error::bad_option(
                "final_pixfrac",
                self.final_pixfrac,
                "it has to be over 0, up to 1",
            ));
        }
        if let Some(scale) = self
            .final_scale
            .filter(|scale| !(*scale > 0.0 && scale.is_finite()))
        {
            return Err(Error::bad_option(
                "final_scale",
                scale,
                "it has to be over 0 arcsec",
            ));
        }
        if let WeightScale::Value(scale) = self.final_wt_scl
            && !(scale > 0.0 && scale.is_finite())
        {
            return Err(Error::bad_option("final_wt_scl", scale, "it has to be over 0"));
        }
        if self.final_wcs == Some(false)
            && let Some(given) = self.given_wcs()
        {
            return Err(Error::bad_option(
                "final_wcs",
                false,
                &format!("it contradicts {given}, which is given"),
            ));
        }
        self.check_pairs()?;
        self.final_bits.selection("final_bits")?;
        self.resetbits.mask("resetbits")?;
        self.static_mask.check()?;
        self.sky.check()?;
        self.separate.check()?;
        self.cosmic_rays.check()?;
        self.instrument.check()
    }

    fn check_pairs(&self) -> Result<()> {
        let pairs = [
            (
                "final_ra",
                self.final_ra.is_some(),
                "final_dec",
                self.final_dec.is_some(),
            ),
            (
                "final_outnx",
                self.final_outnx.is_some(),
                "final_outny",
                self.final_outny.is_some(),
            ),
            (
                "final_crpix1",
                self.final_crpix1.is_some(),
                "final_crpix2",
                self.final_crpix2.is_some(),
            ),
        ];
        for (a, has_a, b, has_b) in pairs {
            if has_a != has_b {
                let (given, missing) = if has_a { (a, b) } else { (b, a) };
                return Err(Error::MissingOption { given, missing });
            }
        }
        Ok(())
    }
}
