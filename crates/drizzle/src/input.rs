//! What is drizzled, and how each sample is spread.

use crate::spread::{Gaussian, Lanczos, Point, SpreadRow, Square, Turbo};
use crate::{Error, Kernel, Result, Rules};

/// A block of a detector's samples.
///
/// Samples that are not finite are left out, as are samples whose weight, or whose value times weight, is not finite in
/// `f32`.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which input this is, from 0: bit `image % 32` of context plane `image / 32`. The detectors of one
    /// exposure count as one image each.
    pub image: usize,
    /// Detector row of the first sample; 0 where the whole detector is given.
    pub first_row: usize,
    /// Detector column of the first sample; 0 where whole rows are given.
    pub first_column: usize,
    /// Samples in a row.
    pub nx: usize,
    /// Samples, row after row, in counts or counts per second.
    pub data: &'a [f32],
    /// Weight of each sample; 1 everywhere where `None`.
    pub weight: Option<&'a [f32]>,
    /// Variance of each sample, in the unit of the data squared; needed by an accumulator that carries
    /// variance. A sample whose variance is not finite counts as having none.
    pub variance: Option<&'a [f32]>,
}

impl Input<'_> {
    /// Number of rows.
    pub fn ny(&self) -> usize {
        self.data.len().checked_div(self.nx).unwrap_or(0)
    }

    /// Whether there are samples of zero weight.
    pub(crate) fn has_unweighted(&self, weight_scale: f64) -> bool {
        let none = |weight: &f32| f64::from(*weight) * weight_scale == 0.0;
        weight_scale == 0.0 || self.weight.is_some_and(|weight| weight.iter().any(none))
    }

    pub(crate) fn check(&self) -> Result<()> {
        let found = self.data.len();
        if self.nx == 0 || !found.is_multiple_of(self.nx) {
            return Err(Error::Shape {
                what: "data (whole rows)",
                expected: self.nx.max(1),
                found,
            });
        }
        for (what, array) in [("weight", self.weight), ("variance", self.variance)] {
            if let Some(array) = array
                && array.len() != found
            {
                return Err(Error::Shape {
                    what,
                    expected: found,
                    found: array.len(),
                });
            }
        }
        Ok(())
    }
}

/// The unit of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum InUnits {
    /// Already per second.
    #[default]
    Cps,
    /// Counts: divided by the exposure time.
    Counts {
        /// Exposure time.
        exptime_s: f64,
    },
}

/// How each sample is spread over the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropOptions {
    /// The shape.
    pub kernel: Kernel,
    /// Side of the drop in input pixels, over 0 to 1.
    pub pixfrac: f64,
    /// Size of an output pixel in input pixels: sets the size of every kernel but square and point.
    /// `None` estimates it from the pixel map at the centre of the detector.
    pub pixel_scale_ratio: Option<f64>,
    /// Samples are multiplied by this, after division by the exposure time. AstroDrizzle takes the square
    /// of the pixel scale ratio, which keeps flux per pixel.
    pub value_scale: f64,
    /// Weights are multiplied by this.
    pub weight_scale: f64,
    /// The unit of the samples.
    pub in_units: InUnits,
    /// Which program's habits are followed.
    pub rules: Rules,
}

impl Default for DropOptions {
    fn default() -> Self {
        Self {
            kernel: Kernel::Square,
            pixfrac: 1.0,
            pixel_scale_ratio: None,
            value_scale: 1.0,
            weight_scale: 1.0,
            in_units: InUnits::Cps,
            rules: Rules::Drizzle,
        }
    }
}

impl DropOptions {
    pub(crate) fn check(&self) -> Result<()> {
        let positive = |what, value: f64| {
            if value > 0.0 && value.is_finite() {
                return Ok(());
            }
            Err(Error::OutOfRange {
                what,
                value,
                range: "over 0 and finite",
            })
        };
        if !(self.pixfrac > 0.0 && self.pixfrac <= 1.0) {
            return Err(Error::OutOfRange {
                what: "pixfrac",
                value: self.pixfrac,
                range: "over 0, up to 1",
            });
        }
        if let Some(ratio) = self.pixel_scale_ratio {
            positive("the ratio of pixel scales", ratio)?;
        }
        positive("the scale of the values", self.value_scale)?;
        if !(self.weight_scale >= 0.0 && self.weight_scale.is_finite()) {
            let value = self.weight_scale;
            return Err(Error::OutOfRange {
                what: "the scale of the weights",
                value,
                range: "0 or more",
            });
        }
        match self.in_units {
            InUnits::Cps => Ok(()),
            InUnits::Counts { exptime_s } => positive("the exposure time of an input in counts", exptime_s),
        }
    }

    /// How far from where the middle of an input pixel falls, or from its corners, it still adds to output pixels. In
    /// output pixels, rounded up.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for impossible numbers.
    pub fn reach_px(&self) -> Result<f64> {
        self.check()?;
        let (pixfrac, scale) = (self.pixfrac, self.pixel_scale_ratio.unwrap_or(1.0));
        Ok(match self.kernel {
            Kernel::Square => SpreadRow::reach(&Square),
            Kernel::Point => SpreadRow::reach(&Point),
            Kernel::Turbo => SpreadRow::reach(&Turbo::new(pixfrac, scale)),
            Kernel::Gaussian => SpreadRow::reach(&Gaussian::new(pixfrac, scale)),
            Kernel::Lanczos2 => SpreadRow::reach(&Lanczos::new(2, pixfrac, scale, self.rules)),
            Kernel::Lanczos3 => SpreadRow::reach(&Lanczos::new(3, pixfrac, scale, self.rules)),
        })
    }

    /// What samples are multiplied by.
    pub(crate) fn factor(&self) -> f64 {
        match self.in_units {
            InUnits::Cps => self.value_scale,
            InUnits::Counts { exptime_s } => self.value_scale / exptime_s,
        }
    }
}
