//! What is to be tried, and by what it is judged.

use super::stars::LEAST_HALF;
use super::{Area, Spot, Values};
use crate::drizzle::{DrizzleOptions, Kernel};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Combinations to be tried. What is common to all of them is set as for [`crate::drizzle::drizzle`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct GridOptions {
    /// Values of final_pixfrac: "0.1:1.0:0.1" for first, last and step, or "0.4,0.6,0.8".
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUES", default_value_t = GridOptions::default().pixfrac))]
    pub pixfrac: Values,
    /// Values of final_scale, arcsec [default: final_scale alone].
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUES"))]
    pub scale: Option<Values>,
    /// Kernels to try [default: final_kernel alone].
    #[cfg_attr(feature = "clap", arg(long, value_name = "KERNELS", value_delimiter = ','))]
    pub kernel: Vec<Kernel>,
    /// A box in which the weight is looked at: x0,x1,y0,y1 in pixels of the (first) output, 0-based and without the
    /// last, or RAd,DECd,WIDTH,HEIGHT in degrees and arcsec; may be given several times [default: four boxes in the
    /// common footprint].
    #[serde(rename = "box")]
    #[cfg_attr(
        feature = "clap",
        arg(id = "grid_box", long = "box", value_name = "BOX", allow_hyphen_values = true)
    )]
    pub boxes: Vec<Area>,
    /// A star to measure: x,y in pixels of the (first) output, 0-based, or RAd,DECd in degrees; may be given several
    /// times [default: bright isolated stars are found].
    #[serde(rename = "star")]
    #[cfg_attr(
        feature = "clap",
        arg(
            id = "grid_star",
            long = "star",
            value_name = "STAR",
            allow_hyphen_values = true
        )
    )]
    pub stars: Vec<Spot>,
    /// How many stars to find where none is given.
    #[cfg_attr(feature = "clap", arg(long, value_name = "STARS", default_value_t = GridOptions::default().find_stars))]
    pub find_stars: usize,
    /// Half a side of the picture of a star, in pixels of the output.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = GridOptions::default().stamp_half))]
    pub stamp_half: usize,
    /// Greatest RMS of the weight over its median in the boxes.
    #[cfg_attr(feature = "clap", arg(long, value_name = "RATIO", default_value_t = GridOptions::default().max_rms))]
    pub max_rms: f64,
    /// Greatest share of the pixels of the common footprint, and of the boxes, that are missing though they are
    /// there with the largest pixfrac.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE", default_value_t = GridOptions::default().max_missing))]
    pub max_missing: f64,
    /// How much more elliptical the stars may be than at the value where they are the roundest.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ELLIPTICITY", default_value_t = GridOptions::default().max_ellipticity))]
    pub max_ellipticity: f64,
    /// Write the products of each value as drizzle does, under the names ROOT_VALUE_drz_sci.fits and so on.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = GridOptions::default().keep, action = clap::ArgAction::Set))]
    pub keep: bool,
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    #[allow(missing_docs, reason = "the text would become that of the command")]
    pub drizzle: DrizzleOptions,
}

impl Default for GridOptions {
    fn default() -> Self {
        Self {
            pixfrac: "0.1:1.0:0.1".parse().unwrap_or_default(),
            scale: None,
            kernel: Vec::new(),
            boxes: Vec::new(),
            stars: Vec::new(),
            find_stars: 9,
            stamp_half: 12,
            max_rms: 0.2,
            max_missing: 1e-5,
            max_ellipticity: 0.03,
            keep: false,
            drizzle: DrizzleOptions::default(),
        }
    }
}

impl GridOptions {
    /// Says what cannot be.
    ///
    /// # Errors
    /// [`Error::Usage`] for values out of range and for options of drizzling that have no place here; those of
    /// [`DrizzleOptions::check`].
    pub fn check(&self) -> Result<()> {
        let usage = |text: String| Err(Error::Usage(text));
        let outside = |value: &&f64| !(**value > 0.0 && **value <= 1.0);
        if let Some(value) = self.pixfrac.numbers().iter().find(outside) {
            return usage(format!("pixfrac = {value}: it has to be over 0, up to 1"));
        }
        let scales = self.scale.iter().flat_map(|scales| scales.numbers());
        if let Some(value) = scales.clone().find(|value| **value <= 0.0) {
            return usage(format!("scale = {value}: it has to be over 0 arcsec"));
        }
        if scales.count() > 0 && self.drizzle.final_refimage.is_some() {
            return usage("scale contradicts final_refimage, whose grid has one already".to_owned());
        }
        for (name, value) in [
            ("max_rms", self.max_rms),
            ("max_missing", self.max_missing),
            ("max_ellipticity", self.max_ellipticity),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return usage(format!("{name} = {value}: it has to be 0 or more"));
            }
        }
        if !(LEAST_HALF..=100).contains(&self.stamp_half) {
            return usage(format!(
                "stamp_half = {}: {LEAST_HALF} to 100 pixels are possible",
                self.stamp_half
            ));
        }
        let of = &self.drizzle;
        let refused = [
            ("write_dq", of.write_dq),
            ("updatewcs", of.updatewcs),
            ("preserve", of.preserve),
            ("restore", of.restore),
        ];
        if let Some((name, _)) = refused.iter().find(|(_, set)| *set) {
            return usage(format!(
                "{name} has no place here: no input is changed while values are tried; do it with 'firstlight drizzle' first"
            ));
        }
        if !of.driz_combine {
            return usage("driz_combine cannot be off: it is the combination that is tried".to_owned());
        }
        Ok(of.check()?)
    }

    /// The options of each output grid, and the kernels to try on it.
    pub(super) fn grids(&self) -> Vec<DrizzleOptions> {
        let Some(scales) = &self.scale else {
            return vec![self.drizzle.clone()];
        };
        let at = |scale: &f64| DrizzleOptions {
            final_scale: Some(*scale),
            ..self.drizzle.clone()
        };
        scales.numbers().iter().map(at).collect()
    }

    /// The kernels to try.
    pub(super) fn kernels(&self) -> Vec<Kernel> {
        let mut kernels: Vec<Kernel> = Vec::new();
        for kernel in &self.kernel {
            if !kernels.contains(kernel) {
                kernels.push(*kernel);
            }
        }
        if kernels.is_empty() {
            kernels.push(self.drizzle.final_kernel);
        }
        kernels
    }
}
