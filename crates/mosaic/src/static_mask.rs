//! Step 1: pixels that lie far below the mode of their image, the same ones for all exposures of a detector. Such
//! pixels come of too much dark current subtracted, or of defects of the flat field.

use crate::bit_mask::packed_of;
use crate::{BitMask, Error, Result};
use firstlight_stats::Error as StatsError;
use firstlight_stats::imagestats::{Clipped, ImageStatsOptions};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parameters of the static mask, by AstroDrizzle's names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct StaticOptions {
    /// Make the static mask.
    #[serde(rename = "static")]
    #[cfg_attr(feature = "clap", arg(long = "static", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = StaticOptions::default().static_step, action = clap::ArgAction::Set))]
    pub static_step: bool,
    /// Pixels are masked that lie more than so many clipped standard deviations below the mode.
    #[cfg_attr(feature = "clap", arg(long, alias = "static_sig", default_value_t = StaticOptions::default().static_sig))]
    pub static_sig: f64,
}

impl Default for StaticOptions {
    fn default() -> Self {
        Self {
            static_step: true,
            static_sig: 4.0,
        }
    }
}

impl StaticOptions {
    /// Checks what can be checked without images.
    ///
    /// # Errors
    /// [`Error::BadOption`].
    pub fn check(&self) -> Result<()> {
        if self.static_sig.is_finite() && self.static_sig >= 0.0 {
            return Ok(());
        }
        let reason = "it has to be a number of standard deviations, 0 or over";
        Err(Error::bad_option("static_sig", self.static_sig, reason))
    }
}

/// What images have to have in common to share a mask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Signature {
    /// The instrument and its detector, as text.
    pub detector: String,
    /// `(ny, nx)`.
    pub shape: (usize, usize),
    /// Which of the detector's chips: the EXTVER of its SCI image.
    pub chip: i64,
}

/// What an image gave to its mask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaticReport {
    /// Mode of the image, in its unit; `None` where it has no finite sample.
    pub mode: Option<f64>,
    /// Clipped standard deviation of the image, in its unit.
    pub rms: Option<f64>,
    /// Pixels below are masked; `None` where the image has no spread to tell what is low.
    pub threshold: Option<f64>,
    /// Pixels that the mask has now, of this and all images before.
    pub masked: usize,
}

/// The masks of all signatures.
#[derive(Debug, Clone)]
pub struct StaticMasks {
    static_sig: f64,
    masks: BTreeMap<Signature, BitMask>,
}

impl StaticMasks {
    /// No masks yet. `static_sig`: see [`StaticOptions`].
    pub fn new(static_sig: f64) -> Self {
        Self {
            static_sig,
            masks: BTreeMap::new(),
        }
    }

    /// Masks the low pixels of an image, its samples row by row in any unit, in the mask of its signature. Samples
    /// that are not finite are never low. An image without spread, or without finite samples, masks nothing.
    ///
    /// # Errors
    /// [`Error::Shape`] where there are not as many samples as the signature's shape says.
    pub fn add(&mut self, signature: &Signature, sci: &[f32]) -> Result<StaticReport> {
        let (ny, nx) = signature.shape;
        if ny.checked_mul(nx) != Some(sci.len()) {
            return Err(Error::Shape {
                what: "image for the static mask",
                expected: signature.shape,
                found: (sci.len() / nx.max(1), nx),
            });
        }
        let clip = ImageStatsOptions {
            nclip: 3,
            ..ImageStatsOptions::default()
        };
        let mask = self.masks.entry(signature.clone());
        let mask = mask.or_insert_with(|| BitMask::new(ny, nx));
        let measured = Clipped::of(sci, &clip).and_then(|clipped| Ok((clipped, clipped.histogram()?)));
        let mut report = StaticReport {
            mode: None,
            rms: None,
            threshold: None,
            masked: mask.count(),
        };
        let (clipped, histogram) = match measured {
            Ok(measured) => measured,
            Err(StatsError::NoFiniteSample { .. } | StatsError::NothingWithinLimits { .. }) => {
                return Ok(report);
            }
            Err(error) => return Err(error.into()),
        };
        let mode = histogram.mode();
        (report.mode, report.rms) = (Some(mode), Some(clipped.stddev));
        if histogram.counts.len() >= 2 {
            let threshold = mode - self.static_sig * clipped.stddev;
            mask_below(mask, sci, threshold);
            (report.threshold, report.masked) = (Some(threshold), mask.count());
        }
        Ok(report)
    }

    /// The mask of a signature: set where any of its images is low. `None` where there was no image.
    pub fn get(&self, signature: &Signature) -> Option<&BitMask> {
        self.masks.get(signature)
    }

    /// All masks.
    pub fn iter(&self) -> impl Iterator<Item = (&Signature, &BitMask)> {
        self.masks.iter()
    }
}

/// Masks the samples below a threshold, row by row on all threads.
fn mask_below(mask: &mut BitMask, sci: &[f32], threshold: f64) {
    let nx = mask.shape().1;
    if nx == 0 {
        return;
    }
    let low = |sample: &f32| (f64::from(*sample) < threshold) & sample.is_finite();
    let rows = mask.rows_mut(0).zip(sci.par_chunks(nx)).with_min_len(32);
    rows.for_each(|(words, samples)| {
        for (word, samples) in words.iter_mut().zip(samples.chunks(64)) {
            *word |= packed_of(samples.iter().map(low));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(chip: i64) -> Signature {
        Signature {
            detector: "ACS/WFC".to_owned(),
            shape: (50, 40),
            chip,
        }
    }

    /// A spread of about 3 about 100, with some samples put in.
    fn image(put: &[(usize, f32)]) -> Vec<f32> {
        let mut image: Vec<f32> = (0..2000)
            .map(|i| 100.0 + ((i * 7919) % 101) as f32 * 0.1 - 5.0)
            .collect();
        put.iter().for_each(|(at, value)| image[*at] = *value);
        image
    }

    #[test]
    fn low_pixels_of_any_exposure_are_masked_and_high_ones_never() {
        let mut masks = StaticMasks::new(4.0);
        let first = masks
            .add(&signature(1), &image(&[(45, -20.0), (90, 900.0)]))
            .unwrap();
        assert_eq!(first.masked, 1);
        let second = image(&[(1999, 0.0), (7, f32::NAN), (8, f32::NEG_INFINITY)]);
        assert_eq!(masks.add(&signature(1), &second).unwrap().masked, 2);
        let mask = masks.get(&signature(1)).unwrap();
        assert!(mask.get(1, 5) && mask.get(49, 39));
        assert!(!mask.get(2, 10) && !mask.get(0, 7) && !mask.get(0, 8));
        assert_eq!(masks.get(&signature(2)), None);
    }

    #[test]
    fn a_constant_moves_the_threshold_alone() {
        let mut masks = StaticMasks::new(2.0);
        let low = image(&[(45, -20.0)]);
        let high: Vec<f32> = low.iter().map(|s| s + 512.0).collect();
        let a = masks.add(&signature(1), &low).unwrap();
        let b = masks.add(&signature(2), &high).unwrap();
        assert_eq!(a.masked, b.masked);
        let moved = b.threshold.unwrap() - a.threshold.unwrap();
        assert!((moved - 512.0).abs() < 1.0, "{moved}");
    }

    #[test]
    fn images_without_spread_or_samples_mask_nothing() {
        let mut masks = StaticMasks::new(4.0);
        for value in [3.0, f32::NAN] {
            let report = masks.add(&signature(1), &[value; 2000]).unwrap();
            assert_eq!((report.masked, report.threshold), (0, None));
        }
        assert!(matches!(
            masks.add(&signature(1), &[1.0; 1999]),
            Err(Error::Shape { .. })
        ));
        let bad = StaticOptions {
            static_sig: f64::NAN,
            ..StaticOptions::default()
        };
        assert!(bad.check().is_err() && StaticOptions::default().check().is_ok());
    }
}
