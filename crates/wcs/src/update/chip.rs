//! One chip of an exposure: how it was taken, and its distortion model.

use super::idctab::Idctab;
use super::makewcs::{pixel_scale, record_linear};
use super::model::DistortionModel;
use super::observation::{Instrument, Observation};
use super::offtab::Offtab;
use super::science::put;
use crate::Result;
use firstlight_fits::Header;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chip {
    pub of: Observation,
    pub model: DistortionModel,
    /// Arcsec per pixel along the first axis, of the description before it is computed anew.
    pub pixel_scale: f64,
}

impl Chip {
    pub(super) fn new(
        instrument: Instrument,
        primary: &Header,
        image: &Header,
        idctab: &Idctab,
        offtab: Option<&Offtab>,
    ) -> Result<Self> {
        let mut of = Observation::of(instrument, primary, image)?;
        let model = idctab.model(&of, offtab)?;
        // The field of a polarizer is smaller than the detector, and the model is that of the field.
        if of.size.map(|n| n as f64) == model.size {
            of.ltv = [0.0, 0.0];
        }
        Ok(Self {
            pixel_scale: pixel_scale(&of.plane),
            of,
            model,
        })
    }

    /// Writes what the model is made of.
    pub(super) fn record(&self, header: &mut Header) -> Result<()> {
        let model = &self.model;
        record_linear(model, header)?;
        put(
            header,
            "IDCSCALE",
            model.scale,
            "pixel scale in the IDCTAB, arcsec",
        )?;
        put(
            header,
            "IDCTHETA",
            model.theta,
            "angle from V3 to the detector's y axis, deg",
        )?;
        put(header, "IDCXREF", model.xref, "reference pixel of the model in x")?;
        put(header, "IDCYREF", model.yref, "reference pixel of the model in y")?;
        put(
            header,
            "IDCV2REF",
            model.v2ref,
            "V2 of the reference pixel, arcsec",
        )?;
        put(
            header,
            "IDCV3REF",
            model.v3ref,
            "V3 of the reference pixel, arcsec",
        )
    }
}
